package cli

import (
	"errors"
	"io"
	"sync"
	"time"
)

// outletLines is how many lines may wait for standard output before what makes
// them has to wait too.
const outletLines = 16

var errStuck = errors.New("it takes nothing any more")

// outlet writes lines from a goroutine of its own, so that a reader that has
// stopped reading cannot keep a signal from ending the run: whoever has a line
// waits in put, and giveUp frees them all.
type outlet struct {
	lines chan []byte
	quit  chan struct{} // closed by giveUp
	once  sync.Once
	done  chan struct{} // the goroutine has ended

	mu    sync.Mutex
	err   error
	since time.Time // the present write began; zero between writes
}

// newOutlet begins to write to w. failed is called once, if writing fails.
func newOutlet(w io.Writer, failed func()) *outlet {
	o := &outlet{lines: make(chan []byte, outletLines), quit: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(o.done)
		for line := range o.lines {
			if o.failure() != nil {
				continue
			}
			o.begin(time.Now())
			_, err := w.Write(line)
			o.begin(time.Time{})
			if err != nil {
				o.fail(err)
				failed()
			}
		}
	}()
	return o
}

// put hands over a line, which is the outlet's from then on. It waits while too
// many lines wait.
func (o *outlet) put(line []byte) {
	select {
	case <-o.quit:
		return
	default:
	}
	select {
	case o.lines <- line:
	case <-o.quit:
	}
}

// giveUp drops what has not been written.
func (o *outlet) giveUp() {
	o.once.Do(func() {
		o.fail(errStuck)
		close(o.quit)
	})
}

// close waits until everything is written, or until giveUp, and returns the
// first error. Nothing may be put after it. A write that giveUp found stuck
// cannot be cancelled: its goroutine ends with the process.
func (o *outlet) close() error {
	close(o.lines)
	select {
	case <-o.done:
		o.once.Do(func() {}) // all is written: too late to give up
	case <-o.quit:
	}
	return o.failure()
}

func (o *outlet) begin(at time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.since = at
}

// held is how long the present write has been going on, 0 between writes.
func (o *outlet) held() time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.since.IsZero() {
		return 0
	}
	return time.Since(o.since)
}

func (o *outlet) fail(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err == nil {
		o.err = err
	}
}

func (o *outlet) failure() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err
}
