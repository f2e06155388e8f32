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

// An OCSP response (RFC 6960 section 4.2.1). It is parsed here because golang.org/x/crypto/ocsp keeps
// the issuer's hashes to itself, returns one answer by serial number alone, and does not take a response
// that an intermediate CA signed when that CA's certificate comes along, as openssl sends it.
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
		Raw        asn1.RawContent
		Version    int `asn1:"optional,default:0,explicit,tag:0"`
		Responder  asn1.RawValue
		ProducedAt time.Time `asn1:"generalized"`
		Answers    []ocspAnswer
		Extensions []pkix.Extension `asn1:"explicit,tag:1,optional"`
	}
	ocspAnswer struct {
		ID         ocspID
		Status     asn1.RawValue    // a choice by its tag: good, revoked, unknown
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

var (
	oidBasicOCSP     = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 1}
	oidExtendedReply = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 9} // RFC 6960 section 4.4.8
)

const (
	reasonHold    = 6
	reasonRemoved = 8
)

// maxOCSPAge is how old an answer without nextUpdate may be: browsers take ten days.
const maxOCSPAge = 10 * 24 * time.Hour

// judgeOCSP says what an OCSP response says about c, which issuer issued, if it can be relied on by the
// rules of RFC 6960 section 3.2: it is about this certificate of this issuer, its signer was empowered by
// the issuer, and its time has come and is not over. Of several answers about c the worst counts.
func judgeOCSP(der []byte, c, issuer *x509.Certificate, at time.Time) verdict {
	basic, problem := parseOCSP(der)
	if problem != "" {
		return undetermined("%s", problem)
	}
	own, problem := ownAnswers(basic.Data.Answers, c, issuer)
	if problem == "" {
		problem = basic.signedFor(issuer, at)
	}
	if problem == "" {
		problem = unknownCritical(basic.Data.Extensions)
	}
	if problem != "" {
		return undetermined("%s", problem)
	}
	extended := false
	for _, e := range basic.Data.Extensions {
		extended = extended || e.Id.Equal(oidExtendedReply)
	}
	worst := own[0].judge(extended, at)
	for _, a := range own[1:] {
		if v := a.judge(extended, at); v.result == RevokedCert || v.result == Good && worst.result == Undetermined {
			worst = v
		}
	}
	return worst
}

func parseOCSP(der []byte) (basic ocspBasic, problem string) {
	const unreadable = "the OCSP response cannot be parsed"
	var m ocspMessage
	if rest, err := asn1.Unmarshal(der, &m); err != nil || len(rest) > 0 {
		return basic, unreadable
	}
	if m.Status != 0 {
		return basic, fmt.Sprintf("the OCSP responder answered %q", ocsp.ResponseStatus(m.Status).String())
	}
	if !m.Response.Type.Equal(oidBasicOCSP) {
		return basic, "the OCSP response is of a kind that is not known"
	}
	if rest, err := asn1.Unmarshal(m.Response.Body, &basic); err != nil || len(rest) > 0 {
		return basic, unreadable
	}
	return basic, ""
}

// judge says what one answer says. extended is whether the responder says "revoked" also of certificates
// that nobody issued.
func (a *ocspAnswer) judge(extended bool, at time.Time) verdict {
	const good, revoked, unknown = 0, 1, 2
	var r ocspRevoked
	bad := a.Status.Class != asn1.ClassContextSpecific
	switch a.Status.Tag {
	case good, unknown:
		bad = bad || a.Status.IsCompound || len(a.Status.Bytes) > 0 // NULL
	case revoked:
		rest, err := asn1.UnmarshalWithParams(a.Status.FullBytes, &r, "tag:1")
		bad = bad || err != nil || len(rest) > 0
	default:
		bad = true
	}
	if bad {
		return undetermined("the OCSP response does not say in a way that can be read whether the certificate was revoked")
	}
	if problem := unknownCritical(a.Extensions); problem != "" {
		return undetermined("%s", problem)
	}
	if problem := fresh("the OCSP response", a.ThisUpdate, a.NextUpdate, at, maxOCSPAge); problem != "" {
		if a.Status.Tag == revoked {
			problem += "; it said: " + revokedText(r.Time, int(r.Reason))
		}
		return undetermined("%s", problem)
	}
	switch {
	case a.Status.Tag == unknown:
		return undetermined("the OCSP responder does not know this certificate")
	case a.Status.Tag == revoked && extended && r.Reason == reasonHold && r.Time.Unix() == 0:
		return verdict{result: RevokedCert, detail: "the issuer never issued such a certificate"}
	case a.Status.Tag == revoked && r.Time.After(at.Add(clockTolerance)):
		return verdict{result: Good, detail: notYetRevoked(r.Time)}
	case a.Status.Tag == revoked:
		return verdict{result: RevokedCert, detail: revokedText(r.Time, int(r.Reason))}
	}
	text := "not revoked as of " + stamp(a.ThisUpdate)
	if !a.NextUpdate.IsZero() {
		text += ", and the answer holds until " + stamp(a.NextUpdate)
	}
	return verdict{result: Good, detail: text}
}

func unknownCritical(list []pkix.Extension) string {
	for _, e := range list {
		if e.Critical {
			return fmt.Sprintf("the OCSP response has a critical extension that is not known (%s)", e.Id)
		}
	}
	return ""
}

// ownAnswers returns the answers about c, by serial number and by the hashes of its issuer's name and key:
// at least one, or the problem.
func ownAnswers(answers []ocspAnswer, c, issuer *x509.Certificate) (own []ocspAnswer, problem string) {
	problem = "the OCSP response is about other certificates"
	for _, a := range answers {
		if a.ID.Serial == nil || a.ID.Serial.Cmp(c.SerialNumber) != 0 {
			continue
		}
		same, err := sameIssuer(a.ID, issuer)
		switch {
		case err != nil:
			problem = "the OCSP response names the issuer in a way that is not known: " + err.Error()
		case !same:
			problem = "the OCSP response is about a certificate of another issuer with the same serial number"
		default:
			own = append(own, a)
		}
		if len(own) == maxOwnAnswers {
			break
		}
	}
	if len(own) > 0 {
		return own, ""
	}
	return nil, problem
}

// maxOwnAnswers bounds the answers about one certificate in one response, of which there is one as a rule.
const maxOwnAnswers = 16

// SHA-1 only picks the issuer here, and nearly all responders use it (RFC 5019 section 2.1.1).
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
