package capture

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// maxLiteral is the longest literal a search takes: that of the longest
// datagram, so that every datagram can be searched for as a whole.
const maxLiteral = 64 << 10

const (
	anchorPlaces = 64 // how many places from the start of a literal may become its anchor
	anchorBytes  = 4  // most values of the anchor: no letter has more cases than four
	denseAnchor  = 12 // an anchor more frequent than one byte in so many does not pay
)

// needle is a literal made ready for searching. It finds candidates by its
// anchor, the byte of it that is rarest in the bytes at hand, and compares
// the rest there. A needle is changed only by tune; users that tune need a
// copy each.
type needle struct {
	lit      []byte     // the literal; in lower case when fold
	fold     bool       // ASCII letters match in either case
	letters  [][]string // folding beyond ASCII: what each letter may be written as; nil otherwise
	min, max int        // length of the shortest and the longest match, in bytes

	begins   [256]bool // the bytes a match can begin with
	places   [][]byte  // by distance from the start of a match: the bytes that can stand there
	anchorAt int       // the anchor's place
	anchor   []byte    // = places[anchorAt]
	dense    bool      // the anchor is so frequent that comparing everywhere is faster
}

// newNeedle prepares a literal of 1 to maxLiteral bytes; the needle keeps no
// reference to it. With foldCase, a literal of ASCII bytes matches ASCII
// letters of either case, and any other matches by Unicode's simple folding.
func newNeedle(literal []byte, foldCase bool) needle {
	n := needle{lit: bytes.Clone(literal), min: len(literal), max: len(literal)}
	switch {
	case !foldCase:
		for _, b := range n.lit[:min(len(n.lit), anchorPlaces)] {
			n.places = append(n.places, []byte{b})
		}
	case isASCII(n.lit):
		n.fold = true
		for i, b := range n.lit {
			n.lit[i] = lower[b]
			if i < anchorPlaces {
				n.places = append(n.places, bothCases(lower[b]))
			}
		}
	default:
		n.unfold()
	}
	for _, b := range n.places[0] {
		n.begins[b] = true
	}
	n.tune(nil)
	return n
}

// unfold fills in letters, the lengths and the places for Unicode folding.
// A byte that is no valid UTF-8 stands for itself.
func (n *needle) unfold() {
	n.min, n.max = 0, 0
	fixed := true // all matches are of one length up to here
	for rest := n.lit; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		ways := []string{string(rest[:size])}
		if r != utf8.RuneError || size > 1 {
			for o := unicode.SimpleFold(r); o != r; o = unicode.SimpleFold(o) {
				ways = append(ways, string(o))
			}
		}
		rest = rest[size:]
		n.letters = append(n.letters, ways)
		short, long := len(ways[0]), len(ways[0])
		for _, w := range ways {
			short, long = min(short, len(w)), max(long, len(w))
		}
		n.min, n.max = n.min+short, n.max+long
		for i := 0; fixed && i < short && len(n.places) < anchorPlaces; i++ {
			var set []byte
			for _, w := range ways {
				if bytes.IndexByte(set, w[i]) < 0 {
					set = append(set, w[i])
				}
			}
			n.places = append(n.places, set)
			fixed = short == long // behind a letter of several lengths nothing has a fixed place
		}
		fixed = fixed && short == long
	}
}

// tune chooses the anchor that is rarest in sample, which stands for the
// bytes to be searched next.
func (n *needle) tune(sample []byte) {
	var seen [256]int32
	for _, b := range sample {
		seen[b]++
	}
	best := int32(-1)
	for i, set := range n.places {
		cost := int32(len(set)) // among bytes not seen at all, fewer to look for
		for _, b := range set {
			cost += seen[b] * 8
		}
		if best < 0 || cost < best {
			best, n.anchorAt, n.anchor = cost, i, set
		}
	}
	n.dense = len(n.anchor) == 1 && !n.fold && n.letters == nil && int(best/8) > len(sample)/denseAnchor
}

// match compares at the start of b. It returns the length of the match there,
// 0 when there is none, and -1 when b ends before that is decided.
func (n *needle) match(b []byte) int {
	switch {
	case n.letters != nil:
		return n.matchLetters(b)
	case n.fold:
		for i, want := range n.lit {
			if i == len(b) {
				return -1
			}
			if lower[b[i]] != want {
				return 0
			}
		}
		return len(n.lit)
	case len(b) < len(n.lit):
		if bytes.HasPrefix(n.lit, b) {
			return -1
		}
		return 0
	case bytes.HasPrefix(b, n.lit):
		return len(n.lit)
	}
	return 0
}

// matchLetters is match for Unicode folding. No way to write a letter is the
// beginning of another, so the first that fits is the only one.
func (n *needle) matchLetters(b []byte) int {
	at := 0
next:
	for _, ways := range n.letters {
		rest := b[at:]
		cut := false
		for _, w := range ways {
			if len(rest) >= len(w) && string(rest[:len(w)]) == w {
				at += len(w)
				continue next
			}
			cut = cut || len(rest) < len(w) && w[:len(rest)] == string(rest)
		}
		if cut {
			return -1
		}
		return 0
	}
	return at
}

// undecided returns the first place at or after from where b ends before it
// is decided whether a match begins there, or len(b).
func (n *needle) undecided(b []byte, from int) int {
	for i := max(from, len(b)-n.max+1); i < len(b); i++ {
		if n.begins[b[i]] && n.match(b[i:]) < 0 {
			return i
		}
	}
	return len(b)
}

// finder goes through the matches in one slice of bytes. The zero value with
// reset called is ready; a finder is for one goroutine.
type finder struct {
	n    *needle
	b    []byte
	next [anchorBytes]int // where each value of the anchor comes next, at or after what was asked for last
}

func (f *finder) reset(n *needle, b []byte) {
	f.n, f.b = n, b
	f.next = [anchorBytes]int{-1, -1, -1, -1}
}

// find returns place and length of the first match at or after from, or a
// negative place. Calls after one reset must not go back.
func (f *finder) find(from int) (at, length int) {
	n, b := f.n, f.b
	if n.dense {
		if from > len(b)-n.min {
			return -1, 0
		}
		if i := bytes.Index(b[from:], n.lit); i >= 0 {
			return from + i, len(n.lit)
		}
		return -1, 0
	}
	last := len(b) - n.min // where a match can begin at the latest
	if len(n.anchor) == 1 {
		for at = from; at <= last; at++ {
			i := bytes.IndexByte(b[at+n.anchorAt:last+n.anchorAt+1], n.anchor[0])
			if i < 0 {
				break
			}
			if at += i; n.begins[b[at]] { // spares most calls of match
				if length = n.match(b[at:]); length > 0 {
					return at, length
				}
			}
		}
		return -1, 0
	}
	for at = from; at <= last; at++ {
		if at = f.candidate(at+n.anchorAt) - n.anchorAt; at > last {
			break
		}
		if n.begins[b[at]] {
			if length = n.match(b[at:]); length > 0 {
				return at, length
			}
		}
	}
	return -1, 0
}

// candidate returns where the anchor comes next at or after from, or len(b).
// It remembers for each value of the anchor how far it has looked, so that a
// frequent one does not make it look for a rare one again and again.
func (f *finder) candidate(from int) int {
	first := len(f.b)
	for i, value := range f.n.anchor {
		if f.next[i] < from {
			f.next[i] = len(f.b)
			if j := bytes.IndexByte(f.b[from:], value); j >= 0 {
				f.next[i] = from + j
			}
		}
		first = min(first, f.next[i])
	}
	return first
}

// lower maps ASCII capitals to small letters and every other byte to itself.
var lower = func() (t [256]byte) {
	for i := range t {
		t[i] = byte(i)
		if 'A' <= i && i <= 'Z' {
			t[i] = byte(i) + 'a' - 'A'
		}
	}
	return t
}()

func bothCases(small byte) []byte {
	if 'a' <= small && small <= 'z' {
		return []byte{small, small - 'a' + 'A'}
	}
	return []byte{small}
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
