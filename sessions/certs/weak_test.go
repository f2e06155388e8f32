package certs_test

import (
	"crypto"
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"wirebench/sessions/certs"
	"wirebench/sessions/certs/testca"
)

// TestWeakSignaturesAndKeys covers what crypto/x509 refuses to look at, so that it has to be computed here.
func TestWeakSignaturesAndKeys(t *testing.T) {
	rsa2048, rsa1024, rsa512, p256 := newKey(t, testca.RSA2048), newKey(t, testca.RSA1024), newKey(t, testca.RSA512), newKey(t, testca.P256)
	type step = testca.Spec
	for _, c := range []struct {
		name    string
		root    step
		mid     step
		leaf    step
		trusted bool // the root
		faults  []certs.Code
		warns   []certs.Code
	}{
		{"a leaf signed with SHA-1 by RSA", step{}, step{Key: rsa2048}, step{Digest: crypto.SHA1}, true, []certs.Code{certs.WeakSignature}, nil},
		{"a leaf signed with SHA-1 by ECDSA", step{}, step{}, step{Digest: crypto.SHA1}, true, []certs.Code{certs.WeakSignature}, nil},
		{"a leaf signed with MD5", step{}, step{Key: rsa2048}, step{Digest: crypto.MD5}, true, []certs.Code{certs.WeakSignature}, nil},
		{"a leaf signed with MD5 below an unknown root", step{}, step{Key: rsa2048}, step{Digest: crypto.MD5}, false, []certs.Code{certs.WeakSignature, certs.UntrustedRoot}, nil},
		{"a wrong SHA-1 signature", step{}, step{Key: rsa2048}, step{Digest: crypto.SHA1, BreakSignature: true}, true, []certs.Code{certs.BadSignature, certs.WeakSignature}, nil},
		{"a wrong MD5 signature", step{}, step{Key: rsa2048}, step{Digest: crypto.MD5, BreakSignature: true}, true, []certs.Code{certs.BadSignature, certs.WeakSignature}, nil},
		{"a CA signed with SHA-1", step{}, step{Digest: crypto.SHA1}, step{}, true, []certs.Code{certs.CAWeakSignature}, nil},
		{"a CA signed with MD5", step{Key: rsa2048}, step{Digest: crypto.MD5}, step{}, true, []certs.Code{certs.CAWeakSignature}, nil},
		{"a trusted root signed with SHA-1", step{Digest: crypto.SHA1}, step{}, step{}, true, nil, []certs.Code{certs.AnchorWeakSignature}},
		{"an unknown root signed with MD5", step{Digest: crypto.MD5, Key: rsa2048}, step{}, step{}, false, []certs.Code{certs.UntrustedRoot}, nil},
		{"a leaf with a key of 512 bits", step{}, step{}, step{Key: rsa512}, true, []certs.Code{certs.WeakKey}, nil},
		{"a CA with a key of 512 bits", step{}, step{Key: rsa512}, step{}, true, []certs.Code{certs.CAWeakKey}, nil},
		{"a CA with a key of 512 bits and a wrong signature of the leaf", step{}, step{Key: rsa512}, step{BreakSignature: true}, true, []certs.Code{certs.BadSignature, certs.CAWeakKey}, nil},
		{"a CA with a key of 512 bits that signs with SHA-1", step{}, step{Key: rsa512}, step{Digest: crypto.SHA1}, true, []certs.Code{certs.WeakSignature, certs.CAWeakKey}, nil},
		{"a root with a key of 512 bits", step{Key: rsa512}, step{}, step{}, true, []certs.Code{certs.CAWeakKey}, nil},
		{"keys of 1,024 bits", step{Key: rsa1024}, step{Key: rsa1024}, step{Key: rsa1024}, true, nil, []certs.Code{certs.SmallKey, certs.SmallKey, certs.SmallKey}},
		{"a good chain", step{}, step{Key: rsa2048}, step{Key: p256}, true, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.root.CA, c.mid.CA = true, true
			c.root.CommonName, c.mid.CommonName, c.leaf.CommonName, c.leaf.DNSNames = "Root", "Middle", "www.example.com", []string{"www.example.com"}
			top, err := testca.SelfSigned(c.root)
			if err != nil {
				t.Fatal(err)
			}
			middle, err := top.Issue(c.mid)
			if err != nil {
				t.Fatal(err)
			}
			leaf, err := middle.Issue(c.leaf)
			if err != nil {
				t.Fatal(err)
			}
			in := certs.Input{Presented: [][]byte{leaf.DER, middle.DER}, Host: "www.example.com", Time: time.Now(), Usage: x509.ExtKeyUsageServerAuth}
			if c.trusted {
				in.Store = certs.NewStore(top.X509)
			} else {
				in.Presented = append(in.Presented, top.DER)
			}
			r := certs.Check(in)
			status := certs.Trusted
			if len(c.faults) > 0 {
				status = find(t, r.Faults, c.faults[0]).Status
			}
			is(t, r, status, c.faults...)
			names(t, r, "www.example.com", "Middle", "Root")
			var warns []certs.Code
			for _, w := range r.Warnings {
				warns = append(warns, w.Code)
			}
			if len(warns) != len(c.warns) || len(warns) > 0 && warns[0] != c.warns[0] {
				t.Errorf("warnings %v, want %v", warns, c.warns)
			}
		})
	}
}

func TestAWeakSignatureIsToldWithTheIssuerMissing(t *testing.T) {
	ca, err := testca.SelfSigned(testca.Spec{CommonName: "Root", CA: true, KeyType: testca.RSA2048})
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := ca.Issue(testca.Spec{DNSNames: []string{"www.example.com"}, Digest: crypto.MD5})
	if err != nil {
		t.Fatal(err)
	}
	in := certs.Input{Presented: [][]byte{leaf.DER}, Host: "www.example.com", Time: time.Now(), Usage: x509.ExtKeyUsageServerAuth}
	is(t, certs.Check(in), certs.Invalid, certs.WeakSignature, certs.IssuerMissing)
}

func newKey(t *testing.T, kind testca.KeyType) crypto.Signer {
	t.Helper()
	key, err := testca.NewKey(kind)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestTheHintForASelfSignedRootThatSomebodyTrusts(t *testing.T) {
	own, err := testca.SelfSigned(testca.Spec{CommonName: "www.example.com", DNSNames: []string{"www.example.com"}, CA: true, Usages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	if err != nil {
		t.Fatal(err)
	}
	in := certs.Input{Presented: [][]byte{own.DER}, Host: "www.example.com", Time: time.Now(), Usage: x509.ExtKeyUsageServerAuth}
	r := certs.Check(in)
	is(t, r, certs.UntrustedSigners, certs.SelfSigned)
	if !strings.Contains(r.Faults[0].Hint, "as a trusted one") {
		t.Errorf("hint %q", r.Faults[0].Hint)
	}
	in.Store = certs.NewStore(own.X509)
	is(t, certs.Check(in), certs.Trusted)
}
