package sessions

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"
)

// localTable knows from which address of this machine datagrams leave, for a socket that is bound to all of
// them. Its zero value is ready.
type localTable struct {
	mu    sync.Mutex
	to    map[netip.Addr]netip.Addr
	since time.Time
}

const (
	// knownFor is how long a way is taken to be as it was: routes change.
	knownFor  = 5 * time.Second
	mostKnown = 256
)

// find returns the address by which to is reached; ask finds out, and returns one that is not valid if there is no way.
func (t *localTable) find(to netip.Addr, ask func() netip.Addr) netip.Addr {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	a, ok := t.to[to]
	switch {
	case t.to == nil, now.Sub(t.since) > knownFor, !ok && len(t.to) >= mostKnown:
		t.to, t.since = make(map[netip.Addr]netip.Addr), now
	case ok:
		return a
	}
	if a = ask(); a.IsValid() { // there may be a way in a moment
		t.to[to] = a
	}
	return a
}

// forget makes the next look ask again.
func (t *localTable) forget() {
	t.mu.Lock()
	t.to = nil
	t.mu.Unlock()
}

// localFor returns the address and port that a datagram to an address leaves from: those the socket is bound
// to, or for a socket that is bound to every address the one the system takes.
func (s *udpSocket) localFor(to netip.AddrPort) netip.AddrPort {
	if !s.local.Addr().IsUnspecified() {
		return s.local
	}
	a := s.ways.find(to.Addr(), func() netip.Addr {
		from, _ := wayTo(to, s.groupd.through(to.Addr()))
		return from
	})
	if !a.IsValid() {
		return s.local
	}
	return netip.AddrPortFrom(a, s.local.Port())
}

// leaving is localFor for a datagram that is to be sent now. Who wrote to one of this machine's addresses is
// answered from that one, which he waits for, and not from the one that the system would take; then beside is what
// tells the system so.
func (s *udpSocket) leaving(to netip.AddrPort) (from netip.AddrPort, beside []byte) {
	from = s.localFor(to)
	if !s.local.Addr().IsUnspecified() || to.Addr().IsMulticast() {
		return from, nil
	}
	a := s.u.peers.wroteTo(to)
	if !a.IsValid() || a == from.Addr().WithZone("") || a.IsMulticast() || a.IsUnspecified() {
		return from, nil
	}
	if beside = sourceControl(a, to.Addr()); beside == nil {
		return from, nil
	}
	return netip.AddrPortFrom(a, from.Port()), beside
}

// write sends one datagram and returns where it left from. u.rec is held.
func (s *udpSocket) write(to netip.AddrPort, p []byte) (from netip.AddrPort, err error) {
	from, beside := s.leaving(to)
	if beside != nil {
		_, _, err = s.conn.WriteMsgUDPAddrPort(p, beside, to)
		if !errors.Is(err, errInvalid) && !errors.Is(err, errAddrNotAvail) {
			return from, err
		}
		// This machine has it no more.
		s.u.peers.wroteNowhere(to)
		from = s.localFor(to)
	}
	_, err = s.conn.WriteToUDPAddrPort(p, to)
	return from, err
}

// wayTo asks the system from which address of this machine it would send to an address, through an interface
// if one is chosen for groups. The socket it asks with sends nothing.
func wayTo(to netip.AddrPort, out *net.Interface) (netip.Addr, error) {
	a := to.Addr().Unmap()
	var d net.Dialer
	switch {
	case out != nil && a.Is6():
		a = a.WithZone(out.Name)
	case out != nil:
		d.Control = sendGroupsThrough(out)
	}
	c, err := d.Dial("udp", netip.AddrPortFrom(routed(a), to.Port()).String())
	if err != nil {
		return netip.Addr{}, err
	}
	defer c.Close()
	return udpAddr(c.LocalAddr()).Addr(), nil
}

// arrivedAt returns the address and port that a datagram was sent to, and whether that is this machine's own; oob is
// what came beside it.
func (s *udpSocket) arrivedAt(oob []byte) (local netip.AddrPort, own bool) {
	if s.local.Addr().IsUnspecified() {
		if a, own := destination(oob); a.IsValid() {
			return netip.AddrPortFrom(a, s.local.Port()), own
		}
	}
	return s.local, true
}
