package telnet

import "golang.org/x/sys/windows"

// What the package windows has no names for (winsock2.h).
const (
	soOOBInline = 0x100
	msgOOB      = 1
)

func inlineUrgent(fd uintptr) error {
	return windows.SetsockoptInt(windows.Handle(fd), windows.SOL_SOCKET, soOOBInline, 1)
}

// sendUrgent sends p, the last byte of it as urgent; again tells that the socket takes nothing now.
func sendUrgent(fd uintptr, p []byte) (n int, again bool, err error) {
	var sent uint32
	err = windows.WSASend(windows.Handle(fd), &windows.WSABuf{Len: uint32(len(p)), Buf: &p[0]}, 1, &sent, msgOOB, nil, nil)
	if err == windows.WSAEWOULDBLOCK {
		return 0, true, nil
	}
	return int(sent), false, err
}
