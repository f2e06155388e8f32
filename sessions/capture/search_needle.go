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
	anchorPlaces = 64 // how many places from the start of a literal may become its anchor, beside some of the others
	anchorBytes  = 4  // most values of the anchor: no letter has more cases than four
	denseAnchor  = 12 // an anchor more frequent than one byte in so many does not pay
	mostApart    = 2  // more literals than this are looked for with a sieve
)

// needle is a literal, or another thing of query, made ready for searching. It
// finds candidates by its anchor, the byte of it that is rarest in the bytes at
// hand, and compares the rest there. A needle is changed only by tune; users
// that tune need one each.
type needle struct {
	lit      []byte     // the literal; in lower case when fold
	mask     []byte     // the bits of lit that count; nil for all
	counts   []uint16   // where mask has some
	fold     bool       // ASCII letters match in either case
	letters  [][]string // what each letter may be written as; nil for a literal
	any      []needle   // found is what any of these finds; nil otherwise
	min, max int        // length of the shortest and the longest match, in bytes

	begins   [256]bool  // the bytes a match can begin with
	places   []choice   // what may become the anchor, from the start of a match on
	anchorAt int        // the anchor's place
	anchor   []byte     // what can stand there, where that is few
	table    *[256]bool // those bytes, where they are many
	core     []byte     // the longest run of bytes without an alternative, at coreAt in a match
	coreAt   int
	dense    bool // the anchor is so frequent that looking for the core is faster

	sieve    *sieve // of the beginnings of any, where there are too many to look for one after the other
	digits   digits // the rarest places of a mask
	byDigits bool   // looking for those is fastest
}

// newNeedle prepares a literal of 1 to maxLiteral bytes; the needle keeps no
// reference to it. With foldCase, a literal of ASCII bytes matches ASCII
// letters of either case, and any other matches by Unicode's simple folding.
func newNeedle(literal []byte, foldCase bool) needle {
	n := needle{lit: bytes.Clone(literal), min: len(literal), max: len(literal)}
	switch {
	case !foldCase:
		n.choose()
	case isASCII(n.lit):
		n.fold = true
		for i, b := range n.lit {
			n.lit[i] = lower[b]
		}
		n.choose()
	default:
		n.spell(unfold(n.lit))
	}
	n.ready()
	return n
}

// needleOf prepares what q looks for, which is no expression.
func needleOf(q Query) (n needle) {
	switch {
	case q.Letters != nil:
		var letters [][]string
		for _, ways := range q.Letters {
			var s []string
			for _, w := range ways {
				s = append(s, string(w))
			}
			letters = append(letters, s)
		}
		n.spell(letters)
	case q.AnyOf != nil:
		return anyNeedle(innermost(q.AnyOf))
	case q.Mask != nil:
		n = needle{lit: bytes.Clone(q.Literal), mask: bytes.Clone(q.Mask), min: len(q.Literal), max: len(q.Literal)}
		for i, m := range n.mask {
			if n.lit[i] &= m; m != 0 {
				n.counts = append(n.counts, uint16(i))
			}
		}
		n.choose()
	default:
		return newNeedle(q.Literal, q.FoldCase)
	}
	n.ready()
	return n
}

// ready works out what follows from the places.
func (n *needle) ready() {
	first := n.places[0].can
	if n.mask != nil { // where it may not be the first that counts
		first = masked(n.lit[0], n.mask[0])
	}
	for _, b := range first {
		n.begins[b] = true
	}
	if n.letters == nil && !n.fold {
		for from := 0; from < len(n.lit); {
			to := from
			for to < len(n.lit) && (n.mask == nil || n.mask[to] == 0xff) {
				to++
			}
			if to-from > len(n.core) {
				n.core, n.coreAt = n.lit[from:to], from
			}
			from = to + 1
		}
	}
	n.tune(nil)
}

// anyNeedle prepares literals of which none holds another.
func anyNeedle(all [][]byte) (n needle) {
	var single, long [][]byte
	for _, lit := range all {
		n.begins[lit[0]] = true
		if n.min == 0 || len(lit) < n.min {
			n.min = len(lit)
		}
		n.max = max(n.max, len(lit))
		if len(lit) == 1 {
			single = append(single, lit)
		} else {
			long = append(long, lit)
		}
	}
	// Single bytes are met often, and with them in a sieve it is held up all the time.
	if len(single) > 0 && len(long) > mostApart {
		for _, lit := range single {
			n.any = append(n.any, newNeedle(lit, false))
		}
		n.any = append(n.any, anyNeedle(long))
		return n
	}
	for _, lit := range all {
		n.any = append(n.any, newNeedle(lit, false))
	}
	if len(long) > mostApart {
		n.sieve = sieveOfAny(n.any, n.min)
	}
	return n
}

// sieveOfAny makes a sieve of the beginnings of literals, of which none holds
// another and the shortest has least bytes.
func sieveOfAny(any []needle, least int) *sieve {
	rows := make([][][]byte, min(len(any), sieveRows))
	for i := range any {
		lit := any[i].lit[:min(len(any[i].lit), sievePlaces)]
		if len(any) > sieveRows { // those that share a row have to be equally long
			lit = lit[:min(len(lit), least)]
		}
		row := &rows[i%sieveRows]
		for len(*row) < len(lit) {
			*row = append(*row, nil)
		}
		for j, b := range lit {
			(*row)[j] = append((*row)[j], b)
		}
	}
	return newSieve(rows)
}

// innermost leaves out the literals that hold another, and doubles.
func innermost(all [][]byte) (kept [][]byte) {
next:
	for i, lit := range all {
		for j, other := range all {
			if i != j && bytes.Contains(lit, other) && (len(other) < len(lit) || j < i) {
				continue next
			}
		}
		kept = append(kept, lit)
	}
	return kept
}

// unfold lists for each letter of a literal how Unicode's simple folding lets it
// be written. A byte that is no valid UTF-8 stands for itself.
func unfold(literal []byte) (letters [][]string) {
	for rest := literal; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		ways := []string{string(rest[:size])}
		if r != utf8.RuneError || size > 1 {
			for o := unicode.SimpleFold(r); o != r; o = unicode.SimpleFold(o) {
				ways = append(ways, string(o))
			}
		}
		rest = rest[size:]
		letters = append(letters, ways)
	}
	return letters
}

// spell fills in letters, the lengths and the places.
func (n *needle) spell(letters [][]string) {
	n.letters, n.min, n.max = letters, 0, 0
	fixed := true // all matches are of one length up to here
	for _, ways := range letters {
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
			n.places = append(n.places, choice{len(n.places), set})
			fixed = short == long // behind a letter of several lengths nothing has a fixed place
		}
		fixed = fixed && short == long
	}
}

// match compares at the start of b. It returns the length of the match there,
// 0 when there is none, and -1 when b ends before that is decided.
func (n *needle) match(b []byte) int {
	switch {
	case n.letters != nil:
		return n.matchLetters(b)
	case n.any != nil:
		return n.matchAny(b)
	case n.mask != nil:
		for _, i := range n.counts {
			if int(i) >= len(b) {
				return -1
			}
			if b[i]&n.mask[i] != n.lit[i] {
				return 0
			}
		}
		if len(b) < len(n.lit) {
			return -1
		}
		return len(n.lit)
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

// matchAny is match for several literals, of which none is the beginning of
// another.
func (n *needle) matchAny(b []byte) int {
	length := 0
	for i := range n.any {
		if l := n.any[i].match(b); l > 0 {
			return l
		} else if l < 0 {
			length = -1
		}
	}
	return length
}

// matchLetters is match for letters. No way to write a letter is the
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
// is decided whether a match begins there, or len(b). It gives up when p is over.
func (n *needle) undecided(b []byte, from int, p *pace) int {
	for i := max(from, len(b)-n.max+1); i < len(b); i++ {
		if n.begins[b[i]] {
			if p.over(len(b) - i) {
				break
			}
			if n.match(b[i:]) < 0 {
				return i
			}
		}
	}
	return len(b)
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
