package sessions

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// authority is a CA of the tests.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string // PEM, to be trusted
}

var serials atomic.Int64

func newAuthority(tb testing.TB) *authority {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	cert := signed(tb, &x509.Certificate{
		Subject: pkix.Name{CommonName: "Root of the tests"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}, nil, key.Public(), key)
	a := &authority{cert: cert, key: key, file: filepath.Join(tb.TempDir(), "root.pem")}
	pemFile(tb, a.file, "CERTIFICATE", cert.Raw)
	return a
}

// signed fills in what every certificate needs and signs it; a parent of nil is itself.
func signed(tb testing.TB, c, parent *x509.Certificate, public any, key any) *x509.Certificate {
	tb.Helper()
	c.SerialNumber = big.NewInt(1000 + serials.Add(1))
	if c.NotBefore.IsZero() {
		c.NotBefore = time.Now().Add(-time.Hour)
	}
	if c.NotAfter.IsZero() {
		c.NotAfter = time.Now().Add(60 * 24 * time.Hour)
	}
	if parent == nil {
		parent = c
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, public, key)
	if err != nil {
		tb.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		tb.Fatal(err)
	}
	return cert
}

// leaf issues a certificate for localhost and 127.0.0.1, changed as the test needs it.
func (a *authority) leaf(tb testing.TB, change func(*x509.Certificate)) tls.Certificate {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	return a.issue(tb, key, key.Public(), change)
}

// leafRSA is leaf with the kind of key that old versions of TLS need.
func (a *authority) leafRSA(tb testing.TB) tls.Certificate {
	tb.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		tb.Fatal(err)
	}
	return a.issue(tb, key, key.Public(), nil)
}

func (a *authority) issue(tb testing.TB, key, public any, change func(*x509.Certificate)) tls.Certificate {
	tb.Helper()
	c := &x509.Certificate{
		Subject:     pkix.Name{CommonName: "Leaf of the tests"},
		DNSNames:    []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if change != nil {
		change(c)
	}
	cert := signed(tb, c, a.cert, public, a.key)
	return tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key}
}

func pemFile(tb testing.TB, path, kind string, ders ...[]byte) {
	tb.Helper()
	var all bytes.Buffer
	for _, der := range ders {
		if err := pem.Encode(&all, &pem.Block{Type: kind, Bytes: der}); err != nil {
			tb.Fatal(err)
		}
	}
	if err := os.WriteFile(path, all.Bytes(), 0o600); err != nil {
		tb.Fatal(err)
	}
}

// pairFiles writes a certificate and its key as PEM files.
func pairFiles(tb testing.TB, pair tls.Certificate) (cert, key string) {
	tb.Helper()
	dir := tb.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	pemFile(tb, cert, "CERTIFICATE", pair.Certificate...)
	der, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		tb.Fatal(err)
	}
	pemFile(tb, key, "PRIVATE KEY", der)
	return cert, key
}

// tlsSide is what a TLS server of the tests saw.
type tlsSide struct {
	mu    sync.Mutex
	heard []byte      // of the application
	errs  []error     // of handshakes
	names chan string // sent to it
}

func (s *tlsSide) bytes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.heard)
}

// serveTLS is serve behind a handshake; handle gets the connection once that is over.
func serveTLS(tb testing.TB, c *tls.Config, handle func(*tls.Conn)) (addr string, side *tlsSide) {
	tb.Helper()
	side = &tlsSide{names: make(chan string, 1000)}
	config := c.Clone()
	config.GetConfigForClient = func(h *tls.ClientHelloInfo) (*tls.Config, error) {
		side.names <- h.ServerName
		return nil, nil
	}
	addr = serve(tb, "127.0.0.1:0", func(raw net.Conn) {
		conn := tls.Server(raw, config)
		err := conn.HandshakeContext(tb.Context())
		side.mu.Lock()
		side.errs = append(side.errs, err)
		side.mu.Unlock()
		if err != nil {
			return
		}
		handle(conn)
	})
	return addr, side
}

// echoTLS sends back what comes, and ends in order.
func (s *tlsSide) echo(c *tls.Conn) {
	buf := make([]byte, 64<<10)
	for {
		n, err := c.Read(buf)
		s.mu.Lock()
		s.heard = append(s.heard, buf[:n]...)
		s.mu.Unlock()
		if _, werr := c.Write(buf[:n]); err == nil {
			err = werr
		}
		if err != nil {
			if err == io.EOF {
				_ = c.Close()
			}
			return
		}
	}
}

func echoTLS(tb testing.TB, c *tls.Config) (addr string, side *tlsSide) {
	tb.Helper()
	var at *tlsSide
	ready := make(chan bool)
	addr, at = serveTLS(tb, c, func(conn *tls.Conn) {
		<-ready
		at.echo(conn)
	})
	close(ready)
	return addr, at
}

// trusting returns a configuration that trusts the CA and nobody else.
func (a *authority) trusting(addr string) TLSConfig {
	c := DefaultTLS()
	c.Address, c.Trust, c.CAFiles = addr, TrustMine, []string{a.file}
	return c
}

// tlsSession is session for TLS.
func tlsSession(tb testing.TB, c TLSConfig, o Options) (*TLSSession, *watch) {
	tb.Helper()
	w := newWatch(nil)
	o.Observer = w
	if o.Capture.Dir == "" {
		o.Capture.Dir = tb.TempDir()
	}
	t, err := NewTLS(c, o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { closeWatched(tb, t, w) })
	return t, w
}

// connectedTLS returns an open session.
func connectedTLS(tb testing.TB, c TLSConfig) (*TLSSession, *watch) {
	tb.Helper()
	t, w := tlsSession(tb, c, Options{})
	start(tb, t)
	w.named(tb, EventConnect)
	return t, w
}

// endedTLS returns a session that has been started and has ended by itself.
func endedTLS(tb testing.TB, c TLSConfig) (*TLSSession, *watch) {
	tb.Helper()
	t, w := tlsSession(tb, c, Options{})
	start(tb, t)
	awaitDone(tb, "the end", t.Done())
	return t, w
}

func parse(tb testing.TB, der []byte) *x509.Certificate {
	tb.Helper()
	c, err := x509.ParseCertificate(der)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// syncWriter is a buffer that can be waited on.
type syncWriter struct {
	mu sync.Mutex
	to *bytes.Buffer
}

func (w *syncWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(p)
}

// until waits until so many bytes have come.
func (w *syncWriter) until(tb testing.TB, n int) {
	tb.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); runtime.Gosched() {
		w.mu.Lock()
		got := w.to.Len()
		w.mu.Unlock()
		if got >= n {
			return
		}
	}
	tb.Fatalf("waited in vain for %d bytes", n)
}
