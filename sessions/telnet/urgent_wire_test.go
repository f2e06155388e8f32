package telnet

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// pair is a connection with both its ends.
func pair(t *testing.T) (near, far *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	s, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return c.(*net.TCPConn), s.(*net.TCPConn)
}

func TestASynchArrivesInTheStream(t *testing.T) {
	near, far := pair(t)
	if err := InlineUrgent(far); err != nil {
		t.Fatal(err)
	}
	if err := SendSynch(near); err != nil {
		t.Fatal(err)
	}
	near.CloseWrite()
	far.SetReadDeadline(time.Now().Add(20 * time.Second))
	if got, err := io.ReadAll(far); err != nil || string(got) != Synch {
		t.Errorf("%q arrived (%v), want %q", got, err, Synch)
	}
}

func TestASynchDoesNotWaitForEverForAPeerThatTakesNothing(t *testing.T) {
	near, _ := pair(t)
	near.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
	if _, err := near.Write(make([]byte, 64<<20)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("64 MiB were written: %v", err)
	}
	near.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
	// Some systems have room for two bytes more all the same.
	if err := SendSynch(near); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the synch: %v", err)
	}
}
