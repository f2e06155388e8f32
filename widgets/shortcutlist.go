package widgets

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets/words"
)

// ShortcutGroup is a titled part of a [ShortcutList].
type ShortcutGroup struct {
	Title string
	Rows  []ShortcutRow
}

// ShortcutRow is an action and its keys: "Ctrl+Shift+P". Several ways are separated by " or ", in English or as it is said.
type ShortcutRow struct{ Action, Keys string }

// ShortcutList shows which key does what, in groups, with a field to search them.
type ShortcutList struct {
	widget.BaseWidget

	groups []ShortcutGroup
	entry  *lineEntry
	body   *fyne.Container
	scroll *container.Scroll
	none   *widget.RichText
	root   *fyne.Container
	shown  int // rows on screen
}

var _ fyne.Widget = (*ShortcutList)(nil)

// NewShortcutList returns a list of all groups.
func NewShortcutList(groups []ShortcutGroup) *ShortcutList {
	s := &ShortcutList{groups: groups, entry: newLineEntry(words.Say("Search actions and keys")), body: container.New(&columns{})}
	s.entry.Icon = theme.SearchIcon()
	s.entry.OnChanged = func(string) { s.filter() }
	s.none = mutedText(words.Say("No action or key contains this."), false, fyne.TextWrapOff)
	s.scroll = container.NewVScroll(s.body)
	s.root = container.NewBorder(s.entry, nil, nil, nil, container.NewStack(s.scroll, s.none))
	s.filter()
	s.ExtendBaseWidget(s)
	return s
}

// FocusSearch puts the keyboard into the search field.
func (s *ShortcutList) FocusSearch(on fyne.Canvas) { on.Focus(s.entry) }

func (s *ShortcutList) filter() {
	query := strings.ToLower(trimBlanks(s.entry.Text))
	s.shown = 0
	s.body.Objects = nil
	for _, g := range s.groups {
		whole := strings.Contains(strings.ToLower(g.Title), query)
		box := container.NewVBox()
		for _, row := range g.Rows {
			if !whole && !strings.Contains(strings.ToLower(row.Action+"\x00"+row.Keys), query) {
				continue
			}
			box.Add(newShortcutLine(row))
			s.shown++
		}
		if len(box.Objects) == 0 {
			continue
		}
		title := widget.NewLabelWithStyle(g.Title, fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
		s.body.Add(container.NewVBox(title, widget.NewSeparator(), box))
	}
	setVisible(s.none, s.shown == 0)
	s.body.Refresh()
	s.scroll.ScrollToTop()
	s.scroll.Refresh()
}

// CreateRenderer is part of fyne.Widget.
func (s *ShortcutList) CreateRenderer() fyne.WidgetRenderer {
	f := newFace(s.root, nil)
	f.minSize = func() fyne.Size {
		m := s.root.MinSize()
		return fyne.NewSize(max(m.Width, shortcutWidth), max(m.Height, 240))
	}
	return f
}

const shortcutWidth = 340

// columns sets groups side by side as far as the width allows, each in the column that is shortest so far.
type columns struct{ width float32 }

func (c *columns) arrange(objects []fyne.CanvasObject, width float32, place bool) fyne.Size {
	gap := 3 * theme.InnerPadding()
	n := max(int((width+gap)/(shortcutWidth+gap)), 1)
	n = min(n, max(len(objects), 1))
	w := (width - gap*float32(n-1)) / float32(n)
	heights := make([]float32, n)
	for _, o := range objects {
		col := 0
		for i := range heights {
			if heights[i] < heights[col] {
				col = i
			}
		}
		h := o.MinSize().Height
		if place {
			o.Move(fyne.NewPos(float32(col)*(w+gap), heights[col]))
			o.Resize(fyne.NewSize(w, h))
		}
		heights[col] += h + theme.InnerPadding()
	}
	var tallest float32
	for _, h := range heights {
		tallest = max(tallest, h)
	}
	return fyne.NewSize(shortcutWidth, tallest)
}

func (c *columns) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return c.arrange(objects, max(c.width, shortcutWidth), false)
}

func (c *columns) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	c.width = size.Width
	c.arrange(objects, size.Width, true)
}

// shortcutLine is an action at the left and its keys, drawn as key caps, at the right.
type shortcutLine struct {
	widget.BaseWidget
	row    ShortcutRow
	action *ink
	caps   []*keyCap
}

// keyCap is a key, or the word between two ways of pressing.
type keyCap struct {
	text *ink
	back *canvas.Rectangle // nil for a word
}

func newShortcutLine(row ShortcutRow) *shortcutLine {
	l := &shortcutLine{row: row, action: newInk(row.Action, theme.ColorNameForeground, theme.SizeNameText, false)}
	or := words.Say("or // between two ways to press keys")
	for i, way := range strings.Split(strings.ReplaceAll(row.Keys, " "+or+" ", " or "), " or ") {
		if i > 0 {
			l.caps = append(l.caps, &keyCap{text: newInk(or, theme.ColorNamePlaceHolder, theme.SizeNameCaptionText, false)})
		}
		for _, key := range splitKeys(way) {
			l.caps = append(l.caps, &keyCap{
				text: newInk(key, theme.ColorNameForeground, theme.SizeNameCaptionText, false),
				back: canvas.NewRectangle(theme.Color(theme.ColorNameInputBackground)),
			})
		}
	}
	l.ExtendBaseWidget(l)
	return l
}

// splitKeys takes "Ctrl++" apart into "Ctrl" and "+".
func splitKeys(s string) []string {
	var keys []string
	for s != "" {
		i := strings.IndexByte(s[1:], '+') + 1
		if i == 0 {
			return append(keys, s)
		}
		keys = append(keys, s[:i])
		s = s[i+1:]
	}
	return keys
}

func (l *shortcutLine) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{l.action.Text}
	for _, c := range l.caps {
		if c.back != nil {
			objects = append(objects, c.back)
		}
		objects = append(objects, c.text.Text)
	}
	inner := func() float32 { return theme.SizeForWidget(theme.SizeNameInnerPadding, l) }
	arrange := func(size fyne.Size) {
		pad := theme.SizeForWidget(theme.SizeNamePadding, l)
		x := size.Width - inner()
		for i := len(l.caps) - 1; i >= 0; i-- {
			c := l.caps[i]
			t := c.text.MinSize()
			w := t.Width + 2*pad
			if c.back != nil {
				w = max(t.Width+inner()*1.5, t.Height+pad)
				c.back.Move(fyne.NewPos(x-w, (size.Height-t.Height)/2-2))
				c.back.Resize(fyne.NewSize(w, t.Height+4))
			}
			c.text.Move(fyne.NewPos(x-w+(w-t.Width)/2, (size.Height-t.Height)/2))
			c.text.Resize(t)
			x -= w + pad
		}
		l.action.say(fitText(l.row.Action, x-2*inner(), l.action.TextSize, l.action.TextStyle))
		a := l.action.MinSize()
		l.action.Move(fyne.NewPos(inner(), (size.Height-a.Height)/2))
		l.action.Resize(a)
	}
	refresh := func() {
		l.action.dress(l)
		for _, c := range l.caps {
			c.text.dress(l)
			if c.back != nil {
				c.back.FillColor = theme.ColorForWidget(theme.ColorNameInputBackground, l)
				c.back.StrokeColor = theme.ColorForWidget(theme.ColorNameInputBorder, l)
				c.back.StrokeWidth = 1
				c.back.CornerRadius = theme.SizeForWidget(theme.SizeNameInputRadius, l)
			}
		}
		arrange(l.Size())
		for _, o := range objects {
			o.Refresh()
		}
	}
	refresh()
	return &faceRenderer{
		objects: objects, layout: arrange, refresh: refresh,
		minSize: func() fyne.Size {
			return fyne.NewSize(200, l.action.MinSize().Height+theme.SizeForWidget(theme.SizeNamePadding, l))
		},
	}
}
