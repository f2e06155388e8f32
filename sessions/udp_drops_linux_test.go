package sessions

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"wirebench/sessions/capture"
)

// connOf returns the socket of a session that is bound.
func connOf(t *testing.T, u *UDPSession) *net.UDPConn {
	t.Helper()
	s, err := u.socket("test")
	if err != nil {
		t.Fatal(err)
	}
	return s.conn
}

// TestWhatTheKernelDropsIsCountedExactly holds up the reader of a socket with little room, and floods it: what arrived
// and what was dropped make all that was sent, and the drops are the kernel's own number, also while the reader still
// waits, and whatever ends the socket.
func TestWhatTheKernelDropsIsCountedExactly(t *testing.T) {
	const sent = 5000
	for _, c := range []struct{ network, bind, from, to string }{
		{"udp4", "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1"},
		{"udp4", "0.0.0.0:0", "127.0.0.1:0", "127.0.0.2"},
		{"udp4", "*:0", "127.0.0.1:0", "127.0.0.1"},
		{"udp6", "[::1]:0", "[::1]:0", "::1"},
		{"udp6", "*:0", "[::1]:0", "::1"},
	} {
		for _, end := range []string{"read to the end", "unbound meanwhile", "bound again meanwhile", "closed meanwhile"} {
			t.Run(c.bind+" "+end, func(t *testing.T) {
				if c.network == "udp6" && !hasIPv6(t) {
					t.Skip("no IPv6")
				}
				g, total := newGate(), int64(sent)
				u, err := NewUDP(UDPConfig{Address: c.bind, ReceiveBuffer: 20_000}, Options{Observer: g, Capture: capture.Options{Dir: t.TempDir()}})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { closeSession(t, u) })
				if err := u.Start(t.Context()); err != nil {
					t.Fatal(err)
				}
				g.await(t)
				conn := connOf(t, u)
				sender := datagramSocket(t, c.network, c.from, UDPConfig{})
				to := u.Info().Local
				to = udpAddr(&net.UDPAddr{IP: net.ParseIP(c.to), Port: int(to.Port())})
				for n := range sent {
					sendText(t, sender, to, fmt.Sprintf("%08d", n))
				}
				want := int64(procDrops(t, conn))
				if i := u.Info(); want == 0 || i.KernelDropped != want {
					t.Fatalf("while the reader waits, %d are counted as dropped; /proc says %d", i.KernelDropped, want)
				}
				switch end {
				case "read to the end":
					g.open()
					for stop := time.Now().Add(patience); u.Info().In+want < sent && time.Now().Before(stop); time.Sleep(time.Millisecond) {
					}
					if got := int64(procDrops(t, conn)); got != want {
						t.Errorf("/proc says %d now, %d before", got, want)
					}
					// One more, which comes with the count beside it.
					before := u.Info().In
					sendText(t, sender, to, "12345678")
					for stop := time.Now().Add(patience); u.Info().In == before && time.Now().Before(stop); time.Sleep(time.Millisecond) {
					}
					if i := u.Info(); i.In != before+1 || i.KernelDropped != want {
						t.Errorf("after another one: %+v", i)
					}
					if err := u.Disconnect(); err != nil {
						t.Fatal(err)
					}
					awaitDone(t, "the end", u.Done())
					total++
				case "unbound meanwhile":
					if err := u.Disconnect(); err != nil {
						t.Fatal(err)
					}
					g.open()
					awaitDone(t, "the end", u.Done())
				case "bound again meanwhile":
					done := u.Done()
					g.bound = make(chan struct{})
					if err := u.Start(t.Context()); err != nil {
						t.Fatal(err)
					}
					g.open()
					awaitDone(t, "the end of the first socket", done)
					g.await(t)
				case "closed meanwhile":
					go func() { time.Sleep(time.Millisecond); g.open() }()
					if err := u.Close(); err != nil {
						t.Fatal(err)
					}
				}
				if i := u.Info(); i.KernelDropped != want || i.In+i.KernelDropped != total {
					t.Errorf("%d arrived and %d dropped of %d; /proc says %d", i.In, i.KernelDropped, total, want)
				}
				told := false
				for _, r := range manyRecords(t, u) {
					told = told || r.Kind == capture.Note && strings.Contains(r.Note, "the system had no room for "+thousands(want)+" datagrams")
				}
				if !told {
					t.Error("the capture does not say so")
				}
			})
		}
	}
}
