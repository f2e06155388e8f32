package widgets

import (
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// savedLine is a line of a [savedList].
type savedLine struct {
	title  string
	detail string // at the right, muted
	strong bool
	bad    bool // it cannot be read
}

// savedList is a list with one line a row. A second tap on a row soon after the first opens it.
type savedList struct {
	widget.List

	onTapped   func()
	onOpen     func()
	onKey      func(*fyne.KeyEvent) bool          // true: handled
	onShortcut func(*desktop.CustomShortcut) bool // the same
	length     int
	chosen     int
	tapped     time.Time
}

var (
	_ fyne.Focusable    = (*savedList)(nil)
	_ fyne.Shortcutable = (*savedList)(nil)
)

func newSavedList(line func(i int) savedLine, onChoose func(i int), onOpen func()) *savedList {
	l := &savedList{chosen: -1, onOpen: onOpen}
	l.Length = func() int { return l.length }
	l.CreateItem = func() fyne.CanvasObject { return newSavedItem(l) }
	l.UpdateItem = func(i widget.ListItemID, o fyne.CanvasObject) { o.(*savedItem).set(i, line(i)) }
	l.OnSelected = func(i widget.ListItemID) {
		l.chosen = i
		onChoose(i)
	}
	l.HideSeparators = true
	l.ExtendBaseWidget(l)
	return l
}

// TypedKey selects another line with the arrows, Home and End, opens the selected one with Enter, and gives Escape and function keys to the window.
func (l *savedList) TypedKey(k *fyne.KeyEvent) {
	if l.onKey != nil && l.onKey(k) {
		return
	}
	switch k.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		call(l.onOpen)
	case fyne.KeyUp, fyne.KeyDown:
		by := 1
		if k.Name == fyne.KeyUp {
			by = -1
		}
		if to := l.chosen + by; to >= 0 && to < l.length {
			l.choose(to)
		}
	case fyne.KeyHome, fyne.KeyEnd:
		to := 0
		if k.Name == fyne.KeyEnd {
			to = l.length - 1
		}
		if l.length > 0 {
			l.choose(to)
		}
	default:
		if !HandOn(l, k) {
			l.List.TypedKey(k)
		}
	}
}

// TypedShortcut gives a shortcut to the window, unless the list has a use for it.
func (l *savedList) TypedShortcut(s fyne.Shortcut) {
	if s, ok := s.(*desktop.CustomShortcut); ok && l.onShortcut != nil && l.onShortcut(s) {
		return
	}
	giveShortcut(l, s)
}

// Resize keeps the selected line in view.
func (l *savedList) Resize(size fyne.Size) {
	l.List.Resize(size)
	if l.chosen >= 0 {
		l.ScrollTo(l.chosen)
	}
}

// set shows so many lines and selects one, -1 for none. What the lines say is asked for anew.
func (l *savedList) set(length, chosen int) {
	l.length = length
	l.Refresh()
	if chosen < 0 || chosen >= length {
		l.chosen = -1
		l.UnselectAll()
		return
	}
	l.choose(chosen)
}

// choose selects a line and brings it into view.
func (l *savedList) choose(i int) {
	if l.chosen != i {
		l.Select(i)
	}
	l.Highlight(i) // where Fyne's own keys go on from
}

// tap selects a line, or opens it when it was tapped before.
func (l *savedList) tap(i int) {
	const twice = 400 * time.Millisecond
	again := l.chosen == i && time.Since(l.tapped) < twice
	l.tapped = time.Now()
	l.choose(i)
	call(l.onTapped)
	if again {
		l.tapped = time.Time{}
		call(l.onOpen)
	}
}

// savedItem is a row of a savedList.
type savedItem struct {
	widget.BaseWidget

	list          *savedList
	index         int
	line          savedLine
	icon          *widget.Icon
	title, detail *canvas.Text
}

var (
	_ fyne.Tappable   = (*savedItem)(nil)
	_ fyne.Accessible = (*savedItem)(nil)
)

func newSavedItem(l *savedList) *savedItem {
	r := &savedItem{list: l, icon: widget.NewIcon(theme.NewWarningThemedResource(theme.WarningIcon()))}
	r.title, r.detail = canvas.NewText("", color.Black), canvas.NewText("", color.Black)
	r.ExtendBaseWidget(r)
	return r
}

func (r *savedItem) set(i int, line savedLine) {
	r.index = i
	if r.line != line {
		r.line = line
		r.Refresh()
	}
}

// Tapped selects the row; the second time it opens it.
func (r *savedItem) Tapped(*fyne.PointEvent) { r.list.tap(r.index) }

// AccessibilityLabel is the row's text.
func (r *savedItem) AccessibilityLabel() string { return r.line.title + " " + r.line.detail }

// AccessibilityRole is button.
func (r *savedItem) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

func (r *savedItem) minSize() fyne.Size {
	text := fyne.MeasureText("Mg", theme.SizeForWidget(theme.SizeNameText, r), fyne.TextStyle{}).Height // not said
	return fyne.NewSize(80, text+theme.SizeForWidget(theme.SizeNamePadding, r))
}

func (r *savedItem) arrange(size fyne.Size) {
	pad := theme.SizeForWidget(theme.SizeNameInnerPadding, r)
	left, right := pad, size.Width-pad
	if r.line.bad {
		icon := theme.SizeForWidget(theme.SizeNameInlineIcon, r)
		r.icon.Resize(fyne.NewSquareSize(icon))
		r.icon.Move(fyne.NewPos(left, (size.Height-icon)/2))
		left += icon + pad/2
	}
	put := func(t *canvas.Text, text string, width float32) fyne.Size {
		t.Text = fitText(plainText(text, 200, false), width, t.TextSize, t.TextStyle)
		s := t.MinSize()
		t.Resize(s)
		return s
	}
	detail := put(r.detail, r.line.detail, (right-left)*0.6)
	r.detail.Move(fyne.NewPos(right-detail.Width, (size.Height-detail.Height)/2))
	title := put(r.title, r.line.title, right-left-detail.Width-pad)
	r.title.Move(fyne.NewPos(left, (size.Height-title.Height)/2))
}

func (r *savedItem) refresh() {
	size := theme.SizeForWidget(theme.SizeNameText, r)
	r.title.TextSize, r.detail.TextSize = size, size
	r.title.Color = theme.ColorForWidget(theme.ColorNameForeground, r)
	r.title.TextStyle.Bold = r.line.strong
	r.detail.Color = theme.ColorForWidget(theme.ColorNamePlaceHolder, r)
	r.icon.Hidden = !r.line.bad
	r.arrange(r.Size())
	canvas.Refresh(r)
}

// CreateRenderer is part of fyne.Widget.
func (r *savedItem) CreateRenderer() fyne.WidgetRenderer {
	r.refresh()
	return &faceRenderer{objects: []fyne.CanvasObject{r.icon, r.title, r.detail}, layout: r.arrange, minSize: r.minSize, refresh: r.refresh}
}
