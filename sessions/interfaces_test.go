package sessions

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func TestInterfacesListsWhatThisMachineHas(t *testing.T) {
	all, err := Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	found, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != len(found) || len(all) == 0 {
		t.Fatalf("%d interfaces; the system has %d", len(all), len(found))
	}
	if !all[0].Loopback || !all[0].has(netip.MustParseAddr("127.0.0.1")) {
		t.Errorf("the first is %+v; want loopback", all[0])
	}
	for _, f := range found {
		n := slices.IndexFunc(all, func(i Interface) bool { return i.Name == f.Name })
		if n < 0 {
			t.Errorf("%s is missing", f.Name)
			continue
		}
		i := all[n]
		if i.Index != f.Index || i.MTU != f.MTU || i.HardwareAddr.String() != f.HardwareAddr.String() ||
			i.Up != (f.Flags&net.FlagUp != 0) || i.Multicast != (f.Flags&net.FlagMulticast != 0) {
			t.Errorf("%+v; want %+v", i, f)
		}
		addrs, _ := f.Addrs()
		if len(addrs) != len(i.Addrs) {
			t.Errorf("%s has %v; want %v", i.Name, i.Addrs, addrs)
		}
		for _, a := range addrs {
			p, err := netip.ParsePrefix(a.String())
			if err != nil || !slices.Contains(i.Addrs, p) || !i.has(i.Zoned(p.Addr())) {
				t.Errorf("%s: %v is missing of %v", i.Name, a, i.Addrs)
			}
		}
	}
}

func TestInterfacesAreLoopbackThenUpThenDown(t *testing.T) {
	all := []Interface{
		{Name: "down", Index: 2}, {Name: "eth1", Index: 4, Up: true}, {Name: "eth0", Index: 3, Up: true},
		{Name: "down0", Index: 1}, {Name: "lo", Index: 5, Up: true, Loopback: true},
	}
	sortInterfaces(all)
	var names []string
	for _, i := range all {
		names = append(names, i.Name)
	}
	if got := strings.Join(names, " "); got != "lo eth0 eth1 down0 down" {
		t.Errorf("in the order %s", got)
	}
}

func TestAddressesHaveTheLengthOfTheirPrefixAndIPv4ComesFirst(t *testing.T) {
	got := fmt.Sprint(prefixes([]net.Addr{
		&net.IPNet{IP: net.ParseIP("fe80::1"), Mask: net.CIDRMask(64, 128)},
		&net.IPNet{IP: net.ParseIP("192.0.2.1"), Mask: net.CIDRMask(24, 32)},
		&net.IPNet{IP: net.ParseIP("10.0.0.1"), Mask: net.CIDRMask(104, 128)},
		&net.IPNet{IP: net.ParseIP("2001:db8::1"), Mask: net.CIDRMask(128, 128)},
		&net.TCPAddr{},
		&net.IPNet{IP: net.IP{1}, Mask: net.CIDRMask(8, 32)},
	}))
	if want := "[192.0.2.1/24 10.0.0.1/8 fe80::1/64 2001:db8::1/128]"; got != want {
		t.Errorf("got %s; want %s", got, want)
	}
}

func TestALongListOfAddressesIsCutShort(t *testing.T) {
	all := []Interface{{Name: "down0", Addrs: []netip.Prefix{netip.MustParsePrefix("10.9.9.9/8")}}}
	for i := range 20 {
		all = append(all, Interface{Name: fmt.Sprintf("veth%d", i), Up: true, Addrs: []netip.Prefix{
			netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), 24), netip.MustParsePrefix("fe80::1/64"),
		}})
	}
	want := "10.0.0.0, 10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.0.4, 10.0.0.5, 10.0.0.6, 10.0.0.7 and 12 more"
	if got := addressList(all, netip.MustParseAddr("192.0.2.1")); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := addressList(all[:2], netip.MustParseAddr("2001:db8::1")); got != "fe80::1%veth0" {
		t.Errorf("of IPv6 %s", got)
	}
}
