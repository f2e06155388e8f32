package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets"
	"wirebench/widgets/words"
)

// trafficLine lays out the line above the traffic: the filter, what the traffic is cut into, and the button to the newest,
// which gives up its word where the line is short.
type trafficLine struct {
	newest  *widget.Button
	framing *widgets.FramingBar
}

// roomForWords is the width of a line from which on every button in it has its word.
const roomForWords = 780

// newestWord is that of the button to the newest traffic.
const newestWord words.Text = "Newest"

// MinSize is part of fyne.Layout.
func (t *trafficLine) MinSize(o []fyne.CanvasObject) fyne.Size {
	var s fyne.Size
	for i, x := range o {
		if !x.Visible() {
			continue
		}
		m := x.MinSize()
		if i > 0 {
			s.Width += theme.Padding()
		}
		s.Width += m.Width
		s.Height = max(s.Height, m.Height)
	}
	return s
}

// Layout is part of fyne.Layout.
func (t *trafficLine) Layout(o []fyne.CanvasObject, size fyne.Size) {
	short, word := size.Width < roomForWords, words.Say(newestWord)
	if short {
		word = ""
	}
	t.framing.SetShort(short)
	if t.newest.Text != word {
		t.newest.SetText(word)
	}
	right := size.Width
	for i := len(o) - 1; i > 0; i-- {
		if !o[i].Visible() {
			continue
		}
		m := o[i].MinSize()
		o[i].Resize(m)
		o[i].Move(fyne.NewPos(right-m.Width, 0))
		right -= m.Width + theme.Padding()
	}
	o[0].Move(fyne.Position{})
	o[0].Resize(fyne.NewSize(max(right, o[0].MinSize().Width), size.Height))
}
