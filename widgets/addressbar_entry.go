package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// lineLimit is the longest text, in bytes, that a one-line field takes at once. Fyne's entry needs seconds for some
// 10 KB, and nobody types an address or a filter of this length.
const lineLimit = 2048

// lineEntry is a one-line field that lets its owner see keys first, refuses enormous pastes, and hands shortcuts
// that are not about editing on to the window, which Fyne's entry swallows.
type lineEntry struct {
	widget.Entry

	onKey      func(*fyne.KeyEvent) bool          // true: handled, the field does not see it
	onShortcut func(*desktop.CustomShortcut) bool // true: handled, neither the field nor the window sees it
	onTooLong  func(length int)                   // a paste of that many bytes was refused
	onFocus    func(gained bool)

	shift bool
}

var (
	_ fyne.Focusable    = (*lineEntry)(nil)
	_ fyne.Shortcutable = (*lineEntry)(nil)
	_ desktop.Keyable   = (*lineEntry)(nil)
)

func newLineEntry(placeHolder string) *lineEntry {
	e := &lineEntry{}
	e.Wrapping = fyne.TextWrapOff
	e.PlaceHolder = placeHolder
	e.ExtendBaseWidget(e)
	return e
}

// MinSize lets a field shrink further than Fyne's entry, whose least width is that of its place holder.
func (e *lineEntry) MinSize() fyne.Size {
	s := e.Entry.MinSize()
	return fyne.NewSize(min(s.Width, 96), s.Height)
}

func (e *lineEntry) FocusGained() {
	e.Entry.FocusGained()
	if e.onFocus != nil {
		e.onFocus(true)
	}
}

func (e *lineEntry) FocusLost() {
	e.shift = false
	e.Entry.FocusLost()
	if e.onFocus != nil {
		e.onFocus(false)
	}
}

func (e *lineEntry) KeyDown(k *fyne.KeyEvent) {
	if k.Name == desktop.KeyShiftLeft || k.Name == desktop.KeyShiftRight {
		e.shift = true
	}
	e.Entry.KeyDown(k)
}

func (e *lineEntry) KeyUp(k *fyne.KeyEvent) {
	if k.Name == desktop.KeyShiftLeft || k.Name == desktop.KeyShiftRight {
		e.shift = false
	}
	e.Entry.KeyUp(k)
}

func (e *lineEntry) TypedKey(k *fyne.KeyEvent) {
	if e.onKey != nil && e.onKey(k) || handOn(e, k) {
		return
	}
	e.Entry.TypedKey(k)
}

func (e *lineEntry) TypedRune(r rune) {
	if len(e.Text) >= lineLimit {
		e.tooLong(len(e.Text) + 1)
		return
	}
	e.Entry.TypedRune(r)
}

func (e *lineEntry) TypedShortcut(s fyne.Shortcut) {
	switch s := s.(type) {
	case *fyne.ShortcutPaste:
		if n := len(s.Clipboard.Content()); n+len(e.Text) > lineLimit {
			e.tooLong(n)
			return
		}
	case *desktop.CustomShortcut:
		if e.onShortcut != nil && e.onShortcut(s) {
			return
		}
		switch s.KeyName {
		case fyne.KeyLeft, fyne.KeyRight, fyne.KeyBackspace, fyne.KeyDelete:
		default:
			if c, ok := canvasOf(e).(fyne.Shortcutable); ok {
				c.TypedShortcut(s)
			}
			return
		}
	}
	e.Entry.TypedShortcut(s)
}

func (e *lineEntry) tooLong(n int) {
	if e.onTooLong != nil {
		e.onTooLong(n)
	}
}

// selectAll marks the whole text, so that typing replaces it.
func (e *lineEntry) selectAll() { e.Entry.TypedShortcut(&fyne.ShortcutSelectAll{}) }

// canvasOf returns the canvas an object is on, nil when it is on none.
func canvasOf(o fyne.CanvasObject) fyne.Canvas {
	if app := fyne.CurrentApp(); app != nil {
		return app.Driver().CanvasForObject(o)
	}
	return nil
}

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
	label *widget.Label
}

func newProblem() *problem {
	p := &problem{icon: widget.NewIcon(theme.NewColoredResource(theme.ErrorIcon(), theme.ColorNameError)), label: widget.NewLabel("")}
	p.label.Importance = widget.DangerImportance
	p.label.Wrapping = fyne.TextWrapWord
	p.label.Selectable = true
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
