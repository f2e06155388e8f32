// Package credential reads client certificates with their private keys from the files people have: PEM
// in one file or two, with the key encrypted or not, and PKCS#12 of every age.
package credential

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"

	"software.sslmate.com/src/go-pkcs12"
)

// ErrPassphrase is wrapped when a passphrase is needed, or the one given is not the right one.
var ErrPassphrase = errors.New("passphrase")

// maxFile bounds what is read of a file.
const maxFile = 4 << 20

// Load reads a certificate with the certificates that lead on from it, and its private key. certFile is
// PEM or PKCS#12; keyFile is PEM or DER, and "" when the key stands in certFile. The chain keeps the
// order of the file, behind the certificate that the key belongs to. Errors name the file, wrap
// [ErrPassphrase] where that is the reason, and say so when key and certificate do not belong together.
// Whether the certificate has expired is the server's business.
func Load(certFile, keyFile, passphrase string) (tls.Certificate, error) {
	data, err := read(certFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	if !bytes.Contains(data, []byte("-----BEGIN ")) {
		if c, err := fromPKCS12(data, passphrase); err == nil {
			return c, nil
		} else if keyFile == "" || errors.Is(err, ErrPassphrase) {
			return tls.Certificate{}, fmt.Errorf("read %s: %w", certFile, err)
		}
		data = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: data})
	}
	chain, err := certificates(data)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("read %s: %w", certFile, err)
	}
	keyData, from := data, certFile
	if keyFile != "" {
		if keyData, err = read(keyFile); err != nil {
			return tls.Certificate{}, err
		}
		from = keyFile
	}
	key, err := privateKey(keyData, passphrase)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("read %s: %w", from, err)
	}
	c, err := pair(chain, key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("read %s: %w", from, err)
	}
	return c, nil
}

func read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("read %s: it is larger than %d MiB, which no certificate is", path, maxFile>>20)
	}
	return data, nil
}

func certificates(data []byte) ([]*x509.Certificate, error) {
	var chain []*x509.Certificate
	for {
		block, rest := pem.Decode(data)
		if block == nil {
			break
		}
		data = rest
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("its certificate number %d cannot be parsed: %w", len(chain)+1, err)
		}
		chain = append(chain, c)
	}
	if len(chain) == 0 {
		return nil, errors.New("it has no certificate")
	}
	return chain, nil
}

// privateKey takes the first private key out of PEM, or reads DER.
func privateKey(data []byte, passphrase string) (crypto.PrivateKey, error) {
	if !bytes.Contains(data, []byte("-----BEGIN ")) {
		return parseKey(data)
	}
	for {
		block, rest := pem.Decode(data)
		if block == nil {
			return nil, errors.New("it has no private key: name the file that has it")
		}
		data = rest
		switch block.Type {
		case "ENCRYPTED PRIVATE KEY":
			der, err := decryptPKCS8(block.Bytes, passphrase)
			if err != nil {
				return nil, err
			}
			return parseKey(der)
		case "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY":
			//lint:ignore SA1019 the old encryption of PEM (RFC 1423) is weak, and people have such files
			if !x509.IsEncryptedPEMBlock(block) {
				return parseKey(block.Bytes)
			}
			if passphrase == "" {
				return nil, fmt.Errorf("its key is encrypted: a %w is needed", ErrPassphrase)
			}
			//lint:ignore SA1019 as above
			der, err := x509.DecryptPEMBlock(block, []byte(passphrase))
			if err != nil {
				return nil, wrongPassphrase()
			}
			key, err := parseKey(der)
			if err != nil { // that encryption has no check of its own worth the name
				return nil, wrongPassphrase()
			}
			return key, nil
		}
	}
}

func wrongPassphrase() error { return fmt.Errorf("the %w is not the right one", ErrPassphrase) }

func parseKey(der []byte) (crypto.PrivateKey, error) {
	if key, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return key, nil
	}
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key, nil
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil {
		return key, nil
	}
	return nil, errors.New("its private key is of a kind that is not known: PKCS#8, PKCS#1 and SEC 1 are, with RSA, ECDSA and Ed25519 keys")
}

// pair puts the certificate that belongs to the key in front.
func pair(chain []*x509.Certificate, key crypto.PrivateKey) (tls.Certificate, error) {
	signer, ok := key.(crypto.Signer)
	if !ok {
		return tls.Certificate{}, fmt.Errorf("a key of type %T cannot sign", key)
	}
	own := -1
	for i, c := range chain {
		if same, ok := signer.Public().(interface{ Equal(crypto.PublicKey) bool }); ok && same.Equal(c.PublicKey) {
			own = i
			break
		}
	}
	if own < 0 {
		return tls.Certificate{}, fmt.Errorf("the private key (%s) does not belong to the certificate of %s (%s)",
			keyName(signer.Public()), chain[0].Subject, keyName(chain[0].PublicKey))
	}
	t := tls.Certificate{PrivateKey: key, Leaf: chain[own], Certificate: [][]byte{chain[own].Raw}}
	for i, c := range chain {
		if i != own {
			t.Certificate = append(t.Certificate, c.Raw)
		}
	}
	return t, nil
}

func keyName(k crypto.PublicKey) string {
	switch k := k.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d bits", k.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA " + k.Curve.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return fmt.Sprintf("%T", k)
}

func fromPKCS12(data []byte, passphrase string) (tls.Certificate, error) {
	key, leaf, chain, err := pkcs12.DecodeChain(data, passphrase)
	switch {
	case errors.Is(err, pkcs12.ErrIncorrectPassword) && passphrase == "":
		return tls.Certificate{}, fmt.Errorf("a %w is needed", ErrPassphrase)
	case errors.Is(err, pkcs12.ErrIncorrectPassword):
		return tls.Certificate{}, wrongPassphrase()
	case err != nil:
		return tls.Certificate{}, fmt.Errorf("it is neither PEM nor PKCS#12 that can be read: %w", err)
	}
	return pair(append([]*x509.Certificate{leaf}, chain...), key)
}
