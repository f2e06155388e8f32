package app

import "fyne.io/fyne/v2/container"

// divider is where two panes of a tab meet. The workspace has one place for it,
// where the next tab begins with it, and every tab keeps what it shows: so only
// one that the person moved is remembered, in whichever tab.
type divider struct {
	split *container.Split
	had   float64 // as it was put, or remembered last
}

// put places the divider.
func (d *divider) put(split *container.Split, at float64) {
	split.Offset = at
	d.split, d.had = split, at
}

// keep remembers in place where the person moved it; a divider that was never
// put was not.
func (d *divider) keep(place *float64) {
	if d.split != nil && d.split.Offset != d.had {
		d.had = d.split.Offset
		*place = d.had
	}
}
