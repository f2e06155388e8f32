package sessions

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"wirebench/sessions/capture"
)

// UDPInfo describes a datagram socket now. Counts are of the session's whole life.
type UDPInfo struct {
	State  State
	Local  netip.AddrPort // where it is bound, or was last
	Remote netip.AddrPort // the target, resolved; invalid for none
	Since  time.Time      // when it was bound
	Err    error          // why the state is Failed

	In, Out, BytesIn, BytesOut int64 // datagrams and their payload
	KernelDropped              int64 // the system had no room for; Linux tells, others do not
	Filtered                   int64 // not of the target, while Connect was on
	SendErrors                 int64 // sends that failed, and ICMP errors that came back
	ReceiveBuffer              int   // bytes that the system gave
	Groups                     []Group
	MTU                        int // of the interface that the target is reached through; 0 unknown
	Peers                      int
	PeersForgotten             int64 // that had no place in the list
}

// UDPSession is a datagram socket. See [Session] for Start and Close, which it shares with every kind.
// What it sends always comes from the port it is bound to. Datagrams keep their borders: one Send is one
// datagram, and each that arrives is one record.
type UDPSession struct {
	common
	version atomic.Uint64
	rec     sync.Mutex // held while datagrams are recorded, with the system call that sent them

	in, out, bytesIn, bytesOut, dropped, filtered, sendErrors atomic.Int64
	only                                                      atomic.Pointer[netip.AddrPort] // whom alone to hear; nil for all

	peers peerTable

	live sync.Mutex // held while options of a socket that is bound are changed; taken before mu

	mu     sync.Mutex
	config UDPConfig
	aims   int64 // how often a target was asked for; the last one counts
	gone   bool
	cur    *udpSocket
	done   chan struct{}
	wg     sync.WaitGroup
}

var _ Session = (*UDPSession)(nil)

// NewUDP makes a session in the state Idle. The configuration is checked by Start; the error is the
// capture's. The session closes the capture's writer, and whoever made the session releases or deletes
// the capture.
func NewUDP(c UDPConfig, o Options) (*UDPSession, error) {
	u := &UDPSession{config: c, done: closedChan}
	u.config.Groups = slices.Clone(c.Groups)
	if o.Capture.Backlog == 0 {
		o.Capture.Backlog = udpBacklog
	}
	if err := u.common.init(UDP, c.Address, o); err != nil {
		return nil, err
	}
	return u, nil
}

// Config returns the configuration.
func (u *UDPSession) Config() UDPConfig {
	u.mu.Lock()
	defer u.mu.Unlock()
	c := u.config
	c.Groups = slices.Clone(c.Groups)
	return c
}

// Version moves whenever Info or Peers may answer differently. It costs one atomic load.
func (u *UDPSession) Version() uint64 { return u.version.Load() }

// State says where the socket stands.
func (u *UDPSession) State() State {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.cur == nil {
		return Idle
	}
	return u.cur.state
}

// Done returns a channel that is closed when the socket is closed, the last event has been delivered and
// its goroutines are gone. Before the first Start it is closed already.
func (u *UDPSession) Done() <-chan struct{} {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.done
}

// Info describes the socket now.
func (u *UDPSession) Info() UDPInfo {
	u.mu.Lock()
	s := u.cur
	bound := s != nil && (s.state == Open || s.state == Closing)
	u.mu.Unlock()
	var groups []Group
	if bound {
		s.countDrops()
		groups = s.groupd.groups()
	}
	i := UDPInfo{
		In: u.in.Load(), Out: u.out.Load(), BytesIn: u.bytesIn.Load(), BytesOut: u.bytesOut.Load(),
		KernelDropped: u.dropped.Load(), Filtered: u.filtered.Load(), SendErrors: u.sendErrors.Load(),
	}
	i.Peers, i.PeersForgotten = u.peers.size()
	u.mu.Lock()
	defer u.mu.Unlock()
	if s = u.cur; s != nil {
		i.State, i.Local, i.Remote, i.Since, i.Err = s.state, s.local, s.remote, s.since, s.err
		i.ReceiveBuffer, i.MTU = s.buffer, s.mtu
		if s.state == Open || s.state == Closing {
			i.Groups = groups
		}
	}
	return i
}

// Start binds the socket; see [Session]. One that is bound is closed first.
func (u *UDPSession) Start(ctx context.Context) error {
	c := u.Config()
	p, err := c.plan()
	if err != nil {
		return err
	}
	s := &udpSocket{u: u, config: c, plan: p, state: Opening, done: make(chan struct{})}
	s.ctx, s.cancel = context.WithCancel(ctx)
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.gone {
		s.cancel()
		return fmt.Errorf("start: %w", ErrClosed)
	}
	name := c.Address
	if c.Target != "" {
		name = strings.TrimSpace(name + " to " + c.Target)
	}
	u.log.SetName(name)
	before := u.cur
	if before != nil {
		before.closing()
	}
	u.cur, u.done = s, s.done
	u.wg.Add(1)
	go s.run(before)
	return nil
}

// Disconnect closes the socket and returns at once; what has arrived is still read. It returns [ErrNotOpen] when there is
// none.
func (u *UDPSession) Disconnect() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.cur == nil || !u.cur.state.Live() {
		return fmt.Errorf("unbind: %w", ErrNotOpen)
	}
	u.cur.closing()
	return nil
}

// Close closes the socket, waits for every goroutine of the session, and closes the capture's writer; the
// capture stays readable. It must not be called from inside an Observer. Close again returns nil.
func (u *UDPSession) Close() error {
	u.mu.Lock()
	first := !u.gone
	u.gone = true
	if u.cur != nil {
		u.cur.closing()
	}
	u.mu.Unlock()
	u.wg.Wait()
	if !first {
		return nil
	}
	return u.log.Close()
}

// socket returns the socket while it is bound.
func (u *UDPSession) socket(what string) (*udpSocket, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case u.gone:
		return nil, fmt.Errorf("%s: %w", what, ErrClosed)
	case u.cur == nil || !u.cur.state.Live() || u.cur.ctx.Err() != nil:
		return nil, fmt.Errorf("%s: %w; bind first", what, ErrNotOpen)
	case u.cur.state == Opening:
		return nil, fmt.Errorf("%s: %w yet; it is still being bound", what, ErrNotOpen)
	}
	return u.cur, nil
}

// note records something about the socket, or about datagrams of a flow.
func (u *UDPSession) note(f capture.Flow, text string) {
	u.log.Append(f, capture.Out, capture.Note, nil, text)
}
