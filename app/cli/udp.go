package cli

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wirebench/sessions"
	"wirebench/sessions/compose"
)

// udpOptions are the flags of a datagram socket.
type udpOptions struct {
	runOptions
	config   sessions.UDPConfig
	groups   []string
	iface    string
	send     []message
	fields   fieldOptions
	expect   []message
	wait     time.Duration
	waitSet  bool
	every    time.Duration // -1 for once
	count    int64
	echo     bool
	reply    string // as it was written
	answer   []byte // what reply says
	answered bool   // reply was given
}

func udpCommand(s streams) *cobra.Command {
	o := udpOptions{config: sessions.DefaultUDP()}
	c := &cobra.Command{
		Use:   "udp [HOST]:PORT",
		Short: "Bind a datagram socket, send, and say what arrives",
		Long: `Binds a datagram socket, sends what --send, --send-hex, --send-fields and --send-file say, each
as one datagram to --to, and prints what arrives. Without a host it is bound to 127.0.0.1, or to the
address by which --to is reached, or for --multicast to every address, of IPv4 or IPv6 as the
groups are; *:PORT is every address of both. Port 0 picks one, which is printed.

With --every the datagram is sent again and again: --count says how often, and without it that
goes on until every --expect has arrived, or to the end. --every 0 is as fast as the system
takes them. How fast and how evenly they went out is told afterwards.

` + notation + `

It ends when every --expect has arrived, each within one datagram and behind the one before
(--wait bounds the waiting, 5 s without it); without --expect it goes on receiving for --wait
after the last send (1 s without it); at once when the target turns out to be unreachable, unless
--wait or --every was given. With nothing to send and nothing to expect, and with --echo or
--reply, it goes on until --duration is over, or SIGINT or SIGTERM.

With --json an event "listening" says where it is bound, and comes when all groups are joined;
each datagram is a "socketData" with its length and its peer; "ioError" has what the network said
of one that was sent; "warning" is of one that is longer than the MTU, "repeat" of --every, and
"state" tells in words what else happens.

Exit status: 0 done and every expectation met; 1 the network or an expectation said no;
2 the command line makes no sense.`,
		Example: `  wirebench udp :0 --to 127.0.0.1:5000 --send 'hello\n' --expect hello
  wirebench udp 127.0.0.1:5000 --echo --json
  wirebench udp :0 --to 192.0.2.1:5000 --send ping --every 1ms --count 1000
  wirebench udp :5000 --multicast 239.1.2.3 --interface eth0
  wirebench udp :0 --to 192.0.2.53:53 --send-hex '1234 0100 0001 0000 0000 0000 01780474657374 00 0001 0001'`,
		Args: exactly(1, "one [HOST]:PORT"),
	}
	o.flags(c.Flags())
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := o.check(c.Flags(), args[0]); err != nil {
			return err
		}
		return runSession(c.Context(), s, o.runOptions, func(r *reporter) sessionRun { return newUDPRun(o, r) })
	}
	return c
}

func (o *udpOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.config.Target, "to", "", "send to this HOST:PORT")
	f.BoolVar(&o.config.Connect, "connect", false, "take datagrams of --to alone")
	f.Var(&messageFlag{&o.send, "text"}, "send", `send text as one datagram; \n \r \t \0 \xHH \uHHHH \\ are read; repeatable`)
	f.Var(&messageFlag{&o.send, "hex"}, "send-hex", "send bytes written in hex, in any form; repeatable")
	o.fields.flags(f, &o.send, " as one datagram")
	f.Var(&messageFlag{&o.send, "file"}, "send-file", "send a file as one datagram; repeatable")
	f.Var(&messageFlag{&o.expect, "text"}, "expect", "wait for a datagram with this text in it, escapes as for --send, '' for an empty one; repeatable")
	f.Var(&messageFlag{&o.expect, "hex"}, "expect-hex", "wait for a datagram with these bytes in it, written in hex; repeatable")
	f.DurationVar(&o.wait, "wait", 0, "how long to wait for expectations, or for answers after the last send")
	f.DurationVar(&o.every, "every", 0, "send again and again, this far apart; 0 is as fast as possible")
	f.Int64Var(&o.count, "count", 0, "with --every, how often; 0 is until the end")
	f.BoolVar(&o.echo, "echo", false, "answer each datagram with itself, but none of its own")
	f.StringVar(&o.reply, "reply", "", "answer each datagram with this text, escapes as for --send")
	f.StringArrayVar(&o.groups, "multicast", nil, "join this group; GROUP,SOURCE takes what one host sends; repeatable")
	f.StringVar(&o.iface, "interface", "", "the interface for groups, by name or number")
	f.IntVar(&o.config.MulticastTTL, "multicast-ttl", 0, "how many networks away a group is reached; 0 is the usual 1")
	f.BoolVar(&o.config.Broadcast, "broadcast", false, "allow sending to broadcast addresses")
	f.BoolVar(&o.config.ReuseAddress, "reuse", false, "let other sockets be bound to the same port")
	f.IntVar(&o.config.TTL, "ttl", 0, "time to live of what is sent; 0 is the system's")
	f.IntVar(&o.config.ReceiveBuffer, "receive-buffer", 0, "bytes that may wait in the system; 0 is 64 MiB")
	o.runOptions.flags(f)
}

// check completes the options from what was given.
func (o *udpOptions) check(f *pflag.FlagSet, address string) error {
	if err := o.runOptions.check(f); err != nil {
		return err
	}
	if err := named(f, "to", "interface"); err != nil {
		return err
	}
	if err := o.fields.build(f, o.send); err != nil {
		return err
	}
	o.datagrams = true
	o.config.Address = address
	o.waitSet, o.answered = f.Changed("wait"), f.Changed("reply")
	repeats := f.Changed("every")
	switch {
	case o.wait < 0:
		return usage("--wait cannot be negative")
	case len(o.send) > 0 && o.config.Target == "":
		return usage("there is something to send and nowhere to send it: say --to HOST:PORT")
	case f.Changed("count") && !repeats:
		return usage("--count says how often --every sends: say that too")
	case repeats && len(o.send) != 1:
		return usage("--every repeats one datagram: say one --send, --send-hex, --send-fields or --send-file")
	case o.echo && o.answered:
		return usage("--echo and --reply both answer each datagram: say one of them")
	}
	if repeats {
		if err := (sessions.RepeatConfig{Every: o.every, Count: o.count}).Check(); err != nil {
			return udpMistake(err)
		}
	} else {
		o.every = -1
	}
	if o.answered {
		var err error
		if o.answer, err = compose.Text(o.reply, compose.None); err != nil {
			return usage("--reply: %w", err)
		}
	}
	for _, text := range o.groups {
		g, err := sessions.ParseGroup(text)
		if err != nil {
			return usage("--multicast: %w", err)
		}
		g.Interface = o.iface
		o.config.Groups = append(o.config.Groups, g)
	}
	o.config.MulticastInterface = o.iface
	if err := o.config.Check(); err != nil {
		return udpMistake(err)
	}
	return o.checkLengths()
}

// checkLengths refuses what is too long for a datagram, as far as that is certain
// before a name is resolved.
func (o *udpOptions) checkLengths() error {
	most := int64(sessions.MaxDatagram(netip.AddrPortFrom(netip.IPv6Unspecified(), 0)))
	if host, _, err := sessions.ParseTargetOf(sessions.UDP, o.config.Target); err == nil {
		if a, err := netip.ParseAddr(host); err == nil {
			most = int64(sessions.MaxDatagram(netip.AddrPortFrom(a, 0)))
		}
	}
	for _, m := range o.send {
		n, what := int64(len(m.bytes)), "what is to be sent"
		if m.file != "" {
			st, err := os.Stat(m.file)
			if err != nil {
				return &usageError{err}
			}
			n, what = st.Size(), m.file
		}
		if n > most {
			return usage("%s has %d bytes, and a datagram to %s has at most %d: send it in pieces", what, n, o.config.Target, most)
		}
	}
	if most := sessions.MaxDatagram(netip.AddrPortFrom(netip.IPv6Unspecified(), 0)); len(o.answer) > most {
		return usage("--reply has %d bytes, and a datagram has at most %d", len(o.answer), most)
	}
	return nil
}

// udpFlagOf are the flags that fill a field of the configuration.
var udpFlagOf = map[string]string{
	"Target": "to", "Groups": "multicast", "MulticastInterface": "interface", "MulticastTTL": "multicast-ttl",
	"TTL": "ttl", "ReceiveBuffer": "receive-buffer", "Every": "every", "Count": "count",
}

// udpMistake makes a configuration that cannot work a mistake on the command
// line, and names the flag.
func udpMistake(err error) error {
	var bad *sessions.ConfigError
	if !errors.As(err, &bad) || udpFlagOf[bad.Field] == "" {
		return &usageError{err}
	}
	return &usageError{fmt.Errorf("--%s: %w", udpFlagOf[bad.Field], err)}
}
