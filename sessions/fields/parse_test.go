package fields

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"wirebench/sessions/compose"
	"wirebench/sessions/inspect"
)

func TestParseReads(t *testing.T) {
	tests := []struct {
		name, in string
		want     List
	}{
		{"nothing as no fields", "", nil},
		{"white space as no fields", " \t\r\n \n", nil},
		{"one field", "u8 1", List{{Kind: "u8", Value: "1"}}},
		{"commas", "u8 1, u8 2,u8 3", List{{Kind: "u8", Value: "1"}, {Kind: "u8", Value: "2"}, {Kind: "u8", Value: "3"}}},
		{"lines", "\nu8 1\r\n\n  u8 2\n", List{{Kind: "u8", Value: "1"}, {Kind: "u8", Value: "2"}}},
		{"a comma at the end of a line", "u8 1,\n\nu8 2,\n", List{{Kind: "u8", Value: "1"}, {Kind: "u8", Value: "2"}}},
		{"a comma at the begin of a line", "u8 1\n, u8 2", List{{Kind: "u8", Value: "1"}, {Kind: "u8", Value: "2"}}},
		{"orders", "u16be 1, u16le 2, F32LE 1", List{{Kind: "u16", Order: Big, Value: "1"}, {Kind: "u16", Order: Little, Value: "2"}, {Kind: "f32", Order: Little, Value: "1"}}},
		{"an alias that ends like an order", "double 1, doublele 1", List{{Kind: "f64", Value: "1"}, {Kind: "f64", Order: Little, Value: "1"}}},
		{"AIR's names", "writeShort -1, writeUTF \"x\", writeBoolean true", List{{Kind: "short", Value: "-1"}, {Kind: "utf", Value: "x"}, {Kind: "bool", Value: "true"}}},
		{"names", "version: u8 1, naïve-2 : u8 2, u16: u16 3", List{{Name: "version", Kind: "u8", Value: "1"}, {Name: "naïve-2", Kind: "u8", Value: "2"}, {Name: "u16", Kind: "u16", Value: "3"}}},
		{"a value kept as it was typed", "u32 0xDEAD_beef, i8 -0b1", List{{Kind: "u32", Value: "0xDEAD_beef"}, {Kind: "i8", Value: "-0b1"}}},
		{"numbers too large for their kind", "u8 300", List{{Kind: "u8", Value: "300"}}},
		{"floats", "f32 -1.5e3, f64 NaN, f16 -Infinity", List{{Kind: "f32", Value: "-1.5e3"}, {Kind: "f64", Value: "NaN"}, {Kind: "f16", Value: "-Infinity"}}},
		{"floats too large for any kind", "f64 1e999", List{{Kind: "f64", Value: "1e999"}}},
		{"texts", `str8 "a, {b}\n", cstr "\"\\"`, List{{Kind: "str8", Value: `a, {b}\n`}, {Kind: "cstr", Value: `"\\`}}},
		{"a text without a blank before it", `text"x"`, List{{Kind: "text", Value: "x"}}},
		{"charsets", `text windows-1252 "é", str16le UTF-16LE "x"`, List{{Kind: "text", Charset: "windows-1252", Value: "é"}, {Kind: "str16", Order: Little, Charset: "UTF-16LE", Value: "x"}}},
		{"bytes", "hex 00 ff, hex 0x01 0x02 , hex de:ad", List{{Kind: "hex", Value: "00 ff"}, {Kind: "hex", Value: "0x01 0x02"}, {Kind: "hex", Value: "de:ad"}}},
		{"bytes between quotes", `hex "{0x01, 0x02}", hex "\x01", hex ""`, List{{Kind: "hex", Value: "{0x01, 0x02}"}, {Kind: "hex", Value: `\x01`}, {Kind: "hex"}}},
		{"Base64", "base64 3q2+7w==", List{{Kind: "base64", Value: "3q2+7w=="}}},
		{"groups", "{u8 1}, body: {\nu8 2\n{ }\n}", List{
			{Kind: "group", Fields: List{{Kind: "u8", Value: "1"}}},
			{Name: "body", Kind: "group", Fields: List{{Kind: "u8", Value: "2"}, {Kind: "group"}}},
		}},
		{"lengths", "u16 len( rest ) + 2, uleb128 len(a, b..c)/4-1", List{{Kind: "u16", Value: "len( rest ) + 2"}, {Kind: "uleb128", Value: "len(a, b..c)/4-1"}}},
		{"checksums", "u16le crc-16/modbus(all), u16 internet(all, zeroed)", List{{Kind: "u16", Order: Little, Value: "crc-16/modbus(all)"}, {Kind: "u16", Value: "internet(all, zeroed)"}}},
		{"objects", "amf3 {\"a\": [1, {}],\n\"b\": \"}\\\"\"} , u8 1", List{{Kind: "amf3", Value: "{\"a\": [1, {}],\n\"b\": \"}\\\"\"}"}, {Kind: "u8", Value: "1"}}},
		{"an object that ends its group", "{ amf0 null }", List{{Kind: "group", Fields: List{{Kind: "amf0", Value: "null"}}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, places, err := ParseAt(tt.in)
			if err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Fatalf("Parse(%q) = %+v, %v; want %+v", tt.in, got, err, tt.want)
			}
			if len(places) != got.Count() {
				t.Errorf("%d places of %d fields", len(places), got.Count())
			}
			for _, text := range []string{got.String(), got.Lines()} {
				if again, err := Parse(text); err != nil || !reflect.DeepEqual(again, got) {
					t.Errorf("written as %q it is read as %+v, %v", text, again, err)
				}
			}
		})
	}
}

func TestParsePointsAt(t *testing.T) {
	tests := []struct {
		name, in          string
		pos, line, column int
		says              string
	}{
		{"an unknown kind", "u8 1, u9 2", 6, 1, 7, `there is no kind "u9"`},
		{"a length without its kind", "u8 1, len(rest)", 6, 1, 7, "u16 len(rest)"},
		{"a checksum without its kind", "u8 1, crc-16/modbus(all)", 6, 1, 7, "u16le crc-16/modbus"},
		{"an order of a kind that has none", "é: u8le 1", 4, 1, 4, "write u8"},
		{"what is no kind", "u8 1, 5", 6, 1, 7, "expected a kind"},
		{"a missing value", "u8 1, u8", 8, 1, 9, "expected the value of u8"},
		{"a missing value before a comma", "u8 , u8 1", 3, 1, 4, "expected the value of u8, a whole number"},
		{"a word for a number", "u8 one", 3, 1, 4, "len(rest)"},
		{"digits that are none of their base", "u8 0b12", 3, 1, 4, "no number"},
		{"an underscore too many", "u8 1__0", 3, 1, 4, "no number"},
		{"an underscore before all", "u8 _1", 3, 1, 4, "no number"},
		{"an underscore behind all", "u8 1_", 3, 1, 4, "no number"},
		{"an escape behind others", `text "\n\t\\\"\y"`, 14, 1, 15, "escape"},
		{"a leading zero", "u16 010", 4, 1, 5, "0o10"},
		{"an endless number", "u8 " + strings.Repeat("1", 999), 3, 1, 4, "999 digits"},
		{"a number for a float", "f32 1..5", 4, 1, 5, "1.5"},
		{"a computed float", "f32 len(all)", 4, 1, 5, "\"len\" is no number"},
		{"a missing float", "f32 , u8 1", 4, 1, 5, "expected the value of f32"},
		{"an endless float", "f64 0." + strings.Repeat("1", 1000), 4, 1, 5, "1002 characters"},
		{"a computed number of zeros", "zeros len(all)", 6, 1, 7, "whole number"},
		{"neither true nor false", "bool yes", 5, 1, 6, "true or false"},
		{"two values", "u8 1 2", 5, 1, 6, "comma"},
		{"two commas", "u8 1,\n,u8 2", 6, 2, 1, "expected a field"},
		{"a comma before all", ",u8 1", 0, 1, 1, "expected a field"},
		{"a comment", "u8 1 # one", 5, 1, 6, "version: u8 1"},
		{"an open group", "u8 1, {u8 2", 6, 1, 7, "not closed"},
		{"a group that nobody opened", "u8 1\n}", 5, 2, 1, "no { before"},
		{"a group behind its word", "group { u8 1 }", 0, 1, 1, "no word"},
		{"a name that ranges use", "rest: u8 1", 0, 1, 1, "ranges use"},
		{"an endless name", strings.Repeat("x", 101) + ": u8 1", 0, 1, 1, "100 bytes"},
		{"an object with a quote that is not closed", `amf3 ["a\"]`, 6, 1, 7, "quote is not closed"},
		{"a name without a field", "a: , u8 1", 3, 1, 4, "expected a kind"},
		{"a text without quotes", "text hello", 10, 1, 11, "double quotes"},
		{"an open quote", `u8 1, text "abc\"`, 11, 1, 12, "not closed"},
		{"a lone backslash at the end", `text "\`, 5, 1, 6, "not closed"},
		{"an escape that there is not", `text "é\"\q"`, 10, 1, 10, `\xHH`},
		{"a charset where there is none", `utf latin1 "x"`, 4, 1, 5, "always UTF-8"},
		{"a digit without its partner", "hex 00 f, u8 1", 7, 1, 8, "0f"},
		{"a strange character between quotes", `hex "0x00 \"zz"`, 12, 1, 13, "is text"},
		{"no bytes", "hex , u8 1", 4, 1, 5, "expected the bytes of hex"},
		{"what is not Base64", `base64 "aa é"`, 11, 1, 12, "no character of Base64"},
		{"Base64 cut off", "base64 aaaaa", 7, 1, 8, "cut off"},
		{"len alone", "u8 len", 3, 1, 4, "len(rest)"},
		{"a range that is none", "u8 len(5)", 7, 1, 8, "expected a range"},
		{"no range", "u8 len()", 7, 1, 8, "expected a range"},
		{"only zeroed", "u8 xor8(zeroed)", 15, 1, 16, "beside zeroed"},
		{"a length zeroed", "u8 len(all, zeroed)", 12, 1, 13, "for checksums"},
		{"ranges without a comma", "u8 len(a b)", 9, 1, 10, "expected , or )"},
		{"a range to a word", "u8 len(a..rest)", 10, 1, 11, "name of a field"},
		{"an adjusted checksum", "u8 xor8(all)+1", 12, 1, 13, "only a length"},
		{"nothing added", "u8 len(all)+", 12, 1, 13, "whole number from 0"},
		{"a division by zero", "u8 len(all)/0", 12, 1, 13, "whole number from 1"},
		{"a bracket that closes another", `amf3 {"a": 1]`, 12, 1, 13, "this ]"},
		{"an open bracket", `amf3 {"a": 1`, 12, 1, 13, "not closed"},
		{"an object that is missing", "amf3 , u8 1", 5, 1, 6, "expected the value of amf3"},
		{"an invisible character", "u8 1,\n\u202eu8 1", 6, 2, 1, "U+202E"},
		{"what is not UTF-8", "u8 1, \xff", 6, 1, 7, "0xff"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l, err := Parse(tt.in)
			var bad *compose.Error
			if !errors.As(err, &bad) {
				t.Fatalf("Parse(%q) = %+v, %v", tt.in, l, err)
			}
			if bad.Pos != tt.pos || bad.Line != tt.line || bad.Column != tt.column || !strings.Contains(bad.Problem, tt.says) {
				t.Errorf("Parse(%q): at byte %d, line %d, column %d: %s; want %d, %d, %d: %s", tt.in, bad.Pos, bad.Line, bad.Column, bad.Problem, tt.pos, tt.line, tt.column, tt.says)
			}
		})
	}
}

func TestParseTellsWhereFieldsStand(t *testing.T) {
	text := "a: u16 5, b: { text latin1 \"é\" }\n hex 00 "
	_, places, err := ParseAt(text)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range places {
		got = append(got, text[p.Start:p.End]+"|"+text[p.Value:p.End])
	}
	want := []string{"a: u16 5|5", "b: { text latin1 \"é\" }|{ text latin1 \"é\" }", "text latin1 \"é\"|\"é\"", "hex 00|00"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestParseKeepsItsBounds(t *testing.T) {
	if _, err := Parse(strings.Repeat("{", MaxNesting) + strings.Repeat("}", MaxNesting)); err != nil {
		t.Errorf("%d groups within groups: %v", MaxNesting, err)
	}
	if _, err := Parse(strings.Repeat("{", MaxNesting+1) + strings.Repeat("}", MaxNesting+1)); err == nil || !strings.Contains(err.Error(), "32 deep") {
		t.Errorf("one group more: %v", err)
	}
	if _, err := Parse(strings.Repeat("{", 1<<20)); err == nil {
		t.Error("a million braces were read")
	}
	if l, err := Parse(strings.Repeat("u8 1\n", MaxFields)); err != nil || len(l) != MaxFields {
		t.Errorf("%d fields: %d, %v", MaxFields, len(l), err)
	}
	if _, err := Parse(strings.Repeat("{u8 1}", 1) + strings.Repeat(",u8 1", MaxFields-1)); err == nil || !strings.Contains(err.Error(), "65536 fields") {
		t.Errorf("one field more: %v", err)
	}
	ranges := strings.Repeat("all,", maxRanges-1)
	if _, err := Parse("u8 len(" + ranges + "all)"); err != nil {
		t.Errorf("%d ranges: %v", maxRanges, err)
	}
	if _, err := Parse("u8 len(" + ranges + "all,all)"); err == nil || !strings.Contains(err.Error(), "256 ranges") {
		t.Errorf("one range more: %v", err)
	}
}

func TestEveryKindIsParsedFromItsExample(t *testing.T) {
	seen := make(map[string]bool)
	for _, k := range Kinds() {
		if k.Name == "" || k.Help == "" || k.Group == "" {
			t.Errorf("%s lacks a name, a help or a group: %+v", k.ID, k)
		}
		for _, name := range append([]string{k.ID}, k.Aliases...) {
			if low := strings.ToLower(name); seen[low] {
				t.Errorf("two kinds are called %s", low)
			} else {
				seen[low] = true
			}
			if found, ok := KindOf(strings.ToUpper(name)); !ok || found.ID != k.ID {
				t.Errorf("%s is found as %q", name, found.ID)
			}
		}
		l, err := Parse(k.Example)
		if err != nil || len(l) != 1 || l[0].Kind != k.ID {
			t.Errorf("%s: %+v, %v", k.Example, l, err)
			continue
		}
		if again := l.String(); again != k.Example {
			t.Errorf("%s is written as %s", k.Example, again)
		}
		b := Builder{Objects: func(int, string) ([]byte, error) { return []byte{1}, nil }}
		if built, err := b.Build(l); err != nil || len(built.Bytes) == 0 {
			t.Errorf("%s: % x, %v", k.Example, built.Bytes, err)
		}
		if k.Ordered != orderMatters(t, l) {
			t.Errorf("%s: Ordered is %v", k.ID, k.Ordered)
		}
	}
}

// orderMatters builds l in both orders, behind an integer that is not the same
// in both.
func orderMatters(t *testing.T, l List) bool {
	t.Helper()
	f := l[0]
	if f.Kind == GroupKind || f.Kind == "amf0" || f.Kind == "amf3" {
		return false
	}
	if k := kindOf(f.Kind); k.lex == asNumber || k.lex == asFloat {
		f.Value = "1"
	}
	var got [2]string
	for i := range got {
		built, err := Builder{Order: inspect.Order(i)}.Build(List{f})
		if err != nil {
			t.Error(err)
		}
		got[i] = string(built.Bytes)
	}
	return got[0] != got[1]
}

func TestPlacesWithinQuotesAreThoseOfTheText(t *testing.T) {
	const raw = `\n\"x\\`
	for _, tt := range []struct {
		text   bool
		places []int
	}{
		{true, []int{0, 1, 2, 4, 5, 6, 7}}, // the value is \n"x\\
		{false, []int{0, 1, 2, 4, 5, 7}},   // the value is \n"x\
	} {
		for at, want := range tt.places {
			if got := placeIn(raw, tt.text, at); got != want {
				t.Errorf("text %v: byte %d is placed at %d; want %d", tt.text, at, got, want)
			}
		}
	}
}
