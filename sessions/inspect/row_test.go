package inspect_test

import (
	"encoding/hex"
	"math/big"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	. "wirebench/sessions/inspect"
)

func row(t testing.TB, id string) Row {
	t.Helper()
	for _, r := range Rows() {
		if r.ID == id {
			return r
		}
	}
	t.Fatalf("there is no row %q", id)
	return Row{}
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestKnownValues holds the rows to values worked out elsewhere. The bytes are
// given big-endian; for rows with an order they are read reversed as well.
func TestKnownValues(t *testing.T) {
	tests := []struct{ id, source, bytes, want string }{
		{"u8", "", "ff", "255"},
		{"i8", "", "ff", "-1"},
		{"i8", "", "80", "-128"},
		{"u16", "RFC 1700 byte order", "0102", "258"},
		{"i16", "", "8000", "-32768"},
		{"u24", "", "010203", "66051"},
		{"i24", "", "ffffff", "-1"},
		{"i24", "", "800000", "-8388608"},
		{"i24", "", "7fffff", "8388607"},
		{"u32", "the address 192.0.2.1 of RFC 5737", "c0000201", "3221225985"},
		{"i32", "java.lang.Integer.MIN_VALUE", "80000000", "-2147483648"},
		{"u48", "", "ffffffffffff", "281474976710655"},
		{"i48", "", "800000000000", "-140737488355328"},
		{"u64", "", "ffffffffffffffff", "18446744073709551615"},
		{"i64", "java.lang.Long.MIN_VALUE", "8000000000000000", "-9223372036854775808"},
		{"u128", "2^128-1", "ffffffffffffffffffffffffffffffff", "340282366920938463463374607431768211455"},
		{"u128", "2^64", "00000000000000010000000000000000", "18446744073709551616"},
		{"u128", "10^19 with its zeroes", "00000000000000008ac7230489e80000", "10000000000000000000"},
		{"u128", "10^38 with its zeroes", "4b3b4ca85a86c47a098a224000000000", "100000000000000000000000000000000000000"},
		{"i128", "i128::MIN of Rust", "80000000000000000000000000000000", "-170141183460469231731687303715884105728"},
		{"i128", "", "ffffffffffffffffffffffffffffffff", "-1"},
		{"i128", "i128::MAX of Rust", "7fffffffffffffffffffffffffffffff", "170141183460469231731687303715884105727"},

		{"bool", "AIR IDataInput.readBoolean: nonzero is true", "02", "true"},
		{"bool", "AIR IDataInput.readBoolean", "00", "false"},
		{"binary", "", "a5", "1010 0101"},
		{"octal", "", "ff", "377"},
		{"octal", "", "08", "010"},

		{"f16", "IEEE 754-2008 binary16, largest", "7bff", "65504"},
		{"f16", "smallest subnormal 2^-24", "0001", "5.9604645e-08"},
		{"f16", "largest subnormal", "03ff", "6.097555e-05"},
		{"f16", "smallest normal 2^-14", "0400", "6.1035156e-05"},
		{"f16", "nearest to 1/3", "3555", "0.33325195"},
		{"f16", "", "c000", "-2"},
		{"f16", "", "7c00", "Infinity"},
		{"f16", "", "fc00", "-Infinity"},
		{"f16", "", "7e00", "NaN"},
		{"f16", "", "8000", "-0"},
		{"bf16", "bfloat16 of pi", "4049", "3.140625"},
		{"bf16", "", "3f80", "1"},
		{"bf16", "", "ff80", "-Infinity"},
		{"f32", "IEEE 754 binary32 of pi", "40490fdb", "3.1415927"},
		{"f32", "", "3e200000", "0.15625"},
		{"f32", "", "7f800000", "Infinity"},
		{"f32", "", "7fc00000", "NaN"},
		{"f64", "IEEE 754 binary64 of pi", "400921fb54442d18", "3.141592653589793"},
		{"f64", "", "3fb999999999999a", "0.1"},
		{"f64", "largest", "7fefffffffffffff", "1.7976931348623157e+308"},
		{"fixed16.16", "TrueType version 1.0", "00010000", "1"},
		{"fixed16.16", "", "ffff8000", "-0.5"},
		{"fixed16.16", "1/65536", "00000001", "0.0000152587890625"},

		{"unix32", "time_t of 1e9, The Open Group", "3b9aca00", "2001-09-09T01:46:40Z"},
		{"unix32", "2^31, where 32 signed bits end", "80000000", "2038-01-19T03:14:08Z"},
		{"unix64", "", "000000003b9aca00", "2001-09-09T01:46:40Z"},
		{"unix64", "before the epoch", "ffffffffffffffff", "1969-12-31T23:59:59Z"},
		{"unixms", "", "000000e8d4a51001", "2001-09-09T01:46:40.001Z"},
		{"unixms", "", "ffffffffffffffff", "1969-12-31T23:59:59.999Z"},
		{"unixus", "", "00038d7ea4c68001", "2001-09-09T01:46:40.000001Z"},
		{"unixns", "", "0de0b6b3a7640001", "2001-09-09T01:46:40.000000001Z"},
		{"filetime", "the epoch of Unix, Microsoft Learn", "019db1ded53e8000", "1970-01-01T00:00:00Z"},
		{"filetime", "MS-DTYP 2.3.3", "0000000000000000", "1601-01-01T00:00:00Z"},
		{"filetime", "one step of 100 ns", "0000000000000001", "1601-01-01T00:00:00.0000001Z"},
		{"ticks", "DateTime.UnixEpoch.Ticks", "089f7ff5f7b58000", "1970-01-01T00:00:00Z"},
		{"ticks", "DateTime.MaxValue.Ticks", "2bca2875f4373fff", "9999-12-31T23:59:59.9999999Z"},
		{"ole", "zero, MS-OAUT 2.2.25", "0000000000000000", "1899-12-30T00:00:00"},
		{"ole", "5.25, Microsoft's DATE table", "4015000000000000", "1900-01-04T06:00:00"},
		{"ole", "-1.25, Microsoft's DATE table: the fraction is not negative", "bff4000000000000", "1899-12-29T06:00:00"},
		{"ole", "25569 is the epoch of Unix", "40d8f84000000000", "1970-01-01T00:00:00"},
		{"dos", "first, MS-DOS date of 1980-01-01", "00210000", "1980-01-01T00:00:00"},
		{"dos", "last", "ff9fbf7d", "2107-12-31T23:59:58"},
		{"ntp", "RFC 5905 figure 4: epoch of Unix", "83aa7e8000000000", "1970-01-01T00:00:00Z"},
		{"ntp", "RFC 5905 figure 4: first day of era 1", "0000000000000001", "2036-02-07T06:28:16Z"},
		{"ntp", "half a second", "83aa7e8080000000", "1970-01-01T00:00:00.5Z"},
		{"ntp", "last fraction, rounded up", "83aa7e80ffffffff", "1970-01-01T00:00:01Z"},

		{"char", "", "41", "A  U+0041"},
		{"char", "RFC 3629", "e282ac", "€  U+20AC"},
		{"char", "RFC 3629", "f0a38eb4", "𣎴  U+233B4"},
		{"char", "", "e280ae", `\u202e  U+202E`},
		{"char", "", "00", `\0  U+0000`},
		{"string", "", "48656c6c6f00ff", "Hello"},
		{"string", "", "48656c", "Hel"},
		{"string", "", "00", ""},
		{"string", "", "e280ae0aff", `\u202e\n\xff`},
		{"u8string", "", "0348656c6c", "Hel"},
	}
	for _, tt := range tests {
		t.Run(tt.id+" "+tt.bytes+" "+tt.source, func(t *testing.T) {
			r := row(t, tt.id)
			b := unhex(t, tt.bytes)
			if got := r.At(b, 0, Big); got.Text != tt.want || got.Problem != "" || got.Missing != 0 {
				t.Errorf("big-endian: %+v, want %q", got, tt.want)
			}
			if r.Single {
				if big, little := r.At(b, 0, Big), r.At(b, 0, Little); big != little {
					t.Errorf("said to have no order, but is %+v and %+v", big, little)
				}
				return
			}
			slices.Reverse(b)
			if got := r.At(b, 0, Little); got.Text != tt.want {
				t.Errorf("little-endian: %+v, want %q", got, tt.want)
			}
		})
	}
}

func TestStringsBehindTheirLengthObeyTheOrder(t *testing.T) {
	tests := []struct {
		name, id, bytes string
		order           Order
		want            string
		size            int
	}{
		{"readUTF, big-endian", "readutf", "0003 48e282 ac", Big, `H\xe2\x82`, 5},
		{"readUTF, whole characters", "readutf", "0004 48e282ac", Big, "H€", 6},
		{"readUTF, little-endian", "readutf", "0200 4869 ff", Little, "Hi", 4},
		{"an empty one", "readutf", "0000", Big, "", 2},
		{"u32, big-endian", "u32string", "00000002 4869", Big, "Hi", 6},
		{"u32, little-endian", "u32string", "02000000 4869", Little, "Hi", 6},
		{"u8, to its last byte", "u8string", "024869", Big, "Hi", 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := row(t, tt.id).Value(unhex(t, tt.bytes), tt.order)
			if want := (Value{Text: tt.want, Size: tt.size}); got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		})
	}
}

func TestTooFewBytesTellHowManyAreMissing(t *testing.T) {
	tests := []struct {
		id, bytes string
		want      int
	}{
		{"u8", "", 1}, {"u16", "01", 1}, {"u24", "01", 2}, {"u128", "0102", 14}, {"f64", "0102030405", 3},
		{"char", "", 1}, {"char", "e2", 2}, {"char", "e282", 1}, {"char", "f0a38e", 1}, {"char", "c3", 1},
		{"string", "", 1},
		{"readutf", "", 2}, {"readutf", "00", 1}, {"readutf", "000548", 4},
		{"u8string", "0548", 4}, {"u32string", "7fffffff48", 2147483646},
		{"dos", "000000", 1}, {"ntp", "", 8},
	}
	for _, tt := range tests {
		t.Run(tt.id+" of "+tt.bytes, func(t *testing.T) {
			got := row(t, tt.id).At(unhex(t, tt.bytes), 0, Big)
			if got != (Value{Missing: tt.want}) {
				t.Errorf("%+v, want %d missing", got, tt.want)
			}
		})
	}
}

func TestBytesWithoutSuchAValueSayWhy(t *testing.T) {
	tests := []struct{ name, id, bytes, says string }{
		{"a byte that begins no character", "char", "ff", `\xff`},
		{"a continuation byte", "char", "80", `\x80`},
		{"half a surrogate pair", "char", "eda080", `\xed`},
		{"a second after the year 9999", "unix64", "0000003afff44180", "9999"},
		{"the last nanosecond of 64 bits is no year above 9999, milliseconds are", "unixms", "7fffffffffffffff", "9999"},
		{"a negative FILETIME", "filetime", "8000000000000000", "9999"},
		{"ticks beyond DateTime.MaxValue", "ticks", "2bca2875f4374000", "9999"},
		{"an OLE date that is no number", "ole", "7ff8000000000000", "9999"},
		{"an OLE date beyond the last", "ole", "7fefffffffffffff", "9999"},
		{"month zero", "dos", "00010000", "no such date"},
		{"the thirtieth of February", "dos", "005e0000", "no such date"},
		{"hour 24", "dos", "0021c000", "no such date"},
		{"second 60", "dos", "0021001e", "no such date"},
		{"an unset NTP time", "ntp", "0000000000000000", "no time is set"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := row(t, tt.id).At(unhex(t, tt.bytes), 0, Big)
			if got.Text != "" || got.Missing != 0 || !strings.Contains(got.Problem, tt.says) {
				t.Errorf("%+v, want a problem that says %q", got, tt.says)
			}
		})
	}
}

func TestTheSelectionIsReadWholeAndNoFurther(t *testing.T) {
	b := unhex(t, "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0efee")
	for n := 1; n <= 16; n++ {
		for _, o := range []Order{Big, Little} {
			part := slices.Clone(b[:n])
			if o == Little {
				slices.Reverse(part)
			}
			want := new(big.Int).SetBytes(part)
			if got := row(t, "selu").At(b, n, o); got != (Value{Text: want.String(), Size: n}) {
				t.Errorf("%d bytes %v unsigned: %+v, want %v", n, o, got, want)
			}
			if part[0] >= 0x80 {
				want.Sub(want, new(big.Int).Lsh(big.NewInt(1), uint(8*n)))
			}
			if got := row(t, "seli").At(b, n, o); got != (Value{Text: want.String(), Size: n}) {
				t.Errorf("%d bytes %v signed: %+v, want %v", n, o, got, want)
			}
		}
	}
	for _, n := range []int{-1, 0, 17, 18, 1000} {
		if got := row(t, "selu").At(b, n, Big); got.Problem == "" {
			t.Errorf("a selection of %d bytes is read as %+v", n, got)
		}
	}
}

func TestALongTextIsCutBetweenCharacters(t *testing.T) {
	b := []byte(strings.Repeat("a", MaxText-1) + strings.Repeat("€", 10))
	got := row(t, "string").At(b, 0, Big)
	if want := strings.Repeat("a", MaxText-1) + "…"; got.Text != want || got.Size != len(b) {
		t.Errorf("%d bytes in %q...%q", got.Size, got.Text[:5], got.Text[len(got.Text)-12:])
	}
}

func TestRowsAreToldApartByIDAndGrouped(t *testing.T) {
	seen := map[string]bool{}
	var groups []string
	for _, r := range Rows() {
		if r.ID == "" || r.Name == "" || r.Value == nil || seen[r.ID] {
			t.Errorf("row %q is incomplete or there twice", r.ID)
		}
		seen[r.ID] = true
		if len(groups) == 0 || groups[len(groups)-1] != r.Group {
			groups = append(groups, r.Group)
		}
	}
	if want := []string{Integers, Floats, Varints, Text, Time, Addresses, Colours, Frames}; !slices.Equal(groups, want) {
		t.Errorf("groups %v, want %v, each in one piece", groups, want)
	}
}

func FuzzRows(f *testing.F) {
	f.Add([]byte("Hello\x00\xff\x80world....."), 4)
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 9)
	f.Add([]byte{}, -1)
	f.Add([]byte("\x00\x00\x00\x05\u202e\xe2"), 16)
	rows := Rows()
	f.Fuzz(func(t *testing.T, b []byte, selected int) { checkRows(t, rows, b, selected) })
}

// wantHarmless fails when s holds anything that is obeyed and not shown. It
// asks the Unicode categories, not the code under test.
func wantHarmless(t testing.TB, s string) {
	t.Helper()
	if !utf8.ValidString(s) {
		t.Fatalf("not UTF-8: %q", s)
	}
	for _, r := range s {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Cs, unicode.Co) {
			t.Fatalf("%U in %q", r, s)
		}
	}
}

func BenchmarkAllRowsBothOrders(b *testing.B) {
	data := []byte(strings.Repeat("\x00\x10Hello, world \xe2\x82\xac", 4096))
	rows := Rows()
	b.ReportAllocs()
	for b.Loop() {
		for i := range rows {
			rows[i].At(data, 4, Big)
			rows[i].At(data, 4, Little)
		}
	}
}
