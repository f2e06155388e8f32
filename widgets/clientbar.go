package widgets

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

var _ fyne.Widget = (*ClientBar)(nil)

// ClientBar is the line over a [ClientList]: which clients are shown, how many there are, what can be done with the
// selected ones, and whose traffic is looked at.
type ClientBar struct {
	widget.BaseWidget

	OnFilter    func(text string)       // the person edited the filter
	OnLeave     func()                  // Enter or Down in the filter, or Escape in an empty one: the keyboard is to go to the list
	OnEnded     func(on bool)           // the clients that have ended are to be shown too, or no longer
	OnHalfClose func()                  // say to the selected clients that nothing more comes
	OnKick      func()                  // disconnect the selected clients in order
	OnReset     func()                  // break the selected clients off
	OnTraffic   func(selectedOnly bool) // whose traffic is to be shown was chosen; the bar shows the choice already

	entry   *lineEntry
	clear   *widget.Button
	ended   *widget.Check
	counts  *ink
	actions [3]*widget.Button // half-close, kick, reset
	label   *ink
	traffic *segments

	quiet                     bool   // the program fills the bar
	told                      string // the counts in full
	connected, over, shown    int
	selected, hidden, unended int // unended: of the selected ones, how many are connected
}

// NewClientBar returns a bar without a filter that has "Show ended" checked.
func NewClientBar() *ClientBar {
	b := &ClientBar{}
	b.entry = newLineEntry("Filter clients")
	b.entry.Icon = theme.SearchIcon()
	b.entry.OnChanged = b.edited
	b.entry.onKey = b.key
	b.clear = widget.NewButtonWithIcon("", theme.ContentClearIcon(), b.clearFilter)
	b.clear.Importance = widget.LowImportance
	b.clear.Hide()
	b.entry.ActionItem = b.clear
	b.ended = widget.NewCheck("Show ended", nil)
	b.ended.Checked = true
	b.ended.OnChanged = func(on bool) {
		b.recount()
		if b.OnEnded != nil && !b.quiet {
			b.OnEnded(on)
		}
	}
	b.counts = newInk("", theme.ColorNamePlaceHolder, theme.SizeNameText, false)
	b.actions = [...]*widget.Button{
		widget.NewButton("Half-close", func() { call(b.OnHalfClose) }),
		widget.NewButton("Kick", func() { call(b.OnKick) }),
		widget.NewButton("Reset", func() { call(b.OnReset) }),
	}
	b.label = newInk("Traffic:", theme.ColorNamePlaceHolder, theme.SizeNameText, false)
	b.traffic = newSegments("All", "Selected")
	b.traffic.onChoose = func(i int) {
		b.traffic.choose(i)
		if b.OnTraffic != nil {
			b.OnTraffic(i == 1)
		}
	}
	b.SetSelection(0, 0)
	b.ExtendBaseWidget(b)
	return b
}

func (b *ClientBar) edited(text string) {
	setVisible(b.clear, text != "")
	if b.OnFilter != nil && !b.quiet {
		b.OnFilter(text)
	}
}

// clearFilter is for the button, which the press gave the keyboard to and which goes away now.
func (b *ClientBar) clearFilter() {
	b.entry.SetText("")
	if c := canvasOf(b.entry); c != nil {
		c.Focus(b.entry)
	}
}

func (b *ClientBar) key(k *fyne.KeyEvent) bool {
	switch k.Name {
	case fyne.KeyEscape:
		if b.entry.Text != "" {
			b.entry.SetText("")
			return true
		}
	case fyne.KeyDown, fyne.KeyReturn, fyne.KeyEnter:
	default:
		return false
	}
	call(b.OnLeave)
	return true
}

// SetFilter fills the field without calling OnFilter.
func (b *ClientBar) SetFilter(text string) {
	b.quiet = true
	b.entry.SetText(clip(text, lineLimit))
	b.quiet = false
}

// Filter returns what is in the field.
func (b *ClientBar) Filter() string { return b.entry.Text }

// FocusFilter puts the keyboard into the field with everything selected.
func (b *ClientBar) FocusFilter(on fyne.Canvas) {
	on.Focus(b.entry)
	b.entry.selectAll()
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
		switch on := live > 0; {
		case on && button.Disabled():
			button.Enable()
		case !on && !button.Disabled():
			button.Disable()
		}
	}
	b.recount()
}

// SetSelectionHidden says how many of the selected clients are kept from view.
func (b *ClientBar) SetSelectionHidden(n int) {
	b.hidden = n
	b.recount()
}

// SetTraffic shows whose traffic is looked at without calling OnTraffic.
func (b *ClientBar) SetTraffic(selectedOnly bool) {
	i := 0
	if selectedOnly {
		i = 1
	}
	b.traffic.choose(i)
}

// Traffic tells whether the traffic of the selected clients alone is chosen.
func (b *ClientBar) Traffic() (selectedOnly bool) { return b.traffic.chosen == 1 }

// words say how many clients there are, or how many of them are selected or shown, in ever fewer words.
func (b *ClientBar) words() []string {
	all := b.connected
	if b.ended.Checked {
		all += b.over
	}
	switch {
	case b.selected > 0 && b.hidden > 0:
		few := fmt.Sprintf("%s selected, %s hidden", counted(b.selected), counted(b.hidden))
		return []string{fmt.Sprintf("%s of %s selected, %s hidden", counted(b.selected), counted(b.connected+b.over), counted(b.hidden)), few}
	case b.selected > 0:
		return []string{fmt.Sprintf("%s of %s selected", counted(b.selected), counted(max(all, b.selected))), counted(b.selected) + " selected"}
	case b.shown < all:
		return []string{fmt.Sprintf("%s of %s shown", counted(b.shown), counted(all)), counted(b.shown) + " shown"}
	case b.over == 0:
		return []string{counted(b.connected) + " connected"}
	}
	return []string{counted(b.connected) + " connected, " + counted(b.over) + " ended", counted(b.connected) + " connected"}
}

func counted(n int) string { return FormatCount(int64(n)) }

// recount shows the counts when they have changed.
func (b *ClientBar) recount() {
	if words := b.words()[0]; words != b.told {
		b.told = words
		b.arrange(b.Size())
	}
}
