package sessions

import (
	"crypto/tls"
	"net/netip"
	"strconv"
	"strings"
)

// OpenSSLCommand returns a shell command that makes the same handshake with openssl s_client, for
// comparing notes with whoever has only that; "" without a usable address. s_client takes one file
// where several may be configured: the first is named.
func OpenSSLCommand(c TLSConfig) string {
	host, port, err := ParseTargetOf(TLS, c.Address)
	if err != nil {
		return ""
	}
	args := []string{"openssl", "s_client", "-connect", joinHostPort(host, port), "-showcerts", "-status"}
	add := func(flag string, value ...string) { args = append(append(args, flag), value...) }
	name := c.ServerName
	_, addrErr := netip.ParseAddr(host)
	if name == "" && addrErr != nil {
		name = host
	}
	if name != "" {
		add("-servername", name)
	} else {
		add("-noservername")
	}
	verify := c.VerifyName
	if verify == "" {
		verify = name
	}
	switch {
	case verify != "":
		add("-verify_hostname", verify)
	case addrErr == nil:
		add("-verify_ip", host)
	}
	if c.Policy == Strict {
		add("-verify_return_error")
	}
	if len(c.ALPN) > 0 {
		add("-alpn", strings.Join(c.ALPN, ","))
	}
	if c.StartTLS != "" {
		add("-starttls", c.StartTLS)
		if c.StartTLS == "xmpp" {
			add("-xmpphost", verify)
		}
	}
	if c.Trust == TrustMine {
		add("-no-CApath")
		add("-no-CAstore")
	}
	if len(c.CAFiles) > 0 {
		add("-CAfile", c.CAFiles[0])
	}
	if c.CertFile != "" {
		add("-cert", c.CertFile)
		if c.KeyFile != "" {
			add("-key", c.KeyFile)
		}
	}
	if len(c.CRLFiles) > 0 {
		add("-CRL", c.CRLFiles[0])
		add("-crl_check")
	}
	if c.KeyLogFile != "" {
		add("-keylogfile", c.KeyLogFile)
	}
	if c.Legacy {
		add("-cipher", "DEFAULT:@SECLEVEL=0")
		if c.MinVersion == 0 {
			add("-min_protocol", "TLSv1")
		}
	}
	if v := opensslVersion(c.MinVersion); v != "" {
		add("-min_protocol", v)
	}
	if v := opensslVersion(c.MaxVersion); v != "" {
		add("-max_protocol", v)
	}
	if !c.AsOf.IsZero() {
		add("-attime", strconv.FormatInt(c.AsOf.Unix(), 10))
	}
	for i, a := range args {
		args[i] = shellWord(a)
	}
	return strings.Join(args, " ")
}

func opensslVersion(v uint16) string {
	switch v {
	case tls.VersionTLS10:
		return "TLSv1"
	case tls.VersionTLS11:
		return "TLSv1.1"
	case tls.VersionTLS12:
		return "TLSv1.2"
	case tls.VersionTLS13:
		return "TLSv1.3"
	}
	return ""
}

// shellWord quotes a word for a POSIX shell where it needs that.
func shellWord(s string) string {
	plain := s != ""
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("-_./:,=@%+", r):
		default:
			plain = false
		}
	}
	if plain {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
