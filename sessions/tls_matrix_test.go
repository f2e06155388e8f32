package sessions_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wirebench/sessions"
	"wirebench/sessions/capture"
	"wirebench/sessions/certs"
	"wirebench/sessions/certs/testca"
	"wirebench/sessions/certs/testca/opensslserver"
)

// matrixAt is when the certificates of the matrix are looked at. It is far from today, so that nothing can
// come out right by the machine's clock.
var matrixAt = time.Date(2031, 5, 17, 8, 0, 0, 0, time.UTC)

const (
	matrixCombinations = 250
	matrixPatience     = 60 * time.Second // bounds every wait; nothing that works comes near it
)

// TestEveryFaultOfACertificateComesOutOfARealHandshake serves each certificate case, and combinations of
// faults, by openssl and by Go, inspects the server, and compares the status and the set of faults.
// Certificates that openssl does not load as they are come from Go alone.
func TestEveryFaultOfACertificateComesOutOfARealHandshake(t *testing.T) {
	cases, err := testca.Cases(matrixAt)
	if err != nil {
		t.Fatal(err)
	}
	combinations, err := testca.Combinations(matrixAt, 2031, matrixCombinations)
	if err != nil {
		t.Fatal(err)
	}
	program := findOpenssl(t)
	all := append(cases, combinations...)
	var byOpenssl atomic.Int32
	t.Cleanup(func() { // after all of them
		if n := int(byOpenssl.Load()); program != "" && n < len(all)*3/4 {
			t.Errorf("openssl served %d of %d only", n, len(all))
		}
	})
	for i, c := range all {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel() // so that as many run at once as there are processors
			m := &matrixCase{Case: c, dir: t.TempDir()}
			m.write(t)
			versions := []uint16{tls.VersionTLS13, tls.VersionTLS12}
			if i >= len(cases) {
				versions = versions[i%2:][:1]
			}
			for _, v := range versions {
				if c.MaxVersion == 0 || v <= c.MaxVersion {
					m.inspect(t, fmt.Sprintf("crypto/tls over %s", tls.VersionName(v)), m.serveGo(t, v), 0)
				}
			}
			if program != "" && m.opensslKeeps(t, program) {
				highest := uint16(0)
				if m.Presented[0].X509 != nil && m.Presented[0].X509.SignatureAlgorithm == x509.MD5WithRSA {
					// openssl refuses a client that lists the signatures it takes in certificates
					// (signature_algorithms_cert) without MD5. TLS 1.1 has no such list.
					highest = tls.VersionTLS11
				}
				byOpenssl.Add(1)
				m.inspect(t, "openssl", m.serveOpenssl(t, program), highest)
			}
		})
	}
}

// findOpenssl returns the program, or "" where it need not be there.
func findOpenssl(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("openssl")
	if err != nil {
		if os.Getenv("WIREBENCH_NEED_PEERS") == "1" {
			t.Fatal("openssl is not installed")
		}
		t.Log("openssl is not installed: crypto/tls alone serves the certificates")
	}
	return program
}

// matrixCase is a case with its files.
type matrixCase struct {
	testca.Case
	dir  string
	crls []string
}

func (m *matrixCase) path(name string) string { return filepath.Join(m.dir, name) }

func (m *matrixCase) write(t *testing.T) {
	t.Helper()
	key, err := m.Presented[0].KeyPEM()
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{
		"roots.pem": testca.PEM(m.Roots...), "leaf.pem": testca.PEM(m.Presented[0]), "key.pem": key,
		"chain.pem": testca.PEM(m.Presented[1:]...), "staple.der": m.Staple,
	}
	for i, der := range m.CRLs {
		name := fmt.Sprintf("list%d.crl", i)
		files[name] = der
		if i%2 == 1 {
			files[name] = pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der})
		}
		m.crls = append(m.crls, m.path(name))
	}
	for name, data := range files {
		if err := os.WriteFile(m.path(name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// inspect connects to a server of the case, which is called so in errors, and compares. highest is the
// version of TLS to offer at most, 0 for the usual one.
func (m *matrixCase) inspect(t *testing.T, called, address string, highest uint16) {
	t.Helper()
	config := sessions.DefaultTLS()
	config.Address, config.Policy, config.VerifyName, config.AsOf = address, sessions.Inspect, m.Host, matrixAt
	config.Trust, config.CAFiles, config.CRLFiles = sessions.TrustMine, []string{m.path("roots.pem")}, m.crls
	config.HandshakeTimeout = matrixPatience
	config.MaxVersion, config.Legacy = highest, highest != 0 && highest < tls.VersionTLS12
	told := &certificates{}
	s, err := sessions.NewTLS(config, sessions.Options{Capture: capture.Options{Dir: t.TempDir()}, Observer: told})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Errorf("%s: %v", called, err)
		}
	}()
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	select {
	case <-s.Done():
	case <-time.After(matrixPatience):
		t.Fatalf("%s: the session does not end", called)
	}
	r := s.Report()
	if r == nil || r.Handshake == nil {
		t.Fatalf("%s: there is no report of a handshake: %v", called, s.Info().Err)
	}
	var codes []certs.Code
	for _, f := range r.Faults {
		if !slices.Contains(codes, f.Code) {
			codes = append(codes, f.Code)
		}
	}
	if r.Status != m.Status || !slices.Equal(codes, m.Faults) {
		t.Errorf("%s: %s: the report says %s %v, not %s %v; %s (%s)", called, m.Title, r.Status, codes, m.Status, m.Faults, r.Headline, r.Handshake.Problem)
	}
	same := len(r.Presented) == len(m.Presented)
	for i := range min(len(r.Presented), len(m.Presented)) {
		same = same && bytes.Equal(r.Presented[i].DER, m.Presented[i].DER)
	}
	if !same {
		t.Errorf("%s: the report does not have the %d certificates that were sent", called, len(m.Presented))
	}
	if readable := !slices.Contains(m.Faults, certs.Unparsable) && !slices.Contains(m.Faults, certs.WeakKey); readable != r.Handshake.Complete {
		t.Errorf("%s: the handshake is complete: %v; %s", called, r.Handshake.Complete, r.Handshake.Problem)
	}
	if n := told.count(); n != 1 {
		t.Errorf("%s: the certificate was told %d times", called, n)
	}
}

// certificates is an observer that counts the reports it is told.
type certificates struct {
	mu sync.Mutex
	n  int
}

func (c *certificates) Event(e sessions.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e.Name == sessions.EventCertificate {
		c.n++
	}
}

func (c *certificates) Data(capture.Flow, capture.Direction, []byte) {}

func (c *certificates) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

// serveGo starts a server of this process, which the end of the test stops.
func (m *matrixCase) serveGo(t *testing.T, version uint16) string {
	t.Helper()
	pair := testca.TLS(m.Presented...)
	pair.OCSPStaple = m.Staple
	config := &tls.Config{Certificates: []tls.Certificate{pair}, MaxVersion: version}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		for {
			raw, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				stop := context.AfterFunc(ctx, func() { raw.Close() })
				defer stop()
				defer raw.Close()
				conn := tls.Server(raw, config)
				if conn.HandshakeContext(ctx) == nil {
					_, _ = io.Copy(io.Discard, conn)
				}
			})
		}
	})
	t.Cleanup(func() {
		cancel()
		l.Close()
		running.Wait()
	})
	return l.Addr().String()
}

// opensslKeeps reports whether openssl reads every certificate and writes it as it was.
func (m *matrixCase) opensslKeeps(t *testing.T, program string) bool {
	t.Helper()
	for _, c := range m.Presented {
		if c.X509 != nil {
			continue
		}
		cmd := exec.Command(program, "x509", "-inform", "DER", "-outform", "DER")
		cmd.Stdin = bytes.NewReader(c.DER)
		if out, err := cmd.Output(); err != nil || !bytes.Equal(out, c.DER) {
			return false
		}
	}
	return true
}

// serveOpenssl starts openssl s_server, which the end of the test kills.
func (m *matrixCase) serveOpenssl(t *testing.T, program string) string {
	t.Helper()
	args := []string{"s_server", "-accept", "127.0.0.1:0", "-rev", "-cipher", "DEFAULT:@SECLEVEL=0",
		"-cert", m.path("leaf.pem"), "-key", m.path("key.pem")}
	if len(m.Presented) > 1 {
		args = append(args, "-cert_chain", m.path("chain.pem"))
	}
	if m.Staple != nil {
		args = append(args, "-status_file", m.path("staple.der"))
	}
	if m.MaxVersion == tls.VersionTLS12 {
		args = append(args, "-no_tls1_3")
	}
	return opensslserver.Start(t, exec.Command(program, args...))
}
