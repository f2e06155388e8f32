package lookup_test

import (
	"bufio"
	"crypto/x509"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"wirebench/sessions/certs"
	"wirebench/sessions/certs/testca"
)

// patience bounds every wait for something that takes milliseconds on an idle machine.
const patience = 20 * time.Second

func needOpenSSL(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		if os.Getenv("WIREBENCH_NEED_PEERS") == "1" {
			t.Fatal(err)
		}
		t.Skip("openssl is not installed")
	}
}

func made(t *testing.T) func(*testca.Cert, error) *testca.Cert {
	return func(c *testca.Cert, err error) *testca.Cert {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
}

// authority is a root with an address for questions about what it issues.
type authority struct {
	*testing.T
	root *testca.Cert
	mux  *http.ServeMux
	base string
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{T: t, mux: http.NewServeMux()}
	a.root = made(t)(testca.SelfSigned(testca.Spec{CommonName: "Root", CA: true, KeyType: testca.RSA2048}))
	server := httptest.NewServer(a.mux)
	t.Cleanup(server.Close)
	a.base = server.URL
	return a
}

func (a *authority) serve(path string, body []byte) string {
	a.mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) { w.Write(body) })
	return a.base + path
}

func (a *authority) file(name string, data []byte, err error) string {
	a.Helper()
	if err != nil {
		a.Fatal(err)
	}
	path := filepath.Join(a.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		a.Fatal(err)
	}
	return path
}

// leaf issues a certificate for localhost; serials are given, because openssl's index names them.
func (a *authority) leaf(serial int64, s testca.Spec) *testca.Cert {
	a.Helper()
	s.CommonName, s.DNSNames, s.Serial = "localhost", []string{"localhost"}, big.NewInt(serial)
	return made(a.T)(a.root.Issue(s))
}

// check is a report on leaf as of a time, with the evidence.
func (a *authority) check(leaf *testca.Cert, e certs.Evidence, at time.Time) *certs.Report {
	return certs.Check(certs.Input{
		Presented: [][]byte{leaf.DER}, Host: "localhost", Time: at, Store: certs.NewStore(a.root.X509),
		Usage: x509.ExtKeyUsageServerAuth, Evidence: e,
	})
}

// responder starts openssl ocsp with an index in which 1001 is good, 1002 revoked and nothing else known, and
// returns its URL. signer is whose certificate and key it answers with.
func (a *authority) responder(signer *testca.Cert, args ...string) string {
	a.Helper()
	needOpenSSL(a.T)
	index := "V\t400101000000Z\t\t1001\tunknown\t/CN=good\n" +
		"R\t400101000000Z\t260101000000Z,keyCompromise\t1002\tunknown\t/CN=revoked\n"
	key, err := signer.KeyPEM()
	keyFile := a.file("key.pem", key, err)
	dir := a.TempDir()
	indexFile := filepath.Join(dir, "index.txt")
	for name, text := range map[string]string{indexFile: index, indexFile + ".attr": "unique_subject = no\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			a.Fatal(err)
		}
	}
	cmd := exec.Command("openssl", append([]string{"ocsp", "-index", indexFile, "-port", "0",
		"-rsigner", a.file("signer.pem", testca.PEM(signer), nil), "-rkey", keyFile, "-CA", a.file("ca.pem", testca.PEM(a.root), nil)}, args...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		a.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		a.Fatal(err)
	}
	ports, drained := make(chan string, 1), make(chan struct{})
	var said strings.Builder
	go func() {
		defer close(drained)
		listening := regexp.MustCompile(`^ACCEPT .*:(\d+)`)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if m := listening.FindStringSubmatch(lines.Text()); m != nil {
				select {
				case ports <- m[1]:
				default:
				}
			}
			said.WriteString(lines.Text() + "\n")
		}
	}()
	a.Cleanup(func() {
		cmd.Process.Kill()
		<-drained
		cmd.Wait()
	})
	select {
	case p := <-ports:
		return "http://127.0.0.1:" + p + "/"
	case <-drained:
		a.Fatalf("openssl ocsp ended: %s", said.String())
	case <-time.After(patience):
		a.Fatal("openssl ocsp does not listen")
	}
	return ""
}
