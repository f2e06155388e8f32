package widgets

import "fyne.io/fyne/v2"

// Cursor returns the offset of the byte the cursor is on, or -1.
func (h *HexView) Cursor() int64 { return h.cursor }

// Selection returns the selected range; n is 0 when nothing is selected.
func (h *HexView) Selection() (off, n int64) {
	if !h.selected {
		return max(h.cursor, 0), 0
	}
	return min(h.anchor, h.head), max(h.anchor, h.head) - min(h.anchor, h.head) + 1
}

// SetSelection selects n bytes, puts the cursor on the first and makes it
// visible; n = 0 selects nothing and only moves the cursor. The range is cut to
// the bytes there are. The callbacks are called as if a person had done it.
func (h *HexView) SetSelection(off, n int64) {
	h.look()
	h.selectRange(off, n)
	if h.cursor >= 0 {
		h.reveal(h.cursor)
	}
	h.show()
}

// ClearCursor takes the cursor and the selection away. It calls the callbacks.
func (h *HexView) ClearCursor() {
	h.place(-1, false)
	h.show()
}

// GoTo moves the cursor to off, or to the nearest byte there is, selects nothing
// and makes it visible, in the middle when it was not.
func (h *HexView) GoTo(off int64) {
	h.look()
	if h.end <= h.start {
		return
	}
	off = min(max(off, h.start), h.end-1)
	h.place(off, false)
	h.reveal(off)
	h.show()
}

// SelectAll selects the whole stream.
func (h *HexView) SelectAll() {
	h.look()
	h.selectRange(h.start, h.end-h.start)
	h.show()
}

// selectRange selects without scrolling.
func (h *HexView) selectRange(off, n int64) {
	if h.end <= h.start {
		return
	}
	to := h.end
	if off < h.end-n { // off+n might overflow
		to = off + n
	}
	from := off
	off = min(max(off, h.start), h.end-1)
	if n <= 0 || to <= off || from >= h.end {
		h.place(off, false)
		return
	}
	h.set(off, off, to-1, true)
}

// place moves the cursor to off, -1 for none, and extends the selection to there
// or drops it.
func (h *HexView) place(off int64, extend bool) {
	if extend && h.cursor >= 0 && off >= 0 {
		h.set(off, h.anchor, off, true)
		return
	}
	h.set(off, off, off, false)
}

// set changes cursor and selection and tells of it.
func (h *HexView) set(cursor, anchor, head int64, selected bool) {
	oldOff, oldLen := h.Selection()
	old, parts := h.cursor, h.parts
	h.parts = nil
	h.cursor, h.anchor, h.head, h.selected = cursor, anchor, head, selected
	if cursor != old && h.OnCursor != nil {
		h.OnCursor(cursor)
	}
	off, n := h.Selection()
	if (parts != nil || n != oldLen || n > 0 && off != oldOff) && h.OnSelect != nil {
		h.OnSelect(off, n)
	}
}

func (h *HexView) isSelected(off int64) bool {
	return h.selected && off >= min(h.anchor, h.head) && off <= max(h.anchor, h.head) || h.inParts(off)
}

// reveal makes off visible: not at all if it is, by a row if it is the next, and
// else in the middle.
func (h *HexView) reveal(off int64) {
	row, top, n := off/int64(h.layout.perRow), h.grid.Top(), int64(h.grid.VisibleRows())
	if row < top-1 || row > top+n {
		h.grid.SetFollow(false)
		h.grid.ScrollToTop(row - n/2)
	} else {
		h.grid.ScrollTo(row)
	}
	i := int(off % int64(h.layout.perRow))
	if h.inText {
		h.grid.ScrollToColumn(h.layout.text+i, 1)
	} else {
		h.grid.ScrollToColumn(h.layout.hex[i], 2)
	}
}

// byteAt returns the byte nearest to a place in the grid, or -1 when there is
// none.
func (h *HexView) byteAt(row int64, col int) (off int64, inText bool) {
	if row < 0 || h.end <= h.start {
		return -1, false
	}
	i, inText := h.layout.byteAt(col)
	return min(max(row*int64(h.layout.perRow)+int64(i), h.start), h.end-1), inText
}

func (h *HexView) tapped(row int64, col int, mods fyne.KeyModifier) {
	off, inText := h.byteAt(row, col)
	if off < 0 {
		return
	}
	h.inText = inText
	h.grid.SetFollow(false) // the bytes looked at should not run away
	h.place(off, mods&fyne.KeyModifierShift != 0)
	h.show()
}

// doubleTapped selects the bytes of the record under the pointer.
func (h *HexView) doubleTapped(row int64, col int, _ fyne.KeyModifier) {
	off, _ := h.byteAt(row, col)
	if off < 0 {
		return
	}
	recs, err := h.src.Spans(h.stream, off, 1, nil)
	if err != nil || len(recs) == 0 {
		return
	}
	h.selectRange(recs[0].In(h.stream), int64(recs[0].Len))
	h.show()
}

// dragged extends the selection; the press before has set its other end.
func (h *HexView) dragged(row int64, col int) {
	off, inText := h.byteAt(row, col)
	if off < 0 || off == h.cursor {
		return
	}
	if inText != h.inText { // a drag that leaves its column goes on to the row's edge there
		i := int64(0)
		if !h.inText {
			i = int64(h.layout.perRow) - 1
		}
		off = min(max(row*int64(h.layout.perRow)+i, h.start), h.end-1)
	}
	h.place(off, true)
	h.show()
}

func (h *HexView) menu(row int64, col int, pos fyne.Position) {
	off, inText := h.byteAt(row, col)
	if off >= 0 && !h.isSelected(off) {
		h.inText = inText
		h.place(off, false)
		h.show()
	}
	if h.OnMenu != nil {
		h.OnMenu(off, pos)
	}
}

// key moves the cursor. The grid scrolls by itself only while there are no
// bytes.
func (h *HexView) key(ev *fyne.KeyEvent, mods fyne.KeyModifier) bool {
	if h.end <= h.start {
		return false
	}
	extend := mods&fyne.KeyModifierShift != 0
	plain := mods&^fyne.KeyModifierShift == 0
	command := mods&^fyne.KeyModifierShift == fyne.KeyModifierShortcutDefault
	switch {
	case command && ev.Name == fyne.KeyHome:
		h.move(h.start, extend)
	case command && ev.Name == fyne.KeyEnd:
		h.move(h.end-1, extend)
		h.grid.SetFollow(true)
	case command && ev.Name == fyne.KeyA && !extend:
		h.SelectAll()
	case command && (ev.Name == fyne.KeyC || ev.Name == fyne.KeyInsert) && !extend:
		h.Copy(hexPlain)
	case plain && ev.Name == fyne.KeyEscape && h.selected:
		h.place(h.cursor, false)
		h.show()
	case plain:
		return h.step(ev.Name, extend)
	default:
		return false
	}
	return true
}

// step moves by byte, row or page from where the selection was being extended,
// or from the cursor; the first key only shows the cursor.
func (h *HexView) step(key fyne.KeyName, extend bool) bool {
	per := int64(h.layout.perRow)
	page := per * int64(max(1, h.grid.VisibleRows()-1))
	from := h.cursor
	if h.selected && extend {
		from = h.head
	}
	to := from
	switch key {
	case fyne.KeyLeft:
		to--
	case fyne.KeyRight:
		to++
	case fyne.KeyUp:
		to -= per
	case fyne.KeyDown:
		to += per
	case fyne.KeyPageUp:
		to -= page
	case fyne.KeyPageDown:
		to += page
	case fyne.KeyHome:
		to -= to % per
	case fyne.KeyEnd:
		to += per - 1 - to%per
	default:
		return false
	}
	if from < 0 {
		to, _ = h.VisibleRange()
		h.move(to, false)
		return true
	}
	if vertical := key != fyne.KeyHome && key != fyne.KeyEnd && key != fyne.KeyLeft && key != fyne.KeyRight; vertical &&
		(to < h.start || to >= h.end) && (from-to)%per == 0 {
		// At the first and last row keep to the column where that is possible.
		to = h.keepColumn(from, to)
	}
	if key == fyne.KeyPageUp || key == fyne.KeyPageDown {
		h.grid.SetFollow(false)
		h.grid.ScrollToTop(h.grid.Top() + (to-from)/per)
	}
	h.move(to, extend)
	return true
}

// keepColumn brings to, which is outside the stream, back into it by whole rows.
func (h *HexView) keepColumn(from, to int64) int64 {
	per := int64(h.layout.perRow)
	if to < h.start {
		return to + (h.start-to+per-1)/per*per
	}
	return max(from, to-(to-h.end+per)/per*per)
}

// move puts the cursor on off, cut to the stream, and keeps it in view.
func (h *HexView) move(off int64, extend bool) {
	off = min(max(off, h.start), h.end-1)
	h.grid.SetFollow(false)
	h.place(off, extend)
	h.reveal(off)
	h.show()
}
