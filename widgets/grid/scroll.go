package grid

import (
	"math/bits"

	"fyne.io/fyne/v2"
)

// maxRows keeps row arithmetic far from overflow.
const maxRows = 1 << 56

// measureSource looks at how many rows there are and keeps to the end when
// following. A top that was given up by the source stays: the source says what
// is shown there, and the person's place does not jump.
func (g *Grid) measureSource() {
	g.rows = min(max(g.src.Rows(), 0), maxRows)
	g.first = 0
	if b, ok := g.src.(LowerBounded); ok {
		g.first = min(max(b.First(), 0), g.rows)
	}
	if limit := g.maxTop(); g.follow || g.top > limit {
		g.top = limit
	}
	g.left = min(g.left, g.maxLeft())
}

// maxTop is the top that shows the last row at the bottom.
func (g *Grid) maxTop() int64 {
	return max(g.first, g.rows-int64(g.fullRows()))
}

func (g *Grid) maxLeft() int {
	return max(0, g.Columns-g.fullColumns())
}

// scrollTo moves row to the top as far as possible. byUser tells that following
// is to be decided by where this ends.
func (g *Grid) scrollTo(row int64, byUser bool) {
	g.measureSource()
	limit := g.maxTop()
	row = min(max(row, g.first), limit)
	if byUser {
		switch {
		case row < g.top:
			g.follow = false
		case row == limit && row > g.top:
			g.follow = true
		}
	}
	g.top = row
	g.sync()
}

// scrollBy moves by rows, for wheel, keys and drags.
func (g *Grid) scrollBy(rows int64) {
	if rows != 0 {
		g.scrollTo(g.top+rows, true)
	}
}

// scrollToEnd shows the last row and follows from then on.
func (g *Grid) scrollToEnd() {
	g.follow = true
	g.sync()
}

func (g *Grid) setFollow(on bool) {
	if on != g.follow {
		g.follow = on
		g.sync()
	}
}

// scrollSideways moves by columns.
func (g *Grid) scrollSideways(columns int) {
	left := min(max(g.left+columns, 0), g.maxLeft())
	if left != g.left {
		g.left = left
		g.sync()
	}
}

func (g *Grid) reveal(row int64) {
	g.measureSource()
	n := int64(g.fullRows())
	top := g.top
	switch {
	case row < top:
		top = row
	case row >= top+n:
		top = row - n + 1
	default:
		return
	}
	if row < g.rows-1 {
		g.follow = false
	}
	g.scrollTo(top, false)
}

func (g *Grid) revealColumn(col, n int) {
	left, room := g.left, g.fullColumns()
	if col+n > left+room {
		left = col + n - room
	}
	left = min(left, col)
	g.scrollSideways(left - g.left)
}

// mulDiv returns a*b/c rounded to nearest without overflow in between, for
// 0 <= b <= c, c > 0 and a >= 0. Rows times pixels do not fit an int64, and a
// float64 would lose rows.
func mulDiv(a, b, c int64) int64 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	lo, carry := bits.Add64(lo, uint64(c)/2, 0)
	q, _ := bits.Div64(hi+carry, lo, uint64(c))
	return int64(q)
}

// thumb is one scroll bar in units of 1/64 of a Fyne unit along its track.
type thumb struct {
	start  float32 // where the track begins, in Fyne units
	length int64   // of the track
	pos    int64   // of the thumb, from the start of the track
	size   int64   // of the thumb
	shown  bool
}

// span is how far the thumb can move.
func (t thumb) span() int64 { return t.length - t.size }

const (
	thumbUnit    = 64
	minThumbSize = 24 * thumbUnit
)

func newThumb(start, length float32, pos, limit, visible, total int64) thumb {
	t := thumb{start: start, length: int64(length * thumbUnit)}
	if limit <= 0 || total <= 0 || t.length <= minThumbSize+thumbUnit {
		return t
	}
	t.shown = true
	t.size = max(minThumbSize, mulDiv(t.length, min(visible, total), total))
	t.size = min(t.size, t.length-thumbUnit)
	t.pos = mulDiv(t.span(), min(max(pos, 0), limit), limit)
	return t
}

// vertical is the bar for the rows.
func (g *Grid) vertical() thumb {
	b := g.body()
	return newThumb(b.y, b.h, g.top-g.first, g.maxTop()-g.first, int64(g.fullRows()), g.rows-g.first)
}

// horizontal is the bar for the columns.
func (g *Grid) horizontal() thumb {
	b := g.body()
	return newThumb(0, b.w, int64(g.left), int64(g.maxLeft()), int64(g.fullColumns()), int64(g.Columns))
}

// grab remembers where a thumb was taken hold of. The position follows from the
// distance to there, so a drag that returns ends exactly where it began, also
// when one pixel stands for millions of rows.
type grab struct {
	at    float32 // pointer along the track
	thumb thumb
	value int64 // top-first or left at that time
}

// valueAt returns the scroll position for the pointer at p, between 0 and limit.
func (b grab) valueAt(p float32, limit int64) int64 {
	moved := int64((p - b.at) * thumbUnit)
	pos := b.thumb.pos + moved
	switch {
	case moved == 0:
		return min(b.value, limit)
	case pos <= 0 || b.thumb.span() <= 0:
		return 0
	case pos >= b.thumb.span():
		return limit
	}
	return mulDiv(limit, pos, b.thumb.span())
}

// Scrolled scrolls with the wheel or a touch pad: three rows a notch, and what
// is left of smaller movements is kept for the next.
func (g *Grid) Scrolled(ev *fyne.ScrollEvent) {
	const rowsPerUnit = 3.0 / 25 // Fyne reports a notch as 25
	g.wheelY = carry(g.wheelY, -ev.Scrolled.DY*rowsPerUnit)
	g.wheelX = carry(g.wheelX, -ev.Scrolled.DX*2/max(1, g.cellSize().Width))
	rows, columns := int64(g.wheelY), int(g.wheelX)
	g.wheelY -= float32(rows)
	g.wheelX -= float32(columns)
	g.scrollSideways(columns)
	g.scrollBy(rows)
}

// carry adds a movement to what was left of the last, unless it turned round.
func carry(left, d float32) float32 {
	const limit = 1 << 20 // a broken device must not overflow the sum
	if left*d < 0 {
		left = 0
	}
	return min(max(left+d, -limit), limit)
}
