package capture

import "math/bits"

const (
	bitsChunk = 1 << 16 // records a chunk of a bitSet stands for
	bitsBlock = 1 << 9  // records a count is kept for
)

// bitSet is a set of record numbers that grows at its end and shrinks at its
// start. A record costs one bit and a quarter of one for counting: Rank and
// Select look at one chunk's counts and at most eight words.
//
// The zero value with start called is ready. It is not safe for concurrent use.
type bitSet struct {
	chunks []*bitChunk // consecutive
	base   int64       // number of the first bit of chunks[0]
	end    int64       // one more than the last number decided
	first  int64       // numbers below are gone
	gone   int64       // members below first that are still counted in chunks
}

type bitChunk struct {
	before int64 // members in all chunks ever before this one
	words  [bitsChunk / 64]uint64
	blocks [bitsChunk / bitsBlock]uint16 // members in the chunk before each block; of 65,536 only the total does not fit
}

// start makes the set empty and number the next to be decided.
func (s *bitSet) start(number int64) {
	*s = bitSet{base: number, end: number, first: number}
}

// add decides about the next number.
func (s *bitSet) add(member bool) {
	at := int(s.end-s.base) & (bitsChunk - 1)
	if at == 0 {
		c := new(bitChunk)
		if n := len(s.chunks); n > 0 {
			c.before = s.chunks[n-1].before + s.chunks[n-1].count(bitsChunk)
		} else {
			c.before = s.gone
		}
		s.chunks = append(s.chunks, c)
	}
	c := s.chunks[len(s.chunks)-1]
	if at&(bitsBlock-1) == 0 && at > 0 {
		c.blocks[at/bitsBlock] = uint16(c.count(at))
	}
	if member {
		c.words[at/64] |= 1 << (at & 63)
	}
	s.end++
}

// count returns the members among the first n numbers of the chunk. Counts of
// blocks must be known up to the one that n-1 is in.
func (c *bitChunk) count(n int) int64 {
	if n == 0 {
		return 0
	}
	block := (n - 1) / bitsBlock
	total := int(c.blocks[block])
	for w := block * bitsBlock / 64; w < n/64; w++ {
		total += bits.OnesCount64(c.words[w])
	}
	if n&63 != 0 {
		total += bits.OnesCount64(c.words[n/64] & (1<<(n&63) - 1))
	}
	return int64(total)
}

// below returns how many members ever were below number, which must be in
// first..end.
func (s *bitSet) below(number int64) int64 {
	i := int((number - s.base) / bitsChunk)
	if i == len(s.chunks) { // right behind the last full chunk, or nothing there at all
		if i == 0 {
			return s.gone
		}
		return s.chunks[i-1].before + s.chunks[i-1].count(bitsChunk)
	}
	return s.chunks[i].before + s.chunks[i].count(int(number-s.base)%bitsChunk)
}

// size returns the number of members from first on.
func (s *bitSet) size() int64 { return s.below(s.end) - s.gone }

// rank returns how many members from first on are below number.
func (s *bitSet) rank(number int64) int64 {
	return s.below(min(max(number, s.first), s.end)) - s.gone
}

// nth returns the i-th member from first on, counted from 0.
func (s *bitSet) nth(i int64) (number int64, ok bool) {
	if i < 0 || i >= s.size() {
		return 0, false
	}
	i += s.gone
	lo, hi := 0, len(s.chunks)-1 // the last chunk with before <= i holds it
	for lo < hi {
		if mid := (lo + hi + 1) / 2; s.chunks[mid].before <= i {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	c := s.chunks[lo]
	return s.base + int64(lo)*bitsChunk + int64(c.nth(int(i-c.before), s.filled(lo))), true
}

// filled returns how many numbers of chunk i were decided.
func (s *bitSet) filled(i int) int {
	return int(min(s.end-s.base-int64(i)*bitsChunk, bitsChunk))
}

// nth returns the place of the chunk's i-th member, of which there are more
// than i among its first filled numbers.
func (c *bitChunk) nth(i, filled int) int {
	lo, hi := 0, (filled-1)/bitsBlock
	for lo < hi {
		if mid := (lo + hi + 1) / 2; int(c.blocks[mid]) <= i {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	i -= int(c.blocks[lo])
	for w := lo * bitsBlock / 64; ; w++ {
		n := bits.OnesCount64(c.words[w])
		if i < n {
			word := c.words[w]
			for range i {
				word &= word - 1
			}
			return w*64 + bits.TrailingZeros64(word)
		}
		i -= n
	}
}

// drop forgets the numbers below number.
func (s *bitSet) drop(number int64) {
	if number <= s.first {
		return
	}
	if number >= s.end {
		gone := s.below(s.end)
		*s = bitSet{base: number, end: number, first: number, gone: gone}
		return
	}
	s.gone = s.below(number)
	s.first = number
	if n := int((number - s.base) / bitsChunk); n > 0 {
		s.chunks = append(make([]*bitChunk, 0, len(s.chunks)-n+1), s.chunks[n:]...)
		s.base += int64(n) * bitsChunk
	}
}
