package sessions

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"wirebench/sessions/capture"
)

const (
	// The pauses after an accept that failed, doubled from the first to the longest, as net/http does.
	firstAcceptPause   = 5 * time.Millisecond
	longestAcceptPause = time.Second
	// acceptQuiet is how long no other failure is told: at the limit of descriptors, each client that goes and
	// each that comes would make one. Info counts them all.
	acceptQuiet = 10 * time.Second
)

// doorWidth is how many clients may begin at once. Ten thousand goroutines that all want to begin would keep
// everything else in the process from running for a third of a second, the window too.
const doorWidth = 32

// listening is one listener from its beginning to its end. It owns the goroutine of run, which accepts.
type listening struct {
	s       *ServerSession
	config  ServerConfig
	plan    serverPlan
	clients context.Context // ends the clients
	ctx     context.Context // ends the listener
	cancel  context.CancelFunc
	done    chan struct{}
	tls     *serverTLS     // nil for plain TCP
	users   sync.WaitGroup // clients that use it
	spare   spare
	quiet   bool          // the failure of the moment was not told; accept's
	door    chan struct{} // has room for the clients that may begin at once

	// Under s.mu.
	phase   State
	local   netip.AddrPort
	since   time.Time
	err     error
	tlsText string
	fault   error
}

func newListening(ctx context.Context, s *ServerSession, c ServerConfig, p serverPlan) *listening {
	l := &listening{s: s, config: c, plan: p, clients: ctx, phase: Opening, door: make(chan struct{}, doorWidth), done: make(chan struct{})}
	l.ctx, l.cancel = context.WithCancel(ctx)
	return l
}

// run is the life of the listener.
func (l *listening) run(before *listening) {
	defer l.s.leave()
	defer close(l.done)
	defer l.cancel()
	if before != nil {
		<-before.done
	}
	l.s.tell(Event{Name: EventState, Text: "opening " + l.config.Address})
	ln, err := l.open()
	if err != nil {
		l.failed(err)
		return
	}
	closed := make(chan struct{})
	context.AfterFunc(l.ctx, func() {
		defer close(closed)
		_ = ln.Close()
	})
	err = l.accept(ln)
	l.cancel()
	<-closed // so that the port is free when the end is told, and for the next listener
	if l.tls != nil {
		l.s.wg.Add(1)
		go l.closeTLS()
	}
	if err != nil {
		l.failed(err)
		return
	}
	l.stopped()
}

// closeTLS waits for the last client that uses what the TLS configuration has open.
func (l *listening) closeTLS() {
	defer l.s.wg.Done()
	l.users.Wait()
	l.tls.close()
}

// open listens.
func (l *listening) open() (net.Listener, error) {
	var ln net.Listener
	var err error
	if f := l.s.opts.Listen; f != nil {
		ln, err = f(l.ctx, l.plan.host, l.plan.port)
	} else {
		ln, err = listen(l.ctx, l.plan.host, l.plan.port, l.config.Backlog, l.config.KeepAlive, l.s.opts.Resolve)
	}
	if err != nil {
		return nil, err
	}
	local := addrPort(ln.Addr())
	text := "listening on " + local.String()
	if l.config.TLS != nil {
		// Clients that come meanwhile wait in the backlog.
		if l.tls, err = l.config.TLS.load(local.Addr()); err != nil {
			_ = ln.Close()
			return nil, err
		}
		text += " for TLS with " + l.tls.text
	}
	l.s.mu.Lock()
	l.phase, l.local, l.since = Open, local, l.s.opts.Clock()
	if l.tls != nil {
		l.tlsText = l.tls.text
	}
	l.s.mu.Unlock()
	l.note(text)
	l.s.tell(Event{Name: EventListening, Text: text})
	return ln, nil
}

// failed ends a listener that could not begin, or not go on.
func (l *listening) failed(err error) {
	if l.ctx.Err() != nil && l.phaseNow() == Opening {
		l.stopped()
		return
	}
	l.s.mu.Lock()
	l.phase, l.err, l.fault = Failed, err, nil
	l.s.mu.Unlock()
	l.note(err.Error())
	l.s.tell(Event{Name: EventIOError, Err: err, Text: err.Error()})
	l.s.tell(Event{Name: EventState, Text: err.Error()})
}

// stopped ends a listener that was asked to end.
func (l *listening) stopped() {
	l.s.mu.Lock()
	l.phase, l.fault = Closed, nil
	n := l.s.clients.n
	l.s.mu.Unlock()
	text := "stopped listening"
	switch {
	case n == 1:
		text += "; 1 client is still connected"
	case n > 1:
		text += fmt.Sprintf("; %s clients are still connected", thousands(int64(n)))
	}
	l.note(text)
	l.s.tell(Event{Name: EventState, Text: text})
}

func (l *listening) phaseNow() State {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	return l.phase
}

// note records something about the listener.
func (l *listening) note(text string) {
	l.s.log.Append(capture.Flow{}, capture.Out, capture.Note, nil, text)
}

// accept takes connections until the listener is closed, and returns why it could not go on, nil when it
// was asked to end.
func (l *listening) accept(ln net.Listener) error {
	var pause time.Duration
	var told time.Time               // when a failure was told last
	streak, tight := int64(0), false // tight: the last try was none, for want of descriptors
	for {
		var conn net.Conn
		err := l.spare.fault()
		if err == nil {
			if tight {
				l.recovered(streak) // and not when the next client comes
				tight, streak, pause = false, 0, 0
			}
			conn, err = ln.Accept()
		} else {
			tight = true
		}
		if err == nil {
			l.spare.took(conn)
			if streak > 0 {
				l.recovered(streak)
				streak, pause = 0, 0
			}
			l.take(conn)
			continue
		}
		if l.ctx.Err() != nil {
			return nil
		}
		text, retry := acceptFault(err)
		err = &reasonError{"accept on " + ln.Addr().String(), text, err}
		if !retry {
			return err
		}
		streak++
		l.s.mu.Lock()
		l.fault = err
		l.s.faults++
		l.s.mu.Unlock()
		l.s.version.Add(1)
		if streak == 1 {
			l.quiet = !told.IsZero() && time.Since(told) < acceptQuiet
		}
		if streak == 1 && !l.quiet {
			told = time.Now()
			l.note(err.Error() + "; trying on")
			l.s.tell(Event{Name: EventIOError, Err: err, Text: err.Error()})
		}
		pause = min(max(2*pause, firstAcceptPause), longestAcceptPause)
		t := time.NewTimer(pause)
		select {
		case <-t.C:
		case <-l.ctx.Done():
			t.Stop()
			return nil
		}
	}
}

// recovered tells that connections are taken again.
func (l *listening) recovered(streak int64) {
	l.s.mu.Lock()
	l.fault = nil
	l.s.mu.Unlock()
	l.s.version.Add(1)
	if l.quiet {
		return
	}
	text := "taking connections again, after 1 try that failed"
	if streak > 1 {
		text = fmt.Sprintf("taking connections again, after %s tries that failed", thousands(streak))
	}
	l.note(text)
	l.s.tell(Event{Name: EventState, Text: text})
}

// take makes a client of a connection, or refuses it.
func (l *listening) take(conn net.Conn) {
	s := l.s
	now := s.opts.Clock()
	flow := capture.Flow{Proto: capture.TCP, Local: addrPort(conn.LocalAddr()), Remote: addrPort(conn.RemoteAddr())}
	if !l.config.NoDelay {
		if n, ok := conn.(interface{ SetNoDelay(bool) error }); ok {
			_ = n.SetNoDelay(false) // a peer that has gone already shows in the first read
		}
	}
	keepUrgent(conn)
	live := s.live.Load()
	s.mu.Lock()
	if s.gone || l.ctx.Err() != nil || s.clients.n >= live.maxClients {
		full := !s.gone && l.ctx.Err() == nil
		if full {
			s.refused++
		}
		s.mu.Unlock()
		l.refuse(conn, flow, full, live.maxClients)
		return
	}
	s.newest++
	c := newServerClient(l, s.newest, conn, flow, now, live)
	s.clients.add(c)
	s.enter()
	s.sweeps()
	s.mu.Unlock()
	s.version.Add(1)
	if l.tls == nil { // shaking hands takes its time, and its own goroutine
		select {
		case l.door <- struct{}{}: // beginning does not wait for the client, so there is room soon
			c.atDoor = true
		case <-l.ctx.Done():
		}
	}
	go c.run()
}

// areClients writes "1 client is" or "1,234 clients are".
func areClients(n int) string {
	if n == 1 {
		return "1 client is"
	}
	return thousands(int64(n)) + " clients are"
}

// refuse resets a connection that has no place.
func (l *listening) refuse(conn net.Conn, flow capture.Flow, full bool, most int) {
	if n, ok := conn.(interface{ SetLinger(int) error }); ok {
		_ = n.SetLinger(0)
	}
	_ = conn.Close()
	why := "refused: the server is being closed"
	if full {
		why = fmt.Sprintf("refused: %s connected already, and no more are let in", areClients(most))
	}
	log := l.s.log
	log.Append(flow, capture.In, capture.Open, nil, "connection from "+flow.Remote.String())
	log.Append(flow, capture.Out, capture.Open, nil, "")
	log.Append(flow, capture.Out, capture.Reset, nil, why)
	if full {
		l.s.tell(Event{Name: EventState, Remote: flow.Remote, Text: flow.Remote.String() + " " + why})
	}
}

// sweeps makes sure that idle clients are looked for if any may be. The caller holds mu.
func (s *ServerSession) sweeps() {
	if s.sweeping || s.clients.n == 0 || s.live.Load().idle == 0 {
		return
	}
	s.sweeping = true
	s.enter()
	go s.sweep()
}

// sweep closes the clients that have been idle for too long, whether anybody listens or not, while there
// are clients.
func (s *ServerSession) sweep() {
	defer s.leave()
	for {
		s.mu.Lock()
		idle := s.live.Load().idle
		if s.sweeping = s.clients.n > 0 && idle > 0; !s.sweeping {
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
		t := time.NewTimer(min(max(idle/4, leastIdle/4), time.Second))
		select {
		case <-t.C:
			s.closeIdle(idle)
		case <-s.swept:
			t.Stop()
		}
	}
}

// sweepAgain makes the sweep look whether it is still wanted, and how often.
func (s *ServerSession) sweepAgain() {
	select {
	case s.swept <- struct{}{}:
	default: // it is about to
	}
}

// closeIdle closes in order the clients without a byte either way for d.
func (s *ServerSession) closeIdle(d time.Duration) {
	before := s.opts.Clock().Add(-d).UnixNano()
	s.mu.Lock()
	var late []*serverClient
	s.clients.each(func(c *serverClient) {
		if c.moved.Load() < before {
			late = append(late, c)
		}
	})
	s.mu.Unlock()
	for _, c := range late {
		_ = c.stream.disconnectFor("closed by us (FIN): idle for " + roundTime(d)) // it may have gone by itself
	}
}
