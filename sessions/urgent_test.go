//go:build unix

package sessions

import (
	"net"
	"testing"

	"golang.org/x/sys/unix"
)

// sendsUrgent sends p, its last byte as urgent.
func sendsUrgent(t *testing.T, c net.Conn, p string) {
	t.Helper()
	raw, err := c.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var failed error
	if err := raw.Control(func(fd uintptr) { _, failed = unix.SendmsgN(int(fd), []byte(p), nil, nil, unix.MSG_OOB) }); err != nil || failed != nil {
		t.Fatal(err, failed)
	}
}

func TestUrgentBytesStayInTheStream(t *testing.T) {
	s, w := server(t, nil, Options{})
	v := visit(t, s, w)
	v.says("before ")
	sendsUrgent(t, v.TCPConn, "urgent!")
	v.says(" after")
	if got := string(w.awaitIn(t, len("before urgent! after"))); got != "before urgent! after" {
		t.Errorf("a client was heard to say %q", got)
	}
}

func TestAClientKeepsUrgentBytesInTheStream(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, w := connected(t, l.Addr().String(), nil)
	there, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer there.Close()
	sendsUrgent(t, there, "a!")
	if _, err := there.Write([]byte("b")); err != nil {
		t.Fatal(err)
	}
	if got := string(w.awaitIn(t, 3)); got != "a!b" {
		t.Errorf("heard %q", got)
	}
}
