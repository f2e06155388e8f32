package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// field puts a red outline around an input that holds something unusable. Fyne's own outline vanishes while the
// input has the focus, which is when the person needs it.
type field struct {
	widget.BaseWidget

	input   fyne.CanvasObject
	outline *canvas.Rectangle
	bad     bool
}

func newField(input fyne.CanvasObject) *field {
	f := &field{input: input, outline: canvas.NewRectangle(color.Transparent)}
	f.ExtendBaseWidget(f)
	return f
}

// mark sets or takes away the outline.
func (f *field) mark(bad bool) {
	if f.bad != bad {
		f.bad = bad
		f.Refresh()
	}
}

func (f *field) CreateRenderer() fyne.WidgetRenderer {
	arrange := func(size fyne.Size) {
		f.input.Resize(size)
		f.outline.Move(fyne.NewPos(1, 1))
		f.outline.Resize(size.SubtractWidthHeight(2, 2))
	}
	refresh := func() {
		f.outline.FillColor = color.Transparent
		f.outline.StrokeColor = theme.ColorForWidget(theme.ColorNameError, f)
		f.outline.StrokeWidth = 2
		f.outline.CornerRadius = theme.SizeForWidget(theme.SizeNameInputRadius, f)
		f.outline.Hidden = !f.bad
		f.outline.Refresh()
	}
	refresh()
	return &faceRenderer{
		objects: []fyne.CanvasObject{f.input, f.outline},
		layout:  arrange,
		minSize: f.input.MinSize,
		refresh: refresh,
	}
}

// problem is the sentence under a field: error icon and words, wrapped, with no height while there is none.
type problem struct {
	widget.BaseWidget

	text  string
	icon  *widget.Icon
	label *SelectableLabel
}

func newProblem() *problem {
	p := &problem{icon: widget.NewIcon(theme.NewColoredResource(theme.ErrorIcon(), theme.ColorNameError)), label: NewSelectableLabel("")}
	p.label.Importance = widget.DangerImportance
	p.label.Wrapping = fyne.TextWrapWord
	p.ExtendBaseWidget(p)
	return p
}

// say shows text, or nothing when it is empty. It tells whether that was a change.
func (p *problem) say(text string) bool {
	text = plainText(text, noticeRunes, false)
	if p.text == text {
		return false
	}
	p.text = text
	p.label.SetText(text)
	p.Refresh()
	return true
}

// The label brings its own inner padding; above and below it is cut, so that the sentence keeps to its field.
func (p *problem) tuck() float32 { return theme.SizeForWidget(theme.SizeNameInnerPadding, p) - 2 }

func (p *problem) indent() float32 { return theme.SizeForWidget(theme.SizeNameInlineIcon, p) }

func (p *problem) minSize() fyne.Size {
	if p.text == "" {
		return fyne.Size{}
	}
	p.label.Resize(fyne.NewSize(max(p.Size().Width, 120)-p.indent(), p.label.Size().Height))
	return fyne.NewSize(120, p.label.MinSize().Height-2*p.tuck())
}

func (p *problem) CreateRenderer() fyne.WidgetRenderer {
	arrange := func(size fyne.Size) {
		icon := p.indent()
		line := fyne.MeasureText("M", theme.SizeForWidget(theme.SizeNameText, p), fyne.TextStyle{}).Height
		p.icon.Resize(fyne.NewSquareSize(icon))
		p.icon.Move(fyne.NewPos(2, 2+(line-icon)/2))
		p.label.Move(fyne.NewPos(icon, -p.tuck()))
		p.label.Resize(fyne.NewSize(size.Width-icon, size.Height+2*p.tuck()))
	}
	refresh := func() {
		p.icon.Hidden = p.text == ""
		p.label.Hidden = p.text == ""
		arrange(p.Size())
		p.icon.Refresh()
		p.label.Refresh()
	}
	refresh()
	return &faceRenderer{objects: []fyne.CanvasObject{p.icon, p.label}, layout: arrange, minSize: p.minSize, refresh: refresh}
}
