// Package localca is a certificate authority of the person's own, kept in a folder, whose certificates
// let a server of this machine speak TLS without anybody else. Nobody trusts its root until it is given to
// a client, and who trusts it trusts whoever can read the folder: it is for tests.
//
// [Open] loads the authority or makes it, and [Authority.Issue] makes certificates for servers.
package localca

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"wirebench/sessions/certs/testca"
)

const (
	// rootYears is how long a new root is valid.
	rootYears = 10
	// leafDays is how long a certificate is valid: Apple's systems accept no more from a CA that a person
	// added (support article 103769).
	leafDays = 825
	// skew is how far a client's clock may be behind for a new certificate to be valid there.
	skew = time.Hour
)

// Authority is a root certificate with its private key. Its methods may be called from any goroutine.
type Authority struct {
	root *testca.Cert
}

// Root returns the root certificate, to be shown; nobody may change it.
func (a *Authority) Root() *x509.Certificate { return a.root.X509 }

// RootPEM returns the root certificate as PEM, without the key: what a client needs to trust the authority.
func (a *Authority) RootPEM() []byte { return testca.PEM(a.root) }

// Issue makes a certificate for a server, with a new ECDSA key on P-256, that is valid for all of the names:
// DNS names, in Unicode or ASCII and with a wildcard in front if need be, and IP addresses, whose zone is left
// out because a certificate has none. Names that say the same are taken once; the first one is the common
// name. It is valid from an hour before at for 825 days, within the life of the root, which at has to be
// in. What a server sends is the certificate alone: clients that trust the root have it.
func (a *Authority) Issue(names []string, at time.Time) (tls.Certificate, error) {
	spec, err := specOf(names)
	if err != nil {
		return tls.Certificate{}, err
	}
	root := a.root.X509
	if at.Before(root.NotBefore) || at.After(root.NotAfter) {
		return tls.Certificate{}, fmt.Errorf("issue a certificate for %s as of %s: the test CA is valid from %s to %s only", spec.first, day(at), day(root.NotBefore), day(root.NotAfter))
	}
	from := at.Add(-skew).UTC().Truncate(time.Second)
	to := from.AddDate(0, 0, leafDays).Add(-time.Second) // both ends count
	if from.Before(root.NotBefore) {
		from = root.NotBefore
	}
	if to.After(root.NotAfter) {
		to = root.NotAfter
	}
	spec.NotBefore, spec.NotAfter = from, to
	leaf, err := a.root.Issue(spec.Spec)
	if err != nil {
		return tls.Certificate{}, err
	}
	return testca.TLS(leaf), nil
}

// newAuthority makes a root of that name.
func newAuthority(name string, now time.Time) (*Authority, error) {
	root, err := testca.SelfSigned(testca.Spec{
		CommonName: name,
		CA:         true,
		PathLen:    testca.PathLenZero,
		NotBefore:  now.Add(-skew).UTC().Truncate(time.Second),
		NotAfter:   now.AddDate(rootYears, 0, 0).UTC().Truncate(time.Second),
	})
	if err != nil {
		return nil, err
	}
	return &Authority{root}, nil
}

// warning stands at the top of the file. PEM allows for text around its blocks (RFC 7468 section 2).
const warning = `The root certificate of a test CA, and its private key. Whoever has this file can pretend to be any
server to those who trust the root: keep it to yourself, and give clients only the certificate.
`

// encode writes the authority as [decode] reads it.
func (a *Authority) encode() ([]byte, error) {
	key, err := a.root.KeyPEM()
	if err != nil {
		return nil, err
	}
	return bytes.Join([][]byte{[]byte(warning), a.RootPEM(), key}, nil), nil
}

// errExpired and errClock are about good files at a bad time.
var (
	errExpired = errors.New("has expired")
	errClock   = errors.New("is not valid yet")
)

// decode reads an authority that can be used now, or says what is wrong with it.
func decode(data []byte, now time.Time) (*Authority, error) {
	var root *x509.Certificate
	var key crypto.Signer
	for {
		block, rest := pem.Decode(data)
		if block == nil {
			break
		}
		data = rest
		switch block.Type {
		case "CERTIFICATE":
			if root != nil {
				return nil, errors.New("it has more than one certificate")
			}
			var err error
			if root, err = x509.ParseCertificate(block.Bytes); err != nil {
				return nil, fmt.Errorf("its certificate cannot be read: %w", err)
			}
		case "PRIVATE KEY":
			if key != nil {
				return nil, errors.New("it has more than one private key")
			}
			parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			if err != nil {
				return nil, fmt.Errorf("its private key cannot be read: %w", err)
			}
			signer, ok := parsed.(crypto.Signer)
			if !ok {
				return nil, errors.New("its private key cannot sign")
			}
			key = signer
		}
	}
	switch {
	case root == nil:
		return nil, errors.New("it has no certificate, or a damaged one")
	case key == nil:
		return nil, errors.New("it has no private key, or a damaged one")
	case !root.BasicConstraintsValid || !root.IsCA || root.KeyUsage&x509.KeyUsageCertSign == 0:
		return nil, errors.New("its certificate is not that of a CA")
	}
	if public, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool }); !ok || !public.Equal(root.PublicKey) {
		return nil, errors.New("its private key does not belong to its certificate")
	}
	if err := root.CheckSignatureFrom(root); err != nil {
		return nil, fmt.Errorf("its certificate is damaged: %w", err)
	}
	switch {
	case now.After(root.NotAfter):
		return nil, fmt.Errorf("its certificate %w, on %s", errExpired, day(root.NotAfter))
	case now.Before(root.NotBefore):
		return nil, fmt.Errorf("its certificate %w, but from %s on", errClock, day(root.NotBefore))
	}
	return &Authority{&testca.Cert{DER: root.Raw, X509: root, Key: key}}, nil
}

func day(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
