package testca

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	_ "crypto/md5" // Spec.Digest offers them
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha1"
	_ "crypto/sha256"
	_ "crypto/sha512"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// resign replaces the signature of a certificate, a revocation list or the like (RFC 5280 section
// 4.1.1) by one of the signer's, and the names of the algorithm with it.
func resign(der []byte, signer crypto.Signer, s Spec) ([]byte, error) {
	digest := s.Digest
	if digest == 0 {
		digest = crypto.SHA256
	}
	algorithm, err := signatureAlgorithm(signer, digest)
	if err != nil {
		return nil, err
	}
	outer := cryptobyte.String(der)
	var body, tbs cryptobyte.String
	if !outer.ReadASN1(&body, cbasn1.SEQUENCE) || !body.ReadASN1(&tbs, cbasn1.SEQUENCE) {
		return nil, errors.New("what is to be signed has no outer sequence")
	}
	var version, serial, old cryptobyte.String
	var tag cbasn1.Tag
	versioned := tbs.PeekASN1Tag(cbasn1.Tag(0).ContextSpecific().Constructed())
	if versioned && !tbs.ReadAnyASN1Element(&version, &tag) ||
		!tbs.ReadAnyASN1Element(&serial, &tag) || !tbs.ReadASN1Element(&old, cbasn1.SEQUENCE) {
		return nil, errors.New("what is to be signed does not begin with version, number and algorithm")
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(version)
		b.AddBytes(serial)
		b.AddBytes(algorithm)
		b.AddBytes(tbs) // what is left of it
	})
	signed, err := b.Bytes()
	if err != nil {
		return nil, err
	}
	if s.Mangle != nil {
		signed = s.Mangle(signed)
	}
	signature, err := sign(signer, digest, signed)
	if err != nil {
		return nil, err
	}
	if s.BreakSignature {
		signature[len(signature)-1] ^= 1
	}
	var whole cryptobyte.Builder
	whole.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(signed)
		b.AddBytes(algorithm)
		b.AddASN1BitString(signature)
	})
	return whole.Bytes()
}

// signatureAlgorithm returns the AlgorithmIdentifier for the key and digest.
func signatureAlgorithm(key crypto.Signer, digest crypto.Hash) ([]byte, error) {
	var oid asn1.ObjectIdentifier
	null := false
	switch key.Public().(type) {
	case *rsa.PublicKey:
		null = true
		oid = map[crypto.Hash]asn1.ObjectIdentifier{
			crypto.MD5:    {1, 2, 840, 113549, 1, 1, 4},
			crypto.SHA1:   {1, 2, 840, 113549, 1, 1, 5},
			crypto.SHA256: {1, 2, 840, 113549, 1, 1, 11},
			crypto.SHA384: {1, 2, 840, 113549, 1, 1, 12},
			crypto.SHA512: {1, 2, 840, 113549, 1, 1, 13},
		}[digest]
	case *ecdsa.PublicKey:
		oid = map[crypto.Hash]asn1.ObjectIdentifier{
			crypto.SHA1:   {1, 2, 840, 10045, 4, 1},
			crypto.SHA256: {1, 2, 840, 10045, 4, 3, 2},
			crypto.SHA384: {1, 2, 840, 10045, 4, 3, 3},
			crypto.SHA512: {1, 2, 840, 10045, 4, 3, 4},
		}[digest]
	case ed25519.PublicKey:
		oid = asn1.ObjectIdentifier{1, 3, 101, 112}
	}
	if oid == nil {
		return nil, fmt.Errorf("a key of type %T does not sign %v", key.Public(), digest)
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oid)
		if null {
			b.AddASN1NULL()
		}
	})
	return b.Bytes()
}

func sign(key crypto.Signer, digest crypto.Hash, data []byte) ([]byte, error) {
	if _, ok := key.Public().(ed25519.PublicKey); ok {
		return key.Sign(rand.Reader, data, crypto.Hash(0))
	}
	h := digest.New()
	h.Write(data)
	if k, ok := key.(*rsa.PrivateKey); ok && k.N.BitLen() < 1024 {
		return signSmall(k, digest, h.Sum(nil))
	}
	return key.Sign(rand.Reader, h.Sum(nil), digest)
}

// signSmall is RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2.1) for a key that crypto/rsa refuses for its size.
func signSmall(k *rsa.PrivateKey, digest crypto.Hash, sum []byte) ([]byte, error) {
	oid := map[crypto.Hash]asn1.ObjectIdentifier{
		crypto.MD5:    {1, 2, 840, 113549, 2, 5},
		crypto.SHA1:   {1, 3, 14, 3, 2, 26},
		crypto.SHA256: {2, 16, 840, 1, 101, 3, 4, 2, 1},
	}[digest]
	if oid == nil {
		return nil, fmt.Errorf("a key of %d bits does not sign %v", k.N.BitLen(), digest)
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(oid)
			b.AddASN1NULL()
		})
		b.AddASN1OctetString(sum)
	})
	info, err := b.Bytes()
	if err != nil {
		return nil, err
	}
	size := (k.N.BitLen() + 7) / 8
	if len(info)+11 > size {
		return nil, fmt.Errorf("%v does not fit a key of %d bits", digest, k.N.BitLen())
	}
	em := make([]byte, size)
	em[1] = 1
	for i := 2; i < size-len(info)-1; i++ {
		em[i] = 0xff
	}
	copy(em[size-len(info):], info)
	m := new(big.Int).Exp(new(big.Int).SetBytes(em), k.D, k.N)
	return m.FillBytes(make([]byte, size)), nil
}
