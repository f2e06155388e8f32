package widgets

import (
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/charset"
	"wirebench/sessions/inspect"
	"wirebench/sessions/pattern"
	"wirebench/widgets/words"
)

// FindBar asks what to find in a stream and which way to look. Enter and F3 look onward, with Shift backward;
// Escape closes the bar.
type FindBar struct {
	widget.BaseWidget

	OnFind    func(p pattern.Pattern, backward bool) // p is never empty
	OnFindAll func(p pattern.Pattern)                // every match is wanted; p is never empty
	OnChanged func(p pattern.Pattern)                // the pattern was edited and is good; it may be empty
	OnCancel  func()                                 // a search that shows its progress is to stop
	OnClose   func()

	input    *patternInput
	previous *widget.Button
	next     *widget.Button
	all      *widget.Button
	result   *resultLine
	cancel   *widget.Button
	root     *fyne.Container
	last     pattern.Pattern
}

var _ fyne.Widget = (*FindBar)(nil)

// findHints say what to write in each mode.
var findHints = map[pattern.Kind]words.Text{
	pattern.Text:   "Find text",
	pattern.Hex:    "Find bytes: 0a ?? 4?",
	pattern.Number: "Find a number: 1234, u16le 1234, f32 1.5",
	pattern.Expr:   `Find an expression: player=\d+`,
}

// NewFindBar returns a bar with nothing to find.
func NewFindBar() *FindBar {
	f := &FindBar{}
	f.input = newPatternInput(pattern.Kinds(), findHints, f.edited)
	f.input.entry.onKey = f.key
	f.previous = widget.NewButtonWithIcon("", theme.MoveUpIcon(), func() { f.Find(true) })
	f.next = widget.NewButtonWithIcon("", theme.MoveDownIcon(), func() { f.Find(false) })
	f.all = widget.NewButton(words.Say("All // matches"), f.findAll)
	f.result = newResultLine()
	f.cancel = widget.NewButton(words.Say("Cancel"), func() { call(f.OnCancel) })
	f.cancel.Hide()
	shut := widget.NewButtonWithIcon("", theme.CancelIcon(), func() { call(f.OnClose) })
	shut.Importance = widget.LowImportance
	row := container.NewBorder(nil, nil, nil,
		container.NewHBox(f.input.mode, f.input.match, f.previous, f.next, f.all, f.cancel, shut), f.input.field)
	f.root = container.New(underRow{f.input.field}, row, f.input.problem, f.result)
	f.ExtendBaseWidget(f)
	f.edited()
	return f
}

// Pattern returns what to find. While the input has a fault it is the last good one.
func (f *FindBar) Pattern() pattern.Pattern { return f.last }

// SetPattern fills the bar, for example with what is selected, without calling back.
func (f *FindBar) SetPattern(p pattern.Pattern) {
	changed := f.OnChanged
	f.OnChanged = nil
	f.input.set(p.Text, p.Kind, p.MatchCase)
	f.edited()
	f.OnChanged = changed
}

// SetCharset says which charset text is looked for in, and in which byte order where the charset leaves that open.
func (f *FindBar) SetCharset(c *charset.Charset, o inspect.Order) {
	if sameCharset(c, f.input.options.Charset) && f.input.options.Order == o {
		return
	}
	f.input.options.Charset, f.input.options.Order = c, o
	f.input.dress()
	f.edited()
}

// FocusFind puts the keyboard into the field with everything selected.
func (f *FindBar) FocusFind(on fyne.Canvas) { f.input.focus(on) }

// Find asks for the next match, or the one before. It is what F3 does from anywhere in the window.
func (f *FindBar) Find(backward bool) {
	p, good := f.input.parse()
	if good && !p.Empty() && f.OnFind != nil {
		f.OnFind(p, backward)
	}
}

func (f *FindBar) findAll() {
	p, good := f.input.parse()
	if good && !p.Empty() && f.OnFindAll != nil {
		f.OnFindAll(p)
	}
}

// SetResult says what came of a search: "3 of 17", "not found". It ends the progress.
func (f *FindBar) SetResult(text string) {
	setVisible(f.cancel, false)
	f.say(plainText(text, 200, false))
}

// Result returns what the line below the field says.
func (f *FindBar) Result() string { return f.result.text }

// SetProgress says how far a search has come, and offers to cancel it. Call it at most a few times a second.
func (f *FindBar) SetProgress(done, total int64) {
	if total <= 0 {
		total, done = 1, 0
	}
	setVisible(f.cancel, f.OnCancel != nil)
	f.say(words.Say("searching, %d %%", int64(math.RoundToEven(100*float64(min(done, total))/float64(total)))))
}

// say shows a line below the field, which takes room only while there is one.
func (f *FindBar) say(text string) {
	if f.result.say(text) {
		f.Refresh()
	}
	f.root.Refresh()
}

func (f *FindBar) edited() {
	had := f.input.problem.text
	p, good := f.input.parse()
	if had != f.input.problem.text {
		f.Refresh()
	}
	for _, b := range []*widget.Button{f.previous, f.next, f.all} {
		if good && !p.Empty() {
			b.Enable()
		} else {
			b.Disable()
		}
	}
	if !good || p.Same(f.last) {
		return
	}
	f.last = p
	f.SetResult("") // it was about something else
	if f.OnChanged != nil {
		f.OnChanged(p)
	}
}

func (f *FindBar) key(k *fyne.KeyEvent) bool {
	switch k.Name {
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeyF3:
		f.Find(f.input.entry.shift)
		return true
	case fyne.KeyEscape:
		call(f.OnClose)
		return true
	}
	return false
}

// CreateRenderer is part of fyne.Widget.
func (f *FindBar) CreateRenderer() fyne.WidgetRenderer { return newFace(f.root, nil) }
