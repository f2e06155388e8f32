//go:build unix

package telnet

import (
	"errors"

	"golang.org/x/sys/unix"
)

func inlineUrgent(fd uintptr) error {
	return unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_OOBINLINE, 1)
}

// sendUrgent sends p, the last byte of it as urgent; again tells that the socket takes nothing now.
func sendUrgent(fd uintptr, p []byte) (n int, again bool, err error) {
	n, err = unix.SendmsgN(int(fd), p, nil, nil, unix.MSG_OOB)
	if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EINTR) {
		return 0, true, nil
	}
	return n, false, err
}
