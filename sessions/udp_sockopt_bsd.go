//go:build unix && !linux

package sessions

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// Without SO_REUSEPORT these share a port only among sockets bound to groups.
var reuseOptions = []int{unix.SO_REUSEADDR, unix.SO_REUSEPORT}

func setGroupInterface(fd uintptr, a [4]byte) error {
	return os.NewSyscallError("setsockopt", syscall.SetsockoptInet4Addr(int(fd), syscall.IPPROTO_IP, syscall.IP_MULTICAST_IF, a))
}
