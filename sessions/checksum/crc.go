package checksum

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/bits"
	"sync"
)

// Parameters describe a CRC as the Rocksoft model does. Poly leaves out the
// highest term, and Poly, Init and XorOut are written with the most significant
// bit first even where RefIn or RefOut is set.
type Parameters struct {
	Width  int    // bits, 8 to 64
	Poly   uint64 // the generator
	Init   uint64 // what the register holds before the first byte
	RefIn  bool   // bytes go in with the least significant bit first
	RefOut bool   // the register is turned round at the end
	XorOut uint64 // what the register is combined with at the end
}

// Custom makes an algorithm of parameters that no preset has. A width outside 8
// to 64, or a value wider than it, is an error.
func Custom(name string, p Parameters) (Algorithm, error) {
	if p.Width < 8 || p.Width > 64 {
		return Algorithm{}, fmt.Errorf("checksum %q: a width of %d bits: it has to be 8 to 64", name, p.Width)
	}
	for _, v := range []struct {
		name  string
		value uint64
	}{{"generator", p.Poly}, {"initial value", p.Init}, {"final exclusive or", p.XorOut}} {
		if v.value&^mask(p.Width) != 0 {
			return Algorithm{}, fmt.Errorf("checksum %q: the %s %X has more than %d bits", name, v.name, v.value, p.Width)
		}
	}
	return crcAlgorithm(name, p), nil
}

func crcAlgorithm(name string, p Parameters, aliases ...string) Algorithm {
	a := Algorithm{ID: idOf(name), Name: name, Bits: p.Width, Aliases: aliases, crc: &p}
	a.start = func() Hash {
		h := &crcHash{p: p, engine: engineFor(p)}
		h.Reset()
		return h
	}
	return a
}

func mask(width int) uint64 { return ^uint64(0) >> (64 - width) }

// reflect turns the low width bits of v round.
func reflect(v uint64, width int) uint64 { return bits.Reverse64(v) >> (64 - width) }

// load gives the register that holds v, a value with its most significant bit
// first: at the low end and turned round where bytes go in least significant
// bit first, at the high end otherwise.
func (p Parameters) load(v uint64) uint64 {
	if p.RefIn {
		return reflect(v, p.Width)
	}
	return v << (64 - p.Width)
}

// result gives the checksum that the register stands for.
func (p Parameters) result(register uint64) uint64 {
	if !p.RefIn {
		register >>= 64 - p.Width
	}
	if p.RefIn != p.RefOut {
		register = reflect(register, p.Width)
	}
	return register ^ p.XorOut
}

type crcHash struct {
	p        Parameters
	engine   engine
	register uint64
}

func (h *crcHash) Write(b []byte) (int, error) {
	h.register = h.engine.update(h.register, b)
	return len(b), nil
}

func (h *crcHash) Sum64() uint64 { return h.p.result(h.register) }
func (h *crcHash) Reset()        { h.register = h.p.load(h.p.Init) }

// engine takes bytes into the register of a CRC. It holds tables alone, and is
// shared by all sums with the same generator.
type engine interface {
	update(register uint64, b []byte) uint64
}

// family is what an engine depends on.
type family struct {
	poly  uint64
	width int
	refIn bool
}

func (p Parameters) family() family { return family{p.Poly, p.Width, p.RefIn} }

// engines holds the tables that were needed so far: 16 KiB each up to 32 bits,
// 32 KiB above.
var engines sync.Map // family -> engine

func engineFor(p Parameters) engine {
	f := p.family()
	if e, ok := engines.Load(f); ok {
		return e.(engine)
	}
	var e engine
	switch {
	case f == family{0x04c11db7, 32, true}:
		e = standard{crc32.IEEETable}
	case f == family{0x1edc6f41, 32, true}:
		e = standard{crc32.MakeTable(crc32.Castagnoli)}
	case f.refIn && f.width <= 32:
		e = newReflected32(f)
	case f.refIn:
		e = newReflected64(f)
	case f.width <= 32:
		e = newForward32(f)
	default:
		e = newForward64(f)
	}
	kept, _ := engines.LoadOrStore(f, e)
	return kept.(engine)
}

// standard uses the instructions that hash/crc32 has for two generators.
type standard struct{ table *crc32.Table }

func (s standard) update(register uint64, b []byte) uint64 {
	return uint64(^crc32.Update(^uint32(register), s.table, b))
}

// stride is how many bytes are taken at once. Table i holds what a byte does to
// the register when i more bytes follow it.
const stride = 16

type (
	reflected32 [stride][256]uint32
	reflected64 [stride][256]uint64
	forward32   [stride][256]uint32
	forward64   [stride][256]uint64
)

func newReflected64(f family) *reflected64 {
	t := new(reflected64)
	poly := reflect(f.poly, f.width)
	for i := range 256 {
		r := uint64(i)
		for range 8 {
			r = r>>1 ^ poly&-(r&1)
		}
		t[0][i] = r
	}
	for i := range 256 {
		for k := 1; k < stride; k++ {
			r := t[k-1][i]
			t[k][i] = t[0][byte(r)] ^ r>>8
		}
	}
	return t
}

func newForward64(f family) *forward64 {
	t := new(forward64)
	poly := f.poly << (64 - f.width)
	for i := range 256 {
		r := uint64(i) << 56
		for range 8 {
			r = r<<1 ^ poly&-(r>>63)
		}
		t[0][i] = r
	}
	for i := range 256 {
		for k := 1; k < stride; k++ {
			r := t[k-1][i]
			t[k][i] = t[0][r>>56] ^ r<<8
		}
	}
	return t
}

// newReflected32 keeps the low half of the table of 64 bits: a register of up
// to 32 bits never leaves it.
func newReflected32(f family) *reflected32 {
	wide, t := newReflected64(f), new(reflected32)
	for k := range wide {
		for i, r := range wide[k] {
			t[k][i] = uint32(r)
		}
	}
	return t
}

func newForward32(f family) *forward32 {
	wide, t := newForward64(f), new(forward32)
	for k := range wide {
		for i, r := range wide[k] {
			t[k][i] = uint32(r >> 32)
		}
	}
	return t
}

func (t *reflected32) update(register uint64, b []byte) uint64 {
	r := uint32(register)
	for len(b) >= stride {
		x := binary.LittleEndian.Uint64(b) ^ uint64(r)
		y := binary.LittleEndian.Uint64(b[8:])
		b = b[stride:]
		r = t[15][byte(x)] ^ t[14][byte(x>>8)] ^ t[13][byte(x>>16)] ^ t[12][byte(x>>24)] ^
			t[11][byte(x>>32)] ^ t[10][byte(x>>40)] ^ t[9][byte(x>>48)] ^ t[8][byte(x>>56)] ^
			t[7][byte(y)] ^ t[6][byte(y>>8)] ^ t[5][byte(y>>16)] ^ t[4][byte(y>>24)] ^
			t[3][byte(y>>32)] ^ t[2][byte(y>>40)] ^ t[1][byte(y>>48)] ^ t[0][byte(y>>56)]
	}
	for _, c := range b {
		r = t[0][byte(r)^c] ^ r>>8
	}
	return uint64(r)
}

func (t *reflected64) update(r uint64, b []byte) uint64 {
	for len(b) >= stride {
		x := binary.LittleEndian.Uint64(b) ^ r
		y := binary.LittleEndian.Uint64(b[8:])
		b = b[stride:]
		r = t[15][byte(x)] ^ t[14][byte(x>>8)] ^ t[13][byte(x>>16)] ^ t[12][byte(x>>24)] ^
			t[11][byte(x>>32)] ^ t[10][byte(x>>40)] ^ t[9][byte(x>>48)] ^ t[8][byte(x>>56)] ^
			t[7][byte(y)] ^ t[6][byte(y>>8)] ^ t[5][byte(y>>16)] ^ t[4][byte(y>>24)] ^
			t[3][byte(y>>32)] ^ t[2][byte(y>>40)] ^ t[1][byte(y>>48)] ^ t[0][byte(y>>56)]
	}
	for _, c := range b {
		r = t[0][byte(r)^c] ^ r>>8
	}
	return r
}

func (t *forward32) update(register uint64, b []byte) uint64 {
	r := uint32(register >> 32)
	for len(b) >= stride {
		x := binary.BigEndian.Uint64(b) ^ uint64(r)<<32
		y := binary.BigEndian.Uint64(b[8:])
		b = b[stride:]
		r = t[15][byte(x>>56)] ^ t[14][byte(x>>48)] ^ t[13][byte(x>>40)] ^ t[12][byte(x>>32)] ^
			t[11][byte(x>>24)] ^ t[10][byte(x>>16)] ^ t[9][byte(x>>8)] ^ t[8][byte(x)] ^
			t[7][byte(y>>56)] ^ t[6][byte(y>>48)] ^ t[5][byte(y>>40)] ^ t[4][byte(y>>32)] ^
			t[3][byte(y>>24)] ^ t[2][byte(y>>16)] ^ t[1][byte(y>>8)] ^ t[0][byte(y)]
	}
	for _, c := range b {
		r = t[0][byte(r>>24)^c] ^ r<<8
	}
	return uint64(r) << 32
}

func (t *forward64) update(r uint64, b []byte) uint64 {
	for len(b) >= stride {
		x := binary.BigEndian.Uint64(b) ^ r
		y := binary.BigEndian.Uint64(b[8:])
		b = b[stride:]
		r = t[15][byte(x>>56)] ^ t[14][byte(x>>48)] ^ t[13][byte(x>>40)] ^ t[12][byte(x>>32)] ^
			t[11][byte(x>>24)] ^ t[10][byte(x>>16)] ^ t[9][byte(x>>8)] ^ t[8][byte(x)] ^
			t[7][byte(y>>56)] ^ t[6][byte(y>>48)] ^ t[5][byte(y>>40)] ^ t[4][byte(y>>32)] ^
			t[3][byte(y>>24)] ^ t[2][byte(y>>16)] ^ t[1][byte(y>>8)] ^ t[0][byte(y)]
	}
	for _, c := range b {
		r = t[0][byte(r>>56)^c] ^ r<<8
	}
	return r
}
