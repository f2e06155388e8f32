package sessions

import (
	"fmt"
	"net"
	"net/netip"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
	"golang.org/x/sys/unix"
)

// marked sends a marker to a socket after what may not come, and returns what came up to it.
func marked(t *testing.T, w *watch, sender *net.UDPConn, to netip.AddrPort, from int) string {
	t.Helper()
	sendText(t, sender, to, "|")
	w.until(t, "the marker", func() bool { return strings.HasSuffix(string(w.in[from:]), "|") })
	got := string(w.awaitIn(t, from)[from:])
	return got[:len(got)-1]
}

func TestSocketsThatShareAPortAllHearGroupsAndBroadcasts(t *testing.T) {
	lo := loopbackName(t)
	g := Group{Addr: netip.MustParseAddr("239.77.60.1"), Interface: lo}
	share := func(address string) (*UDPSession, *watch) {
		return boundUDP(t, func(c *UDPConfig) {
			c.Address, c.ReuseAddress, c.Groups, c.MulticastInterface, c.Broadcast = address, true, []Group{g}, lo, true
		})
	}
	one, _ := share("0.0.0.0:0")
	at := one.Info().Local
	two, w2 := share(at.String())
	three, _ := boundUDP(t, func(c *UDPConfig) {
		c.Address, c.MulticastInterface, c.MulticastLoop, c.Broadcast = "127.0.0.1:0", lo, true, true
	})
	for _, c := range []struct {
		to   string
		want int64 // sockets that hear it
	}{{"239.77.60.1", 2}, {"127.255.255.255", 2}, {"127.0.0.1", 1}} {
		before := one.Info().In + two.Info().In
		to := netip.AddrPortFrom(netip.MustParseAddr(c.to), at.Port())
		if err := three.SendTo(to, []byte("x")); err != nil {
			t.Fatal(err)
		}
		end := time.Now().Add(patience)
		for one.Info().In+two.Info().In < before+c.want && time.Now().Before(end) {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(5 * time.Millisecond) // for one too many
		if got := one.Info().In + two.Info().In - before; got != c.want {
			t.Errorf("%d sockets heard what was sent to %s, want %d", got, c.to, c.want)
		}
	}
	for _, u := range []*UDPSession{one, two} {
		found := false
		for _, r := range records(t, u) {
			found = found || r.Flow.Local == netip.AddrPortFrom(g.Addr, at.Port()) && r.Flow.Remote == three.Info().Local
		}
		if !found {
			t.Error("a capture does not say that the group was heard")
		}
	}
	// Who leaves hears no more of it, and the other does.
	in1, in2 := one.Info().In, two.Info().In
	if err := one.Leave(g); err != nil {
		t.Fatal(err)
	}
	if err := three.SendTo(netip.AddrPortFrom(g.Addr, at.Port()), []byte("x")); err != nil {
		t.Fatal(err)
	}
	w2.until(t, "the group", func() bool { return two.Info().In == in2+1 })
	time.Sleep(5 * time.Millisecond)
	if n := one.Info().In; n != in1 {
		t.Errorf("%d more were heard after leaving", n-in1)
	}
	// A socket that does not share cannot have the port.
	d := DefaultUDP()
	d.Address = at.String()
	if err := failed(t, d, nil); field(err) != "Address" || !strings.Contains(err.Error(), "in use by Wirebench itself") {
		t.Errorf("%v", err)
	}
}

func TestOnlyTheSourceThatASessionNamesIsHeard(t *testing.T) {
	lo := loopbackName(t)
	group := netip.MustParseAddr("232.77.61.1")
	from := func(s string) Group { return Group{Addr: group, Source: netip.MustParseAddr(s), Interface: lo} }
	u, w := boundUDP(t, func(c *UDPConfig) { c.Groups = []Group{from("127.0.0.2")}; c.Address = "" })
	if !u.Info().Local.Addr().IsUnspecified() {
		t.Fatalf("it is bound to %v, where no group arrives", u.Info().Local)
	}
	port := u.Info().Local.Port()
	sends := UDPConfig{MulticastInterface: lo, MulticastLoop: true}
	var senders []*net.UDPConn
	for n := range 3 {
		c, _ := groupSocket(t, "udp4", fmt.Sprintf("127.0.0.%d:0", n+1), sends)
		senders = append(senders, c)
	}
	hears := func(want string) {
		t.Helper()
		before := len(w.awaitIn(t, 0))
		for n, c := range senders {
			sendText(t, c, netip.AddrPortFrom(group, port), fmt.Sprint(n+1))
		}
		if got := marked(t, w, senders[0], netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port), before); got != want {
			t.Errorf("heard %q, want %q (joined %v)", got, want, u.Info().Groups)
		}
	}
	hears("2")
	if err := u.Join(from("127.0.0.3")); err != nil {
		t.Fatal(err)
	}
	hears("23")
	if err := u.Join(Group{Addr: group, Interface: lo}); err == nil || !strings.Contains(err.Error(), "joined for single sources") {
		t.Errorf("every source beside them: %v", err)
	}
	if err := u.Leave(from("127.0.0.2")); err != nil {
		t.Fatal(err)
	}
	hears("3")
	c := u.Config()
	c.Groups = []Group{{Addr: group, Interface: lo}}
	if err := u.Configure(c); err != nil {
		t.Fatal(err)
	}
	hears("123")
}

// TestWhatASessionSendsHasTheTTLItSays reads the TTL beside what arrives.
func TestWhatASessionSendsHasTheTTLItSays(t *testing.T) {
	lo := loopbackName(t)
	usual4 := kernelNumber(t, "/proc/sys/net/ipv4/ip_default_ttl")
	for _, c := range []struct{ network, bind, one, group string }{
		{"udp4", "127.0.0.1:0", "127.0.0.1", "239.77.62.1"}, {"udp4", "*:0", "127.0.0.1", "239.77.62.1"},
		{"udp6", "[::]:0", "::1", "ff15::7762"}, {"udp6", "*:0", "::1", "ff15::7762"},
	} {
		t.Run(c.bind+" "+c.network, func(t *testing.T) {
			group := netip.MustParseAddr(c.group)
			through, usual := lo, usual4
			if c.network == "udp6" {
				if !hasIPv6(t) {
					t.Skip("no IPv6")
				}
				through = groupInterface(t, group)
				usual = kernelNumber(t, "/proc/sys/net/ipv6/conf/lo/hop_limit")
			}
			conn, m := groupSocket(t, c.network, ":0", DefaultUDP())
			if err := m.join(Group{Addr: group, Interface: through}); err != nil {
				t.Fatal(err)
			}
			var err error
			if c.network == "udp4" {
				err = ipv4.NewPacketConn(conn).SetControlMessage(ipv4.FlagTTL, true)
			} else {
				err = ipv6.NewPacketConn(conn).SetControlMessage(ipv6.FlagHopLimit, true)
			}
			if err != nil {
				t.Fatal(err)
			}
			port := udpAddr(conn.LocalAddr()).Port()
			u, _ := boundUDP(t, func(d *UDPConfig) { d.Address, d.TTL, d.MulticastTTL, d.MulticastInterface = c.bind, 9, 0, through })
			for _, step := range []struct{ ttl, multi, want, wantMulti int }{{9, 0, 9, 1}, {0, 7, usual, 7}, {255, 255, 255, 255}, {1, 1, 1, 1}} {
				d := u.Config()
				d.TTL, d.MulticastTTL = step.ttl, step.multi
				if err := u.Configure(d); err != nil {
					t.Fatal(err)
				}
				for to, want := range map[string]int{c.one: step.want, c.group: step.wantMulti} {
					if err := u.SendTo(netip.AddrPortFrom(netip.MustParseAddr(to), port), []byte("x")); err != nil {
						t.Fatal(err)
					}
					oob := make([]byte, 500)
					_ = conn.SetReadDeadline(time.Now().Add(patience))
					_, n, _, _, err := conn.ReadMsgUDPAddrPort(make([]byte, 10), oob)
					if err != nil {
						t.Fatal(err)
					}
					got := 0
					if c.network == "udp4" {
						var cm ipv4.ControlMessage
						err = cm.Parse(oob[:n])
						got = cm.TTL
					} else {
						var cm ipv6.ControlMessage
						err = cm.Parse(oob[:n])
						got = cm.HopLimit
					}
					if err != nil || got != want {
						t.Errorf("to %s with %d and %d the TTL is %d (%v), want %d", to, step.ttl, step.multi, got, err, want)
					}
				}
			}
		})
	}
}

func TestASessionHearsItsOwnGroupAsLongAsItIsLooped(t *testing.T) {
	group := netip.MustParseAddr("239.77.63.1")
	on := usualInterface(group)
	if on == nil {
		t.Skip("through loopback everything comes back")
	}
	u, w := boundUDP(t, func(c *UDPConfig) {
		c.Address, c.Groups, c.MulticastInterface = "0.0.0.0:0", []Group{{Addr: group, Interface: on.Name}}, on.Name
	})
	sender := datagramSocket(t, "udp4", "127.0.0.1:0", UDPConfig{})
	at := u.Info().Local
	for _, loop := range []bool{true, false, true} {
		c := u.Config()
		c.MulticastLoop = loop
		if err := u.Configure(c); err != nil {
			t.Fatal(err)
		}
		before := len(w.awaitIn(t, 0))
		if err := u.SendTo(netip.AddrPortFrom(group, at.Port()), []byte("own")); err != nil {
			t.Fatal(err)
		}
		want := map[bool]string{true: "own"}[loop]
		if got := marked(t, w, sender, netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), at.Port()), before); got != want {
			t.Errorf("with loop %v it hears %q", loop, got)
		}
	}
}

// TestIPv6GroupsGoThroughLoopbackOnceItHasARoute has a network of its own, where loopback is all there is.
func TestIPv6GroupsGoThroughLoopbackOnceItHasARoute(t *testing.T) {
	ip, err := exec.LookPath("ip")
	if err != nil {
		t.Skip(err)
	}
	if err := exec.Command("unshare", "--net", "true").Run(); err != nil {
		t.Skip("this user may not make a network: ", err)
	}
	if !inChild(t, func(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET} }) {
		return
	}
	if out, err := exec.Command(ip, "link", "set", "lo", "up").CombinedOutput(); err != nil {
		t.Skip(string(out), err)
	}
	if !hasIPv6(t) {
		t.Skip("no IPv6")
	}
	lo := loopbackName(t)
	groups := []Group{
		{Addr: netip.MustParseAddr("ff01::7764"), Interface: lo},
		{Addr: netip.MustParseAddr("ff02::7764"), Interface: lo},
		{Addr: netip.MustParseAddr("ff15::7764"), Interface: lo},
		{Addr: netip.MustParseAddr("ff35::7764"), Source: netip.IPv6Loopback(), Interface: lo},
	}
	for _, bind := range []string{"[::]:0", "*:0"} {
		u, w := boundUDP(t, func(c *UDPConfig) { c.Address, c.Groups, c.MulticastInterface = bind, groups, lo })
		at := u.Info().Local
		to := netip.AddrPortFrom(groups[0].Addr, at.Port())
		if bind == "[::]:0" {
			refuses(t, u, "a group without a route", u.SendTo(to, []byte("x")),
				"groups have no route through lo (choose another interface, or make one: sudo ip -6 route add local ff00::/8 dev lo)")
			if out, err := exec.Command(ip, "-6", "route", "add", "local", "ff00::/8", "dev", "lo").CombinedOutput(); err != nil {
				t.Skip(string(out), err)
			}
		}
		for n, g := range groups {
			if err := u.SendTo(netip.AddrPortFrom(g.Addr, at.Port()), []byte(g.Addr.String())); err != nil {
				t.Fatal(err)
			}
			w.until(t, g.String(), func() bool { return u.Info().In == int64(n+1) })
			if r := lastData(t, u); r.Flow.Local != netip.AddrPortFrom(g.Addr, at.Port()) || r.Flow.Remote != netip.AddrPortFrom(netip.IPv6Loopback(), at.Port()) {
				t.Errorf("%s is recorded as %v", g, r.Flow)
			}
			if r := lastSent(t, u); r.Flow.Local != netip.AddrPortFrom(netip.IPv6Loopback(), at.Port()) {
				t.Errorf("sending to %s is recorded as %v", g, r.Flow)
			}
		}
	}
}
