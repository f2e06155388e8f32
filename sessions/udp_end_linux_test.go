package sessions

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"wirebench/sessions/capture"
)

// TestWhatArrivedBeforeTheEndIsRecorded floods a socket while it is unbound: what the system took is recorded or
// counted as dropped, the rest it refused.
func TestWhatArrivedBeforeTheEndIsRecorded(t *testing.T) {
	list := []struct{ network, bind, from string }{
		{"udp4", "127.0.0.1:0", "127.0.0.1:0"}, {"udp4", "0.0.0.0:0", "127.0.0.1:0"}, {"udp4", "*:0", "127.0.0.1:0"},
		{"udp6", "[::1]:0", "[::1]:0"}, {"udp6", "[::]:0", "[::1]:0"}, {"udp6", "*:0", "[::1]:0"},
	}
	addrs, _ := ownAddrs(t)
	for _, a := range addrs {
		if a.IsLinkLocalUnicast() && a.Is6() {
			at := netip.AddrPortFrom(a, 0).String()
			list = append(list, struct{ network, bind, from string }{"udp6", at, at})
			break
		}
	}
	for _, c := range list {
		t.Run(c.bind+" from "+c.from, func(t *testing.T) {
			if c.network == "udp6" && !hasIPv6(t) {
				t.Skip("no IPv6")
			}
			to := netip.MustParseAddrPort(c.from).Addr()
			needsEveryICMP(t, to)
			sender := datagramSocket(t, c.network, c.from, UDPConfig{})
			for round := range 10 {
				u, _ := boundUDP(t, func(d *UDPConfig) { d.Address = c.bind })
				to := netip.AddrPortFrom(to, u.Info().Local.Port())
				go func() {
					time.Sleep(time.Duration(round) * 300 * time.Microsecond)
					_ = u.Disconnect()
				}()
				var refused []uint32
				n := uint32(0)
				for ; len(refused) < 20; n++ {
					p := binary.BigEndian.AppendUint32(nil, n)
					for {
						_, err := sender.WriteToUDPAddrPort(p, to)
						drainErrors(sender, func(e undelivered) { refused = append(refused, binary.BigEndian.Uint32(e.payload)) })
						if err == nil {
							break
						}
					}
				}
				awaitDone(t, "the end", u.Done())
				i := u.Info()
				if i.In+i.KernelDropped+int64(len(refused)) != int64(n) {
					t.Errorf("%d sent, %d recorded, %d dropped, %d refused", n, i.In, i.KernelDropped, len(refused))
				}
				got := captured(t, u, capture.InOnly)
				if i.KernelDropped > 0 {
					continue
				}
				for k := uint32(0); len(got) > 0; k, got = k+1, got[4:] {
					if slices.Contains(refused, k) {
						t.Fatalf("%d was refused, and %d recorded", k, binary.BigEndian.Uint32(got))
					}
					if binary.BigEndian.Uint32(got) != k {
						t.Fatalf("%d is recorded in the place of %d", binary.BigEndian.Uint32(got), k)
					}
				}
			}
		})
	}
}

// TestWhatTheObserverHeldUpIsRecordedAtTheEnd unbinds a socket whose reader is busy with the first of many datagrams.
func TestWhatTheObserverHeldUpIsRecordedAtTheEnd(t *testing.T) {
	g := newGate()
	u, err := NewUDP(UDPConfig{Address: "127.0.0.1:0"}, Options{Observer: g, Capture: capture.Options{Dir: t.TempDir()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeSession(t, u) })
	if err := u.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	g.await(t)
	sender := datagramSocket(t, "udp4", "127.0.0.1:0", UDPConfig{})
	to := u.Info().Local
	for range 1000 {
		sendText(t, sender, to, "waits")
	}
	if err := u.Disconnect(); err != nil {
		t.Fatal(err)
	}
	g.open()
	awaitDone(t, "the end", u.Done())
	if i := u.Info(); i.In+i.KernelDropped != 1000 || i.In < 500 {
		t.Errorf("info is %+v", i)
	}
	story := strings.Join(story(records(t, u)), "; ")
	if strings.Contains(story, "before all") {
		t.Errorf("the capture says %s", story)
	}
}
