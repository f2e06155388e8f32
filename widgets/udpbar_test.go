package widgets

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
)

func newTestUDPBar(t *testing.T) (*UDPBar, fyne.Window, *[]string) {
	b := NewUDPBar()
	log := &[]string{}
	note := func(s string) func() { return func() { *log = append(*log, s) } }
	b.OnBind = func(s string) { *log = append(*log, "bind "+s) }
	b.OnTarget = func(s string) { *log = append(*log, "target "+s) }
	b.OnConnected = func(on bool) { *log = append(*log, fmt.Sprint("connected ", on)) }
	b.OnHistory = func(all []string) { *log = append(*log, fmt.Sprint("history ", all)) }
	b.OnTargetHistory = func(all []string) { *log = append(*log, fmt.Sprint("targets ", all)) }
	b.OnUnbind, b.OnReply = note("unbind"), note("reply")
	w := stage(t, container.NewBorder(b, nil, nil, nil, widget.NewEntry()), fyne.NewSize(1000, 400))
	return b, w, log
}

func TestEnterBindsToWhatWasTyped(t *testing.T) {
	b, w, log := newTestUDPBar(t)
	b.FocusAddress(w.Canvas())
	typing(w, " *:5000 ")
	press(w, fyne.KeyReturn)
	wantLog(t, log, "bind *:5000")
	if b.Text() != " *:5000 " {
		t.Errorf("the field holds %q", b.Text())
	}
}

func TestTheBindButtonDoesWhatTheStateAllows(t *testing.T) {
	b, w, log := newTestUDPBar(t)
	for _, c := range []struct {
		phase              Phase
		label, want, enter string
	}{
		{PhaseReady, "Bind", "bind :0", ""},
		{PhaseOpening, "Cancel", "unbind", "cancel that first"},
		{PhaseOpen, "Unbind", "unbind", "unbind it first"},
		{PhaseClosing, "Closing…", "", "still being closed"},
		{PhaseReady, "Bind", "bind :0", ""},
	} {
		b.SetText(":0")
		b.SetState(UDPState{Phase: c.phase})
		if b.main.Text != c.label || b.State().Phase != c.phase {
			t.Errorf("phase %d: the button says %q, want %q", c.phase, b.main.Text, c.label)
		}
		test.Tap(b.main)
		if got := strings.Join(*log, ","); got != c.want {
			t.Errorf("%s did %q, want %q", c.label, got, c.want)
		}
		*log = nil
		w.Canvas().Focus(b.entry)
		press(w, fyne.KeyReturn)
		if c.enter != "" && (len(*log) > 0 || !strings.Contains(b.Error(), c.enter)) {
			t.Errorf("%s: Enter did %q and says %q", c.label, *log, b.Error())
		}
		*log = nil
	}
	b.SetText("")
	test.Tap(b.main)
	if !strings.Contains(b.Error(), "address:port") || len(*log) > 0 {
		t.Errorf("nothing to bind to: %q, %q", b.Error(), *log)
	}
}

func TestATargetIsToldWhenItIsAnotherOne(t *testing.T) {
	b, w, log := newTestUDPBar(t)
	b.FocusTarget(w.Canvas())
	typing(w, " peer:1 ")
	wantLog(t, log)
	press(w, fyne.KeyReturn)
	wantLog(t, log, "target peer:1")
	press(w, fyne.KeyReturn)
	w.Canvas().Focus(b.entry)
	wantLog(t, log)
	b.FocusTarget(w.Canvas())
	typing(w, "other:2")
	w.Canvas().Focus(b.entry)
	wantLog(t, log, "target other:2")
	b.SetTarget("third:3")
	b.FocusTarget(w.Canvas())
	w.Canvas().Unfocus()
	wantLog(t, log)
	b.FocusTarget(w.Canvas())
	press(w, fyne.KeyBackspace, fyne.KeyReturn)
	wantLog(t, log, "target ")
	if b.Target() != "" {
		t.Errorf("the target is %q", b.Target())
	}
}

func TestEnterTriesATargetAgainAfterAnError(t *testing.T) {
	b, w, log := newTestUDPBar(t)
	b.FocusTarget(w.Canvas())
	typing(w, "nohost:1")
	press(w, fyne.KeyReturn)
	b.SetTargetError("no host of that name")
	*log = nil
	if b.Error() != "" || b.TargetError() != "no host of that name" || !b.target.field.bad || b.Target() != "nohost:1" {
		t.Errorf("sentences %q and %q, text %q", b.Error(), b.TargetError(), b.Target())
	}
	w.Canvas().Focus(b.entry)
	wantLog(t, log)
	b.FocusTarget(w.Canvas())
	press(w, fyne.KeyReturn)
	wantLog(t, log, "target nohost:1")
	if b.TargetError() != "" {
		t.Error("the sentence outlives another attempt")
	}
	b.SetTargetError("no")
	typing(w, "1")
	if b.TargetError() != "" {
		t.Error("the sentence outlives an edit")
	}
}

func TestEscapeTakesAFieldBackToWhatHolds(t *testing.T) {
	b, w, log := newTestUDPBar(t)
	b.OnChanged = func(s string) { *log = append(*log, "changed "+s) }
	left := 0
	w.Canvas().SetOnTypedKey(func(k *fyne.KeyEvent) { left++ })
	b.SetText(":1")
	b.FocusAddress(w.Canvas())
	typing(w, ":2")
	*log = nil
	press(w, fyne.KeyEscape)
	wantLog(t, log, "changed :1")
	if b.Text() != ":1" || left != 0 {
		t.Errorf("the field holds %q, and Escape went on %d times", b.Text(), left)
	}
	press(w, fyne.KeyEscape)
	if b.Text() != ":1" || left != 1 {
		t.Errorf("again: %q, and Escape went on %d times", b.Text(), left)
	}

	b.FocusAddress(w.Canvas())
	typing(w, ":80")
	press(w, fyne.KeyReturn)
	b.SetError("ports below 1024 need a privilege")
	press(w, fyne.KeyEscape)
	if b.Text() != ":1" || b.Error() != "" {
		t.Errorf("after an address that failed: %q, %q", b.Text(), b.Error())
	}
	b.FocusAddress(w.Canvas())
	typing(w, ":5")
	press(w, fyne.KeyReturn)
	b.SetState(UDPState{Phase: PhaseOpen})
	b.SetState(UDPState{})
	b.SetError("the interface is gone")
	typing(w, "0")
	press(w, fyne.KeyEscape)
	if b.Text() != ":5" {
		t.Errorf("after an address that had been bound to: %q", b.Text())
	}

	b.SetTarget("peer:1")
	b.FocusTarget(w.Canvas())
	typing(w, "nohost:2")
	press(w, fyne.KeyReturn)
	b.SetTargetError("no host of that name")
	*log = nil
	press(w, fyne.KeyEscape)
	wantLog(t, log)
	if b.Target() != "peer:1" || b.TargetError() != "" {
		t.Errorf("target %q, %q", b.Target(), b.TargetError())
	}
	w.Canvas().Focus(b.entry)
	wantLog(t, log, "target peer:1") // the one that failed was told last
	b.FocusTarget(w.Canvas())
	typing(w, "p")
	b.SetTargetHistory([]string{"peer:1", "peer:2"})
	typing(w, "e")
	press(w, fyne.KeyEscape)
	if b.Target() != "pe" || b.target.history.panel.opened() {
		t.Errorf("the first Escape closes the list: open %v, target %q", b.target.history.panel.opened(), b.Target())
	}
	press(w, fyne.KeyEscape)
	w.Canvas().Unfocus()
	wantLog(t, log)
	if b.Target() != "peer:1" {
		t.Errorf("target %q", b.Target())
	}
}

func TestTabGoesThroughTheUDPBarAsItIsRead(t *testing.T) {
	b, w, _ := newTestUDPBar(t)
	w.Canvas().Focus(b.entry)
	for i, want := range []fyne.Focusable{b.entry.ActionItem.(*widget.Button), b.places, b.main, b.options, b.target.entry, b.target.entry.ActionItem.(*widget.Button), b.only, b.reply} {
		w.Canvas().FocusNext()
		if w.Canvas().Focused() != want {
			t.Fatalf("stop %d is %T, want %T", i+1, w.Canvas().Focused(), want)
		}
	}
}

func TestBindAndTargetHaveAHistoryEach(t *testing.T) {
	b, w, log := newTestUDPBar(t)
	b.SetHistory([]string{":1", ":2"})
	b.SetTargetHistory([]string{"alpha:1", "beta:2", "alphabet:3"})
	b.RememberTarget("gamma:4")
	if !slices.Equal(b.History(), []string{":1", ":2"}) || !slices.Equal(b.TargetHistory(), []string{"gamma:4", "alpha:1", "beta:2", "alphabet:3"}) {
		t.Errorf("histories %q and %q", b.History(), b.TargetHistory())
	}
	b.FocusTarget(w.Canvas())
	typing(w, "al")
	if !b.target.history.panel.opened() {
		t.Fatal("the list did not open")
	}
	press(w, fyne.KeyDown, fyne.KeyDown, fyne.KeyReturn)
	wantLog(t, log) // what was half written is not told, and what was taken not yet
	if b.Target() != "alphabet:3" || !b.TargetHasFocus(w.Canvas()) {
		t.Errorf("target %q, focused %v", b.Target(), b.TargetHasFocus(w.Canvas()))
	}
	press(w, fyne.KeyReturn)
	wantLog(t, log, "target alphabet:3")
	b.target.history.toggle()
	test.Tap(b.target.history.clear)
	wantLog(t, log, "targets []")
	b.target.history.toggle()
	b.history.toggle()
	test.Tap(b.history.clear)
	wantLog(t, log, "history []")
}

func TestTheListOfTargetsThatIsDismissedTellsNothingUntilTheFieldIsLeft(t *testing.T) {
	b, w, log := newTestUDPBar(t)
	b.SetTargetHistory([]string{"alpha:1", "alphabet:3"})
	b.FocusTarget(w.Canvas())
	typing(w, "al")
	test.TapCanvas(w.Canvas(), fyne.NewPos(900, 390))
	wantLog(t, log)
	if b.target.history.panel.opened() || b.Target() != "al" {
		t.Fatalf("open %v, target %q", b.target.history.panel.opened(), b.Target())
	}
	w.Canvas().Focus(b.entry)
	wantLog(t, log, "target al")
}

func TestTheFieldsKeepTheirWidthWhateverTheButtonSays(t *testing.T) {
	b, w, _ := newTestUDPBar(t)
	width := b.field.Size().Width
	for phase := PhaseReady; phase <= PhaseClosing; phase++ {
		b.SetState(UDPState{Phase: phase})
		relayout(w.Canvas())
		if b.field.Size().Width != width || b.target.field.Size().Width != width {
			t.Errorf("%s: the fields are %v and %v wide, and were %v", b.main.Text, b.field.Size().Width, b.target.field.Size().Width, width)
		}
	}
}

func TestOnlyThePersonTellsOfTheCheckAndTheReply(t *testing.T) {
	b, _, log := newTestUDPBar(t)
	b.SetState(UDPState{Phase: PhaseOpen, Connected: true})
	if !b.only.Checked {
		t.Error("the check is not set")
	}
	wantLog(t, log)
	test.Tap(b.only)
	test.Tap(b.reply)
	b.SetCanReply(false)
	test.Tap(b.reply)
	wantLog(t, log, "connected false", "reply")
}

func TestAnAddressOfThisMachineIsChosenToBindTo(t *testing.T) {
	b, _, _ := newTestUDPBar(t)
	b.Places = func() []ListenPlace { return []ListenPlace{{Host: "::1", Label: "::1   lo", Up: true}} }
	b.SetText("*:5000")
	b.placesMenu().Items[0].Action()
	if b.Text() != "[::1]:5000" {
		t.Errorf("got %q", b.Text())
	}
}
