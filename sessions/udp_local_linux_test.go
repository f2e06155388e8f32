package sessions

import (
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"wirebench/sessions/capture"
)

// ownAddrs returns this machine's addresses beside loopback, with the interface of each.
func ownAddrs(t *testing.T) (all []netip.Addr, on []string) {
	t.Helper()
	list, err := Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range list {
		for _, p := range i.Addrs {
			if i.Up && !i.Loopback {
				all, on = append(all, i.Zoned(p.Addr())), append(on, i.Name)
			}
		}
	}
	return all, on
}

// lastData returns the newest Data record of a session.
func lastData(t *testing.T, u *UDPSession) capture.Record {
	t.Helper()
	all := records(t, u)
	for n := len(all) - 1; n >= 0; n-- {
		if all[n].Kind == capture.Data {
			return all[n]
		}
	}
	t.Fatal("the capture holds no datagram")
	return capture.Record{}
}

// TestWhatIsSentFromEveryAddressIsRecordedWithTheOneItLeftFrom holds the record of each datagram against what
// its receiver is told of the sender.
func TestWhatIsSentFromEveryAddressIsRecordedWithTheOneItLeftFrom(t *testing.T) {
	type one struct{ network, bind, to, group, through string }
	list := []one{
		{"udp4", "0.0.0.0:0", "127.0.0.1", "", ""},
		{"udp4", "0.0.0.0:0", "127.0.0.2", "", ""}, // leaves from 127.0.0.1
		{"udp4", "*:0", "127.0.0.2", "", ""},
		{"udp4", "0.0.0.0:0", "127.255.255.255", "", ""},
		{"udp4", "0.0.0.0:0", "239.77.20.1", "239.77.20.1", "lo"},
		{"udp4", "*:0", "239.77.20.1", "239.77.20.1", "lo"},
		{"udp6", "[::]:0", "::1", "", ""},
		{"udp6", "*:0", "::1", "", ""},
	}
	addrs, on := ownAddrs(t)
	for n, a := range addrs {
		network, bind, group := "udp4", "0.0.0.0:0", "239.77.20.2"
		if a.Is6() {
			network, bind, group = "udp6", "[::]:0", "ff15::7720"
		}
		list = append(list, one{network, bind, a.String(), "", ""}, one{network, "*:0", a.String(), "", ""})
		if i, err := multicastInterface(on[n]); err == nil && i.Flags&net.FlagMulticast != 0 {
			list = append(list, one{network, bind, group, group, on[n]}, one{network, "*:0", group, group, on[n]})
			if a.Is6() {
				list = append(list, one{network, bind, "ff02::7720%" + on[n], "ff02::7720", on[n]})
			} else {
				list = append(list, one{network, bind, group, group, ""}, one{network, bind, "255.255.255.255", "", ""})
			}
		}
	}
	for _, c := range list {
		t.Run(strings.TrimSpace(c.bind+" to "+c.to+" "+c.through), func(t *testing.T) {
			if c.network == "udp6" && !hasIPv6(t) {
				t.Skip("no IPv6")
			}
			conn, m := groupSocket(t, c.network, ":0", DefaultUDP())
			if c.group != "" {
				join := c.through
				if join == "" {
					join = usualInterface(netip.MustParseAddr(c.group)).Name
				}
				// What one interface sends, loopback delivers on that interface.
				if err := m.join(Group{Addr: netip.MustParseAddr(c.group), Interface: join}); err != nil {
					t.Fatal(err)
				}
			}
			u, _ := boundUDP(t, func(d *UDPConfig) { d.Address, d.Broadcast, d.MulticastInterface = c.bind, true, c.through })
			to := netip.AddrPortFrom(netip.MustParseAddr(c.to), udpAddr(conn.LocalAddr()).Port())
			if err := u.SendTo(to, []byte("where from")); err != nil {
				t.Fatal(err)
			}
			_ = conn.SetReadDeadline(time.Now().Add(patience))
			p := make([]byte, 100)
			n, from, err := conn.ReadFromUDPAddrPort(p)
			if err != nil || string(p[:n]) != "where from" {
				t.Fatal(string(p[:n]), err)
			}
			from = netip.AddrPortFrom(from.Addr().Unmap().WithZone(""), from.Port())
			r := lastData(t, u)
			if r.Flow.Local != from || r.Dir != capture.Out {
				t.Errorf("recorded is %v; it left from %v", r.Flow, from)
			}
		})
	}
}

// TestWhatArrivesAtEveryAddressIsRecordedWithTheOneItWasSentTo sends to addresses, a group and a broadcast address.
func TestWhatArrivesAtEveryAddressIsRecordedWithTheOneItWasSentTo(t *testing.T) {
	lo := loopbackName(t)
	type one struct{ network, bind, from, to string }
	list := []one{
		{"udp4", "0.0.0.0:0", "127.0.0.1:0", "127.0.0.3"},
		{"udp4", "*:0", "127.0.0.1:0", "127.0.0.3"},
		{"udp4", "0.0.0.0:0", "127.0.0.1:0", "127.255.255.255"},
		{"udp4", "*:0", "127.0.0.1:0", "127.255.255.255"},
		{"udp4", "0.0.0.0:0", "127.0.0.1:0", "239.77.21.1"},
		{"udp4", "*:0", "127.0.0.1:0", "239.77.21.1"},
		{"udp6", "[::]:0", "[::1]:0", "::1"},
		{"udp6", "*:0", "[::1]:0", "::1"},
	}
	addrs, _ := ownAddrs(t)
	for _, a := range addrs {
		if a.Is6() {
			list = append(list, one{"udp6", "[::]:0", "[::]:0", a.String()}, one{"udp6", "*:0", "[::]:0", a.String()})
		}
	}
	for _, c := range list {
		t.Run(c.bind+" to "+c.to, func(t *testing.T) {
			if c.network == "udp6" && !hasIPv6(t) {
				t.Skip("no IPv6")
			}
			a := netip.MustParseAddr(c.to)
			u, w := boundUDP(t, func(d *UDPConfig) {
				d.Address = c.bind
				if a.IsMulticast() {
					d.Groups = []Group{{Addr: a, Interface: lo}}
				}
			})
			sender, _ := groupSocket(t, c.network, c.from, UDPConfig{Broadcast: true, MulticastInterface: lo, MulticastLoop: true})
			to := netip.AddrPortFrom(a, u.Info().Local.Port())
			sendText(t, sender, to, "where to")
			w.awaitIn(t, len("where to"))
			if r := lastData(t, u); r.Flow.Local != netip.AddrPortFrom(a.WithZone(""), to.Port()) {
				t.Errorf("recorded is %v; it was sent to %v", r.Flow, to)
			}
		})
	}
}

func TestTheWayOfAPeerIsAskedOnceAndForgottenInTime(t *testing.T) {
	var table localTable
	asked := 0
	ask := func() netip.Addr { asked++; return netip.MustParseAddr("192.0.2.1") }
	for range 3 {
		for n := range mostKnown {
			a := netip.AddrFrom4([4]byte{10, 0, byte(n >> 8), byte(n)})
			if got := table.find(a, ask); got.String() != "192.0.2.1" {
				t.Fatal(got)
			}
		}
	}
	if asked != mostKnown {
		t.Errorf("asked %d times about %d addresses", asked, mostKnown)
	}
	table.find(netip.MustParseAddr("10.9.9.9"), ask)
	if n := len(table.to); n > mostKnown {
		t.Errorf("%d addresses are kept", n)
	}
	for range 2 {
		asked = 0
		if got := table.find(netip.MustParseAddr("10.8.8.8"), func() netip.Addr { asked++; return netip.Addr{} }); got.IsValid() || asked != 1 {
			t.Errorf("without a way it is %v, asked %d times", got, asked)
		}
	}
	asked = 0
	table.since = time.Now().Add(-2 * knownFor)
	table.find(netip.MustParseAddr("10.9.9.9"), ask)
	table.forget()
	table.find(netip.MustParseAddr("10.9.9.9"), ask)
	if asked != 2 {
		t.Errorf("asked %d times after a while and after a change", asked)
	}
}

// TestAPeerIsAnsweredFromTheAddressItWroteTo has a peer write to an address that the system would not answer from.
func TestAPeerIsAnsweredFromTheAddressItWroteTo(t *testing.T) {
	type one struct{ network, bind, peer, to, want string }
	list := []one{
		{"udp4", "0.0.0.0:0", "127.0.0.1:0", "127.0.0.2", "127.0.0.2"},
		{"udp4", "*:0", "127.0.0.1:0", "127.0.0.2", "127.0.0.2"},
		{"udp4", "0.0.0.0:0", "127.0.0.1:0", "127.255.255.255", "127.0.0.1"},
		{"udp4", "*:0", "127.0.0.1:0", "127.255.255.255", "127.0.0.1"},
		{"udp4", "127.0.0.3:0", "127.0.0.1:0", "127.0.0.3", "127.0.0.3"},
	}
	addrs, _ := ownAddrs(t)
	for _, a := range addrs {
		if a.Is6() && !a.IsLinkLocalUnicast() {
			list = append(list, one{"udp6", "[::]:0", "[::1]:0", a.String(), a.String()}, one{"udp6", "*:0", "[::1]:0", a.String(), a.String()})
			break
		}
	}
	for _, c := range list {
		t.Run(c.bind+" at "+c.to, func(t *testing.T) {
			u, w := boundUDP(t, func(d *UDPConfig) { d.Address = c.bind })
			peer := datagramSocket(t, c.network, c.peer, UDPConfig{Broadcast: true})
			_ = peer.SetReadDeadline(time.Now().Add(patience))
			sendText(t, peer, netip.AddrPortFrom(netip.MustParseAddr(c.to), u.Info().Local.Port()), "question")
			w.awaitIn(t, len("question"))
			back := udpAddr(peer.LocalAddr())
			if err := u.SendTo(back, []byte("answer")); err != nil {
				t.Fatal(err)
			}
			r, err := u.Repeat(RepeatConfig{To: back, Count: 2}, []byte("answer"))
			if err != nil {
				t.Fatal(err)
			}
			awaitDone(t, "the repetition", r.Done())
			want := netip.AddrPortFrom(netip.MustParseAddr(c.want), u.Info().Local.Port())
			for range 3 {
				p := make([]byte, 10)
				n, from, err := peer.ReadFromUDPAddrPort(p)
				if err != nil || string(p[:n]) != "answer" || from != want {
					t.Errorf("%q came from %v (%v); want it from %v", p[:n], from, err, want)
				}
			}
			n := 0
			for _, r := range records(t, u) {
				if r.Kind == capture.Data && r.Dir == capture.Out {
					if n++; r.Flow.Local != want {
						t.Errorf("recorded is %v", r.Flow)
					}
				}
			}
			if n != 3 {
				t.Errorf("%d are recorded as sent", n)
			}
		})
	}
}

func TestTheZoneOfASenderIsTheNameOfItsInterface(t *testing.T) {
	lo, err := net.InterfaceByName(loopbackName(t))
	if err != nil {
		t.Fatal(err)
	}
	var z zoneNames
	for _, c := range []struct {
		addr  string
		index uint32
		want  string
	}{
		{"fe80::1", uint32(lo.Index), "fe80::1%" + lo.Name}, {"fe80::2", uint32(lo.Index), "fe80::2%" + lo.Name},
		{"fe80::1", 99_999, "fe80::1%99999"}, {"2001:db8::1", 0, "2001:db8::1"}, {"::ffff:192.0.2.1", uint32(lo.Index), "192.0.2.1"},
	} {
		if got := z.zoned(netip.MustParseAddr(c.addr), c.index).String(); got != c.want {
			t.Errorf("%s from %d is %s, want %s", c.addr, c.index, got, c.want)
		}
	}
	z.names[uint32(lo.Index)], z.since = "old", time.Now().Add(-2*zonesFor)
	if got := z.zoned(netip.MustParseAddr("fe80::1"), uint32(lo.Index)).Zone(); got != lo.Name {
		t.Errorf("after a while it is still %q", got)
	}
}
