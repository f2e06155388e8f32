package charset_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"

	. "wirebench/sessions/charset"
)

// all reads b whole.
func all(t testing.TB, c *Charset, b []byte) []Char {
	t.Helper()
	var out []Char
	d := c.NewDecoder()
	for len(b) > 0 {
		ch := d.Next(b, true)
		if ch.Size < 1 || ch.Size > len(b) || ch.Missing != 0 || !ch.Valid && (ch.Rune != NoRune || ch.Mark != NoRune) {
			t.Fatalf("%s: %+v of % x", c.Name(), ch, b[:min(8, len(b))])
		}
		out = append(out, ch)
		b = b[ch.Size:]
	}
	return out
}

// text joins the characters, with U+FFFD for what is none.
func text(chars []Char) string {
	var out strings.Builder
	for _, ch := range chars {
		switch {
		case !ch.Valid:
			out.WriteRune(utf8.RuneError)
		case ch.Rune != NoRune:
			out.WriteRune(ch.Rune)
			if ch.Mark != NoRune {
				out.WriteRune(ch.Mark)
			}
		}
	}
	return out.String()
}

func TestSingleBytesAreWhatTheTablesSay(t *testing.T) {
	b, err := os.ReadFile("testdata/single.txt")
	if err != nil {
		t.Fatal(err)
	}
	// Where the WHATWG Encoding Standard, which the library follows, differs from
	// the older tables: KOI8-U has two letters of KOI8-RU for box drawings, and
	// windows-1255 a point that Microsoft added.
	other := map[string]string{"koi8-u ae": "45e", "koi8-u be": "40e", "windows-1255 ca": "5ba"}
	charsets := 0
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if f[0] == "#" {
			continue
		}
		charsets++
		c, want := lookup(t, f[0]), f[1:]
		for n := range 256 {
			expect := fmt.Sprintf("%x", n)
			if i := n - (256 - len(want)); i >= 0 {
				expect = want[i]
			}
			key := fmt.Sprintf("%s %x", f[0], n)
			if o, ok := other[key]; ok {
				expect = o
			}
			// The control characters 80 to 9f are no part of ISO 8859 proper, and the
			// library has them in two of its parts only.
			if n >= 0x80 && n < 0xa0 && strings.HasPrefix(f[0], "iso-8859-") && f[0] != "iso-8859-1" && f[0] != "iso-8859-9" {
				expect = "-"
			}
			got := "-"
			if ch := all(t, c, []byte{byte(n)})[0]; ch.Valid {
				got = fmt.Sprintf("%x", ch.Rune)
			}
			if got != expect {
				t.Errorf("%s is %s, want %s", key, got, expect)
			}
		}
	}
	if charsets != 42 {
		t.Errorf("%d charsets", charsets)
	}
}

// samples were written by Python 3.11: bytes.hex(text.encode(codec)).
var samples = []struct{ name, codec, bytes, text string }{
	{"shift_jis", "cp932", "93fa967b8cea83658358836720b6c52087407e5c", `日本語テスト ｶﾅ ①~\`},
	{"euc-jp", "euc_jp", "c6fccbdcb8eca5c6a5b9a5c8208eb68ec5208fb0a1", `日本語テスト ｶﾅ 丂`},
	{"iso-2022-jp", "iso2022_jp", "6162631b2442467c4b5c386c1b284278797a", `abc日本語xyz`},
	{"gbk", "gbk", "bcf2cce5d6d0cec420e946", `简体中文 镕`},
	{"gb18030", "gb18030", "bcf2cce520a2e39439fc36a8b9", `简体 €😀ü`},
	{"hz-gb-2312", "hz", "617e7e7e7b56504e447e7d62", `a~中文b`},
	{"big5", "big5", "c163c5e9a4a4a4e5", `繁體中文`},
	{"euc-kr", "cp949", "c7d1b1b9beee208c63", `한국어 똠`},
	{"utf-16le", "utf-16le", "6100ac203dd800de", `a€😀`},
	{"utf-16be", "utf-16be", "006120acd83dde00", `a€😀`},
	{"utf-32le", "utf-32le", "61000000ac20000000f60100", `a€😀`},
	{"utf-32be", "utf-32be", "00000061000020ac0001f600", `a€😀`},
	{"utf-8", "utf-8", "61e282acf09f9880", `a€😀`},
	{"windows-1252", "cp1252", "936e61ef7665942080", `“naïve” €`},
	{"koi8-r", "koi8_r", "f0d2c9d7c5d4", `Привет`},
	{"ibm437", "cp437", "ba82b1", `║é▒`},
	{"ibm037", "cp037", "c885939396", `Hello`},
}

func TestTextIsReadAndWrittenAsElsewhere(t *testing.T) {
	for _, s := range samples {
		t.Run(s.name, func(t *testing.T) {
			c := lookup(t, s.name)
			b, err := hex.DecodeString(s.bytes)
			if err != nil {
				t.Fatal(err)
			}
			if got := text(all(t, c, b)); got != s.text {
				t.Errorf("read as %q, want %q", got, s.text)
			}
			if got, err := c.Encode(s.text); err != nil || hex.EncodeToString(got) != s.bytes {
				t.Errorf("written as %x, %v, want %s", got, err, s.bytes)
			}
		})
	}
}

func TestWhatIsNoCharacterIsSaidToBeNone(t *testing.T) {
	tests := []struct {
		name, charset, bytes string
		want                 []Char
	}{
		{"a surrogate with no partner", "utf-16be", "d83d0041", []Char{{-1, -1, 2, false, 0}, {'A', -1, 2, true, 0}}},
		{"the second surrogate alone", "utf-16le", "00de4100", []Char{{-1, -1, 2, false, 0}, {'A', -1, 2, true, 0}}},
		{"half a unit", "utf-16be", "004100", []Char{{'A', -1, 2, true, 0}, {-1, -1, 1, false, 0}}},
		{"half a pair", "utf-16be", "d83d", []Char{{-1, -1, 2, false, 0}}},
		{"a number beyond Unicode", "utf-32be", "00110000", []Char{{-1, -1, 4, false, 0}}},
		{"a surrogate in UTF-32", "utf-32be", "0000d800", []Char{{-1, -1, 4, false, 0}}},
		{"a cut unit", "utf-32le", "410000", []Char{{-1, -1, 3, false, 0}}},
		{"an overlong form", "utf-8", "c080", []Char{{-1, -1, 1, false, 0}, {-1, -1, 1, false, 0}}},
		{"a cut character", "utf-8", "e28241", []Char{{-1, -1, 1, false, 0}, {-1, -1, 1, false, 0}, {'A', -1, 1, true, 0}}},
		{"eight bits in ASCII", "us-ascii", "e441", []Char{{-1, -1, 1, false, 0}, {'A', -1, 1, true, 0}}},
		{"a code nobody has", "windows-1252", "81", []Char{{-1, -1, 1, false, 0}}},
		// WHATWG Encoding Standard section 11.2.1: an ASCII byte is never swallowed.
		{"a lead byte before ASCII", "big5", "a122", []Char{{-1, -1, 1, false, 0}, {'"', -1, 1, true, 0}}},
		{"a lead byte before a line feed", "shift_jis", "810a", []Char{{-1, -1, 1, false, 0}, {'\n', -1, 1, true, 0}}},
		{"a lead byte at the end", "gbk", "81", []Char{{-1, -1, 1, false, 0}}},
		{"an escape that is none", "iso-2022-jp", "1b2858", []Char{{-1, -1, 1, false, 0}, {'(', -1, 1, true, 0}, {'X', -1, 1, true, 0}}},
		{"half of the wrong size", "iso-2022-jp", "1b2442" + "3000", []Char{{-1, -1, 3, true, 0}, {-1, -1, 2, false, 0}}},
		// Where U+FFFD itself stands in the bytes, it is a character.
		{"a replacement character", "utf-8", "efbfbd", []Char{{0xfffd, -1, 3, true, 0}}},
		{"a replacement character", "utf-16be", "fffd", []Char{{0xfffd, -1, 2, true, 0}}},
		{"a replacement character", "gb18030", "8431a437", []Char{{0xfffd, -1, 4, true, 0}}},
		// WHATWG Encoding Standard section 12.2.1: pointers 1133, 1135, 1164, 1166.
		{"two characters of one code", "big5", "886241", []Char{{0xca, 0x304, 2, true, 0}, {'A', -1, 1, true, 0}}},
		{"two characters of one code", "big5", "88a5", []Char{{0xea, 0x30c, 2, true, 0}}},
	}
	for _, tt := range tests {
		t.Run(tt.name+" in "+tt.charset, func(t *testing.T) {
			b, err := hex.DecodeString(tt.bytes)
			if err != nil {
				t.Fatal(err)
			}
			if got := all(t, lookup(t, tt.charset), b); !slices.Equal(got, tt.want) {
				t.Errorf("%+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestAnUnfinishedCharacterTellsWhatIsMissing(t *testing.T) {
	tests := []struct {
		charset, bytes string
		missing        int
	}{
		{"utf-8", "", 1}, {"utf-8", "e2", 2}, {"utf-8", "f09f98", 1}, {"utf-16", "", 2}, {"utf-16be", "d8", 1}, {"utf-16be", "d83d", 2},
		{"utf-16be", "d83dde", 1}, {"utf-32", "00", 3}, {"shift_jis", "93", 1}, {"gb18030", "943 9", 1}, {"iso-2022-jp", "1b", 1},
	}
	for _, tt := range tests {
		b, err := hex.DecodeString(strings.ReplaceAll(tt.bytes, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		if got := lookup(t, tt.charset).NewDecoder().Next(b, false); got != (Char{Rune: NoRune, Mark: NoRune, Missing: tt.missing}) {
			t.Errorf("%s % x: %+v, want %d missing", tt.charset, b, got, tt.missing)
		}
	}
}

func TestAByteOrderMarkSettlesTheOrder(t *testing.T) {
	// RFC 2781 section 4.3.
	tests := []struct{ charset, bytes, want string }{
		{"utf-16", "fffe4100", "\ufeffA"}, {"utf-16", "feff0041", "\ufeffA"}, {"utf-16", "0041", "A"},
		{"utf-16le", "feff4100", "\ufffeA"},
		{"utf-32", "fffe000041000000", "\ufeffA"}, {"utf-32", "0000feff00000041", "\ufeffA"}, {"utf-32", "00000041", "A"},
	}
	for _, tt := range tests {
		b, err := hex.DecodeString(tt.bytes)
		if err != nil {
			t.Fatal(err)
		}
		if got := text(all(t, lookup(t, tt.charset), b)); got != tt.want {
			t.Errorf("%s %s: %+q, want %+q", tt.charset, tt.bytes, got, tt.want)
		}
	}
}

func TestWhatCannotBeWrittenIsRefusedWithItsPlace(t *testing.T) {
	for _, choice := range Choices() {
		c := lookup(t, choice.Name)
		_, err := c.Encode("AB\xffC")
		var broken *EncodeError
		if !errors.As(err, &broken) || broken.Rune != NoRune || broken.Pos != 2 || broken.Char != 3 {
			t.Errorf("%s: broken UTF-8 gives %v", c.Name(), err)
		}
		if strings.HasPrefix(c.Name(), "utf") || c.Name() == "gb18030" {
			continue
		}
		// No character of these has a code in any of the older charsets.
		for _, before := range []string{"", "A", strings.Repeat("ab", 5000)} {
			_, err := c.Encode(before + "\U0001f600z")
			var e *EncodeError
			if !errors.As(err, &e) || e.Pos != len(before) || e.Char != len(before)+1 || e.Rune != 0x1f600 || e.Charset != c.Name() {
				t.Errorf("%s: behind %d characters: %v", c.Name(), len(before), err)
			}
		}
	}
	_, err := lookup(t, "iso-8859-1").Encode("für 5 €")
	if want := "character 7 of the text, € (U+20AC), does not exist in iso-8859-1: leave it out or choose another charset, such as utf-8"; err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
}

func TestTextEndsInTheFirstSetOfCharacters(t *testing.T) {
	tests := []struct{ charset, text, want string }{
		{"iso-2022-jp", "中", "\x1b$BCf\x1b(B"}, {"iso-2022-jp", "中\nA", "\x1b$BCf\x1b(B\nA"},
		// RFC 1843 section 3.
		{"hz-gb-2312", "中", "~{VP~}"}, {"hz-gb-2312", "中\n", "~{VP~}\n"}, {"hz-gb-2312", "~中~~中", "~~~{VP~}~~~~~{VP~}"}, {"hz-gb-2312", "", ""},
	}
	for _, tt := range tests {
		if got, err := lookup(t, tt.charset).Encode(tt.text); err != nil || string(got) != tt.want {
			t.Errorf("%s %q: %q, %v, want %q", tt.charset, tt.text, got, err, tt.want)
		}
	}
	_, err := lookup(t, "hz-gb-2312").Encode("a~中~b😀")
	if e, ok := err.(*EncodeError); !ok || e.Pos != 7 || e.Char != 6 || e.Rune != 0x1f600 {
		t.Errorf("%v", err)
	}
}

func TestLongTextsAreWrittenWhole(t *testing.T) {
	for _, choice := range Choices() {
		c := lookup(t, choice.Name)
		s := strings.Repeat("abc xyz 0189", 10000)
		b, err := c.Encode(s)
		if err != nil || text(all(t, c, b)) != s {
			t.Errorf("%s: %d bytes, %v", c.Name(), len(b), err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range samples {
		b, _ := hex.DecodeString(s.bytes)
		f.Add(b, uint8(0))
	}
	f.Add([]byte("\x1b$B0\x00\x1b(I\x41\x1b$(D\x22\x2f\x1b\x1b("), uint8(3))
	f.Add([]byte("~{~}~~~\n~x~{0!\n"), uint8(1))
	var charsets []*Charset
	for _, c := range Choices() {
		charsets = append(charsets, lookup(f, c.Name))
	}
	f.Fuzz(func(t *testing.T, b []byte, cut uint8) {
		if len(b) > 1<<12 {
			return
		}
		for _, c := range charsets {
			chars := all(t, c, b)
			s := text(chars)
			if !utf8.ValidString(s) {
				t.Fatalf("%s: %q", c.Name(), s)
			}
			// Whether bytes come at once or one by one makes no difference.
			d, from, to := c.NewDecoder(), 0, int(cut)%4
			var again []Char
			for from < len(b) {
				to = min(max(to, from), len(b))
				ch := d.Next(b[from:to], to == len(b))
				if ch.Missing > 0 {
					to++
					continue
				}
				again = append(again, ch)
				from += ch.Size
			}
			if !slices.Equal(again, chars) {
				t.Fatalf("%s: at once %+v, one by one %+v", c.Name(), chars, again)
			}
			// What the library makes of the whole is the same text.
			e, _ := ianaindex.IANA.Encoding(c.Name())
			if e == nil {
				e, _ = htmlindex.Get(c.Name())
			}
			if c.Unit() == 1 && c.Name() != "iso-2022-jp" && c.Name() != "hz-gb-2312" {
				if want, err := e.NewDecoder().Bytes(b); err != nil || string(want) != s && c.Name() != "utf-8" {
					t.Fatalf("%s of % x: %q, the library has %q, %v", c.Name(), b, s, want, err)
				}
			}
			// What was read can be written, and then is read as the same.
			if !strings.ContainsRune(s, utf8.RuneError) {
				if back, err := c.In(false).Encode(s); err == nil {
					if got := text(all(t, c.In(false), back)); got != s {
						t.Fatalf("%s: %q is written % x and read as %q", c.Name(), s, back, got)
					}
				}
			}
		}
	})
}

func FuzzLookup(f *testing.F) {
	f.Add("utf-8")
	f.Add("windos-1252")
	f.Fuzz(func(t *testing.T, name string) {
		c, err := Lookup(name)
		if (c == nil) == (err == nil) {
			t.Fatalf("%v, %v", c, err)
		}
		if c == nil {
			return
		}
		if again, err := Lookup(c.Name()); err != nil || again.Name() != c.Name() {
			t.Fatalf("%q is %q, which is %v, %v", name, c.Name(), again, err)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	for _, s := range samples {
		b.Run(s.name, func(b *testing.B) {
			c := lookup(b, s.name)
			one, _ := hex.DecodeString(s.bytes)
			data := []byte(strings.Repeat(string(one), 100))
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				d := c.NewDecoder()
				for rest := data; len(rest) > 0; {
					rest = rest[d.Next(rest, true).Size:]
				}
			}
		})
	}
}

func TestACharacterThatHasBegunIsLeftOut(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "a": 0, "é": 0, "a\xc3": 1, "\xe2\x82": 2, "a\xf0\x9f\x98": 3, "😀": 0, "\xf0\x9f\x98\x80\x80": 0, "\x80\x80\x80\x80": 0, "\xff": 0,
	} {
		if got := string(WholeUTF8([]byte(text))); got != text[:len(text)-want] {
			t.Errorf("of %q there are whole %q, want all but %d bytes", text, got, want)
		}
	}
}
