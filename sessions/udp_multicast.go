package sessions

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

// multicaster joins a datagram socket to groups, and says how it sends to them. It is safe for use by
// several goroutines. Closing the socket leaves every group.
type multicaster struct {
	conn *net.UDPConn
	v4   *ipv4.PacketConn // nil if the socket does not carry IPv4
	v6   *ipv6.PacketConn

	mu     sync.Mutex
	joined []membership
	out    *net.Interface // what groups are sent to through; nil for the system's choice
}

// membership is a group that has been joined.
type membership struct {
	group Group
	on    *net.Interface // nil where the system chose, and does not tell
}

// newMulticaster sets on a socket that is bound how it sends to groups. The groups of c are the caller's
// to join.
func newMulticaster(conn *net.UDPConn, _ bool, c UDPConfig) (*multicaster, error) {
	m := &multicaster{conn: conn}
	four, six := families(conn)
	if six {
		m.v6 = ipv6.NewPacketConn(conn)
	}
	if four && (!six || mappedGroups) {
		m.v4 = ipv4.NewPacketConn(conn)
	}
	if err := m.set(c.MulticastTTL, c.MulticastLoop, c.MulticastInterface); err != nil {
		return nil, err
	}
	return m, nil
}

// set says how groups are sent to: how many routers a datagram may pass, counting from 1, which 0 is
// too; whether this machine's own members get it (on Windows: whether this socket takes what this
// machine sends); through which interface, "" for the system's choice.
func (m *multicaster) set(ttl int, loop bool, iface string) error {
	out, err := multicastInterface(iface)
	if err != nil {
		return because("send to groups", err)
	}
	if ttl == 0 {
		ttl = 1
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.v6 != nil {
		if err := errors.Join(m.v6.SetMulticastHopLimit(ttl), m.v6.SetMulticastLoopback(loop), m.v6.SetMulticastInterface(out)); err != nil {
			return because("send to groups"+onInterface(out), err)
		}
	}
	if m.v4 != nil {
		err := errors.Join(m.v4.SetMulticastTTL(ttl), m.v4.SetMulticastLoopback(loop), m.v4.SetMulticastInterface(out))
		// An interface without IPv4 is no fault of a socket that carries IPv6 too.
		if err != nil && m.v6 == nil {
			return because("send to groups"+onInterface(out), err)
		}
	}
	m.out = out
	return nil
}

// mtu is pathMTU, with the interface that was chosen for groups. It works without a multicaster.
func (m *multicaster) mtu(local, to netip.AddrPort) int {
	if m == nil {
		return pathMTU(local, to)
	}
	if out := m.through(to.Addr()); out != nil {
		return out.MTU
	}
	return pathMTU(local, to)
}

// through returns the interface that what is sent to an address leaves by because it was chosen for groups; nil
// if that is the system's choice.
func (m *multicaster) through(to netip.Addr) *net.Interface {
	if !to.IsMulticast() || to.Zone() != "" {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.out
}

// sendFault puts the error of a send in words where it is about a group, and returns others as they are.
func (m *multicaster) sendFault(to netip.Addr, err error) error {
	if err == nil || !to.IsMulticast() || !errors.Is(err, errNetUnreach) && !errors.Is(err, errHostUnreach) && !errors.Is(err, errAddrNotAvail) {
		return err
	}
	m.mu.Lock()
	out := m.out
	m.mu.Unlock()
	if z, _ := findInterface(to.Zone()); z != nil {
		out = z
	}
	if out == nil {
		return &explained{"this machine has no route for groups (choose the interface to send through" + multicastList() + ")", err}
	}
	return &explained{"groups have no route through " + out.Name + " (choose another interface" + routeHint(to, out) + ")", err}
}

// join makes the datagrams of a group arrive. The error says what to do instead.
func (m *multicaster) join(g Group) error {
	g, on, err := g.resolve()
	if err == nil {
		err = m.canHear(g.Addr)
	}
	if err != nil {
		return because("join "+g.String(), err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if on == nil {
		on = usualInterface(g.Addr)
	}
	for _, j := range m.joined {
		if j.group.Addr == g.Addr && sameInterface(j.on, on) {
			if err := clash(j.group, g); err != nil {
				return because("join "+g.String(), err)
			}
		}
	}
	switch {
	case g.Source.IsValid():
		err = m.joinSource(g, on)
	case g.Addr.Is4():
		err = m.v4.JoinGroup(on, udpIP(g.Addr))
	default:
		err = m.v6.JoinGroup(on, udpIP(g.Addr))
	}
	if err != nil {
		return because("join "+g.String(), joinFault(g, on, err))
	}
	m.joined = append(m.joined, membership{g, on})
	return nil
}

// leave undoes join. One whose interface has gone is left too.
func (m *multicaster) leave(g Group) error {
	g = g.plain()
	m.mu.Lock()
	defer m.mu.Unlock()
	n := slices.IndexFunc(m.joined, func(j membership) bool { return j.group == g })
	if n < 0 {
		on, _ := findInterface(g.Interface)
		if g.Interface == "" {
			on = usualInterface(g.Addr)
		}
		n = slices.IndexFunc(m.joined, func(j membership) bool {
			return j.group.Addr == g.Addr && j.group.Source == g.Source && on != nil && sameInterface(j.on, on)
		})
	}
	if n < 0 {
		return because("leave "+g.String(), errors.New("the group is not joined"+m.joinedList()))
	}
	j := m.joined[n]
	var err error
	switch {
	case g.Source.IsValid():
		err = m.leaveSource(g, j.on)
	case g.Addr.Is4():
		err = m.v4.LeaveGroup(j.on, udpIP(g.Addr))
	default:
		err = m.v6.LeaveGroup(j.on, udpIP(g.Addr))
	}
	if err != nil && !errors.Is(err, errAddrNotAvail) && !isNoDevice(err) {
		if j.on == nil {
			return because("leave "+g.String(), err)
		}
		if _, gone := net.InterfaceByIndex(j.on.Index); gone == nil {
			return because("leave "+g.String(), err)
		}
	}
	m.joined = slices.Delete(m.joined, n, n+1)
	return nil
}

// groups returns what is joined, in the order of joining.
func (m *multicaster) groups() []Group {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []Group
	for _, j := range m.joined {
		all = append(all, j.group)
	}
	return all
}

// joinedList returns " (joined are 239.1.2.3, 239.1.2.4 on eth0)" or nothing. The caller holds mu.
func (m *multicaster) joinedList() string {
	var names []string
	for _, j := range m.joined[:min(len(m.joined), mostListed)] {
		names = append(names, j.group.String())
	}
	if len(names) == 0 {
		return ""
	}
	more := ""
	if n := len(m.joined) - len(names); n > 0 {
		more = fmt.Sprintf(" and %s more", thousands(int64(n)))
	}
	return " (joined are " + strings.Join(names, ", ") + more + ")"
}

// canHear refuses a group whose datagrams the socket would never get.
func (m *multicaster) canHear(group netip.Addr) error {
	local := udpLocal(m.conn)
	switch {
	case group.Is4() && m.v4 == nil:
		return fmt.Errorf("the socket is bound to %s and takes no IPv4 groups: bind it to 0.0.0.0", local)
	case group.Is6() && m.v6 == nil:
		return fmt.Errorf("the socket is bound to %s and takes no IPv6 groups: bind it to [::]", local)
	case groupsReachBound || local.IsUnspecified() || local.WithZone("") == group:
		return nil
	}
	every := "0.0.0.0"
	if group.Is6() {
		every = "[::]"
	}
	return fmt.Errorf("the socket is bound to %s, where no group's datagrams arrive: bind it to %s", local, every)
}

// plain returns a group in the one form that is compared: unmapped, the zone of its address as the interface.
func (g Group) plain() Group {
	g.Interface = strings.TrimSpace(g.Interface)
	if z := g.Addr.Zone(); z != "" && g.Interface == "" {
		g.Interface = z
	}
	g.Addr, g.Source = g.Addr.Unmap().WithZone(""), g.Source.Unmap().WithZone("")
	return g
}

// check says why a group cannot be joined by any socket of this machine, and what to write.
func (g Group) check() error {
	_, _, err := g.resolve()
	return err
}

// resolve checks a group and finds its interface, nil for the system's choice.
func (g Group) resolve() (Group, *net.Interface, error) {
	zone := g.Addr.Zone()
	p := g.plain()
	switch {
	case !p.Addr.IsValid():
		return p, nil, errors.New("the group is missing: write an address from 224.0.0.0 to 239.255.255.255, or one of IPv6 that begins with ff")
	case p.Addr == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return p, nil, fmt.Errorf("%s is the broadcast address, which needs no joining: groups are 224.0.0.0 to 239.255.255.255", p.Addr)
	case !p.Addr.IsMulticast() && p.Addr.Is4():
		return p, nil, fmt.Errorf("%s is no multicast address: write one from 224.0.0.0 to 239.255.255.255", p.Addr)
	case !p.Addr.IsMulticast():
		return p, nil, fmt.Errorf("%s is no multicast address: write one that begins with ff, such as ff02::1234", p.Addr)
	}
	if err := p.checkSource(); err != nil {
		return p, nil, err
	}
	on, err := multicastInterface(p.Interface)
	if err != nil {
		return p, nil, err
	}
	if zone != "" && p.Interface != zone {
		if z, err := findInterface(zone); err != nil || on == nil || z.Index != on.Index {
			return p, nil, fmt.Errorf("%s has the zone %q, but the interface is %s: write one of the two", g.Addr, zone, p.Interface)
		}
	}
	return p, on, nil
}

func (g Group) checkSource() error {
	s := g.Source.WithZone("")
	switch {
	case !s.IsValid():
		return nil
	case !sameFamily(s, g.Addr):
		return fmt.Errorf("the source %s is not of the same IP version as the group %s: write one that is, or none for any source", s, g.Addr)
	case s.IsMulticast(), s.IsUnspecified(), s == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return fmt.Errorf("the source %s is not the address of a host: write the sender's, or none for any source", s)
	}
	return nil
}

// clash says why a group cannot be joined beside one of the same address and interface. The system would
// make one of "every source" and "these sources" the other without a word.
func clash(has, wants Group) error {
	switch {
	case has.Source == wants.Source:
		return fmt.Errorf("it is joined already, as %s: leave it first, or write another", has)
	case !has.Source.IsValid():
		return fmt.Errorf("%s is joined for every source already: leave that first to name sources", has)
	case !wants.Source.IsValid():
		return fmt.Errorf("%s is joined for single sources: leave those first to hear every source", has.Addr)
	}
	return nil
}

// joinFault puts the system's answer to a join in words.
func joinFault(g Group, on *net.Interface, err error) error {
	text := ""
	switch {
	case errors.Is(err, errAddrInUse):
		text = "it is joined already: leave it first, or write another"
	case errors.Is(err, errNoBuffers), errors.Is(err, errNoMemory):
		text = tooManyGroups(g.Addr.Is4(), g.Source.IsValid())
	case on == nil && (isNoDevice(err) || errors.Is(err, errAddrNotAvail) || errors.Is(err, errNetUnreach)):
		text = "the system knows no interface for it: choose one" + interfaceList()
	case isNoDevice(err), errors.Is(err, errAddrNotAvail):
		version := "IPv4"
		if g.Addr.Is6() {
			version = "IPv6"
		}
		text = fmt.Sprintf("the interface %s has no %s: give it an address, or choose another%s", on.Name, version, interfaceList())
	case g.Source.IsValid() && errors.Is(err, errors.ErrUnsupported), strings.Contains(err.Error(), "not implemented"):
		text = "single sources cannot be chosen on this system: leave the source empty"
	default:
		return err
	}
	return &explained{text, err}
}

func onInterface(i *net.Interface) string {
	if i == nil {
		return ""
	}
	return " through " + i.Name
}

// udpIP returns an address as x/net wants it, nil for none.
func udpIP(a netip.Addr) net.Addr {
	if !a.IsValid() {
		return nil
	}
	return &net.UDPAddr{IP: a.AsSlice()}
}
