//go:build unix

package sessions

import (
	"os"
	"syscall"
)

func setSocketOption(fd uintptr, level, name, value int) error {
	return os.NewSyscallError("setsockopt", syscall.SetsockoptInt(int(fd), level, name, value))
}

func socketOption(fd uintptr, level, name int) (int, error) {
	n, err := syscall.GetsockoptInt(int(fd), level, name)
	return n, os.NewSyscallError("getsockopt", err)
}
