package inspect_test

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"wirebench/sessions/compose"
	. "wirebench/sessions/inspect"
)

func TestEscapeShows(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"nothing as nothing", "", ""},
		{"text as it is", "Hello, wörld €𝄞 日本", "Hello, wörld €𝄞 日本"},
		{"a backslash twice", `a\nb`, `a\\nb`},
		{"the usual controls by their letters", "\n\r\t\x00", `\n\r\t\0`},
		{"a zero byte before a digit in full", "\x007", `\x007`},
		{"an escape sequence of a terminal", "\x1b[2J", `\x1b[2J`},
		{"delete", "\x7f", `\x7f`},
		{"C1 controls", "\u0080\u0085\u009b", `\u0080\u0085\u009b`},
		{"bidi embeddings and overrides", "\u202a\u202b\u202c\u202d\u202e", `\u202a\u202b\u202c\u202d\u202e`},
		{"bidi isolates", "\u2066\u2067\u2068\u2069", `\u2066\u2067\u2068\u2069`},
		{"bidi marks", "\u200e\u200f\u061c", `\u200e\u200f\u061c`},
		{"zero-width characters", "\u200b\u200c\u200d\u2060", `\u200b\u200c\u200d\u2060`},
		{"the byte order mark", "\ufeffa", `\ufeffa`},
		{"line and paragraph separators", "\u2028\u2029", `\u2028\u2029`},
		{"a soft hyphen", "\u00ad", `\u00ad`},
		{"a space that only looks like one", "\u00a0\u3000", `\u00a0\u3000`},
		{"fillers and variation selectors", "\u3164\u115f\ufe0f", `\u3164\u115f\ufe0f`},
		{"tags beyond 16 bits as a pair", "\U000e0041", `\udb40\udc41`},
		{"private use", "\ue000", `\ue000`},
		{"broken UTF-8 byte by byte", "\xff\xe2\x82a\xc0\x80", `\xff\xe2\x82a\xc0\x80`},
		{"surrogates in UTF-8 byte by byte", "\xed\xa0\x80", `\xed\xa0\x80`},
		{"an accent above its letter", "e\u0301", "e\u0301"},
		{"an accent above nothing", "\u0301", `\u0301`},
		{"an accent above what was escaped", "\n\u0301", `\n\u0301`},
		{"a tower of accents", "e" + strings.Repeat("\u0301", 6), "e" + strings.Repeat("\u0301", 4) + `\u0301\u0301`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Escape([]byte(tt.in)); got != tt.want {
				t.Errorf("Escape(%q) = %s, want %s", tt.in, got, tt.want)
			}
		})
	}
}

func TestPreviewShows(t *testing.T) {
	tests := []struct {
		name, in string
		max      int
		want     string
	}{
		{"text that fits", "Hello", 5, "Hello"},
		{"text that does not fit", "Hello!", 5, "Hell…"},
		{"one character", "Hello", 1, "…"},
		{"one character that fits", "H", 1, "H"},
		{"no room", "Hello", 0, ""},
		{"less than no room", "Hello", -3, ""},
		{"controls as pictures", "\x00\n\r\t\x1b\x7f", 10, "␀␊␍␉␛␡"},
		{"a backslash as it is", `C:\temp`, 10, `C:\temp`},
		{"C1 and bidi controls by number", "\u0085\u202e", 20, `\u0085\u202e`},
		{"a separator by number", "a\u2028b", 20, `a\u2028b`},
		{"broken UTF-8 byte by byte", "a\xffb", 10, `a\xffb`},
		{"no part of an escape", "ab\xff", 5, "ab…"},
		{"an escape that just fits", "a\xff", 5, `a\xff`},
		{"an ellipsis in the place of an escape", "\xff\xff", 7, `\xff…`},
		{"characters, not bytes", "€€€€", 3, "€€…"},
		{"a character cut off at the end", "a\xe2\x82", 20, `a\xe2\x82`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Preview([]byte(tt.in), tt.max); got != tt.want {
				t.Errorf("Preview(%q, %d) = %q, want %q", tt.in, tt.max, got, tt.want)
			}
		})
	}
}

func TestPreviewReadsNoMoreThanItShows(t *testing.T) {
	b := []byte(strings.Repeat("x", 1<<20))
	if got := testing.AllocsPerRun(10, func() { Preview(b, 40) }); got > 3 {
		t.Errorf("%v allocations for forty characters of a megabyte", got)
	}
}

func TestHexDumpIsThatOfHexdump(t *testing.T) {
	// Both files were written by hexdump -C (the one without folding, -v).
	b, err := os.ReadFile("testdata/sample.bin")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/hexdump-vC.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got := HexDump(0, b); got != string(want) {
		t.Errorf("HexDump gives\n%s\nwant\n%s", got, want)
	}
	back, err := compose.Hex(HexDump(0x12345, b))
	if err != nil || string(back) != string(b) {
		t.Errorf("pasted back: % x, %v", back, err)
	}
}

func TestHexDumpOffsetsGrowBeyondEightDigits(t *testing.T) {
	tests := []struct {
		off  uint64
		want string
	}{
		{0, "00000000"}, {0xffffffff, "ffffffff"}, {0x100000000, "100000000"}, {0xfedcba9876543210, "fedcba9876543210"},
	}
	for _, tt := range tests {
		got, _, _ := strings.Cut(HexDump(tt.off, []byte("x")), " ")
		if got != tt.want {
			t.Errorf("offset %#x is written %s", tt.off, got)
		}
	}
	if got := HexDump(5, nil); got != "" {
		t.Errorf("no bytes give %q", got)
	}
}

func FuzzEscape(f *testing.F) {
	for _, s := range []string{"Hello\\", "\u202e\u2066\ufeff\u2028", "\xff\xe2\x82", "e\u0301\u0301", "\x00\x1b\x7f\u0085"} {
		f.Add([]byte(s), 8)
	}
	f.Fuzz(func(t *testing.T, b []byte, max int) {
		s := Escape(b)
		wantHarmless(t, s)
		if back, err := compose.Text(s, compose.None); err != nil || string(back) != string(b) {
			t.Fatalf("%q is shown as %q, which reads back as %q, %v", b, s, back, err)
		}
		p := Preview(b, max)
		wantHarmless(t, p)
		if n := utf8.RuneCountInString(p); n > 0 && n > max {
			t.Fatalf("%d characters for at most %d", n, max)
		}
		if len(b) <= 4096 {
			if whole := Preview(b, 12*len(b)+1); strings.Count(whole, "…") != strings.Count(string(b), "…") {
				t.Fatalf("%q is cut with room to spare: %q", b, whole)
			}
			if back, err := compose.Hex(HexDump(16, b)); err != nil || string(back) != string(b) {
				t.Fatalf("the dump of % x reads back as % x, %v", b, back, err)
			}
		}
	})
}
