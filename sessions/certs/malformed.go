package certs

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"strings"
)

// malformed are the rules of RFC 5280 that a certificate breaks though crypto/x509 reads and would take
// it, and that make other verifiers refuse it. Rules that only strict verifiers act on are a warning, see
// strictly.
func malformed(depth int, c *x509.Certificate) []Finding {
	var faults []Finding
	if e := extension(c, oidExtKeyUsage); e != nil && len(c.ExtKeyUsage) == 0 && len(c.UnknownExtKeyUsage) == 0 {
		faults = append(faults, finding(Malformed, depth, c, "it has an extended key usage that lists no usage, so that it may be used for nothing (RFC 5280, section 4.2.1.12); OpenSSL refuses it",
			"have it issued with the extended key usage serverAuth, or without the extension"))
	}
	if c.NotAfter.Before(c.NotBefore) {
		faults = append(faults, finding(Malformed, depth, c, "it ends on "+stamp(c.NotAfter)+", before it begins on "+stamp(c.NotBefore)+", so that it is never valid",
			"have it issued anew with the two dates the right way round"))
	}
	return faults
}

// unreadable says why a certificate could not be parsed.
func unreadable(der []byte, err error) string {
	switch {
	case len(der) == 0:
		return "it is empty"
	case bytes.HasPrefix(der, []byte("-----BEGIN")):
		return "it is PEM text where DER is due"
	}
	why := quote(strings.TrimPrefix(err.Error(), "x509: "))
	var outer asn1.RawValue
	if rest, outerErr := asn1.Unmarshal(der, &outer); outerErr == nil && len(rest) > 0 && outer.Class == asn1.ClassUniversal && outer.Tag == asn1.TagSequence {
		why += " (" + plural(len(rest), "octet") + " too many at its end)"
	}
	return "its " + plural(len(der), "octet") + " are no certificate that can be read: " + why
}

// unreadableHint says what to do about it. The parser's messages are matched because they are all there
// is; a message that is not known gets the general advice.
func unreadableHint(der []byte, err error) string {
	var syntax asn1.SyntaxError
	text := err.Error()
	switch {
	case len(der) == 0 || bytes.HasPrefix(der, []byte("-----BEGIN")):
		return "let the server send certificates as DER; its own tools convert them when a PEM file is configured"
	case strings.Contains(text, "elliptic curve"), strings.Contains(text, "ECDSA parameters"):
		return "have it issued for a key on the curve P-256, P-384 or P-521, given by its name"
	case strings.Contains(text, "serial number"):
		return "have it issued anew with a positive serial number"
	case strings.Contains(text, "duplicate extension"):
		return "have it issued anew with each extension once"
	case strings.Contains(text, "trailing data"):
		return "the file has something behind the certificate: write it out anew, or let the server send each certificate by itself"
	case errors.As(err, &syntax), strings.Contains(text, "malformed"):
		return "the file is damaged or is no certificate: install it again as the CA handed it out"
	}
	return "have it issued anew by a CA that follows RFC 5280; clients written in Go, and others, break the connection off"
}
