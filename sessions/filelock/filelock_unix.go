//go:build unix

package filelock

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// open opens the file at path to be read and written; flag may be os.O_CREATE, which makes it for its owner alone.
func open(path string, flag int) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|flag, 0o600)
}

// vanishing reports whether err, of open, may come of the file's being removed this moment: that is no error here.
func vanishing(error) bool { return false }

// Try locks f for this open file alone, or returns [ErrHeld] at once. Another error, a [*os.PathError], means that
// the file system has no locks.
func Try(f *os.File) error {
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EWOULDBLOCK):
			return ErrHeld
		default:
			return &os.PathError{Op: "lock", Path: f.Name(), Err: err}
		}
	}
}
