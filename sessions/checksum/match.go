package checksum

import (
	"encoding/binary"
	"slices"

	"wirebench/sessions/inspect"
)

// Found is a checksum that stands beside the bytes it belongs to.
type Found struct {
	Algorithm Algorithm
	Value     uint64        // over the bytes; of Within, over those before it
	Before    bool          // it stands before the bytes, and not behind them
	Within    bool          // it is the last of the bytes; see [Matcher.AtEnd]
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
	tail      []byte // the last bytes, which the sums have not taken yet; at most widest
	length    uint64 // of the bytes they have taken
	registers []shared
	plain     []started
}

// widest is how many bytes the longest value takes up.
const widest = 8

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
	n := len(p)
	if over := len(m.tail) + n - widest; over > 0 {
		old := min(over, len(m.tail))
		m.take(m.tail[:old])
		m.tail = append(m.tail[:0], m.tail[old:]...)
		m.take(p[:over-old])
		p = p[over-old:]
	}
	m.tail = append(m.tail, p...)
	return n, nil
}

// take gives the sums bytes that are not among the last ones.
func (m *Matcher) take(p []byte) {
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
	m.without(0, func(Algorithm) bool { return true }, look)
}

// without gives look the algorithms that are wanted, with their values over the
// bytes so far but the last n of them, which are no more than tail holds.
func (m *Matcher) without(n int, wanted func(Algorithm) bool, look func(Algorithm, uint64)) {
	rest := m.tail[:len(m.tail)-n]
	for _, r := range m.registers {
		if !wanted(r.members[0]) { // all are of one width
			continue
		}
		p := r.members[0].crc
		register := r.engine.update(r.register, rest)
		moved := power(*p, m.length+uint64(len(rest)))
		for _, a := range r.members {
			// The register is linear: what it began with has been multiplied by x
			// once for every bit that came after.
			begun := a.crc.load(multiply(*p, a.crc.Init, moved))
			look(a, a.crc.result(register^begun))
		}
	}
	for _, s := range m.plain {
		if wanted(s.algorithm) {
			end := s.hash.(cloner).clone()
			end.Write(rest)
			look(s.algorithm, end.Sum64())
		}
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
	wideFirst(found)
	return found
}

// AtEnd tells which presets give, over the bytes so far but the last ones, the
// value that is those last ones: where a message was written together with its
// checksum. At least one byte comes before the value. More may be written after
// it.
func (m *Matcher) AtEnd() []Found {
	var found []Found
	for n := 1; n <= len(m.tail); n++ {
		if m.length == 0 && n == len(m.tail) {
			break // there would be nothing that it sums
		}
		last := m.tail[len(m.tail)-n:]
		m.without(n, func(a Algorithm) bool { return a.Size() == n }, func(a Algorithm, value uint64) {
			found = appendFound(found, Found{Algorithm: a, Value: value, Within: true}, last)
		})
	}
	wideFirst(found)
	return found
}

// wideFirst sorts by what tells most.
func wideFirst(found []Found) {
	slices.SortStableFunc(found, func(a, b Found) int {
		if a.Algorithm.Bits != b.Algorithm.Bits {
			return b.Algorithm.Bits - a.Algorithm.Bits
		}
		return count(a.Before) - count(b.Before)
	})
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
