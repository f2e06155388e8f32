package capture

import (
	"math/rand/v2"
	"runtime"
	"sort"
	"testing"
)

func TestBitSetAgreesWithASortedList(t *testing.T) {
	for _, c := range []struct {
		name  string
		n     int
		every func(i int, r *rand.Rand) bool
	}{
		{"nothing", 0, nil},
		{"none of many", 200_000, func(int, *rand.Rand) bool { return false }},
		{"all of many", 200_000, func(int, *rand.Rand) bool { return true }},
		{"all of exactly two chunks", 2 * bitsChunk, func(int, *rand.Rand) bool { return true }},
		{"a few", 200_000, func(_ int, r *rand.Rand) bool { return r.IntN(5000) == 0 }},
		{"half", 150_001, func(_ int, r *rand.Rand) bool { return r.IntN(2) == 0 }},
		{"the first of each chunk", 200_000, func(i int, _ *rand.Rand) bool { return i%bitsChunk == 0 }},
		{"the last of each block", 200_000, func(i int, _ *rand.Rand) bool { return i%bitsBlock == bitsBlock-1 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			var s bitSet
			const start = 17
			s.start(start)
			var list []int64
			check := func() {
				t.Helper()
				if s.size() != int64(len(list)) {
					t.Fatalf("size %d, want %d", s.size(), len(list))
				}
				for range 2000 {
					i := r.Int64N(int64(len(list)) + 3)
					got, ok := s.nth(i - 1)
					if want := i >= 1 && i <= int64(len(list)); ok != want || ok && got != list[i-1] {
						t.Fatalf("nth(%d) = %d, %v", i-1, got, ok)
					}
					number := s.base - 5 + r.Int64N(s.end-s.base+10)
					want := sort.Search(len(list), func(i int) bool { return list[i] >= number })
					if got := s.rank(number); got != int64(want) {
						t.Fatalf("rank(%d) = %d, want %d", number, got, want)
					}
				}
			}
			check()
			next := int64(start)
			for i := range c.n {
				member := c.every(i, r)
				if s.add(member); member {
					list = append(list, next)
				}
				next++
			}
			check()
			for _, below := range []int64{start - 1, start + 3, start + bitsChunk - 1, start + bitsChunk, start + bitsChunk + 700, next - 1, next, next + 9} {
				below = min(below, next+9)
				s.drop(below)
				for len(list) > 0 && list[0] < below {
					list = list[1:]
				}
				check()
			}
			for number := s.end; number < next+9+1000; number++ {
				if s.add(number%3 == 0); number%3 == 0 {
					list = append(list, number)
				}
			}
			check()
		})
	}
}

func TestBitSetOfTenMillionRecordsTakesUnderThreeMegabytes(t *testing.T) {
	measure := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := measure()
	var s bitSet
	s.start(1)
	for i := range 10_000_000 {
		s.add(i%3 == 0)
	}
	if used := int64(measure()) - int64(before); used > 3_000_000 {
		t.Errorf("%d bytes", used)
	}
	if got, ok := s.nth(3_000_000); !ok || got != 9_000_001 {
		t.Errorf("the three millionth member is %d", got)
	}
}

func BenchmarkBitSetNth(b *testing.B) {
	var s bitSet
	s.start(1)
	for i := range 10_000_000 {
		s.add(i%3 == 0)
	}
	b.ResetTimer()
	for i := range b.N {
		s.nth(int64(i*7919) % s.size())
	}
}
