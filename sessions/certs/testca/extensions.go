package testca

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// UnknownCritical is a critical extension that nobody knows, for [Spec.Extra]. Its OID is below the
// enterprise number for examples (RFC 5612).
func UnknownCritical() pkix.Extension {
	return pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 1}, Critical: true, Value: []byte{0x05, 0}}
}

// ExplicitPolicy is the policy constraint of a CA under which a policy must stand in every certificate
// (RFC 5280 section 4.2.1.11), for [Spec.Extra].
func ExplicitPolicy() pkix.Extension {
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 36}, Critical: true, Value: []byte{0x30, 3, 0x80, 1, 0}}
}

// NoCheck frees the certificate of an OCSP responder from being looked up itself (RFC 6960 section
// 4.2.2.2.1), for [Spec.Extra].
func NoCheck() pkix.Extension {
	return pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}, Value: []byte{0x05, 0}}
}

// Delta says that a revocation list only holds what has changed since the list of this number (RFC 5280
// section 5.2.4), for [CRLSpec.Extra].
func Delta(base int64) pkix.Extension {
	var b cryptobyte.Builder
	b.AddASN1BigInt(big.NewInt(base))
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 27}, Critical: true, Value: b.BytesOrPanic()}
}

// Partition says for what a revocation list holds: RFC 5280 section 5.2.5, IssuingDistributionPoint. The
// zero value names nothing and is no partition.
type Partition struct {
	URL                           string // where the list is published; "" for none
	OnlyUsers, OnlyCAs, OnlyAttrs bool
	Indirect                      bool
	OnlyReasons                   []byte // the BIT STRING's octets behind the count of unused bits; nil for all reasons
}

// Extension is p for [CRLSpec.Extra].
func (p Partition) Extension() pkix.Extension {
	var b cryptobyte.Builder
	context := func(n uint8) cbasn1.Tag { return cbasn1.Tag(n).ContextSpecific() }
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		if p.URL != "" {
			b.AddASN1(context(0).Constructed(), func(b *cryptobyte.Builder) {
				b.AddASN1(context(0).Constructed(), func(b *cryptobyte.Builder) {
					b.AddASN1(context(6), func(b *cryptobyte.Builder) { b.AddBytes([]byte(p.URL)) })
				})
			})
		}
		flag := func(n uint8, on bool) {
			if on {
				b.AddASN1(context(n), func(b *cryptobyte.Builder) { b.AddUint8(0xff) })
			}
		}
		flag(1, p.OnlyUsers)
		flag(2, p.OnlyCAs)
		if p.OnlyReasons != nil {
			b.AddASN1(context(3), func(b *cryptobyte.Builder) {
				b.AddUint8(0)
				b.AddBytes(p.OnlyReasons)
			})
		}
		flag(4, p.Indirect)
		flag(5, p.OnlyAttrs)
	})
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 28}, Critical: true, Value: b.BytesOrPanic()}
}
