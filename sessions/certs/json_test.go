package certs

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// jsonCertificate is a self-signed certificate with a bit of everything.
func jsonCertificate(t *testing.T) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse("spiffe://example/a")
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber:   big.NewInt(0x1ff),
		Subject:        pkix.Name{CommonName: "a\x1b[2J", Organization: []string{"<O>"}},
		NotBefore:      time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:       time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC),
		DNSNames:       []string{"a.example", "*.b.example"},
		IPAddresses:    []net.IP{net.IPv4(127, 0, 0, 1), net.ParseIP("2001:db8::1")},
		EmailAddresses: []string{"a@example"},
		URIs:           []*url.URL{u},
	}, &x509.Certificate{Subject: pkix.Name{CommonName: "issuer"}}, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// fields are the names of an object's fields, in order; dotted below the top.
func fields(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(strings.NewReader(string(b)))
	var names []string
	depth := 0
	for key := true; d.More() || depth > 0; {
		token, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
			continue
		case json.Delim('}'), json.Delim(']'):
			depth--
			key = true
			continue
		}
		if depth == 1 {
			if key {
				names = append(names, token.(string))
			}
			key = !key
		}
	}
	return strings.Join(names, " ")
}

func TestTheJSONOfAReportIsTheContract(t *testing.T) {
	c := jsonCertificate(t)
	report := &Report{
		Status:     Invalid,
		Faults:     []Finding{{Status: Invalid, Code: WeakKey}},
		Warnings:   []Finding{{Code: NoSCT}},
		Time:       time.Date(2026, 2, 1, 1, 0, 0, 0, time.FixedZone("", 3600)),
		Presented:  []Presented{{DER: c.Raw, Cert: c}, {DER: []byte{1}, Err: errors.New("no\x1b[m")}},
		Chain:      []*x509.Certificate{c},
		Revocation: []Revocation{{Method: MethodOCSP, Result: Good, Took: 1234567 * time.Nanosecond}},
		Handshake:  &Handshake{Version: "TLS 1.3", Took: 2500 * time.Microsecond, ALPNOffered: []string{"h2"}},
	}
	j := report.JSON()
	for _, x := range []struct {
		name string
		of   any
		want string
	}{
		{"report", j, "status headline faults warnings host at store presented chain anchored tls revocation"},
		{"fault", j.Faults[0], "status code depth subject fingerprintSHA256 detail hint"},
		{"certificate", j.Chain[0], "subject issuer serialNumber validNotBefore validNotAfter dnsNames ipAddresses emailAddresses uris ca publicKey signatureAlgorithm fingerprintSHA256 fingerprintSHA1 spkiSHA256 pem"},
		{"tls", j.TLS, "version cipherSuite curve alpn resumed handshakeMs complete problem serverName alpnOffered helloRetry signature ech scts stapled startTLS clientAsked clientSent clientProblem acceptableCAs"},
		{"revocation", j.Revocation[0], "depth subject method result detail from tookMs"},
	} {
		if got := fields(t, x.of); got != x.want {
			t.Errorf("the fields of a %s are\n%s, want\n%s", x.name, got, x.want)
		}
	}
	if j.At != "2026-02-01T00:00:00Z" || j.TLS.HandshakeMs != 2.5 || j.Revocation[0].TookMs != 1.234 || !slices.Equal(j.TLS.ALPNOffered, []string{"h2"}) {
		t.Errorf("at %s, handshake %v ms, revocation %v ms, offered %q", j.At, j.TLS.HandshakeMs, j.Revocation[0].TookMs, j.TLS.ALPNOffered)
	}
}

func TestACertificateInJSONHasItsValues(t *testing.T) {
	c := jsonCertificate(t)
	got := Presented{DER: c.Raw, Cert: c}.json()
	block, rest := pem.Decode([]byte(got.PEM))
	if block == nil || len(rest) > 0 || string(block.Bytes) != string(c.Raw) {
		t.Errorf("its PEM is %q", got.PEM)
	}
	if len(got.FingerprintSHA1) != 40 || len(got.SPKISHA256) != 64 || got.FingerprintSHA256 != Fingerprint(c.Raw) {
		t.Errorf("its fingerprints are %q, %q and %q", got.FingerprintSHA256, got.FingerprintSHA1, got.SPKISHA256)
	}
	got.PEM, got.FingerprintSHA256, got.FingerprintSHA1, got.SPKISHA256 = "", "", "", ""
	b, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"subject":"CN=a\\x1b[2J, O=\u003cO\u003e","issuer":"CN=issuer","serialNumber":"01ff",` +
		`"validNotBefore":"2026-01-01T00:00:00Z","validNotAfter":"2026-04-01T00:00:00Z",` +
		`"dnsNames":["a.example","*.b.example"],"ipAddresses":["127.0.0.1","2001:db8::1"],"emailAddresses":["a@example"],"uris":["spiffe://example/a"],` +
		`"ca":false,"publicKey":"ECDSA P-256","signatureAlgorithm":"ECDSA-SHA256","fingerprintSHA256":"","fingerprintSHA1":"","spkiSHA256":"","pem":""}`
	if string(b) != want {
		t.Errorf("it is\n%s, want\n%s", b, want)
	}
}

func TestArraysInJSONAreNeverNull(t *testing.T) {
	unreadable := []Presented{{DER: []byte{0x30, 0}, Err: errors.New("no\x1b[m")}}
	for name, r := range map[string]*Report{
		"an empty report":                  {Status: Unknown},
		"a certificate that is unreadable": {Presented: unreadable, Handshake: &Handshake{}},
	} {
		b, err := json.Marshal(r.JSON())
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Replace(string(b), `"tls":null`, "", 1)
		if strings.Contains(text, "null") {
			t.Errorf("%s is %s", name, b)
		}
	}
	if got := unreadable[0].json(); got.Error != `no\x1b[m` || got.Subject != "" || got.FingerprintSHA256 == "" || !strings.HasPrefix(got.PEM, "-----BEGIN CERTIFICATE-----\n") {
		t.Errorf("the unreadable one is %+v", got)
	}
}

func TestAlgorithmsThatGoDoesNotKnowStandByTheirOID(t *testing.T) {
	c := jsonCertificate(t)
	if got := algorithmOID(c.Raw, 1); got != "1.2.840.10045.4.3.2" {
		t.Errorf("the signature algorithm is %s", got)
	}
	if got := algorithmOID(c.RawSubjectPublicKeyInfo, 0); got != "1.2.840.10045.2.1" {
		t.Errorf("the key's algorithm is %s", got)
	}
	for _, der := range []string{"", "\x30", "\x30\x80", "\x30\x02\x30\x00", "\x04\x00"} {
		if got := algorithmOID([]byte(der), 1); got != "unknown" {
			t.Errorf("%x has the algorithm %s", der, got)
		}
	}
}
