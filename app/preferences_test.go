package app

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"wirebench/sessions/capture"
)

func TestGiBIsReadAsItIsWritten(t *testing.T) {
	for _, n := range []int64{minBudget, 1 << 30, 4 << 30, 8<<30 + 1<<29, maxBudget} {
		if got, err := parseGiB(gib(n), minBudget); err != nil || got != n {
			t.Errorf("%d is written %s and read as %d, %v", n, gib(n), got, err)
		}
	}
	for _, s := range []string{"", "x", "NaN", "-1", "0.01", "1e30", "Inf"} {
		if got, err := parseGiB(s, minBudget); err == nil {
			t.Errorf("%q was read as %d", s, got)
		}
	}
}

func TestDaysAreWholeAndBounded(t *testing.T) {
	if got, err := parseDays(" 14 "); got != 14 || err != nil {
		t.Errorf("%d, %v", got, err)
	}
	for s, want := range map[string]string{"": "no whole number", "1.5": "no whole number", "-1": "out of range", "3651": "out of range", "99999999999999999999": "out of range"} {
		if _, err := parseDays(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gave %v, want %q", s, err, want)
		}
	}
}

func TestThePreferencesHoldForNewTabsAndTheNextStart(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	if got := w.preferences().budget; got != capture.DefaultBudget {
		t.Errorf("the budget begins at %d", got)
	}
	w.setPreferences(preferences{budget: 1 << 30, keepBytes: 2 << 30, keepDays: 3, clear: true})
	tab := w.newTCP("")
	if got := tab.session.Traffic().Stats().Budget; got != 1<<30 || !tab.composer.ClearAfterSend {
		t.Errorf("a new tab has budget %d, clear %v", got, tab.composer.ClearAfterSend)
	}
	again, err := loadWorkspace(w.spacePath)
	if err != nil || again.CaptureBudget != 1<<30 || again.KeepBytes != 2<<30 || again.KeepDays != 3 || !again.View.ClearAfterSend {
		t.Errorf("%+v, %v", again, err)
	}
}

func TestEscapeLeavesThePreferencesAsTheyWere(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	before := w.preferences()
	w.run(t, "Preferences...")
	if w.win.Canvas().Overlays().Top() == nil {
		t.Fatal("no dialog appeared")
	}
	w.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if w.win.Canvas().Overlays().Top() != nil || w.preferences() != before {
		t.Fatal("Escape did not leave the dialog, or changed something")
	}
}
