//go:build !linux

package sessions

import (
	"fmt"
	"net/netip"
	"runtime"
)

const (
	raiseFiles       = "close some connections, or raise it with ulimit -n before the start"
	raiseSystemFiles = "end other programs"
)

// whoHasPort is the command that tells which program has a port.
func whoHasPort(port uint16) string {
	if runtime.GOOS == "windows" {
		return fmt.Sprintf("netstat -ano | findstr :%d", port)
	}
	return fmt.Sprintf("lsof -nP -iTCP:%d -sTCP:LISTEN", port)
}

// portDenied says why the system forbids listening on a port.
func portDenied(port uint16) string {
	switch {
	case runtime.GOOS == "windows":
		return "permission denied (another program has the port for itself, or Windows keeps it: netsh int ipv4 show excludedportrange tcp lists those; choose another port)"
	case port >= 1024:
		return "permission denied (the system's security rules forbid it)"
	case runtime.GOOS == "darwin":
		return "ports below 1024 of one address need root (macOS asks nothing for all addresses: write *; or choose a port from 1024 on)"
	}
	return "ports below 1024 need root (choose a port from 1024 on)"
}

// portHolder knows nobody here.
func portHolder(netip.Addr, uint16) (name string, pid int, own bool) { return "", 0, false }
