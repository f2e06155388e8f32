package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// ClientBar is the line over a [ClientList]: which clients are shown, how many there are, what can be done with the
// selected ones, and whose traffic is looked at.
type ClientBar struct {
	widget.BaseWidget

	OnFilter    func(text string)       // the person edited the filter
	OnEnded     func(on bool)           // the clients that have ended are to be shown too, or no longer
	OnHalfClose func()                  // say to the selected clients that nothing more comes
	OnKick      func()                  // disconnect the selected clients in order
	OnReset     func()                  // break the selected clients off
	OnTraffic   func(selectedOnly bool) // the traffic of the selected clients alone is to be shown, or all of it; the bar shows the choice already
	OnClose     func()                  // Escape in an empty filter
}

// NewClientBar returns a bar without a filter that has "Ended too" checked.
func NewClientBar() *ClientBar {
	b := &ClientBar{}
	b.ExtendBaseWidget(b)
	return b
}

// SetFilter fills the field without calling OnFilter.
func (b *ClientBar) SetFilter(text string) {}

// Filter returns what is in the field.
func (b *ClientBar) Filter() string { return "" }

// FocusFilter puts the keyboard into the field with everything selected.
func (b *ClientBar) FocusFilter(on fyne.Canvas) {}

// SetEnded checks or unchecks "Ended too" without calling OnEnded.
func (b *ClientBar) SetEnded(on bool) {}

// SetCounts says how many clients are connected, how many have ended and are still listed, and how many of them all
// the list shows. Call it at most four times a second.
func (b *ClientBar) SetCounts(connected, ended, shown int) {}

// SetSelection says how many clients are selected and how many of those are connected; the buttons are for these.
func (b *ClientBar) SetSelection(n, live int) {}

// SetSelectionHidden says how many of the selected clients the filter keeps from view.
func (b *ClientBar) SetSelectionHidden(n int) {}

// SetTraffic shows which traffic is looked at without calling OnTraffic.
func (b *ClientBar) SetTraffic(selectedOnly bool) {}

// CreateRenderer is part of fyne.Widget.
func (b *ClientBar) CreateRenderer() fyne.WidgetRenderer { return newFace(widget.NewLabel(""), nil) }
