package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

const (
	// outletRoom is how many bytes of lines may wait for standard output before
	// what makes them has to wait too.
	outletRoom = 1 << 20
	// datagramRoom is outletRoom where waiting loses datagrams: a burst of some
	// hundred thousand.
	datagramRoom = 64 << 20
	// gathered is how many bytes of lines that wait are written at once, where
	// they are gathered. It is what a pipe takes.
	gathered = 64 << 10
)

var errStuck = errors.New("it takes nothing any more")

// outlet writes lines from a goroutine of its own, so that a reader that has
// stopped reading cannot keep a signal from ending the run: whoever has a line
// waits in put, and giveUp frees them all.
type outlet struct {
	mu      sync.Mutex
	changed sync.Cond
	lines   [][]byte // that wait, each for a Write of its own
	waiting int      // bytes in lines
	room    int
	gather  int      // a line joins the last of lines up to so many bytes
	free    [][]byte // that gathered lines once
	closed  bool     // no more lines come
	stuck   bool     // given up
	ended   bool     // all is written, and the goroutine done
	err     error
	since   time.Time // the present write began; zero between writes
	writing []byte    // what the present write writes; nil between writes
	lost    int64     // lines that were given up, one that was cut among them
}

// newOutlet begins to write to w. failed is called once, if writing fails.
func newOutlet(w io.Writer, failed func()) *outlet {
	o := &outlet{room: outletRoom}
	o.changed.L = &o.mu
	go func() {
		for line := o.take(); line != nil; line = o.take() {
			_, err := w.Write(line)
			if o.wrote(line, err) {
				failed()
			}
		}
	}()
	return o
}

// forDatagrams gives the outlet more room, and lets lines that wait be written
// together.
func (o *outlet) forDatagrams() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.room, o.gather = datagramRoom, gathered
}

// put hands over a line. It waits while too many bytes wait. The line is the
// caller's again when it returns.
func (o *outlet) put(line []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.waiting > 0 && o.waiting+len(line) > o.room && !o.stuck && o.err == nil {
		o.changed.Wait()
	}
	if o.stuck {
		o.lost += linesIn(line)
	}
	if o.stuck || o.err != nil || len(line) == 0 {
		return
	}
	o.waiting += len(line)
	if n := len(o.lines); n > 0 && len(o.lines[n-1])+len(line) <= o.gather {
		o.lines[n-1] = append(o.lines[n-1], line...)
		return
	}
	var b []byte
	if n := len(o.free); n > 0 {
		b, o.free = o.free[n-1][:0], o.free[:n-1]
	} else {
		b = make([]byte, 0, max(len(line), o.gather))
	}
	o.lines = append(o.lines, append(b, line...))
	o.changed.Broadcast()
}

// take waits for what is to be written next, nil when there will be no more.
func (o *outlet) take() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(o.lines) == 0 && !o.closed {
		o.changed.Wait()
	}
	if len(o.lines) == 0 {
		o.ended = true
		o.changed.Broadcast()
		return nil
	}
	line := o.lines[0]
	o.lines[0] = nil
	o.lines = o.lines[1:]
	o.since, o.writing = time.Now(), line
	return line
}

// wrote takes down what came of a write, and reports whether it is the first
// that failed. After that nothing more is written.
func (o *outlet) wrote(line []byte, err error) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.waiting -= len(line)
	if o.stuck && err == nil {
		o.lost -= linesIn(line) // it was taken after all
	}
	o.since, o.writing = time.Time{}, nil
	if o.gather > 0 && cap(line) <= 2*gathered && len(o.free) < 16 {
		o.free = append(o.free, line)
	}
	first := err != nil && o.err == nil
	if first {
		o.err = err
	}
	if o.err != nil {
		o.lines, o.waiting = nil, 0
	}
	o.changed.Broadcast()
	return first
}

// giveUp drops what has not been written.
func (o *outlet) giveUp() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended {
		return
	}
	o.stuck = true
	if o.err == nil {
		o.err = errStuck
	}
	o.lost = linesIn(o.writing)
	for _, line := range o.lines {
		o.lost += linesIn(line)
	}
	o.lines, o.waiting = nil, 0
	o.changed.Broadcast()
}

// close waits until everything is written, or until giveUp, and returns the
// first error: after giveUp, with how many lines were not written. Nothing may be
// put after it. A write that giveUp found stuck cannot be cancelled: its goroutine
// ends with the process.
func (o *outlet) close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	o.changed.Broadcast()
	for !o.stuck && !o.ended {
		o.changed.Wait()
	}
	if o.stuck && errors.Is(o.err, errStuck) {
		return fmt.Errorf("%w: %s not written", o.err, counted(o.lost, "line"))
	}
	return o.err
}

// linesIn counts the lines that end in b.
func linesIn(b []byte) int64 { return int64(bytes.Count(b, []byte{'\n'})) }

// held is how long the present write has been going on, 0 between writes.
func (o *outlet) held() time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.since.IsZero() {
		return 0
	}
	return time.Since(o.since)
}

func (o *outlet) failure() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err
}
