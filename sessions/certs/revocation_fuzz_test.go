package certs_test

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"wirebench/sessions/certs"
	"wirebench/sessions/certs/testca"
)

// signedPart is the part of an OCSP response or of a revocation list that is signed.
func signedPart(t testing.TB, der []byte) []byte {
	t.Helper()
	var first asn1.RawValue
	inner := der
	if response, err := ocsp.ParseResponse(der, nil); err == nil {
		return response.TBSResponseData
	}
	if _, err := asn1.Unmarshal(der, &first); err != nil {
		t.Fatal(err)
	}
	inner = first.Bytes
	if _, err := asn1.Unmarshal(inner, &first); err != nil {
		t.Fatal(err)
	}
	return first.FullBytes
}

// FuzzOCSP feeds hostile OCSP responses, stapled and asked for. Only what the issuer or its delegate
// signed may count.
func FuzzOCSP(f *testing.F) {
	i := newIssuing(f)
	delegate := own(f)(i.ca.Issue(testca.Spec{CommonName: "Delegate", Usages: []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}}))
	signed := map[certs.Result][]byte{}
	for _, s := range []testca.OCSPSpec{
		{}, {Status: ocsp.Revoked, Reason: 1}, {Responder: delegate}, {Responder: i.ca}, {Responder: i.other}, {Status: ocsp.Unknown}, {About: i.other},
		{BreakSignature: true}, {NoNext: true}, {Responder: i.root},
	} {
		der, err := i.ca.OCSP(i.leaf, s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(der)
		if v := about(i.report(i.answers(der), time.Now()), 0); v[0].Result != certs.Undetermined {
			signed[v[0].Result] = append(signed[v[0].Result], signedPart(f, der)...)
		}
	}
	f.Add(ocsp.TryLaterErrorResponse)
	f.Fuzz(func(t *testing.T, der []byte) {
		e := i.answers(der)
		e.Stapled = der
		r := i.report(e, time.Now())
		wellFormed(t, r)
		for _, v := range about(r, 0) {
			if v.Result == certs.Undetermined {
				continue
			}
			if response, err := ocsp.ParseResponse(der, nil); err != nil {
				// The library refuses what an intermediate CA signed with its certificate beside it.
			} else if !bytes.Contains(signed[v.Result], response.TBSResponseData) {
				t.Errorf("%s by what nobody signed: %s", v.Result, v.Detail)
			}
		}
	})
}

// FuzzCRL feeds hostile revocation lists. Only what the issuer signed may count, and a list is read as
// crypto/x509 reads it.
func FuzzCRL(f *testing.F) {
	i := newIssuing(f).naming(f, listURL)
	serial := i.leaf.X509.SerialNumber
	var signed []byte
	for _, s := range []testca.CRLSpec{
		{}, {Revoked: []*big.Int{serial}}, {Revoked: []*big.Int{big.NewInt(1), big.NewInt(-129), big.NewInt(127)}},
		{Entries: []x509.RevocationListEntry{{SerialNumber: big.NewInt(7), RevocationTime: time.Now(), ReasonCode: 6}}},
		{BreakSignature: true}, {Signer: i.root},
	} {
		der, err := i.ca.CRL(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(der)
		signed = append(signed, signedPart(f, der)...)
	}
	for _, p := range []testca.Partition{{URL: listURL}, {OnlyCAs: true, OnlyReasons: []byte{1}}, {Indirect: true}} {
		s := testca.CRLSpec{Revoked: []*big.Int{big.NewInt(1)}}
		s.Extra = append(s.Extra, p.Extension(), testca.Delta(1))
		der, err := i.ca.CRL(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(der)
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		r := i.report(lists(listURL, der), time.Now())
		wellFormed(t, r)
		for _, v := range about(r, 0) {
			if v.Result != certs.Undetermined && !bytes.Contains(signed, signedPart(t, der)) {
				t.Errorf("%s by what nobody signed: %s", v.Result, v.Detail)
			}
		}
		theirs, err := x509.ParseRevocationList(der)
		if err != nil {
			return
		}
		find, ok := certs.ListEntries(der)
		if !ok {
			// crypto/x509 passes over what has no place between the entries and the extensions.
			if bytes.Contains(signed, signedPart(t, der)) {
				t.Fatal("a list of the CA's cannot be parsed")
			}
			return
		}
		seen := map[string]bool{}
		for _, entry := range theirs.RevokedCertificateEntries {
			if seen[entry.SerialNumber.String()] || len(seen) == 100 {
				continue // the first one counts
			}
			seen[entry.SerialNumber.String()] = true
			at, reason, found, problem := find(entry.SerialNumber)
			if problem == "" && entry.ReasonCode != 8 && (!found || !at.Equal(entry.RevocationTime) || reason != entry.ReasonCode) {
				t.Errorf("%s: found %v, %s for %d; crypto/x509 has %s for %d", entry.SerialNumber, found, at, reason, entry.RevocationTime, entry.ReasonCode)
			}
		}
		if _, _, found, _ := find(big.NewInt(123456789)); found && !seen["123456789"] && len(seen) < 100 {
			t.Error("a number is found that is not there")
		}
	})
}
