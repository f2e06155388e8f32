package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// resultLine is one muted line of text, cut off where there is no more room, and of no height while it is empty.
type resultLine struct {
	widget.BaseWidget

	text string
	ink  *ink
}

func newResultLine() *resultLine {
	r := &resultLine{ink: newInk("", theme.ColorNamePlaceHolder, theme.SizeNameText, false)}
	r.ExtendBaseWidget(r)
	return r
}

// say changes the text and tells whether the height changed with it.
func (r *resultLine) say(text string) bool {
	if r.text == text {
		return false
	}
	other := (r.text == "") != (text == "")
	r.text = text
	r.Refresh()
	return other
}

func (r *resultLine) minSize() fyne.Size {
	if r.text == "" {
		return fyne.Size{}
	}
	line := fyne.MeasureText("M", theme.SizeForWidget(theme.SizeNameText, r), fyne.TextStyle{}).Height
	return fyne.NewSize(40, line+4)
}

func (r *resultLine) arrange(size fyne.Size) {
	pad := theme.SizeForWidget(theme.SizeNamePadding, r)
	r.ink.say(fitText(r.text, size.Width-2*pad, r.ink.TextSize, fyne.TextStyle{}))
	r.ink.Resize(r.ink.MinSize())
	r.ink.Move(fyne.NewPos(pad, 2))
}

// CreateRenderer is part of fyne.Widget.
func (r *resultLine) CreateRenderer() fyne.WidgetRenderer {
	return &faceRenderer{
		objects: []fyne.CanvasObject{r.ink.Text},
		layout:  r.arrange,
		minSize: r.minSize,
		refresh: func() {
			r.ink.dress(r)
			r.arrange(r.Size())
			r.ink.Refresh()
		},
	}
}
