package widgets

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// formField is an input of a form that says under itself what is wrong with what it holds.
type formField interface {
	fyne.CanvasObject
	check()               // says what is wrong now, or nothing
	complain(text string) // says text, which the next check forgets
	said() string         // "" for nothing
}

// checked is an input with its mark and the sentence under it.
type checked struct {
	widget.BaseWidget
	field   *field
	problem *problem
	size    func() fyne.Size // of the input
	// elsewhere, when set, is called instead of showing the sentence here: several fields in a line share a place.
	elsewhere func()
	fault     string // what is wrong, for elsewhere
}

func (c *checked) complain(text string) {
	c.field.mark(text != "")
	if c.elsewhere != nil {
		c.fault = text
		c.elsewhere()
		return
	}
	if c.problem.say(text) {
		c.Refresh()
	}
}

func (c *checked) said() string {
	if c.elsewhere != nil {
		return c.fault
	}
	return c.problem.text
}

func (c *checked) CreateRenderer() fyne.WidgetRenderer {
	arrange := func(size fyne.Size) {
		input := c.size()
		c.field.Resize(input)
		c.problem.Move(fyne.NewPos(0, input.Height))
		c.problem.Resize(fyne.NewSize(size.Width, size.Height-input.Height))
	}
	return &faceRenderer{
		objects: []fyne.CanvasObject{c.field, c.problem},
		layout:  arrange,
		minSize: func() fyne.Size {
			s := c.size()
			if c.problem.text != "" {
				s.Width = max(s.Width, 260) // room for the sentence
				s.Height += c.problem.MinSize().Height
			}
			return s
		},
		refresh: func() {
			arrange(c.Size())
			c.field.Refresh()
			c.problem.Refresh()
		},
	}
}

// checkedEntry is a short field that checks itself at each edit.
type checkedEntry struct {
	checked
	entry  *lineEntry
	verify func(string) error

	onEnter func() // it has got the keyboard; nil for nothing
	onDone  func() // Enter was pressed in it, or it was left; nil for nothing

	given, shown string // what it was filled with, and how that is shown
}

var _ formField = (*checkedEntry)(nil)

func newCheckedEntry(placeHolder string, width float32, verify func(string) error, changed func()) *checkedEntry {
	e := &checkedEntry{entry: newLineEntry(placeHolder), verify: verify}
	e.field, e.problem = newField(e.entry), newProblem()
	e.size = func() fyne.Size { return fyne.NewSize(width, e.entry.MinSize().Height) }
	e.entry.OnChanged = func(string) {
		e.check()
		changed()
	}
	e.entry.OnSubmitted = func(string) { call(e.onDone) }
	e.entry.onFocus = func(gained bool) {
		if gained {
			call(e.onEnter)
		} else {
			call(e.onDone)
		}
	}
	e.entry.onTooLong = func(n int) { e.complain(tooMuch(n)) }
	e.ExtendBaseWidget(e)
	return e
}

func (e *checkedEntry) check() {
	if err := e.verify(e.text()); err != nil {
		e.complain(err.Error())
	} else {
		e.complain("")
	}
}

// set fills the field. What is longer than a field shows is kept whole as long as nobody edits it, and line ends are
// shown as their escapes.
func (e *checkedEntry) set(text string) {
	e.given, e.shown = text, shownText(text)
	e.entry.SetText(e.shown)
	e.check()
}

// text returns what the field holds.
func (e *checkedEntry) text() string {
	if e.entry.Text == e.shown {
		return e.given
	}
	return e.entry.Text
}

// shownText is how a field of one line shows text.
func shownText(text string) string {
	return clip(strings.NewReplacer("\r", `\r`, "\n", `\n`, "\t", `\t`).Replace(text), lineLimit)
}

// checkedChoice is a list to choose from that an engine may find something wrong with.
type checkedChoice struct {
	checked
	list   *widget.Select
	keys   fyne.Focusable  // the list again, as it has the keyboard
	verify func(int) error // nil for nothing that can be wrong
}

var _ formField = (*checkedChoice)(nil)

func newCheckedChoice(options []string, verify func(int) error, changed func()) *checkedChoice {
	c := &checkedChoice{verify: verify}
	list := newHandingSelect(options, func(string) {
		c.check()
		changed()
	})
	c.list, c.keys = &list.Select, list
	c.field, c.problem = newField(list), newProblem()
	c.size = func() fyne.Size { return fyne.NewSize(selectWidth(c.list), c.list.MinSize().Height) }
	c.ExtendBaseWidget(c)
	return c
}

func (c *checkedChoice) check() {
	text := ""
	if c.verify != nil {
		if err := c.verify(c.list.SelectedIndex()); err != nil {
			text = err.Error()
		}
	}
	c.complain(text)
}

// set chooses by index, within the bounds of the list.
func (c *checkedChoice) set(i int) {
	c.list.SetSelectedIndex(min(max(i, 0), len(c.list.Options)-1))
	c.check()
}

func (c *checkedChoice) index() int { return c.list.SelectedIndex() }

// selectWidth is what a list of choices needs for each of its words. Fyne's asks for less.
func selectWidth(s *widget.Select) float32 {
	words, size := float32(0), theme.SizeForWidget(theme.SizeNameText, s)
	for _, name := range s.Options {
		words = max(words, fyne.MeasureText(name, size, fyne.TextStyle{}).Width)
	}
	inner := theme.SizeForWidget(theme.SizeNameInnerPadding, s)
	return max(s.MinSize().Width, words+theme.SizeForWidget(theme.SizeNameInlineIcon, s)+4*inner)
}

func labelled(label string, o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(&besides{}, widget.NewLabel(label), o)
}

// besides puts the second object right of the first, both at the top and as small as they are.
type besides struct{}

func (besides) MinSize(o []fyne.CanvasObject) fyne.Size {
	a, b := o[0].MinSize(), o[1].MinSize()
	return fyne.NewSize(a.Width+b.Width, max(a.Height, b.Height))
}

func (besides) Layout(o []fyne.CanvasObject, size fyne.Size) {
	a, b := o[0].MinSize(), o[1].MinSize()
	o[0].Resize(a)
	o[1].Move(fyne.NewPos(a.Width, 0))
	o[1].Resize(fyne.NewSize(b.Width, size.Height))
}

// flow sets objects side by side at their least size and starts a new line where the width ends. Its least height
// is that for the width it was last given.
type flow struct{ width float32 }

func (f *flow) arrange(objects []fyne.CanvasObject, width float32, place bool) fyne.Size {
	gap := theme.InnerPadding()
	var x, y, line, widest float32
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		s := o.MinSize()
		widest = max(widest, s.Width)
		if x > 0 && x+s.Width > width {
			x, y, line = 0, y+line+theme.Padding(), 0
		}
		if place {
			o.Move(fyne.NewPos(x, y))
			o.Resize(s)
		}
		x += s.Width + gap
		line = max(line, s.Height)
	}
	return fyne.NewSize(widest, y+line)
}

func (f *flow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return f.arrange(objects, max(f.width, 300), false)
}

func (f *flow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	f.width = size.Width
	f.arrange(objects, size.Width, true)
}
