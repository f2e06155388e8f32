package compose

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"wirebench/sessions/inspect"
)

// Ending is what [Text] puts behind the text.
type Ending uint8

const (
	None Ending = iota // nothing
	LF                 // line feed, 0x0a
	CRLF               // carriage return and line feed, 0x0d 0x0a
	NUL                // one zero byte, as XMLSocket ends its messages
)

// Endings lists every ending in the order they are offered.
func Endings() []Ending { return []Ending{None, LF, CRLF, NUL} }

// String gives the name as shown and as [ParseEnding] reads it.
func (e Ending) String() string {
	switch e {
	case None:
		return "None"
	case LF:
		return "LF"
	case CRLF:
		return "CRLF"
	case NUL:
		return "NUL"
	}
	return fmt.Sprintf("Ending(%d)", uint8(e))
}

// Bytes gives the bytes the ending stands for, as a string so that nobody can
// change them. An unknown ending is none.
func (e Ending) Bytes() string {
	switch e {
	case LF:
		return "\n"
	case CRLF:
		return "\r\n"
	case NUL:
		return "\x00"
	}
	return ""
}

// ParseEnding reads a name that [Ending.String] gave, in either case.
func ParseEnding(s string) (Ending, error) {
	for _, e := range Endings() {
		if strings.EqualFold(s, e.String()) {
			return e, nil
		}
	}
	return None, fmt.Errorf("unknown line ending %q: write none, lf, crlf or nul", s)
}

const escapes = `\n \r \t \0 \xHH \uHHHH \\`

// Text reads UTF-8 text with escapes and appends the ending.
//
// The escapes are \n, \r, \t, \0 (one zero byte, whatever follows), \xHH (one
// byte), \uHHHH (the UTF-8 of a UTF-16 code unit; two of them that form a
// surrogate pair are one character, as in JSON, RFC 8259 section 7) and \\.
// A line break in s is the byte 0x0a and is not changed by the ending.
//
// The error is an [*Error]: an unknown or unfinished escape, half a surrogate
// pair, or input that is not UTF-8.
func Text(s string, e Ending) ([]byte, error) {
	end := e.Bytes()
	out := make([]byte, 0, len(s)+len(end))
	for i := 0; i < len(s); {
		if s[i] != '\\' {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				return nil, fail(s, i, `the byte 0x%02x is not UTF-8 here: write \x%02x to send it`, s[i], s[i])
			}
			out = append(out, s[i:i+size]...)
			i += size
			continue
		}
		if i+1 == len(s) {
			return nil, fail(s, i, `a single \ at the end: write \\ for a backslash, or one of %s`, escapes)
		}
		switch s[i+1] {
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case '0':
			out = append(out, 0)
		case '\\':
			out = append(out, '\\')
		case 'x':
			v, ok := hexValue(s[i+2:], 2)
			if !ok {
				return nil, fail(s, i, `\x needs two hexadecimal digits, as in \x0a`)
			}
			out = append(out, byte(v))
			i += 2
		case 'u':
			r, n, problem := unicodeEscape(s[i:])
			if problem != "" {
				return nil, fail(s, i, "%s", problem)
			}
			out = utf8.AppendRune(out, r)
			i += n
			continue
		default:
			return nil, fail(s, i, `no escape begins with \ and %s: there are %s`, show(s[i+1:]), escapes)
		}
		i += 2
	}
	return append(out, end...), nil
}

// unicodeEscape reads the \uHHHH, or the pair of them, that s begins with.
func unicodeEscape(s string) (r rune, n int, problem string) {
	v, ok := hexValue(s[2:], 4)
	if !ok {
		return 0, 0, `\u needs four hexadecimal digits, as in \u20ac`
	}
	r = rune(v)
	if !utf16.IsSurrogate(r) {
		return r, 6, ""
	}
	if r < 0xdc00 && strings.HasPrefix(s[6:], `\u`) {
		if low, ok := hexValue(s[8:], 4); ok {
			if joined := utf16.DecodeRune(r, rune(low)); joined != unicode.ReplacementChar {
				return joined, 12, ""
			}
		}
	}
	if r < 0xdc00 {
		return 0, 0, fmt.Sprintf(`\u%04x is the first half of a surrogate pair: the second half, \udc00 to \udfff, must follow it`, v)
	}
	return 0, 0, fmt.Sprintf(`\u%04x is the second half of a surrogate pair: the first half, \ud800 to \udbff, must come before it`, v)
}

// hexValue reads the n hexadecimal digits s begins with.
func hexValue(s string, n int) (v uint32, ok bool) {
	if len(s) < n {
		return 0, false
	}
	for i := range n {
		d := digit(s[i])
		if d < 0 {
			return 0, false
		}
		v = v<<4 | uint32(d)
	}
	return v, true
}

// digit gives the value of a hexadecimal digit, or -1.
func digit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// FormatText writes b so that [Text] with ending [None] gives b again.
// Visible UTF-8 is kept; line breaks become \n, so the result is one line.
// It is what [inspect.Escape] shows everywhere else: what is seen can be typed.
func FormatText(b []byte) string { return inspect.Escape(b) }
