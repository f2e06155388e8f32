package capture

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSearchBoundsWhatItRemembersOfManyFlows(t *testing.T) {
	for _, c := range []struct {
		name    string
		literal int
		most    int
	}{
		{"a short literal", 4, maxOpenLanes},
		{"the longest literal", maxLiteral, maxOpenBytes / maxLiteral},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := Query{Literal: bytes.Repeat([]byte("a"), c.literal)}
			f := newForward(nil, q, nil, nil)
			b := backward{needle: newNeedle(q.Literal, false), lanes: make(map[laneKey]*ahead)}
			n := c.most + 1
			for i := range n {
				k := laneKey{clientFlow(i >> 1), Direction(i & 1)}
				f.lanes[k] = &lane{tail: []byte("a"), parts: []part{{off: int64(i), n: 1}}}
				b.lanes[k] = &ahead{used: int64(i)}
			}
			if len(f.lanes) != n || len(b.lanes) != n {
				t.Fatalf("%d and %d lanes made, want %d", len(f.lanes), len(b.lanes), n)
			}
			f.boundLanes()
			b.boundLanes()
			if len(f.lanes) > c.most || len(f.lanes) == 0 || len(b.lanes) > c.most || len(b.lanes) == 0 {
				t.Fatalf("%d and %d lanes kept, want some, and at most %d", len(f.lanes), len(b.lanes), c.most)
			}
			for _, l := range f.lanes {
				if int(l.parts[0].off) < n-len(f.lanes) {
					t.Fatalf("an old unfinished match is kept, and a younger one given up")
				}
			}
		})
	}
}

func TestSearchPassesOverWhatIsEvictedMeanwhile(t *testing.T) {
	l, err := Create(Options{Dir: t.TempDir(), SegmentSize: 64 << 10, Budget: 4 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Release()
	fill := func() {
		for range 70 {
			l.Append(clientFlow(0), In, Data, bytes.Repeat([]byte("0123456789"), 5000), "")
		}
		if err := l.Flush(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	fill()
	end := l.Stats().InBytes
	for _, back := range []bool{false, true} {
		matches, last := 0, int64(0)
		q := Query{Literal: []byte("345"), Backward: back, From: 0}
		if back {
			end = l.Stats().InBytes
			q.From = end
		}
		err := l.Search(context.Background(), q, func(m Match) bool {
			if matches++; matches == 1 {
				fill()
				fill()
			}
			if last = m.Off; m.Off%10 != 3 || m.Off >= end {
				t.Fatalf("match %v", m)
			}
			return true
		}, nil)
		if err != nil || matches == 0 {
			t.Errorf("backward %v: %d matches, the last at %d, %v", back, matches, last, err)
		}
	}
}

func TestADamagedFileIsNamedByWhateverReadsIt(t *testing.T) {
	l := recorded(t, 1<<20, []said{{0, In, make([]byte, 1000)}, {0, In, make([]byte, 1000)}})
	path := l.Files()[0]
	broken := func(what string) {
		t.Helper()
		_, counted := l.Count(context.Background(), Query{Literal: []byte("x")}, nil)
		_, backward := l.Count(context.Background(), Query{Literal: []byte("x"), Backward: true, From: 5000}, nil)
		f := NewFilter(l, Criteria{DataOnly: true})
		<-f.ended
		f.Close()
		for reader, err := range map[string]error{
			"Count":         counted,
			"Count back":    backward,
			"NewFilter":     f.Err(),
			"Export hex":    Export(context.Background(), &bytes.Buffer{}, l, AsHexdump, nil),
			"Export pcapng": Export(context.Background(), &bytes.Buffer{}, l, AsPcapng, nil),
		} {
			if reader == "Export pcapng" && what == "overwritten" {
				continue // it copies blocks as they are
			}
			if err == nil || !strings.Contains(err.Error(), path) {
				t.Errorf("%s of a file that was %s: %v", reader, what, err)
			}
			if what == "overwritten" && !errors.Is(err, errDamaged) {
				t.Errorf("%s of a file that was %s: %v, want that it is damaged", reader, what, err)
			}
		}
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	st, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteAt(bytes.Repeat([]byte{0xee}, 40), st.Size()-1050); err != nil {
		t.Fatal(err)
	}
	broken("overwritten")
	if err := file.Truncate(st.Size() - 10); err != nil {
		t.Fatal(err)
	}
	broken("cut")
}

func TestAMaskIsLookedForByItsRarestPlace(t *testing.T) {
	for _, c := range []struct {
		name  string
		count func(mask []byte)
		want  int
	}{
		{"only the last byte counts", func(m []byte) { m[len(m)-1] = 0xff }, 59_999},
		{"and others, which are frequent", func(m []byte) {
			for i := range m {
				m[i] = 0xff
			}
		}, 59_999},
		{"and others, of which a digit counts", func(m []byte) {
			for i := range m {
				m[i] = 0x0f
			}
			m[len(m)-1] = 0xff
		}, 59_999},
	} {
		q := Query{Literal: make([]byte, 60_000), Mask: make([]byte, 60_000)}
		c.count(q.Mask)
		q.Literal[59_999] = 'A'
		n := needleOf(q)
		if n.tune(make([]byte, 4096)); n.anchorAt != c.want || n.byDigits || n.dense || len(n.places) > 5*anchorPlaces {
			t.Errorf("%s: the anchor is at %d of %d places, by digits %v, dense %v", c.name, n.anchorAt, len(n.places), n.byDigits, n.dense)
		}
	}
	q := Query{Literal: append(make([]byte, 49_999), 'A'), Mask: append(make([]byte, 49_999), 0xff), Stream: InOnly}
	body := make([]byte, 55_000)
	body[54_000] = 'A'
	l := recorded(t, 1<<30, []said{{0, In, body}, {0, In, body}})
	want := []Match{{Off: 4001, Len: 50_000, Number: 1}, {Off: 59_001, Len: 50_000, Number: 2}}
	if got := search(t, l, q); !slices.Equal(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
	q.Backward, q.From = true, math.MaxInt64
	slices.Reverse(want)
	if got := search(t, l, q); !slices.Equal(got, want) {
		t.Errorf("backward found %v, want %v", got, want)
	}
}

// lookedAt is a context that is over once it was looked at so often.
type lookedAt struct {
	context.Context
	looks int
}

func (c *lookedAt) Err() error {
	if c.looks--; c.looks < 0 {
		return context.Canceled
	}
	return nil
}

func TestASearchIsCancelledInTheMiddleOfARecord(t *testing.T) {
	// It may begin at each of the letters, and is compared up to the end.
	const size = 6000
	b := bytes.Repeat([]byte("a"), 3*size)
	b[size-2] = 'b'
	b[len(b)-1] = 'b'
	mask := bytes.Repeat([]byte{0xfe}, size)
	fold := make([][][]byte, size)
	for i := range fold {
		fold[i] = [][]byte{[]byte("a"), []byte("A")}
	}
	mostly := append(bytes.Repeat([]byte("a"), size-1), 'a')
	for name, q := range map[string]Query{
		"a literal in either case": {Literal: mostly, FoldCase: true},
		"a mask":                   {Literal: mostly, Mask: mask},
		"letters":                  {Letters: fold},
		"any of several":           {AnyOf: [][]byte{mostly, []byte("xx"), []byte("yy"), []byte("zz")}},
	} {
		n := needleOf(q)
		n.tune(b[:4096])
		var f finder
		f.reset(&n, b)
		if at, _ := f.find(0); at != size-1 {
			t.Fatalf("%s: found at %d", name, at)
		}
		ctx := &lookedAt{context.Background(), 2}
		f.pace = pace{ctx: ctx}
		f.reset(&n, b)
		if at, _ := f.find(0); at >= 0 || ctx.looks != -1 {
			t.Errorf("%s: found at %d although that is over, with %d looks left", name, at, ctx.looks)
		}
		if at, _ := f.find(0); at >= 0 {
			t.Errorf("%s: found at %d afterwards", name, at)
		}
		// What is undecided is b's last letters but one.
		end := append(bytes.Repeat([]byte("a"), size-1), "ba"...)
		if at := n.undecided(end, 0, new(pace)); at != size {
			t.Fatalf("%s: undecided from %d on", name, at)
		}
		ctx.looks = 2
		if at := n.undecided(end, 0, &pace{ctx: ctx}); at != len(end) || ctx.looks != -1 {
			t.Errorf("%s: undecided from %d on although that is over, with %d looks left", name, at, ctx.looks)
		}
	}
}

func TestACancelledSearchSaysSoHoweverLittleIsLeft(t *testing.T) {
	// A single run, at which a worker gives up before it is through.
	const size = 30_000
	body := bytes.Repeat([]byte("a"), 2*size)
	body[size-2], body[2*size-3] = 'b', 'b'
	l := recorded(t, 1<<30, []said{{0, In, body}})
	for _, back := range []bool{false, true} {
		q := Query{Literal: bytes.Repeat([]byte("a"), size), FoldCase: true, Backward: back, Stream: InOnly}
		if back {
			q.From = math.MaxInt64
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		if n, err := l.Count(ctx, q, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("backward %v: %d, %v", back, n, err)
		}
		cancel()
	}
}

func TestCountIsCancelled(t *testing.T) {
	l := recorded(t, 1<<20, []said{{0, In, make([]byte, 1000)}})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, q := range []Query{{Literal: []byte("x")}, {Literal: []byte("x"), Backward: true, From: 1000}} {
		if _, err := l.Count(ctx, q, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("backward %v: %v", q.Backward, err)
		}
	}
}
