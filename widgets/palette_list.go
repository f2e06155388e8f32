package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// pickItem is one line of a [pickList].
type pickItem struct {
	title  string
	detail string // at the right, muted
	muted  bool   // cannot be chosen now
}

// pickList shows a bounded list under a field that keeps the focus: the owner passes the arrow keys on with move.
// It draws a fixed number of rows whatever the length of the list.
type pickList struct {
	widget.BaseWidget

	onPick   func(i int) // a row was tapped
	onRemove func(i int) // its × was tapped; nil for no ×

	items    []pickItem
	selected int // -1 for none
	first    int // index of the topmost row shown
	rows     []*pickRow
}

var (
	_ fyne.Widget     = (*pickList)(nil)
	_ fyne.Scrollable = (*pickList)(nil)
)

// newPickList returns a list that shows up to rows lines at once.
func newPickList(rows int) *pickList {
	l := &pickList{selected: -1}
	for range rows {
		l.rows = append(l.rows, newPickRow(l))
	}
	l.ExtendBaseWidget(l)
	return l
}

// set replaces the items and selects one, or none with -1.
func (l *pickList) set(items []pickItem, selected int) {
	l.items = items
	l.selected = min(selected, len(items)-1)
	l.first = 0
	l.reveal()
	l.Refresh()
}

// move selects the next item in the direction of by, going round at the ends.
func (l *pickList) move(by int) {
	n := len(l.items)
	switch {
	case n == 0:
		return
	case l.selected < 0 && by < 0:
		l.selected = n - 1
	case l.selected < 0:
		l.selected = 0
	default:
		l.selected = ((l.selected+by)%n + n) % n
	}
	l.reveal()
	l.Refresh()
}

// page selects the item a screenful away, stopping at the ends.
func (l *pickList) page(by int) {
	if len(l.items) == 0 {
		return
	}
	l.selected = min(max(l.selected+by*(len(l.rows)-1), 0), len(l.items)-1)
	l.reveal()
	l.Refresh()
}

func (l *pickList) reveal() {
	if l.selected >= 0 {
		l.first = min(max(l.first, l.selected-len(l.rows)+1), l.selected)
	}
	l.first = max(min(l.first, len(l.items)-len(l.rows)), 0)
}

// Scrolled moves by whole rows.
func (l *pickList) Scrolled(e *fyne.ScrollEvent) {
	switch {
	case e.Scrolled.DY < 0:
		l.first++
	case e.Scrolled.DY > 0:
		l.first--
	default:
		return
	}
	l.first = max(min(l.first, len(l.items)-len(l.rows)), 0)
	l.Refresh()
}

// shownRows is how many rows have something in them.
func (l *pickList) shownRows() int { return min(len(l.items), len(l.rows)) }

func (l *pickList) rowHeight() float32 {
	text := fyne.MeasureText("Mg", theme.SizeForWidget(theme.SizeNameText, l), fyne.TextStyle{}).Height // not said
	return text + 2*theme.SizeForWidget(theme.SizeNamePadding, l) + 2
}

// height is what the present items need.
func (l *pickList) height() float32 { return float32(l.shownRows()) * l.rowHeight() }

func (l *pickList) CreateRenderer() fyne.WidgetRenderer {
	var objects []fyne.CanvasObject
	for _, r := range l.rows {
		objects = append(objects, r)
	}
	arrange := func(size fyne.Size) {
		h := l.rowHeight()
		for i, r := range l.rows {
			r.Move(fyne.NewPos(0, float32(i)*h))
			r.Resize(fyne.NewSize(size.Width, h))
		}
	}
	refresh := func() {
		for i, r := range l.rows {
			r.bind(l.first + i)
		}
		arrange(l.Size())
	}
	refresh()
	return &faceRenderer{
		objects: objects,
		layout:  arrange,
		minSize: func() fyne.Size { return fyne.NewSize(160, l.height()) },
		refresh: refresh,
	}
}

// pickRow is one line of a pickList. Rows are bound anew when the list scrolls.
type pickRow struct {
	widget.BaseWidget

	list    *pickList
	index   int
	hovered bool

	back          *canvas.Rectangle
	mark          *canvas.Rectangle
	title, detail *ink
	remove        *widget.Button
}

var (
	_ fyne.Tappable      = (*pickRow)(nil)
	_ desktop.Hoverable  = (*pickRow)(nil)
	_ desktop.Cursorable = (*pickRow)(nil)
	_ fyne.Accessible    = (*pickRow)(nil)
)

func newPickRow(l *pickList) *pickRow {
	r := &pickRow{
		list:   l,
		index:  -1,
		back:   canvas.NewRectangle(color.Transparent),
		mark:   canvas.NewRectangle(color.Transparent),
		title:  newInk("", theme.ColorNameForeground, theme.SizeNameText, false),
		detail: newInk("", theme.ColorNamePlaceHolder, theme.SizeNameText, false),
	}
	r.remove = widget.NewButtonWithIcon("", theme.CancelIcon(), func() {
		if l.onRemove != nil && r.item() != nil {
			l.onRemove(r.index)
		}
	})
	r.remove.Importance = widget.LowImportance
	r.ExtendBaseWidget(r)
	return r
}

func (r *pickRow) item() *pickItem {
	if r.index < 0 || r.index >= len(r.list.items) {
		return nil
	}
	return &r.list.items[r.index]
}

func (r *pickRow) bind(index int) {
	r.index = index
	if r.item() == nil {
		r.Hide()
		return
	}
	r.Show()
	r.Refresh()
}

// AccessibilityLabel is the row's text.
func (r *pickRow) AccessibilityLabel() string {
	if it := r.item(); it != nil {
		return it.title + " " + it.detail
	}
	return ""
}

// AccessibilityRole is button.
func (r *pickRow) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

func (r *pickRow) Tapped(*fyne.PointEvent) {
	if r.item() != nil && r.list.onPick != nil {
		r.list.onPick(r.index)
	}
}

func (r *pickRow) MouseIn(*desktop.MouseEvent)    { r.hovered = true; r.Refresh() }
func (r *pickRow) MouseMoved(*desktop.MouseEvent) {}
func (r *pickRow) MouseOut()                      { r.hovered = false; r.Refresh() }
func (r *pickRow) Cursor() desktop.Cursor         { return desktop.PointerCursor }

func (r *pickRow) CreateRenderer() fyne.WidgetRenderer {
	arrange := func(size fyne.Size) {
		it := r.item()
		if it == nil {
			return
		}
		pad := theme.SizeForWidget(theme.SizeNameInnerPadding, r)
		r.back.Resize(size)
		r.mark.Resize(fyne.NewSize(3, size.Height))
		right := size.Width - pad
		if r.list.onRemove != nil {
			r.remove.Resize(fyne.NewSquareSize(size.Height))
			r.remove.Move(fyne.NewPos(size.Width-size.Height, 0))
			right = size.Width - size.Height - pad
		}
		detail := fitText(it.detail, size.Width/2, r.detail.TextSize, r.detail.TextStyle)
		r.detail.say(detail)
		dw := r.detail.MinSize()
		r.detail.Resize(dw)
		r.detail.Move(fyne.NewPos(right-dw.Width, (size.Height-dw.Height)/2))
		if detail != "" {
			right -= dw.Width + pad
		}
		r.title.say(fitText(it.title, right-pad, r.title.TextSize, r.title.TextStyle))
		tw := r.title.MinSize()
		r.title.Resize(tw)
		r.title.Move(fyne.NewPos(pad, (size.Height-tw.Height)/2))
	}
	refresh := func() {
		it := r.item()
		if it == nil {
			return
		}
		r.title.colour = theme.ColorNameForeground
		if it.muted {
			r.title.colour = theme.ColorNamePlaceHolder // its reason must be readable, which disabled text is not
		}
		r.title.dress(r)
		r.detail.dress(r)
		selected := r.index == r.list.selected
		r.back.FillColor = color.Transparent
		switch {
		case selected:
			r.back.FillColor = theme.ColorForWidget(theme.ColorNameSelection, r)
		case r.hovered:
			r.back.FillColor = theme.ColorForWidget(theme.ColorNameHover, r)
		}
		r.mark.FillColor = theme.ColorForWidget(theme.ColorNamePrimary, r)
		r.mark.Hidden = !selected
		r.remove.Hidden = r.list.onRemove == nil || !selected && !r.hovered
		arrange(r.Size())
		for _, o := range []fyne.CanvasObject{r.back, r.mark, r.title.Text, r.detail.Text, r.remove} {
			o.Refresh()
		}
	}
	refresh()
	return &faceRenderer{
		objects: []fyne.CanvasObject{r.back, r.mark, r.title.Text, r.detail.Text, r.remove},
		layout:  arrange,
		minSize: func() fyne.Size { return fyne.NewSize(80, r.list.rowHeight()) },
		refresh: refresh,
	}
}
