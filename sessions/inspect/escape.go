package inspect

import (
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// maxMarks is how many combining marks in a row are drawn over one character.
// Written languages need three at most; a hundred of them climb over the lines
// above.
const maxMarks = 4

// Visible tells whether r can stand for itself where hostile text is shown: it
// leaves a mark and does not change how its neighbours are drawn. Control and
// format characters (bidirectional, zero-width, line and paragraph separators,
// the byte order mark) are not printable by [unicode.IsPrint]; the other two
// tables hold the fillers and selectors that are printable but invisible.
func Visible(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= ' ' && r < 0x7f
	}
	return unicode.IsPrint(r) && !unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// marks counts combining marks so that a character keeps only a few.
type marks int

// allow takes the next visible character and tells whether it may be drawn as
// itself. It counts down from maxMarks after each character that is no mark.
func (m *marks) allow(r rune) bool {
	if r < 0x300 || !unicode.In(r, unicode.Mn, unicode.Me) {
		*m = maxMarks
		return true
	}
	*m--
	return *m >= 0
}

// reset says that what was written last cannot carry a mark.
func (m *marks) reset() { *m = 0 }

// Escape writes b as one line of text that is safe to show and exact: every b
// gives another text, and the composer's text notation reads it back.
//
// Visible UTF-8 is kept and a backslash is doubled. Line feed, carriage return,
// tab and zero are \n, \r, \t and \0; other valid characters that cannot be
// seen, and combining marks with nothing or too much below them, are \uHHHH (a
// surrogate pair beyond U+FFFF); every other byte is \xHH.
func Escape(b []byte) string {
	var m marks
	return string(appendEscaped(make([]byte, 0, len(b)+len(b)/8+2), b, &m))
}

// appendEscaped is Escape after text that ended as m says.
func appendEscaped(out, b []byte, m *marks) []byte {
	for i := 0; i < len(b); {
		c := b[i]
		if c >= ' ' && c < 0x7f {
			if c == '\\' {
				out = append(out, '\\')
			}
			out = append(out, c)
			*m = maxMarks
			i++
			continue
		}
		if c < utf8.RuneSelf {
			// Before a digit \0 would look like the octal escape of other languages.
			octal := c == 0 && i+1 < len(b) && b[i+1] >= '0' && b[i+1] <= '9'
			if short := shortEscape(c); short != 0 && !octal {
				out = append(out, '\\', short)
			} else {
				out = appendByte(out, c)
			}
			m.reset()
			i++
			continue
		}
		r, size := utf8.DecodeRune(b[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			out = appendByte(out, c)
			m.reset()
		case Visible(r) && m.allow(r):
			out = append(out, b[i:i+size]...)
		default:
			out = appendRune(out, r)
			m.reset()
		}
		i += size
	}
	return out
}

// Preview writes b as one line for a list, at most max characters long (fewer
// than one gives nothing), and reads no more of b than it shows. Control
// characters are drawn as the pictures Unicode has for them (U+2400 to U+2421),
// what else cannot be seen as \uHHHH and broken UTF-8 as \xHH. A backslash
// stands for itself, so unlike [Escape] this is for reading only. A text that
// was cut ends in an ellipsis.
func Preview(b []byte, max int) string {
	if max < 1 {
		return ""
	}
	out := make([]byte, 0, min(len(b), max)+8)
	var m marks
	n, keep := 0, 0 // characters written; length of out that leaves room for the ellipsis
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		before := len(out)
		if r == utf8.RuneError && size == 1 {
			out = appendByte(out, b[i])
			m.reset()
		} else {
			out = appendPreview(out, r, &m)
		}
		width := utf8.RuneCount(out[before:])
		if n+width > max {
			return string(append(out[:keep], "…"...))
		}
		n += width
		if n < max {
			keep = len(out)
		}
		i += size
	}
	return string(out)
}

// shortEscape gives the letter of the escapes that have one, or zero.
func shortEscape(c byte) byte {
	switch c {
	case '\n':
		return 'n'
	case '\r':
		return 'r'
	case '\t':
		return 't'
	case 0:
		return '0'
	}
	return 0
}

func appendByte(out []byte, c byte) []byte {
	return append(out, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
}

func appendRune(out []byte, r rune) []byte {
	if r > 0xffff {
		high, low := utf16.EncodeRune(r)
		return appendUnit(appendUnit(out, high), low)
	}
	return appendUnit(out, r)
}

func appendUnit(out []byte, r rune) []byte {
	return append(out, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
}
