package widgets

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// These are Fyne's widgets that hand Escape and the function keys on to the window: what is over the window is left
// with Escape wherever the keyboard is in it. See [HandOn].
type (
	handingList struct {
		widget.List
		chosen int // -1 for none
	}
	handingSelect struct{ widget.Select }
	// HandingCheck is a box to tick.
	HandingCheck struct{ widget.Check }
	// HandingButton is a button.
	HandingButton struct{ widget.Button }
)

var (
	_ fyne.Focusable = (*handingList)(nil)
	_ fyne.Focusable = (*handingSelect)(nil)
	_ fyne.Focusable = (*HandingCheck)(nil)
	_ fyne.Focusable = (*HandingButton)(nil)
)

// newHandingList is a list without lines between its rows, of which the arrow keys choose one.
func newHandingList(length func() int, text func(i int) string, chosen func(i int)) *handingList {
	l := &handingList{chosen: -1}
	l.Length = length
	l.CreateItem = func() fyne.CanvasObject {
		label := widget.NewLabel("")
		label.Truncation = fyne.TextTruncateEllipsis
		return label
	}
	l.UpdateItem = func(i widget.ListItemID, o fyne.CanvasObject) { o.(*widget.Label).SetText(text(i)) }
	l.HideSeparators = true
	l.OnSelected = func(i widget.ListItemID) {
		l.chosen = i
		chosen(i)
	}
	l.OnUnselected = func(widget.ListItemID) { l.chosen = -1 }
	l.ExtendBaseWidget(l)
	return l
}

// TypedKey is part of fyne.Focusable. Fyne's arrows only highlight a row, and so does the pointer on its way across.
func (l *handingList) TypedKey(k *fyne.KeyEvent) {
	by := map[fyne.KeyName]int{fyne.KeyUp: -1, fyne.KeyDown: 1}[k.Name]
	switch {
	case by != 0:
		if to := max(l.chosen+by, 0); to < l.Length() {
			l.Select(to)
			l.Highlight(to) // where Fyne's other keys go on from
		}
	case !HandOn(l, k):
		l.List.TypedKey(k)
	}
}

func newHandingSelect(options []string, changed func(string)) *handingSelect {
	s := &handingSelect{}
	s.Options, s.OnChanged = distinct(options), changed
	s.ExtendBaseWidget(s)
	return s
}

// distinct makes choices of words tell apart: Fyne knows the one that is chosen by its text alone, and of those alike it
// takes the first. A language may have one word for two of ours.
func distinct(options []string) []string {
	has := make(map[string]bool, len(options))
	for _, o := range options {
		has[o] = true
	}
	seen := make(map[string]bool, len(options))
	out := make([]string, len(options))
	for i, o := range options {
		for n := 2; seen[o] || o != options[i] && has[o]; n++ {
			o = fmt.Sprintf("%s (%d)", options[i], n)
		}
		seen[o], out[i] = true, o
	}
	return out
}

// TypedKey is part of fyne.Focusable.
func (s *handingSelect) TypedKey(k *fyne.KeyEvent) {
	if !HandOn(s, k) {
		s.Select.TypedKey(k)
	}
}

// NewHandingCheck returns a box that is not ticked. changed may be nil.
func NewHandingCheck(label string, changed func(bool)) *HandingCheck {
	c := &HandingCheck{}
	c.Text, c.OnChanged = label, changed
	c.ExtendBaseWidget(c)
	return c
}

// TypedKey is part of fyne.Focusable.
func (c *HandingCheck) TypedKey(k *fyne.KeyEvent) {
	if !HandOn(c, k) {
		c.Check.TypedKey(k)
	}
}

// NewHandingButton returns a button. icon may be nil.
func NewHandingButton(label string, icon fyne.Resource, tapped func()) *HandingButton {
	b := &HandingButton{}
	b.Text, b.Icon, b.OnTapped = label, icon, tapped
	b.ExtendBaseWidget(b)
	return b
}

// TypedKey is part of fyne.Focusable.
func (b *HandingButton) TypedKey(k *fyne.KeyEvent) {
	if !HandOn(b, k) {
		b.Button.TypedKey(k)
	}
}
