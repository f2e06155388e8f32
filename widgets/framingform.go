package widgets

import (
	"errors"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/framing"
	"wirebench/widgets/words"
)

// FramingForm asks how traffic is to be cut into frames, in the notation of [framing.Parse]: one way for what is received
// and what is sent, or one each. A mistake is told under its field, and what was typed stays there, until something else
// is in force or the person types it over.
type FramingForm struct {
	widget.BaseWidget

	OnUse   func(in, out framing.Framing) // Enter or Use, with nothing wrong
	OnClose func()                        // Escape, the cross, and after OnUse

	in, out   *framingField
	same      *widget.Check
	root      *fyne.Container
	usedIn    framing.Framing
	usedOut   framing.Framing
	unsettled bool // something was typed that is not in force
}

var _ fyne.Widget = (*FramingForm)(nil)

// framingField is a field for one framing with what is wrong with it.
type framingField struct {
	label   *widget.Label
	entry   *lineEntry
	field   *field
	problem *problem
	box     *fyne.Container
}

// NewFramingForm returns a form with reads and writes as they are.
func NewFramingForm() *FramingForm {
	f := &FramingForm{}
	f.in, f.out = f.newField(), f.newField()
	f.out.label.SetText(words.Say(waySent))
	f.same = widget.NewCheck(words.Say("The same both ways // framing"), func(bool) { f.edited(); f.arrange() })
	use := widget.NewButtonWithIcon(words.Say("Use // this framing"), theme.ConfirmIcon(), f.Use)
	use.Importance = widget.HighImportance
	help := widget.NewButtonWithIcon("", theme.QuestionIcon(), nil)
	help.Importance = widget.LowImportance
	help.OnTapped = func() { f.explain(help) }
	shut := widget.NewButtonWithIcon("", theme.CancelIcon(), func() { call(f.OnClose) })
	shut.Importance = widget.LowImportance
	tools := container.NewHBox(f.same, help, use, shut)
	f.in.lay(tools)
	f.out.lay(container.New(&asWide{tools}, canvas.NewRectangle(color.Transparent)))
	f.root = container.New(layout.NewCustomPaddedVBoxLayout(2), f.in.box, f.out.box)
	f.ExtendBaseWidget(f)
	f.fill(framing.Framing{}, framing.Framing{})
	return f
}

func (f *FramingForm) newField() *framingField {
	x := &framingField{label: widget.NewLabel(words.Say(bothWays)), entry: newLineEntry("u16be,offset=1"), problem: newProblem()}
	x.field = newField(x.entry)
	x.entry.OnChanged = func(string) {
		f.edited()
		x.say("")
	}
	x.entry.onTooLong = func(int) { x.say(words.Say("That is longer than any framing.")) }
	x.entry.onKey = func(k *fyne.KeyEvent) bool {
		switch k.Name {
		case fyne.KeyReturn, fyne.KeyEnter:
			f.Use()
		case fyne.KeyEscape:
			call(f.OnClose)
		default:
			return false
		}
		return true
	}
	return x
}

// The words before the fields.
const (
	bothWays    words.Text = "Both ways // one framing"
	waySent     words.Text = "Sent // bytes"
	wayReceived words.Text = "Received // bytes"
)

// lay puts the field between its word and what is right of it, over the whole width, and the sentence about it under it.
func (x *framingField) lay(right fyne.CanvasObject) {
	widest := container.NewStack(widget.NewLabel(words.Say(bothWays)), widget.NewLabel(words.Say(waySent)), widget.NewLabel(words.Say(wayReceived)))
	x.box = container.New(layout.NewCustomPaddedVBoxLayout(0),
		container.NewBorder(nil, nil, container.New(&asWide{widest}, x.label), right, x.field), x.problem)
}

// say shows what is wrong under the field.
func (x *framingField) say(text string) {
	x.field.mark(text != "")
	if x.problem.say(text) && x.box != nil {
		x.box.Refresh()
	}
}

// parse reads the field, and marks it if that cannot be done.
func (x *framingField) parse() (framing.Framing, bool) {
	f, err := framing.Parse(x.entry.Text)
	if err != nil {
		text := err.Error()
		if why := errors.Unwrap(err); why != nil {
			text = why.Error() // the field itself says what was read
		}
		x.say(text)
		return f, false
	}
	x.say("")
	return f, true
}

// SetFramings fills the form with what is in force. What was typed and is not in force stays.
func (f *FramingForm) SetFramings(in, out framing.Framing) {
	if changed := in != f.usedIn || out != f.usedOut; changed || !f.unsettled {
		f.fill(in, out)
	}
}

func (f *FramingForm) fill(in, out framing.Framing) {
	f.usedIn, f.usedOut = in, out
	f.in.entry.SetText(in.String())
	f.out.entry.SetText(out.String())
	f.in.say("")
	f.out.say("")
	f.same.SetChecked(in == out)
	f.unsettled = false
	f.arrange()
}

func (f *FramingForm) edited() { f.unsettled = true }

// arrange shows one field or two.
func (f *FramingForm) arrange() {
	setVisible(f.out.box, !f.same.Checked)
	f.in.label.SetText(words.Say(map[bool]words.Text{true: bothWays, false: wayReceived}[f.same.Checked]))
	f.Refresh()
}

// Use tells of what is in the form, unless something is wrong with it.
func (f *FramingForm) Use() {
	in, good := f.in.parse()
	out := in
	if !f.same.Checked {
		var ok bool
		out, ok = f.out.parse()
		good = good && ok
	}
	f.arrange()
	if !good {
		return
	}
	f.fill(in, out)
	if f.OnUse != nil {
		f.OnUse(in, out)
	}
	call(f.OnClose)
}

// FocusForm puts the keyboard into the first field with everything selected.
func (f *FramingForm) FocusForm(on fyne.Canvas) {
	on.Focus(f.in.entry)
	f.in.entry.selectAll()
}

// explain shows the notation under the button.
func (f *FramingForm) explain(under fyne.CanvasObject) {
	on := canvasOf(f)
	if on == nil {
		return
	}
	text := widget.NewLabel(framing.Notation)
	text.TextStyle.Monospace = true
	p := widget.NewPopUp(container.NewPadded(text), on)
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(under).AddXY(0, under.Size().Height)
	at.X = max(min(at.X, on.Size().Width-p.MinSize().Width), 0)
	p.ShowAtPosition(at)
}

// CreateRenderer is part of fyne.Widget.
func (f *FramingForm) CreateRenderer() fyne.WidgetRenderer { return newFace(f.root, nil) }
