package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// ink is one line of text that knows its colour and size by name, so that its widget can follow a change of theme.
// Every string shown becomes a texture that lives for a minute, so ink is for labels and slow counters only.
type ink struct {
	*canvas.Text
	colour fyne.ThemeColorName
	size   fyne.ThemeSizeName
}

func newInk(text string, colour fyne.ThemeColorName, size fyne.ThemeSizeName, bold bool) *ink {
	k := &ink{Text: canvas.NewText(text, theme.Color(colour)), colour: colour, size: size}
	k.TextStyle.Bold = bold
	k.TextSize = theme.Size(size)
	return k
}

// dress takes colour and size from the theme that applies to w.
func (k *ink) dress(w fyne.Widget) {
	k.Color = theme.ColorForWidget(k.colour, w)
	k.TextSize = theme.SizeForWidget(k.size, w)
}

// say changes the text; the same text again costs nothing.
func (k *ink) say(text string) bool {
	if k.Text.Text == text {
		return false
	}
	k.Text.Text = text
	k.Refresh()
	return true
}

// fitText shortens text with an ellipsis until it is at most width wide.
func fitText(text string, width, size float32, style fyne.TextStyle) string {
	text = clip(text, 400)
	if width <= 0 {
		return ""
	}
	if fyne.MeasureText(text, size, style).Width <= width {
		return text
	}
	runes := []rune(text)
	low, high := 0, len(runes) // the longest prefix that fits together with its ellipsis
	for low < high {
		mid := (low + high + 1) / 2
		if fyne.MeasureText(string(runes[:mid])+"…", size, style).Width <= width {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return string(runes[:low]) + "…"
}

// mutedText is a text of lesser weight that can wrap. Fyne's label has only the colour of what is disabled for this,
// and that cannot be read.
func mutedText(text string, bold bool, wrap fyne.TextWrap) *widget.RichText {
	style := widget.RichTextStyleInline
	style.ColorName = theme.ColorNamePlaceHolder
	style.TextStyle.Bold = bold
	r := widget.NewRichText(&widget.TextSegment{Text: text, Style: style})
	r.Wrapping = wrap
	if wrap == fyne.TextWrapOff {
		r.Truncation = fyne.TextTruncateEllipsis
	}
	return r
}
