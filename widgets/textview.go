package widgets

import (
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets/grid"
	"wirebench/widgets/words"
)

// TextView shows text that is not written but read, in lines that wrap: a document of a few mebibytes costs no more than
// what is on screen of it. Lines can be selected and copied. The text has to be safe to show; what is not is replaced.
// All methods belong to the UI goroutine.
type TextView struct {
	widget.BaseWidget

	// OnNotice is called with a sentence for the person, such as that only a part was copied.
	OnNotice func(text string)
	// OnMenu is called for a secondary click on a line, which is selected then, with the absolute position for a
	// pop-up menu.
	OnMenu func(pos fyne.Position)

	grid  *grid.Grid
	lines []textLine
	rows  []textRow
	wrong int // number of the line that is marked, from 1; 0 for none
	width int // in cells, that the rows are laid out for

	anchor, head int // numbers of the two ends of the selection; 0 for none
}

// textLine is a line, and where it is on screen.
type textLine struct {
	text  string
	plain bool  // a cell for each byte
	row   int64 // its first
}

// textRow is what is in a row: bytes of a line.
type textRow struct{ line, from, to, indent int32 }

var (
	_ fyne.Widget = (*TextView)(nil)
	_ grid.Source = (*textRows)(nil)
)

const (
	// leastText is the narrowest that text is wrapped to, in cells; below it the view scrolls sideways.
	leastText = 16
	// markWidth is the room of the mark before a line.
	markWidth = 2
	// copiedText is how much is copied at once, in bytes.
	copiedText = 4 << 20
)

// NewTextView returns a view with nothing in it. label is what assistive technology reads out, hint what stands there
// while it is empty.
func NewTextView(label, hint string) *TextView {
	v := &TextView{}
	v.grid = grid.New(&textRows{v})
	v.grid.Label, v.grid.Hint = label, hint
	v.grid.Pointer = desktop.DefaultCursor
	v.grid.OnTapped = func(row int64, _ int, mods fyne.KeyModifier) {
		v.selectLine(v.lineAt(row), mods&fyne.KeyModifierShift != 0)
	}
	v.grid.OnDragged = func(row int64, _ int) { v.selectLine(v.lineAt(row), true) }
	v.grid.OnKey = v.key
	v.grid.OnMenu = func(row int64, _ int, pos fyne.Position) {
		n := v.lineAt(row)
		if n == 0 {
			return
		}
		if !v.holds(n) {
			v.selectLine(n, false)
		}
		if v.OnMenu != nil {
			v.OnMenu(pos)
		}
	}
	v.ExtendBaseWidget(v)
	return v
}

// SetText shows text from its first line on. wrong is the number of a line, from 1, that is marked as wrong and shown; 0
// for none.
func (v *TextView) SetText(text string, wrong int) {
	v.lines, v.wrong, v.anchor, v.head = v.lines[:0], wrong, 0, 0
	for len(text) > 0 {
		line, rest, _ := strings.Cut(text, "\n")
		v.lines = append(v.lines, textLine{text: line, plain: ascii(line)})
		text = rest
	}
	v.wrap()
	v.grid.SetFollow(false)
	v.grid.Update()
	v.grid.ScrollToTop(0)
	if wrong > 0 && wrong <= len(v.lines) {
		v.grid.ScrollTo(v.lines[wrong-1].row)
	}
	v.grid.SetFollow(false)
	v.Refresh()
}

// ScrollToEnd shows the last line.
func (v *TextView) ScrollToEnd() {
	if n := len(v.rows); n > 0 {
		v.grid.ScrollTo(int64(n) - 1)
		v.grid.SetFollow(false)
	}
}

// Lines returns how many lines there are.
func (v *TextView) Lines() int { return len(v.lines) }

// wrap lays the lines out in rows.
func (v *TextView) wrap() {
	v.width = max(v.grid.VisibleColumns(), leastText+markWidth)
	v.grid.Columns = v.width
	v.rows = v.rows[:0]
	room := v.width - markWidth
	for i := range v.lines {
		l := &v.lines[i]
		blanks := len(l.text) - len(strings.TrimLeft(l.text, " "))
		l.row = int64(len(v.rows))
		row := textRow{line: int32(i)}
		for from := 0; ; {
			to := from + l.cut(from, room-int(row.indent))
			row.from, row.to = int32(from), int32(to)
			v.rows = append(v.rows, row)
			if from = to; from == len(l.text) {
				break
			}
			row.indent = int32(min(blanks+2, room/2))
		}
	}
}

// cut returns how many bytes of the line from a place on fit in that many cells; at least one character, if there is one.
func (l *textLine) cut(from, cells int) int {
	rest := l.text[from:]
	if l.plain {
		return min(len(rest), cells)
	}
	used := 0
	for i, r := range rest {
		if used += grid.RuneWidth(r); used > cells && i > 0 {
			return i
		}
	}
	return len(rest)
}

func ascii(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// lineAt returns the number of the line in a row, from 1; 0 if there is none.
func (v *TextView) lineAt(row int64) int {
	if row < 0 || row >= int64(len(v.rows)) {
		return 0
	}
	return int(v.rows[row].line) + 1
}

func (v *TextView) holds(line int) bool {
	return v.head != 0 && line >= min(v.anchor, v.head) && line <= max(v.anchor, v.head)
}

// selectLine moves the end of the selection, and its beginning too unless it is to be extended.
func (v *TextView) selectLine(line int, extend bool) {
	if line < 1 || line > len(v.lines) {
		return
	}
	v.head = line
	if !extend || v.anchor == 0 {
		v.anchor = line
	}
	v.grid.ScrollTo(v.lines[line-1].row)
	v.grid.SetFollow(false)
	v.grid.Update()
}

// key moves the selection with the keys that otherwise scroll, and copies.
func (v *TextView) key(ev *fyne.KeyEvent, mods fyne.KeyModifier) bool {
	if mods&fyne.KeyModifierShortcutDefault != 0 {
		switch ev.Name {
		case fyne.KeyC, fyne.KeyInsert:
			v.Copy()
		case fyne.KeyA:
			v.SelectAll()
		default:
			return false
		}
		return true
	}
	if mods&^fyne.KeyModifierShift != 0 || len(v.lines) == 0 {
		return false
	}
	page := max(1, v.grid.VisibleRows()-1)
	at := v.head
	switch ev.Name {
	case fyne.KeyUp:
		at--
	case fyne.KeyDown:
		at++
	case fyne.KeyPageUp:
		at -= page
	case fyne.KeyPageDown:
		at += page
	case fyne.KeyHome:
		at = 1
	case fyne.KeyEnd:
		at = len(v.lines)
	case fyne.KeyEscape:
		if v.head == 0 {
			return false
		}
		v.anchor, v.head = 0, 0
		v.grid.Update()
		return true
	default:
		return false
	}
	if v.head == 0 && (ev.Name == fyne.KeyUp || ev.Name == fyne.KeyDown) {
		at = v.lineAt(v.grid.Top()) // the first press selects what is there
	}
	v.selectLine(min(max(at, 1), len(v.lines)), mods&fyne.KeyModifierShift != 0)
	return true
}

// SelectAll selects every line.
func (v *TextView) SelectAll() {
	if len(v.lines) > 0 {
		v.anchor, v.head = 1, len(v.lines)
		v.grid.Update()
	}
}

// Copy puts the selected lines on the clipboard, or all where none is selected.
func (v *TextView) Copy() {
	text, left := v.CopyText()
	if text == "" {
		return
	}
	fyne.CurrentApp().Clipboard().SetContent(text)
	if left > 0 && v.OnNotice != nil {
		v.OnNotice(words.Many(int64(left), "The text is long: the last %d line of it were not copied.", "The text is long: the last %d lines of it were not copied."))
	}
}

// CopyText returns the selected lines, or all where none is selected, as they are without being wrapped. It is bounded;
// left is how many lines it leaves out.
func (v *TextView) CopyText() (text string, left int) {
	from, to := min(v.anchor, v.head), max(v.anchor, v.head)
	if v.head == 0 {
		from, to = 1, len(v.lines)
	}
	var b strings.Builder
	for n := from; n <= to; n++ {
		l := &v.lines[n-1]
		if b.Len()+len(l.text) > copiedText && n > from {
			return b.String(), to - n + 1
		}
		if n > from {
			b.WriteByte('\n')
		}
		b.WriteString(l.text)
	}
	return b.String(), 0
}

// Focus takes the keyboard of the window with that canvas.
func (v *TextView) Focus(on fyne.Canvas) { on.Focus(v.grid) }

// Refresh looks everything up anew, the theme too.
func (v *TextView) Refresh() {
	v.grid.Refresh()
	v.rewrap()
	v.BaseWidget.Refresh()
}

// rewrap lays the text out for another width, with the same line at the top.
func (v *TextView) rewrap() {
	if max(v.grid.VisibleColumns(), leastText+markWidth) == v.width {
		return
	}
	top := v.lineAt(v.grid.Top())
	v.wrap()
	v.grid.Update()
	if top > 0 {
		v.grid.ScrollToTop(v.lines[top-1].row)
		v.grid.SetFollow(false)
	}
	v.grid.Refresh()
}

// CreateRenderer is part of fyne.Widget.
func (v *TextView) CreateRenderer() fyne.WidgetRenderer {
	return &faceRenderer{
		objects: []fyne.CanvasObject{v.grid},
		layout: func(size fyne.Size) {
			if size != v.grid.Size() {
				v.grid.Resize(size)
				v.rewrap()
			}
		},
		minSize: func() fyne.Size { return fyne.NewSize(160, 60) },
	}
}

// textRows are the rows of a [TextView].
type textRows struct{ v *TextView }

// Rows is part of grid.Source.
func (r *textRows) Rows() int64 { return int64(len(r.v.rows)) }

// Row is part of grid.Source.
func (r *textRows) Row(row int64, cells []grid.Cell) []grid.Cell {
	v := r.v
	n := v.lineAt(row)
	if n == 0 {
		return cells
	}
	l, at := &v.lines[n-1], v.rows[row]
	like := grid.Cell{Fg: grid.Foreground}
	if n == v.wrong {
		like.Fg = grid.Error
	}
	if v.holds(n) {
		like.Bg = grid.Selection
	}
	if n == v.wrong && at.from == 0 {
		cells = grid.AppendText(cells, "!", like)
	}
	cells = grid.Pad(cells, markWidth+int(at.indent), like)
	part := l.text[at.from:at.to]
	cells = grid.AppendText(cells, plainText(part, len(part), false), like)
	return grid.Pad(cells, max(v.width, len(cells)), like)
}
