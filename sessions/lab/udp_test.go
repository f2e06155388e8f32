package lab

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"wirebench/sessions"
)

func TestDatagramsComeBack(t *testing.T) {
	l := started(t, Options{}, "udp")
	c := bound(t, entry(t, l, "udp"))
	for _, p := range []string{"one", "", strings.Repeat("x", 9000)} {
		c.send(t, []byte(p))
	}
	c.until(t, "three answers", func() bool { return len(c.grams) == 3 })
	if string(c.grams[0]) != "one" || len(c.grams[1]) != 0 || len(c.grams[2]) != 9000 {
		t.Errorf("what came back is %.40q", c.grams)
	}
	l.awaitUDP(t, "three sent", func(n UDPCounts) bool { return n.Sent == 3 })
	if _, n := l.UDP(); n != (UDPCounts{Received: 3, Sent: 3}) {
		t.Errorf("counted is %+v", n)
	}
	if n, _ := l.Counts("udp"); n.BytesIn != 9003 || n.BytesOut != 9003 {
		t.Errorf("counted is %+v", n)
	}
}

// bound opens a datagram session.
func bound(t *testing.T, e Entry) *client {
	t.Helper()
	c := open(t, e)
	c.until(t, "binding", func() bool { return c.session.State() == sessions.Open })
	return c
}

func (l *Lab) awaitUDP(t *testing.T, what string, ok func(UDPCounts) bool) {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		_, n := l.UDP()
		if ok(n) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s did not happen: %+v", what, n)
		}
	}
}

// passed runs n numbered datagrams, one a millisecond, through an echo without a socket, and gives the numbers in the
// order in which they are sent, and what was counted.
func passed(f UDPFaults, n int) (string, UDPCounts) {
	u := &udpEcho{ctx: context.Background(), wake: make(chan struct{}, 1)}
	u.set(f)
	var order []string
	now := time.Now()
	for i := range n + 10_000 { // and the time that the last ones take
		now = now.Add(time.Millisecond)
		if i < n {
			u.take(now, netip.MustParseAddrPort("127.0.0.1:9"), []byte(fmt.Sprint(i)))
		}
		for a, _ := u.next(now); a != nil; a, _ = u.next(now) {
			order = append(order, string(a.data))
			u.sent(a, nil)
		}
	}
	return strings.Join(order, " "), u.tally()
}

func TestFaultsAreCounted(t *testing.T) {
	for name, x := range map[string]struct {
		faults UDPFaults
		order  string // of five datagrams
		want   UDPCounts
	}{
		"none":       {UDPFaults{}, "0 1 2 3 4", UDPCounts{Received: 5, Sent: 5}},
		"loss":       {UDPFaults{Loss: 1}, "", UDPCounts{Received: 5, Lost: 5}},
		"doubles":    {UDPFaults{Duplication: 1}, "0 0 1 1 2 2 3 3 4 4", UDPCounts{Received: 5, Sent: 10, Duplicated: 5}},
		"reordering": {UDPFaults{Reordering: 1}, "1 0 3 2 4", UDPCounts{Received: 5, Sent: 5, Reordered: 2}},
		"both":       {UDPFaults{Reordering: 1, Duplication: 1}, "1 1 0 0 3 3 2 2 4 4", UDPCounts{Received: 5, Sent: 10, Duplicated: 5, Reordered: 2}},
		"delay":      {UDPFaults{Delay: 20 * time.Millisecond}, "0 1 2 3 4", UDPCounts{Received: 5, Sent: 5}},
		"late":       {UDPFaults{Delay: 20 * time.Millisecond, Reordering: 1}, "1 0 3 2 4", UDPCounts{Received: 5, Sent: 5, Reordered: 2}},
	} {
		if order, n := passed(x.faults, 5); order != x.order || n != x.want {
			t.Errorf("%s: the order is %s, and counted is %+v", name, order, n)
		}
	}
}

func TestAnswersComeLateAndTwice(t *testing.T) {
	f := UDPFaults{Delay: 20 * time.Millisecond, Duplication: 1}
	l := started(t, Options{UDP: f}, "udp")
	c := bound(t, entry(t, l, "udp"))
	began := time.Now()
	c.send(t, []byte("x"))
	c.until(t, "both answers", func() bool { return len(c.grams) == 2 })
	if took := time.Since(began); took < f.Delay {
		t.Errorf("it took %v", took)
	}
}

func TestADatagramWithNoneBehindItIsSentAllTheSame(t *testing.T) {
	l := started(t, Options{UDP: UDPFaults{Reordering: 1}}, "udp")
	c := bound(t, entry(t, l, "udp"))
	for n := range 2 { // the second one is held as the first was
		c.send(t, []byte("alone"))
		c.until(t, "the answer", func() bool { return len(c.grams) == n+1 })
	}
	if _, n := l.UDP(); n.Reordered != 0 {
		t.Errorf("counted is %+v", n)
	}
}

// What happens to a row of datagrams is a matter of the seed alone.
func TestTheSameSeedDoesTheSame(t *testing.T) {
	f := UDPFaults{Delay: 3 * time.Millisecond, Jitter: 5 * time.Millisecond, Loss: 0.1, Duplication: 0.2, Reordering: 0.3, Seed: 7}
	one, n := passed(f, 1000)
	two, m := passed(f, 1000)
	if one != two || n != m {
		t.Error("the same seed does not do the same")
	}
	if n.Lost < 60 || n.Lost > 140 || n.Duplicated < 120 || n.Duplicated > 240 || n.Reordered < 100 {
		t.Errorf("of 1,000: %+v", n)
	}
	f.Seed = 8
	if three, _ := passed(f, 1000); three == one {
		t.Error("another seed does the same")
	}
	// What is lost does not depend on what else is chosen.
	lost, k := passed(UDPFaults{Loss: 0.1, Seed: 7}, 1000)
	if k.Lost != n.Lost || len(strings.Fields(lost)) != 1000-int(k.Lost) {
		t.Errorf("lost are %d of one and %d of the other", n.Lost, k.Lost)
	}
	if !slices.IsSortedFunc(strings.Fields(lost), func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	}) {
		t.Error("what is only lost is out of order")
	}
}

func TestWhatWaitsIsBounded(t *testing.T) {
	u := &udpEcho{ctx: t.Context(), wake: make(chan struct{}, 1)}
	u.set(UDPFaults{Delay: MaxUDPDelay, Duplication: 1})
	from, now := netip.MustParseAddrPort("127.0.0.1:9"), time.Now()
	for range 2 * maxWaiting {
		u.take(now, from, nil)
	}
	if n := u.tally(); n.Waiting != maxWaiting || n.Overflowed == 0 {
		t.Errorf("of many: %+v", n)
	}
	u = &udpEcho{ctx: t.Context(), wake: make(chan struct{}, 1)}
	u.set(UDPFaults{Delay: MaxUDPDelay, Reordering: 1})
	for range 1000 {
		u.take(now, from, make([]byte, 60_000))
	}
	if n := u.tally(); n.Waiting != maxWaitingBytes/60_000 || n.Overflowed == 0 {
		t.Errorf("of large ones: %+v", n)
	}
}

func TestTheEchoIsAdjustedWhileItRuns(t *testing.T) {
	l := started(t, Options{}, "echo")
	if err := l.SetUDP(UDPFaults{Loss: 1}); err != nil {
		t.Fatal(err)
	}
	c := bound(t, entry(t, l, "udp"))
	c.send(t, []byte("lost"))
	l.awaitUDP(t, "the loss", func(n UDPCounts) bool { return n.Lost == 1 })
	if err := l.SetUDP(UDPFaults{}); err != nil {
		t.Fatal(err)
	}
	c.send(t, []byte("found"))
	c.until(t, "the answer", func() bool { return len(c.grams) == 1 })
	if err := l.SetUDP(UDPFaults{Loss: -1}); err == nil {
		t.Error("a chance below nothing was taken")
	}
	if f, _ := l.UDP(); f != (UDPFaults{}) {
		t.Errorf("it does %+v", f)
	}
}
