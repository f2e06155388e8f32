package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wirebench/sessions/capture"
	"wirebench/sessions/lab"
)

// labOptions are the flags of the lab.
type labOptions struct {
	lab.Options
	names         []string // none: every server
	caOut, crlOut string
	list          bool
	duration      time.Duration
	json          bool
}

func labCommand(s streams) *cobra.Command {
	var o labOptions
	c := &cobra.Command{
		Use:   "lab [NAME...]",
		Short: "Start the practice servers, and say where each listens",
		Long: `Starts practice servers on free ports of 127.0.0.1, all of them or those that are named, and prints
where each listens: an echo, a chat that speaks XMLSocket, a game with a binary protocol, a Telnet
host, socket policy files, peers that are slow, reset or half closed, an echo of datagrams that
loses, doubles, delays and reorders them, and a TLS server for each certificate status and for the
faults that come together in practice. Of servers that are named it says more: what to look at, what
to try, and the protocol of the game.

The TLS servers' certificates are those of an authority that is made for this run, which nobody
trusts; --ca-out writes its root, for clients that are to. It runs until --duration is over, or
SIGINT or SIGTERM.

With --json an event "listening" comes first for each server, with its "name", "url", how a client is
set up and, of TLS, the "certificateStatus" it is there for; "connect", "close" and "state" have the
name of the server they are about, "datagrams" counts what the datagram echo did, and "summary" comes
last. With --list too, the servers are events "entry".

Exit status: 0 done; 1 a server could not listen, or a file could not be written; 2 the command line
makes no sense.`,
		Example: `  wirebench lab
  wirebench lab game
  wirebench lab udp --udp-loss 10% --udp-delay 50ms --udp-jitter 20ms --udp-seed 7
  wirebench lab tls-expired tls-revoked-crl --ca-out root.pem --json
  wirebench lab --list`,
	}
	f := c.Flags()
	o.flags(f)
	c.RunE = func(c *cobra.Command, names []string) error {
		o.names = names
		if err := o.check(f); err != nil {
			return err
		}
		return runLab(c.Context(), s, o)
	}
	return c
}

func (o *labOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.caOut, "ca-out", "", "write the root of the practice authority to `file` (PEM)")
	f.StringVar(&o.crlOut, "crl-out", "", "write the revocation list of the practice authority to `file` (PEM)")
	f.StringVar(&o.Dir, "dir", "", "keep the files that clients need in this `folder`: the root, the list, a client certificate with its key; without it they are in a temporary one")
	f.BoolVar(&o.list, "list", false, "only say which servers there are, and start none")
	f.IntVar(&o.MaxClients, "max-clients", lab.DefaultMaxClients, "how many clients may be connected to each server at once; more are turned away")
	f.DurationVar(&o.Idle, "idle", lab.DefaultIdle, "close a client that says nothing for this long")
	f.Var(parsed(&o.UDP.Loss, "chance", parseChance), "udp-loss", "how many datagrams the datagram echo does not answer: 10% or 0.1")
	f.Var(parsed(&o.UDP.Duplication, "chance", parseChance), "udp-duplicate", "how many it answers twice")
	f.Var(parsed(&o.UDP.Reordering, "chance", parseChance), "udp-reorder", "how many it answers only behind the next one")
	f.DurationVar(&o.UDP.Delay, "udp-delay", 0, "how long it waits before it answers")
	f.DurationVar(&o.UDP.Jitter, "udp-jitter", 0, "up to how much longer, at random")
	f.Uint64Var(&o.UDP.Seed, "udp-seed", 0, "begin its random numbers with this: the same seed does the same")
	f.DurationVar(&o.duration, "duration", 0, "end after this time, whatever its peers do; 0 for never")
	f.BoolVar(&o.json, "json", false, "print one JSON object a line, and nothing else, on standard output")
}

// parseChance reads a chance as a fraction or in per cent.
func parseChance(s string) (float64, error) {
	number, percent := strings.CutSuffix(strings.TrimSpace(s), "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		v /= 100
	}
	if err != nil || !(v >= 0 && v <= 1) {
		return 0, fmt.Errorf("%q is no chance: write 0%% to 100%%, or 0 to 1", s)
	}
	return v, nil
}

func (o *labOptions) check(f *pflag.FlagSet) error {
	if err := named(f, "ca-out", "crl-out", "dir"); err != nil {
		return err
	}
	switch {
	case o.list && (o.caOut != "" || o.crlOut != "" || o.Dir != ""):
		return usage("--list starts nothing, and so there are no files: leave --ca-out, --crl-out and --dir out")
	case o.duration < 0:
		return usage("--duration cannot be negative")
	case o.MaxClients < 1:
		return usage("--max-clients %d lets nobody in: write 1 or more", o.MaxClients)
	case o.Idle <= 0:
		return usage("--idle %s leaves no time: write something like 30m", o.Idle)
	}
	wrong := ""
	for flag, d := range map[string]time.Duration{"udp-delay": o.UDP.Delay, "udp-jitter": o.UDP.Jitter} {
		if d < 0 || d > lab.MaxUDPDelay {
			return usage("--%s is 0s to %s", flag, lab.MaxUDPDelay)
		}
	}
	f.Visit(func(flag *pflag.Flag) {
		if strings.HasPrefix(flag.Name, "udp-") && len(o.names) > 0 && !slices.ContainsFunc(o.names, func(n string) bool { return strings.EqualFold(n, "udp") }) {
			wrong = flag.Name
		}
	})
	if wrong != "" {
		return usage("--%s is about the datagram echo, which is not started: name udp too", wrong)
	}
	known := map[string]bool{}
	for _, e := range lab.Catalogue() {
		known[strings.ToLower(e.ID)] = true
	}
	for _, name := range o.names {
		if !known[strings.ToLower(name)] {
			return usage("there is no practice server %q; 'wirebench lab --list' says which there are", name)
		}
	}
	return nil
}

// runLab runs the servers, and reports until the summary.
func runLab(ctx context.Context, s streams, o labOptions) error {
	ctx, report, stop := reportUntil(ctx, s, o.json, o.duration)
	defer stop()
	r := &labRun{report: report}
	status := statusDone
	if o.list {
		r.catalogue(o.names)
	} else if err := r.run(ctx, o); err != nil {
		report.problem(err)
		status = statusFailed
	}
	line := func(at time.Time) string {
		if o.list {
			return ""
		}
		return timed(at, "%d bytes received and %d sent, %s", report.in, report.outB, time.Since(report.start).Round(time.Millisecond))
	}
	if report.finish(capture.Stats{}, status, line) != statusDone {
		return errFailed
	}
	return nil
}

// run starts the servers, and stops them when ctx ends.
func (r *labRun) run(ctx context.Context, o labOptions) error {
	o.Tell = r.tell
	l, err := lab.Start(context.WithoutCancel(ctx), o.Options, o.names...)
	if err != nil {
		return err
	}
	err = o.write(l)
	if err == nil {
		r.listening(l.Entries(), len(o.names) > 0)
		<-ctx.Done()
	}
	closed := l.Close()
	r.counted(l)
	return errors.Join(err, closed)
}

// write writes the files that were asked for.
func (o *labOptions) write(l *lab.Lab) error {
	for _, file := range []struct {
		path, what string
		make       func() ([]byte, error)
	}{{o.caOut, "the practice authority's root", l.RootPEM}, {o.crlOut, "the practice authority's revocation list", l.CRLPEM}} {
		if file.path == "" {
			continue
		}
		b, err := file.make()
		if err == nil {
			err = os.WriteFile(file.path, b, 0o600)
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", file.what, err)
		}
	}
	return nil
}
