package certs

import (
	"bytes"
	"crypto/x509"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// scope is the issuing distribution point extension of a revocation list (RFC 5280 section 5.2.5): of
// which certificates it would tell.
type scope struct {
	partial                                   bool     // it is about those certificates only that name one of names
	names                                     [][]byte // GeneralName elements
	users, cas, reasons, indirect, attributes bool
}

// maxPlaces bounds the names of places that are compared.
const maxPlaces = 64

func contextTag(n uint8) cbasn1.Tag { return cbasn1.Tag(n).ContextSpecific() }

func (s *scope) parse(der []byte) bool {
	in := cryptobyte.String(der)
	var body, point cryptobyte.String
	if !in.ReadASN1(&body, cbasn1.SEQUENCE) || !in.Empty() ||
		!body.ReadOptionalASN1(&point, &s.partial, contextTag(0).Constructed()) {
		return false
	}
	if s.partial {
		var ok bool
		if s.names, ok = fullNames(point); !ok {
			return false
		}
	}
	flag := func(n uint8, to *bool) bool {
		var v cryptobyte.String
		var there bool
		if !body.ReadOptionalASN1(&v, &there, contextTag(n)) {
			return false
		}
		*to = there && (n == 3 || len(v) == 1 && v[0] != 0)
		return true
	}
	return flag(1, &s.users) && flag(2, &s.cas) && flag(3, &s.reasons) && flag(4, &s.indirect) && flag(5, &s.attributes) && body.Empty()
}

// fullNames returns the names in a DistributionPointName (RFC 5280 section 4.2.1.13), none when it is given
// relative to the issuer's.
func fullNames(point cryptobyte.String) (names [][]byte, ok bool) {
	var full cryptobyte.String
	var some bool
	if !point.ReadOptionalASN1(&full, &some, contextTag(0).Constructed()) {
		return nil, false
	}
	for !full.Empty() && len(names) < maxPlaces {
		var name cryptobyte.String
		var tag cbasn1.Tag
		if !full.ReadAnyASN1Element(&name, &tag) {
			return nil, false
		}
		names = append(names, name)
	}
	return names, true
}

// excludes says why the list need not have c on it though it was revoked, "" when it must.
func (s *scope) excludes(c *x509.Certificate) string {
	switch {
	case s.users && c.IsCA:
		return "the list is about certificates that are no CAs only"
	case s.cas && !c.IsCA:
		return "the list is about CAs only"
	case s.reasons:
		return "the list is about some reasons for revocation only"
	case s.partial && !s.covers(c):
		return "the list is about a part of the issuer's certificates only, and is not one that the certificate names"
	}
	return ""
}

// covers reports whether c names, as a place of its list, one of those of s (RFC 5280 section 6.3.3 (b)(2)).
func (s *scope) covers(c *x509.Certificate) bool {
	e := extension(c, oidPoints)
	if e == nil {
		return false
	}
	in := cryptobyte.String(e.Value)
	var points cryptobyte.String
	if !in.ReadASN1(&points, cbasn1.SEQUENCE) {
		return false
	}
	for n := 0; !points.Empty() && n < maxPlaces; n++ {
		var one, point cryptobyte.String
		var some bool
		if !points.ReadASN1(&one, cbasn1.SEQUENCE) || !one.ReadOptionalASN1(&point, &some, contextTag(0).Constructed()) {
			return false
		}
		if !some {
			continue
		}
		names, ok := fullNames(point)
		if !ok {
			return false
		}
		for _, name := range names {
			for _, own := range s.names {
				if bytes.Equal(name, own) {
					return true
				}
			}
		}
	}
	return false
}
