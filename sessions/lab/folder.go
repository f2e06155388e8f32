package lab

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"wirebench/sessions/filelock"
)

const (
	// folderPrefix begins the names of temporary folders.
	folderPrefix = "wirebench-lab-"
	// lockFile is in a temporary folder, and locked as long as its lab lives. The system gives the lock back when the
	// process ends, however it ends.
	lockFile = "lab.lock"
)

// folder makes the folder for files, once; l.mu is held.
func (l *Lab) folder() (string, error) {
	if l.dir != "" {
		return l.dir, nil
	}
	var err error
	if l.o.Dir == "" {
		l.dir, l.lock, err = temporary()
		l.made = err == nil
	} else {
		var dir string
		if dir, err = filepath.Abs(l.o.Dir); err == nil {
			err = os.MkdirAll(dir, 0o700)
		}
		if err == nil {
			l.dir = dir
		}
	}
	if err != nil {
		return "", fmt.Errorf("make a folder for the practice authority: %w", err)
	}
	return l.dir, nil
}

// temporary makes a folder for its owner alone, with a lock file that is locked. Where the file system has no locks
// there is no lock file either, so that nobody takes the folder for one that was left.
func temporary() (dir string, lock *os.File, err error) {
	for range 10 {
		if dir, err = os.MkdirTemp("", folderPrefix); err != nil { // mode 0700
			return "", nil, err
		}
		path := filepath.Join(dir, lockFile)
		lock, err = filelock.Create(path)
		switch {
		case err == nil:
			return dir, lock, nil
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, filelock.ErrHeld): // swept ahead of its lock
			continue
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", nil, err
		}
		return dir, nil, nil
	}
	return "", nil, err
}

// sweep removes the temporary folders in root whose lab is gone without a Close, as after a kill: those with a lock
// file that nobody has locked. A lab's own files are all it removes, and what it cannot remove stays.
func sweep(root string) {
	entries, _ := os.ReadDir(root) // those read ahead of an error are good
	for _, e := range entries {
		if !e.IsDir() || !strings.HasPrefix(e.Name(), folderPrefix) {
			continue
		}
		dir := filepath.Join(root, e.Name())
		path := filepath.Join(dir, lockFile)
		if st, err := os.Lstat(path); err != nil || !st.Mode().IsRegular() {
			continue
		}
		if lock, err := filelock.Open(path); err == nil {
			discard(dir, lock)
			_ = os.Remove(dir)
		}
	}
}

// discard removes a lab's files from its folder and gives the lock back: the lock file goes last, for one that is
// killed in the middle of this to be swept too. lock may be nil.
func discard(dir string, lock *os.File) {
	for _, name := range []string{ClientKeyFile, ClientFile, CRLFile, RootFile} {
		_ = os.Remove(filepath.Join(dir, name))
	}
	if lock == nil {
		return
	}
	err := os.Remove(lock.Name()) // still locked, so that nobody takes it over
	lock.Close()
	if err != nil { // not every system removes what is open
		_ = os.Remove(lock.Name())
	}
}
