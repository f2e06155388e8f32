package lab

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/crypto/ocsp"
)

func TestTheAuthorityAnswersOverHTTP(t *testing.T) {
	l := started(t, Options{}, "tls-trusted", "tls-revoked-ocsp")
	base := "http://" + entry(t, l, "authority").Address
	browser := &http.Client{Timeout: patience}
	defer browser.CloseIdleConnections()
	fetch := func(path string) (int, []byte) {
		t.Helper()
		r, err := browser.Get(base + path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		return r.StatusCode, b
	}
	read := func(path string) *x509.Certificate {
		_, der := fetch(path)
		c, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		return c
	}
	root, issuing := read("/root.crt"), read("/issuing.crt")
	if err := issuing.CheckSignatureFrom(root); err != nil {
		t.Error(err)
	}
	for path, by := range map[string]*x509.Certificate{"/root.crl": root, "/issuing.crl": issuing} {
		_, der := fetch(path)
		list, err := x509.ParseRevocationList(der)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if err := list.CheckSignatureFrom(by); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if n := len(list.RevokedCertificateEntries); by == issuing && n != 1 || by == root && n != 0 {
			t.Errorf("%s has %d entries", path, n)
		}
	}

	l.mu.Lock()
	p := l.pki
	l.mu.Unlock()
	for serial, c := range p.issued {
		if c.Issuer != p.issuing {
			continue
		}
		_, revoked := p.find(c.X509.SerialNumber)
		request, err := ocsp.CreateRequest(c.X509, issuing, nil)
		if err != nil {
			t.Fatal(err)
		}
		want := ocsp.Good
		if revoked {
			want = ocsp.Revoked
		}
		_, got := fetch("/ocsp/" + url.PathEscape(base64.StdEncoding.EncodeToString(request)))
		answer, err := ocsp.ParseResponseForCert(got, c.X509, issuing)
		if err != nil || answer.Status != want {
			t.Errorf("%s: %v, %+v", serial, err, answer)
		}
		r, err := browser.Post(base+"/ocsp", "application/ocsp-request", bytes.NewReader(request))
		if err != nil {
			t.Fatal(err)
		}
		posted, err := io.ReadAll(r.Body)
		r.Body.Close()
		if answer, parsed := ocsp.ParseResponseForCert(posted, c.X509, issuing); err != nil || parsed != nil || answer.Status != want {
			t.Errorf("%s, posted: %v, %v", serial, err, parsed)
		}
	}
	// A certificate of somebody else's.
	request, err := ocsp.CreateRequest(root, issuing, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, got := fetch("/ocsp/" + url.PathEscape(base64.StdEncoding.EncodeToString(request)))
	if !bytes.Equal(got, ocsp.UnauthorizedErrorResponse) {
		t.Errorf("about a stranger it says %x", got)
	}
	for path, want := range map[string]int{"/": 200, "/nothing": 404, "/ocsp/!": 404} {
		if status, _ := fetch(path); status != want {
			t.Errorf("%s: %d", path, status)
		}
	}
}

func TestTheAuthorityBearsWhatIsNoRequest(t *testing.T) {
	l := started(t, Options{}, "authority")
	e := entry(t, l, "authority")
	for sent, want := range map[string]string{
		"nonsense\r\n\r\n": "400 Bad Request",
		"GET / HTTP/1.0\r\nA: " + strings.Repeat("x", maxRequest):                         "400 Bad Request",
		"DELETE /root.crl HTTP/1.0\r\n\r\n":                                               "405 Method Not Allowed",
		"POST /ocsp HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc":                             "200 OK", // an OCSP answer: malformed request
		"POST /ocsp HTTP/1.0\r\nContent-Length: 9999\r\n\r\n" + strings.Repeat("x", 9999): "400 Bad Request",
	} {
		c := dial(t, e)
		go io.WriteString(c, sent)
		if got := readAll(t, c); !strings.HasPrefix(string(got), "HTTP/1.1 "+want) {
			t.Errorf("%.40q: %.60q", sent, got)
		}
	}
}
