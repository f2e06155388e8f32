package lookup_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"wirebench/sessions/certs"
	"wirebench/sessions/certs/lookup"
	"wirebench/sessions/certs/testca"
)

// one returns the only result about the leaf that came over the network.
func one(t *testing.T, r *certs.Report) certs.Revocation {
	t.Helper()
	var found []certs.Revocation
	for _, v := range r.Revocation {
		if v.Depth == 0 {
			found = append(found, v)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d results: %+v", len(found), found)
	}
	return found[0]
}

func expect(t *testing.T, v certs.Revocation, result certs.Result, says string) {
	t.Helper()
	if v.Result != result || !strings.Contains(v.Detail, says) {
		t.Errorf("got %s, %q; want %s and %q", v.Result, v.Detail, result, says)
	}
}

func TestOpenSSLsResponderIsUnderstood(t *testing.T) {
	needOpenSSL(t)
	a := newAuthority(t)
	stranger := newAuthority(t)
	delegate := made(t)(a.root.Issue(testca.Spec{CommonName: "Responder", KeyType: testca.RSA2048, Usages: []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}}))
	powerless := made(t)(a.root.Issue(testca.Spec{CommonName: "Web server", KeyType: testca.RSA2048}))
	over := made(t)(a.root.Issue(testca.Spec{CommonName: "Old responder", KeyType: testca.RSA2048, Usages: []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning},
		NotBefore: time.Now().AddDate(0, -2, 0), NotAfter: time.Now().AddDate(0, -1, 0)}))
	week := []string{"-ndays", "7"}
	for _, c := range []struct {
		name   string
		signer *testca.Cert
		args   []string
		serial int64
		late   time.Duration // after now, for the check
		status certs.Status
		result certs.Result
		says   string
	}{
		{"good", delegate, week, 0x1001, 0, certs.Trusted, certs.Good, "not revoked as of"},
		{"good from the issuer itself", a.root, week, 0x1001, 0, certs.Trusted, certs.Good, "holds until"},
		{"good without a next update", delegate, nil, 0x1001, 0, certs.Trusted, certs.Good, "not revoked as of"},
		{"revoked", delegate, week, 0x1002, 0, certs.Revoked, certs.RevokedCert, "the key was compromised"},
		{"unknown", delegate, week, 0x1003, 0, certs.Trusted, certs.Undetermined, "does not know"},
		{"expired answer", delegate, []string{"-nmin", "1"}, 0x1001, time.Hour, certs.Trusted, certs.Undetermined, "held until"},
		{"old answer without a next update", delegate, nil, 0x1001, 20 * 24 * time.Hour, certs.Trusted, certs.Undetermined, "does not say how long it holds"},
		{"wrong signer", stranger.root, week, 0x1001, 0, certs.Trusted, certs.Undetermined, "not its issuer's"},
		{"delegate without the power", powerless, week, 0x1002, 0, certs.Trusted, certs.Undetermined, "OCSPSigning"},
		{"delegate whose time is over", over, week, 0x1002, 0, certs.Trusted, certs.Undetermined, "responder's certificate expired"},
	} {
		t.Run(c.name, func(t *testing.T) {
			leaf := a.leaf(c.serial, testca.Spec{OCSP: []string{a.responder(c.signer, c.args...)}})
			e := lookup.Revocation(t.Context(), []*x509.Certificate{leaf.X509, a.root.X509}, lookup.Options{OCSP: true})
			r := a.check(leaf, e, time.Now().Add(c.late))
			if r.Status != c.status {
				t.Errorf("status %s, want %s: %s", r.Status, c.status, r.Text())
			}
			v := one(t, r)
			if v.Method != certs.MethodOCSP || v.From != leaf.X509.OCSPServer[0] {
				t.Errorf("it came by %s from %s", v.Method, v.From)
			}
			expect(t, v, c.result, c.says)
			if r.Has(certs.RevokedLeaf) != (c.result == certs.RevokedCert) {
				t.Error("the fault and the result do not agree")
			}
		})
	}
}

func TestAListMadeByOpenSSLIsUnderstood(t *testing.T) {
	needOpenSSL(t)
	a := newAuthority(t)
	dir := t.TempDir()
	key, err := a.root.KeyPEM()
	keyFile, certFile := a.file("key.pem", key, err), a.file("ca.pem", testca.PEM(a.root), nil)
	index := a.file("index.txt", []byte("V\t400101000000Z\t\t1001\tunknown\t/CN=good\nR\t400101000000Z\t260101000000Z,keyCompromise\t1002\tunknown\t/CN=revoked\n"), nil)
	config := a.file("ca.cnf", []byte("[ca]\ndefault_ca=c\n[c]\ndatabase="+filepath.ToSlash(index)+"\ndefault_md=sha256\ndefault_crl_days=7\ncrl_extensions=x\ncrlnumber="+filepath.ToSlash(a.file("n", []byte("01\n"), nil))+"\n[x]\nauthorityKeyIdentifier=keyid\n"), nil)
	list := dir + "/list.pem"
	if out, err := exec.Command("openssl", "ca", "-gencrl", "-config", config, "-keyfile", keyFile, "-cert", certFile, "-out", list).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	ders, err := certs.ReadCRLFile(list)
	if err != nil || len(ders) != 1 {
		t.Fatal(err)
	}
	inPEM := pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: ders[0]})
	for path, body := range map[string][]byte{"/list.der": ders[0], "/list.pem": inPEM} {
		url := a.serve(path, body)
		for serial, want := range map[int64]certs.Result{0x1001: certs.Good, 0x1002: certs.RevokedCert} {
			leaf := a.leaf(serial, testca.Spec{CRLs: []string{url}})
			e := lookup.Revocation(t.Context(), []*x509.Certificate{leaf.X509, a.root.X509}, lookup.Options{CRL: true})
			if v := one(t, a.check(leaf, e, time.Now())); v.Result != want || v.Method != certs.MethodCRL {
				t.Errorf("serial %x: %+v, want %s", serial, v, want)
			}
		}
	}
}

func TestWhatGoesWrongOnTheWayIsSaid(t *testing.T) {
	a := newAuthority(t)
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	a.mux.HandleFunc("/slow", func(http.ResponseWriter, *http.Request) { <-release })
	a.mux.HandleFunc("/huge", func(w http.ResponseWriter, _ *http.Request) {
		for range 200 {
			w.Write(make([]byte, 1024))
		}
	})
	a.mux.HandleFunc("/claims", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "99999999") })
	a.mux.HandleFunc("/round", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/round", http.StatusTemporaryRedirect)
	})
	a.mux.HandleFunc("/forgetful", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/garbage", http.StatusFound) })
	a.mux.HandleFunc("/away", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://example.invalid/", http.StatusFound)
	})
	a.serve("/garbage", []byte("this is no answer"))
	a.serve("/empty", nil)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead := "http://" + l.Addr().String() + "/"
	l.Close()
	for _, c := range []struct{ url, says string }{
		{a.base + "/slow", "no answer within 200ms"},
		{a.base + "/huge", "too large"},
		{a.base + "/claims", "too large"},
		{a.base + "/round", "more than 3 redirects"},
		{a.base + "/forgetful", "leaves the question behind"},
		{a.base + "/away", "https"},
		{a.base + "/garbage", "cannot be parsed"},
		{a.base + "/empty", "cannot be parsed"},
		{a.base + "/none", "404"},
		{dead, "no connection to 127.0.0.1:"},
		{"https://example.invalid/", "is not fetched"},
		{"ldap://example.invalid/", "only http is fetched"},
		{"http://user:secret@example.invalid/", "no usable http address"},
		{"::", "no address that can be read"},
	} {
		limit := patience
		if strings.HasSuffix(c.url, "/slow") {
			limit = 200 * time.Millisecond
		}
		leaf := a.leaf(7, testca.Spec{OCSP: []string{c.url}})
		e := lookup.Revocation(t.Context(), []*x509.Certificate{leaf.X509, a.root.X509}, lookup.Options{OCSP: true, Timeout: limit})
		v := one(t, a.check(leaf, e, time.Now()))
		if v.Result != certs.Undetermined || !strings.Contains(v.Detail, c.says) {
			t.Errorf("%s: %s, %q; want undetermined and %q", c.url, v.Result, v.Detail, c.says)
		}
	}
}

func TestTheNextResponderIsAskedWhenOneDoesNotAnswer(t *testing.T) {
	a := newAuthority(t)
	leaf := a.leaf(7, testca.Spec{})
	answer, err := a.root.OCSP(leaf, testca.OCSPSpec{})
	if err != nil {
		t.Fatal(err)
	}
	var asked []byte
	var how string
	a.mux.HandleFunc("/ocsp", func(w http.ResponseWriter, r *http.Request) {
		var b bytes.Buffer
		b.ReadFrom(r.Body)
		asked, how = b.Bytes(), r.Method+" "+r.Header.Get("Content-Type")
		w.Write(answer)
	})
	again := a.leaf(7, testca.Spec{OCSP: []string{a.base + "/none", a.base + "/ocsp", a.base + "/never"}})
	e := lookup.Revocation(t.Context(), []*x509.Certificate{again.X509, a.root.X509}, lookup.Options{OCSP: true})
	got := e.OCSP[certs.Fingerprint(again.DER)]
	if len(got) != 2 || got[0].Err == nil || got[1].Err != nil || len(asked) == 0 || how != "POST application/ocsp-request" {
		t.Errorf("%d answers: %+v, asked by %s with %d bytes", len(got), got, how, len(asked))
	}
}

func TestProgressIsToldBeforeAndAfterEachRequest(t *testing.T) {
	a := newAuthority(t)
	crl, err := a.root.CRL(testca.CRLSpec{})
	if err != nil {
		t.Fatal(err)
	}
	leaf := a.leaf(7, testca.Spec{OCSP: []string{a.base + "/none"}, CRLs: []string{a.serve("/crl", crl)}})
	var mu sync.Mutex
	var steps []lookup.Step
	lookup.Revocation(t.Context(), []*x509.Certificate{leaf.X509, a.root.X509}, lookup.Options{OCSP: true, CRL: true, Progress: func(s lookup.Step) {
		mu.Lock()
		defer mu.Unlock()
		steps = append(steps, s)
	}})
	if len(steps) != 4 {
		t.Fatalf("%d steps: %+v", len(steps), steps)
	}
	for i := 0; i < 4; i += 2 {
		if steps[i].Done || !steps[i+1].Done || steps[i].URL != steps[i+1].URL {
			t.Errorf("steps %d and %d are %+v and %+v", i, i+1, steps[i], steps[i+1])
		}
	}
	if steps[1].Err == nil || steps[3].Err != nil || steps[3].Bytes != int64(len(crl)) {
		t.Errorf("the ends are %+v and %+v", steps[1], steps[3])
	}
}

func TestCancellingEndsEverythingSoonAndLeavesNothingRunning(t *testing.T) {
	a := newAuthority(t)
	came := make(chan struct{}, 8)
	release := make(chan struct{})
	a.mux.HandleFunc("/slow", func(http.ResponseWriter, *http.Request) { came <- struct{}{}; <-release })
	leaf := a.leaf(7, testca.Spec{OCSP: []string{a.base + "/slow"}, CRLs: []string{a.base + "/slow"}})
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancelCause(t.Context())
	done := make(chan certs.Evidence)
	go func() {
		done <- lookup.Revocation(ctx, []*x509.Certificate{leaf.X509, a.root.X509}, lookup.Options{OCSP: true, CRL: true, Timeout: time.Hour})
	}()
	<-came
	gone := errors.New("the person gave up")
	cancel(gone)
	select {
	case e := <-done:
		if s := e.OCSP[certs.Fingerprint(leaf.DER)]; len(s) != 1 || !errors.Is(s[0].Err, gone) {
			t.Errorf("the answer is %+v", s)
		}
	case <-time.After(patience):
		t.Fatal("it does not end")
	}
	close(release)
	for end := time.Now().Add(patience); runtime.NumGoroutine() > before+2 && time.Now().Before(end); { // the server's own come and go
		runtime.Gosched()
	}
	if n := runtime.NumGoroutine(); n > before+2 {
		t.Errorf("%d goroutines run, %d did before", n, before)
	}
}

func TestMissingIssuersAreFetchedInEveryFormTheyComeIn(t *testing.T) {
	needOpenSSL(t)
	a := newAuthority(t)
	rootURL := a.serve("/root.der", a.root.DER)
	first := made(t)(a.root.Issue(testca.Spec{CommonName: "First", CA: true, AIA: []string{rootURL}}))
	firstURL := a.serve("/first.pem", testca.PEM(first))
	second := made(t)(first.Issue(testca.Spec{CommonName: "Second", CA: true, AIA: []string{a.base + "/none", firstURL}}))
	bundle := a.file("second.pem", testca.PEM(first, second), nil)
	p7, err := exec.Command("openssl", "crl2pkcs7", "-nocrl", "-certfile", bundle, "-outform", "DER").Output()
	if err != nil {
		t.Fatal(err)
	}
	leaf := made(t)(second.Issue(testca.Spec{CommonName: "localhost", DNSNames: []string{"localhost"}, AIA: []string{a.serve("/second.p7c", p7)}}))
	found, err := lookup.Issuers(t.Context(), leaf.X509, lookup.Options{AIA: true})
	if err != nil {
		t.Fatal(err)
	}
	r := certs.Check(certs.Input{Presented: [][]byte{leaf.DER}, Host: "localhost", Time: time.Now(), Store: certs.NewStore(a.root.X509), Extra: found})
	if r.Status != certs.Trusted || len(r.Chain) != 4 {
		t.Errorf("%s", r.Text())
	}

	other := made(t)(testca.SelfSigned(testca.Spec{CommonName: "Other", CA: true}))
	misled := made(t)(second.Issue(testca.Spec{CommonName: "x", AIA: []string{a.serve("/other", other.DER)}}))
	if _, err := lookup.Issuers(t.Context(), misled.X509, lookup.Options{}); err == nil || !strings.Contains(err.Error(), "another certificate") {
		t.Errorf("another certificate was taken for the issuer: %v", err)
	}
	silent := made(t)(second.Issue(testca.Spec{CommonName: "x"}))
	if found, err := lookup.Issuers(t.Context(), silent.X509, lookup.Options{}); err != nil || len(found) != 0 {
		t.Errorf("%v, %v", found, err)
	}
}

func TestNothingIsAskedUnlessItIsAskedFor(t *testing.T) {
	a := newAuthority(t)
	a.mux.HandleFunc("/", func(http.ResponseWriter, *http.Request) { t.Error("somebody was asked") })
	leaf := a.leaf(7, testca.Spec{OCSP: []string{a.base}, CRLs: []string{a.base}, AIA: []string{a.base}})
	if e := lookup.Revocation(t.Context(), []*x509.Certificate{leaf.X509, a.root.X509}, lookup.Options{}); e.Asked {
		t.Error("the evidence says that somebody was asked")
	}
}
