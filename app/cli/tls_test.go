package cli

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"wirebench/sessions/certs/testca"
)

func TestTLSAsJSONLines(t *testing.T) {
	c := newCA(t)
	config := serving(c.leaf(t, testca.Spec{}))
	config.NextProtos = []string{"http/1.1"}
	address := tlsPeer(t, config, echo)
	status, out, errs := wire(t, nil, "tls", address, "--json", "--ca", c.file, "--servername", "server.example", "--alpn", "h2,http/1.1",
		"--send", `a\n`, "--send-hex", "00 ff", "--expect-hex", "00ff")
	if status != 0 || errs != "" {
		t.Fatalf("status %d, stderr %q, stdout %s", status, errs, out)
	}
	events := lines(t, out)
	if got := names(events); got != "certificate connect close summary" {
		t.Errorf("the events are %s", got)
	}
	if got := bytesOf(t, events, "out", address); string(got) != "a\n\x00\xff" {
		t.Errorf("sent %q", got)
	}
	if got := bytesOf(t, events, "in", address); string(got) != "a\n\x00\xff" {
		t.Errorf("received %q", got)
	}
	e := the(t, events, "certificate")
	if e["status"] != "trusted" || e["peer"] != address || e["host"] != "server.example" || e["anchored"] != true || codes(e["faults"]) != "" {
		t.Errorf("the certificate is %v: %v, %v", e["status"], e["headline"], e["faults"])
	}
	if n, m := len(e["presented"].([]any)), len(e["chain"].([]any)); n != 1 || m != 2 {
		t.Errorf("%d were presented, and the chain has %d", n, m)
	}
	leaf := e["chain"].([]any)[0].(map[string]any)
	if leaf["subject"] != "CN=Leaf of the tests" || leaf["issuer"] != "CN=Root of the tests" || leaf["publicKey"] != "ECDSA P-256" ||
		fmt.Sprint(leaf["dnsNames"], leaf["ipAddresses"]) != "[server.example] [127.0.0.1]" {
		t.Errorf("the leaf is %v", leaf)
	}
	h := e["tls"].(map[string]any)
	if h["version"] != "TLS 1.3" || h["alpn"] != "http/1.1" || h["resumed"] != false || h["complete"] != true || h["serverName"] != "server.example" || h["handshakeMs"].(float64) <= 0 {
		t.Errorf("tls is %v", h)
	}
	last(t, events)
}

func TestPoliciesDecideWhatFollowsFromACertificate(t *testing.T) {
	c := newCA(t)
	old := longAgo
	old.DNSNames = []string{"other.example"}
	for _, x := range []struct {
		cert, policy string
		leaf         *testca.Cert
		status       int
		events       string
		say          string // on standard error without --json
	}{
		{"good", "strict", c.leaf(t, testca.Spec{}), 0, "certificate connect close summary", ""},
		{"good", "inspect", c.leaf(t, testca.Spec{}), 0, "certificate summary", ""},
		{"good", "continue", c.leaf(t, testca.Spec{}), 0, "certificate connect close summary", ""},
		{"bad", "strict", c.leaf(t, old), 1, "certificate securityError summary", "principalMismatch"},
		{"bad", "inspect", c.leaf(t, old), 1, "certificate summary", ""},
		{"bad", "continue", c.leaf(t, old), 0, "certificate connect close summary", ""},
	} {
		t.Run(x.cert+" and "+x.policy, func(t *testing.T) {
			var heard atomic.Int64
			address := tlsPeer(t, serving(x.leaf), func(c net.Conn) {
				n, _ := io.Copy(c, c)
				heard.Add(n)
			})
			args := []string{"tls", address, "--ca", c.file, "--policy", x.policy}
			if x.policy != "inspect" {
				args = append(args, "--send", "hello", "--expect", "hello")
			}
			status, out, errs := wire(t, nil, append(args, "--json")...)
			events := lines(t, out)
			if got := names(events); status != x.status || got != x.events {
				t.Errorf("status %d and %s, want %d and %s; stderr %q", status, got, x.status, x.events, errs)
			}
			if s := last(t, events); s["status"] != float64(x.status) {
				t.Errorf("summary %v", s)
			}
			e := the(t, events, "certificate")
			if x.cert == "good" && e["status"] != "trusted" {
				t.Errorf("the certificate is %v: %v", e["status"], e["headline"])
			}
			if x.cert == "bad" && (e["status"] != "principalMismatch" || codes(e["faults"]) != "name-mismatch expired") {
				t.Errorf("the certificate is %v with %s", e["status"], codes(e["faults"]))
			}
			if x.status == 1 && heard.Load() != 0 {
				t.Errorf("the server got %d bytes", heard.Load())
			}

			status, out, errs = wire(t, nil, args...)
			want := "trusted"
			if x.cert == "bad" {
				want = "principalMismatch"
			}
			if status != x.status || !strings.Contains(out, want) || !strings.Contains(errs, x.say) {
				t.Errorf("for people: status %d, stdout %q, stderr %q", status, out, errs)
			}
		})
	}
}

func TestMistakesOnTheCommandLineOfTLSNameTheFlag(t *testing.T) {
	c := newCA(t)
	leaf := c.leaf(t, testca.Spec{})
	cert, key := c.write(t, "leaf.pem", testca.PEM(leaf)), c.keyFile(t, "leaf.key", leaf)
	other := c.keyFile(t, "other.key", c.leaf(t, testca.Spec{}))
	text := c.write(t, "text", []byte("no certificate"))
	for _, x := range []struct {
		say  string
		args []string
	}{
		{"HOST:PORT", nil},
		{"--trust", []string{"h:1", "--trust", "nobody"}},
		{"--trust", []string{"h:1", "--trust", "mine"}},
		{"--ca", []string{"h:1", "--ca", "/nowhere/at/all"}},
		{"--ca", []string{"h:1", "--ca", text}},
		{"--ca", []string{"h:1", "--ca", ""}},
		{"--extra", []string{"h:1", "--extra", text}},
		{"--crl", []string{"h:1", "--crl", text}},
		{"--at", []string{"h:1", "--at", "tomorrow"}},
		{"--policy", []string{"h:1", "--policy", "lax"}},
		{"--policy inspect", []string{"h:1", "--policy", "inspect", "--send", "x"}},
		{"--policy inspect", []string{"h:1", "--policy", "inspect", "--expect", "x"}},
		{"--starttls", []string{"h:1", "--starttls", "gopher"}},
		{"--starttls", []string{"h:1", "--starttls", ""}},
		{"--servername", []string{"h:1", "--servername", "a b"}},
		{"--verify-name", []string{"h:1", "--verify-name", "a b"}},
		{"--alpn", []string{"h:1", "--alpn", "h2,,http/1.1"}},
		{"--min-version", []string{"h:1", "--min-version", "0.9"}},
		{"--min-version", []string{"h:1", "--min-version", "1.0"}},
		{"--min-version", []string{"h:1", "--min-version", "1.3", "--max-version", "1.2"}},
		{"--max-version", []string{"h:1", "--min-version", "1.2", "--max-version", "1.1"}},
		{"--cert", []string{"h:1", "--cert", "/nowhere/at/all"}},
		{"--cert", []string{"h:1", "--cert", cert, "--key", other}},
		{"--cert", []string{"h:1", "--key", key}},
		{"--passphrase-file", []string{"h:1", "--passphrase-file", text}},
		{"--passphrase-file", []string{"h:1", "--cert", cert, "--key", key, "--passphrase-file", "/nowhere/at/all"}},
		{"--keylog", []string{"h:1", "--keylog", "/nowhere/at/all"}},
		{"--handshake-timeout", []string{"h:1", "--handshake-timeout", "-1s"}},
		{"--handshake-timeout", []string{"h:1", "--handshake-timeout", "soon"}},
		{"no port", []string{"h"}},
		{"tcp://h:1", []string{"tcp://h:1"}},
	} {
		t.Run(strings.Join(x.args, " "), func(t *testing.T) {
			status, out, errs := wire(t, nil, append([]string{"tls", "--json"}, x.args...)...)
			if status != 2 || out != "" || !strings.Contains(errs, x.say) {
				t.Errorf("status %d, stdout %q, stderr %q", status, out, errs)
			}
		})
	}
}

func TestAMistakeInAFileLeavesNoCapture(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	if status, _, _ := wire(t, nil, "tls", "127.0.0.1:1", "--ca", "/nowhere/at/all"); status != 2 {
		t.Errorf("status %d", status)
	}
	if left, _ := os.ReadDir(tmp); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestATLSAddressMayBeAURL(t *testing.T) {
	c := newCA(t)
	address := tlsPeer(t, serving(c.leaf(t, testca.Spec{})), echo)
	if status, _, errs := wire(t, nil, "tls", "tls://"+address, "--ca", c.file, "--policy", "inspect"); status != 0 {
		t.Errorf("status %d, stderr %q", status, errs)
	}
}

func TestFlagsDecideWhatACertificateIsHeldAgainst(t *testing.T) {
	c := newCA(t)
	between, err := c.Issue(testca.Spec{CommonName: "Intermediate of the tests", CA: true})
	if err != nil {
		t.Fatal(err)
	}
	below, err := between.Issue(testca.Spec{CommonName: "below", DNSNames: []string{"server.example"}})
	if err != nil {
		t.Fatal(err)
	}
	intermediate := c.write(t, "between.pem", testca.PEM(between))
	good := c.leaf(t, testca.Spec{})
	crl, err := c.CRL(testca.CRLSpec{Revoked: nil})
	if err != nil {
		t.Fatal(err)
	}
	revoking, err := c.CRL(testca.CRLSpec{Revoked: append(testca.CRLSpec{}.Revoked, good.X509.SerialNumber)})
	if err != nil {
		t.Fatal(err)
	}
	empty, revoked := c.write(t, "empty.crl", crl), c.write(t, "revoked.crl", revoking)
	for _, x := range []struct {
		name   string
		chain  []*testca.Cert
		args   []string
		status string
	}{
		{"no roots of one's own", []*testca.Cert{good}, nil, "untrustedSigners"},
		{"--ca", []*testca.Cert{good}, []string{"--ca", c.file}, "trusted"},
		{"--ca twice", []*testca.Cert{below}, []string{"--ca", c.file, "--ca", intermediate, "--verify-name", "server.example"}, "trusted"},
		{"--trust mine", []*testca.Cert{good}, []string{"--ca", c.file, "--trust", "mine"}, "trusted"},
		{"--trust system", []*testca.Cert{good}, []string{"--ca", c.file, "--trust", "system"}, "untrustedSigners"},
		{"an incomplete chain", []*testca.Cert{below}, []string{"--ca", c.file, "--verify-name", "server.example"}, "untrustedSigners"},
		{"--extra", []*testca.Cert{below}, []string{"--ca", c.file, "--extra", intermediate, "--verify-name", "server.example"}, "trusted"},
		{"--extra is not trusted", []*testca.Cert{good}, []string{"--extra", c.file}, "untrustedSigners"},
		{"--verify-name", []*testca.Cert{good}, []string{"--ca", c.file, "--verify-name", "other.example"}, "principalMismatch"},
		{"--servername", []*testca.Cert{good}, []string{"--ca", c.file, "--servername", "other.example"}, "principalMismatch"},
		{"an old one now", []*testca.Cert{c.leaf(t, longAgo)}, []string{"--ca", c.file}, "expired"},
		{"an old one then", []*testca.Cert{c.leaf(t, longAgo)}, []string{"--ca", c.file, "--at", "2020-02-01"}, "trusted"},
		{"--at later", []*testca.Cert{good}, []string{"--ca", c.file, "--at", "2035-01-01T12:00:00Z"}, "expired"},
		{"--crl that is empty", []*testca.Cert{good}, []string{"--ca", c.file, "--crl", empty}, "trusted"},
		{"--crl", []*testca.Cert{good}, []string{"--ca", c.file, "--crl", empty, "--crl", revoked}, "revoked"},
	} {
		t.Run(x.name, func(t *testing.T) {
			address := tlsPeer(t, serving(x.chain...), echo)
			_, out, errs := wire(t, nil, append([]string{"tls", address, "--json", "--policy", "inspect"}, x.args...)...)
			if e := the(t, lines(t, out), "certificate"); e["status"] != x.status {
				t.Errorf("it is %v: %v; stderr %q", e["status"], e["headline"], errs)
			}
		})
	}
}

func TestNoHandshakeIsTheStatusUnknown(t *testing.T) {
	ssh := peer(t, func(c net.Conn) {
		c.Write([]byte("SSH-2.0-OpenSSH_9.2p1\r\n"))
		io.Copy(io.Discard, c)
	})
	for _, policy := range []string{"strict", "inspect", "continue"} {
		status, out, errs := wire(t, nil, "tls", ssh, "--json", "--policy", policy)
		events := lines(t, out)
		if got := names(events); status != 1 || got != "certificate ioError summary" {
			t.Errorf("%s: status %d, %s, stderr %q", policy, status, got, errs)
		}
		if e := the(t, events, "certificate"); e["status"] != "unknown" || len(e["presented"].([]any)) != 0 {
			t.Errorf("%s: the certificate is %v", policy, e)
		}
		if text := the(t, events, "ioError")["error"].(string); !strings.Contains(text, "SSH") {
			t.Errorf("%s: the error is %q", policy, text)
		}
	}
	status, out, errs := wire(t, nil, "tls", ssh)
	if status != 1 || strings.Contains(out, "unknown") || !strings.Contains(errs, "SSH") {
		t.Errorf("for people: status %d, stdout %q, stderr %q", status, out, errs)
	}
}

func TestAClientCertificateIsSent(t *testing.T) {
	c := newCA(t)
	client := c.leaf(t, testca.Spec{CommonName: "client", Usages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	cert, key := c.write(t, "client.pem", testca.PEM(client)), c.keyFile(t, "client.key", client)
	both, err := client.KeyPEM()
	if err != nil {
		t.Fatal(err)
	}
	one := c.write(t, "both.pem", append(testca.PEM(client), both...))
	config := serving(c.leaf(t, testca.Spec{}))
	config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
	config.ClientCAs.AddCert(c.X509)
	address := tlsPeer(t, config, echo)
	for name, args := range map[string][]string{"in two files": {"--cert", cert, "--key", key}, "in one file": {"--cert", one}} {
		status, out, errs := wire(t, nil, append([]string{"tls", address, "--json", "--ca", c.file, "--send", "x", "--expect", "x"}, args...)...)
		h := the(t, lines(t, out), "certificate")["tls"].(map[string]any)
		if status != 0 || h["clientSent"] != "CN=client" || fmt.Sprint(h["acceptableCAs"]) != "[CN=Root of the tests]" {
			t.Errorf("%s: status %d, stderr %q, tls %v", name, status, errs, h)
		}
	}
	if status, out, _ := wire(t, nil, "tls", address, "--json", "--ca", c.file, "--send", "x", "--expect", "x"); status != 1 {
		t.Errorf("without one: status %d, %s", status, out)
	}
}

func TestAPassphraseOpensTheKey(t *testing.T) {
	c := newCA(t)
	client := c.leaf(t, testca.Spec{CommonName: "client", Usages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	cert, key := c.write(t, "client.pem", testca.PEM(client)), c.keyFile(t, "client.key", client)
	locked := filepath.Join(c.dir, "locked.key")
	runOpenSSL(t, "pkcs8", "-topk8", "-in", key, "-out", locked, "-passout", "pass:open sesame")
	right, wrong := c.write(t, "right", []byte("open sesame\r\nnot this\n")), c.write(t, "wrong", []byte("open says me"))
	config := serving(c.leaf(t, testca.Spec{}))
	config.ClientAuth = tls.RequireAnyClientCert
	address := tlsPeer(t, config, echo)
	if status, _, errs := wire(t, nil, "tls", address, "--ca", c.file, "--cert", cert, "--key", locked, "--passphrase-file", right, "--send", "x", "--expect", "x"); status != 0 {
		t.Errorf("status %d, stderr %q", status, errs)
	}
	status, _, errs := wire(t, nil, "tls", address, "--ca", c.file, "--cert", cert, "--key", locked, "--passphrase-file", wrong)
	if status != 2 || !strings.Contains(errs, "--passphrase-file") || strings.Contains(errs, "says me") {
		t.Errorf("with a wrong passphrase: status %d, stderr %q", status, errs)
	}
}

func TestVersionsThatAreInsecureNeedLegacy(t *testing.T) {
	c := newCA(t)
	config := serving(c.leaf(t, testca.Spec{KeyType: testca.RSA2048}))
	config.MinVersion, config.MaxVersion = tls.VersionTLS10, tls.VersionTLS10
	address := tlsPeer(t, config, echo)
	if status, _, errs := wire(t, nil, "tls", address, "--ca", c.file, "--send", "x", "--expect", "x"); status != 1 || !strings.Contains(errs, "1.0") {
		t.Errorf("without --legacy: status %d, stderr %q", status, errs)
	}
	status, out, errs := wire(t, nil, "tls", address, "--json", "--ca", c.file, "--legacy", "--max-version", "1.1", "--send", "x", "--expect", "x")
	if h := the(t, lines(t, out), "certificate")["tls"].(map[string]any); status != 0 || h["version"] != "TLS 1.0" {
		t.Errorf("with --legacy: status %d, stderr %q, tls %v", status, errs, h)
	}
}

func TestWhatIsTalkedBeforeTLSMeetsNoExpectation(t *testing.T) {
	c := newCA(t)
	config := serving(c.leaf(t, testca.Spec{}))
	address := peer(t, func(conn net.Conn) {
		io.WriteString(conn, "220 mail.example ESMTP\r\n")
		buf := make([]byte, 512)
		conn.Read(buf)
		io.WriteString(conn, "250-mail.example\r\n250 STARTTLS\r\n")
		conn.Read(buf)
		io.WriteString(conn, "220 go ahead\r\n")
		secure := tls.Server(conn, config)
		io.Copy(secure, secure)
	})
	args := []string{"tls", address, "--json", "--ca", c.file, "--starttls", "smtp", "--send", "hello", "--expect"}
	status, out, errs := wire(t, nil, append(args, "hello")...)
	events := lines(t, out)
	if h := the(t, events, "certificate")["tls"].(map[string]any); status != 0 || h["startTLS"] != "smtp" {
		t.Errorf("status %d, stderr %q, tls %v", status, errs, h)
	}
	if got := bytesOf(t, events, "in", address); !bytes.HasPrefix(got, []byte("220 mail.example")) || !bytes.HasSuffix(got, []byte("hello")) {
		t.Errorf("received %q", got)
	}
	if status, _, errs := wire(t, nil, append(args, "220")...); status != 1 || !strings.Contains(errs, `expected "220"`) {
		t.Errorf("the greeting was taken for an answer: status %d, stderr %q", status, errs)
	}
}

func TestKeyLogAndResumption(t *testing.T) {
	c := newCA(t)
	address := tlsPeer(t, serving(c.leaf(t, testca.Spec{})), echo)
	keys := filepath.Join(c.dir, "keys")
	status, out, errs := wire(t, nil, "tls", address, "--json", "--ca", c.file, "--keylog", keys, "--resumption", "--send", "x", "--expect", "x")
	events := lines(t, out)
	if got := names(events); status != 0 || got != "certificate connect close resumption summary" {
		t.Fatalf("status %d, stderr %q, events %s", status, errs, got)
	}
	r := the(t, events, "resumption")
	if r["resumed"] != true || r["version"] != "TLS 1.3" || r["tickets"].(float64) < 1 || r["firstMs"].(float64) <= 0 || r["secondMs"].(float64) <= 0 || r["text"] == "" || r["peer"] != address {
		t.Errorf("resumption is %v", r)
	}
	if b, err := os.ReadFile(keys); err != nil || !bytes.Contains(b, []byte("CLIENT_TRAFFIC_SECRET_0 ")) {
		t.Errorf("the key log holds %q, %v", b, err)
	}
	config := serving(c.leaf(t, testca.Spec{}))
	config.SessionTicketsDisabled = true
	address = tlsPeer(t, config, echo)
	status, out, errs = wire(t, nil, "tls", address, "--ca", c.file, "--resumption", "--policy", "inspect")
	if status != 0 || !strings.Contains(out, "not resumed") {
		t.Errorf("without tickets: status %d, stdout %q, stderr %q", status, out, errs)
	}
}

func TestOpenSSLTalksWithTheCommandLine(t *testing.T) {
	c := newCA(t)
	for _, version := range []string{"1.2", "1.3"} {
		address := opensslServer(t, c, c.leaf(t, testca.Spec{}), "-tls"+strings.Replace(version, ".", "_", 1))
		status, out, errs := wire(t, nil, "tls", address, "--json", "--ca", c.file, "--send", `stressed\n`, "--expect", "desserts", "--resumption")
		events := lines(t, out)
		if status != 0 {
			t.Fatalf("TLS %s: status %d, stderr %q, %v", version, status, errs, events)
		}
		if h := the(t, events, "certificate")["tls"].(map[string]any); h["version"] != "TLS "+version {
			t.Errorf("tls is %v", h)
		}
		if r := the(t, events, "resumption"); r["resumed"] != true || r["version"] != "TLS "+version {
			t.Errorf("resumption is %v", r)
		}
	}
	address := opensslServer(t, c, c.leaf(t, longAgo))
	if status, out, errs := wire(t, nil, "tls", address, "--ca", c.file, "--send", `x\n`); status != 1 || !strings.Contains(out, "expired") || !strings.Contains(errs, "expired") {
		t.Errorf("an old certificate: status %d, stdout %q, stderr %q", status, out, errs)
	}
}

func TestLookUpsOfAHandshakeAreToldAsTheyHappen(t *testing.T) {
	c := newCA(t)
	r := newRegistry(t)
	leaf := c.leaf(t, testca.Spec{CRLs: []string{r.URL + "/crl"}})
	crl, err := c.CRL(testca.CRLSpec{Revoked: []*big.Int{leaf.X509.SerialNumber}})
	if err != nil {
		t.Fatal(err)
	}
	r.files["crl"] = crl
	address := tlsPeer(t, serving(leaf), echo)
	if status, _, errs := wire(t, nil, "tls", address, "--ca", c.file, "--policy", "inspect"); status != 0 || errs != "" || r.count() != 0 {
		t.Errorf("not asked for: status %d, stderr %q", status, errs)
	}
	status, out, errs := wire(t, nil, "tls", address, "--json", "--ca", c.file, "--crl-fetch")
	events := lines(t, out)
	if got := names(events); status != 1 || got != "certificate securityError summary" || r.count() != 1 || strings.Count(errs, r.URL+"/crl") != 2 || strings.Contains(errs, "revoked") {
		t.Errorf("status %d, %s, stderr %q", status, got, errs)
	}
	e := the(t, events, "certificate")
	found := e["revocation"].([]any)[0].(map[string]any)
	if e["status"] != "revoked" || found["result"] != "revoked" || found["method"] != "CRL" || found["from"] != r.URL+"/crl" || found["tookMs"].(float64) <= 0 {
		t.Errorf("%v, and the revocation is %v", e["status"], found)
	}
}

func TestForPeopleTheReportComesBeforeTheTrafficAndObeysNothing(t *testing.T) {
	c := newCA(t)
	leaf := c.leaf(t, testca.Spec{CommonName: "evil\x1b[2J\r\u202egnp", DNSNames: []string{"other.example"}})
	address := tlsPeer(t, serving(leaf), func(c net.Conn) { c.Write([]byte("\x1b[2Jhi")) })
	status, out, _ := wire(t, strings.NewReader(""), "tls", address, "--policy", "continue")
	if status != 0 || strings.ContainsAny(out, "\x1b\r\u202e") {
		t.Errorf("status %d, printed %q", status, out)
	}
	report, connected, traffic := strings.Index(out, "other.example"), strings.Index(out, "connected to"), strings.Index(out, `\x1b[2Jhi`)
	if report < 0 || connected < report || traffic < connected {
		t.Errorf("printed in this order:\n%s", out)
	}
}

func TestTheCaptureOfTLSHoldsWhatWasSaid(t *testing.T) {
	c := newCA(t)
	address := tlsPeer(t, serving(c.leaf(t, testca.Spec{})), echo)
	save := filepath.Join(t.TempDir(), "saved.pcapng")
	if status, _, errs := wire(t, nil, "tls", address, "--ca", c.file, "--send", "x", "--expect", "x", "--save", save); status != 0 {
		t.Fatal(errs)
	}
	checkCapture(t, save)
}
