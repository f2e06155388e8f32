package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets/words"
)

// listBar is what the lines over a list share: a filter, how many rows there are, what can be done with the selected
// ones, and whose traffic is looked at.
type listBar struct {
	widget.BaseWidget

	OnFilter  func(text string)       // the person edited the filter
	OnLeave   func()                  // Enter or Down in the filter, or Escape in an empty one: the keyboard is to go to the list
	OnTraffic func(selectedOnly bool) // whose traffic is to be shown was chosen; the bar shows the choice already

	entry   *lineEntry
	clear   *widget.Button
	counts  *ink
	label   *ink
	traffic *segments

	beside []fyne.CanvasObject // right of the filter
	acts   []fyne.CanvasObject // right of the counts, of the bar's height
	count  func() []string     // the counts in ever fewer words
	told   string              // the counts in full
}

// build makes the parts.
func (b *listBar) build(placeHolder string) {
	b.entry = newLineEntry(placeHolder)
	b.entry.Icon = theme.SearchIcon()
	b.entry.OnChanged = b.edited
	b.entry.onKey = b.key
	b.clear = widget.NewButtonWithIcon("", theme.ContentClearIcon(), b.clearFilter)
	b.clear.Importance = widget.LowImportance
	b.clear.Hide()
	b.entry.ActionItem = b.clear
	b.counts = newInk("", theme.ColorNamePlaceHolder, theme.SizeNameText, false)
	b.label = newInk(words.Say("Traffic:"), theme.ColorNamePlaceHolder, theme.SizeNameText, false)
	b.traffic = newSegments(words.Say("All // traffic"), words.Say("Selected // traffic of those that are selected"))
	b.traffic.onChoose = func(i int) {
		b.traffic.choose(i)
		if b.OnTraffic != nil {
			b.OnTraffic(i == 1)
		}
	}
}

func (b *listBar) edited(text string) {
	setVisible(b.clear, text != "")
	if b.OnFilter != nil {
		b.OnFilter(text)
	}
}

// clearFilter is for the button, which the press gave the keyboard to and which goes away now.
func (b *listBar) clearFilter() {
	b.entry.SetText("")
	if c := canvasOf(b.entry); c != nil {
		c.Focus(b.entry)
	}
}

func (b *listBar) key(k *fyne.KeyEvent) bool {
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

// FocusFilter puts the keyboard into the field with everything selected.
func (b *listBar) FocusFilter(on fyne.Canvas) {
	on.Focus(b.entry)
	b.entry.selectAll()
}

// SetTraffic shows whose traffic is looked at without calling OnTraffic.
func (b *listBar) SetTraffic(selectedOnly bool) {
	i := 0
	if selectedOnly {
		i = 1
	}
	b.traffic.choose(i)
}

// recount shows the counts when they have changed.
func (b *listBar) recount() {
	if words := b.count()[0]; words != b.told {
		b.told = words
		b.arrange(b.Size())
	}
}
