package widgets

import (
	"image/color"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/inspect"
	"wirebench/widgets/words"
)

// inspectorCells bounds what is drawn of one value, in cells. Copying takes the whole value.
const inspectorCells = 200

// The names of types take at most this share of the width, or this many pixels where that is more.
const (
	namesShare = 0.25
	leastNames = 70
)

// inspectorLine is a line of the table: the heading of a group, or a row with its values.
type inspectorLine struct {
	heading string // then nothing else is set
	row     int    // index into the inspector's rows
	values  [2]inspect.Value
	span    bool // one value over both columns
}

// inspectorTable is what scrolls below the inspector's header. It has text objects for the lines in sight only, and
// gives them new lines when it is scrolled.
type inspectorTable struct {
	widget.BaseWidget

	owner *Inspector
	lines []inspectorLine
	pool  []*inspectorTexts
	mark  *canvas.Rectangle // around the chosen value

	chosenID  string // ID of the row of the chosen value, "" for none
	chosenCol int    // 0 type, 1 big-endian, 2 little-endian
	focused   bool

	overCharset bool // the pointer is where the charset is chosen
}

// inspectorTexts are the objects of one line in sight: type or heading, and two values.
type inspectorTexts [3]*canvas.Text

var (
	_ fyne.Tappable          = (*inspectorTable)(nil)
	_ fyne.SecondaryTappable = (*inspectorTable)(nil)
	_ fyne.Accessible        = (*inspectorTable)(nil)
	_ desktop.Mouseable      = (*inspectorTable)(nil)
	_ desktop.Hoverable      = (*inspectorTable)(nil)
	_ desktop.Cursorable     = (*inspectorTable)(nil)
)

func newInspectorTable(owner *Inspector) *inspectorTable {
	t := &inspectorTable{owner: owner, mark: canvas.NewRectangle(color.Transparent)}
	t.mark.Hide()
	t.ExtendBaseWidget(t)
	return t
}

// textSize is between those of text and caption: two columns of times and of 64-bit numbers fit beside a capture.
func (t *inspectorTable) textSize() float32 {
	return (theme.SizeForWidget(theme.SizeNameText, t) + theme.SizeForWidget(theme.SizeNameCaptionText, t)) / 2
}

func (t *inspectorTable) rowHeight() float32 {
	return fyne.MeasureText("0", t.textSize(), fyne.TextStyle{Monospace: true}).Height + 2
}

// columns returns where type, big-endian and little-endian begin, and how wide a value is.
func (t *inspectorTable) columns(width float32) (starts [3]float32, value float32) {
	pad := theme.SizeForWidget(theme.SizeNamePadding, t)
	names := float32(0)
	for _, r := range t.owner.rows {
		names = max(names, fyne.MeasureText(r.Name, t.textSize(), fyne.TextStyle{}).Width)
	}
	starts[0] = pad
	// Beside a narrow list the values matter more than the last letters of the longest names.
	starts[1] = pad + min(names, max(width*namesShare, leastNames)) + 2*pad
	bar := theme.SizeForWidget(theme.SizeNameScrollBarSmall, t) + pad
	value = max(0, (width-starts[1]-bar-2*pad)/2)
	starts[2] = starts[1] + value + 2*pad
	return starts, value
}

// update reads the bytes anew and shows what they say.
func (t *inspectorTable) update() {
	o := t.owner
	before := len(t.lines)
	t.lines = t.lines[:0]
	group := ""
	for n := range o.rows {
		r := &o.rows[n]
		if !o.placed || o.Hidden[r.ID] {
			continue
		}
		if r.Group != group {
			group = r.Group
			t.lines = append(t.lines, inspectorLine{heading: group})
		}
		l := inspectorLine{row: n}
		l.values[0] = r.Read(o.place(), inspect.Big)
		l.values[1] = l.values[0]
		if !r.Single {
			l.values[1] = r.Read(o.place(), inspect.Little)
		}
		// What is missing, or wrong, in the same words is said once.
		l.span = r.Single || l.values[0] == l.values[1] && l.values[0].Size == 0
		t.lines = append(t.lines, l)
	}
	if len(t.lines) != before {
		o.scroll.Refresh() // the height changed
	}
	t.show()
	o.follow()
}

// show gives the text objects the lines that are in sight now.
func (t *inspectorTable) show() {
	height := t.rowHeight()
	first := max(0, int(t.owner.scroll.Offset.Y/height))
	count := min(len(t.lines)-first, int(t.owner.scroll.Size().Height/height)+2)
	grown := false
	for len(t.pool) < count {
		t.pool = append(t.pool, &inspectorTexts{canvas.NewText("", color.Black), canvas.NewText("", color.Black), canvas.NewText("", color.Black)})
		grown = true
	}
	starts, width := t.columns(t.Size().Width)
	t.mark.Hide()
	for n, texts := range t.pool {
		if n >= count {
			for _, text := range texts {
				text.Hide()
			}
			continue
		}
		line := first + n
		t.place(texts, &t.lines[line], float32(line)*height, starts, width)
	}
	t.mark.Refresh()
	if grown {
		canvas.Refresh(t) // a renderer that exists has to take over the new objects
	}
}

// place puts one line into its text objects, at height y.
func (t *inspectorTable) place(texts *inspectorTexts, l *inspectorLine, y float32, starts [3]float32, width float32) {
	foreground := theme.ColorForWidget(theme.ColorNameForeground, t)
	muted := theme.ColorForWidget(theme.ColorNamePlaceHolder, t)
	size, pad := t.textSize(), theme.SizeForWidget(theme.SizeNamePadding, t)
	if l.heading != "" {
		caption := theme.SizeForWidget(theme.SizeNameCaptionText, t)
		at := fyne.NewPos(starts[0], y+size-caption+1)
		put(texts[0], l.heading, caption, muted, fyne.TextStyle{Bold: true}, at)
		texts[1].Hide()
		texts[2].Hide()
		if t.opensCharsets(l) {
			at.X = starts[1]
			put(texts[1], t.owner.charset.Name()+" ▾", caption, theme.ColorForWidget(theme.ColorNamePrimary, t), fyne.TextStyle{}, at)
		}
		return
	}
	name := fitName(t.owner.rows[l.row].Name, starts[1]-starts[0]-pad, size)
	put(texts[0], name, size, foreground, fyne.TextStyle{}, fyne.NewPos(starts[0], y))
	cell := fyne.MeasureText("0", size, fyne.TextStyle{Monospace: true}).Width
	shift := baseline(size, fyne.TextStyle{}) - baseline(size, fyne.TextStyle{Monospace: true})
	chosen := t.owner.rows[l.row].ID == t.chosenID
	for n, v := range l.values {
		text := texts[1+n]
		w := width
		if l.span {
			w = starts[2] + width - starts[1]
		}
		if l.span && n == 1 {
			text.Hide()
			continue
		}
		shown, said := cellText(v)
		colour := foreground
		switch {
		case !said:
			colour = muted
		case !l.span && inspect.Order(n) != t.owner.Order:
			colour = blend(foreground, muted)
		}
		style, top := fyne.TextStyle{Monospace: said}, y
		if said {
			shown, top = fitCells(shown, min(inspectorCells, int(w/cell))), y+shift
		} else {
			shown = fitText(shown, w, size, style)
		}
		put(text, shown, size, colour, style, fyne.NewPos(starts[1+n], top))
		if chosen && (t.chosenCol == 1+n || l.span && t.chosenCol > 0) {
			t.markAt(starts[1+n]-3, y, w+6)
		}
	}
	if chosen && t.chosenCol == 0 {
		t.markAt(starts[0]-3, y, starts[1]-starts[0]-3)
	}
}

// fitName shortens the name of a type to a width, in front of its last word: that tells it from the next one.
func fitName(name string, width, size float32) string {
	at := strings.LastIndexByte(name, ' ')
	if at < 0 || fyne.MeasureText(name, size, fyne.TextStyle{}).Width <= width {
		return fitText(name, width, size, fyne.TextStyle{})
	}
	last := name[at:]
	return fitText(name[:at], width-fyne.MeasureText(last, size, fyne.TextStyle{}).Width, size, fyne.TextStyle{}) + last
}

// opensCharsets tells whether the line is the heading that a charset is chosen at.
func (t *inspectorTable) opensCharsets(l *inspectorLine) bool {
	return l.heading == inspect.Text && t.owner.OnCharset != nil
}

// charsetAt tells whether the charset is chosen at that place.
func (t *inspectorTable) charsetAt(pos fyne.Position) bool {
	n := int(pos.Y / t.rowHeight())
	return pos.Y >= 0 && n < len(t.lines) && t.opensCharsets(&t.lines[n])
}

func (t *inspectorTable) markAt(x, y, width float32) {
	t.mark.FillColor = theme.ColorForWidget(theme.ColorNameSelection, t)
	t.mark.StrokeWidth = 0
	if t.focused {
		t.mark.StrokeColor, t.mark.StrokeWidth = theme.ColorForWidget(theme.ColorNamePrimary, t), 1
	}
	t.mark.CornerRadius = 2
	t.mark.Move(fyne.NewPos(x, y+1))
	t.mark.Resize(fyne.NewSize(width, t.rowHeight()))
	t.mark.Show()
}

// baseline is the distance from the top of a text to the line its letters stand on.
func baseline(size float32, style fyne.TextStyle) float32 {
	_, base := fyne.CurrentApp().Driver().RenderedTextSize("0", size, style, nil)
	return base
}

// cellText is what a value shows, and whether that is the value itself and not a word about it.
func cellText(v inspect.Value) (text string, said bool) {
	switch {
	case v.Missing > 0:
		return words.Many(int64(v.Missing), "needs %d more byte", "needs %d more bytes"), false
	case v.Problem != "":
		return v.Problem, false
	case v.Text == "":
		return words.Say("(empty)"), false
	}
	return v.Text, true
}

// blend is the colour half way between two.
func blend(a, b color.Color) color.Color {
	r1, g1, b1, a1 := a.RGBA()
	r2, g2, b2, a2 := b.RGBA()
	mid := func(x, y uint32) uint16 { return uint16((x + y) / 2) }
	return color.RGBA64{mid(r1, r2), mid(g1, g2), mid(b1, b2), mid(a1, a2)}
}

// lineOf returns the index of the line of the chosen value, -1 when there is none.
func (t *inspectorTable) lineOf(id string) int {
	return slices.IndexFunc(t.lines, func(l inspectorLine) bool {
		return l.heading == "" && id != "" && t.owner.rows[l.row].ID == id
	})
}

// choose marks the value at a place of the table and tells whether there is one.
func (t *inspectorTable) choose(pos fyne.Position) bool {
	n := int(pos.Y / t.rowHeight())
	if pos.Y < 0 || n >= len(t.lines) || t.lines[n].heading != "" {
		return false
	}
	starts, _ := t.columns(t.Size().Width)
	t.chosenID, t.chosenCol = t.owner.rows[t.lines[n].row].ID, 0
	switch {
	case pos.X >= starts[1] && t.lines[n].span:
		t.chosenCol = 1 + int(t.owner.Order)
	case pos.X >= starts[2]:
		t.chosenCol = 2
	case pos.X >= starts[1]:
		t.chosenCol = 1
	}
	t.show()
	t.owner.follow()
	return true
}

// move takes the choice that many lines and columns further, over headings, and scrolls to it.
func (t *inspectorTable) move(lines, columns int) {
	at := t.lineOf(t.chosenID)
	if len(t.lines) == 0 {
		return
	}
	if at < 0 {
		at, lines, columns, t.chosenCol = 0, 0, 0, 1+int(t.owner.Order)
	}
	step := 1
	if lines < 0 {
		step = -1
	}
	at = max(0, min(at+lines, len(t.lines)-1))
	if at == 0 {
		step = 1 // the first line is a heading, and there is nothing above it
	}
	for t.lines[at].heading != "" {
		at += step // every heading has a row below it
	}
	t.chosenID = t.owner.rows[t.lines[at].row].ID
	t.chosenCol = max(0, min(t.chosenCol+columns, 2))
	t.owner.follow() // takes or gives room, so before scrolling
	t.reveal(at)
	t.show()
}

// reveal scrolls so that a line can be seen, with the heading above it.
func (t *inspectorTable) reveal(at int) {
	height, s := t.rowHeight(), t.owner.scroll
	top := float32(at) * height
	if at > 0 && t.lines[at-1].heading != "" {
		top -= height
	}
	y := min(s.Offset.Y, top)
	if bottom := float32(at+1) * height; bottom > y+s.Size().Height {
		y = bottom - s.Size().Height
	}
	if y != s.Offset.Y {
		s.ScrollToOffset(fyne.NewPos(0, max(0, y)))
	}
}

// chosen returns the line and the value that are chosen.
func (t *inspectorTable) chosen() (l *inspectorLine, v inspect.Value, ok bool) {
	n := t.lineOf(t.chosenID)
	if n < 0 {
		return nil, v, false
	}
	l = &t.lines[n]
	return l, l.values[t.chosenOrder()], true
}

// chosenOrder is the byte order of the chosen value.
func (t *inspectorTable) chosenOrder() inspect.Order {
	if t.chosenCol == 0 {
		return t.owner.Order
	}
	return inspect.Order(t.chosenCol - 1)
}

// chosenText is what copying the chosen cell gives: the whole value, the name of a type, "" for what has no value.
func (t *inspectorTable) chosenText() string {
	l, v, ok := t.chosen()
	switch {
	case !ok:
		return ""
	case t.chosenCol == 0:
		return t.owner.rows[l.row].Name
	}
	return v.Text
}

// rowText is a whole row with tabs between its cells, as spreadsheets take it.
func (t *inspectorTable) rowText(l *inspectorLine) string {
	cells := []string{t.owner.rows[l.row].Name}
	for n, v := range l.values {
		if n == 1 && l.span {
			break
		}
		text, said := cellText(v)
		if !said && v.Size > 0 {
			text = "" // an empty string has no words for itself
		}
		cells = append(cells, text)
	}
	return strings.Join(cells, "\t")
}

func (t *inspectorTable) focus(on bool) {
	t.focused = on
	t.show()
}

// MouseDown is part of desktop.Mouseable. It takes the focus at once, so that Ctrl+C goes to the value clicked.
func (t *inspectorTable) MouseDown(e *desktop.MouseEvent) {
	t.choose(e.Position)
	if e.Button == desktop.MouseButtonPrimary && t.charsetAt(e.Position) {
		t.owner.OnCharset()
		return
	}
	if c := canvasOf(t.owner); c != nil {
		c.Focus(t.owner)
	}
}

// MouseUp is part of desktop.Mouseable.
func (t *inspectorTable) MouseUp(*desktop.MouseEvent) {}

// MouseIn is part of desktop.Hoverable.
func (t *inspectorTable) MouseIn(e *desktop.MouseEvent) { t.MouseMoved(e) }

// MouseMoved is part of desktop.Hoverable.
func (t *inspectorTable) MouseMoved(e *desktop.MouseEvent) { t.overCharset = t.charsetAt(e.Position) }

// MouseOut is part of desktop.Hoverable.
func (t *inspectorTable) MouseOut() { t.overCharset = false }

// Cursor is a hand where a click chooses the charset.
func (t *inspectorTable) Cursor() desktop.Cursor {
	if t.overCharset {
		return desktop.PointerCursor
	}
	return desktop.DefaultCursor
}

// Tapped chooses the value under the pointer.
func (t *inspectorTable) Tapped(e *fyne.PointEvent) { t.choose(e.Position) }

// TappedSecondary offers what can be done with the value under the pointer.
func (t *inspectorTable) TappedSecondary(e *fyne.PointEvent) {
	c := canvasOf(t.owner)
	if !t.choose(e.Position) || c == nil {
		return
	}
	widget.ShowPopUpMenuAtPosition(t.menu(), c, e.AbsolutePosition)
}

// menu is that of the chosen value.
func (t *inspectorTable) menu() *fyne.Menu {
	l, v, _ := t.chosen()
	row := *l // the line may be another one when the menu is used
	value := fyne.NewMenuItem(words.Say("Copy value"), func() { t.owner.copyText(v.Text) })
	value.Disabled = v.Text == ""
	items := []*fyne.MenuItem{value, fyne.NewMenuItem(words.Say("Copy row"), func() { t.owner.copyText(t.rowText(&row)) })}
	offer := func(name string, f func([]byte)) {
		if f != nil {
			var b []byte
			if v.Size <= len(t.owner.bytes) { // a long text may go on behind what is at hand
				b = slices.Clone(t.owner.bytes[:v.Size])
			}
			item := fyne.NewMenuItem(name, func() { f(b) })
			item.Disabled = len(b) == 0
			items = append(items, item)
		}
	}
	offer(words.Say("Search for these bytes"), t.owner.OnSearch)
	offer(words.Say("Copy to the composer"), t.owner.OnCompose)
	for n, notation := range t.owner.chosenFramings() {
		if n == 0 {
			items = append(items, fyne.NewMenuItemSeparator())
		}
		items = append(items, fyne.NewMenuItem(words.Say("Cut into frames: %s", notation), func() { t.owner.OnFraming(notation) }))
	}
	return fyne.NewMenu("", items...)
}

// AccessibilityLabel reads the chosen row out.
func (t *inspectorTable) AccessibilityLabel() string {
	if l, _, ok := t.chosen(); ok {
		return strings.ReplaceAll(t.rowText(l), "\t", ", ")
	}
	return words.Many(int64(len(t.lines)), "%d values", "%d values")
}

// AccessibilityRole is text.
func (t *inspectorTable) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer is part of fyne.Widget.
func (t *inspectorTable) CreateRenderer() fyne.WidgetRenderer { return &inspectorTableRenderer{t} }

// inspectorTableRenderer lists the objects that the table has at the moment; their number follows the height.
type inspectorTableRenderer struct{ t *inspectorTable }

func (r *inspectorTableRenderer) Layout(fyne.Size) { r.t.show() }
func (r *inspectorTableRenderer) Refresh()         {}
func (r *inspectorTableRenderer) Destroy()         {}

func (r *inspectorTableRenderer) MinSize() fyne.Size {
	return fyne.NewSize(0, float32(len(r.t.lines))*r.t.rowHeight())
}

func (r *inspectorTableRenderer) Objects() []fyne.CanvasObject {
	objects := []fyne.CanvasObject{r.t.mark}
	for _, texts := range r.t.pool {
		objects = append(objects, texts[0], texts[1], texts[2])
	}
	return objects
}
