package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/capture"
	"wirebench/widgets/words"
)

// BytesBar is the line above a hex view: which direction's bytes are shown, and the ways to get about in them.
type BytesBar struct {
	widget.BaseWidget

	OnStream func(capture.Stream) // another stream was chosen; the bar shows it already
	OnGoTo   func()
	OnFind   func()

	streams *segments
	root    *fyne.Container
}

var _ fyne.Widget = (*BytesBar)(nil)

// NewBytesBar returns a bar that shows both directions as chosen.
func NewBytesBar() *BytesBar {
	b := &BytesBar{streams: newSegments(words.Say("Both // directions"), words.Say("Received // bytes"), words.Say("Sent // bytes"))}
	b.streams.onChoose = func(i int) {
		b.streams.choose(i)
		if b.OnStream != nil {
			b.OnStream(capture.Stream(i))
		}
	}
	quiet := func(text string, icon fyne.Resource, f func()) *widget.Button {
		button := widget.NewButtonWithIcon(text, icon, f)
		button.Importance = widget.LowImportance
		return button
	}
	b.root = container.NewBorder(nil, nil, b.streams, container.NewHBox(
		quiet(words.Say("Go to…"), theme.NavigateNextIcon(), func() { call(b.OnGoTo) }),
		quiet(words.Say("Find…"), theme.SearchIcon(), func() { call(b.OnFind) }),
	))
	b.ExtendBaseWidget(b)
	return b
}

// SetStream shows s as chosen, without calling OnStream.
func (b *BytesBar) SetStream(s capture.Stream) { b.streams.choose(int(s)) }

// CreateRenderer is part of fyne.Widget.
func (b *BytesBar) CreateRenderer() fyne.WidgetRenderer { return newFace(b.root, nil) }
