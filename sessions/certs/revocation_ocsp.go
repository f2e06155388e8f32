package certs

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"time"

	"golang.org/x/crypto/ocsp"
)

// The parts of an OCSP response (RFC 6960 section 4.2.1) that golang.org/x/crypto/ocsp keeps to itself.
type (
	ocspMessage struct {
		Status   asn1.Enumerated
		Response struct {
			Type asn1.ObjectIdentifier
			Body []byte
		} `asn1:"explicit,tag:0,optional"`
	}
	ocspBasic struct {
		Data      ocspData
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
		Certs     []asn1.RawValue `asn1:"explicit,tag:0,optional"`
	}
	ocspData struct {
		Version    int `asn1:"optional,default:0,explicit,tag:0"`
		Responder  asn1.RawValue
		ProducedAt time.Time `asn1:"generalized"`
		Answers    []ocspAnswer
		Extensions []pkix.Extension `asn1:"explicit,tag:1,optional"`
	}
	ocspAnswer struct {
		ID         ocspID
		Good       asn1.Flag        `asn1:"tag:0,optional"`
		Revoked    ocspRevoked      `asn1:"tag:1,optional"`
		Unknown    asn1.Flag        `asn1:"tag:2,optional"`
		ThisUpdate time.Time        `asn1:"generalized"`
		NextUpdate time.Time        `asn1:"generalized,explicit,tag:0,optional"`
		Extensions []pkix.Extension `asn1:"explicit,tag:1,optional"`
	}
	ocspID struct {
		Hash     pkix.AlgorithmIdentifier
		NameHash []byte
		KeyHash  []byte
		Serial   *big.Int
	}
	ocspRevoked struct {
		Time   time.Time       `asn1:"generalized"`
		Reason asn1.Enumerated `asn1:"explicit,tag:0,optional"`
	}
)

// maxOCSPAge is how old an answer without nextUpdate may be: browsers take ten days.
const maxOCSPAge = 10 * 24 * time.Hour

// judgeOCSP says what an OCSP response says about c, which issuer issued, if it can be relied on. The
// library checks the signature and the responder's own certificate's; the rest of RFC 6960 section 3.2
// is checked here: that the answer is about this issuer's certificate, by whom the responder was
// empowered, and the times of both.
func judgeOCSP(der []byte, c, issuer *x509.Certificate, at time.Time) verdict {
	var m ocspMessage
	if rest, err := asn1.Unmarshal(der, &m); err != nil || len(rest) > 0 {
		return undetermined("the OCSP response cannot be parsed")
	}
	if m.Status != 0 {
		return undetermined("the OCSP responder answered %q", ocsp.ResponseStatus(m.Status).String())
	}
	var basic ocspBasic
	if rest, err := asn1.Unmarshal(m.Response.Body, &basic); err != nil || len(rest) > 0 {
		return undetermined("the OCSP response cannot be parsed")
	}
	answer, problem := ownAnswer(basic.Data.Answers, c, issuer)
	if problem != "" {
		return undetermined("%s", problem)
	}
	signed, err := ocsp.ParseResponseForCert(der, c, issuer)
	if err != nil {
		var weak x509.InsecureAlgorithmError
		if errors.As(err, &weak) {
			return undetermined("the OCSP response is signed with %v, which is not to be relied on", x509.SignatureAlgorithm(weak))
		}
		return undetermined("the OCSP response is not its issuer's: %s", ocspProblem(err))
	}
	if r := signed.Certificate; r != nil && !r.Equal(issuer) {
		if problem := responderProblem(r, issuer, at); problem != "" {
			return undetermined("%s", problem)
		}
	}
	for _, e := range append(basic.Data.Extensions, answer.Extensions...) {
		if e.Critical {
			return undetermined("the OCSP response has a critical extension that is not known (%s)", e.Id)
		}
	}
	if problem := fresh("the OCSP response", answer.ThisUpdate, answer.NextUpdate, at, maxOCSPAge); problem != "" {
		return undetermined("%s", problem)
	}
	until := ""
	if !answer.NextUpdate.IsZero() {
		until = ", and the answer holds until " + stamp(answer.NextUpdate)
	}
	switch {
	case bool(answer.Good):
		return verdict{result: Good, detail: "not revoked as of " + stamp(answer.ThisUpdate) + until}
	case bool(answer.Unknown):
		return undetermined("the OCSP responder does not know this certificate")
	case answer.Revoked.Time.After(at.Add(clockTolerance)):
		return verdict{result: Good, detail: "it is to be revoked on " + stamp(answer.Revoked.Time) + ", later than the time it is judged as of"}
	}
	return verdict{result: RevokedCert, detail: revokedText(answer.Revoked.Time, int(answer.Revoked.Reason))}
}

// ownAnswer returns the answer about c, by serial number and by the hashes of its issuer's name and key.
func ownAnswer(answers []ocspAnswer, c, issuer *x509.Certificate) (found ocspAnswer, problem string) {
	problem = "the OCSP response is about other certificates"
	for _, a := range answers {
		if a.ID.Serial == nil || a.ID.Serial.Cmp(c.SerialNumber) != 0 {
			continue
		}
		same, err := sameIssuer(a.ID, issuer)
		if err != nil {
			problem = "the OCSP response names the issuer in a way that is not known: " + err.Error()
			continue
		}
		if !same {
			problem = "the OCSP response is about a certificate of another issuer with the same serial number"
			continue
		}
		return a, ""
	}
	return found, problem
}

var ocspHashes = []struct {
	oid  asn1.ObjectIdentifier
	hash crypto.Hash
}{
	{asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}, crypto.SHA1},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}, crypto.SHA256},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}, crypto.SHA384},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}, crypto.SHA512},
}

func sameIssuer(id ocspID, issuer *x509.Certificate) (bool, error) {
	var spki struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(issuer.RawSubjectPublicKeyInfo, &spki); err != nil {
		return false, errors.New("the issuer's key cannot be read")
	}
	for _, h := range ocspHashes {
		if !h.oid.Equal(id.Hash.Algorithm) {
			continue
		}
		sum := func(p []byte) []byte {
			f := h.hash.New()
			f.Write(p)
			return f.Sum(nil)
		}
		return bytes.Equal(sum(issuer.RawSubject), id.NameHash) && bytes.Equal(sum(spki.Key.RightAlign()), id.KeyHash), nil
	}
	return false, fmt.Errorf("hash algorithm %s", id.Hash.Algorithm)
}

// responderProblem says why a responder may not answer for the issuer (RFC 6960 section 4.2.2.2), "" if
// it may. Its signature by the issuer has been checked.
func responderProblem(r, issuer *x509.Certificate, at time.Time) string {
	empowered := false
	for _, u := range r.ExtKeyUsage {
		empowered = empowered || u == x509.ExtKeyUsageOCSPSigning
	}
	switch {
	case !bytes.Equal(r.RawIssuer, issuer.RawSubject):
		return "the OCSP responder's certificate was not issued by the certificate's issuer"
	case !empowered:
		return "the OCSP responder's certificate does not empower it to answer (it lacks the usage OCSPSigning)"
	case at.Before(r.NotBefore.Add(-clockTolerance)):
		return "the OCSP responder's certificate is not valid before " + stamp(r.NotBefore)
	case at.After(r.NotAfter):
		return "the OCSP responder's certificate expired on " + stamp(r.NotAfter)
	}
	return ""
}

// ocspProblem puts the library's error in words.
func ocspProblem(err error) string {
	var parse ocsp.ParseError
	if errors.As(err, &parse) {
		return string(parse)
	}
	return err.Error()
}
