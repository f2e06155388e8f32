package capture

import (
	"errors"
	"fmt"
)

// Close ends a live log: it writes and syncs what was appended, takes the live marker away and waits for the log's
// goroutines. Reading goes on to work until Release. It returns why capturing had stopped, or what went wrong at the
// end. Further calls, and calls on a read-only log, do nothing and return the same.
func (l *Log) Close() error {
	l.closing.Lock()
	defer l.closing.Unlock()
	if l.done || l.readOnly {
		return l.doneErr
	}
	l.in.mu.Lock()
	l.in.closed = true
	started := l.in.started
	l.in.mu.Unlock()
	l.done = true
	if !started {
		return nil
	}
	l.wake()
	<-l.written
	close(l.keep.stop)
	<-l.keep.ended
	err := l.keep.sync(l)
	l.mu.Lock()
	if l.st.Err != nil {
		err = l.st.Err
	} else if err != nil {
		l.st.Err = err
	}
	l.notify()
	l.mu.Unlock()
	l.out.marking.Lock()
	if m := l.out.marker; m != nil {
		l.out.marker = nil
		err = errors.Join(err, m.remove())
	}
	l.out.marking.Unlock()
	if err != nil {
		l.doneErr = fmt.Errorf("close capture: %w", err)
	}
	return l.doneErr
}

// Release closes the log if need be, and its files as soon as nobody reads them any more. Reading fails from here on;
// Stats and Meta go on to work.
func (l *Log) Release() error {
	err := l.Close()
	l.mu.Lock()
	var idle []*segment
	if !l.released {
		l.released = true
		for _, s := range l.segs {
			if s.refs--; s.refs == 0 {
				idle = append(idle, s)
			}
		}
		l.notify()
	}
	l.mu.Unlock()
	for _, s := range idle {
		l.dispose(s)
	}
	return err
}

// Delete releases the log and deletes its files. A read-only log is deleted only if all its files are named as this
// package names them; a capture of another program is not ours to delete: ErrReadOnly.
func (l *Log) Delete() error {
	if l.readOnly {
		for _, path := range l.Files() {
			if _, ok := parseSegment(path); !ok {
				return fmt.Errorf("delete %s: %w", path, ErrReadOnly)
			}
		}
	}
	// The log is about to be gone, and with it why it could not be written in full.
	_ = l.Release()
	return removeFiles(l.Files())
}
