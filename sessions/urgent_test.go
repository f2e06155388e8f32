//go:build unix

package sessions

import (
	"crypto/tls"
	"errors"
	"net"
	"strings"
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

func TestASynchIsUrgentAndInItsTurn(t *testing.T) {
	talk, s, _, there := talking(t)
	for _, send := range []func() error{
		func() error { return talk.SendLine("a") }, talk.SendSynch, func() error { return talk.SendLine("b") },
	} {
		if err := send(); err != nil {
			t.Fatal(err)
		}
	}
	hears(t, there, "a\r\n\xffb\r\n") // the system has taken the urgent byte out of the stream
	tell := strings.Join(story(records(t, s)), "\n")
	has(t, tell, "SYNCH")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := talk.SendSynch(); !errors.Is(err, ErrNotOpen) {
		t.Errorf("after the end: %v", err)
	}
}

func TestATLSConnectionHasNoSynch(t *testing.T) {
	a := newAuthority(t)
	addr, _ := echoTLS(t, &tls.Config{Certificates: []tls.Certificate{a.leaf(t, nil)}})
	s, _ := connectedTLS(t, a.trusting(addr))
	if err := s.SendSynch(); !errors.Is(err, ErrNoUrgent) {
		t.Errorf("sent: %v", err)
	}
}
