package widgets

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// interfaceLines are the header and the rows as text.
func interfaceLines(l *interfaceList) []string {
	lines := []string{strings.TrimRight(cellsText(l.grid.HeaderLine), " ")}
	for row := range l.rows.Rows() {
		lines = append(lines, strings.TrimRight(cellsText(l.rows.Row(row, nil)), " "))
	}
	return lines
}

func newTestInterfaces(t *testing.T) *interfaceList {
	l := newInterfaceList()
	stage(t, container.NewStack(l), fyne.NewSize(1000, 200))
	l.offer([]UDPInterface{
		{Name: "wlan0", MTU: 1500, Multicast: true},
		{Name: "lo", Addresses: "127.0.0.1/8, ::1/128", MTU: 65536, Up: true, Loopback: true},
		{Name: "eth0", Addresses: "10.0.0.2/24,fe80::1/64", MTU: 1500, Up: true, Multicast: true},
		{Name: "ppp0", Label: "ppp0, a modem"},
	})
	return l
}

func TestAnInterfaceHasARowForEachAddressAndSaysTheRestOnce(t *testing.T) {
	l := newTestInterfaces(t)
	want := []string{
		"interface   state ▲       multicast     MTU  address",
		"lo          up, loopback  no          65536  127.0.0.1/8",
		"                                             ::1/128",
		"eth0        up            yes          1500  10.0.0.2/24",
		"                                             fe80::1/64",
		"wlan0       down          yes          1500",
		"ppp0",
	}
	if got := interfaceLines(l); !slices.Equal(got, want) {
		t.Errorf("got\n%s, want\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestInterfacesAreSortedByEveryColumn(t *testing.T) {
	l := newTestInterfaces(t)
	for _, c := range []struct {
		column     interfaceColumn
		descending bool
		want       string
	}{
		{interfaceState, true, "wlan0 lo lo eth0 eth0 ppp0"},
		{interfaceName, false, "eth0 eth0 lo lo ppp0 wlan0"},
		{interfaceMulticast, false, "wlan0 eth0 eth0 lo lo ppp0"},
		{interfaceMTU, true, "lo lo wlan0 eth0 eth0 ppp0"},
		{interfaceAddress, false, "eth0 lo lo eth0 wlan0 ppp0"},
	} {
		l.SetSort(c.column, c.descending)
		var names []string
		for row := range l.rows.Rows() {
			names = append(names, l.rows.at(row).of.Name)
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("by %s, descending %v: %s, want %s", interfaceColumnKinds[c.column].title, c.descending, got, c.want)
		}
	}
	if got := interfaceLines(l)[4]; !strings.HasPrefix(got, "eth0  ") {
		t.Errorf("a row that stands apart from the others of its interface must name it: %q", got)
	}
}

func TestCopiedAddressesSayEverything(t *testing.T) {
	l := newTestInterfaces(t)
	l.grid.OnTapped(1, 0, 0)
	l.grid.OnTapped(4, 0, fyne.KeyModifierShift)
	want := "interface\tstate\tmulticast\tMTU\taddress\nlo\tup, loopback\tno\t65536\t::1/128\neth0\tup\tyes\t1500\t10.0.0.2/24\neth0\tup\tyes\t1500\tfe80::1/64\nwlan0\tdown\tyes\t1500\t\n"
	if text, rows, left := l.CopyText(); text != want || rows != 4 || left != 0 {
		t.Errorf("%d rows, %d left:\n%s", rows, left, text)
	}
	l.offer([]UDPInterface{{Name: "eth0", Addresses: "fe80::1/64, 10.0.0.3/24", MTU: 9000}})
	want = "interface\tstate\tmulticast\tMTU\taddress\neth0\tdown\tno\t9000\tfe80::1/64\n"
	if text, _, _ := l.CopyText(); text != want {
		t.Errorf("the address that stayed is not what is selected:\n%s", text)
	}
}

func TestTheChoicesOfInterfacesAreToldApart(t *testing.T) {
	wear(t, lightTheme)
	long := "Intel(R) Ethernet Connection (17) I219-LM of the docking station"
	o := NewUDPOptions(UDPValues{MulticastInterface: "b"})
	o.SetInterfaces([]UDPInterface{
		{Name: "eth0", Addresses: "10.0.0.2/24, fe80::1/64", MTU: 1500, Up: true, Multicast: true},
		{Name: "tun0", Addresses: "10.8.0.6/32", MTU: 1420, Up: true},
		{Name: "wlan0", MTU: 1500, Multicast: true},
		{Name: "a", Label: long}, {Name: "b", Label: long},
	})
	want := []string{"the system's choice", "eth0, 10.0.0.2", "tun0, 10.8.0.6, no multicast", "wlan0, down"}
	if got := o.outgoing.list.Options; !slices.Equal(got[:4], want) || got[4] == got[5] {
		t.Errorf("choices %q", got)
	}
	if v, _ := o.Values(); v.MulticastInterface != "b" {
		t.Errorf("%q is chosen", v.MulticastInterface)
	}
	o.outgoing.list.SetSelectedIndex(4)
	if v, _ := o.Values(); v.MulticastInterface != "a" {
		t.Errorf("%q is chosen", v.MulticastInterface)
	}
}
