package sessions

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"testing"

	"wirebench/sessions/capture"
)

func TestWhatSendsIsChangedWhileTheSocketIsBound(t *testing.T) {
	u, _ := boundUDP(t, func(c *UDPConfig) { c.Address = "127.0.0.1:0" })
	c := u.Config()
	c.Broadcast, c.TTL, c.MulticastTTL = true, 9, 7
	if err := u.Configure(c); err != nil {
		t.Fatal(err)
	}
	if got := u.Config(); !got.Broadcast || got.TTL != 9 || got.MulticastTTL != 7 {
		t.Errorf("the configuration is %+v", got)
	}
	bad := c
	bad.TTL = 300
	var fault *ConfigError
	if err := u.Configure(bad); !errors.As(err, &fault) || fault.Field != "TTL" {
		t.Errorf("a TTL of 300 gives %v", err)
	}
	for name, change := range map[string]func(*UDPConfig){
		"address": func(c *UDPConfig) { c.Address = "127.0.0.1:1" },
		"buffer":  func(c *UDPConfig) { c.ReceiveBuffer = 1 << 20 },
		"reuse":   func(c *UDPConfig) { c.ReuseAddress = true },
	} {
		other := u.Config()
		change(&other)
		if err := u.Configure(other); !errors.Is(err, ErrLive) {
			t.Errorf("another %s gives %v", name, err)
		}
	}
	if got := u.Config(); got.TTL != 9 || got.Address != "127.0.0.1:0" {
		t.Errorf("what was refused changed the configuration to %+v", got)
	}
}

// boundUDP is a session that is bound.
func boundUDP(t *testing.T, change func(*UDPConfig)) (*UDPSession, *watch) {
	t.Helper()
	c := DefaultUDP()
	c.Address = "127.0.0.1:0"
	change(&c)
	w := newWatch(nil)
	u, err := NewUDP(c, Options{Observer: w, Capture: capture.Options{Dir: t.TempDir()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = u.Close()
		_ = u.Traffic().Release()
	})
	if err := u.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	w.await(t, "to be bound", func(e Event) bool { return e.Name == EventListening })
	return u, w
}

func TestASocketOnEveryAddressRecordsWhereEachDatagramWent(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux is asked")
	}
	for _, address := range []string{"0.0.0.0:0", "*:0"} {
		t.Run(address, func(t *testing.T) {
			u, w := boundUDP(t, func(c *UDPConfig) { c.Address = address })
			port := u.Info().Local.Port()
			for _, to := range []string{"127.0.0.1", "127.0.0.2"} {
				c, err := net.Dial("udp4", net.JoinHostPort(to, fmt.Sprint(port)))
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				if _, err := c.Write([]byte(to)); err != nil {
					t.Fatal(err)
				}
			}
			w.awaitIn(t, len("127.0.0.1127.0.0.2"))
			if err := u.SendTo(netip.MustParseAddrPort("127.0.0.1:9"), []byte("out")); err != nil {
				t.Fatal(err)
			}
			found := 0
			for _, r := range records(t, u) {
				if r.Kind != capture.Data {
					continue
				}
				found++
				want := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port)
				if r.Dir == capture.In && r.Len == 9 && found == 2 {
					want = netip.AddrPortFrom(netip.MustParseAddr("127.0.0.2"), port)
				}
				if r.Flow.Local != want {
					t.Errorf("record %d is of %v, want %v", r.Number, r.Flow.Local, want)
				}
			}
			if found != 3 {
				t.Errorf("%d datagrams are recorded", found)
			}
		})
	}
}

func TestAnICMPMessageNamesTheDatagramItIsAbout(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells")
	}
	for _, local := range []string{"127.0.0.1:0", "[::1]:0", "*:0"} {
		t.Run(local, func(t *testing.T) {
			u, w := boundUDP(t, func(c *UDPConfig) { c.Address = local })
			a := netip.MustParseAddr("127.0.0.1")
			if strings.HasPrefix(local, "[") {
				a = netip.MustParseAddr("::1")
			}
			dead := deadUDP(t, a)
			if err := u.SendTo(dead, []byte("first")); err != nil {
				t.Fatal(err)
			}
			e := w.await(t, "the ICMP message", func(e Event) bool { return e.Name == EventIOError })
			// The first record says where the socket is bound.
			if want := fmt.Sprintf("send 5 bytes to %s (record 2): port unreachable (ICMP): nothing listens there", dead); e.Text != want || e.Remote != dead {
				t.Errorf("told is %q of %v, want %q", e.Text, e.Remote, want)
			}
			list := records(t, u)
			if n := len(list); n != 3 || list[1].Kind != capture.Data || list[2].Kind != capture.Note || list[2].Flow.Remote != dead {
				t.Errorf("recorded are %+v", list)
			}
			for range 3 { // each has been sent once, whatever was said of the one before
				if err := u.SendTo(dead, []byte("again")); err != nil {
					t.Fatal(err)
				}
			}
			w.until(t, "every message", func() bool { return u.Info().SendErrors == 4 })
			if n := u.Info().Out; n != 4 {
				t.Errorf("%d datagrams are counted as sent", n)
			}
		})
	}
}

// deadUDP is a port at which nobody listens.
func deadUDP(t *testing.T, a netip.Addr) netip.AddrPort {
	t.Helper()
	c, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(a, 0)))
	if err != nil {
		t.Skip(err)
	}
	defer c.Close()
	return udpAddr(c.LocalAddr())
}

func TestATargetThatWasGivenUpIsNotSetLater(t *testing.T) {
	slow := make(chan struct{})
	u, _ := boundUDP(t, func(*UDPConfig) {})
	u.opts.Resolve = func(ctx context.Context, _ string) ([]netip.Addr, error) {
		<-slow
		return []netip.Addr{netip.MustParseAddr("127.0.0.9")}, nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- u.SetTarget(ctx, "slow.test:9", false) }()
	cancel()
	if err := u.SetTarget(context.Background(), "127.0.0.1:7", false); err != nil {
		t.Fatal(err)
	}
	close(slow)
	if err := <-done; err == nil {
		t.Error("a target that was given up was set")
	}
	if got := u.Info().Remote.String(); got != "127.0.0.1:7" {
		t.Errorf("the target is %s", got)
	}
}
