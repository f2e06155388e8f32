//go:build !linux

package sessions

import (
	"fmt"
	"net/netip"
	"runtime"
)

// whoHasDatagramPort is the command that tells which program has a port.
func whoHasDatagramPort(port uint16) string {
	if runtime.GOOS == "windows" {
		return fmt.Sprintf("netstat -ano -p UDP | findstr :%d", port)
	}
	return fmt.Sprintf("lsof -nP -iUDP:%d", port)
}

// datagramPortHolder knows nobody here.
func datagramPortHolder(netip.Addr, uint16) (name string, pid int, own bool) { return "", 0, false }
