package capture

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
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
