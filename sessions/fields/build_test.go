package fields

import (
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"reflect"
	"strings"
	"testing"

	"wirebench/sessions/compose"
	"wirebench/sessions/inspect"
)

// testChecksums stands for the package that has them all.
func testChecksums(name string) (Checksum, error) {
	switch name {
	case "xor8":
		return Checksum{8, func(b []byte) (v uint64) {
			for _, c := range b {
				v ^= uint64(c)
			}
			return v
		}}, nil
	case "sum16":
		return Checksum{16, func(b []byte) (v uint64) {
			for _, c := range b {
				v += uint64(c)
			}
			return v
		}}, nil
	case "crc-16/modbus": // shift to the right, 0xa001, from 0xffff
		return Checksum{16, func(b []byte) uint64 {
			v := uint64(0xffff)
			for _, c := range b {
				v ^= uint64(c)
				for range 8 {
					v = v>>1 ^ -(v&1)&0xa001
				}
			}
			return v
		}}, nil
	case "crc-32":
		return Checksum{32, func(b []byte) uint64 { return uint64(crc32.ChecksumIEEE(b)) }}, nil
	case "internet": // RFC 1071
		return Checksum{16, func(b []byte) (v uint64) {
			for i, c := range b {
				v += uint64(c) << (8 * (1 - i%2))
			}
			for v>>16 != 0 {
				v = v>>16 + v&0xffff
			}
			return ^v & 0xffff
		}}, nil
	}
	return Checksum{}, fmt.Errorf("there is no checksum %s", name)
}

var testBuilder = Builder{Checksums: testChecksums}

func build(t *testing.T, b Builder, text string) (string, error) {
	t.Helper()
	l, err := Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	built, err := b.Build(l)
	return hex.EncodeToString(built.Bytes), err
}

func TestBuildWrites(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"integers of every size", "u8 1, u16 0x102, u24 0x10203, u32 0x1020304, u48 0x10203040506, u64 0x102030405060708, u128 0x0102030405060708090a0b0c0d0e0f10",
			"01" + "0102" + "010203" + "01020304" + "010203040506" + "0102030405060708" + "0102030405060708090a0b0c0d0e0f10"},
		{"the same little-endian", "u16le 0x102, u24le 0x10203, u32le 0x1020304, u48le 0x10203040506, u64le 0x102030405060708, u128le 0x0102030405060708090a0b0c0d0e0f10",
			"0201" + "030201" + "04030201" + "060504030201" + "0807060504030201" + "100f0e0d0c0b0a090807060504030201"},
		{"negative integers as two's complement", "i8 -1, i16 -2, i24 -3, i32 -4, i48le -5, i64 -6, i128le -7",
			"ff" + "fffe" + "fffffd" + "fffffffc" + "fbffffffffff" + "fffffffffffffffa" + "f9ffffffffffffffffffffffffffffff"},
		{"the ends of the ranges", "u8 255, i8 -128, i8 127, u16 65535, i16 -32768, i64 -9223372036854775808, u64 18446744073709551615",
			"ff" + "80" + "7f" + "ffff" + "8000" + "8000000000000000" + "ffffffffffffffff"},
		{"128 bits whole", "u128 340282366920938463463374607431768211455, i128 -170141183460469231731687303715884105728", strings.Repeat("ff", 16) + "80" + strings.Repeat("00", 15)},
		{"what AIR's writeByte and writeShort take either way", "byte -128, byte 255, short -32768, shortle 65534", "80" + "ff" + "8000" + "feff"},
		{"other bases and underscores", "u16 0b1_0000_0001, u8 0o377, u32 1_000_000, u8 +5, u8 0x0, u8 0", "0101" + "ff" + "000f4240" + "05" + "00" + "00"},
		{"Booleans", "bool true, bool FALSE, bool 1, bool 0", "01000100"},

		// Wikipedia, LEB128.
		{"ULEB128", "uleb128 0, uleb128 127, uleb128 128, uleb128 624485, uleb128 18446744073709551615", "00" + "7f" + "8001" + "e58e26" + "ffffffffffffffffff01"},
		{"SLEB128", "sleb128 0, sleb128 63, sleb128 64, sleb128 -64, sleb128 -65, sleb128 -123456, sleb128 -9223372036854775808", "00" + "3f" + "c000" + "40" + "bf7f" + "c0bb78" + "8080808080808080807f"},
		// protobuf.dev, Encoding.
		{"protobuf varints", "varint 150, varint -2, varint 1", "9601" + "feffffffffffffffff01" + "01"},
		{"protobuf zigzag", "zigzag 0, zigzag -1, zigzag 1, zigzag -2, zigzag 2147483647, zigzag -2147483648", "00" + "01" + "02" + "03" + "feffffff0f" + "ffffffff0f"},
		// minecraft.wiki, Protocol data types.
		{"Minecraft VarInt", "mcvarint 2, mcvarint 255, mcvarint 25565, mcvarint 2097151, mcvarint 2147483647, mcvarint -1, mcvarint -2147483648", "02" + "ff01" + "ddc701" + "ffff7f" + "ffffffff07" + "ffffffff0f" + "8080808008"},
		{"Minecraft VarLong", "mcvarlong -1, mcvarlong -2147483648, mcvarlong 9223372036854775807, mcvarlong -9223372036854775808",
			"ffffffffffffffffff01" + "80808080f8ffffffff01" + "ffffffffffffffff7f" + "80808080808080808001"},
		// AMF 3, 1.3.1, at the ends of its four ranges.
		{"AMF U29", "u29 0, u29 0x7f, u29 0x80, u29 0x3fff, u29 0x4000, u29 0x1fffff, u29 0x200000, u29 0x1fffffff", "00" + "7f" + "8100" + "ff7f" + "818000" + "ffff7f" + "80c08000" + "ffffffff"},

		{"half floats", "f16 1, f16 -2, f16 65504, f16 0.333251953125, f16le 1, f16 -0, f16 Infinity, f16 -inf, f16 NaN", "3c00" + "c000" + "7bff" + "3555" + "003c" + "8000" + "7c00" + "fc00" + "7e00"},
		{"half floats below normal", "f16 5.960464477539063e-8, f16 6.097555160522461e-5, f16 6.103515625e-5, f16 1e-30", "0001" + "03ff" + "0400" + "0000"},
		{"half floats rounded to even", "f16 2049, f16 2051, f16 2.98023223876953125e-8, f16 65519.99, f16 2047.9", "6800" + "6802" + "0000" + "7bff" + "6800"},
		{"bfloat16", "bf16 1, bf16 -2, bf16 3.140625, bf16 NaN, bf16 Infinity, bf16 1.00390625, bf16 1.01171875, bf16 9.183549615799121e-41", "3f80" + "c000" + "4049" + "7fc0" + "7f80" + "3f80" + "3f82" + "0001"},
		{"singles and doubles", "f32 1.5, f32le -1.5, f64 0.1, f64le 1, f32 NaN, f64 NaN, f32 16777217, f64 1e-400", "3fc00000" + "0000c0bf" + "3fb999999999999a" + "000000000000f03f" + "7fc00000" + "7ff8000000000000" + "4b800000" + "0000000000000000"},
		{"floats in hexadecimal and with underscores", "f32 0xff, f32 0x1.8p1, f32 1_000, f32 -0x10", "437f0000" + "40400000" + "447a0000" + "c1800000"},

		{"text", `text "hé\n\0\xff", utfbytes "\u20ac"`, "68c3a90a00ff" + "e282ac"},
		{"writeUTF in either order", `utf "hé", utfle "hé", utf ""`, "000368c3a9" + "030068c3a9" + "0000"},
		{"text with a NUL behind it", `cstr "ab", cstr "", cstr utf-16le "a", cstr utf-16be "Ā\u0100a"`, "616200" + "00" + "61000000" + "0100010000610000"},
		{"text behind its length", `str8 "ada", str16 "ada", str16le "ada", str32 "ada", str32le "ada", strv "ada"`, "03616461" + "0003616461" + "0300616461" + "00000003616461" + "03000000616461" + "03616461"},
		{"lengths in bytes, not characters", `str8 utf-16le "ada", str8 "€"`, "06610064006100" + "03e282ac"},
		{"a long text behind a varint", `strv "` + strings.Repeat("x", 300) + `"`, "ac02" + strings.Repeat("78", 300)},
		{"charsets", `text windows-1252 "é€", text koi8-r "Ж", text shift_jis "テ", text gb18030 "中", text utf-16be "a𝄞", text IBM437 "é", text utf8 "é"`, "e980" + "f6" + "8365" + "d6d0" + "0061d834dd1e" + "82" + "c3a9"},
		{"charsets as the registry means them", `text windows-1252 "€", text iso-8859-1 "é", text latin1 "\u0080"`, "80" + "e9" + "80"},
		{"a charset in the order of its field", `text utf-16 "a", str16le utf-16 "a", cstr utf-32 "a", str16be utf-16le "a"`,
			"0061" + "0200" + "6100" + "00000061" + "00000000" + "0002" + "6100"},
		{"bytes as they are in any charset", `text utf-16le "a\xff\\xb\x00\u20ac"`, "6100" + "ff" + "5c0078006200" + "00" + "ac20"},

		{"bytes", `hex 00 ff, hex "0000  48 65   He", hex "\x41\x42", hex "\"\\x41\"", bytes 0x01`, "00ff" + "4865" + "4142" + "41" + "01"},
		{"Base64 in both alphabets", `base64 3q2+7w==, base64 3q2-7w, base64 "3q2 +` + "\n" + `7w==", base64 _-8, base64 ""`, "deadbeef" + "deadbeef" + "deadbeef" + "ffef"},
		{"zeros", "zeros 3, zeros 0", "000000"},
		{"groups as what is in them", "{ u8 1, { u8 2, {} } }, u8 3", "010203"},

		{"the length of the rest", "u8 9, u16 len(rest), text \"abc\", {u8 1}", "090004" + "616263" + "01"},
		{"the length of nothing", "u8 len(rest), u8 len(before), {}", "0101" + ""},
		{"the length of all", "u16le len(all), u8 5", "030005"},
		{"the length of what comes before", "u8 1, u16 2, u8 len(before)", "01000203"},
		{"the length of the next and the one before", "u8 len(next), {u8 1, u8 2}, u8 3, {u16 4}, u8 len(prev)", "0201020300" + "0402"},
		{"ranges within a group", "u8 1, { u8 len(rest), u8 len(before), u8 len(all) }, u16 2", "01" + "020106" + "0002"},
		{"the length of a name", "u8 len(a), u8 len(b), a: { text \"xy\" }, b: u16 5", "0202" + "7879" + "0005"},
		{"the length from one to another", "u8 len(a..c), a: u8 1, u16 2, c: {u8 3}, u8 4", "04" + "01000203" + "04"},
		{"the length from a group to what is in it", "u8 len(a..b), a: {u8 1, b: u8 2, u8 3}", "02" + "010203"},
		{"the length of several ranges", "u8 len(a, b, a), a: u8 1, u8 2, b: u16 3", "04" + "01020003"},
		{"an adjusted length", "u8 len(all)-1, u8 len(rest)+0x10, u16 len(all)/2-1", "03" + "12" + "0001"},
		{"a length divided first and then added to", "u8 len(next)/4+1, zeros 8", "03" + "0000000000000000"},
		{"lengths in other kinds", "i32 len(all), byte len(all), shortle len(all), u128 len(all)", "00000017" + "17" + "1700" + strings.Repeat("00", 15) + "17"},
		{"a varint that counts itself", "uleb128 len(all), zeros 126", "7f" + strings.Repeat("00", 126)},
		{"a varint that counts itself and grows by it", "uleb128 len(all), zeros 127", "8101" + strings.Repeat("00", 127)},
		{"varints that count one another", "uleb128 len(rest), uleb128 len(rest), zeros 126", "7f" + "7e" + strings.Repeat("00", 126)},
		{"varints that make one another longer", "uleb128 len(rest), uleb128 len(rest), zeros 127", "8001" + "7f" + strings.Repeat("00", 127)},
		{"lengths as other varints", "zigzag len(rest), u29 len(rest), mcvarint len(rest), sleb128 len(rest), varint len(rest)", "08" + "03" + "02" + "01" + "00"},
		{"a length that is below zero only at first", "uleb128 len(rest)-2, uleb128 len(next), zeros 128", "8001" + "8001" + strings.Repeat("00", 128)},

		{"a checksum of what comes before", "hex 01 04 02 FF FF, u16le crc-16/modbus(before)", "010402ffff" + "b880"},
		{"a checksum without its own bytes", "hex 3132, u16 crc-16/modbus(all), hex 3334 35 36 37 38 39", "3132" + "4b37" + "33343536373839"},
		{"a checksum with zeros for its own bytes", "hex 4500 0073 0000 4000 4011, u16 internet(all, zeroed), hex c0a80001 c0a800c7", "45000073000040004011" + "b861" + "c0a80001c0a800c7"},
		{"a checksum that comes to something else with zeros", "hex 0102, u16 crc-16/modbus(zeroed, all)", "0102" + "18a0"},
		{"a checksum at the end without its own bytes", "hex 0102, u16 crc-16/modbus(all)", "0102" + "e181"},
		{"a checksum of several ranges", "a: text \"1234\", u32 crc-32(a, b), b: text \"56789\"", "31323334" + "cbf43926" + "3536373839"},
		{"a checksum over a length", "u8 len(all), u8 xor8(before)", "0202"},
		{"checksums over checksums, whichever is first", "u8 xor8(rest), u8 7, u8 sum16(prev)", "00" + "07" + "07"},
		{"a checksum in a wider kind", "u8 1, u32 xor8(before), u128 xor8(before)", "01" + "00000001" + strings.Repeat("00", 16)},
		{"a checksum of nothing", "u32 crc-32(before)", "00000000"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := build(t, testBuilder, tt.in)
			if err != nil || got != tt.want {
				t.Errorf("%s\nis   %s, %v\nwant %s", tt.in, got, err, tt.want)
			}
		})
	}
}

func TestBuildRefuses(t *testing.T) {
	tests := []struct {
		name, in string
		field    int
		says     string
	}{
		{"a number above the range", "u8 1, u8 256", 1, "256 does not fit u8, which holds 0 to 255"},
		{"a number below it", "i8 -129", 0, "-128 to 127"},
		{"a negative number without a sign bit", "u64 -1", 0, "0 to 18446744073709551615"},
		{"what fits byte neither way", "byte 256", 0, "-128 to 255"},
		{"what fits short neither way", "short -32769", 0, "-32768 to 65535"},
		{"a varint beyond 64 bits", "uleb128 18446744073709551616", 0, "does not fit uleb128"},
		{"a negative ULEB128", "uleb128 -1", 0, "does not fit uleb128"},
		{"a Minecraft VarInt beyond 32 bits", "mcvarint 2147483648", 0, "-2147483648 to 2147483647"},
		{"a U29 beyond 29 bits", "u29 0x20000000", 0, "0 to 536870911"},
		{"a half float that rounds to infinity", "f16 65520", 0, "beyond what f16 holds"},
		{"a bfloat16 that rounds to infinity", "bf16 -3.4e38", 0, "beyond what bf16 holds"},
		{"a single that is too large", "f32 3.5e38", 0, "beyond what f32 holds"},
		{"a double that is too large", "f64 1e309", 0, "write Infinity"},
		{"a long text in str8", `str8 "` + strings.Repeat("x", 256) + `"`, 0, "256 bytes, and its length must be 0 to 255"},
		{"a long text in writeUTF", `u8 1, utf "` + strings.Repeat("é", 32768) + `"`, 1, "65536 bytes, and its length must be 0 to 65535"},
		{"a NUL in a text that one ends", `cstr "ab\0c"`, 0, "NUL of its own after 2 bytes"},
		{"a NUL in UTF-16", `cstr utf-16le "ab\0c"`, 0, "after 4 bytes"},
		{"a charset that nobody knows", `text klingon "x"`, 0, `no charset "klingon"`},
		{"a charset that cannot be written", `text iso-2022-kr "x"`, 0, "no charset"},
		{"a character of a larger charset with a name like it", `text iso-8859-1 "€"`, 0, "€ (U+20AC) is not in the charset iso-8859-1"},
		{"a charset that somebody misspelt", `text widnows-1252 "x"`, 0, "write windows-1252"},
		{"a character that the charset lacks", `text koi8-r "aé"`, 0, "é (U+00E9) is not in the charset koi8-r"},
		{"too many zeros", "zeros 67108865", 0, "0 to 67108864"},
		{"more than a message can hold", "zeros 67108864, u8 1", 1, "64 MiB"},
		{"a name that is there twice", "a: u8 1, {a: u8 2}", 2, "called a already"},
		{"a name that is not there", "u8 len(b)", 0, "no field is called b"},
		{"a range that goes back", "a: u8 1, b: u8 2, u8 len(b..a)", 2, "write a..b"},
		{"no next field", "u8 1, { u8 len(next) }, u8 2", 2, "no field behind"},
		{"no field before", "u8 1, { u8 len(prev) }", 2, "no field before"},
		{"a length that does not fit", "u8 len(rest), zeros 256", 0, "the length 256 does not fit u8, which holds 0 to 255"},
		{"a length below zero", "u8 len(all)-2", 0, "comes to -1"},
		{"a varint length below zero", "zigzag len(all)-2", 0, "comes to -1"},
		{"units that do not come out", "u8 len(rest)/4, zeros 6", 0, "2 are left over"},
		{"a varint length that does not fit", "u29 len(rest)+0x20000000", 0, "does not fit u29"},
		{"a checksum as a varint", "uleb128 xor8(all)", 0, "fixed size"},
		{"a checksum that nobody knows", "u8 1, u8 md5(all)", 1, "no checksum md5"},
		{"a checksum that does not fit", "text \"123456789\", u16 crc-32(before)", 1, "the checksum 0xcbf43926 does not fit u16, which holds 0 to 65535: crc-32 needs u32"},
		{"a checksum that fits without its sign", "hex ff, i8 xor8(before)", 1, "needs u8"},
		{"checksums that cover each other", "u8 xor8(rest), u8 xor8(before)", 1, "field 1 each go over the other"},
		{"a checksum that two cover in a ring", "a: u8 xor8(b), b: u8 xor8(c), c: u8 xor8(a)", 2, "each go over the other"},
		{"objects, here", "amf0 null", 0, "objects cannot be written here"},
		{"checksums over too much", "zeros 60000000\nu32 crc-32(before, before, before, before, before)", 1, "256 MiB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := build(t, testBuilder, tt.in)
			var bad *Error
			if !errors.As(err, &bad) {
				t.Fatalf("built %.100s, %v", got, err)
			}
			if bad.Field != tt.field || !strings.Contains(bad.Problem, tt.says) {
				t.Errorf("field %d: %s; want field %d: %s", bad.Field, bad.Problem, tt.field, tt.says)
			}
		})
	}
}

func TestAChecksumHasNoMoreThanItsBits(t *testing.T) {
	b := Builder{Checksums: func(string) (Checksum, error) {
		return Checksum{12, func([]byte) uint64 { return 0xffff_ffff_ffff_fabc }}, nil
	}}
	l := List{{Kind: "u16", Value: "x(all)"}}
	if built, err := b.Build(l); err != nil || string(built.Bytes) != "\x0a\xbc" || built.Parts[0].Computed != "0xabc" {
		t.Errorf("%+v, %v", built, err)
	}
	if built, err := b.Build(List{{Kind: "u8", Value: "x(all)"}}); err == nil || !strings.Contains(err.Error(), "0xabc does not fit u8, which holds 0 to 255: x needs u16") {
		t.Errorf("%+v, %v", built, err)
	}
}

func TestWhatAnEditorHoldsComesBackFromItsText(t *testing.T) {
	for _, value := range []string{" 00", "00 ", "", "00\n01", "{0x00}", `\x41`, "41 // \\", "41 /* \" \\\" \\\\x */", "0000: 4142  AB", "\t00"} {
		l := List{{Kind: "hex", Value: value}, {Kind: "u8", Value: "1"}}
		if _, err := (Builder{}).Build(l); err != nil {
			t.Errorf("%q: %v", value, err)
		}
		if again, err := Parse(l.String()); err != nil || !reflect.DeepEqual(again, l) {
			t.Errorf("%q is written as %s and read as %+v, %v", value, l, again, err)
		}
	}
	for _, value := range []string{``, `"`, `\\`, `\\"`, `a\n"\x22\\`, "a\nb", ", u8 1", " "} {
		l := List{{Kind: "cstr", Charset: "latin1", Value: value}, {Kind: "u8", Value: "1"}}
		if _, err := (Builder{}).Build(l); err != nil {
			t.Errorf("%q: %v", value, err)
		}
		if again, err := Parse(l.String()); err != nil || !reflect.DeepEqual(again, l) {
			t.Errorf("%q is written as %s and read as %+v, %v", value, l, again, err)
		}
	}
}

func TestBuildTakesTheOrderOfTheTab(t *testing.T) {
	text := `u16 1, u16be 1, u16le 1, f32 1, utf "a", uleb128 300, { u32 len(all) }`
	for order, want := range map[inspect.Order]string{
		inspect.Big:    "0001" + "0001" + "0100" + "3f800000" + "000161" + "ac02" + "00000013",
		inspect.Little: "0100" + "0001" + "0100" + "0000803f" + "010061" + "ac02" + "13000000",
	} {
		if got, err := build(t, Builder{Order: order}, text); err != nil || got != want {
			t.Errorf("%v: %s, %v; want %s", order, got, err, want)
		}
	}
}

func TestBuildTellsWhichBytesAreWhose(t *testing.T) {
	l, err := Parse("u8 1, a: { u16 len(next), { text \"xyz\", {} } }, zeros 0, u8 xor8(before), i8 -1")
	if err != nil {
		t.Fatal(err)
	}
	built, err := testBuilder.Build(l)
	want := []Part{{0, 1, ""}, {1, 6, ""}, {1, 3, "3"}, {3, 6, ""}, {3, 6, ""}, {6, 6, ""}, {6, 6, ""}, {6, 7, "0x79"}, {7, 8, ""}}
	if err != nil || !reflect.DeepEqual(built.Parts, want) {
		t.Errorf("%+v, %v\nwant %+v", built.Parts, err, want)
	}
}

func TestBuildHandsObjectsOver(t *testing.T) {
	var asked []string
	b := Builder{Objects: func(version int, text string) ([]byte, error) {
		asked = append(asked, fmt.Sprint(version, text))
		if text == "bad" {
			return nil, errors.New("that is no object")
		}
		return []byte{0xaa, byte(version)}, nil
	}}
	got, err := build(t, b, `amf0 {"a": [1, 2]}, amf3 null`)
	if want := []string{`0{"a": [1, 2]}`, "3null"}; err != nil || got != "aa00aa03" || !reflect.DeepEqual(asked, want) {
		t.Errorf("%s, %v, asked for %q", got, err, asked)
	}
	if _, err := build(t, b, "u8 1, amf0 bad"); err == nil || err.Error() != "field 2 (amf0): that is no object" {
		t.Error(err)
	}
}

func TestBuildRefusesWhatNoTextCanSay(t *testing.T) {
	one := List{{Kind: "u8", Value: "1"}}
	tests := []struct {
		name string
		in   Field
		says string
	}{
		{"no kind", Field{Value: "1"}, "no kind"},
		{"an alias", Field{Kind: "int", Value: "1"}, "no kind"},
		{"a kind in capitals", Field{Kind: "U8", Value: "1"}, "no kind"},
		{"blanks round a number", Field{Kind: "u8", Value: " 1"}, "no number"},
		{"two fields in one", Field{Kind: "u8", Value: "1, u8 2"}, "no number"},
		{"something behind a length", Field{Kind: "u8", Value: "len(all), u8 2"}, "stands"},
		{"a line end behind a length", Field{Kind: "u8", Value: "len(all)\n"}, "stands"},
		{"blanks round an object", Field{Kind: "amf0", Value: "null "}, "one value"},
		{"an object that makes a name of its kind", Field{Kind: "amf0", Value: ":1"}, "colon"},
		{"two objects", Field{Kind: "amf0", Value: "1,2"}, "one value"},
		{"an object that closes its group", Field{Kind: "amf0", Value: "1}"}, "one value"},
		{"no object", Field{Kind: "amf0"}, "expected an object"},
		{"an escaped quote, which needs no escape", Field{Kind: "text", Value: `\"`}, "escape"},
		{"a name with a blank", Field{Name: "a b", Kind: "u8", Value: "1"}, "no name"},
		{"a name that ranges use", Field{Name: "all", Kind: "u8", Value: "1"}, "ranges use"},
		{"an endless name", Field{Name: strings.Repeat("x", 101), Kind: "u8", Value: "1"}, "100"},
		{"nothing at all", Field{}, "no kind"},
		{"a Boolean that is none", Field{Kind: "bool", Value: "yes"}, "true or false"},
		{"a float that is none", Field{Kind: "f32", Value: "1,5"}, "no number"},
		{"a varint that is none", Field{Kind: "zigzag", Value: "-"}, "no number"},
		{"underscores that separate nothing", Field{Kind: "f32", Value: "_1"}, "no number"},
		{"a range that is not closed", Field{Kind: "u8", Value: "len(all"}, "expected , or )"},
		{"an object that is not closed", Field{Kind: "amf0", Value: "[1"}, "not closed"},
		{"an escape cut off", Field{Kind: "text", Charset: "latin1", Value: `a\x4`}, "two hexadecimal digits"},
		{"an escape that there is not, in a charset", Field{Kind: "text", Charset: "latin1", Value: `a\q\x41`}, "escape"},
		{"a lone backslash, in a charset", Field{Kind: "cstr", Charset: "latin1", Value: `a\`}, "at the end"},
		{"a charset with blanks", Field{Kind: "text", Charset: " latin1"}, "name of a charset"},
		{"a charset of a kind that has none", Field{Kind: "utf", Charset: "latin1"}, "no charset"},
		{"an order of a kind that has none", Field{Kind: "u8", Order: Big, Value: "1"}, "either byte order"},
		{"an order that there is not", Field{Kind: "u16", Order: 3, Value: "1"}, "either byte order"},
		{"fields in a number", Field{Kind: "u8", Value: "1", Fields: one}, "only a group"},
		{"a group with a value", Field{Kind: "group", Value: "1", Fields: one}, "neither a value"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := Builder{Objects: func(int, string) ([]byte, error) { return nil, nil }}
			if built, err := b.Build(List{tt.in}); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("% x, %v", built.Bytes, err)
			}
		})
	}
	if _, err := (Builder{}).Build(make(List, MaxFields+1)); err == nil {
		t.Error("fields of no kind were built")
	}
	many := make(List, MaxFields+1)
	for i := range many {
		many[i] = Field{Kind: "u8", Value: "1"}
	}
	if _, err := (Builder{}).Build(many); err == nil || !strings.Contains(err.Error(), "65536 fields") {
		t.Errorf("one field too many: %v", err)
	}
	for i := range 300 {
		many[i].Value = "len(" + strings.Repeat("next,", 255) + "next)/256"
	}
	if _, err := (Builder{}).Build(many[:MaxFields]); err == nil || !strings.Contains(err.Error(), "65536 ranges") {
		t.Errorf("too many ranges: %v", err)
	}
	if _, err := (Builder{}).Build(List{{Kind: "zeros", Value: "67108863"}, {Kind: "uleb128", Value: "len(all)"}}); err == nil || !strings.Contains(err.Error(), "64 MiB") {
		t.Errorf("a length that grows beyond what a message can hold: %v", err)
	}
	if _, err := (Builder{}).Build(List{{Kind: "u8", Value: "xor8(all)"}}); err == nil || !strings.Contains(err.Error(), "cannot be computed here") {
		t.Errorf("a checksum without any: %v", err)
	}
	deep := List{}
	for range MaxNesting + 1 {
		deep = List{{Kind: "group", Fields: deep}}
	}
	if _, err := (Builder{}).Build(deep); err == nil || !strings.Contains(err.Error(), "32 deep") {
		t.Errorf("groups too deep: %v", err)
	}
	if _, err := (Builder{}).Build(deep[0].Fields); err != nil {
		t.Errorf("groups as deep as they may be: %v", err)
	}
}

func TestCompilePointsAtTheValue(t *testing.T) {
	tests := []struct {
		name, in string
		pos      int
		says     string
	}{
		{"a number", "u8 1,\nname: u8 300", 15, "300 does not fit u8"},
		{"a text", `u8 1, str8 koi8-r "é"`, 19, "not in the charset"},
		{"what is parsed only", "u8 zz", 3, "no number"},
		{"a range of a computed value", "u8 crc-8(all, nobody)", 14, "no field is called nobody"},
		{"the end of a range", "a: u8 1, u16 len(a..nobody)", 20, "no field is called nobody"},
		{"a range the wrong way round", "b: u8 len(a..b), a: u8 1", 10, "write b..a"},
		{"what comes behind the last", "u8 1, u8 len( next )", 14, "no field behind this one"},
		{"what a text has behind escaped quotes", `text latin1 "\"\"a\x41Ж\""`, 22, "Ж"},
		{"a group", "a: u8 1, a: {}", 12, "called a already"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := testBuilder.Compile(tt.in)
			var bad *compose.Error
			if !errors.As(err, &bad) || bad.Pos != tt.pos || !strings.Contains(bad.Problem, tt.says) {
				t.Errorf("%#v; want byte %d: %s", err, tt.pos, tt.says)
			}
		})
	}
	if built, err := testBuilder.Compile("u8 1"); err != nil || string(built.Bytes) != "\x01" {
		t.Errorf("% x, %v", built.Bytes, err)
	}
}

func TestLengthsThatChainTooLongAreRefused(t *testing.T) {
	// Each length counts 126 bytes and the length behind it: the last one tips
	// the one before over to two bytes, and so on.
	text := func(n int) string {
		var b strings.Builder
		b.WriteString("z: zeros 126\n")
		for i := range n {
			fmt.Fprintf(&b, "l%d: uleb128 len(z, l%d)\n", i, i+1)
		}
		fmt.Fprintf(&b, "l%d: uleb128 len(z)+2", n)
		return b.String()
	}
	got, err := build(t, Builder{}, text(50))
	if want := strings.Repeat("00", 126) + strings.Repeat("8001", 51); err != nil || got != want {
		t.Errorf("50 in a chain: %s, %v", got, err)
	}
	if _, err := build(t, Builder{}, text(1000)); err == nil || !strings.Contains(err.Error(), "chain") {
		t.Errorf("1000 in a chain: %v", err)
	}
}

func TestWalkCountsAsPartsDo(t *testing.T) {
	l, err := Parse("u8 1, { u8 2, { u8 3 } }, u8 4")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	l.Walk(func(i, depth int, f *Field) bool {
		got = append(got, fmt.Sprint(i, depth, f.Kind, f.Value))
		f.Value = strings.ReplaceAll(f.Value, "3", "9")
		return f.Value != "4"
	})
	want := []string{"0 0u81", "1 0group", "2 1u82", "3 1group", "4 2u83", "5 0u84"}
	if !reflect.DeepEqual(got, want) || l.Count() != 6 {
		t.Errorf("%q, %d", got, l.Count())
	}
	if l.String() != "u8 1, { u8 2, { u8 9 } }, u8 4" {
		t.Errorf("after a change: %s", l)
	}
	if want := "u8 1\n{\n\tu8 2\n\t{\n\t\tu8 9\n\t}\n}\nu8 4"; l.Lines() != want {
		t.Errorf("in lines: %s", l.Lines())
	}
	n := 0
	l.Walk(func(int, int, *Field) bool { n++; return n < 3 })
	if n != 3 {
		t.Errorf("walking went on to %d", n)
	}
}
