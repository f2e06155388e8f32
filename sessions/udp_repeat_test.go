package sessions

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"wirebench/sessions/capture"
)

// paces are the two ways of repeating.
var paces = map[string]time.Duration{"paced": 200 * time.Microsecond, "flat out": 0}

// repeating begins a repetition.
func repeating(tb testing.TB, u *UDPSession, c RepeatConfig, p []byte) *Repeater {
	tb.Helper()
	r, err := u.Repeat(c, p)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// sentOnly fails unless the capture has exactly n datagrams that went out, each of them p.
func sentOnly(tb testing.TB, u *UDPSession, n int64, p []byte) {
	tb.Helper()
	if err := u.Traffic().Flush(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	if st := u.Traffic().Stats(); st.OutRecords != n || st.OutBytes != n*int64(len(p)) || st.LostRecords != 0 {
		tb.Errorf("the capture has %d datagrams of %d bytes in all that went out, and lost %d; sent were %d", st.OutRecords, st.OutBytes, st.LostRecords, n)
	}
	if i := u.Info(); i.Out != n || i.BytesOut != n*int64(len(p)) {
		tb.Errorf("it says that it sent %d datagrams of %d bytes in all, not %d", i.Out, i.BytesOut, n)
	}
	got := captured(tb, u, capture.OutOnly)
	if !bytes.Equal(got, bytes.Repeat(p, int(n))) {
		tb.Errorf("the capture has other bytes than were sent")
	}
}

func TestARepetitionSendsExactlyAsManyAsItWasAskedTo(t *testing.T) {
	const count = 250 // a number of batches and a remainder; it fits into any receive buffer
	for name, every := range paces {
		for _, by := range []struct{ network, address, bind string }{
			{"udp4", "127.0.0.1:0", "127.0.0.1:0"},
			{"udp6", "[::1]:0", "[::1]:0"},
			{"udp4", "127.0.0.1:0", "*:0"},
		} {
			t.Run(fmt.Sprint(name, " from ", by.bind, " to ", by.address), func(t *testing.T) {
				pc, err := net.ListenPacket(by.network, by.address)
				if err != nil {
					t.Skip(err)
				}
				peer := pc.(*net.UDPConn)
				defer peer.Close()
				u, _ := datagrams(t, func(c *UDPConfig) { c.Address = by.bind })
				r := repeating(t, u, RepeatConfig{To: udpAddr(peer.LocalAddr()), Every: every, Count: count}, []byte("again"))
				awaitDone(t, "the end of the repetition", r.Done())
				if s := r.Stats(); s.Sent != count || s.Failed != 0 || s.Err != nil || s.Running {
					t.Errorf("it says %+v", s)
				}
				sentOnly(t, u, count, []byte("again"))
				_ = peer.SetReadDeadline(time.Now().Add(patience))
				buf := make([]byte, 100)
				for n := range count {
					k, from, err := peer.ReadFromUDPAddrPort(buf)
					if err != nil || string(buf[:k]) != "again" || from.Port() != u.Info().Local.Port() {
						t.Fatalf("datagram %d is %q from %v: %v", n+1, buf[:k], from, err)
					}
				}
				_ = peer.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
				if _, _, err := peer.ReadFromUDPAddrPort(buf); err == nil {
					t.Errorf("the peer got more than %d", count)
				}
			})
		}
	}
}

func TestARepetitionOfNothingSendsEmptyDatagrams(t *testing.T) {
	for name, every := range paces {
		peer := station(t)
		u, _ := datagrams(t, nil)
		r := repeating(t, u, RepeatConfig{To: udpAddr(peer.LocalAddr()), Every: every, Count: 70}, nil)
		awaitDone(t, "the end of the repetition", r.Done())
		sentOnly(t, u, 70, nil)
		for n := range 70 {
			if k, _, err := peer.ReadFromUDPAddrPort(make([]byte, 10)); k != 0 || err != nil {
				t.Fatalf("%s: datagram %d has %d bytes: %v", name, n+1, k, err)
			}
		}
	}
}

// laggard is an observer that holds everything up once.
type laggard struct {
	nobody
	at, seen int
	by       time.Duration
}

func (l *laggard) Data(capture.Flow, capture.Direction, []byte) {
	if l.seen++; l.seen == l.at {
		time.Sleep(l.by)
	}
}

func TestARepetitionThatIsHeldUpCatchesUpAndIsNeverEarly(t *testing.T) {
	const every, count, held = 2 * time.Millisecond, 400, 300 * time.Millisecond
	peer := station(t)
	slow := &laggard{at: 50, by: held}
	u, err := NewUDP(UDPConfig{}, Options{Observer: slow, Capture: capture.Options{Dir: t.TempDir()}})
	if err != nil {
		t.Fatal(err)
	}
	defer closeSession(t, u)
	start(t, u)
	for end := time.Now().Add(patience); u.State() != Open && time.Now().Before(end); time.Sleep(time.Millisecond) {
	}
	r := repeating(t, u, RepeatConfig{To: udpAddr(peer.LocalAddr()), Every: every, Count: count}, []byte("tick"))
	awaitDone(t, "the end of the repetition", r.Done())
	s := r.Stats()
	if s.JitterMax < held-every || s.JitterP99 < held/2 || s.Sent != count {
		t.Errorf("it was held up by %v and says %+v", held, s)
	}
	n, least := 0, time.Duration(1<<62) // how late the most punctual one of the second half is
	for _, rec := range records(t, u) {
		if rec.Kind != capture.Data {
			continue
		}
		due := r.began.Add(time.Duration(n) * every)
		if early := due.Sub(rec.Time); early > time.Millisecond { // the two clocks may differ a little
			t.Fatalf("datagram %d went out %v early", n+1, early)
		}
		if n++; n > count/2 {
			least = min(least, rec.Time.Sub(due))
		}
	}
	if least > held*2/3 {
		t.Errorf("each of the second half went out %v late or later: it does not catch up", least)
	}
	if n != count {
		t.Errorf("the capture has %d of %d", n, count)
	}
}

func TestTheRateOfARepetitionIsThatOfItsDatagrams(t *testing.T) {
	peer := station(t)
	u, _ := datagrams(t, nil)
	r := repeating(t, u, RepeatConfig{To: udpAddr(peer.LocalAddr()), Every: 20 * time.Millisecond, Count: 11}, []byte("x"))
	awaitDone(t, "the end of the repetition", r.Done())
	// Eleven of them are ten pauses, which a busy machine can make longer.
	if s := r.Stats(); s.Rate > 50.5 || s.Rate*s.Took.Seconds() < 9.99 || s.Took < 199*time.Millisecond {
		t.Errorf("fifty a second are said to be %.2f, in %v", s.Rate, s.Took)
	}
}

func TestARepetitionStopsAtOnce(t *testing.T) {
	for name, every := range map[string]time.Duration{"paced": leastEvery, "flat out": 0, "once an hour": time.Hour} {
		t.Run(name, func(t *testing.T) {
			peer := station(t)
			u, _ := datagrams(t, nil)
			r := repeating(t, u, RepeatConfig{To: udpAddr(peer.LocalAddr()), Every: every}, []byte("x"))
			soon(t, "the first", func() bool { return r.Stats().Sent > 0 }) // a moment after it is told
			if s := r.Stats(); !s.Running {
				t.Errorf("while it runs it says %+v", s)
			}
			asked := time.Now()
			r.Stop()
			awaitDone(t, "the end of the repetition", r.Done())
			if took := time.Since(asked); took > 10*time.Second {
				t.Errorf("it stopped after %v", took)
			}
			s := r.Stats()
			if s.Running || s.Err != nil || s.Failed != 0 {
				t.Errorf("stopped, it says %+v", s)
			}
			sentOnly(t, u, s.Sent, []byte("x"))
			time.Sleep(5 * time.Millisecond)
			if more := u.Info().Out - s.Sent; more != 0 {
				t.Errorf("%d more were sent after the end", more)
			}
			r.Stop() // does nothing
		})
	}
}

func TestWhatARepetitionCannotSendIsCountedApart(t *testing.T) {
	nowhere := netip.MustParseAddrPort("192.0.2.1:9") // which loopback does not reach
	for name, every := range paces {
		t.Run(name, func(t *testing.T) {
			u, _ := datagrams(t, nil)
			if err := u.SendTo(nowhere, []byte("x")); err == nil {
				t.Skip("this system sends it")
			}
			before := u.Info().SendErrors
			r := repeating(t, u, RepeatConfig{To: nowhere, Every: every, Count: 20}, []byte("x"))
			awaitDone(t, "the end of the repetition", r.Done())
			if s := r.Stats(); s.Sent != 0 || s.Failed != 20 || s.Err != nil || s.Rate != 0 || s.JitterMax != 0 {
				t.Errorf("it says %+v", s)
			}
			if got := u.Info().SendErrors - before; got != 20 {
				t.Errorf("the session counts %d errors", got)
			}
			r = repeating(t, u, RepeatConfig{To: nowhere, Every: every}, []byte("x"))
			awaitDone(t, "the end of the repetition", r.Done())
			if s := r.Stats(); s.Sent != 0 || s.Failed != mostFailed || s.Err == nil || s.Running {
				t.Errorf("of one that would never end, it says %+v", s)
			}
			sentOnly(t, u, 0, nil)
		})
	}
}

func TestATargetThatRefusesDoesNotEndARepetition(t *testing.T) {
	for name, c := range map[string]RepeatConfig{
		"paced":    {Every: leastEvery, Count: 2 * mostFailed},
		"flat out": {Count: 5 * mostFailed},
	} {
		t.Run(name, func(t *testing.T) {
			gone := station(t)
			c.To = udpAddr(gone.LocalAddr())
			gone.Close()
			u, _ := datagrams(t, nil)
			r := repeating(t, u, c, []byte("x"))
			awaitDone(t, "the end of the repetition", r.Done())
			s := r.Stats()
			if s.Sent+s.Failed != c.Count || s.Sent < c.Count*9/10 || s.Err != nil {
				t.Errorf("it says %+v", s)
			}
			sentOnly(t, u, s.Sent, []byte("x"))
			switch i := u.Info(); {
			case i.State != Open:
				t.Errorf("the session says %+v", i)
			case i.SendErrors == 0: // Linux sends a thousand ICMP messages a second, in all
				t.Skip("the system told of no refusal")
			}
		})
	}
}

func TestARepetitionEndsWithItsSocket(t *testing.T) {
	for name, every := range paces {
		for how, end := range map[string]func(*UDPSession) error{"closed": (*UDPSession).Close, "unbound": (*UDPSession).Disconnect} {
			t.Run(name+", "+how, func(t *testing.T) {
				peer := station(t)
				u, _ := datagrams(t, nil)
				r := repeating(t, u, RepeatConfig{To: udpAddr(peer.LocalAddr()), Every: every}, []byte("x"))
				soon(t, "the first", func() bool { return r.Stats().Sent > 0 }) // a moment after it is told
				if err := end(u); err != nil {
					t.Fatal(err)
				}
				if how == "closed" {
					select {
					case <-r.Done():
					default:
						t.Error("Close did not wait for it")
					}
				}
				awaitDone(t, "the end of the repetition", r.Done())
				awaitDone(t, "the end of the socket", u.Done())
				s := r.Stats()
				if s.Running || s.Err != nil || s.Failed != 0 {
					t.Errorf("it says %+v", s)
				}
				sentOnly(t, u, s.Sent, []byte("x"))
				want := map[string]error{"closed": ErrClosed, "unbound": ErrNotOpen}[how]
				if _, err := u.Repeat(RepeatConfig{To: udpAddr(peer.LocalAddr())}, nil); !errors.Is(err, want) {
					t.Errorf("another one afterwards: %v", err)
				}
			})
		}
	}
}

func TestARepetitionThatCannotWorkIsRefused(t *testing.T) {
	peer, other := station(t), station(t)
	to := udpAddr(peer.LocalAddr())
	u, _ := datagrams(t, func(c *UDPConfig) { c.Target, c.Connect = to.String(), true })
	for name, c := range map[string]struct {
		c RepeatConfig
		n int
	}{
		"too fast":     {RepeatConfig{To: to, Every: time.Microsecond}, 1},
		"too slow":     {RepeatConfig{To: to, Every: 25 * time.Hour}, 1},
		"backwards":    {RepeatConfig{To: to, Every: -time.Second}, 1},
		"less than no": {RepeatConfig{To: to, Count: -1}, 1},
		"nowhere":      {RepeatConfig{}, 1},
		"too much":     {RepeatConfig{To: to}, mostDatagram4 + 1},
		"not heard":    {RepeatConfig{To: udpAddr(other.LocalAddr())}, 1},
	} {
		if _, err := u.Repeat(c.c, make([]byte, c.n)); err == nil {
			t.Errorf("%s: it is not refused", name)
		}
	}
	if i := u.Info(); i.Out != 0 || i.SendErrors != 0 {
		t.Errorf("the session says %+v", i)
	}
}

// tally only counts, as the window does.
type tally struct {
	nobody
	data atomic.Int64
}

func (t *tally) Data(capture.Flow, capture.Direction, []byte) { t.data.Add(1) }

func TestADatagramCostsNoAllocation(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	const count = 50_000
	seen := &tally{}
	u, err := NewUDP(DefaultUDP(), Options{Observer: seen, Capture: capture.Options{Dir: t.TempDir()}})
	if err != nil {
		t.Fatal(err)
	}
	defer closeSession(t, u)
	start(t, u)
	for end := time.Now().Add(patience); u.State() != Open && time.Now().Before(end); time.Sleep(time.Millisecond) {
	}
	peer := station(t)
	allocated := func(what string, do func()) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		do()
		runtime.ReadMemStats(&after)
		if each := float64(after.Mallocs-before.Mallocs) / count; each > 0.05 {
			t.Errorf("%s a datagram allocates %.3f times", what, each)
		}
	}
	allocated("sending", func() {
		r := repeating(t, u, RepeatConfig{To: udpAddr(peer.LocalAddr()), Count: count}, make([]byte, 64))
		awaitDone(t, "the end of the repetition", r.Done())
	})
	p, to := make([]byte, 64), u.Info().Local
	allocated("receiving", func() {
		for range count {
			if _, err := peer.WriteToUDPAddrPort(p, to); err != nil {
				t.Fatal(err)
			}
		}
		for end := time.Now().Add(patience); seen.data.Load()+u.Info().KernelDropped < 2*count && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		}
	})
	if got := seen.data.Load() + u.Info().KernelDropped; got != 2*count {
		t.Errorf("the observer heard of %d, of %d", got, 2*count)
	}
}
