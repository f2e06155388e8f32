package cli

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wirebench/sessions"
	"wirebench/sessions/capture"
)

// serverOptions are the flags of a server.
type serverOptions struct {
	runOptions
	config     sessions.ServerConfig
	policyFile string
	whenFull   string
	testCA     bool
	tls        sessions.ServerTLS
	clientAuth string
	caOut      string
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

Exit status: 0 done; 1 it could not listen, or a file could not be written; 2 the command
line makes no sense.`,
		Args: exactly(1, "one [HOST]:PORT"),
	}
	o.flags(c.Flags())
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := o.check(c.Flags(), args[0]); err != nil {
			return err
		}
		return runSession(c.Context(), s, o.runOptions, func(r *reporter) sessionRun {
			return &serverRun{options: o, report: r, clients: map[capture.Flow]int64{}, listening: make(chan struct{})}
		})
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
	f.StringVar(&o.whenFull, "when-full", "wait", "what becomes of more: wait, drop (the newest) or disconnect (the client)")
	f.DurationVar(&o.config.IdleTimeout, "idle", 0, "close a client without a byte either way for this long; 0 for never")
	f.IntVar(&o.config.Backlog, "backlog", 0, "how many connections the system completes ahead; 0 for its maximum")
	f.BoolVar(&o.config.KeepHalfOpen, "keep-half-open", false, "keep a client that sends no more open for sending")
	f.StringVar(&o.tls.CertFile, "tls-cert", "", "speak TLS with the certificate in this file (PEM, or PKCS#12)")
	f.StringVar(&o.tls.KeyFile, "tls-key", "", "its private key, if that is in a file of its own")
	f.BoolVar(&o.testCA, "tls", false, "speak TLS; without --tls-cert the certificate is of the local test CA")
	f.StringVar(&o.caOut, "ca-out", "", "write the test CA's root to this file (PEM), for clients to trust")
	f.StringVar(&o.clientAuth, "client-cert", "none", "client certificates: none, request or require")
	f.StringArrayVar(&o.tls.ClientCAFiles, "client-ca", nil, "refuse client certificates that these roots do not vouch for; repeatable")
	f.StringSliceVar(&o.tls.ALPN, "alpn", nil, "application protocols to agree on, best first, with commas between them")
	f.StringVar(&o.tls.KeyLogFile, "keylog", "", "append TLS secrets to this file, for Wireshark")
	o.runOptions.flags(f)
}

// check completes the options from what was given.
func (o *serverOptions) check(f *pflag.FlagSet, address string) error {
	if err := named(f, "policy-file", "tls-cert", "tls-key", "ca-out", "keylog"); err != nil {
		return err
	}
	if err := o.runOptions.check(f); err != nil {
		return err
	}
	c := &o.config
	c.Address = address
	switch o.whenFull {
	case "wait":
	case "drop":
		c.WhenFull = sessions.FullDrop
	case "disconnect":
		c.WhenFull = sessions.FullDisconnect
	default:
		return usage("--when-full %q is not known: write wait, drop or disconnect", o.whenFull)
	}
	if o.policyFile != "" {
		p, err := os.ReadFile(o.policyFile)
		if err != nil {
			return err
		}
		c.Policy = p
	}
	var err error
	if o.tls.ClientAuth, err = sessions.ParseClientAuth(o.clientAuth); err != nil {
		return &usageError{fmt.Errorf("--client-cert: %w", err)}
	}
	if o.testCA || o.tls.CertFile != "" || o.tls.KeyFile != "" {
		if err := o.findCA(); err != nil {
			return err
		}
		c.TLS = &o.tls
	} else {
		for _, name := range []string{"ca-out", "client-cert", "client-ca", "alpn", "keylog"} {
			if f.Changed(name) {
				return usage("--%s is about TLS: say --tls or --tls-cert too", name)
			}
		}
	}
	if err := c.Check(); err != nil {
		return &usageError{err}
	}
	return nil
}

// serverRun hears what a server tells.
type serverRun struct {
	options serverOptions
	report  *reporter
	session *sessions.ServerSession
	failed  atomic.Bool

	once      sync.Once
	listening chan struct{} // closed when it listens

	mu      sync.Mutex
	clients map[capture.Flow]int64 // the numbers of those that are connected
}

var _ sessionRun = (*serverRun)(nil)

func (r *serverRun) open(o sessions.Options) (sessions.Session, error) {
	session, err := sessions.NewServer(r.options.config, o)
	r.session = session
	return session, err
}

func (r *serverRun) mistake(bad *sessions.ConfigError) error { return &usageError{bad} }

// Event implements [sessions.Observer].
func (r *serverRun) Event(e sessions.Event) {
	flow := capture.Flow{Proto: capture.TCP, Local: e.Local, Remote: e.Remote}
	if e.Name == sessions.EventConnect {
		r.mu.Lock()
		r.clients[flow] = e.Client
		r.mu.Unlock()
	}
	r.report.event(e, r.options.config.Address)
	switch {
	case e.Name == sessions.EventListening:
		r.once.Do(func() { close(r.listening) })
	case e.Name == sessions.EventClose:
		r.mu.Lock()
		delete(r.clients, flow)
		r.mu.Unlock()
	case e.Name == sessions.EventIOError && e.Client == 0 && r.session.Info().State == sessions.Failed:
		r.failed.Store(true)
	case e.Name == sessions.EventState && e.Client == 0 && e.Text != "":
		r.report.progress(e.Text)
	}
}

// Data implements [sessions.Observer].
func (r *serverRun) Data(f capture.Flow, d capture.Direction, p []byte) {
	r.mu.Lock()
	client := r.clients[f]
	r.mu.Unlock()
	r.report.data(f, d, p, client)
}

// talk runs until somebody ends it, or the listener fails.
func (r *serverRun) talk(ctx context.Context) {
	select {
	case <-r.session.Done():
	case <-ctx.Done():
	}
}

// end closes the listener and its clients in order. What waits to be sent is
// sent for lastDrain.
func (r *serverRun) end(context.Context) int {
	done := r.session.Done()
	if err := r.session.Shutdown(); err == nil {
		t := time.NewTimer(lastDrain)
		select {
		case <-done:
		case <-t.C:
			r.report.problem(fmt.Errorf("%d clients were slow to go and are cut off", r.session.Info().Clients))
		}
		t.Stop()
	}
	if err := r.session.Close(); err != nil {
		r.report.problem(err)
		r.failed.Store(true)
	}
	if r.failed.Load() {
		return statusFailed
	}
	return statusDone
}
