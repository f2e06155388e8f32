package grid

import (
	"unicode"

	"golang.org/x/text/width"
)

// Colour is an index into the grid's palette. What it looks like is decided by
// the theme when it is painted, so cells stay valid when the theme changes.
type Colour uint8

// The palette. Every colour that is meant for text has a contrast of at least
// 4.5:1 against every colour that is meant for a background, in the light and
// in the dark theme. In and Out differ in lightness as well as in hue (blue
// against orange), so they stay apart for people who do not tell red from green.
const (
	// Default is Foreground where it stands as Fg; as Bg it is the row's own
	// background: Background, or CursorRow in the row given to
	// [Grid.SetCursorRow].
	Default    Colour = iota
	Foreground        // ordinary text
	Muted             // offsets, unprintable bytes, hints
	In                // bytes from the peer
	Out               // bytes to the peer
	Accent            // the theme's own emphasis
	Success           // good news
	Error             // failures
	Warning           // things to look at
	Background        // behind ordinary text
	Stripe            // a quietly different background, to set neighbours apart
	Header            // behind the header row
	Selection         // behind selected text
	CursorRow         // behind the current row of a list
	Cursor            // behind the one cell that has the cursor; its text is CursorText
	CursorText        // text on Cursor
	Match             // behind what a search found
	Line              // thin rules; never text
	colours           // how many there are
)

// Mark is a set of thin lines drawn over a cell: MarkBar and MarkLeft in the
// colour [Line], the others in the cell's Fg.
type Mark uint8

// Marks can be combined.
const (
	MarkBar   Mark = 1 << iota // a thin upright line in the middle of the cell, as between two records
	MarkLeft                   // the same at the cell's left edge
	MarkUnder                  // a line under the text
	MarkBox                    // a hollow frame around the cell; neighbours with the mark share one frame
)

// Cell is one place in the grid. The zero Cell is blank.
//
// A wide rune (see [RuneWidth]) takes two cells: the rune stands in the first,
// the second has Rune 0 and the same colours. [AppendText] does this.
type Cell struct {
	Rune   rune
	Fg, Bg Colour
	Bold   bool
	Mark   Mark
}

// Source is what a grid shows. Both methods are called on the UI goroutine only.
type Source interface {
	// Rows returns the number of rows; row numbers are 0 to Rows()-1. There may
	// be more than fit an int32 or a float; up to 1<<56 stay exact.
	Rows() int64
	// Row appends the cells of row n to cells, which is empty but may have
	// capacity, and returns the result, which the grid keeps until it passes it
	// in again. The Bg of the last cell also fills the rest of the row; end with
	// a blank cell where that is not wanted.
	Row(n int64, cells []Cell) []Cell
}

// LowerBounded is a [Source] whose first rows have gone, for example because the
// oldest bytes of a capture were given up. Row numbers do not move then: valid
// numbers are First() to Rows()-1. Rows below First that are still on screen
// keep being asked for until the person scrolls.
type LowerBounded interface {
	Source
	First() int64
}

// AppendText appends text to cells, one cell a rune and two for wide ones, in
// the colours of like (whose Rune does not matter), and returns the result.
// Runes that cannot be drawn are kept; the grid draws a replacement for them.
// Spaces at which no line may break, as some languages have them between the
// digits of a number, are spaces here.
func AppendText(cells []Cell, text string, like Cell) []Cell {
	for _, r := range text {
		if r == '\u00a0' || r == '\u202f' {
			r = ' '
		}
		c := like
		c.Rune = r
		cells = append(cells, c)
		if RuneWidth(r) == 2 {
			c.Rune = 0
			cells = append(cells, c)
		}
	}
	return cells
}

// Pad appends blank cells that look like like until there are n, or cuts cells
// to n. A wide rune cut in half becomes a blank.
func Pad(cells []Cell, n int, like Cell) []Cell {
	like.Rune = ' '
	if len(cells) > n {
		cells = cells[:n]
		if n > 0 && RuneWidth(cells[n-1].Rune) == 2 {
			cells[n-1].Rune = ' '
		}
	}
	for len(cells) < n {
		cells = append(cells, like)
	}
	return cells
}

// RuneWidth returns how many cells r takes: 2 for East Asian wide and full-width
// runes, else 1. A rune that cannot be drawn takes 1, for its replacement.
func RuneWidth(r rune) int {
	if r < 0x1100 { // the first wide rune; nearly all text ends here
		return 1
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		if drawable(r) {
			return 2
		}
	}
	return 1
}

// drawable tells whether r may be given to the text shaper. Control, format
// (bidi, zero-width), unassigned and private runes and lone combining marks
// would draw nothing, or change how their neighbours look.
func drawable(r rune) bool {
	if r >= 0x20 && r < 0x7f {
		return true
	}
	return unicode.IsPrint(r) && !unicode.Is(unicode.M, r)
}
