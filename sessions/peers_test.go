package sessions

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wirebench/sessions/capture"
)

// program starts a listening program of the system with a port that was free a moment ago, and waits
// until it listens. The end of the test kills it and waits for it.
func program(t *testing.T, ready string, name string, args func(port string) []string) (port string) {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed", name)
	}
	_, port, _ = net.SplitHostPort(closedPort(t))
	cmd := exec.Command(path, args(port)...)
	says, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(says)
	for lines.Scan() {
		if strings.Contains(lines.Text(), ready) {
			go func() { _, _ = io.Copy(io.Discard, says) }() // ends with the program
			return port
		}
	}
	t.Skipf("%s did not begin to listen", name)
	return ""
}

func ncat(t *testing.T, args ...string) string {
	return program(t, "Listening on", "ncat", func(port string) []string {
		return append([]string{"-v", "-l", "127.0.0.1", port}, args...)
	})
}

func socat(t *testing.T, options, other string) string {
	return program(t, "listening on", "socat", func(port string) []string {
		return []string{"-d", "-d", "TCP-LISTEN:" + port + ",bind=127.0.0.1" + options, other}
	})
}

func TestNcatEchoes(t *testing.T) {
	s, w := connected(t, "127.0.0.1:"+ncat(t, "--exec", "/bin/cat"), nil)
	if err := s.Send([]byte("through ncat")); err != nil {
		t.Fatal(err)
	}
	if got := w.awaitIn(t, 12); string(got) != "through ncat" {
		t.Errorf("received %q", got)
	}
	if err := s.Disconnect(); err != nil {
		t.Fatal(err)
	}
	awaitDone(t, "the end", s.Done())
	if i := s.Info(); i.State != Closed || i.ClosedBy != ByLocal {
		t.Errorf("info %+v", i)
	}
}

func TestNcatSendsItsFIN(t *testing.T) {
	s, w := connected(t, "127.0.0.1:"+ncat(t, "--sh-exec", "printf bye"), nil)
	awaitDone(t, "the end", s.Done())
	if got := w.awaitIn(t, 3); string(got) != "bye" {
		t.Errorf("received %q", got)
	}
	if i := s.Info(); i.State != Closed || i.ClosedBy != ByPeer {
		t.Errorf("info %+v", i)
	}
}

func TestSocatResets(t *testing.T) {
	s, w := connected(t, "127.0.0.1:"+socat(t, ",linger=0", "SYSTEM:printf bye"), nil)
	awaitDone(t, "the end", s.Done())
	if i := s.Info(); i.ClosedBy != ByReset && i.ClosedBy != ByPeer {
		t.Errorf("info %+v", i)
	}
	// socat shuts its sending side down before it closes, so the FIN may come before the RST.
	if e := w.named(t, EventClose); e.By != s.Info().ClosedBy {
		t.Errorf("close by %s, info says %s", e.By, s.Info().ClosedBy)
	}
}

func TestSocatAnswersAfterOurHalfClose(t *testing.T) {
	s, w := connected(t, "127.0.0.1:"+socat(t, "", "SYSTEM:wc -c"), nil)
	if err := s.Send(noise(5000)); err != nil {
		t.Fatal(err)
	}
	if err := s.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	awaitDone(t, "the end", s.Done())
	if got := strings.TrimSpace(string(w.awaitIn(t, 4))); got != "5000" {
		t.Errorf("received %q", got)
	}
}

func TestTwoHundredMegabytesArriveWholeBothWays(t *testing.T) {
	size := 200 << 20
	if testing.Short() || raceEnabled {
		size = 20 << 20
	}
	s, _ := connectedQuiet(t, "127.0.0.1:"+socat(t, "", "EXEC:cat"))
	f, err := s.SendFile(fileOf(t, size))
	if err != nil {
		t.Fatal(err)
	}
	awaitMoving(t, "the file", f.Done(), func() int64 { sent, _ := f.Progress(); return sent })
	if f.Err() != nil {
		t.Fatal(f.Err())
	}
	if err := s.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	awaitMoving(t, "the end", s.Done(), func() int64 { return s.Traffic().Stats().InBytes })
	want := sum(noise(size))
	for _, dir := range []capture.Stream{capture.OutOnly, capture.InOnly} {
		if got := captured(t, s, dir); len(got) != size || sum(got) != want {
			t.Errorf("the %v stream holds %d bytes, and not those of the file", dir, len(got))
		}
	}
	if st := s.Traffic().Stats(); st.LostBytes != 0 || st.EvictedBytes != 0 {
		t.Errorf("capture: %+v", st)
	}
}

// awaitMoving is awaitDone for what takes long on a busy machine: it waits for as long as a number moves.
func awaitMoving(t *testing.T, what string, done <-chan struct{}, number func() int64) {
	t.Helper()
	last, since := number(), time.Now()
	for {
		select {
		case <-done:
			return
		case <-time.After(100 * time.Millisecond):
		}
		if now := number(); now != last {
			last, since = now, time.Now()
		} else if time.Since(since) > patience {
			t.Fatalf("waited in vain for %s; it stands at %d", what, last)
		}
	}
}

// connectedQuiet is connected with a watch that keeps no bytes.
func connectedQuiet(t *testing.T, addr string) (*TCPSession, *watch) {
	w := newWatch(nobody{})
	c := DefaultTCP()
	c.Address = addr
	s, err := NewTCP(c, Options{Capture: capture.Options{Dir: t.TempDir()}, Observer: w})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeSession(t, s) })
	start(t, s)
	w.named(t, EventConnect)
	return s, w
}

func TestEveryFamilyAndFormOfAddressConnects(t *testing.T) {
	v4, v6 := echoServer(t), ""
	t.Run("IPv6", func(t *testing.T) {
		l, err := net.Listen("tcp", "[::1]:0")
		if err != nil {
			t.Skip("this system has no IPv6 loopback")
		}
		l.Close()
		v6 = serve(t, "[::1]:0", func(c net.Conn) { _, _ = io.Copy(c, c) })
		_, port, _ := net.SplitHostPort(v6)
		for _, host := range []string{"[::1]", "[0:0:0:0:0:0:0:1]", "[0000:0000:0000:0000:0000:0000:0000:0001]"} {
			reaches(t, host+":"+port, v6)
		}
	})
	t.Run("IPv6 with a zone", func(t *testing.T) {
		addr := linkLocal(t)
		_, port, _ := net.SplitHostPort(serve(t, "["+addr+"]:0", func(c net.Conn) { _, _ = io.Copy(c, c) }))
		at := net.JoinHostPort(addr, port)
		reaches(t, at, at)
		reaches(t, "tcp://"+strings.Replace(at, "%", "%25", 1), at)
	})
	_, port, _ := net.SplitHostPort(v4)
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:7f00:1]"} {
		t.Run(host, func(t *testing.T) { reaches(t, host+":"+port, v4) })
	}
}

// reaches connects and sends one byte to and fro; the remote address must be shown as want.
func reaches(t *testing.T, addr, want string) {
	t.Helper()
	s, w := connected(t, addr, nil)
	if got := s.Info().Remote.String(); got != want {
		t.Errorf("connected to %s; want %s", got, want)
	}
	if err := s.Send([]byte("x")); err != nil {
		t.Fatal(err)
	}
	w.awaitIn(t, 1)
}

// linkLocal returns a link-local address of this machine with its zone. It is this machine's own, so
// nothing leaves it.
func linkLocal(t *testing.T) string {
	all, _ := net.Interfaces()
	for _, i := range all {
		addrs, _ := i.Addrs()
		for _, a := range addrs {
			if n, ok := a.(*net.IPNet); ok && n.IP.To4() == nil && n.IP.IsLinkLocalUnicast() && i.Flags&net.FlagUp != 0 {
				return n.IP.String() + "%" + i.Name
			}
		}
	}
	t.Skip("this machine has no link-local address")
	return ""
}

// piece is a connection whose writes take at most a few bytes and which can be cut.
type piece struct {
	net.Conn
	most int

	mu    sync.Mutex
	cut   error
	short bool // writes return less than they were given, without an error, against the rules
}

func (c *piece) Write(p []byte) (int, error) {
	c.mu.Lock()
	cut, short := c.cut, c.short
	c.mu.Unlock()
	if cut != nil {
		return 0, cut
	}
	if len(p) > c.most {
		n, err := c.Conn.Write(p[:c.most])
		if err == nil && !short {
			err = errReset
		}
		return n, err
	}
	return c.Conn.Write(p)
}

func TestAWriteThatTakesOnlyPartIsCountedAsWhatItTook(t *testing.T) {
	for name, short := range map[string]bool{"with an error": false, "without one": true} {
		t.Run(name, func(t *testing.T) {
			here, there := net.Pipe()
			heard := make(chan []byte, 1)
			go func() {
				all, _ := io.ReadAll(there)
				heard <- all
			}()
			conn := &piece{Conn: here, most: 1234, short: short}
			c := DefaultTCP()
			c.Address = "192.0.2.1:7"
			s, w := session(t, c, Options{Dial: dialTo(conn)})
			start(t, s)
			w.named(t, EventConnect)
			if err := s.CloseWrite(); err == nil {
				t.Error("a connection without half-close was half closed")
			}
			if err := s.Send(noise(5000)); err != nil {
				t.Fatal(err)
			}
			awaitDone(t, "the end", s.Done())
			there.Close()
			if got := <-heard; !bytes.Equal(got, captured(t, s, capture.OutOnly)) || len(got) != 1234 {
				t.Errorf("the peer got %d bytes; want 1234, as captured", len(got))
			}
			var e *SendError
			if err := s.Info().Err; !errors.As(err, &e) || e.Sent != 1234 || e.Total != 5000 {
				t.Errorf("error %v", err)
			}
			if i := s.Info(); i.UnsentBytes != 5000-1234 || i.ClosedBy != ByReset {
				t.Errorf("info %+v", i)
			}
		})
	}
}

func TestAConnectionWithoutHalfCloseIsClosedAsAWhole(t *testing.T) {
	here, there := net.Pipe()
	heard := make(chan []byte, 1)
	go func() {
		all, _ := io.ReadAll(there)
		heard <- all
	}()
	c := DefaultTCP()
	c.Address = "192.0.2.1:7"
	s, w := session(t, c, Options{Dial: dialTo(here)})
	start(t, s)
	w.named(t, EventConnect)
	if err := s.Send([]byte("all of it")); err != nil {
		t.Fatal(err)
	}
	if err := s.Disconnect(); err != nil {
		t.Fatal(err)
	}
	awaitDone(t, "the end", s.Done())
	if got := <-heard; string(got) != "all of it" {
		t.Errorf("the peer got %q", got)
	}
	if i := s.Info(); i.Remote.String() != "192.0.2.1:7" || i.State != Closed {
		t.Errorf("info %+v", i)
	}
	tell := story(records(t, s))
	if want := "out close: closed by us (FIN)"; !slices.Contains(tell, want) {
		t.Errorf("capture tells %q", tell)
	}
}

// cutConn fails its reads once it is cut.
type cutConn struct {
	net.Conn
	cut chan error
}

func (c *cutConn) Read(p []byte) (int, error) {
	if err, ok := <-c.cut; ok {
		return 0, err
	}
	return 0, io.EOF
}

func TestALostNetworkIsToldAsAnError(t *testing.T) {
	here, there := net.Pipe()
	defer there.Close()
	conn := &cutConn{here, make(chan error, 1)}
	c := DefaultTCP()
	c.Address = "192.0.2.1:7"
	s, w := session(t, c, Options{Dial: dialTo(conn)})
	start(t, s)
	w.named(t, EventConnect)
	conn.cut <- fmt.Errorf("read: %w", errHostUnreach)
	awaitDone(t, "the end", s.Done())
	want := "connection to 192.0.2.1:7: no route to host (check the address; a gateway or firewall may refuse it)"
	if e := w.named(t, EventIOError); e.Err.Error() != want {
		t.Errorf("event %v", e.Err)
	}
	tell := story(records(t, s))
	if got := tell[len(tell)-1]; !strings.HasPrefix(got, "in note: connection lost: no route to host") {
		t.Errorf("capture ends with %q", got)
	}
}

func TestTheClockOfTheOptionsTellsTheTime(t *testing.T) {
	at := time.Date(2030, 1, 2, 3, 4, 5, 6, time.UTC)
	here, there := net.Pipe()
	defer there.Close()
	c := DefaultTCP()
	c.Address = "192.0.2.1:7"
	s, w := session(t, c, Options{Dial: dialTo(here), Clock: func() time.Time { return at }})
	start(t, s)
	if e := w.named(t, EventConnect); !e.Time.Equal(at) {
		t.Errorf("connect at %v", e.Time)
	}
	if i := s.Info(); !i.Since.Equal(at) {
		t.Errorf("since %v", i.Since)
	}
	for _, r := range records(t, s) {
		if !r.Time.Equal(at) {
			t.Errorf("record %d at %v", r.Number, r.Time)
		}
	}
}

func dialTo(c net.Conn) func(context.Context, string, string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) { return c, nil }
}
