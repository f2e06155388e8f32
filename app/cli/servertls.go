package cli

import (
	"context"
	"errors"
	"os"

	"github.com/spf13/pflag"

	"wirebench/sessions"
	"wirebench/sessions/certs"
	"wirebench/sessions/certs/credential"
)

// serverTLSOptions are the flags of a server that are about TLS.
type serverTLSOptions struct {
	tls        sessions.ServerTLS
	testCA     bool
	passphrase string // a file
	caOut      string
}

func (o *serverTLSOptions) flags(f *pflag.FlagSet) {
	f.BoolVar(&o.testCA, "tls", false, "speak TLS; without --tls-cert the certificate is of the local test CA")
	f.StringVar(&o.tls.CertFile, "tls-cert", "", "speak TLS with the certificate in this `file`: PEM, also with its key, or PKCS#12")
	f.StringVar(&o.tls.KeyFile, "tls-key", "", "the key of --tls-cert is in this `file`")
	f.StringVar(&o.passphrase, "passphrase-file", "", "the passphrase of --tls-key or --tls-cert is the first line of `file`")
	f.StringVar(&o.caOut, "ca-out", "", "write the test CA's root to this `file` (PEM), for clients to trust")
	f.StringSliceVar(&o.tls.Names, "tls-name", nil, "more `names` or IP addresses for the test CA's certificate, with commas between them")
	f.Var(parsed(&o.tls.ClientAuth, "none|request|require", sessions.ParseClientAuth), "client-cert", "client certificates: none, which is the default, request or require")
	f.StringArrayVar(&o.tls.ClientCAFiles, "client-ca", nil, "refuse client certificates that the roots in this `file` do not vouch for; repeatable")
	f.StringSliceVar(&o.tls.ALPN, "alpn", nil, "application protocols to agree on, best first, with commas between them")
	f.Var(parsed(&o.tls.MinVersion, "version", parseVersion), "min-version", "lowest version of TLS: 1.0 to 1.3; 1.2 without it")
	f.Var(parsed(&o.tls.MaxVersion, "version", parseVersion), "max-version", "highest version of TLS: 1.0 to 1.3; 1.3 without it")
	f.StringVar(&o.tls.KeyLogFile, "keylog", "", "append TLS secrets to this `file`, with which Wireshark, and whoever else has them, reads it")
}

// check completes the options. It returns nil when they are not about TLS.
func (o *serverTLSOptions) check(ctx context.Context, f *pflag.FlagSet) (*sessions.ServerTLS, error) {
	if err := named(f, "tls-cert", "tls-key", "passphrase-file", "ca-out", "keylog"); err != nil {
		return nil, err
	}
	c := &o.tls
	if !o.testCA && c.CertFile == "" {
		for _, name := range []string{"tls-key", "passphrase-file", "ca-out", "tls-name", "client-cert", "client-ca", "alpn", "min-version", "max-version", "keylog"} {
			if f.Changed(name) {
				return nil, usage("--%s is about TLS: say --tls-cert, or --tls for a certificate of the test CA", name)
			}
		}
		return nil, nil
	}
	if c.CertFile == "" {
		for _, name := range []string{"tls-key", "passphrase-file"} {
			if f.Changed(name) {
				return nil, usage("--%s: there is no certificate that it belongs to; name it with --tls-cert", name)
			}
		}
	} else {
		for _, name := range []string{"ca-out", "tls-name"} {
			if f.Changed(name) {
				return nil, usage("--%s is about the test CA, which --tls-cert does without", name)
			}
		}
	}
	if len(c.ClientCAFiles) > 0 && c.ClientAuth == sessions.NoClientCert {
		return nil, usage("--client-ca: clients are asked for no certificate; say --client-cert require, or request")
	}
	if o.passphrase != "" {
		// It may be a pipe, and be waited for.
		err := interruptible(ctx, 0, func() (err error) { c.Passphrase, err = readPassphrase(o.passphrase); return err })
		if err != nil {
			return nil, usage("--passphrase-file: %w", err)
		}
	}
	if err := o.readFiles(); err != nil {
		return nil, err
	}
	if err := o.findCA(); err != nil {
		return nil, err
	}
	return c, nil
}

// readFiles finds mistakes in files, which the listener reads only when it has
// an address. What can be read but once is left to it.
func (o *serverTLSOptions) readFiles() error {
	c := &o.tls
	if c.CertFile != "" && rereadable(c.CertFile) && (c.KeyFile == "" || rereadable(c.KeyFile)) {
		_, err := credential.Load(c.CertFile, c.KeyFile, c.Passphrase)
		if errors.Is(err, credential.ErrPassphrase) {
			return usage("--passphrase-file: %w", err)
		}
		if err != nil {
			return usage("--tls-cert: %w", err)
		}
	}
	for _, path := range c.ClientCAFiles {
		if !rereadable(path) {
			continue
		}
		if _, err := certs.ReadFile(path); err != nil {
			return usage("--client-ca: %w", err)
		}
	}
	return nil
}

// rereadable tells what is no pipe or the like.
func rereadable(path string) bool {
	st, err := os.Stat(path)
	return err != nil || st.Mode().IsRegular() || st.IsDir() // an error, and a folder, come again
}
