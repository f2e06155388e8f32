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
	errSystemFiles  = syscall.Errno(4)     // ERROR_TOO_MANY_OPEN_FILES
	errNoBuffers    = syscall.Errno(10055) // WSAENOBUFS
	errNoMemory     = syscall.Errno(1450)  // ERROR_NO_SYSTEM_RESOURCES
)

// passingFaults are errors of accept that say nothing about the listener.
var passingFaults = []error{
	syscall.Errno(10004), // WSAEINTR
	syscall.Errno(10035), // WSAEWOULDBLOCK
	syscall.Errno(64),    // ERROR_NETNAME_DELETED
	errReset, errTimedOut, errHostUnreach, errNetUnreach, errNetDown, errHostDown,
}
