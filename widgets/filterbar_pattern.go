package widgets

import (
	"bytes"
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/compose"
)

// Pattern is something to look for in traffic.
type Pattern struct {
	Text      string // as typed
	Hex       bool   // Text is hexadecimal
	MatchCase bool   // for text; hexadecimal is always exact
	Bytes     []byte // what Text stands for; nil when there is nothing to look for
}

// Empty tells whether there is nothing to look for.
func (p Pattern) Empty() bool { return len(p.Bytes) == 0 }

func (p Pattern) same(q Pattern) bool {
	return p.Hex == q.Hex && p.MatchCase == q.MatchCase && bytes.Equal(p.Bytes, q.Bytes)
}

const (
	modeText = "Text"
	modeHex  = "Hex"
)

// patternInput is the field, mode and case of a pattern, which filter and find have in common. It is laid out by
// its owner.
type patternInput struct {
	entry   *lineEntry
	field   *field
	problem *problem
	mode    *widget.Select
	match   *widget.Check

	good     Pattern // the last one without a fault
	onChange func()  // the input changed; ask parse
}

func newPatternInput(placeHolder string, onChange func()) *patternInput {
	p := &patternInput{onChange: onChange, entry: newLineEntry(placeHolder), problem: newProblem()}
	p.field = newField(p.entry)
	p.match = widget.NewCheck("Match case", func(bool) { p.changed() })
	p.mode = widget.NewSelect([]string{modeText, modeHex}, nil)
	p.mode.PlaceHolder = modeText // as wide as this; never seen
	p.mode.SetSelected(modeText)
	p.mode.OnChanged = func(string) { p.changed() }
	p.entry.OnChanged = func(string) { p.changed() }
	p.entry.onTooLong = func(n int) {
		p.complain(fmt.Sprintf("%s is too much to look for at once; use at most %s", FormatSize(int64(n)), FormatSize(lineLimit)))
	}
	return p
}

func (p *patternInput) changed() {
	if p.mode.Selected == modeHex {
		p.match.Disable()
	} else {
		p.match.Enable()
	}
	p.onChange()
}

// parse reads the input. A fault is shown under the field; the pattern then is the last good one, and ok is false.
func (p *patternInput) parse() (pattern Pattern, ok bool) {
	next := Pattern{Text: p.entry.Text, Hex: p.mode.Selected == modeHex, MatchCase: p.match.Checked}
	if next.Text != "" {
		next.Bytes = []byte(next.Text)
	}
	if next.Hex && next.Text != "" {
		b, err := compose.Hex(next.Text)
		if err != nil {
			p.complain(err.Error())
			return p.good, false
		}
		next.Bytes = b
	}
	p.complain("")
	p.good = next
	return next, true
}

func (p *patternInput) complain(text string) bool {
	p.field.mark(text != "")
	return p.problem.say(text)
}

// set fills the input without calling back.
func (p *patternInput) set(text string, hex, matchCase bool) {
	back := p.onChange
	p.onChange = func() {}
	p.entry.SetText(clip(text, lineLimit))
	p.mode.SetSelected(map[bool]string{false: modeText, true: modeHex}[hex])
	p.match.SetChecked(matchCase)
	p.onChange = back
}

// focus puts the keyboard into the field with everything selected.
func (p *patternInput) focus(on fyne.Canvas) {
	on.Focus(p.entry)
	p.entry.selectAll()
}

// underRow puts a row above the sentence about its field.
type underRow struct {
	field *field
}

func (u underRow) MinSize(o []fyne.CanvasObject) fyne.Size {
	top, below := o[0].MinSize(), o[1].MinSize()
	return fyne.NewSize(top.Width, top.Height+below.Height)
}

func (u underRow) Layout(o []fyne.CanvasObject, size fyne.Size) {
	h := o[0].MinSize().Height
	o[0].Move(fyne.Position{})
	o[0].Resize(fyne.NewSize(size.Width, h))
	o[1].Move(fyne.NewPos(u.field.Position().X, h))
	o[1].Resize(fyne.NewSize(size.Width-u.field.Position().X, max(size.Height-h, 0)))
}

// rowText is a muted text at the end of a row of buttons. It grows with its text and shrinks only when that is
// much shorter, so that the row does not dance with every digit.
type rowText struct {
	widget.BaseWidget
	ink  *ink
	room float32
}

func newRowText(text string) *rowText {
	r := &rowText{ink: newInk(text, theme.ColorNamePlaceHolder, theme.SizeNameText, false)}
	r.ExtendBaseWidget(r)
	return r
}

// say changes the text and tells whether that was a change.
func (r *rowText) say(text string) bool {
	if !r.ink.say(text) {
		return false
	}
	r.Refresh()
	return true
}

func (r *rowText) MinSize() fyne.Size {
	if r.ink.Text.Text == "" {
		r.room = 0
		return fyne.Size{}
	}
	s := r.ink.MinSize()
	if s.Width > r.room || s.Width < r.room-60 {
		r.room = s.Width + 8
	}
	pad := theme.SizeForWidget(theme.SizeNameInnerPadding, r)
	return fyne.NewSize(r.room+2*pad, s.Height)
}

func (r *rowText) CreateRenderer() fyne.WidgetRenderer {
	arrange := func(size fyne.Size) {
		s := r.ink.MinSize()
		r.ink.Resize(s)
		r.ink.Move(fyne.NewPos(theme.SizeForWidget(theme.SizeNameInnerPadding, r), (size.Height-s.Height)/2))
	}
	return &faceRenderer{
		objects: []fyne.CanvasObject{r.ink.Text},
		layout:  arrange,
		minSize: r.MinSize,
		refresh: func() {
			r.ink.dress(r)
			arrange(r.Size())
			r.ink.Refresh()
		},
	}
}
