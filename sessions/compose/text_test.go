package compose

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTextReads(t *testing.T) {
	tests := []struct {
		name, in string
		end      Ending
		want     string
	}{
		{"plain text as it is", "hello", None, "hello"},
		{"nothing as nothing", "", None, ""},
		{"UTF-8 as it is", "naïve €𝄞", None, "naïve €𝄞"},
		{"the short escapes", `a\n\r\t\0\\b`, None, "a\n\r\t\x00\\b"},
		{"a zero byte before digits", `\012`, None, "\x0012"},
		{"bytes in both cases of digits", `\x41\xfF\x00`, None, "A\xff\x00"},
		{"only two digits of a byte", `\x414`, None, "A4"},
		{"a code point", `\u20ac\u0041`, None, "€A"},
		{"a surrogate pair as one character", `\ud834\udd1e`, None, "𝄞"},
		{"the replacement character", `\ufffd`, None, "\uFFFD"},
		{"an escaped backslash before x", `\\x41`, None, `\x41`},
		{"raw line breaks unchanged", "a\nb\r\n", None, "a\nb\r\n"},
		{"a line feed ending", "a", LF, "a\n"},
		{"a CRLF ending that leaves inner line breaks alone", "a\nb", CRLF, "a\nb\r\n"},
		{"a zero byte ending", "<a/>", NUL, "<a/>\x00"},
		{"an ending alone", "", LF, "\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Text(tt.in, tt.end)
			if err != nil || string(got) != tt.want {
				t.Errorf("Text(%q, %v) = %q, %v; want %q", tt.in, tt.end, got, err, tt.want)
			}
		})
	}
}

func TestTextPointsAt(t *testing.T) {
	tests := []struct {
		name, in          string
		pos, line, column int
		says              string
	}{
		{"an unknown escape", `ab\qc`, 2, 1, 3, `\xHH`},
		{"an octal escape, which there is not", `\1`, 0, 1, 1, `'1'`},
		{"an escape of an invisible character", "\\\u202e", 0, 1, 1, "U+202E"},
		{"a lone backslash at the end", `abc\`, 3, 1, 4, `\\`},
		{"one digit of two", `\x4`, 0, 1, 1, "two hexadecimal digits"},
		{"a letter for a digit", `é\x4g`, 2, 1, 2, "two hexadecimal digits"},
		{"three digits of four", `\u20a`, 0, 1, 1, "four hexadecimal digits"},
		{"a high surrogate alone", `\ud834`, 0, 1, 1, "second half"},
		{"a high surrogate before another", `\ud834\ud834\udd1e`, 0, 1, 1, "second half"},
		{"a high surrogate before text", `\ud834x`, 0, 1, 1, "second half"},
		{"a low surrogate alone", `a\udd1e`, 1, 1, 2, "first half"},
		{"a byte that is not UTF-8", "a\xffb", 1, 1, 2, `\xff`},
		{"a place in a later line, counted in runes", "a\nßé\\q", 6, 2, 3, "escape"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Text(tt.in, None)
			wantError(t, err, tt.pos, tt.line, tt.column, tt.says)
		})
	}
}

func wantError(t *testing.T, err error, pos, line, column int, says string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("error is %v, want an *Error", err)
	}
	if e.Pos != pos || e.Line != line || e.Column != column {
		t.Errorf("points at byte %d, line %d, column %d; want %d, %d, %d (%v)", e.Pos, e.Line, e.Column, pos, line, column, e)
	}
	if !strings.Contains(e.Problem, says) {
		t.Errorf("problem %q does not say %q", e.Problem, says)
	}
	if !utf8.ValidString(e.Error()) || strings.ContainsRune(e.Error(), '\u202e') {
		t.Errorf("message is not fit to be shown: %q", e.Error())
	}
}

func TestErrorNamesTheLineOnlyWhenThereAreSeveral(t *testing.T) {
	_, err := Text(`\q`, None)
	if got := err.Error(); !strings.HasPrefix(got, "column 1: ") {
		t.Errorf("on the first line: %q", got)
	}
	_, err = Text("\n\\q", None)
	if got := err.Error(); !strings.HasPrefix(got, "line 2, column 1: ") {
		t.Errorf("on the second line: %q", got)
	}
}

func TestFormatTextWrites(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"printable UTF-8 as it is", "naïve €𝄞 日本", "naïve €𝄞 日本"},
		{"line breaks and tabs as escapes", "a\r\n\tb", `a\r\n\tb`},
		{"a backslash twice", `\n`, `\\n`},
		{"a zero byte short", "a\x00b", `a\0b`},
		{"a zero byte before a digit in full", "\x001", `\x001`},
		{"other control bytes", "\x01\x1b\x7f", `\x01\x1b\x7f`},
		{"C1 controls, bidi and zero-width characters as code points", "\u0085\u202e\u2066\u200b\ufeff\u2028", `\u0085\u202e\u2066\u200b\ufeff\u2028`},
		{"fillers and selectors that leave no mark", "\u3164\ufe0f", `\u3164\ufe0f`},
		{"invisible characters beyond 16 bits as pairs", "\U000e0041", `\udb40\udc41`},
		{"broken UTF-8 byte by byte", "\xe2\x82x\xed\xa0\x80\xff", `\xe2\x82x\xed\xa0\x80\xff`},
		{"the replacement character as itself", "\uFFFD", "\uFFFD"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := FormatText([]byte(tt.in)); got != tt.want {
				t.Errorf("FormatText(%q) = %s, want %s", tt.in, got, tt.want)
			}
			back, err := Text(FormatText([]byte(tt.in)), None)
			if err != nil || string(back) != tt.in {
				t.Errorf("back: %q, %v", back, err)
			}
		})
	}
}

func TestEveryByteAndPairOfBytesComesBack(t *testing.T) {
	for i := range 1 << 16 {
		b := []byte{byte(i >> 8), byte(i)}
		if got, err := Text(FormatText(b), None); err != nil || !bytes.Equal(got, b) {
			t.Fatalf("text: % x becomes % x, %v", b, got, err)
		}
		if got, err := Hex(FormatHex(b)); err != nil || !bytes.Equal(got, b) {
			t.Fatalf("hex: % x becomes % x, %v", b, got, err)
		}
	}
}

func TestEndingsAreReadByTheirNames(t *testing.T) {
	for _, e := range Endings() {
		for _, name := range []string{e.String(), strings.ToLower(e.String())} {
			if got, err := ParseEnding(name); err != nil || got != e {
				t.Errorf("ParseEnding(%q) = %v, %v", name, got, err)
			}
		}
	}
	if _, err := ParseEnding("cr"); err == nil || !strings.Contains(err.Error(), "crlf") {
		t.Errorf("an unknown name gives %v", err)
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{`a\n\x41\u20ac\ud834\udd1e\\`, `\`, `\u`, "\xff\x00\u202e", "\\\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		typed := string(b)
		if out, err := Text(typed, CRLF); err != nil {
			checkPlace(t, typed, err)
		} else if len(out) > len(typed)+2 {
			t.Fatalf("%d bytes from %d", len(out), len(typed))
		}
		s := FormatText(b)
		if !utf8.ValidString(s) || strings.ContainsAny(s, "\n\r\t\x00\u202e") {
			t.Fatalf("not fit to be edited: %q", s)
		}
		if back, err := Text(s, None); err != nil || !bytes.Equal(back, b) {
			t.Fatalf("%q becomes %q, then %q, %v", b, s, back, err)
		}
	})
}

// checkPlace holds an error to its input.
func checkPlace(t *testing.T, in string, err error) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("%v is no *Error", err)
	}
	if e.Pos < 0 || e.Pos > len(in) || e.Line < 1 || e.Column < 1 || e.Problem == "" {
		t.Fatalf("impossible place %+v in %d bytes", e, len(in))
	}
	if !utf8.ValidString(e.Error()) {
		t.Fatalf("message is not UTF-8: %q", e.Error())
	}
}
