package certs

import (
	"crypto/x509"
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// checkedHost is how a host is written for [x509.Certificate.VerifyHostname]: without brackets and zone when
// it is an IP address, in its ASCII form when it is a Unicode name. ip is valid for an address.
func checkedHost(host string) (name string, ip netip.Addr) {
	bare := host
	if len(bare) >= 3 && bare[0] == '[' && bare[len(bare)-1] == ']' {
		bare = bare[1 : len(bare)-1]
	}
	if addr, err := netip.ParseAddr(bare); err == nil {
		addr = addr.WithZone("") // a zone is this machine's own; no certificate can name one
		return addr.String(), addr
	}
	for i := 0; i < len(host); i++ {
		if host[i] >= utf8.RuneSelf {
			if ascii, err := idna.Lookup.ToASCII(host); err == nil {
				return ascii, netip.Addr{}
			}
			break
		}
	}
	return host, netip.Addr{}
}

// hostFaults checks the name, by the rules of crypto/x509: a wildcard stands for one whole label, the
// leftmost; a dot at the end of the host does not count; addresses only match address entries; the common
// name counts for nothing.
func hostFaults(leaf *x509.Certificate, host string) []Finding {
	if host == "" {
		return nil
	}
	name, ip := checkedHost(host)
	if leaf.VerifyHostname(name) == nil {
		return nil
	}
	shown := quote(host)
	if name != host && !ip.IsValid() {
		shown += " (" + quote(name) + ")"
	}
	named := len(leaf.DNSNames) + len(leaf.IPAddresses)
	if named == 0 {
		if commonNameCovers(leaf, name) {
			return []Finding{finding(CommonNameOnly, 0, leaf, shown+" stands in the common name only, and the certificate has no alternative names that are hosts",
				"have it issued anew with the host as a DNS name (or an IP address) in the subject alternative names; clients have not read the common name since 2017")}
		}
		detail := "it names no host at all"
		if leaf.Subject.CommonName != "" {
			detail += ", but for a common name, which does not count: " + quote(leaf.Subject.CommonName)
		}
		return []Finding{finding(NoNames, 0, leaf, detail+"; not "+shown, "have it issued anew with "+shown+" in the subject alternative names")}
	}
	return []Finding{finding(NameMismatch, 0, leaf, "it names "+list(nearest(leaf, name), named)+"; not "+shown, hostHint(leaf, name, ip))}
}

// commonNameCovers reports whether the common name would have matched when it still counted.
func commonNameCovers(leaf *x509.Certificate, name string) bool {
	return (&x509.Certificate{DNSNames: []string{leaf.Subject.CommonName}}).VerifyHostname(name) == nil ||
		leaf.Subject.CommonName != "" && strings.EqualFold(leaf.Subject.CommonName, strings.TrimSuffix(name, "."))
}

// nearest are a few of the names of a certificate, those first that share the most with the host from the
// right, since they tell a person most about what went wrong.
func nearest(leaf *x509.Certificate, host string) []string {
	type scored struct {
		name  string
		score int
	}
	best := make([]scored, 0, maxListed+2)
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	add := func(name string, score int) {
		at, _ := slices.BinarySearchFunc(best, score, func(s scored, score int) int {
			if s.score >= score {
				return -1
			}
			return 1
		})
		if at > maxListed {
			return
		}
		best = slices.Insert(best, at, scored{name, score})
		best = best[:min(len(best), maxListed+1)]
	}
	for _, name := range leaf.DNSNames {
		add(name, sharedLabels(name, host))
	}
	for _, ip := range leaf.IPAddresses {
		add(ip.String(), 0)
	}
	names := make([]string, len(best))
	for i, s := range best {
		names[i] = s.name
	}
	return names
}

// sharedLabels counts the characters of the labels that two names have in common from the right.
func sharedLabels(name, host string) int {
	shared := 0
	for i := 1; i <= len(name) && i <= len(host); i++ {
		x, y := name[len(name)-i], host[len(host)-i]
		if 'A' <= x && x <= 'Z' {
			x += 'a' - 'A'
		}
		if x != y {
			break
		}
		if x == '.' || i == len(name) || i == len(host) {
			shared = i
		}
	}
	return shared
}

// hostHint says what to do about a name that does not match, by what is nearly right.
func hostHint(leaf *x509.Certificate, name string, ip netip.Addr) string {
	lower := strings.ToLower(strings.TrimSuffix(name, "."))
	if ip.IsValid() {
		for _, dns := range leaf.DNSNames {
			if dns == name {
				return "the address stands there as a DNS name; have it issued with the address as an IP address in the subject alternative names"
			}
		}
		return "connect by a name that the certificate has, or have one issued with this IP address in the subject alternative names"
	}
	first, rest, _ := strings.Cut(lower, ".")
	for _, dns := range leaf.DNSNames {
		wild, ok := strings.CutPrefix(strings.ToLower(dns), "*.")
		switch {
		case !ok:
		case lower == wild:
			return "a wildcard does not stand for the bare domain: have it issued with " + quote(lower) + " as a second name"
		case first != "" && strings.HasSuffix(rest, "."+wild):
			return "a wildcard stands for one label only: have it issued with *." + quote(rest) + " or the full name"
		}
	}
	for _, dns := range leaf.DNSNames {
		if other := strings.ToLower(dns); other == "www."+lower || "www."+other == lower {
			return "have it issued for both the name with www. and the one without"
		}
	}
	return "connect by a name that the certificate has, or have one issued for this name; if the server has several certificates, see whether it chooses by the name the client sends (SNI)"
}
