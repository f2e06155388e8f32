package widgets

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"testing"
	"time"

	"wirebench/sessions/certs"
	"wirebench/sessions/certs/testca"
)

// reportTime is as of when the certificates of these tests are judged.
var reportTime = time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)

// certBench makes certificates and reports for tests of the card.
type certBench struct {
	t            *testing.T
	root, issuer *testca.Cert
	handshake    certs.Handshake
}

func newCertBench(t *testing.T) *certBench {
	t.Helper()
	b := &certBench{t: t, handshake: certs.Handshake{
		Version: "TLS 1.3", CipherSuite: "TLS_AES_128_GCM_SHA256", Curve: "X25519MLKEM768", Signature: "ECDSAWithP256AndSHA256",
		ALPN: "h2", ALPNOffered: []string{"h2", "http/1.1"}, ServerName: "www.example.org", SCTs: 2, Took: 12400 * time.Microsecond, Complete: true,
	}}
	b.root = b.make(nil, testca.Spec{CA: true, Subject: &pkix.Name{Country: []string{"GB"}, Organization: []string{"Example Trust Services"}, CommonName: "Example Trust Root R1"},
		NotBefore: reportTime.AddDate(-8, 0, 0), NotAfter: reportTime.AddDate(12, 0, 0)})
	b.issuer = b.make(b.root, testca.Spec{CA: true, Subject: &pkix.Name{Country: []string{"GB"}, Organization: []string{"Example Trust Services"}, CommonName: "Example Trust Issuing CA E5"},
		PathLen: testca.PathLenZero, NotBefore: reportTime.AddDate(-1, 0, 0), NotAfter: reportTime.AddDate(2, 0, 0),
		CRLs: []string{"http://crl.trust.example/r1.crl"}, AIA: []string{"http://aia.trust.example/r1.der"}})
	return b
}

func (b *certBench) make(by *testca.Cert, s testca.Spec) *testca.Cert {
	b.t.Helper()
	if s.NotBefore.IsZero() {
		s.NotBefore = reportTime.AddDate(0, 0, -2)
	}
	if s.NotAfter.IsZero() {
		s.NotAfter = s.NotBefore.AddDate(0, 0, 90)
	}
	var c *testca.Cert
	var err error
	if by == nil {
		c, err = testca.SelfSigned(s)
	} else {
		c, err = by.Issue(s)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

// leaf makes a server's certificate of the good issuer.
func (b *certBench) leaf(s testca.Spec) *testca.Cert {
	if s.CommonName == "" && s.Subject == nil {
		s.CommonName = "www.example.org"
	}
	if s.DNSNames == nil {
		s.DNSNames = []string{"www.example.org", "example.org", "*.static.example.org"}
	}
	s.OCSP = []string{"http://ocsp.trust.example"}
	s.CRLs = []string{"http://crl.trust.example/e5.crl"}
	s.AIA = []string{"http://aia.trust.example/e5.der"}
	return b.make(b.issuer, s)
}

// report checks a chain against the bench's root.
func (b *certBench) report(e certs.Evidence, chain ...*testca.Cert) *certs.Report {
	var ders [][]byte
	for _, c := range chain {
		ders = append(ders, c.DER)
	}
	h := b.handshake
	r := certs.Check(certs.Input{Presented: ders, Host: "www.example.org", Time: reportTime, Store: certs.NewStore(b.root.X509),
		Usage: x509.ExtKeyUsageServerAuth, Evidence: e, SCTs: 2})
	r.Handshake = &h
	return r
}

func (b *certBench) trusted() *certs.Report {
	return b.report(certs.Evidence{}, b.leaf(testca.Spec{}), b.issuer)
}

func (b *certBench) expiredWrongHost() *certs.Report {
	return b.report(certs.Evidence{}, b.leaf(testca.Spec{CommonName: "mail.example.net", DNSNames: []string{"mail.example.net", "imap.example.net"},
		NotBefore: reportTime.AddDate(0, 0, -93), NotAfter: reportTime.AddDate(0, 0, -3)}), b.issuer, b.root)
}

func (b *certBench) issuerMissing() *certs.Report {
	return b.report(certs.Evidence{}, b.leaf(testca.Spec{}))
}

func (b *certBench) unparsable() *certs.Report {
	return b.report(certs.Evidence{}, b.leaf(testca.Spec{Mangle: testca.NegativeSerial}), b.issuer)
}

func (b *certBench) revoked() *certs.Report {
	leaf := b.leaf(testca.Spec{})
	crl, err := b.issuer.CRL(testca.CRLSpec{ThisUpdate: reportTime.Add(-time.Hour), NextUpdate: reportTime.AddDate(0, 0, 7),
		Entries: []x509.RevocationListEntry{{SerialNumber: leaf.X509.SerialNumber, RevocationTime: reportTime.Add(-50 * time.Hour), ReasonCode: 1}}})
	if err != nil {
		b.t.Fatal(err)
	}
	return b.report(certs.Evidence{Asked: true, CRLs: []certs.Source{{DER: crl, From: "http://crl.trust.example/e5.crl", Took: 86 * time.Millisecond},
		{From: "http://crl.trust.example/r1.crl", Err: fmt.Errorf("get http://crl.trust.example/r1.crl: 404 Not Found"), Took: 40 * time.Millisecond}}},
		leaf, b.issuer)
}

// unknown is the report of a server that speaks SSH.
func (b *certBench) unknown() *certs.Report {
	r := certs.Check(certs.Input{Host: "git.example.org", Time: reportTime, Store: certs.NewStore(b.root.X509),
		Problem: `the server does not speak TLS: it answered "SSH-2.0-OpenSSH_9.6"; that is SSH, so connect to the port where TLS is spoken, mostly 443`})
	r.Handshake = &certs.Handshake{ServerName: "git.example.org", ALPNOffered: []string{"h2"}, Took: 3 * time.Millisecond,
		Problem: `the server does not speak TLS: it answered "SSH-2.0-OpenSSH_9.6"; that is SSH, so connect to the port where TLS is spoken, mostly 443`}
	return r
}

// names is the report of a certificate for n hosts.
func (b *certBench) names(n int) *certs.Report {
	names := []string{"www.example.org"}
	for i := 1; i < n; i++ {
		names = append(names, fmt.Sprintf("shop-%05d.customers.example.org", i))
	}
	return b.report(certs.Evidence{}, b.leaf(testca.Spec{DNSNames: names}), b.issuer)
}

// deep is the report of a chain of ten certificates, sent out of order with one twice and one of no use.
func (b *certBench) deep() *certs.Report {
	by, all := b.root, []*testca.Cert(nil)
	for i := range 8 {
		by = b.make(by, testca.Spec{CA: true, Subject: &pkix.Name{Organization: []string{"Example Holdings"}, OrganizationalUnit: []string{fmt.Sprintf("Division %d of the European branch", 8-i)},
			CommonName: fmt.Sprintf("Example Holdings Subordinate CA %d", 8-i)}, NotAfter: reportTime.AddDate(3, 0, 0)})
		all = append(all, by)
	}
	leaf := b.make(by, testca.Spec{CommonName: "www.example.org", DNSNames: []string{"www.example.org"}})
	sent := []*testca.Cert{leaf}
	for i := len(all) - 1; i >= 0; i-- {
		sent = append(sent, all[i])
	}
	sent[2], sent[5] = sent[5], sent[2]
	sent = append(sent, sent[1], b.issuer)
	return b.report(certs.Evidence{}, sent...)
}
