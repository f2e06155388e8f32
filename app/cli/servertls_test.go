package cli

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wirebench/sessions/certs/testca"
)

// secure connects to a server with TLS. It verifies the certificate for 127.0.0.1
// unless config says otherwise.
func (s *served) secure(config *tls.Config) (*tls.Conn, error) {
	s.t.Helper()
	d := tls.Dialer{NetDialer: &net.Dialer{Timeout: patience}, Config: config}
	c, err := d.Dial("tcp", s.address)
	if err != nil {
		return nil, err
	}
	s.t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(patience))
	return c.(*tls.Conn), nil
}

// exchange says something and expects an echo.
func exchange(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(text))
	if n, err := io.ReadFull(c, got); err != nil || string(got) != text {
		t.Fatalf("heard %q, %v; want %q", got[:n], err, text)
	}
}

// rootsOf reads a file of roots.
func rootsOf(t *testing.T, path string) *x509.CertPool {
	t.Helper()
	b, err := os.ReadFile(path)
	pool := x509.NewCertPool()
	if err != nil || !pool.AppendCertsFromPEM(b) {
		t.Fatalf("%s holds no root: %v", path, err)
	}
	return pool
}

func TestTheTestCAVouchesForAServer(t *testing.T) {
	ownState(t)
	root := filepath.Join(t.TempDir(), "root.pem")
	for range 2 { // the second server finds the CA there
		s := serve(t, "--json", "--tls", "--ca-out", root, "--echo", "--alpn", "chat,http/1.1", "--tls-name", "server.example,192.0.2.7")
		roots := rootsOf(t, root)
		for _, name := range []string{"127.0.0.1", "localhost", "server.example", "192.0.2.7"} {
			c, err := s.secure(&tls.Config{RootCAs: roots, ServerName: name, NextProtos: []string{"http/1.1", "chat"}})
			if err != nil {
				t.Fatalf("as %s: %v", name, err)
			}
			exchange(t, c, "hello "+name)
			if p := c.ConnectionState().NegotiatedProtocol; p != "chat" {
				t.Errorf("the protocol is %q", p)
			}
			if err := c.CloseWrite(); err != nil {
				t.Error(err)
			}
			if rest, err := io.ReadAll(c); err != nil || len(rest) > 0 {
				t.Errorf("the end is %q, %v", rest, err)
			}
		}
		s.out.await(t, `"close"`, 4)
		events := s.inOrder()
		own := of(events, 3)
		if got := names(own); got != "connect state close" {
			t.Fatalf("the events of a client are %s", got)
		}
		if text := own[1]["text"].(string); !strings.Contains(text, "TLS 1.3") || !strings.Contains(text, "chat") || !strings.Contains(text, "for server.example") {
			t.Errorf("what was agreed on is %q", text)
		}
		if got := bytesOf(t, own, "in", own[0]["remote"].(string)); string(got) != "hello server.example" {
			t.Errorf("the client said %q", got)
		}
	}
}

func TestForPeopleAServerShowsItsCertificateAndWhatIsAgreedOn(t *testing.T) {
	ownState(t)
	s := serve(t, "--tls", "--greet", "hi")
	s.out.await(t, " for TLS with certificate localhost", 1)
	c, err := s.secure(&tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	s.out.await(t, "client 1: TLS 1.3, ", 1)
	got := make([]byte, 2)
	if _, err := io.ReadFull(c, got); string(got) != "hi" || err != nil {
		t.Errorf("heard %q, %v", got, err)
	}
}

func TestAServerSpeaksTLSWithOnesOwnCertificate(t *testing.T) {
	c := newCA(t)
	leaf := c.leaf(t, testca.Spec{})
	cert, key := c.write(t, "leaf.pem", testca.PEM(leaf)), c.keyFile(t, "leaf.key", leaf)
	keyText, err := leaf.KeyPEM()
	if err != nil {
		t.Fatal(err)
	}
	both := c.write(t, "both.pem", append(testca.PEM(leaf), keyText...))
	locked, pass, p12 := filepath.Join(c.dir, "locked.key"), c.write(t, "pass", []byte("open sesame\n")), filepath.Join(c.dir, "leaf.p12")
	forms := map[string][]string{
		"in two files": {"--tls-cert", cert, "--tls-key", key},
		"in one file":  {"--tls-cert", both},
	}
	t.Run("made", func(t *testing.T) {
		runOpenSSL(t, "pkcs8", "-topk8", "-in", key, "-out", locked, "-passout", "pass:open sesame")
		runOpenSSL(t, "pkcs12", "-export", "-in", cert, "-inkey", key, "-out", p12, "-passout", "pass:open sesame")
		forms["with a passphrase"] = []string{"--tls-cert", cert, "--tls-key", locked, "--passphrase-file", pass}
		forms["as PKCS#12"] = []string{"--tls-cert", p12, "--passphrase-file", pass}
	})
	for name, args := range forms {
		t.Run(name, func(t *testing.T) {
			s := serve(t, append(args, "--json", "--echo")...)
			conn, err := s.secure(&tls.Config{RootCAs: rootsOf(t, c.file), ServerName: "server.example"})
			if err != nil {
				t.Fatal(err)
			}
			exchange(t, conn, "hello")
		})
	}
	if args := forms["with a passphrase"]; args != nil {
		status, _, errs := wire(t, nil, append([]string{"server", "0"}, args[:4]...)...)
		if status != 2 || !strings.Contains(errs, "--passphrase-file") {
			t.Errorf("without the passphrase: status %d, stderr %q", status, errs)
		}
	}
}

func TestAServerReadsItsFilesFromPipes(t *testing.T) {
	c := newCA(t)
	leaf := c.leaf(t, testca.Spec{})
	key, err := leaf.KeyPEM()
	if err != nil {
		t.Fatal(err)
	}
	pipe := func(content []byte) string {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { r.Close() })
		go func() {
			w.Write(content)
			w.Close()
		}()
		path := fmt.Sprintf("/dev/fd/%d", r.Fd())
		if _, err := os.Stat(path); err != nil {
			t.Skip("this system has no /dev/fd")
		}
		return path
	}
	const policy = `<cross-domain-policy><allow-access-from domain="*" to-ports="507"/></cross-domain-policy>`
	s := serve(t, "--json", "--echo", "--tls-cert", pipe(append(testca.PEM(leaf), key...)), "--policy-file", pipe([]byte(policy)))
	conn, err := s.secure(&tls.Config{RootCAs: rootsOf(t, c.file), ServerName: "server.example"})
	if err != nil {
		t.Fatal(err)
	}
	exchange(t, conn, "hello")
	status, out, errs := wire(t, nil, "server", "0", "--json", "--tls-cert", pipe([]byte("no certificate")))
	if status != 1 || !strings.Contains(out, `"error":"--tls-cert: `) || errs != "" {
		t.Errorf("a pipe without a certificate: status %d, stdout %q, stderr %q", status, out, errs)
	}
}

func TestAServerMayRequireClientCertificates(t *testing.T) {
	ownState(t)
	c := newCA(t)
	good := testca.TLS(c.leaf(t, testca.Spec{CommonName: "client", Usages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}))
	stranger := testca.TLS(newCA(t).leaf(t, testca.Spec{CommonName: "stranger", Usages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}))
	for _, x := range []struct {
		name string
		args []string
		cert *tls.Certificate
		// what it is refused by, "" for nothing; a client without a certificate breaks a rule of TLS, one
		// with the wrong certificate is forbidden
		refusal string
		say     string
	}{
		{"require, and one comes", []string{"--client-cert", "require"}, &stranger, "", "client certificate CN=stranger, not verified"},
		{"require, and none comes", []string{"--client-cert", "require"}, nil, "ioError", "certificate"},
		{"request, and none comes", []string{"--client-cert", "request"}, nil, "", "TLS 1.3"},
		{"roots, and one of theirs", []string{"--client-cert", "require", "--client-ca", c.file}, &good, "", "client certificate CN=client, verified with the root CN=Root of the tests"},
		{"roots, and a stranger", []string{"--client-cert", "require", "--client-ca", c.file}, &stranger, "securityError", "CN=stranger"},
		{"request with roots, and a stranger", []string{"--client-cert", "request", "--client-ca", c.file}, &stranger, "securityError", "CN=stranger"},
		{"request with roots, and none", []string{"--client-cert", "request", "--client-ca", c.file}, nil, "", "TLS 1.3"},
	} {
		t.Run(x.name, func(t *testing.T) {
			s := serve(t, append(x.args, "--json", "--tls", "--echo")...)
			config := &tls.Config{InsecureSkipVerify: true, GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
				if x.cert == nil {
					return new(tls.Certificate), nil
				}
				return x.cert, nil // although the server may not know who issued it
			}}
			conn, err := s.secure(config)
			if err != nil {
				t.Fatal(err) // a client learns of a refusal later, in TLS 1.3
			}
			want := "connect state close"
			if x.refusal == "" {
				exchange(t, conn, "hello")
				conn.Close()
				s.out.await(t, `"close"`, 1)
			} else {
				want = x.refusal
				if _, err := io.ReadAll(conn); err == nil || !strings.Contains(err.Error(), "tls: ") {
					t.Errorf("the client is told %v", err)
				}
				s.out.await(t, x.refusal, 1)
			}
			own := of(s.inOrder(), 1)
			if got := names(own); got != want {
				t.Fatalf("the client's events are %s, want %s", got, want)
			}
			told := fmt.Sprint(own[0]["error"], own[min(1, len(own)-1)]["text"])
			if !strings.Contains(told, x.say) {
				t.Errorf("told %q, want %q in it", told, x.say)
			}
		})
	}
}

func TestWhatAClientWithoutTLSSaysHasItsNumber(t *testing.T) {
	ownState(t)
	s := serve(t, "--json", "--tls")
	c := s.call()
	c.says("GET / HTTP/1.0\r\n\r\n")
	s.out.await(t, `"ioError"`, 1)
	c.Close()
	events := s.inOrder()
	own := of(events, 1)
	if got := bytesOf(t, own, "in", c.LocalAddr().String()); string(got) != "GET / HTTP/1.0\r\n\r\n" {
		t.Errorf("the client said %q; %v", got, events)
	}
	if text := the(t, own, "ioError")["error"].(string); !strings.Contains(text, "HTTP") {
		t.Errorf("told %q", text)
	}
}

func TestAServerKeepsToItsVersionsOfTLSAndLogsItsKeys(t *testing.T) {
	ownState(t)
	keys := filepath.Join(t.TempDir(), "keys")
	s := serve(t, "--json", "--tls", "--echo", "--max-version", "1.2", "--keylog", keys)
	c, err := s.secure(&tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	exchange(t, c, "hello")
	if v := c.ConnectionState().Version; v != tls.VersionTLS12 {
		t.Errorf("the version is %s", tls.VersionName(v))
	}
	if _, err := s.secure(&tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS13}); err == nil || !strings.Contains(err.Error(), "version") {
		t.Errorf("a client of TLS 1.3 alone is told %v", err)
	}
	if b, err := os.ReadFile(keys); err != nil || !bytes.HasPrefix(b, []byte("CLIENT_RANDOM ")) {
		t.Errorf("the key log holds %q, %v", b, err)
	}
}
