package certs

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"time"
)

// maxResponders bounds the certificates of an OCSP response that are looked at; one is the rule.
const maxResponders = 8

// signedFor says why the response cannot be relied on as the issuer's, "" if it can: the issuer signed
// it, or one whom the issuer empowered with a certificate of its own that came along (RFC 6960 section
// 4.2.2.2). Which of them it was is told by the signature; the name that the response gives its responder
// proves nothing and is not looked at.
func (b *ocspBasic) signedFor(issuer *x509.Certificate, at time.Time) (problem string) {
	algorithm := signatureKind(b.Algorithm)
	switch {
	case algorithm == x509.UnknownSignatureAlgorithm:
		return fmt.Sprintf("the OCSP response is signed in a way that is not known (%s)", b.Algorithm.Algorithm)
	case weakAlgorithm(algorithm):
		return fmt.Sprintf("the OCSP response is signed with %v, which is not to be relied on", algorithm)
	}
	signature := b.Signature.RightAlign()
	if checkSignature(issuer, algorithm, b.Data.Raw, signature) == nil {
		return ""
	}
	problem = "the OCSP response is not its issuer's: somebody else signed it"
	for _, raw := range b.Certs[:min(len(b.Certs), maxResponders)] {
		responder, err := x509.ParseCertificate(raw.FullBytes)
		if err != nil || bytes.Equal(responder.RawSubjectPublicKeyInfo, issuer.RawSubjectPublicKeyInfo) {
			continue
		}
		// The issuer's own signature comes first: what a stranger's key would cost is not paid.
		if !bytes.Equal(responder.RawIssuer, issuer.RawSubject) ||
			checkSignature(issuer, responder.SignatureAlgorithm, responder.RawTBSCertificate, responder.Signature) != nil {
			problem = "the OCSP response is not its issuer's: neither the issuer signed it nor a responder with a certificate of the issuer's"
			continue
		}
		if checkSignature(responder, algorithm, b.Data.Raw, signature) != nil {
			continue
		}
		if problem = responderProblem(responder, at); problem == "" {
			return ""
		}
	}
	return problem
}

// responderProblem says why one whose certificate the issuer signed may not answer for it, "" if he may.
// Whether that certificate was revoked itself is not asked: those of responders are short-lived or bear
// id-pkix-ocsp-nocheck (RFC 6960 section 4.2.2.2.1).
func responderProblem(r *x509.Certificate, at time.Time) string {
	switch {
	case !slices.Contains(r.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning):
		return "the OCSP responder's certificate does not empower it to answer (it lacks the usage OCSPSigning)"
	case r.KeyUsage != 0 && r.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0:
		return "the OCSP responder's certificate does not let it sign"
	case at.Before(r.NotBefore.Add(-clockTolerance)):
		return "the OCSP responder's certificate is not valid before " + stamp(r.NotBefore)
	case at.After(r.NotAfter):
		return "the OCSP responder's certificate expired on " + stamp(r.NotAfter)
	case len(r.UnhandledCriticalExtensions) > 0:
		return fmt.Sprintf("the OCSP responder's certificate has a critical extension that is not known (%s)", r.UnhandledCriticalExtensions[0])
	}
	return ""
}

// checkSignature is [x509.Certificate.CheckSignature] without the keys that take long to compute with.
func checkSignature(by *x509.Certificate, algorithm x509.SignatureAlgorithm, signed, signature []byte) error {
	if pub, ok := by.PublicKey.(*rsa.PublicKey); ok && pub.N.BitLen() > maxRSABits {
		return errors.New("its key is too large")
	}
	return by.CheckSignature(algorithm, signed, signature)
}

var signatureKinds = []struct {
	oid  asn1.ObjectIdentifier
	kind x509.SignatureAlgorithm
}{
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 4}, x509.MD5WithRSA},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 5}, x509.SHA1WithRSA},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}, x509.SHA256WithRSA},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 12}, x509.SHA384WithRSA},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 13}, x509.SHA512WithRSA},
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 1}, x509.ECDSAWithSHA1},
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}, x509.ECDSAWithSHA256},
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 3}, x509.ECDSAWithSHA384},
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 4}, x509.ECDSAWithSHA512},
	{asn1.ObjectIdentifier{1, 3, 101, 112}, x509.PureEd25519},
}

var (
	oidPSS  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}
	oidMGF1 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 8}
)

// signatureKind names a signature algorithm as crypto/x509 does, which does not export how.
func signatureKind(id pkix.AlgorithmIdentifier) x509.SignatureAlgorithm {
	if id.Algorithm.Equal(oidPSS) {
		return pssKind(id.Parameters.FullBytes)
	}
	for _, k := range signatureKinds {
		if k.oid.Equal(id.Algorithm) {
			return k.kind
		}
	}
	return x509.UnknownSignatureAlgorithm
}

// pssKind is the kind of RSASSA-PSS with these parameters (RFC 4055 section 3.1). Those that X.509 uses
// have one digest throughout and a salt of its length.
func pssKind(parameters []byte) x509.SignatureAlgorithm {
	var p struct {
		Hash    pkix.AlgorithmIdentifier `asn1:"explicit,tag:0"`
		MGF     pkix.AlgorithmIdentifier `asn1:"explicit,tag:1"`
		Salt    int                      `asn1:"explicit,tag:2"`
		Trailer int                      `asn1:"optional,explicit,tag:3,default:1"`
	}
	var inner pkix.AlgorithmIdentifier
	if rest, err := asn1.Unmarshal(parameters, &p); err != nil || len(rest) > 0 || !p.MGF.Algorithm.Equal(oidMGF1) || p.Trailer != 1 {
		return x509.UnknownSignatureAlgorithm
	}
	if _, err := asn1.Unmarshal(p.MGF.Parameters.FullBytes, &inner); err != nil || !inner.Algorithm.Equal(p.Hash.Algorithm) {
		return x509.UnknownSignatureAlgorithm
	}
	kinds := map[crypto.Hash]x509.SignatureAlgorithm{crypto.SHA256: x509.SHA256WithRSAPSS, crypto.SHA384: x509.SHA384WithRSAPSS, crypto.SHA512: x509.SHA512WithRSAPSS}
	for _, h := range ocspHashes {
		if h.oid.Equal(p.Hash.Algorithm) && h.hash.Size() == p.Salt {
			return kinds[h.hash] // unknown for SHA-1
		}
	}
	return x509.UnknownSignatureAlgorithm
}
