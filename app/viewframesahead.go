package app

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"wirebench/sessions/capture"
	"wirebench/sessions/framing"
	"wirebench/widgets"
)

// frameReader reads frames of an index beside the window: what takes longer than the window may wait is
// widgets.ErrNotYet, and there at one of the next looks. Its methods belong to the UI goroutine, but for close.
type frameReader struct {
	index *framing.Index
	moved *atomic.Uint64 // when something was read that was waited for
	run   func(func())   // starts a goroutine
	ctx   context.Context
	close context.CancelFunc // ends reading, and does not wait for what is being read

	left    time.Duration // that the window may still wait
	since   time.Time     // from then on
	patient bool          // however long it takes

	mu   sync.Mutex
	rows map[int64]framing.Frame // by number
	asks []*frameAsk             // the latest last
	busy bool                    // there is a goroutine that reads
}

// frameAsk is something to be read.
type frameAsk struct {
	key      any
	from, to int64 // of frames, the numbers, to exclusive; 0 of others
	read     func() (any, error)
	begun    bool
	done     chan struct{} // closed when what follows is there
	answer   any
	err      error
}

const (
	// frameWait is how long the window waits for what it reads, in the time of one frame of the screen.
	frameWait = 2 * time.Millisecond
	// frameAsks is how much may be waited for: what is on screen, and some more.
	frameAsks = 256
	// frameRows is how many frames are remembered.
	frameRows = 1 << 13
)

var _ widgets.Frames = (*frameReader)(nil)

// newFrameReader returns a reader of index, which adds one to moved when it has read something. run starts a goroutine,
// which ends when it has read what was asked for.
func newFrameReader(index *framing.Index, moved *atomic.Uint64, run func(func())) *frameReader {
	ctx, cancel := context.WithCancel(context.Background())
	return &frameReader{index: index, moved: moved, run: run, ctx: ctx, close: cancel, rows: map[int64]framing.Frame{}}
}

// work reads what is asked for, the last first.
func (r *frameReader) work() {
	for a := r.next(); a != nil; a = r.next() {
		answer, err := a.read()
		r.mu.Lock()
		a.answer, a.err = answer, err
		if frames, ok := answer.([]framing.Frame); ok && a.to > 0 {
			if len(r.rows) > frameRows {
				clear(r.rows)
			}
			for _, f := range frames {
				r.rows[f.Number] = f
			}
		}
		close(a.done)
		r.mu.Unlock()
		r.moved.Add(1)
	}
}

// next is what to read next, nil for nothing.
func (r *frameReader) next() *frameAsk {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := len(r.asks) - 1; i >= 0 && r.ctx.Err() == nil; i-- {
		if a := r.asks[i]; !a.begun {
			a.begun = true
			return a
		}
	}
	r.busy = false
	return nil
}

// ask puts something on the list; mu is held.
func (r *frameReader) ask(a *frameAsk) {
	a.done = make(chan struct{})
	if len(r.asks) >= frameAsks {
		r.asks = append(r.asks[:0], r.asks[1:]...) // nobody looks at it any more
	}
	r.asks = append(r.asks, a)
	if !r.busy {
		r.busy = true
		r.run(r.work)
	}
}

// drop takes something off the list; mu is held.
func (r *frameReader) drop(a *frameAsk) {
	for i := range r.asks {
		if r.asks[i] == a {
			r.asks = append(r.asks[:i], r.asks[i+1:]...)
			return
		}
	}
}

// wait waits for an answer for as long as the window may; mu is not held.
func (r *frameReader) wait(a *frameAsk) bool {
	select {
	case <-a.done:
		return true
	default:
	}
	if r.patient {
		select {
		case <-a.done:
			return true
		case <-r.ctx.Done():
			return false
		}
	}
	began := time.Now()
	if began.Sub(r.since) > frame {
		r.since, r.left = began, frameWait
	}
	if r.left <= 0 {
		return false
	}
	t := time.NewTimer(r.left)
	defer t.Stop()
	defer func() { r.left -= time.Since(began) }()
	select {
	case <-a.done:
		return true
	case <-t.C:
		return false
	}
}

// Patiently does something that needs all it reads at once, such as to copy it.
func (r *frameReader) Patiently(do func()) {
	was := r.patient
	r.patient = true
	do()
	r.patient = was
}

// answered returns what read does, once it is there.
func (r *frameReader) answered(key any, read func() (any, error)) (any, error) {
	r.mu.Lock()
	var a *frameAsk
	for _, o := range r.asks {
		if o.key == key {
			a = o
			break
		}
	}
	if a == nil {
		a = &frameAsk{key: key, read: read}
		r.ask(a)
	}
	r.mu.Unlock()
	if !r.wait(a) {
		return nil, widgets.ErrNotYet
	}
	r.mu.Lock()
	r.drop(a)
	r.mu.Unlock()
	return a.answer, a.err
}

// Stats is that of the index, as are those that follow and need nothing read.
func (r *frameReader) Stats() framing.Stats { return r.index.Stats() }

// Framing is part of widgets.Frames.
func (r *frameReader) Framing(d capture.Direction) framing.Framing { return r.index.Framing(d) }

// Growing is part of widgets.Frames.
func (r *frameReader) Growing(dst []framing.Frame) []framing.Frame { return r.index.Growing(dst) }

// Frames is part of widgets.Frames.
func (r *frameReader) Frames(dst []framing.Frame, from int64) (n int, err error) {
	for {
		if n, err = r.frames(dst, from); err != widgets.ErrNotYet || !r.patient || r.ctx.Err() != nil {
			return n, err
		}
	}
}

func (r *frameReader) frames(dst []framing.Frame, from int64) (int, error) {
	r.mu.Lock()
	n := r.known(dst, from)
	if n == len(dst) {
		r.mu.Unlock()
		return n, nil
	}
	next, to := from+int64(n), from+int64(len(dst))
	for ; to > next+1; to-- {
		if _, ok := r.rows[to-1]; !ok {
			break
		}
	}
	var a *frameAsk
	for _, o := range r.asks {
		if o.from <= next && next < o.to {
			a = o
		}
	}
	if a == nil {
		a = &frameAsk{from: next, to: to}
		a.read = func() (any, error) {
			frames := make([]framing.Frame, a.to-a.from)
			n, err := r.index.Frames(frames, a.from)
			return frames[:n], err
		}
		r.ask(a)
	}
	r.mu.Unlock()
	if !r.wait(a) {
		return n, widgets.ErrNotYet
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drop(a)
	switch n = r.known(dst, from); {
	case n == len(dst):
		return n, nil
	case a.err != nil:
		return n, a.err
	}
	return n, widgets.ErrNotYet // the rest is asked for with the next look
}

// known fills dst from what is remembered; mu is held.
func (r *frameReader) known(dst []framing.Frame, from int64) (n int) {
	for n < len(dst) {
		f, ok := r.rows[from+int64(n)]
		if !ok {
			break
		}
		dst[n] = f
		n++
	}
	return n
}

// byteKey asks for the frame of a byte, recordKey for the first behind a record, partKey for bytes of a frame.
type (
	byteKey struct {
		record int64
		at     int
	}
	recordKey struct{ record int64 }
	partKey   struct {
		first  int64
		start  int
		off, n int64
	}
)

// FrameOf is part of widgets.Frames.
func (r *frameReader) FrameOf(record int64, at int) (framing.Frame, error) {
	read := func() (any, error) { return r.index.FrameOf(record, at) }
	got, err := r.answered(byteKey{record, at}, read)
	if st := r.index.Stats(); errors.Is(err, io.EOF) && st.Done == st.Total {
		got, err = r.answered(byteKey{record, at}, read) // the index may have come to it since
	}
	f, _ := got.(framing.Frame)
	return f, err
}

// IndexOf is part of widgets.Frames.
func (r *frameReader) IndexOf(record int64) (int64, error) {
	got, err := r.answered(recordKey{record}, func() (any, error) { return r.index.IndexOf(record) })
	n, _ := got.(int64)
	return n, err
}

// ReadAt is part of widgets.Frames.
func (r *frameReader) ReadAt(f *framing.Frame, p []byte, off int64) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	of, size := *f, len(p)
	got, err := r.answered(partKey{f.First, f.Start, off, int64(size)}, func() (any, error) {
		b := make([]byte, size)
		n, err := r.index.ReadAt(&of, b, off)
		return b[:n], err
	})
	b, _ := got.([]byte)
	return copy(p, b), err
}
