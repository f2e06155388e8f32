package sessions

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// ParseBind splits what a person types for a datagram socket's own address into host and port: as [ParseListen]
// does, with "udp://" in front or nothing, except that a port alone comes back without a host. The port is 0 to
// 65535; 0 is one that is free. Errors say what to write instead.
func ParseBind(s string) (host string, port uint16, err error) {
	return parseOwn(s, UDP, "5000", checkBindAddr)
}

// checkBindAddr refuses addresses that are none of this machine's.
func checkBindAddr(a netip.Addr) error {
	plain := a.Unmap().WithZone("")
	switch {
	case plain.IsMulticast():
		every := "0.0.0.0"
		if plain.Is6() {
			every = "[::]"
		}
		return fmt.Errorf("%s is a multicast group: bind to %s, or to *, and join the group", a, every)
	case plain == broadcast4:
		return fmt.Errorf("%s is the broadcast address: what is sent to it arrives at a socket that is bound to 0.0.0.0 or *", a)
	case plain.IsUnspecified() && a.Zone() != "":
		return fmt.Errorf("%s stands for the addresses of all interfaces and cannot be limited to one: write an address of %s instead", a, a.Zone())
	}
	return checkZone(a)
}

// broadcast4 reaches every machine of the network that is directly connected.
var broadcast4 = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// bindPlace is where a socket may be bound.
type bindPlace struct {
	network string     // as package net names it
	addr    netip.Addr // invalid for all addresses of both versions of IP
}

func placeOf(a netip.Addr) bindPlace {
	a = a.Unmap()
	if a.Is4() {
		return bindPlace{"udp4", a}
	}
	return bindPlace{"udp6", a}
}

// host is the address as it stands before a port.
func (p bindPlace) host() string {
	if !p.addr.IsValid() {
		return ""
	}
	return p.addr.String()
}

// places returns where to bind, best first; to is the target where it decides that.
func (s *udpSocket) places(to netip.AddrPort) ([]bindPlace, error) {
	host := s.plan.host
	switch host {
	case everyAddress:
		return []bindPlace{{network: "udp"}}, nil
	case "":
		if len(s.config.Groups) > 0 {
			return []bindPlace{everyPlace(s.config.Groups, to)}, nil
		}
		if !to.IsValid() {
			host = ownHost
			break
		}
		a, err := towards(to)
		return []bindPlace{placeOf(a)}, err
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return []bindPlace{placeOf(a)}, nil
	}
	ctx, cancel := context.WithTimeout(s.ctx, defaultConnectTimeout)
	defer cancel()
	found, err := (&dialer{target: target{host: host}, resolve: s.u.opts.Resolve}).addresses(ctx)
	if err != nil {
		return nil, fmt.Errorf("bind: %w", err)
	}
	// IPv4 before IPv6, but for a target that speaks the other.
	aim, _ := netip.ParseAddr(s.plan.targetHost)
	slices.SortStableFunc(found, func(a, b netip.Addr) int {
		if aim.IsValid() && a.BitLen() != b.BitLen() {
			if sameFamily(a, aim.Unmap()) {
				return -1
			}
			return 1
		}
		return a.BitLen() - b.BitLen()
	})
	var all []bindPlace
	for _, a := range found {
		// A name server that blocks names gives them the address 0.0.0.0, and nobody who writes a name
		// means all addresses.
		if !a.IsUnspecified() {
			all = append(all, placeOf(a))
		}
	}
	return all, nil
}

// everyPlace is where a socket is bound to hear groups, and to reach a target: a group's datagrams need not arrive at
// a socket that is bound to one address.
func everyPlace(groups []Group, to netip.AddrPort) bindPlace {
	four, six := to.Addr().Is4(), to.Addr().Is6()
	for _, g := range groups {
		if g.Addr.Unmap().Is4() {
			four = true
		} else {
			six = true
		}
	}
	switch {
	case four && six:
		return bindPlace{network: "udp"}
	case four:
		return placeOf(netip.IPv4Unspecified())
	}
	return placeOf(netip.IPv6Unspecified())
}

// towards returns the address of this machine from which a target is reached.
func towards(to netip.AddrPort) (netip.Addr, error) {
	if to.Addr().IsMulticast() || to.Addr() == broadcast4 {
		if to.Addr().Is4() {
			return netip.IPv4Unspecified(), nil
		}
		return netip.IPv6Unspecified(), nil
	}
	a, err := wayTo(to, nil)
	if err != nil {
		return netip.Addr{}, because("send to "+to.String(), err)
	}
	return a, nil
}

// bind makes the socket at the first of places that can be had. The error is a [*ConfigError] about Address where
// another address can help.
func (s *udpSocket) bind(places []bindPlace) (*net.UDPConn, error) {
	lc := net.ListenConfig{Control: s.config.control}
	var texts []string
	for n, p := range places {
		pc, err := lc.ListenPacket(s.ctx, p.network, joinHostPort(p.host(), s.plan.port))
		if err == nil {
			return pc.(*net.UDPConn), nil
		}
		if s.ctx.Err() != nil {
			return nil, s.ctx.Err()
		}
		if len(places) == 1 || !errors.Is(err, errAddrNotAvail) && !errors.Is(err, errNoFamily) {
			return nil, s.bindFault(p, err)
		}
		if n < mostListed {
			texts = append(texts, p.host())
		} else if n == mostListed {
			texts = append(texts, "...")
		}
	}
	text := "it has no address that a socket can be bound to (write one of this machine, or * for all)"
	if len(texts) > 0 {
		text = fmt.Sprintf("none of the addresses of this name is this machine's: %s (write one that is, or * for all)", strings.Join(texts, ", "))
	}
	return nil, s.addressFault(s.plan.host, text, nil)
}

// bindFault puts in words why there is no socket.
func (s *udpSocket) bindFault(p bindPlace, err error) error {
	host := p.host()
	if host == "" {
		host = everyAddress
	}
	text := reason(err)
	switch {
	case errors.Is(err, errAddrInUse):
		text = datagramPortInUse(p.addr, s.plan.port, s.config.ReuseAddress)
	case errors.Is(err, errAccess), errors.Is(err, errPerm):
		text = portDenied(s.plan.port)
	case errors.Is(err, errAddrNotAvail):
		text = addressGone(p.addr)
	case errors.Is(err, errNoFamily):
		text = "this machine has no IPv6 (it is switched off; write an IPv4 address, or * for all there are)"
	default:
		if text, hint, ok := tooMany(err); ok {
			return &reasonError{"bind " + joinHostPort(host, s.plan.port), text + " (" + hint + ")", err}
		}
	}
	return s.addressFault(host, text, err)
}

// addressFault is a fault of the field Address that has been found by the system.
func (s *udpSocket) addressFault(host, text string, err error) error {
	bad := &ConfigError{Field: "Address", Value: s.config.Address, Problem: text}
	return &reasonError{"bind " + joinHostPort(host, s.plan.port), text, errors.Join(bad, err)}
}

// datagramPortInUse says who has a port, if that can be known.
func datagramPortInUse(a netip.Addr, port uint16, reuse bool) string {
	if port == 0 {
		return "no port is free there (name one, or end programs that have many)"
	}
	remedy := "choose another port, 0 is any that is free; or allow reusing the address, here and there"
	if reuse {
		remedy = "it does not allow the address to be used by others; end it, or choose another port"
	}
	switch name, pid, own := datagramPortHolder(a, port); {
	case own:
		return fmt.Sprintf("port %d is in use by Wirebench itself (%s)", port, remedy)
	case pid != 0:
		return fmt.Sprintf("port %d is in use by %s, process %d (%s)", port, name, pid, remedy)
	}
	return fmt.Sprintf("port %d is in use by another program (%s tells which; %s)", port, whoHasDatagramPort(port), remedy)
}
