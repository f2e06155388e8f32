package sessions

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

// datagramSocket binds a socket as the session does.
func datagramSocket(t *testing.T, network, at string, c UDPConfig) *net.UDPConn {
	t.Helper()
	lc := net.ListenConfig{Control: c.control}
	pc, err := lc.ListenPacket(t.Context(), network, at)
	if err != nil {
		t.Fatal(err)
	}
	conn := pc.(*net.UDPConn)
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := tune(conn, c); err != nil {
		t.Fatal(err)
	}
	return conn
}

func groupSocket(t *testing.T, network, at string, c UDPConfig) (*net.UDPConn, *multicaster) {
	t.Helper()
	conn := datagramSocket(t, network, at, c)
	m, err := newMulticaster(conn, network != "udp4", c)
	if err != nil {
		t.Fatal(err)
	}
	return conn, m
}

// loopbackName is the loopback interface's.
func loopbackName(t *testing.T) string {
	t.Helper()
	all, err := Interfaces()
	if err != nil || len(all) == 0 || !all[0].Loopback || !all[0].Up {
		t.Skipf("no loopback interface: %v", err)
	}
	return all[0].Name
}

// groupInterface is where the tests send to a group: loopback, or for IPv6, where that need not have a
// route for groups, the interface which has one.
func groupInterface(t *testing.T, group netip.Addr) string {
	t.Helper()
	lo := loopbackName(t)
	if group.Is4() {
		return lo
	}
	conn, _ := groupSocket(t, "udp6", "[::1]:0", UDPConfig{MulticastInterface: lo})
	defer conn.Close()
	if _, err := conn.WriteToUDPAddrPort(nil, netip.AddrPortFrom(group, 9)); err == nil {
		return lo
	}
	on := usualInterface(group)
	if on == nil {
		t.Skip("this machine has no route for IPv6 groups")
	}
	return on.Name
}

func receiveText(t *testing.T, conn *net.UDPConn) string {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	p := make([]byte, 2048)
	n, _, err := conn.ReadFromUDPAddrPort(p)
	if err != nil {
		t.Fatal(err)
	}
	return string(p[:n])
}

func sendText(t *testing.T, conn *net.UDPConn, to netip.AddrPort, text string) {
	t.Helper()
	if _, err := conn.WriteToUDPAddrPort([]byte(text), to); err != nil {
		t.Fatalf("send %q to %s: %v", text, to, err)
	}
}

func TestAGroupIsHeardFromJoiningToLeaving(t *testing.T) {
	for _, c := range []struct {
		network, at, from, group, marker string
	}{
		{"udp4", "0.0.0.0:0", "127.0.0.1:0", "239.77.1.2", "127.0.0.1"},
		{"udp6", "[::]:0", "[::]:0", "ff01::7701", "::1"},
		{"udp6", "[::]:0", "[::]:0", "ff02::7701", "::1"},
		{"udp6", "[::]:0", "[::]:0", "ff15::7701", "::1"},
		{"udp", ":0", "[::]:0", "ff01::7702", "::1"},
		{"udp", ":0", "127.0.0.1:0", "239.77.1.3", "127.0.0.1"}, // IPv4 on an IPv6 socket
	} {
		t.Run(c.network+" "+c.group, func(t *testing.T) {
			group := netip.MustParseAddr(c.group)
			if (group.Is6() || c.network == "udp") && !hasIPv6(t) {
				t.Skip("no IPv6")
			}
			if group.Is4() && c.network == "udp" && !mappedGroups {
				t.Skip("not on this system")
			}
			lo := groupInterface(t, group)
			conn, m := groupSocket(t, c.network, c.at, DefaultUDP())
			port := udpAddr(conn.LocalAddr()).Port()
			sends := DefaultUDP()
			sends.MulticastInterface = lo
			network := "udp6"
			if group.Is4() {
				network = "udp4"
			}
			sender, _ := groupSocket(t, network, c.from, sends)
			to, marker := netip.AddrPortFrom(group, port), netip.AddrPortFrom(netip.MustParseAddr(c.marker), port)
			// What goes through loopback keeps its order, so a marker shows what did not come.
			sendText(t, sender, to, "before joining")
			g := Group{Addr: group, Interface: lo}
			if err := m.join(g); err != nil {
				t.Fatal(err)
			}
			if got := m.groups(); !slices.Equal(got, []Group{g}) {
				t.Errorf("joined are %v", got)
			}
			sendText(t, sender, to, "joined")
			if got := receiveText(t, conn); got != "joined" {
				t.Errorf("received %q", got)
			}
			if on := usualInterface(group); on == nil || on.Name != lo {
				if err := m.leave(Group{Addr: group}); err == nil {
					t.Error("left without its interface, which is not the usual one")
				}
			}
			if err := m.leave(g); err != nil {
				t.Fatal(err)
			}
			sendText(t, sender, to, "after leaving")
			sendText(t, sender, marker, "marker")
			if got := receiveText(t, conn); got != "marker" {
				t.Errorf("received %q", got)
			}
			if got := m.groups(); len(got) != 0 {
				t.Errorf("joined are still %v", got)
			}
			if err := m.join(g); err != nil {
				t.Errorf("joining again: %v", err)
			}
		})
	}
}

func TestAGroupOfAnotherSocketIsNotHeard(t *testing.T) {
	lo := loopbackName(t)
	if runtime.GOOS != "linux" {
		t.Skip("other systems have no switch for it")
	}
	_, other := groupSocket(t, "udp4", "0.0.0.0:0", DefaultUDP())
	if err := other.join(Group{Addr: netip.MustParseAddr("239.77.2.2"), Interface: lo}); err != nil {
		t.Fatal(err)
	}
	conn, m := groupSocket(t, "udp4", "0.0.0.0:0", UDPConfig{MulticastInterface: lo, MulticastLoop: true})
	port := udpAddr(conn.LocalAddr()).Port()
	sendText(t, conn, netip.MustParseAddrPort(fmt.Sprintf("239.77.2.2:%d", port)), "not mine")
	if err := m.join(Group{Addr: netip.MustParseAddr("239.77.2.3"), Interface: lo}); err != nil {
		t.Fatal(err)
	}
	sendText(t, conn, netip.MustParseAddrPort(fmt.Sprintf("239.77.2.3:%d", port)), "mine")
	if got := receiveText(t, conn); got != "mine" {
		t.Errorf("received %q", got)
	}
}

func TestOnlyTheChosenSourceIsHeard(t *testing.T) {
	lo := loopbackName(t)
	if runtime.GOOS == "darwin" {
		t.Skip("127.0.0.2 is no address there")
	}
	if underWine() {
		t.Skip("Wine takes the interface for the source")
	}
	conn, m := groupSocket(t, "udp4", "0.0.0.0:0", DefaultUDP())
	port := udpAddr(conn.LocalAddr()).Port()
	sends := UDPConfig{MulticastInterface: lo, MulticastLoop: true}
	one, _ := groupSocket(t, "udp4", "127.0.0.1:0", sends)
	two, _ := groupSocket(t, "udp4", "127.0.0.2:0", sends)
	three, _ := groupSocket(t, "udp4", "127.0.0.3:0", sends)
	group := netip.MustParseAddr("232.77.3.1")
	from := func(s string) Group { return Group{Addr: group, Source: netip.MustParseAddr(s), Interface: lo} }
	everyone := func(text string) {
		for n, c := range []*net.UDPConn{one, two, three} {
			sendText(t, c, netip.AddrPortFrom(group, port), fmt.Sprintf("%s %d", text, n+1))
		}
		sendText(t, one, netip.MustParseAddrPort(fmt.Sprintf("127.0.0.1:%d", port)), "end")
	}
	heard := func() (all []string) {
		for {
			s := receiveText(t, conn)
			if s == "end" {
				return all
			}
			all = append(all, s)
		}
	}
	for _, step := range []struct {
		do   func(Group) error
		g    Group
		want []string
	}{
		{m.join, from("127.0.0.2"), []string{"x 2"}},
		{m.join, from("127.0.0.3"), []string{"x 2", "x 3"}},
		{m.leave, from("127.0.0.2"), []string{"x 3"}},
		{m.leave, from("127.0.0.3"), nil},
		{m.join, Group{Addr: group, Interface: lo}, []string{"x 1", "x 2", "x 3"}},
	} {
		if err := step.do(step.g); err != nil {
			t.Fatal(err)
		}
		everyone("x")
		if got := heard(); !slices.Equal(got, step.want) {
			t.Errorf("after %s: heard %q; want %q (joined %v)", step.g, got, step.want, m.groups())
		}
	}
}

func TestASourceOfIPv6IsChosen(t *testing.T) {
	if !hasIPv6(t) {
		t.Skip("not here")
	}
	if underWine() {
		t.Skip("Wine has no sources of IPv6")
	}
	lo := groupInterface(t, netip.MustParseAddr("ff31::7703"))
	conn, m := groupSocket(t, "udp6", "[::]:0", DefaultUDP())
	port := udpAddr(conn.LocalAddr()).Port()
	own := ""
	all, _ := Interfaces()
	for _, i := range all {
		for _, p := range i.Addrs {
			if i.Name == lo && p.Addr().Is6() && own == "" && !p.Addr().IsLinkLocalUnicast() {
				own = p.Addr().String()
			}
		}
	}
	if own == "" {
		t.Skip("no IPv6 address that others reach")
	}
	sender, _ := groupSocket(t, "udp6", "["+own+"]:0", UDPConfig{MulticastInterface: lo, MulticastLoop: true})
	marker, _ := groupSocket(t, "udp6", "[::1]:0", UDPConfig{})
	group := netip.MustParseAddr("ff31::7703")
	to := netip.AddrPortFrom(group, port)
	for _, c := range []struct {
		source string
		want   string
	}{{"2001:db8::1", "marker"}, {own, "to the group"}} {
		g := Group{Addr: group, Source: netip.MustParseAddr(c.source), Interface: lo}
		if err := m.join(g); err != nil {
			t.Fatal(err)
		}
		sendText(t, sender, to, "to the group")
		sendText(t, marker, netip.AddrPortFrom(netip.IPv6Loopback(), port), "marker")
		got := receiveText(t, conn)
		if got != c.want {
			t.Errorf("from %s: received %q; want %q", c.source, got, c.want)
		}
		if got != "marker" {
			_ = receiveText(t, conn)
		}
		if err := m.leave(g); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAJoinThatCannotWorkSaysWhatToWrite(t *testing.T) {
	lo := loopbackName(t)
	six := hasIPv6(t)
	a := netip.MustParseAddr
	for _, c := range []struct {
		network, at string
		first       []Group
		g           Group
		want        string
	}{
		{g: Group{}, want: "the group is missing: write an address from 224.0.0.0 to 239.255.255.255"},
		{g: Group{Addr: a("192.0.2.1")}, want: "192.0.2.1 is no multicast address: write one from 224.0.0.0 to 239.255.255.255"},
		{g: Group{Addr: a("240.0.0.1")}, want: "240.0.0.1 is no multicast address"},
		{g: Group{Addr: a("255.255.255.255")}, want: "broadcast address, which needs no joining"},
		{g: Group{Addr: a("::ffff:192.0.2.1")}, want: "192.0.2.1 is no multicast address"},
		{g: Group{Addr: a("2001:db8::1")}, want: "2001:db8::1 is no multicast address: write one that begins with ff"},
		{g: Group{Addr: a("239.77.4.1"), Interface: "nonesuch0"}, want: `this machine has no interface "nonesuch0": choose one (` + lo},
		{g: Group{Addr: a("239.77.4.1"), Interface: "99999"}, want: `this machine has no interface "99999"`},
		{g: Group{Addr: a("239.77.4.1"), Source: a("::1"), Interface: lo}, want: "the source ::1 is not of the same IP version"},
		{g: Group{Addr: a("239.77.4.1"), Source: a("239.0.0.1"), Interface: lo}, want: "the source 239.0.0.1 is not the address of a host"},
		{g: Group{Addr: a("239.77.4.1"), Source: a("0.0.0.0"), Interface: lo}, want: "the source 0.0.0.0 is not the address of a host"},
		{g: Group{Addr: a("ff02::1%" + lo), Interface: "nonesuch0"}, want: `this machine has no interface "nonesuch0"`},
		{g: Group{Addr: a("ff02::1%nonesuch0"), Interface: lo}, want: `has the zone "nonesuch0", but the interface is ` + lo},
		{g: Group{Addr: a("ff02::7704"), Interface: lo}, want: "the socket is bound to 0.0.0.0 and takes no IPv6 groups: bind it to [::]"},
		{network: "udp6", at: "[::]:0", g: Group{Addr: a("239.77.4.1"), Interface: lo}, want: "the socket is bound to :: and takes no IPv4 groups: bind it to 0.0.0.0"},
		{network: "udp6", at: "[::1]:0", g: Group{Addr: a("239.77.4.1"), Interface: lo}, want: "takes no IPv4 groups: bind it to 0.0.0.0"},
		{first: []Group{{Addr: a("239.77.4.1"), Interface: lo}}, g: Group{Addr: a("239.77.4.1"), Interface: lo}, want: "it is joined already"},
		{first: []Group{{Addr: a("239.77.4.1"), Interface: lo}}, g: Group{Addr: a("::ffff:239.77.4.1"), Interface: "1"}, want: "it is joined already"},
	} {
		if c.network == "" {
			c.network, c.at = "udp4", "0.0.0.0:0"
		}
		if c.network != "udp4" && !six {
			continue
		}
		conn, m := groupSocket(t, c.network, c.at, DefaultUDP())
		for _, g := range c.first {
			if err := m.join(g); err != nil {
				t.Fatal(err)
			}
		}
		err := m.join(c.g)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "join ") {
			t.Errorf("%s on %s: %v\nwant %s", c.g, c.at, err, c.want)
		} else if again := because("try", err).Error(); !strings.Contains(again, c.want) {
			t.Errorf("wrapped again it loses its words: %s", again)
		}
		if got := m.groups(); len(got) != len(c.first) {
			t.Errorf("after %v joined are %v", err, got)
		}
		_ = conn.Close()
	}
}

func TestGroupsAreNotMixedSilently(t *testing.T) {
	lo := loopbackName(t)
	group, source := netip.MustParseAddr("239.77.5.1"), netip.MustParseAddr("127.0.0.1")
	every, single := Group{Addr: group, Interface: lo}, Group{Addr: group, Source: source, Interface: lo}
	for _, c := range []struct {
		has, wants Group
		want       string
	}{
		{every, single, "joined for every source already: leave that first to name sources"},
		{single, every, "joined for single sources: leave those first to hear every source"},
		{single, single, "it is joined already, as 239.77.5.1 from 127.0.0.1 on " + lo},
	} {
		_, m := groupSocket(t, "udp4", "0.0.0.0:0", DefaultUDP())
		if err := m.join(c.has); err != nil {
			t.Fatal(err)
		}
		if err := m.join(c.wants); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s beside %s: %v", c.wants, c.has, err)
		}
		if err := m.leave(c.has); err != nil {
			t.Error(err)
		}
		if err := m.join(c.wants); err != nil {
			t.Error(err)
		}
	}
}

func TestASocketBoundToOneAddressSaysThatNoGroupArrives(t *testing.T) {
	if groupsReachBound {
		t.Skip("they do on this system")
	}
	_, m := groupSocket(t, "udp4", "127.0.0.1:0", DefaultUDP())
	err := m.join(Group{Addr: netip.MustParseAddr("239.77.6.1"), Interface: loopbackName(t)})
	want := "join 239.77.6.1 on " + loopbackName(t) + ": the socket is bound to 127.0.0.1, where no group's datagrams arrive: bind it to 0.0.0.0"
	if err == nil || err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
}

func TestLeavingWhatIsNotJoinedListsWhatIs(t *testing.T) {
	lo := loopbackName(t)
	_, m := groupSocket(t, "udp4", "0.0.0.0:0", DefaultUDP())
	g := Group{Addr: netip.MustParseAddr("239.77.7.1"), Interface: lo}
	if err := m.leave(g); err == nil || err.Error() != "leave 239.77.7.1 on "+lo+": the group is not joined" {
		t.Errorf("%v", err)
	}
	if err := m.join(g); err != nil {
		t.Fatal(err)
	}
	other := g
	other.Addr = other.Addr.Next()
	want := "leave 239.77.7.2 on " + lo + ": the group is not joined (joined are 239.77.7.1 on " + lo + ")"
	if err := m.leave(other); err == nil || err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
	mapped := Group{Addr: netip.AddrFrom16(g.Addr.As16()), Interface: lo}
	if err := m.leave(mapped); err != nil {
		t.Errorf("the same group, written as mapped: %v", err)
	}
	if err := m.leave(g); err == nil {
		t.Error("left twice")
	}
}

func TestTheZoneOfAGroupIsItsInterface(t *testing.T) {
	lo := loopbackName(t)
	if !hasIPv6(t) {
		t.Skip("no IPv6")
	}
	_, m := groupSocket(t, "udp6", "[::]:0", DefaultUDP())
	g := Group{Addr: netip.MustParseAddr("ff02::7708%" + lo)}
	if err := m.join(g); err != nil {
		t.Fatal(err)
	}
	want := []Group{{Addr: netip.MustParseAddr("ff02::7708"), Interface: lo}}
	if got := m.groups(); !slices.Equal(got, want) {
		t.Errorf("joined are %v; want %v", got, want)
	}
	if err := m.leave(want[0]); err != nil {
		t.Error(err)
	}
}

func TestTheSystemsChoiceOfInterfaceIsOneGroup(t *testing.T) {
	group := netip.MustParseAddr("239.77.9.1")
	on := usualInterface(group)
	if on == nil {
		t.Skip("this machine has no route for groups")
	}
	_, m := groupSocket(t, "udp4", "0.0.0.0:0", DefaultUDP())
	usual, named := Group{Addr: group}, Group{Addr: group, Interface: on.Name}
	if err := m.join(usual); err != nil {
		t.Fatal(err)
	}
	if err := m.join(named); err == nil || !strings.Contains(err.Error(), "it is joined already, as 239.77.9.1:") {
		t.Errorf("joined on %s as well: %v", on.Name, err)
	}
	if err := m.join(Group{Addr: group, Interface: loopbackName(t)}); err != nil {
		t.Errorf("the same group on another interface: %v", err)
	}
	if err := m.leave(named); err != nil {
		t.Errorf("leaving by the interface's name: %v", err)
	}
}

func TestTheSystemsLimitOfGroupsIsNamed(t *testing.T) {
	lo := loopbackName(t)
	if runtime.GOOS != "linux" {
		t.Skip("limits differ")
	}
	_, m := groupSocket(t, "udp4", "0.0.0.0:0", DefaultUDP())
	g := Group{Addr: netip.MustParseAddr("239.78.0.1"), Interface: lo}
	for range 5000 {
		if err := m.join(g); err != nil {
			want := "the system allows this socket no more of them (leave one, or raise it: sudo sysctl net.ipv4.igmp_max_memberships="
			if !strings.Contains(err.Error(), want) || !errors.Is(err, errNoBuffers) {
				t.Errorf("%v", err)
			}
			return
		}
		g.Addr = g.Addr.Next()
	}
	t.Skip("this system's limit is very high")
}

func TestLoopTTLAndInterfaceAreTheSockets(t *testing.T) {
	lo := loopbackName(t)
	for _, network := range []string{"udp4", "udp6", "udp"} {
		if network != "udp4" && !hasIPv6(t) {
			continue
		}
		at := map[string]string{"udp4": "0.0.0.0:0", "udp6": "[::]:0", "udp": ":0"}[network]
		conn, m := groupSocket(t, network, at, UDPConfig{})
		check := func(ttl int, loop bool, on string) {
			t.Helper()
			show := func(ttl int, loop bool, on *net.Interface, err error) string {
				name := ""
				if on != nil {
					name = on.Name
				}
				return fmt.Sprint(ttl, loop, name, err)
			}
			want := fmt.Sprint(ttl, loop, on, error(nil))
			if m.v4 != nil {
				p := ipv4.NewPacketConn(conn)
				n, err1 := p.MulticastTTL()
				l, err2 := p.MulticastLoopback()
				i := &net.Interface{Name: on} // x/net cannot ask Linux for IPv4's
				if got := show(n, l, i, errors.Join(err1, err2)); got != want {
					t.Errorf("%s, IPv4: %s; want %s", network, got, want)
				}
			}
			if m.v6 != nil {
				p := ipv6.NewPacketConn(conn)
				n, err1 := p.MulticastHopLimit()
				l, err2 := p.MulticastLoopback()
				i, err3 := p.MulticastInterface()
				if i != nil && i.Index == 0 {
					i = nil
				}
				if on == "" {
					i, err3 = nil, nil // the number 0 is no interface to x/net
				}
				if got := show(n, l, i, errors.Join(err1, err2, err3)); got != want {
					t.Errorf("%s, IPv6: %s; want %s", network, got, want)
				}
			}
		}
		check(1, false, "")
		for _, c := range []struct {
			ttl  int
			loop bool
			on   string
		}{{7, true, lo}, {255, false, lo}, {1, true, ""}} {
			if err := m.set(c.ttl, c.loop, c.on); err != nil {
				t.Fatal(err)
			}
			check(c.ttl, c.loop, c.on)
		}
		err := m.set(1, true, "nonesuch0")
		if err == nil || !strings.HasPrefix(err.Error(), `send to groups: this machine has no interface "nonesuch0": choose one (`) {
			t.Errorf("%v", err)
		}
		check(1, true, "")
	}
}

func TestWithoutLoopThisMachineHearsNothing(t *testing.T) {
	lo := loopbackName(t)
	if runtime.GOOS != "linux" {
		t.Skip("the receiver's switch elsewhere, and loopback may be excepted")
	}
	conn, m := groupSocket(t, "udp4", "0.0.0.0:0", DefaultUDP())
	port := udpAddr(conn.LocalAddr()).Port()
	group := netip.MustParseAddr("239.77.10.1")
	if err := m.join(Group{Addr: group, Interface: lo}); err != nil {
		t.Fatal(err)
	}
	p := ipv4.NewPacketConn(conn)
	if err := p.SetControlMessage(ipv4.FlagTTL, true); err != nil {
		t.Fatal(err)
	}
	sender, _ := groupSocket(t, "udp4", "127.0.0.1:0", UDPConfig{MulticastInterface: lo, MulticastTTL: 9, MulticastLoop: true})
	sendText(t, sender, netip.AddrPortFrom(group, port), "with TTL 9")
	b, oob := make([]byte, 100), make([]byte, 200)
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	n, oobn, _, _, err := conn.ReadMsgUDPAddrPort(b, oob)
	var cm ipv4.ControlMessage
	if err := cm.Parse(oob[:oobn]); err != nil {
		t.Fatal(err)
	}
	if err != nil || cm.TTL != 9 || string(b[:n]) != "with TTL 9" {
		t.Errorf("%q %v %v", b[:n], cm, err)
	}
	// Through loopback everything comes back; through another interface only what is looped.
	on := usualInterface(group)
	if on == nil {
		return
	}
	if err := m.join(Group{Addr: group, Interface: on.Name}); err != nil {
		t.Fatal(err)
	}
	sender, out := groupSocket(t, "udp4", "0.0.0.0:0", UDPConfig{})
	for _, loop := range []bool{true, false} {
		if err := out.set(1, loop, on.Name); err != nil {
			t.Fatal(err)
		}
		sendText(t, sender, netip.AddrPortFrom(group, port), "looped")
		sendText(t, sender, netip.MustParseAddrPort(fmt.Sprintf("127.0.0.1:%d", port)), "marker")
		got := receiveText(t, conn)
		if want := map[bool]string{true: "looped", false: "marker"}[loop]; got != want {
			t.Errorf("with loop %v: received %q; want %q", loop, got, want)
		}
		if got == "looped" {
			_ = receiveText(t, conn)
		}
	}
}

func TestClosingTheSocketEndsItsGroups(t *testing.T) {
	lo := loopbackName(t)
	conn, m := groupSocket(t, "udp4", "0.0.0.0:0", DefaultUDP())
	g := Group{Addr: netip.MustParseAddr("239.77.11.1"), Interface: lo}
	if err := m.join(g); err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	if err := m.join(Group{Addr: g.Addr.Next(), Interface: lo}); !errors.Is(err, net.ErrClosed) {
		t.Errorf("joining on a closed socket: %v", err)
	}
	if err := m.set(1, true, ""); !errors.Is(err, net.ErrClosed) {
		t.Errorf("setting on a closed socket: %v", err)
	}
	if err := m.leave(g); !errors.Is(err, net.ErrClosed) {
		t.Errorf("leaving on a closed socket: %v", err)
	}
	drainErrors(conn, func(undelivered) { t.Error("an error of a closed socket") })
}

func TestAPortIsSharedOnlyByChoice(t *testing.T) {
	shared := UDPConfig{ReuseAddress: true}
	one := datagramSocket(t, "udp4", "127.0.0.1:0", shared)
	at := one.LocalAddr().String()
	_ = datagramSocket(t, "udp4", at, shared)
	own := UDPConfig{}
	lc := net.ListenConfig{Control: own.control}
	if pc, err := lc.ListenPacket(context.Background(), "udp4", at); err == nil {
		_ = pc.Close()
		t.Error("bound to a port that others share, without the choice")
	} else if !errors.Is(err, errAddrInUse) {
		t.Errorf("%v", err)
	}
}

func TestTheMTUIsThatOfTheWay(t *testing.T) {
	all, err := Interfaces()
	if err != nil || !all[0].Loopback {
		t.Skip("no loopback")
	}
	near := func(got, want int) bool { return got == want || want > 65535 && got == 65535 } // IPv4's longest packet
	for _, to := range []string{"127.0.0.1:9", "[::1]:9", "127.0.0.1:0"} {
		ap := netip.MustParseAddrPort(to)
		if ap.Addr().Is6() && !hasIPv6(t) {
			continue
		}
		for _, local := range []netip.AddrPort{{}, netip.MustParseAddrPort("0.0.0.0:7"), netip.MustParseAddrPort("[::]:7"), netip.AddrPortFrom(ap.Addr(), 7)} {
			if got := pathMTU(local, ap); !near(got, all[0].MTU) {
				t.Errorf("from %s to %s: %d; want %d", local, to, got, all[0].MTU)
			}
		}
	}
	for _, i := range all {
		for _, p := range i.Addrs {
			if !i.Up || i.Loopback {
				continue
			}
			// This machine's own addresses are reached through loopback, the others of the network are not.
			if got := pathMTU(netip.AddrPort{}, netip.AddrPortFrom(i.Zoned(p.Addr()), 9)); !near(got, all[0].MTU) {
				t.Errorf("to this machine's %s: %d; want %d", p.Addr(), got, all[0].MTU)
			}
			next := p.Addr().Next()
			if p.Addr().Is4() && p.Contains(next) && p.Bits() < 31 && p.Contains(next.Next()) {
				if got := pathMTU(netip.AddrPort{}, netip.AddrPortFrom(next, 9)); got != i.MTU {
					t.Errorf("to %s on %s: %d; want %d", next, i.Name, got, i.MTU)
				}
			}
		}
	}
	if got := pathMTU(netip.AddrPort{}, netip.AddrPort{}); got != 0 {
		t.Errorf("to nowhere: %d", got)
	}
	_, m := groupSocket(t, "udp4", "0.0.0.0:0", UDPConfig{MulticastInterface: all[0].Name})
	if got := m.mtu(netip.AddrPort{}, netip.MustParseAddrPort("239.77.12.1:9")); got != all[0].MTU {
		t.Errorf("to a group through %s: %d; want %d", all[0].Name, got, all[0].MTU)
	}
}
