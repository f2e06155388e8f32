package filelock

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

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
