package testca

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"time"

	"golang.org/x/crypto/ocsp"
)

// CRLSpec says what revocation list to make. The zero value is an empty list of an hour ago that holds
// for a week.
type CRLSpec struct {
	Revoked    []*big.Int // serial numbers
	Entries    []x509.RevocationListEntry
	ThisUpdate time.Time // zero: an hour ago
	NextUpdate time.Time // zero: in a week
	Number     int64     // of the list; 0 is 1
	Extra      []pkix.Extension
	Signer     *Cert // nil: the issuer itself; another one makes a list with a wrong signature
	Digest     crypto.Hash
}

// CRL makes a list of what c has revoked, as DER.
func (c *Cert) CRL(s CRLSpec) ([]byte, error) {
	now := time.Now().Truncate(time.Second)
	t := &x509.RevocationList{Number: big.NewInt(max(s.Number, 1)), ThisUpdate: s.ThisUpdate, NextUpdate: s.NextUpdate,
		RevokedCertificateEntries: s.Entries, ExtraExtensions: s.Extra}
	if t.ThisUpdate.IsZero() {
		t.ThisUpdate = now.Add(-time.Hour)
	}
	if t.NextUpdate.IsZero() {
		t.NextUpdate = now.AddDate(0, 0, 7)
	}
	for _, serial := range s.Revoked {
		t.RevokedCertificateEntries = append(t.RevokedCertificateEntries,
			x509.RevocationListEntry{SerialNumber: serial, RevocationTime: t.ThisUpdate.Add(-time.Hour), ReasonCode: 1})
	}
	signer := c
	if s.Signer != nil {
		signer = s.Signer
	}
	der, err := x509.CreateRevocationList(rand.Reader, t, c.X509, c.Key)
	if err == nil {
		der, err = resign(der, signer.Key, Spec{Digest: s.Digest})
	}
	if err != nil {
		return nil, fmt.Errorf("make a revocation list of %s: %w", c.X509.Subject, err)
	}
	return der, nil
}

// OCSPSpec says what OCSP response to make. The zero value is a good answer of the issuer's own, of an
// hour ago, that holds for a week.
type OCSPSpec struct {
	Status     int // ocsp.Good, ocsp.Revoked, ocsp.Unknown
	RevokedAt  time.Time
	Reason     int // of a revocation (RFC 5280 section 5.3.1)
	ThisUpdate time.Time
	NextUpdate time.Time
	NoNext     bool  // no nextUpdate: newer information is always available
	Responder  *Cert // nil: the issuer; else who signs, whose certificate comes along
	About      *Cert // whose serial number is answered for; nil: the certificate asked about
	Hash       crypto.Hash
}

// OCSP makes an answer of c about one of the certificates it issued, as DER.
func (c *Cert) OCSP(about *Cert, s OCSPSpec) ([]byte, error) {
	now := time.Now().Truncate(time.Second)
	if s.About != nil {
		about = s.About
	}
	t := ocsp.Response{Status: s.Status, SerialNumber: about.X509.SerialNumber, ThisUpdate: s.ThisUpdate, NextUpdate: s.NextUpdate,
		RevokedAt: s.RevokedAt, RevocationReason: s.Reason, IssuerHash: s.Hash}
	if t.ThisUpdate.IsZero() {
		t.ThisUpdate = now.Add(-time.Hour)
	}
	if t.NextUpdate.IsZero() && !s.NoNext {
		t.NextUpdate = now.AddDate(0, 0, 7)
	}
	if t.Status == ocsp.Revoked && t.RevokedAt.IsZero() {
		t.RevokedAt = t.ThisUpdate.Add(-time.Hour)
	}
	responder := c
	if s.Responder != nil {
		responder = s.Responder
		t.Certificate = responder.X509
	}
	der, err := ocsp.CreateResponse(c.X509, responder.X509, t, responder.Key)
	if err != nil {
		return nil, fmt.Errorf("make an OCSP response about %s: %w", about.X509.Subject, err)
	}
	return der, nil
}
