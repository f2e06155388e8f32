package certs

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// crl is a revocation list (RFC 5280 section 5), with its entries left as they came: a list may have
// millions, of which one matters.
type crl struct {
	problem string               // why it cannot be used
	head    *x509.RevocationList // without its entries; nil when it cannot be parsed
	tbs     []byte
	entries cryptobyte.String
	scope   scope
	checked map[string]string // by issuer, what speaks against the list being its; "" is nothing
}

var (
	oidDelta      = asn1.ObjectIdentifier{2, 5, 29, 27}
	oidScope      = asn1.ObjectIdentifier{2, 5, 29, 28}
	oidReason     = asn1.ObjectIdentifier{2, 5, 29, 21}
	oidInvalidity = asn1.ObjectIdentifier{2, 5, 29, 24}
	oidPoints     = asn1.ObjectIdentifier{2, 5, 29, 31}
)

// maxListAge is how old a list without nextUpdate may be.
const maxListAge = 30 * 24 * time.Hour

// parseList reads a list but for its entries. The result is never nil.
func parseList(der []byte) *crl {
	l := &crl{checked: map[string]string{}}
	short, ok := l.split(der)
	if ok {
		head, err := x509.ParseRevocationList(short)
		if ok = err == nil; ok {
			l.head = head
		}
	}
	if !ok {
		l.problem = "the revocation list cannot be parsed"
		return l
	}
	for _, e := range l.head.Extensions {
		switch {
		case e.Id.Equal(oidDelta):
			l.problem = "the list holds the changes to another list only (a delta CRL)"
		case e.Id.Equal(oidScope):
			if !l.scope.parse(e.Value) {
				l.problem = "the revocation list does not say in a way that can be read which certificates it is about"
			}
		case e.Critical:
			l.problem = "the revocation list has a critical extension that is not known (" + e.Id.String() + ")"
		}
	}
	switch {
	case l.problem != "":
	case l.scope.indirect:
		l.problem = "the list is of several issuers (an indirect CRL), which is not supported"
	case l.scope.attributes:
		l.problem = "the list is about attribute certificates only"
	}
	return l
}

// split takes the signed part and the entries out, and returns the list without entries for crypto/x509 to
// parse, which would make a structure of each. A list of version 1, which openssl still makes where
// no extensions are configured and which Go refuses, passes as one of version 2 without extensions.
func (l *crl) split(der []byte) (short []byte, ok bool) {
	s := cryptobyte.String(der)
	var outer, tbs, inner, skip cryptobyte.String
	if !s.ReadASN1(&outer, cbasn1.SEQUENCE) || !outer.ReadASN1Element(&tbs, cbasn1.SEQUENCE) {
		return nil, false
	}
	l.tbs = tbs
	signature := outer
	if !tbs.ReadASN1(&inner, cbasn1.SEQUENCE) {
		return nil, false
	}
	// version, signature, issuer, thisUpdate, nextUpdate stand before the entries.
	before := inner
	first := !inner.PeekASN1Tag(cbasn1.INTEGER)
	if !first && !inner.SkipASN1(cbasn1.INTEGER) || !inner.SkipASN1(cbasn1.SEQUENCE) || !inner.SkipASN1(cbasn1.SEQUENCE) {
		return nil, false
	}
	for range 2 {
		if inner.PeekASN1Tag(cbasn1.UTCTime) || inner.PeekASN1Tag(cbasn1.GeneralizedTime) {
			var tag cbasn1.Tag
			if !inner.ReadAnyASN1(&skip, &tag) {
				return nil, false
			}
		}
	}
	before = before[:len(before)-len(inner)]
	if inner.PeekASN1Tag(cbasn1.SEQUENCE) && !inner.ReadASN1(&l.entries, cbasn1.SEQUENCE) {
		return nil, false
	}
	if extensions := cbasn1.Tag(0).ContextSpecific().Constructed(); !inner.Empty() &&
		(first || !inner.PeekASN1Tag(extensions)) { // it must be them, which version 1 has not
		return nil, false
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			if first {
				b.AddASN1Int64(1) // version 2
			}
			b.AddBytes(before)
			b.AddBytes(inner)
		})
		b.AddBytes(signature)
	})
	short, err := b.Bytes()
	return short, err == nil
}

// judge says what the list says about c, which issuer issued. The list must have been parsed.
func (l *crl) judge(c, issuer *x509.Certificate, at time.Time) verdict {
	if l.head == nil {
		return undetermined("%s", l.problem)
	}
	if !bytes.Equal(l.head.RawIssuer, issuer.RawSubject) {
		return verdict{other: true}
	}
	problem := l.problem
	if problem == "" {
		problem = l.signedBy(issuer)
	}
	if problem != "" {
		return undetermined("%s", problem)
	}
	e, found, problem := l.find(c.SerialNumber)
	if stale := fresh("the revocation list", l.head.ThisUpdate, l.head.NextUpdate, at, maxListAge); stale != "" {
		if found && problem == "" {
			stale += "; it has the certificate as " + revokedText(e.at, e.reason)
		}
		return undetermined("%s", stale)
	}
	switch {
	case problem != "":
		return undetermined("%s", problem)
	case found && e.at.After(at.Add(clockTolerance)):
		return verdict{result: Good, detail: notYetRevoked(e.at)}
	case found:
		return verdict{result: RevokedCert, detail: revokedText(e.at, e.reason)}
	}
	if problem := l.scope.excludes(c); problem != "" {
		return undetermined("%s", problem)
	}
	text := "not on the list of " + stamp(l.head.ThisUpdate)
	if !l.head.NextUpdate.IsZero() {
		text += ", which holds until " + stamp(l.head.NextUpdate)
	}
	return verdict{result: Good, detail: text}
}

// signedBy says what speaks against the list being the issuer's, "" for nothing.
func (l *crl) signedBy(issuer *x509.Certificate) string {
	key := string(issuer.Raw)
	if problem, known := l.checked[key]; known {
		return problem
	}
	problem := ""
	err := error(nil)
	if issuer.KeyUsage != 0 && issuer.KeyUsage&x509.KeyUsageCRLSign == 0 {
		problem = "the issuer's certificate does not let it sign revocation lists"
	} else {
		err = checkSignature(issuer, l.head.SignatureAlgorithm, l.tbs, l.head.Signature)
	}
	var weak x509.InsecureAlgorithmError
	switch {
	case errors.As(err, &weak):
		problem = "the revocation list is signed with " + x509.SignatureAlgorithm(weak).String() + ", which is not to be relied on"
	case errors.Is(err, x509.ErrUnsupportedAlgorithm):
		problem = "the revocation list is signed in a way that is not known"
	case err != nil:
		problem = "the revocation list is not signed by the issuer whose name it bears"
	}
	l.checked[key] = problem
	return problem
}
