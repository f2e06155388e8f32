package sessions

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"wirebench/sessions/policy"
	"wirebench/sessions/reply"
)

// FullPolicy says what becomes of a message for a client that has as much waiting as it may.
type FullPolicy uint8

const (
	FullWait       FullPolicy = iota // it waits for room; a client whose reply would have to wait is not read from
	FullDrop                         // the newest message is dropped, and counted
	FullDisconnect                   // the client is reset
)

// String returns "wait", "drop" or "disconnect".
func (p FullPolicy) String() string {
	switch p {
	case FullDrop:
		return "drop"
	case FullDisconnect:
		return "disconnect"
	}
	return "wait"
}

// ServerConfig says where a server listens and what it does for its clients. [DefaultServer] returns the
// usual values; only the address has none.
type ServerConfig struct {
	Address string // as ParseListen reads it
	// Backlog is how many connections the system completes before they are taken, 1 to 65,535; 0 is the
	// system's maximum. Systems round it and Windows ignores it.
	Backlog   int
	TLS       *ServerTLS    // nil for plain TCP; whoever set it changes it no more
	NoDelay   bool          // send small writes at once (TCP_NODELAY)
	KeepAlive time.Duration // time between probes of an idle client, 1 s to 32,767 s; 0 sends none
	// KeepHalfOpen keeps a client that has sent its FIN open for sending. Otherwise what is queued for it
	// is sent and this side closes too.
	KeepHalfOpen bool

	Replies reply.Config // what is said without a person; the zero value says nothing
	// Policy is a socket policy file. A client whose first bytes are a request for it gets it and is
	// closed; the greeting then waits until a client has said something else, or nothing for half a second.
	Policy []byte

	MaxClients  int           // connected at once, 1 to 1,000,000; those beyond are reset and counted
	MaxQueue    int64         // bytes that may wait for one client, 1 to 1 GiB; a larger message may wait alone
	WhenFull    FullPolicy    // what becomes of more
	IdleTimeout time.Duration // a client without a byte either way for this long is closed; 0 is never, else 50 ms or more
}

const (
	defaultMaxClients = 20_000
	mostClients       = 1_000_000
	defaultMaxQueue   = 256 << 10
	mostQueue         = 1 << 30
	leastIdle         = 50 * time.Millisecond
)

// DefaultServer returns the configuration of a new server, without an address.
func DefaultServer() ServerConfig {
	return ServerConfig{NoDelay: true, KeepAlive: defaultKeepAlive, MaxClients: defaultMaxClients, MaxQueue: defaultMaxQueue}
}

// Check returns a [*ConfigError] that names the first field that cannot work, or nil. Fields of Replies
// and TLS are named like "Replies.Rules[0].Pattern" and "TLS.CertFile". It looks at no file but those of
// TLS, and at nothing on the network.
func (c ServerConfig) Check() error {
	_, err := c.plan()
	return err
}

// serverPlan is a checked configuration.
type serverPlan struct {
	host string
	port uint16
	live *serverLive
}

// serverLive is the part of a configuration that acts at once.
type serverLive struct {
	replies      *reply.Replies
	policy       []byte // what is sent for it, the NUL included
	maxClients   int
	maxQueue     int64
	whenFull     FullPolicy
	idle         time.Duration
	keepHalfOpen bool
}

func (c ServerConfig) plan() (serverPlan, error) {
	fault := func(field, value, problem string, args ...any) (serverPlan, error) {
		return serverPlan{}, &ConfigError{Field: field, Value: value, Problem: fmt.Sprintf(problem, args...)}
	}
	host, port, err := ParseListen(c.Address)
	if err != nil {
		return fault("Address", c.Address, "%v", err)
	}
	if c.Backlog < 0 || c.Backlog > 65535 {
		return fault("Backlog", fmt.Sprint(c.Backlog), "backlog %d is out of range: write 1 to 65535, or 0 for the system's maximum", c.Backlog)
	}
	if c.KeepAlive != 0 && (c.KeepAlive < time.Second || c.KeepAlive > 32767*time.Second) {
		return fault("KeepAlive", c.KeepAlive.String(), "keep-alive time %v is out of range: write 1s to 32767s, or 0 for none", c.KeepAlive)
	}
	if c.TLS != nil {
		if err := c.TLS.check(); err != nil {
			return serverPlan{}, err
		}
	}
	live, err := c.live()
	if err != nil {
		return serverPlan{}, err
	}
	return serverPlan{host, port, live}, nil
}

func (c ServerConfig) live() (*serverLive, error) {
	fault := func(field, value, problem string, args ...any) (*serverLive, error) {
		return nil, &ConfigError{Field: field, Value: value, Problem: fmt.Sprintf(problem, args...)}
	}
	if c.MaxClients < 1 || c.MaxClients > mostClients {
		return fault("MaxClients", fmt.Sprint(c.MaxClients), "the most clients are %s: write 1 to %s", thousands(int64(c.MaxClients)), thousands(mostClients))
	}
	if c.MaxQueue < 1 || c.MaxQueue > mostQueue {
		return fault("MaxQueue", fmt.Sprint(c.MaxQueue), "%s may wait for a client: write 1 byte to 1 GiB", countBytes(c.MaxQueue))
	}
	if c.WhenFull > FullDisconnect {
		return fault("WhenFull", fmt.Sprint(uint8(c.WhenFull)), "%d is nothing that is done when a client has too much waiting: choose wait, drop or disconnect", c.WhenFull)
	}
	if c.IdleTimeout != 0 && c.IdleTimeout < leastIdle {
		return fault("IdleTimeout", c.IdleTimeout.String(), "an idle timeout of %v is too short: write 50ms or more, or 0 for never", c.IdleTimeout)
	}
	l := &serverLive{maxClients: c.MaxClients, maxQueue: c.MaxQueue, whenFull: c.WhenFull, idle: c.IdleTimeout, keepHalfOpen: c.KeepHalfOpen}
	replies, err := reply.Compile(c.Replies)
	if err != nil {
		var bad *reply.FieldError
		if errors.As(err, &bad) {
			return fault("Replies."+bad.Field, "", "%s", bad.Problem)
		}
		return fault("Replies", "", "%v", err)
	}
	if !replies.Empty() {
		l.replies = replies
	}
	if c.Policy != nil {
		if err := policy.Check(c.Policy); err != nil {
			return fault("Policy", "", "%v", err)
		}
		l.policy = append(append([]byte(nil), c.Policy...), 0)
	}
	return l, nil
}

// ServerInfo describes a server now. Counts are of the session's whole life.
type ServerInfo struct {
	State     State // Open while it listens or a client is connected
	Listening bool
	Local     netip.AddrPort // where it listens, or did last, with the port the system picked
	Since     time.Time      // when it began to listen
	Err       error          // why the state is Failed
	TLS       string         // the listener's certificate in a few words, "" for plain TCP

	Clients   int   // connected now
	Accepted  int64 // clients that have a number
	Refused   int64 // connections beyond MaxClients
	Failed    int64 // clients whose TLS handshake failed
	Ended     int64 // clients that are gone
	Forgotten int64 // those of them that Clients no longer lists; the capture has them all

	BytesIn, BytesOut, MessagesIn, MessagesOut int64 // a message is a read or a write
	PendingBytes                               int64 // accepted for clients and not yet given to the system
	DroppedMessages, DroppedBytes              int64 // because a client had too much waiting

	AcceptErr  error // what keeps it from taking connections at the moment; nil for nothing
	AcceptErrs int64 // how often that has failed
}

// ServerSession is a TCP or TLS listener with its clients. See [Session] for Start and Close, which it
// shares with every kind; it may be started again while clients of an earlier listener are connected, and
// they stay. Clients are numbered from 1 in the order in which they came.
type ServerSession struct {
	common
	live    atomic.Pointer[serverLive]
	version atomic.Uint64
	pending atomic.Int64
	totals  traffic

	mu        sync.Mutex
	config    ServerConfig
	edits     int64 // calls of Configure that changed it
	gone      bool  // Close was called
	closing   bool  // Shutdown was called, and something is left of what it ended
	listening *listening
	clients   clientRing
	newest    int64 // number of the newest client
	ended     endedClients
	refused   int64
	failed    int64
	faults    int64         // of accept
	sweeping  bool          // somebody looks for idle clients
	swept     chan struct{} // wakes who does
	active    int           // clients and listeners that are there
	done      chan struct{} // closed while active is 0
	post      dispatcher

	wg sync.WaitGroup // every goroutine of the session
}

var _ Session = (*ServerSession)(nil)

// NewServer makes a session in the state Idle. The configuration is checked by Start, so that a session
// may exist before its address does; the error is the capture's. The session closes the capture's writer,
// and whoever made the session releases or deletes the capture.
func NewServer(c ServerConfig, o Options) (*ServerSession, error) {
	s := &ServerSession{config: c.clone(), done: closedChan, swept: make(chan struct{}, 1)}
	s.clients.init()
	if err := s.common.init(Server, c.Address, o); err != nil {
		return nil, err
	}
	s.live.Store(&serverLive{maxClients: defaultMaxClients, maxQueue: defaultMaxQueue})
	return s, nil
}

// clone returns a copy whose slices are its own.
func (c ServerConfig) clone() ServerConfig {
	c.Replies.Rules = slices.Clone(c.Replies.Rules)
	c.Policy = slices.Clone(c.Policy)
	return c
}

// Config returns the configuration. Its slices are the caller's.
func (s *ServerSession) Config() ServerConfig {
	c, _ := s.configured()
	return c
}

// configured returns the configuration and how often it has been changed.
func (s *ServerSession) configured() (ServerConfig, int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.config.clone(), s.edits
}

// Configure replaces the configuration at any time. Replies, policy file, limits and KeepHalfOpen act at
// once, the latter for new clients; the rest is for the next Start. Those that act at once are checked,
// and with a [*ConfigError] nothing changes. It returns [ErrClosed] after Close.
func (s *ServerSession) Configure(c ServerConfig) error {
	live, err := c.live()
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone {
		return ErrClosed
	}
	s.config = c.clone()
	s.edits++
	s.act(live)
	return nil
}

// act puts what acts at once in force. The caller holds mu.
func (s *ServerSession) act(live *serverLive) {
	s.live.Store(live)
	s.clients.each(func(c *serverClient) { c.stream.reconsider() }) // there may be room now
	s.sweeps()
	s.sweepAgain()
	s.version.Add(1)
}

// Version moves whenever Info or Clients may answer differently. It costs one atomic load.
func (s *ServerSession) Version() uint64 { return s.version.Load() }

// State says where the server stands: Open while it listens or a client is connected.
func (s *ServerSession) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state()
}

// state is State. The caller holds mu.
func (s *ServerSession) state() State {
	l := s.listening
	switch {
	case l == nil:
		return Idle
	case s.closing && s.active > 0:
		return Closing
	case l.phase == Open || s.clients.n > 0:
		return Open
	default:
		return l.phase
	}
}

// Info describes the server now.
func (s *ServerSession) Info() ServerInfo {
	t := s.totals.now()
	i := ServerInfo{
		BytesIn: t.bytesIn, BytesOut: t.bytesOut, MessagesIn: t.messagesIn, MessagesOut: t.messagesOut,
		PendingBytes: s.pending.Load(), DroppedMessages: t.dropped, DroppedBytes: t.droppedBytes,
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i.State, i.Clients, i.Accepted, i.Refused, i.Failed = s.state(), s.clients.n, s.newest, s.refused, s.failed
	i.AcceptErrs = s.faults
	i.Ended, i.Forgotten = s.ended.ever, s.ended.ever-int64(len(s.ended.list))
	if l := s.listening; l != nil {
		i.Listening = l.phase == Open
		i.Local, i.Since, i.Err, i.TLS = l.local, l.since, l.err, l.tlsText
		i.AcceptErr = l.fault
	}
	return i
}

// Clients appends every client that is connected, and the newest thousand that no longer are, to dst in
// the order of their numbers and returns it.
func (s *ServerSession) Clients(dst []ClientInfo) []ClientInfo {
	s.mu.Lock()
	defer s.mu.Unlock()
	list, gone := s.ended.list, s.ended.byNumber()
	s.clients.each(func(c *serverClient) {
		for len(gone) > 0 && list[gone[0]].Number < c.number {
			dst, gone = append(dst, list[gone[0]]), gone[1:]
		}
		dst = append(dst, c.info())
	})
	for _, at := range gone {
		dst = append(dst, list[at])
	}
	return dst
}

// Client returns the client of a number, if it is connected or still listed.
func (s *ServerSession) Client(number int64) (ClientInfo, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.clients.byNumber[number]; c != nil {
		return c.info(), true
	}
	for i := range s.ended.list {
		if s.ended.list[i].Number == number {
			return s.ended.list[i], true
		}
	}
	return ClientInfo{}, false
}

// Done returns a channel that is closed when the server does not listen and no client is connected, the
// last event has been delivered and the goroutines are gone. Before the first Start it is closed already.
func (s *ServerSession) Done() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.done
}

// enter counts a listener or a client. The caller holds mu.
func (s *ServerSession) enter() {
	if s.active == 0 {
		s.done = make(chan struct{})
	}
	s.active++
	s.wg.Add(1)
}

// leave is the end of a listener or a client.
func (s *ServerSession) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version.Add(1)
	if s.active--; s.active == 0 {
		s.closing = false
		close(s.done)
	}
	s.wg.Done()
}

// StopListening ends the listener and returns at once. Its clients stay connected, as after AIR's
// ServerSocket.close. It returns [ErrNotOpen] when nothing listens.
func (s *ServerSession) StopListening() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listening == nil || !s.listening.phase.Live() {
		return fmt.Errorf("stop listening: %w", ErrNotOpen)
	}
	s.listening.cancel()
	return nil
}

// Shutdown ends the listener and every client in order, and returns at once: see Disconnect. It returns
// [ErrNotOpen] when there is nothing to end.
func (s *ServerSession) Shutdown() error {
	s.mu.Lock()
	if s.active == 0 {
		s.mu.Unlock()
		return fmt.Errorf("shut down: %w", ErrNotOpen)
	}
	s.closing = true
	s.listening.cancel()
	s.mu.Unlock()
	s.Disconnect(nil)
	return nil
}

// Close ends the listener and every client at once (what is queued is dropped, and counted), waits for
// every goroutine of the session, and closes the capture's writer; the capture stays readable. It must
// not be called from inside an Observer. Close again returns nil.
func (s *ServerSession) Close() error {
	s.mu.Lock()
	first := !s.gone
	s.gone = true
	if s.listening != nil {
		s.listening.cancel()
	}
	all := s.clients.all()
	s.post.end()
	s.mu.Unlock()
	for _, c := range all {
		c.stream.stopNow(stopAbort, "closed by us (FIN)")
	}
	s.wg.Wait()
	if !first {
		return nil
	}
	return s.log.Close()
}

// Start listens; see [Session]. A listener that is there is ended first, and its clients stay.
func (s *ServerSession) Start(ctx context.Context) error {
	config, edits := s.configured()
	p, err := config.plan()
	if err != nil {
		return err
	}
	l := newListening(ctx, s, config, p)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone {
		l.cancel()
		return fmt.Errorf("start: %w", ErrClosed)
	}
	s.log.SetName(joinHostPort(p.host, p.port))
	before := s.listening
	if before != nil {
		before.cancel()
	}
	s.listening, s.closing = l, false
	if edits == s.edits { // else what came meanwhile is in force, and newer
		s.act(p.live)
	}
	s.enter()
	go l.run(before)
	return nil
}

// tell tells the observer of something that is about the listener.
func (s *ServerSession) tell(e Event) {
	e.Time = s.opts.Clock()
	s.mu.Lock()
	e.State = s.state()
	if l := s.listening; l != nil {
		e.Local = l.local
	}
	s.mu.Unlock()
	s.version.Add(1)
	s.obs.take()
	defer s.obs.pass()
	s.obs.to.Event(e)
}
