package widgets

import (
	"math/bits"

	"wirebench/sessions/capture"
	"wirebench/widgets/grid"
	"wirebench/widgets/words"
)

// hexLayout says in which column of the grid everything stands. It is worked out
// anew when the bytes per row, the grouping or the number of digits change.
type hexLayout struct {
	perRow, group int
	digits        int   // of an offset
	arrow         int   // column of the direction
	hex           []int // column of the first digit of each byte
	text          int   // column of the first character
	columns       int
}

// newHexLayout places offset, arrow, hex and text. Within the hex a space stands
// between groups and a second one after every eighth byte.
func newHexLayout(perRow, group, digits int) hexLayout {
	l := hexLayout{perRow: perRow, group: group, digits: digits}
	l.arrow = digits + 1
	col := l.arrow + 3
	for i := range perRow {
		if i > 0 {
			if i%group == 0 {
				col++
			}
			if i%8 == 0 {
				col++
			}
		}
		l.hex = append(l.hex, col)
		col += 2
	}
	l.text = col + 2
	l.columns = l.text + perRow + 1 // a blank cell ends the row's colours
	return l
}

// byteAt returns which byte of a row stands at a column, or next to it, and
// whether that is in the text.
func (l *hexLayout) byteAt(col int) (i int, inText bool) {
	if col >= l.text-1 {
		return min(max(col-l.text, 0), l.perRow-1), true
	}
	for i = l.perRow - 1; i > 0; i-- {
		if col >= l.hex[i] {
			break
		}
	}
	return i, false
}

// hexOffsetDigits returns how many hex digits the offsets up to end take: at least
// eight, and an even number, so that the view does not shift often.
func hexOffsetDigits(end int64) int {
	n := (bits.Len64(uint64(max(end-1, 0))) + 3) / 4
	return max(8, (n+1)&^1)
}

// lay works the layout out for the present width and stream.
func (h *HexView) lay() {
	digits := hexOffsetDigits(h.end)
	perRow := h.perRow
	if perRow == 0 {
		perRow = 8
		for _, n := range []int{16, 32} {
			// the blank cell at the end may be cut
			if l := newHexLayout(n, h.group, digits); l.columns-1 <= h.grid.VisibleColumns() {
				perRow = n
			}
		}
	}
	l := &h.layout
	if l.perRow == perRow && l.group == h.group && l.digits == digits {
		return
	}
	top := h.grid.Top() * int64(l.perRow)
	follow := h.grid.Following()
	changed := l.perRow != 0 && l.perRow != perRow
	h.layout = newHexLayout(perRow, h.group, digits)
	h.grid.Columns = h.layout.columns - 1
	h.window.stale = true
	if changed {
		h.grid.ScrollToTop(top / int64(perRow))
		h.grid.SetFollow(follow)
	}
}

// relay lays out and shows the result.
func (h *HexView) relay() {
	h.lay()
	h.show()
}

// setHeader writes the column offsets, and emphasises the cursor's.
func (h *HexView) setHeader() {
	l := &h.layout
	muted := grid.Cell{Fg: grid.Muted}
	cells := grid.AppendText(h.grid.HeaderLine[:0], fitCells(words.Say("offset // over the offsets of bytes"), l.arrow), muted)
	cells = grid.Pad(cells, l.columns, muted)
	at := -1
	if h.cursor >= 0 {
		at = int(h.cursor % int64(l.perRow))
	}
	for i := range l.perRow {
		c := muted
		if i == at {
			c = grid.Cell{Fg: grid.Accent, Bold: true}
		}
		putHex(cells[l.hex[i]:], byte(i), c)
		c.Rune = rune(hexDigit(byte(i) & 15))
		cells[l.text+i] = c
	}
	h.grid.HeaderLine = cells
}

// setHint says why there is nothing to see.
func (h *HexView) setHint() {
	switch h.stream {
	case capture.InOnly:
		h.grid.Hint = words.Say("No bytes came in yet")
	case capture.OutOnly:
		h.grid.Hint = words.Say("No bytes went out yet")
	default:
		h.grid.Hint = words.Say("No bytes yet")
	}
}

// putHex writes b as two digits that look like c.
func putHex(cells []grid.Cell, b byte, c grid.Cell) {
	c.Rune = rune(hexDigit(b >> 4))
	cells[0] = c
	c.Rune = rune(hexDigit(b & 15))
	c.Mark &^= grid.MarkLeft
	cells[1] = c
}

func hexDigit(n byte) byte { return "0123456789abcdef"[n] }
