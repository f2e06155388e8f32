package cli

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wirebench/sessions/certs"
	"wirebench/sessions/certs/testca"
)

func TestCertsReadsEveryFormOfFile(t *testing.T) {
	c := newCA(t)
	leaf := c.leaf(t, testca.Spec{})
	pemFile := c.write(t, "leaf.pem", testca.PEM(leaf))
	derFile := c.write(t, "leaf.der", leaf.DER)
	p7 := filepath.Join(c.dir, "leaf.p7b")
	runOpenSSL(t, "crl2pkcs7", "-nocrl", "-certfile", pemFile, "-out", p7)
	status, out, errs := wire(t, nil, "certs", pemFile, derFile, p7, "--json", "--ca", c.file, "--host", "server.example")
	if status != 0 || errs != "" {
		t.Errorf("status %d, stderr %q", status, errs)
	}
	events := lines(t, out)
	if got := names(events); got != "certificate certificate certificate summary" {
		t.Fatalf("the events are %s", got)
	}
	for i, file := range []string{pemFile, derFile, p7} {
		e := events[i]
		if _, peer := e["peer"]; e["file"] != file || e["status"] != "trusted" || e["host"] != "server.example" || e["tls"] != nil || peer {
			t.Errorf("%s: %v, %v", file, e["status"], e["headline"])
		}
		if block := e["presented"].([]any)[0].(map[string]any)["pem"]; block != string(testca.PEM(leaf)) {
			t.Errorf("%s: its PEM is %s", file, block)
		}
	}
	last(t, events)
}

func TestCertsJudgesAsItsFlagsSay(t *testing.T) {
	c := newCA(t)
	between, err := c.Issue(testca.Spec{CommonName: "Intermediate of the tests", CA: true})
	if err != nil {
		t.Fatal(err)
	}
	below, err := between.Issue(testca.Spec{CommonName: "below", DNSNames: []string{"server.example"}})
	if err != nil {
		t.Fatal(err)
	}
	good := c.leaf(t, testca.Spec{})
	client := c.leaf(t, testca.Spec{Usages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	old := c.leaf(t, longAgo)
	revoking, err := c.CRL(testca.CRLSpec{Revoked: []*big.Int{good.X509.SerialNumber}})
	if err != nil {
		t.Fatal(err)
	}
	crl := c.write(t, "revoked.crl", revoking)
	extra := c.write(t, "between.pem", testca.PEM(between))
	for _, x := range []struct {
		name   string
		chain  []*testca.Cert
		args   []string
		status string
		faults string
	}{
		{"good", []*testca.Cert{good}, nil, "trusted", ""},
		{"another host", []*testca.Cert{good}, []string{"--host", "other.example"}, "principalMismatch", "name-mismatch"},
		{"an IP address", []*testca.Cert{good}, []string{"--host", "127.0.0.1"}, "trusted", ""},
		{"old", []*testca.Cert{old}, nil, "expired", "expired"},
		{"old and for another host", []*testca.Cert{old}, []string{"--host", "other.example"}, "principalMismatch", "name-mismatch expired"},
		{"old, then", []*testca.Cert{old}, []string{"--at", "2020-02-01"}, "trusted", ""},
		{"later", []*testca.Cert{good}, []string{"--at", "2035-01-01"}, "expired", "expired"},
		{"revoked", []*testca.Cert{good}, []string{"--crl", crl}, "revoked", "revoked"},
		{"without its issuer", []*testca.Cert{below}, nil, "untrustedSigners", "issuer-missing"},
		{"with its issuer behind it", []*testca.Cert{below, between}, nil, "trusted", ""},
		{"with its issuer in another file", []*testca.Cert{below}, []string{"--extra", extra}, "trusted", ""},
		{"for clients, usage not asked", []*testca.Cert{client}, nil, "trusted", ""},
		{"for clients, and clients asked", []*testca.Cert{client}, []string{"--usage", "client"}, "trusted", ""},
		{"for clients, and servers asked", []*testca.Cert{client}, []string{"--usage", "server"}, "invalid", "wrong-usage"},
		{"for clients, and a host asked", []*testca.Cert{client}, []string{"--host", "server.example"}, "invalid", "wrong-usage"},
		{"for clients, and a host asked for any use", []*testca.Cert{client}, []string{"--host", "server.example", "--usage", "any"}, "trusted", ""},
		{"demanding a staple, which a file cannot have", []*testca.Cert{c.leaf(t, testca.Spec{MustStaple: true})}, nil, "trusted", ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			args := append([]string{"certs", c.write(t, "judged.pem", testca.PEM(x.chain...)), "--json", "--ca", c.file, "--trust", "mine"}, x.args...)
			status, out, errs := wire(t, nil, args...)
			want := 1
			if x.status == "trusted" {
				want = 0
			}
			e := the(t, lines(t, out), "certificate")
			if status != want || e["status"] != x.status || codes(e["faults"]) != x.faults {
				t.Errorf("status %d, %v with %s, want %s with %s; stderr %q", status, e["status"], codes(e["faults"]), x.status, x.faults, errs)
			}
		})
	}
}

func TestCertsFindsTheFaultsOfEveryCase(t *testing.T) {
	cases, err := testca.Cases(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range cases {
		// A file has no handshake, in which a staple could be missing.
		if slices.Contains(x.Faults, certs.MustStapleMissing) || x.Staple != nil {
			continue
		}
		t.Run(x.Name, func(t *testing.T) {
			c := &ca{dir: t.TempDir()}
			args := []string{"certs", c.write(t, "chain.pem", testca.PEM(x.Presented...)), "--json", "--host", x.Host}
			if len(x.Roots) > 0 {
				args = append(args, "--ca", c.write(t, "roots.pem", testca.PEM(x.Roots...)), "--trust", "mine")
			}
			for i, crl := range x.CRLs {
				args = append(args, "--crl", c.write(t, fmt.Sprint(i, ".crl"), crl))
			}
			status, out, errs := wire(t, nil, args...)
			want := statusFailed
			if x.Status == certs.Trusted {
				want = statusDone
			}
			var faults []string
			for _, f := range x.Faults {
				faults = append(faults, string(f))
			}
			e := the(t, lines(t, out), "certificate")
			if got := codes(e["faults"]); status != want || e["status"] != string(x.Status) || got != strings.Join(faults, " ") {
				t.Errorf("status %d, %v with %s, want %s with %s; stderr %q", status, e["status"], got, x.Status, faults, errs)
			}
		})
	}
}

func TestCertsGoesOnBehindAFileThatCannotBeRead(t *testing.T) {
	c := newCA(t)
	good := c.write(t, "good.pem", testca.PEM(c.leaf(t, testca.Spec{})))
	broken := c.write(t, "broken.der", []byte{0x30, 3, 2, 1, 1})
	none := c.write(t, "none.pem", []byte("nothing"))
	status, out, errs := wire(t, nil, "certs", none, broken, good, "--json", "--ca", c.file)
	events := lines(t, out)
	if status != 1 || errs != "" || len(events) != 4 {
		t.Fatalf("status %d, stderr %q, %v", status, errs, events)
	}
	if e := events[0]; e["event"] != "ioError" || e["file"] != none || !strings.Contains(e["error"].(string), none) {
		t.Errorf("the file without a certificate is %v", e)
	}
	if e := events[2]; e["event"] != "certificate" || e["file"] != good || e["status"] != "trusted" {
		t.Errorf("the good file is %v", e)
	}
	if s := last(t, events); s["status"] != 1.0 {
		t.Errorf("summary %v", s)
	}

	status, out, errs = wire(t, nil, "certs", none, good, "--ca", c.file)
	if status != 1 || !strings.Contains(errs, none) || !strings.Contains(out, good+"\n") || !strings.HasSuffix(out, "1 of 2 files trusted\n") {
		t.Errorf("for people: status %d, stdout %q, stderr %q", status, out, errs)
	}
}

func TestACertificateThatCannotBeReadIsReportedAllTheSame(t *testing.T) {
	c := newCA(t)
	bad := c.leaf(t, testca.Spec{Damage: func(der []byte) []byte {
		return bytes.Replace(der, []byte{0x06, 0x03, 0x55, 0x1d, 0x11}, []byte{0x09, 0x03, 0x55, 0x1d, 0x11}, 1) // the OID of the names is none
	}})
	if bad.X509 != nil {
		t.Fatal("the damaged certificate can be read")
	}
	status, out, _ := wire(t, nil, "certs", c.write(t, "bad.der", bad.DER), "--json", "--ca", c.file)
	e := the(t, lines(t, out), "certificate")
	first := e["presented"].([]any)[0].(map[string]any)
	if status != 1 || e["status"] != "invalid" || codes(e["faults"]) != "unparsable" || len(e["chain"].([]any)) != 0 || first["error"] == nil {
		t.Errorf("status %d, %v", status, e)
	}
}

func TestMistakesOnTheCommandLineOfCertsNameTheFlag(t *testing.T) {
	c := newCA(t)
	good := c.write(t, "good.pem", testca.PEM(c.leaf(t, testca.Spec{})))
	text := c.write(t, "text", []byte("no certificate"))
	unreadable := c.write(t, "unreadable.der", []byte{0x30, 3, 2, 1, 1})
	for _, x := range []struct {
		say  string
		args []string
	}{
		{"FILE", nil},
		{"--host", []string{good, "--host", ""}},
		{"--usage", []string{good, "--usage", "mail"}},
		{"--ca", []string{good, "--ca", text}},
		{"--ca", []string{good, "--ca", ""}},
		{"--ca", []string{good, "--ca", unreadable}},
		{"--ca", []string{good, "--trust", "mine"}},
		{"--extra", []string{good, "--extra", "/nowhere/at/all"}},
		{"--crl", []string{good, "--crl", text}},
		{"--at", []string{good, "--at", "31.12.2026"}},
		{"--trust", []string{good, "--trust", "all"}},
		{"frobnicate", []string{good, "--frobnicate"}},
	} {
		status, out, errs := wire(t, nil, append([]string{"certs", "--json"}, x.args...)...)
		if status != 2 || out != "" || !strings.Contains(errs, x.say) {
			t.Errorf("%q: status %d, stdout %q, stderr %q", x.args, status, out, errs)
		}
	}
}

// registry serves a CA's certificate, list and OCSP answers, and counts how often
// it is asked.
type registry struct {
	*httptest.Server
	asked chan string
	files map[string][]byte
}

func newRegistry(t *testing.T) *registry {
	r := &registry{asked: make(chan string, 100), files: map[string][]byte{}}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		name := strings.Split(q.URL.Path, "/")[1]
		r.asked <- name
		w.Write(r.files[name])
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *registry) count() (n int) {
	for len(r.asked) > 0 {
		<-r.asked
		n++
	}
	return n
}

func TestCertsAsksOthersOnlyWhenToldTo(t *testing.T) {
	c := newCA(t)
	r := newRegistry(t)
	between, err := c.Issue(testca.Spec{CommonName: "Intermediate of the tests", CA: true})
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := between.Issue(testca.Spec{DNSNames: []string{"server.example"}, OCSP: []string{r.URL + "/ocsp"}, CRLs: []string{r.URL + "/crl"}, AIA: []string{r.URL + "/issuer"}})
	if err != nil {
		t.Fatal(err)
	}
	crl, err := between.CRL(testca.CRLSpec{Revoked: []*big.Int{leaf.X509.SerialNumber}})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := between.OCSP(leaf, testca.OCSPSpec{})
	if err != nil {
		t.Fatal(err)
	}
	r.files["crl"], r.files["ocsp"], r.files["issuer"] = crl, answer, between.DER
	alone := c.write(t, "alone.pem", testca.PEM(leaf))
	both := c.write(t, "both.pem", testca.PEM(leaf, between))
	for _, x := range []struct {
		name, file string
		flags      []string
		status     string
		asked      int
		say        string
	}{
		{"nothing asked", both, nil, "trusted", 0, ""},
		{"no issuer asked for", alone, nil, "untrustedSigners", 0, ""},
		{"the issuer fetched", alone, []string{"--aia"}, "trusted", 1, r.URL + "/issuer"},
		{"OCSP", both, []string{"--ocsp"}, "trusted", 1, r.URL + "/ocsp"},
		{"the list fetched", both, []string{"--crl-fetch"}, "revoked", 1, r.URL + "/crl"},
		{"the issuer fetched, then the list", alone, []string{"--aia", "--crl-fetch"}, "revoked", 2, r.URL + "/crl"},
	} {
		t.Run(x.name, func(t *testing.T) {
			args := append([]string{"certs", x.file, "--json", "--ca", c.file, "--trust", "mine"}, x.flags...)
			_, out, errs := wire(t, nil, args...)
			e := the(t, lines(t, out), "certificate")
			s := last(t, lines(t, out))
			answered := 0.0
			for name, b := range r.files {
				if strings.Contains(errs, r.URL+"/"+name) {
					answered += float64(len(b)) // and the header of HTTP
				}
			}
			if n := float64(x.asked); s["messagesIn"] != n || s["messagesOut"] != n || s["bytesIn"].(float64) < answered || s["bytesIn"].(float64) > answered+n*1024 ||
				s["bytesOut"].(float64) < n*16 {
				t.Errorf("%v bytes of answers are counted as %v", answered, s)
			}
			if got := r.count(); e["status"] != x.status || got != x.asked || !strings.Contains(errs, x.say) || x.say == "" && errs != "" {
				t.Errorf("%v after %d requests, want %s after %d; stderr %q; %v", e["status"], got, x.status, x.asked, errs, e["revocation"])
			}
		})
	}
}

func TestASignalEndsALookUp(t *testing.T) {
	c := newCA(t)
	began := make(chan struct{})
	silent := peer(t, func(conn net.Conn) {
		close(began)
		conn.Read(make([]byte, 1<<16))
		conn.Read(make([]byte, 1))
	})
	leaf := c.leaf(t, testca.Spec{CRLs: []string{"http://" + silent + "/crl"}})
	var out bytes.Buffer
	status, errs := signalled(t, streams{out: &out}, began, "certs", c.write(t, "leaf.pem", testca.PEM(leaf)), "--ca", c.file, "--json", "--crl-fetch")
	if status != 1 || !strings.Contains(errs, "ended after 0 of 1 files") || last(t, lines(t, out.String()))["status"] != 1.0 {
		t.Errorf("status %d, stderr %q", status, errs)
	}
}

func TestAnOutputThatFailsEndsCerts(t *testing.T) {
	c := newCA(t)
	good := c.write(t, "good.pem", testca.PEM(c.leaf(t, testca.Spec{})))
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var errs bytes.Buffer
	status := run(ctx, []string{"certs", good, "--ca", c.file}, streams{nil, shut{}, &errs}, func() {})
	if status != 1 || !strings.Contains(errs.String(), "broken pipe") {
		t.Errorf("status %d, stderr %q", status, errs.String())
	}
}

func TestTheFieldsOfCertificateEventsAreTheContract(t *testing.T) {
	b, err := json.Marshal(certificateEvent{Peer: "p", File: "f", JSONReport: (&certs.Report{Status: certs.Unknown}).JSON()})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"time":"","event":"","peer":"p","file":"f","status":"unknown","headline":"","faults":[],"warnings":[],"host":"","at":"0001-01-01T00:00:00Z","store":"",` +
		`"presented":[],"chain":[],"anchored":false,"tls":null,"revocation":[]}`
	if string(b) != want {
		t.Errorf("a certificate event is\n%s, want\n%s", b, want)
	}
	if b, err = json.Marshal(resumptionEvent{}); err != nil {
		t.Fatal(err)
	}
	if string(b) != `{"time":"","event":"","peer":"","resumed":false,"version":"","tickets":0,"firstMs":0,"secondMs":0,"text":""}` {
		t.Errorf("a resumption event is %s", b)
	}
}
