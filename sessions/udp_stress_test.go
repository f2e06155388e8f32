package sessions

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wirebench/sessions/capture"
)

// openFiles counts this process's descriptors, 0 where that is not known.
func openFiles() int {
	files, _ := os.ReadDir("/proc/self/fd")
	return len(files)
}

// TestADatagramSessionKeepsItsCountsWhateverIsCalledMeanwhile calls everything from many goroutines at once, and holds
// the counts against the capture and against what the peer heard.
func TestADatagramSessionKeepsItsCountsWhateverIsCalledMeanwhile(t *testing.T) {
	lo := loopbackName(t)
	peer := station(t)
	files, before := openFiles(), runtime.NumGoroutine()
	var heard atomic.Int64
	var listening sync.WaitGroup
	listening.Go(func() {
		b := make([]byte, 1000)
		for {
			_, from, err := peer.ReadFromUDPAddrPort(b)
			if err != nil {
				return
			}
			heard.Add(1)
			_, _ = peer.WriteToUDPAddrPort([]byte("answer"), from)
		}
	})
	_ = peer.SetReadBuffer(8 << 20)
	to := udpAddr(peer.LocalAddr())
	var told struct{ in, out, errs atomic.Int64 }
	u, err := NewUDP(UDPConfig{Address: "0.0.0.0:0"}, Options{
		Capture: capture.Options{Dir: t.TempDir()},
		Resolve: resolving("127.0.0.1"),
		Observer: &hearing{
			event: func(e Event) {
				if e.Name == EventIOError {
					told.errs.Add(1)
				}
			},
			data: func(f capture.Flow, d capture.Direction, _ []byte) {
				if d == capture.In {
					told.in.Add(1)
				} else {
					told.out.Add(1)
				}
			},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	dead := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), 9)
	long := 2 * time.Second
	if testing.Short() {
		long = 300 * time.Millisecond
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	time.AfterFunc(long, func() { // and longer where the peer has had no time to answer
		for ; ctx.Err() == nil; time.Sleep(time.Millisecond) {
			if told.in.Load() > 0 && told.out.Load() > 0 {
				cancel()
			}
		}
	})
	group := Group{Addr: netip.MustParseAddr("239.77.50.1"), Interface: lo}
	rest := func(err error) {
		if err != nil { // else those that have nothing to do would keep the others from what they do
			time.Sleep(time.Millisecond)
		}
	}
	calls := []func(){
		func() { // on a busy machine it takes a while
			if !u.State().Live() || rand.IntN(10) == 0 {
				_ = u.Start(ctx)
			}
			time.Sleep(time.Duration(rand.IntN(100)) * time.Millisecond)
		},
		func() {
			if u.State() == Open {
				time.Sleep(time.Duration(rand.IntN(50)) * time.Millisecond)
				_ = u.Disconnect()
			}
			time.Sleep(time.Millisecond)
		},
		func() { rest(u.Send([]byte("to the target"))) },
		func() { rest(u.SendTo(to, []byte("to the peer"))) },
		func() { rest(u.SendTo(dead, []byte("to nobody"))) },
		func() {
			_ = u.SetTarget(ctx, []string{"", "name.example:9", to.String(), "127.0.0.1:0"}[rand.IntN(4)], rand.IntN(20) == 0)
		},
		func() {
			c := u.Config()
			c.TTL, c.Broadcast, c.MulticastTTL = rand.IntN(255), rand.IntN(2) == 0, rand.IntN(255)
			c.Target = []string{c.Target, to.String()}[rand.IntN(2)]
			if rand.IntN(2) == 0 {
				c.Groups = []Group{group}
			} else {
				c.Groups = nil
			}
			_ = u.Configure(c)
		},
		func() { rest(u.Join(group)) },
		func() { rest(u.Leave(group)) },
		func() {
			r, err := u.Repeat(RepeatConfig{To: to, Every: time.Duration(rand.IntN(2)) * 300 * time.Microsecond, Count: 1 + rand.Int64N(20)}, []byte("again"))
			rest(err)
			if err == nil && rand.IntN(2) == 0 {
				_ = r.Stats()
				r.Stop()
				<-r.Done()
			}
		},
		func() { _ = u.Info(); _ = u.Peers(nil); _ = u.State(); _ = u.Version(); time.Sleep(time.Millisecond) },
		func() { _, _ = u.Resolve(ctx, "name.example:9"); <-time.After(time.Millisecond); _ = u.Done() },
	}
	var callers sync.WaitGroup
	for _, call := range calls {
		for range 2 {
			callers.Go(func() {
				for ctx.Err() == nil {
					call()
				}
			})
		}
	}
	callers.Wait()
	closed := make(chan struct{})
	for range 4 { // from anywhere, and at once
		go func() { _ = u.Close(); closed <- struct{}{} }()
	}
	for range 4 {
		awaitDone(t, "Close", closed)
	}
	i := u.Info()
	var in, out, bytesIn, bytesOut int64
	for _, r := range manyRecords(t, u) {
		switch {
		case r.Kind != capture.Data:
		case r.Dir == capture.In:
			in, bytesIn = in+1, bytesIn+int64(r.Len)
		default:
			out, bytesOut = out+1, bytesOut+int64(r.Len)
		}
	}
	if in != i.In || out != i.Out || bytesIn != i.BytesIn || bytesOut != i.BytesOut {
		t.Errorf("recorded are %d in (%d bytes) and %d out (%d bytes): %+v", in, bytesIn, out, bytesOut, i)
	}
	if told.in.Load() != i.In || told.out.Load() != i.Out {
		t.Errorf("told were %d in and %d out: %+v", told.in.Load(), told.out.Load(), i)
	}
	var peersIn, peersOut, toPeer int64
	for _, p := range u.Peers(nil) {
		peersIn, peersOut = peersIn+p.In, peersOut+p.Out
		if p.Addr == to {
			toPeer = p.Out
		}
	}
	if peersIn != i.In || peersOut != i.Out {
		t.Errorf("the peers make %d in and %d out: %+v", peersIn, peersOut, i)
	}
	if in == 0 || out == 0 {
		t.Error("nothing happened")
	}
	reached := func() int64 { // the peer's socket, which may have had no room
		missed, _ := kernelDrops(peer)
		return heard.Load() + int64(missed)
	}
	for end := time.Now().Add(patience); reached() < toPeer && time.Now().Before(end); time.Sleep(time.Millisecond) {
	}
	if n := reached(); n != toPeer {
		t.Errorf("%d datagrams came to the peer, of %d", n, toPeer)
	}
	_ = peer.Close()
	listening.Wait()
	if err := u.Traffic().Release(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(patience); runtime.NumGoroutine() > before && time.Now().Before(end); time.Sleep(time.Millisecond) {
	}
	if n := runtime.NumGoroutine(); n > before {
		t.Errorf("%d goroutines, %d before", n, before)
	}
	if n := openFiles(); n > files {
		t.Errorf("%d descriptors, %d before", n, files)
	}
	t.Logf("%d in, %d out, %d errors", i.In, i.Out, i.SendErrors)
}

// manyRecords is records for captures of many thousands.
func manyRecords(t *testing.T, u *UDPSession) (all []capture.Record) {
	t.Helper()
	if err := u.Traffic().Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	some := make([]capture.Record, 1000)
	for {
		n, err := u.Traffic().Records(int64(len(all))+1, some)
		all = append(all, some[:n]...)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestBindingAgainKeepsTheCountsAndLeavesNothingOpen(t *testing.T) {
	peer := station(t)
	u, w := boundUDP(t, func(*UDPConfig) {})
	if err := u.Traffic().Flush(t.Context()); err != nil { // the capture's file is open
		t.Fatal(err)
	}
	files := openFiles()
	for round := range int64(20) {
		at := u.Info().Local
		if err := u.SendTo(udpAddr(peer.LocalAddr()), []byte("out")); err != nil {
			t.Fatal(err)
		}
		sendText(t, peer, at, "in")
		w.until(t, "the datagram", func() bool { return u.Info().In == round+1 })
		bound := 0
		if round%2 == 0 {
			if err := u.Disconnect(); err != nil {
				t.Fatal(err)
			}
			awaitDone(t, "the end", u.Done())
		}
		w.mu.Lock()
		for _, e := range w.events {
			if e.Name == EventListening {
				bound++
			}
		}
		w.mu.Unlock()
		if err := u.Start(t.Context()); err != nil { // the same port again, if it is still bound
			t.Fatal(err)
		}
		w.until(t, "another socket", func() bool {
			n := 0
			for _, e := range w.events {
				if e.Name == EventListening {
					n++
				}
			}
			return n == bound+1
		})
		if i := u.Info(); i.In != round+1 || i.Out != round+1 || i.State != Open || i.Peers != 1 {
			t.Fatalf("info is %+v", i)
		}
	}
	if n := openFiles(); n > files {
		t.Errorf("%d descriptors, %d before", n, files)
	}
	// Each socket's events have its own state: a close is told by one that has closed.
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.events {
		if e.Name == EventClose && e.State != Closed || e.Name == EventListening && e.State != Open {
			t.Errorf("%s is told in the state %v", e.Name, e.State)
		}
	}
}

func TestEachOfTenThousandPeersIsCounted(t *testing.T) {
	const peers, each = 10_000, 3
	u, _ := boundUDP(t, func(c *UDPConfig) { c.Address, c.ReceiveBuffer = "0.0.0.0:0", 64<<20 })
	if runtime.GOOS != "linux" {
		t.Skip("loopback has one address")
	}
	port := u.Info().Local.Port()
	sent := int64(0)
	for n := range peers / 100 {
		from := netip.AddrFrom4([4]byte{127, 1, byte(n), 1})
		var conns []*net.UDPConn
		for range 100 {
			c, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(from, 0)))
			if err != nil {
				t.Fatal(err)
			}
			conns = append(conns, c)
		}
		for k := range each {
			for _, c := range conns {
				sendText(t, c, netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port), strings.Repeat("x", k))
				sent++
			}
		}
		for _, c := range conns {
			_ = c.Close()
		}
		// The system may have no room for more than a few hundred.
		for end := time.Now().Add(patience); u.Info().In+u.Info().KernelDropped < sent && time.Now().Before(end); time.Sleep(100 * time.Microsecond) {
		}
	}
	i := u.Info()
	list := u.Peers(nil)
	if i.In != sent || len(list) != peers || i.Peers != peers || i.PeersForgotten != 0 {
		t.Fatalf("%d peers listed: %+v", len(list), i)
	}
	for _, p := range list {
		if p.In != each || p.BytesIn != 0+1+2 || p.Out != 0 || p.First.After(p.Last) || p.First.IsZero() {
			t.Fatalf("a peer is %+v", p)
		}
	}
	// An answer to each leaves from the address that each wrote to, and is counted.
	for _, p := range list[:500] {
		if err := u.SendTo(p.Addr, []byte("yes")); err != nil {
			t.Fatal(err)
		}
	}
	if p := u.Peers(nil); p[499].Out != 1 || p[500].Out != 0 {
		t.Errorf("%+v and %+v", p[499], p[500])
	}
}

func TestPeersBeyondTheLimitAreCountedTogether(t *testing.T) {
	var table peerTable
	list := make([]capture.Datagram, 64)
	for n := 0; n < mostPeers+640; n += len(list) {
		for i := range list {
			a := netip.AddrFrom4([4]byte{10, byte((n + i) >> 16), byte((n + i) >> 8), byte(n + i)})
			list[i] = capture.Datagram{Flow: capture.Flow{Remote: netip.AddrPortFrom(a, 7)}, Payload: []byte("xx")}
		}
		table.countAll(capture.In, list)
	}
	table.count(netip.MustParseAddrPort("192.0.2.1:9"), capture.Out, 5, time.Now())
	table.count(list[0].Flow.Remote, capture.Out, 5, time.Now())
	table.count(netip.MustParseAddrPort("10.0.0.0:7"), capture.Out, 5, time.Now()) // has its place
	peers, forgotten := table.size()
	if peers != mostPeers || forgotten != 640+2 {
		t.Errorf("%d peers, %d datagrams forgotten", peers, forgotten)
	}
	if p := table.list[0]; p.In != 1 || p.BytesIn != 2 || p.Out != 1 || p.BytesOut != 5 {
		t.Errorf("the first is %+v", p.PeerInfo)
	}
	if a := table.wroteTo(netip.MustParseAddrPort("192.0.2.1:9")); a.IsValid() {
		t.Errorf("one that has no place wrote to %v", a)
	}
}
