package checksum

import (
	"encoding/binary"
	"hash"
	"hash/adler32"
	"math/bits"
)

// simple makes the algorithms that are no CRC.
func simple(name string, bits int, start func() Hash, aliases ...string) Algorithm {
	return Algorithm{ID: idOf(name), Name: name, Bits: bits, Aliases: aliases, start: start}
}

// cloner is what every Hash of an algorithm that is no CRC is: the copy takes
// bytes that the original does not hear of.
type cloner interface{ clone() Hash }

// adler is Adler-32 of RFC 1950.
type adler struct{ hash.Hash32 }

func newAdler() Hash { return adler{adler32.New()} }

func (a adler) Sum64() uint64 { return uint64(a.Sum32()) }

func (a adler) clone() Hash {
	c, err := a.Hash32.(hash.Cloner).Clone()
	if err != nil {
		panic(err) // as of a hash made of several, which this is not
	}
	return adler{c.(hash.Hash32)}
}

// byteSum adds up bytes, of which the result keeps the low bits, negated where
// the algorithm asks for it.
type byteSum struct {
	sum    uint64
	bits   int
	negate bool
}

func newSum(bits int, negate bool) func() Hash {
	return func() Hash { return &byteSum{bits: bits, negate: negate} }
}

func (s *byteSum) Write(b []byte) (int, error) {
	n := len(b)
	// Eight lanes of 8 bits become four of 16, which 128 rounds cannot overflow.
	const even = 0x00ff00ff00ff00ff
	for len(b) >= 8 {
		var lanes uint64
		for i := 0; i < 128 && len(b) >= 8; i++ {
			x := binary.LittleEndian.Uint64(b)
			lanes += x&even + x>>8&even
			b = b[8:]
		}
		s.sum += lanes&0xffff + lanes>>16&0xffff + lanes>>32&0xffff + lanes>>48
	}
	for _, c := range b {
		s.sum += uint64(c)
	}
	return n, nil
}

func (s *byteSum) Sum64() uint64 {
	sum := s.sum
	if s.negate {
		sum = -sum
	}
	return sum & mask(s.bits)
}

func (s *byteSum) Reset()      { s.sum = 0 }
func (s *byteSum) clone() Hash { return new(*s) }

// xor8 is the exclusive or of all bytes.
type xor8 byte

func newXOR8() Hash { return new(xor8) }

func (x *xor8) Write(b []byte) (int, error) {
	n := len(b)
	var wide uint64
	for len(b) >= 8 {
		wide ^= binary.LittleEndian.Uint64(b)
		b = b[8:]
	}
	wide ^= wide >> 32
	wide ^= wide >> 16
	v := byte(wide ^ wide>>8)
	for _, c := range b {
		v ^= c
	}
	*x ^= xor8(v)
	return n, nil
}

func (x *xor8) Sum64() uint64 { return uint64(*x) }
func (x *xor8) Reset()        { *x = 0 }
func (x *xor8) clone() Hash   { return new(*x) }

// fletcher16 is Fletcher's checksum of bytes modulo 255.
type fletcher16 struct{ low, high uint64 }

func newFletcher16() Hash { return new(fletcher16) }

func (f *fletcher16) Write(b []byte) (int, error) {
	n := len(b)
	for len(b) > 0 {
		// The sums stay far below 2^64 for so many bytes.
		part := b[:min(len(b), 1<<20)]
		b = b[len(part):]
		low, high := f.low, f.high
		for _, c := range part {
			low += uint64(c)
			high += low
		}
		f.low, f.high = low%255, high%255
	}
	return n, nil
}

func (f *fletcher16) Sum64() uint64 { return f.high<<8 | f.low }
func (f *fletcher16) Reset()        { *f = fletcher16{} }
func (f *fletcher16) clone() Hash   { return new(*f) }

// words cuts bytes into words of 16 bits and keeps an odd one back.
type words struct {
	odd  byte
	held bool
}

// cut gives add the pairs in b. An even number of bytes comes in each call.
func (w *words) cut(b []byte, add func(pairs []byte)) {
	if w.held && len(b) > 0 {
		add([]byte{w.odd, b[0]})
		b, w.held = b[1:], false
	}
	if len(b)%2 == 1 {
		w.odd, w.held = b[len(b)-1], true
		b = b[:len(b)-1]
	}
	add(b)
}

// fletcher32 is Fletcher's checksum of little-endian words of 16 bits modulo
// 65535; the last one is filled up with zero.
type fletcher32 struct {
	words
	low, high uint64
}

func newFletcher32() Hash { return new(fletcher32) }

func (f *fletcher32) add(b []byte) {
	for len(b) > 0 {
		part := b[:min(len(b), 1<<20)]
		b = b[len(part):]
		low, high := f.low, f.high
		for ; len(part) >= 2; part = part[2:] {
			low += uint64(binary.LittleEndian.Uint16(part))
			high += low
		}
		f.low, f.high = low%65535, high%65535
	}
}

func (f *fletcher32) Write(b []byte) (int, error) {
	f.cut(b, f.add)
	return len(b), nil
}

func (f *fletcher32) Sum64() uint64 {
	end := *f
	if f.held {
		end.add([]byte{f.odd, 0})
	}
	return end.high<<16 | end.low
}

func (f *fletcher32) Reset()      { *f = fletcher32{} }
func (f *fletcher32) clone() Hash { return new(*f) }

// internet is the checksum of IP, TCP and UDP, RFC 1071: the complement of the
// sum in ones' complement of big-endian words of 16 bits.
type internet struct {
	words
	sum uint64
}

func newInternet() Hash { return new(internet) }

func (s *internet) add(b []byte) {
	for ; len(b) >= 8; b = b[8:] {
		x := binary.BigEndian.Uint64(b)
		s.fold(x>>32 + x&0xffffffff)
	}
	for ; len(b) >= 2; b = b[2:] {
		s.fold(uint64(binary.BigEndian.Uint16(b)))
	}
}

// fold adds with the carry going round, so that the sum keeps its value modulo
// 65535.
func (s *internet) fold(x uint64) {
	sum, carry := bits.Add64(s.sum, x, 0)
	s.sum = sum + carry
}

func (s *internet) Write(b []byte) (int, error) {
	s.cut(b, s.add)
	return len(b), nil
}

func (s *internet) Sum64() uint64 {
	end := *s
	if s.held {
		end.add([]byte{s.odd, 0})
	}
	sum := end.sum
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^sum & 0xffff
}

func (s *internet) Reset()      { *s = internet{} }
func (s *internet) clone() Hash { return new(*s) }

// bsd is the sum of the BSD command of that name: rotated right by one bit
// before each byte.
type bsd uint16

func newBSD() Hash { return new(bsd) }

func (s *bsd) Write(b []byte) (int, error) {
	sum := uint16(*s)
	for _, c := range b {
		sum = bits.RotateLeft16(sum, -1) + uint16(c)
	}
	*s = bsd(sum)
	return len(b), nil
}

func (s *bsd) Sum64() uint64 { return uint64(*s) }
func (s *bsd) Reset()        { *s = 0 }
func (s *bsd) clone() Hash   { return new(*s) }
