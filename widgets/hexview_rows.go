package widgets

import (
	"errors"
	"io"
	"sort"

	"wirebench/sessions/capture"
	"wirebench/widgets/grid"
	"wirebench/widgets/words"
)

// hexSource gives the grid its rows: row n begins at offset n times the bytes of
// a row, so rows keep their place when old bytes are given up.
type hexSource struct{ h *HexView }

// Rows counts from offset 0, given up or not.
func (s *hexSource) Rows() int64 {
	row := int64(s.h.layout.perRow)
	if s.h.end <= s.h.start || row == 0 {
		return 0
	}
	return (s.h.end + row - 1) / row
}

// First is the row of the oldest byte that is kept.
func (s *hexSource) First() int64 {
	if s.h.end <= s.h.start || s.h.layout.perRow == 0 {
		return 0
	}
	return s.h.start / int64(s.h.layout.perRow)
}

// hexWindow is the part of the stream that was read last: what is on screen.
type hexWindow struct {
	stale  bool
	off    int64 // of data[0]
	data   []byte
	chars  []rune // of the text column, by byte of data
	wanted int64  // where the window was to end
	recs   []capture.Record
	err    error // why data ends before it should
}

// maxWindow bounds what is read for a screen, in bytes.
const maxWindow = 64 << 10

// load reads the rows from row on that fit a screen. What was given up between
// looking at the statistics and reading is looked at once more.
func (w *hexWindow) load(h *HexView, row int64) {
	per := int64(h.layout.perRow)
	n := min(int64(h.grid.VisibleRows())+2, maxWindow/per)
	for range 2 {
		from, to := max(row*per, h.start), min((row+n)*per, h.end)
		from = max(from-hexBefore(h.charset), h.start)
		w.read(h, from, max(from, to))
		if !errors.Is(w.err, capture.ErrEvicted) {
			break
		}
		st := h.src.Stats()
		h.start, h.end = st.StreamStart(h.stream), max(st.StreamStart(h.stream), st.StreamEnd(h.stream))
	}
	w.stale = false
}

// read takes in the bytes from off to end and the records they are in.
func (w *hexWindow) read(h *HexView, off, end int64) {
	n := int(end - off)
	if cap(w.data) < n {
		w.data = make([]byte, n)
	}
	w.off, w.wanted, w.recs, w.err = off, end, w.recs[:0], nil
	got, err := h.src.ReadAt(h.stream, w.data[:n], off)
	w.data = w.data[:max(0, min(got, n))]
	if len(w.data) < n {
		if w.err = err; w.err == nil {
			w.err = io.ErrUnexpectedEOF
		}
	}
	if len(w.data) > 0 {
		// Without the records the bytes can be read all the same.
		w.recs, _ = h.src.Spans(h.stream, off, len(w.data), w.recs)
	}
	w.decode(h.stream, h.charset)
}

// record returns the record that holds the byte at off, and whether off is its
// first byte; nil when it is not known.
func (w *hexWindow) record(s capture.Stream, off int64) (rec *capture.Record, first bool) {
	i := sort.Search(len(w.recs), func(i int) bool { return w.recs[i].In(s) > off }) - 1
	if i < 0 || off >= w.recs[i].In(s)+int64(w.recs[i].Len) {
		return nil, false
	}
	return &w.recs[i], off == w.recs[i].In(s)
}

// Row makes the cells of one row.
func (s *hexSource) Row(n int64, cells []grid.Cell) []grid.Cell {
	h := s.h
	l, w := &h.layout, &h.window
	off := n * int64(l.perRow)
	end := min(off+int64(l.perRow), h.end)
	if w.stale || max(off, h.start) < w.off || end > w.wanted {
		// Rows are asked for from the top on, but those that were read before are
		// not missed; read from the top for the next time.
		if top := h.grid.Top(); n > top && n <= top+int64(h.grid.VisibleRows()) {
			w.load(h, top)
		} else {
			w.load(h, n)
		}
	}
	cells = appendHexOffset(cells, off, l.digits)
	cells = grid.Pad(cells, l.columns, grid.Cell{})
	if end <= h.start {
		cells = grid.AppendText(cells[:l.hex[0]], words.Say("(evicted) // bytes that were given up"), grid.Cell{Fg: grid.Muted})
		return grid.Pad(cells, l.columns, grid.Cell{})
	}
	if from := max(off, h.start); from < end && from >= w.off+int64(len(w.data)) {
		cells = grid.AppendText(cells[:l.hex[0]], words.Say("(cannot be read: %s)", hexWhy(w.err)), grid.Cell{Fg: grid.Error})
		return grid.Pad(cells, l.columns, grid.Cell{})
	}
	ways := [2]bool{} // directions seen
	for i := range l.perRow {
		at := off + int64(i)
		if at >= end {
			break
		}
		if at < h.start { // the row begins with bytes that were given up
			hexPut(cells[l.hex[i]:], "··", grid.Muted)
			hexPut(cells[l.text+i:], "·", grid.Muted)
			continue
		}
		if at >= w.off+int64(len(w.data)) {
			break
		}
		rec, first := w.record(h.stream, at)
		dir := h.direction(rec)
		ways[dir] = true
		h.byteCells(cells, i, at, w.data[at-w.off], w.chars[at-w.off], dir, first)
	}
	switch {
	case ways[capture.In] && ways[capture.Out]:
		hexPut(cells[l.arrow:], "⇄", grid.Muted)
	case ways[capture.Out]:
		hexPut(cells[l.arrow:], "→", grid.Out)
	case ways[capture.In]:
		hexPut(cells[l.arrow:], "←", grid.In)
	}
	return cells
}

// direction of a byte in the record rec, which may be nil.
func (h *HexView) direction(rec *capture.Record) capture.Direction {
	switch {
	case h.stream == capture.OutOnly:
		return capture.Out
	case h.stream == capture.InOnly || rec == nil:
		return capture.In
	}
	return rec.Dir & 1
}

// byteCells writes byte i of a row, which is at offset at and stands as char in
// the text, in both columns.
func (h *HexView) byteCells(cells []grid.Cell, i int, at int64, b byte, char rune, dir capture.Direction, first bool) {
	l := &h.layout
	c := grid.Cell{Fg: grid.In}
	if dir == capture.Out {
		c.Fg = grid.Out
	}
	c.Bg = h.behind(at)
	if c.Bg == grid.Match && hexInRange(h.highlight, at) {
		c.Mark = grid.MarkUnder
	}
	behind := c.Bg
	hex, text := c, c
	switch text.Rune = char; char {
	case hexNoChar:
		text.Rune, text.Fg = '.', grid.Muted
	case hexInChar:
		text.Rune = 0
	}
	if at == h.cursor {
		active, passive := &hex, &text
		if h.inText {
			active, passive = &text, &hex
		}
		active.Fg, active.Bg = grid.CursorText, grid.Cursor
		passive.Fg = grid.Accent
		passive.Mark |= grid.MarkBox
	}
	col := l.hex[i]
	spaced := i == 0 || col > l.hex[i-1]+2
	if first && at > 0 {
		text.Mark |= grid.MarkLeft
		if spaced {
			cells[col-1].Mark |= grid.MarkBar
		} else {
			hex.Mark |= grid.MarkLeft
		}
	}
	putHex(cells[col:], b, hex)
	cells[l.text+i] = text
	if behind != grid.Default && i > 0 && h.behind(at-1) == behind { // the space between belongs to it too
		for j := l.hex[i-1] + 2; j < col; j++ {
			cells[j].Bg = behind
		}
	}
}

// behind returns the background of the byte at off, the cursor left aside.
func (h *HexView) behind(off int64) grid.Colour {
	switch {
	case h.isSelected(off):
		return grid.Selection
	case hexInRange(h.highlight, off) || h.isMatch(off):
		return grid.Match
	}
	return grid.Default
}

// isMatch tells whether off is in one of the matches that begin last before it.
func (h *HexView) isMatch(off int64) bool {
	i := sort.Search(len(h.matches), func(i int) bool { return h.matches[i].Off > off })
	return i > 0 && hexInRange(h.matches[i-1], off)
}

func hexInRange(r HexRange, off int64) bool { return off >= r.Off && off-r.Off < r.Len }

// appendHexOffset appends off as hex digits.
func appendHexOffset(cells []grid.Cell, off int64, digits int) []grid.Cell {
	for i := digits - 1; i >= 0; i-- {
		cells = append(cells, grid.Cell{Rune: rune(hexDigit(byte(off>>(4*i)) & 15)), Fg: grid.Muted})
	}
	return cells
}

// hexPut writes text over cells, as far as there are any.
func hexPut(cells []grid.Cell, text string, fg grid.Colour) {
	i := 0
	for _, r := range text {
		if i >= len(cells) {
			return
		}
		cells[i].Rune, cells[i].Fg = r, fg
		i++
	}
}

// hexWhy names an error in a row.
func hexWhy(err error) string {
	if err == nil {
		return words.Say("unknown // why bytes cannot be read")
	}
	return err.Error()
}
