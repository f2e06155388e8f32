package sessions

import (
	"crypto/tls"
	"fmt"
	"slices"
	"strings"
	"time"

	"wirebench/sessions/starttls"
)

// Policy says what a TLS client does about a certificate that is not trusted.
type Policy uint8

const (
	// Strict ends the connection before a byte of the application is sent.
	Strict Policy = iota
	// Inspect finishes the handshake, reports, and closes, whatever the certificate is.
	Inspect
	// Continue goes on whatever the certificate is.
	Continue
)

// String returns "strict", "inspect" or "continue", as [ParsePolicy] reads it.
func (p Policy) String() string {
	switch p {
	case Strict:
		return "strict"
	case Inspect:
		return "inspect"
	case Continue:
		return "continue"
	}
	return "unknown"
}

// ParsePolicy reads the name of a policy, in any case; "" is strict.
func ParsePolicy(s string) (Policy, error) {
	for _, p := range []Policy{Strict, Inspect, Continue} {
		if strings.EqualFold(s, p.String()) {
			return p, nil
		}
	}
	if s == "" {
		return Strict, nil
	}
	return Strict, fmt.Errorf("policy %q is not known: write strict, inspect or continue", s)
}

// Trust says whose trust anchors a certificate is held against.
type Trust uint8

const (
	TrustBoth   Trust = iota // the system's and those of CAFiles
	TrustSystem              // the system's; CAFiles only help to build the chain
	TrustMine                // those of CAFiles
)

// String returns "both", "system" or "mine", as [ParseTrust] reads it.
func (t Trust) String() string {
	switch t {
	case TrustBoth:
		return "both"
	case TrustSystem:
		return "system"
	case TrustMine:
		return "mine"
	}
	return "unknown"
}

// ParseTrust reads the name of a choice of anchors, in any case; "" is both.
func ParseTrust(s string) (Trust, error) {
	for _, t := range []Trust{TrustBoth, TrustSystem, TrustMine} {
		if strings.EqualFold(s, t.String()) {
			return t, nil
		}
	}
	if s == "" {
		return TrustBoth, nil
	}
	return TrustBoth, fmt.Errorf("trust %q is not known: write both, system or mine", s)
}

// TLSConfig says where a TLS client connects, how it shakes hands, and what it holds the certificate
// against. [DefaultTLS] returns the usual values; only the address has none. Files are read by Start.
type TLSConfig struct {
	TCPConfig // Address may also be written tls://host:port

	Policy Policy
	// ServerName is the name sent to the server (SNI, RFC 6066 section 3); "" means the host of the
	// address. An IP address is never sent.
	ServerName string
	// VerifyName is the name or IP address the certificate must have; "" means ServerName, and without
	// one the host of the address.
	VerifyName string
	ALPN       []string // protocols offered, best first (RFC 7301); empty offers none

	// MinVersion and MaxVersion are tls.VersionTLS10 to tls.VersionTLS13; 0 means 1.2 (1.0 with Legacy)
	// and 1.3.
	MinVersion, MaxVersion uint16
	Legacy                 bool // also TLS 1.0 and 1.1, and cipher suites that are weak

	// The client certificate: PEM files, or PKCS#12 in CertFile alone; "" for none.
	CertFile, KeyFile, Passphrase string

	Trust      Trust
	CAFiles    []string  // own trust anchors
	ExtraFiles []string  // more certificates to build the chain with; not trusted
	AsOf       time.Time // when the certificate is looked at; zero means now
	CRLFiles   []string

	// Look-ups leave the machine for a third party, and are off unless asked for.
	LookOCSP, LookCRL, LookAIA bool

	KeyLogFile string // TLS secrets are appended to it (for Wireshark); "" for none
	StartTLS   string // the protocol to begin in plain text, as [starttls.Protocols] names it; "" for none
	// HandshakeTimeout bounds the handshake, with the STARTTLS dialogue before it and without look-ups;
	// 0 means 20 s.
	HandshakeTimeout time.Duration
}

const defaultHandshakeTimeout = 20 * time.Second

// DefaultTLS returns the configuration of a new TLS session, without an address.
func DefaultTLS() TLSConfig {
	return TLSConfig{TCPConfig: DefaultTCP(), HandshakeTimeout: defaultHandshakeTimeout}
}

// Equal reports whether both say the same.
func (c TLSConfig) Equal(d TLSConfig) bool {
	return c.TCPConfig == d.TCPConfig && c.Policy == d.Policy &&
		c.ServerName == d.ServerName && c.VerifyName == d.VerifyName && slices.Equal(c.ALPN, d.ALPN) &&
		c.MinVersion == d.MinVersion && c.MaxVersion == d.MaxVersion && c.Legacy == d.Legacy &&
		c.CertFile == d.CertFile && c.KeyFile == d.KeyFile && c.Passphrase == d.Passphrase &&
		c.Trust == d.Trust && slices.Equal(c.CAFiles, d.CAFiles) && slices.Equal(c.ExtraFiles, d.ExtraFiles) &&
		c.AsOf.Equal(d.AsOf) && slices.Equal(c.CRLFiles, d.CRLFiles) &&
		c.LookOCSP == d.LookOCSP && c.LookCRL == d.LookCRL && c.LookAIA == d.LookAIA &&
		c.KeyLogFile == d.KeyLogFile && c.StartTLS == d.StartTLS && c.HandshakeTimeout == d.HandshakeTimeout
}

// clone returns a copy that shares no slice with c.
func (c TLSConfig) clone() TLSConfig {
	c.ALPN, c.CAFiles = slices.Clone(c.ALPN), slices.Clone(c.CAFiles)
	c.ExtraFiles, c.CRLFiles = slices.Clone(c.ExtraFiles), slices.Clone(c.CRLFiles)
	return c
}

// Check returns a [*ConfigError] that names the first field that cannot work, or nil. It looks at the
// interfaces of this machine, but at no file and at nothing on the network.
func (c TLSConfig) Check() error {
	_, err := c.tlsTarget()
	return err
}

// tlsTarget is a checked configuration.
type tlsTarget struct {
	target
	serverName string // sent to the server, "" for none
	verify     string // name or IP literal to verify
	min, max   uint16
	handshake  time.Duration
}

func (c TLSConfig) tlsTarget() (tlsTarget, error) {
	fault := func(field, value, format string, args ...any) (tlsTarget, error) {
		return tlsTarget{}, &ConfigError{Field: field, Value: value, Problem: fmt.Sprintf(format, args...)}
	}
	base, err := c.TCPConfig.targetOf(TLS)
	if err != nil {
		return tlsTarget{}, err
	}
	t := tlsTarget{target: base, serverName: base.host, min: c.MinVersion, max: c.MaxVersion, handshake: c.HandshakeTimeout}
	if c.Policy > Continue {
		return fault("Policy", fmt.Sprint(uint8(c.Policy)), "policy %d is not known", c.Policy)
	}
	if c.Trust > TrustMine {
		return fault("Trust", fmt.Sprint(uint8(c.Trust)), "trust %d is not known", c.Trust)
	}
	if name := strings.TrimSpace(c.ServerName); name != "" {
		if t.serverName, err = checkHost(name, ":443"); err != nil {
			return fault("ServerName", c.ServerName, "server name: %v", err)
		}
	}
	t.verify = t.serverName
	if isLiteral(t.serverName) {
		t.serverName = "" // RFC 6066: literal addresses are not permitted
	}
	if name := strings.Trim(strings.TrimSpace(c.VerifyName), "[]"); name != "" {
		if t.verify, err = checkHost(name, ":443"); err != nil {
			return fault("VerifyName", c.VerifyName, "name to verify: %v", err)
		}
	}
	all := 0
	for _, p := range c.ALPN {
		if len(p) == 0 || len(p) > 255 {
			return fault("ALPN", strings.Join(c.ALPN, ","), "ALPN protocol %q has %d bytes: write 1 to 255, for example h2 or http/1.1", p, len(p))
		}
		all += 1 + len(p)
	}
	if all > 1<<16-1 {
		return fault("ALPN", strings.Join(c.ALPN, ","), "the ALPN protocols have %d bytes together: the most is 65,535", all)
	}
	if t.min == 0 {
		t.min = tls.VersionTLS12
		if c.Legacy {
			t.min = tls.VersionTLS10
		}
		if t.max != 0 {
			t.min = min(t.min, t.max)
		}
	}
	if t.max == 0 {
		t.max = tls.VersionTLS13
	}
	for _, v := range []struct {
		field string
		given uint16
		value uint16
	}{{"MaxVersion", c.MaxVersion, t.max}, {"MinVersion", c.MinVersion, t.min}} { // a low highest one brings the lowest down with it
		switch {
		case v.value < tls.VersionTLS10 || v.value > tls.VersionTLS13:
			return fault(v.field, fmt.Sprintf("0x%04x", v.given), "TLS version 0x%04x is not one of 1.0 to 1.3", v.given)
		case v.value < tls.VersionTLS12 && !c.Legacy:
			return fault(v.field, tls.VersionName(v.given), "%s is insecure and switched off: switch legacy on, or write 1.2 or 1.3", tls.VersionName(v.value))
		}
	}
	if t.min > t.max {
		return fault("MinVersion", tls.VersionName(c.MinVersion), "the lowest version, %s, is above the highest, %s", tls.VersionName(t.min), tls.VersionName(t.max))
	}
	if c.StartTLS != "" && !slices.ContainsFunc(starttls.Protocols(), func(p starttls.Protocol) bool { return p.Name == c.StartTLS }) {
		var names []string
		for _, p := range starttls.Protocols() {
			names = append(names, p.Name)
		}
		return fault("StartTLS", c.StartTLS, "STARTTLS protocol %q is not known: write one of %s, or nothing", c.StartTLS, strings.Join(names, ", "))
	}
	if c.KeyFile != "" && c.CertFile == "" {
		return fault("CertFile", "", "there is a key file and no certificate: name the file with the client certificate")
	}
	if c.Trust == TrustMine && len(c.CAFiles) == 0 {
		return fault("CAFiles", "", "only your own roots are to be trusted, and there are none: name a file with some, or trust the system's too")
	}
	if c.HandshakeTimeout < 0 {
		return fault("HandshakeTimeout", c.HandshakeTimeout.String(), "handshake timeout %v is negative: write a duration, or 0 for %v", c.HandshakeTimeout, defaultHandshakeTimeout)
	}
	if t.handshake == 0 {
		t.handshake = defaultHandshakeTimeout
	}
	return t, nil
}
