package sessions

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// multicastInterface finds an interface that carries groups by its name or number; nil for "".
func multicastInterface(name string) (*net.Interface, error) {
	i, err := findInterface(name)
	switch {
	case i == nil || err != nil:
		return nil, err
	case i.Flags&net.FlagUp == 0:
		return nil, fmt.Errorf("the interface %s is down: switch it on, or choose another%s", i.Name, multicastList())
	// Loopback need not say that it carries groups, and does.
	case i.Flags&(net.FlagMulticast|net.FlagLoopback) == 0:
		return nil, fmt.Errorf("the interface %s carries no multicast: choose another%s", i.Name, multicastList())
	}
	return i, nil
}

// findInterface finds an interface by its name or number; nil for "".
func findInterface(name string) (*net.Interface, error) {
	name = strings.TrimSpace(name)
	if name == "" {
		return nil, nil
	}
	if i, err := net.InterfaceByName(name); err == nil {
		return i, nil
	}
	if n, err := strconv.Atoi(name); err == nil {
		if i, err := net.InterfaceByIndex(n); err == nil {
			return i, nil
		}
	}
	return nil, fmt.Errorf("this machine has no interface %q: choose one%s", name, multicastList())
}

// multicastList returns " (eth0, lo carry multicast)" or nothing.
func multicastList() string {
	all, err := Interfaces()
	if err != nil {
		return ""
	}
	var names []string
	for _, i := range all {
		if i.Up && (i.Multicast || i.Loopback) && len(names) < mostListed {
			names = append(names, i.Name)
		}
	}
	switch len(names) {
	case 0:
		return ""
	case 1:
		return " (" + names[0] + " carries multicast)"
	}
	return " (" + strings.Join(names, ", ") + " carry multicast)"
}

// usualInterface returns the interface by which this machine reaches a group, nil if that is not certain.
// Where it is, it can be compared, and a change of routes does not make another of it.
func usualInterface(group netip.Addr) *net.Interface {
	if !group.IsValid() {
		return nil
	}
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(routed(group), 9)))
	if err != nil {
		return nil
	}
	defer conn.Close()
	all, err := Interfaces()
	if err != nil {
		return nil
	}
	var found *Interface
	for n, i := range all {
		if !i.Up || i.Loopback || !i.Multicast || !i.has(udpLocal(conn)) {
			continue
		}
		if found != nil {
			return nil
		}
		found = &all[n]
	}
	if found == nil {
		return nil
	}
	i, err := net.InterfaceByIndex(found.Index)
	if err != nil {
		return nil
	}
	return i
}

// sameInterface reports whether two interfaces are known to be one.
func sameInterface(a, b *net.Interface) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Index == b.Index
}
