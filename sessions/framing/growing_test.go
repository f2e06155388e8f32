package framing

import (
	"cmp"
	"slices"
	"sync"
	"testing"
	"time"

	"wirebench/sessions/capture"
)

// manyGrowing is an index of so many connections, each in the middle of a frame, of two directions in turn.
func manyGrowing(t testing.TB, n int, o Options) *Index {
	t.Helper()
	l, err := capture.Create(capture.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Delete() })
	for range 2 {
		for i := range n {
			l.Append(benchFlow(i), capture.Direction(i&1), capture.Data, []byte("begun"), "")
		}
	}
	if err := l.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.In, o.Out = LF, LF
	x, err := NewIndex(l, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(x.Close)
	<-x.Ready()
	return x
}

func TestOfManyFramesThatHaveNotEndedTheNewestAreListedAndNoneIsLost(t *testing.T) {
	x := manyGrowing(t, 1500, Options{})
	all, listed := x.AllGrowing(), x.Growing([]Frame{{Number: 7}})
	if len(all) != 1500 || !slices.IsSortedFunc(all, func(a, b Frame) int { return cmp.Compare(a.Last, b.Last) }) {
		t.Errorf("%d frames, and they should be 1,500 in order", len(all))
	}
	for i, f := range all {
		if f.Len != 10 || f.State != Growing || f.First != int64(i+1) || f.Flow != benchFlow(i) || f.Dir != capture.Direction(i&1) {
			t.Fatalf("frame %d is %+v", i, f)
		}
	}
	if len(listed) != 1001 || listed[0].Number != 7 || !slices.Equal(listed[1:], all[500:]) {
		t.Errorf("%d frames are listed, and they should be the newest 1,000", len(listed)-1)
	}
	if in := manyGrowing(t, 1500, Options{Dirs: capture.DirIn}).AllGrowing(); len(in) != 750 || in[0].Dir != capture.In {
		t.Errorf("%d frames of one direction", len(in))
	}
}

// A peer's address is looked up without a change to what others look at.
func TestFramesThatHaveNotEndedAreReadByManyAtOnce(t *testing.T) {
	x := manyGrowing(t, 300, Options{Text: "127.0.0.1:2002"})
	x.mu.RLock() // another one reads
	defer x.mu.RUnlock()
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for range 20 {
				if n := len(x.Growing(nil)); n != 10 {
					t.Errorf("%d frames of ten peers", n)
				}
			}
		})
	}
	over := make(chan struct{})
	go func() { readers.Wait(); close(over) }()
	select {
	case <-over:
	case <-time.After(time.Minute):
		t.Error("who asks waits for others who read")
	}
}

// What it takes does not depend on how many there are beyond those that are listed.
func TestToListTheNewestFramesTheOthersAreNotGoneThrough(t *testing.T) {
	x := manyGrowing(t, 5000, Options{})
	looked := 0
	x.mu.Lock()
	for l := range x.lanes.newest {
		if looked++; !l.queued || l.state.n == 0 {
			t.Errorf("%v is in the middle of no frame", l.key)
		}
	}
	x.mu.Unlock()
	if looked != 5000 {
		t.Errorf("%d of 5,000 are in order", looked)
	}
	dst := make([]Frame, 0, mostGrowing)
	if n := testing.AllocsPerRun(5, func() { x.Growing(dst) }); n > 3 {
		t.Errorf("%v pieces of memory, for a list that has room for all", n)
	}
}

func TestHowMuchOfFramesThatHaveNotEndedIsLostIsToldOfEach(t *testing.T) {
	m := newModel(t, capture.Options{SegmentSize: 4 << 10, Budget: 16 << 10}, LF, LF)
	x := m.index(Options{}, apartFew)
	for i := range 20 {
		m.append(benchFlow(i), capture.In, capture.Open, nil)
		m.append(benchFlow(i), capture.In, capture.Data, make([]byte, i+1))
	}
	await(t, m.log, x)
	for range 3 {
		m.append(one, capture.In, capture.Data, make([]byte, 5000))
		await(t, m.log, x)
	}
	for i := range 20 {
		m.append(benchFlow(i), capture.In, capture.Data, []byte("more"))
	}
	await(t, m.log, x)
	all := x.AllGrowing()
	if len(all) != 21 || m.log.Stats().First < 41 {
		t.Fatalf("%d frames; the capture begins with record %d", len(all), m.log.Stats().First)
	}
	for i, f := range all[1:] {
		if f.Lost != int64(i+1) || f.Len != int64(i+5) {
			t.Errorf("frame %d has lost %d of %d bytes", i, f.Lost, f.Len)
		}
		if g, err := x.FrameOf(f.Last, 0); err != nil || g != f {
			t.Errorf("by one of its bytes it is %+v, %v; want %+v", g, err, f)
		}
	}
}

func BenchmarkTheNewestGrowingOf(b *testing.B) {
	for name, n := range map[string]int{"1000": 1000, "60000": 60_000} {
		b.Run(name, func(b *testing.B) {
			x := manyGrowing(b, n, Options{})
			var dst []Frame
			for b.Loop() {
				dst = x.Growing(dst[:0])
			}
		})
	}
}
