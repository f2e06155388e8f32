package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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
	// stuckOutput is how long standard output has, after a signal, to take the
	// next line.
	stuckOutput = 2 * time.Second
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

var _ sessions.Observer = (*clientRun)(nil)

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
	r.report.data(f, d, p)
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
	dir, drop, err := captureFolder(o.captureDir)
	if err != nil {
		return err
	}
	keep := false // the folder, although it is a temporary one
	defer func() {
		if !keep {
			drop()
		}
	}()

	signals := ctx
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if o.duration > 0 {
		ctx, cancel = context.WithTimeout(ctx, o.duration)
		defer cancel()
	}
	run := &clientRun{
		plan:      plan,
		report:    newReporter(s, o.json, cancel),
		expect:    newExpectation(o.expect),
		target:    o.address,
		connected: make(chan struct{}),
		said:      make(chan struct{}),
		pumped:    make(chan struct{}),
		taken:     make(chan struct{}, 1),
	}
	defer run.report.endAfter(signals, stuckOutput)()
	failed := func(err error) error {
		run.report.problem(err)
		run.report.summary(capture.Stats{}, statusFailed)
		return errFailed
	}
	if err := canSave(o.save); err != nil {
		return failed(err) // now, and not when there is something to lose
	}
	session, err := plan.open(sessions.Options{Capture: capture.Options{Dir: dir}, Observer: run})
	if err != nil {
		return failed(err)
	}
	run.session = session
	// The session outlives ctx by the time an orderly end takes.
	if err := session.Start(context.WithoutCancel(ctx)); err != nil {
		session.Close()
		session.Traffic().Release()
		var bad *sessions.ConfigError
		if errors.As(err, &bad) {
			run.report.out.close() // nothing was told
			return plan.mistake(bad)
		}
		return failed(err)
	}
	run.talk(ctx, session, o, s)
	status := run.end(ctx, session)
	log := session.Traffic()
	defer log.Release()
	if o.save != "" {
		if err := capture.ExportFile(context.WithoutCancel(ctx), o.save, log, capture.AsPcapng, nil); err != nil {
			run.report.problem(err)
			status = statusFailed
			if keep = len(log.Files()) > 0; keep {
				run.report.problem(fmt.Errorf("the capture is kept in %s", dir))
			}
		}
	}
	if log.Stats().Err != nil {
		status = statusFailed // closing the session has said so
	}
	if run.report.summary(log.Stats(), status) != statusDone {
		return errFailed
	}
	return nil
}

// canSave reports why nothing could be saved as path, as far as that can be
// known before.
func canSave(path string) error {
	if path == "" {
		return nil
	}
	if st, err := os.Stat(path); err == nil && st.IsDir() {
		return fmt.Errorf("save %s: that is a folder; name a file in it", path)
	}
	if st, err := os.Stat(filepath.Dir(path)); err != nil {
		return fmt.Errorf("save %s: %w", path, err)
	} else if !st.IsDir() {
		return fmt.Errorf("save %s: %s is no folder", path, filepath.Dir(path))
	}
	return nil
}

// talk sends and waits as the command line says; it returns when the
// connection is to end, or has ended.
func (r *clientRun) talk(ctx context.Context, session clientSession, o clientOptions, s streams) {
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
		go r.pump(session, s.in)
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
func (r *clientRun) end(ctx context.Context, session clientSession) int {
	cut := false
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
		r.report.problem(fmt.Errorf("ended with %d bytes not sent, which the peer was slow to take", n))
		r.failed.Store(true)
	}
	if missing := r.expect.missing(); missing != nil {
		const most = 200
		text := inspect.Escape(missing[:min(len(missing), most)])
		if len(missing) > most {
			text += "..."
		}
		r.report.problem(fmt.Errorf("expected %q, and it did not come", text))
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

// captureFolder returns the folder for a run's capture. Without a folder of the
// person's it is a temporary one, which drop removes.
func captureFolder(dir string) (path string, drop func(), err error) {
	if dir != "" {
		return dir, func() {}, nil
	}
	tmp, err := os.MkdirTemp("", "wirebench-") // mode 0700
	if err != nil {
		return "", nil, fmt.Errorf("make a folder for the capture: %w", err)
	}
	return tmp, func() { os.RemoveAll(tmp) }, nil
}
