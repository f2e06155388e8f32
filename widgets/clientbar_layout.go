package widgets

import (
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Widths of the filter's field, in text heights: it takes what the others leave within these.
const (
	leastFilter = 11
	mostFilter  = 24
)

// parts are what stands from the left and from the right, with the counts in the middle.
func (b *ClientBar) parts() (left, right []fyne.CanvasObject) {
	return []fyne.CanvasObject{b.entry, b.ended},
		[]fyne.CanvasObject{b.actions[0], b.actions[1], b.actions[2], b.label.Text, b.traffic}
}

// fixed is the width of everything but field and counts.
func (b *ClientBar) fixed(label bool) float32 {
	_, right := b.parts()
	gap := theme.SizeForWidget(theme.SizeNamePadding, b)
	width := b.ended.MinSize().Width + gap
	for _, o := range right {
		if label || o != fyne.CanvasObject(b.label.Text) {
			width += o.MinSize().Width + gap
		}
	}
	return width + 3*gap // before the label, where another matter begins
}

func (b *ClientBar) minSize() fyne.Size {
	height := max(b.entry.MinSize().Height, b.actions[0].MinSize().Height, b.traffic.MinSize().Height)
	return fyne.NewSize(b.fixed(false)+leastFilter*theme.SizeForWidget(theme.SizeNameText, b), height)
}

// arrange gives the counts what they need, and the field the rest. Where that is not enough the word before the
// last choice goes, and then the counts do with fewer words.
func (b *ClientBar) arrange(size fyne.Size) {
	text := theme.SizeForWidget(theme.SizeNameText, b)
	gap := theme.SizeForWidget(theme.SizeNamePadding, b)
	words := b.words()
	wide := func(s string) float32 {
		return fyne.MeasureText(s, b.counts.TextSize, b.counts.TextStyle).Width + 4*gap
	}
	need := wide(words[0])

	label := b.fixed(true)+leastFilter*text+need <= size.Width
	room := size.Width - b.fixed(label)
	field := min(max(room-need, leastFilter*text), mostFilter*text)

	x := float32(0)
	put := func(o fyne.CanvasObject, width, height float32) {
		o.Move(fyne.NewPos(x, (size.Height-height)/2))
		o.Resize(fyne.NewSize(width, height))
		x += width + gap
	}
	put(b.entry, field, size.Height)
	put(b.ended, b.ended.MinSize().Width, b.ended.MinSize().Height)
	for len(words) > 1 && wide(words[0]) > room-field {
		words = words[1:]
	}
	b.counts.say(fitText(words[0], room-field-4*gap, b.counts.TextSize, b.counts.TextStyle))
	x += gap
	put(b.counts.Text, b.counts.MinSize().Width, b.counts.MinSize().Height)

	// At a whole place, or the last outline would lose its right edge to rounding.
	x = float32(math.Floor(float64(size.Width - (b.fixed(label) - b.ended.MinSize().Width - 2*gap))))
	for _, button := range b.actions {
		put(button, button.MinSize().Width, size.Height)
	}
	x += 3 * gap
	setVisible(b.label.Text, label)
	if label {
		put(b.label.Text, b.label.MinSize().Width, b.label.MinSize().Height)
	}
	x = float32(math.Floor(float64(x)))
	put(b.traffic, b.traffic.MinSize().Width, b.traffic.MinSize().Height)
}

// CreateRenderer is part of fyne.Widget.
func (b *ClientBar) CreateRenderer() fyne.WidgetRenderer {
	left, right := b.parts()
	objects := append(append(left, b.counts.Text), right...)
	return &faceRenderer{
		objects: objects,
		layout:  b.arrange,
		minSize: b.minSize,
		refresh: func() {
			b.counts.dress(b)
			b.label.dress(b)
			b.arrange(b.Size())
			for _, o := range objects {
				o.Refresh()
			}
		},
	}
}
