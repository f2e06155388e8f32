package capture

import (
	"bytes"
	"context"
	"math/rand/v2"
	"slices"
	"testing"
)

// findsAll holds a finder to trying a match at every place: all that do not overlap,
// and all there are.
func findsAll(t *testing.T, q Query, b []byte) {
	t.Helper()
	n := needleOf(q)
	lits := q.AnyOf
	if lits == nil {
		lits = [][]byte{q.Literal}
	}
	at := func(b []byte) int {
		for _, lit := range innermost(lits) {
			i := 0
			for i < len(lit) && i < len(b) && (q.Mask == nil && b[i] == lit[i] || q.Mask != nil && (b[i]^lit[i])&q.Mask[i] == 0) {
				i++
			}
			if i == len(lit) {
				return i
			}
		}
		return 0
	}
	for _, sample := range [][]byte{nil, b[:min(len(b), 4<<10)]} {
		n.tune(sample)
		for _, overlap := range []bool{false, true} {
			var got, want []place
			for i := 0; i < len(b); i++ {
				if l := at(b[i:]); l > 0 {
					want = append(want, place{i, l})
					if !overlap {
						i += l - 1
					}
				}
			}
			var f finder
			f.reset(&n, b)
			for i, l := f.find(0); i >= 0; {
				got = append(got, place{i, l})
				if overlap {
					l = 1
				}
				i, l = f.find(i + l)
			}
			if !slices.Equal(got, want) {
				i := 0
				for i < min(len(got), len(want)) && got[i] == want[i] {
					i++
				}
				t.Fatalf("%x mask %x any %x, overlapping %v: the %d-th is %v, want %v", q.Literal, q.Mask, q.AnyOf, overlap, i, got[i:min(i+2, len(got))], want[i:min(i+2, len(want))])
			}
		}
	}
}

func TestAFinderFindsWhatIsThere(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	texts := 90
	if raced {
		texts = 18
	}
	for n := range texts {
		values := []int{2, 4, 16, 256}[n%4]
		some := func(n int) []byte {
			b := make([]byte, n)
			for i := range b {
				if b[i] = byte(r.IntN(values)); values == 16 {
					b[i] *= 0x11
				}
			}
			return b
		}
		b := some(r.IntN(6000))
		if n%3 == 0 && len(b) > 3000 { // quiet for long
			clear(b[500:2900])
		}
		var q Query
		for range 1 + r.IntN([]int{8, 20, 64}[n%3]) {
			q.AnyOf = append(q.AnyOf, some(1+r.IntN([]int{3, 9, 12}[n/3%3])))
		}
		for _, lit := range q.AnyOf[:1+r.IntN(len(q.AnyOf))] {
			copy(b[r.IntN(len(b)+1):], lit)
		}
		findsAll(t, q, b)
		mask := Query{Literal: some(1 + r.IntN(7)), Mask: make([]byte, 0, 7)}
		for range mask.Literal {
			mask.Mask = append(mask.Mask, []byte{0, 0x0f, 0xf0, 0xff}[r.IntN(4)])
		}
		if mask.Mask[r.IntN(len(mask.Mask))] |= 0x0f; mask.check() == nil {
			findsAll(t, mask, b)
		}
	}
}

func FuzzFinder(f *testing.F) {
	f.Add([]byte("\x04\xd2\x00\xd2\x04\x00\x44\x9a\x40\x00"), []byte("ab\x04\xd2\x44\x9a\x40\x00"), uint16(600), uint64(0))
	f.Add([]byte("\x40\x0a"), []byte("\x4b\x1a\x4a\x00"), uint16(0), uint64(0x0ff0))
	f.Fuzz(func(t *testing.T, text, b []byte, quiet uint16, mask uint64) {
		if len(text) == 0 || len(text) > 200 || len(b) > 4000 {
			return
		}
		b = slices.Concat(b, make([]byte, quiet%2000), b)
		var q Query
		if mask == 0 {
			for _, lit := range bytes.Split(text, []byte{0}) {
				if len(lit) > 0 && len(q.AnyOf) < maxAnyOf {
					q.AnyOf = append(q.AnyOf, lit)
				}
			}
		} else {
			q.Literal = text
			for i := range text {
				q.Mask = append(q.Mask, byte(mask>>(i%8*8)))
			}
		}
		if q.check() == nil {
			findsAll(t, q, b)
		}
	})
}

func TestSearchFindsRareThingsInLongRecords(t *testing.T) {
	// Long enough for what is looked at in blocks, and across the borders of records.
	r := rand.New(rand.NewPCG(5, 6))
	var all []said
	for i := range 60 {
		b := make([]byte, 1+r.IntN(5000))
		for range r.IntN(4) {
			copy(b[r.IntN(len(b)):], "\x04\xd2\x47\x0a\x7f\x04\xd2")
		}
		copy(b, "\xd2\x0a\x00\x01"[i%3:])
		b[len(b)-1] = []byte{0x04, 0x4f, 0}[r.IntN(3)]
		all = append(all, said{client: i % 2, dir: In, bytes: b})
	}
	l := recorded(t, 30_000, all)
	everywhere(t, l, all, Query{Literal: []byte("\x40\x0a"), Mask: []byte("\xf0\x0f")}, func(b []byte) int {
		if len(b) > 1 && b[0]&0xf0 == 0x40 && b[1]&0x0f == 0x0a {
			return 2
		}
		return 0
	})
	lits := [][]byte{{0x04, 0xd2}, {0xd2, 0x04}, {0x0a, 0x7f, 0x04}, {0x47, 0x0a, 0, 1}, {0x01}}
	everywhere(t, l, all, Query{AnyOf: lits}, func(b []byte) int {
		for _, lit := range lits {
			if bytes.HasPrefix(b, lit) && len(lit) != 4 { // which holds another
				return len(lit)
			}
		}
		return 0
	})
	if n, err := l.Count(context.Background(), Query{AnyOf: lits}, nil); err != nil || n == 0 {
		t.Errorf("%d, %v", n, err)
	}
}
