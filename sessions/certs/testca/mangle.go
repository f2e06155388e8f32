package testca

import (
	"bytes"
	"crypto/x509/pkix"
	"encoding/asn1"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Ways to make a certificate that crypto/x509 refuses to parse, so that Cert.X509 is nil. OpenSSL reads
// the first two of them.

// NegativeSerial is a [Spec.Mangle] that makes the serial number negative, which RFC 5280 (section
// 4.1.2.2) forbids.
func NegativeSerial(tbs []byte) []byte {
	out := bytes.Clone(tbs)
	outer := cryptobyte.String(out)
	var body cryptobyte.String
	var serial cryptobyte.String
	if !outer.ReadASN1(&body, cbasn1.SEQUENCE) || !body.SkipOptionalASN1(cbasn1.Tag(0).ContextSpecific().Constructed()) ||
		!body.ReadASN1(&serial, cbasn1.INTEGER) || len(serial) == 0 {
		return tbs
	}
	// It shares out's memory. 0xff might be an octet too many (X.690 section 8.3.2), which is another fault.
	serial[0] = serial[0]&0x3f | 0x80
	return out
}

// BrokenSAN is a [Spec.Extra] that stands in the place of the subject alternative names and holds no list
// of names.
func BrokenSAN() pkix.Extension {
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Value: []byte{0x04, 0x03, 'w', 'h', 'o'}}
}

// TrailingData is a [Spec.Damage] that appends octets to the certificate, as files do that were put
// together carelessly.
func TrailingData(cert []byte) []byte { return append(bytes.Clone(cert), "\r\n"...) }

// Garbage is a [Spec.Damage] that leaves a SEQUENCE of the certificate's length and nothing else of it.
func Garbage(cert []byte) []byte {
	outer := cryptobyte.String(cert)
	var body cryptobyte.String
	if !outer.ReadASN1(&body, cbasn1.SEQUENCE) {
		return cert
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(bytes.Repeat([]byte{0xa5}, len(body)))
	})
	out, err := b.Bytes()
	if err != nil {
		return cert
	}
	return out
}
