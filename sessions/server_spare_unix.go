//go:build unix

package sessions

import (
	"net"
	"syscall"
)

// spareFiles is how many descriptors a server leaves to the rest of the process: captures that begin their
// next file, files that are sent or saved. Where there are few altogether it leaves an eighth.
const spareFiles = 32

// spare watches how many descriptors are left. The system gives out the lowest number that is free, so a
// high one means that there are few. It belongs to the goroutine that accepts.
type spare struct {
	most  int64 // numbers from here on are left alone; 0: not looked up yet
	tight bool  // the newest connection got one of them
}

// took looks at the descriptor of a connection that was accepted.
func (s *spare) took(conn net.Conn) {
	if s.most == 0 {
		s.most = 1<<63 - 1
		if limit, ok := fileLimit(); ok {
			s.most = limit - min(spareFiles, limit/8)
		}
	}
	c, ok := conn.(syscall.Conn)
	if !ok {
		return
	}
	raw, err := c.SyscallConn()
	if err == nil {
		_ = raw.Control(func(fd uintptr) { s.tight = int64(fd) >= s.most }) // it fails for a connection that was closed
	}
}

// fault returns why no connection should be accepted now, nil for nothing.
func (s *spare) fault() error {
	if !s.tight {
		return nil
	}
	fd, err := syscall.Open("/dev/null", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err == nil {
		_ = syscall.Close(fd)
		s.tight = int64(fd) >= s.most
	}
	if !s.tight {
		return nil
	}
	return errTooManyFiles
}
