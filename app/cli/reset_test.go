package cli

import (
	"errors"
	"runtime"
	"syscall"
	"testing"
)

// isReset reports whether err says that the peer has reset the connection. On Windows the syscall package's
// ECONNRESET is a number that the system never returns.
func isReset(err error) bool {
	const wsaeconnreset = syscall.Errno(10054)
	return errors.Is(err, syscall.ECONNRESET) || runtime.GOOS == "windows" && errors.Is(err, wsaeconnreset)
}

// needResets skips a test under Wine, which shuts a socket down before it closes it: the peer of one with a linger
// time of 0 may see a FIN, and not the RST.
func needResets(t *testing.T) {
	t.Helper()
	if underWine() {
		t.Skip("Wine's resets begin with a FIN")
	}
}
