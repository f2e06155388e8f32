package widgets

import (
	"bytes"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/charset"
	"wirebench/sessions/pattern"
	"wirebench/widgets/words"
)

// Pattern is what a [FilterBar] looks for in records.
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

// patternInput is the field, mode and case of a pattern, which filter and find have in common. It is laid out by
// its owner.
type patternInput struct {
	entry   *lineEntry
	field   *field
	problem *problem
	mode    *widget.Select
	match   *widget.Check

	kinds    []pattern.Kind
	hints    map[pattern.Kind]words.Text // what to write
	options  pattern.Options             // but for the case
	refuse   func(pattern.Pattern) error // what the owner has against one; nil for nothing
	good     pattern.Pattern             // the last one without a fault
	onChange func()                      // the input changed; ask parse
}

// kindWords are what the list of kinds says.
var kindWords = [...]words.Text{
	pattern.Text: "Text // to look for", pattern.Hex: "Hex // to look for",
	pattern.Number: "Number // to look for", pattern.Expr: "Regex // to look for",
}

func newPatternInput(kinds []pattern.Kind, hints map[pattern.Kind]words.Text, onChange func()) *patternInput {
	p := &patternInput{onChange: onChange, kinds: kinds, hints: hints, entry: newLineEntry(words.Say(hints[kinds[0]])), problem: newProblem()}
	p.field = newField(p.entry)
	p.match = widget.NewCheck(words.Say("Match case"), func(bool) { p.changed() })
	var names []string
	longest := ""
	for _, k := range kinds {
		name := words.Say(kindWords[k])
		names = append(names, name)
		if len(name) > len(longest) {
			longest = name
		}
	}
	p.mode = widget.NewSelect(distinct(names), nil)
	p.mode.PlaceHolder = longest // as wide as this; never seen
	p.mode.SetSelectedIndex(0)
	p.mode.OnChanged = func(string) { p.changed() }
	p.entry.OnChanged = func(string) { p.changed() }
	p.entry.onTooLong = func(n int) {
		p.complain(words.Say("%s is too much to look for at once; use at most %s", FormatSize(int64(n)), FormatSize(lineLimit)))
	}
	return p
}

func (p *patternInput) kind() pattern.Kind { return p.kinds[max(0, p.mode.SelectedIndex())] }

func (p *patternInput) changed() {
	if p.kind().Cased() {
		p.match.Enable()
	} else {
		p.match.Disable()
	}
	p.dress()
	p.onChange()
}

// dress says in the empty field what to write.
func (p *patternInput) dress() {
	hint := words.Say(p.hints[p.kind()])
	if c := p.options.Charset; p.kind() == pattern.Text && c != nil && !sameCharset(c, charset.UTF8) {
		hint = words.Say("%s in %s // what to find, and in which charset", hint, c.Name())
	}
	if p.entry.PlaceHolder != hint {
		p.entry.SetPlaceHolder(hint)
	}
}

// parse reads the input. A fault is shown under the field; the pattern then is the last good one, and ok is false.
func (p *patternInput) parse() (next pattern.Pattern, ok bool) {
	o := p.options
	o.MatchCase = p.match.Checked
	next, err := pattern.Parse(p.kind(), p.entry.Text, o)
	if err == nil && p.refuse != nil {
		err = p.refuse(next)
	}
	if err != nil {
		p.complain(err.Error())
		return p.good, false
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
func (p *patternInput) set(text string, kind pattern.Kind, matchCase bool) {
	back := p.onChange
	p.onChange = func() {}
	p.entry.SetText(clip(text, lineLimit))
	p.mode.SetSelectedIndex(max(0, slices.Index(p.kinds, kind)))
	p.match.SetChecked(matchCase)
	p.onChange = back
}

// focus puts the keyboard into the field with everything selected.
func (p *patternInput) focus(on fyne.Canvas) {
	on.Focus(p.entry)
	p.entry.selectAll()
}

// underRow puts a row above sentences about its field.
type underRow struct {
	field *field
}

func (u underRow) MinSize(o []fyne.CanvasObject) fyne.Size {
	size := o[0].MinSize()
	for _, below := range o[1:] {
		size.Height += below.MinSize().Height
	}
	return size
}

func (u underRow) Layout(o []fyne.CanvasObject, size fyne.Size) {
	y := o[0].MinSize().Height
	o[0].Move(fyne.Position{})
	o[0].Resize(fyne.NewSize(size.Width, y))
	for i, below := range o[1:] {
		h := below.MinSize().Height
		if i == len(o)-2 {
			h = max(size.Height-y, 0)
		}
		below.Move(fyne.NewPos(u.field.Position().X, y))
		below.Resize(fyne.NewSize(size.Width-u.field.Position().X, h))
		y += h
	}
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

// widthOf returns how wide the text would be.
func (r *rowText) widthOf(text string) float32 {
	t := r.ink.Text
	return fyne.MeasureText(text, t.TextSize, t.TextStyle).Width + 8 + 2*theme.SizeForWidget(theme.SizeNameInnerPadding, r)
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
