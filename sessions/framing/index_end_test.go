package framing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wirebench/sessions/capture"
)

func TestFramesThatAreNotThereAreRefusedInWords(t *testing.T) {
	m := newModel(t, capture.Options{}, LF, LF)
	x := m.index(Options{}, usual)
	opened(m, one)
	m.append(one, capture.In, capture.Data, []byte("a\nb\n"))
	await(t, m.log, x)
	if _, err := x.Frame(0); err == nil || !strings.Contains(err.Error(), "numbered from 1") {
		t.Errorf("frame 0: %v", err)
	}
	if _, err := x.Frame(3); !errors.Is(err, io.EOF) {
		t.Errorf("frame 3: %v", err)
	}
	if _, err := x.FrameOf(4, 0); !errors.Is(err, io.EOF) {
		t.Errorf("of a record to come: %v", err)
	}
	for _, c := range []struct {
		number int64
		at     int
	}{{1, 0}, {3, 4}, {3, -1}} {
		if _, err := x.FrameOf(c.number, c.at); !errors.Is(err, errNoData) {
			t.Errorf("of byte %d of record %d: %v", c.at, c.number, err)
		}
	}
	f, err := x.Frame(2)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.ReadAt(&f, make([]byte, 1), -1); err == nil {
		t.Error("a negative offset is read")
	}
	if n, err := x.ReadAt(&f, make([]byte, 5), 1); n != 1 || !errors.Is(err, io.EOF) {
		t.Errorf("%d bytes from the middle, %v", n, err)
	}
	if _, err := NewIndex(m.log, Options{In: LF, Out: Framing{Kind: Gap}}); err == nil {
		t.Error("a wrong framing is taken")
	}
}

func TestAnIndexTellsWhenItsLogCanNoLongerBeRead(t *testing.T) {
	m := newModel(t, capture.Options{}, LF, LF)
	opened(m, one)
	if err := m.log.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := m.log.Release(); err != nil {
		t.Fatal(err)
	}
	x := m.index(Options{}, usual)
	<-x.Ready()
	<-x.ended
	if err := x.Stats().Err; !errors.Is(err, fs.ErrClosed) || !strings.HasPrefix(err.Error(), "cut into frames: ") {
		t.Errorf("%v, want that it is closed", err)
	}
	x.Close()
	x.Close()
}

func TestCloseEndsAnIndexInTheMiddle(t *testing.T) {
	m := newModel(t, capture.Options{}, parsed(t, "fixed:1"), LF)
	opened(m, one)
	p := make([]byte, capture.MaxPayload)
	for range 1000 { // 60 million frames
		m.log.Append(one, capture.In, capture.Data, p, "")
	}
	if err := m.log.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	x := m.index(Options{}, usual)
	for x.Stats().Last == 0 {
		time.Sleep(time.Millisecond)
	}
	x.Close()
	st := x.Stats()
	if st.Last == 60_000_000 || st.Done == st.Total || st.Err != nil {
		t.Fatalf("%+v", st)
	}
	if f, err := x.Frame(st.Last); err != nil || f.Number != st.Last {
		t.Errorf("what was found is read as %+v, %v", f, err)
	}
}

func TestTooManyConnectionsAtOnceAreBegunAnew(t *testing.T) {
	rules := [2]*rule{}
	for d := range rules {
		rules[d], _ = newRule(LF)
	}
	m := newModel(t, capture.Options{}, LF, LF)
	for n := range 25 {
		opened(m, testFlow(capture.TCP, n))
		m.append(testFlow(capture.TCP, n), capture.In, capture.Data, fmt.Appendf(nil, "%d", n))
	}
	m.append(testFlow(capture.TCP, 24), capture.In, capture.Data, []byte("\n"))
	if err := m.log.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	ls := newLanes(rules, &wanted{})
	ls.most = 20
	var got []string
	ls.ended = func(k *laneKey, s *state, r *rule, as State, _ int64) {
		got = append(got, fmt.Sprintf("%d %s", k.flow.Remote.Port()-1000, as))
	}
	s := m.log.NewScanner(nil)
	defer s.Close()
	if ok, err := s.Load(1); !ok || err != nil {
		t.Fatal(err)
	}
	for s.Scan() {
		if ls.take(s); len(ls.byKey) > 20 {
			t.Fatalf("%d lanes", len(ls.byKey))
		}
	}
	var want []string
	for n := range 20 { // twice ten connections, in their order
		want = append(want, fmt.Sprintf("%d incomplete", n))
	}
	if want = append(want, "24 complete"); !slices.Equal(got, want) {
		t.Errorf("ended have %q, want %q", got, want)
	}
}

func TestReadersDoNotMindGrowthAndEviction(t *testing.T) {
	m := newModel(t, capture.Options{SegmentSize: 8 << 10, Budget: 40 << 10}, parsed(t, "u16be"), LF)
	x := m.index(Options{}, spacing{bytes: 500, frames: 10})
	opened(m, one)
	ctx, cancel := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	var read atomic.Int64
	for range 3 {
		readers.Go(func() {
			rows, p := make([]Frame, 20), make([]byte, 50)
			for i := int64(0); ctx.Err() == nil; i++ {
				st := x.Stats()
				from := st.First + i*7919%max(st.Last-st.First+1, 1)
				n, err := x.Frames(rows, from)
				if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, capture.ErrEvicted) {
					t.Errorf("frames from %d on: %v", from, err)
					return
				}
				for j, f := range append(slices.Clone(rows[:n]), x.Growing(nil)...) {
					if f.Number != 0 && f.Number != from+int64(j) {
						t.Errorf("frame %d is in place of %d", f.Number, from+int64(j))
					}
					k, err := x.ReadAt(&f, p[:min(f.Len, 50)], 0)
					if err != nil && !errors.Is(err, capture.ErrEvicted) || f.Dir == capture.In && k > 2 && int64(p[0])<<8+int64(p[1]) != f.Declared-2 {
						t.Errorf("%+v has % x, %v", f, p[:k], err)
					}
					if g, err := x.FrameOf(f.Last, f.End-1); err == nil && (g.First != f.First || g.Start != f.Start) {
						t.Errorf("%+v is found for %+v", g, f)
					} else if err != nil && !errors.Is(err, capture.ErrEvicted) {
						t.Errorf("the frame of record %d: %v", f.Last, err)
					}
					if _, err := x.IndexOf(f.First); err != nil && !errors.Is(err, capture.ErrEvicted) {
						t.Errorf("index of record %d: %v", f.First, err)
					}
					read.Add(1)
				}
			}
		})
	}
	for i := range 3000 {
		var b []byte
		for j := range 5 {
			b, _ = m.framing[capture.In].Append(b, make([]byte, (i+j)%40))
		}
		k := i % len(b)
		m.log.Append(one, capture.In, capture.Data, b[:k], "")
		m.log.Append(one, capture.Out, capture.Data, []byte("a line\nand"), "")
		m.log.Append(one, capture.In, capture.Data, b[k:], "")
		if i%20 == 0 {
			await(t, m.log, x) // so that eviction does not overtake it
		}
	}
	st := await(t, m.log, x)
	for deadline := time.Now().Add(30 * time.Second); read.Load() < 100 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	cancel()
	readers.Wait()
	if st.In != 15000 || read.Load() < 100 || m.log.Stats().First == 1 {
		t.Errorf("%+v, %d frames were read", st, read.Load())
	}
}
