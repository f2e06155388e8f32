//go:build unix && !linux

package sessions

import "golang.org/x/sys/unix"

// Without SO_REUSEPORT these share a port only among sockets bound to groups.
var reuseOptions = []int{unix.SO_REUSEADDR, unix.SO_REUSEPORT}
