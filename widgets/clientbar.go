package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets/words"
)

var _ fyne.Widget = (*ClientBar)(nil)

// ClientBar is the line over a [ClientList]: which clients are shown, how many there are, what can be done with the
// selected ones, and whose traffic is looked at.
type ClientBar struct {
	listBar

	OnEnded     func(on bool) // the clients that have ended are to be shown too, or no longer
	OnHalfClose func()        // say to the selected clients that nothing more comes
	OnKick      func()        // disconnect the selected clients in order
	OnReset     func()        // break the selected clients off

	ended   *widget.Check
	quiet   bool              // the program checks it
	actions [3]*widget.Button // half-close, kick, reset

	connected, over, shown    int
	selected, hidden, unended int // unended: of the selected ones, how many are connected
}

// NewClientBar returns a bar without a filter that has "Show ended" checked.
func NewClientBar() *ClientBar {
	b := &ClientBar{}
	b.build(words.Say("Filter clients"))
	b.ended = widget.NewCheck(words.Say("Show ended // clients"), nil)
	b.ended.Checked = true
	b.ended.OnChanged = func(on bool) {
		b.recount()
		if b.OnEnded != nil && !b.quiet {
			b.OnEnded(on)
		}
	}
	b.actions = [...]*widget.Button{
		widget.NewButton(words.Say("Half-close"), func() { call(b.OnHalfClose) }),
		widget.NewButton(words.Say("Kick"), func() { call(b.OnKick) }),
		widget.NewButton(words.Say("Reset // a connection"), func() { call(b.OnReset) }),
	}
	b.beside, b.count = []fyne.CanvasObject{b.ended}, b.words
	for _, button := range b.actions {
		b.acts = append(b.acts, button)
	}
	b.SetSelection(0, 0)
	b.ExtendBaseWidget(b)
	return b
}

// SetEnded checks or unchecks "Show ended" without calling OnEnded.
func (b *ClientBar) SetEnded(on bool) {
	b.quiet = true
	b.ended.SetChecked(on)
	b.quiet = false
}

// SetCounts says how many clients are connected, how many have ended and are still listed, and how many of them all
// the list shows. Call it at most four times a second.
func (b *ClientBar) SetCounts(connected, ended, shown int) {
	b.connected, b.over, b.shown = connected, ended, shown
	b.recount()
}

// SetSelection says how many clients are selected and how many of those are connected; the buttons are for these.
func (b *ClientBar) SetSelection(n, live int) {
	b.selected, b.unended = n, live
	for _, button := range b.actions {
		able(button, live > 0)
	}
	b.recount()
}

// SetSelectionHidden says how many of the selected clients are kept from view.
func (b *ClientBar) SetSelectionHidden(n int) {
	b.hidden = n
	b.recount()
}

// words say how many clients there are, or how many of them are selected or shown, in ever fewer words.
func (b *ClientBar) words() []string {
	all := b.connected
	if b.ended.Checked {
		all += b.over
	}
	selected, connected := int64(b.selected), words.Many(int64(b.connected), "%d connected", "%d connected")
	switch {
	case b.selected > 0 && b.hidden > 0:
		of := words.Many(selected, "%d of %d selected", "%d of %d selected", b.connected+b.over)
		hidden := ", " + words.Many(int64(b.hidden), "%d hidden", "%d hidden")
		return []string{of + hidden, words.Many(selected, "%d selected", "%d selected") + hidden}
	case b.selected > 0:
		return []string{words.Many(selected, "%d of %d selected", "%d of %d selected", max(all, b.selected)), words.Many(selected, "%d selected", "%d selected")}
	case b.shown < all:
		return []string{words.Many(int64(b.shown), "%d of %d shown", "%d of %d shown", all), words.Many(int64(b.shown), "%d shown", "%d shown")}
	case b.over == 0:
		return []string{connected}
	}
	return []string{connected + ", " + words.Many(int64(b.over), "%d ended", "%d ended"), connected}
}
