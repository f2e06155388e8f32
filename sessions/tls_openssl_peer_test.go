package sessions

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"wirebench/sessions/certs"
)

// openssl starts openssl s_server with a certificate of the CA and returns its address. Its standard
// output, where -quiet puts what comes in, goes to out.
func openssl(t *testing.T, ca *authority, pair tls.Certificate, out io.Writer, args ...string) string {
	t.Helper()
	path, err := exec.LookPath("openssl")
	if err != nil {
		if os.Getenv("WIREBENCH_NEED_PEERS") == "1" {
			t.Fatal("openssl is not installed")
		}
		t.Skip("openssl is not installed: the handshake with it was not checked")
	}
	cert, key := pairFiles(t, pair)
	for range 5 { // another program may take a port that was free
		addr := closedPort(t)
		cmd := exec.Command(path, append([]string{"s_server", "-accept", addr, "-cert", cert, "-key", key, "-CAfile", ca.file}, args...)...)
		cmd.Stdout = out
		in, err := cmd.StdinPipe() // at the end of its input it would stop
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() { _ = cmd.Wait(); close(ended) }()
		t.Cleanup(func() {
			_ = in.Close()
			_ = cmd.Process.Kill()
			<-ended
		})
		if listens(addr, ended) {
			return addr
		}
	}
	t.Fatal("openssl did not begin to listen")
	return ""
}

// listens waits until a program listens at addr, which it never does once it has ended.
func listens(addr string, ended <-chan struct{}) bool {
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if conn, err := net.Dial("tcp", addr); err == nil {
			itself := conn.LocalAddr().String() == addr // loopback connects a port that is free to itself
			conn.Close()
			if !itself {
				return true
			}
		}
		select {
		case <-ended:
			return false
		case <-time.After(5 * time.Millisecond):
		}
	}
	return false
}

func TestOpenSSLServesEveryVersion(t *testing.T) {
	ca := newAuthority(t)
	leaf := ca.leafRSA(t)
	for _, c := range []struct {
		args    []string
		legacy  bool
		version string
	}{
		{[]string{"-tls1_3"}, false, "TLS 1.3"},
		{[]string{"-tls1_2"}, false, "TLS 1.2"},
		{[]string{"-tls1_1", "-cipher", "ALL:@SECLEVEL=0"}, true, "TLS 1.1"},
		{[]string{"-tls1", "-cipher", "ALL:@SECLEVEL=0"}, true, "TLS 1.0"},
		{[]string{"-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0"}, true, "TLS 1.2"},
		{[]string{"-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"}, false, "TLS 1.3"},
		{[]string{"-tls1_3", "-ciphersuites", "TLS_AES_256_GCM_SHA384", "-groups", "P-384"}, false, "TLS 1.3"},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			addr := openssl(t, ca, leaf, nil, append(c.args, "-rev", "-quiet")...)
			config := ca.trusting(addr)
			config.Legacy = c.legacy
			s, w := connectedTLS(t, config)
			if err := s.Send([]byte("hello\n")); err != nil {
				t.Fatal(err)
			}
			if got := w.awaitIn(t, 6); string(got) != "olleh\n" {
				t.Errorf("received %q", got)
			}
			h := s.Report().Handshake
			if h.Version != c.version || s.Report().Status != certs.Trusted {
				t.Errorf("report %s, handshake %+v", s.Report().Status, h)
			}
			if signed := c.version >= "TLS 1.2" && h.Curve != ""; signed != (h.Signature != "") {
				t.Errorf("signature %q", h.Signature)
			}
			if strings.Contains(strings.Join(c.args, " "), "P-384") && (!h.HelloRetry || h.Curve != "CurveP384") {
				t.Errorf("handshake %+v", h)
			}
		})
	}
}

func TestOpenSSLThatIsTooOldSaysSoInItsOwnWay(t *testing.T) {
	ca := newAuthority(t)
	addr := openssl(t, ca, ca.leafRSA(t), nil, "-tls1", "-cipher", "ALL:@SECLEVEL=0")
	_, _, err := failingTLS(t, ca.trusting(addr))
	says(t, err, "protocol_version (70)", "TLS 1.2 to TLS 1.3", "switch legacy on")
}

func TestOpenSSLAsksForAClientCertificate(t *testing.T) {
	ca := newAuthority(t)
	for _, version := range []string{"-tls1_2", "-tls1_3"} {
		t.Run(version, func(t *testing.T) {
			addr := openssl(t, ca, ca.leaf(t, nil), nil, version, "-Verify", "1", "-verify_return_error", "-rev", "-quiet")
			s, _ := tlsSession(t, ca.trusting(addr), Options{})
			start(t, s)
			awaitDone(t, "the end", s.Done())
			says(t, s.Info().Err, "client certificate and got none")
			if h := s.Report().Handshake; !h.ClientAsked || len(h.AcceptableCAs) != 1 || h.AcceptableCAs[0] != "CN=Root of the tests" {
				t.Errorf("handshake %+v", h)
			}
			c := ca.trusting(addr)
			c.CertFile, c.KeyFile = pairFiles(t, ca.leaf(t, nil))
			s, w := connectedTLS(t, c)
			if err := s.Send([]byte("in\n")); err != nil {
				t.Fatal(err)
			}
			w.awaitIn(t, 3)
		})
	}
}

func TestOpenSSLChoosesAnALPNProtocol(t *testing.T) {
	ca := newAuthority(t)
	addr := openssl(t, ca, ca.leaf(t, nil), nil, "-alpn", "h2,http/1.1", "-quiet")
	c := ca.trusting(addr)
	c.Policy, c.ALPN = Inspect, []string{"http/1.1"}
	s, _ := endedTLS(t, c)
	if h := s.Report().Handshake; h.ALPN != "http/1.1" {
		t.Errorf("handshake %+v", h)
	}
	c.ALPN = []string{"gopher"}
	_, _, err := failingTLS(t, c)
	says(t, err, "no_application_protocol (120)", "gopher")
}

func TestOpenSSLResumesUnlessItSendsNoTickets(t *testing.T) {
	ca := newAuthority(t)
	for _, c := range []struct {
		args    []string
		resumed bool
	}{{[]string{"-tls1_3"}, true}, {[]string{"-tls1_2"}, true}, {[]string{"-tls1_2", "-no_ticket"}, false}, {[]string{"-tls1_3", "-num_tickets", "0"}, false}} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			addr := openssl(t, ca, ca.leaf(t, nil), nil, append(c.args, "-quiet")...)
			config := ca.trusting(addr)
			config.Policy = Inspect
			s, _ := endedTLS(t, config)
			r, err := s.TestResumption(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if r.Resumed != c.resumed || r.Text == "" {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestOpenSSLStaplesAnOCSPResponse(t *testing.T) {
	ca := newAuthority(t)
	pair := ca.leaf(t, nil)
	for status, want := range map[int]certs.Status{ocsp.Good: certs.Trusted, ocsp.Revoked: certs.Revoked} {
		t.Run(fmt.Sprint(want), func(t *testing.T) {
			leaf := parse(t, pair.Certificate[0])
			der, err := ocsp.CreateResponse(ca.cert, ca.cert, ocsp.Response{
				Status: status, SerialNumber: leaf.SerialNumber, ThisUpdate: time.Now().Add(-time.Hour), NextUpdate: time.Now().Add(time.Hour),
				RevokedAt: time.Now().Add(-time.Hour),
			}, ca.key)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "staple.der")
			if err := os.WriteFile(file, der, 0o600); err != nil {
				t.Fatal(err)
			}
			addr := openssl(t, ca, pair, nil, "-status_file", file, "-quiet")
			c := ca.trusting(addr)
			c.Policy = Inspect
			s, _ := endedTLS(t, c)
			r := s.Report()
			if !r.Handshake.Stapled || r.Status != want || len(r.Revocation) == 0 || r.Revocation[0].Method != certs.MethodStaple {
				t.Errorf("report %s, handshake %+v, revocation %+v", r.Status, r.Handshake, r.Revocation)
			}
		})
	}
}

func TestOpenSSLReceivesEveryByte(t *testing.T) {
	size := 32 << 20
	if testing.Short() || raceEnabled {
		size = 4 << 20
	}
	ca := newAuthority(t)
	var got bytes.Buffer
	w := &syncWriter{to: &got}
	addr := openssl(t, ca, ca.leaf(t, nil), w, "-quiet", "-naccept", "2") // the first was the look whether it listens
	s, _ := connectedTLS(t, ca.trusting(addr))
	p := make([]byte, size)
	_, _ = rand.Read(p)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, p, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := s.SendFile(file)
	if err != nil {
		t.Fatal(err)
	}
	awaitDone(t, "the file", f.Done())
	if err := s.Disconnect(); err != nil {
		t.Fatal(err)
	}
	awaitDone(t, "the end", s.Done())
	if err := s.Info().Err; err != nil {
		t.Fatal(err)
	}
	w.until(t, size)
	if !bytes.Equal(got.Bytes(), p) {
		t.Errorf("openssl has %d bytes, and not those that were sent", got.Len())
	}
}
