package certs

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"strings"
	"time"
)

// Everything here looks at one property of one certificate and at nothing else, so that no fault hides
// another and none is reported twice under two names.

// finding is a fault or a warning about a certificate; its status follows from its code.
func finding(code Code, depth int, c *x509.Certificate, detail, hint string) Finding {
	return Finding{Status: statusOf(code), Code: code, Depth: depth, Subject: SubjectText(c), SHA256: Fingerprint(c.Raw), Detail: detail, Hint: hint}
}

// pathFaults are the faults of a chain that do not depend on names or policies: the signatures, the CAs,
// the time, and how it ends.
func (k *checker) pathFaults(chain []*x509.Certificate, anchored bool) []Finding {
	var faults []Finding
	for i, c := range chain {
		anchor := anchored && i == len(chain)-1
		if i+1 < len(chain) {
			faults = append(faults, signatureFaults(i, c, chain[i+1], k.builder.link(c, chain[i+1]))...)
		}
		if i+1 < len(chain) || !anchor && !selfIssued(c) { // nobody checks how a root, trusted or not, signed itself
			faults = append(faults, weakFaults(i, c)...)
		}
		faults = append(faults, timeFaults(i, c, k.in.Time)...)
		faults = append(faults, criticalFaults(i, c)...)
		faults = append(faults, keyFaults(i, c)...)
		faults = append(faults, usageFaults(i, c, k.in.Usage)...)
		faults = append(faults, malformed(i, c)...)
		if i > 0 {
			faults = append(faults, caFaults(i, c, anchor)...)
			faults = append(faults, lengthFaults(i, chain)...)
		}
	}
	if !anchored {
		faults = append(faults, k.topFaults(chain)...)
	}
	return faults
}

// pick is the code of the leaf at depth 0 and that of a CA elsewhere.
func pick(depth int, leaf, ca Code) Code {
	if depth == 0 {
		return leaf
	}
	return ca
}

// weakFaults looks at the algorithm of the signature alone, so that it is told with the issuer missing too.
func weakFaults(depth int, c *x509.Certificate) []Finding {
	if !weakAlgorithm(c.SignatureAlgorithm) {
		return nil
	}
	return []Finding{finding(pick(depth, WeakSignature, CAWeakSignature), depth, c,
		fmt.Sprintf("it is signed with %s, which can be forged or is no longer accepted", c.SignatureAlgorithm),
		"have it issued anew with a SHA-256 signature; every CA does that today")}
}

func signatureFaults(depth int, c, issuer *x509.Certificate, l link) []Finding {
	var faults []Finding
	switch {
	case l.state == linkBad:
		faults = append(faults, finding(pick(depth, BadSignature, CABadSignature), depth, c,
			fmt.Sprintf("%s (%s)", l.why, SubjectText(issuer)),
			"the file was damaged or changed, or the certificate sent along is another one of the same name: install it again as the CA handed it out, with the CA's own chain"))
	case l.state == linkUnchecked && !weakAlgorithm(c.SignatureAlgorithm): // such a one counts for nothing anyway
		faults = append(faults, finding(pick(depth, BadSignature, CABadSignature), depth, c,
			"its signature could not be checked: "+l.why,
			"have it issued with RSA of 2,048 to 4,096 bits, ECDSA or Ed25519, which clients understand"))
	}
	return faults
}

func timeFaults(depth int, c *x509.Certificate, at time.Time) []Finding {
	switch {
	case at.After(c.NotAfter):
		hint := "renew it, install the new one, and reload the server"
		if depth > 0 {
			hint = "install the CA's present certificate in its place: ask the CA for its current chain"
		}
		return []Finding{finding(pick(depth, ExpiredLeaf, CAExpired), depth, c,
			fmt.Sprintf("it ended on %s, %s before %s", stamp(c.NotAfter), between(c.NotAfter, at), stampNow(at, c.NotAfter)), hint)}
	case at.Before(c.NotBefore):
		return []Finding{finding(pick(depth, NotYetValidLeaf, CANotYetValid), depth, c,
			fmt.Sprintf("it begins on %s, %s after %s", stamp(c.NotBefore), between(at, c.NotBefore), stampNow(at, c.NotBefore)),
			"check the clock of this machine first; if it is right, wait, or have a certificate issued that is valid now")}
	}
	return nil
}

func criticalFaults(depth int, c *x509.Certificate) []Finding {
	if len(c.UnhandledCriticalExtensions) == 0 {
		return nil
	}
	oids := make([]string, 0, maxListed+1)
	for _, oid := range c.UnhandledCriticalExtensions[:min(len(c.UnhandledCriticalExtensions), maxListed+1)] {
		oids = append(oids, oid.String())
	}
	hint := "have it issued without the extension, or not marked critical; clients that do not know it must refuse the certificate"
	if extension(c, oidNameConstraints) != nil && strings.Contains(strings.Join(oids, " "), oidNameConstraints.String()) {
		hint = "its name constraints are of a kind, such as directory names, that is not evaluated here nor by many clients; constrain DNS names, IP addresses, e-mail addresses or URIs"
	}
	n := len(c.UnhandledCriticalExtensions)
	what := "extension that is"
	if n > 1 {
		what = "extensions that are"
	}
	return []Finding{finding(pick(depth, UnhandledCritical, CAUnhandledCritical), depth, c,
		fmt.Sprintf("it has a critical %s not known here: %s", what, list(oids, n)), hint)}
}

func keyFaults(depth int, c *x509.Certificate) []Finding {
	code := pick(depth, WeakKey, CAWeakKey)
	if c.PublicKeyAlgorithm == x509.DSA {
		return []Finding{finding(code, depth, c, "its key is a DSA key, which TLS clients no longer take",
			"make a new key of the kind ECDSA P-256 or RSA 2,048, and have a certificate issued for it")}
	}
	if pub, ok := c.PublicKey.(*rsa.PublicKey); ok {
		switch bits := pub.N.BitLen(); {
		case bits < minRSABits:
			return []Finding{finding(code, depth, c, fmt.Sprintf("its RSA key has %d bits; below %s the private key can be computed", bits, count(minRSABits)),
				"make a new key of 2,048 bits or more, or an ECDSA P-256 key, and have a certificate issued for it")}
		case pub.N.Bit(0) == 0 || pub.E < 2 || pub.E&1 == 0:
			return []Finding{finding(code, depth, c, fmt.Sprintf("its RSA key is none: the modulus or the exponent (%d) is not an odd number above 1", pub.E),
				"make a new key with an ordinary tool, and have a certificate issued for it")}
		}
	}
	return nil
}

// usages are words for what a certificate may be made for.
var usages = map[x509.ExtKeyUsage]string{
	x509.ExtKeyUsageAny: "anything", x509.ExtKeyUsageServerAuth: "TLS servers", x509.ExtKeyUsageClientAuth: "TLS clients",
	x509.ExtKeyUsageCodeSigning: "signing code", x509.ExtKeyUsageEmailProtection: "e-mail", x509.ExtKeyUsageIPSECEndSystem: "IPsec end systems",
	x509.ExtKeyUsageIPSECTunnel: "IPsec tunnels", x509.ExtKeyUsageIPSECUser: "IPsec users", x509.ExtKeyUsageTimeStamping: "time stamps",
	x509.ExtKeyUsageOCSPSigning: "signing OCSP responses", x509.ExtKeyUsageMicrosoftServerGatedCrypto: "server gated crypto (Microsoft)",
	x509.ExtKeyUsageNetscapeServerGatedCrypto: "server gated crypto (Netscape)", x509.ExtKeyUsageMicrosoftCommercialCodeSigning: "signing commercial code (Microsoft)",
	x509.ExtKeyUsageMicrosoftKernelCodeSigning: "signing kernel code (Microsoft)",
}

// usageFaults checks the extended key usage of one certificate. That of a CA limits what it may issue for,
// which RFC 5280 does not say but every verifier does.
func usageFaults(depth int, c *x509.Certificate, want x509.ExtKeyUsage) []Finding {
	if want == x509.ExtKeyUsageAny || len(c.ExtKeyUsage) == 0 && len(c.UnknownExtKeyUsage) == 0 {
		return nil
	}
	names := make([]string, 0, maxListed+1)
	for _, usage := range c.ExtKeyUsage {
		if usage == want || usage == x509.ExtKeyUsageAny {
			return nil
		}
		if len(names) <= maxListed {
			names = append(names, usages[usage])
		}
	}
	for _, oid := range c.UnknownExtKeyUsage {
		if len(names) <= maxListed {
			names = append(names, oid.String())
		}
	}
	total := len(c.ExtKeyUsage) + len(c.UnknownExtKeyUsage)
	if depth == 0 {
		return []Finding{finding(WrongUsage, 0, c, fmt.Sprintf("it is made for %s, not for %s", list(names, total), usages[want]),
			fmt.Sprintf("have a certificate issued whose extended key usage names %s", usages[want]))}
	}
	return []Finding{finding(CAWrongUsage, depth, c, fmt.Sprintf("it may issue certificates for %s, not for %s", list(names, total), usages[want]),
		fmt.Sprintf("have the certificate issued by a CA that may issue for %s", usages[want]))}
}

// caFaults checks that c may sign certificates at all. An anchor of version 1 is taken as a CA, since
// that version has no way to say so.
func caFaults(depth int, c *x509.Certificate, anchor bool) []Finding {
	var why string
	switch {
	case c.BasicConstraintsValid && !c.IsCA:
		why = "its basic constraints say that it is no CA"
	case !c.BasicConstraintsValid && (c.Version == 3 || !anchor):
		why = "it has no basic constraints, which a CA must have"
	case c.KeyUsage&x509.KeyUsageCertSign == 0 && extension(c, oidKeyUsage) != nil:
		why = "its key usage lacks the signing of certificates"
	default:
		return nil
	}
	return []Finding{finding(NotACA, depth, c, "it issued the certificate below it, but "+why,
		"have the certificate issued by a real CA; whoever has a server's certificate must not be able to issue more")}
}

func lengthFaults(depth int, chain []*x509.Certificate) []Finding {
	c, below := chain[depth], depth-1
	if !c.BasicConstraintsValid || c.MaxPathLen < 0 || below <= c.MaxPathLen {
		return nil
	}
	allowed := "no other CA"
	if c.MaxPathLen > 0 {
		allowed = "at most " + plural(c.MaxPathLen, "CA")
	}
	return []Finding{finding(PathTooLong, depth, c, fmt.Sprintf("it allows %s below itself, but %d stand there", allowed, below),
		"have the certificate issued by a CA nearer to the root, or let the root's owner issue a CA certificate that allows the depth")}
}

// topFaults says how a chain ends that reaches no anchor.
func (k *checker) topFaults(chain []*x509.Certificate) []Finding {
	depth := len(chain) - 1
	top := chain[depth]
	if selfIssued(top) && keyMatch(top, top) != keyDiffers {
		var faults []Finding
		if l := k.builder.link(top, top); l.state == linkBad {
			faults = append(faults, finding(pick(depth, BadSignature, CABadSignature), depth, top,
				"it calls itself its own issuer, but its signature does not belong to its own key", "the file was damaged or changed: install it again"))
		}
		if depth == 0 {
			return append(faults, finding(SelfSigned, 0, top, "it is its own issuer, and is not among "+storeText(k.in.Store),
				"for a server of your own give this certificate as a trusted one; else have a certificate issued by a CA that clients trust"))
		}
		return append(faults, finding(UntrustedRoot, depth, top, "the chain ends in this root, which is not among "+storeText(k.in.Store),
			"if the root is yours, or your company's, give it as a trusted one; else have the certificate issued by a CA that clients trust"))
	}
	detail, hint := k.missing(top, chain)
	return []Finding{finding(IssuerMissing, depth, top, detail, hint)}
}

// missing explains why no issuer of top was found.
func (k *checker) missing(top *x509.Certificate, chain []*x509.Certificate) (detail, hint string) {
	issuer := IssuerText(top)
	hint = "let the server send the whole chain, all but the root, as the CA hands it out (often called fullchain)"
	if len(top.IssuingCertificateURL) > 0 {
		hint += "; the certificate says where its issuer can be fetched"
	}
	for _, c := range chain {
		if bytes.Equal(c.RawSubject, top.RawIssuer) {
			return "its issuer " + issuer + " leads back to a certificate below it: the CAs vouch for one another and for no root",
				"add a certificate of one of these CAs that a trusted root has issued"
		}
	}
	if k.builder.exhausted {
		return "no way to a trusted root was found among the first of too many possible ones", "let the server send only the certificates of its chain"
	}
	if namesakes := k.builder.issuers(top); len(namesakes) > 0 {
		c, where := namesakes[0], "sent along"
		if k.in.Store.Contains(c) {
			where = "trusted"
		}
		return fmt.Sprintf("its issuer %s is missing; a certificate of that name is %s, but with another key (%s, not %s)",
			issuer, where, keyID(c.SubjectKeyId), keyID(top.AuthorityKeyId)), hint
	}
	for _, p := range k.report.Presented {
		if p.Cert != nil && p.Cert != top && len(top.AuthorityKeyId) > 0 && bytes.Equal(p.Cert.SubjectKeyId, top.AuthorityKeyId) {
			return fmt.Sprintf("its issuer %s is missing; a certificate with the key it asks for came along, but under the name %s", issuer, SubjectText(p.Cert)),
				"have the chain issued so that each issuer's name is written exactly as in the certificate above"
		}
	}
	return "its issuer " + issuer + " was neither sent nor is it among " + storeText(k.in.Store), hint
}

// keyID shows a key identifier, or its first 20 bytes.
func keyID(id []byte) string {
	if len(id) == 0 {
		return "none"
	}
	return fmt.Sprintf("%x", id[:min(len(id), 20)])
}

func storeText(s *Store) string {
	if s == nil {
		return "the trusted roots (there are none)"
	}
	return "the trusted roots (" + s.String() + ")"
}
