package widgets

import (
	"slices"

	"wirebench/widgets/grid"
	"wirebench/widgets/words"
)

// mostColumns is more than any list has.
const mostColumns = 16

// columnKind says how a column is shown.
type columnKind struct {
	title  words.Text
	right  bool // numbers stand at the right edge
	least  int  // cells of content that are always kept free, so that the columns rarely move
	some   int  // cells of long content that are shown when others need the room; 0 for all
	reads  int  // cells of it that come before columns of less worth
	idle   bool // left out when nobody has something to show there
	amount bool // of interest from the largest down, which is the first order a click gives

	numbers bool // sorted by number
	words   bool // sorted by text of any length
}

// columnPlace is a column on screen.
type columnPlace[C ~uint8] struct {
	column       C
	start, width int // in cells
}

// grow makes room for contents of a width.
func (s *rowTable[R, C]) grow(c C, width int) { s.want[c] = max(s.want[c], width) }

// fit chooses the columns for a width in cells and places them. It tells whether that changed anything.
func (s *rowTable[R, C]) fit(columns int) (changed bool) {
	var shown [mostColumns]bool
	var width [mostColumns]int
	total := -columnGap
	show := func(c C) {
		if !shown[c] {
			shown[c] = true
			total += width[c] + columnGap
		}
	}
	for i := range s.kinds {
		c, kind := C(i), &s.kinds[i]
		width[c] = max(s.want[c], kind.least, cellsOf(s.of.title(c)))
		if kind.some > 0 {
			width[c] = min(width[c], kind.some)
		}
		if c == s.sort || !slices.Contains(s.extras, c) { // the arrow has to stand somewhere
			show(c)
		}
	}
	for _, c := range s.extras {
		kind := &s.kinds[c]
		if words := min(s.want[c], kind.reads); kind.reads > 0 && total+words+columnGap <= columns {
			width[c] = max(width[c], words)
		}
		if !(kind.idle && !s.any[c]) && total+width[c]+columnGap <= columns {
			show(c)
		}
	}
	for c := range s.kinds {
		if kind := &s.kinds[c]; kind.some > 0 && shown[c] && total > columns {
			less := min(total-columns, max(width[c]-kind.least, 0))
			width[c] -= less
			total -= less
		}
	}
	for c := range s.kinds {
		if more := min(columns-total, s.want[c]-width[c]); s.kinds[c].some > 0 && shown[c] && more > 0 {
			width[c] += more
			total += more
		}
	}

	placed := s.placedBuf[:0]
	at := 0
	for c := range s.kinds {
		if shown[c] {
			placed = append(placed, columnPlace[C]{C(c), at, width[c]})
			at += width[c] + columnGap
		}
	}
	changed = !slices.Equal(placed, s.placed)
	s.placedBuf, s.placed = s.placed, placed
	return changed
}

// width returns how many cells all columns take.
func (s *rowTable[R, C]) width() int {
	if len(s.placed) == 0 {
		return 0
	}
	last := s.placed[len(s.placed)-1]
	return last.start + last.width
}

// columnAt returns the column that a cell belongs to, the gap after it included. Beyond the last it is the last.
func (s *rowTable[R, C]) columnAt(cell int) (c C) {
	for _, p := range s.placed {
		if cell >= p.start {
			c = p.column
		}
	}
	return c
}

// header returns the names of the columns over them, with an arrow at the one the rows are sorted by.
func (s *rowTable[R, C]) header() []grid.Cell {
	like := grid.Cell{Fg: grid.Muted, Bg: grid.Header, Bold: true}
	var cells []grid.Cell
	for _, p := range s.placed {
		right := s.kinds[p.column].right
		title, style := fitCells(s.of.title(p.column), p.width), like
		at := p.start
		if right {
			at += p.width - cellsOf(title)
		}
		if p.column == s.sort {
			style.Fg = grid.Foreground
		}
		cells = grid.Pad(cells, at, like)
		cells = grid.AppendText(cells, title, style)
		if p.column == s.sort {
			// The arrow of a right-aligned column stands in the gap, so that names stay over their numbers.
			if !right {
				cells = grid.Pad(cells, len(cells)+1, like)
			}
			style.Rune = '▲'
			if s.descending {
				style.Rune = '▼'
			}
			cells = append(cells, style)
		}
	}
	return grid.Pad(cells, max(s.width(), len(cells)), like)
}

// Rows is part of grid.Source.
func (s *rowTable[R, C]) Rows() int64 { return int64(len(s.shown)) }

// Row is part of grid.Source.
func (s *rowTable[R, C]) Row(row int64, cells []grid.Cell) []grid.Cell {
	r := s.at(row)
	if r == nil {
		return cells
	}
	like := s.of.like(r)
	if s.holds(s.of.numberOf(r)) {
		like.Bg = grid.Selection
	}
	for _, p := range s.placed {
		cells = grid.Pad(cells, p.start, like)
		cells = s.of.cell(cells, r, p, like)
	}
	return grid.Pad(cells, max(s.width(), len(cells)), like)
}

// appendText appends b to a column, at the edge that is the column's, and keeps it for the next time.
func (s *rowTable[R, C]) appendText(cells []grid.Cell, b []byte, p columnPlace[C], like grid.Cell) []grid.Cell {
	s.scratch = b
	if s.kinds[p.column].right {
		cells = grid.Pad(cells, p.start+max(p.width-cellsOf(string(b)), 0), like)
	}
	return grid.AppendText(cells, string(b), like)
}
