package widgets

import (
	"fmt"
	"maps"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/amf"
	"wirebench/sessions/charset"
	"wirebench/sessions/inspect"
	"wirebench/widgets/words"
)

// InspectorBytes is the most the inspector looks at; more than that is ignored.
const InspectorBytes = 64 << 10

// Inspector shows the bytes at the cursor as values, in both byte orders side by side. All methods belong to the UI
// goroutine.
type Inspector struct {
	widget.BaseWidget

	// Order is the byte order that is emphasised. After setting it, call Refresh; or use SetOrder.
	Order inspect.Order
	// Hidden holds the IDs of the rows that are not shown. After changing it, call Refresh.
	Hidden map[string]bool

	// OnOrder is called when the person chose the other byte order.
	OnOrder func(inspect.Order)
	// OnCopy gets what is copied; nil puts it on the clipboard.
	OnCopy func(text string)
	// OnSearch, when set, adds "Search for these bytes" to the menu of a value. The slice is the callee's.
	OnSearch func(value []byte)
	// OnCompose, when set, adds "Copy to the composer" to that menu. The slice is the callee's.
	OnCompose func(value []byte)
	// OnFraming, when set, offers at a row that takes the bytes for a length to cut the stream accordingly. Notation is
	// that of package framing, such as "u16be,offset=1".
	OnFraming func(notation string)
	// OnCharset, when set, is called when the person wants to choose another charset for text.
	OnCharset func()

	offset   int64
	start    int64 // where the frame or record begins that offset is in
	total    int64 // bytes of the stream as far as known, 0 for what bytes reaches to
	atLeast  bool  // so many and maybe more
	bytes    []byte
	selected int
	frame    frameShown
	placed   bool // SetBytes was called since the last Clear

	rows    []inspect.Row
	charset *charset.Charset

	title    *canvas.Text
	hint     *canvas.Text
	switcher *segments
	columns  [3]*canvas.Text
	rule     *canvas.Rectangle
	table    *inspectorTable
	scroll   *container.Scroll
	detail   *inspectorDetail
}

var (
	_ fyne.Widget       = (*Inspector)(nil)
	_ fyne.Focusable    = (*Inspector)(nil)
	_ fyne.Shortcutable = (*Inspector)(nil)
)

// NewInspector returns an inspector with nothing to show yet, big-endian emphasised.
func NewInspector() *Inspector {
	i := &Inspector{rows: InspectorRows(charset.UTF8), charset: charset.UTF8, detail: newInspectorDetail(), rule: canvas.NewRectangle(theme.Color(theme.ColorNameSeparator))}
	i.title = canvas.NewText("", theme.Color(theme.ColorNameForeground))
	i.hint = canvas.NewText("", theme.Color(theme.ColorNamePlaceHolder))
	for n, name := range []string{words.Say("type // of a value"), words.Say("big-endian"), words.Say("little-endian")} {
		i.columns[n] = canvas.NewText(name, theme.Color(theme.ColorNamePlaceHolder))
	}
	i.switcher = newSegments(words.Say("Big // byte order"), words.Say("Little // byte order"))
	i.switcher.onChoose = func(n int) {
		i.SetOrder(inspect.Order(n))
		if i.OnOrder != nil {
			i.OnOrder(i.Order)
		}
	}
	i.table = newInspectorTable(i)
	i.scroll = container.NewVScroll(i.table)
	i.scroll.OnScrolled = func(fyne.Position) { i.table.show() }
	i.ExtendBaseWidget(i)
	return i
}

// SetBytes shows the values of b, which begins at offset of the stream and of which the first selectionLen bytes are
// selected. It copies what it needs of b. It is cheap enough for every move of a cursor: only texts that changed are
// drawn anew.
func (i *Inspector) SetBytes(offset int64, b []byte, selectionLen int) {
	i.SetPlace(inspect.Place{Bytes: b, Offset: offset, Selected: selectionLen}, offset)
}

// SetPlace is SetBytes with what is known around the bytes: how far the stream goes on behind them, which says whether a
// frame ends inside of it, and where the record or frame begins that they are in, because a length may have other bytes
// of its frame before it.
func (i *Inspector) SetPlace(p inspect.Place, start int64) {
	i.bytes = append(i.bytes[:0], p.Bytes[:min(len(p.Bytes), InspectorBytes)]...)
	i.offset, i.total, i.selected, i.placed = p.Offset, p.Total, max(0, p.Selected), true
	i.start, i.atLeast = min(start, p.Offset), p.AtLeast
	i.frame = frameShown{}
	i.sayTitle()
	i.table.update()
}

// frameShown says of what frame the bytes are: length bytes of it, the payload or all. Its zero value is for none.
type frameShown struct {
	length  int64
	payload bool
}

// SetFrame shows the values of a frame without the bytes being selected: of its payload, or of all of it. They are length
// bytes from offset of the stream on, and b is the first of them, as many as the inspector looks at. What is read of a
// selection is read of b. It copies what it needs of b.
func (i *Inspector) SetFrame(offset int64, b []byte, length int64, payload bool) {
	i.SetBytes(offset, b, len(b))
	i.frame = frameShown{length, payload}
	i.sayTitle()
}

// SetTotal tells, after SetBytes, how many bytes the stream has so far, or atLeast so many, where it goes on behind what
// was given: it says whether a frame ends inside of it.
func (i *Inspector) SetTotal(n int64, atLeast bool) {
	if i.total != n || i.atLeast != atLeast {
		i.total, i.atLeast = n, atLeast
		i.table.update()
	}
}

// SetCharset chooses the charset that text is read in, UTF-8 at first.
func (i *Inspector) SetCharset(c *charset.Charset) {
	if sameCharset(c, i.charset) {
		return
	}
	i.rows, i.charset = InspectorRows(c), c
	i.Refresh()
}

// InspectorRows lists every row of an inspector in the order they are shown, with text in the charset c.
func InspectorRows(c *charset.Charset) []inspect.Row {
	return append(inspect.RowsIn(c), amf.Rows()...)
}

// place is where the rows are read.
func (i *Inspector) place() inspect.Place {
	return inspect.Place{Bytes: i.bytes, Selected: i.selected, Offset: i.offset, Total: i.total, AtLeast: i.atLeast}
}

// Clear goes back to having nothing to show.
func (i *Inspector) Clear() {
	i.bytes, i.offset, i.start, i.total, i.selected, i.placed = nil, 0, 0, 0, 0, false
	i.atLeast = false
	i.frame = frameShown{}
	i.sayTitle()
	i.table.update()
}

// SetOrder emphasises a byte order without calling OnOrder.
func (i *Inspector) SetOrder(o inspect.Order) {
	if i.Order != o {
		i.Order = o
		i.Refresh()
	}
}

// SetHidden hides the rows whose IDs are true in hidden and shows all others. The map is copied.
func (i *Inspector) SetHidden(hidden map[string]bool) {
	i.Hidden = maps.Clone(hidden)
	i.Refresh()
}

func (i *Inspector) sayTitle() {
	text, hint := "", words.Say("Nothing is selected")
	if i.placed {
		hex, decimal := fmt.Sprintf("%#x", i.offset), fmt.Sprint(i.offset)
		text, hint = words.Say("offset %s (%s)", hex, decimal), ""
		switch {
		case i.frame.payload:
			text = words.Many(i.frame.length, "offset %[2]s (%[3]s), payload of %[1]d byte", "offset %[2]s (%[3]s), payload of %[1]d bytes // of a frame", hex, decimal)
		case i.frame.length > 0:
			text = words.Many(i.frame.length, "offset %[2]s (%[3]s), frame of %[1]d byte", "offset %[2]s (%[3]s), frame of %[1]d bytes", hex, decimal)
		case i.selected > 0:
			text = words.Many(int64(i.selected), "offset %[2]s (%[3]s), %[1]d byte selected", "offset %[2]s (%[3]s), %[1]d bytes selected", hex, decimal)
		}
	}
	room := i.Size().Width - i.switcher.MinSize().Width - 3*theme.SizeForWidget(theme.SizeNamePadding, i)
	text = fitText(text, room, i.title.TextSize, fyne.TextStyle{})
	if i.title.Text != text {
		i.title.Text = text
		i.title.Refresh()
	}
	if i.hint.Text != hint {
		i.hint.Text = hint
		i.hint.Refresh()
	}
}

// copyText hands text to the owner or to the clipboard.
func (i *Inspector) copyText(text string) {
	switch {
	case text == "":
	case i.OnCopy != nil:
		i.OnCopy(text)
	default:
		fyne.CurrentApp().Clipboard().SetContent(text)
	}
}

// FocusGained is part of fyne.Focusable.
func (i *Inspector) FocusGained() { i.table.focus(true) }

// FocusLost is part of fyne.Focusable.
func (i *Inspector) FocusLost() { i.table.focus(false) }

// TypedRune is part of fyne.Focusable; the inspector takes no text.
func (i *Inspector) TypedRune(rune) {}

// TypedKey moves the chosen value with the arrows, Home, End and the page keys. Enter is the button at the foot.
func (i *Inspector) TypedKey(k *fyne.KeyEvent) {
	page := max(1, int(i.scroll.Size().Height/i.table.rowHeight())-1)
	switch k.Name {
	case fyne.KeyUp:
		i.table.move(-1, 0)
	case fyne.KeyDown:
		i.table.move(1, 0)
	case fyne.KeyLeft:
		i.table.move(0, -1)
	case fyne.KeyRight:
		i.table.move(0, 1)
	case fyne.KeyPageUp:
		i.table.move(-page, 0)
	case fyne.KeyPageDown:
		i.table.move(page, 0)
	case fyne.KeyHome:
		i.table.move(-len(i.table.lines), 0)
	case fyne.KeyEnd:
		i.table.move(len(i.table.lines), 0)
	case fyne.KeyReturn, fyne.KeyEnter:
		if i.detail.action.Visible() {
			i.detail.action.OnTapped()
		}
	default:
		HandOn(i, k)
	}
}

// TypedShortcut copies the chosen value, and hands everything else on to the window.
func (i *Inspector) TypedShortcut(s fyne.Shortcut) {
	if _, ok := s.(*fyne.ShortcutCopy); ok {
		i.copyText(i.table.chosenText())
		return
	}
	giveShortcut(i, s)
}

func (i *Inspector) headHeight() float32 {
	pad := theme.SizeForWidget(theme.SizeNamePadding, i)
	return i.switcher.MinSize().Height + pad + i.table.rowHeight() + pad/2
}

func (i *Inspector) minSize() fyne.Size {
	return fyne.NewSize(220, i.headHeight()+3*i.table.rowHeight())
}

func (i *Inspector) arrange(size fyne.Size) {
	pad := theme.SizeForWidget(theme.SizeNamePadding, i)
	s := i.switcher.MinSize()
	i.switcher.Resize(s)
	i.switcher.Move(fyne.NewPos(size.Width-s.Width-pad, 0))
	for _, t := range []*canvas.Text{i.title, i.hint} {
		t.Move(fyne.NewPos(pad, (s.Height-t.MinSize().Height)/2))
		t.Resize(fyne.NewSize(size.Width-s.Width-3*pad, t.MinSize().Height))
	}
	i.sayTitle() // as much of it as there is room for
	head := i.headHeight()
	y := s.Height + pad
	starts, _ := i.table.columns(size.Width)
	for n, t := range i.columns {
		h := t.MinSize().Height
		t.Move(fyne.NewPos(starts[n], y+(i.table.rowHeight()-h)/2))
		t.Resize(t.MinSize())
	}
	i.rule.Move(fyne.NewPos(0, head-1))
	i.rule.Resize(fyne.NewSize(size.Width, 1))
	i.scroll.Move(fyne.NewPos(0, head))
	i.scroll.Resize(fyne.NewSize(size.Width, max(0, size.Height-head-i.detail.height(i))))
	i.detail.arrange(i, size)
	i.table.show()
}

func (i *Inspector) refresh() {
	i.switcher.choose(int(i.Order))
	size := theme.SizeForWidget(theme.SizeNameText, i)
	muted := theme.ColorForWidget(theme.ColorNamePlaceHolder, i)
	i.title.TextSize, i.title.Color = size, theme.ColorForWidget(theme.ColorNameForeground, i)
	i.hint.TextSize, i.hint.Color = size, muted
	for n, t := range i.columns {
		t.TextSize, t.Color, t.TextStyle = theme.SizeForWidget(theme.SizeNameCaptionText, i), muted, fyne.TextStyle{}
		if n == 1+int(i.Order) {
			t.Color, t.TextStyle.Bold = theme.ColorForWidget(theme.ColorNameForeground, i), true
		}
	}
	i.rule.FillColor = theme.ColorForWidget(theme.ColorNameSeparator, i)
	i.sayTitle()
	i.table.update()
	i.arrange(i.Size())
	canvas.Refresh(i)
}

// CreateRenderer is part of fyne.Widget.
func (i *Inspector) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{i.title, i.hint, i.switcher, i.rule, i.scroll}
	for _, t := range append(i.columns[:], i.detail.lines[:]...) {
		objects = append(objects, t)
	}
	objects = append(objects, i.detail.rule, i.detail.action)
	i.refresh()
	arrange := func(size fyne.Size) {
		i.arrange(size)
		i.follow() // another width may hold the value, or not
	}
	return &faceRenderer{objects: objects, layout: arrange, minSize: i.minSize, refresh: i.refresh}
}
