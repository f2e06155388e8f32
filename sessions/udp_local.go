package sessions

import (
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

// find returns the address by which to is reached; ask finds out.
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
	a = ask()
	t.to[to] = a
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
		from, err := wayTo(to, s.groupd.through(to.Addr()))
		if err != nil {
			return s.local.Addr()
		}
		return from
	})
	return netip.AddrPortFrom(a, s.local.Port())
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

// arrivedAt returns the address and port that a datagram was sent to; oob is what came beside it.
func (s *udpSocket) arrivedAt(oob []byte) netip.AddrPort {
	if s.local.Addr().IsUnspecified() {
		if a := destination(oob); a.IsValid() {
			return netip.AddrPortFrom(a, s.local.Port())
		}
	}
	return s.local
}
