// Package testca is a certificate authority for tests and practice servers. It makes certificates the
// way a good CA does, and every kind of bad one that a client must be able to explain: expired, for
// another name, signed with MD5, cut short, revoked, and so on. A certificate of its is worth nothing
// outside the program that made it: nobody trusts its roots unless told to.
//
// [SelfSigned] and [Cert.Issue] make what a [Spec] says. [Cases] are the certificates of badssl.com and
// those of every other fault, each with what a client must find; [Combinations] have several faults.
//
// Functions may be called from several goroutines.
package testca

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"time"
)

// PathLenZero is a [Spec.PathLen] of 0: the CA may sign leaves and no CA.
const PathLenZero = -1

// Spec says what certificate to make. The zero value of every field is the ordinary good choice.
type Spec struct {
	CommonName string
	Subject    *pkix.Name // instead of a name made of CommonName
	NoSubject  bool       // an empty subject
	DNSNames   []string
	IPs        []net.IP
	Emails     []string
	URIs       []*url.URL

	NotBefore time.Time // zero: an hour ago
	NotAfter  time.Time // zero: in 90 days, for a CA in ten years

	Key     crypto.Signer // nil: a new one of KeyType
	KeyType KeyType

	CA       bool
	PathLen  int // of a CA: how many CAs may stand below it; 0 is no limit, PathLenZero none
	KeyUsage x509.KeyUsage
	Usages   []x509.ExtKeyUsage // nil: serverAuth for leaves, none for CAs
	NoUsages bool               // no extended key usage at all

	Digest     crypto.Hash // SHA1 and MD5 too; 0: SHA-256, which Ed25519 keys have no use for
	MustStaple bool        // the TLS feature extension with status_request (RFC 7633)
	OCSP       []string
	CRLs       []string
	AIA        []string // where the issuer's certificate can be fetched

	PermittedDNS, ExcludedDNS []string
	Policies                  []x509.OID
	Extra                     []pkix.Extension // as they are
	Serial                    *big.Int         // nil: random

	BreakSignature bool                     // one bit of the signature is flipped
	Mangle         func(tbs []byte) []byte  // changes what will be signed, such as [NegativeSerial]; the signature is right
	Damage         func(cert []byte) []byte // changes the finished certificate, such as [TrailingData]
}

// Cert is a certificate with its private key.
type Cert struct {
	DER    []byte
	X509   *x509.Certificate // nil when Go cannot parse it
	Key    crypto.Signer
	Issuer *Cert // nil when it is its own
}

// SelfSigned makes a root when s.CA is set, else a leaf that is its own issuer.
func SelfSigned(s Spec) (*Cert, error) { return issue(nil, s) }

// Issue makes a certificate signed by c. Whether c may sign is not asked.
func (c *Cert) Issue(s Spec) (*Cert, error) { return issue(c, s) }

var oidTLSFeature = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 24}

func issue(by *Cert, s Spec) (*Cert, error) {
	fail := func(err error) (*Cert, error) {
		return nil, fmt.Errorf("make the certificate %q: %w", s.CommonName, err)
	}
	key := s.Key
	if key == nil {
		var err error
		if key, err = NewKey(s.KeyType); err != nil {
			return fail(err)
		}
	}
	template := s.template(key.Public())
	parent, signer := template, key
	if by != nil {
		parent, signer = by.nameOnly(), by.Key
	}
	// Go signs with no weak algorithm and no small key. So a key made for the purpose signs first, which
	// has the encoding done, and the real signature is put in its place.
	throwaway, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fail(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), throwaway)
	if err != nil {
		return fail(err)
	}
	der, err = resign(der, signer, s)
	if err != nil {
		return fail(err)
	}
	if s.Damage != nil {
		der = s.Damage(der)
	}
	c := &Cert{DER: der, Key: key, Issuer: by}
	if parsed, err := x509.ParseCertificate(der); err == nil {
		c.X509 = parsed
	}
	return c, nil
}

// nameOnly is what issuing needs of the issuer; without a public key, which would have to be that of
// the key that signs first.
func (c *Cert) nameOnly() *x509.Certificate {
	if c.X509 == nil {
		return &x509.Certificate{Subject: pkix.Name{CommonName: "unparsable issuer"}}
	}
	return &x509.Certificate{RawSubject: c.X509.RawSubject, Subject: c.X509.Subject, SubjectKeyId: c.X509.SubjectKeyId}
}

func (s Spec) template(public crypto.PublicKey) *x509.Certificate {
	now := time.Now().Truncate(time.Second)
	t := &x509.Certificate{
		SerialNumber: s.Serial, Subject: pkix.Name{CommonName: s.CommonName}, NotBefore: s.NotBefore, NotAfter: s.NotAfter,
		DNSNames: s.DNSNames, IPAddresses: s.IPs, EmailAddresses: s.Emails, URIs: s.URIs,
		BasicConstraintsValid: true, IsCA: s.CA, KeyUsage: s.KeyUsage, ExtKeyUsage: s.Usages,
		OCSPServer: s.OCSP, CRLDistributionPoints: s.CRLs, IssuingCertificateURL: s.AIA,
		PermittedDNSDomains: s.PermittedDNS, ExcludedDNSDomains: s.ExcludedDNS,
		PermittedDNSDomainsCritical: len(s.PermittedDNS)+len(s.ExcludedDNS) > 0,
		Policies:                    s.Policies, ExtraExtensions: s.Extra,
	}
	if s.Subject != nil {
		t.Subject = *s.Subject
	}
	if s.NoSubject {
		t.Subject = pkix.Name{}
	}
	if t.NotBefore.IsZero() {
		t.NotBefore = now.Add(-time.Hour)
	}
	if t.NotAfter.IsZero() {
		t.NotAfter = now.AddDate(0, 0, 90)
		if s.CA {
			t.NotAfter = now.AddDate(10, 0, 0)
		}
	}
	if t.SerialNumber == nil {
		var b [16]byte
		rand.Read(b[:])
		b[0] = b[0]&0x7f | 0x40 // positive, and always of the same length
		t.SerialNumber = new(big.Int).SetBytes(b[:])
	}
	if s.CA {
		if t.KeyUsage == 0 {
			t.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign | x509.KeyUsageDigitalSignature
		}
		if s.PathLen > 0 {
			t.MaxPathLen = s.PathLen
		}
		t.MaxPathLenZero = s.PathLen == PathLenZero
	} else {
		if t.KeyUsage == 0 {
			t.KeyUsage = x509.KeyUsageDigitalSignature
			if _, ok := public.(*rsa.PublicKey); ok {
				t.KeyUsage |= x509.KeyUsageKeyEncipherment
			}
		}
		if t.ExtKeyUsage == nil && !s.NoUsages {
			t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		}
	}
	if s.MustStaple {
		t.ExtraExtensions = append(append([]pkix.Extension(nil), s.Extra...), pkix.Extension{Id: oidTLSFeature, Value: []byte{0x30, 3, 2, 1, 5}})
	}
	return t
}

// TLS returns what a server presents: the chain as given, leaf first, with the leaf's key. With a key of
// [RSA512] the server must not offer TLS 1.3.
func TLS(chain ...*Cert) tls.Certificate {
	t := tls.Certificate{PrivateKey: chain[0].Key, Leaf: chain[0].X509}
	if k, ok := chain[0].Key.(*rsa.PrivateKey); ok && k.N.BitLen() < 1024 {
		t.PrivateKey = smallKey{k}
	}
	for _, c := range chain {
		t.Certificate = append(t.Certificate, c.DER)
	}
	return t
}

// PEM returns the certificates as PEM, in order.
func PEM(certs ...*Cert) []byte {
	var out []byte
	for _, c := range certs {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.DER})...)
	}
	return out
}

// KeyPEM returns the private key as PKCS#8 in PEM.
func (c *Cert) KeyPEM() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(c.Key)
	if err != nil {
		return nil, fmt.Errorf("write the key of %x: %w", c.DER[:min(8, len(c.DER))], err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}
