package certs_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"strings"
	"testing"
	"time"

	"wirebench/sessions/certs"
)

// now is when the tests take place.
var now = time.Date(2026, 11, 21, 3, 20, 0, 0, time.UTC)

// made is a certificate made for a test, with its key.
type made struct {
	*x509.Certificate
	key crypto.Signer
}

// serial tells certificates apart that are alike otherwise.
var serial = int64(1000)

// issue makes a certificate, changed by edit and signed by m; m nil makes it sign itself. A name with a
// blank in it is that of a CA, any other that of a host.
func (m *made) issue(t testing.TB, name string, edit func(*x509.Certificate)) *made {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return m.issueFor(t, key, name, edit)
}

// issueFor is issue for a given key.
func (m *made) issueFor(t testing.TB, key crypto.Signer, name string, edit func(*x509.Certificate)) *made {
	t.Helper()
	serial++
	c := &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name}, NotBefore: now.AddDate(0, -1, 0), NotAfter: now.AddDate(0, 2, 0),
		BasicConstraintsValid: true, MaxPathLen: -1}
	if strings.Contains(name, " ") {
		c.IsCA, c.KeyUsage, c.NotAfter = true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign, now.AddDate(5, 0, 0)
	} else {
		c.DNSNames, c.KeyUsage, c.ExtKeyUsage = []string{name}, x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	}
	if edit != nil {
		edit(c)
	}
	parent, signer := c, key
	if m != nil {
		parent, signer = m.Certificate, m.key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &made{parsed, key}
}

// root makes a self-signed CA.
func root(t testing.TB, name string, edit func(*x509.Certificate)) *made {
	t.Helper()
	return (*made)(nil).issue(t, name, edit)
}

// check checks a TLS server's certificates for www.example.com at now.
func check(trusted []*made, presented ...*made) *certs.Report {
	return certs.Check(input(trusted, presented...))
}

func input(trusted []*made, presented ...*made) certs.Input {
	var anchors []*x509.Certificate
	for _, m := range trusted {
		anchors = append(anchors, m.Certificate)
	}
	in := certs.Input{Host: "www.example.com", Time: now, Usage: x509.ExtKeyUsageServerAuth, Store: certs.NewStore(anchors...)}
	for _, m := range presented {
		in.Presented = append(in.Presented, m.Raw)
	}
	return in
}

func list(m ...*made) []*made { return m }
