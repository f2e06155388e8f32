package telnet

import (
	"cmp"
	"slices"
	"unicode/utf8"
)

// MaxLine is how many characters a [Line] of a [Text] has at most. A longer one is broken.
const MaxLine = 16 << 10

// Line is a line of what a server showed.
type Line struct {
	// Text has no line end. It may hold control characters, broken UTF-8 and whatever else a server
	// sends: it is shown only by way of inspect.Escape or the like.
	Text string
	// Sequences is how many sequences for a terminal, bells among them, stood in the line and were left out.
	Sequences int
	// Broken is set on a line that goes on in the next one, being too long.
	Broken bool
}

// Text makes lines of the data that a server sends, as of a [Parser]'s Data events, in UTF-8. The zero value
// is ready.
//
// It does what a printer could: LF begins a line, whether CR stands before it or not; CR goes back to the
// line's begin and BS back by one character, and what comes then takes the place of what was there; NUL does
// nothing. Everything else that steers a terminal, escape sequences (ECMA-48, VT100, xterm) and bells, is
// counted by name, left out and never obeyed: a line that a terminal would erase stays. What it is given
// that is not UTF-8 comes out as it was.
type Text struct {
	cells     []rune // the characters of the line; rawByte plus a byte that is not UTF-8
	column    int    // where the next character goes
	sequences int    // in this line
	cr        bool   // a CR came, and it is not known yet whether it is a line end's
	part      []byte // of a character in UTF-8
	escape    sequence
	counts    map[string]int64
}

// rawByte stands in front of bytes that are not UTF-8, behind all characters.
const rawByte = utf8.MaxRune + 1

// Feed takes the next data, and gives the lines that it ends to line. How the data is cut makes no
// difference. The slice b is not kept.
func (t *Text) Feed(b []byte, line func(Line)) {
	for _, c := range b {
		t.take(c, line)
	}
}

func (t *Text) take(c byte, line func(Line)) {
	if t.cr {
		t.cr = false
		if c != '\n' {
			t.column = 0
		}
	}
	if t.escape.state != noSequence {
		name, rest := t.escape.take(c)
		if name != "" {
			t.counted(name)
		}
		if !rest {
			return
		}
	}
	if len(t.part) > 0 || c >= utf8.RuneSelf {
		if !t.character(c, line) {
			return
		}
	}
	switch c {
	case '\n':
		t.end(false, line)
	case '\r':
		t.cr = true
	case '\b':
		t.column = max(t.column-1, 0)
	case 0:
	case '\a':
		t.counted("bell")
	case 0x1b:
		t.escape.begin()
	default:
		t.put(rune(c), line)
	}
}

// character takes a byte where a character of several is under way or begins. It reports whether the byte is
// left over, being one of its own.
func (t *Text) character(c byte, line func(Line)) (left bool) {
	if c < utf8.RuneSelf || len(t.part) > 0 && utf8.RuneStart(c) {
		t.flush(line)
		if c < utf8.RuneSelf {
			return true
		}
	}
	t.part = append(t.part, c)
	for utf8.FullRune(t.part) && len(t.part) > 0 {
		r, size := utf8.DecodeRune(t.part)
		if r == utf8.RuneError && size == 1 {
			r = rawByte + rune(t.part[0])
		}
		t.part = t.part[:copy(t.part, t.part[size:])]
		t.put(r, line)
	}
	return false
}

// flush writes a character that never became whole.
func (t *Text) flush(line func(Line)) {
	for _, c := range t.part {
		t.put(rawByte+rune(c), line)
	}
	t.part = t.part[:0]
}

// put writes a character in its place.
func (t *Text) put(r rune, line func(Line)) {
	if t.column == len(t.cells) {
		if len(t.cells) == MaxLine {
			t.end(true, line)
		}
		t.cells = append(t.cells, r)
	} else {
		t.cells[t.column] = r
	}
	t.column++
}

// end gives the line and begins another.
func (t *Text) end(broken bool, line func(Line)) {
	line(Line{Text: string(t.appendCells(nil)), Sequences: t.sequences, Broken: broken})
	t.cells, t.column, t.sequences = t.cells[:0], 0, 0
}

func (t *Text) appendCells(dst []byte) []byte {
	for _, r := range t.cells {
		if r >= rawByte {
			dst = append(dst, byte(r-rawByte))
		} else {
			dst = utf8.AppendRune(dst, r)
		}
	}
	return dst
}

// Line gives the line that is not ended, which is where a prompt is.
func (t *Text) Line() Line {
	return Line{Text: string(append(t.appendCells(nil), t.part...)), Sequences: t.sequences}
}

func (t *Text) counted(name string) {
	if t.counts == nil {
		t.counts = make(map[string]int64)
	}
	t.counts[name]++
	t.sequences++
}

// Count is how often a sequence was met.
type Count struct {
	Name string // in words: "colours and style (SGR)"
	N    int64
}

// Counts gives what was left out so far, the most frequent first.
func (t *Text) Counts() []Count {
	counts := make([]Count, 0, len(t.counts))
	for name, n := range t.counts {
		counts = append(counts, Count{name, n})
	}
	slices.SortFunc(counts, func(a, b Count) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Name, b.Name))
	})
	return counts
}
