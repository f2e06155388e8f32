package cli

import (
	"crypto/x509"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"wirebench/sessions"
	"wirebench/sessions/certs"
)

// trustFlags are what a certificate is held against: the flags that tls and
// certs share.
type trustFlags struct {
	ca, extra, crl      []string
	trust               sessions.Trust
	at                  time.Time // zero for now
	ocsp, crlFetch, aia bool      // asked for over the network
}

// looking is the part of a command's help about the network.
const looking = `Nothing is asked of anybody else unless --ocsp, --crl-fetch or --aia says so: those tell the
CA's servers (http only, 10 s for each answer) which certificate is looked at, and say on
standard error what they do. A stapled OCSP response and --crl files are always looked at.`

func (o *trustFlags) flags(f *pflag.FlagSet) {
	f.StringArrayVar(&o.ca, "ca", nil, "trust the certificates in `file` (PEM, DER or PKCS#7); repeatable")
	f.Var(parsed(&o.trust, "system|both|mine", sessions.ParseTrust), "trust", "trust the system's roots, those and --ca, or --ca alone; both without it")
	f.StringArrayVar(&o.extra, "extra", nil, "build the chain with the certificates in `file` too, without trusting them; repeatable")
	f.Var(parsed(&o.at, "time", certs.ParseTime), "at", "judge as of this time: a date, or RFC 3339; now without it")
	f.StringArrayVar(&o.crl, "crl", nil, "look for revoked certificates in the CRLs of `file` (PEM or DER); repeatable")
	f.BoolVar(&o.ocsp, "ocsp", false, "ask the CAs' OCSP responders whether a certificate is revoked")
	f.BoolVar(&o.crlFetch, "crl-fetch", false, "fetch the CAs' revocation lists")
	f.BoolVar(&o.aia, "aia", false, "fetch issuers that are missing from where the certificate says (AIA)")
}

// check reports what the flags get wrong by themselves.
func (o *trustFlags) check() error {
	for _, list := range []struct {
		flag  string
		paths []string
	}{{"ca", o.ca}, {"extra", o.extra}, {"crl", o.crl}} {
		for _, path := range list.paths {
			if path == "" {
				return usage("--%s needs a name, and got an empty one", list.flag)
			}
		}
	}
	if o.trust == sessions.TrustMine && len(o.ca) == 0 {
		return usage("--trust mine needs roots to trust: name a file with some with --ca")
	}
	return nil
}

// input reads the files, and returns what to hold certificates against. An error
// that is a mistake on the command line names the flag.
func (o *trustFlags) input() (certs.Input, error) {
	in := certs.Input{Time: o.at}
	if o.at.IsZero() {
		in.Time = time.Now()
	}
	own, err := readCertificates("ca", o.ca)
	if err != nil {
		return in, err
	}
	if in.Extra, err = readCertificates("extra", o.extra); err != nil {
		return in, err
	}
	for _, path := range o.crl {
		ders, err := certs.ReadCRLFile(path)
		if err != nil {
			return in, usage("--crl: %w", err)
		}
		for _, der := range ders {
			in.Evidence.CRLs = append(in.Evidence.CRLs, certs.Source{DER: der, From: path})
		}
	}
	if o.trust == sessions.TrustMine {
		in.Store = certs.NewStore(own...)
		return in, nil
	}
	if in.Store, err = certs.SystemStore(); err != nil {
		return in, fmt.Errorf("read the system's trust anchors: %w (--trust mine goes without)", err)
	}
	if o.trust == sessions.TrustSystem {
		in.Extra = append(in.Extra, own...)
	} else {
		in.Store = in.Store.With(own...)
	}
	return in, nil
}

// readCertificates reads the files of a flag.
func readCertificates(flag string, paths []string) ([]*x509.Certificate, error) {
	var all []*x509.Certificate
	for _, path := range paths {
		ders, err := certs.ReadFile(path)
		if err != nil {
			return nil, usage("--%s: %w", flag, err)
		}
		for i, der := range ders {
			c, err := x509.ParseCertificate(der)
			if err != nil {
				return nil, usage("--%s: %s: certificate %d of %d cannot be read: %w", flag, path, i+1, len(ders), err)
			}
			all = append(all, c)
		}
	}
	return all, nil
}

// parsedFlag is a flag whose text is read by a function.
type parsedFlag[T any] struct {
	into  *T
	kind  string // what --help shows for the value
	parse func(string) (T, error)
	text  string // as it was given
}

func parsed[T any](into *T, kind string, parse func(string) (T, error)) *parsedFlag[T] {
	return &parsedFlag[T]{into: into, kind: kind, parse: parse}
}

// String implements pflag.Value.
func (f *parsedFlag[T]) String() string { return f.text }

// Type implements pflag.Value.
func (f *parsedFlag[T]) Type() string { return f.kind }

// Set implements pflag.Value.
func (f *parsedFlag[T]) Set(s string) error {
	v, err := f.parse(s)
	if err != nil {
		return err
	}
	*f.into, f.text = v, s
	return nil
}
