// Package filelock locks files between programs. A lock belongs to the open file: closing it gives the lock back, and
// so does the end of the process, however it ends. A lock that can be had means an owner that is gone. Locks are
// advice: they keep out who asks for them, and nobody who reads, writes or removes.
//
// It follows flock(2) on Unix and LockFileEx on Windows.
package filelock

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// ErrHeld is returned for a file that is locked by way of another open file, of this process or another.
var ErrHeld = errors.New("it is in use")

// Create opens the file at path for its owner alone, makes it if need be, and locks it. Another process may find the
// file ahead of its lock and clean it away as one without an owner; Create then makes it anew. The error is
// [ErrHeld], in words that name the file, when it stays locked.
func Create(path string) (*os.File, error) {
	var err error
	for range 100 {
		var f *os.File
		if f, err = open(path, os.O_CREATE); err == nil {
			if err = Try(f); err == nil && named(f, path) {
				return f, nil
			}
			f.Close()
		}
		if err != nil && !errors.Is(err, ErrHeld) && !vanishing(err) {
			return nil, err
		}
		time.Sleep(time.Millisecond) // who cleans away holds it for the time of one look
	}
	if err != nil && !errors.Is(err, ErrHeld) {
		return nil, err
	}
	return nil, fmt.Errorf("lock %s: %w", path, ErrHeld)
}

// Open opens the file at path, which must be there, and locks it. The error is [ErrHeld] when its owner lives, and
// [fs.ErrNotExist] when the file is gone, or was cleaned away just now.
func Open(path string) (*os.File, error) {
	f, err := open(path, 0)
	if err != nil {
		return nil, err
	}
	if err = Try(f); err == nil && !named(f, path) {
		err = fmt.Errorf("lock %s: %w", path, fs.ErrNotExist)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// named reports whether path still names f: a lock may come to be on a file that has lost its name.
func named(f *os.File, path string) bool {
	a, err := f.Stat()
	if err != nil {
		return false
	}
	b, err := os.Stat(path)
	return err == nil && os.SameFile(a, b)
}
