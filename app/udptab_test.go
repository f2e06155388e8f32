package app

import (
	"bytes"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"wirebench/sessions"
	"wirebench/widgets"
)

// bindTab opens a datagram socket on a port of the system's choice.
func bindTab(t *testing.T, w *workbench, o *udpOptions) *udpTab {
	t.Helper()
	tab := w.newUDP(savedTab{Kind: "udp", Address: "127.0.0.1:0", UDP: o})
	tab.startTyped()
	until(t, w, "bound", func() bool { return tab.info.State == sessions.Open })
	return tab
}

// datagramPeer is a socket of somebody else.
func datagramPeer(t *testing.T) *net.UDPConn {
	t.Helper()
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	return c
}

func addrOf(c *net.UDPConn) netip.AddrPort { return c.LocalAddr().(*net.UDPAddr).AddrPort() }

// tells sends the tab a datagram and waits until it is there.
func tells(t *testing.T, w *workbench, tab *udpTab, c *net.UDPConn, text string) {
	t.Helper()
	before := tab.session.Info().In
	if _, err := c.WriteToUDPAddrPort([]byte(text), tab.info.Local); err != nil {
		t.Fatal(err)
	}
	until(t, w, "the datagram "+text, func() bool { return tab.info.In > before })
}

// hearsDatagram expects one datagram from the tab.
func hearsDatagram(t *testing.T, tab *udpTab, c *net.UDPConn, want string) {
	t.Helper()
	b := make([]byte, 1<<16)
	n, from, err := c.ReadFromUDPAddrPort(b)
	if err != nil || string(b[:n]) != want || from != tab.info.Local {
		t.Fatalf("heard %q from %v, %v; want %q from %v", b[:n], from, err, want, tab.info.Local)
	}
}

func TestAUDPTabAnswersWhoeverWrote(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := bindTab(t, w, nil)
	one, two := datagramPeer(t), datagramPeer(t)
	if got := tab.status.Status(); got.State != widgets.StatusBound || !strings.Contains(got.Detail, tab.info.Local.String()) {
		t.Errorf("the status line shows %+v", got)
	}
	tells(t, w, tab, one, "from one")
	tells(t, w, tab, two, "from two")
	until(t, w, "two peers", func() bool { return len(tab.peers.infos) == 2 })

	// The socket's own note is the first record.
	tab.traffic.list.SelectNumber(2)
	r, err := tab.traffic.log.Record(2)
	if err != nil {
		t.Fatal(err)
	}
	tab.traffic.recordChosen(r)
	w.run(t, "Reply to the sender of the selected datagram")
	if got := tab.bar.Target(); got != addrOf(one).String() {
		t.Fatalf("the target is %q, want %v", got, addrOf(one))
	}
	tab.composer.SetText("to one")
	w.run(t, "Send")
	hearsDatagram(t, tab, one, "to one")
	tab.peers.list.OnActivate(addrOf(two))
	tab.composer.SetText("")
	w.run(t, "Send")
	hearsDatagram(t, tab, two, "")

	tab.peers.list.Select([]netip.AddrPort{addrOf(two)})
	until(t, w, "the traffic of one peer", func() bool { return tab.traffic.filter != nil && tab.traffic.filter.Len() == 2 })
	w.run(t, "Only the traffic of the selected")
	until(t, w, "all again", func() bool { return tab.traffic.filter == nil })
	if !strings.HasPrefix(tab.title(), "UDP :") || tab.busy() == "" {
		t.Errorf("the tab is called %q and is busy with %q", tab.title(), tab.busy())
	}
	w.run(t, "Disconnect, stop listening or unbind")
	until(t, w, "closed", func() bool { return tab.info.State == sessions.Closed })
}

func TestAUDPTabHearsItsTargetAlone(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := bindTab(t, w, nil)
	friend, other := datagramPeer(t), datagramPeer(t)
	tab.bar.OnConnected(true)
	if tab.bar.TargetError() == "" || tab.bar.State().Connected {
		t.Error("without a target there is somebody to be heard alone")
	}
	tab.bar.SetTarget(addrOf(friend).String())
	tab.connect(true)
	if _, err := other.WriteToUDPAddrPort([]byte("other"), tab.info.Local); err != nil {
		t.Fatal(err)
	}
	until(t, w, "what is not taken", func() bool { return tab.info.Filtered == 1 })
	tells(t, w, tab, friend, "friend")
	if tab.info.In != 1 || !strings.Contains(tab.status.Status().Note, "1 datagram of others not taken") {
		t.Errorf("%d came in, and the status says %q", tab.info.In, tab.status.Status().Note)
	}
	tab.connect(false)
	tells(t, w, tab, other, "other")
}

func TestAUDPTabSaysWhatIsWrongWithATarget(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := bindTab(t, w, nil)
	peer := datagramPeer(t)
	tab.bar.SetTarget(addrOf(peer).String())
	tab.retarget()
	tab.composer.SetText("x")
	for _, c := range []struct{ target, says string }{
		{"127.0.0.1:0", "Port 0"},
		{"127.0.0.1:70000", "70000"},
		{"127.0.0.1", "port"},
		{"[::1]:9", "IPv6"},
		{"nowhere.invalid:9", "nowhere.invalid"},
	} {
		tab.bar.SetTarget(c.target)
		tab.retarget()
		until(t, w, "an error for "+c.target, func() bool { return tab.aiming == nil && tab.bar.TargetError() != "" })
		if got := tab.bar.TargetError(); !strings.Contains(got, c.says) {
			t.Errorf("%s gives %q, want something about %q", c.target, got, c.says)
		}
		if tab.bar.Target() != c.target {
			t.Errorf("what was typed became %q", tab.bar.Target())
		}
		w.run(t, "Send")
	}
	if n := tab.session.Info().Out; n != 0 {
		t.Errorf("%d datagrams went to the target of before", n)
	}
	tab.bar.SetTarget(addrOf(peer).String())
	tab.retarget()
	w.run(t, "Send")
	hearsDatagram(t, tab, peer, "x")
	if tab.bar.TargetError() != "" {
		t.Errorf("the good target has the error %q", tab.bar.TargetError())
	}
}

func TestAUDPTabSaysWhatIsWrongWithItsAddress(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	busy := datagramPeer(t)
	tab := w.newUDP(savedTab{Kind: "udp", Address: addrOf(busy).String()})
	tab.startTyped()
	until(t, w, "failed", func() bool { return tab.info.State == sessions.Failed && tab.bar.Error() != "" })
	if got := tab.bar.Error(); !strings.Contains(got, "in use") {
		t.Errorf("an address in use gives %q", got)
	}
	tab.bar.SetText("127.0.0.1:70000")
	tab.startTyped()
	if !strings.Contains(tab.bar.Error(), "70000") {
		t.Errorf("a port that is none gives %q", tab.bar.Error())
	}
	tab.bar.SetText("127.0.0.1:0")
	tab.startTyped()
	until(t, w, "bound", func() bool { return tab.info.State == sessions.Open })
}

func TestAUDPTabMindsTheSizeOfADatagram(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	peer := datagramPeer(t)
	tab := bindTab(t, w, &udpOptions{Target: addrOf(peer).String()})
	until(t, w, "a target", func() bool { return tab.info.Remote.IsValid() })
	tab.size = tab.most() + 1
	tab.aim()
	if err := tab.sendOne(bytes.Repeat([]byte("x"), tab.most()+1)); err == nil || !strings.Contains(err.Error(), "65,507") {
		t.Errorf("65,508 bytes give %v", err)
	}
	tab.info.MTU = 1500
	tab.size = 1473
	if got := tab.advice(); got != "Above the MTU of 1,500: 2 fragments" {
		t.Errorf("1,473 bytes give the advice %q", got)
	}
	tab.size = 1472
	if got := tab.advice(); got != "" {
		t.Errorf("1,472 bytes give the advice %q", got)
	}
}

func TestAUDPTabRepeatsAMessage(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	peer := datagramPeer(t)
	tab := bindTab(t, w, &udpOptions{Every: time.Millisecond, Count: 20})
	tab.composer.SetText("tick")
	w.run(t, "Repeat the message")
	if tab.repeater != nil || !strings.Contains(tab.repeat.Error(), "no target") {
		t.Errorf("without a target it says %q", tab.repeat.Error())
	}
	tab.bar.SetTarget(addrOf(peer).String())
	tab.retarget()
	w.run(t, "Repeat the message")
	for range 20 {
		hearsDatagram(t, tab, peer, "tick")
	}
	until(t, w, "the end", func() bool { return tab.repeater == nil })
	if tab.info.Out != 20 {
		t.Errorf("%d were sent", tab.info.Out)
	}
	tab.repeat.SetValues(time.Millisecond, 0)
	w.run(t, "Repeat the message")
	hearsDatagram(t, tab, peer, "tick")
	w.run(t, "Repeat the message")
	until(t, w, "the end", func() bool { return tab.repeater == nil })
}

func TestAUDPTabComesBackAsItWas(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := w.newUDP(savedTab{Kind: "udp", Address: "127.0.0.1:5000"})
	tab.bar.SetTarget("127.0.0.1:5001")
	tab.connect(true)
	v, _ := tab.options.Values()
	v.Broadcast, v.TTL, v.ReceiveBuffer, v.MulticastTTL = true, 7, 1<<20, 3
	v.Groups = []widgets.UDPGroup{{Addr: netip.MustParseAddr("239.1.2.3"), Source: netip.MustParseAddr("192.0.2.1"), Interface: "lo"}}
	tab.options.SetValues(v)
	tab.repeat.SetValues(250*time.Millisecond, 9)
	again := startAgain(t, w)
	back, ok := again.strip.current.(*udpTab)
	if !ok {
		t.Fatalf("what came back is %T", again.strip.current)
	}
	got, _ := back.options.Values()
	every, count, _ := back.repeat.Values()
	if back.bar.Text() != "127.0.0.1:5000" || back.bar.Target() != "127.0.0.1:5001" || !back.bar.State().Connected ||
		!got.Broadcast || got.TTL != 7 || got.ReceiveBuffer != 1<<20 || got.MulticastTTL != 3 || !got.MulticastLoop ||
		len(got.Groups) != 1 || got.Groups[0] != v.Groups[0] || every != 250*time.Millisecond || count != 9 {
		t.Errorf("came back at %q to %q with %+v, every %v, %d times", back.bar.Text(), back.bar.Target(), got, every, count)
	}
}

func TestUDPAddressesOfTheCommandLine(t *testing.T) {
	for _, c := range []struct{ url, address, target, fault string }{
		{"udp://127.0.0.1:5000", "127.0.0.1:5000", "", ""},
		{"udp://:5000?to=192.0.2.1:7", ":5000", "192.0.2.1:7", ""},
		{"UDP://[::1]:5000/?to=[::1]:7", "[::1]:5000", "[::1]:7", ""},
		{"udp://", ":0", "", ""},
		{"udp://127.0.0.1:70000", "", "", "70000"},
		{"udp://:0?to=127.0.0.1:0", "", "", "port"},
		{"udp://:0?to=%zz", "", "", "cannot be read"},
	} {
		address, target, err := parseUDPURL(c.url)
		if (err != nil) != (c.fault != "") || err != nil && !strings.Contains(err.Error(), c.fault) {
			t.Errorf("%s gives %v, want something about %q", c.url, err, c.fault)
		}
		if err == nil && (address != c.address || target != c.target) {
			t.Errorf("%s is %q to %q", c.url, address, target)
		}
	}
}
