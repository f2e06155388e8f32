package widgets

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets/words"
)

// findingBlock is one remark: what it is and whose on the first line, the evidence, and what to do.
type findingBlock struct {
	widget.BaseWidget
	list *findingList
	remark

	hovered, focused bool

	back         *canvas.Rectangle
	sign         *widget.Icon
	title, code  *ink
	about        *ink
	text, advice *SelectableLabel
	arrow        *ink
}

var (
	_ fyne.Tappable          = (*findingBlock)(nil)
	_ fyne.SecondaryTappable = (*findingBlock)(nil)
	_ fyne.Focusable         = (*findingBlock)(nil)
	_ fyne.Shortcutable      = (*findingBlock)(nil)
	_ fyne.Accessible        = (*findingBlock)(nil)
	_ desktop.Hoverable      = (*findingBlock)(nil)
	_ desktop.Cursorable     = (*findingBlock)(nil)
)

func newFindingBlock(l *findingList, m remark) *findingBlock {
	b := &findingBlock{list: l, remark: m, back: canvas.NewRectangle(color.Transparent), sign: widget.NewIcon(m.icon),
		title: newInk(m.word, theme.ColorNameForeground, theme.SizeNameText, true),
		code:  newInk(m.code, theme.ColorNameForeground, theme.SizeNameText, false),
		about: newInk("", theme.ColorNamePlaceHolder, theme.SizeNameText, false),
		arrow: newInk("→", theme.ColorNamePrimary, theme.SizeNameText, true),
		text:  wrapped(m.detail), advice: wrapped(m.hint)}
	b.advice.Hidden = m.hint == ""
	b.text.Hidden = m.detail == ""
	b.ExtendBaseWidget(b)
	return b
}

func wrapped(text string) *SelectableLabel {
	l := NewSelectableLabel(text)
	l.Wrapping = fyne.TextWrapWord
	return l
}

// Tapped chooses the certificate that the remark is about.
func (b *findingBlock) Tapped(*fyne.PointEvent) {
	if c := canvasOf(b); c != nil {
		c.Focus(b)
	}
	b.choose()
}

func (b *findingBlock) choose() {
	if b.sha256 != "" && b.list.onChoose != nil {
		b.list.onChoose(b.sha256)
	}
}

// TappedSecondary offers to copy.
func (b *findingBlock) TappedSecondary(e *fyne.PointEvent) {
	if c := canvasOf(b); c != nil {
		widget.ShowPopUpMenuAtPosition(b.offers(), c, e.AbsolutePosition)
	}
}

func (b *findingBlock) offers() *fyne.Menu {
	return fyne.NewMenu("",
		fyne.NewMenuItem(words.Say("Copy"), func() { b.list.copy(b.remark.text()) }),
		fyne.NewMenuItem(words.Say("Copy all"), func() {
			var all []string
			for _, one := range b.list.blocks {
				all = append(all, one.remark.text())
			}
			b.list.copy(strings.Join(all, "\n"))
		}))
}

func (b *findingBlock) FocusGained()   { b.focused = true; b.Refresh() }
func (b *findingBlock) FocusLost()     { b.focused = false; b.Refresh() }
func (b *findingBlock) TypedRune(rune) {}

// TypedKey goes from remark to remark; Enter and Space choose the certificate.
func (b *findingBlock) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyUp:
		b.list.step(b, -1)
	case fyne.KeyDown:
		b.list.step(b, 1)
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		b.choose()
	default:
		HandOn(b, k)
	}
}

// TypedShortcut copies the remark, and hands everything else on to the window.
func (b *findingBlock) TypedShortcut(s fyne.Shortcut) {
	if _, ok := s.(*fyne.ShortcutCopy); ok {
		b.list.copy(b.remark.text())
		return
	}
	giveShortcut(b, s)
}

func (b *findingBlock) MouseIn(*desktop.MouseEvent)    { b.hovered = true; b.Refresh() }
func (b *findingBlock) MouseMoved(*desktop.MouseEvent) {}
func (b *findingBlock) MouseOut()                      { b.hovered = false; b.Refresh() }

// Cursor is a hand where a click chooses a certificate.
func (b *findingBlock) Cursor() desktop.Cursor {
	if b.sha256 == "" {
		return desktop.DefaultCursor
	}
	return desktop.PointerCursor
}

// AccessibilityLabel is the whole remark.
func (b *findingBlock) AccessibilityLabel() string {
	return strings.Join(strings.Fields(b.remark.text()), " ")
}

// AccessibilityRole is button: it chooses a certificate.
func (b *findingBlock) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// arrange lays the block out at a width and returns the height that takes.
func (b *findingBlock) arrange(width float32) float32 {
	pad, inner := theme.SizeForWidget(theme.SizeNamePadding, b), theme.SizeForWidget(theme.SizeNameInnerPadding, b)
	icon := theme.SizeForWidget(theme.SizeNameInlineIcon, b)
	line := b.title.MinSize().Height
	x, y := icon+3*pad, pad
	b.sign.Resize(fyne.NewSquareSize(icon))
	b.sign.Move(fyne.NewPos(pad+pad/2, y+(line-icon)/2))
	b.title.Move(fyne.NewPos(x, y))
	b.title.Resize(b.title.MinSize())
	at := x + b.title.MinSize().Width + 2*pad
	b.code.Move(fyne.NewPos(at, y))
	b.code.Resize(b.code.MinSize())
	if b.remark.code != "" {
		at += b.code.MinSize().Width + 4*pad
	}
	right := width - 3*pad
	b.about.say(fitText(b.whose, right-at, b.about.TextSize, b.about.TextStyle))
	w := b.about.MinSize().Width
	b.about.Move(fyne.NewPos(max(at, right-w), y))
	b.about.Resize(b.about.MinSize())
	y += line + 1
	for _, l := range []*SelectableLabel{b.text, b.advice} {
		if l.Hidden {
			continue
		}
		left := x
		if l == b.advice {
			y += 1
			b.arrow.Move(fyne.NewPos(x, y))
			b.arrow.Resize(b.arrow.MinSize())
			left += fyne.MeasureText("→", b.arrow.TextSize, b.arrow.TextStyle).Width + pad + pad/2
		}
		// The words stand at the edge, not the room that a label has around them.
		l.Resize(fyne.NewSize(max(width-left-pad, 60)+2*inner, l.Size().Height))
		h := l.MinSize().Height
		l.Resize(fyne.NewSize(l.Size().Width, h))
		l.Move(fyne.NewPos(left-inner, y-inner))
		y += h - 2*inner
	}
	y += pad + 1
	b.back.Move(fyne.NewPos(0, 1))
	b.back.Resize(fyne.NewSize(width, y-1))
	return y
}

func (b *findingBlock) refresh() {
	for _, k := range []*ink{b.title, b.code, b.about, b.arrow} {
		k.dress(b)
	}
	b.arrow.Hidden = b.hint == ""
	b.back.CornerRadius = theme.SizeForWidget(theme.SizeNameInputRadius, b)
	b.back.FillColor, b.back.StrokeWidth = color.Transparent, 0
	if b.hovered && b.sha256 != "" {
		b.back.FillColor = theme.ColorForWidget(theme.ColorNameHover, b)
	}
	if b.focused {
		b.back.StrokeColor, b.back.StrokeWidth = theme.ColorForWidget(theme.ColorNamePrimary, b), 1
	}
	b.arrange(b.Size().Width)
	canvas.Refresh(b)
}

// CreateRenderer is part of fyne.Widget.
func (b *findingBlock) CreateRenderer() fyne.WidgetRenderer {
	b.refresh()
	return &faceRenderer{
		objects: []fyne.CanvasObject{b.back, b.sign, b.title.Text, b.code.Text, b.about.Text, b.arrow.Text, b.text, b.advice},
		layout:  func(size fyne.Size) { b.arrange(size.Width) },
		minSize: func() fyne.Size { return fyne.NewSize(100, b.title.MinSize().Height) },
		refresh: b.refresh,
	}
}
