package widgets

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
)

// newTestClientBar returns a bar in a window of the product's density, and what it called back.
func newTestClientBar(t *testing.T, width float32) (*ClientBar, fyne.Window, *[]string) {
	b := NewClientBar()
	w := stage(t, container.NewVBox(b), fyne.NewSize(width, 60))
	fyne.CurrentApp().Settings().SetTheme(denseTheme{fixedTheme{0}})
	relayout(w.Canvas())
	log := &[]string{}
	say := func(what string) func() { return func() { *log = append(*log, what) } }
	b.OnFilter = func(text string) { *log = append(*log, "filter "+text) }
	b.OnLeave = say("leave")
	b.OnEnded = func(on bool) { *log = append(*log, fmt.Sprint("ended ", on)) }
	b.OnHalfClose, b.OnKick, b.OnReset = say("half-close"), say("kick"), say("reset")
	b.OnTraffic = func(selected bool) { *log = append(*log, fmt.Sprint("traffic ", selected)) }
	return b, w, log
}

func TestTheClientBarTellsWhatThePersonDoes(t *testing.T) {
	b, w, log := newTestClientBar(t, 1000)
	b.FocusFilter(w.Canvas())
	typing(w, "10")
	wantLog(t, log, "filter 1", "filter 10")
	if !b.clear.Visible() {
		t.Error("nothing to clear the filter with")
	}
	test.Tap(b.clear)
	wantLog(t, log, "filter ")
	if b.clear.Visible() {
		t.Error("an empty filter can be cleared")
	}
	typing(w, "x") // which goes on in the field
	press(w, fyne.KeyEscape)
	wantLog(t, log, "filter x", "filter ")
	press(w, fyne.KeyEscape, fyne.KeyDown, fyne.KeyReturn)
	wantLog(t, log, "leave", "leave", "leave")
	test.Tap(b.ended)
	test.Tap(b.ended)
	wantLog(t, log, "ended false", "ended true")
	b.SetSelection(2, 1)
	for _, button := range b.actions {
		test.Tap(button)
	}
	wantLog(t, log, "half-close", "kick", "reset")
	w.Canvas().Focus(b.traffic)
	press(w, fyne.KeyRight, fyne.KeyRight, fyne.KeyLeft)
	wantLog(t, log, "traffic true", "traffic false")
}

func TestFillingTheClientBarDoesNotCallBack(t *testing.T) {
	b, _, log := newTestClientBar(t, 1000)
	b.SetEnded(false)
	b.SetTraffic(true)
	b.SetCounts(3, 4, 3)
	b.SetSelection(1, 1)
	wantLog(t, log)
	if b.ended.Checked || b.traffic.chosen != 1 {
		t.Errorf("ended %v, traffic %d", b.ended.Checked, b.traffic.chosen)
	}
	b.SetTraffic(false)
	if b.traffic.chosen != 0 {
		t.Error("the choice did not go back")
	}
	NewClientBar().SetCounts(1, 2, 3) // before it is shown, and with nothing to call back
}

func TestOnlyConnectedClientsCanBeDisconnected(t *testing.T) {
	b, _, log := newTestClientBar(t, 1000)
	for _, c := range []struct {
		n, live int
		on      bool
	}{{0, 0, false}, {3, 0, false}, {3, 1, true}, {3, 3, true}, {0, 0, false}} {
		b.SetSelection(c.n, c.live)
		for _, button := range b.actions {
			if button.Disabled() == c.on {
				t.Errorf("%d selected, %d connected: %q is disabled: %v", c.n, c.live, button.Text, button.Disabled())
			}
			if !c.on {
				test.Tap(button)
			}
		}
	}
	wantLog(t, log)
}

func TestTheClientBarCounts(t *testing.T) {
	b, _, _ := newTestClientBar(t, 1000)
	for _, c := range []struct {
		connected, ended, shown int
		selected, hidden        int
		endedToo                bool
		want                    string
	}{
		{0, 0, 0, 0, 0, true, "0 connected"},
		{120, 0, 120, 0, 0, true, "120 connected"},
		{1120, 17, 1137, 0, 0, true, "1,120 connected, 17 ended"},
		{120, 17, 120, 0, 0, false, "120 connected, 17 ended"},
		{120, 17, 5, 0, 0, true, "5 of 137 shown"},
		{120, 17, 5, 0, 0, false, "5 of 120 shown"},
		{120, 0, 120, 3, 0, true, "3 of 120 selected"},
		{120, 17, 5, 3, 1, true, "3 of 137 selected, 1 hidden"},
		{2, 17, 2, 5, 3, false, "5 of 19 selected, 3 hidden"},
	} {
		b.SetEnded(c.endedToo)
		b.SetCounts(c.connected, c.ended, c.shown)
		b.SetSelection(c.selected, 0)
		b.SetSelectionHidden(c.hidden)
		if got := b.counts.Text.Text; got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

func TestTheClientBarFitsAUsualWindow(t *testing.T) {
	b, w, _ := newTestClientBar(t, 1024)
	b.SetCounts(10234, 1000, 10)
	b.entry.SetText("10.0.0")
	b.SetSelection(10000, 10000)
	b.SetSelectionHidden(9990)
	for _, width := range []float32{1024, 700} {
		w.Resize(fyne.NewSize(width, 60))
		relayout(w.Canvas())
		if b.MinSize().Width > width {
			t.Fatalf("it needs %v", b.MinSize().Width)
		}
		nothingCutOff(t, w.Canvas(), fmt.Sprint(width))
		right := float32(0) // of what stands to the left
		for _, o := range []fyne.CanvasObject{b.entry, b.ended, b.counts.Text, b.actions[0], b.actions[1], b.actions[2], b.label.Text, b.traffic} {
			if !o.Visible() {
				continue
			}
			if o.Position().X < right {
				t.Errorf("%v wide: %T stands at %v, over what ends at %v", width, o, o.Position().X, right)
			}
			right = o.Position().X + o.Size().Width
		}
		if right > width+0.5 {
			t.Errorf("%v wide: it ends at %v", width, right)
		}
		if got, whole := b.counts.Text.Text, b.words()[0]; width == 1024 && got != whole {
			t.Errorf("%v wide: %q of %q", width, got, whole)
		}
	}
	looks(t, w, "clientbar")
}
