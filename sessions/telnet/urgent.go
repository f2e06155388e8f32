package telnet

import (
	"fmt"
	"syscall"
)

// InlineUrgent has a TCP connection give urgent bytes in their place in the stream. Without it the system
// takes the last urgent byte out of the stream, and a server's synch, which a telnetd sends whenever output
// is thrown away, leaves half a command behind. It is called before anything is read, and may be called at
// any time; it is safe for concurrent use, as connections are.
func InlineUrgent(c syscall.Conn) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return fmt.Errorf("keep urgent bytes in the stream: %w", err)
	}
	var failed error
	if err = raw.Control(func(fd uintptr) { failed = inlineUrgent(fd) }); err == nil {
		err = failed
	}
	if err != nil {
		return fmt.Errorf("keep urgent bytes in the stream: %w", err)
	}
	return nil
}

// SendSynch sends [Synch] on a TCP connection with its last byte as urgent data. It may not stand in the
// middle of another command: nothing else is written to the connection meanwhile. It waits until the system
// takes it, and no longer than the connection's deadline for writing (on Windows two seconds).
func SendSynch(c syscall.Conn) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return fmt.Errorf("send a synch: %w", err)
	}
	left := []byte(Synch)
	var failed error
	err = raw.Write(func(fd uintptr) (done bool) {
		for len(left) > 0 {
			n, again, err := sendUrgent(fd, left)
			if again {
				return false
			}
			if failed = err; err != nil {
				return true
			}
			left = left[n:]
		}
		return true
	})
	if err == nil {
		err = failed
	}
	if err != nil {
		return fmt.Errorf("send a synch: %w", err)
	}
	return nil
}
