//go:build unix

package sessions

import (
	"math"
	"net"
	"os"
	"syscall"
)

// setBacklog changes how many completed connections may wait to be accepted: on a socket that listens
// already, listen(2) does only that. Systems bound the number (Linux: net.core.somaxconn) and some add
// to it, without saying so. It does nothing to a listener that is no socket.
func setBacklog(ln net.Listener, n int) error {
	s, ok := ln.(syscall.Conn)
	if !ok {
		return nil
	}
	conn, err := s.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	if err := conn.Control(func(fd uintptr) { failed = syscall.Listen(int(fd), n) }); err != nil {
		return err
	}
	return os.NewSyscallError("listen", failed)
}

// fileLimit returns how many files and sockets this process may have open, and false when that is not
// known or not limited. Go raises the soft limit to the hard one when a program starts.
func fileLimit() (int64, bool) {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil || uint64(l.Cur) >= math.MaxInt64 {
		return 0, false
	}
	return int64(l.Cur), true
}
