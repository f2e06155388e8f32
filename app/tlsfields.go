package app

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"wirebench/sessions"
	"wirebench/sessions/starttls"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// tlsOptions are a TLS client's own options as kept on disk. There is no
// passphrase among them.
type tlsOptions struct {
	Policy     string        `json:"policy,omitempty"`
	ServerName string        `json:"serverName,omitempty"`
	VerifyName string        `json:"verifyName,omitempty"`
	ALPN       []string      `json:"alpn,omitempty"`
	StartTLS   string        `json:"startTLS,omitempty"`
	MinVersion uint16        `json:"minVersion,omitempty"`
	MaxVersion uint16        `json:"maxVersion,omitempty"`
	Legacy     bool          `json:"legacy,omitempty"`
	Timeout    time.Duration `json:"timeout,omitempty"`
	Trust      string        `json:"trust,omitempty"`
	CAFiles    []string      `json:"caFiles,omitempty"`
	ExtraFiles []string      `json:"extraFiles,omitempty"`
	AsOf       string        `json:"asOf,omitempty"` // as it was typed
	CRLFiles   []string      `json:"crlFiles,omitempty"`
	LookOCSP   bool          `json:"lookOCSP,omitempty"`
	LookCRL    bool          `json:"lookCRL,omitempty"`
	LookAIA    bool          `json:"lookAIA,omitempty"`
	CertFile   string        `json:"certFile,omitempty"`
	KeyFile    string        `json:"keyFile,omitempty"`
	KeyLogFile string        `json:"keyLogFile,omitempty"`
	Card       string        `json:"card,omitempty"` // "open" or "folded"; "" as its report asks for
}

// tlsVersions are the protocol versions as the form offers them, in its order.
var tlsVersions = []uint16{tls.VersionTLS10, tls.VersionTLS11, tls.VersionTLS12, tls.VersionTLS13}

// Places of the usual bounds in tlsVersions.
const (
	defaultMinVersion = 2
	defaultMaxVersion = 3
)

// tlsChoices are the texts of the form's lists; tlsConfig reads the choices
// back by their place in them.
func tlsChoices() widgets.TLSChoices {
	c := widgets.TLSChoices{
		Policies: []string{words.Say("Strict: refuse what is not trusted"), words.Say("Inspect: look, then close"), words.Say("Continue in spite of faults")},
		StartTLS: []string{words.Say("none // of the protocols that begin TLS with STARTTLS")},
		Trusts:   []string{words.Say("The system's and mine // of the trust anchors"), words.Say("The system's only // of the trust anchors"), words.Say("Mine only // of the trust anchors")},
	}
	for _, p := range starttls.Protocols() {
		c.StartTLS = append(c.StartTLS, p.Title)
	}
	for _, v := range tlsVersions {
		c.Versions = append(c.Versions, tls.VersionName(v))
	}
	return c
}

// tlsValues are the form's values for a new tab, or for one that was saved.
func tlsValues(c sessions.TLSConfig, saved *tlsOptions) widgets.TLSValues {
	v := widgets.TLSValues{Timeout: c.HandshakeTimeout, MinVersion: defaultMinVersion, MaxVersion: defaultMaxVersion}
	if saved == nil {
		return v
	}
	if p, err := sessions.ParsePolicy(saved.Policy); err == nil {
		v.Policy = int(p)
	}
	if t, err := sessions.ParseTrust(saved.Trust); err == nil {
		v.Trust = int(t)
	}
	for i, p := range starttls.Protocols() {
		if p.Name == saved.StartTLS {
			v.StartTLS = i + 1
		}
	}
	if i := slices.Index(tlsVersions, saved.MinVersion); i >= 0 {
		v.MinVersion = i
	}
	if i := slices.Index(tlsVersions, saved.MaxVersion); i >= 0 {
		v.MaxVersion = i
	}
	if saved.Timeout > 0 {
		v.Timeout = saved.Timeout
	}
	v.ServerName, v.VerifyName, v.ALPN, v.Legacy = saved.ServerName, saved.VerifyName, saved.ALPN, saved.Legacy
	v.CAFiles, v.ExtraFiles, v.CRLFiles = fileList(saved.CAFiles), fileList(saved.ExtraFiles), fileList(saved.CRLFiles)
	v.AsOf, v.AskOCSP, v.FetchCRL, v.FetchAIA = saved.AsOf, saved.LookOCSP, saved.LookCRL, saved.LookAIA
	v.CertFile, v.KeyFile, v.KeyLogFile = saved.CertFile, saved.KeyFile, saved.KeyLogFile
	return v
}

// savedTLS is what is kept of the form.
func savedTLS(v widgets.TLSValues) *tlsOptions {
	return &tlsOptions{
		Policy: sessions.Policy(v.Policy).String(), Trust: sessions.Trust(v.Trust).String(), StartTLS: startTLSName(v.StartTLS),
		ServerName: v.ServerName, VerifyName: v.VerifyName, ALPN: v.ALPN, Legacy: v.Legacy, Timeout: v.Timeout,
		MinVersion: tlsVersions[v.MinVersion], MaxVersion: tlsVersions[v.MaxVersion],
		CAFiles: filepath.SplitList(v.CAFiles), ExtraFiles: filepath.SplitList(v.ExtraFiles), CRLFiles: filepath.SplitList(v.CRLFiles),
		AsOf: v.AsOf, LookOCSP: v.AskOCSP, LookCRL: v.FetchCRL, LookAIA: v.FetchAIA,
		CertFile: v.CertFile, KeyFile: v.KeyFile, KeyLogFile: v.KeyLogFile,
	}
}

// configuredTLS is a configuration as it is kept.
func configuredTLS(c sessions.TLSConfig) *tlsOptions {
	o := &tlsOptions{
		Policy: c.Policy.String(), Trust: c.Trust.String(), StartTLS: c.StartTLS,
		ServerName: c.ServerName, VerifyName: c.VerifyName, ALPN: c.ALPN, Legacy: c.Legacy, Timeout: c.HandshakeTimeout,
		MinVersion: c.MinVersion, MaxVersion: c.MaxVersion,
		CAFiles: c.CAFiles, ExtraFiles: c.ExtraFiles, CRLFiles: c.CRLFiles,
		LookOCSP: c.LookOCSP, LookCRL: c.LookCRL, LookAIA: c.LookAIA,
		CertFile: c.CertFile, KeyFile: c.KeyFile, KeyLogFile: c.KeyLogFile,
	}
	if !c.AsOf.IsZero() {
		o.AsOf = c.AsOf.Format(time.RFC3339)
	}
	return o
}

// tlsConfig is what the session is to use.
func tlsConfig(tcp sessions.TCPConfig, v widgets.TLSValues) (sessions.TLSConfig, error) {
	c := sessions.DefaultTLS()
	c.TCPConfig = tcp
	asOf, err := widgets.ParseAsOf(v.AsOf)
	if err != nil {
		return c, &sessions.ConfigError{Field: "AsOf", Value: v.AsOf, Problem: err.Error()}
	}
	c.Policy, c.Trust, c.StartTLS = sessions.Policy(v.Policy), sessions.Trust(v.Trust), startTLSName(v.StartTLS)
	c.ServerName, c.VerifyName, c.ALPN, c.Legacy = v.ServerName, v.VerifyName, v.ALPN, v.Legacy
	// The usual bounds are left to the engine, which goes lower for Legacy.
	if v.MinVersion != defaultMinVersion {
		c.MinVersion = tlsVersions[v.MinVersion]
	}
	if v.MaxVersion != defaultMaxVersion {
		c.MaxVersion = tlsVersions[v.MaxVersion]
	}
	c.HandshakeTimeout, c.AsOf = v.Timeout, asOf
	c.CAFiles, c.ExtraFiles, c.CRLFiles = filepath.SplitList(v.CAFiles), filepath.SplitList(v.ExtraFiles), filepath.SplitList(v.CRLFiles)
	c.LookOCSP, c.LookCRL, c.LookAIA = v.AskOCSP, v.FetchCRL, v.FetchAIA
	c.CertFile, c.KeyFile, c.Passphrase, c.KeyLogFile = v.CertFile, v.KeyFile, v.Passphrase, v.KeyLogFile
	return c, plainFiles(c)
}

// plainFiles refuses pipes and devices: the session opens its files at once,
// and the window would stand still until somebody wrote into one.
func plainFiles(c sessions.TLSConfig) error {
	for field, paths := range map[string][]string{
		"CAFiles": c.CAFiles, "ExtraFiles": c.ExtraFiles, "CRLFiles": c.CRLFiles,
		"CertFile": {c.CertFile}, "KeyFile": {c.KeyFile}, "KeyLogFile": {c.KeyLogFile},
	} {
		for _, path := range paths {
			// One that is not there is told of by whoever opens it, or made.
			if st, err := os.Stat(path); err == nil && !st.Mode().IsRegular() {
				return &sessions.ConfigError{Field: field, Value: path, Problem: words.Say("%s is not a regular file", path)}
			}
		}
	}
	return nil
}

func startTLSName(choice int) string {
	if p := starttls.Protocols(); choice > 0 && choice <= len(p) {
		return p[choice-1].Name
	}
	return ""
}

// fileList writes files as the form shows them.
func fileList(files []string) string {
	return strings.Join(files, string(os.PathListSeparator))
}
