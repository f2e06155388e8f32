package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wirebench/sessions"
)

// serverOptions are the flags of a server.
type serverOptions struct {
	runOptions
	serverTLSOptions
	config     sessions.ServerConfig
	policyFile string
}

func serverCommand(s streams) *cobra.Command {
	o := serverOptions{config: sessions.DefaultServer()}
	c := &cobra.Command{
		Use:   "server [HOST]:PORT",
		Short: "Listen, answer, and say what the clients do",
		Long: `Listens and prints what its clients send. Without a host it listens on 127.0.0.1 only;
*:PORT is every interface, IPv4 and IPv6; 0.0.0.0:PORT and [::]:PORT are one of the two.
Port 0 picks one, which is printed.

What it says by itself is switched on with --greet and --echo. It runs until --duration is
over, or SIGINT or SIGTERM, and then closes its clients in order.

With --json an event "listening" comes first; "connect", "socketData", "close" and "ioError" have
the number of the client they are about; "state" tells in words what else happens, as a connection
that is refused.

` + framed + `

Exit status: 0 done, whatever became of single clients; 1 it could not listen, or a file could not
be written; 2 the command line makes no sense.`,
		Example: `  wirebench server 8087 --greet 'Connected.' --echo --echo-prefix 'Echo -- '
  wirebench server '*:7777' --json --save traffic.pcapng
  wirebench server 0 --tls --ca-out root.pem --greet 'HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nhi\n'
  wirebench server 8443 --tls-cert server.pem --tls-key server.key --client-cert require --client-ca root.pem
  wirebench server 843 --policy-file policy.xml --max-clients 100 --idle 30s`,
		Args: exactly(1, "one [HOST]:PORT"),
	}
	o.flags(c.Flags())
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := o.check(c.Context(), c.Flags(), args[0]); err != nil {
			return err
		}
		return runSession(c.Context(), s, o.runOptions, func(r *reporter) sessionRun { return newServerRun(o.config, r) })
	}
	return c
}

func (o *serverOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.config.Replies.Greeting, "greet", "", `send this text to each client that connects; \n \r \t \0 \xHH \uHHHH \\ are read`)
	f.BoolVar(&o.config.Replies.Echo, "echo", false, "send back what a client sends")
	f.StringVar(&o.config.Replies.Prefix, "echo-prefix", "", "put this text in front of each echo, escapes as for --greet")
	f.StringVar(&o.policyFile, "policy-file", "", "serve this socket policy file to clients that ask for one")
	f.IntVar(&o.config.MaxClients, "max-clients", o.config.MaxClients, "how many clients may be connected at once; more are refused")
	f.Int64Var(&o.config.MaxQueue, "max-queue", o.config.MaxQueue, "how many bytes may wait for one client")
	f.Var(parsed(&o.config.WhenFull, "wait|drop|disconnect", parseFull), "when-full", "what becomes of more: it waits, without this flag, the newest is dropped, or the client is disconnected")
	f.DurationVar(&o.config.IdleTimeout, "idle", 0, "close a client without a byte either way for this long; 0 for never")
	f.IntVar(&o.config.Backlog, "backlog", 0, "how many connections the system completes ahead; 0 for its maximum")
	f.BoolVar(&o.config.KeepHalfOpen, "keep-half-open", false, "keep a client that sends no more open for sending")
	o.serverTLSOptions.flags(f)
	o.framingFlag(f)
	o.runOptions.flags(f)
}

func parseFull(s string) (sessions.FullPolicy, error) {
	for _, p := range []sessions.FullPolicy{sessions.FullWait, sessions.FullDrop, sessions.FullDisconnect} {
		if s == p.String() {
			return p, nil
		}
	}
	return 0, fmt.Errorf("%q is not known: write wait, drop or disconnect", s)
}

// check completes the options from what was given.
func (o *serverOptions) check(ctx context.Context, f *pflag.FlagSet, address string) error {
	if err := named(f, "policy-file"); err != nil {
		return err
	}
	if err := o.runOptions.check(f); err != nil {
		return err
	}
	c := &o.config
	c.Address = address
	if c.Replies.Prefix != "" && !c.Replies.Echo {
		return usage("--echo-prefix goes in front of an echo, and there is none: say --echo too")
	}
	if o.policyFile != "" {
		// It may be a pipe, and be waited for.
		err := interruptible(ctx, 0, func() (err error) { c.Policy, err = readPolicyFile(o.policyFile); return err })
		if err != nil {
			return usage("--policy-file: %w", err)
		}
	}
	var err error
	if c.TLS, err = o.serverTLSOptions.check(ctx, f); err != nil {
		return err
	}
	if err := c.Check(); err != nil {
		return serverMistake(err)
	}
	return nil
}

// serverFlagOf are the flags that fill a field of the configuration.
var serverFlagOf = map[string]string{
	"Backlog": "backlog", "MaxClients": "max-clients", "MaxQueue": "max-queue", "IdleTimeout": "idle",
	"Replies.Greeting": "greet", "Replies.Prefix": "echo-prefix", "Policy": "policy-file",
	"TLS.CertFile": "tls-cert", "TLS.KeyFile": "tls-key", "TLS.Passphrase": "passphrase-file", "TLS.Names": "tls-name",
	"TLS.CADir": "tls", "TLS.ClientAuth": "client-cert", "TLS.ClientCAFiles": "client-ca",
	"TLS.MinVersion": "min-version", "TLS.MaxVersion": "max-version", "TLS.ALPN": "alpn", "TLS.KeyLogFile": "keylog",
}

// serverMistake makes a configuration that cannot work a mistake on the command
// line, and names the flag.
func serverMistake(err error) error {
	var bad *sessions.ConfigError
	if !errors.As(err, &bad) || serverFlagOf[bad.Field] == "" {
		return &usageError{err}
	}
	return usage("--%s: %w", serverFlagOf[bad.Field], err)
}

// readPolicyFile reads a file, or a pipe. Not every system says of a folder that it is one.
func readPolicyFile(path string) ([]byte, error) {
	if st, err := os.Stat(path); err == nil && st.IsDir() {
		return nil, fmt.Errorf("%s is a folder: name a file in it", path)
	}
	return os.ReadFile(path)
}
