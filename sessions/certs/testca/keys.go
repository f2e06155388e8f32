package testca

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"math/big"
)

// KeyType is a kind of private key.
type KeyType uint8

const (
	P256 KeyType = iota
	P384
	P521
	Ed25519
	RSA512 // broken in hours by a person with a laptop
	RSA1024
	RSA2048
	RSA4096
	RSA8192 // takes seconds to make
)

func (t KeyType) rsaBits() int {
	switch t {
	case RSA512:
		return 512
	case RSA1024:
		return 1024
	case RSA2048:
		return 2048
	case RSA4096:
		return 4096
	case RSA8192:
		return 8192
	}
	return 0
}

// NewKey makes a private key.
func NewKey(t KeyType) (crypto.Signer, error) {
	switch t {
	case P256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case P384:
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case P521:
		return ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	case Ed25519:
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	case RSA512:
		return smallRSA(512)
	}
	if bits := t.rsaBits(); bits > 0 {
		return rsa.GenerateKey(rand.Reader, bits)
	}
	return nil, fmt.Errorf("make a key: there is no kind %d", t)
}

// smallRSA makes a key that crypto/rsa refuses to make for its size (FIPS 186-5 appendix A.1.3, without
// its distance between the primes, which such a key has no use for).
func smallRSA(bits int) (*rsa.PrivateKey, error) {
	e := big.NewInt(65537)
	one := big.NewInt(1)
	for {
		p, err := rand.Prime(rand.Reader, bits/2)
		if err != nil {
			return nil, err
		}
		q, err := rand.Prime(rand.Reader, bits-bits/2)
		if err != nil {
			return nil, err
		}
		n := new(big.Int).Mul(p, q)
		phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		d := new(big.Int).ModInverse(e, phi)
		if p.Cmp(q) == 0 || n.BitLen() != bits || d == nil {
			continue
		}
		key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: n, E: 65537}, D: d, Primes: []*big.Int{p, q}}
		key.Precomputed.Dp = new(big.Int).Mod(d, new(big.Int).Sub(p, one))
		key.Precomputed.Dq = new(big.Int).Mod(d, new(big.Int).Sub(q, one))
		key.Precomputed.Qinv = new(big.Int).ModInverse(q, p)
		return key, nil
	}
}
