package widgets

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
)

func newTestBar(t *testing.T) (*AddressBar, fyne.Window, *[]string) {
	a := NewAddressBar("tcp")
	var log []string
	note := func(s string) func() { return func() { log = append(log, s) } }
	a.OnConnect = func(s string) { log = append(log, "connect "+s) }
	a.OnCancel, a.OnDisconnect, a.OnHalfClose = note("cancel"), note("disconnect"), note("half-close")
	a.OnReset, a.OnReconnect = note("reset"), note("reconnect")
	w := stage(t, container.NewBorder(a, nil, nil, nil, widget.NewLabel("below")), fyne.NewSize(900, 400))
	w.Canvas().Focus(a.entry)
	return a, w, &log
}

func TestEnterConnectsToWhatWasTyped(t *testing.T) {
	_, w, log := newTestBar(t)
	typing(w, " 127.0.0.1:7777 ")
	press(w, fyne.KeyReturn)
	if want := []string{"connect 127.0.0.1:7777"}; !slices.Equal(*log, want) {
		t.Errorf("got %q, want %q", *log, want)
	}
}

func TestTheMainButtonDoesWhatTheStateAllows(t *testing.T) {
	a, _, log := newTestBar(t)
	a.SetText("h:1")
	for _, c := range []struct {
		state AddressState
		label string
		want  string
	}{
		{AddressState{}, "Connect", "connect h:1"},
		{AddressState{Phase: PhaseOpening}, "Cancel", "cancel"},
		{AddressState{Phase: PhaseOpen}, "Disconnect", "disconnect"},
		{AddressState{Phase: PhaseClosing}, "Closing…", ""},
	} {
		*log = nil
		a.SetState(c.state)
		if a.main.Text != c.label {
			t.Errorf("button says %q, want %q", a.main.Text, c.label)
		}
		test.Tap(a.main)
		if got := strings.Join(*log, ","); got != c.want {
			t.Errorf("%s did %q, want %q", c.label, got, c.want)
		}
	}
}

func TestTheMoreMenuSaysWhyAnActionIsNotThere(t *testing.T) {
	a, _, log := newTestBar(t)
	for _, c := range []struct {
		name    string
		state   AddressState
		enabled []bool // reconnect, half-close, reset
		words   []string
	}{
		{"fresh", AddressState{}, []bool{false, false, false}, []string{"nothing connected yet", "not connected", "not connected"}},
		{"closed", AddressState{CanReconnect: true}, []bool{true, false, false}, []string{"", "not connected", "not connected"}},
		{"opening", AddressState{Phase: PhaseOpening, CanReconnect: true}, []bool{false, false, false}, []string{"busy", "not connected", "not connected"}},
		{"open", AddressState{Phase: PhaseOpen, CanReconnect: true}, []bool{true, true, true}, []string{"", "", ""}},
		{"half-closed", AddressState{Phase: PhaseOpen, CanReconnect: true, WriteClosed: true}, []bool{true, false, true}, []string{"", "done already", ""}},
		{"closing", AddressState{Phase: PhaseClosing, CanReconnect: true}, []bool{false, false, true}, []string{"busy", "not connected", ""}},
	} {
		a.SetState(c.state)
		wantItems(t, c.name, a.menu(), c.enabled, c.words)
	}
	for _, item := range a.menu().Items {
		item.Action()
	}
	if want := []string{"reconnect", "half-close", "reset"}; !slices.Equal(*log, want) {
		t.Errorf("menu did %q", *log)
	}
}

func TestBadInputMarksTheFieldAndKeepsTheText(t *testing.T) {
	a, w, log := newTestBar(t)
	before := a.MinSize().Height
	typing(w, "nonsense")
	a.SetError("nonsense has no port; write host:port")
	if !a.field.bad || a.Error() == "" || a.MinSize().Height <= before {
		t.Errorf("marked %v, sentence %q, height %v (was %v)", a.field.bad, a.Error(), a.MinSize().Height, before)
	}
	if a.Text() != "nonsense" {
		t.Errorf("text became %q", a.Text())
	}
	typing(w, ":")
	if a.field.bad || a.Error() != "" || a.MinSize().Height != before {
		t.Error("the mark must go with the next edit")
	}
	a.SetText("")
	press(w, fyne.KeyReturn)
	if len(*log) != 0 || !strings.Contains(a.Error(), "host:port") {
		t.Errorf("an empty address: log %q, sentence %q", *log, a.Error())
	}
}

func TestEnterWhileConnectedSaysWhatToDoFirst(t *testing.T) {
	a, w, log := newTestBar(t)
	a.SetText("other:1")
	for phase, word := range map[Phase]string{PhaseOpen: "disconnect", PhaseOpening: "cancel", PhaseClosing: "disconnect"} {
		a.SetState(AddressState{Phase: phase})
		press(w, fyne.KeyEnter)
		if len(*log) != 0 || !strings.Contains(a.Error(), word) || a.Text() != "other:1" {
			t.Errorf("phase %d: log %q, sentence %q, text %q", phase, *log, a.Error(), a.Text())
		}
	}
}

func TestWhatWasRefusedForAPhaseIsOverWithThePhase(t *testing.T) {
	a, w, log := newTestBar(t)
	a.SetText("other:1")
	a.SetState(AddressState{Phase: PhaseOpening})
	press(w, fyne.KeyReturn)
	a.SetState(AddressState{Phase: PhaseOpening, CanReconnect: true})
	if a.Error() == "" {
		t.Error("the sentence went, and the connection is still being opened")
	}
	a.SetState(AddressState{})
	if a.Error() != "" || a.field.bad {
		t.Errorf("nothing is being opened, and it says %q", a.Error())
	}
	// What is wrong with the address is so in every phase.
	a.SetError("other has no such port")
	a.SetState(AddressState{Phase: PhaseOpening})
	a.SetState(AddressState{})
	if a.Error() == "" {
		t.Error("the sentence about the address went")
	}
	// What happened before Enter was heard counts.
	a.SetState(AddressState{Phase: PhaseOpening})
	a.OnEnter = func() { a.SetState(AddressState{}) }
	press(w, fyne.KeyReturn)
	if want := []string{"connect other:1"}; !slices.Equal(*log, want) || a.Error() != "" {
		t.Errorf("got %q with %q, want %q", *log, a.Error(), want)
	}
}

func TestTheHistoryFiltersAsOneTypesAndPicksWithTheArrows(t *testing.T) {
	a, w, log := newTestBar(t)
	a.SetHistory([]string{"alpha:1", "beta:2", "alphabet:3", "alpha:1", ""})
	typing(w, "ALP")
	if !a.history.panel.opened() || !slices.Equal(a.history.matches, []string{"alpha:1", "alphabet:3"}) {
		t.Fatalf("open %v, matches %q", a.history.panel.opened(), a.history.matches)
	}
	typing(w, "hab") // goes to the field although the list has the keyboard
	if a.Text() != "ALPhab" || !slices.Equal(a.history.matches, []string{"alphabet:3"}) {
		t.Fatalf("text %q, matches %q", a.Text(), a.history.matches)
	}
	press(w, fyne.KeyDown, fyne.KeyReturn)
	if a.Text() != "alphabet:3" || a.history.panel.opened() || len(*log) != 0 {
		t.Fatalf("text %q, open %v, log %q", a.Text(), a.history.panel.opened(), *log)
	}
	if w.Canvas().Focused() != fyne.Focusable(a.entry) {
		t.Error("the keyboard did not come back to the field")
	}
	press(w, fyne.KeyReturn)
	if want := []string{"connect alphabet:3"}; !slices.Equal(*log, want) {
		t.Errorf("log %q", *log)
	}
}

func TestUpAndDownGoRoundTheWholeHistory(t *testing.T) {
	a, w, _ := newTestBar(t)
	a.SetHistory([]string{"a:1", "b:2", "c:3"})
	press(w, fyne.KeyUp)
	if a.history.list.selected != 2 {
		t.Errorf("Up selects %d first", a.history.list.selected)
	}
	press(w, fyne.KeyDown)
	if a.history.list.selected != 0 {
		t.Errorf("Down from the last selects %d", a.history.list.selected)
	}
	press(w, fyne.KeyEscape)
	if a.history.panel.opened() || a.Text() != "" {
		t.Errorf("Escape: open %v, text %q", a.history.panel.opened(), a.Text())
	}
}

func TestAddressesCanBeForgottenOneByOneAndAllAtOnce(t *testing.T) {
	a, w, _ := newTestBar(t)
	var told [][]string
	a.OnHistory = func(h []string) { told = append(told, h) }
	a.SetHistory([]string{"a:1", "b:2", "c:3"})
	press(w, fyne.KeyDown)
	test.Tap(a.history.list.rows[1].remove)
	if !slices.Equal(a.History(), []string{"a:1", "c:3"}) || !a.history.panel.opened() {
		t.Errorf("history %q, open %v", a.History(), a.history.panel.opened())
	}
	test.Tap(a.history.clear)
	if len(a.History()) != 0 || a.history.panel.opened() || len(told) != 2 {
		t.Errorf("history %q, open %v, told %d times", a.History(), a.history.panel.opened(), len(told))
	}
	press(w, fyne.KeyDown)
	if a.history.panel.opened() {
		t.Error("an empty history must not open")
	}
}

func TestTheHistoryIsBoundedAndKeepsTheLatestFirst(t *testing.T) {
	a, _, _ := newTestBar(t)
	for i := range 10000 {
		a.Remember("host:" + FormatCount(int64(i)))
	}
	a.Remember("host:9,990")
	h := a.History()
	if len(h) != historyKept || h[0] != "host:9,990" || h[1] != "host:9,999" {
		t.Errorf("%d kept, first %q", len(h), h[:2])
	}
}

func TestATapBesideTheHistoryClosesIt(t *testing.T) {
	a, w, _ := newTestBar(t)
	a.SetHistory([]string{"a:1"})
	press(w, fyne.KeyDown)
	test.TapCanvas(w.Canvas(), fyne.NewPos(850, 390))
	if a.history.panel.opened() {
		t.Error("still open")
	}
	if w.Canvas().Focused() != fyne.Focusable(a.entry) {
		t.Error("the keyboard did not come back to the field")
	}
}

func TestAnEnormousPasteIsRefusedWithWords(t *testing.T) {
	a, w, _ := newTestBar(t)
	typing(w, "h:1")
	clip := test.NewClipboard()
	clip.SetContent(strings.Repeat("x", 1<<20))
	a.entry.TypedShortcut(&fyne.ShortcutPaste{Clipboard: clip})
	if a.Text() != "h:1" || !strings.Contains(a.Error(), "1.0 MiB") {
		t.Errorf("%d bytes of text, sentence %q", len(a.Text()), a.Error())
	}
}

func TestTheOptionsButtonTellsWhenItIsSwitched(t *testing.T) {
	a, _, _ := newTestBar(t)
	var got []bool
	a.OnOptions = func(on bool) { got = append(got, on) }
	test.Tap(a.options)
	test.Tap(a.options)
	a.SetOptionsOpen(true, false)
	if !slices.Equal(got, []bool{true, false}) || !a.opened {
		t.Errorf("told %v, open %v", got, a.opened)
	}
}

func TestTheAddressBarLooksRight(t *testing.T) {
	a, w, _ := newTestBar(t)
	a.SetText("127.0.0.1:7777")
	a.SetState(AddressState{Phase: PhaseOpen})
	looks(t, w, "addressbar-open")
	a.SetState(AddressState{})
	a.SetText("localhost")
	a.SetError("localhost has no port; write host:port, for example localhost:7777")
	a.SetHistory([]string{"127.0.0.1:7777", "game.example.org:9339", "[2001:db8::7]:443", "localhost:8087"})
	looks(t, w, "addressbar-error")
	press(w, fyne.KeyDown, fyne.KeyDown)
	looks(t, w, "addressbar-history")
	press(w, fyne.KeyEscape)
	a.SetError("")
	a.showMore()
	looks(t, w, "addressbar-more")
}
