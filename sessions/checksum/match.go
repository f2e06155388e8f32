package checksum

import (
	"encoding/binary"
	"slices"

	"wirebench/sessions/inspect"
)

// Found is a checksum that stands beside the bytes it belongs to.
type Found struct {
	Algorithm Algorithm
	Value     uint64
	Before    bool          // it stands before the bytes, and not behind them
	Order     inspect.Order // of the value's own bytes
	Single    bool          // it reads the same in both orders, and Order says Big
}

// Match tells which presets give, over b, the value that ends before or that
// starts after: the bytes around a selection, of which no more than 8 count.
// Wide values come first, and then those behind. One of 8 bits is weak evidence:
// there are so many of them that one selection in ten has a match by chance.
func Match(before, b, after []byte) []Found {
	m := NewMatcher()
	m.Write(b)
	return m.Found(before, after)
}

// Matcher is [Match] for bytes that come in pieces. CRCs that share a generator
// share the work: it does not matter to the time what they begin and end with.
type Matcher struct {
	length    uint64
	registers []shared
	plain     []started
}

// shared is the register, begun with zero, of all CRCs of a family.
type shared struct {
	engine   engine
	register uint64
	members  []Algorithm
}

type started struct {
	algorithm Algorithm
	hash      Hash
}

// NewMatcher starts with no bytes.
func NewMatcher() *Matcher {
	m := &Matcher{}
	place := make(map[family]int)
	for _, a := range presets() {
		if a.crc == nil {
			m.plain = append(m.plain, started{a, a.New()})
			continue
		}
		f := a.crc.family()
		i, ok := place[f]
		if !ok {
			i = len(m.registers)
			place[f] = i
			m.registers = append(m.registers, shared{engine: engineFor(*a.crc)})
		}
		m.registers[i].members = append(m.registers[i].members, a)
	}
	return m
}

// Write adds p to the bytes whose checksum is searched for. It never fails.
func (m *Matcher) Write(p []byte) (int, error) {
	m.length += uint64(len(p))
	// One part after the other through all tables keeps the bytes in the cache.
	for rest := p; len(rest) > 0; {
		part := rest[:min(len(rest), 64<<10)]
		rest = rest[len(part):]
		for i := range m.registers {
			r := &m.registers[i]
			r.register = r.engine.update(r.register, part)
		}
		for _, s := range m.plain {
			s.hash.Write(part)
		}
	}
	return len(p), nil
}

// Result is the value an algorithm gives.
type Result struct {
	Algorithm Algorithm
	Value     uint64
}

// Sums lists what every preset gives over the bytes so far, in the order of
// [All]. More may be written after it.
func (m *Matcher) Sums() []Result {
	values := make(map[string]uint64)
	m.each(func(a Algorithm, value uint64) { values[a.ID] = value })
	var sums []Result
	for _, a := range presets() {
		sums = append(sums, Result{a, values[a.ID]})
	}
	return sums
}

// each gives look every algorithm with its value over the bytes so far.
func (m *Matcher) each(look func(Algorithm, uint64)) {
	for _, r := range m.registers {
		p := r.members[0].crc
		moved := power(*p, m.length)
		for _, a := range r.members {
			// The register is linear: what it began with has been multiplied by x
			// once for every bit that came after.
			begun := a.crc.load(multiply(*p, a.crc.Init, moved))
			look(a, a.crc.result(r.register^begun))
		}
	}
	for _, s := range m.plain {
		look(s.algorithm, s.hash.Sum64())
	}
}

// Found tells which presets give the value that ends before or starts after,
// as [Match] does. More may be written after it.
func (m *Matcher) Found(before, after []byte) []Found {
	var found []Found
	m.each(func(a Algorithm, value uint64) {
		n := a.Size()
		if len(after) >= n {
			found = appendFound(found, Found{Algorithm: a, Value: value}, after[:n])
		}
		if len(before) >= n {
			found = appendFound(found, Found{Algorithm: a, Value: value, Before: true}, before[len(before)-n:])
		}
	})
	slices.SortStableFunc(found, func(a, b Found) int {
		if a.Algorithm.Bits != b.Algorithm.Bits {
			return b.Algorithm.Bits - a.Algorithm.Bits
		}
		return count(a.Before) - count(b.Before)
	})
	return found
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// appendFound adds f where its value stands in b, which is as long as the value.
func appendFound(found []Found, f Found, b []byte) []Found {
	var wide [8]byte
	copy(wide[8-len(b):], b)
	big := binary.BigEndian.Uint64(wide[:])
	clear(wide[:])
	copy(wide[:], b)
	little := binary.LittleEndian.Uint64(wide[:])
	switch f.Value {
	case big:
		f.Single = big == little
		return append(found, f)
	case little:
		f.Order = inspect.Little
		return append(found, f)
	}
	return found
}

// multiply gives a times b modulo the generator, as polynomials with the
// highest power in the most significant bit of the width.
func multiply(p Parameters, a, b uint64) uint64 {
	var product uint64
	for i := p.Width - 1; i >= 0; i-- {
		high := product >> (p.Width - 1) & 1
		product = product<<1&mask(p.Width) ^ p.Poly&-high
		product ^= a & -(b >> i & 1)
	}
	return product
}

// power gives x to the number of bits in n bytes, modulo the generator.
func power(p Parameters, n uint64) uint64 {
	result, square := uint64(1), uint64(1)<<7
	// x^8 is 1<<8, which a width of 8 bits does not hold: x^7 times x.
	square = multiply(p, square, 2)
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			result = multiply(p, result, square)
		}
		square = multiply(p, square, square)
	}
	return result
}
