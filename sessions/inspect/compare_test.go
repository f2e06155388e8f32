package inspect_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	. "wirebench/sessions/inspect"
)

// compareSlowly is the definition: byte by byte.
func compareSlowly(a, b []byte, most int) Comparison {
	c := Comparison{SizeA: int64(len(a)), SizeB: int64(len(b)), First: -1}
	common := min(len(a), len(b))
	for i := 0; i < common; {
		n := 0
		for i+n < common && a[i+n] != b[i+n] {
			n++
		}
		if n > 0 {
			if c.First < 0 {
				c.First = int64(i)
			}
			c.Differing += int64(n)
			if len(c.Ranges) < most {
				c.Ranges = append(c.Ranges, Range{int64(i), int64(n)})
			} else {
				c.More++
			}
		}
		i += max(n, 1)
	}
	if c.First < 0 && len(a) != len(b) {
		c.First = int64(common)
	}
	return c
}

func same(a, b Comparison) bool {
	return slices.Equal(a.Ranges, b.Ranges) && a.SizeA == b.SizeA && a.SizeB == b.SizeB &&
		a.First == b.First && a.Differing == b.Differing && a.More == b.More
}

func checkCompare(t testing.TB, a, b []byte, most int) Comparison {
	t.Helper()
	got, err := Compare(context.Background(), bytes.NewReader(a), bytes.NewReader(b), most, nil)
	if want := compareSlowly(a, b, most); err != nil || !same(got, want) {
		t.Fatalf("%+v, %v, want %+v", got, err, want)
	}
	if got.Equal() != bytes.Equal(a, b) {
		t.Fatalf("equal: %v", got.Equal())
	}
	return got
}

func TestCompareFindsWhatDiffers(t *testing.T) {
	tests := []struct {
		name, a, b string
		want       Comparison
	}{
		{"nothing with nothing", "", "", Comparison{First: -1}},
		{"the same", "hello", "hello", Comparison{SizeA: 5, SizeB: 5, First: -1}},
		{"the first byte", "hello", "jello", Comparison{SizeA: 5, SizeB: 5, First: 0, Differing: 1, Ranges: []Range{{0, 1}}}},
		{"the last byte", "hello", "hellx", Comparison{SizeA: 5, SizeB: 5, First: 4, Differing: 1, Ranges: []Range{{4, 1}}}},
		{"two runs", "abcdefghij", "aXXdefgXij", Comparison{SizeA: 10, SizeB: 10, First: 1, Differing: 3, Ranges: []Range{{1, 2}, {7, 1}}}},
		{"a longer one", "abc", "abcdef", Comparison{SizeA: 3, SizeB: 6, First: 3}},
		{"something with nothing", "abc", "", Comparison{SizeA: 3, First: 0}},
		{"a longer one that differs before", "Xbc", "abcdef", Comparison{SizeA: 3, SizeB: 6, First: 0, Differing: 1, Ranges: []Range{{0, 1}}}},
		{"more runs than are asked for", "a.b.c.d.", "A.B.C.D.", Comparison{SizeA: 8, SizeB: 8, First: 0, Differing: 4, Ranges: []Range{{0, 1}, {2, 1}}, More: 2}},
	}
	for _, tt := range tests {
		got, err := Compare(context.Background(), strings.NewReader(tt.a), strings.NewReader(tt.b), 2, nil)
		if err != nil || !same(got, tt.want) {
			t.Errorf("%s: %+v, %v, want %+v", tt.name, got, err, tt.want)
		}
	}
}

func TestCompareIsRightAtTheEdgesOfWhatItReads(t *testing.T) {
	const chunk = 64 << 10
	random := rand.New(rand.NewPCG(7, 8))
	a := make([]byte, 3*chunk+11)
	for i := range a {
		a[i] = byte(random.Uint32())
	}
	for _, cut := range [][2]int{{chunk - 1, chunk + 1}, {chunk, chunk + 1}, {chunk - 1, chunk}, {0, 3*chunk + 11}, {chunk - 9, 2*chunk + 9}, {3 * chunk, 3*chunk + 11}, {3, 5}, {7, 9}} {
		b := slices.Clone(a)
		for i := cut[0]; i < cut[1]; i++ {
			b[i] ^= 0x40
		}
		c := checkCompare(t, a, b, 10)
		if want := (Range{int64(cut[0]), int64(cut[1] - cut[0])}); len(c.Ranges) != 1 || c.Ranges[0] != want {
			t.Errorf("%+v, want %+v", c.Ranges, want)
		}
	}
	for range 50 {
		b := slices.Clone(a[:len(a)-random.IntN(2*chunk)])
		for range random.IntN(40) {
			at := random.IntN(len(b))
			for i := range min(random.IntN(30), len(b)-at) {
				b[at+i]++
			}
		}
		checkCompare(t, a, b, random.IntN(20))
		checkCompare(t, b, a, random.IntN(20))
	}
}

func FuzzCompare(f *testing.F) {
	f.Add([]byte("hello, world"), []byte("hellO, worLD!"), 1)
	f.Fuzz(func(t *testing.T, a, b []byte, most int) { checkCompare(t, a, b, most) })
}

// pattern is a section of any size whose bytes are worked out.
type pattern struct {
	size   int64
	differ int64 // every so many bytes one is another; 0 for none
	fail   int64 // reading fails from here on; 0 for never
}

func (p pattern) Size() int64 { return p.size }

var errGone = errors.New("the segment is gone")

func (p pattern) ReadAt(b []byte, off int64) (int, error) {
	if p.fail > 0 && off+int64(len(b)) > p.fail {
		return int(max(0, p.fail-off)), errGone
	}
	clear(b)
	if p.differ > 0 {
		for at := (off + p.differ - 1) / p.differ * p.differ; at < off+int64(len(b)); at += p.differ {
			b[at-off] = 1
		}
	}
	return len(b), nil
}

func TestALargeComparisonTakesLittleMemory(t *testing.T) {
	const size = 256 << 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	last := int64(0)
	c, err := Compare(context.Background(), pattern{size: size}, pattern{size: size, differ: 1000}, 100, func(done int64) {
		if done < last || done > size {
			t.Errorf("progress from %d to %d", last, done)
		}
		last = done
	})
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("%d bytes of memory", n)
	}
	const runs = (size + 999) / 1000
	if err != nil || c.First != 0 || c.Differing != runs || len(c.Ranges) != 100 || c.More != runs-100 || last != size {
		t.Errorf("%d of %d differ, first %d, %d ranges and %d more, progress %d, %v", c.Differing, size, c.First, len(c.Ranges), c.More, last, err)
	}
}

func TestAComparisonCanBeCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	c, err := Compare(ctx, pattern{size: 1 << 62}, pattern{size: 1 << 62, differ: 1 << 10}, 5, func(done int64) {
		if done > 1<<20 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || c.First != 0 || len(c.Ranges) != 5 {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestASectionThatCannotBeReadIsNamed(t *testing.T) {
	good, bad := pattern{size: 1 << 20}, pattern{size: 1 << 20, differ: 1 << 10, fail: 200_000}
	_, err := Compare(context.Background(), bad, good, 5, nil)
	if !errors.Is(err, errGone) || err.Error() != "read the first selection: at offset 200000: the segment is gone" {
		t.Errorf("%v", err)
	}
	c, err := Compare(context.Background(), good, bad, 500, nil)
	if !errors.Is(err, errGone) || !strings.Contains(err.Error(), "second") || c.Differing != 192 || len(c.Ranges) != 192 {
		t.Errorf("%v, %d bytes differ until then", err, c.Differing)
	}
	short := io.NewSectionReader(strings.NewReader("abc"), 0, 10)
	if _, err := Compare(context.Background(), short, good, 5, nil); !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), "offset 3") {
		t.Errorf("%v", err)
	}
}

func BenchmarkCompare(b *testing.B) {
	random := rand.New(rand.NewPCG(9, 10))
	x := make([]byte, 16<<20)
	for i := range x {
		x[i] = byte(random.Uint32())
	}
	for name, y := range map[string][]byte{"equal": slices.Clone(x), "random": append(slices.Clone(x[1:]), 0)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(x)))
			for b.Loop() {
				Compare(context.Background(), bytes.NewReader(x), bytes.NewReader(y), 100, nil)
			}
		})
	}
}
