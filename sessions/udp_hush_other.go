//go:build !linux

package sessions

import (
	"errors"
	"net"
	"os"
	"time"
)

// hush does nothing: the system knows no way. What goes on arriving is read for as long as rest is called.
func hush(*net.UDPConn) error { return errors.ErrUnsupported }

// restWait is how long rest waits. A deadline that is over would keep what has arrived from being read.
const restWait = time.Millisecond

// rest is read almost without waiting: 0 when there is nothing.
func (b *inbox) rest() (int, error) {
	_ = b.conn.SetReadDeadline(time.Now().Add(restWait))
	n, err := b.read()
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return 0, nil
	}
	return n, err
}
