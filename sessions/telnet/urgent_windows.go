package telnet

import (
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// What the package windows has no names for (winsock2.h).
const (
	soOOBInline = 0x100
	msgOOB      = 1
	pollWrNorm  = 0x0010
)

// urgentWait bounds how long a socket may take nothing. Go's sockets are blocking ones here: a send that has no room
// waits in the kernel, deaf to deadlines and to Close.
const urgentWait = 2 * time.Second

var wsaPoll = windows.NewLazySystemDLL("ws2_32.dll").NewProc("WSAPoll")

// pollFD is WSAPOLLFD.
type pollFD struct {
	socket  uintptr
	asked   int16
	reached int16
}

func inlineUrgent(fd uintptr) error {
	return windows.SetsockoptInt(windows.Handle(fd), windows.SOL_SOCKET, soOOBInline, 1)
}

// sendUrgent sends p, the last byte of it as urgent. It waits for room itself, and fails with
// [os.ErrDeadlineExceeded] where there is none for urgentWait: again is never true.
func sendUrgent(fd uintptr, p []byte) (n int, again bool, err error) {
	poll := pollFD{socket: fd, asked: pollWrNorm}
	ready, _, failed := wsaPoll.Call(uintptr(unsafe.Pointer(&poll)), 1, uintptr(urgentWait.Milliseconds()))
	switch int32(ready) {
	case 0:
		return 0, false, os.ErrDeadlineExceeded
	case -1:
		return 0, false, failed
	}
	var sent uint32
	err = windows.WSASend(windows.Handle(fd), &windows.WSABuf{Len: uint32(len(p)), Buf: &p[0]}, 1, &sent, msgOOB, nil, nil)
	return int(sent), false, err
}
