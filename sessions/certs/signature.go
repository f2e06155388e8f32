package certs

import (
	"bytes"
	"crypto"
	"crypto/md5"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
)

// How a signature was found.
type linkState uint8

const (
	linkGood      linkState = iota // it verifies with the issuer's key, whatever the algorithm is worth
	linkBad                        // it does not
	linkUnchecked                  // it could not be computed; why says what stood in the way
)

// link is what is known about the signature of one certificate under one issuer.
type link struct {
	state linkState
	why   string // for a person; "" when good
}

const (
	minRSABits = 1024  // below, a key can be broken with ordinary means
	maxRSABits = 16384 // above, no signature is computed; OpenSSL draws the same line
)

// weakAlgorithm reports whether signatures of this kind prove nothing any more: a second document with the
// same digest can be made (MD2, MD5: RFC 6151; SHA-1: RFC 9155), or no TLS client takes them (DSA).
func weakAlgorithm(a x509.SignatureAlgorithm) bool {
	switch a {
	case x509.MD2WithRSA, x509.MD5WithRSA, x509.SHA1WithRSA, x509.ECDSAWithSHA1, x509.DSAWithSHA1, x509.DSAWithSHA256:
		return true
	}
	return false
}

// verifySignature computes whether parent's key made child's signature. Unlike
// [x509.Certificate.CheckSignatureFrom] it asks neither whether the parent may sign nor whether the
// algorithm is any good: each of these is a fault of its own.
func verifySignature(child, parent *x509.Certificate) link {
	switch child.SignatureAlgorithm {
	case x509.UnknownSignatureAlgorithm:
		return link{linkUnchecked, fmt.Sprintf("the signature algorithm %s is not known here", signatureOID(child))}
	case x509.MD2WithRSA, x509.DSAWithSHA1, x509.DSAWithSHA256:
		return link{linkUnchecked, fmt.Sprintf("%s signatures are not computed any more", child.SignatureAlgorithm)}
	}
	if parent.PublicKey == nil {
		return link{linkUnchecked, "the kind of key the issuer has is not known here"}
	}
	err := error(nil)
	pub, isRSA := parent.PublicKey.(*rsa.PublicKey)
	switch {
	case isRSA && pub.N.BitLen() > maxRSABits:
		return link{linkUnchecked, fmt.Sprintf("the issuer's RSA key has %s bits, more than the %s that are computed with", count(pub.N.BitLen()), count(maxRSABits))}
	case isRSA && (pub.N.BitLen() < minRSABits || child.SignatureAlgorithm == x509.MD5WithRSA):
		return verifyWeakRSA(child, pub)
	default:
		err = parent.CheckSignature(child.SignatureAlgorithm, child.RawTBSCertificate, child.Signature)
	}
	switch {
	case err == nil:
		return link{}
	case errors.Is(err, x509.ErrUnsupportedAlgorithm):
		return link{linkUnchecked, fmt.Sprintf("%s signatures with %s keys cannot be computed here", child.SignatureAlgorithm, parent.PublicKeyAlgorithm)}
	case algorithmKey(child.SignatureAlgorithm) != parent.PublicKeyAlgorithm:
		return link{linkBad, fmt.Sprintf("the signature is of the kind %s, but the issuer's key is %s", child.SignatureAlgorithm, parent.PublicKeyAlgorithm)}
	case isRSA && !errors.Is(err, rsa.ErrVerification):
		return link{linkUnchecked, "the issuer's RSA key cannot be used: " + quote(err.Error())}
	}
	return link{linkBad, fmt.Sprintf("the %s signature does not belong to the issuer's key", child.SignatureAlgorithm)}
}

// digests are what [verifyWeakRSA] needs of PKCS #1 v1.5: the hash, and the DER of its DigestInfo up to
// the digest (RFC 8017, section 9.2, note 1).
var digests = map[x509.SignatureAlgorithm]struct {
	hash   crypto.Hash
	prefix []byte
}{
	x509.MD5WithRSA:    {crypto.MD5, []byte{0x30, 0x20, 0x30, 0x0c, 0x06, 0x08, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x05, 0x05, 0x00, 0x04, 0x10}},
	x509.SHA1WithRSA:   {crypto.SHA1, []byte{0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14}},
	x509.SHA256WithRSA: {crypto.SHA256, []byte{0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20}},
	x509.SHA384WithRSA: {crypto.SHA384, []byte{0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30}},
	x509.SHA512WithRSA: {crypto.SHA512, []byte{0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40}},
}

// verifyWeakRSA computes what Go's own packages refuse to: MD5 signatures, and signatures of keys below
// 1024 bits (RSASSA-PKCS1-v1_5, RFC 8017 section 8.2.2). That the result is worth nothing is reported
// separately; here it only tells a weak signature from a wrong one.
func verifyWeakRSA(child *x509.Certificate, pub *rsa.PublicKey) link {
	d, ok := digests[child.SignatureAlgorithm]
	if !ok {
		return link{linkUnchecked, fmt.Sprintf("%s signatures with an RSA key of %d bits are not computed here", child.SignatureAlgorithm, pub.N.BitLen())}
	}
	wrong := link{linkBad, fmt.Sprintf("the %s signature does not belong to the issuer's key", child.SignatureAlgorithm)}
	size := (pub.N.BitLen() + 7) / 8
	if pub.E < 2 || pub.N.Bit(0) == 0 || len(child.Signature) != size {
		return wrong
	}
	var sum []byte
	if d.hash == crypto.MD5 {
		digest := md5.Sum(child.RawTBSCertificate) // named, so that MD5 is linked in
		sum = digest[:]
	} else {
		h := d.hash.New()
		h.Write(child.RawTBSCertificate)
		sum = h.Sum(nil)
	}
	info := append(bytes.Clone(d.prefix), sum...)
	if size < len(info)+11 {
		return link{linkUnchecked, fmt.Sprintf("an RSA key of %d bits is too short for a %s signature", pub.N.BitLen(), child.SignatureAlgorithm)}
	}
	want := bytes.Repeat([]byte{0xff}, size)
	want[0], want[1], want[size-len(info)-1] = 0, 1, 0
	copy(want[size-len(info):], info)
	s := new(big.Int).SetBytes(child.Signature)
	if s.Cmp(pub.N) >= 0 {
		return wrong
	}
	got := s.Exp(s, big.NewInt(int64(pub.E)), pub.N).FillBytes(make([]byte, size))
	if !bytes.Equal(got, want) {
		return wrong
	}
	return link{}
}

// algorithmKey is the kind of key that makes signatures of kind a.
func algorithmKey(a x509.SignatureAlgorithm) x509.PublicKeyAlgorithm {
	switch a {
	case x509.ECDSAWithSHA1, x509.ECDSAWithSHA256, x509.ECDSAWithSHA384, x509.ECDSAWithSHA512:
		return x509.ECDSA
	case x509.PureEd25519:
		return x509.Ed25519
	case x509.DSAWithSHA1, x509.DSAWithSHA256:
		return x509.DSA
	}
	return x509.RSA
}

// signatureOID is the object identifier of the algorithm c says it is signed with.
func signatureOID(c *x509.Certificate) string {
	var outer struct {
		TBS       asn1.RawValue
		Algorithm struct {
			OID    asn1.ObjectIdentifier
			Params asn1.RawValue `asn1:"optional"`
		}
		Signature asn1.BitString
	}
	if _, err := asn1.Unmarshal(c.Raw, &outer); err != nil {
		return "of the certificate"
	}
	return outer.Algorithm.OID.String()
}

// signatureCost is what computing child's signature under parent costs, in units of about the price of
// one ordinary check. RSA grows with the square of the key, and the digest with the certificate.
func signatureCost(child, parent *x509.Certificate) int {
	cost := 1 + len(child.RawTBSCertificate)>>17
	if pub, ok := parent.PublicKey.(*rsa.PublicKey); ok && pub.N.BitLen() <= maxRSABits {
		k := pub.N.BitLen() / 4096
		cost += k * k
	}
	return cost
}
