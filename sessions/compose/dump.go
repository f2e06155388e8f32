package compose

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxRepeat bounds the bytes that the * lines of a dump (rows left out because
// they repeat) may add, so that a line of text cannot ask for gigabytes.
const MaxRepeat = 1 << 20

// widestRow is how many bytes a line may have for its text column to be told
// from its digits by what it says. The tools write at most 256; the bound keeps
// the search linear.
const widestRow = 1024

// dumpLine is one line of what may be a dump.
type dumpLine struct {
	pos    int    // of the offset, in the input
	off    uint64 // the offset
	colon  bool   // a colon follows it
	star   bool   // the line is a lone *: rows like the one before were left out
	body   string // what follows the offset
	bodyAt int    // its place in the input
}

// dump reads a hex dump with offsets. Found is false when s is none.
//
// A text is taken for a dump only on evidence: every line (but blank ones and
// comments) begins with an offset, and either a colon stands behind the offsets
// (xxd, tcpdump), or there are two lines or more and each offset is the one
// before plus the bytes between (hexdump, Wireshark), or the text column of a
// single line says the same as its bytes. Where the offsets tell how many bytes
// a line has, what is behind them is the text column, whatever it says; so a
// dump can be pasted and edited. An error without found says why a text that
// looks like a dump was not taken for one, should it be nothing else either.
func dump(s string) (out []byte, found bool, err *Error) {
	lines, strong, err := dumpLines(s)
	if err != nil || len(lines) == 0 {
		return nil, strong, err
	}
	if lines[0].star {
		return nil, strong, nil
	}
	d := dumpReader{s: s, strong: strong, out: make([]byte, 0, len(s)/3)}
	if err := d.read(lines); err != nil {
		if !strong && !ascending(lines) {
			err = nil
		}
		return nil, strong, err
	}
	if !strong && !d.proved {
		return nil, false, nil
	}
	return d.out, true, nil
}

// ascending tells whether there are two offsets or more and each is above the
// one before. What fails to be a dump then is worth an error about offsets.
func ascending(lines []dumpLine) bool {
	n, before := 0, uint64(0)
	for _, l := range lines {
		if l.star {
			continue
		}
		if n > 0 && l.off <= before {
			return false
		}
		n, before = n+1, l.off
	}
	return n > 1
}

// dumpLines cuts s into lines that begin with an offset. None are returned when
// a line is something else; then err is set if there was a colon dump before it.
func dumpLines(s string) (lines []dumpLine, strong bool, err *Error) {
	for at := 0; at < len(s); {
		end := at + strings.IndexByte(s[at:], '\n')
		if end < at {
			end = len(s)
		}
		line, start := strings.TrimRight(s[at:end], " \t\r"), at
		at = end + 1
		trimmed := strings.TrimLeft(line, " \t")
		start += len(line) - len(trimmed)
		if trimmed == "" || trimmed[0] == '#' || strings.HasPrefix(trimmed, "//") {
			continue
		}
		l := dumpLine{pos: start}
		if trimmed == "*" {
			l.star = true
		} else if !l.parse(trimmed) || len(lines) > 0 && !lines[0].star && l.colon != lines[0].colon {
			if strong {
				return nil, true, fail(s, start, "this line of the dump does not begin with an offset like the others")
			}
			return nil, false, nil
		}
		strong = strong || l.colon
		lines = append(lines, l)
	}
	return lines, strong, nil
}

// parse reads the offset a line begins with: four digits or more.
func (l *dumpLine) parse(line string) bool {
	digits := line
	if strings.HasPrefix(line, "0x") || strings.HasPrefix(line, "0X") {
		digits = line[2:]
	}
	n := 0
	for n < len(digits) && digit(digits[n]) >= 0 {
		n++
	}
	if n < 4 || n > 16 {
		return false
	}
	off, err := strconv.ParseUint(digits[:n], 16, 64)
	if err != nil {
		return false
	}
	rest := digits[n:]
	l.off = off
	l.colon = strings.HasPrefix(rest, ":")
	if l.colon {
		rest = rest[1:]
	}
	if rest != "" && rest[0] != ' ' && rest[0] != '\t' {
		return false
	}
	l.bodyAt = l.pos + len(line) - len(rest)
	l.body = rest
	return true
}

// dumpReader gathers the bytes of a dump's lines.
type dumpReader struct {
	s      string
	strong bool
	proved bool // the offsets, or a text column, agree with the bytes
	out    []byte
	hexEnd int // widest place within a body where the digits of a row of known length end
}

func (d *dumpReader) read(lines []dumpLine) *Error {
	var row []byte // the row before
	repeated := 0
	for i := range lines {
		l := &lines[i]
		if l.star {
			continue
		}
		starBefore := i > 0 && lines[i-1].star
		if i > 0 {
			prev := &lines[i-1]
			if starBefore {
				prev = &lines[i-2]
				if prev.star {
					return fail(d.s, lines[i-1].pos, "a second * behind the first: the dump leaves out the same rows twice")
				}
			}
			gap := l.off - prev.off
			switch {
			case l.off < prev.off || gap < uint64(len(row)) || !starBefore && gap != uint64(len(row)):
				return fail(d.s, l.pos, "the offset %#x does not follow: the line before begins at %#x and holds %d bytes", l.off, prev.off, len(row))
			case starBefore:
				gap -= uint64(len(row))
				if len(row) == 0 || gap%uint64(len(row)) != 0 {
					return fail(d.s, l.pos, "the offset %#x does not follow: the rows left out at * are %d bytes long", l.off, len(row))
				}
				if gap > uint64(MaxRepeat-repeated) {
					return fail(d.s, lines[i-1].pos, "the * stands for %d bytes, and at most %d are filled in: send them from a file", gap, MaxRepeat)
				}
				repeated += int(gap)
				for ; gap > 0; gap -= uint64(len(row)) {
					d.out = append(d.out, row...)
				}
			}
			d.proved = true
		}
		known, nextAt := -1, 0
		last := i == len(lines)-1
		if !last && !lines[i+1].star {
			next := lines[i+1].off
			if next <= l.off || next-l.off > uint64(len(l.body)) {
				return fail(d.s, lines[i+1].pos, "the offset %#x does not follow: the line before begins at %#x", next, l.off)
			}
			known, nextAt = int(next-l.off), lines[i+1].pos
		}
		if last && i > 0 && strings.TrimSpace(l.body) == "" {
			return nil // the length, as hexdump ends with
		}
		var err *Error
		if row, err = d.row(l, known, nextAt); err != nil {
			return err
		}
		d.out = append(d.out, row...)
	}
	if lines[len(lines)-1].star {
		return fail(d.s, lines[len(lines)-1].pos, "the dump ends with *: the offset that says how many rows were left out is missing")
	}
	return nil
}

// row reads the bytes of one line. Known is their number as the offsets tell
// it, -1 where they do not; nextAt is where the offset behind it stands.
func (d *dumpReader) row(l *dumpLine, known, nextAt int) ([]byte, *Error) {
	b, ends, stop := l.pairs()
	if known >= 0 {
		if len(b) < known && len(b) == 0 && !l.colon && stop+4 <= len(l.body) {
			if _, word := hexValue(l.body[stop:], 4); word {
				return nil, fail(d.s, l.bodyAt+stop, "words of four digits are in the byte order of the machine that made this dump: make it with hexdump -C or xxd")
			}
		}
		if len(b) < known && stop == len(l.body) {
			next := l.off + uint64(known)
			return nil, fail(d.s, nextAt, "the offset %#x does not follow: the line before begins at %#x and holds %d bytes", next, l.off, len(b))
		}
		if len(b) < known {
			return nil, fail(d.s, l.bodyAt+stop, "the next offset asks for %d bytes in this line, and %d can be read", known, len(b))
		}
		end := ends[known-1]
		if !column(l.body[end:], b[:known]) {
			return nil, fail(d.s, l.bodyAt+end, "the next offset asks for %d bytes in this line, and there are more", known)
		}
		if l.swapped(end, b[:known]) {
			return nil, fail(d.s, l.bodyAt, "the words of this dump are in little-endian order, as its text column shows: make it without the option -e")
		}
		d.hexEnd = max(d.hexEnd, end)
		return b[:known], nil
	}
	if len(b) == 0 && stop < len(l.body) {
		return nil, fail(d.s, l.bodyAt+stop, "%s does not begin a pair of hexadecimal digits", show(l.body[stop:]))
	}
	if len(b) == 0 {
		return nil, fail(d.s, l.bodyAt+stop, "there are no bytes behind this offset")
	}
	// A text column that says the same as the bytes settles it.
	for n := len(b); n > 0 && len(b) <= widestRow; n-- {
		rest := l.body[ends[n-1]:]
		if text := strings.TrimLeft(rest, " \t"); text != "" && sameText(text, b[:n]) {
			if len(rest)-len(text) >= 2 {
				d.proved = true
			}
			return b[:n], nil
		}
	}
	// So does a framed column of the right length: nothing else begins with |.
	if text := strings.TrimLeft(l.body[stop:], " \t"); framed(text) && utf8.RuneCountInString(text)-2 == len(b) {
		d.proved = true
		return b, nil
	}
	cut := len(l.body)
	switch {
	case l.colon:
		if gap := wideGap(l.body); gap >= 0 {
			cut = gap
		}
	case d.hexEnd > 0:
		cut = min(cut, d.hexEnd)
	}
	if stop < cut {
		return nil, fail(d.s, l.bodyAt+stop, "%s does not begin a pair of hexadecimal digits", show(l.body[stop:]))
	}
	n := len(b)
	for n > 0 && ends[n-1] > cut {
		n--
	}
	if n == 0 || !column(l.body[ends[n-1]:], b[:n]) {
		return nil, fail(d.s, l.bodyAt+min(cut, stop), "the bytes and the text column of this line cannot be told apart")
	}
	if l.swapped(ends[n-1], b[:n]) {
		return nil, fail(d.s, l.bodyAt, "the words of this dump are in little-endian order, as its text column shows: make it without the option -e")
	}
	return b[:n], nil
}

// swapped tells whether the text column behind end says the same as the bytes
// b with each word of the line reversed, as xxd -e writes them.
func (l *dumpLine) swapped(end int, b []byte) bool {
	text := strings.TrimLeft(l.body[end:], " \t")
	if !l.colon || text == "" || sameText(text, b) {
		return false
	}
	turned := slices.Clone(b)
	at := 0
	for word := range strings.FieldsSeq(l.body[:end]) {
		slices.Reverse(turned[at : at+len(word)/2])
		at += len(word) / 2
	}
	return sameText(text, turned)
}

// pairs reads the digits a body begins with. Ends[i] is the place behind byte
// i, and stop the place of the first thing that is no pair. Without a colon
// every pair stands alone: words of four digits are hexdump's own format, whose
// byte order is that of the machine it ran on.
func (l *dumpLine) pairs() (b []byte, ends []int, stop int) {
	body := l.body
	b = make([]byte, 0, len(body)/3)
	ends = make([]int, 0, len(body)/3)
	for i := 0; i < len(body); {
		if body[i] == ' ' || body[i] == '\t' {
			i++
			continue
		}
		n := i
		for n < len(body) && digit(body[n]) >= 0 {
			n++
		}
		if (n-i)%2 != 0 || n == i || !l.colon && n-i != 2 || n < len(body) && body[n] != ' ' && body[n] != '\t' {
			return b, ends, i
		}
		for ; i < n; i += 2 {
			v, _ := hexValue(body[i:], 2)
			b = append(b, byte(v))
			ends = append(ends, i+2)
		}
	}
	return b, ends, len(body)
}

// wideGap finds the two spaces (or the tab) between digits and text column of
// the formats with a colon, which have single spaces between their groups. It
// is -1 when there is none.
func wideGap(body string) int {
	lead := len(body) - len(strings.TrimLeft(body, " \t"))
	gap := strings.Index(body[lead:], "  ")
	if tab := strings.IndexByte(body[lead:], '\t'); tab >= 0 && (gap < 0 || tab < gap) {
		gap = tab
	}
	if gap < 0 {
		return -1
	}
	return lead + gap
}

// column tells whether rest, which follows the bytes of a row, can be the text
// column of those bytes: nothing, or set off and not longer than they are.
func column(rest string, b []byte) bool {
	text := strings.TrimLeft(rest, " \t")
	if text == "" || sameText(text, b) {
		return true
	}
	if framed(text) {
		return utf8.RuneCountInString(text)-2 <= len(b)
	}
	gap := len(rest) - len(text)
	return (gap >= 2 || strings.HasPrefix(rest, "\t")) && utf8.RuneCountInString(text) <= len(b)
}

// framed tells whether a text column stands in the bars of hexdump -C or the
// angles of od -tx1z.
func framed(text string) bool {
	return len(text) >= 2 && (text[0] == '|' && text[len(text)-1] == '|' || text[0] == '>' && text[len(text)-1] == '<')
}

// sameText tells whether text is the text column of b: printable ASCII stands
// for itself and everything else is one character of any kind. Spaces at either
// end may have been lost in pasting.
func sameText(text string, b []byte) bool {
	if framed(text) && len(text) >= 2 && matches(text[1:len(text)-1], b) {
		return true
	}
	for len(b) > 0 && b[0] == ' ' && text != "" && text[0] != ' ' {
		b = b[1:]
	}
	return len(b) > 0 && matches(text, b)
}

func matches(text string, b []byte) bool {
	for i, c := range b {
		if text == "" {
			// The spaces at the end of a line are often trimmed.
			for _, c := range b[i:] {
				if c != ' ' {
					return false
				}
			}
			return true
		}
		r, size := utf8.DecodeRuneInString(text)
		if c >= ' ' && c < 0x7f && r != rune(c) {
			return false
		}
		text = text[size:]
	}
	return text == ""
}
