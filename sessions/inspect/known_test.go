package inspect_test

import (
	"encoding/binary"
	"math/big"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	. "wirebench/sessions/inspect"
)

// TestRowsReadWhatPythonReads holds every fixed-size row to a second
// implementation, in both orders.
func TestRowsReadWhatPythonReads(t *testing.T) {
	table, err := os.ReadFile("testdata/python.txt")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(table)) {
		f := strings.Fields(line)
		if f[0] == "#" {
			continue
		}
		r, b, want := row(t, f[0]), unhex(t, f[1]), f[2]
		seen[f[0]] = true
		check := func(o Order) {
			v := r.At(b, 0, o)
			if v.Problem != "" || v.Missing != 0 || v.Size != len(b) {
				t.Errorf("%s of %x %v: %+v, want %s", f[0], b, o, v, want)
				return
			}
			if r.Group != Floats {
				if v.Text != want {
					t.Errorf("%s of %x %v: %s, want %s", f[0], b, o, v.Text, want)
				}
				return
			}
			// Both write the shortest text, but of different types.
			ours, err1 := strconv.ParseFloat(v.Text, 64)
			theirs, err2 := strconv.ParseFloat(want, 64)
			if f[0] != "f64" && f[0] != "fixed16.16" {
				ours, theirs = float64(float32(ours)), float64(float32(theirs))
			}
			if err1 != nil || err2 != nil || ours != theirs && (ours == ours || theirs == theirs) {
				t.Errorf("%s of %x %v: %s, want %s", f[0], b, o, v.Text, want)
			}
		}
		check(Big)
		if !r.Single {
			slices.Reverse(b)
			check(Little)
		}
	}
	if len(seen) != 33 {
		t.Errorf("%d rows were compared: %v", len(seen), seen)
	}
}

func TestVarintsAreThoseOfTheirSpecifications(t *testing.T) {
	const (
		dwarf    = "DWARF 5, section 7.6, tables 7.7 and 7.8"
		leb      = "Wikipedia, LEB128"
		protobuf = "protobuf.dev, Encoding"
		mc       = "minecraft.wiki, Java Edition protocol/Data types: sample VarInts and VarLongs"
		amf      = "PyAMF, tests of the AMF 3 integer"
		amfSpec  = "AMF 3 specification, section 1.3.1: ends of the four ranges"
	)
	tests := []struct{ id, source, bytes, want string }{
		{"uleb128", dwarf, "02", "2"}, {"uleb128", dwarf, "7f", "127"}, {"uleb128", dwarf, "8001", "128"},
		{"uleb128", dwarf, "8101", "129"}, {"uleb128", dwarf, "8201", "130"}, {"uleb128", dwarf, "b964", "12857"},
		{"uleb128", leb, "e58e26", "624485"},
		{"uleb128", "with padding", "808000", "0"},
		{"uleb128", "2^64-1", "ffffffffffffffffff01", "18446744073709551615"},
		{"sleb128", dwarf, "02", "2"}, {"sleb128", dwarf, "7e", "-2"}, {"sleb128", dwarf, "ff00", "127"},
		{"sleb128", dwarf, "817f", "-127"}, {"sleb128", dwarf, "8001", "128"}, {"sleb128", dwarf, "807f", "-128"},
		{"sleb128", dwarf, "8101", "129"}, {"sleb128", dwarf, "ff7e", "-129"},
		{"sleb128", leb, "c0bb78", "-123456"},
		{"sleb128", "with padding", "ffff7f", "-1"},
		{"sleb128", "2^63-1", "ffffffffffffffffff00", "9223372036854775807"},
		{"sleb128", "-2^63", "8080808080808080807f", "-9223372036854775808"},
		{"pbint", protobuf, "9601", "150"}, {"pbint", protobuf + ": -2", "feffffffffffffffff01", "-2"},
		{"zigzag", protobuf, "00", "0"}, {"zigzag", protobuf, "01", "-1"}, {"zigzag", protobuf, "02", "1"},
		{"zigzag", protobuf, "03", "-2"}, {"zigzag", protobuf, "feffffff0f", "2147483647"},
		{"zigzag", protobuf, "ffffffff0f", "-2147483648"},
		{"zigzag", "-2^63", "ffffffffffffffffff01", "-9223372036854775808"},
		{"varint", mc, "00", "0"}, {"varint", mc, "01", "1"}, {"varint", mc, "02", "2"}, {"varint", mc, "7f", "127"},
		{"varint", mc, "8001", "128"}, {"varint", mc, "ff01", "255"}, {"varint", mc, "ddc701", "25565"},
		{"varint", mc, "ffff7f", "2097151"}, {"varint", mc, "ffffffff07", "2147483647"}, {"varint", mc, "ffffffff0f", "-1"},
		{"varint", mc, "8080808008", "-2147483648"},
		{"varint", "what does not fit is dropped", "ffffffff7f", "-1"},
		{"varlong", mc, "ff01", "255"}, {"varlong", mc, "ffffffff07", "2147483647"},
		{"varlong", mc, "ffffffffffffffff7f", "9223372036854775807"}, {"varlong", mc, "ffffffffffffffffff01", "-1"},
		{"varlong", mc, "80808080f8ffffffff01", "-2147483648"}, {"varlong", mc, "80808080808080808001", "-9223372036854775808"},
		{"u29", amfSpec, "00", "0"}, {"u29", amfSpec, "7f", "127"}, {"u29", amfSpec, "8100", "128"}, {"u29", amfSpec, "ff7f", "16383"},
		{"u29", amfSpec, "818000", "16384"}, {"u29", amfSpec, "ffff7f", "2097151"}, {"u29", amfSpec, "80c08000", "2097152"},
		{"u29", amfSpec, "ffffffff", "536870911"},
		{"i29", amf, "35", "53"}, {"i29", amf, "8154", "212"}, {"i29", amf, "86ca3f", "107839"}, {"i29", amf, "80c08000", "2097152"},
		{"i29", amf, "ffffffff", "-1"}, {"i29", amf, "ffffffd6", "-42"}, {"i29", amf, "bfffffff", "268435455"},
		{"i29", amf, "c0808000", "-268435456"},
	}
	for _, tt := range tests {
		b := unhex(t, tt.bytes)
		for _, behind := range []string{"", "ff", "0000"} {
			got := row(t, tt.id).At(append(slices.Clone(b), unhex(t, behind)...), 0, Big)
			if got != (Value{Text: tt.want, Size: len(b)}) {
				t.Errorf("%s %s (%s): %+v, want %s", tt.id, tt.bytes, tt.source, got, tt.want)
			}
		}
		for n := range b {
			if got := row(t, tt.id).At(b[:n], 0, Big); got != (Value{Missing: 1}) {
				t.Errorf("%s of the first %d bytes of %s: %+v, want 1 missing", tt.id, n, tt.bytes, got)
			}
		}
	}
}

func TestOverlongVarintsAreProblems(t *testing.T) {
	tests := []struct{ id, bytes, says string }{
		{"uleb128", "ffffffffffffffffff02", "64 bits"},
		{"uleb128", "8080808080808080808000", "64 bits"},
		{"pbint", "ffffffffffffffffffff01", "64 bits"},
		{"zigzag", "ffffffffffffffffff7f", "64 bits"},
		{"sleb128", "ffffffffffffffffff01", "64 bits"}, // +2^63 needs another bit
		{"sleb128", "8080808080808080807e", "64 bits"},
		{"sleb128", "80808080808080808080", "64 bits"},
		{"varint", "ffffffffff", "5 bytes"},
		{"varint", "808080808000", "5 bytes"},
		{"varlong", "ffffffffffffffffffff", "10 bytes"},
		{"varstring", "ffffffffffffffffff02", "64 bits"},
		{"varintrest", "ffffffffffffffffff02", "64 bits"},
	}
	for _, tt := range tests {
		got := row(t, tt.id).At(unhex(t, tt.bytes), 0, Big)
		if got.Text != "" || got.Missing != 0 || !strings.Contains(got.Problem, tt.says) {
			t.Errorf("%s %s: %+v, want a problem that says %q", tt.id, tt.bytes, got, tt.says)
		}
	}
}

func TestAddressesAndColours(t *testing.T) {
	tests := []struct {
		id, source, bytes string
		big, little       string
	}{
		{"uuid", "RFC 9562 appendix A.1", "c232ab00941411ecb3c89f6bdeced846", "c232ab00-9414-11ec-b3c8-9f6bdeced846", ""},
		{"uuid", "RFC 9562 section 5.9, nil", "00000000000000000000000000000000", "00000000-0000-0000-0000-000000000000", ""},
		{"guid", "Microsoft Learn, Guid.ToByteArray", "c98b91356d19ea409779889d79b753f0", "35918bc9-196d-40ea-9779-889d79b753f0", ""},
		{"ipv4", "RFC 5737", "c0000201", "192.0.2.1", "1.2.0.192"},
		{"ipv6", "RFC 5952 section 5", "00000000000000000000ffffc0000201", "::ffff:192.0.2.1", ""},
		{"ipv6", "RFC 5952 section 4.2.2", "20010db8000000010001000100010001", "2001:db8:0:1:1:1:1:1", ""},
		{"ipv6", "RFC 5952 section 4.2.3", "20010000000000010000000000000001", "2001:0:0:1::1", ""},
		{"mac", "RFC 7042 section 2.1.2", "00005e005301", "00:00:5e:00:53:01", "01:53:00:5e:00:00"},
		{"port", "IANA service names", "01bb", "443  https", "47873"},
		{"port", "IANA service names", "0007", "7  echo", "1792"},
		{"port", "in nobody's name", "ffff", "65535", "65535"},
		{"rgba", "CSS Color 4, section 5.2: #0000ffcc", "0000ffcc", "#0000ffcc", "#ccff0000"},
		{"argb", "ActionScript BitmapData: 0xFFFF0000 is opaque red", "ffff0000", "#ff0000ff", "#00ffff00"},
		{"argb", "the same in memory, little-endian", "0000ffff", "#00ffff00", "#ff0000ff"},
		{"dos", "AutoIt, _Date_Time_DOSDateTimeToFileTime(0x3621, 0x11EF)", "362111ef", "2007-01-01T02:15:30", ""},
		{"dos", "AutoIt, _Date_Time_DOSDateTimeToFileTime(0x379F, 0x944A)", "379f944a", "2007-12-31T18:34:20", ""},
	}
	for _, tt := range tests {
		r := row(t, tt.id)
		b := unhex(t, tt.bytes)
		if got := r.At(b, 0, Big); got != (Value{Text: tt.big, Size: len(b)}) {
			t.Errorf("%s %s (%s): %+v, want %s", tt.id, tt.bytes, tt.source, got, tt.big)
		}
		if tt.little != "" {
			if got := r.At(b, 0, Little); got.Text != tt.little {
				t.Errorf("%s %s little-endian: %+v, want %s", tt.id, tt.bytes, got, tt.little)
			}
		}
	}
}

// TestIntegersAreThoseOfTheStandardLibrary compares with encoding/binary and
// math/big.
func TestIntegersAreThoseOfTheStandardLibrary(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var b [16]byte
	for range 2000 {
		for i := range b {
			b[i] = byte(random.Uint32())
		}
		if random.IntN(4) == 0 { // small ones and ends of ranges
			for i := range random.IntN(16) {
				b[i] = byte(-(random.IntN(2)))
			}
		}
		for _, r := range []struct {
			o  Order
			by binary.ByteOrder
		}{{Big, binary.BigEndian}, {Little, binary.LittleEndian}} {
			want := map[string]string{
				"u16": strconv.FormatUint(uint64(r.by.Uint16(b[:])), 10), "i16": strconv.FormatInt(int64(int16(r.by.Uint16(b[:]))), 10),
				"u32": strconv.FormatUint(uint64(r.by.Uint32(b[:])), 10), "i32": strconv.FormatInt(int64(int32(r.by.Uint32(b[:]))), 10),
				"u64": strconv.FormatUint(r.by.Uint64(b[:]), 10), "i64": strconv.FormatInt(int64(r.by.Uint64(b[:])), 10),
			}
			for _, size := range []int{3, 6, 16} {
				part := slices.Clone(b[:size])
				if r.o == Little {
					slices.Reverse(part)
				}
				n := new(big.Int).SetBytes(part)
				name := strconv.Itoa(8 * size)
				want["u"+name] = n.String()
				if part[0] >= 0x80 {
					n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*size)))
				}
				want["i"+name] = n.String()
			}
			for id, text := range want {
				if got := byID[id].At(b[:], 0, r.o); got.Text != text {
					t.Fatalf("%s of %x %v: %+v, want %s", id, b, r.o, got, text)
				}
			}
		}
		checkVarints(t, b[:])
	}
}

// byID are the rows by their IDs.
var byID = func() map[string]Row {
	rows := map[string]Row{}
	for _, r := range Rows() {
		rows[r.ID] = r
	}
	return rows
}()

// checkVarints compares with encoding/binary's varints, and SLEB128 with the
// definition in math/big.
func checkVarints(t testing.TB, b []byte) {
	t.Helper()
	u, n := binary.Uvarint(b)
	i, _ := binary.Varint(b)
	want := func(id, text string) {
		t.Helper()
		got := byID[id].At(b, 0, Big)
		switch {
		case n > 0 && got != (Value{Text: text, Size: n}),
			n == 0 && len(b) < 10 && got.Missing != 1,
			n == 0 && len(b) >= 10 && got.Problem == "", // ten bytes never are too few
			n < 0 && got.Problem == "":
			t.Fatalf("%s of %x: %+v, want %s in %d bytes", id, b, got, text, n)
		}
	}
	want("uleb128", strconv.FormatUint(u, 10))
	want("pbint", strconv.FormatInt(int64(u), 10))
	want("zigzag", strconv.FormatInt(i, 10))

	got := byID["sleb128"].At(b, 0, Big)
	sum := new(big.Int)
	for k, c := range b[:min(10, len(b))] {
		sum.Add(sum, new(big.Int).Lsh(big.NewInt(int64(c&0x7f)), uint(7*k)))
		if c < 0x80 {
			if c&0x40 != 0 {
				sum.Sub(sum, new(big.Int).Lsh(big.NewInt(1), uint(7*(k+1))))
			}
			if sum.IsInt64() != (got.Problem == "") || sum.IsInt64() && got != (Value{Text: sum.String(), Size: k + 1}) {
				t.Fatalf("sleb128 of %x: %+v, want %v", b, got, sum)
			}
			return
		}
	}
	if (got.Problem == "") == (len(b) >= 10) || got.Text != "" {
		t.Fatalf("sleb128 of %x: %+v", b, got)
	}
}

func FuzzVarints(f *testing.F) {
	f.Add([]byte("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"))
	f.Add([]byte("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"))
	f.Add([]byte("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00"))
	f.Add([]byte("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"))
	f.Fuzz(func(t *testing.T, b []byte) { checkVarints(t, b) })
}
