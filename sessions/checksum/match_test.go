package checksum_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	. "wirebench/sessions/checksum"
	"wirebench/sessions/inspect"
)

func find(found []Found, id string) []Found {
	return slices.DeleteFunc(slices.Clone(found), func(f Found) bool { return f.Algorithm.ID != id })
}

// TestEveryAlgorithmIsFoundOnEverySide puts each value before and behind a
// message in both orders. The lengths cover all ways of moving an initial value
// through the message.
func TestEveryAlgorithmIsFoundOnEverySide(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{0, 1, 2, 3, 64, 1000} {
		msg := make([]byte, n)
		for i := range msg {
			msg[i] = byte(r.Uint32())
		}
		for _, a := range All() {
			value := a.Sum(msg)
			for _, order := range []inspect.Order{inspect.Big, inspect.Little} {
				b := valueBytes(value, a.Size(), order == inspect.Little)
				reversed := slices.Clone(b)
				slices.Reverse(reversed)
				single := bytes.Equal(b, reversed)
				want := Found{Algorithm: a, Value: value, Order: order, Single: single}
				if single {
					want.Order = inspect.Big
				}
				check := func(where string, found []Found) {
					t.Helper()
					f := find(found, a.ID)
					if len(f) != 1 || f[0].Value != want.Value || f[0].Order != want.Order || f[0].Single != want.Single || f[0].Before != want.Before {
						t.Errorf("%s of %d bytes %s, %v: %v", a.ID, n, where, order, f)
					}
				}
				check("behind", Match(nil, msg, append(slices.Clone(b), "more"...)))
				want.Before = true
				check("before", Match(append([]byte("more"), b...), msg, nil))
			}
		}
	}
}

// TestEveryAlgorithmIsFoundAtTheEndOfAWholeMessage writes each value behind a
// message in both orders, all of it in pieces that cut the value anywhere.
func TestEveryAlgorithmIsFoundAtTheEndOfAWholeMessage(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, n := range []int{1, 2, 7, 8, 9, 64, 1000} {
		msg := make([]byte, n)
		for i := range msg {
			msg[i] = byte(r.Uint32())
		}
		for _, a := range All() {
			value := a.Sum(msg)
			for _, order := range []inspect.Order{inspect.Big, inspect.Little} {
				b := valueBytes(value, a.Size(), order == inspect.Little)
				reversed := slices.Clone(b)
				slices.Reverse(reversed)
				single := bytes.Equal(b, reversed)
				m := NewMatcher()
				for rest := append(slices.Clone(msg), b...); len(rest) > 0; {
					k := 1 + r.IntN(len(rest))
					m.Write(rest[:k])
					rest = rest[k:]
				}
				f := find(m.AtEnd(), a.ID)
				if len(f) != 1 || f[0].Value != value || !f[0].Within || f[0].Before || f[0].Single != single || !single && f[0].Order != order {
					t.Errorf("%s behind %d bytes, %v: %+v", a.ID, n, order, f)
				}
				if m.Sums(); len(find(m.AtEnd(), a.ID)) != 1 {
					t.Errorf("%s behind %d bytes is not found again", a.ID, n)
				}
			}
		}
	}
}

func TestAModbusFrameIsRecognisedWhole(t *testing.T) {
	frame := []byte{0x11, 0x03, 0x00, 0x6b, 0x00, 0x03, 0x76, 0x87}
	m := NewMatcher()
	m.Write(frame)
	found := m.AtEnd()
	modbus := find(found, "crc-16/modbus")
	if len(modbus) != 1 || modbus[0].Order != inspect.Little || modbus[0].Value != 0x8776 || !modbus[0].Within {
		t.Errorf("%+v", found)
	}
	if !slices.IsSortedFunc(found, func(a, b Found) int { return b.Algorithm.Bits - a.Algorithm.Bits }) {
		t.Errorf("%+v", found)
	}
	frame[7]++
	m = NewMatcher()
	m.Write(frame)
	if f := find(m.AtEnd(), "crc-16/modbus"); len(f) != 0 {
		t.Errorf("with a wrong byte: %+v", f)
	}
}

func TestAValueWithNothingBeforeItIsNotFoundAtTheEnd(t *testing.T) {
	for n := range 9 {
		m := NewMatcher()
		m.Write(make([]byte, n)) // zeros, which many give over nothing
		for _, f := range m.AtEnd() {
			if f.Algorithm.Size() >= n {
				t.Errorf("%d bytes: %+v", n, f)
			}
		}
	}
}

func TestAValueThatIsNotThereIsNotFound(t *testing.T) {
	msg := []byte("no checksum follows this message")
	if found := Match(nil, msg, nil); len(found) != 0 {
		t.Errorf("nothing follows, and this was found: %v", found)
	}
	v, _ := Sum("crc-32", msg)
	b := valueBytes(v, 4, false)
	if found := find(Match(nil, msg, b[:3]), "crc-32"); len(found) != 0 {
		t.Errorf("three bytes of four: %v", found)
	}
	b[3]++
	if found := find(Match(b, msg, b), "crc-32"); len(found) != 0 {
		t.Errorf("one byte is wrong: %v", found)
	}
}

func TestWideValuesComeFirst(t *testing.T) {
	msg := []byte("123456789")
	// CRC-32 behind, CRC-16/MODBUS before; the bytes hold narrow ones by chance or not at all.
	found := Match([]byte{0x37, 0x4b}, msg, []byte{0xcb, 0xf4, 0x39, 0x26})
	if len(found) < 2 || found[0].Algorithm.ID != "crc-32" || found[0].Before || found[0].Order != inspect.Big {
		t.Fatalf("%v", found)
	}
	modbus := find(found, "crc-16/modbus")
	if len(modbus) != 1 || !modbus[0].Before || modbus[0].Order != inspect.Little {
		t.Errorf("%v", modbus)
	}
	if !slices.IsSortedFunc(found, func(a, b Found) int { return b.Algorithm.Bits - a.Algorithm.Bits }) {
		t.Errorf("%v", found)
	}
}

// TestAModbusFrameIsRecognised uses the request of the Modbus protocol guide:
// read ten registers of unit 17, its CRC low byte first.
func TestAModbusFrameIsRecognised(t *testing.T) {
	frame := []byte{0x11, 0x03, 0x00, 0x6b, 0x00, 0x03, 0x76, 0x87}
	found := find(Match(nil, frame[:6], frame[6:]), "crc-16/modbus")
	if len(found) != 1 || found[0].Order != inspect.Little {
		t.Errorf("%v", found)
	}
}

func TestAMatcherTakesPieces(t *testing.T) {
	msg := bytes.Repeat([]byte("in pieces "), 20000)
	v, _ := Sum("crc-16/genibus", msg)
	m := NewMatcher()
	for rest := msg; len(rest) > 0; {
		k := min(len(rest), 33333)
		m.Write(rest[:k])
		rest = rest[k:]
		m.Found(nil, []byte{1, 2, 3, 4}) // changes nothing
	}
	if found := find(m.Found(nil, valueBytes(v, 2, false)), "crc-16/genibus"); len(found) != 1 {
		t.Errorf("%v", found)
	}
}

func TestAMatcherGivesWhatEveryAlgorithmGivesAlone(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 5))
	for _, n := range []int{0, 1, 9, 4096, 100_000} {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		m := NewMatcher()
		for rest := b; len(rest) > 0; {
			part := 1 + r.IntN(len(rest))
			m.Write(rest[:part])
			rest = rest[part:]
		}
		sums := m.Sums()
		if len(sums) != len(All()) {
			t.Fatalf("%d sums, want %d", len(sums), len(All()))
		}
		for i, a := range All() {
			if sums[i].Algorithm.ID != a.ID || sums[i].Value != a.Sum(b) {
				t.Errorf("%d bytes: %s gives %s, want %s", n, sums[i].Algorithm.ID, a.Format(sums[i].Value), a.Format(a.Sum(b)))
			}
		}
	}
}
