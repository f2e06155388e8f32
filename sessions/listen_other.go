//go:build !unix

package sessions

import "net"

// setBacklog does nothing: Windows keeps the backlog of the first listen, which is the system's maximum.
func setBacklog(net.Listener, int) error { return nil }

// fileLimit knows of no limit: Windows bounds sockets by memory only.
func fileLimit() (int64, bool) { return 0, false }
