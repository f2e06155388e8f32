package sessions

import (
	"crypto/tls"
	"fmt"
	"strings"
	"time"

	"wirebench/sessions/certs/localca"
)

// ClientAuth says whether a TLS listener asks its clients for a certificate.
type ClientAuth uint8

const (
	NoClientCert      ClientAuth = iota // it does not ask
	RequestClientCert                   // it asks, and takes clients without one
	RequireClientCert                   // it asks, and refuses clients without one
)

// String returns "none", "request" or "require", as [ParseClientAuth] reads it.
func (a ClientAuth) String() string {
	switch a {
	case NoClientCert:
		return "none"
	case RequestClientCert:
		return "request"
	case RequireClientCert:
		return "require"
	}
	return "unknown"
}

// ParseClientAuth reads the name of a choice, in any case; "" is none.
func ParseClientAuth(s string) (ClientAuth, error) {
	for _, a := range []ClientAuth{NoClientCert, RequestClientCert, RequireClientCert} {
		if strings.EqualFold(s, a.String()) {
			return a, nil
		}
	}
	if s == "" {
		return NoClientCert, nil
	}
	return NoClientCert, fmt.Errorf("client certificates %q is not known: write none, request or require", s)
}

// ServerTLS says how a listener speaks TLS. Files are read when it begins to listen.
type ServerTLS struct {
	// The listener's certificate: PEM files, or PKCS#12 in CertFile alone. With CertFile "" the local test CA
	// issues one, for the address listened on, localhost, 127.0.0.1, ::1, this machine's name, Names, and
	// every address of this machine if the listener is on all interfaces.
	CertFile, KeyFile, Passphrase string
	CADir                         string   // the folder of the test CA, which is made when it is not there
	Names                         []string // DNS names and IP addresses

	ClientAuth ClientAuth
	// ClientCAFiles are the roots that a client's certificate is held against; one that does not pass ends
	// the handshake. Without any, every certificate is taken, and shown as not verified.
	ClientCAFiles []string

	// MinVersion and MaxVersion are tls.VersionTLS10 to tls.VersionTLS13; 0 means 1.2 and 1.3. With a lowest
	// one of 1.0 or 1.1 cipher suites that are weak are taken too.
	MinVersion, MaxVersion uint16
	ALPN                   []string      // protocols spoken, best first (RFC 7301); empty speaks of none
	HandshakeTimeout       time.Duration // 0 means 10 s
	KeyLogFile             string        // TLS secrets are appended to it (for Wireshark); "" for none
}

const defaultServerHandshake = 10 * time.Second

// ClientTLS is what a client of a TLS listener agreed on. Texts are for people, and "" when there is nothing.
type ClientTLS struct {
	Version, CipherSuite, Curve string
	ServerName                  string // the name it asked for (SNI)
	ALPN                        string
	Resumed                     bool
	Subject, Issuer             string // of its certificate, whose key it has proved to have
	Verified                    string // what the certificate was held against; "" without one
}

// Summary is a handshake in one line: "TLS 1.3, TLS_AES_128_GCM_SHA256, X25519MLKEM768, for localhost".
func (c *ClientTLS) Summary() string {
	parts := []string{c.Version, c.CipherSuite}
	for _, p := range []string{c.Curve, c.ALPN} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	if c.ServerName != "" {
		parts = append(parts, "for "+c.ServerName)
	}
	if c.Resumed {
		parts = append(parts, "resumed")
	}
	if c.Subject != "" {
		parts = append(parts, "client certificate "+c.Subject, c.Verified)
	}
	return strings.Join(parts, ", ")
}

// check returns a [*ConfigError] that names the first field that cannot work, or nil. It looks at no file.
func (c *ServerTLS) check() error {
	_, err := c.limits()
	return err
}

// serverLimits are the checked numbers of a configuration.
type serverLimits struct {
	min, max  uint16
	handshake time.Duration
}

func (c *ServerTLS) limits() (serverLimits, error) {
	fault := func(field, value, format string, args ...any) (serverLimits, error) {
		return serverLimits{}, &ConfigError{Field: "TLS." + field, Value: value, Problem: fmt.Sprintf(format, args...)}
	}
	switch {
	case c.CertFile == "" && c.KeyFile != "":
		return fault("CertFile", "", "there is a key file and no certificate: name the file with the certificate")
	case c.CertFile == "" && c.CADir == "":
		return fault("CertFile", "", "the listener has no certificate: name the file with one, or have the test CA issue one")
	case c.ClientAuth > RequireClientCert:
		return fault("ClientAuth", fmt.Sprint(uint8(c.ClientAuth)), "client certificates %d is not known", c.ClientAuth)
	case c.HandshakeTimeout < 0:
		return fault("HandshakeTimeout", c.HandshakeTimeout.String(), "handshake timeout %v is negative: write a duration, or 0 for %v", c.HandshakeTimeout, defaultServerHandshake)
	}
	for _, name := range c.Names {
		if _, _, err := localca.ParseName(name); err != nil {
			return fault("Names", name, "%v", err)
		}
	}
	if problem := checkALPN(c.ALPN); problem != "" {
		return fault("ALPN", strings.Join(c.ALPN, ","), "%s", problem)
	}
	l := serverLimits{min: c.MinVersion, max: c.MaxVersion, handshake: c.HandshakeTimeout}
	if l.max == 0 {
		l.max = tls.VersionTLS13
	}
	if l.min == 0 {
		l.min = min(tls.VersionTLS12, l.max)
	}
	for _, v := range []struct {
		field string
		given uint16
	}{{"MinVersion", l.min}, {"MaxVersion", l.max}} {
		if v.given < tls.VersionTLS10 || v.given > tls.VersionTLS13 {
			return fault(v.field, fmt.Sprintf("0x%04x", v.given), "TLS version 0x%04x is not one of 1.0 to 1.3", v.given)
		}
	}
	if l.min > l.max {
		return fault("MinVersion", tls.VersionName(l.min), "the lowest version, %s, is above the highest, %s", tls.VersionName(l.min), tls.VersionName(l.max))
	}
	if l.handshake == 0 {
		l.handshake = defaultServerHandshake
	}
	return l, nil
}

// checkALPN says what is wrong with a list of protocols, "" for nothing.
func checkALPN(protocols []string) string {
	all := 0
	for _, p := range protocols {
		if len(p) == 0 || len(p) > 255 {
			return fmt.Sprintf("ALPN protocol %q has %d bytes: write 1 to 255, for example h2 or http/1.1", p, len(p))
		}
		all += 1 + len(p)
	}
	if all > 1<<16-1 {
		return fmt.Sprintf("the ALPN protocols have %s bytes together: the most is 65,535", thousands(int64(all)))
	}
	return ""
}
