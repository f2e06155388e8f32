package compose

import (
	"bytes"
	"strings"
	"testing"
)

func TestHexReads(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"nothing as nothing", "", ""},
		{"white space as nothing", " \t\r\n\u00a0", ""},
		{"spaced pairs", "48 65 6C 6c", "Hell"},
		{"unspaced pairs", "48656c6C6f", "Hello"},
		{"several lines", "4865\n6c\r\n6c6f", "Hello"},
		{"0x before each byte", "0x48, 0X65", "He"},
		{"0x once before all", "0x48656c", "Hel"},
		{"colons between pairs", "de:ad:BE:ef", "\xde\xad\xbe\xef"},
		{"semicolons and braces", "{48; 65, {6c}}", "Hel"},
		{"a declared C array", "unsigned char x[] = { 0x01, 0x02 };", "\x01\x02"},
		{"a declaration with a length and qualifiers", "static const uint8_t reply_2[2]=\n{0x01,0x02};", "\x01\x02"},
		{"several arrays with comments", "char peer0_0[] = { /* Packet 1 */\n0x48 };\nchar peer1_0[] = { // 2\n0x65 };", "He"},
		{"an array of escapes", "unsigned char buf[] =\n\"\\xfc\\x48\"\n\"\\x83\";", "\xfc\x48\x83"},
		{"escaped bytes", `\x41\x42`, "AB"},
		{"escaped bytes apart", `\x41 42`, "AB"},
		{"escaped bytes in quotes", `"\x41\x42"`, "AB"},
		{"comments of all three kinds", "48 // 00\n65 /* 00\n00 */ 6c # 00\n6c", "Hell"},
		{"a comment between the digits of two bytes", "48/*-*/65", "He"},
		{"four digits at the start of a line as two bytes", "0000 48 65", "\x00\x00He"},
		{"offsets that do not follow as bytes", "0000 01 02\n0010 03 04", "\x00\x00\x01\x02\x00\x10\x03\x04"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Hex(tt.in)
			if err != nil || string(got) != tt.want {
				t.Errorf("Hex(%q) = % x, %v; want % x", tt.in, got, err, tt.want)
			}
		})
	}
}

func TestHexPointsAt(t *testing.T) {
	tests := []struct {
		name, in          string
		pos, line, column int
		says              string
	}{
		{"a digit without its partner", "48 6 6c", 3, 1, 4, "06"},
		{"the last digit of an odd run", "48 65f", 5, 1, 6, "0f"},
		{"a pair torn apart", "4\n8", 0, 1, 1, "partner"},
		{"a letter that is no digit", "48 6g", 3, 1, 4, "partner"},
		{"a strange character", "48 é zz", 3, 1, 4, "U+00E9"},
		{"a strange character in a later line", "48\n65 é, zz", 6, 2, 4, "U+00E9"},
		{"an invisible character by its number", "48\u200b65", 2, 1, 3, "U+200B"},
		{"a byte that is not UTF-8", "48 \xff", 3, 1, 4, "0xff"},
		{"0x with nothing behind it", "48 0x, 01", 5, 1, 6, "after 0x"},
		{"0x with one digit", "0x1", 2, 1, 3, "0x01"},
		{"a colon that joins nothing", "48: 65", 2, 1, 3, "':'"},
		{"one digit of an escape", `\x4`, 0, 1, 1, "two hexadecimal digits"},
		{"another escape", `\n`, 0, 1, 1, `\xHH`},
		{"a digit that may belong to an escape or not", `\x41B`, 4, 1, 5, "could belong"},
		{"text between quotes", `"\x41B C"`, 5, 1, 6, "could belong"},
		{"a word between quotes", `"41"`, 1, 1, 2, "is text"},
		{"an open quote", `48 "\x41`, 3, 1, 4, "not closed"},
		{"an open comment", "48 /* 65", 3, 1, 4, "not closed"},
		{"an open brace", "{ 48", 4, 1, 5, "}"},
		{"a brace too many", "48 }", 3, 1, 4, "{"},
		{"decimal numbers of a C array", "unsigned char x[] = { 10, 20 };", 22, 1, 23, "decimal"},
		{"wide elements of a C array", "unsigned char x[] = { 0x0102 };", 24, 1, 25, "one byte"},
		{"an array of wider type", "uint32_t x[] = { 0x01020304 };", 0, 1, 1, "'u'"},
		{"a declaration without bytes", "char x[] = 48", 11, 1, 12, "{"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Hex(tt.in)
			wantError(t, err, tt.pos, tt.line, tt.column, tt.says)
		})
	}
}

func TestFormatHexWritesSixteenBytesALine(t *testing.T) {
	b := make([]byte, 33)
	for i := range b {
		b[i] = byte(i * 7)
	}
	s := FormatHex(b)
	want := "00 07 0e 15 1c 23 2a 31 38 3f 46 4d 54 5b 62 69\n" +
		"70 77 7e 85 8c 93 9a a1 a8 af b6 bd c4 cb d2 d9\n" +
		"e0"
	if s != want {
		t.Errorf("FormatHex gives\n%s\nwant\n%s", s, want)
	}
	if back, err := Hex(s); err != nil || !bytes.Equal(back, b) {
		t.Errorf("back: % x, %v", back, err)
	}
}

func FuzzHex(f *testing.F) {
	for _, s := range []string{
		"48 65", "0x48, 0x65", `"\x41"`, "unsigned char x[] = { 0x01 };", "/* */ # //",
		"00000000  48 65 6c 6c 6f                                    |Hello|\n00000005",
		"00000000: 4865 6c6c 6f  Hello", "0000  01 02\n*\n0010", "\t0x0000:  4500 003c  E..<",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		typed := string(b)
		if out, err := Hex(typed); err != nil {
			checkPlace(t, typed, err)
		} else if len(out) > len(typed)+MaxRepeat {
			t.Fatalf("%d bytes from %d", len(out), len(typed))
		}
		s := FormatHex(b)
		if back, err := Hex(s); err != nil || !bytes.Equal(back, b) {
			t.Fatalf("% x becomes %q, then % x, %v", b, s, back, err)
		}
		// Every dump of the same bytes must give them back, however much its text
		// column looks like digits, offsets or comments.
		if len(b) == 0 || len(b) > 4096 {
			return
		}
		for name, s := range dumps(b) {
			if name == "wireshark" && len(b) <= 16 && strings.TrimLeft(string(b), " ") == "" {
				continue // one line, and nothing to be seen in its text column: it can be read as bytes alone
			}
			if back, err := Hex(s); err != nil || !bytes.Equal(back, b) {
				t.Fatalf("%s:\n%s\nbecomes % x, %v; want % x", name, s, back, err, b)
			}
		}
	})
}

func TestLongLinesAreReadInLinearTime(t *testing.T) {
	// A quadratic search in any of these would outlast the test's time limit.
	const n = 1 << 18
	for name, in := range map[string]string{
		"one row of zeroes":       "00000000: " + strings.Repeat("00 ", n),
		"one row and a text":      "0000 " + strings.Repeat("00 ", n) + "  |...|",
		"words of a declaration":  strings.Repeat("char ", n),
		"many comments":           strings.Repeat("/**/", n),
		"many stars":              "0000 00\n" + strings.Repeat("*\n", n),
		"many offsets":            strings.Repeat("0000: 00\n", n),
		"backslashes in quotes":   strings.Repeat(`"\x00"`, n),
		"an unending declaration": "char " + strings.Repeat("a", n),
	} {
		t.Run(name, func(*testing.T) {
			_, _ = Hex(in) // read or refused, both soon
		})
	}
}
