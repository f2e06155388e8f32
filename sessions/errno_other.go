//go:build !windows

package sessions

import "syscall"

const (
	errRefused      = syscall.ECONNREFUSED
	errReset        = syscall.ECONNRESET
	errAborted      = syscall.ECONNABORTED
	errPipe         = syscall.EPIPE
	errTimedOut     = syscall.ETIMEDOUT
	errHostUnreach  = syscall.EHOSTUNREACH
	errNetUnreach   = syscall.ENETUNREACH
	errNetDown      = syscall.ENETDOWN
	errHostDown     = syscall.EHOSTDOWN
	errAccess       = syscall.EACCES
	errPerm         = syscall.EPERM
	errAddrInUse    = syscall.EADDRINUSE
	errAddrNotAvail = syscall.EADDRNOTAVAIL
	errNoFamily     = syscall.EAFNOSUPPORT
	errInvalid      = syscall.EINVAL
	errTooManyFiles = syscall.EMFILE
	errNoBuffers    = syscall.ENOBUFS
)
