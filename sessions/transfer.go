package sessions

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// Transfer is a file on its way out. All methods may be called from any goroutine.
type Transfer struct {
	path  string
	total int64
	file  *os.File // the writer's alone, once queued
	poke  func()   // wakes a writer that is stuck in this transfer

	done      atomic.Int64
	cancelled atomic.Bool

	once sync.Once
	err  error
	end  chan struct{}
}

func newTransfer(path string) (*Transfer, error) {
	// The kind is looked at before opening, because opening a named pipe waits for its writer.
	st, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("send file: %w", err)
	}
	if !st.Mode().IsRegular() {
		return nil, fmt.Errorf("send file: %s is not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("send file: %w", err)
	}
	if st, err = f.Stat(); err != nil {
		f.Close()
		return nil, fmt.Errorf("send file: %w", err)
	}
	return &Transfer{path: path, total: st.Size(), file: f, end: make(chan struct{})}, nil
}

// Path is the file's path as it was given.
func (t *Transfer) Path() string { return t.path }

// Progress returns how many bytes have been given to the system, of how many.
func (t *Transfer) Progress() (done, total int64) { return t.done.Load(), t.total }

// Cancel stops the transfer; what has been sent stays sent, and what is queued behind it follows. It
// does nothing once the transfer has ended.
func (t *Transfer) Cancel() {
	if !t.cancelled.Swap(true) {
		t.poke()
	}
}

// Done is closed when the transfer has ended.
func (t *Transfer) Done() <-chan struct{} { return t.end }

// Err returns nil before the end and after success, [ErrCancelled] wrapped with how far it came, or
// what went wrong with the file or the connection.
func (t *Transfer) Err() error {
	select {
	case <-t.end:
		return t.err
	default:
		return nil
	}
}

// finish ends the transfer, once. Only whoever owns the file calls it: the writer, or the end of the
// stream after the writer is gone.
func (t *Transfer) finish(err error) {
	t.once.Do(func() {
		t.file.Close()
		t.err = err
		close(t.end)
	})
}

// pokeFile makes the writer notice that a transfer was cancelled; one that only waits ends here.
func (s *stream) pokeFile(t *Transfer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := &s.outbox
	if o.now != nil && o.now.file == t {
		if !s.link.brittle {
			s.setWriteDeadline(past)
		}
		return
	}
	for i, it := range o.queue {
		if it.file == t {
			o.queue = append(o.queue[:i], o.queue[i+1:]...)
			s.dropFile(it)
			t.finish(fmt.Errorf("send %s: %w before it began", t.path, ErrCancelled))
			return
		}
	}
}

// skips reports whether what is left of an item is not to be sent any more, so that a write of it is to
// be interrupted. The caller holds mu.
func (s *stream) skips(it *item) bool {
	return it.file != nil && it.file.cancelled.Load() && !s.link.brittle
}

// dropFile takes what is left of a file out of the counts. The caller holds mu.
func (s *stream) dropFile(it item) {
	s.outbox.files--
	s.pend(it.sent - it.total)
	s.outbox.total -= it.total - it.sent
}

// writeFile sends a file. Errors of the file, and cancelling, end the transfer and not the connection;
// the error it returns is the connection's.
func (s *stream) writeFile(it *item, buf []byte) error {
	t := it.file
	for it.sent < it.total && !t.cancelled.Load() {
		n, err := t.file.Read(buf[:min(int64(len(buf)), it.total-it.sent)])
		if n > 0 {
			if werr := s.writeAll(it, buf[:n]); werr != nil && !(timedOut(werr) && t.cancelled.Load() && !s.stopped()) {
				return werr
			}
		}
		switch {
		case err == io.EOF:
			err = errors.New("the file has become shorter")
			fallthrough
		case err != nil:
			return s.endFile(it, fmt.Errorf("send %s: %w after %s of %s", t.path, err, thousands(it.sent), countBytes(it.total)))
		}
	}
	if it.sent < it.total {
		return s.endFile(it, fmt.Errorf("send %s: %w after %s of %s", t.path, ErrCancelled, thousands(it.sent), countBytes(it.total)))
	}
	return s.endFile(it, nil)
}

// endFile ends a transfer on a connection that goes on. It returns nil.
func (s *stream) endFile(it *item, err error) error {
	s.mu.Lock()
	s.dropFile(*it)
	s.outbox.now = nil
	if it.file.cancelled.Load() && s.stop < stopAbort {
		// The deadline of the poke is spent. Cancelling again finds that the file is no longer current.
		s.setWriteDeadline(time.Time{})
	}
	s.mu.Unlock()
	if err != nil {
		s.note(s.link.flow, err.Error())
		if errors.Is(err, ErrCancelled) {
			s.tell(Event{Name: EventState, Text: err.Error()})
		} else {
			s.tell(Event{Name: EventIOError, Err: err, Text: err.Error()})
		}
	}
	it.file.finish(err)
	return nil
}
