package inspect

import (
	"bytes"
	"fmt"
	"math"
	"unicode/utf8"
)

// MaxText bounds the bytes of a text value that are shown; a longer one ends in
// an ellipsis. Size tells the whole length all the same.
const MaxText = 1024

// character reads one character of UTF-8 and names its code point.
func character(b []byte, _ Order) Value {
	if len(b) == 0 {
		return Value{Missing: 1}
	}
	r, size := utf8.DecodeRune(b)
	if r == utf8.RuneError && size == 1 {
		if !utf8.FullRune(b) {
			return Value{Missing: missingOfRune(b)}
		}
		return Value{Problem: fmt.Sprintf("not UTF-8: %s", appendByte(nil, b[0]))}
	}
	return Value{Text: fmt.Sprintf("%s  U+%04X", Escape(b[:size]), r), Size: size}
}

// missingOfRune tells how many bytes the unfinished character at the start of b
// still needs.
func missingOfRune(b []byte) int {
	for n, leads := range []byte{0xe0, 0xf0} {
		if b[0] < leads {
			return n + 2 - len(b)
		}
	}
	return 4 - len(b)
}

// untilNUL reads text up to the first zero byte, or to the end.
func untilNUL(b []byte, _ Order) Value {
	if len(b) == 0 {
		return Value{Missing: 1}
	}
	if n := bytes.IndexByte(b, 0); n >= 0 {
		return Value{Text: capped(b[:n]), Size: n + 1}
	}
	return Value{Text: capped(b), Size: len(b)}
}

// prefixed reads text behind its length, an unsigned integer of n bytes. With
// two bytes it is IDataInput.readUTF, whose length obeys the byte order.
func prefixed(n int) func([]byte, Order) Value {
	return func(b []byte, o Order) Value {
		if len(b) < n {
			return Value{Missing: n - len(b)}
		}
		length, rest := load64(b[:n], o), b[n:]
		if length > uint64(len(rest)) {
			return Value{Missing: int(min(length-uint64(len(rest)), math.MaxInt))}
		}
		return Value{Text: capped(rest[:length]), Size: n + int(length)}
	}
}

// capped escapes at most MaxText bytes, without cutting a character in two.
func capped(b []byte) string {
	if len(b) <= MaxText {
		return Escape(b)
	}
	cut := MaxText
	for i := 1; i < utf8.UTFMax; i++ {
		if utf8.RuneStart(b[cut-i]) {
			if !utf8.FullRune(b[cut-i : cut]) {
				cut -= i
			}
			break
		}
	}
	return Escape(b[:cut]) + "…"
}
