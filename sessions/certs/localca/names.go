package localca

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"wirebench/sessions/certs/testca"
)

const (
	// maxNames bounds the names of one certificate: with more, clients give up reading.
	maxNames = 1000
	// maxCommonName is the most characters of a common name (RFC 5280 appendix A.1, ub-common-name).
	maxCommonName = 64
)

// named is what to issue, with the name it is called by in errors.
type named struct {
	testca.Spec
	first string
}

func specOf(names []string) (named, error) {
	var n named
	for _, name := range names {
		dns, ip, err := ParseName(name)
		switch {
		case err != nil:
			return named{}, fmt.Errorf("issue a certificate: %w", err)
		case ip.IsValid():
			as := ip.AsSlice()
			if !slices.ContainsFunc(n.IPs, func(have net.IP) bool { return slices.Equal(have, as) }) {
				n.IPs = append(n.IPs, as)
			}
			dns = ip.String()
		case !slices.Contains(n.DNSNames, dns):
			n.DNSNames = append(n.DNSNames, dns)
		}
		if n.first == "" {
			n.first = dns
		}
	}
	switch count := len(n.DNSNames) + len(n.IPs); {
	case count == 0:
		return named{}, errors.New("issue a certificate: there is no name to issue it for")
	case count > maxNames:
		return named{}, fmt.Errorf("issue a certificate for %s: %d names are too many, %d are the most", n.first, count, maxNames)
	}
	// A name that is too long for a common name stands among the alternative names alone.
	n.CommonName, n.NoSubject = n.first, utf8.RuneCountInString(n.first) > maxCommonName
	return n, nil
}

// ParseName reads a name that a certificate can have: a DNS name, which comes back in lower-case ASCII without
// a dot at the end, perhaps with "*." in front; or an IP address, which comes back without its zone, in its
// IPv4 form where it has one. The error says what is wrong with it.
func ParseName(s string) (dns string, ip netip.Addr, err error) {
	name := strings.TrimSpace(s)
	literal := strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	if ip, err := netip.ParseAddr(literal); err == nil {
		return "", ip.WithZone("").Unmap(), nil
	}
	fail := func(problem string) (string, netip.Addr, error) {
		return "", netip.Addr{}, fmt.Errorf("%q is no name that a certificate can have: %s", s, problem)
	}
	name = strings.TrimSuffix(name, ".")
	star := ""
	if rest, ok := strings.CutPrefix(name, "*."); ok {
		star, name = "*.", rest
	}
	if name == "" {
		return fail("write a host name or an IP address")
	}
	ascii := strings.ToLower(name)
	if strings.ContainsFunc(name, func(r rune) bool { return r >= utf8.RuneSelf }) {
		if ascii, err = idna.Lookup.ToASCII(name); err != nil {
			return fail(err.Error())
		}
	}
	if len(star+ascii) > 253 {
		return fail("it is longer than 253 characters")
	}
	for label := range strings.SplitSeq(ascii, ".") {
		switch {
		case label == "" || len(label) > 63:
			return fail("a part between dots is empty or longer than 63 characters")
		case strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "":
			return fail("letters, digits, hyphens and dots are all that may stand in it")
		case label[0] == '-' || label[len(label)-1] == '-':
			return fail("no part between dots begins or ends with a hyphen")
		}
	}
	if strings.Trim(ascii, "0123456789.") == "" {
		return fail("an IPv4 address has four numbers from 0 to 255 without leading zeros")
	}
	return star + ascii, netip.Addr{}, nil
}
