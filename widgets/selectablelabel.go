package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets/words"
)

// SelectableLabel is a text that can be selected and copied. It hands every key on to the window: Fyne's own has the
// keyboard once it was clicked and does nothing with it, so that Escape leaves nothing any more and F1 opens no help.
type SelectableLabel struct{ widget.Label }

var _ fyne.Widget = (*SelectableLabel)(nil)

// NewSelectableLabel returns a label with that text.
func NewSelectableLabel(text string) *SelectableLabel {
	l := &SelectableLabel{}
	l.Text, l.Selectable = text, true
	l.ExtendBaseWidget(l)
	return l
}

// CreateRenderer is part of fyne.Widget.
func (l *SelectableLabel) CreateRenderer() fyne.WidgetRenderer {
	of := l.Label.CreateRenderer()
	parts := of.Objects()
	own, ok := parts[0].(selection)
	if !ok {
		return of // another Fyne, which does it in another way
	}
	s := &labelSelection{of: own, label: l}
	s.ExtendBaseWidget(s)
	return &selectableLabelRenderer{WidgetRenderer: of, selection: s, objects: append([]fyne.CanvasObject{s}, parts[1:]...)}
}

// selectableLabelRenderer draws a label with its own selection in place of Fyne's.
type selectableLabelRenderer struct {
	fyne.WidgetRenderer
	selection *labelSelection
	objects   []fyne.CanvasObject
}

func (r *selectableLabelRenderer) Objects() []fyne.CanvasObject { return r.objects }

func (r *selectableLabelRenderer) Layout(size fyne.Size) {
	r.WidgetRenderer.Layout(size)
	r.selection.Resize(size)
}

func (r *selectableLabelRenderer) Refresh() {
	r.WidgetRenderer.Refresh()
	r.selection.Refresh()
}

// selection is what of a Fyne label takes the pointer and the keyboard.
type selection interface {
	fyne.Widget
	fyne.Focusable
	fyne.DoubleTappable
	fyne.Draggable
	fyne.Shortcutable
	desktop.Cursorable
	desktop.Mouseable
}

// labelSelection stands in the window for Fyne's, draws what that draws and leaves the pointer to it. Fyne's takes the
// keyboard only where it finds itself in a window.
type labelSelection struct {
	widget.BaseWidget
	of    selection
	label *SelectableLabel
}

var (
	_ selection              = (*labelSelection)(nil)
	_ fyne.SecondaryTappable = (*labelSelection)(nil)
)

// CreateRenderer is part of fyne.Widget.
func (s *labelSelection) CreateRenderer() fyne.WidgetRenderer {
	return &labelSelectionRenderer{s.of.CreateRenderer(), s}
}

type labelSelectionRenderer struct {
	fyne.WidgetRenderer
	of *labelSelection
}

func (r *labelSelectionRenderer) Refresh() {
	r.WidgetRenderer.Refresh()
	canvas.Refresh(r.of)
}

// take puts the keyboard here.
func (s *labelSelection) take() {
	if c := canvasOf(s); c != nil {
		c.Focus(s)
	}
}

// Cursor is part of desktop.Cursorable.
func (s *labelSelection) Cursor() desktop.Cursor { return s.of.Cursor() }

// MouseDown is part of desktop.Mouseable.
func (s *labelSelection) MouseDown(e *desktop.MouseEvent) {
	s.take()
	s.of.MouseDown(e)
	s.Refresh()
}

// MouseUp is part of desktop.Mouseable.
func (s *labelSelection) MouseUp(e *desktop.MouseEvent) {
	s.of.MouseUp(e)
	s.Refresh()
}

// Dragged is part of fyne.Draggable.
func (s *labelSelection) Dragged(e *fyne.DragEvent) {
	s.of.Dragged(e)
	s.Refresh()
}

// DragEnd is part of fyne.Draggable.
func (s *labelSelection) DragEnd() {
	s.of.DragEnd()
	s.Refresh()
}

// DoubleTapped is part of fyne.DoubleTappable.
func (s *labelSelection) DoubleTapped(e *fyne.PointEvent) {
	s.take()
	s.of.DoubleTapped(e)
	s.Refresh()
}

// TappedSecondary is part of fyne.SecondaryTappable.
func (s *labelSelection) TappedSecondary(e *fyne.PointEvent) {
	if c := canvasOf(s); c != nil {
		copying := fyne.NewMenuItem(words.Say("Copy"), func() { s.TypedShortcut(&fyne.ShortcutCopy{}) })
		widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", copying), c, e.AbsolutePosition)
	}
}

// TypedShortcut is part of fyne.Shortcutable.
func (s *labelSelection) TypedShortcut(k fyne.Shortcut) { s.of.TypedShortcut(k) }

// FocusGained is part of fyne.Focusable.
func (s *labelSelection) FocusGained() {
	s.of.FocusGained()
	s.Refresh()
}

// FocusLost is part of fyne.Focusable.
func (s *labelSelection) FocusLost() {
	s.of.FocusLost()
	s.Refresh()
}

// TypedRune is part of fyne.Focusable.
func (s *labelSelection) TypedRune(rune) {}

// TypedKey is part of fyne.Focusable.
func (s *labelSelection) TypedKey(k *fyne.KeyEvent) { giveKey(s, k) }
