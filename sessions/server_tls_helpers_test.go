package sessions

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wirebench/sessions/certs/localca"
)

// shaken is what came of one client of a TLS listener.
type shaken struct {
	info  *ClientTLS
	err   error
	heard []byte // of the application
	end   error  // what ended the reading
	how   string // the end, when it was in order
}

// tlsListener is a listener of the tests that takes clients one after the other, sends back what they send
// up to the first line end, and ends in order.
type tlsListener struct {
	addr, caDir string
	loaded      *serverTLS
	clients     chan shaken
}

// rootFile is the root of the test CA as a file.
func rootFile(tb testing.TB, dir string) string {
	tb.Helper()
	ca, err := localca.Open(dir)
	if err != nil {
		tb.Fatal(err)
	}
	file := filepath.Join(tb.TempDir(), "root.pem")
	if err := os.WriteFile(file, ca.RootPEM(), 0o600); err != nil {
		tb.Fatal(err)
	}
	return file
}

func listenTLS(tb testing.TB, change func(*ServerTLS)) *tlsListener {
	tb.Helper()
	c := &ServerTLS{CADir: tb.TempDir()}
	if change != nil {
		change(c)
	}
	ln := &tlsListener{caDir: c.CADir, clients: make(chan shaken, 100)}
	ready := make(chan bool)
	ln.addr = serve(tb, "127.0.0.1:0", func(sock net.Conn) {
		<-ready
		ln.clients <- ln.handle(tb, sock)
	})
	loaded, err := c.load(loopback)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(loaded.close)
	ln.loaded = loaded
	close(ready)
	return ln
}

var loopback = addrPort(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}).Addr()

func (l *tlsListener) handle(tb testing.TB, sock net.Conn) shaken {
	conn, info, err := l.loaded.shake(tb.Context(), sock)
	s := shaken{info: info, err: err}
	if err != nil {
		return s
	}
	buf := make([]byte, 4096)
	said := false
	for s.end == nil {
		var n int
		n, s.end = conn.Read(buf)
		s.heard = append(s.heard, buf[:n]...)
		if !said && bytes.IndexByte(s.heard, '\n') >= 0 {
			said = true
			if _, err := conn.Write(s.heard); err != nil {
				s.end = err
			}
			if err := conn.CloseWrite(); err != nil && s.end == nil {
				s.end = err
			}
		}
	}
	if s.end == io.EOF {
		s.how = conn.peerEnd()
	}
	return s
}

// next waits for what came of the next client.
func (l *tlsListener) next(tb testing.TB) shaken {
	tb.Helper()
	select {
	case s := <-l.clients:
		return s
	case <-time.After(patience):
		tb.Fatal("no client came to an end")
		return shaken{}
	}
}

// refused waits for a client whose handshake must fail.
func (l *tlsListener) refused(t *testing.T, want ...string) error {
	t.Helper()
	s := l.next(t)
	if s.err == nil {
		t.Fatalf("the handshake came about: %+v, then %v", s.info, s.end)
	}
	says(t, s.err, append([]string{"TLS handshake with 127.0.0.1:"}, want...)...)
	return s.err
}

// run runs a client program to its end, with input, and returns all it wrote.
func run(t *testing.T, input io.Reader, name string, args ...string) string {
	t.Helper()
	path := needs(t, name)
	var out bytes.Buffer
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = input, &out, &out
	cmd.WaitDelay = patience
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatalf("%s: %v", name, err)
	}
	return out.String()
}

// needs returns the path of a program, or skips the test, whose goroutine must be the caller's.
func needs(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("WIREBENCH_NEED_PEERS") == "1" {
			t.Fatal(name + " is not installed")
		}
		t.Skip(name + " is not installed")
	}
	return path
}

// sclient runs openssl s_client against the listener.
func (l *tlsListener) sclient(t *testing.T, args ...string) string {
	t.Helper()
	return run(t, strings.NewReader("hello\n"), "openssl", append([]string{"s_client", "-connect", l.addr, "-ign_eof"}, args...)...)
}

// dialled is a connection without TLS.
func dialled(t *testing.T, addr string) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c.(*net.TCPConn)
}

// pairOf writes a certificate with its key as PEM files and returns their names.
func pairOf(tb testing.TB, a *authority, change func(*x509.Certificate)) (cert, key string) {
	tb.Helper()
	return pairFiles(tb, a.leaf(tb, change))
}

// pool is the root of the test CA for crypto/tls.
func (l *tlsListener) pool(tb testing.TB) *x509.CertPool {
	tb.Helper()
	data, err := os.ReadFile(rootFile(tb, l.caDir))
	if err != nil {
		tb.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data) {
		tb.Fatal("no root")
	}
	return pool
}

// clientHello is the ClientHello that crypto/tls sends.
func clientHello(tb testing.TB) []byte {
	tb.Helper()
	near, far := net.Pipe()
	defer far.Close()
	go func() {
		_ = tls.Client(near, &tls.Config{ServerName: "localhost"}).Handshake() // ends with far
		near.Close()
	}()
	buf := make([]byte, 16<<10)
	n, err := far.Read(buf)
	if err != nil {
		tb.Fatal(err)
	}
	return buf[:n]
}

func pemOf(der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}
