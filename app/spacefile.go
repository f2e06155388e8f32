package app

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"wirebench/sessions/filelock"
	"wirebench/widgets/words"
)

// spaceFile writes the file of the workspace in a goroutine of its own. Even a small file can take a good part of a
// second where the disk is busy with a capture: renaming gives up the file that is replaced, and a file system may wait
// until that is written and its blocks are discarded. Its methods are safe for concurrent use.
type spaceFile struct {
	replace func(b []byte) error // has the file hold b

	mu      sync.Mutex
	idle    sync.Cond // signalled when writing has ended
	writing bool
	wanted  []byte // what the file is to hold; nil when that is not known
	turn    int    // counts what was wanted
	err     error  // why it could not be written, until told
}

func newSpaceFile(path string) *spaceFile {
	f := &spaceFile{replace: func(b []byte) error { return replaceSpace(path, b) }}
	f.idle.L = &f.mu
	return f
}

// put has the file hold b before long, and does not wait for it. It does nothing when the file holds that already.
func (f *spaceFile) put(b []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if bytes.Equal(b, f.wanted) {
		return
	}
	f.wanted = b
	f.turn++
	if !f.writing {
		f.writing = true
		go f.write()
	}
}

// write writes what is wanted until there is nothing newer.
func (f *spaceFile) write() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for done := -1; done != f.turn; {
		b := f.wanted
		done = f.turn
		f.mu.Unlock()
		err := f.replace(b)
		f.mu.Lock()
		f.err = err
		if err != nil && done == f.turn {
			f.wanted = nil // the next put tries again
		}
	}
	f.writing = false
	f.idle.Broadcast()
}

// wait waits until nothing is being written.
func (f *spaceFile) wait() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for f.writing {
		f.idle.Wait()
	}
}

// trouble tells once why the file could not be written, nil when it could.
func (f *spaceFile) trouble() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	err := f.err
	f.err = nil
	return err
}

// replaceSpace writes the workspace, and makes its folder where there is none.
func replaceSpace(path string, b []byte) error {
	err := os.MkdirAll(filepath.Dir(path), 0o700)
	if err == nil {
		err = writeWhole(path, b)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", words.Say("save the workspace"), err)
	}
	return nil
}

// claimSpace makes this window the one that keeps the workspace, unless another
// does. Where files cannot be locked each one does, and the last to save wins.
func (w *workbench) claimSpace() {
	if err := os.MkdirAll(filepath.Dir(w.spacePath), 0o700); err != nil {
		return // said when the workspace is saved
	}
	f, err := filelock.Create(filepath.Join(filepath.Dir(w.spacePath), "workspace.lock"))
	w.spaceLock, w.guest = f, errors.Is(err, filelock.ErrHeld)
}

// releaseSpace lets the next window have the workspace.
func (w *workbench) releaseSpace() {
	if w.spaceLock != nil {
		_ = w.spaceLock.Close() // nothing was written to it
	}
}
