package filelock

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// open opens the file at path to be read and written; flag may be os.O_CREATE. Others may remove the file while it is
// open, which those that os.OpenFile opens do not allow: who finds no owner removes it while holding the lock.
func open(path string, flag int) (*os.File, error) {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	how := uint32(windows.OPEN_EXISTING)
	if flag&os.O_CREATE != 0 {
		how = windows.OPEN_ALWAYS
	}
	h, err := windows.CreateFile(name, windows.GENERIC_READ|windows.GENERIC_WRITE,
		windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE|windows.FILE_SHARE_DELETE, nil, how, windows.FILE_ATTRIBUTE_NORMAL, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return os.NewFile(uintptr(h), path), nil
}

// vanishing reports whether err, of open, may come of the file's being removed this moment. Its name is there until
// the last handle that removes it is closed, or the last of all where the file system knows no better, and can be
// opened no more; Windows gives the same error for what may not be opened at all.
func vanishing(err error) bool { return errors.Is(err, windows.ERROR_ACCESS_DENIED) }

// Try locks f for this open file alone, or returns [ErrHeld] at once. Another error, a [*os.PathError], means that
// the file system has no locks. The locked byte lies far behind the content, which others may go on to read.
func Try(f *os.File) error {
	at := windows.Overlapped{OffsetHigh: 0x7FFFFFFF}
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &at)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, windows.ERROR_LOCK_VIOLATION), errors.Is(err, windows.ERROR_IO_PENDING):
		return ErrHeld
	}
	return &os.PathError{Op: "lock", Path: f.Name(), Err: err}
}
