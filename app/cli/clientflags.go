package cli

import (
	"time"

	"github.com/spf13/pflag"

	"wirebench/sessions/capture"
	"wirebench/sessions/framing"
)

// clientOptions are the flags that all clients share.
type clientOptions struct {
	address string
	send    []message
	expect  []message
	wait    time.Duration
	waitSet bool
	fields  fieldOptions
	runOptions
}

// pumps tells whether standard input is sent.
func (o *clientOptions) pumps() bool {
	return len(o.send) == 0 && len(o.expect) == 0 && !o.waitSet && o.duration == 0
}

// keepsHalfOpen tells whether a peer that has said its last may still take what
// there is to send.
func (o *clientOptions) keepsHalfOpen() bool { return len(o.send) > 0 || o.pumps() }

// talking is the part of a client's help about what it says and how it ends.
const talking = `It ends when every --expect has arrived, each behind the one before and wherever reads cut
them (--wait bounds the waiting, 5 s without it); without --expect it goes on receiving for
--wait after the last send (1 s without it); always when the peer has closed and all is sent,
after --duration, or with SIGINT or SIGTERM. With none of these flags it sends standard input,
half-closes at its end if there was any, and goes on until the peer closes.`

func (o *clientOptions) flags(f *pflag.FlagSet) {
	f.Var(&messageFlag{&o.send, "text"}, "send", `send text; \n \r \t \0 \xHH \uHHHH \\ are read; repeatable`)
	f.Var(&messageFlag{&o.send, "hex"}, "send-hex", "send bytes written in hex, in any form; repeatable")
	o.fields.flags(f, &o.send, "")
	f.Var(&messageFlag{&o.send, "file"}, "send-file", "send a file; repeatable")
	f.Var(&messageFlag{&o.expect, "text"}, "expect", "wait for text to arrive, escapes as for --send; repeatable")
	f.Var(&messageFlag{&o.expect, "hex"}, "expect-hex", "wait for bytes written in hex; repeatable")
	f.DurationVar(&o.wait, "wait", 0, "how long to wait for expectations, or for answers after the last send")
	o.framingFlag(f)
	o.runOptions.flags(f)
}

// check completes the options from what was given.
func (o *clientOptions) check(f *pflag.FlagSet, address string) error {
	o.address = address
	o.waitSet = f.Changed("wait")
	if o.wait < 0 {
		return usage("--wait cannot be negative")
	}
	if err := o.fields.build(f, o.send); err != nil {
		return err
	}
	if o.framing[capture.Out].Kind == framing.XML {
		endDocuments(o.send)
	}
	return o.runOptions.check(f)
}

// named reports a flag that names a file and was given as nothing.
func named(f *pflag.FlagSet, names ...string) error {
	for _, name := range names {
		if flag := f.Lookup(name); flag.Changed && flag.Value.String() == "" {
			return usage("--%s needs a name, and got an empty one", name)
		}
	}
	return nil
}
