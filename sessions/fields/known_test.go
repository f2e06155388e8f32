package fields

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"wirebench/sessions/checksum"
	"wirebench/sessions/compose"
	"wirebench/sessions/inspect"
)

func TestNewBuilderKnowsEveryChecksumByEachOfItsNames(t *testing.T) {
	b := NewBuilder(inspect.Big)
	for _, a := range checksum.All() {
		built, err := b.Compile("text \"123456789\", u64 " + a.ID + "(before)")
		if err != nil {
			t.Errorf("%s: %v", a.ID, err)
			continue
		}
		want := a.Sum([]byte("123456789"))
		if got := binary.BigEndian.Uint64(built.Bytes[9:]); got != want {
			t.Errorf("%s is %x, want %x", a.ID, got, want)
		}
	}
	for _, name := range []string{"CRC-16/CCITT-FALSE", "ip", "ZMODEM"} {
		if _, err := b.Compile("u16 " + name + "(before)"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The check values are those of Greg Cook's catalogue and of RFC 1950.
func TestNewBuilderComputesThePublishedCheckValues(t *testing.T) {
	built, err := NewBuilder(inspect.Big).Compile(`d: text "123456789", u16 crc-16/modbus(d), u16le crc-16/xmodem(d), u32 crc-32(d), u32 adler-32(d), u24 crc-24/openpgp(d)`)
	if got := hex.EncodeToString(built.Bytes[min(9, len(built.Bytes)):]); err != nil || got != "4b37"+"c331"+"cbf43926"+"091e01de"+"21cf02" {
		t.Errorf("%s, %v", got, err)
	}
}

func TestAnUnknownChecksumIsToldWithThoseLikeIt(t *testing.T) {
	for name, want := range map[string]string{
		"crc-16/modbuz": "crc-16/modbus",
		"modbus":        "crc-16/modbus",
		"crc16":         "crc-16/arc",
		"crc32c":        "crc-32c",
		"adler":         "adler-32",
		"md5":           "crc-16/modbus, crc-32 or internet",
	} {
		_, err := NewBuilder(inspect.Big).Compile("u8 1, u64 " + name + "(before)")
		var bad *compose.Error
		if !errors.As(err, &bad) || bad.Pos != 10 || !strings.Contains(bad.Problem, `there is no checksum "`+name+`": write `) || !strings.Contains(bad.Problem, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The bytes follow from AMF0 sections 2.2 to 2.10 and AMF3 sections 3.2 to 3.12.
func TestNewBuilderWritesObjects(t *testing.T) {
	tests := []struct{ in, want string }{
		{`amf0 12`, "00" + "4028000000000000"},
		{`amf0 {"name": "ada"}`, "03" + "0004" + "6e616d65" + "020003" + "616461" + "000009"},
		{`amf3 300`, "04" + "822c"},
		{`amf3 {"name": "ada"}`, "0a0b01" + "09" + "6e616d65" + "06" + "07" + "616461" + "01"},
		{`u8 len(next), amf3 [1, true]`, "06" + "090501" + "0401" + "03"},
		{`amf3 Date(0), u8 1`, "0801" + "0000000000000000" + "01"},
		{"o: amf3 {\n  \"a\": [1, 2], // two\n  \"b\": null\n}\nu8 2", "0a0b01" + "0361" + "090501" + "04010402" + "0362" + "01" + "01" + "02"},
	}
	for _, tt := range tests {
		built, err := NewBuilder(inspect.Little).Compile(tt.in)
		if got := hex.EncodeToString(built.Bytes); err != nil || got != tt.want {
			t.Errorf("%s\nis   %s, %v\nwant %s", tt.in, got, err, tt.want)
		}
	}
}

func TestAnErrorInAnObjectIsAtItsPlace(t *testing.T) {
	tests := []struct {
		in           string
		line, column int
		says         string
	}{
		{`u8 1, amf3 {"a": flase}`, 1, 18, "flase"},
		{"u8 1\namf0 {\n  \"a\": [1, 2,, 3]\n}", 3, 14, ""},
		{`amf0 Dictionary{}`, 1, 6, "AMF0"}, // there is none in that version
	}
	for _, tt := range tests {
		_, err := NewBuilder(inspect.Big).Compile(tt.in)
		var bad *compose.Error
		if !errors.As(err, &bad) || bad.Line != tt.line || bad.Column != tt.column || !strings.Contains(bad.Problem, tt.says) {
			t.Errorf("%s\n%v", tt.in, err)
		}
	}
}

func TestACharacterThatACharsetLacksIsShownWhereItStands(t *testing.T) {
	for in, pos := range map[string]int{
		`text koi8-r "aé"`:               14,
		`text koi8-r "\n\u0416\\é"`:      23,
		`text koi8-r "\xe9\xff Ж é"`:     25,
		`text koi8-r "Ж\ud83d\ude00"`:    15,
		`text koi8-r "Ж\"\u0416\U"`:      23, // no escape, which Parse tells
		`text iso-8859-1 "\ud83d\ude00"`: 17,
	} {
		_, err := NewBuilder(inspect.Big).Compile(in)
		var bad *compose.Error
		if !errors.As(err, &bad) || bad.Pos != pos {
			t.Errorf("%s: %v", in, err)
		}
	}
}

func TestABuilderCanBeBound(t *testing.T) {
	b := Builder{Max: 100, Checksums: checksumCalled}
	if _, err := b.Compile("zeros 100"); err != nil {
		t.Error(err)
	}
	if _, err := b.Compile("zeros 60, zeros 41"); err == nil || !strings.Contains(err.Error(), "longer than 100 bytes") {
		t.Error(err)
	}
	if _, err := b.Compile("zeros 90, u16 internet(before), u16 internet(before), u16 internet(before), u16 internet(before), u16 internet(before)"); err == nil || !strings.Contains(err.Error(), "more than 400 bytes together") {
		t.Error(err)
	}
	if _, err := (Builder{Max: 2 * MaxMessage}).Compile("zeros 1, zeros 67108864"); err == nil || !strings.Contains(err.Error(), "64 MiB") {
		t.Error(err)
	}
}

func TestCompileAtSaysWhichTextEachPartIs(t *testing.T) {
	text := "u8 1,\nbody: { u16le 2, text \"é\" }\nu8 len(body)"
	built, places, err := NewBuilder(inspect.Big).CompileAt(text)
	if err != nil || len(places) != len(built.Parts) {
		t.Fatalf("%v, %d places for %d parts", err, len(places), len(built.Parts))
	}
	want := []struct {
		text  string
		bytes string
	}{
		{"u8 1", "01"}, {"body: { u16le 2, text \"é\" }", "0200c3a9"}, {"u16le 2", "0200"}, {"text \"é\"", "c3a9"}, {"u8 len(body)", "04"},
	}
	for i, p := range built.Parts {
		if got := hex.EncodeToString(built.Bytes[p.Start:p.End]); text[places[i].Start:places[i].End] != want[i].text || got != want[i].bytes {
			t.Errorf("%d is %q with %s", i, text[places[i].Start:places[i].End], got)
		}
	}
}
