package app

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/capture"
)

// Bounds of what a person can choose.
const (
	minBudget = 64 << 20
	maxBudget = 1 << 50
	maxDays   = 3650
)

// preferences are what the dialog of that name changes. Everything else is
// chosen where it is used.
type preferences struct {
	budget    int64 // bytes of one session's capture
	keepBytes int64 // bytes of all finished captures
	keepDays  int
	clear     bool // empty the composer after sending
}

func (w *workbench) preferences() preferences {
	p := preferences{budget: w.space.CaptureBudget, keepBytes: w.space.KeepBytes, keepDays: w.space.KeepDays, clear: w.space.View.ClearAfterSend}
	if p.budget == 0 {
		p.budget = capture.DefaultBudget
	}
	return p
}

func (w *workbench) setPreferences(p preferences) {
	w.space.CaptureBudget, w.space.KeepBytes, w.space.KeepDays = p.budget, p.keepBytes, p.keepDays
	w.space.View.ClearAfterSend = p.clear
	for _, t := range w.strip.tabs {
		if t, ok := t.(deskTab); ok {
			t.theDesk().composer.ClearAfterSend = p.clear
		}
	}
	w.saveSpace()
}

// askPreferences shows the dialog. A value that cannot be says so under its
// field and keeps the dialog open.
func (w *workbench) askPreferences() {
	p := w.preferences()
	budget, keep, days := &promptEntry{}, &promptEntry{}, &promptEntry{}
	for e, text := range map[*promptEntry]string{budget: gib(p.budget), keep: gib(p.keepBytes), days: strconv.Itoa(p.keepDays)} {
		e.ExtendBaseWidget(e)
		e.SetText(text)
	}
	emptied := widget.NewCheck("Empty the message field after sending", nil)
	emptied.SetChecked(p.clear)
	problem := widget.NewLabel("")
	problem.Importance = widget.DangerImportance
	problem.Wrapping = fyne.TextWrapWord

	form := widget.NewForm(
		hinted("One session's capture, GiB", budget, "Its oldest bytes go first. Holds for new tabs."),
		hinted("Finished captures, GiB", keep, "All together; the oldest are removed at the next start."),
		hinted("Finished captures, days", days, "How long they are kept."),
		widget.NewFormItem("Composer", emptied),
	)
	var d *dialog.CustomDialog
	c := w.win.Canvas()
	submit := func() {
		var err error
		for _, f := range []struct {
			entry *promptEntry
			what  string
			read  func(string) error
		}{
			{budget, "One session's capture", func(s string) (err error) { p.budget, err = parseGiB(s, minBudget); return }},
			{keep, "Finished captures", func(s string) (err error) { p.keepBytes, err = parseGiB(s, 0); return }},
			{days, "Days", func(s string) (err error) { p.keepDays, err = parseDays(s); return }},
		} {
			if err = f.read(f.entry.Text); err != nil {
				problem.SetText(f.what + ": " + err.Error())
				c.Focus(f.entry)
				return
			}
		}
		p.clear = emptied.Checked
		w.setPreferences(p)
		d.Hide()
	}
	ok := widget.NewButton("Save", submit)
	ok.Importance = widget.HighImportance
	cancel := widget.NewButton("Cancel", func() { d.Hide() })
	d = dialog.NewCustomWithoutButtons("Preferences", container.NewVBox(form, problem), w.win)
	d.SetButtons([]fyne.CanvasObject{cancel, ok})
	for _, e := range []*promptEntry{budget, keep, days} {
		e.cancel = d.Hide
		e.OnSubmitted = func(string) { submit() }
	}
	w.present(d, d.Hide, submit)
	d.Resize(w.fitting(560, 360))
	c.Focus(budget)
}

func hinted(label string, o fyne.CanvasObject, hint string) *widget.FormItem {
	item := widget.NewFormItem(label, o)
	item.HintText = hint
	return item
}

// gib writes bytes in GiB as short as they can be read back.
func gib(n int64) string { return strconv.FormatFloat(float64(n)/(1<<30), 'f', -1, 64) }

func parseGiB(s string, least int64) (int64, error) {
	v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || math.IsNaN(v) {
		return 0, fmt.Errorf("%q is no number; write GiB, like 4 or 0.5", s)
	}
	if v < float64(least)/(1<<30) || v > maxBudget>>30 {
		return 0, fmt.Errorf("%s is out of range; write %s to %d", strings.TrimSpace(s), gib(least), int64(maxBudget>>30))
	}
	return int64(v * (1 << 30)), nil
}

func parseDays(s string) (int, error) {
	v, err := strconv.Atoi(strings.TrimSpace(s))
	switch {
	case err != nil && !errors.Is(err, strconv.ErrRange):
		return 0, fmt.Errorf("%q is no whole number of days", s)
	case err != nil || v < 0 || v > maxDays:
		return 0, fmt.Errorf("%s is out of range; write 0 to %d", strings.TrimSpace(s), maxDays)
	}
	return v, nil
}
