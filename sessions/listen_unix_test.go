//go:build unix

package sessions

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"regexp"
	"syscall"
	"testing"
	"time"
)

// inChild runs the test again in a process of its own, prepared by change, and reports whether this is
// that process. What the child says is the test's outcome.
func inChild(t *testing.T, change func(*exec.Cmd)) bool {
	t.Helper()
	const mark = "WIREBENCH_TEST_CHILD"
	if os.Getenv(mark) == t.Name() {
		return true
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), self, "-test.run=^"+regexp.QuoteMeta(t.Name())+"$", "-test.count=1", "-test.v")
	c.Env = append(os.Environ(), mark+"="+t.Name())
	if change != nil {
		change(c)
	}
	out, err := c.CombinedOutput()
	if err != nil {
		t.Errorf("in a process of its own: %v\n%s", err, out)
	}
	if regexp.MustCompile(`(?m)^\s*--- SKIP`).Match(out) {
		t.Skipf("in a process of its own: %s", out)
	}
	return false
}

func TestAListenerWithoutFilesToSpareGoesOnWhenAClientLeaves(t *testing.T) {
	if !inChild(t, nil) {
		return
	}
	const limit = 64
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
		t.Fatal(err)
	}
	ln, port := listener(t, "127.0.0.1:0", nil)
	var clients, taken []net.Conn
	defer func() {
		for _, c := range append(clients, taken...) {
			_ = c.Close()
		}
	}()
	dial := func() error {
		c, err := net.Dial("tcp", joinHostPort("127.0.0.1", port))
		if err == nil {
			clients = append(clients, c)
		}
		return err
	}
	// A client that waits while accept has no file left for it.
	for dial() == nil {
		if len(clients) > limit {
			t.Fatal("the limit does not act")
		}
	}
	_ = clients[0].Close() // room for one
	var failed error
	for failed == nil {
		var c net.Conn
		if c, failed = ln.Accept(); failed == nil {
			taken = append(taken, c)
		}
	}
	if !errors.Is(failed, errTooManyFiles) || len(taken) >= len(clients) {
		t.Fatalf("accepting %d of %d ends with %v", len(taken), len(clients), failed)
	}
	text, retry := acceptFault(failed)
	want := "too many open files: 64 is this process's limit, and clients that wait get in when others leave (" + raiseFiles + ")"
	if text != want || !retry {
		t.Errorf("got  %q, goes on: %v\nwant %q", text, retry, want)
	}
	err := cannotListen(t, "127.0.0.1:0", nil)
	if want := "listen on 127.0.0.1:0: too many open files: 64 is this process's limit (" + raiseFiles + ")"; err.Error() != want || !errors.Is(err, errTooManyFiles) {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	_ = clients[1].Close()
	c, err := ln.Accept()
	if err != nil {
		t.Fatalf("after one has left: %v", err)
	}
	taken = append(taken, c)
}

func TestAPrivilegedPortSaysHowToGetTheRight(t *testing.T) {
	if os.Geteuid() == 0 {
		if !inChild(t, func(c *exec.Cmd) {
			if _, err := os.Stat("/proc/self/exe"); err != nil {
				t.Skip("root may listen on every port")
			}
			c.Path = "/proc/self/exe" // the folder of the test is root's own
			c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
			c.Dir = "/"
		}) {
			return
		}
	}
	if ln, err := net.Listen("tcp4", "127.0.0.1:1"); err == nil {
		_ = ln.Close()
		t.Skip("this user may listen on every port")
	} else if !errors.Is(err, errAccess) {
		t.Skip(err)
	}
	err := cannotListen(t, "127.0.0.1:1", nil)
	want := regexp.MustCompile(`^listen on 127\.0\.0\.1:1: ports below \d+ .*choose a port from \d+ on\)$`)
	if !want.MatchString(err.Error()) || !errors.Is(err, errAccess) {
		t.Errorf("got %v", err)
	}
}

func TestAKeepAliveOfZeroSendsNoProbes(t *testing.T) {
	for _, keepAlive := range []time.Duration{0, time.Minute} {
		t.Run(fmt.Sprint(keepAlive), func(t *testing.T) {
			ln, err := listen(t.Context(), "127.0.0.1", 0, 0, keepAlive, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer ln.Close()
			c, err := net.Dial("tcp", ln.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			s, err := ln.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			conn, err := s.(*net.TCPConn).SyscallConn()
			if err != nil {
				t.Fatal(err)
			}
			on := 0
			if cerr := conn.Control(func(fd uintptr) {
				on, err = syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_KEEPALIVE)
			}); cerr != nil || err != nil {
				t.Fatal(cerr, err)
			}
			if (on != 0) != (keepAlive != 0) {
				t.Errorf("SO_KEEPALIVE is %d", on)
			}
		})
	}
}

func TestASocketThatIsBoundAndDoesNotListenKeepsItsPort(t *testing.T) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(fd)
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	at, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	port := uint16(at.(*syscall.SockaddrInet4).Port)
	got := cannotListen(t, joinHostPort("127.0.0.1", port), nil)
	want := fmt.Sprintf("listen on 127.0.0.1:%d: port %d is in use by another program (%s tells which; choose another port, 0 is any that is free)", port, port, whoHasPort(port))
	if got.Error() != want {
		t.Errorf("got  %v\nwant %s", got, want)
	}
}
