package capture

import (
	"encoding/binary"
	"math/bits"
)

const (
	sieveRows   = 8   // rows of a sieve, a bit each in every byte of its state
	sievePlaces = 8   // the longest row, a byte of the state for each of its places
	sieveBlock  = 512 // bytes that a sieve goes over before it asks whether a row fits in them
)

// A sieve finds where any of a few rows of byte sets fits. Its state has for each
// place a byte with a bit for each row, which is 0 where the row fits up to
// there. Taking in a byte shifts the state by one place and sets the bits of all
// places where that byte cannot stand, however many rows there are.
//
// Rows end in the last place. The zero sieve has no row; a sieve is not changed
// by looking.
type sieve struct {
	wrong  [256]uint64    // by byte: the places of rows where it cannot stand
	start  uint64         // the state before the first byte
	length [sieveRows]int // of each row
}

// newSieve makes a sieve of rows of 1 to sievePlaces sets each.
func newSieve(rows [][][]byte) *sieve {
	s := new(sieve)
	for r := range sieveRows {
		if r >= len(rows) { // fits nowhere
			s.set(r, sievePlaces-1, nil)
			continue
		}
		s.length[r] = len(rows[r])
		for i, set := range rows[r] {
			s.set(r, sievePlaces-len(rows[r])+i, set)
		}
	}
	return s
}

// set says which bytes can stand at a place of a row.
func (s *sieve) set(row, place int, can []byte) {
	bit := uint64(1) << (place*sieveRows + row)
	s.start |= bit
	for b := range s.wrong {
		s.wrong[b] |= bit
	}
	for _, b := range can {
		s.wrong[b] &^= bit
	}
}

// lastPlace is where in the state a row ends.
const lastPlace = uint64(0xff) << ((sievePlaces - 1) * sieveRows)

// find returns where in b the row begins and ends that ends first of those that
// begin at from or later, or a negative place. Where rows fit often it is best to
// go over the bytes one by one: *busy is how far, and kept from call to call.
func (s *sieve) find(b []byte, from int, busy *int) (at, end int) {
	for {
		for from >= *busy && from+sieveBlock+sievePlaces <= len(b) {
			if s.fits(b[from:]) {
				*busy = from + 2*sieveBlock
			} else {
				from += sieveBlock
			}
		}
		stop := len(b)
		if from < *busy {
			stop = min(*busy+sievePlaces-1, stop)
		}
		state := s.start
		for i, c := range b[from:stop] {
			state = state<<sieveRows | s.wrong[c]
			if state&lastPlace != lastPlace {
				row := bits.TrailingZeros64(^state&lastPlace) % sieveRows
				end = from + i + 1
				return end - s.length[row], end
			}
		}
		if stop == len(b) {
			return -1, -1
		}
		from = *busy
	}
}

// fits reports whether a row fits that begins in the first sieveBlock bytes of b,
// which has sievePlaces more. It goes over four parts of them at once, as each
// step waits for the one before.
func (s *sieve) fits(b []byte) bool {
	const part = sieveBlock / 4
	const n = part + sievePlaces - 1
	b0, b1, b2, b3 := b[:n], b[part:][:n], b[2*part:][:n], b[3*part:][:n]
	s0, s1, s2, s3 := s.start, s.start, s.start, s.start
	all := ^uint64(0)
	for i := range n {
		s0 = s0<<sieveRows | s.wrong[b0[i]]
		s1 = s1<<sieveRows | s.wrong[b1[i]]
		s2 = s2<<sieveRows | s.wrong[b2[i]]
		s3 = s3<<sieveRows | s.wrong[b3[i]]
		all &= s0 & s1 & s2 & s3
	}
	return all&lastPlace != lastPlace
}

// digits finds where bytes fit that count in some of their bits only, by up to
// three of their places, in eight bytes at once.
type digits struct {
	at         [3]int
	want, mask [3]uint64 // the byte of that place, eight times
}

const everyByte = 0x0101010101010101

// find returns the first place at or after from where b may fit, or len(b). A
// match has length bytes at most behind it.
func (d *digits) find(b []byte, from, length int) int {
	a0, a1, a2 := d.at[0], d.at[1], d.at[2]
	w0, w1, w2 := d.want[0], d.want[1], d.want[2]
	m0, m1, m2 := d.mask[0], d.mask[1], d.mask[2]
	le := binary.LittleEndian
	i := from
	for ; i+length+16 <= len(b); i += 16 {
		p0, p1, p2 := b[i+a0:][:16], b[i+a1:][:16], b[i+a2:][:16]
		x := (le.Uint64(p0)^w0)&m0 | (le.Uint64(p1)^w1)&m1 | (le.Uint64(p2)^w2)&m2
		y := (le.Uint64(p0[8:])^w0)&m0 | (le.Uint64(p1[8:])^w1)&m1 | (le.Uint64(p2[8:])^w2)&m2
		// The high bit of each byte that is zero. Of others only behind one that is.
		x = (x - everyByte) &^ x & (everyByte << 7)
		y = (y - everyByte) &^ y & (everyByte << 7)
		if x|y != 0 {
			if x != 0 {
				return i + bits.TrailingZeros64(x)/8
			}
			return i + 8 + bits.TrailingZeros64(y)/8
		}
	}
	for ; i+length <= len(b); i++ {
		if (uint64(b[i+a0])^w0)&m0&0xff == 0 && (uint64(b[i+a1])^w1)&m1&0xff == 0 && (uint64(b[i+a2])^w2)&m2&0xff == 0 {
			return i
		}
	}
	return len(b)
}
