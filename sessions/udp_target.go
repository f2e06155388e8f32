package sessions

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
)

// Resolve returns the address that a target stands for, of the family that the socket has.
func (u *UDPSession) Resolve(ctx context.Context, to string) (netip.AddrPort, error) {
	_, local, err := u.boundNow()
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("resolve %s: %w", to, err)
	}
	return u.resolve(ctx, to, local, false)
}

// resolve is Resolve for a socket that is bound, or will be, to local; an invalid one carries both families. The
// target is to be the only one to be heard if connect is set.
func (u *UDPSession) resolve(ctx context.Context, to string, local netip.Addr, connect bool) (netip.AddrPort, error) {
	fault := func(err error) (netip.AddrPort, error) {
		return netip.AddrPort{}, &ConfigError{Field: "Target", Value: to, Problem: err.Error()}
	}
	host, port, err := ParseTargetOf(UDP, to)
	if err != nil {
		return fault(err)
	}
	ctx, cancel := context.WithTimeout(ctx, defaultConnectTimeout)
	defer cancel()
	all, err := (&dialer{target: target{host: host}, resolve: u.opts.Resolve}).addresses(ctx)
	if err != nil {
		return netip.AddrPort{}, err
	}
	for _, a := range all {
		if local.IsValid() && !sameFamily(a.Unmap(), local.Unmap()) {
			continue
		}
		if a, err = remoteAddr(a, local); err == nil && connect {
			err = checkConnect(a)
		}
		if err != nil {
			return fault(err)
		}
		return netip.AddrPortFrom(a, port), nil
	}
	return fault(otherFamily(host, local))
}

// remoteAddr returns an address in the one form that is sent to, compared and shown: unmapped, and with the name of an
// interface as its zone where it needs one. The zone of local, where a socket is bound, stands for one that is missing.
// The error says why nothing can be sent there.
func remoteAddr(a, local netip.Addr) (netip.Addr, error) {
	a = a.Unmap()
	if a.WithZone("").IsUnspecified() {
		own := "127.0.0.1"
		if a.Is6() {
			own = "::1"
		}
		return a, fmt.Errorf("%s stands for every address, and is none to send to: write %s for this machine", a, own)
	}
	if a.Is4() {
		return a, nil
	}
	group := a.IsLinkLocalMulticast() || a.IsInterfaceLocalMulticast()
	switch zone := a.Zone(); {
	case !group && !a.IsLinkLocalUnicast():
		return a.WithZone(""), nil // the system does not look at it, and what comes back has none
	case zone == "" && group:
		return a, nil
	case zone == "":
		if zone = local.Zone(); zone == "" {
			return a, checkZone(a)
		}
		a = a.WithZone(zone)
	}
	on, err := findInterface(a.Zone())
	if err != nil {
		return a, checkZone(a)
	}
	return a.WithZone(on.Name), nil
}

// checkConnect refuses an address as the only one whose datagrams are taken.
func checkConnect(a netip.Addr) error {
	what := ""
	switch {
	case a.IsMulticast():
		what = "a group"
	case a == broadcast4:
		what = "the broadcast address"
	default:
		return nil
	}
	return fmt.Errorf("%s is %s, from which no datagram comes: send to it without connect, or write one host", a, what)
}

// otherFamily is why a target cannot be reached from a socket that is bound to local.
func otherFamily(host string, local netip.Addr) error {
	have, want := "IPv6", "an IPv4"
	if local.Unmap().Is6() {
		have, want = "IPv4", "an IPv6"
	}
	what := "has only " + have + " addresses"
	if isLiteral(host) {
		what = "is an " + have + " address"
	}
	return fmt.Errorf("%s %s, and the socket is bound to %s, %s one: bind to *, or write another target", host, what, local, want)
}

// aim returns where a datagram of n bytes really goes that is to go to an address, or why it cannot.
func (s *udpSocket) aim(op string, to netip.AddrPort, n int) (netip.AddrPort, error) {
	if !to.IsValid() {
		return to, fmt.Errorf("%s: %w", op, ErrNoTarget)
	}
	a, err := remoteAddr(to.Addr(), s.local.Addr())
	if err == nil && (a.Is4() && !s.four || a.Is6() && !s.v6) {
		err = otherFamily(a.String(), s.local.Addr())
	}
	if err != nil {
		return to, &reasonError{op, err.Error(), err}
	}
	to = netip.AddrPortFrom(a, to.Port())
	if only := s.u.only.Load(); only != nil && *only != to {
		return to, fmt.Errorf("%s: only %s is talked to at the moment (switch that off first)", op, only)
	}
	return to, checkDatagram(op, to, n)
}

// checkDatagram refuses what cannot be a datagram.
func checkDatagram(op string, to netip.AddrPort, n int) error {
	most, family := MaxDatagram(to), "IPv4"
	if most == mostDatagram6 {
		family = "IPv6"
	}
	switch {
	case to.Port() == 0:
		return fmt.Errorf("%s: port 0 is no port: write 1 to 65535", op)
	case n > most:
		return fmt.Errorf("%s: that is too much: a datagram over %s has at most %s bytes (send it in pieces)", op, family, thousands(int64(most)))
	}
	return nil
}

// unsent puts in words why a datagram could not be sent.
func (s *udpSocket) unsent(to netip.Addr, err error) error {
	if errors.Is(err, errAccess) && isBroadcast(to) {
		s.u.mu.Lock()
		allowed := s.u.config.Broadcast
		s.u.mu.Unlock()
		if !allowed {
			return &explained{"it is a broadcast address, and sending to those is off (switch broadcast on)", err}
		}
	}
	return s.groupd.sendFault(to, err)
}

// isBroadcast reports whether an address is that of all machines of a network of this one.
func isBroadcast(a netip.Addr) bool {
	if !a.Is4() || a == broadcast4 {
		return a == broadcast4
	}
	all, err := Interfaces()
	return err == nil && slices.ContainsFunc(all, func(i Interface) bool {
		return slices.ContainsFunc(i.Addrs, func(p netip.Prefix) bool { return p.Addr().Is4() && a == lastOf(p) })
	})
}

// lastOf returns the last address of a network of IPv4.
func lastOf(p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().As4()
	for bit := p.Bits(); bit < 32; bit++ {
		b[bit/8] |= 0x80 >> (bit % 8)
	}
	return netip.AddrFrom4(b)
}
