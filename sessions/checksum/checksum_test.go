package checksum_test

import (
	"bytes"
	"errors"
	"hash/crc64"
	"math/rand/v2"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	. "wirebench/sessions/checksum"
)

var nine = []byte("123456789")

// TestTheCheckValuesOfTheDesign holds the presets that were asked for by name.
func TestTheCheckValuesOfTheDesign(t *testing.T) {
	for _, test := range []struct{ id, want string }{
		{"crc-8", "F4"}, {"crc-8/maxim", "A1"},
		{"crc-16/arc", "BB3D"}, {"crc-16/modbus", "4B37"}, {"crc-16/ibm-3740", "29B1"}, {"crc-16/xmodem", "31C3"},
		{"crc-16/kermit", "2189"}, {"crc-16/x-25", "906E"}, {"crc-16/usb", "B4C8"}, {"crc-16/dnp", "EA82"},
		{"crc-32", "CBF43926"}, {"crc-32c", "E3069283"}, {"crc-32/bzip2", "FC891918"},
		{"crc-64/xz", "995DC9BBDF1939FA"},
		{"adler-32", "091E01DE"}, {"fletcher-16", "1EDE"}, {"sum8", "DD"}, {"sum16", "01DD"},
		{"xor8", "31"}, {"lrc", "23"},
	} {
		a, err := Lookup(test.id)
		if err != nil {
			t.Error(err)
			continue
		}
		if a.ID != test.id {
			t.Errorf("%s is known as %s", test.id, a.ID)
		}
		if got := a.Format(a.Sum(nine)); got != test.want {
			t.Errorf("%s gives %s, not %s", test.id, got, test.want)
		}
	}
}

func TestEveryCRCAgreesWithTheCatalogue(t *testing.T) {
	seen := make(map[string]bool)
	for _, c := range catalogue {
		a, err := Lookup(c.name)
		if err != nil {
			t.Error(err)
			continue
		}
		seen[a.ID] = true
		if got := a.Sum(nine); got != c.check {
			t.Errorf("%s gives %X over 123456789, not %X", c.name, got, c.check)
		}
		p, ok := a.CRC()
		if !ok {
			t.Errorf("%s is no CRC", c.name)
			continue
		}
		if p.Width%8 != 0 || p.RefIn != p.RefOut {
			continue // the codeword is no whole number of bytes
		}
		word := append([]byte("a message"), valueBytes(a.Sum([]byte("a message")), p.Width/8, p.RefOut)...)
		if got := a.Sum(word) ^ p.XorOut; got != c.residue {
			t.Errorf("%s leaves %X, not %X", c.name, got, c.residue)
		}
	}
	for _, a := range All() {
		if _, crc := a.CRC(); crc && !seen[a.ID] {
			t.Errorf("%s is not held to anything", a.ID)
		}
	}
}

func valueBytes(v uint64, n int, little bool) []byte {
	b := make([]byte, n)
	for i := range b {
		at := n - 1 - i
		if little {
			at = i
		}
		b[at] = byte(v >> (8 * i))
	}
	return b
}

// TestSumsThatAreNoCRC uses the examples of Wikipedia's article on Fletcher's
// checksum, RFC 1950's sample, RFC 1071 section 3 and NMEA's exclusive or.
func TestSumsThatAreNoCRC(t *testing.T) {
	for _, test := range []struct {
		id, in string
		want   uint64
	}{
		{"fletcher-16", "abcde", 0xc8f0},
		{"fletcher-16", "abcdef", 0x2057},
		{"fletcher-16", "abcdefgh", 0x0627},
		{"fletcher-32", "abcde", 0xf04fc729},
		{"fletcher-32", "abcdef", 0x56502d2a},
		{"fletcher-32", "abcdefgh", 0xebe19591},
		{"adler-32", "Wikipedia", 0x11e60398},
		{"adler-32", "", 1},
		{"internet", "\x00\x01\xf2\x03\xf4\xf5\xf6\xf7", ^uint64(0xddf2) & 0xffff},
		{"internet", "\x45\x00\x00\x73\x00\x00\x40\x00\x40\x11\x00\x00\xc0\xa8\x00\x01\xc0\xa8\x00\xc7", 0xb861},
		{"internet", "\x01", 0xfeff},
		{"internet", "", 0xffff},
		{"lrc", "\x01\x03\x00\x6b\x00\x03", 0x8e},     // a Modbus ASCII frame
		{"lrc", "\x03\x00\x30\x00\x02\x33\x7a", 0x1e}, // a record of Intel HEX
		{"xor8", "GPGLL,5300.97914,N,00259.98174,E,125926,A", 0x28},
		{"sum32", strings.Repeat("\xff", 1000), 255000},
		{"sum16", strings.Repeat("\xff", 1000), 255000 & 0xffff},
	} {
		if got, err := Sum(test.id, []byte(test.in)); err != nil || got != test.want {
			t.Errorf("%s of %q is %X, not %X (%v)", test.id, test.in, got, test.want, err)
		}
	}
}

// TestHowTheBytesAreCutMakesNoDifference compares pieces with the whole, and the
// whole with an engine that takes a bit at a time.
func TestHowTheBytesAreCutMakesNoDifference(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, 3000)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	for _, a := range All() {
		for _, n := range []int{0, 1, 2, 7, 15, 16, 17, 31, 33, 255, 3000} {
			whole := a.Sum(b[:n])
			if p, ok := a.CRC(); ok {
				if want := bitwise(p, b[:n]); whole != want {
					t.Fatalf("%s of %d bytes: %X, bit by bit %X", a.ID, n, whole, want)
				}
			}
			h := a.New()
			for rest := b[:n]; len(rest) > 0; {
				k := min(len(rest), r.IntN(40))
				h.Write(rest[:k])
				rest = rest[k:]
				h.Sum64() // changes nothing
			}
			if got := h.Sum64(); got != whole {
				t.Fatalf("%s of %d bytes: %X in pieces, %X whole", a.ID, n, got, whole)
			}
			h.Reset()
			h.Write(b[:n])
			if got := h.Sum64(); got != whole {
				t.Fatalf("%s: %X after Reset, not %X", a.ID, got, whole)
			}
			if a.Bits < 64 && whole>>a.Bits != 0 {
				t.Fatalf("%s: %X has more than %d bits", a.ID, whole, a.Bits)
			}
		}
	}
}

// bitwise is the definition of a CRC, one bit after the other.
func bitwise(p Parameters, b []byte) uint64 {
	turn := func(v uint64, n int) (out uint64) {
		for i := range n {
			out |= v >> i & 1 << (n - 1 - i)
		}
		return out
	}
	top := uint64(1) << (p.Width - 1)
	register := p.Init
	for _, c := range b {
		v := uint64(c)
		if p.RefIn {
			v = turn(v, 8)
		}
		for i := 7; i >= 0; i-- {
			out := register&top != 0
			register = register << 1 & (top<<1 - 1)
			if out != (v>>i&1 == 1) {
				register ^= p.Poly
			}
		}
	}
	if p.RefOut {
		register = turn(register, p.Width)
	}
	return register ^ p.XorOut
}

func TestTheStandardLibraryAgrees(t *testing.T) {
	b := bytes.Repeat([]byte("how vexingly quick daft zebras jump"), 100)
	for id, poly := range map[string]uint64{"crc-64/go-iso": crc64.ISO, "crc-64/xz": crc64.ECMA} {
		if got, _ := Sum(id, b); got != crc64.Checksum(b, crc64.MakeTable(poly)) {
			t.Errorf("%s: %X", id, got)
		}
	}
}

func TestTheSumOfBSDAgreesWithTheCommand(t *testing.T) {
	path, err := exec.LookPath("sum")
	if err != nil {
		t.Skip("no sum here")
	}
	cmd := exec.Command(path, "-r")
	in := bytes.Repeat([]byte("how vexingly quick daft zebras jump"), 100)
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.Output()
	if err != nil {
		t.Skip(err)
	}
	want, err := strconv.Atoi(strings.Fields(string(out))[0])
	if got, _ := Sum("bsd-sum", in); err != nil || got != uint64(want) {
		t.Errorf("%d, the command says %s", got, out)
	}
}

func TestAnUnknownNameIsAnError(t *testing.T) {
	for _, id := range []string{"", "crc-9", "md5"} {
		if _, err := Sum(id, nil); !errors.Is(err, ErrUnknown) {
			t.Errorf("Sum(%q): %v", id, err)
		}
		if _, err := New(id); !errors.Is(err, ErrUnknown) {
			t.Errorf("New(%q): %v", id, err)
		}
	}
}

func TestEveryNameMeansOneAlgorithm(t *testing.T) {
	owner := make(map[string]string)
	for _, a := range All() {
		for _, name := range append([]string{a.Name}, a.Aliases...) {
			got, err := Lookup(name)
			if err != nil || got.ID != a.ID {
				t.Errorf("%q is %s (%v) and not %s", name, got.ID, err, a.ID)
			}
			if other, ok := owner[strings.ToLower(name)]; ok {
				t.Errorf("%q is both %s and %s", name, other, a.ID)
			}
			owner[strings.ToLower(name)] = a.ID
		}
		if a.Bits < 8 || a.Bits > 64 || a.Size() != (a.Bits+7)/8 {
			t.Errorf("%s has %d bits in %d bytes", a.ID, a.Bits, a.Size())
		}
	}
}

func TestACustomCRCIsChecked(t *testing.T) {
	a, err := Custom("mine", Parameters{Width: 16, Poly: 0x1021, Init: 0x1d0f})
	if err != nil || a.Sum(nine) != 0xe5cc {
		t.Errorf("%v, %X", err, a.Sum(nine))
	}
	for _, p := range []Parameters{
		{Width: 7}, {Width: 65}, {Width: -1}, {},
		{Width: 8, Poly: 0x107}, {Width: 8, Poly: 7, Init: 0x100}, {Width: 8, Poly: 7, XorOut: 0x100},
	} {
		if _, err := Custom("mine", p); err == nil {
			t.Errorf("%+v is accepted", p)
		}
	}
}

func BenchmarkSum(b *testing.B) {
	buf := make([]byte, 1<<20)
	for i := range buf {
		buf[i] = byte(i * 7)
	}
	for _, id := range []string{
		"crc-32", "crc-32c", "crc-32/autosar", "crc-32/bzip2", "crc-16/modbus", "crc-16/xmodem", "crc-64/xz",
		"crc-64/ecma-182", "adler-32", "fletcher-16", "fletcher-32", "sum8", "xor8", "internet", "bsd-sum",
	} {
		a, err := Lookup(id)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(strings.ReplaceAll(id, "/", "-"), func(b *testing.B) {
			b.SetBytes(int64(len(buf)))
			for b.Loop() {
				a.Sum(buf)
			}
		})
	}
	b.Run("all", func(b *testing.B) {
		b.SetBytes(int64(len(buf)))
		for b.Loop() {
			Match(nil, buf, make([]byte, 8))
		}
	})
}
