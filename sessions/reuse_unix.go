//go:build unix

package sessions

import (
	"context"
	"syscall"
)

// reuseLocalPort lets a chosen local port be bound again while an earlier connection from it is in
// TIME_WAIT, so that a session with a fixed local port can reconnect.
func reuseLocalPort(_ context.Context, _, _ string, c syscall.RawConn) error {
	var err error
	if cerr := c.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1)
	}); cerr != nil {
		return cerr
	}
	return err
}
