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
	errSystemFiles  = syscall.ENFILE
	errNoBuffers    = syscall.ENOBUFS
	errNoMemory     = syscall.ENOMEM
)

// passingFaults are errors of accept that say nothing about the listener. Linux reports there what the
// network did to the connection that was waiting, see accept(2).
var passingFaults = []error{
	syscall.EINTR, syscall.EAGAIN, syscall.EPROTO, syscall.ENOPROTOOPT, syscall.EOPNOTSUPP,
	errReset, errTimedOut, errHostUnreach, errNetUnreach, errNetDown, errHostDown,
}
