package pattern

import (
	"context"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"

	"wirebench/sessions/capture"
	"wirebench/sessions/charset"
	"wirebench/sessions/inspect"
)

// matches lists where a pattern is in data, as "offset+length".
func matches(t *testing.T, p Pattern, data string) (all []string) {
	t.Helper()
	l, err := capture.Create(capture.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Delete()
	flow := capture.Flow{Proto: capture.TCP, Local: netip.MustParseAddrPort("127.0.0.1:1"), Remote: netip.MustParseAddrPort("127.0.0.1:2")}
	for i := 0; i < len(data); i += 3 { // in records of three bytes
		l.Append(flow, capture.In, capture.Data, []byte(data[i:min(i+3, len(data))]), "")
	}
	if err := l.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	err = l.Search(context.Background(), p.Query(capture.Both), func(m capture.Match) bool {
		all = append(all, fmt.Sprintf("%d+%d", m.Off, m.Len))
		return true
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func lookup(t *testing.T, name string) *charset.Charset {
	t.Helper()
	c, err := charset.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAPatternFindsWhatItSays(t *testing.T) {
	for _, c := range []struct {
		kind    Kind
		text    string
		charset string
		o       Options
		data    string
		want    string
	}{
		{Text, "get", "", Options{}, "GET get Get", "0+3 4+3 8+3"},
		{Text, "get", "", Options{MatchCase: true}, "GET get Get", "4+3"},
		{Text, "größe", "", Options{}, "GRÖSSE GRÖßE größe", "8+7 16+7"},
		{Text, "größe", "windows-1252", Options{}, "GR\xd6\xdfE gr\xf6\xdfe gr\xc3\xb6\xc3\x9fe", "0+5 6+5"},
		{Text, "größe", "windows-1252", Options{MatchCase: true}, "GR\xd6\xdfE gr\xf6\xdfe", "6+5"},
		{Text, "мир", "windows-1251", Options{}, "\xcc\xc8\xd0 \xec\xe8\xf0", "0+3 4+3"},
		{Text, "Ab", "utf-16le", Options{}, "a\x00B\x00\x00a\x00b", "0+4"},
		{Text, "Ab", "utf-16", Options{}, "a\x00B\x00\x00a\x00b", "4+4"},
		{Text, "Ab", "utf-16", Options{Order: inspect.Little}, "a\x00B\x00\x00a\x00b", "0+4"},
		{Text, "k", "", Options{}, "k K \u212a", "0+1 2+1"}, // ASCII is folded as ASCII
		{Text, "テスト", "shift_jis", Options{}, "\x83e\x83X\x83g", "0+6"},
		{Text, "本", "iso-2022-jp", Options{}, "\x1b$BK\\\x1b(B \x1b$Bk|\x1b(B", "0+8"},
		{Text, "abc", "iso-2022-jp", Options{}, "ABC abc", "0+3 4+3"},
		{Hex, "4a 4?", "", Options{}, "\x4a\x4a\x41\x4a\x3a", "0+2"},
		{Hex, "?a ?? 0x41", "", Options{}, "\x4a\x4a\x41\x5a\x3a\x41", "0+3 3+3"},
		{Hex, `\x4A:??,3?`, "", Options{}, "\x4a\x4a\x41\x4a\x3a\x3b", "3+3"},
		{Hex, "0x4a, 0x41", "", Options{}, "\x4a\x4a\x41", "1+2"},
		{Number, "1234", "", Options{}, "\x04\xd2\x00\xd2\x04", "0+2 3+2"},
		{Number, "=0x4D2", "", Options{}, "\x04\xd2", "0+2"},
		{Number, "u16le 1234", "", Options{}, "\x04\xd2\x00\xd2\x04", "3+2"},
		{Number, "u32 1234", "", Options{}, "\x04\xd2\x00\x00\x04\xd2\xd2\x04\x00\x00", "2+4 6+4"},
		{Number, "-2", "", Options{}, "\xff\xfe\xff", "1+1"},
		{Number, "i16 -2", "", Options{}, "\xff\xfe\xff", "0+2"},
		{Number, "1.5", "", Options{}, "\x3f\xc0\x00\x00|\x00\x00\xc0\x3f|\x3f\xf8\x00\x00\x00\x00\x00\x00", "0+4 5+4 10+8"},
		{Number, "f64le 0.1", "", Options{}, "\x9a\x99\x99\x99\x99\x99\xb9\x3f", "0+8"},
		{Number, "010", "", Options{}, "\x08\x0a", "1+1"},
		{Number, "18446744073709551615", "", Options{}, strings.Repeat("\xff", 9), "0+8"},
		{Number, "16777217", "", Options{}, "\x4b\x80\x00\x00|\x01\x00\x00\x01", "5+4"}, // no f32 holds it
		// 2^53 + 1: no float holds it, but the next ones below and above.
		{Number, "9007199254740993", "", Options{}, "\x5a\x00\x00\x00|\x43\x40\x00\x00\x00\x00\x00\x00|\x00\x20\x00\x00\x00\x00\x00\x01", "14+8"},
		{Number, "9007199254740992", "", Options{}, "\x5a\x00\x00\x00|\x43\x40\x00\x00\x00\x00\x00\x00", "0+4 5+8"},
		{Number, "f64 9007199254740993.0", "", Options{}, "\x43\x40\x00\x00\x00\x00\x00\x00", "0+8"},
		{Number, "f32 0.1", "", Options{}, "\x3d\xcc\xcc\xcd", "0+4"},
		{Number, "f32 1.0000000596046448", "", Options{}, "\x3f\x80\x00\x01|\x3f\x80\x00\x00", "0+4"}, // the double nearest to it lies half-way
		{Number, "1e-60", "", Options{}, "\x00\x00\x00\x00", ""},
		{Expr, `p=\d+`, "", Options{MatchCase: true}, "P=1 p=22 p=", "4+4"},
		{Expr, `p=\d+`, "", Options{}, "P=1 p=22 p=", "0+3 4+4"},
		{Expr, `\xff\xd8.`, "", Options{}, "\xff\xd8\xff", "0+3"},
		{Expr, `ü+`, "", Options{}, "üü\xfc", "0+4"},
		{Expr, `\\xff`, "", Options{}, "\xff\\xff", "1+4"},
	} {
		if c.charset != "" {
			c.o.Charset = lookup(t, c.charset)
		}
		p, err := Parse(c.kind, c.text, c.o)
		if err != nil {
			t.Errorf("%v %q: %v", c.kind, c.text, err)
			continue
		}
		if got := strings.Join(matches(t, p, c.data), " "); got != c.want {
			t.Errorf("%v %q in %q, %s: %s, want %s", c.kind, c.text, c.data, c.charset, got, c.want)
		}
	}
}

func TestAFaultInAPatternSaysWhatToWrite(t *testing.T) {
	for _, c := range []struct {
		kind Kind
		text string
		want string
	}{
		{Hex, "4a 4", "no partner"},
		{Hex, "4a 4?x", "column 6: x is no hexadecimal digit"},
		{Hex, "4? ?", "the digit ? has no partner"},
		{Hex, "?? ??", "one digit at least"},
		{Hex, " ", "no bytes here"},
		{Hex, "// 4a", "no bytes here"},
		{Number, "=", "no number here"},
		{Number, "12x", "12x is no number"},
		{Number, "u16 le 5", "3 words"},
		{Number, "u17 5", "there is no type u17"},
		{Number, "f16 5", "there is no type f16"},
		{Number, "u8 256", "256 is no u8"},
		{Number, "u8 -1", "-1 is no u8"},
		{Number, "u16 1.5", "1.5 is no u16"},
		{Number, "18446744073709551616", "more than 64 bits"},
		{Number, "f32 16777217", "no f32 holds 16777217 exactly: write 16777217.0"},
		{Number, "f64le -9007199254740993", "no f64 holds -9007199254740993 exactly: write -9007199254740993.0"},
		{Number, "f32 1e60", "1e60 is no f32"},
		{Number, "f16 1.5", "there is no type f16"},
		{Number, "u16 1x", "1x is no number"},
		{Number, "1e999", "beyond every float"},
		{Expr, "(a", "missing closing ): (a"},
		{Expr, "a*", "matches no characters"},
		{Expr, "a\xff", "not UTF-8"},
		{Kind(9), "a", "no such kind"},
		{Text, strings.Repeat("a", MaxText+1), "65537 bytes"},
	} {
		if _, err := Parse(c.kind, c.text, Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v %q: %v, want it to say %q", c.kind, c.text, err, c.want)
		}
	}
	if _, err := Parse(Text, "Ω", Options{Charset: lookup(t, "windows-1252")}); err == nil || !strings.Contains(err.Error(), "does not exist in windows-1252") {
		t.Errorf("a letter the charset has not: %v", err)
	}
	if _, err := Parse(Text, strings.Repeat("a", MaxText/2), Options{Charset: lookup(t, "utf-32")}); err == nil || !strings.Contains(err.Error(), "131072 bytes") {
		t.Errorf("long in UTF-32: %v", err)
	}
}

func TestAFoundNumberSaysWhatItReadsAs(t *testing.T) {
	names := func(text, data string, at, end int) (all []string) {
		p, err := Parse(Number, text, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range p.Readings([]byte(data), at, end) {
			all = append(all, fmt.Sprintf("%s at %d+%d", r.Name, r.At, r.Size))
		}
		return all
	}
	for _, c := range []struct {
		text, data string
		at, end    int
		want       []string
	}{
		{"1234", "\xff\x04\xd2\xff", 1, 3, []string{"u16 big-endian at 1+2"}},
		{"1234", "\x00\x00\x04\xd2\x00", 2, 4, []string{"u32 big-endian at 0+4", "u24 big-endian at 1+3", "u16 big-endian at 2+2"}},
		{"5", "\x05", 0, 1, []string{"u8 at 0+1"}},
		{"-1", "\xff\xff", 0, 1, []string{"i16 at 0+2", "i8 at 0+1"}},
		{"1.5", "\x3f\xc0\x00\x00", 0, 4, []string{"f32 big-endian at 0+4"}},
		{"0", "\x00\x00\x00\x00", 0, 1, []string{"u32 and f32 at 0+4", "u24 at 0+3", "u16 at 0+2", "u8 at 0+1"}},
	} {
		if got := names(c.text, c.data, c.at, c.end); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s in %x: %v, want %v", c.text, c.data, got, c.want)
		}
	}
}

func TestPatternsThatLookForTheSameAreTheSame(t *testing.T) {
	parse := func(k Kind, text string, o Options) Pattern {
		p, err := Parse(k, text, o)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if !parse(Hex, "4A4b", Options{}).Same(OfBytes([]byte("JK"))) || !parse(Number, "16", Options{}).Same(parse(Number, "=0x10", Options{})) {
		t.Error("the same bytes written differently are taken for others")
	}
	for _, other := range []Pattern{{}, parse(Hex, "41 62", Options{}), parse(Text, "Ab", Options{MatchCase: true}), parse(Text, "ab", Options{Charset: lookup(t, "utf-16le")}),
		parse(Expr, "ab", Options{}), parse(Expr, "ab", Options{MatchCase: true}), parse(Hex, "4? 62", Options{})} {
		if other.Same(parse(Text, "ab", Options{})) {
			t.Errorf("%+v is taken for a text", other)
		}
	}
	if !(Pattern{}).Empty() || OfBytes(nil).Empty() == false || OfBytes(make([]byte, MaxText)).Empty() == false || OfBytes([]byte{1}).Empty() {
		t.Error("what is empty is not, or the other way round")
	}
	if len(Kinds()) != 4 || !slices.Equal([]string{Text.String(), Hex.String(), Number.String(), Expr.String(), Kind(7).String()}, []string{"Text", "Hex", "Number", "Regex", "kind 7"}) {
		t.Error("the kinds have other names")
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"4a ?? 4?", "u16le 1234", "-1.5e3", `\xff[^a]{2,}`, "größe", "?", "= 0x"} {
		for k := range Kinds() {
			f.Add(uint8(k), s, uint8(k))
		}
	}
	choices := charset.Choices()
	f.Fuzz(func(t *testing.T, kind uint8, text string, c uint8) {
		if strings.Count(text, "{") > 3 || len(text) > 300 { // counted repetitions cost what they say
			return
		}
		p, err := Parse(Kind(kind%4), text, Options{MatchCase: kind&4 != 0, Charset: lookup(t, choices[int(c)%len(choices)].Name)})
		if err != nil {
			if len(err.Error()) > 400 {
				t.Errorf("an error of %d characters", len(err.Error()))
			}
			return
		}
		if p.Empty() != (text == "") {
			t.Error("empty or not")
		}
		p.Readings([]byte(text), 0, min(1, len(text)))
	})
}
