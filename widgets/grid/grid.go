// Package grid draws very many rows of monospaced cells.
//
// A [Grid] asks its [Source] for the rows on screen only, so a frame costs the
// same for ten rows and for 1<<56. It is one raster: glyphs are drawn once into
// an atlas and copied from there, a row is painted again only when its cells
// changed, and scrolling moves the pixels that stay visible. When nothing
// changed nothing is refreshed, because any refresh repaints the whole window.
//
// Everything here belongs to Fyne's UI goroutine.
package grid

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

var (
	_ fyne.Widget            = (*Grid)(nil)
	_ fyne.Scrollable        = (*Grid)(nil)
	_ fyne.Draggable         = (*Grid)(nil)
	_ fyne.SecondaryTappable = (*Grid)(nil)
	_ fyne.Focusable         = (*Grid)(nil)
	_ fyne.Shortcutable      = (*Grid)(nil)
	_ fyne.Accessible        = (*Grid)(nil)
	_ desktop.Mouseable      = (*Grid)(nil)
	_ desktop.Hoverable      = (*Grid)(nil)
	_ desktop.Keyable        = (*Grid)(nil)
	_ desktop.Cursorable     = (*Grid)(nil)
)

// Grid is the widget. Make one with [New]; set the exported fields before it is
// shown, or call [Grid.Refresh] after changing HeaderLine, Columns or Hint.
//
// Rows handed to the callbacks are valid row numbers, columns are cells from 0
// and may lie beyond the last cell of the row. No callback needs to be set.
type Grid struct {
	widget.BaseWidget

	// OnTapped is called when the primary button goes down on a row (on the
	// press, so that a drag starts from there). In the empty room below the last
	// row it is called for the last row.
	OnTapped func(row int64, col int, mods fyne.KeyModifier)
	// OnDoubleTapped is called instead of OnTapped for the second press on the
	// same cell within the system's double click time.
	OnDoubleTapped func(row int64, col int, mods fyne.KeyModifier)
	// OnDragged is called while the primary button is held and the pointer
	// moves, with the place under the pointer, or the nearest visible one. Drag
	// events beyond the upper or lower edge scroll first.
	OnDragged func(row int64, col int)
	// OnDragEnd is called when a drag that called OnDragged ends.
	OnDragEnd func()
	// OnKey sees every key, and every shortcut as the key it was made with,
	// before the grid does. Returning true stops there.
	OnKey func(ev *fyne.KeyEvent, mods fyne.KeyModifier) bool
	// OnScrolled is called after Top, or Following, or the horizontal position
	// has changed, whatever the reason.
	OnScrolled func()
	// OnMenu is called for a secondary click with the place and the absolute
	// position for a pop-up menu. row is -1 when there is no row.
	OnMenu func(row int64, col int, pos fyne.Position)
	// OnHeaderTapped is called when the primary button goes down on the header
	// row. While it is set, the pointer over the header is a hand, and a
	// secondary click there is on no row.
	OnHeaderTapped func(col int, mods fyne.KeyModifier)

	// HeaderLine is a fixed row above the others; nil for none. It moves
	// sideways with the rows.
	HeaderLine []Cell
	// Columns is the width of the widest row in cells. When the grid is
	// narrower, it scrolls sideways. 0 never scrolls sideways.
	Columns int
	// Hint is shown in the middle while there are no rows.
	Hint string
	// Label is what assistive technology reads out.
	Label string
	// Pointer is the mouse cursor over the cells; nil for the default.
	Pointer desktop.Cursor

	src Source

	// where we are
	top       int64 // first visible row
	left      int   // first visible column
	follow    bool
	cursorRow int64 // -1 for none
	rows      int64 // Rows() when last looked
	first     int64 // First() when last looked
	reported  position
	wheelY    float32
	wheelX    float32

	// what should be on screen, by row from the top; rebuilt by look
	lines []line
	view  view

	metrics metrics
	pal     palette
	atlas   atlas
	paint   painter

	// input
	focused  bool
	hovered  bool
	onHeader bool             // the pointer is over a header that can be tapped
	held     fyne.KeyModifier // shift, ctrl... seen going down while focused
	press    press
	lastTap  tap
	now      func() time.Time
	dragging dragKind

	// objects; kept here so that a new renderer starts from what was painted
	raster *canvas.Raster
	bars   [2]*canvas.Rectangle // vertical, horizontal thumb
	ring   *canvas.Rectangle
}

// New returns a grid that shows src.
func New(src Source) *Grid {
	g := &Grid{src: src, cursorRow: -1, now: time.Now}
	g.ExtendBaseWidget(g)
	g.build()
	return g
}

// Update is to be called when the source may have changed. It follows the tail
// when Following, asks for the visible rows, and repaints those whose cells
// changed; if none did, it does nothing more.
func (g *Grid) Update() { g.sync() }

// Refresh looks everything up anew, the theme and the text size too. Fyne calls
// it when the theme changes.
func (g *Grid) Refresh() {
	g.restyle()
	g.sync()
	g.BaseWidget.Refresh()
}

// ScrollTo makes row visible, moving as little as possible. Where it has to
// move, it ends following unless row is the last.
func (g *Grid) ScrollTo(row int64) { g.reveal(row) }

// ScrollToColumn makes the columns [col, col+n) visible, col first when they do
// not fit.
func (g *Grid) ScrollToColumn(col, n int) { g.revealColumn(col, n) }

// ScrollToTop puts row at the top of the view, or as near as the end of the
// source allows.
func (g *Grid) ScrollToTop(row int64) { g.scrollTo(row, true) }

// Top returns the first visible row.
func (g *Grid) Top() int64 { return g.top }

// Left returns the first visible column.
func (g *Grid) Left() int { return g.left }

// VisibleRows returns how many rows are fully visible, at least 1.
func (g *Grid) VisibleRows() int { return g.fullRows() }

// VisibleColumns returns how many columns are fully visible, at least 1.
func (g *Grid) VisibleColumns() int { return g.fullColumns() }

// SetFollow makes the grid show the end whenever the source grows, or stop
// doing so. Scrolling up stops it too; End, or scrolling to the end, starts it.
func (g *Grid) SetFollow(on bool) { g.setFollow(on) }

// Following tells whether the grid keeps to the end of the source.
func (g *Grid) Following() bool { return g.follow }

// CellSize returns the size of one cell. It depends on the theme and on the
// scale of the window.
func (g *Grid) CellSize() fyne.Size { return g.cellSize() }

// SetCursorRow gives one row the CursorRow background; -1 for none. It does not
// scroll.
func (g *Grid) SetCursorRow(row int64) {
	if row < 0 {
		row = -1
	}
	if row != g.cursorRow {
		g.cursorRow = row
		g.sync()
	}
}

// Focused tells whether the grid has the keyboard.
func (g *Grid) Focused() bool { return g.focused }

// RequestFocus takes the keyboard, if the grid is in a window.
func (g *Grid) RequestFocus() { g.takeFocus() }

// AccessibilityLabel returns Label.
func (g *Grid) AccessibilityLabel() string { return g.Label }

// AccessibilityRole tells assistive technology that this is text.
func (g *Grid) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }
