package sessions

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"wirebench/sessions/capture"
)

// udpSocket is one socket from its beginning to its end. It owns the goroutine of run, which receives.
type udpSocket struct {
	u      *UDPSession
	config UDPConfig
	plan   udpPlan
	ctx    context.Context
	cancel context.CancelFunc
	done   chan struct{}
	conn   *net.UDPConn
	four   bool // it carries IPv4
	v6     bool // it is an IPv6 socket, which may carry IPv4 too
	groupd *multicaster
	local  netip.AddrPort // set before the state is Open
	ways   localTable
	recent recentSends

	dropMu sync.Mutex
	drops  uint32 // the system's counter, as of the last look

	repeats sync.WaitGroup // repetitions; none begins once ending is set

	// Under u.mu.
	ending bool
	state  State
	remote netip.AddrPort
	since  time.Time
	err    error
	buffer int
	mtu    int
}

// run is the life of the socket.
func (s *udpSocket) run(before *udpSocket) {
	defer s.u.wg.Done()
	defer close(s.done)
	defer s.cancel()
	if before != nil {
		<-before.done
	}
	s.tell(Event{Name: EventState})
	if err := s.open(); err != nil {
		s.end(err)
		return
	}
	closed := context.AfterFunc(s.ctx, func() {
		s.u.mu.Lock()
		s.closing()
		s.u.mu.Unlock()
		_ = s.conn.SetReadDeadline(past)
	})
	err := s.receive()
	closed()
	if s.ctx.Err() != nil {
		err = nil
	}
	s.cancel()
	s.u.mu.Lock()
	s.ending = true
	s.u.mu.Unlock()
	s.repeats.Wait()
	s.takeErrors()
	s.countDrops()
	_ = s.conn.Close()
	s.end(err)
}

// closing begins the end of the socket. u.mu is held.
func (s *udpSocket) closing() {
	s.cancel()
	if s.state == Open {
		s.state = Closing
		s.u.version.Add(1)
	}
}

// countDrops asks the system how many datagrams it had no room for. It tells that beside each datagram too,
// but a flood that ends in drops is followed by none.
func (s *udpSocket) countDrops() {
	if n, ok := kernelDrops(s.conn); ok {
		s.dropped(n)
	}
}

// dropped takes down the system's counter of a socket, which goes round at 2^32.
func (s *udpSocket) dropped(counter uint32) {
	s.dropMu.Lock()
	defer s.dropMu.Unlock()
	// Of two looks at the same time the later may come first.
	if more := int32(counter - s.drops); more > 0 {
		s.drops = counter
		s.u.dropped.Add(int64(more))
	}
}

// open binds the socket.
func (s *udpSocket) open() error {
	var to netip.AddrPort
	var err error
	if s.plan.targetHost != "" && s.plan.host == "" { // it decides where the socket is bound
		if to, err = s.u.resolve(s.ctx, s.config.Target, netip.Addr{}, s.config.Connect); err != nil {
			return err
		}
	}
	places, err := s.places(to)
	if err != nil {
		return err
	}
	conn, err := s.bind(places)
	if err != nil {
		return err
	}
	if err := s.prepare(conn, to); err != nil {
		_ = conn.Close()
		return err
	}
	// Who hears that it is bound may send to a group at once, and is not to miss what it sends.
	for _, g := range s.config.Groups {
		if err := s.join(g); err != nil {
			s.u.note(capture.Flow{}, err.Error())
			s.tell(Event{Name: EventIOError, Err: err, Text: err.Error()})
		}
	}
	text := fmt.Sprintf("bound to %s, %s of receive buffer", s.local, countBytes(int64(s.buffer)))
	s.u.note(capture.Flow{}, text)
	s.tell(Event{Name: EventListening, Text: text})
	return nil
}

// prepare makes a socket that is bound ready and the session's own. If to, the target, is not valid, it is looked up, of
// the version of IP that the socket has.
func (s *udpSocket) prepare(conn *net.UDPConn, to netip.AddrPort) error {
	local := udpAddr(conn.LocalAddr())
	op := "bind " + local.String()
	four, six := families(conn) // a system without IPv6 gives IPv4 alone where both were asked for
	buffer, err := tune(conn, s.config)
	if err != nil {
		return because(op, err)
	}
	groupd, err := newMulticaster(conn, six, s.config)
	if err != nil {
		return &reasonError{op, reason(err), errors.Join(&ConfigError{Field: "MulticastInterface", Value: s.config.MulticastInterface, Problem: reason(err)}, err)}
	}
	bound := local.Addr()
	if four && six {
		bound = netip.Addr{}
	}
	u := s.u
	for target, connect := s.config.Target, s.config.Connect; ; {
		mtu := 0
		if strings.TrimSpace(target) == "" {
			to = netip.AddrPort{}
		} else if !to.IsValid() {
			if to, err = u.resolve(s.ctx, target, bound, connect); err != nil {
				return err
			}
		}
		if to.IsValid() {
			mtu = groupd.mtu(local, to)
		}
		u.mu.Lock()
		if u.cur == s && (u.config.Target != target || u.config.Connect != connect) { // it was changed meanwhile
			target, connect, to = u.config.Target, u.config.Connect, netip.AddrPort{}
			u.mu.Unlock()
			continue
		}
		defer u.mu.Unlock()
		s.conn, s.four, s.v6, s.groupd, s.local = conn, four, six, groupd, local
		s.state, s.since, s.buffer = Open, u.opts.Clock(), buffer
		s.setRemote(to, mtu, connect)
		return nil
	}
}

// end is the end of the socket; err is why it could not begin or go on.
func (s *udpSocket) end(err error) {
	s.u.mu.Lock()
	text := "closed"
	opened := s.state == Open || s.state == Closing
	if err != nil && (opened || s.ctx.Err() == nil) {
		s.state, s.err, text = Failed, err, err.Error()
	} else {
		s.state, err = Closed, nil
	}
	s.u.mu.Unlock()
	s.dropMu.Lock()
	lost := s.drops
	s.dropMu.Unlock()
	if lost > 0 {
		s.u.note(capture.Flow{}, fmt.Sprintf("the system had no room for %s datagrams, and dropped them", thousands(int64(lost))))
	}
	s.u.note(capture.Flow{}, text)
	if err != nil {
		s.tell(Event{Name: EventIOError, Err: err, Text: err.Error()})
	}
	if opened {
		s.tell(Event{Name: EventClose, By: ByLocal, Err: err, Text: text})
	}
	s.tell(Event{Name: EventState, Text: text})
}

// tell tells the observer of something.
func (s *udpSocket) tell(e Event) {
	s.u.obs.take()
	defer s.u.obs.pass()
	s.tellAll([]Event{e})
}

// tellAll is tell for several, with the observer's turn taken.
func (s *udpSocket) tellAll(list []Event) {
	u := s.u
	for _, e := range list {
		e.Time = u.opts.Clock()
		u.mu.Lock()
		e.State, e.Local = s.state, s.local
		u.mu.Unlock()
		u.version.Add(1)
		u.obs.to.Event(e)
	}
}

// udpAddr returns the address of a datagram socket, unmapped.
func udpAddr(a net.Addr) netip.AddrPort {
	u, ok := a.(*net.UDPAddr)
	if !ok || u == nil {
		return netip.AddrPort{}
	}
	ap := u.AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}
