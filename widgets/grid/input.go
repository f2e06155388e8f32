package grid

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// dragKind is what the primary button took hold of.
type dragKind uint8

const (
	dragNothing dragKind = iota
	dragCells
	dragVertical
	dragHorizontal
	dragIgnored // pressed where nothing can be dragged
)

// press is what the primary button is doing.
type press struct {
	grab  grab
	moved bool // OnDragged has been called
}

// tap is the last press on a cell, to tell a double one.
type tap struct {
	at  time.Time
	row int64
	col int
}

// area is a rectangle in Fyne units, relative to the grid.
type area struct{ x, y, w, h float32 }

// place returns the row and column at p. row is -1 when there are no rows; it is
// the nearest visible row when p is above or below the rows, and below the last
// row it is the last.
func (g *Grid) place(p fyne.Position) (row int64, col int) {
	b, cell := g.body(), g.cellSize()
	col = max(0, g.left+int((p.X-b.x)/cell.Width))
	if g.rows <= g.first {
		return -1, col
	}
	line := int64((p.Y - b.y) / cell.Height)
	if p.Y < b.y {
		line = 0
	}
	if p.Y < b.y+b.h {
		line = min(line, int64((b.h-1)/cell.Height)) // the partly visible row too
	} else {
		line = min(line, int64(g.fullRows())-1)
	}
	return min(max(g.top+line, g.first), g.rows-1), col
}

// MouseDown takes the focus, and sets off a click, a drag or a page.
func (g *Grid) MouseDown(ev *desktop.MouseEvent) {
	g.takeFocus()
	if ev.Button != desktop.MouseButtonPrimary {
		return
	}
	g.press = press{}
	b := g.body()
	v, h := g.vertical(), g.horizontal()
	switch {
	case ev.Position.X >= b.x+b.w:
		g.dragging = dragIgnored
		if v.shown {
			g.pressTrack(dragVertical, v, ev.Position.Y, g.top-g.first)
		}
	case ev.Position.Y >= b.y+b.h:
		g.dragging = dragIgnored
		if h.shown {
			g.pressTrack(dragHorizontal, h, ev.Position.X, int64(g.left))
		}
	case ev.Position.Y < b.y:
		g.dragging = dragIgnored
		g.headerTapped(ev)
	default:
		g.dragging = dragCells
		g.tapped(ev)
	}
}

// pressTrack takes hold of a thumb, or pages towards the pointer.
func (g *Grid) pressTrack(kind dragKind, t thumb, at float32, value int64) {
	pos := int64((at - t.start) * thumbUnit)
	page := int64(0)
	switch {
	case pos < t.pos:
		page = -1
	case pos >= t.pos+t.size:
		page = 1
	default:
		g.dragging = kind
		g.press.grab = grab{at: at, thumb: t, value: value}
		return
	}
	if kind == dragVertical {
		g.scrollBy(page * int64(max(1, g.fullRows()-1)))
	} else {
		g.scrollSideways(int(page) * max(1, g.fullColumns()-1))
	}
}

func (g *Grid) tapped(ev *desktop.MouseEvent) {
	row, col := g.place(ev.Position)
	if row < 0 {
		return
	}
	now := g.now()
	this := tap{at: now, row: row, col: col}
	double := g.lastTap.row == row && g.lastTap.col == col && !g.lastTap.at.IsZero() &&
		now.Sub(g.lastTap.at) <= doubleTapDelay()
	if double {
		g.lastTap = tap{} // a third press is a first one again
		if g.OnDoubleTapped != nil {
			g.OnDoubleTapped(row, col, ev.Modifier)
		}
		return
	}
	g.lastTap = this
	if g.OnTapped != nil {
		g.OnTapped(row, col, ev.Modifier)
	}
}

// headerTapped reports every press, also the second of two: each may turn an
// order round. It cannot be the first of a double one on a row.
func (g *Grid) headerTapped(ev *desktop.MouseEvent) {
	g.lastTap = tap{}
	if g.OnHeaderTapped == nil {
		return
	}
	_, col := g.place(ev.Position)
	g.OnHeaderTapped(col, ev.Modifier)
}

func doubleTapDelay() time.Duration {
	if app := fyne.CurrentApp(); app != nil {
		return app.Driver().DoubleTapDelay()
	}
	return 300 * time.Millisecond
}

// MouseUp is part of desktop.Mouseable; DragEnd does what is to be done.
func (g *Grid) MouseUp(ev *desktop.MouseEvent) {
	if ev.Button == desktop.MouseButtonPrimary && !g.press.moved {
		g.dragging = dragNothing
	}
}

// Dragged moves what the press took hold of.
func (g *Grid) Dragged(ev *fyne.DragEvent) {
	switch g.dragging {
	case dragVertical:
		g.press.moved = true
		g.scrollTo(g.first+g.press.grab.valueAt(ev.Position.Y, g.maxTop()-g.first), true)
	case dragHorizontal:
		g.press.moved = true
		g.scrollSideways(int(g.press.grab.valueAt(ev.Position.X, int64(g.maxLeft()))) - g.left)
	case dragCells, dragNothing:
		g.dragCells(ev.Position)
	}
}

// dragCells scrolls when the pointer is outside, faster the further away, and
// reports the place under the pointer.
func (g *Grid) dragCells(p fyne.Position) {
	g.dragging = dragCells
	b, cell := g.body(), g.cellSize()
	if p.Y < b.y {
		g.scrollBy(-1 - int64((b.y-p.Y)/cell.Height))
	} else if p.Y >= b.y+b.h {
		g.scrollBy(1 + int64((p.Y-b.y-b.h)/cell.Height))
	}
	if p.X < 0 {
		g.scrollSideways(-1)
	} else if p.X >= b.x+b.w {
		g.scrollSideways(1)
	}
	row, col := g.place(p)
	if row < 0 {
		return
	}
	g.press.moved = true
	if g.OnDragged != nil {
		g.OnDragged(row, col)
	}
}

// DragEnd lets go. The focus is asked for again because Fyne takes it away when
// the button is released over another widget.
func (g *Grid) DragEnd() {
	kind, moved := g.dragging, g.press.moved
	g.dragging, g.press = dragNothing, press{}
	g.takeFocus()
	if kind == dragCells && moved && g.OnDragEnd != nil {
		g.OnDragEnd()
	}
}

// TappedSecondary reports a secondary click.
func (g *Grid) TappedSecondary(ev *fyne.PointEvent) {
	if g.OnMenu == nil {
		return
	}
	row, col := g.place(ev.Position)
	if g.OnHeaderTapped != nil && ev.Position.Y < g.body().y {
		row = -1
	}
	g.OnMenu(row, col, ev.AbsolutePosition)
}

// MouseIn, MouseMoved and MouseOut widen the scroll bars while the pointer is
// over the grid's edge.
func (g *Grid) MouseIn(ev *desktop.MouseEvent) { g.MouseMoved(ev) }

// MouseMoved is part of desktop.Hoverable.
func (g *Grid) MouseMoved(ev *desktop.MouseEvent) {
	b := g.body()
	beside := ev.Position.X >= b.x+b.w || ev.Position.Y >= b.y+b.h
	g.onHeader = g.OnHeaderTapped != nil && !beside && ev.Position.Y < b.y
	g.hover(beside)
}

// MouseOut is part of desktop.Hoverable.
func (g *Grid) MouseOut() {
	g.onHeader = false
	g.hover(false)
}

func (g *Grid) hover(on bool) {
	if on != g.hovered {
		g.hovered = on
		g.layoutBars()
	}
}

// Cursor is the pointer over the cells, a hand over a header that can be
// tapped, and the ordinary one over the bars.
func (g *Grid) Cursor() desktop.Cursor {
	if g.onHeader {
		return desktop.PointerCursor
	}
	if g.Pointer == nil || g.hovered {
		return desktop.DefaultCursor
	}
	return g.Pointer
}

// FocusGained shows the focus ring.
func (g *Grid) FocusGained() { g.focused = true; g.showRing() }

// FocusLost hides it.
func (g *Grid) FocusLost() { g.focused, g.held = false, 0; g.showRing() }

func (g *Grid) takeFocus() {
	if g.focused {
		return
	}
	if c := g.canvas(); c != nil {
		c.Focus(g)
	}
}

// canvas returns the window's canvas, or nil.
func (g *Grid) canvas() fyne.Canvas {
	app := fyne.CurrentApp()
	if app == nil {
		return nil
	}
	return app.Driver().CanvasForObject(g)
}

// TypedRune is part of fyne.Focusable; the grid has no use for text.
func (g *Grid) TypedRune(rune) {}

// KeyDown and KeyUp keep track of the modifiers for drivers that cannot tell.
func (g *Grid) KeyDown(ev *fyne.KeyEvent) { g.held |= modifier(ev.Name) }

// KeyUp is part of desktop.Keyable.
func (g *Grid) KeyUp(ev *fyne.KeyEvent) { g.held &^= modifier(ev.Name) }

func modifier(k fyne.KeyName) fyne.KeyModifier {
	switch k {
	case desktop.KeyShiftLeft, desktop.KeyShiftRight:
		return fyne.KeyModifierShift
	case desktop.KeyControlLeft, desktop.KeyControlRight:
		return fyne.KeyModifierControl
	case desktop.KeyAltLeft, desktop.KeyAltRight:
		return fyne.KeyModifierAlt
	case desktop.KeySuperLeft, desktop.KeySuperRight:
		return fyne.KeyModifierSuper
	}
	return 0
}

func (g *Grid) modifiers() fyne.KeyModifier {
	if d, ok := fyne.CurrentApp().Driver().(desktop.Driver); ok {
		return d.CurrentKeyModifiers()
	}
	return g.held
}

// TypedKey offers the key to OnKey and then scrolls.
// A key that neither has a use for goes to the window: that is how F1 gets there.
func (g *Grid) TypedKey(ev *fyne.KeyEvent) {
	if g.key(ev, g.modifiers()) {
		return
	}
	if c := g.canvas(); c != nil && c.OnTypedKey() != nil {
		c.OnTypedKey()(ev)
	}
}

// TypedShortcut offers a shortcut to OnKey as the key it was made with, and then
// to the window, which would not hear of it while this widget has the focus.
func (g *Grid) TypedShortcut(s fyne.Shortcut) {
	if k, ok := s.(fyne.KeyboardShortcut); ok {
		if g.key(&fyne.KeyEvent{Name: k.Key()}, k.Mod()) {
			return
		}
	}
	forward(g.canvas(), s)
}

// forward hands a shortcut to the window's own handlers.
func forward(c fyne.Canvas, s fyne.Shortcut) {
	if h, ok := c.(fyne.Shortcutable); ok {
		h.TypedShortcut(s)
	}
}

// key tells whether it had a use for the key.
func (g *Grid) key(ev *fyne.KeyEvent, mods fyne.KeyModifier) bool {
	if g.OnKey != nil && g.OnKey(ev, mods) {
		return true
	}
	plain := mods&^fyne.KeyModifierShift == 0
	page := int64(max(1, g.fullRows()-1))
	switch {
	case ev.Name == fyne.KeyHome && (plain || mods == fyne.KeyModifierShortcutDefault):
		g.scrollTo(g.first, true)
	case ev.Name == fyne.KeyEnd && (plain || mods == fyne.KeyModifierShortcutDefault):
		g.scrollToEnd()
	case !plain:
		return false
	case ev.Name == fyne.KeyUp:
		g.scrollBy(-1)
	case ev.Name == fyne.KeyDown:
		g.scrollBy(1)
	case ev.Name == fyne.KeyPageUp:
		g.scrollBy(-page)
	case ev.Name == fyne.KeyPageDown:
		g.scrollBy(page)
	case ev.Name == fyne.KeyLeft:
		g.scrollSideways(-4)
	case ev.Name == fyne.KeyRight:
		g.scrollSideways(4)
	default:
		return false
	}
	return true
}
