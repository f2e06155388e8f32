package sessions

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
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
