package widgets

import (
	"encoding/hex"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// fact is one labelled value of a [factList]; one without a name is a note that goes over the whole width.
type fact struct {
	name, value string
	note        string // shown with the value in full
	problem     bool
	raw         []byte // for copying as hex; may be nil
}

// factGroup is facts that belong together.
type factGroup struct {
	title   string
	problem string
	facts   []fact
}

// factRow is a line of the list: a fact, or the title of a group.
type factRow struct {
	fact
	title bool
}

const (
	factCells = 400  // of a value in its line
	factFull  = 4096 // of the chosen value; more can be copied
)

// factList shows groups of labelled values, as many as there are: a line each, the chosen one in full below them, and
// a field to find one by. Values are safe to show.
type factList struct {
	widget.BaseWidget

	groups []factGroup
	rows   []factRow // those that the filter lets through
	chosen int       // of the rows; -1 for none

	find   *lineEntry
	count  *widget.Label
	list   *factRows
	full   *widget.Label
	note   *widget.Label
	foot   *fyne.Container
	scroll *container.Scroll
	root   *fyne.Container
}

func newFactList() *factList {
	f := &factList{chosen: -1}
	f.find = newLineEntry("Find a name or a value")
	f.find.OnChanged = func(string) { f.filter() }
	f.count = widget.NewLabel("")
	f.count.Importance = widget.LowImportance
	f.list = newFactRows(f)
	f.full = widget.NewLabel("")
	f.full.Selectable = true
	f.full.Wrapping = fyne.TextWrapBreak
	f.full.TextStyle.Monospace = true
	f.note = widget.NewLabel("")
	f.note.Wrapping = fyne.TextWrapWord
	f.note.Selectable = true
	f.foot = container.New(&tight{}, f.full, f.note)
	f.scroll = container.NewVScroll(f.foot)
	f.scroll.SetMinSize(fyne.NewSize(0, 56))
	f.scroll.Hide()
	f.root = container.NewBorder(
		container.NewBorder(nil, nil, nil, f.count, f.find),
		container.New(&shownOnly{}, f.scroll), nil, nil, f.list)
	f.ExtendBaseWidget(f)
	return f
}

// set shows groups. What was typed to find stays; a chosen line stays chosen if there is one of its name.
func (f *factList) set(groups []factGroup) {
	f.groups = groups
	f.filter()
}

func (f *factList) filter() {
	was := ""
	if f.chosen >= 0 && f.chosen < len(f.rows) {
		was = f.rows[f.chosen].name
	}
	wanted := strings.ToLower(strings.TrimSpace(f.find.Text))
	f.rows, f.chosen = f.rows[:0], -1
	shown, all := 0, 0
	for _, g := range f.groups {
		whole := wanted != "" && strings.Contains(strings.ToLower(g.title), wanted)
		begun := false
		for _, one := range g.facts {
			all++
			if wanted != "" && !whole && !strings.Contains(strings.ToLower(one.name), wanted) && !strings.Contains(strings.ToLower(one.value), wanted) {
				continue
			}
			if !begun && g.title != "" {
				f.rows = append(f.rows, factRow{fact: fact{name: g.title, value: g.problem, problem: g.problem != ""}, title: true})
			}
			begun = true
			shown++
			f.rows = append(f.rows, factRow{fact: one})
		}
	}
	f.count.SetText("")
	if wanted != "" {
		f.count.SetText(FormatCount(int64(shown)) + " of " + FormatCount(int64(all)))
	}
	f.list.UnselectAll()
	f.list.Refresh()
	if was != "" {
		for i, r := range f.rows {
			if r.name == was && !r.title {
				f.list.Select(i)
				return
			}
		}
	}
	f.list.ScrollToTop()
	f.showFull()
}

// showFull shows the chosen value below the lines.
func (f *factList) showFull() {
	if f.chosen < 0 || f.chosen >= len(f.rows) || f.rows[f.chosen].title {
		f.scroll.Hide()
		f.root.Refresh()
		return
	}
	r := f.rows[f.chosen]
	f.full.SetText(plainText(r.value, factFull, true))
	f.note.SetText(plainText(r.note, noticeRunes, false))
	f.note.Importance = widget.LowImportance
	if r.problem {
		f.note.Importance = widget.WarningImportance
	}
	show := f.note.Show
	if r.note == "" {
		show = f.note.Hide
	}
	show()
	f.scroll.Show()
	f.scroll.ScrollToTop()
	f.root.Refresh()
}

func (f *factList) copy(text func(fact) string) {
	if f.chosen >= 0 && f.chosen < len(f.rows) {
		fyne.CurrentApp().Clipboard().SetContent(text(f.rows[f.chosen].fact))
	}
}

// all is every fact as text, for copying at once.
func (f *factList) all() string {
	var b strings.Builder
	for _, g := range f.groups {
		b.WriteString(g.title + "\n")
		for _, one := range g.facts {
			b.WriteString("  " + one.name + ": " + one.value + "\n")
		}
	}
	return b.String()
}

func (f *factList) menu(at fyne.Position) {
	items := []*fyne.MenuItem{
		fyne.NewMenuItem("Copy the value", func() { f.copy(func(o fact) string { return o.value }) }),
		fyne.NewMenuItem("Copy name and value", func() { f.copy(func(o fact) string { return o.name + ": " + o.value }) }),
	}
	if f.chosen >= 0 && f.chosen < len(f.rows) && len(f.rows[f.chosen].raw) > 0 {
		items = append(items, fyne.NewMenuItem("Copy as hex", func() { f.copy(func(o fact) string { return hex.EncodeToString(o.raw) }) }))
	}
	items = append(items, fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem("Copy everything", func() { fyne.CurrentApp().Clipboard().SetContent(f.all()) }))
	if c := canvasOf(f); c != nil {
		widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", items...), c, at)
	}
}

// CreateRenderer is part of fyne.Widget.
func (f *factList) CreateRenderer() fyne.WidgetRenderer { return newFace(f.root, nil) }

// factRows is the list itself; it copies the chosen value, and hands keys on that it has no use for.
type factRows struct {
	widget.List
	facts *factList
}

var (
	_ fyne.Focusable    = (*factRows)(nil)
	_ fyne.Shortcutable = (*factRows)(nil)
)

func newFactRows(f *factList) *factRows {
	l := &factRows{facts: f}
	l.Length = func() int { return len(f.rows) }
	l.CreateItem = func() fyne.CanvasObject { return newFactLine(f) }
	l.UpdateItem = func(id widget.ListItemID, o fyne.CanvasObject) {
		if id < len(f.rows) {
			o.(*factLine).show(id, f.rows[id])
		}
	}
	l.OnSelected = func(id widget.ListItemID) {
		f.chosen = id
		f.showFull()
	}
	l.HideSeparators = true
	l.ExtendBaseWidget(l)
	return l
}

func (l *factRows) TypedKey(k *fyne.KeyEvent) {
	if handOn(l, k) {
		return
	}
	switch k.Name {
	case fyne.KeyUp, fyne.KeyDown: // the value follows the cursor
		to := l.facts.chosen + 1
		if k.Name == fyne.KeyUp {
			to = max(l.facts.chosen-1, 0)
		}
		if to < len(l.facts.rows) {
			l.Select(to)
		}
	default:
		l.List.TypedKey(k)
	}
}

func (l *factRows) TypedShortcut(s fyne.Shortcut) {
	if _, ok := s.(*fyne.ShortcutCopy); ok {
		l.facts.copy(func(o fact) string { return o.value })
		return
	}
	if c, ok := canvasOf(l).(fyne.Shortcutable); ok {
		if _, custom := s.(*desktop.CustomShortcut); custom {
			c.TypedShortcut(s)
		}
	}
}

// factLine is one line: name and value beside each other, or a group's title.
type factLine struct {
	widget.BaseWidget
	facts       *factList
	id          int
	row         factRow
	name, value *canvas.Text
	icon        *widget.Icon
}

var _ fyne.SecondaryTappable = (*factLine)(nil)

func newFactLine(f *factList) *factLine {
	l := &factLine{facts: f, name: canvas.NewText("", nil), value: canvas.NewText("", nil), icon: widget.NewIcon(nil)}
	l.value.TextStyle.Monospace = true
	l.icon.Hide()
	l.ExtendBaseWidget(l)
	return l
}

func (l *factLine) show(id int, r factRow) {
	l.id, l.row = id, r
	l.Refresh()
}

// TappedSecondary chooses the line and offers what can be done with it.
func (l *factLine) TappedSecondary(e *fyne.PointEvent) {
	l.facts.list.Select(l.id)
	l.facts.menu(e.AbsolutePosition)
}

func (l *factLine) refresh() {
	size := theme.SizeForWidget(theme.SizeNameText, l) - 1
	l.name.TextSize, l.value.TextSize = size, size
	l.name.TextStyle.Bold = l.row.title
	l.name.Color = theme.ColorForWidget(theme.ColorNamePlaceHolder, l)
	l.value.Color = theme.ColorForWidget(theme.ColorNameForeground, l)
	if l.row.title {
		l.name.Color = theme.ColorForWidget(theme.ColorNameForeground, l)
		l.value.Color = theme.ColorForWidget(theme.ColorNameWarning, l)
	}
	l.icon.Hidden = !l.row.problem
	if l.row.problem {
		l.icon.SetResource(theme.NewColoredResource(theme.WarningIcon(), theme.ColorNameWarning))
	}
	l.arrange(l.Size())
	l.name.Refresh()
	l.value.Refresh()
}

func (l *factLine) arrange(size fyne.Size) {
	pad := theme.SizeForWidget(theme.SizeNamePadding, l)
	indent, split := 3*pad, min(max(size.Width*0.32, 120), 240)
	if l.row.title {
		indent = pad
		split = size.Width
		if l.row.value != "" {
			split = min(size.Width*0.5, 320)
		}
	}
	cell := fyne.MeasureText("0", l.value.TextSize, fyne.TextStyle{Monospace: true}).Width
	height := l.name.MinSize().Height
	y := (size.Height - height) / 2
	nameWidth := split - indent - pad
	l.name.Text = fitText(l.row.name, nameWidth, l.name.TextSize, l.name.TextStyle)
	l.name.Move(fyne.NewPos(indent, y))
	x := split
	if l.row.problem {
		l.icon.Resize(fyne.NewSquareSize(height))
		l.icon.Move(fyne.NewPos(x, y))
		x += height + pad
	}
	l.value.Text = fitCells(clip(l.row.value, factCells), int(max(size.Width-x-pad, 0)/max(cell, 1)))
	l.value.Move(fyne.NewPos(x, y))
}

// CreateRenderer is part of fyne.Widget.
func (l *factLine) CreateRenderer() fyne.WidgetRenderer {
	l.refresh()
	return &faceRenderer{
		objects: []fyne.CanvasObject{l.name, l.icon, l.value},
		layout:  l.arrange,
		minSize: func() fyne.Size {
			size := theme.SizeForWidget(theme.SizeNameText, l) - 1
			return fyne.NewSize(160, fyne.MeasureText("M", size, fyne.TextStyle{}).Height+2)
		},
		refresh: l.refresh,
	}
}
