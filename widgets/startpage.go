package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets/words"
)

// StartEntry is something to begin with: a kind of connection, the practice servers.
type StartEntry struct {
	Icon  fyne.Resource
	Title string // "TCP client"
	Text  string // one line on what it is for
	Run   func()
}

// StartLink is a recent address or capture.
type StartLink struct {
	Label  string
	Detail string // "yesterday, 3.1 MiB"; may be empty
	Run    func()
}

// StartOffer is a capture that was found after a session did not end in order.
type StartOffer struct {
	Label, Detail string
	Open, Delete  func()
}

// StartContent is what a [StartPage] shows. Empty parts are left out.
type StartContent struct {
	Title    string // "Wirebench"
	Subtitle string
	Entries  []StartEntry
	Recent   []StartLink // addresses; six are shown
	Captures []StartLink // six are shown
	Offers   []StartOffer
	Hint     string // the main keys
}

const (
	startLinks  = 6
	startOffers = 4
	startWidth  = 900 // of the column
)

// StartPage is what an empty window shows: what one can begin with, and where one was before.
type StartPage struct {
	widget.BaseWidget

	content StartContent
	column  *fyne.Container
	scroll  *container.Scroll
	tiles   []*startTile
}

var _ fyne.Widget = (*StartPage)(nil)

// NewStartPage returns a page that shows c.
func NewStartPage(c StartContent) *StartPage {
	s := &StartPage{column: container.New(&stackColumn{})}
	s.scroll = container.NewVScroll(container.New(&centred{}, s.column))
	s.ExtendBaseWidget(s)
	s.SetContent(c)
	return s
}

// SetContent replaces everything on the page.
func (s *StartPage) SetContent(c StartContent) {
	s.content = c
	s.tiles = nil
	s.column.Objects = nil

	title := widget.NewLabelWithStyle(plainText(c.Title, 60, false), fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	title.SizeName = theme.SizeNameHeadingText
	head := []fyne.CanvasObject{title}
	if c.Subtitle != "" {
		head = append(head, mutedText(plainText(c.Subtitle, 200, false), false, fyne.TextWrapWord))
	}
	s.column.Add(container.New(&tight{}, head...))

	if len(c.Offers) > 0 {
		var rows []fyne.CanvasObject
		for _, o := range c.Offers[:min(len(c.Offers), startOffers)] {
			rows = append(rows, s.tile(StartEntry{
				Icon:  theme.NewColoredResource(theme.HistoryIcon(), theme.ColorNameWarning),
				Title: o.Label, Text: o.Detail, Run: o.Open,
			}, words.Say("Open // a capture"), o.Delete))
		}
		name := words.Say("Recovered: the program ended before these were closed")
		if more := len(c.Offers) - startOffers; more > 0 {
			name = words.Many(int64(more), "Recovered: the program ended before these were closed, and %d more",
				"Recovered: the program ended before these were closed, and %d more")
		}
		s.column.Add(section(name, container.New(&stackColumn{gap: 6}, rows...)))
	}

	if len(c.Entries) > 0 {
		var tiles []fyne.CanvasObject
		for _, e := range c.Entries {
			tiles = append(tiles, s.tile(e, "", nil))
		}
		s.column.Add(section(words.Say("Begin with"), container.New(&pairs{}, tiles...)))
	}

	var lists []fyne.CanvasObject
	for _, l := range []struct {
		name  string
		links []StartLink
	}{{words.Say("Recent addresses"), c.Recent}, {words.Say("Recent captures"), c.Captures}} {
		if len(l.links) == 0 {
			continue
		}
		var rows []fyne.CanvasObject
		for _, link := range l.links[:min(len(l.links), startLinks)] {
			rows = append(rows, newStartLink(link))
		}
		lists = append(lists, section(l.name, container.New(&stackColumn{gap: 1}, rows...)))
	}
	if len(lists) > 0 {
		s.column.Add(container.New(&pairs{}, lists...))
	}

	if c.Hint != "" {
		s.column.Add(container.New(&tight{}, mutedText(plainText(c.Hint, 300, false), false, fyne.TextWrapWord)))
	}
	s.column.Refresh()
	s.scroll.Refresh()
}

func (s *StartPage) tile(e StartEntry, button string, remove func()) *startTile {
	t := newStartTile(e, button, remove)
	s.tiles = append(s.tiles, t)
	return t
}

// CreateRenderer is part of fyne.Widget.
func (s *StartPage) CreateRenderer() fyne.WidgetRenderer {
	f := newFace(s.scroll, nil)
	f.minSize = func() fyne.Size { return fyne.NewSize(360, 240) }
	return f
}

// section puts a small heading over something.
func section(name string, body fyne.CanvasObject) fyne.CanvasObject {
	return container.New(&tight{}, mutedText(name, true, fyne.TextWrapOff), body)
}

// startTile is a card one can press: icon, title, and a line of text.
type startTile struct {
	widget.BaseWidget
	entry            StartEntry
	back             *canvas.Rectangle
	icon             *widget.Icon
	title            *ink
	text             *widget.RichText
	open, remove     *widget.Button // nil on a tile without buttons
	hovered, focused bool
}

var (
	_ fyne.Tappable      = (*startTile)(nil)
	_ fyne.Focusable     = (*startTile)(nil)
	_ fyne.Accessible    = (*startTile)(nil)
	_ desktop.Hoverable  = (*startTile)(nil)
	_ desktop.Cursorable = (*startTile)(nil)
)

func newStartTile(e StartEntry, button string, remove func()) *startTile {
	t := &startTile{
		entry: e,
		back:  canvas.NewRectangle(theme.Color(theme.ColorNameInputBackground)),
		icon:  widget.NewIcon(e.Icon),
		title: newInk("", theme.ColorNameForeground, theme.SizeNameText, true),
		text:  mutedText(plainText(e.Text, 200, false), false, fyne.TextWrapOff),
	}
	if button != "" {
		t.open = widget.NewButton(button, func() { call(e.Run) })
		t.remove = widget.NewButtonWithIcon(words.Say("Delete"), theme.DeleteIcon(), func() { call(remove) })
		t.remove.Importance = widget.LowImportance
	}
	t.ExtendBaseWidget(t)
	return t
}

func (t *startTile) Tapped(*fyne.PointEvent)                { call(t.entry.Run) }
func (t *startTile) MouseIn(*desktop.MouseEvent)            { t.hovered = true; t.Refresh() }
func (t *startTile) MouseMoved(*desktop.MouseEvent)         {}
func (t *startTile) MouseOut()                              { t.hovered = false; t.Refresh() }
func (t *startTile) FocusGained()                           { t.focused = true; t.Refresh() }
func (t *startTile) FocusLost()                             { t.focused = false; t.Refresh() }
func (t *startTile) TypedRune(rune)                         {}
func (t *startTile) Cursor() desktop.Cursor                 { return desktop.PointerCursor }
func (t *startTile) AccessibilityLabel() string             { return t.entry.Title + ". " + t.entry.Text }
func (t *startTile) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// TypedKey runs the entry with Space or Enter.
func (t *startTile) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		call(t.entry.Run)
	default:
		HandOn(t, k)
	}
}

func (t *startTile) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{t.back, t.icon, t.title.Text, t.text}
	if t.open != nil {
		objects = append(objects, t.open, t.remove)
	}
	const icon = 28
	arrange := func(size fyne.Size) {
		pad := theme.SizeForWidget(theme.SizeNameInnerPadding, t) * 1.5
		inner := theme.SizeForWidget(theme.SizeNameInnerPadding, t)
		t.back.Resize(size)
		t.icon.Resize(fyne.NewSquareSize(icon))
		t.icon.Move(fyne.NewPos(pad, (size.Height-icon)/2))
		right := size.Width - pad
		if t.open != nil {
			for _, b := range []*widget.Button{t.open, t.remove} {
				s := b.MinSize()
				right -= s.Width
				b.Resize(s)
				b.Move(fyne.NewPos(right, (size.Height-s.Height)/2))
				right -= inner / 2
			}
		}
		x := pad + icon + pad
		t.title.say(fitText(plainText(t.entry.Title, 200, false), right-x, t.title.TextSize, t.title.TextStyle))
		ts := t.title.MinSize()
		line := t.text.MinSize().Height - 2*inner
		top := (size.Height - ts.Height - line - 2) / 2
		t.title.Move(fyne.NewPos(x, top))
		t.title.Resize(ts)
		t.text.Move(fyne.NewPos(x-inner, top+ts.Height+2-inner))
		t.text.Resize(fyne.NewSize(right-x+2*inner, line+2*inner))
	}
	refresh := func() {
		t.title.dress(t)
		t.back.FillColor = theme.ColorForWidget(theme.ColorNameInputBackground, t)
		t.back.StrokeColor = theme.ColorForWidget(theme.ColorNameSeparator, t)
		t.back.StrokeWidth = 1
		switch {
		case t.focused:
			t.back.StrokeColor = theme.ColorForWidget(theme.ColorNamePrimary, t)
			t.back.StrokeWidth = 2
		case t.hovered:
			t.back.StrokeColor = theme.ColorForWidget(theme.ColorNamePrimary, t)
		}
		arrange(t.Size())
		for _, o := range objects {
			o.Refresh()
		}
	}
	refresh()
	return &faceRenderer{objects: objects, layout: arrange, refresh: refresh, minSize: func() fyne.Size { return fyne.NewSize(280, 64) }}
}
