package credential

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/asn1"
	"errors"
	"fmt"
	"hash"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
	"golang.org/x/crypto/scrypt"
)

// The algorithms of PBES2 (RFC 8018 appendix A.4, RFC 7914 for scrypt) that openssl writes.
var (
	oidPBES2  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	oidScrypt = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11591, 4, 11}

	prfs = map[string]func() hash.Hash{
		"1.2.840.113549.2.7":  sha1.New, // HMAC-SHA-1, the default
		"1.2.840.113549.2.8":  sha256.New224,
		"1.2.840.113549.2.9":  sha256.New,
		"1.2.840.113549.2.10": sha512.New384,
		"1.2.840.113549.2.11": sha512.New,
	}
	ciphers = map[string]struct {
		size  int
		block func([]byte) (cipher.Block, error)
	}{
		"2.16.840.1.101.3.4.1.2":  {16, aes.NewCipher},
		"2.16.840.1.101.3.4.1.22": {24, aes.NewCipher},
		"2.16.840.1.101.3.4.1.42": {32, aes.NewCipher},
		"1.2.840.113549.3.7":      {24, des.NewTripleDESCipher},
	}
)

// Bounds on the work that a file can ask for.
const (
	maxIterations = 5_000_000
	maxScrypt     = 1 << 20 // its cost parameter N times the block size r, which times 128 bytes is memory
)

var errDamaged = errors.New("its encrypted key is damaged")

// decryptPKCS8 returns the key inside an EncryptedPrivateKeyInfo (RFC 5958 section 3).
func decryptPKCS8(der []byte, passphrase string) ([]byte, error) {
	s := cryptobyte.String(der)
	var outer, algorithm, params, kdf, scheme cryptobyte.String
	var encrypted []byte
	var oid asn1.ObjectIdentifier
	if !s.ReadASN1(&outer, cbasn1.SEQUENCE) || !outer.ReadASN1(&algorithm, cbasn1.SEQUENCE) ||
		!algorithm.ReadASN1ObjectIdentifier(&oid) || !outer.ReadASN1Bytes(&encrypted, cbasn1.OCTET_STRING) {
		return nil, errDamaged
	}
	if !oid.Equal(oidPBES2) {
		return nil, fmt.Errorf("its private key is encrypted in a way that is not known (%s): write it anew with openssl pkcs8 -topk8 -v2 aes256", oid)
	}
	if passphrase == "" {
		return nil, passphraseNeeded()
	}
	if !algorithm.ReadASN1(&params, cbasn1.SEQUENCE) || !params.ReadASN1(&kdf, cbasn1.SEQUENCE) || !params.ReadASN1(&scheme, cbasn1.SEQUENCE) {
		return nil, errDamaged
	}
	var name asn1.ObjectIdentifier
	var iv []byte
	if !scheme.ReadASN1ObjectIdentifier(&name) || !scheme.ReadASN1Bytes(&iv, cbasn1.OCTET_STRING) {
		return nil, errDamaged
	}
	c, ok := ciphers[name.String()]
	if !ok {
		return nil, fmt.Errorf("its private key is encrypted with a cipher that is not known (%s): AES and triple DES are", name)
	}
	secret, err := derive(kdf, passphrase, c.size)
	if err != nil {
		return nil, err
	}
	block, err := c.block(secret)
	if err != nil {
		return nil, err
	}
	size := block.BlockSize()
	if len(iv) != size || len(encrypted) == 0 || len(encrypted)%size != 0 {
		return nil, errDamaged
	}
	plain := make([]byte, len(encrypted))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, encrypted)
	pad := int(plain[len(plain)-1])
	if pad < 1 || pad > size || !bytes.Equal(plain[len(plain)-pad:], bytes.Repeat([]byte{byte(pad)}, pad)) {
		return nil, wrongPassphrase()
	}
	plain = plain[:len(plain)-pad]
	// One wrong passphrase in 256 leaves a padding that looks right, and no key.
	inner, rest := cryptobyte.String(plain), cryptobyte.String(nil)
	if !inner.ReadASN1(&rest, cbasn1.SEQUENCE) || !inner.Empty() {
		return nil, wrongPassphrase()
	}
	return plain, nil
}

// derive makes the cipher's key out of the passphrase.
func derive(kdf cryptobyte.String, passphrase string, size int) ([]byte, error) {
	var oid asn1.ObjectIdentifier
	var params cryptobyte.String
	if !kdf.ReadASN1ObjectIdentifier(&oid) || !kdf.ReadASN1(&params, cbasn1.SEQUENCE) {
		return nil, errDamaged
	}
	var salt []byte
	var n int
	if !params.ReadASN1Bytes(&salt, cbasn1.OCTET_STRING) || !params.ReadASN1Integer(&n) || n < 1 {
		return nil, errDamaged
	}
	if oid.Equal(oidScrypt) {
		var r, p int
		if !params.ReadASN1Integer(&r) || !params.ReadASN1Integer(&p) || r < 1 || p < 1 {
			return nil, errDamaged
		}
		if n > maxScrypt || r > maxScrypt || n*r > maxScrypt || p > 16 {
			return nil, errors.New("its private key asks for more memory and time than is given: openssl pkcs8 -topk8 writes it anew with usual parameters")
		}
		secret, err := scrypt.Key([]byte(passphrase), salt, n, r, p, size)
		if err != nil {
			return nil, errDamaged // N has to be a power of two
		}
		return secret, nil
	}
	if !oid.Equal(oidPBKDF2) {
		return nil, fmt.Errorf("its private key is protected in a way that is not known (%s): write it anew with openssl pkcs8 -topk8", oid)
	}
	if n > maxIterations {
		return nil, fmt.Errorf("its private key asks for %d rounds, more than the %d that are done", n, maxIterations)
	}
	if params.PeekASN1Tag(cbasn1.INTEGER) { // the key's length, which the cipher tells too
		var length int
		if !params.ReadASN1Integer(&length) || length != size {
			return nil, errDamaged
		}
	}
	prf := sha1.New
	if !params.Empty() {
		var algorithm cryptobyte.String
		var name asn1.ObjectIdentifier
		if !params.ReadASN1(&algorithm, cbasn1.SEQUENCE) || !algorithm.ReadASN1ObjectIdentifier(&name) {
			return nil, errDamaged
		}
		var ok bool
		if prf, ok = prfs[name.String()]; !ok {
			return nil, fmt.Errorf("its private key is protected with a function that is not known (%s)", name)
		}
	}
	return pbkdf2.Key(prf, passphrase, salt, n, size)
}
