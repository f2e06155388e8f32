package widgets

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
)

func newTestListenBar(t *testing.T) (*ListenBar, fyne.Window, *[]string) {
	b := NewListenBar()
	var log []string
	note := func(s string) func() { return func() { log = append(log, s) } }
	b.OnListen = func(s string) { log = append(log, "listen "+s) }
	b.OnStop, b.OnCloseAll, b.OnResetAll, b.OnShutdown = note("stop"), note("close"), note("reset"), note("shutdown")
	w := stage(t, container.NewBorder(b, nil, nil, nil, widget.NewLabel("below")), fyne.NewSize(900, 400))
	w.Canvas().Focus(b.entry)
	return b, w, &log
}

func TestEnterListensAtWhatWasTyped(t *testing.T) {
	_, w, log := newTestListenBar(t)
	typing(w, " *:8087 ")
	press(w, fyne.KeyReturn)
	if want := []string{"listen *:8087"}; !slices.Equal(*log, want) {
		t.Errorf("got %q, want %q", *log, want)
	}
}

func TestTheListenButtonDoesWhatTheStateAllows(t *testing.T) {
	b, _, log := newTestListenBar(t)
	b.SetText(":0")
	for _, c := range []struct {
		state       ListenState
		label, want string
	}{
		{ListenState{}, "Listen", "listen :0"},
		{ListenState{Clients: 2}, "Listen again", "listen :0"},
		{ListenState{Phase: PhaseOpening}, "Cancel", "stop"},
		{ListenState{Phase: PhaseOpen, Clients: 2}, "Stop listening", "stop"},
		{ListenState{Phase: PhaseClosing, Clients: 2}, "Closing…", ""},
	} {
		*log = nil
		b.SetState(c.state)
		if b.main.Text != c.label || b.State() != c.state {
			t.Errorf("button says %q, want %q; state %v", b.main.Text, c.label, b.State())
		}
		test.Tap(b.main)
		if got := strings.Join(*log, ","); got != c.want {
			t.Errorf("%s did %q, want %q", c.label, got, c.want)
		}
	}
}

func TestTheMenuOfAListenerSaysWhyAnActionIsNotThere(t *testing.T) {
	b, _, log := newTestListenBar(t)
	for _, c := range []struct {
		name    string
		state   ListenState
		enabled []bool // close all, reset all, stop everything
		words   []string
	}{
		{"fresh", ListenState{}, []bool{false, false, false}, []string{"all clients in order (FIN) (no client is connected)", "no client is connected", "nothing is open"}},
		{"starting", ListenState{Phase: PhaseOpening}, []bool{false, false, true}, []string{"no client", "no client", ""}},
		{"alone", ListenState{Phase: PhaseOpen}, []bool{false, false, true}, []string{"no client", "no client", ""}},
		{"busy", ListenState{Phase: PhaseOpen, Clients: 1204}, []bool{true, true, true}, []string{"all 1,204 clients", "all 1,204 clients", ""}},
		{"left over", ListenState{Clients: 1}, []bool{true, true, true}, []string{"the one client", "the one client", ""}},
		{"closing", ListenState{Phase: PhaseClosing, Clients: 2}, []bool{false, true, false}, []string{"they are being closed", "", "under way"}},
	} {
		b.SetState(c.state)
		wantItems(t, c.name, b.menu(), c.enabled, c.words)
	}
	for _, item := range b.menu().Items {
		call(item.Action)
	}
	if want := []string{"close", "reset", "shutdown"}; !slices.Equal(*log, want) {
		t.Errorf("menu did %q", *log)
	}
}

func TestEnterWhileListeningSaysWhatToDoFirst(t *testing.T) {
	b, w, log := newTestListenBar(t)
	for _, c := range []struct {
		phase      Phase
		text, want string
	}{
		{PhaseOpen, ":1", "stop that first"}, {PhaseOpening, ":1", "cancel"}, {PhaseClosing, ":1", "reset"}, {PhaseReady, "", "address:port"},
	} {
		b.SetText(c.text)
		b.SetState(ListenState{Phase: c.phase})
		press(w, fyne.KeyEnter)
		if len(*log) != 0 || !strings.Contains(b.Error(), c.want) || b.Text() != c.text || !b.field.bad {
			t.Errorf("phase %d: log %q, sentence %q, text %q", c.phase, *log, b.Error(), b.Text())
		}
	}
	typing(w, ":")
	if b.Error() != "" {
		t.Error("the sentence must go with the next edit")
	}
}

func TestAPlaceReplacesTheHostAndKeepsThePort(t *testing.T) {
	for _, c := range []struct{ host, text, want string }{
		{"127.0.0.1", "", "127.0.0.1:0"},
		{"127.0.0.1", ":8087", "127.0.0.1:8087"},
		{"127.0.0.1", "8087", "127.0.0.1:8087"},
		{"127.0.0.1", " 10.0.0.1:8087\n", "127.0.0.1:8087"},
		{"127.0.0.1", "localhost", "127.0.0.1:0"},
		{"127.0.0.1", "localhost:", "127.0.0.1:0"},
		{"127.0.0.1", "localhost:x", "127.0.0.1:x"},
		{"127.0.0.1", "server://[::1]:80", "127.0.0.1:80"},
		{"*", "127.0.0.1:8087", "*:8087"},
		{"::1", "127.0.0.1:8087", "[::1]:8087"},
		{"::1", "[::]:8087", "[::1]:8087"},
		{"::1", "[fe80::2]", "[::1]:0"},
		{"::1", "fe80::2%eth0", "[::1]:0"},
		{"fe80::1%eth0", "*:80", "[fe80::1%eth0]:80"},
	} {
		if got := withHost(c.host, c.text); got != c.want {
			t.Errorf("%s in %q is %q, want %q", c.host, c.text, got, c.want)
		}
	}
}

func FuzzAPlaceIsTheHostOfTheAddressThatComesOfIt(f *testing.F) {
	f.Add("127.0.0.1:8087")
	f.Add("[fe80::1%eth0]:80")
	f.Add("]:]")
	f.Fuzz(func(t *testing.T, typed string) {
		got := withHost("::1", typed)
		if !strings.HasPrefix(got, "[::1]:") || len(got) == len("[::1]:") {
			t.Errorf("%q became %q", typed, got)
		}
		if a, err := netip.ParseAddrPort(trimBlanks(typed)); err == nil {
			if b, err := netip.ParseAddrPort(got); err != nil || a.Port() != b.Port() {
				t.Errorf("%q became %q, and the port was %d", typed, got, a.Port())
			}
		}
	})
}

func TestTheMenuOfPlacesIsAskedForAnewEachTime(t *testing.T) {
	b, w, _ := newTestListenBar(t)
	if items := b.placesMenu().Items; len(items) != 1 || !items[0].Disabled {
		t.Errorf("without places: %v", items)
	}
	asked := 0
	b.Places = func() []ListenPlace {
		asked++
		return []ListenPlace{
			{Host: "127.0.0.1", Label: "127.0.0.1   lo, loopback, MTU 65536", Up: true, Separate: true},
			{Host: "10.0.0.7", Label: "10.0.0.7   eth1"},
			{Host: "*", Label: "*   every interface", Up: true, Separate: true},
		}
	}
	var edits []string
	b.OnChanged = func(s string) { edits = append(edits, s) }
	b.SetText("localhost:9000")
	b.SetError("no")
	test.Tap(b.places)
	items := b.placesMenu().Items
	if asked != 2 || len(items) != 4 || items[0].IsSeparator || !items[2].IsSeparator {
		t.Fatalf("asked %d times, items %v", asked, items)
	}
	if !items[1].Disabled || !strings.Contains(items[1].Label, "(down)") || items[3].Disabled {
		t.Errorf("the address of an interface that is down: %q, disabled %v", items[1].Label, items[1].Disabled)
	}
	w.Canvas().Overlays().Remove(w.Canvas().Overlays().Top()) // a menu goes before it acts
	items[3].Action()
	if b.Text() != "*:9000" || b.Error() != "" || !slices.Equal(edits, []string{"*:9000"}) {
		t.Errorf("text %q, sentence %q, told %q", b.Text(), b.Error(), edits)
	}
	if !b.HasFocus(w.Canvas()) {
		t.Error("the keyboard is not in the field")
	}
}

func TestTheListenBarLooksRight(t *testing.T) {
	b, w, _ := newTestListenBar(t)
	for _, width := range []float32{1000, 700} {
		w.Resize(fyne.NewSize(width, 240))
		name := map[float32]string{1000: "wide", 700: "narrow"}[width]
		b.SetText("")
		b.SetState(ListenState{})
		looks(t, w, "listen-ready-"+name)
		b.SetText("127.0.0.1:80")
		b.SetError("127.0.0.1:80 cannot be listened at: ports below 1024 need a privilege that this program lacks; choose another")
		b.SetState(ListenState{Clients: 3})
		looks(t, w, "listen-bad-"+name)
		b.SetError("")
	}
	b.SetState(ListenState{Phase: PhaseOpen, Clients: 120})
	b.showMore()
	looks(t, w, "listen-more")
	w.Canvas().Overlays().Remove(w.Canvas().Overlays().Top())
	b.Places = func() []ListenPlace {
		return []ListenPlace{
			{Host: "127.0.0.1", Label: "127.0.0.1   lo, loopback, MTU 65536", Up: true},
			{Host: "::1", Label: "::1   lo, loopback, MTU 65536", Up: true},
			{Host: "192.168.1.5", Label: "192.168.1.5   eth0, MTU 1500", Up: true, Separate: true},
			{Host: "10.8.0.2", Label: "10.8.0.2   tun0, MTU 1400"},
			{Host: "*", Label: "*   every interface, IPv4 and IPv6", Up: true, Separate: true},
		}
	}
	test.Tap(b.places)
	looks(t, w, "listen-places")
}
