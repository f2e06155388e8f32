package app

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/charset"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// askRows lets a person choose the inspector's rows; the choice holds for every
// tab, at once and from then on.
func (w *workbench) askRows() {
	body := container.NewVBox()
	var group *fyne.Container
	name := ""
	for _, r := range widgets.InspectorRows(charset.UTF8) {
		if r.Group != name {
			name = r.Group
			group = container.NewGridWithColumns(4)
			body.Add(widget.NewLabelWithStyle(name, fyne.TextAlignLeading, fyne.TextStyle{Bold: true}))
			body.Add(group)
		}
		check := widgets.NewHandingCheck(r.Name, nil)
		check.SetChecked(!slices.Contains(w.space.View.HiddenRows, r.ID))
		check.OnChanged = func(on bool) { w.showRow(r.ID, on) }
		group.Add(check)
	}
	w.panel(words.Say("Rows of the inspector"), container.NewVScroll(body), w.fitting(640, 520))
}

// showRow shows or hides one row of the inspector.
func (w *workbench) showRow(id string, on bool) {
	hidden := slices.DeleteFunc(w.space.View.HiddenRows, func(h string) bool { return h == id })
	if !on {
		hidden = append(hidden, id)
	}
	w.space.View.HiddenRows = hidden
	w.viewChanged()
}

// hiddenRows is the choice as the inspector takes it.
func (c viewChoice) hiddenRows() map[string]bool {
	hidden := map[string]bool{}
	for _, id := range c.HiddenRows {
		hidden[id] = true
	}
	return hidden
}
