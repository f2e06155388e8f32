package testca

import (
	"crypto"
	"crypto/x509"
	"math/big"
	"testing"

	"golang.org/x/crypto/ocsp"
)

func must[T any](t *testing.T, v T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestAnOrdinaryChainVerifiesWithEveryKindOfKey(t *testing.T) {
	for _, kind := range []KeyType{P256, P384, P521, Ed25519, RSA1024, RSA2048} {
		root := mustCert(t)(SelfSigned(Spec{CommonName: "root", CA: true, KeyType: kind}))
		middle := mustCert(t)(root.Issue(Spec{CommonName: "middle", CA: true, PathLen: PathLenZero}))
		leaf := mustCert(t)(middle.Issue(Spec{CommonName: "a.example", DNSNames: []string{"a.example"}, KeyType: kind}))
		roots, inter := x509.NewCertPool(), x509.NewCertPool()
		roots.AddCert(root.X509)
		inter.AddCert(middle.X509)
		if _, err := leaf.X509.Verify(x509.VerifyOptions{Roots: roots, Intermediates: inter, DNSName: "a.example"}); err != nil {
			t.Errorf("key type %d: %v", kind, err)
		}
		if _, err := leaf.KeyPEM(); err != nil {
			t.Error(err)
		}
	}
}

func mustCert(t *testing.T) func(*Cert, error) *Cert {
	return func(c *Cert, err error) *Cert {
		t.Helper()
		return must(t, c, err)
	}
}

func TestWeakSignaturesAndSmallKeysAreMadeByHand(t *testing.T) {
	for _, d := range []crypto.Hash{crypto.MD5, crypto.SHA1} {
		root := mustCert(t)(SelfSigned(Spec{CommonName: "root", CA: true, KeyType: RSA2048}))
		leaf := mustCert(t)(root.Issue(Spec{CommonName: "leaf", Digest: d}))
		want := map[crypto.Hash]x509.SignatureAlgorithm{crypto.MD5: x509.MD5WithRSA, crypto.SHA1: x509.SHA1WithRSA}[d]
		if leaf.X509.SignatureAlgorithm != want {
			t.Errorf("%v gives %v", d, leaf.X509.SignatureAlgorithm)
		}
	}
	small := mustCert(t)(SelfSigned(Spec{CommonName: "small", KeyType: RSA512}))
	if small.X509 == nil {
		t.Fatal("a certificate of 512 bits does not parse")
	}
	key := small.Key.Public()
	if bits := key.(interface{ Size() int }).Size() * 8; bits != 512 {
		t.Errorf("the key has %d bits", bits)
	}
}

func TestABrokenSignatureDoesNotVerifyAndADamagedOneDoesNotParse(t *testing.T) {
	root := mustCert(t)(SelfSigned(Spec{CommonName: "root", CA: true}))
	broken := mustCert(t)(root.Issue(Spec{CommonName: "leaf", BreakSignature: true}))
	if broken.X509.CheckSignatureFrom(root.X509) == nil {
		t.Error("the broken signature verifies")
	}
	cut := mustCert(t)(root.Issue(Spec{CommonName: "leaf", Damage: func(der []byte) []byte { return der[:len(der)-1] }}))
	if cut.X509 != nil {
		t.Error("the cut certificate parses")
	}
}

func TestListsAndAnswersAreTheIssuers(t *testing.T) {
	root := mustCert(t)(SelfSigned(Spec{CommonName: "root", CA: true}))
	leaf := mustCert(t)(root.Issue(Spec{CommonName: "leaf"}))
	list, err := x509.ParseRevocationList(must(t, firstOf(root.CRL(CRLSpec{Revoked: []*big.Int{leaf.X509.SerialNumber}})), nil))
	if err != nil {
		t.Fatal(err)
	}
	if err := list.CheckSignatureFrom(root.X509); err != nil || len(list.RevokedCertificateEntries) != 1 {
		t.Errorf("%v, %d entries", err, len(list.RevokedCertificateEntries))
	}
	answer, err := root.OCSP(leaf, OCSPSpec{Status: ocsp.Revoked})
	if err != nil {
		t.Fatal(err)
	}
	r, err := ocsp.ParseResponseForCert(answer, leaf.X509, root.X509)
	if err != nil || r.Status != ocsp.Revoked {
		t.Errorf("%v, %+v", err, r)
	}
}

func firstOf(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}
