package sessions

import (
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"wirebench/sessions/capture"
)

// faults returns the errors told so far, each with the number of the record it names, 0 for none.
func (w *watch) faults() (texts []string, numbers []int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	named := regexp.MustCompile(`\(record ([0-9,]+)\)`)
	for _, e := range w.events {
		if e.Name != EventIOError {
			continue
		}
		texts = append(texts, e.Text)
		n := int64(0)
		if m := named.FindStringSubmatch(e.Text); m != nil {
			n, _ = strconv.ParseInt(strings.ReplaceAll(m[1], ",", ""), 10, 64)
		}
		numbers = append(numbers, n)
	}
	return texts, numbers
}

// deadPorts are ports at which nobody listens, as seen from sockets bound in several ways.
var deadPorts = []struct{ bind, to string }{
	{"127.0.0.1:0", "127.0.0.1"}, {"0.0.0.0:0", "127.0.0.1"}, {"*:0", "127.0.0.1"},
	{"[::1]:0", "::1"}, {"[::]:0", "::1"}, {"*:0", "::1"},
}

// needsEveryICMP skips a test where the system sends only so many ICMP messages a second (icmp_msgs_per_sec in
// ip-sysctl), on loopback too as it was before Linux 6.13.
func needsEveryICMP(t *testing.T, a netip.Addr) {
	t.Helper()
	network := "udp4"
	if a.Is6() {
		network = "udp6"
	}
	conn := datagramSocket(t, network, netip.AddrPortFrom(a, 0).String(), UDPConfig{})
	dead := deadUDP(t, a)
	told := 0
	for range 300 {
		_, _ = conn.WriteToUDPAddrPort([]byte("x"), dead)
		before := told
		drainErrors(conn, func(undelivered) { told++ })
		if told == before {
			t.Skip("the system does not send every ICMP message")
		}
	}
}

func TestEachOfManyDatagramsToADeadPortIsToldOnceAndNamed(t *testing.T) {
	for _, c := range deadPorts {
		t.Run(c.bind+" to "+c.to, func(t *testing.T) {
			if strings.Contains(c.bind+c.to, ":") && strings.Contains(c.to, ":") && !hasIPv6(t) {
				t.Skip("no IPv6")
			}
			needsEveryICMP(t, netip.MustParseAddr(c.to))
			u, w := boundUDP(t, func(d *UDPConfig) { d.Address = c.bind })
			dead := deadUDP(t, netip.MustParseAddr(c.to))
			const senders, each = 4, 15 // no more at once than are remembered
			var wg sync.WaitGroup
			for range senders {
				wg.Go(func() {
					for range each {
						if err := u.SendTo(dead, []byte("the same every time")); err != nil {
							t.Error(err)
						}
					}
				})
			}
			wg.Wait()
			w.until(t, "every message", func() bool { return u.Info().SendErrors >= senders*each })
			if i := u.Info(); i.Out != senders*each || i.SendErrors != senders*each {
				t.Errorf("%d sent, %d told of", i.Out, i.SendErrors)
			}
			w.until(t, "the last event", func() bool {
				n := 0
				for _, e := range w.events {
					if e.Name == EventIOError {
						n++
					}
				}
				return n == senders*each
			})
			texts, numbers := w.faults()
			all := records(t, u)
			told := make(map[int64]bool)
			for i, n := range numbers {
				if n < 1 || int(n) > len(all) || told[n] {
					t.Fatalf("%q names no datagram, or one that was named before", texts[i])
				}
				if r := all[n-1]; r.Kind != capture.Data || r.Dir != capture.Out || r.Flow.Remote != dead {
					t.Fatalf("%q names %+v", texts[i], r)
				}
				told[n] = true
			}
			notes := 0
			for _, r := range all {
				if r.Kind == capture.Note && r.Flow.Remote == dead {
					if notes++; !strings.Contains(r.Note, "nothing listens there") || !told[r.Number] && r.Flow.Local.Port() != u.Info().Local.Port() {
						t.Errorf("a note says %q of %v", r.Note, r.Flow)
					}
				}
			}
			if notes != senders*each {
				t.Errorf("the capture has %d notes", notes)
			}
		})
	}
}

// TestNoDatagramIsSentTwiceBecauseAnEarlierOneDidNotArrive sends to a live and a dead port in turn: what is told by
// the live port's send is about the dead one's.
func TestNoDatagramIsSentTwiceBecauseAnEarlierOneDidNotArrive(t *testing.T) {
	u, w := boundUDP(t, func(*UDPConfig) {})
	dead := deadUDP(t, netip.MustParseAddr("127.0.0.1"))
	alive, _ := boundUDP(t, func(d *UDPConfig) { d.ReceiveBuffer = 4 << 20 })
	to := alive.Info().Local
	const senders, each = 4, 250
	var wg sync.WaitGroup
	for g := range senders {
		wg.Go(func() {
			for n := range each {
				if err := u.SendTo(dead, fmt.Appendf(nil, "dead %d %d", g, n)); err != nil {
					t.Error(err)
				}
				if err := u.SendTo(to, fmt.Appendf(nil, "live %d %03d", g, n)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	w.until(t, "a message", func() bool { return u.Info().SendErrors > 0 })
	for end := time.Now().Add(patience); alive.Info().In+alive.Info().KernelDropped < senders*each && time.Now().Before(end); time.Sleep(time.Millisecond) {
	}
	if i := alive.Info(); i.In+i.KernelDropped != senders*each || i.In == 0 {
		t.Errorf("%d datagrams arrived of %d, and there was no room for %d", i.In, senders*each, i.KernelDropped)
	}
	seen := make(map[string]int)
	for p := captured(t, alive, capture.InOnly); len(p) > 0; p = p[10:] {
		seen[string(p[:10])]++
	}
	for text, n := range seen {
		if n != 1 {
			t.Errorf("%q arrived %d times", text, n)
		}
	}
	if i := u.Info(); i.Out != 2*senders*each || i.SendErrors > senders*each {
		t.Errorf("%d counted as sent, %d told of", i.Out, i.SendErrors)
	}
	sent := 0
	for _, r := range manyRecords(t, u) {
		if r.Kind == capture.Data && r.Dir == capture.Out {
			sent++
		}
	}
	if sent != 2*senders*each {
		t.Errorf("%d recorded as sent", sent)
	}
}

func TestARepetitionToADeadPortSendsAsOftenAsItSaysAndIsToldOfEach(t *testing.T) {
	for _, every := range []time.Duration{0, leastEvery} {
		for _, address := range []string{"127.0.0.1", "::1"} {
			a := netip.MustParseAddr(address)
			if a.Is6() && !hasIPv6(t) {
				continue
			}
			needsEveryICMP(t, a)
			u, w := boundUDP(t, func(d *UDPConfig) { d.Address = netip.AddrPortFrom(a, 0).String() })
			const count = 500
			r, err := u.Repeat(RepeatConfig{To: deadUDP(t, a), Every: every, Count: count}, []byte("again"))
			if err != nil {
				t.Fatal(err)
			}
			awaitDone(t, "the repetition", r.Done())
			if s := r.Stats(); s.Sent != count || s.Failed != 0 || s.Err != nil {
				t.Errorf("every %v to %s: %+v", every, a, s)
			}
			w.until(t, "every message", func() bool { return u.Info().SendErrors >= count })
			if i := u.Info(); i.Out != count || i.SendErrors != count || i.State != Open {
				t.Errorf("every %v to %s: %d sent, %d told of, %v", every, a, i.Out, i.SendErrors, i.State)
			}
		}
	}
}

func TestARepetitionThatCannotBeSentEndsWithTheReason(t *testing.T) {
	u, _ := boundUDP(t, func(*UDPConfig) {})
	to := netip.AddrPortFrom(netip.MustParseAddr("127.255.255.255"), 9) // and broadcast is off
	for _, every := range []time.Duration{0, leastEvery} {
		r, err := u.Repeat(RepeatConfig{To: to, Every: every}, []byte("x"))
		if err != nil {
			t.Fatal(err)
		}
		awaitDone(t, "the repetition", r.Done())
		if s := r.Stats(); s.Sent != 0 || s.Failed != mostFailed || s.Err == nil || !strings.Contains(s.Err.Error(), "broadcast") {
			t.Errorf("every %v: %+v", every, s)
		}
	}
	if i := u.Info(); i.Out != 0 || i.State != Open {
		t.Errorf("info is %+v", i)
	}
}

// TestADatagramIsFoundByWhatCameBackAndWhen holds the choice among those that are remembered.
func TestADatagramIsFoundByWhatCameBackAndWhen(t *testing.T) {
	here, there := netip.MustParseAddrPort("127.0.0.1:7"), netip.MustParseAddrPort("127.0.0.1:8")
	from := netip.MustParseAddrPort("127.0.0.1:9")
	began := time.Unix(1_700_000_000, 0)
	var r recentSends
	add := func(number int64, to netip.AddrPort, after time.Duration, p string) {
		r.add(recentSend{number: number, at: began.Add(after), local: from, to: to}, []byte(p))
	}
	long := strings.Repeat("long", 20)
	add(1, here, 0, "same")
	add(2, here, 1, "same")
	add(3, there, 2, "same")
	add(4, here, 3, "same")
	add(5, here, 4, long)
	add(6, here, 5, "")
	for _, c := range []struct {
		what    string
		to      netip.AddrPort
		payload string
		at      time.Time
		want    int64
	}{
		{"before it was sent", here, "same", began.Add(-1), 0},
		{"long after", here, "same", began.Add(time.Hour), 0},
		{"the newest before", here, "same", began.Add(2), 2},
		{"the next, as that is told", here, "same", began.Add(2), 1},
		{"none is left", here, "same", began.Add(2), 0},
		{"a later one is", here, "same", time.Time{}, 4},
		{"another port", there, "same", began.Add(9), 3},
		{"another beginning", here, "other", began.Add(9), 0},
		{"more than was sent", here, long + "er", began.Add(9), 0},
		{"the start of a long one", here, long[:40], began.Add(9), 5},
		{"an empty one, the port unknown", netip.AddrPortFrom(here.Addr(), 0), "", began.Add(9), 6},
		{"another host", netip.MustParseAddrPort("127.0.0.2:7"), "", began.Add(9), 0},
	} {
		if got, ok := r.find(c.to, []byte(c.payload), c.at); got.number != c.want || ok != (c.want != 0) {
			t.Errorf("%s: found %d (%v); want %d", c.what, got.number, ok, c.want)
		}
	}
	for n := range 1000 {
		add(int64(n), here, 0, "flood")
	}
	if _, ok := r.find(there, []byte("same"), time.Time{}); ok {
		t.Error("one is found that a thousand came after")
	}
}
