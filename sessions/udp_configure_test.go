package sessions

import (
	"context"
	"errors"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"wirebench/sessions/capture"
)

func TestTargetAndGroupsAreChangedByConfiguringWhileBound(t *testing.T) {
	lo := loopbackName(t)
	peer, other := station(t), station(t)
	u, w := boundUDP(t, func(c *UDPConfig) { c.Address = "0.0.0.0:0" })
	at := u.Info().Local
	group := func(s string) Group { return Group{Addr: netip.MustParseAddr(s), Interface: lo} }
	sender, _ := groupSocket(t, "udp4", "127.0.0.1:0", UDPConfig{MulticastInterface: lo, MulticastLoop: true})
	heard := func(want ...string) {
		t.Helper()
		before := len(w.awaitIn(t, 0))
		for _, a := range []string{"239.77.40.1", "239.77.40.2", "127.0.0.1"} {
			sendText(t, sender, netip.AddrPortFrom(netip.MustParseAddr(a), at.Port()), a+" ")
		}
		// What goes through loopback keeps its order, so the last one shows what did not come.
		list := strings.Join(want, " ") + " 127.0.0.1 "
		if len(want) == 0 {
			list = list[1:]
		}
		w.until(t, "the last datagram", func() bool { return strings.HasSuffix(string(w.in[before:]), "127.0.0.1 ") })
		if got := string(w.awaitIn(t, before+len(list))[before:]); got != list {
			t.Errorf("heard %q, want %q", got, list)
		}
	}
	c := u.Config()
	step := func(change func()) {
		t.Helper()
		change()
		if err := u.Configure(c); err != nil {
			t.Fatal(err)
		}
		if got := u.Config(); got.Target != c.Target || got.Connect != c.Connect || !slices.Equal(got.Groups, c.Groups) || got.TTL != c.TTL {
			t.Errorf("the configuration is %+v, want %+v", got, c)
		}
		if i := u.Info(); i.Local != at || i.State != Open || !slices.Equal(i.Groups, c.Groups) {
			t.Errorf("info is %+v", i)
		}
	}
	heard()
	step(func() { c.Groups = []Group{group("239.77.40.1")} })
	heard("239.77.40.1")
	step(func() { c.Groups, c.TTL = []Group{group("239.77.40.1"), group("239.77.40.2")}, 9 })
	heard("239.77.40.1", "239.77.40.2")
	step(func() { c.Groups = []Group{group("239.77.40.2")} })
	heard("239.77.40.2")
	step(func() { c.Target = peer.LocalAddr().String() })
	if err := u.Send([]byte("to the peer")); err != nil || receiveText(t, peer) != "to the peer" {
		t.Error(err)
	}
	step(func() { c.Target, c.Connect = other.LocalAddr().String(), true })
	before := u.Info()
	sendText(t, peer, netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), at.Port()), "filtered")
	sendText(t, other, netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), at.Port()), "of the target")
	w.until(t, "the target's", func() bool { return u.Info().In == before.In+1 })
	if i := u.Info(); i.Filtered != before.Filtered+1 {
		t.Errorf("%d were filtered", i.Filtered-before.Filtered)
	}
	step(func() { c.Target, c.Connect, c.Groups = "", false, nil })
	heard()
	if err := u.Send([]byte("x")); !errors.Is(err, ErrNoTarget) {
		t.Errorf("without a target: %v", err)
	}
}

func TestWhatFailsInAConfigurationIsSaidAndTheRestHolds(t *testing.T) {
	lo := loopbackName(t)
	u, _ := boundUDP(t, func(c *UDPConfig) { c.Address = "0.0.0.0:0" })
	u.opts.Resolve = func(context.Context, string) ([]netip.Addr, error) {
		return nil, errors.New("no name server today")
	}
	good := Group{Addr: netip.MustParseAddr("239.77.41.1"), Interface: lo}
	bad := Group{Addr: netip.MustParseAddr("ff02::7741"), Interface: lo} // of a socket that has IPv4 alone
	c := u.Config()
	c.Groups, c.Target, c.TTL, c.Broadcast = []Group{bad, good}, "name.example:9", 9, true
	err := u.Configure(c)
	if err == nil || field(err) != "Groups" || !strings.Contains(err.Error(), "join ff02::7741 on "+lo) || !strings.Contains(err.Error(), "resolve name.example") {
		t.Errorf("%v, of %q", err, field(err))
	}
	got := u.Config()
	if !slices.Equal(got.Groups, []Group{good}) || got.Target != "" || got.TTL != 9 || !got.Broadcast {
		t.Errorf("the configuration is %+v", got)
	}
	if i := u.Info(); i.State != Open || !slices.Equal(i.Groups, []Group{good}) || i.Remote.IsValid() {
		t.Errorf("info is %+v", i)
	}
	// What cannot work is found before anything is changed.
	c = got
	c.TTL, c.MulticastInterface = 10, "nosuch0"
	if err := u.Configure(c); field(err) != "MulticastInterface" || u.Config().TTL != 9 {
		t.Errorf("%v, and the configuration is %+v", err, u.Config())
	}
}

// TestAGroupThatCouldNotBeJoinedIsNotTriedAgainByTheNextChange keeps an old fault from being told at every change.
func TestAGroupThatCouldNotBeJoinedIsNotTriedAgainByTheNextChange(t *testing.T) {
	lo := loopbackName(t)
	bad := Group{Addr: netip.MustParseAddr("ff02::7742"), Interface: lo}
	u, w := boundUDP(t, func(c *UDPConfig) { c.Address, c.Groups = "0.0.0.0:0", []Group{bad} })
	w.await(t, "the fault", func(e Event) bool { return e.Name == EventIOError && field(e.Err) == "Groups" })
	c := u.Config()
	c.TTL = 9
	if err := u.Configure(c); err != nil {
		t.Errorf("another TTL: %v", err)
	}
	c.Groups = nil
	if err := u.Configure(c); err != nil || len(u.Config().Groups) != 0 {
		t.Errorf("without the group: %v, %+v", err, u.Config())
	}
}

// slowNames is a resolver that answers once it is let, and says that it has been asked.
func slowNames(addr string) (resolve func(context.Context, string) ([]netip.Addr, error), asked chan string, let chan struct{}) {
	asked, let = make(chan string, 10), make(chan struct{})
	return func(ctx context.Context, host string) ([]netip.Addr, error) {
		asked <- host
		select {
		case <-let:
			return []netip.Addr{netip.MustParseAddr(addr)}, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}, asked, let
}

func TestNothingWaitsForATargetThatIsLookedUp(t *testing.T) {
	peer := station(t)
	u, w := boundUDP(t, func(c *UDPConfig) { c.Target = peer.LocalAddr().String() })
	var asked chan string
	var let chan struct{}
	u.opts.Resolve, asked, let = slowNames("127.0.0.9")
	c := u.Config()
	c.Target = "slow.example:9"
	done := make(chan error, 1)
	go func() { done <- u.Configure(c) }()
	<-asked
	if u.State() != Open || u.Info().Remote != udpAddr(peer.LocalAddr()) || u.Config().Target != peer.LocalAddr().String() {
		t.Errorf("info is %+v", u.Info())
	}
	if err := u.Send([]byte("to the old one")); err != nil || receiveText(t, peer) != "to the old one" {
		t.Error(err)
	}
	sendText(t, peer, u.Info().Local, "from the old one")
	w.awaitIn(t, len("from the old one"))
	d := u.Config()
	d.TTL = 9
	if err := u.Configure(d); err != nil {
		t.Error(err)
	}
	close(let)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if got := u.Info().Remote.String(); got != "127.0.0.9:9" || u.Config().TTL != 9 {
		t.Errorf("the target is %s, the configuration %+v", got, u.Config())
	}
}

func TestTheTargetThatWasAskedForLastHolds(t *testing.T) {
	u, _ := boundUDP(t, func(*UDPConfig) {})
	var asked chan string
	var let chan struct{}
	u.opts.Resolve, asked, let = slowNames("127.0.0.9")
	done := make(chan error, 1)
	go func() { done <- u.SetTarget(t.Context(), "slow.example:9", false) }()
	<-asked
	if err := u.SetTarget(t.Context(), "127.0.0.1:7", false); err != nil {
		t.Fatal(err)
	}
	close(let)
	if err := <-done; !errors.Is(err, ErrCancelled) {
		t.Errorf("the one that was asked for before: %v", err)
	}
	if got := u.Info().Remote.String(); got != "127.0.0.1:7" || u.Config().Target != "127.0.0.1:7" {
		t.Errorf("the target is %s, the configuration %+v", got, u.Config())
	}
}

func TestUnbindingEndsTheLookForATarget(t *testing.T) {
	u, _ := boundUDP(t, func(*UDPConfig) {})
	var asked chan string
	u.opts.Resolve, asked, _ = slowNames("127.0.0.9")
	c := u.Config()
	c.Target = "slow.example:9"
	done := make(chan error, 1)
	go func() { done <- u.Configure(c) }()
	<-asked
	if err := u.Disconnect(); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-done:
		if err == nil {
			t.Error("it was set")
		}
	case <-time.After(patience):
		t.Fatal("it goes on looking")
	}
}

func TestATargetThatIsSetWhileTheSocketIsBeingBoundHolds(t *testing.T) {
	resolve, asked, let := slowNames("127.0.0.9")
	w := newWatch(nil)
	d := UDPConfig{Address: "127.0.0.1:0", Target: "slow.example:9"}
	u, err := NewUDP(d, Options{Observer: w, Resolve: resolve, Capture: capture.Options{Dir: t.TempDir()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeSession(t, u) })
	if err := u.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-asked
	if err := u.Configure(d); !errors.Is(err, ErrLive) {
		t.Errorf("configuring while it is being bound: %v", err)
	}
	if err := u.Send([]byte("x")); !errors.Is(err, ErrNotOpen) || !strings.Contains(err.Error(), "still being bound") {
		t.Errorf("sending while it is being bound: %v", err)
	}
	if err := u.SetTarget(t.Context(), "127.0.0.1:7", true); err != nil {
		t.Fatal(err)
	}
	close(let)
	w.named(t, EventListening)
	if i := u.Info(); i.Remote.String() != "127.0.0.1:7" || u.only.Load() == nil {
		t.Errorf("info is %+v", i)
	}
}

func TestWhatIsNotBoundTakesEveryConfiguration(t *testing.T) {
	u, _ := boundUDP(t, func(*UDPConfig) {})
	if err := u.Disconnect(); err != nil {
		t.Fatal(err)
	}
	awaitDone(t, "the end", u.Done())
	c := UDPConfig{Address: "nonsense", Target: "127.0.0.1:0", TTL: -1}
	if err := u.Configure(c); err != nil || u.Config().Address != "nonsense" {
		t.Errorf("%v: %+v", err, u.Config())
	}
	if err := u.Start(t.Context()); field(err) != "Address" {
		t.Errorf("starting with it: %v", err)
	}
}

// TestTheInterfaceForGroupsIsChangedWhileBound sends to a group through one interface and then the other.
func TestTheInterfaceForGroupsIsChangedWhileBound(t *testing.T) {
	lo := loopbackName(t)
	group := netip.MustParseAddr("239.77.43.1")
	on := usualInterface(group)
	if runtime.GOOS != "linux" || on == nil {
		t.Skip("it takes two interfaces that can be told apart")
	}
	hears := func(name, at string) (*UDPSession, *watch) {
		return boundUDP(t, func(c *UDPConfig) {
			c.Address, c.Groups, c.ReuseAddress = at, []Group{{Addr: group, Interface: name}}, true
		})
	}
	first, near := hears(lo, "0.0.0.0:0")
	at := first.Info().Local
	_, far := hears(on.Name, at.String())
	to := netip.AddrPortFrom(group, at.Port()).String()
	u, _ := boundUDP(t, func(c *UDPConfig) { c.Address, c.Target, c.MulticastInterface = "0.0.0.0:0", to, lo })
	mtu := u.Info().MTU
	if err := u.Send([]byte("near")); err != nil {
		t.Fatal(err)
	}
	near.awaitIn(t, len("near"))
	c := u.Config()
	c.MulticastInterface = on.Name
	if err := u.Configure(c); err != nil {
		t.Fatal(err)
	}
	if err := u.Send([]byte("far")); err != nil {
		t.Fatal(err)
	}
	if got := string(far.awaitIn(t, len("far"))); got != "far" {
		t.Errorf("through %s came %q", on.Name, got)
	}
	if got := string(near.awaitIn(t, 0)); got != "near" {
		t.Errorf("through %s came %q", lo, got)
	}
	if i := u.Info(); i.MTU != on.MTU || mtu == i.MTU {
		t.Errorf("the MTU was %d and is %d", mtu, i.MTU)
	}
	local := lastSent(t, u).Flow.Local.Addr()
	if own, err := wayTo(netip.AddrPortFrom(group, 9), on); err != nil || local != own {
		t.Errorf("recorded is that it left from %v, not %v (%v)", local, own, err)
	}
}
