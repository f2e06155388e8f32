package widgets

import (
	"fmt"
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets/words"
)

const (
	composerRows    = 24 // of bytes that are drawn at most
	composerMinRows = 2
)

// composerBytes shows the bytes that fields make, as a hex view of a few rows, with those of one field marked and a
// caption about it. It follows the mark, and can be scrolled. A tap on a byte tells which.
type composerBytes struct {
	widget.BaseWidget

	onTapped func(offset int)

	bytes    []byte
	old      bool // they are not those of the present text
	from, to int  // of the bytes that are marked; none when equal
	text     string
	first    int // the row at the top
	follow   bool

	caption *canvas.Text
	rows    [composerRows]composerRow
}

// composerRow is a row of bytes: its offset, the bytes and their characters, over the marks.
type composerRow struct {
	offset, hex, chars *canvas.Text
	marks              [2]*canvas.Rectangle // behind hex and behind chars
}

var (
	_ fyne.Widget       = (*composerBytes)(nil)
	_ fyne.Tappable     = (*composerBytes)(nil)
	_ fyne.Scrollable   = (*composerBytes)(nil)
	_ fyne.Accessible   = (*composerBytes)(nil)
	_ desktop.Hoverable = (*composerBytes)(nil)
)

func newComposerBytes() *composerBytes {
	b := &composerBytes{caption: monospaced()}
	for i := range b.rows {
		r := &b.rows[i]
		r.offset, r.hex, r.chars = monospaced(), monospaced(), monospaced()
		for k := range r.marks {
			r.marks[k] = canvas.NewRectangle(color.Transparent)
		}
	}
	b.ExtendBaseWidget(b)
	return b
}

func monospaced() *canvas.Text {
	t := canvas.NewText("", color.Black)
	t.TextStyle.Monospace = true
	return t
}

// show replaces the bytes, which stay the caller's and must not change.
func (b *composerBytes) show(bytes []byte) {
	b.old, b.bytes = false, bytes
	b.from, b.to = min(b.from, len(bytes)), min(b.to, len(bytes))
	b.Refresh()
}

// keep leaves the bytes as they are, and shows that they are those of an earlier text.
func (b *composerBytes) keep() {
	if !b.old {
		b.old = true
		b.Refresh()
	}
}

// mark marks bytes, brings them into view and says what they are.
func (b *composerBytes) mark(from, to int, caption string) {
	if b.from == from && b.to == to && b.text == caption {
		return
	}
	b.from, b.to, b.text, b.follow = from, to, caption, true
	b.Refresh()
}

// cell is the size of a character.
func (b *composerBytes) cell() fyne.Size {
	const many = 64
	size := theme.SizeForWidget(theme.SizeNameCaptionText, b)
	s := fyne.MeasureText(strings.Repeat("0", many), size, fyne.TextStyle{Monospace: true})
	return fyne.NewSize(s.Width/many, s.Height+1)
}

// captionHeight is that of the line above the rows, in which the problem with the text stands as well.
func (b *composerBytes) captionHeight() float32 {
	return fyne.MeasureText("M", theme.SizeForWidget(theme.SizeNameText, b), fyne.TextStyle{}).Height + 4
}

// digits is how many an offset has.
func (b *composerBytes) digits() int {
	if len(b.bytes) > 1<<16 {
		return 6
	}
	return 4
}

// perRow is how many bytes stand in a row: 16, or more where there are many, or fewer where they do not fit.
func (b *composerBytes) perRow() int {
	cells := int(b.Size().Width / b.cell().Width)
	for _, n := range []int{32, 16} {
		if b.digits()+3+4*n+n/8 <= cells && (n == 16 || len(b.bytes) > 8*16) {
			return n
		}
	}
	return 8
}

// hexColumn is where byte i of a row stands, in characters; after each eight there is a gap.
func hexColumn(i int) int { return 3*i + i/8 }

// needs is the height with all bytes.
func (b *composerBytes) needs() float32 {
	n := b.perRow()
	rows := max(composerMinRows, min((len(b.bytes)+n-1)/n, composerRows))
	return b.captionHeight() + float32(rows)*b.cell().Height
}

func (b *composerBytes) minSize() fyne.Size {
	return fyne.NewSize(0, b.captionHeight()+composerMinRows*b.cell().Height)
}

// top is where the rows begin: below the caption, if there is one.
func (b *composerBytes) top() float32 {
	if b.old {
		return 0 // the problem stands there instead
	}
	return b.captionHeight()
}

func (b *composerBytes) shownRows(height float32) int {
	return max(0, min(int((height-b.top()+0.5)/b.cell().Height), composerRows))
}

// AccessibilityLabel is what is said about the bytes that are marked.
func (b *composerBytes) AccessibilityLabel() string {
	return words.Say("Bytes of the fields. %s", b.text)
}

// AccessibilityRole is text.
func (b *composerBytes) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// Scrolled moves by whole rows.
func (b *composerBytes) Scrolled(e *fyne.ScrollEvent) {
	switch {
	case e.Scrolled.DY < 0:
		b.first++
	case e.Scrolled.DY > 0:
		b.first--
	}
	b.follow = false
	b.Refresh()
}

// Tapped tells which byte was tapped, on either side.
func (b *composerBytes) Tapped(e *fyne.PointEvent) {
	cell, n := b.cell(), b.perRow()
	row := int((e.Position.Y - b.top()) / cell.Height)
	if e.Position.Y < b.top() || row >= b.shownRows(b.Size().Height) || b.old {
		return
	}
	column := int(e.Position.X/cell.Width) - b.digits() - 2
	chars := hexColumn(n) + 1
	i := -1
	switch {
	case column >= chars:
		i = column - chars
	case column >= 0:
		for k := range n {
			if at := hexColumn(k); column >= at && column < at+3 {
				i = k
			}
		}
	}
	if at := (b.first+row)*n + i; i >= 0 && i < n && at < len(b.bytes) && b.onTapped != nil {
		b.onTapped(at)
	}
}

// MouseIn, MouseMoved and MouseOut keep the pointer from lighting up what lies below.
func (b *composerBytes) MouseIn(*desktop.MouseEvent)    {}
func (b *composerBytes) MouseMoved(*desktop.MouseEvent) {}
func (b *composerBytes) MouseOut()                      {}

// scroll settles the row at the top.
func (b *composerBytes) scroll(shown, n int) {
	if b.follow && b.to > b.from {
		// The begin of what is marked counts when it does not fit.
		b.first = min(max(b.first, (b.to-1)/n-shown+1), b.from/n)
	}
	rows := (len(b.bytes) + n - 1) / n
	b.first = max(0, min(b.first, rows-shown))
}

func (b *composerBytes) arrange(size fyne.Size) {
	cell, n, shown := b.cell(), b.perRow(), b.shownRows(size.Height)
	b.scroll(shown, n)
	b.caption.Text = fitCells(b.text, int(size.Width/cell.Width))
	b.caption.Hidden = b.old
	b.caption.Move(fyne.NewPos(0, (b.captionHeight()-cell.Height)/2))
	b.caption.Resize(fyne.NewSize(size.Width, cell.Height))
	ink := theme.ColorForWidget(theme.ColorNameForeground, b)
	muted := theme.ColorForWidget(theme.ColorNamePlaceHolder, b)
	if b.old {
		ink = muted
	}
	hex, chars := b.digits()+2, b.digits()+2+hexColumn(n)+1
	for i := range b.rows {
		r := &b.rows[i]
		begin := (b.first + i) * n
		on := i < shown && begin < len(b.bytes)
		end := min(begin+n, len(b.bytes))
		y := b.top() + float32(i)*cell.Height
		for _, t := range []*canvas.Text{r.offset, r.hex, r.chars} {
			t.Hidden = !on
		}
		from, to := max(b.from, begin), min(b.to, end)
		marked := on && !b.old && from < to
		for k, column := range [2]int{hex, chars} {
			m := r.marks[k]
			m.Hidden = !marked
			if !marked {
				continue
			}
			left, right := column+from-begin, column+to-begin
			if k == 0 {
				left, right = column+hexColumn(from-begin), column+hexColumn(to-1-begin)+2
			}
			m.Move(fyne.NewPos(float32(left)*cell.Width-1, y))
			m.Resize(fyne.NewSize(float32(right-left)*cell.Width+2, cell.Height))
		}
		if !on {
			continue
		}
		r.offset.Text = fmt.Sprintf("%0*x", b.digits(), begin)
		r.hex.Text, r.chars.Text = hexDigits(b.bytes[begin:end]), asciiOf(b.bytes[begin:end])
		r.offset.Color, r.hex.Color, r.chars.Color = muted, ink, ink
		for k, t := range []*canvas.Text{r.offset, r.hex, r.chars} {
			t.Move(fyne.NewPos(float32([]int{0, hex, chars}[k])*cell.Width, y))
			t.Resize(t.MinSize())
		}
	}
}

// hexDigits writes bytes as pairs of digits, with a gap after each eight.
func hexDigits(b []byte) string {
	var s strings.Builder
	for i, c := range b {
		for s.Len() < hexColumn(i) {
			s.WriteByte(' ')
		}
		fmt.Fprintf(&s, "%02x", c)
	}
	return s.String()
}

// asciiOf writes bytes as the characters of ASCII, with a dot for what cannot be seen.
func asciiOf(b []byte) string {
	s := make([]byte, len(b))
	for i, c := range b {
		if c < 0x20 || c > 0x7e {
			c = '.'
		}
		s[i] = c
	}
	return string(s)
}

func (b *composerBytes) refresh() {
	size := theme.SizeForWidget(theme.SizeNameCaptionText, b)
	b.caption.TextSize = size
	b.caption.Color = theme.ColorForWidget(theme.ColorNameForeground, b)
	for i := range b.rows {
		r := &b.rows[i]
		r.offset.TextSize, r.hex.TextSize, r.chars.TextSize = size, size, size
		for _, m := range r.marks {
			m.FillColor = theme.ColorForWidget(theme.ColorNameSelection, b)
			m.StrokeColor = theme.ColorForWidget(theme.ColorNamePrimary, b)
			m.StrokeWidth = 1
		}
	}
	b.arrange(b.Size())
	canvas.Refresh(b)
}

// CreateRenderer is part of fyne.Widget.
func (b *composerBytes) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{b.caption}
	for i := range b.rows {
		r := &b.rows[i]
		objects = append(objects, r.marks[0], r.marks[1], r.offset, r.hex, r.chars)
	}
	b.refresh()
	return &faceRenderer{objects: objects, layout: b.arrange, minSize: b.minSize, refresh: b.refresh}
}
