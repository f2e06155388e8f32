package sessions

import "net/netip"

// MaxDatagram is how many bytes a datagram to an address can have at most: 65,535 less the headers that count. For an
// address that is not valid, it is that of IPv4.
func MaxDatagram(to netip.AddrPort) int {
	if onlyIPv6(to.Addr()) {
		return mostDatagram6
	}
	return mostDatagram4
}

// Fragments is in how many packets a datagram of n bytes goes out by an interface with that MTU, in bytes; 1 where the
// MTU is not known.
func Fragments(to netip.AddrPort, n, mtu int) int {
	header, unit := 20, 8 // RFC 791; RFC 8200 adds a fragment header
	if onlyIPv6(to.Addr()) {
		header = 40
	}
	if n += 8; mtu <= 0 || header+n <= mtu { // with the UDP header
		return 1
	}
	if header == 40 {
		header = 48
	}
	each := max((mtu-header)/unit*unit, unit)
	return (n + each - 1) / each
}

func onlyIPv6(a netip.Addr) bool { return a.Is6() && !a.Is4In6() }
