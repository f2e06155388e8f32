package certs_test

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"math/big"
	"net"
	"testing"

	"wirebench/sessions/certs"
)

// manyNames makes a chain whose leaf has n names.
func manyNames(t testing.TB, n int, edit func(ca *x509.Certificate)) certs.Input {
	ca := root(t, "Root A", nil)
	mid := ca.issue(t, "CA B", edit)
	leaf := mid.issue(t, "www.example.com", func(c *x509.Certificate) {
		for i := range n {
			c.DNSNames = append(c.DNSNames, fmt.Sprintf("host-%d.example.com", i))
		}
	})
	return input(list(ca), leaf, mid)
}

func BenchmarkCheck(b *testing.B) {
	for _, c := range []struct {
		name string
		in   certs.Input
		host string
	}{
		{"an ordinary chain", manyNames(b, 1, nil), "www.example.com"},
		{"10,000 names", manyNames(b, 10_000, nil), "www.example.com"},
		{"10,000 names, none of them the host", manyNames(b, 10_000, nil), "www.example.net"},
		{"10,000 names and a CA with 2,000 constraints", manyNames(b, 10_000, func(c *x509.Certificate) {
			for i := range 1000 {
				c.ExcludedDNSDomains = append(c.ExcludedDNSDomains, fmt.Sprintf("x%d.example.org", i))
				c.PermittedDNSDomains = append(c.PermittedDNSDomains, fmt.Sprintf("p%d.example.org", i))
			}
			c.PermittedDNSDomains = append(c.PermittedDNSDomains, "example.com")
		}), "www.example.com"},
		{"100 namesakes", namesakes(b, false), "www.example.com"},
		{"100 namesakes with RSA keys of 16,384 bits", namesakes(b, true), "www.example.com"},
		{"a maze of cross-signed CAs", maze(b), "www.example.com"},
	} {
		b.Run(c.name, func(b *testing.B) {
			c.in.Host = c.host
			for b.Loop() {
				certs.Check(c.in)
			}
		})
	}
}

// namesakes is a leaf and 99 CAs that might all have issued it, by their names and key identifiers; with
// huge their keys are as costly to use as can be.
func namesakes(t testing.TB, huge bool) certs.Input {
	ca := root(t, "Root A", func(c *x509.Certificate) { c.SubjectKeyId = []byte{1} })
	presented := list(ca.issue(t, "www.example.com", func(c *x509.Certificate) { c.SignatureAlgorithm = x509.ECDSAWithSHA256 }))
	for i := range 99 {
		other := ca.issue(t, "Root A", func(c *x509.Certificate) { c.SubjectKeyId = []byte{1} })
		if huge {
			other.Certificate = withKey(t, other.Certificate, int64(i))
		}
		presented = append(presented, other)
	}
	in := input(nil, presented...)
	if huge { // its signature must be of the kind that these keys are asked about
		in.Presented[0] = asRSA(t, in.Presented[0])
	}
	return in
}

// withKey puts a made-up RSA modulus of 16,384 bits in the place of a certificate's key.
func withKey(t testing.TB, c *x509.Certificate, n int64) *x509.Certificate {
	modulus := new(big.Int).Lsh(big.NewInt(1), 16383)
	modulus.Add(modulus, big.NewInt(2*n+1))
	key, err := x509.MarshalPKIXPublicKey(&rsa.PublicKey{N: modulus, E: 1<<31 - 1})
	if err != nil {
		t.Fatal(err)
	}
	return rebuild(t, c.Raw, func(tbs []asn1.RawValue) { tbs[6] = asn1.RawValue{FullBytes: key} }, nil)
}

// asRSA makes a certificate claim an RSA signature of 16,384 bits.
func asRSA(t testing.TB, der []byte) []byte {
	algorithm := asn1.RawValue{FullBytes: []byte{0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0xd, 1, 1, 0xb, 5, 0}}
	return rebuild(t, der, func(tbs []asn1.RawValue) { tbs[2] = algorithm }, &algorithm).Raw
}

// rebuild changes parts of a certificate's TBS and leaves it with a signature of 2,048 octets.
func rebuild(t testing.TB, der []byte, edit func(tbs []asn1.RawValue), algorithm *asn1.RawValue) *x509.Certificate {
	t.Helper()
	var outer struct {
		TBS       []asn1.RawValue
		Algorithm asn1.RawValue
		Signature asn1.BitString
	}
	if _, err := asn1.Unmarshal(der, &outer); err != nil {
		t.Fatal(err)
	}
	edit(outer.TBS)
	if algorithm != nil {
		outer.Algorithm = *algorithm
		signature := make([]byte, 2048)
		signature[1] = 1
		outer.Signature = asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}
	}
	changed, err := asn1.Marshal(outer)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(changed)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// maze is a leaf below five layers of CAs in which every one has been signed by all four of the next.
func maze(t testing.TB) certs.Input {
	const layers, width = 5, 4
	above := list(root(t, "Root A", nil))
	var presented []*made
	for layer := range layers {
		var same []*made // CAs of one name, each certified by everyone above
		for range width {
			name := fmt.Sprintf("CA %d", layer)
			first := above[0].issue(t, name, nil)
			same, presented = append(same, first), append(presented, first)
			for _, signer := range above[1:] {
				presented = append(presented, signer.issueFor(t, first.key, name, nil))
			}
		}
		above = same
	}
	return input(nil, append(list(above[0].issue(t, "www.example.com", nil)), presented...)...)
}

func TestWorkOnHostileChainsIsBounded(t *testing.T) {
	for _, c := range []struct {
		name string
		in   certs.Input
	}{
		{"many of one name", namesakes(t, false)},
		{"many of one name with huge keys", namesakes(t, true)},
		{"a maze", maze(t)},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := certs.Check(c.in)
			wellFormed(t, r)
			if !warned(r, certs.Odd) {
				t.Error("no warning that not everything was tried")
			}
		})
	}
}

func TestACrowdOfNamesakesDoesNotHideTheAnchor(t *testing.T) {
	in := namesakes(t, false)
	ca := root(t, "Root A", nil)
	leaf := ca.issue(t, "www.example.com", nil)
	in.Presented[0] = leaf.Raw
	in.Store = certs.NewStore(ca.Certificate)
	is(t, certs.Check(in), certs.Trusted)
}

func TestMoreThan100CertificatesAreCounted(t *testing.T) {
	ca := root(t, "Root A", nil)
	in := input(list(ca), ca.issue(t, "www.example.com", nil))
	for range 139 {
		in.Presented = append(in.Presented, ca.Raw)
	}
	r := certs.Check(in)
	is(t, r, certs.Trusted)
	if len(r.Presented) != 100 {
		t.Errorf("%d presented", len(r.Presented))
	}
	if w := find(t, r.Warnings, certs.SuperfluousSent); w.Detail != "the first 100 certificates were looked at; 40 more came" {
		t.Errorf("%q", w.Detail)
	}
	n := 0
	for _, w := range r.Warnings {
		if w.Code == certs.DuplicateSent {
			n++
		}
	}
	if n != 6 {
		t.Errorf("%d warnings of duplicates, want 5 and one that counts the rest", n)
	}
}

func TestManyForbiddenNamesAreOneFault(t *testing.T) {
	in := manyNames(t, 10_000, func(c *x509.Certificate) {
		c.PermittedDNSDomains = []string{"example.org"}
		for i := range 500 {
			c.ExcludedIPRanges = append(c.ExcludedIPRanges, &net.IPNet{IP: net.IPv4(10, byte(i>>8), byte(i), 0).To4(), Mask: net.CIDRMask(24, 32)})
		}
	})
	is(t, certs.Check(in), certs.InvalidChain, certs.NameConstraints)
}
