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

// segments is a choice between a few words that stand side by side. The chosen one is filled, bold and underlined,
// so that it is not told by colour alone. With the keyboard, the arrows choose.
type segments struct {
	widget.BaseWidget

	// onChoose is called when the person chose another word. The choice is not changed by it: the owner does that
	// with choose, or leaves it.
	onChoose func(i int)
	// onTapped, when set, is called after a click, which took the focus.
	onTapped func()

	chosen  int
	hovered int // -1 for none
	focused bool

	ground *canvas.Rectangle
	words  []*canvas.Text
	fills  []*canvas.Rectangle
	lines  []*canvas.Rectangle
}

var (
	_ fyne.Tappable      = (*segments)(nil)
	_ fyne.Focusable     = (*segments)(nil)
	_ fyne.Accessible    = (*segments)(nil)
	_ desktop.Hoverable  = (*segments)(nil)
	_ desktop.Cursorable = (*segments)(nil)
)

func newSegments(words ...string) *segments {
	s := &segments{hovered: -1, ground: canvas.NewRectangle(color.Transparent)}
	for _, word := range words {
		s.words = append(s.words, canvas.NewText(word, color.Black))
		s.fills = append(s.fills, canvas.NewRectangle(color.Transparent))
		s.lines = append(s.lines, canvas.NewRectangle(color.Transparent))
	}
	s.ExtendBaseWidget(s)
	return s
}

// choose sets the choice without calling back.
func (s *segments) choose(i int) {
	if s.chosen != i {
		s.chosen = i
		s.Refresh()
	}
}

// width of one segment: that of the widest word in bold, so that nothing moves when the choice does.
func (s *segments) width() float32 {
	size, widest := theme.SizeForWidget(theme.SizeNameText, s), float32(0)
	for _, word := range s.words {
		widest = max(widest, fyne.MeasureText(word.Text, size, fyne.TextStyle{Bold: true}).Width)
	}
	return widest + 2*theme.SizeForWidget(theme.SizeNameInnerPadding, s)
}

func (s *segments) at(pos fyne.Position) int {
	return max(0, min(int(pos.X/s.width()), len(s.words)-1))
}

func (s *segments) offer(i int) {
	if i >= 0 && i < len(s.words) && i != s.chosen && s.onChoose != nil {
		s.onChoose(i)
	}
}

func (s *segments) Tapped(e *fyne.PointEvent) {
	s.offer(s.at(e.Position))
	if s.onTapped != nil {
		s.onTapped()
	}
}

func (s *segments) MouseIn(e *desktop.MouseEvent)    { s.hover(s.at(e.Position)) }
func (s *segments) MouseMoved(e *desktop.MouseEvent) { s.hover(s.at(e.Position)) }
func (s *segments) MouseOut()                        { s.hover(-1) }
func (s *segments) Cursor() desktop.Cursor           { return desktop.PointerCursor }

func (s *segments) hover(i int) {
	if s.hovered != i {
		s.hovered = i
		s.Refresh()
	}
}

func (s *segments) FocusGained() { s.focused = true; s.Refresh() }
func (s *segments) FocusLost()   { s.focused = false; s.Refresh() }

func (s *segments) TypedRune(r rune) {
	if r == ' ' {
		s.offer((s.chosen + 1) % len(s.words))
	}
}

func (s *segments) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyLeft:
		s.offer(s.chosen - 1)
	case fyne.KeyRight:
		s.offer(s.chosen + 1)
	}
}

// AccessibilityLabel names the choice and what else there is.
func (s *segments) AccessibilityLabel() string {
	var all []string
	for _, word := range s.words {
		all = append(all, word.Text)
	}
	return words.Say("%s, chosen among %s", s.words[s.chosen].Text, strings.Join(all, " "))
}

// AccessibilityRole is button: there is no role for a choice.
func (s *segments) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

func (s *segments) minSize() fyne.Size {
	size := theme.SizeForWidget(theme.SizeNameText, s)
	height := fyne.MeasureText("M", size, fyne.TextStyle{Bold: true}).Height
	return fyne.NewSize(s.width()*float32(len(s.words)), height+theme.SizeForWidget(theme.SizeNameInnerPadding, s))
}

func (s *segments) arrange(fyne.Size) {
	need := s.minSize()
	width := s.width()
	s.ground.Resize(need)
	for i, word := range s.words {
		x := width * float32(i)
		s.fills[i].Move(fyne.NewPos(x+2, 2))
		s.fills[i].Resize(fyne.NewSize(width-4, need.Height-4))
		h := word.MinSize().Height
		word.Move(fyne.NewPos(x, (need.Height-h)/2))
		word.Resize(fyne.NewSize(width, h))
		mark := fyne.MeasureText(word.Text, word.TextSize, word.TextStyle).Width
		s.lines[i].Move(fyne.NewPos(x+(width-mark)/2, (need.Height+h)/2-1))
		s.lines[i].Resize(fyne.NewSize(mark, 2))
	}
}

func (s *segments) refresh() {
	s.ground.FillColor = theme.ColorForWidget(theme.ColorNameInputBackground, s)
	s.ground.StrokeColor = theme.ColorForWidget(theme.ColorNameInputBorder, s)
	s.ground.StrokeWidth = 1
	if s.focused {
		s.ground.StrokeColor = theme.ColorForWidget(theme.ColorNamePrimary, s)
		s.ground.StrokeWidth = 2
	}
	s.ground.CornerRadius = theme.SizeForWidget(theme.SizeNameInputRadius, s)
	for i, word := range s.words {
		word.TextSize = theme.SizeForWidget(theme.SizeNameText, s)
		word.Alignment = fyne.TextAlignCenter
		word.Color = theme.ColorForWidget(theme.ColorNameForeground, s)
		word.TextStyle.Bold = i == s.chosen
		fill, line := color.Color(color.Transparent), color.Color(color.Transparent)
		switch i {
		case s.chosen:
			fill = theme.ColorForWidget(theme.ColorNameSelection, s)
			line = theme.ColorForWidget(theme.ColorNamePrimary, s)
		case s.hovered:
			fill = theme.ColorForWidget(theme.ColorNameHover, s)
		}
		s.fills[i].FillColor, s.lines[i].FillColor = fill, line
		s.fills[i].CornerRadius = s.ground.CornerRadius - 1
	}
	s.arrange(s.Size())
	canvas.Refresh(s)
}

// CreateRenderer is part of fyne.Widget.
func (s *segments) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{s.ground}
	for i := range s.words {
		objects = append(objects, s.fills[i], s.words[i], s.lines[i])
	}
	s.refresh()
	return &faceRenderer{objects: objects, layout: s.arrange, minSize: s.minSize, refresh: s.refresh}
}
