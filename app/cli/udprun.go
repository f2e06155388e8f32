package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"wirebench/sessions"
	"wirebench/sessions/capture"
)

// mostTold is how many errors of datagrams a person is told of; a flood of
// datagrams to a port where nothing listens makes as many.
const mostTold = 20

// udpRun hears what a datagram socket tells.
type udpRun struct {
	options udpOptions
	report  *reporter
	expect  *datagramExpectation
	answers *answers // nil for none
	session *sessions.UDPSession
	owns    func() map[netip.Addr]bool // the addresses of this machine
	bound   chan struct{}              // closed when it is bound
	refused chan struct{}              // closed when the network cannot deliver what is sent to the target
	once    sync.Once                  // for refused
	failed  atomic.Bool
	faults  atomic.Int64 // errors of datagrams
}

var _ sessionRun = (*udpRun)(nil)

func newUDPRun(o udpOptions, r *reporter) *udpRun {
	u := &udpRun{
		options: o, report: r, expect: newDatagramExpectation(o.expect),
		owns: sync.OnceValue(ownAddresses), bound: make(chan struct{}), refused: make(chan struct{}),
	}
	if o.echo || o.answered {
		u.answers = newAnswers()
	}
	return u
}

func (r *udpRun) open(o sessions.Options) (sessions.Session, error) {
	session, err := sessions.NewUDP(r.options.config, o)
	r.session = session
	return session, err
}

func (r *udpRun) mistake(bad *sessions.ConfigError) error { return udpMistake(bad) }

// Event implements [sessions.Observer].
func (r *udpRun) Event(e sessions.Event) {
	switch e.Name {
	case sessions.EventClose:
		return // a datagram socket has nobody to part from
	case sessions.EventState:
		if e.State == sessions.Open && e.Text != "" {
			r.report.state(e, e.Text) // of a group
		}
		return
	case sessions.EventIOError:
		if r.fault(e); !r.report.json && e.Remote.IsValid() && r.faults.Add(1) > mostTold {
			return
		}
	}
	r.report.event(e, r.options.config.Target)
	if e.Name == sessions.EventListening {
		close(r.bound) // a run binds once
	}
}

// fault takes down an error. One about a datagram that went to somebody else than
// the target, as an answer, is told and is no failure.
func (r *udpRun) fault(e sessions.Event) {
	if e.Remote.IsValid() {
		if e.Remote != r.session.Info().Remote {
			return
		}
		r.once.Do(func() { close(r.refused) })
	}
	r.failed.Store(true)
}

// Data implements [sessions.Observer].
func (r *udpRun) Data(f capture.Flow, d capture.Direction, p []byte) {
	r.report.data(f, d, p, 0)
	if d == capture.Out {
		return
	}
	r.expect.feed(p)
	if r.answers != nil && !r.own(f) {
		if r.options.answered {
			p = r.options.answer
		}
		r.answers.put(f.Remote, p)
	}
}

// own reports whether a datagram comes from this socket, by way of a group or
// because it is its own target. Answering those would never end.
func (r *udpRun) own(f capture.Flow) bool {
	if f.Remote.Port() != f.Local.Port() {
		return false
	}
	from := f.Remote.Addr().WithZone("")
	return from == f.Local.Addr().WithZone("") || f.Local.Addr().IsUnspecified() && (from.IsLoopback() || r.owns()[from])
}

// talk sends and waits as the command line says.
func (r *udpRun) talk(ctx context.Context) {
	o := r.options
	select {
	case <-r.bound:
	case <-r.session.Done():
		return
	case <-ctx.Done():
		r.problem(errors.New("ended before the socket was bound"))
		return
	}
	if r.failed.Load() {
		return // a group could not be joined
	}
	if r.answers != nil {
		r.answers.begin(r.session, r.unanswered)
	}
	for _, m := range o.send {
		if err := r.send(ctx, m); err != nil {
			r.unsent(r.session.Info().Remote, err)
			r.failed.Store(true)
			return
		}
	}
	var limit <-chan time.Time
	var met, refused <-chan struct{}
	if len(o.send) > 0 && o.every < 0 && !o.waitSet && r.answers == nil {
		refused = r.refused
	}
	switch {
	case len(o.expect) > 0:
		met = r.expect.met
		limit = time.After(pick(o.waitSet, o.wait, waitExpect))
	case o.waitSet:
		limit = time.After(o.wait)
	case len(o.send) > 0 && r.answers == nil:
		limit = time.After(waitAnswer)
	}
	select {
	case <-met:
	case <-limit:
	case <-refused:
	case <-r.session.Done():
	case <-ctx.Done():
	}
}

// send sends a message once, or again and again.
func (r *udpRun) send(ctx context.Context, m message) error {
	p := m.bytes
	if m.file != "" {
		var err error
		if p, err = readDatagram(m.file); err != nil {
			return err
		}
	}
	i := r.session.Info()
	if len(p) <= sessions.MaxDatagram(i.Remote) && sessions.Fragments(i.Remote, len(p), i.MTU) > 1 {
		r.report.fragmented(i.Remote, len(p), i.MTU)
	}
	if r.options.every < 0 {
		return r.session.Send(p)
	}
	return r.repeat(ctx, p)
}

// repeat sends one datagram again and again, and says how that went.
func (r *udpRun) repeat(ctx context.Context, p []byte) error {
	o, to := r.options, r.session.Info().Remote
	rep, err := r.session.Repeat(sessions.RepeatConfig{To: to, Every: o.every, Count: o.count}, p)
	if err != nil {
		return err
	}
	var met <-chan struct{}
	if o.count == 0 && len(o.expect) > 0 {
		met = r.expect.met
	}
	select {
	case <-rep.Done():
	case <-met:
	case <-ctx.Done():
	}
	rep.Stop()
	<-rep.Done()
	t := rep.Stats()
	r.report.repeated(to, t, o.every > 0)
	if t.Err == nil && t.Failed > 0 {
		r.failed.Store(true) // the line above has said so
	}
	return t.Err
}

func (r *udpRun) problem(err error) {
	r.report.problem(err)
	r.failed.Store(true)
}

// unanswered tells that an answer could not be sent.
func (r *udpRun) unanswered(to netip.AddrPort, err error) {
	if r.faults.Add(1) <= mostTold || r.report.json {
		r.unsent(to, err)
	}
}

// unsent tells of a datagram that could not be sent.
func (r *udpRun) unsent(to netip.AddrPort, err error) {
	if !r.options.config.Broadcast && errors.Is(err, fs.ErrPermission) {
		err = fmt.Errorf("%w; a broadcast address needs --broadcast", err)
	}
	r.report.event(sessions.Event{Time: time.Now(), Name: sessions.EventIOError, Remote: to, Err: err}, r.options.config.Target)
}

// end closes the socket and returns the exit status.
func (r *udpRun) end(context.Context) int {
	if r.answers != nil {
		r.answers.end()
	}
	err := r.session.Close()
	i := r.session.Info()
	r.report.kernelDropped(i.KernelDropped)
	if i.KernelDropped > 0 {
		r.report.problem(fmt.Errorf("the system had no room for %s and dropped them, in %d bytes of receive buffer (--receive-buffer asks for more)",
			counted(i.KernelDropped, "datagram"), i.ReceiveBuffer))
	}
	if i.Filtered > 0 {
		r.report.problem(fmt.Errorf("not taken, being from others than --to: %s", counted(i.Filtered, "datagram")))
	}
	if r.answers != nil && r.answers.lost > 0 {
		r.report.problem(fmt.Errorf("not answered, because too many waited: %s", counted(r.answers.lost, "datagram")))
	}
	if n := r.faults.Load() - mostTold; n > 0 && !r.report.json {
		r.report.problem(fmt.Errorf("and %s like these", counted(n, "more error")))
	}
	if err != nil {
		r.problem(err)
	}
	if missing, ok := r.expect.missing(); ok {
		if len(missing) == 0 {
			r.report.problem(errors.New("expected an empty datagram, and it did not come"))
		} else {
			r.report.problem(notCome(missing))
		}
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
		err = fmt.Errorf("%s is longer than a datagram can be", path)
	}
	return b, err
}

// datagramExpectation waits for datagrams that hold byte strings. One datagram
// may hold several, one behind the other; none is found across the border of two.
// An empty string is a datagram without a byte.
type datagramExpectation struct {
	mu   sync.Mutex
	want [][]byte
	met  chan struct{}
}

func newDatagramExpectation(want []message) *datagramExpectation {
	e := &datagramExpectation{met: make(chan struct{})}
	for _, m := range want {
		e.want = append(e.want, m.bytes)
	}
	if len(e.want) == 0 {
		close(e.met)
	}
	return e
}

// feed looks at the datagram that came next.
func (e *datagramExpectation) feed(p []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.want) == 0 {
		return
	}
	if len(p) == 0 {
		if len(e.want[0]) == 0 {
			e.want = e.want[1:]
		}
	} else {
		for len(e.want) > 0 && len(e.want[0]) > 0 {
			i := bytes.Index(p, e.want[0])
			if i < 0 {
				break
			}
			p = p[i+len(e.want[0]):]
			e.want = e.want[1:]
		}
	}
	if len(e.want) == 0 {
		close(e.met)
	}
}

// missing returns the first that has not come.
func (e *datagramExpectation) missing() (first []byte, any bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.want) == 0 {
		return nil, false
	}
	return e.want[0], true
}
