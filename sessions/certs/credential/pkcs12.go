package credential

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
	"software.sslmate.com/src/go-pkcs12"
)

func fromPKCS12(data []byte, passphrase string) (c tls.Certificate, err error) {
	if work(data, 0) > maxIterations {
		return c, fmt.Errorf("it asks for more than the %d rounds of a passphrase that are done", maxIterations)
	}
	defer func() {
		// crypto/cipher panics where a file has the wrong length for what is to be decrypted.
		if r := recover(); r != nil {
			c, err = tls.Certificate{}, errors.New("it is PKCS#12 that is damaged")
		}
	}()
	key, leaf, chain, err := pkcs12.DecodeChain(data, passphrase)
	switch {
	case errors.Is(err, pkcs12.ErrIncorrectPassword) && passphrase == "":
		return c, fmt.Errorf("it is encrypted: a %w is needed", ErrPassphrase)
	case errors.Is(err, pkcs12.ErrIncorrectPassword):
		return c, wrongPassphrase()
	case err != nil:
		return c, fmt.Errorf("it is PKCS#12 that cannot be read: %w (openssl pkcs12 -in FILE -out FILE.pem may be able to write it as PEM)", err)
	}
	return pair(append([]*x509.Certificate{leaf}, chain...), key)
}

const (
	maxDepth     = 16 // of what is looked at for work; real files have some ten levels
	maxKeyLength = 64 // bytes that a passphrase may have to be made into, as RFC 9579 has it in the file
)

// work returns how many rounds of hashing der asks for by parameters that can be seen: a salt, and behind
// it the number of rounds, perhaps the length of the key (RFC 8018 appendix A, RFC 7292 section 4). What is
// encrypted itself is not seen, and bounded by being so: it takes the passphrase to have it decrypted.
func work(der []byte, depth int) (rounds int) {
	if depth > maxDepth {
		return 0
	}
	s := cryptobyte.String(der)
	var last cbasn1.Tag
	for !s.Empty() && rounds <= maxIterations {
		var value cryptobyte.String
		var tag cbasn1.Tag
		whole := s
		if !s.ReadAnyASN1(&value, &tag) {
			break
		}
		switch {
		case tag == cbasn1.INTEGER && last == cbasn1.OCTET_STRING:
			var n, length int64
			if !whole.ReadASN1Integer(&n) || n < 0 || n > maxIterations {
				return maxIterations + 1
			}
			if s.PeekASN1Tag(cbasn1.INTEGER) && (!s.ReadASN1Integer(&length) || length > maxKeyLength) {
				return maxIterations + 1
			}
			rounds += int(n)
		case tag == cbasn1.OCTET_STRING, tag&0x20 != 0: // contents in an octet string are DER as a rule
			rounds += work(value, depth+1)
		}
		last = tag
	}
	return rounds
}
