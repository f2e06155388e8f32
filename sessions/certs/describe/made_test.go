package describe_test

import "bytes"

// tlv encodes an element of DER.
func tlv(tag byte, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	switch n := len(body); {
	case n < 0x80:
		return append([]byte{tag, byte(n)}, body...)
	case n < 0x100:
		return append([]byte{tag, 0x81, byte(n)}, body...)
	case n < 0x10000:
		return append([]byte{tag, 0x82, byte(n >> 8), byte(n)}, body...)
	default:
		return append([]byte{tag, 0x83, byte(n >> 16), byte(n >> 8), byte(n)}, body...)
	}
}

func str(s string) []byte { return []byte(s) }

// oid encodes an OID from the bytes of its content in hex.
func oid(content string) []byte { return tlv(6, str(content)) }

const (
	cn       = "\x55\x04\x03"
	country  = "\x55\x04\x06"
	ecdsa256 = "\x2a\x86\x48\xce\x3d\x04\x03\x02"
	edwards  = "\x2b\x65\x70"
	san      = "\x55\x1d\x11"
)

func rdn(typ string, tag byte, s string) []byte {
	return tlv(0x31, tlv(0x30, oid(typ), tlv(tag, str(s))))
}

func ext(typ string, parts ...[]byte) []byte {
	return tlv(0x30, oid(typ), tlv(4, tlv(0x30, parts...)))
}

// parts are the elements of a certificate, each to be replaced.
type parts struct {
	version, serial, algorithm, issuer, validity, subject, key, extensions, outer, signature []byte
}

func sound() parts {
	name := tlv(0x30, rdn(cn, 12, "somebody"))
	return parts{
		version:   tlv(0xa0, tlv(2, []byte{2})),
		serial:    tlv(2, []byte{0x12, 0x34}),
		algorithm: tlv(0x30, oid(ecdsa256)),
		issuer:    name,
		validity:  tlv(0x30, tlv(23, str("260101000000Z")), tlv(23, str("260331235959Z"))),
		subject:   name,
		key:       tlv(0x30, tlv(0x30, oid(edwards)), tlv(3, make([]byte, 33))),
		outer:     tlv(0x30, oid(ecdsa256)),
		signature: tlv(3, []byte{0, 1, 2, 3}),
	}
}

func (p parts) der() []byte {
	extensions := p.extensions
	if extensions != nil {
		extensions = tlv(0xa3, tlv(0x30, extensions))
	}
	tbs := tlv(0x30, p.version, p.serial, p.algorithm, p.issuer, p.validity, p.subject, p.key, extensions)
	return tlv(0x30, tbs, p.outer, p.signature)
}
