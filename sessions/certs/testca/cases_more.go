package testca

import (
	"crypto/tls"
	"crypto/x509"

	"golang.org/x/crypto/ocsp"

	"wirebench/sessions/certs"
)

// names adds what a certificate may name.
func (k *kit) names() {
	chain := func(leaf *Cert) Case { return Case{Presented: []*Cert{leaf, k.issuing}} }
	bare := Spec{CommonName: Host}
	k.add("common-name-only", "the host stands in its common name only", chain(k.nameless(k.issuing, bare)), certs.CommonNameOnly)
	bare.CommonName = "Practice Server"
	k.add("no-names", "it names no host", chain(k.nameless(k.issuing, bare)), certs.NoNames)
	k.good("second-name", "the host is the second of its names", Spec{DNSNames: []string{"first.example", Host}})
	wild := chain(k.leaf(k.issuing, Spec{}.named("*.wild.example")))
	wild.Host = "one.wild.example"
	k.add("wildcard", "a wildcard covers the host", wild)
	wild.Host = "one.two.wild.example"
	k.add("wildcard-too-deep", "a wildcard covers one label, and the host has two", wild, certs.NameMismatch)
	address := chain(k.leaf(k.issuing, Spec{}))
	address.Host = "127.0.0.1"
	k.add("ip-address", "the host is one of its addresses", address)
	address.Host = "127.0.0.2"
	k.add("wrong-ip-address", "the host is none of its addresses", address, certs.NameMismatch)
}

// uses adds what a certificate may be made for, and what it is signed with.
func (k *kit) uses() {
	k.good("wrong-usage", "it is for clients", Spec{Usages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}, certs.WrongUsage)
	k.good("any-usage", "it is for any use", Spec{Usages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	k.good("unhandled-critical", "it has a critical extension nobody knows", Spec{Extra: list(UnknownCritical())}, certs.UnhandledCritical)
	k.good("bad-signature", "its signature is wrong", Spec{BreakSignature: true}, certs.BadSignature)
	k.good("ed25519", "its key is an Ed25519 key", Spec{KeyType: Ed25519})
	k.good("ecc521", "its key is on the curve P-521", Spec{KeyType: P521})
	k.good("rsa4096", "its key has 4,096 bits", Spec{KeyType: RSA4096})
	k.good("everything-wrong", "it is expired, for another host and for clients, and its signature is wrong",
		Spec{NotBefore: k.days(-120), NotAfter: k.days(-30), Usages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, BreakSignature: true}.named("wrong.host.example"),
		certs.ExpiredLeaf, certs.NameMismatch, certs.WrongUsage, certs.BadSignature)
}

// revocation adds answers about certificates.
func (k *kit) revocation() {
	demanding, plain := k.leaf(k.issuing, Spec{MustStaple: true}), k.leaf(k.issuing, Spec{})
	stapled := func(name, title string, leaf *Cert, staple []byte, faults ...certs.Code) {
		k.add(name, title, Case{Presented: []*Cert{leaf, k.issuing}, Staple: staple}, faults...)
	}
	delegate := k.issue(k.issuing, Spec{CommonName: "Practice Responder", Usages: []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning},
		Extra: list(NoCheck()), Key: k.key("responder", P256), NotBefore: k.days(-20), NotAfter: k.days(20)})
	intruder := k.issue(k.issuing, Spec{CommonName: "Practice Intruder", Key: k.key("intruder", P256), NotBefore: k.days(-20), NotAfter: k.days(20)})
	over := OCSPSpec{ThisUpdate: k.days(-20), NextUpdate: k.days(-10)}
	early := OCSPSpec{ThisUpdate: k.days(10), NextUpdate: k.days(20)}

	stapled("must-staple-stapled", "it demands a stapled OCSP response, and a good one is sent", demanding, k.ocsp(k.issuing, demanding, OCSPSpec{}))
	stapled("must-staple-delegate", "a delegate of its issuer signed the stapled OCSP response", demanding, k.ocsp(k.issuing, demanding, OCSPSpec{Responder: delegate}))
	for _, bad := range []struct {
		name, title string
		spec        OCSPSpec
	}{
		{"must-staple-expired", "the time of the stapled OCSP response is over", over},
		{"must-staple-early", "the time of the stapled OCSP response has not begun", early},
		{"must-staple-intruder", "the stapled OCSP response is signed by one who may not", OCSPSpec{Responder: intruder}},
		{"must-staple-stranger", "the stapled OCSP response is signed by a stranger", OCSPSpec{Responder: k.root, Alone: true}},
		{"must-staple-broken", "the signature of the stapled OCSP response is wrong", OCSPSpec{BreakSignature: true}},
		{"must-staple-other", "the stapled OCSP response is about another certificate", OCSPSpec{About: plain}},
		{"must-staple-unknown", "the stapled OCSP response says that it is not known", OCSPSpec{Status: ocsp.Unknown}},
	} {
		stapled(bad.name, bad.title, demanding, k.ocsp(k.issuing, demanding, bad.spec), certs.MustStapleMissing)
	}
	stapled("stapled-revoked", "the stapled OCSP response says that it was revoked", plain, k.ocsp(k.issuing, plain, OCSPSpec{Status: ocsp.Revoked, Reason: 1}), certs.RevokedLeaf)
	stapled("stapled-revoked-delegate", "a delegate says that it was revoked", plain, k.ocsp(k.issuing, plain, OCSPSpec{Status: ocsp.Revoked, Responder: delegate}), certs.RevokedLeaf)
	stapled("stapled-revoked-intruder", "one who may not says that it was revoked", plain, k.ocsp(k.issuing, plain, OCSPSpec{Status: ocsp.Revoked, Responder: intruder}))

	lists := func(name, title string, leaf *Cert, crls [][]byte, faults ...certs.Code) {
		k.add(name, title, Case{Presented: []*Cert{leaf, k.issuing}, CRLs: crls}, faults...)
	}
	lists("not-revoked", "its issuer's list has another certificate", plain, [][]byte{k.crl(k.issuing, CRLSpec{}, demanding)})
	lists("ca-revoked", "the root's list has its CA among the revoked", plain, [][]byte{k.crl(k.root, CRLSpec{}, k.issuing)}, certs.RevokedCA)
	lists("both-revoked", "it was revoked, and so was its CA", plain,
		[][]byte{k.crl(k.issuing, CRLSpec{}, plain), k.crl(k.root, CRLSpec{}, k.issuing)}, certs.RevokedLeaf, certs.RevokedCA)
	lists("list-of-a-stranger", "a list signed by another CA counts for nothing", plain, [][]byte{k.crl(k.issuing, CRLSpec{Signer: k.root}, plain)})
	lists("list-broken", "a list whose signature is wrong counts for nothing", plain, [][]byte{k.crl(k.issuing, CRLSpec{BreakSignature: true}, plain)})
	lists("list-of-attributes", "a list of attribute certificates counts for nothing", plain,
		[][]byte{k.crl(k.issuing, CRLSpec{Extra: list(Partition{OnlyAttrs: true}.Extension())})})
	lists("list-of-no-use", "a list that has ended, and one that only holds changes, leave it open whether it was revoked", plain,
		[][]byte{k.crl(k.issuing, CRLSpec{ThisUpdate: k.days(-20), NextUpdate: k.days(-10)}), k.crl(k.issuing, CRLSpec{Number: 2, Extra: list(Delta(1))})})
}

// chains adds what may be wrong with CAs.
func (k *kit) chains() {
	under := func(name, title string, s Spec, faults ...certs.Code) {
		ca := k.ca(k.root, "Practice Bad CA", s)
		k.add(name, title, Case{Presented: []*Cert{k.leaf(ca, Spec{}), ca}}, faults...)
	}
	under("ca-expired", "its CA's time is over", Spec{NotAfter: k.days(-3)}, certs.CAExpired)
	under("ca-not-yet-valid", "its CA's time has not begun", Spec{NotBefore: k.days(3)}, certs.CANotYetValid)
	under("ca-unhandled-critical", "its CA has a critical extension nobody knows", Spec{Extra: list(UnknownCritical())}, certs.CAUnhandledCritical)
	under("ca-wrong-usage", "its CA may only issue for e-mail", Spec{Usages: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}}, certs.CAWrongUsage)
	under("ca-bad-signature", "its CA's signature is wrong", Spec{BreakSignature: true}, certs.CABadSignature)
	under("ca-rsa512", "its CA's key has 512 bits", Spec{KeyType: RSA512}, certs.CAWeakKey)
	under("ca-not-for-signing", "its CA's key may not sign certificates", Spec{KeyUsage: x509.KeyUsageCRLSign}, certs.NotACA)
	under("name-constraints", "its CA may not issue for the host", Spec{PermittedDNS: []string{"elsewhere.example"}}, certs.NameConstraints)
	under("name-excluded", "its CA may issue for all hosts but this", Spec{ExcludedDNS: []string{Host}}, certs.NameConstraints)
	under("name-permitted", "its CA may issue for the host", Spec{PermittedDNS: []string{Host}})
	under("policies", "its CA demands a policy, and it has none", Spec{Extra: list(ExplicitPolicy())}, certs.Policies)

	shop := k.leaf(k.root, Spec{Key: k.key("shop", P256), CommonName: "Practice Shop"}.named("shop.example"))
	k.add("not-a-ca", "it was issued by a server", Case{Presented: []*Cert{k.leaf(shop, Spec{}), shop}}, certs.NotACA)
	below := k.ca(k.issuing, "Practice Sub-CA", Spec{})
	k.add("path-too-long", "there is a CA too many above it", Case{Presented: []*Cert{k.leaf(below, Spec{}), below, k.issuing}}, certs.PathTooLong)

	over := k.ca(nil, "Practice Old Root", Spec{NotBefore: k.days(-800), NotAfter: k.days(-3)})
	k.add("root-expired", "its root's time is over", Case{Presented: []*Cert{k.leaf(over, Spec{})}, Roots: []*Cert{over}}, certs.CAExpired)
	stranger := k.ca(nil, "Practice Stranger", Spec{})
	k.add("root-missing", "its root is neither sent nor trusted", Case{Presented: []*Cert{k.leaf(stranger, Spec{})}}, certs.IssuerMissing)
	own := k.leaf(nil, Spec{})
	k.add("self-signed-trusted", "it is its own issuer, and trusted", Case{Presented: []*Cert{own}, Roots: []*Cert{own}})
	leaf := k.leaf(k.issuing, Spec{})
	k.add("root-sent", "the trusted root was sent along", Case{Presented: []*Cert{leaf, k.issuing, k.root}})
	k.add("sent-twice", "the intermediate was sent twice, with one of another chain", Case{Presented: []*Cert{leaf, k.issuing, stranger, k.issuing}})
	k.add("leaf-under-root", "the root issued it without an intermediate", Case{Presented: []*Cert{k.leaf(k.root, Spec{})}})
}

// unparsable adds what crypto/x509 refuses to read.
func (k *kit) unparsable() {
	for _, bad := range []struct {
		name, title string
		spec        Spec
	}{
		{"negative-serial", "has a negative serial number", Spec{Mangle: NegativeSerial}},
		{"broken-san", "has alternative names that are none", Spec{Extra: list(BrokenSAN())}},
		{"trailing-data", "has something behind it", Spec{Damage: TrailingData}},
		{"garbage", "is no certificate at all", Spec{Damage: Garbage}},
	} {
		k.good(bad.name, "it "+bad.title, bad.spec, certs.Unparsable)
		s := bad.spec
		ca := k.ca(k.root, "Practice Bad CA", Spec{})
		broken := k.ca(k.root, "Practice Bad CA", s)
		k.add("ca-"+bad.name, "its CA's certificate "+bad.title, Case{Presented: []*Cert{k.leaf(ca, Spec{}), broken}}, certs.Unparsable, certs.IssuerMissing)
		k.add("extra-"+bad.name, "a certificate sent along "+bad.title, Case{Presented: []*Cert{k.leaf(k.issuing, Spec{}), k.issuing, broken}}, certs.Unparsable)
	}
	demanding := k.leaf(k.issuing, Spec{MustStaple: true})
	k.add("unparsable-and-stapled", "a certificate sent along cannot be read, and the demanded OCSP response is there",
		Case{Presented: []*Cert{demanding, k.issuing, k.leaf(k.issuing, Spec{Damage: Garbage})}, Staple: k.ocsp(k.issuing, demanding, OCSPSpec{})}, certs.Unparsable)
	weak := Case{Presented: []*Cert{k.leaf(k.issuing, Spec{KeyType: RSA512}), k.leaf(k.issuing, Spec{Damage: Garbage})}, MaxVersion: tls.VersionTLS12}
	k.add("unparsable-and-rsa512", "its CA's certificate cannot be read, and its key has 512 bits", weak, certs.Unparsable, certs.IssuerMissing, certs.WeakKey)
}

func list[T any](all ...T) []T { return all }
