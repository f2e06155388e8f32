package cli

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"wirebench/sessions"
	"wirebench/sessions/capture"
	"wirebench/sessions/certs"
	"wirebench/sessions/inspect"
)

const (
	// waitExpect is how long expectations are waited for without --wait.
	waitExpect = 5 * time.Second
	// waitAnswer is how long answers to --send are waited for without --wait.
	waitAnswer = time.Second
	// lastDrain is how long the peer has, after a signal or --duration, to take
	// what waits to be sent.
	lastDrain = 5 * time.Second
)

// clientSession is what a run needs of a session.
type clientSession interface {
	sessions.Session
	Info() sessions.TCPInfo
	Done() <-chan struct{}
	Send(p []byte) error
	SendFile(path string) (*sessions.Transfer, error)
	CloseWrite() error
	Disconnect() error
}

var (
	_ clientSession = (*sessions.TCPSession)(nil)
	_ clientSession = (*sessions.TLSSession)(nil)
)

// clientPlan is what one kind of client does its own way. The zero functions do
// nothing.
type clientPlan struct {
	open func(sessions.Options) (clientSession, error)
	// mistake makes a configuration that cannot work a mistake on the command line.
	mistake func(*sessions.ConfigError) error
	// inspect says that the session ends by itself, without connecting, once the
	// certificate is known.
	inspect bool
	// progress says that the way to the connection is told on standard error.
	progress bool
	// afterwards runs when the connection has ended, if there was one, and before
	// the session is closed. Its error, which it leaves to be told, fails the run.
	afterwards func(ctx context.Context, session clientSession, report *reporter) error
}

// clientRun hears what the session tells.
type clientRun struct {
	plan      clientPlan
	options   clientOptions
	streams   streams
	report    *reporter
	expect    *expectation
	target    string
	session   clientSession
	connected chan struct{}
	said      chan struct{} // closed when the peer has closed its sending side
	saidOnce  sync.Once
	taken     chan struct{} // poked when the peer has taken some of what waits
	reads     atomic.Int64  // of standard input
	holding   atomic.Bool   // standard input was read and is not queued yet
	pumped    chan struct{} // closed when standard input is queued to its end
	failed    atomic.Bool   // an ioError was told, or the peer reset
	inspected atomic.Pointer[certs.Report]
}

var _ sessionRun = (*clientRun)(nil)

// Event implements [sessions.Observer].
func (r *clientRun) Event(e sessions.Event) {
	r.report.event(e, r.target)
	switch e.Name {
	case sessions.EventCertificate:
		r.inspected.Store(e.Report)
	case sessions.EventConnect:
		close(r.connected) // a run connects once
	case sessions.EventState:
		if r.plan.progress && e.State == sessions.Opening && e.Text != "" {
			r.report.progress(e.Text)
		}
		if r.session.Info().ReadClosed {
			r.saidOnce.Do(func() { close(r.said) })
		}
	case sessions.EventOutputProgress:
		select {
		case r.taken <- struct{}{}:
		default:
		}
	case sessions.EventIOError, sessions.EventSecurityError:
		r.failed.Store(true)
	case sessions.EventClose:
		if e.By == sessions.ByReset {
			r.failed.Store(true)
		}
	}
}

// Data implements [sessions.Observer].
func (r *clientRun) Data(f capture.Flow, d capture.Direction, p []byte) {
	r.report.data(f, d, p, 0)
	if d == capture.In && r.stood() { // what STARTTLS talks before is nothing to expect
		r.expect.feed(p)
	}
}

// stood reports whether the connection was made.
func (r *clientRun) stood() bool {
	select {
	case <-r.connected:
		return true
	default:
		return false
	}
}

// runClient opens a session, talks as o says, and reports until the summary.
func runClient(ctx context.Context, s streams, o clientOptions, plan clientPlan) error {
	return runSession(ctx, s, o.runOptions, func(report *reporter) sessionRun {
		return &clientRun{
			plan:      plan,
			options:   o,
			streams:   s,
			report:    report,
			expect:    newExpectation(o.expect),
			target:    o.address,
			connected: make(chan struct{}),
			said:      make(chan struct{}),
			pumped:    make(chan struct{}),
			taken:     make(chan struct{}, 1),
		}
	})
}

func (r *clientRun) open(o sessions.Options) (sessions.Session, error) {
	session, err := r.plan.open(o)
	r.session = session
	return session, err
}

func (r *clientRun) mistake(bad *sessions.ConfigError) error { return r.plan.mistake(bad) }

// talk sends and waits as the command line says; it returns when the
// connection is to end, or has ended.
func (r *clientRun) talk(ctx context.Context) {
	session, o := r.session, r.options
	select {
	case <-r.connected:
	case <-session.Done():
		return
	case <-ctx.Done():
		r.report.problem(fmt.Errorf("connect %s: ended before the peer answered", o.address))
		return
	}
	for _, m := range o.send {
		if told, err := r.send(ctx, session, m); err != nil {
			if !told {
				r.report.problem(err)
			}
			r.failed.Store(true)
			return
		}
	}
	var limit <-chan time.Time
	var met <-chan struct{}
	after := func(d time.Duration) {
		t := time.NewTimer(d)
		context.AfterFunc(ctx, func() { t.Stop() })
		limit = t.C
	}
	switch {
	case len(o.expect) > 0:
		met = r.expect.met
		after(pick(o.waitSet, o.wait, waitExpect))
	case o.waitSet:
		after(o.wait)
	case len(o.send) > 0:
		after(waitAnswer)
	case o.pumps():
		// A read of standard input cannot be cancelled, so this goroutine may
		// outlive the run; the process ends then.
		go r.pump(session, r.streams.in)
	}
	select {
	case <-met:
	case <-limit:
	case <-r.said:
		if o.pumps() {
			r.finishInput(ctx, session)
		}
	case <-session.Done():
	case <-ctx.Done():
		return
	}
	if ctx.Err() == nil && r.holding.Load() {
		r.report.problem(fmt.Errorf("the connection to %s ended before all of standard input was sent", o.address))
		r.failed.Store(true)
	}
}

func pick(given bool, value, otherwise time.Duration) time.Duration {
	if given {
		return value
	}
	return otherwise
}

// end closes the connection in order and returns the exit status.
// What waits to be sent is sent, as long as the peer goes on taking it; once
// ctx has ended, for lastDrain.
func (r *clientRun) end(ctx context.Context) int {
	session, cut := r.session, false
	if err := session.Disconnect(); err == nil {
		select {
		case <-session.Done(): // the peer has a second once all is sent
		case <-ctx.Done():
			t := time.NewTimer(lastDrain)
			select {
			case <-session.Done():
			case <-t.C:
				cut = true
			}
			t.Stop()
		}
	}
	looked := r.plan.inspect && r.inspected.Load() != nil && !r.failed.Load()
	if after := r.plan.afterwards; after != nil && ctx.Err() == nil && (r.stood() || looked) {
		if err := after(ctx, session, r.report); err != nil {
			r.report.problem(err)
			r.failed.Store(true)
		}
	}
	if err := session.Close(); err != nil {
		r.report.problem(err)
		r.failed.Store(true)
	}
	if n := session.Info().UnsentBytes; cut && n > 0 {
		r.report.problem(fmt.Errorf("ended with %s not sent, which the peer was slow to take", counted(int64(n), "byte")))
		r.failed.Store(true)
	}
	if missing := r.expect.missing(); missing != nil {
		r.report.problem(notCome(missing))
		return statusFailed
	}
	if r.failed.Load() {
		return statusFailed
	}
	if r.plan.inspect {
		if seen := r.inspected.Load(); seen == nil || seen.Status != certs.Trusted {
			return statusFailed
		}
		return statusDone
	}
	if !r.stood() {
		return statusFailed // also when it was interrupted before
	}
	return statusDone
}

// notCome says what was expected in vain.
func notCome(missing []byte) error {
	const most = 200
	text := inspect.Escape(missing[:min(len(missing), most)])
	if len(missing) > most {
		text += "..."
	}
	return fmt.Errorf("expected %q, and it did not come", text)
}
