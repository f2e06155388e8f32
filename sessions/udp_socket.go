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

	// Under u.mu.
	state  State
	remote netip.AddrPort
	since  time.Time
	err    error
	buffer int
	mtu    int
	groups []Group
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
	closed := context.AfterFunc(s.ctx, func() { _ = s.conn.SetReadDeadline(past) })
	err := s.receive()
	closed()
	s.u.countDrops()
	_ = s.conn.Close()
	if s.ctx.Err() != nil {
		err = nil
	}
	s.end(err)
}

// open binds the socket.
func (s *udpSocket) open() error {
	var to netip.AddrPort
	target := joinHostPort(s.plan.targetHost, s.plan.targetPort)
	if s.plan.targetHost != "" && s.plan.host == "" {
		// It decides where the socket is bound.
		var err error
		if to, err = s.u.resolve(s.ctx, target, netip.Addr{}); err != nil {
			return err
		}
	}
	network, host, err := s.bindTo(to)
	if err != nil {
		return err
	}
	if s.plan.targetHost != "" && !to.IsValid() {
		bound, _ := netip.ParseAddr(host) // invalid for every address
		if to, err = s.u.resolve(s.ctx, target, bound); err != nil {
			return err
		}
	}
	op := "bind " + joinHostPort(host, s.plan.port)
	lc := net.ListenConfig{Control: s.config.control}
	pc, err := lc.ListenPacket(s.ctx, network, joinHostPort(host, s.plan.port))
	if err != nil {
		return because(op, err)
	}
	s.conn = pc.(*net.UDPConn)
	s.four, s.v6 = families(s.conn) // a system without IPv6 gives IPv4 alone where both were asked for
	buffer, err := tune(s.conn, s.config)
	if err == nil {
		s.groupd, err = newMulticaster(s.conn, s.v6, s.config)
	}
	if err != nil {
		_ = s.conn.Close()
		return because(op, err)
	}
	local := udpAddr(s.conn.LocalAddr())
	s.u.mu.Lock()
	s.local = local
	s.u.mu.Unlock()
	mtu := s.mtuTo(to)
	s.u.mu.Lock()
	s.state, s.since, s.buffer = Open, s.u.opts.Clock(), buffer
	s.setRemote(to, mtu, s.config.Connect)
	s.u.mu.Unlock()
	// Who hears that it is bound may send to a group at once, and is not to miss what it sends.
	for _, g := range s.config.Groups {
		if err := s.u.Join(g); err != nil {
			s.u.note(capture.Flow{}, err.Error())
			s.tell(Event{Name: EventIOError, Err: err, Text: err.Error()})
		}
	}
	text := fmt.Sprintf("bound to %s, %s of receive buffer", local, countBytes(int64(buffer)))
	s.u.note(capture.Flow{}, text)
	s.tell(Event{Name: EventListening, Text: text})
	return nil
}

// bindTo decides on family and address; to is the target where it is known.
func (s *udpSocket) bindTo(to netip.AddrPort) (network, host string, err error) {
	host = s.plan.host
	switch host {
	case everyAddress:
		return "udp", "", nil
	case "":
		host = ownHost
		if any := anyAddress(s.config.Groups); any == everyAddress {
			return "udp", "", nil
		} else if any != "" {
			host = any
		} else if to.IsValid() {
			if host, err = towards(to); err != nil {
				return "", "", err
			}
		}
	}
	a, err := netip.ParseAddr(host)
	if err != nil {
		addrs, err := (&dialer{target: target{host: host}, resolve: s.u.opts.Resolve}).addresses(s.ctx)
		if err != nil {
			return "", "", fmt.Errorf("bind: %w", err)
		}
		a = addrs[0]
	}
	a = a.Unmap()
	if a.Is4() {
		return "udp4", a.String(), nil
	}
	return "udp6", a.String(), nil
}

// anyAddress returns where a socket is bound to hear groups: a group's datagrams need not arrive at a socket
// that is bound to one address. It is "" without groups.
func anyAddress(groups []Group) string {
	four, six := false, false
	for _, g := range groups {
		if g.Addr.Unmap().Is4() {
			four = true
		} else {
			six = true
		}
	}
	switch {
	case four && six:
		return everyAddress
	case four:
		return "0.0.0.0"
	case six:
		return "::"
	}
	return ""
}

// towards returns the address of this machine from which a target is reached. A datagram socket that is
// connected sends nothing; it only asks the system for the way.
func towards(to netip.AddrPort) (string, error) {
	if to.Addr().IsMulticast() || to.Addr() == netip.AddrFrom4([4]byte{255, 255, 255, 255}) {
		if to.Addr().Is4() {
			return "0.0.0.0", nil
		}
		return "::", nil
	}
	a, err := wayTo(to, nil)
	if err != nil {
		return "", because("send to "+to.String(), err)
	}
	return a.String(), nil
}

// end is the end of the socket; err is why it could not begin or go on.
func (s *udpSocket) end(err error) {
	s.u.mu.Lock()
	text := "closed"
	if err != nil && s.ctx.Err() == nil {
		s.state, s.err, text = Failed, err, err.Error()
	} else {
		s.state, err = Closed, nil
	}
	opened := s.conn != nil
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
