package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/netip"
	"sync"
	"time"

	"wirebench/sessions"
	"wirebench/sessions/capture"
	"wirebench/sessions/framing"
	"wirebench/sessions/inspect"
	"wirebench/sessions/jsonl"
)

// reporter prints what happens, as JSON Lines or for people, and counts it. Its
// methods are safe for concurrent use. The first error of writing ends the run.
type reporter struct {
	out   *outlet
	diag  io.Writer
	json  bool // else for people
	start time.Time

	mu        sync.Mutex
	in, outB  int64
	msgsIn    int64
	msgsOut   int64
	dropped   int64   // by the system
	datagrams bool    // are what is counted, instead of reads and writes
	frames    *cutter // nil: reads and writes are printed
	line      []byte  // the last datagram's
	stamp     stamp
}

// newReporter begins to report. broken is called once, when standard output
// fails. Its summary ends it.
func newReporter(s streams, asJSON bool, broken func()) *reporter {
	return &reporter{out: newOutlet(s.out, broken), diag: s.err, json: asJSON, start: time.Now()}
}

// reportUntil begins to report on a run, up to stop. The run is over with the
// context it returns: when ctx is, which a signal ends, after a duration other
// than 0, and when standard output fails. Whoever does not read what is reported
// cannot keep a signal from ending the run. After its duration it waits for them,
// as a pager may have shown its first page alone by then.
func reportUntil(ctx context.Context, s streams, asJSON bool, duration time.Duration) (over context.Context, r *reporter, stop func()) {
	var cancel context.CancelFunc
	if duration > 0 {
		over, cancel = context.WithTimeout(ctx, duration)
	} else {
		over, cancel = context.WithCancel(ctx)
	}
	r = newReporter(s, asJSON, cancel)
	settle := r.endAfter(ctx, stuckOutput)
	return over, r, func() {
		settle()
		cancel()
	}
}

// endAfter gives standard output up when, after a signal, it does not take a
// line for this long. A run that takes its time over something else keeps its
// output. The function it returns takes that back, and waits for it.
func (r *reporter) endAfter(signals context.Context, patience time.Duration) (stop func()) {
	over, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-signals.Done():
		case <-over:
			return
		}
		t := time.NewTimer(patience)
		defer t.Stop()
		for {
			select {
			case <-t.C:
			case <-over:
				return
			}
			held := r.out.held()
			if held >= patience {
				r.out.giveUp()
				return
			}
			t.Reset(patience - held)
		}
	}()
	return func() {
		close(over)
		<-ended
	}
}

// emit prints e under --json, or line for people; mu is held.
func (r *reporter) emit(e any, at time.Time, format string, args ...any) {
	var line bytes.Buffer
	if r.json {
		if err := jsonl.NewEncoder(&line).Encode(e); err != nil {
			panic(err) // the events hold nothing that JSON cannot
		}
	} else {
		line.WriteString(timed(at, format, args...))
	}
	r.out.put(line.Bytes())
}

// timed is a line for people about something that happened at a time.
func timed(at time.Time, format string, args ...any) string {
	return at.Format("15:04:05.000000") + "  " + fmt.Sprintf(format, args...) + "\n"
}

// event reports a session's event; target is who was meant where no address is
// known yet.
func (r *reporter) event(e sessions.Event, target string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.endFrames(e)
	at, peer := e.Time, target
	if e.Remote.IsValid() {
		peer = e.Remote.String()
	}
	head := jsonl.At(at, e.Name)
	who := "" // whom of a server's clients it is about
	if e.Client != 0 {
		who = fmt.Sprintf("client %d ", e.Client)
	}
	switch e.Name {
	case sessions.EventListening:
		r.emit(jsonl.Listening{Head: head, Local: text(e.Local)}, at, "%s", e.Text)
	case sessions.EventCertificate:
		r.certificate(certificateEvent{Head: head, Peer: peer}, e.Report)
	case sessions.EventConnect:
		line := fmt.Sprintf("connected to %s from %s", e.Remote, e.Local)
		if e.Client != 0 {
			line = fmt.Sprintf("connected from %s to %s", e.Remote, e.Local)
		}
		r.emit(jsonl.Connect{Head: head, Client: e.Client, Local: text(e.Local), Remote: text(e.Remote)}, at, "%s%s", who, line)
	case sessions.EventClose:
		r.emit(jsonl.Close{Head: head, Client: e.Client, By: e.By, Peer: peer}, at, "%sclosed by %s", who, closedBy(e.By))
	case sessions.EventIOError, sessions.EventSecurityError:
		// For people an error is a diagnostic.
		if !r.json {
			fmt.Fprintf(r.diag, "wirebench: %s%v\n", who, e.Err)
			return
		}
		r.emit(jsonl.Error{Head: head, Client: e.Client, Error: e.Err.Error(), Peer: peer}, at, "")
	}
}

func text(a netip.AddrPort) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

func closedBy(by string) string {
	switch by {
	case sessions.ByPeer:
		return "the peer (FIN)"
	case sessions.ByReset:
		return "a reset (RST)"
	}
	return "us"
}

// data reports a read or a completed write; p is not kept. client is which of a
// server's clients it is about, 0 for none.
func (r *reporter) data(f capture.Flow, d capture.Direction, p []byte, client int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	arrow := "<-"
	if d == capture.In {
		r.in += int64(len(p))
	} else {
		arrow = "->"
		r.outB += int64(len(p))
	}
	if r.frames != nil && r.frames.by[d].Kind != framing.Raw {
		r.feed(cutKey{f, d}, p, client)
		return
	}
	if d == capture.In {
		r.msgsIn++
	} else {
		r.msgsOut++
	}
	now := time.Now()
	if r.datagrams {
		r.line = appendDatagram(r.line[:0], &r.stamp, r.json, now, f.Remote, d, p)
		r.out.put(r.line)
		return
	}
	if !r.json {
		if client != 0 {
			arrow = fmt.Sprintf("client %d %s", client, arrow)
		}
		r.emit(nil, now, "%s %6d  %s", arrow, len(p), inspect.Escape(p))
		return
	}
	head := jsonl.At(now, sessions.EventSocketData)
	r.emit(jsonl.Data{Head: head, Client: client, Direction: d.String(), Peer: f.Remote.String(), Length: len(p), Data: p}, now, "")
}

// carried counts what went over a connection that is no session's.
func (r *reporter) carried(d capture.Direction, bytes, messages int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if d == capture.In {
		r.in += bytes
		r.msgsIn += messages
	} else {
		r.outB += bytes
		r.msgsOut += messages
	}
}

// problem is a diagnostic that is no event of a session.
func (r *reporter) problem(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintf(r.diag, "wirebench: %v\n", err)
}

// progress tells what is going on, which is no event either.
func (r *reporter) progress(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintln(r.diag, text)
}

// kernelDropped takes down how many datagrams the system dropped.
func (r *reporter) kernelDropped(n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dropped = n
}

// summary is always the last line. A failure of standard output makes the run
// fail, also if it is the summary's.
func (r *reporter) summary(s capture.Stats, status int) int {
	took := time.Since(r.start).Round(time.Millisecond)
	return r.finish(s, status, func(at time.Time) string {
		read, write := "read", "write"
		switch {
		case r.datagrams:
			read, write = "datagram", "datagram"
		case r.frames != nil:
			if r.frames.by[capture.In].Kind != framing.Raw {
				read = "frame"
			}
			if r.frames.by[capture.Out].Kind != framing.Raw {
				write = "frame"
			}
		}
		return timed(at, "%s received in %s, %s sent in %s, %s", counted(r.in, "byte"), counted(r.msgsIn, read),
			counted(r.outB, "byte"), counted(r.msgsOut, write), took)
	})
}

// counted is "1 frame", "12 frames".
func counted(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// finish is summary with a line for people of its own, "" for none; line is called
// with mu held.
func (r *reporter) finish(s capture.Stats, status int, line func(at time.Time) string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.out.failure() != nil && status == statusDone {
		status = statusFailed
	}
	now := time.Now()
	if r.json {
		r.emit(jsonl.Summary{
			Head:    jsonl.At(now, "summary"),
			BytesIn: r.in, BytesOut: r.outB, MessagesIn: r.msgsIn, MessagesOut: r.msgsOut,
			KernelDropped: r.dropped,
			Evicted:       s.EvictedRecords, DurationMs: now.Sub(r.start).Milliseconds(), Status: status,
		}, now, "")
	} else if text := line(now); text != "" {
		r.out.put([]byte(text))
	}
	if err := r.out.close(); err != nil {
		fmt.Fprintf(r.diag, "wirebench: write to standard output: %v\n", err)
		return statusFailed
	}
	return status
}
