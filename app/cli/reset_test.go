package cli

import (
	"errors"
	"io"
	"net"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// isReset reports whether err says that the peer has reset the connection. On Windows the syscall package's
// ECONNRESET is a number that the system never returns.
func isReset(err error) bool {
	const wsaeconnreset = syscall.Errno(10054)
	return errors.Is(err, syscall.ECONNRESET) || runtime.GOOS == "windows" && errors.Is(err, wsaeconnreset)
}

// needResets skips a test under a Wine that closes every connection with a FIN, whatever its SO_LINGER says.
func needResets(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "windows" {
		return
	}
	address := peer(t, func(c net.Conn) { c.(*net.TCPConn).SetLinger(0) })
	c, err := net.Dial("tcp", address)
	if err == nil {
		defer c.Close()
		c.SetDeadline(time.Now().Add(patience))
		_, err = c.Read(make([]byte, 1))
	}
	if errors.Is(err, io.EOF) {
		t.Skip("this Windows sends no resets, as Wine 8 does not")
	}
}
