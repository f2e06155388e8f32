package testca

import (
	"crypto"
	"crypto/x509"
	"slices"

	"wirebench/sessions/certs"
)

// fault is one that can be combined with others.
type fault struct {
	name, title string
	code        certs.Code
	part        string // what of the chain it changes; two faults of one part contradict one another
	apply       func(*kit, *design)
}

var faults = []fault{
	// The leaf's.
	{"expired", "its time is over", certs.ExpiredLeaf, "leaf's time",
		func(k *kit, d *design) { d.leaf.NotBefore, d.leaf.NotAfter = k.days(-120), k.days(-30) }},
	{"not-yet-valid", "its time has not begun", certs.NotYetValidLeaf, "leaf's time",
		func(k *kit, d *design) { d.leaf.NotBefore, d.leaf.NotAfter = k.days(30), k.days(120) }},
	{"wrong-host", "it is for another host", certs.NameMismatch, "leaf's names",
		func(_ *kit, d *design) { d.leaf, d.names = d.leaf.named("wrong.host.example"), true }},
	{"common-name-only", "the host stands in its common name only", certs.CommonNameOnly, "leaf's names",
		func(_ *kit, d *design) { d.leaf.CommonName, d.names = Host, true }},
	{"no-names", "it names no host", certs.NoNames, "leaf's names",
		func(_ *kit, d *design) { d.names = true }},
	{"sha1", "it is signed with SHA-1", certs.WeakSignature, "leaf's digest",
		func(_ *kit, d *design) { d.leaf.Digest = crypto.SHA1 }},
	{"md5", "it is signed with MD5", certs.WeakSignature, "leaf's digest",
		func(_ *kit, d *design) {
			d.leaf.Digest = crypto.MD5
			if d.issuing.KeyType == P256 {
				d.issuing.KeyType = RSA2048 // MD5 goes with RSA only
			}
		}},
	{"bad-signature", "its signature is wrong", certs.BadSignature, "leaf's signature",
		func(_ *kit, d *design) { d.leaf.BreakSignature = true }},
	{"rsa512", "its key has 512 bits", certs.WeakKey, "leaf's key",
		func(_ *kit, d *design) { d.leaf.KeyType = RSA512 }},
	{"unhandled-critical", "it has a critical extension nobody knows", certs.UnhandledCritical, "leaf's extensions",
		func(_ *kit, d *design) { d.leaf.Extra = list(UnknownCritical()) }},
	{"wrong-usage", "it is for clients", certs.WrongUsage, "leaf's usage",
		func(_ *kit, d *design) { d.leaf.Usages = list(x509.ExtKeyUsageClientAuth) }},
	{"must-staple", "the OCSP response it demands is missing", certs.MustStapleMissing, "staple",
		func(_ *kit, d *design) { d.leaf.MustStaple = true }},
	{"revoked", "it was revoked", certs.RevokedLeaf, "issuing CA's list",
		func(_ *kit, d *design) { d.revoked = true }},

	// How the chain ends, and what is sent.
	{"self-signed", "it is its own issuer", certs.SelfSigned, "chain's end",
		func(_ *kit, d *design) { d.selfSigned = true }},
	{"untrusted-root", "its root is not trusted, though sent", certs.UntrustedRoot, "chain's end",
		func(_ *kit, d *design) { d.untrustedRoot = true }},
	{"root-missing", "its root is neither sent nor trusted", certs.IssuerMissing, "chain's end",
		func(_ *kit, d *design) { d.noRoot = true }},
	{"incomplete-chain", "no CA was sent", certs.IssuerMissing, "chain's end",
		func(_ *kit, d *design) { d.noIssuing = true }},
	{"unparsable", "something sent along cannot be read", certs.Unparsable, "what is sent",
		func(_ *kit, d *design) { d.garbage = true }},

	// Those of the CA that issued the leaf.
	{"ca-not-yet-valid", "its CA's time has not begun", certs.CANotYetValid, "issuing CA's time",
		func(k *kit, d *design) { d.issuing.NotBefore = k.days(3) }},
	{"ca-sha1", "its CA's certificate is signed with SHA-1", certs.CAWeakSignature, "issuing CA's digest",
		func(_ *kit, d *design) { d.issuing.Digest = crypto.SHA1 }},
	{"ca-bad-signature", "its CA's signature is wrong", certs.CABadSignature, "issuing CA's signature",
		func(_ *kit, d *design) { d.issuing.BreakSignature = true }},
	{"ca-rsa512", "its CA's key has 512 bits", certs.CAWeakKey, "issuing CA's key",
		func(_ *kit, d *design) { d.issuing.KeyType = RSA512 }},
	{"not-a-ca", "its issuer is no CA", certs.NotACA, "issuing CA's basic constraints",
		func(_ *kit, d *design) { d.noCA = true }},
	{"ca-wrong-usage", "its CA may only issue for e-mail", certs.CAWrongUsage, "issuing CA's usage",
		func(_ *kit, d *design) { d.issuing.Usages = list(x509.ExtKeyUsageEmailProtection) }},
	{"policies", "its CA demands a policy, and it has none", certs.Policies, "issuing CA's policies",
		func(_ *kit, d *design) { d.issuing.Extra = append(d.issuing.Extra, ExplicitPolicy()) }},
	{"ca-revoked", "its CA was revoked", certs.RevokedCA, "upper CA's list",
		func(_ *kit, d *design) { d.revokedCA = true }},

	// Those of the CA above.
	{"ca-expired", "the time of the CA above is over", certs.CAExpired, "upper CA's time",
		func(k *kit, d *design) { d.upper.NotAfter = k.days(-3) }},
	{"ca-unhandled-critical", "the CA above has a critical extension nobody knows", certs.CAUnhandledCritical, "upper CA's extensions",
		func(_ *kit, d *design) { d.upper.Extra = list(UnknownCritical()) }},
	{"path-too-long", "the CA above may have none below it", certs.PathTooLong, "upper CA's path length",
		func(_ *kit, d *design) { d.upper.PathLen = PathLenZero }},
	{"name-constraints", "the CA above may not issue for its names", certs.NameConstraints, "upper CA's name constraints",
		func(_ *kit, d *design) { d.upper.PermittedDNS = []string{"elsewhere.example"} }},
}

// group is the names of some faults.
type group []string

func (g group) has(name string) bool { return slices.Contains(g, name) }

var ofCAs = group{"ca-not-yet-valid", "ca-sha1", "ca-bad-signature", "ca-rsa512", "not-a-ca", "ca-wrong-usage", "policies", "ca-revoked",
	"ca-expired", "ca-unhandled-critical", "path-too-long", "name-constraints"}

// apart lists what does not go together, beside faults of the same part. Everything else does: each
// property is looked at with all others left out.
var apart = []struct {
	one, other group
	why        string
}{
	{group{"self-signed"}, ofCAs, "contradiction: there is no CA above it"},
	{group{"self-signed"}, group{"revoked"}, "contradiction: nobody but itself could revoke it"},
	{group{"self-signed"}, group{"sha1", "md5", "bad-signature"}, "not observable: signatures count below the last certificate of a chain, and it is the last"},
	{group{"incomplete-chain"}, ofCAs, "not observable: no CA was sent"},
	{group{"incomplete-chain"}, group{"bad-signature", "revoked"}, "not observable: only its issuer's key tells"},
	{group{"sha1", "md5"}, group{"bad-signature"}, "not observable: a verifier that refuses the digest does not look at the signature"},
	{group{"ca-sha1"}, group{"ca-bad-signature"}, "not observable, as with the leaf"},
	{group{"common-name-only", "no-names"}, group{"name-constraints"}, "not observable: without alternative names there is nothing to constrain"},
	{group{"not-a-ca"}, group{"path-too-long"}, "contradiction: the CA too many would be no CA"},
	{group{"not-a-ca"}, group{"revoked"}, "contradiction: who is no CA has no list of what it revoked"},
	{group{"ca-rsa512"}, group{"revoked"}, "not observable: the list is signed with a key that anyone may have, and proves nothing"},
	{group{"ca-rsa512"}, group{"bad-signature"}, "not observable: a verifier that refuses the key does not look at the signature"},
}
