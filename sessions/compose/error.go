package compose

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"wirebench/sessions/inspect"
)

// Error is what [Text] and [Hex] report: the first place that cannot be read.
type Error struct {
	Pos     int    // offset into the input, in bytes
	Line    int    // from 1; lines end at \n
	Column  int    // from 1, in runes (a broken byte of UTF-8 counts as one)
	Problem string // what is wrong there and what to write instead
}

// Error gives the place and the problem in one sentence. The line is left out
// while everything is on the first, because most input is one line.
func (e *Error) Error() string {
	if e.Line <= 1 {
		return fmt.Sprintf("column %d: %s", e.Column, e.Problem)
	}
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Problem)
}

// fail makes the error for offset pos of input s.
func fail(s string, pos int, format string, args ...any) *Error {
	before := s[:pos]
	lineStart := strings.LastIndexByte(before, '\n') + 1
	return &Error{
		Pos:     pos,
		Line:    1 + strings.Count(before, "\n"),
		Column:  1 + utf8.RuneCountInString(before[lineStart:]),
		Problem: fmt.Sprintf(format, args...),
	}
}

// show names the character at the start of s so that it can be put in a
// message: quoted, with everything invisible or misleading written out.
func show(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	switch {
	case size == 0:
		return "the end"
	case r == utf8.RuneError && size == 1:
		return fmt.Sprintf("the byte 0x%02x", s[0])
	case !inspect.Visible(r):
		return fmt.Sprintf("the invisible character U+%04X", r)
	case r < utf8.RuneSelf:
		return strconv.QuoteRune(r)
	default:
		return fmt.Sprintf("%q (U+%04X)", r, r)
	}
}
