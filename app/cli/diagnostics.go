package cli

import (
	"bytes"
	"context"
	"io"
	"sync"
	"time"
)

// diagnostics is standard error, written to by whoever has something to say. A
// reader that has stopped reading holds them up, but cannot keep a signal from
// ending the run: after it, a write has patience, and those behind a write that
// took longer fail at once. A Write returns when all is written. It is safe for
// concurrent use.
type diagnostics struct {
	w        io.Writer
	signals  context.Context
	patience time.Duration

	mu    sync.Mutex
	stuck bool // a write is going on that was given up, and ends with the process
}

// Write implements [io.Writer].
func (d *diagnostics) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stuck {
		return 0, errStuck
	}
	var n int
	var err error
	written := make(chan struct{})
	go func(p []byte) { // p is the caller's again once this is given up
		defer close(written)
		n, err = d.w.Write(p)
	}(bytes.Clone(p))
	select {
	case <-written:
		return n, err
	case <-d.signals.Done():
	}
	t := time.NewTimer(d.patience)
	defer t.Stop()
	select {
	case <-written:
		return n, err
	case <-t.C:
		d.stuck = true
		return 0, errStuck
	}
}
