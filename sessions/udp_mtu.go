package sessions

import (
	"net"
	"net/netip"
)

// pathMTU returns the MTU, in bytes, of the interface by which a datagram from a socket bound to local
// leaves for to, 0 if that is not known. A longer packet goes in fragments. On Linux it is less where a
// route or a router said so. It asks the system with a socket that sends nothing; the answer changes when
// routes do.
func pathMTU(local, to netip.AddrPort) int {
	a := to.Addr().Unmap()
	if !a.IsValid() || a.IsUnspecified() {
		return 0
	}
	port := to.Port()
	if port == 0 {
		port = 9 // connect refuses 0 on some systems
	}
	network := "udp6"
	if a.Is4() {
		network = "udp4"
	}
	var from *net.UDPAddr
	if l := local.Addr().Unmap(); l.IsValid() && !l.IsUnspecified() && !l.IsMulticast() && sameFamily(l, a) {
		from = net.UDPAddrFromAddrPort(netip.AddrPortFrom(l, 0))
	}
	conn, err := net.DialUDP(network, from, net.UDPAddrFromAddrPort(netip.AddrPortFrom(routed(a), port)))
	if err != nil {
		return 0
	}
	defer conn.Close()
	if mtu := routeMTU(conn); mtu > 0 {
		return mtu
	}
	all, err := Interfaces()
	if err != nil {
		return 0
	}
	loopback := 0
	for _, i := range all {
		if i.Loopback && i.Up {
			loopback = i.MTU
		}
		// What goes to this machine itself stays on loopback, whatever the address.
		if i.has(a) && loopback > 0 {
			return loopback
		}
	}
	for _, i := range all {
		if i.Up && i.has(udpLocal(conn)) {
			return i.MTU
		}
	}
	return 0
}

// routed returns the address to ask for the way to a: the system refuses to connect to a group of one link
// or interface without a zone, though it sends there, by the route of the others.
func routed(a netip.Addr) netip.Addr {
	if a.Is6() && a.Zone() == "" && (a.IsLinkLocalMulticast() || a.IsInterfaceLocalMulticast()) {
		b := a.As16()
		b[1] = b[1]&0xf0 | 5
		return netip.AddrFrom16(b)
	}
	return a
}

// udpLocal returns the address a socket is bound to, unmapped, without its port.
func udpLocal(conn *net.UDPConn) netip.Addr { return udpAddr(conn.LocalAddr()).Addr() }
