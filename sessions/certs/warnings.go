package certs

import (
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"strings"
	"time"
)

// maxAlike is how many warnings of one kind are given before the rest is only counted.
const maxAlike = 5

// warnSent looks at the list of certificates as it was sent.
func (k *checker) warnSent() {
	r := k.report
	inChain := map[string]int{}
	for depth, c := range r.Chain {
		inChain[string(c.Raw)] = depth
	}
	used := map[string]bool{} // on any way up, so that an older client may need it
	for _, p := range k.paths {
		for _, c := range p.chain {
			used[string(c.Raw)] = true
		}
	}
	first := map[string]int{}
	var order []int // depths in the chain in the order in which they were sent
	var duplicates, superfluous many
	for i, p := range r.Presented {
		if p.Cert == nil {
			continue
		}
		depth, part := inChain[string(p.DER)]
		if earlier, seen := first[string(p.DER)]; seen {
			if !part {
				depth = i
			}
			if duplicates.more() {
				k.warn(DuplicateSent, depth, p.Cert, fmt.Sprintf("it was sent as number %d and again as number %d", earlier+1, i+1), "let the server send it once")
			}
			continue
		}
		first[string(p.DER)] = i
		switch {
		case part && depth > 0 && r.Anchored && depth == len(r.Chain)-1:
			k.warn(RootSent, depth, p.Cert, fmt.Sprintf("this trusted root was sent too, as number %d; whoever trusts it has it already", i+1), "leave the root out of the chain the server sends; it only costs bytes")
			order = append(order, depth)
		case part:
			order = append(order, depth)
		case !used[string(p.DER)] && len(r.Chain) > 0:
			if superfluous.more() {
				k.warn(SuperfluousSent, i, p.Cert, fmt.Sprintf("it was sent as number %d, and no chain from the leaf leads over it", i+1), "leave it out of the chain the server sends")
			}
		}
	}
	for _, m := range []struct {
		many
		code Code
		what string
	}{{duplicates, DuplicateSent, "repeated"}, {superfluous, SuperfluousSent, "superfluous"}} {
		if m.left() > 0 {
			k.warnAbout(m.code, fmt.Sprintf("%s more of the certificates sent are %s", count(m.left()), m.what), "let the server send only the certificates of its chain")
		}
	}
	k.warnOrder(order)
}

// warnAbout adds a warning that is about no single certificate.
func (k *checker) warnAbout(code Code, detail, hint string) {
	k.report.Warnings = append(k.report.Warnings, Finding{Code: code, Depth: -1, Detail: detail, Hint: hint})
}

// many counts findings of one kind.
type many int

// more counts one and reports whether it is still among the first few.
func (m *many) more() bool { *m++; return *m <= maxAlike }

func (m many) left() int { return max(0, int(m)-maxAlike) }

// warnOrder compares the order in which the chain was sent with what RFC 5246 asks for: each certificate
// certifies the one before it. RFC 8446 lets clients put up with less, and not all do.
func (k *checker) warnOrder(order []int) {
	r := k.report
	if leaf := r.Presented[0].Cert; leaf != nil && k.in.Host != "" {
		name, _ := checkedHost(k.in.Host)
		covered := leaf.VerifyHostname(name) == nil
		for i, p := range r.Presented[1:] {
			if !covered && p.Cert != nil && p.Cert.VerifyHostname(name) == nil {
				k.warn(ChainOutOfOrder, i+1, p.Cert, fmt.Sprintf("the certificate for %s was sent as number %d; clients take the first one as the server's", quote(k.in.Host), i+2),
					"put the server's own certificate first in the file, then its issuer, and so on")
				return
			}
		}
	}
	for i := 1; i < len(order); i++ {
		if order[i] < order[i-1] {
			words := make([]string, len(order))
			for j, depth := range order {
				words[j] = SubjectText(r.Chain[depth])
			}
			k.warnAbout(ChainOutOfOrder, "the chain was not sent from the leaf upwards, but in this order: "+list(words, len(words)),
				"put the server's own certificate first in the file, then its issuer, and so on; some clients do not sort")
			return
		}
	}
}

// warnChain looks at the chain that was chosen.
func (k *checker) warnChain() {
	r := k.report
	top := len(r.Chain) - 1
	leaf := r.Chain[0]
	for depth, c := range r.Chain {
		k.warnTime(depth, c)
		if pub, ok := c.PublicKey.(*rsa.PublicKey); ok && pub.N.BitLen() >= minRSABits && pub.N.BitLen() < 2048 {
			k.warn(SmallKey, depth, c, fmt.Sprintf("its RSA key has %s bits; browsers and most policies demand 2,048", count(pub.N.BitLen())), "make a new key of 2,048 bits or more, or an ECDSA P-256 key, and have a certificate issued for it")
		}
		k.warnStrict(depth, c)
	}
	k.warnLifetime(leaf)
	k.warnUse(leaf)
	k.warnNames(leaf)
	if r.Has(IssuerMissing) && len(r.Chain[top].IssuingCertificateURL) > 0 {
		urls := r.Chain[top].IssuingCertificateURL
		k.warn(IssuerByAIA, top, r.Chain[top], "its issuer can be fetched from "+list(urls, len(urls))+"; browsers may do so, most other clients do not",
			"look up the issuer to see the rest of the chain, and let the server send it")
	}
	if r.Anchored && weakAlgorithm(r.Chain[top].SignatureAlgorithm) {
		k.warn(AnchorWeakSignature, top, r.Chain[top], fmt.Sprintf("this trusted root is signed with %s, which is harmless: a root is trusted for itself, and nobody checks its signature", r.Chain[top].SignatureAlgorithm), "nothing needs to be done")
	}
	seen := map[string]bool{string(r.Chain[top].Raw): true}
	for _, p := range k.paths {
		other := p.chain[len(p.chain)-1]
		if p.anchored && !seen[string(other.Raw)] && k.in.Time.After(other.NotAfter) {
			seen[string(other.Raw)] = true
			k.warn(AnchorExpired, 0, leaf, fmt.Sprintf("another way up ends in the trusted root %s, whose time was over on %s", SubjectText(other), stamp(other.NotAfter)),
				"nothing, unless old clients that know only that root must connect: they will fail")
		}
	}
	if k.builder.exhausted {
		k.warnAbout(Odd, "the certificates allow too many chains; only the first ones were compared", "let the server send only the certificates of its chain")
	}
}

const (
	soon   = 14 * 24 * time.Hour // before a leaf's end
	soonCA = 30 * 24 * time.Hour // before a CA's end
)

// warnTime tells of an end that is near: for certificates that live for some days only, the last third.
func (k *checker) warnTime(depth int, c *x509.Certificate) {
	left := c.NotAfter.Sub(k.in.Time)
	limit := soonCA
	if depth == 0 {
		limit = min(soon, c.NotAfter.Sub(c.NotBefore)/3)
	}
	if left >= 0 && left < limit && !k.in.Time.Before(c.NotBefore) {
		k.warn(ExpiresSoon, depth, c, fmt.Sprintf("it ends on %s, in %s", stamp(c.NotAfter), between(k.in.Time, c.NotAfter)), "renew it, and see whether the automatic renewal works")
	}
}

// lifetimes are the longest that browsers accept for a certificate issued from a day on: CA/Browser Forum
// Baseline Requirements, section 6.3.2 (ballots SC31 and SC081v3), the latest first.
var lifetimes = []struct {
	from time.Time
	days int
}{
	{time.Date(2029, 3, 15, 0, 0, 0, 0, time.UTC), 47},
	{time.Date(2027, 3, 15, 0, 0, 0, 0, time.UTC), 100},
	{time.Date(2026, 3, 15, 0, 0, 0, 0, time.UTC), 200},
	{time.Date(2020, 9, 1, 0, 0, 0, 0, time.UTC), 398},
	{time.Date(2018, 3, 1, 0, 0, 0, 0, time.UTC), 825},
}

// privateFrom and privateDays are Apple's limit, which also holds for roots a person added.
var privateFrom = time.Date(2019, 7, 1, 0, 0, 0, 0, time.UTC)

const privateDays = 825

func (k *checker) warnLifetime(leaf *x509.Certificate) {
	if k.in.Usage == x509.ExtKeyUsageClientAuth || leaf.NotAfter.Before(leaf.NotBefore) {
		return
	}
	days := int((leaf.NotAfter.Unix() - leaf.NotBefore.Unix() + 24*3600) / (24 * 3600)) // both ends count
	if isPublic(leaf) {
		for _, l := range lifetimes {
			if !leaf.NotBefore.Before(l.from) {
				if days > l.days {
					k.warn(LongLifetime, 0, leaf, fmt.Sprintf("it is valid for %s; browsers take at most %d from public CAs since %s", plural(days, "day"), l.days, l.from.Format(time.DateOnly)),
						"have a shorter one issued, and renew it automatically")
				}
				return
			}
		}
		return
	}
	if days > privateDays && !leaf.NotBefore.Before(privateFrom) {
		k.warn(LongLifetime, 0, leaf, fmt.Sprintf("it is valid for %s; Apple's systems take at most %d, from private CAs too", plural(days, "day"), privateDays),
			"have a shorter one issued when Apple's systems must connect")
	}
}

// isPublic reports whether a certificate says that it was issued under the rules of the CA/Browser Forum
// (policies below 2.23.140.1) or was logged by a public CA.
func isPublic(leaf *x509.Certificate) bool {
	for _, p := range leaf.Policies {
		if strings.HasPrefix(p.String(), "2.23.140.1.") {
			return true
		}
	}
	return extension(leaf, oidSCTs) != nil
}

// warnUse looks at what the leaf's key may do and at the demands of single vendors.
func (k *checker) warnUse(leaf *x509.Certificate) {
	if k.in.Usage == x509.ExtKeyUsageClientAuth {
		return
	}
	if extension(leaf, oidKeyUsage) != nil && leaf.KeyUsage&x509.KeyUsageDigitalSignature == 0 {
		detail := "its key usage lacks digital signatures, with which a server proves its key in TLS 1.3 and with every modern cipher suite of TLS 1.2"
		if _, ok := leaf.PublicKey.(*rsa.PublicKey); ok && leaf.KeyUsage&x509.KeyUsageKeyEncipherment != 0 {
			detail += "; it only allows the old RSA key exchange"
		}
		k.warn(LeafKeyUsage, 0, leaf, detail, "have it issued with the key usage digitalSignature")
	}
	if isPublic(leaf) && extension(leaf, oidSCTs) == nil && k.in.SCTs == 0 {
		k.warn(NoSCT, 0, leaf, "it comes from a public CA but carries no signed certificate timestamps (nor did any come in the handshake); Chrome, Safari and Firefox demand them",
			"have it issued by a CA that logs it in Certificate Transparency, which all public CAs do unless told otherwise")
	}
	switch {
	case leaf.BasicConstraintsValid && leaf.IsCA && len(k.report.Chain) > 1:
		k.warn(Odd, 0, leaf, "it is the certificate of a CA; Firefox and clients built on rustls do not take one from a server", "have a certificate issued for the server itself")
	case k.in.Usage == x509.ExtKeyUsageServerAuth && extension(leaf, oidExtKeyUsage) == nil && !leaf.NotBefore.Before(privateFrom):
		k.warn(Odd, 0, leaf, "it has no extended key usage; Apple's systems demand one that names TLS servers", "have it issued with the extended key usage serverAuth")
	}
}
