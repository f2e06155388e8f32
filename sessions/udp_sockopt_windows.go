package sessions

import (
	"os"
	"syscall"
)

// On Windows SO_REUSEADDR lets the port be shared with a program that did not ask for it.
var reuseOptions = []int{syscall.SO_REUSEADDR}

func setSocketOption(fd uintptr, level, name, value int) error {
	return os.NewSyscallError("setsockopt", syscall.SetsockoptInt(syscall.Handle(fd), level, name, value))
}

func socketOption(fd uintptr, level, name int) (int, error) {
	n, err := syscall.GetsockoptInt(syscall.Handle(fd), level, name)
	return n, os.NewSyscallError("getsockopt", err)
}

func setGroupInterface(fd uintptr, a [4]byte) error {
	return os.NewSyscallError("setsockopt", syscall.SetsockoptInet4Addr(syscall.Handle(fd), syscall.IPPROTO_IP, syscall.IP_MULTICAST_IF, a))
}
