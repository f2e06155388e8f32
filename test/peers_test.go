//go:build e2e && linux

package test

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os/exec"
	"regexp"
	"syscall"
	"testing"
	"time"
)

// socatEcho starts socat as an echo server for any number of clients and returns its address and a function that
// ends it with all its connections.
func socatEcho(t *testing.T) (address string, stop func()) {
	t.Helper()
	cmd := exec.Command("socat", "-d", "-d", "TCP-LISTEN:0,bind=127.0.0.1,fork,reuseaddr", "PIPE")
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
