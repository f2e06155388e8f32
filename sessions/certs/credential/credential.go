// Package credential reads client certificates with their private keys from the files people have: PEM
// in one file or two, with the key encrypted or not, and PKCS#12 of every age.
package credential

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"wirebench/sessions/certs"
)

// ErrPassphrase is wrapped when a passphrase is needed, or the one given is not the right one.
var ErrPassphrase = errors.New("passphrase")

// maxFile bounds what is read of a file.
const maxFile = 4 << 20

// Load reads a certificate with the certificates that lead on from it, and its private key. certFile is
// PEM, DER, PKCS#7 or PKCS#12; keyFile is PEM or DER, and "" when the key stands in certFile. The
// certificate that the key belongs to comes first, the others behind it in the order of the file. Errors
// name the file, wrap [ErrPassphrase] where that is the reason, and say so when key and certificate do not
// belong together. Whether the certificate has expired is the server's business. A file can make Load
// compute for some seconds and take 128 MiB, by what it asks of a passphrase.
func Load(certFile, keyFile, passphrase string) (tls.Certificate, error) {
	fail := func(path string, err error) (tls.Certificate, error) {
		return tls.Certificate{}, fmt.Errorf("read %s: %w", path, err)
	}
	data, err := read(certFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	if certs.IsPKCS12(data) {
		if keyFile != "" {
			return fail(certFile, errors.New("it is PKCS#12, which has its own private key: name no file for that"))
		}
		c, err := fromPKCS12(data, passphrase)
		if err != nil {
			return fail(certFile, err)
		}
		return c, nil
	}
	chain, err := certificates(data)
	if err != nil {
		return fail(certFile, err)
	}
	keyData, from := data, certFile
	if keyFile != "" {
		if keyData, err = read(keyFile); err != nil {
			return tls.Certificate{}, err
		}
		from = keyFile
	}
	keys, err := privateKeys(keyData, passphrase)
	if err == nil && len(keys) == 0 {
		if err = errors.New("it has no private key"); keyFile == "" {
			err = errors.New("it has no private key: name the file that has it")
		}
	}
	var c tls.Certificate
	for _, key := range keys {
		var wrong error
		if c, wrong = pair(chain, key); wrong == nil {
			return c, nil
		}
		if err == nil { // a key that could not be read may have been the right one
			err = wrong
		}
	}
	return fail(from, err)
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
		return nil, fmt.Errorf("read %s: it is larger than %d MiB, which no client certificate is", path, maxFile>>20)
	}
	return data, nil
}

func certificates(data []byte) ([]*x509.Certificate, error) {
	ders, err := certs.Parse(data)
	if err != nil {
		return nil, err
	}
	chain := make([]*x509.Certificate, len(ders))
	for i, der := range ders {
		if chain[i], err = x509.ParseCertificate(der); err != nil {
			return nil, fmt.Errorf("its certificate number %d cannot be parsed: %w", i+1, err)
		}
	}
	return chain, nil
}

// pair puts the certificate that belongs to the key in front.
func pair(chain []*x509.Certificate, key crypto.PrivateKey) (tls.Certificate, error) {
	signer, ok := key.(crypto.Signer)
	if !ok {
		return tls.Certificate{}, fmt.Errorf("its private key (%s) cannot sign, as a client has to", keyName(key))
	}
	own := slices.IndexFunc(chain, func(c *x509.Certificate) bool {
		public, ok := signer.Public().(interface{ Equal(crypto.PublicKey) bool })
		return ok && public.Equal(c.PublicKey)
	})
	if own < 0 {
		return tls.Certificate{}, fmt.Errorf("the private key (%s) does not belong to the certificate of %s (%s)",
			keyName(signer.Public()), certs.SubjectText(chain[0]), keyName(chain[0].PublicKey))
	}
	t := tls.Certificate{PrivateKey: key, Leaf: chain[own], Certificate: [][]byte{chain[own].Raw}}
	for i, c := range chain {
		if i != own {
			t.Certificate = append(t.Certificate, c.Raw)
		}
	}
	return t, nil
}

func keyName(k any) string {
	switch k := k.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA, %d bits", k.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA, " + k.Curve.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	case nil:
		return "of a kind that is not known"
	}
	return fmt.Sprintf("%T", k)
}
