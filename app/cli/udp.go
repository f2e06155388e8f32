package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wirebench/sessions"
	"wirebench/sessions/capture"
)

// udpOptions are the flags of a datagram socket.
type udpOptions struct {
	runOptions
	config  sessions.UDPConfig
	groups  []string
	iface   string
	send    []message
	expect  []message
	wait    time.Duration
	waitSet bool
	every   time.Duration
	count   int64
}

func udpCommand(s streams) *cobra.Command {
	o := udpOptions{config: sessions.DefaultUDP()}
	c := &cobra.Command{
		Use:   "udp [HOST]:PORT",
		Short: "Bind a datagram socket, send, and say what arrives",
		Long: `Binds a datagram socket, sends what --send, --send-hex and --send-file say, each as one
datagram to --to, and prints what arrives. Without a host it is bound to 127.0.0.1, or to the
address by which --to is reached; *:PORT is every interface. Port 0 picks one, which is printed.

With --every the datagrams are sent again and again: --count says how often, and --every 0 is as
fast as the system takes them.

It ends when every --expect has arrived (--wait bounds the waiting, 5 s without it), or --wait
after the last send (1 s without it); with nothing to send it goes on until --duration is over,
or SIGINT or SIGTERM.

Exit status: 0 done and every expectation met; 1 the network or an expectation said no;
2 the command line makes no sense.`,
		Args: exactly(1, "one [HOST]:PORT"),
	}
	o.flags(c.Flags())
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := o.check(c.Flags(), args[0]); err != nil {
			return err
		}
		return runSession(c.Context(), s, o.runOptions, func(r *reporter) sessionRun {
			return &udpRun{options: o, report: r, expect: newExpectation(o.expect), bound: make(chan struct{})}
		})
	}
	return c
}

func (o *udpOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.config.Target, "to", "", "send to this HOST:PORT")
	f.BoolVar(&o.config.Connect, "connect", false, "take datagrams of --to alone")
	f.Var(&messageFlag{&o.send, "text"}, "send", `send text as one datagram; \n \r \t \0 \xHH \uHHHH \\ are read; repeatable`)
	f.Var(&messageFlag{&o.send, "hex"}, "send-hex", "send bytes written in hex, in any form; repeatable")
	f.Var(&messageFlag{&o.send, "file"}, "send-file", "send a file as one datagram; repeatable")
	f.Var(&messageFlag{&o.expect, "text"}, "expect", "wait for text to arrive, escapes as for --send; repeatable")
	f.Var(&messageFlag{&o.expect, "hex"}, "expect-hex", "wait for bytes written in hex; repeatable")
	f.DurationVar(&o.wait, "wait", 0, "how long to wait for expectations, or for answers after the last send")
	f.DurationVar(&o.every, "every", 0, "send again and again, this far apart; 0 is as fast as possible")
	f.Int64Var(&o.count, "count", 0, "with --every, how often; 0 is until the end")
	f.StringArrayVar(&o.groups, "multicast", nil, "join this group; GROUP,SOURCE takes what one host sends; repeatable")
	f.StringVar(&o.iface, "interface", "", "the interface for groups, by name")
	f.IntVar(&o.config.MulticastTTL, "multicast-ttl", 0, "how many networks away a group is reached; 0 is the usual 1")
	f.BoolVar(&o.config.Broadcast, "broadcast", false, "allow sending to broadcast addresses")
	f.BoolVar(&o.config.ReuseAddress, "reuse", false, "let other sockets be bound to the same port")
	f.IntVar(&o.config.TTL, "ttl", 0, "time to live of what is sent; 0 is the system's")
	f.IntVar(&o.config.ReceiveBuffer, "receive-buffer", 0, "bytes that may wait in the system; 0 is 8 MiB")
	o.runOptions.flags(f)
}

// check completes the options from what was given.
func (o *udpOptions) check(f *pflag.FlagSet, address string) error {
	if err := o.runOptions.check(f); err != nil {
		return err
	}
	o.config.Address = address
	o.waitSet = f.Changed("wait")
	switch {
	case o.wait < 0 || o.every < 0 || o.count < 0:
		return usage("--wait, --every and --count cannot be negative")
	case len(o.send) > 0 && o.config.Target == "":
		return usage("there is something to send and nowhere to send it: say --to HOST:PORT")
	case f.Changed("count") && !f.Changed("every"):
		return usage("--count says how often --every sends: say that too")
	case f.Changed("every") && len(o.send) != 1:
		return usage("--every repeats one datagram: say one --send, --send-hex or --send-file")
	}
	if !f.Changed("every") {
		o.every = -1
	}
	for _, text := range o.groups {
		g, err := sessions.ParseGroup(text)
		if err != nil {
			return &usageError{fmt.Errorf("--multicast: %w", err)}
		}
		g.Interface = o.iface
		o.config.Groups = append(o.config.Groups, g)
	}
	o.config.MulticastInterface = o.iface
	if err := o.config.Check(); err != nil {
		return &usageError{err}
	}
	return nil
}

// udpRun hears what a datagram socket tells.
type udpRun struct {
	options udpOptions
	report  *reporter
	expect  *expectation
	session *sessions.UDPSession
	bound   chan struct{} // closed when it is bound
	failed  atomic.Bool
}

var _ sessionRun = (*udpRun)(nil)

func (r *udpRun) open(o sessions.Options) (sessions.Session, error) {
	session, err := sessions.NewUDP(r.options.config, o)
	r.session = session
	return session, err
}

func (r *udpRun) mistake(bad *sessions.ConfigError) error { return &usageError{bad} }

// Event implements [sessions.Observer].
func (r *udpRun) Event(e sessions.Event) {
	if e.Name == sessions.EventClose {
		return // a datagram socket has nobody to part from
	}
	r.report.event(e, r.options.config.Target)
	switch e.Name {
	case sessions.EventListening:
		close(r.bound) // a run binds once
	case sessions.EventIOError:
		r.failed.Store(true)
	}
}

// Data implements [sessions.Observer].
func (r *udpRun) Data(f capture.Flow, d capture.Direction, p []byte) {
	r.report.data(f, d, p, 0)
	if d == capture.In {
		r.expect.feed(p)
	}
}

// talk sends and waits as the command line says.
func (r *udpRun) talk(ctx context.Context) {
	o := r.options
	select {
	case <-r.bound:
	case <-r.session.Done():
		return
	case <-ctx.Done():
		return
	}
	if !r.sendAll(ctx) {
		return
	}
	var limit <-chan time.Time
	var met <-chan struct{}
	switch {
	case len(o.expect) > 0:
		met = r.expect.met
		limit = time.After(pick(o.waitSet, o.wait, waitExpect))
	case o.waitSet:
		limit = time.After(o.wait)
	case len(o.send) > 0:
		limit = time.After(waitAnswer)
	}
	select {
	case <-met:
	case <-limit:
	case <-r.session.Done():
	case <-ctx.Done():
	}
}

// sendAll sends everything and reports whether there is something to wait for.
func (r *udpRun) sendAll(ctx context.Context) bool {
	for _, m := range r.options.send {
		p := m.bytes
		if m.file != "" {
			var err error
			if p, err = readDatagram(m.file); err != nil {
				r.problem(err)
				return false
			}
		}
		var err error
		if r.options.every >= 0 {
			err = r.repeat(ctx, p)
		} else {
			err = r.session.Send(p)
		}
		if err != nil {
			r.problem(err)
			return false
		}
	}
	return true
}

func (r *udpRun) problem(err error) {
	r.report.problem(err)
	r.failed.Store(true)
}

// repeat sends one datagram again and again, and says how that went.
func (r *udpRun) repeat(ctx context.Context, p []byte) error {
	to := r.session.Info().Remote
	rep, err := r.session.Repeat(sessions.RepeatConfig{To: to, Every: r.options.every, Count: r.options.count}, p)
	if err != nil {
		return err
	}
	select {
	case <-rep.Done():
	case <-ctx.Done():
		rep.Stop()
		<-rep.Done()
	}
	t := rep.Stats()
	text := fmt.Sprintf("sent %d datagrams in %s, %.0f a second", t.Sent, t.Took.Round(time.Millisecond), t.Rate)
	if r.options.every > 0 {
		text += fmt.Sprintf("; late by %s (median), %s (99 %%), %s (worst)", t.JitterP50, t.JitterP99, t.JitterMax)
	}
	r.report.progress(text)
	if t.Err == nil && t.Failed > 0 {
		t.Err = fmt.Errorf("%d sends failed", t.Failed)
	}
	return t.Err
}

// end closes the socket and returns the exit status.
func (r *udpRun) end(context.Context) int {
	err := r.session.Close()
	i := r.session.Info()
	if i.KernelDropped > 0 {
		r.report.problem(fmt.Errorf("the system had no room for %d datagrams and dropped them (give it more: --receive-buffer)", i.KernelDropped))
	}
	r.report.kernelDropped(i.KernelDropped)
	if i.Filtered > 0 {
		r.report.progress(fmt.Sprintf("%d datagrams of others were not taken", i.Filtered))
	}
	if err != nil {
		r.problem(err)
	}
	if missing := r.expect.missing(); missing != nil {
		r.report.problem(notCome(missing))
		return statusFailed
	}
	select {
	case <-r.bound:
	default:
		return statusFailed
	}
	if r.failed.Load() {
		return statusFailed
	}
	return statusDone
}

// readDatagram reads a file that goes out as one datagram.
func readDatagram(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 1<<16))
	if err == nil && len(b) == 1<<16 {
		err = errors.New(path + " is larger than a datagram can be")
	}
	return b, err
}
