package testca

import (
	"crypto"
	"crypto/x509/pkix"
	"fmt"

	"wirebench/sessions/certs"
)

// badssl adds the certificates of badssl.com, under its names.
func (k *kit) badssl() {
	k.good("good", "nothing is wrong with it", Spec{})
	k.good("expired", "its time is over", Spec{NotBefore: k.days(-120), NotAfter: k.days(-30)}, certs.ExpiredLeaf)
	k.good("not-yet-valid", "its time has not begun", Spec{NotBefore: k.days(30), NotAfter: k.days(120)}, certs.NotYetValidLeaf)
	k.good("wrong-host", "it is for another host", Spec{}.named("wrong.host.example"), certs.NameMismatch)
	k.add("self-signed", "it is its own issuer", Case{Presented: []*Cert{k.leaf(nil, Spec{})}}, certs.SelfSigned)

	private := k.ca(nil, "Private Root", Spec{})
	k.add("untrusted-root", "its root is not trusted, though sent", Case{Presented: []*Cert{k.leaf(private, Spec{}), private}}, certs.UntrustedRoot)
	k.add("incomplete-chain", "the intermediate was not sent", Case{Presented: []*Cert{k.leaf(k.issuing, Spec{})}}, certs.IssuerMissing)

	upper := k.ca(k.root, "Practice Upper CA", Spec{})
	lower := k.ca(upper, "Practice Lower CA", Spec{})
	k.add("reversed-chain", "the intermediates were sent in the wrong order",
		Case{Presented: []*Cert{k.leaf(lower, Spec{}), upper, lower}})

	revoked := k.leaf(k.issuing, Spec{})
	k.add("revoked", "its issuer's list has it among the revoked",
		Case{Presented: []*Cert{revoked, k.issuing}, CRLs: [][]byte{k.crl(k.issuing, CRLSpec{}, revoked)}}, certs.RevokedLeaf)

	k.good("no-common-name", "its subject has no common name", Spec{Subject: &pkix.Name{Organization: []string{"Practice"}}})
	k.good("no-subject", "its subject is empty", Spec{NoSubject: true})
	k.good("1000-sans", "it has 1,000 names", k.many(1000))
	k.good("10000-sans", "it has 10,000 names", k.many(10000))

	k.good("sha1-leaf", "it is signed with SHA-1", Spec{Digest: crypto.SHA1}, certs.WeakSignature)
	old := k.ca(k.root, "SHA-1 CA", Spec{Digest: crypto.SHA1})
	k.add("sha1-intermediate", "its CA's certificate is signed with SHA-1", Case{Presented: []*Cert{k.leaf(old, Spec{}), old}}, certs.CAWeakSignature)
	rsa := k.ca(k.root, "RSA CA", Spec{KeyType: RSA2048})
	k.add("md5", "it is signed with MD5", Case{Presented: []*Cert{k.leaf(rsa, Spec{Digest: crypto.MD5}), rsa}}, certs.WeakSignature)

	k.good("rsa512", "its key has 512 bits", Spec{KeyType: RSA512}, certs.WeakKey)
	k.good("rsa1024", "its key has 1,024 bits", Spec{KeyType: RSA1024})
	k.good("rsa2048", "its key has 2,048 bits", Spec{KeyType: RSA2048})
	k.good("rsa8192", "its key has 8,192 bits", Spec{KeyType: RSA8192})
	k.good("ecc256", "its key is on the curve P-256", Spec{KeyType: P256})
	k.good("ecc384", "its key is on the curve P-384", Spec{KeyType: P384})

	k.good("must-staple", "it demands a stapled OCSP response, and none is sent", Spec{MustStaple: true}, certs.MustStapleMissing)

	// An adware's root of 2015, whose private key came along with it: 1,024 bits, signed with SHA-1.
	adware := k.ca(nil, "Adware, Inc.", Spec{KeyType: RSA1024})
	k.add("superfish", "its root came with adware", Case{Presented: []*Cert{k.leaf(adware, Spec{}), adware}}, certs.UntrustedRoot)
	installed := k.ca(nil, "Adware, Inc.", Spec{KeyType: RSA1024, Digest: crypto.SHA1})
	k.add("superfish-installed", "its root came with adware, and is trusted",
		Case{Presented: []*Cert{k.leaf(installed, Spec{}), installed}, Roots: []*Cert{installed}})
}

// many has n names, [Host] the last.
func (k *kit) many(n int) Spec {
	s := Spec{}.named(Host)
	names := make([]string, 0, n)
	for i := range n - 1 {
		names = append(names, fmt.Sprintf("h%d.example", i))
	}
	s.DNSNames = append(names, Host)
	return s
}
