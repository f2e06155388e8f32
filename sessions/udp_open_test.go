package sessions

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"

	"wirebench/sessions/capture"
)

// resolving answers every name with the same addresses.
func resolving(addrs ...string) func(context.Context, string) ([]netip.Addr, error) {
	return func(context.Context, string) (all []netip.Addr, err error) {
		for _, a := range addrs {
			all = append(all, netip.MustParseAddr(a))
		}
		return all, nil
	}
}

// opened starts a session and returns it with the event that says whether it is bound.
func opened(t *testing.T, c UDPConfig, resolve func(context.Context, string) ([]netip.Addr, error)) (*UDPSession, Event) {
	t.Helper()
	w := newWatch(nil)
	u, err := NewUDP(c, Options{Observer: w, Resolve: resolve, Capture: capture.Options{Dir: t.TempDir()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeSession(t, u) })
	if err := u.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return u, w.await(t, "a socket or an error", func(e Event) bool {
		return e.Name == EventListening || e.Name == EventIOError
	})
}

func TestATargetIsResolvedToTheFamilyOfTheSocket(t *testing.T) {
	l, err := net.ListenPacket("udp6", "[::1]:0")
	six := err == nil // this system has IPv6
	if six {
		l.Close()
	}
	for name, c := range map[string]struct {
		address, want string
		addrs         []string
	}{
		"bound to IPv4":           {"127.0.0.1:0", "127.0.0.2:7", []string{"::1", "127.0.0.2"}},
		"bound to IPv6":           {"[::1]:0", "[::1]:7", []string{"127.0.0.2", "::1"}},
		"bound to all of IPv4":    {"0.0.0.0:0", "127.0.0.2:7", []string{"::1", "127.0.0.2"}},
		"bound to all":            {"*:0", "[::1]:7", []string{"::1", "127.0.0.2"}},
		"bound as the target has": {":0", "[::1]:7", []string{"::1", "127.0.0.2"}},
	} {
		if strings.HasPrefix(c.want, "[") && !six {
			continue
		}
		d := DefaultUDP()
		d.Address, d.Target = c.address, "name.example:7"
		u, e := opened(t, d, resolving(c.addrs...))
		if i := u.Info(); e.Err != nil || i.Remote.String() != c.want {
			t.Errorf("%s: the target is %v, %v; want %s", name, i.Remote, e.Err, c.want)
		}
	}
	d := DefaultUDP()
	d.Address, d.Target = "127.0.0.1:0", "name.example:7"
	if _, e := opened(t, d, resolving("2001:db8::1")); e.Err == nil || !strings.Contains(e.Err.Error(), "only IPv6 addresses") {
		t.Errorf("a name of IPv6 alone: %v", e.Err)
	}
	u, _ := opened(t, UDPConfig{Address: "127.0.0.1:0"}, resolving("2001:db8::1", "127.0.0.2"))
	if to, err := u.Resolve(t.Context(), "name.example:7"); err != nil || to.String() != "127.0.0.2:7" {
		t.Errorf("resolved once it is bound: %v, %v", to, err)
	}
}

func TestAConfigurationThatCannotWorkIsFoundBeforeAnythingIsOpened(t *testing.T) {
	for name, c := range map[string]struct {
		field, says string
		change      func(*UDPConfig)
	}{
		"an interface there is not":  {"MulticastInterface", "no interface", func(c *UDPConfig) { c.MulticastInterface = "nosuch0" }},
		"a group's interface":        {"Groups", "no interface", func(c *UDPConfig) { c.Groups = []Group{{Addr: netip.MustParseAddr("239.1.1.1"), Interface: "nosuch0"}} }},
		"a group that is none":       {"Groups", "no multicast", func(c *UDPConfig) { c.Groups = []Group{{Addr: netip.MustParseAddr("10.0.0.1")}} }},
		"a target of another family": {"Target", "is an IPv6 address", func(c *UDPConfig) { c.Target = "[::1]:7" }},
		"port 0 as a target":         {"Target", "port 0", func(c *UDPConfig) { c.Target = "127.0.0.1:0" }},
	} {
		d := DefaultUDP()
		d.Address = "127.0.0.1:0"
		c.change(&d)
		err := d.Check()
		var bad *ConfigError
		if !errors.As(err, &bad) || bad.Field != c.field || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestASocketWithGroupsIsBoundWhereTheyArriveAndHasThemWhenItSaysSo(t *testing.T) {
	all, err := Interfaces()
	if err != nil || !all[0].Loopback {
		t.Fatal(all, err)
	}
	loopback := all[0]
	d := DefaultUDP()
	d.Groups = []Group{{Addr: netip.MustParseAddr("239.255.77.1"), Interface: loopback.Name}}
	w := newWatch(nil)
	u, err := NewUDP(d, Options{Observer: w, Capture: capture.Options{Dir: t.TempDir()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeSession(t, u) })
	if err := u.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.named(t, EventListening)
	w.mu.Lock()
	events := w.list()
	w.mu.Unlock()
	if joined := strings.Index(events, "joined 239"); joined < 0 || joined > strings.Index(events, EventListening+"(") {
		t.Errorf("it says that it is bound before it has joined: %s", events)
	}
	if i := u.Info(); !i.Local.Addr().IsUnspecified() || len(i.Groups) != 1 {
		t.Errorf("info is %+v", i)
	}
}
