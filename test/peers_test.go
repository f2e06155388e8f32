//go:build e2e && linux

package test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os/exec"
	"regexp"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// socatEcho starts socat as an echo server for any number of clients and returns its address and a function that
// ends it with all its connections.
func socatEcho(t *testing.T) (address string, stop func()) {
	t.Helper()
	return socatServer(t, "PIPE")
}

// socatServer is socatEcho with something else behind each connection, in socat's words.
func socatServer(t *testing.T, behind string) (address string, stop func()) {
	t.Helper()
	cmd := exec.Command("socat", "-d", "-d", "TCP-LISTEN:0,bind=127.0.0.1,fork,reuseaddr", behind)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	found := make(chan string, 1)
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		listening := regexp.MustCompile(`listening on AF=2 (127\.0\.0\.1:\d+)`)
		for lines := bufio.NewScanner(log); lines.Scan(); {
			if m := listening.FindStringSubmatch(lines.Text()); m != nil {
				select {
				case found <- m[1]:
				default: // said again after each connection
				}
			}
		}
	}()
	stopped := false
	stop = func() {
		if !stopped {
			stopped = true
			syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) // the children that serve the connections too
			<-drained
			cmd.Wait()
		}
	}
	t.Cleanup(stop)
	select {
	case address = <-found:
		return address, stop
	case <-time.After(patience):
		t.Fatal("socat does not listen")
		return "", nil
	}
}

// silentAddress is a loopback address where a connect is never answered: a listener whose queue is full drops SYNs.
func silentAddress(t *testing.T) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	bound, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	address := fmt.Sprintf("127.0.0.1:%d", bound.(*syscall.SockaddrInet4).Port)
	for range 64 {
		conn, err := net.DialTimeout("tcp", address, 250*time.Millisecond)
		if err != nil {
			return address // full
		}
		t.Cleanup(func() { conn.Close() })
	}
	t.Fatal("the queue of the listener does not fill")
	return ""
}

// deadAddress is a loopback address where nothing listens.
func deadAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// A flood is a peer that, once told to, sends a known stream as fast as it is taken, and then FIN.
type flood struct {
	address  string
	size     int64
	listener net.Listener
	begin    chan struct{} // close it to let the flood go
	accepted chan struct{} // closed when the client is there
	marks    chan mark     // after each write, when not nil
	done     chan floodEnd // what became of it
	chunk    []byte
}

// mark says that the system had taken so many bytes of the stream at a time.
type mark struct {
	at    time.Time
	bytes int64
}

type floodEnd struct {
	took time.Duration
	err  error
}

const floodChunk = 1 << 20

// newFlood listens for one client. With marks, the progress of the stream is kept.
func newFlood(t *testing.T, size int64) *flood {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	f := &flood{address: l.Addr().String(), size: size, listener: l, begin: make(chan struct{}), accepted: make(chan struct{}), done: make(chan floodEnd, 1)}
	f.chunk = make([]byte, floodChunk)
	rand.NewChaCha8([32]byte{7}).Read(f.chunk)
	go f.serve()
	return f
}

// stream writes the flood's bytes: numbered chunks of noise, so that nothing repeats and a gap shows.
func (f *flood) stream(w io.Writer, after func(sent int64)) error {
	chunk := append([]byte(nil), f.chunk...)
	for sent := int64(0); sent < f.size; {
		binary.BigEndian.PutUint64(chunk, uint64(sent))
		n, err := w.Write(chunk[:min(floodChunk, f.size-sent)])
		sent += int64(n)
		if after != nil {
			after(sent)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (f *flood) serve() {
	conn, err := f.listener.Accept()
	if err != nil {
		f.done <- floodEnd{err: err}
		return
	}
	defer conn.Close()
	close(f.accepted)
	<-f.begin
	start := time.Now()
	err = f.stream(conn, func(sent int64) {
		if f.marks != nil {
			f.marks <- mark{time.Now(), sent}
		}
	})
	if err == nil {
		err = conn.(*net.TCPConn).CloseWrite()
	}
	if err == nil {
		// The client closes when it has read the FIN, and so everything before it.
		_, err = io.Copy(io.Discard, conn)
	}
	f.done <- floodEnd{time.Since(start), err}
}

// sum is the SHA-256 of the stream's first n bytes.
func (f *flood) sum(n int64) [sha256.Size]byte {
	whole := *f
	whole.size = n
	h := sha256.New()
	whole.stream(h, nil)
	return [sha256.Size]byte(h.Sum(nil))
}

// inbound hashes what captures hold of the bytes that came in, and says how many there are and when the last came.
func inbound(t *testing.T, dir string) (sum [sha256.Size]byte, n int64, last time.Time) {
	t.Helper()
	files, err := segments(dir)
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	for _, file := range files {
		err := readPackets(file, func(p packet) error {
			if p.inbound && len(p.payload) > 0 {
				h.Write(p.payload)
				n += int64(len(p.payload))
				last = p.at
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return [sha256.Size]byte(h.Sum(nil)), n, last
}

// A client is a program that connects to a server, prints what it hears, and says what is written to stdin.
type client struct {
	io.WriteCloser // its standard input
	name           string
	ended          chan struct{}

	mu    sync.Mutex
	heard bytes.Buffer
}

// startClient starts a program as a client. The test ends it at the latest.
func startClient(t *testing.T, name string, args ...string) *client {
	t.Helper()
	c := &client{name: name, ended: make(chan struct{})}
	cmd := exec.Command(name, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	cmd.Stdout = hearing{c}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.WriteCloser = stdin
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		cmd.Wait() // how it ends is the program's own matter; that it does is what tests look at
		close(c.ended)
	}()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-c.ended
	})
	return c
}

// ncatClient, socatClient and bashClient have nothing in common but the protocol.
func ncatClient(t *testing.T, host, port string) *client {
	t.Helper()
	return startClient(t, "ncat", host, port)
}

func socatClient(t *testing.T, host, port string) *client {
	t.Helper()
	return startClient(t, "socat", "-", "TCP:"+net.JoinHostPort(host, port))
}

// bashClient is a shell that says one thing and then listens.
func bashClient(t *testing.T, host, port, first string) *client {
	t.Helper()
	return startClient(t, "bash", "-c", `exec 3<>"/dev/tcp/$0/$1" && printf %s "$2" >&3 && exec cat <&3`, host, port, first)
}

// hears is what the client has printed so far.
func (c *client) hears() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.heard.String()
}

func (c *client) gone() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}

// hearing takes what a client prints.
type hearing struct{ c *client }

func (h hearing) Write(p []byte) (int, error) {
	h.c.mu.Lock()
	defer h.c.mu.Unlock()
	return h.c.heard.Write(p)
}

// A crowd is many clients of an echo server, in this process. Each says a line of its own so often and wants it back
// as it was; nobody hears what another said.
type crowd struct {
	conns []net.Conn
	every time.Duration

	mu     sync.Mutex
	rounds int             // echoes that came back right, of all clients together
	took   []time.Duration // of each of them
	faults []error         // the first few
	failed int             // how many there were
}

const (
	crowdMessage = 64 // bytes
	crowdDialers = 64 // who connect at the same time
)

// newCrowd connects n clients. What went wrong with that, as with everything they do, is for check.
func newCrowd(t *testing.T, address string, n int) *crowd {
	t.Helper()
	c := &crowd{conns: make([]net.Conn, n), every: time.Second}
	t.Cleanup(func() {
		for _, conn := range c.conns {
			if conn != nil {
				conn.Close()
			}
		}
	})
	var next atomic.Int64
	var wg sync.WaitGroup
	for range crowdDialers {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				conn, err := net.DialTimeout("tcp", address, patience)
				if err != nil {
					c.fault(fmt.Errorf("client %d cannot connect: %w", i+1, err))
					return
				}
				c.conns[i] = conn
			}
		})
	}
	wg.Wait()
	return c
}

// talk lets each client speak for a while, evenly spread over time as a crowd is, and returns when all have their last
// echo.
func (c *crowd) talk(rounds int) {
	var wg sync.WaitGroup
	began := time.Now()
	for i, conn := range c.conns {
		wg.Go(func() {
			at := began.Add(c.every * time.Duration(i) / time.Duration(len(c.conns)))
			took := make([]time.Duration, 0, rounds)
			for round := range rounds {
				time.Sleep(time.Until(at.Add(c.every * time.Duration(round))))
				d, err := echoed(conn, fmt.Sprintf("client %d, message %d ", i+1, round+1))
				if err != nil {
					c.fault(fmt.Errorf("client %d, message %d: %w", i+1, round+1, err))
					break
				}
				took = append(took, d)
			}
			c.mu.Lock()
			defer c.mu.Unlock()
			c.rounds += len(took)
			c.took = append(c.took, took...)
		})
	}
	wg.Wait()
}

// echoed says a message, filled up to its length, and wants it back.
func echoed(conn net.Conn, text string) (time.Duration, error) {
	var said, back [crowdMessage]byte
	for i := copy(said[:], text); i < len(said); i++ {
		said[i] = 'a' + byte(i)%26
	}
	began := time.Now()
	conn.SetDeadline(began.Add(patience))
	if _, err := conn.Write(said[:]); err != nil {
		return 0, err
	}
	if n, err := io.ReadFull(conn, back[:]); err != nil {
		return 0, fmt.Errorf("after %d bytes of the echo: %w", n, err)
	}
	if back != said {
		return 0, fmt.Errorf("the echo of %q is %q", said, back)
	}
	return time.Since(began), nil
}

// leave closes every connection in order and looks that nothing but the server's FIN comes after the last echo.
func (c *crowd) leave() {
	var wg sync.WaitGroup
	turns := make(chan struct{}, crowdDialers)
	for i, conn := range c.conns {
		turns <- struct{}{}
		wg.Go(func() {
			defer func() { <-turns }()
			defer conn.Close()
			conn.SetDeadline(time.Now().Add(patience))
			err := conn.(*net.TCPConn).CloseWrite()
			if err == nil {
				var more []byte
				if more, err = io.ReadAll(conn); len(more) > 0 {
					err = fmt.Errorf("%d bytes after the last echo", len(more))
				}
			}
			if err != nil {
				c.fault(fmt.Errorf("client %d leaves: %w", i+1, err))
			}
		})
	}
	wg.Wait()
}

func (c *crowd) fault(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failed++
	if len(c.faults) < 5 {
		c.faults = append(c.faults, err)
	}
}

// check ends the test if anything went wrong with a client.
func (c *crowd) check(t *testing.T) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, err := range c.faults {
		t.Error(err)
	}
	if c.failed > 0 {
		t.Fatalf("%d of %d clients failed", c.failed, len(c.conns))
	}
}
