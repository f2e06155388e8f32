package sessions

import "syscall"

// Windows Sockets errors. The syscall package's constants of the Unix names are invented numbers on
// Windows, which the system never returns.
const (
	errRefused      = syscall.Errno(10061) // WSAECONNREFUSED
	errReset        = syscall.Errno(10054) // WSAECONNRESET
	errAborted      = syscall.Errno(10053) // WSAECONNABORTED
	errPipe         = syscall.Errno(10058) // WSAESHUTDOWN
	errTimedOut     = syscall.Errno(10060) // WSAETIMEDOUT
	errHostUnreach  = syscall.Errno(10065) // WSAEHOSTUNREACH
	errNetUnreach   = syscall.Errno(10051) // WSAENETUNREACH
	errNetDown      = syscall.Errno(10050) // WSAENETDOWN
	errHostDown     = syscall.Errno(10064) // WSAEHOSTDOWN
	errAccess       = syscall.Errno(10013) // WSAEACCES
	errPerm         = syscall.Errno(5)     // ERROR_ACCESS_DENIED
	errAddrInUse    = syscall.Errno(10048) // WSAEADDRINUSE
	errAddrNotAvail = syscall.Errno(10049) // WSAEADDRNOTAVAIL
	errNoFamily     = syscall.Errno(10047) // WSAEAFNOSUPPORT
	errInvalid      = syscall.Errno(10022) // WSAEINVAL
	errTooManyFiles = syscall.Errno(10024) // WSAEMFILE
	errNoBuffers    = syscall.Errno(10055) // WSAENOBUFS
)
