package cli

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"wirebench/sessions"
	"wirebench/sessions/starttls"
)

// maxPassphrase is the longest passphrase that is read from a file, in bytes.
const maxPassphrase = 4 << 10

// tlsOptions are the flags of the tls command.
type tlsOptions struct {
	clientOptions
	trustFlags
	policy                 sessions.Policy
	serverName, verifyName string
	cert, key, passphrase  string // files
	startTLS, keyLog       string
	alpn                   []string
	min, max               uint16
	legacy, resumption     bool
	handshake              time.Duration
}

func tlsCommand(s streams) *cobra.Command {
	var o tlsOptions
	c := &cobra.Command{
		Use:   "tls HOST:PORT",
		Short: "The same as tcp after a TLS handshake, and everything that is wrong with the certificate",
		Long: `Connects, shakes hands, and says what the server's certificate is worth: a status, every fault
and warning with its evidence and what to do, both chains, and what was negotiated. Then it goes
on as 'wirebench tcp' does: it sends what --send, --send-hex, --send-fields and --send-file
say in the order they stand in, and prints what is received.

--policy says what follows from the certificate. strict, which is the default, refuses one that is
not trusted before a byte of yours is sent; inspect reports and closes, and sends nothing;
continue goes on whatever the certificate is.

` + talking + `

` + notation + `

` + looking + `

` + framed + ended + `

With --json an event "certificate" comes before "connect", or before the "securityError" or
"ioError" that says why there is no connection; "summary" comes last.

Exit status: 0 done and every expectation met; 1 the network, the certificate (strict: it was
refused; inspect: it is not trusted) or an expectation said no; 2 the command line makes no sense.`,
		Example: `  wirebench tls www.example.com:443 --policy inspect
  wirebench tls 192.0.2.1:443 --servername www.example.com --send 'GET / HTTP/1.0\r\n\r\n'
  wirebench tls 127.0.0.1:8443 --ca root.pem --trust mine --verify-name server.example --expect ready
  wirebench tls mail.example.com:587 --starttls smtp --policy inspect --ocsp --crl-fetch
  wirebench tls api.example.com:443 --cert client.pem --key client.key --alpn h2,http/1.1 --resumption
  wirebench tls old.example.com:443 --legacy --min-version 1.0 --policy continue --keylog keys.txt`,
		Args: exactly(1, "one HOST:PORT"),
	}
	f := c.Flags()
	o.clientOptions.flags(f)
	o.trustFlags.flags(f)
	f.Var(parsed(&o.policy, "strict|inspect|continue", sessions.ParsePolicy), "policy", "refuse a certificate that is not trusted, only report on it, or go on in spite of it")
	f.StringVar(&o.serverName, "servername", "", "send this `name` to the server (SNI), and verify it; HOST without it")
	f.StringVar(&o.verifyName, "verify-name", "", "the `name` or IP address that the certificate must have, if it is not --servername or HOST")
	f.StringVar(&o.cert, "cert", "", "send the client certificate in `file`: PEM, also with its key, or PKCS#12")
	f.StringVar(&o.key, "key", "", "the key of --cert is in `file` (PEM)")
	f.StringVar(&o.passphrase, "passphrase-file", "", "the passphrase of --key or --cert is the first line of `file`")
	f.StringVar(&o.startTLS, "starttls", "", "begin in plain text as this `protocol` does: "+protocols())
	f.StringSliceVar(&o.alpn, "alpn", nil, "offer these protocols (ALPN), best first: h2,http/1.1")
	f.Var(parsed(&o.min, "version", parseVersion), "min-version", "lowest version of TLS: 1.0 to 1.3; 1.2 without it, 1.0 with --legacy")
	f.Var(parsed(&o.max, "version", parseVersion), "max-version", "highest version of TLS: 1.0 to 1.3; 1.3 without it")
	f.BoolVar(&o.legacy, "legacy", false, "allow TLS 1.0 and 1.1 and weak cipher suites")
	f.StringVar(&o.keyLog, "keylog", "", "append the connection's secrets to `file`, with which Wireshark, and whoever else has them, reads it")
	f.DurationVar(&o.handshake, "handshake-timeout", 0, "how long the handshake may take, STARTTLS included; 20 s without it")
	f.BoolVar(&o.resumption, "resumption", false, "at the end, find out with two more connections whether the server takes up a session again")
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := o.clientOptions.check(f, args[0]); err != nil {
			return err
		}
		if err := named(f, "servername", "verify-name", "cert", "key", "passphrase-file", "starttls", "keylog"); err != nil {
			return err
		}
		if err := o.trustFlags.check(); err != nil {
			return err
		}
		if o.policy == sessions.Inspect && (len(o.send) > 0 || len(o.expect) > 0 || o.waitSet) {
			return usage("--policy inspect sends and expects nothing: leave --send, --expect and --wait out, or take another policy")
		}
		config, err := o.config(c.Context())
		if err != nil {
			return err
		}
		return runClient(c.Context(), s, o.clientOptions, o.plan(config))
	}
	return c
}

// config is the session's configuration, checked as far as that needs no files.
func (o *tlsOptions) config(ctx context.Context) (sessions.TLSConfig, error) {
	c := sessions.DefaultTLS()
	c.Address, c.KeepHalfOpen = o.address, o.keepsHalfOpen()
	c.Policy, c.ServerName, c.VerifyName, c.ALPN = o.policy, o.serverName, o.verifyName, o.alpn
	c.MinVersion, c.MaxVersion, c.Legacy = o.min, o.max, o.legacy
	c.CertFile, c.KeyFile = o.cert, o.key
	c.Trust, c.CAFiles, c.ExtraFiles, c.AsOf, c.CRLFiles = o.trust, o.ca, o.extra, o.at, o.crl
	c.LookOCSP, c.LookCRL, c.LookAIA = o.ocsp, o.crlFetch, o.aia
	c.KeyLogFile, c.StartTLS = o.keyLog, o.startTLS
	if o.handshake != 0 {
		c.HandshakeTimeout = o.handshake
	}
	if o.passphrase != "" {
		if o.cert == "" {
			return c, usage("--passphrase-file: there is nothing to open with it; name the client certificate with --cert")
		}
		// It may be a pipe, and be waited for.
		var passphrase string
		err := interruptible(ctx, 0, func() (err error) { passphrase, err = readPassphrase(o.passphrase); return err })
		if err != nil {
			return sessions.TLSConfig{}, usage("--passphrase-file: %w", err)
		}
		c.Passphrase = passphrase
	}
	if err := c.Check(); err != nil {
		return c, asMistake(err)
	}
	return c, nil
}

// plan is how a TLS client goes about its run.
func (o *tlsOptions) plan(c sessions.TLSConfig) clientPlan {
	plan := clientPlan{
		open:     func(more sessions.Options) (clientSession, error) { return sessions.NewTLS(c, more) },
		mistake:  func(bad *sessions.ConfigError) error { return asMistake(bad) },
		inspect:  o.policy == sessions.Inspect,
		progress: o.ocsp || o.crlFetch || o.aia, // whoever lets others be asked sees it happen
	}
	if o.resumption {
		plan.afterwards = func(ctx context.Context, session clientSession, report *reporter) error {
			found, err := session.(*sessions.TLSSession).TestResumption(ctx)
			if err != nil {
				return err
			}
			report.resumption(o.address, found)
			return nil
		}
	}
	return plan
}

// tlsFlagOf are the flags that fill a field of the configuration.
var tlsFlagOf = map[string]string{
	"Policy": "policy", "ServerName": "servername", "VerifyName": "verify-name", "ALPN": "alpn",
	"MinVersion": "min-version", "MaxVersion": "max-version", "Legacy": "legacy",
	"CertFile": "cert", "KeyFile": "key", "Passphrase": "passphrase-file",
	"Trust": "trust", "CAFiles": "ca", "ExtraFiles": "extra", "CRLFiles": "crl", "AsOf": "at",
	"KeyLogFile": "keylog", "StartTLS": "starttls", "HandshakeTimeout": "handshake-timeout",
}

// asMistake makes a configuration that cannot work a mistake on the command line,
// and names the flag.
func asMistake(err error) error {
	var bad *sessions.ConfigError
	if !errors.As(err, &bad) || tlsFlagOf[bad.Field] == "" {
		return &usageError{err}
	}
	return usage("--%s: %w", tlsFlagOf[bad.Field], err)
}

// protocols lists what STARTTLS is known for.
func protocols() string {
	var names []string
	for _, p := range starttls.Protocols() {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}

// parseVersion reads a version of TLS.
func parseVersion(s string) (uint16, error) {
	switch s {
	case "1.0":
		return tls.VersionTLS10, nil
	case "1.1":
		return tls.VersionTLS11, nil
	case "1.2":
		return tls.VersionTLS12, nil
	case "1.3":
		return tls.VersionTLS13, nil
	}
	return 0, fmt.Errorf("%q is not a version of TLS: write 1.0, 1.1, 1.2 or 1.3", s)
}

// readPassphrase returns the first line of a file.
func readPassphrase(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxPassphrase+1))
	if err != nil {
		return "", err
	}
	line, _, _ := bytes.Cut(b, []byte("\n"))
	if len(line) > maxPassphrase {
		return "", fmt.Errorf("%s: its first line has more than %d bytes", path, maxPassphrase)
	}
	return strings.TrimSuffix(string(line), "\r"), nil
}
