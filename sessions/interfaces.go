package sessions

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
)

// Interface is a network interface of this machine, as AIR's NetworkInfo lists it.
type Interface struct {
	Name         string
	Index        int // the number that a zone may have instead of the name, from 1
	MTU          int // bytes
	HardwareAddr net.HardwareAddr
	Up           bool // switched on; whether a cable is in is not told
	Loopback     bool
	Multicast    bool
	// Addrs are its addresses, IPv4 first, each with the length of its network's prefix. They have no
	// zones: what stands for a link-local one in an address is [Interface.Zoned].
	Addrs []netip.Prefix
}

// Zoned returns a with the interface as its zone if it is link-local IPv6 and needs one.
func (i Interface) Zoned(a netip.Addr) netip.Addr {
	if a.Is6() && a.IsLinkLocalUnicast() {
		return a.WithZone(i.Name)
	}
	return a
}

// Interfaces returns the interfaces of this machine: loopback, then those that are up, then those that
// are down, each group by number. An interface that goes away meanwhile is left out, or has no
// addresses. It asks the system about each: 0.1 ms as a rule, and a quarter of a second on a machine with
// 400 of them, so it is nothing for the goroutine that draws.
func Interfaces() ([]Interface, error) {
	found, err := net.Interfaces()
	if err != nil {
		return nil, because("list the network interfaces", err)
	}
	all := make([]Interface, 0, len(found))
	for _, f := range found {
		i := Interface{
			Name: f.Name, Index: f.Index, MTU: f.MTU, HardwareAddr: f.HardwareAddr,
			Up: f.Flags&net.FlagUp != 0, Loopback: f.Flags&net.FlagLoopback != 0, Multicast: f.Flags&net.FlagMulticast != 0,
		}
		addrs, _ := f.Addrs() // it may have gone
		i.Addrs = prefixes(addrs)
		all = append(all, i)
	}
	sortInterfaces(all)
	return all, nil
}

// sortInterfaces puts interfaces in the order of [Interfaces].
func sortInterfaces(all []Interface) {
	rank := func(i Interface) int {
		switch {
		case i.Loopback:
			return 0
		case i.Up:
			return 1
		}
		return 2
	}
	slices.SortFunc(all, func(a, b Interface) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Index, b.Index))
	})
}

// prefixes reads what net.Interface.Addrs returns.
func prefixes(addrs []net.Addr) []netip.Prefix {
	var all []netip.Prefix
	for _, a := range addrs {
		n, ok := a.(*net.IPNet)
		if !ok {
			continue
		}
		ip, ok := netip.AddrFromSlice(n.IP)
		ones, bits := n.Mask.Size()
		if !ok || bits == 0 {
			continue
		}
		ip = ip.Unmap()
		if bits > ip.BitLen() {
			ones -= bits - ip.BitLen()
		}
		if p := netip.PrefixFrom(ip, ones); p.IsValid() {
			all = append(all, p)
		}
	}
	slices.SortStableFunc(all, func(a, b netip.Prefix) int { return cmp.Compare(a.Addr().BitLen(), b.Addr().BitLen()) })
	return all
}

// has reports whether a, with the name or number of the interface as its zone or without one, is an
// address of the interface.
func (i Interface) has(a netip.Addr) bool {
	if z := a.Zone(); z != "" && z != i.Name && z != strconv.Itoa(i.Index) {
		return false
	}
	a = a.WithZone("")
	return slices.ContainsFunc(i.Addrs, func(p netip.Prefix) bool { return p.Addr() == a })
}

// mostListed bounds how many addresses an error lists: a machine with containers has hundreds.
const mostListed = 8

// addressList returns "127.0.0.1, 192.0.2.2" for the addresses of one family on interfaces that are up,
// "" for none.
func addressList(all []Interface, like netip.Addr) string {
	text, more := "", 0
	listed := 0
	for _, i := range all {
		if !i.Up {
			continue
		}
		for _, p := range i.Addrs {
			switch a := p.Addr(); {
			case !sameFamily(a, like):
			case listed == mostListed:
				more++
			default:
				if listed > 0 {
					text += ", "
				}
				text += i.Zoned(a).String()
				listed++
			}
		}
	}
	if more > 0 {
		text += fmt.Sprintf(" and %s more", thousands(int64(more)))
	}
	return text
}
