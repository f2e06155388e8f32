package app

import (
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wirebench/sessions/capture"
	"wirebench/sessions/framing"
	"wirebench/widgets"
)

func TestAFrameReaderNeverKeepsTheWindowWaiting(t *testing.T) {
	l, err := capture.Create(capture.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Delete() })
	flow := capture.Flow{Proto: capture.TCP, Local: netip.MustParseAddrPort("127.0.0.1:1"), Remote: netip.MustParseAddrPort("127.0.0.1:2")}
	l.Append(flow, capture.In, capture.Open, nil, "")
	l.Append(flow, capture.In, capture.Data, []byte("one\ntwo\nthree\n"), "")
	if err := l.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	index, err := framing.NewIndex(l, framing.Options{In: framing.LF, Out: framing.LF})
	if err != nil {
		t.Fatal(err)
	}
	defer index.Close()
	<-index.Ready()

	var moved atomic.Uint64
	var work sync.WaitGroup
	hold := make(chan struct{}) // until then nothing is read
	r := newFrameReader(index, &moved, func(f func()) { work.Go(func() { <-hold; f() }) })
	frames := make([]framing.Frame, 3)
	if _, err := r.Frames(frames, 1); !errors.Is(err, widgets.ErrNotYet) {
		t.Errorf("while nothing is read: %v", err)
	}
	began := time.Now()
	for range 10_000 { // the wait of one look is for all of it
		r.Frames(frames[:1], 2)
		r.FrameOf(2, 0)
		r.ReadAt(&framing.Frame{First: 2, Last: 2, Len: 4}, make([]byte, 2), 0)
	}
	if took := time.Since(began); took > 20*time.Second { // one wait each would be a minute
		t.Errorf("ten thousand looks took %s", took)
	}
	if n := len(r.asks); n != 3 {
		t.Errorf("%d things are asked for, want each once", n)
	}
	close(hold)
	work.Wait()
	if moved.Load() == 0 {
		t.Error("nobody is told that something was read")
	}
	if n, err := r.Frames(frames, 1); n != 3 || err != nil || frames[2].Number != 3 || frames[2].Len != 6 {
		t.Errorf("%d frames, %v: %+v", n, err, frames)
	}
	if f, err := r.FrameOf(2, 0); err != nil || f.Number != 1 {
		t.Errorf("%+v, %v", f, err)
	}
	r.Patiently(func() {
		b := make([]byte, 5)
		if n, err := r.ReadAt(&frames[2], b, 0); string(b[:n]) != "three" || err != nil {
			t.Errorf("%q, %v", b[:n], err)
		}
		if n, err := r.Frames(frames, 3); n != 1 || err == nil || errors.Is(err, widgets.ErrNotYet) {
			t.Errorf("behind the last: %d, %v", n, err)
		}
	})
	r.close()
	work.Wait()
}
