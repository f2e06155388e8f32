//go:build unix

package sessions

import (
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"wirebench/sessions/reply"
)

// Clients may not take the descriptors that a capture needs for its next file.
func TestAServerLeavesDescriptorsToTheRestOfTheProcess(t *testing.T) {
	s, w := server(t, replies(reply.Config{Echo: true}), Options{})
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	low := before
	low.Cur = min(low.Cur, 400)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &low); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &before); err != nil {
			t.Fatal(err)
		}
	}()
	var all []net.Conn
	for s.Info().AcceptErr == nil {
		c, err := net.DialTimeout("tcp", s.Info().Local.String(), patience)
		if err != nil {
			t.Fatalf("after %d clients: %v", len(all), err)
		}
		defer c.Close()
		all = append(all, c)
		// Each is taken, or the server says that it takes none.
		for end := time.Now().Add(patience); s.Info().AcceptErr == nil && s.Info().Accepted < int64(len(all)); time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("a client was neither taken nor kept waiting")
			}
		}
	}
	if e := w.named(t, EventIOError); !strings.Contains(e.Text, "too many open files") {
		t.Errorf("the error is %v", e.Err)
	}
	for range 16 {
		f, err := os.Open(os.DevNull)
		if err != nil {
			t.Fatalf("clients have taken every descriptor: %v", err)
		}
		defer f.Close()
	}
	for _, c := range all[:100] {
		c.Close()
	}
	w.await(t, "the recovery", func(e Event) bool { return strings.HasPrefix(e.Text, "taking connections again") })
	last := all[len(all)-1]
	_ = last.SetDeadline(time.Now().Add(patience))
	v := &visitor{tb: t, TCPConn: last.(*net.TCPConn)}
	v.says("in at last")
	v.hears("in at last")
}
