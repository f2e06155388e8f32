package testca

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"math/big"
	"sync"
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
	RSA8192 // takes a second or two to make; of four primes
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
		return madeRSA(512, 2)
	case RSA8192:
		return madeRSA(8192, 4)
	}
	if bits := t.rsaBits(); bits > 0 {
		return rsa.GenerateKey(rand.Reader, bits)
	}
	return nil, fmt.Errorf("make a key: there is no kind %d", t)
}

// madeRSA makes an RSA key of several primes (RFC 8017 section 3.2). crypto/rsa refuses to make small
// ones, which are to be had here; and a large one is ready in a second or two instead of half a minute
// when its primes are not half its size. Go and OpenSSL load and use such keys, NSS and GnuTLS do not. The
// distance between the primes that FIPS 186-5 (appendix A.1.3) asks for is left to chance.
func madeRSA(bits, count int) (*rsa.PrivateKey, error) {
	e, one := big.NewInt(65537), big.NewInt(1)
	primes, failed := make([]*big.Int, count), make([]error, count)
	var all sync.WaitGroup
	for i := range primes {
		all.Go(func() { primes[i], failed[i] = rand.Prime(rand.Reader, bits/count) })
	}
	all.Wait()
	if err := errors.Join(failed...); err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	for turn := 0; ; turn = (turn + 1) % count {
		n, phi := big.NewInt(1), big.NewInt(1)
		distinct := true
		for i, p := range primes {
			n.Mul(n, p)
			phi.Mul(phi, new(big.Int).Sub(p, one))
			for _, q := range primes[:i] {
				distinct = distinct && p.Cmp(q) != 0
			}
		}
		if d := new(big.Int).ModInverse(e, phi); distinct && n.BitLen() == bits && d != nil {
			key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: n, E: 65537}, D: d, Primes: primes}
			key.Precompute()
			return key, nil
		}
		var err error
		if primes[turn], err = rand.Prime(rand.Reader, bits/count); err != nil {
			return nil, fmt.Errorf("make a key: %w", err)
		}
	}
}

// smallKey signs for a server with a key that crypto/rsa refuses to sign with for its size. It can only
// do so up to TLS 1.2: the signatures of TLS 1.3 do not fit into 512 bits.
type smallKey struct{ *rsa.PrivateKey }

func (k smallKey) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if _, pss := opts.(*rsa.PSSOptions); pss {
		return nil, fmt.Errorf("a key of %d bits is too short for a PSS signature", k.N.BitLen())
	}
	return signSmall(k.PrivateKey, opts.HashFunc(), digest)
}
