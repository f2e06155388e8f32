package sessions

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"testing"

	"wirebench/sessions/capture"
)

// field returns the field that an error is about, "" for none.
func field(err error) string {
	var bad *ConfigError
	if errors.As(err, &bad) {
		return bad.Field
	}
	return ""
}

// failed starts a session that cannot be bound and returns the error that is told; afterwards the same session is
// bound elsewhere.
func failed(t *testing.T, c UDPConfig, resolve func(context.Context, string) ([]netip.Addr, error)) error {
	t.Helper()
	w := newWatch(nil)
	u, err := NewUDP(c, Options{Observer: w, Resolve: resolve, Capture: capture.Options{Dir: t.TempDir()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeSession(t, u) })
	bad := u.Start(t.Context())
	if bad == nil {
		bad = w.named(t, EventIOError).Err
		awaitDone(t, "the end", u.Done())
		if i := u.Info(); i.State != Failed || i.Err == nil {
			t.Errorf("info is %+v", i)
		}
		for _, name := range w.names() {
			if name == EventClose || name == EventListening {
				t.Errorf("a socket that never was has the event %s", name)
			}
		}
	}
	if err := u.Configure(UDPConfig{Address: "127.0.0.1:0"}); err != nil {
		t.Fatal(err)
	}
	if err := u.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.named(t, EventListening)
	return bad
}

func TestWhatCannotBeBoundSaysWhyAtItsFieldAndTheSessionLives(t *testing.T) {
	taken := station(t)
	port := udpAddr(taken.LocalAddr()).Port()
	group := netip.MustParseAddr("239.77.30.1")
	gone := fmt.Sprintf("127.0.0.1:%d", port)
	list := []struct {
		what          string
		change        func(*UDPConfig)
		resolve       []string
		field, wanted string
	}{
		{"port 70000", func(c *UDPConfig) { c.Address = "127.0.0.1:70000" }, nil, "Address", "port 70000 is out of range: write a number from 0 to 65535"},
		{"another kind of address", func(c *UDPConfig) { c.Address = "tcp://127.0.0.1:1" }, nil, "Address", "is not a udp address"},
		{"a server's address", func(c *UDPConfig) { c.Address = "server://127.0.0.1:1" }, nil, "Address", "is not a udp address"},
		{"no address", func(c *UDPConfig) { c.Address = "udp://" }, nil, "Address", "the address is missing: write a port"},
		{"a group to bind to", func(c *UDPConfig) { c.Address = "239.1.2.3:5000" }, nil, "Address", "239.1.2.3 is a multicast group: bind to 0.0.0.0, or to *, and join the group"},
		{"the broadcast address", func(c *UDPConfig) { c.Address = "255.255.255.255:5000" }, nil, "Address", "is the broadcast address"},
		{"a link-local address without its interface", func(c *UDPConfig) { c.Address = "[fe80::1]:5000" }, nil, "Address", "is link-local and needs the interface"},
		{"the zone of no interface", func(c *UDPConfig) { c.Address = "[fe80::1%nosuch0]:5000" }, nil, "Address", `no interface "nosuch0"`},
		{"an address of another machine", func(c *UDPConfig) { c.Address = "203.0.113.7:5000" }, nil, "Address", "203.0.113.7 is not an address of this machine (it has "},
		{"a name of other machines", func(c *UDPConfig) { c.Address = "other.example:5000" }, []string{"203.0.113.7", "203.0.113.8"}, "Address", "none of the addresses of this name is this machine's: 203.0.113.7, 203.0.113.8"},
		{"a name that is blocked", func(c *UDPConfig) { c.Address = "blocked.example:5000" }, []string{"0.0.0.0"}, "Address", "it has no address that a socket can be bound to"},
		{"a port in use", func(c *UDPConfig) { c.Address = gone }, nil, "Address", fmt.Sprintf("port %d is in use by ", port)},
		{"a port in use that would be shared", func(c *UDPConfig) { c.Address, c.ReuseAddress = gone, true }, nil, "Address", "does not allow the address to be used by others"},
		{"port 0 as the target", func(c *UDPConfig) { c.Target = "127.0.0.1:0" }, nil, "Target", "port 0 is out of range: write a number from 1 to 65535"},
		{"port 70000 as the target", func(c *UDPConfig) { c.Target = "127.0.0.1:70000" }, nil, "Target", "port 70000 is out of range"},
		{"a target without a port", func(c *UDPConfig) { c.Target = "127.0.0.1" }, nil, "Target", "has no port: write 127.0.0.1:port"},
		{"every address as the target", func(c *UDPConfig) { c.Target = "0.0.0.0:9" }, nil, "Target", "0.0.0.0 stands for every address, and is none to send to: write 127.0.0.1 for this machine"},
		{"every address of an interface as the target", func(c *UDPConfig) { c.Address, c.Target = "*:0", "[::%lo]:9" }, nil, "Target", "stands for every address, and is none to send to: write ::1 for this machine"},
		{"a link-local target without its interface", func(c *UDPConfig) { c.Address, c.Target = "[::1]:0", "[fe80::1]:9" }, nil, "Target", "is link-local and needs the interface"},
		{"a target of the other version", func(c *UDPConfig) { c.Target = "[::1]:9" }, nil, "Target", "::1 is an IPv6 address, and the socket is bound to 127.0.0.1, an IPv4 one: bind to *, or write another target"},
		{"a name of IPv6 alone", func(c *UDPConfig) { c.Target = "six.example:9" }, []string{"2001:db8::1", "2001:db8::2"}, "Target", "six.example has only IPv6 addresses, and the socket is bound to 127.0.0.1, an IPv4 one"},
		{"connect without a target", func(c *UDPConfig) { c.Connect = true }, nil, "Target", "there is no target whose datagrams alone could be taken"},
		{"connect to a group", func(c *UDPConfig) { c.Target, c.Connect = "239.1.2.3:9", true }, nil, "Target", "239.1.2.3 is a group, from which no datagram comes"},
		{"connect to everybody", func(c *UDPConfig) { c.Target, c.Connect = "255.255.255.255:9", true }, nil, "Target", "from which no datagram comes"},
		{"connect to a name that is a group", func(c *UDPConfig) { c.Target, c.Connect = "group.example:9", true }, []string{"239.1.2.3"}, "Target", "239.1.2.3 is a group"},
		{"a group that is none", func(c *UDPConfig) { c.Groups = []Group{{Addr: netip.MustParseAddr("192.0.2.1")}} }, nil, "Groups", "192.0.2.1 is no multicast address"},
		{"a source that is no host", func(c *UDPConfig) { c.Groups = []Group{{Addr: group, Source: group}} }, nil, "Groups", "the source 239.77.30.1 is not the address of a host"},
		{"an interface there is not", func(c *UDPConfig) { c.Groups = []Group{{Addr: group, Interface: "nosuch0"}} }, nil, "Groups", `this machine has no interface "nosuch0": choose one`},
		{"an interface to send through there is not", func(c *UDPConfig) { c.MulticastInterface = "nosuch0" }, nil, "MulticastInterface", `this machine has no interface "nosuch0": choose one`},
		{"a TTL of 256", func(c *UDPConfig) { c.TTL = 256 }, nil, "TTL", "256 is out of range: write 1 to 255"},
		{"a buffer of less than nothing", func(c *UDPConfig) { c.ReceiveBuffer = -1 }, nil, "ReceiveBuffer", "-1 is out of range"},
	}
	for _, i := range interfacesWithoutGroups(t) {
		list = append(list, struct {
			what          string
			change        func(*UDPConfig)
			resolve       []string
			field, wanted string
		}{"groups through " + i, func(c *UDPConfig) { c.MulticastInterface = i }, nil, "MulticastInterface", "the interface " + i + " "})
	}
	if hasIPv6(t) {
		list = append(list, struct {
			what          string
			change        func(*UDPConfig)
			resolve       []string
			field, wanted string
		}{"a name of IPv4 alone", func(c *UDPConfig) { c.Address, c.Target = "[::1]:0", "four.example:9" }, []string{"192.0.2.1"}, "Target", "four.example has only IPv4 addresses, and the socket is bound to ::1, an IPv6 one"})
	}
	for _, c := range list {
		t.Run(c.what, func(t *testing.T) {
			d := DefaultUDP()
			d.Address = "127.0.0.1:0"
			c.change(&d)
			if d.ReuseAddress && runtime.GOOS == "windows" {
				t.Skip("whoever asks shares the port there")
			}
			if (strings.HasPrefix(d.Address, "203.") || slices.Contains(c.resolve, "203.0.113.7")) && underWine() {
				t.Skip("Wine binds to addresses of other machines")
			}
			err := failed(t, d, resolving(c.resolve...))
			if err == nil || !strings.Contains(err.Error(), c.wanted) || field(err) != c.field {
				t.Errorf("%v, of the field %q\nwant %s, of %q", err, field(err), c.wanted, c.field)
			}
			var bad *ConfigError
			if errors.As(err, &bad) && !strings.Contains(bad.Problem, c.wanted) {
				t.Errorf("at the field stands %q", bad.Problem)
			}
		})
	}
}

// interfacesWithoutGroups returns the interfaces that cannot carry groups.
func interfacesWithoutGroups(t *testing.T) (names []string) {
	t.Helper()
	all, err := Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range all {
		if _, err := multicastInterface(i.Name); err != nil {
			names = append(names, i.Name)
		}
	}
	return names
}

func TestWhoHasThePortOfADatagramSocketIsNamed(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells")
	}
	u, _ := boundUDP(t, func(*UDPConfig) {})
	d := DefaultUDP()
	d.Address = u.Info().Local.String()
	port := u.Info().Local.Port()
	want := fmt.Sprintf("bind 127.0.0.1:%d: port %d is in use by Wirebench itself (choose another port, 0 is any that is free; or allow reusing the address, here and there)", port, port)
	err := failed(t, d, nil)
	for tries := 0; tries < 10 && strings.Contains(err.Error(), "another program"); tries++ {
		err = failed(t, d, nil) // looking took too long, and is given up soon
	}
	if err.Error() != want || !errors.Is(err, errAddrInUse) {
		t.Errorf("%v\nwant %s", err, want)
	}
	d.Address = fmt.Sprintf("*:%d", port)
	if err := failed(t, d, nil); !strings.HasPrefix(err.Error(), fmt.Sprintf("bind *:%d: port %d is in use by Wirebench itself (", port, port)) {
		t.Errorf("for every address: %v", err)
	}
}

func TestANameToBindToIsTheAddressOfItThatThisMachineHas(t *testing.T) {
	for _, c := range []struct {
		target string
		addrs  []string
		want   string
	}{
		{"", []string{"203.0.113.7", "127.0.0.1"}, "127.0.0.1"},
		{"", []string{"::1", "127.0.0.1"}, "127.0.0.1"},
		{"", []string{"0.0.0.0", "127.0.0.1"}, "127.0.0.1"},
		{"[::1]:9", []string{"127.0.0.1", "::1"}, "::1"},
		{"127.0.0.1:9", []string{"::1", "127.0.0.1"}, "127.0.0.1"},
	} {
		if c.want == "::1" && !hasIPv6(t) || c.addrs[0] == "203.0.113.7" && underWine() { // which binds to it
			continue
		}
		d := DefaultUDP()
		d.Address, d.Target = "me.example:0", c.target
		u, e := opened(t, d, resolving(c.addrs...))
		if e.Err != nil || u.Info().Local.Addr().String() != c.want {
			t.Errorf("%v for %q: bound to %v, %v", c.addrs, c.target, u.Info().Local, e.Err)
		}
	}
}
