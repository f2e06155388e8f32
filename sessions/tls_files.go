package sessions

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"wirebench/sessions/certs"
	"wirebench/sessions/certs/credential"
)

// tlsFiles is what the files of a TLS configuration hold.
type tlsFiles struct {
	client     *tls.Certificate // nil for none
	own, extra []*x509.Certificate
	crls       []certs.Source
	keyLog     *os.File // nil for none
}

func (f *tlsFiles) close() {
	if f.keyLog != nil {
		_ = f.keyLog.Close() // every line was written, or the handshake failed because of it
	}
}

// load reads the files. The error is a [*ConfigError].
func (c TLSConfig) load() (*tlsFiles, error) {
	f := &tlsFiles{}
	fault := func(field, value string, err error) (*tlsFiles, error) {
		return nil, &ConfigError{Field: field, Value: value, Problem: err.Error()}
	}
	if c.CertFile != "" {
		pair, err := credential.Load(c.CertFile, c.KeyFile, c.Passphrase)
		if errors.Is(err, credential.ErrPassphrase) {
			return fault("Passphrase", "", err) // never the value
		}
		if err != nil {
			return fault("CertFile", c.CertFile, err)
		}
		f.client = &pair
	}
	for _, list := range []struct {
		field string
		paths []string
		into  *[]*x509.Certificate
	}{{"CAFiles", c.CAFiles, &f.own}, {"ExtraFiles", c.ExtraFiles, &f.extra}} {
		for _, path := range list.paths {
			ders, err := certs.ReadFile(path)
			if err != nil {
				return fault(list.field, path, err)
			}
			for i, der := range ders {
				cert, err := x509.ParseCertificate(der)
				if err != nil {
					return fault(list.field, path, fmt.Errorf("%s: certificate %d of %d cannot be read: %w", path, i+1, len(ders), err))
				}
				*list.into = append(*list.into, cert)
			}
		}
	}
	if c.Trust == TrustSystem {
		f.extra = append(f.extra, f.own...) // they help to build the chain, and are not trusted
	}
	for _, path := range c.CRLFiles {
		ders, err := certs.ReadCRLFile(path)
		if err != nil {
			return fault("CRLFiles", path, err)
		}
		for _, der := range ders {
			f.crls = append(f.crls, certs.Source{DER: der, From: path})
		}
	}
	if c.KeyLogFile != "" {
		keyLog, err := os.OpenFile(c.KeyLogFile, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
		if err != nil {
			return fault("KeyLogFile", c.KeyLogFile, fmt.Errorf("key log file: %w", err))
		}
		f.keyLog = keyLog
	}
	return f, nil
}

// anchors returns the trust anchors that the configuration chooses.
func (c TLSConfig) anchors(own []*x509.Certificate) (*certs.Store, error) {
	if c.Trust == TrustMine {
		return certs.NewStore(own...), nil
	}
	system, err := certs.SystemStore()
	if err != nil {
		return nil, fmt.Errorf("read the system's trust anchors: %w (name your own, and trust only those)", err)
	}
	if c.Trust == TrustSystem {
		return system, nil
	}
	return system.With(own...), nil
}
