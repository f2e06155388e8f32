package sessions

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"wirebench/sessions/capture"
)

// refuses holds that an error says what it should, that nothing was recorded as sent, and that the socket is bound.
func refuses(t *testing.T, u *UDPSession, what string, err error, want string) {
	t.Helper()
	out := u.Info().Out
	switch {
	case err == nil, !strings.Contains(err.Error(), want):
		t.Errorf("%s: %v\nwant %s", what, err, want)
	}
	sent := int64(0)
	for _, r := range records(t, u) {
		if r.Kind == capture.Data && r.Dir == capture.Out {
			sent++
		}
	}
	if i := u.Info(); i.State != Open || i.Out != out || sent != out {
		t.Errorf("%s: info is %+v, and %d recorded as sent", what, i, sent)
	}
}

func TestASendThatCannotBeSaysWhyAndRecordsNothing(t *testing.T) {
	peer := station(t)
	four, _ := boundUDP(t, func(*UDPConfig) {})
	to := func(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }
	list := []struct {
		what string
		to   netip.AddrPort
		n    int
		want string
	}{
		{"no address", netip.AddrPort{}, 1, "no target is set"},
		{"port 0", to("127.0.0.1:0"), 1, "port 0 is no port: write 1 to 65535"},
		{"65,508 bytes", to("127.0.0.1:9"), 65_508, "a datagram over IPv4 has at most 65,507 bytes (send it in pieces)"},
		{"every address", to("0.0.0.0:9"), 1, "0.0.0.0 stands for every address, and is none to send to"},
		{"IPv6 from IPv4", to("[::1]:9"), 1, "::1 is an IPv6 address, and the socket is bound to 127.0.0.1, an IPv4 one"},
		{"broadcast without the option", to("127.255.255.255:9"), 1, "it is a broadcast address, and sending to those is off (switch broadcast on)"},
		{"broadcast to all without the option", to("255.255.255.255:9"), 1, "it is a broadcast address, and sending to those is off (switch broadcast on)"},
	}
	for _, c := range list {
		if runtime.GOOS != "linux" && strings.HasPrefix(c.what, "broadcast") {
			continue // from 127.0.0.1 there is none
		}
		refuses(t, four, c.what, four.SendTo(c.to, make([]byte, c.n)), c.want)
	}
	if hasIPv6(t) {
		six, _ := boundUDP(t, func(c *UDPConfig) { c.Address = "[::1]:0" })
		refuses(t, six, "IPv4 from IPv6", six.SendTo(to("127.0.0.1:9"), []byte("x")), "127.0.0.1 is an IPv4 address, and the socket is bound to ::1, an IPv6 one")
		refuses(t, six, "65,528 bytes", six.SendTo(to("[::1]:9"), make([]byte, 65_528)), "a datagram over IPv6 has at most 65,527 bytes")
		refuses(t, six, "no zone", six.SendTo(to("[fe80::1]:9"), []byte("x")), "is link-local and needs the interface")
		refuses(t, six, "no such zone", six.SendTo(to("[fe80::1%nosuch0]:9"), []byte("x")), `no interface "nosuch0"`)
	}
	if err := four.SetTarget(t.Context(), peer.LocalAddr().String(), true); err != nil {
		t.Fatal(err)
	}
	elsewhere := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), 9)
	refuses(t, four, "elsewhere while connected", four.SendTo(elsewhere, []byte("x")), "only "+peer.LocalAddr().String()+" is talked to at the moment")
	if _, err := four.Repeat(RepeatConfig{To: elsewhere, Count: 1}, []byte("x")); err == nil || !strings.Contains(err.Error(), "is talked to at the moment") {
		t.Errorf("repeating elsewhere while connected: %v", err)
	}
	refuses(t, four, "the broadcast address", four.SetTarget(t.Context(), "255.255.255.255:9", true), "from which no datagram comes")
	if got := four.Info().Remote.String(); got != peer.LocalAddr().String() {
		t.Errorf("what was refused made the target %s", got)
	}
	mapped := netip.AddrPortFrom(netip.AddrFrom16(netip.MustParseAddr("127.0.0.1").As16()), udpAddr(peer.LocalAddr()).Port())
	if err := four.SendTo(mapped, []byte("mapped")); err != nil || receiveText(t, peer) != "mapped" {
		t.Errorf("to the target, written as mapped: %v", err)
	}
	if r := lastSent(t, four); r.Flow.Remote.String() != peer.LocalAddr().String() {
		t.Errorf("recorded is %v", r.Flow)
	}
}

// lastSent returns the newest datagram that was sent.
func lastSent(t *testing.T, u *UDPSession) (last capture.Record) {
	t.Helper()
	for _, r := range records(t, u) {
		if r.Kind == capture.Data && r.Dir == capture.Out {
			last = r
		}
	}
	return last
}

func TestARepetitionEndsWhenAnotherBecomesTheOnlyOneToTalkTo(t *testing.T) {
	peer, other := station(t), station(t)
	for _, every := range []time.Duration{0, time.Millisecond} {
		u, w := boundUDP(t, func(*UDPConfig) {})
		r, err := u.Repeat(RepeatConfig{To: udpAddr(other.LocalAddr()), Every: every}, []byte("x"))
		if err != nil {
			t.Fatal(err)
		}
		w.until(t, "the first", func() bool { return u.Info().Out > 0 })
		if err := u.SetTarget(t.Context(), peer.LocalAddr().String(), true); err != nil {
			t.Fatal(err)
		}
		awaitDone(t, "the end of the repetition", r.Done())
		if s := r.Stats(); s.Err == nil || !strings.Contains(s.Err.Error(), "is talked to at the moment") {
			t.Errorf("every %v: %+v", every, s)
		}
	}
}

func TestDatagramsOfEverySizeGoBothWays(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		most, mtu := 65_507, 1500
		if strings.HasPrefix(address, "[") {
			if !hasIPv6(t) {
				continue
			}
			most = 65_527
		}
		a, wa := boundUDP(t, func(c *UDPConfig) { c.Address = address })
		b, wb := boundUDP(t, func(c *UDPConfig) { c.Address, c.Target = address, a.Info().Local.String() })
		if a.Info().In != 0 {
			t.Fatal("it begins with datagrams")
		}
		if err := a.SetTarget(t.Context(), b.Info().Local.String(), true); err != nil {
			t.Fatal(err)
		}
		p := noise(most)
		total := int64(0)
		for n, size := range []int{0, 1, mtu - 28, mtu, 60_001, most - 1, most, 0} {
			for _, u := range []*UDPSession{a, b} {
				if err := u.Send(p[:size]); err != nil {
					t.Fatalf("%d bytes: %v", size, err)
				}
			}
			total += int64(size)
			for _, x := range []struct {
				u *UDPSession
				w *watch
			}{{a, wa}, {b, wb}} {
				x.w.until(t, "a datagram", func() bool { return x.u.Info().In == int64(n+1) })
				if i := x.u.Info(); i.BytesIn != total || i.BytesOut != total || i.Out != int64(n+1) {
					t.Errorf("after %d bytes: %+v", size, i)
				}
			}
		}
		for _, u := range []*UDPSession{a, b} {
			var sizes [2][]int
			for _, r := range records(t, u) {
				if r.Kind != capture.Data {
					continue
				}
				sizes[r.Dir] = append(sizes[r.Dir], r.Len)
				got := make([]byte, r.Len)
				if n, err := u.Traffic().Payload(r, got, 0); n != r.Len || err != nil && n != r.Len || string(got) != string(p[:r.Len]) {
					t.Errorf("record %d holds %d other bytes, %v", r.Number, n, err)
				}
			}
			want := fmt.Sprint([]int{0, 1, mtu - 28, mtu, 60_001, most - 1, most, 0})
			if fmt.Sprint(sizes[0]) != want || fmt.Sprint(sizes[1]) != want {
				t.Errorf("recorded are %v; want %s", sizes, want)
			}
		}
	}
}

func TestNothingIsSentBeforeBindingOrAfterTheEnd(t *testing.T) {
	u, err := NewUDP(DefaultUDP(), Options{Capture: capture.Options{Dir: t.TempDir()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeSession(t, u) })
	to := netip.MustParseAddrPort("127.0.0.1:9")
	group := Group{Addr: netip.MustParseAddr("239.77.31.1")}
	check := func(when string, want error) {
		t.Helper()
		_, repeat := u.Repeat(RepeatConfig{To: to}, nil)
		for what, err := range map[string]error{
			"Send": u.Send([]byte("x")), "SendTo": u.SendTo(to, []byte("x")), "Repeat": repeat, "Join": u.Join(group), "Leave": u.Leave(group),
		} {
			if !errors.Is(err, want) {
				t.Errorf("%s %s: %v; want %v", what, when, err, want)
			}
		}
	}
	check("before it is bound", ErrNotOpen)
	if err := u.Disconnect(); !errors.Is(err, ErrNotOpen) {
		t.Errorf("unbinding what is not bound: %v", err)
	}
	if err := u.SetTarget(t.Context(), "127.0.0.1:9", false); err != nil || u.Config().Target != "127.0.0.1:9" {
		t.Errorf("a target before it is bound: %v, %+v", err, u.Config())
	}
	var bad *ConfigError
	if err := u.SetTarget(t.Context(), "127.0.0.1:0", false); !errors.As(err, &bad) || u.Config().Target != "127.0.0.1:9" {
		t.Errorf("a bad target before it is bound: %v, %+v", err, u.Config())
	}
	ctx, cancel := context.WithCancel(t.Context())
	if err := u.Start(ctx); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(patience); u.State() != Open && time.Now().Before(end); time.Sleep(time.Millisecond) {
	}
	if err := u.Send([]byte("x")); err != nil {
		t.Error(err)
	}
	cancel()
	check("once it is to end", ErrNotOpen)
	if err := u.Configure(UDPConfig{Address: "127.0.0.1:1"}); err != nil || u.Config().Address != "127.0.0.1:1" {
		t.Errorf("configuring for the next time: %v", err)
	}
	awaitDone(t, "the end", u.Done())
	check("after the end", ErrNotOpen)
	if err := u.Close(); err != nil {
		t.Fatal(err)
	}
	check("after Close", ErrClosed)
	for what, err := range map[string]error{
		"Start": u.Start(t.Context()), "Configure": u.Configure(DefaultUDP()), "SetTarget": u.SetTarget(t.Context(), "", false),
	} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%s after Close: %v", what, err)
		}
	}
	if err := u.Close(); err != nil {
		t.Errorf("Close again: %v", err)
	}
	if out := u.Info().Out; out != 1 {
		t.Errorf("%d datagrams are counted as sent", out)
	}
}

func TestJoiningAndLeavingSayWhatIsWrong(t *testing.T) {
	lo := loopbackName(t)
	u, _ := boundUDP(t, func(c *UDPConfig) { c.Address = "0.0.0.0:0" })
	g := Group{Addr: netip.MustParseAddr("239.77.32.1"), Interface: lo}
	if err := u.Join(g); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what string
		err  error
		want string
	}{
		{"twice", u.Join(g), "join 239.77.32.1 on " + lo + ": it is joined already, as "},
		{"as mapped", u.Join(Group{Addr: netip.AddrFrom16(g.Addr.As16()), Interface: lo}), "it is joined already"},
		{"no group", u.Join(Group{Addr: netip.MustParseAddr("192.0.2.1")}), "192.0.2.1 is no multicast address"},
		{"no host", u.Join(Group{Addr: g.Addr, Source: g.Addr, Interface: lo}), "is not the address of a host"},
		{"IPv6", u.Join(Group{Addr: netip.MustParseAddr("ff02::7732"), Interface: lo}), "takes no IPv6 groups"},
		{"leaving another", u.Leave(Group{Addr: g.Addr.Next(), Interface: lo}), "the group is not joined (joined are 239.77.32.1 on " + lo + ")"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) || field(c.err) != "Groups" {
			t.Errorf("%s: %v, of %q; want %s", c.what, c.err, field(c.err), c.want)
		}
	}
	if i := u.Info(); len(i.Groups) != 1 || i.Groups[0] != g || i.State != Open {
		t.Errorf("info is %+v", i)
	}
	if err := u.Leave(Group{Addr: netip.AddrFrom16(g.Addr.As16()), Interface: lo}); err != nil || len(u.Info().Groups) != 0 || len(u.Config().Groups) != 0 {
		t.Errorf("leaving it as mapped: %v, %v", err, u.Info().Groups)
	}
	if err := u.Leave(g); err == nil || !strings.Contains(err.Error(), "the group is not joined") {
		t.Errorf("leaving twice: %v", err)
	}
}

func TestAGroupIsReadAsItIsWritten(t *testing.T) {
	for _, c := range []struct{ text, want, says string }{
		{"239.1.2.3", "239.1.2.3", ""},
		{" 239.1.2.3 , 192.0.2.7 ", "239.1.2.3 from 192.0.2.7", ""},
		{"::ffff:239.1.2.3,::ffff:192.0.2.7", "239.1.2.3 from 192.0.2.7", ""},
		{"ff02::1234", "ff02::1234", ""},
		{"FF02::1234%eth0", "ff02::1234%eth0", ""},
		{"ff35::1,2001:db8::1", "ff35::1 from 2001:db8::1", ""},
		{"", "", `"" is no multicast group`},
		{"224", "", "is no multicast group"},
		{"223.255.255.255", "", "is no multicast group"},
		{"240.0.0.0", "", "is no multicast group"},
		{"255.255.255.255", "", "is no multicast group"},
		{"239.1.2.3,", "", "is no address of a host that sends to 239.1.2.3: write one, or leave it and the comma out"},
		{"239.1.2.3,host", "", `"host" is no address of a host`},
		{"239.1.2.3,239.1.2.4", "", "the source 239.1.2.4 is not the address of a host"},
		{"239.1.2.3,0.0.0.0", "", "the source 0.0.0.0 is not the address of a host"},
		{"239.1.2.3,255.255.255.255", "", "is not the address of a host"},
		{"239.1.2.3,::1", "", "the source ::1 is not of the same IP version"},
		{"ff35::1,192.0.2.7", "", "is not of the same IP version"},
	} {
		g, err := ParseGroup(c.text)
		switch {
		case c.says == "" && (err != nil || g.String() != c.want):
			t.Errorf("%q: %v, %v; want %s", c.text, g, err, c.want)
		case c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)):
			t.Errorf("%q: %v, %v; want %s", c.text, g, err, c.says)
		}
	}
}

func TestAnAddressToBindToIsReadAsItIsWritten(t *testing.T) {
	lo := loopbackName(t)
	for _, c := range []struct {
		text, host string
		port       uint16
	}{
		{"5000", "", 5000}, {":5000", "", 5000}, {"udp://:5000/", "", 5000}, {" UDP://127.0.0.1:0 ", "127.0.0.1", 0},
		{"*:5000", "*", 5000}, {"udp://*:5000", "*", 5000}, {"[::]:1", "::", 1}, {"0.0.0.0:1", "0.0.0.0", 1},
		{"[0:0:0:0:0:0:0:1]:7", "::1", 7}, {"localhost:7", "localhost", 7}, {"[fe80::1%" + lo + "]:7", "fe80::1%" + lo, 7},
		{"udp://[fe80::1%25" + lo + "]:7", "fe80::1%" + lo, 7},
	} {
		if host, port, err := ParseBind(c.text); err != nil || host != c.host || port != c.port {
			t.Errorf("%q: %q %d %v; want %q %d", c.text, host, port, err, c.host, c.port)
		}
	}
}
