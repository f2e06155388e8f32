package certs_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"wirebench/sessions/certs"
	"wirebench/sessions/certs/testca"
)

// issuing is a root, an intermediate CA and two leaves of the intermediate's.
type issuing struct{ root, ca, leaf, other *testca.Cert }

func newIssuing(t testing.TB) issuing {
	t.Helper()
	var i issuing
	i.root = own(t)(testca.SelfSigned(testca.Spec{CommonName: "Root", CA: true}))
	i.ca = own(t)(i.root.Issue(testca.Spec{CommonName: "Issuing", CA: true}))
	i.leaf = own(t)(i.ca.Issue(testca.Spec{CommonName: "leaf", DNSNames: []string{"www.example.com"}}))
	i.other = own(t)(i.ca.Issue(testca.Spec{CommonName: "other"}))
	return i
}

func own(t testing.TB) func(*testca.Cert, error) *testca.Cert {
	return func(c *testca.Cert, err error) *testca.Cert {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
}

// report checks the leaf with the evidence as of a time.
func (i issuing) report(e certs.Evidence, at time.Time) *certs.Report {
	return certs.Check(certs.Input{Presented: [][]byte{i.leaf.DER, i.ca.DER}, Time: at, Store: certs.NewStore(i.root.X509), Evidence: e})
}

// answers is the evidence of these OCSP responses about the leaf.
func (i issuing) answers(ders ...[]byte) certs.Evidence {
	e := certs.Evidence{OCSP: map[string][]certs.Source{}, Asked: true}
	for _, der := range ders {
		of := certs.Fingerprint(i.leaf.DER)
		e.OCSP[of] = append(e.OCSP[of], certs.Source{DER: der, From: "http://ocsp.example"})
	}
	return e
}

// about returns the results about the certificate at a depth.
func about(r *certs.Report, depth int) (found []certs.Revocation) {
	for _, v := range r.Revocation {
		if v.Depth == depth {
			found = append(found, v)
		}
	}
	return found
}

func TestAnOCSPResponseCountsOnlyWhenAllOfItIsRight(t *testing.T) {
	i := newIssuing(t)
	stranger := own(t)(testca.SelfSigned(testca.Spec{CommonName: "Issuing", CA: true})) // the same name, another key
	signing := []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}
	delegate := own(t)(i.ca.Issue(testca.Spec{CommonName: "Delegate", Usages: signing}))
	at := time.Now()
	day := 24 * time.Hour
	for _, c := range []struct {
		name   string
		spec   testca.OCSPSpec
		at     time.Time
		result certs.Result
		says   string
	}{
		{"good, of the issuer", testca.OCSPSpec{}, at, certs.Good, "not revoked as of"},
		{"good, of an intermediate CA whose own certificate comes along", testca.OCSPSpec{Responder: i.ca}, at, certs.Good, "holds until"},
		{"good, of a delegate", testca.OCSPSpec{Responder: delegate}, at, certs.Good, "not revoked"},
		{"good, the issuer named by SHA-256", testca.OCSPSpec{Hash: crypto.SHA256}, at, certs.Good, "not revoked"},
		{"good, without an end, new", testca.OCSPSpec{NoNext: true}, at, certs.Good, "not revoked"},
		{"good, without an end, old", testca.OCSPSpec{NoNext: true, ThisUpdate: at.Add(-11 * day)}, at, certs.Undetermined, "does not say how long it holds"},
		{"revoked, with the reason", testca.OCSPSpec{Status: ocsp.Revoked, Reason: 1}, at, certs.RevokedCert, "the key was compromised"},
		{"revoked, without a reason", testca.OCSPSpec{Status: ocsp.Revoked}, at, certs.RevokedCert, "without a reason given"},
		{"on hold", testca.OCSPSpec{Status: ocsp.Revoked, Reason: 6}, at, certs.RevokedCert, "may be lifted again"},
		{"revoked later than the time it is judged as of", testca.OCSPSpec{Status: ocsp.Revoked, RevokedAt: at.Add(3 * day)}, at, certs.Good, "is revoked from"},
		{"revoked, over", testca.OCSPSpec{Status: ocsp.Revoked}, at.Add(8 * day), certs.Undetermined, "; it said: revoked since"},
		{"unknown", testca.OCSPSpec{Status: ocsp.Unknown}, at, certs.Undetermined, "does not know this certificate"},
		{"over", testca.OCSPSpec{}, at.Add(8 * day), certs.Undetermined, "held until"},
		{"a little early, by the clock of another", testca.OCSPSpec{ThisUpdate: at.Add(4 * time.Minute)}, at, certs.Good, "not revoked"},
		{"not begun", testca.OCSPSpec{ThisUpdate: at.Add(7 * time.Minute)}, at, certs.Undetermined, "which is later than"},
		{"ends before it begins", testca.OCSPSpec{NextUpdate: at.Add(-2 * day)}, at, certs.Undetermined, "renewed before it was made"},
		{"about another certificate", testca.OCSPSpec{About: i.other}, at, certs.Undetermined, "about other certificates"},
		{"about the same number of another issuer", testca.OCSPSpec{Issuer: stranger}, at, certs.Undetermined, "another issuer with the same serial number"},
		{"with a wrong signature", testca.OCSPSpec{BreakSignature: true}, at, certs.Undetermined, "not its issuer's"},
		{"of a delegate, with a wrong signature", testca.OCSPSpec{Responder: delegate, BreakSignature: true}, at, certs.Undetermined, "not its issuer's"},
		{"of a delegate whose certificate is missing", testca.OCSPSpec{Responder: delegate, Alone: true}, at, certs.Undetermined, "somebody else signed it"},
		{"of a stranger", testca.OCSPSpec{Responder: stranger}, at, certs.Undetermined, "neither the issuer signed it"},
		{"of the CA above", testca.OCSPSpec{Responder: i.root}, at, certs.Undetermined, "neither the issuer signed it"},
		{"of a delegate of the CA above", testca.OCSPSpec{Responder: own(t)(i.root.Issue(testca.Spec{CommonName: "x", Usages: signing}))}, at, certs.Undetermined, "neither the issuer signed it"},
		{"of a delegate of the delegate", testca.OCSPSpec{Responder: own(t)(delegate.Issue(testca.Spec{CommonName: "x", Usages: signing}))}, at, certs.Undetermined, "neither the issuer signed it"},
		{"of one without the power", testca.OCSPSpec{Responder: i.other}, at, certs.Undetermined, "lacks the usage OCSPSigning"},
		{"of one who may do anything", testca.OCSPSpec{Responder: own(t)(i.ca.Issue(testca.Spec{CommonName: "x", Usages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}))}, at, certs.Undetermined, "lacks the usage OCSPSigning"},
		{"of a delegate whose time is over", testca.OCSPSpec{Responder: own(t)(i.ca.Issue(testca.Spec{CommonName: "x", Usages: signing, NotBefore: at.Add(-9 * day), NotAfter: at.Add(-day)}))}, at, certs.Undetermined, "responder's certificate expired on"},
		{"of a delegate whose time has not begun", testca.OCSPSpec{Responder: own(t)(i.ca.Issue(testca.Spec{CommonName: "x", Usages: signing, NotBefore: at.Add(day)}))}, at, certs.Undetermined, "is not valid before"},
		{"of a delegate who may not sign", testca.OCSPSpec{Responder: own(t)(i.ca.Issue(testca.Spec{CommonName: "x", Usages: signing, KeyUsage: x509.KeyUsageKeyAgreement}))}, at, certs.Undetermined, "does not let it sign"},
		{"of a delegate with a critical extension nobody knows", testca.OCSPSpec{Responder: own(t)(i.ca.Issue(testca.Spec{CommonName: "x", Usages: signing, Extra: []pkix.Extension{testca.UnknownCritical()}}))}, at, certs.Undetermined, "1.3.6.1.4.1.32473.1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			der, err := i.ca.OCSP(i.leaf, c.spec)
			if err != nil {
				t.Fatal(err)
			}
			r := i.report(i.answers(der), c.at)
			found := about(r, 0)
			if len(found) != 1 || found[0].Result != c.result || found[0].Method != certs.MethodOCSP || !strings.Contains(found[0].Detail, c.says) {
				t.Errorf("got %+v; want %s, %q", found, c.result, c.says)
			}
			if r.Has(certs.RevokedLeaf) != (c.result == certs.RevokedCert) || !warned(r, certs.RevocationUnknown) {
				t.Errorf("faults %v, warnings %v", r.Faults, r.Warnings) // nothing is known about the CA
			}
			stapled := i.report(certs.Evidence{Stapled: der}, c.at)
			if got := about(stapled, 0); len(got) != 1 || got[0].Result != c.result || got[0].Detail != found[0].Detail || got[0].Method != certs.MethodStaple {
				t.Errorf("stapled, it is %+v", got)
			}
		})
	}
}

func TestOneRevokedOutweighsEveryGoodFromWhereverItComes(t *testing.T) {
	i := newIssuing(t)
	answer := func(s testca.OCSPSpec) []byte {
		der, err := i.ca.OCSP(i.leaf, s)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	list := func(s testca.CRLSpec) []certs.Source {
		der, err := i.ca.CRL(s)
		if err != nil {
			t.Fatal(err)
		}
		return []certs.Source{{DER: der, From: "list.crl"}}
	}
	good, bad := answer(testca.OCSPSpec{}), answer(testca.OCSPSpec{Status: ocsp.Revoked})
	broken := answer(testca.OCSPSpec{Status: ocsp.Revoked, BreakSignature: true})
	listed := list(testca.CRLSpec{Revoked: []*big.Int{i.leaf.X509.SerialNumber}})
	empty := list(testca.CRLSpec{})
	with := func(staple []byte, crls []certs.Source, ders ...[]byte) certs.Evidence {
		e := i.answers(ders...)
		e.Stapled, e.CRLs = staple, crls
		return e
	}
	for _, c := range []struct {
		name    string
		e       certs.Evidence
		revoked bool
	}{
		{"in the staple", with(bad, empty, good), true},
		{"in an OCSP response", with(good, empty, good, bad), true},
		{"in a list", with(good, listed, good), true},
		{"in all of them", with(bad, listed, bad, bad), true},
		{"in none", with(good, empty, good), false},
		{"in one that does not count", with(broken, empty, broken), false},
	} {
		r := i.report(c.e, time.Now())
		n := 0
		for _, f := range r.Faults {
			if f.Code == certs.RevokedLeaf {
				n++
			}
		}
		if want := map[bool]int{true: 1}[c.revoked]; n != want {
			t.Errorf("%s: %d faults of revocation, want %d\n%s", c.name, n, want, r.Text())
		}
	}
}

func TestWhatIsNoOCSPResponseIsSaid(t *testing.T) {
	i := newIssuing(t)
	good, err := i.ca.OCSP(i.leaf, testca.OCSPSpec{})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		der  []byte
		says string
	}{
		"garbage":                 {[]byte("<html>"), "cannot be parsed"},
		"cut short":               {good[:len(good)-7], "cannot be parsed"},
		"something behind it":     {append(bytes.Clone(good), 0), "cannot be parsed"},
		"a certificate":           {i.leaf.DER, "cannot be parsed"},
		"a refusal":               {ocsp.UnauthorizedErrorResponse, "unauthorized"},
		"success without a word":  {[]byte{0x30, 3, 0x0a, 1, 0}, "of a kind that is not known"},
		"nothing but a kind of 0": {[]byte{0x30, 0}, "cannot be parsed"},
	} {
		found := about(i.report(i.answers(c.der), time.Now()), 0)
		if len(found) != 1 || found[0].Result != certs.Undetermined || !strings.Contains(found[0].Detail, c.says) {
			t.Errorf("%s: %+v, want %q", name, found, c.says)
		}
	}
}

// handAnswer is an OCSP response written by hand, for what no library makes.
type handAnswer struct {
	statuses   []asn1.RawValue // one answer about the leaf for each
	extensions []pkix.Extension
	others     int // answers about another certificate in front
	extra      []*testca.Cert
}

func (i issuing) hand(t *testing.T, h handAnswer) []byte {
	t.Helper()
	type id struct {
		Hash      pkix.AlgorithmIdentifier
		Name, Key []byte
		Serial    *big.Int
	}
	type single struct {
		ID     id
		Status asn1.RawValue
		This   time.Time `asn1:"generalized"`
	}
	type data struct {
		Responder  asn1.RawValue
		ProducedAt time.Time `asn1:"generalized"`
		Answers    []single
		Extensions []pkix.Extension `asn1:"explicit,tag:1,omitempty"`
	}
	marshal := func(v any) []byte {
		der, err := asn1.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	var spki struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(i.ca.X509.RawSubjectPublicKeyInfo, &spki); err != nil {
		t.Fatal(err)
	}
	name, key := sha1.Sum(i.ca.X509.RawSubject), sha1.Sum(spki.Key.Bytes)
	now := time.Now().UTC().Truncate(time.Second)
	d := data{Responder: asn1.RawValue{Class: 2, Tag: 1, IsCompound: true, Bytes: i.ca.X509.RawSubject}, ProducedAt: now, Extensions: h.extensions}
	answer := func(of *testca.Cert, status asn1.RawValue) {
		d.Answers = append(d.Answers, single{id{pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}, Parameters: asn1.NullRawValue},
			name[:], key[:], of.X509.SerialNumber}, status, now})
	}
	for range h.others {
		answer(i.other, isRevoked(now, 1))
	}
	for _, s := range h.statuses {
		answer(i.leaf, s)
	}
	tbs := marshal(d)
	basic := struct {
		Data      asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
		Certs     []asn1.RawValue `asn1:"explicit,tag:0,omitempty"`
	}{asn1.RawValue{FullBytes: tbs}, pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}}, signECDSA(t, i.ca, tbs), nil}
	for _, c := range h.extra {
		basic.Certs = append(basic.Certs, asn1.RawValue{FullBytes: c.DER})
	}
	type body struct {
		Type asn1.ObjectIdentifier
		Body []byte
	}
	return marshal(struct {
		Status asn1.Enumerated
		Body   body `asn1:"explicit,tag:0"`
	}{0, body{asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 1}, marshal(basic)}})
}

// signECDSA signs with SHA-256 and the key of a CA on P-256.
func signECDSA(t testing.TB, ca *testca.Cert, tbs []byte) asn1.BitString {
	t.Helper()
	sum := sha256.Sum256(tbs)
	signature, err := ecdsa.SignASN1(rand.Reader, ca.Key.(*ecdsa.PrivateKey), sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}
}

var isGood = asn1.RawValue{Class: 2, Tag: 0}

func isRevoked(at time.Time, reason byte) asn1.RawValue {
	when := append([]byte{0x18, 15}, at.UTC().Format("20060102150405Z")...)
	return asn1.RawValue{Class: 2, Tag: 1, IsCompound: true, Bytes: append(when, 0xa0, 3, 0x0a, 1, reason)}
}

func TestOddOCSPResponsesAreReadWithCare(t *testing.T) {
	i := newIssuing(t)
	then := time.Now().Add(-time.Hour)
	extended := pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 9}, Value: []byte{5, 0}}
	filler := make([]*testca.Cert, 9)
	for n := range filler {
		filler[n] = i.root
	}
	for _, c := range []struct {
		name   string
		h      handAnswer
		result certs.Result
		says   string
	}{
		{"one answer", handAnswer{statuses: []asn1.RawValue{isGood}}, certs.Good, "not revoked"},
		{"ours behind others", handAnswer{others: 300, statuses: []asn1.RawValue{isGood}}, certs.Good, "not revoked"},
		{"others only", handAnswer{others: 2}, certs.Undetermined, "about other certificates"},
		{"no answer", handAnswer{}, certs.Undetermined, "about other certificates"},
		{"good, then revoked", handAnswer{statuses: []asn1.RawValue{isGood, isRevoked(then, 4)}}, certs.RevokedCert, "superseded"},
		{"revoked, then good", handAnswer{statuses: []asn1.RawValue{isRevoked(then, 4), isGood}}, certs.RevokedCert, "superseded"},
		{"never issued", handAnswer{extensions: []pkix.Extension{extended}, statuses: []asn1.RawValue{isRevoked(time.Unix(0, 0), 6)}}, certs.RevokedCert, "never issued"},
		{"a status that is none", handAnswer{statuses: []asn1.RawValue{{Class: 2, Tag: 5}}}, certs.Undetermined, "in a way that can be read"},
		{"a universal status", handAnswer{statuses: []asn1.RawValue{{Tag: 5}}}, certs.Undetermined, "in a way that can be read"},
		{"good with something in it", handAnswer{statuses: []asn1.RawValue{{Class: 2, Tag: 0, Bytes: []byte{1}}}}, certs.Undetermined, "in a way that can be read"},
		{"revoked without a time", handAnswer{statuses: []asn1.RawValue{{Class: 2, Tag: 1, IsCompound: true}}}, certs.Undetermined, "in a way that can be read"},
		{"a critical extension nobody knows", handAnswer{extensions: []pkix.Extension{testca.UnknownCritical()}, statuses: []asn1.RawValue{isGood}}, certs.Undetermined, "critical extension"},
		{"many certificates that prove nothing", handAnswer{extra: filler, statuses: []asn1.RawValue{isGood}}, certs.Good, "not revoked"},
	} {
		t.Run(c.name, func(t *testing.T) {
			found := about(i.report(i.answers(i.hand(t, c.h)), time.Now()), 0)
			if len(found) != 1 || found[0].Result != c.result || !strings.Contains(found[0].Detail, c.says) {
				t.Errorf("got %+v; want %s, %q", found, c.result, c.says)
			}
		})
	}
}

func TestAStapleIsNotWastedWithoutAnIssuer(t *testing.T) {
	i := newIssuing(t)
	leaf := own(t)(i.ca.Issue(testca.Spec{CommonName: "leaf", MustStaple: true}))
	der, err := i.ca.OCSP(leaf, testca.OCSPSpec{})
	if err != nil {
		t.Fatal(err)
	}
	alone := own(t)(testca.SelfSigned(testca.Spec{CommonName: "alone", MustStaple: true}))
	for says, c := range map[string]*testca.Cert{"its issuer is not known": leaf, "nobody to answer for it": alone} {
		r := certs.Check(certs.Input{Presented: [][]byte{c.DER}, Time: time.Now(), Evidence: certs.Evidence{Stapled: der}})
		if found := about(r, 0); len(found) != 1 || found[0].Method != certs.MethodStaple || !strings.Contains(found[0].Detail, says) {
			t.Errorf("%+v, want %q", found, says)
		}
		if !r.Has(certs.MustStapleMissing) {
			t.Errorf("%v", r.Faults)
		}
	}
}

func TestAResponderMaySignWithRSAPSS(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		kind x509.SignatureAlgorithm
		key  crypto.Signer
	}{{x509.SHA256WithRSAPSS, key}, {x509.SHA384WithRSAPSS, key}, {x509.SHA512WithRSAPSS, key}, {x509.SHA384WithRSA, key}, {x509.ECDSAWithSHA256, nil}} {
		signer := c.key
		if signer == nil {
			if signer, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
				t.Fatal(err)
			}
		}
		der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(1), SignatureAlgorithm: c.kind},
			&x509.Certificate{}, signer.Public(), signer)
		if err != nil {
			t.Fatal(err)
		}
		var outer struct {
			TBS       asn1.RawValue
			Algorithm pkix.AlgorithmIdentifier
			Signature asn1.BitString
		}
		if _, err := asn1.Unmarshal(der, &outer); err != nil {
			t.Fatal(err)
		}
		if got := certs.SignatureKind(outer.Algorithm); got != c.kind {
			t.Errorf("%s is taken for %s", c.kind, got)
		}
	}
	odd := pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}}
	if got := certs.SignatureKind(odd); got != x509.UnknownSignatureAlgorithm {
		t.Errorf("RSA-PSS without parameters, which means SHA-1, is taken for %s", got)
	}
}
