package certs

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// crl is a revocation list (RFC 5280 section 5), with its entries left as they came: a list may have
// millions, of which one matters.
type crl struct {
	problem string               // why it cannot be used
	head    *x509.RevocationList // without its entries
	tbs     []byte
	entries cryptobyte.String
	scope   scope
	checked map[string]string // by issuer, what speaks against the list being its; "" is nothing
}

// scope is the issuing distribution point extension (RFC 5280 section 5.2.5).
type scope struct {
	present                                   bool
	urls                                      []string
	users, cas, reasons, indirect, attributes bool
}

var (
	oidDelta      = asn1.ObjectIdentifier{2, 5, 29, 27}
	oidScope      = asn1.ObjectIdentifier{2, 5, 29, 28}
	oidReason     = asn1.ObjectIdentifier{2, 5, 29, 21}
	oidInvalidity = asn1.ObjectIdentifier{2, 5, 29, 24}
)

// maxListAge is how old a list without nextUpdate may be.
const maxListAge = 30 * 24 * time.Hour

func parseList(der []byte) *crl {
	l := &crl{checked: map[string]string{}}
	bad := func(text string) *crl {
		l.problem = text
		return l
	}
	s := cryptobyte.String(der)
	var outer, tbs, inner, rest, skip cryptobyte.String
	if !s.ReadASN1(&outer, cbasn1.SEQUENCE) || !outer.ReadASN1Element(&tbs, cbasn1.SEQUENCE) {
		return bad("the revocation list cannot be parsed")
	}
	l.tbs, rest = tbs, outer
	if !tbs.ReadASN1(&inner, cbasn1.SEQUENCE) {
		return bad("the revocation list cannot be parsed")
	}
	// version, signature, issuer, thisUpdate, nextUpdate stand before the entries.
	before := inner
	var version int
	if !inner.PeekASN1Tag(cbasn1.INTEGER) || !inner.ReadASN1Integer(&version) {
		return bad("the revocation list is of version 1, which has no extensions and is not used")
	}
	if !inner.ReadASN1(&skip, cbasn1.SEQUENCE) || !inner.ReadASN1(&skip, cbasn1.SEQUENCE) {
		return bad("the revocation list cannot be parsed")
	}
	for inner.PeekASN1Tag(cbasn1.UTCTime) || inner.PeekASN1Tag(cbasn1.GeneralizedTime) {
		var tag cbasn1.Tag
		if !inner.ReadAnyASN1(&skip, &tag) {
			return bad("the revocation list cannot be parsed")
		}
	}
	before = before[:len(before)-len(inner)]
	if inner.PeekASN1Tag(cbasn1.SEQUENCE) && !inner.ReadASN1(&l.entries, cbasn1.SEQUENCE) {
		return bad("the revocation list cannot be parsed")
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddBytes(before)
			b.AddBytes(inner)
		})
		b.AddBytes(rest)
	})
	short, err := b.Bytes()
	if err == nil {
		l.head, err = x509.ParseRevocationList(short)
	}
	if err != nil {
		return bad("the revocation list cannot be parsed")
	}
	for _, e := range l.head.Extensions {
		switch {
		case e.Id.Equal(oidDelta):
			return bad("the list holds the changes to another list only (a delta CRL)")
		case e.Id.Equal(oidScope):
			if !l.scope.parse(e.Value) {
				return bad("the revocation list does not say in a way that can be read which certificates it is about")
			}
		case e.Critical:
			return bad("the revocation list has a critical extension that is not known (" + e.Id.String() + ")")
		}
	}
	switch {
	case l.scope.indirect:
		return bad("the list is of several issuers (an indirect CRL), which is not supported")
	case l.scope.attributes:
		return bad("the list is about attribute certificates only")
	}
	return l
}

func (s *scope) parse(der []byte) bool {
	s.present = true
	in := cryptobyte.String(der)
	var body cryptobyte.String
	if !in.ReadASN1(&body, cbasn1.SEQUENCE) || !in.Empty() {
		return false
	}
	tag := func(n uint8) cbasn1.Tag { return cbasn1.Tag(n).ContextSpecific() }
	var point cryptobyte.String
	var some bool
	if !body.ReadOptionalASN1(&point, &some, tag(0).Constructed()) {
		return false
	}
	if some {
		var names cryptobyte.String
		var full bool
		if !point.ReadOptionalASN1(&names, &full, tag(0).Constructed()) {
			return false
		}
		for full && !names.Empty() {
			var name cryptobyte.String
			var kind cbasn1.Tag
			if !names.ReadAnyASN1(&name, &kind) {
				return false
			}
			if kind == tag(6) {
				s.urls = append(s.urls, string(name))
			}
		}
	}
	flag := func(n uint8, to *bool) bool {
		var v cryptobyte.String
		var there bool
		if !body.ReadOptionalASN1(&v, &there, tag(n)) {
			return false
		}
		*to = there && (n == 3 || len(v) == 1 && v[0] != 0)
		return true
	}
	return flag(1, &s.users) && flag(2, &s.cas) && flag(3, &s.reasons) && flag(4, &s.indirect) && flag(5, &s.attributes) && body.Empty()
}

// judge says what the list says about c, which issuer issued.
func (l *crl) judge(c, issuer *x509.Certificate, at time.Time) verdict {
	if l.head == nil {
		// Whose it is cannot be told, so it is said of the certificate that was looked at.
		return undetermined("%s", l.problem)
	}
	if !bytes.Equal(l.head.RawIssuer, issuer.RawSubject) {
		return verdict{other: true}
	}
	if l.problem != "" {
		return undetermined("%s", l.problem)
	}
	if problem := l.signedBy(issuer); problem != "" {
		return undetermined("%s", problem)
	}
	if problem := fresh("the revocation list", l.head.ThisUpdate, l.head.NextUpdate, at, maxListAge); problem != "" {
		return undetermined("%s", problem)
	}
	entry, found, ok := l.find(c.SerialNumber)
	if !ok {
		return undetermined("an entry of the revocation list cannot be parsed")
	}
	if found {
		switch {
		case entry.problem != "":
			return undetermined("%s", entry.problem)
		case entry.reason == 8:
			return verdict{result: Good, detail: "it was on hold and was taken off the list"}
		case entry.at.After(at.Add(clockTolerance)):
			return verdict{result: Good, detail: "it is to be revoked on " + stamp(entry.at) + ", later than the time it is judged as of"}
		}
		return verdict{result: RevokedCert, detail: revokedText(entry.at, entry.reason)}
	}
	switch s := l.scope; {
	case s.users && c.IsCA:
		return undetermined("the list is about certificates that are no CAs only")
	case s.cas && !c.IsCA:
		return undetermined("the list is about CAs only")
	case s.reasons:
		return undetermined("the list is about some reasons for revocation only")
	case len(s.urls) > 0 && len(c.CRLDistributionPoints) > 0 && !anyNamed(c, s.urls):
		return undetermined("the list is about another part of the issuer's certificates: it is not the one the certificate names")
	}
	text := "not on the list of " + stamp(l.head.ThisUpdate)
	if !l.head.NextUpdate.IsZero() {
		text += ", which holds until " + stamp(l.head.NextUpdate)
	}
	return verdict{result: Good, detail: text}
}

func anyNamed(c *x509.Certificate, urls []string) bool {
	for _, u := range urls {
		if namesList(c, u) {
			return true
		}
	}
	return false
}

// signedBy says what speaks against the list being the issuer's, "" for nothing.
func (l *crl) signedBy(issuer *x509.Certificate) string {
	key := string(issuer.Raw)
	if problem, known := l.checked[key]; known {
		return problem
	}
	problem := ""
	err := issuer.CheckSignature(l.head.SignatureAlgorithm, l.tbs, l.head.Signature)
	var weak x509.InsecureAlgorithmError
	switch {
	case issuer.KeyUsage != 0 && issuer.KeyUsage&x509.KeyUsageCRLSign == 0:
		problem = "the issuer's certificate does not let it sign revocation lists"
	case errors.As(err, &weak):
		problem = "the revocation list is signed with " + x509.SignatureAlgorithm(weak).String() + ", which is not to be relied on"
	case err != nil:
		problem = "the revocation list is not signed by the issuer whose name it bears"
	}
	l.checked[key] = problem
	return problem
}

type listEntry struct {
	at      time.Time
	reason  int
	problem string
}

// find looks for a serial number; ok is false when the entries cannot be read.
func (l *crl) find(serial *big.Int) (e listEntry, found, ok bool) {
	var b cryptobyte.Builder
	b.AddASN1BigInt(serial)
	want, err := b.Bytes()
	if err != nil {
		return e, false, false
	}
	for rest := l.entries; !rest.Empty(); {
		var entry cryptobyte.String
		var number cryptobyte.String
		if !rest.ReadASN1(&entry, cbasn1.SEQUENCE) || !entry.ReadASN1Element(&number, cbasn1.INTEGER) {
			return e, false, false
		}
		if !bytes.Equal(number, want) {
			continue
		}
		return e, true, e.parse(entry)
	}
	return e, false, true
}

// parse reads what stands behind the serial number.
func (e *listEntry) parse(in cryptobyte.String) bool {
	if in.PeekASN1Tag(cbasn1.UTCTime) {
		if !in.ReadASN1UTCTime(&e.at) {
			return false
		}
	} else if !in.ReadASN1GeneralizedTime(&e.at) {
		return false
	}
	if in.Empty() {
		return true
	}
	var list cryptobyte.String
	if !in.ReadASN1(&list, cbasn1.SEQUENCE) {
		return false
	}
	for !list.Empty() {
		var one, value cryptobyte.String
		var oid asn1.ObjectIdentifier
		var critical bool
		if !list.ReadASN1(&one, cbasn1.SEQUENCE) || !one.ReadASN1ObjectIdentifier(&oid) ||
			!one.ReadOptionalASN1Boolean(&critical, cbasn1.BOOLEAN, false) || !one.ReadASN1(&value, cbasn1.OCTET_STRING) {
			return false
		}
		switch {
		case oid.Equal(oidReason):
			if !value.ReadASN1Enum(&e.reason) {
				return false
			}
		case oid.Equal(oidInvalidity):
		case critical:
			e.problem = "its entry has a critical extension that is not known (" + oid.String() + ")"
		}
	}
	return true
}
