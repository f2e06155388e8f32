package testca

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
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
	ThisUpdate time.Time        // zero: an hour ago
	NextUpdate time.Time        // zero: in a week
	Number     int64            // of the list; 0 is 1
	Extra      []pkix.Extension // as they are, such as [Delta] and [Partition.Extension]
	Signer     *Cert            // nil: the issuer itself; another one makes a list with a wrong signature
	Digest     crypto.Hash

	BreakSignature bool // one bit of the signature is flipped
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
	// Go signs neither with small keys nor for issuers that may not sign lists, so that another key signs
	// first, as with certificates.
	throwaway, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a revocation list: %w", err)
	}
	issuer := c.nameOnly()
	issuer.KeyUsage = x509.KeyUsageCRLSign
	if len(issuer.SubjectKeyId) == 0 {
		issuer.SubjectKeyId = []byte{0} // a list must name a key, and this issuer's has no name
	}
	der, err := x509.CreateRevocationList(rand.Reader, t, issuer, throwaway)
	if err == nil {
		der, err = resign(der, signer.Key, Spec{Digest: s.Digest, BreakSignature: s.BreakSignature})
	}
	if err != nil {
		return nil, fmt.Errorf("make a revocation list of %s: %w", issuer.Subject, err)
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
	NoNext     bool // no nextUpdate: newer information is always available
	// Responder is who signs, and whose certificate comes along; nil is the issuer. A delegate is issued with
	// [x509.ExtKeyUsageOCSPSigning], and perhaps [NoCheck]; one without it, or of another CA, may not answer.
	Responder *Cert
	Alone     bool  // the responder's certificate does not come along
	About     *Cert // whose serial number is answered for; nil: the certificate asked about
	Issuer    *Cert // whose name and key the answer gives as the issuer's; nil: the issuer's
	Hash      crypto.Hash

	BreakSignature bool // one bit of the signature is flipped
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
	responder, issuer := c, c
	if s.Responder != nil {
		responder = s.Responder
		if !s.Alone {
			t.Certificate = responder.X509
		}
	}
	if s.Issuer != nil {
		issuer = s.Issuer
	}
	der, err := ocsp.CreateResponse(issuer.X509, responder.X509, t, responder.Key)
	if err == nil && s.BreakSignature {
		der, err = breakAnswer(der)
	}
	if err != nil {
		return nil, fmt.Errorf("make an OCSP response about %s: %w", about.X509.Subject, err)
	}
	return der, nil
}

// breakAnswer flips one bit of an OCSP response's signature.
func breakAnswer(der []byte) ([]byte, error) {
	r, err := ocsp.ParseResponse(der, nil)
	if err != nil {
		return nil, err
	}
	at := bytes.LastIndex(der, r.Signature)
	if at < 0 {
		return nil, errors.New("the signature does not stand in the response")
	}
	out := bytes.Clone(der)
	out[at+len(r.Signature)-1] ^= 1
	return out, nil
}
