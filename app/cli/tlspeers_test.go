package cli

import (
	"crypto/tls"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wirebench/sessions/certs/testca"
	"wirebench/sessions/certs/testca/opensslserver"
)

// ca is a CA for a test, with its root in a file.
type ca struct {
	*testca.Cert
	dir, file string
}

func newCA(t *testing.T) *ca {
	t.Helper()
	root, err := testca.SelfSigned(testca.Spec{CommonName: "Root of the tests", CA: true, NotBefore: longAgo.NotBefore})
	if err != nil {
		t.Fatal(err)
	}
	c := &ca{Cert: root, dir: t.TempDir()}
	c.file = c.write(t, "root.pem", testca.PEM(root))
	return c
}

func (c *ca) write(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(c.dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// leaf issues a certificate for server.example and 127.0.0.1, or what s says
// instead.
func (c *ca) leaf(t *testing.T, s testca.Spec) *testca.Cert {
	t.Helper()
	if s.DNSNames == nil && s.IPs == nil {
		s.DNSNames, s.IPs = []string{"server.example"}, []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	if s.CommonName == "" {
		s.CommonName = "Leaf of the tests"
	}
	leaf, err := c.Issue(s)
	if err != nil {
		t.Fatal(err)
	}
	return leaf
}

// keyFile writes the key of a certificate.
func (c *ca) keyFile(t *testing.T, name string, of *testca.Cert) string {
	t.Helper()
	key, err := of.KeyPEM()
	if err != nil {
		t.Fatal(err)
	}
	return c.write(t, name, key)
}

// longAgo is a certificate whose time is over.
var longAgo = testca.Spec{NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2020, 4, 1, 0, 0, 0, 0, time.UTC)}

// tlsPeer is peer behind a handshake.
func tlsPeer(t *testing.T, config *tls.Config, f func(net.Conn)) string {
	t.Helper()
	return peer(t, func(c net.Conn) {
		secure := tls.Server(c, config)
		if secure.Handshake() == nil {
			f(secure)
			secure.CloseWrite()
		}
	})
}

func serving(chain ...*testca.Cert) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{testca.TLS(chain...)}}
}

// openssl finds the program, or ends the test.
func openssl(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("openssl")
	if err != nil {
		if os.Getenv("WIREBENCH_NEED_PEERS") == "1" {
			t.Fatal("openssl is not installed")
		}
		t.Skip("openssl is not installed")
	}
	return path
}

// opensslServer starts openssl s_server, which sends each line back reversed, and
// returns its address.
func opensslServer(t *testing.T, c *ca, leaf *testca.Cert, args ...string) string {
	t.Helper()
	return opensslserver.Start(t, exec.Command(openssl(t), append([]string{"s_server", "-accept", "127.0.0.1:0", "-rev",
		"-cert", c.write(t, "served.pem", testca.PEM(leaf)), "-key", c.keyFile(t, "served.key", leaf)}, args...)...))
}

// names are the events in order, without their content; data of both directions
// is left out, since it is not told in any order.
func names(events []map[string]any) string {
	var all []string
	for _, e := range events {
		if name := e["event"].(string); name != "socketData" {
			all = append(all, name)
		}
	}
	return strings.Join(all, " ")
}

// the returns the one event of a name.
func the(t *testing.T, events []map[string]any, name string) map[string]any {
	t.Helper()
	var found map[string]any
	for _, e := range events {
		if e["event"] == name {
			if found != nil {
				t.Errorf("%s came more than once", name)
			}
			found = e
		}
	}
	if found == nil {
		t.Fatalf("there is no %s in %v", name, events)
	}
	return found
}

// codes are those of a list of faults or warnings.
func codes(list any) string {
	var all []string
	for _, f := range list.([]any) {
		all = append(all, f.(map[string]any)["code"].(string))
	}
	return strings.Join(all, " ")
}

// runOpenSSL runs the program to its end.
func runOpenSSL(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command(openssl(t), args...).CombinedOutput(); err != nil {
		t.Fatalf("openssl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}
