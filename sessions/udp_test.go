package sessions

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"wirebench/sessions/capture"
)

// datagrams returns a bound session; the end of the test closes it.
func datagrams(tb testing.TB, change func(*UDPConfig)) (*UDPSession, *watch) {
	tb.Helper()
	w := newWatch(nil)
	c := DefaultUDP()
	c.Address = "127.0.0.1:0"
	if change != nil {
		change(&c)
	}
	u, err := NewUDP(c, Options{Observer: w, Capture: capture.Options{Dir: tb.TempDir()}})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { closeSession(tb, u) })
	if err := u.Start(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	w.named(tb, EventListening)
	return u, w
}

// station is the other end of datagrams.
func station(tb testing.TB) *net.UDPConn {
	tb.Helper()
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	return c
}

func TestDatagramsGoBothWaysWithTheirBorders(t *testing.T) {
	peer := station(t)
	u, w := datagrams(t, func(c *UDPConfig) { c.Target = peer.LocalAddr().String() })
	sent := []string{"one", "", "three"}
	for _, text := range sent {
		if err := u.Send([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	buf := make([]byte, 100)
	for _, want := range sent {
		n, from, err := peer.ReadFromUDPAddrPort(buf)
		if err != nil || string(buf[:n]) != want || from != u.Info().Local {
			t.Fatalf("the peer got %q from %v, %v; want %q from %v", buf[:n], from, err, want, u.Info().Local)
		}
		if _, err := peer.WriteToUDPAddrPort(append([]byte("re: "), buf[:n]...), from); err != nil {
			t.Fatal(err)
		}
	}
	w.until(t, "the answers", func() bool { return u.Info().In == 3 })
	i := u.Info()
	if i.Out != 3 || i.BytesOut != 8 || i.BytesIn != 20 || i.KernelDropped != 0 || i.State != Open || i.Peers != 1 {
		t.Errorf("info is %+v", i)
	}
	if p := u.Peers(nil); len(p) != 1 || p[0].In != 3 || p[0].Out != 3 || p[0].Addr.String() != peer.LocalAddr().String() {
		t.Errorf("peers are %+v", p)
	}
	if err := u.Close(); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range records(t, u) {
		if r.Kind == capture.Data {
			got = append(got, fmt.Sprintf("%s %d", r.Dir, r.Len))
		}
	}
	if text := strings.Join(got, ", "); strings.Count(text, "out") != 3 || strings.Count(text, "in") != 3 || !strings.HasPrefix(text, "out 3, out 0, out 5") {
		t.Errorf("the capture holds %s", text)
	}
}

func TestWhatCannotBeSentIsRefusedAndNotRecorded(t *testing.T) {
	u, _ := datagrams(t, nil)
	if err := u.Send([]byte("x")); !errors.Is(err, ErrNoTarget) {
		t.Errorf("without a target: %v", err)
	}
	for name, c := range map[string]struct {
		to   string
		n    int
		says string
	}{
		"too much":                 {"127.0.0.1:9", 65_508, "at most 65,507"},
		"port 0":                   {"127.0.0.1:0", 1, "port 0"},
		"another network entirely": {"192.0.2.1:9", 1, "192.0.2.1"},
		"IPv6":                     {"[::1]:9", 1, "[::1]:9"},
	} {
		err := u.SendTo(netip.MustParseAddrPort(c.to), make([]byte, c.n))
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if i := u.Info(); i.Out != 0 || u.State() != Open {
		t.Errorf("info is %+v", i)
	}
}

func TestConnectTakesDatagramsOfTheTargetAlone(t *testing.T) {
	peer, other := station(t), station(t)
	u, w := datagrams(t, func(c *UDPConfig) { c.Target, c.Connect = peer.LocalAddr().String(), true })
	to := u.Info().Local
	for _, s := range []*net.UDPConn{other, peer} {
		if _, err := s.WriteToUDPAddrPort([]byte("hello"), to); err != nil {
			t.Fatal(err)
		}
	}
	w.until(t, "the datagram of the target", func() bool { return u.Info().In == 1 })
	if i := u.Info(); i.Filtered != 1 {
		t.Errorf("info is %+v", i)
	}
	if err := u.SendTo(udpAddr(other.LocalAddr()), []byte("x")); err == nil {
		t.Error("it sends elsewhere")
	}
	if err := u.SetTarget(t.Context(), peer.LocalAddr().String(), false); err != nil {
		t.Fatal(err)
	}
	if _, err := other.WriteToUDPAddrPort([]byte("hello"), to); err != nil {
		t.Fatal(err)
	}
	w.until(t, "the datagram of the other", func() bool { return u.Info().In == 2 })
}

func TestAFloodOfDatagramsLosesNone(t *testing.T) {
	const count = 50_000
	u, _ := datagrams(t, nil)
	peer := station(t)
	to := u.Info().Local
	want := make([]byte, 0, count*8)
	for n := range count {
		p := fmt.Appendf(nil, "%08d", n)
		want = append(want, p...)
		if _, err := peer.WriteToUDPAddrPort(p, to); err != nil {
			t.Fatal(err)
		}
	}
	for end := time.Now().Add(patience); u.Info().In+u.Info().KernelDropped < count && time.Now().Before(end); time.Sleep(time.Millisecond) {
	}
	i := u.Info()
	if i.In+i.KernelDropped != count {
		t.Fatalf("%d arrived and %d were dropped, of %d", i.In, i.KernelDropped, count)
	}
	if err := u.Traffic().Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(want))
	n, _ := u.Traffic().ReadAt(capture.InOnly, got, 0)
	if i.KernelDropped == 0 && !bytes.Equal(got, want) {
		t.Errorf("the %d bytes of the capture differ from what was sent", n)
	}
	t.Logf("%d dropped with %d bytes of receive buffer", i.KernelDropped, i.ReceiveBuffer)
}

func TestADatagramIsRepeated(t *testing.T) {
	peer := station(t)
	u, _ := datagrams(t, func(c *UDPConfig) { c.Target = peer.LocalAddr().String() })
	for name, c := range map[string]RepeatConfig{
		"every millisecond": {To: udpAddr(peer.LocalAddr()), Every: time.Millisecond, Count: 50},
		"flat out":          {To: udpAddr(peer.LocalAddr()), Count: 150},
	} {
		before := u.Info().Out
		r, err := u.Repeat(c, []byte("again"))
		if err != nil {
			t.Fatal(err)
		}
		awaitDone(t, "the repetition "+name, r.Done())
		if s := r.Stats(); s.Sent != c.Count || s.Failed != 0 || s.Err != nil || s.Running || u.Info().Out-before != c.Count {
			t.Errorf("%s: %+v, %d counted", name, s, u.Info().Out-before)
		}
	}
	r, err := u.Repeat(RepeatConfig{To: udpAddr(peer.LocalAddr()), Every: time.Hour}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := u.Close(); err != nil {
		t.Fatal(err)
	}
	awaitDone(t, "the end of a repetition with its socket", r.Done())
}

func TestASocketIsUnboundAndBoundAgain(t *testing.T) {
	u, w := datagrams(t, nil)
	first := u.Info().Local
	if err := u.Disconnect(); err != nil {
		t.Fatal(err)
	}
	awaitDone(t, "the end", u.Done())
	if i := u.Info(); i.State != Closed {
		t.Errorf("info is %+v", i)
	}
	if err := u.Send([]byte("x")); !errors.Is(err, ErrNotOpen) {
		t.Errorf("sending on a closed socket: %v", err)
	}
	c := u.Config()
	c.Address = first.String()
	if err := u.Configure(c); err != nil {
		t.Fatal(err)
	}
	if err := u.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.until(t, "bound again", func() bool { return u.Info().State == Open })
	if u.Info().Local != first {
		t.Errorf("it is bound to %v", u.Info().Local)
	}
}
