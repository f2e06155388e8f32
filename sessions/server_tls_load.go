package sessions

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"wirebench/sessions/certs"
	"wirebench/sessions/certs/credential"
	"wirebench/sessions/certs/localca"
	"wirebench/sessions/inspect"
)

// maxOwnAddresses bounds the addresses of this machine that go into a certificate.
const maxOwnAddresses = 500

// serverTLS is a [ServerTLS] with what its files hold, for as long as clients use it. It may be used from
// any goroutine.
type serverTLS struct {
	config  *tls.Config
	timeout time.Duration // of a handshake
	text    string        // the certificate in a few words

	leaf    *x509.Certificate
	private bool         // it is the test CA's
	clients *certs.Store // the roots of client certificates, nil for none
	keyLog  *os.File     // nil for none
}

// close ends what is open. No handshake may be under way.
func (t *serverTLS) close() {
	if t.keyLog != nil {
		_ = t.keyLog.Close() // every line was written, or the handshake failed because of it
	}
}

// load reads the files, or has a certificate issued for a listener on local. The error is a [*ConfigError].
func (c *ServerTLS) load(local netip.Addr) (*serverTLS, error) {
	limits, err := c.limits()
	if err != nil {
		return nil, err
	}
	fault := func(field, value string, err error) (*serverTLS, error) {
		return nil, &ConfigError{Field: "TLS." + field, Value: value, Problem: err.Error()}
	}
	t := &serverTLS{timeout: limits.handshake, private: c.CertFile == ""}
	var pair tls.Certificate
	if t.private {
		ca, err := localca.Open(c.CADir)
		if err != nil {
			return fault("CADir", c.CADir, err)
		}
		if pair, err = ca.Issue(c.namesFor(local), time.Now()); err != nil {
			return fault("Names", strings.Join(c.Names, ","), err)
		}
	} else {
		pair, err = credential.Load(c.CertFile, c.KeyFile, c.Passphrase)
		if errors.Is(err, credential.ErrPassphrase) {
			return fault("Passphrase", "", err) // never the value
		}
		if err != nil {
			return fault("CertFile", c.CertFile, err)
		}
	}
	t.leaf = pair.Leaf
	t.text = certificateText(t.leaf, time.Now())
	var roots []*x509.Certificate
	if c.ClientAuth != NoClientCert {
		for _, path := range c.ClientCAFiles {
			more, err := readCertificates(path)
			if err != nil {
				return fault("ClientCAFiles", path, err)
			}
			roots = append(roots, more...)
		}
		if len(roots) > 0 {
			t.clients = certs.NewStore(roots...)
		}
	}
	if c.KeyLogFile != "" {
		if t.keyLog, err = os.OpenFile(c.KeyLogFile, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600); err != nil {
			return fault("KeyLogFile", c.KeyLogFile, fmt.Errorf("key log file: %w", err))
		}
	}
	t.config = t.tlsConfig(c, limits, pair, roots)
	return t, nil
}

// tlsConfig is where a client's certificate is let through that crypto/tls would refuse: it stops at the
// first fault and has few words for it. So it is told to ask for a certificate and to verify none, and
// VerifyConnection, which [clientShaker.configFor] sets and crypto/tls calls on every handshake, judges in
// its place, against the same roots.
func (t *serverTLS) tlsConfig(c *ServerTLS, limits serverLimits, pair tls.Certificate, roots []*x509.Certificate) *tls.Config {
	config := &tls.Config{
		Certificates: []tls.Certificate{pair}, // the only one, so that it is sent whatever name is asked for
		NextProtos:   slices.Clone(c.ALPN),
		MinVersion:   limits.min,
		MaxVersion:   limits.max,
		// What is written at once is one record, which the client gets as a whole or not at all; see writeOrder.
		DynamicRecordSizingDisabled: true,
		GetConfigForClient:          configForClient,
	}
	if t.keyLog != nil {
		config.KeyLogWriter = t.keyLog
	}
	if limits.min < tls.VersionTLS12 {
		for _, s := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
			config.CipherSuites = append(config.CipherSuites, s.ID) // an explicit list overrules what Go leaves out
		}
	}
	switch c.ClientAuth {
	case RequestClientCert:
		config.ClientAuth = tls.RequestClientCert
	case RequireClientCert:
		config.ClientAuth = tls.RequireAnyClientCert
	}
	if len(roots) > 0 {
		config.ClientCAs = x509.NewCertPool() // whose names the client is told
		for _, root := range roots {
			config.ClientCAs.AddCert(root)
		}
	}
	return config
}

// namesFor returns what the test CA's certificate for a listener on local is valid for. Names of the system
// that a certificate cannot have are left out.
func (c *ServerTLS) namesFor(local netip.Addr) []string {
	names := append(slices.Clone(c.Names), "localhost", "127.0.0.1", "::1")
	if host, err := os.Hostname(); err == nil {
		if _, _, err := localca.ParseName(host); err == nil {
			names = append(names, host)
		}
	}
	if local = local.Unmap(); local.IsValid() && !local.IsUnspecified() {
		return append(names, local.String())
	}
	all, err := net.InterfaceAddrs()
	if err != nil {
		return names // clients that use another address are told that it is not in the certificate
	}
	for _, a := range all[:min(len(all), maxOwnAddresses)] {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil {
			names = append(names, prefix.Addr().String())
		}
	}
	return names
}

// readCertificates reads the certificates of a file.
func readCertificates(path string) ([]*x509.Certificate, error) {
	ders, err := certs.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var out []*x509.Certificate
	for i, der := range ders {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("%s: certificate %d of %d cannot be read: %w", path, i+1, len(ders), err)
		}
		out = append(out, cert)
	}
	return out, nil
}

// certificateText is a server's certificate in a few words: "certificate localhost and 4 more names, by
// Wirebench test CA".
func certificateText(c *x509.Certificate, now time.Time) string {
	name := shortName(c.Subject, certs.SubjectText(c))
	if n := len(c.DNSNames) + len(c.IPAddresses); n > 0 {
		if len(c.DNSNames) > 0 {
			name = inspect.Escape([]byte(c.DNSNames[0]))
		} else {
			name = c.IPAddresses[0].String()
		}
		switch {
		case n == 2:
			name += " and 1 more name"
		case n > 2:
			name += fmt.Sprintf(" and %s more names", thousands(int64(n-1)))
		}
	}
	text := "certificate " + name
	if string(c.RawIssuer) == string(c.RawSubject) {
		text += ", signed by itself"
	} else {
		text += ", by " + shortName(c.Issuer, certs.IssuerText(c))
	}
	switch {
	case now.After(c.NotAfter):
		text += ", which has expired"
	case now.Before(c.NotBefore):
		text += ", which is not valid yet"
	}
	return text
}

// shortName is the common name, safe to show; whole when there is none.
func shortName(n pkix.Name, whole string) string {
	if n.CommonName == "" {
		return whole
	}
	return inspect.Escape([]byte(n.CommonName))
}
