package widgets

import (
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

func wholeUDPValues() UDPValues {
	return UDPValues{
		ReuseAddress: true, Broadcast: true, TTL: 64, ReceiveBuffer: 1 << 20,
		Groups: []UDPGroup{
			{Addr: addr("239.1.2.3")},
			{Addr: addr("232.1.1.1"), Source: addr("10.0.0.1"), Interface: "eth0"},
			{Addr: addr("ff15::1"), Interface: "wlan9"},
		},
		MulticastInterface: "eth0", MulticastTTL: 4, MulticastLoop: true,
	}
}

var someInterfaces = []UDPInterface{{Name: "lo", Label: "lo, 127.0.0.1"}, {Name: "eth0", Label: "eth0, 192.168.100.200"}, {Name: "tun0"}}

func stagedUDPOptions(t *testing.T, v UDPValues) (*UDPOptions, fyne.Window, *[]string) {
	t.Helper()
	wear(t, lightTheme)
	o := NewUDPOptions(v)
	o.SetInterfaces(someInterfaces)
	log := &[]string{}
	o.OnChanged = func() {
		v, ok := o.Values()
		*log = append(*log, fmt.Sprintf("changed %v %d %s %d %v %v", v.Broadcast, v.TTL, v.MulticastInterface, v.MulticastTTL, v.MulticastLoop, ok))
	}
	say := func(what string, g UDPGroup) error {
		*log = append(*log, fmt.Sprint(what, " ", g.Addr, " ", g.Source, " ", g.Interface))
		return nil
	}
	o.OnJoin = func(g UDPGroup) error { return say("join", g) }
	o.OnLeave = func(g UDPGroup) error { return say("leave", g) }
	return o, stage(t, o, fyne.NewSize(1000, 400)), log
}

func TestUDPOptionsGiveBackWhatTheyWereGiven(t *testing.T) {
	o, _, log := stagedUDPOptions(t, wholeUDPValues())
	if got, ok := o.Values(); !ok || !reflect.DeepEqual(got, wholeUDPValues()) {
		t.Errorf("valid %v, got\n%+v", ok, got)
	}
	o.SetValues(UDPValues{})
	if got, ok := o.Values(); !ok || !reflect.DeepEqual(got, UDPValues{MulticastTTL: 1}) {
		t.Errorf("after another filling: valid %v, got\n%+v", ok, got)
	}
	wantLog(t, log)
}

func TestABadFieldOfUDPSaysWhatToWriteAndKeepsTheLastGoodValue(t *testing.T) {
	o, _, log := stagedUDPOptions(t, wholeUDPValues())
	for _, c := range []struct{ field, text, want string }{
		{"TTL", "256", "from 1 to 255"}, {"TTL", "0", "system's"}, {"MulticastTTL", "far", "from 1 to 255"},
		{"ReceiveBuffer", "lots", "like 256 KiB"}, {"ReceiveBuffer", "2 GiB", "at most 1 GiB"},
	} {
		e := o.fields[c.field].(*checkedEntry)
		was := e.entry.Text
		e.entry.SetText(c.text)
		call(e.onDone)
		o.ShowPage(map[bool]string{true: "Socket", false: "Multicast"}[o.at[c.field] == 1])
		v, ok := o.Values()
		if !strings.Contains(e.said(), c.want) || !e.field.bad || e.entry.Text != c.text {
			t.Errorf("%s %q: sentence %q, marked %v, text %q", c.field, c.text, e.said(), e.field.bad, e.entry.Text)
		}
		if ok || !reflect.DeepEqual(v, wholeUDPValues()) || o.pages.SelectedIndex() != o.at[c.field] {
			t.Errorf("%s %q: valid %v, page %d, %+v", c.field, c.text, ok, o.pages.SelectedIndex(), v)
		}
		e.entry.SetText(was)
	}
	wantLog(t, log)
}

func TestWhatActsAtOnceOnASocketIsTold(t *testing.T) {
	o, w, log := stagedUDPOptions(t, UDPValues{})
	test.Tap(o.reuse.box)
	o.buffer.entry.SetText("1 MiB")
	call(o.buffer.onDone)
	wantLog(t, log)
	test.Tap(o.broadcast.box)
	wantLog(t, log, "changed true 0  1 false true")
	w.Canvas().Focus(o.ttl.entry)
	typing(w, "64")
	wantLog(t, log)
	press(w, fyne.KeyReturn)
	w.Canvas().Unfocus()
	wantLog(t, log, "changed true 64  1 false true")
	o.ShowPage("Multicast")
	o.outgoing.list.SetSelectedIndex(2)
	test.Tap(o.loop.box)
	o.multicastTTL.entry.SetText("9")
	call(o.multicastTTL.onDone)
	wantLog(t, log, "changed true 64 eth0 1 false true", "changed true 64 eth0 1 true true", "changed true 64 eth0 9 true true")
	o.ttl.entry.SetText("x")
	test.Tap(o.loop.box)
	o.SetValues(wholeUDPValues())
	o.SetInterfaces(nil)
	o.SetGranted(425984)
	wantLog(t, log)
	if o.outgoing.name() != "eth0" || !strings.Contains(o.outgoing.list.Selected, "(not there)") || o.granted.Text != "the system gave 416.0 KiB, which is less" {
		t.Errorf("interface %q, %q, granted %q", o.outgoing.name(), o.outgoing.list.Selected, o.granted.Text)
	}
}

func TestAGroupIsJoinedAndBecomesARow(t *testing.T) {
	o, w, log := stagedUDPOptions(t, UDPValues{})
	o.ShowPage("Multicast")
	l := o.groups
	w.Canvas().Focus(l.group.entry)
	typing(w, " 239.1.2.3 ")
	test.Tap(l.add)
	wantLog(t, log, "join 239.1.2.3 invalid IP ")
	l.group.entry.SetText("232.0.0.9")
	l.source.entry.SetText("10.0.0.1")
	l.on.list.SetSelectedIndex(2)
	l.source.entry.OnSubmitted("")
	wantLog(t, log, "join 232.0.0.9 10.0.0.1 eth0")
	v, ok := o.Values()
	if want := []UDPGroup{{Addr: addr("239.1.2.3")}, {Addr: addr("232.0.0.9"), Source: addr("10.0.0.1"), Interface: "eth0"}}; !ok || !reflect.DeepEqual(v.Groups, want) {
		t.Errorf("valid %v, groups %v", ok, v.Groups)
	}
	if l.group.entry.Text != "" || l.source.entry.Text != "" || len(l.box.Objects) != 2 || l.body.Hidden {
		t.Errorf("left in the fields: %q %q, %d rows", l.group.entry.Text, l.source.entry.Text, len(l.box.Objects))
	}
	test.Tap(l.rows[0].leave)
	wantLog(t, log, "leave 239.1.2.3 invalid IP ")
	if v, _ := o.Values(); len(v.Groups) != 1 || v.Groups[0].Interface != "eth0" {
		t.Errorf("groups %v", v.Groups)
	}
}

func TestAGroupThatCannotBeJoinedStaysInItsField(t *testing.T) {
	o, _, log := stagedUDPOptions(t, UDPValues{Groups: []UDPGroup{{Addr: addr("239.1.1.1")}}})
	l := o.groups
	l.on.list.SetSelectedIndex(0)
	for _, c := range []struct {
		group, source, want string
		atSource            bool
	}{
		{"", "", "write the address of a group", false},
		{"10.0.0.1", "", "224.0.0.0 to 239.255.255.255", false},
		{"all", "", "write the address of a group", false},
		{"", "10.0.0.1", "write the address of a group", false},
		{"ff02::1%eth0", "", "choose the interface", false},
		{"239.1.1.1", "", "there already", false},
		{"239.1.1.2", "239.1.1.2", "the one that sends", true},
		{"239.1.1.2", "x", "the one that sends", true},
		{"239.1.1.2", "::1", "of the same kind", true},
	} {
		l.group.entry.SetText(c.group)
		l.source.entry.SetText(c.source)
		test.Tap(l.add)
		if !strings.Contains(l.said(), c.want) || l.source.field.bad != c.atSource || l.group.field.bad == c.atSource {
			t.Errorf("%q %q: says %q, marked %v %v", c.group, c.source, l.said(), l.group.field.bad, l.source.field.bad)
		}
		if l.group.entry.Text != c.group || l.source.entry.Text != c.source || len(l.rows) != 1 {
			t.Errorf("%q %q: holds %q %q, %d rows", c.group, c.source, l.group.entry.Text, l.source.entry.Text, len(l.rows))
		}
	}
	wantLog(t, log)
	o.OnJoin = func(UDPGroup) error { return errors.New("eth9 has no multicast") }
	o.ShowPage("Socket")
	l.group.entry.SetText("239.1.1.2")
	l.source.entry.SetText("")
	if v, ok := o.Values(); ok || len(v.Groups) != 1 || l.said() != "eth9 has no multicast" || o.pages.Selected().Text != "Multicast" {
		t.Errorf("valid %v, groups %v, says %q, page %q", ok, v.Groups, l.said(), o.pages.Selected().Text)
	}
	o.OnJoin = nil
	if v, ok := o.Values(); !ok || len(v.Groups) != 2 || l.said() != "" {
		t.Errorf("another attempt: valid %v, groups %v, says %q", ok, v.Groups, l.said())
	}
}

func TestTheKeyboardIsNotLostWithTheButtonThatLeaves(t *testing.T) {
	o, w, log := stagedUDPOptions(t, wholeUDPValues())
	o.ShowPage("Multicast")
	w.Canvas().Focus(o.groups.rows[1].leave)
	press(w, fyne.KeySpace)
	wantLog(t, log, "leave 232.1.1.1 10.0.0.1 eth0")
	if w.Canvas().Focused() != fyne.Focusable(o.groups.group.entry) {
		t.Errorf("the keyboard is at %T", w.Canvas().Focused())
	}
}

func TestAGroupThatCannotBeLeftKeepsItsRow(t *testing.T) {
	o, _, _ := stagedUDPOptions(t, wholeUDPValues())
	o.OnLeave = func(UDPGroup) error { return errors.New("not a member") }
	test.Tap(o.groups.rows[1].leave)
	if o.groups.rows[1].problem.text != "not a member" || len(o.groups.rows) != 3 || o.groups.rows[0].problem.text != "" {
		t.Errorf("says %q, %d rows", o.groups.said(), len(o.groups.rows))
	}
	if _, ok := o.Values(); !ok || o.groups.said() != "" {
		t.Error("the next attempt must be possible")
	}
}

func TestAProblemOfASocketStandsAtTheFieldThatTheEngineNames(t *testing.T) {
	o, _, _ := stagedUDPOptions(t, wholeUDPValues())
	for _, c := range []struct {
		field, page string
		said        func() string
	}{
		{"ReuseAddress", "Socket", o.reuse.said}, {"Broadcast", "Socket", o.broadcast.said}, {"TTL", "Socket", o.ttl.said},
		{"ReceiveBuffer", "Socket", o.buffer.said}, {"Groups", "Multicast", o.groups.said},
		{"Groups[2]", "Multicast", func() string { return o.groups.rows[2].problem.text }},
		{"Groups[0].Interface", "Multicast", func() string { return o.groups.rows[0].problem.text }},
		{"MulticastInterface", "Multicast", o.outgoing.said}, {"MulticastTTL", "Multicast", o.multicastTTL.said}, {"MulticastLoop", "Multicast", o.loop.said},
	} {
		o.ShowPage(map[string]string{"Socket": "Multicast", "Multicast": "Socket"}[c.page])
		if !o.SetProblem(c.field, "it cannot be") || c.said() != "it cannot be" || o.pages.Selected().Text != c.page {
			t.Errorf("%s: page %q, sentence %q", c.field, o.pages.Selected().Text, c.said())
		}
		if _, ok := o.Values(); !ok || c.said() != "" {
			t.Errorf("%s: the next attempt must be possible, and it still says %q", c.field, c.said())
		}
	}
	for _, field := range []string{"Address", "Target", "Groups[3]", "Groups[-1]", "Groups[x"} {
		if o.SetProblem(field, "x") {
			t.Errorf("there is no field %q in the form", field)
		}
	}
}

func TestTheGroupThatAProblemIsAboutComesIntoView(t *testing.T) {
	v := UDPValues{}
	for i := range byte(12) {
		v.Groups = append(v.Groups, UDPGroup{Addr: netip.AddrFrom4([4]byte{239, 0, 0, i})})
	}
	o, w, _ := stagedUDPOptions(t, v)
	for _, i := range []int{11, 0, 5} {
		o.SetProblem(fmt.Sprintf("Groups[%d]", i), "it cannot be joined: no such device")
		relayout(w.Canvas())
		r, s := o.groups.rows[i], o.groups.scroll
		if top := r.Position().Y - s.Offset.Y; top < -0.5 || top+r.Size().Height > s.Size().Height+0.5 {
			t.Errorf("row %d is from %v to %v of %v", i, top, top+r.Size().Height, s.Size().Height)
		}
		o.groups.check()
	}
}
