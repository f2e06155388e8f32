package telnet

import (
	"bytes"
	"errors"
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

func TestUrgentBytesStayInTheStream(t *testing.T) {
	for _, inline := range []bool{true, false} {
		from, to := pair(t)
		want := "ab\xffcd"
		if inline {
			want = "ab" + Synch + "cd"
			if err := InlineUrgent(to); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := from.Write([]byte("ab")); err != nil {
			t.Fatal(err)
		}
		if err := SendSynch(from); err != nil {
			t.Fatal(err)
		}
		if _, err := from.Write([]byte("cd")); err != nil {
			t.Fatal(err)
		}
		from.Close()
		var got bytes.Buffer
		if _, err := got.ReadFrom(to); err != nil || got.String() != want {
			t.Errorf("with inline %v: %q (%v), want %q", inline, got.String(), err, want)
		}
	}
}

func TestASynchOnAClosedConnectionIsAnError(t *testing.T) {
	c, _ := pair(t)
	c.Close()
	if err := SendSynch(c); !errors.Is(err, net.ErrClosed) {
		t.Errorf("sent: %v", err)
	}
	if err := InlineUrgent(c); !errors.Is(err, net.ErrClosed) {
		t.Errorf("set: %v", err)
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
