package widgets

import (
	"math"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Widths of the filter's field, in text heights: it takes what the others leave within these.
const (
	leastFilter = 11
	mostFilter  = 24
)

// across is the width of objects side by side, with the gap after each.
func (b *listBar) across(objects []fyne.CanvasObject) (width float32) {
	gap := theme.SizeForWidget(theme.SizeNamePadding, b)
	for _, o := range objects {
		width += o.MinSize().Width + gap
	}
	return width
}

// right is the width of what stands behind the counts.
func (b *listBar) right(label bool) float32 {
	gap := theme.SizeForWidget(theme.SizeNamePadding, b)
	width := b.across(b.acts) + b.traffic.MinSize().Width + gap + 3*gap // before the label, where another matter begins
	if label {
		width += b.label.MinSize().Width + gap
	}
	return width
}

// fixed is the width of everything but field and counts.
func (b *listBar) fixed(label bool) float32 { return b.across(b.beside) + b.right(label) }

func (b *listBar) minSize() fyne.Size {
	height := max(b.entry.MinSize().Height, b.traffic.MinSize().Height)
	for _, o := range b.acts {
		height = max(height, o.MinSize().Height)
	}
	return fyne.NewSize(b.fixed(false)+leastFilter*theme.SizeForWidget(theme.SizeNameText, b), height)
}

// arrange gives the counts what they need, and the field the rest. Where that is not enough the word before the
// last choice goes, and then the counts do with fewer words.
func (b *listBar) arrange(size fyne.Size) {
	text := theme.SizeForWidget(theme.SizeNameText, b)
	gap := theme.SizeForWidget(theme.SizeNamePadding, b)
	words := b.count()
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
	for _, o := range b.beside {
		put(o, o.MinSize().Width, o.MinSize().Height)
	}
	for len(words) > 1 && wide(words[0]) > room-field {
		words = words[1:]
	}
	b.counts.say(fitText(words[0], room-field-4*gap, b.counts.TextSize, b.counts.TextStyle))
	x += gap
	put(b.counts.Text, b.counts.MinSize().Width, b.counts.MinSize().Height)

	// At a whole place, or the last outline would lose its right edge to rounding.
	x = float32(math.Floor(float64(size.Width - (b.right(label) - gap))))
	for _, o := range b.acts {
		put(o, o.MinSize().Width, size.Height)
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
func (b *listBar) CreateRenderer() fyne.WidgetRenderer {
	objects := slices.Concat([]fyne.CanvasObject{b.entry}, b.beside, []fyne.CanvasObject{b.counts.Text}, b.acts, []fyne.CanvasObject{b.label.Text, b.traffic})
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
