package fields

import (
	"fmt"
	"strconv"
	"unicode/utf8"

	"wirebench/sessions/inspect"
)

// A text between quotes keeps its escapes as they are: only \" becomes ", so
// that the value is what the composer's text mode takes. Other kinds have no
// escapes of their own there, or others: for them \\ becomes \ too.

// quote puts quotes around a value so that unquote gives it back. Of a text,
// that holds when its escapes are complete.
func quote(value string, text bool) string {
	out := make([]byte, 1, len(value)+2)
	out[0] = '"'
	for i := 0; i < len(value); i++ {
		c := value[i]
		last := i+1 == len(value)
		switch {
		case c == '"':
			out = append(out, '\\')
		case c == '\\' && text && !last:
			out = append(out, c)
			i++
			c = value[i]
		case c == '\\' && !text && (last || value[i+1] == '\\' || value[i+1] == '"'):
			out = append(out, '\\')
		}
		out = append(out, c)
	}
	return string(append(out, '"'))
}

// unquote reads what stands between the quotes.
func unquote(raw string, text bool) string {
	out := make([]byte, 0, len(raw))
	eachUnquoted(raw, text, func(_ int, b string) bool {
		out = append(out, b...)
		return true
	})
	return string(out)
}

// placeIn gives where byte at of the value stands between the quotes.
func placeIn(raw string, text bool, at int) int {
	place := len(raw)
	eachUnquoted(raw, text, func(i int, b string) bool {
		if at < len(b) {
			place = i + at
		}
		at -= len(b)
		return at >= 0
	})
	return place
}

// eachUnquoted gives the pieces of the value and where each comes from.
func eachUnquoted(raw string, text bool, yield func(i int, piece string) bool) {
	for i := 0; i < len(raw); {
		n, piece := 1, raw[i:i+1]
		if raw[i] == '\\' && i+1 < len(raw) {
			n = 2
			switch c := raw[i+1]; {
			case c == '"' || c == '\\' && !text:
				piece = raw[i+1 : i+2]
			default:
				piece = raw[i : i+2]
			}
		}
		if !yield(i, piece) {
			return
		}
		i += n
	}
}

// quoted shows what a person wrote in a message to them.
func quoted(s string) string {
	if s == "" {
		return "nothing"
	}
	return `"` + inspect.Preview([]byte(s), 40) + `"`
}

// show names the character at the start of s.
func show(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	switch {
	case size == 0:
		return "the end"
	case r == '\n':
		return "the end of the line"
	case r == utf8.RuneError && size == 1:
		return fmt.Sprintf("the byte 0x%02x", s[0])
	case !inspect.Visible(r):
		return fmt.Sprintf("the invisible character U+%04X", r)
	case r < utf8.RuneSelf:
		return strconv.QuoteRune(r)
	}
	return fmt.Sprintf("%q (U+%04X)", r, r)
}
