package certs_test

import (
	"crypto/x509"
	"encoding/asn1"
	"os"
	"testing"

	"wirebench/sessions/certs"
)

// split cuts a run of DER elements into single ones; what is left over is the last.
func split(data []byte) [][]byte {
	var list [][]byte
	for len(data) > 0 && len(list) < 110 {
		var element asn1.RawValue
		rest, err := asn1.Unmarshal(data, &element)
		if err != nil {
			return append(list, data)
		}
		list, data = append(list, element.FullBytes), rest
	}
	return list
}

// FuzzCheck feeds hostile certificates to Check. trust tells which of them are anchors.
func FuzzCheck(f *testing.F) {
	ca := root(f, "Root A", func(c *x509.Certificate) { c.PermittedDNSDomains = []string{"example.com"} })
	mid := ca.issue(f, "CA B", func(c *x509.Certificate) { c.ExcludedDNSDomains = []string{"bad.example.com"} })
	leaf := mid.issue(f, "www.example.com", func(c *x509.Certificate) { c.OCSPServer = []string{"http://ocsp.example"} })
	f.Add(append(append(append([]byte(nil), leaf.Raw...), mid.Raw...), ca.Raw...), "www.example.com", uint8(4))
	f.Add(append(append(append([]byte(nil), leaf.Raw...), ca.Raw...), mid.Raw...), "[2001:db8::1]", uint8(2))
	f.Add(leaf.Raw, "bücher.example.", uint8(1))
	f.Add(ca.Raw, "", uint8(1))
	f.Add([]byte{0x30, 0}, "a", uint8(0))
	if file := os.Getenv("X509_LIMBO"); file != "" { // chains of every strange kind
		for _, c := range readLimbo(f, file) {
			data := fromPEM(f, c.Peer)
			for _, text := range append(c.Untrusted, c.Trusted...) {
				data = append(data, fromPEM(f, text)...)
			}
			if len(data) < 20_000 {
				f.Add(data, "example.com", uint8(1)<<min(len(c.Untrusted)+1, 7))
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, host string, trust uint8) {
		in := certs.Input{Presented: split(data), Host: host, Time: now, Usage: x509.ExtKeyUsageServerAuth, NoHandshake: trust&1 != 0}
		var anchors []*x509.Certificate
		for i, der := range in.Presented[:min(len(in.Presented), 8)] {
			if c, err := x509.ParseCertificate(der); err == nil && trust&(1<<i) != 0 {
				anchors = append(anchors, c)
			}
		}
		in.Store = certs.NewStore(anchors...)
		r := certs.Check(in)
		wellFormed(t, r)
		if r.Status == certs.Trusted {
			if host != "" && r.Presented[0].Cert.VerifyHostname(host) != nil && isASCII(host) {
				t.Errorf("trusted for %q", host)
			}
			in.Host = ""
			if err := goAccepts(in, r, anchors); err != nil {
				t.Errorf("trusted, but crypto/x509 says: %v", err)
			}
		}
	})
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 || s[i] == '%' { // a zone, which Go does not cut off
			return false
		}
	}
	return true
}
