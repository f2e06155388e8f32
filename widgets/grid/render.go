package grid

import (
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
)

// metrics are the sizes everything is laid out by. cw, ch, margin and head are
// device pixels.
type metrics struct {
	scale    float32 // device pixels per Fyne unit
	textSize float32 // in Fyne units
	font     string
	cw, ch   int
	margin   int     // left of the first column
	head     int     // height of the header row
	rise     float32 // from the top of a cell to the top of the text, in Fyne units
	gutter   float32 // room for the scroll bars at the edges, in Fyne units
}

// view is where the rows are, in device pixels.
type view struct {
	size           fyne.Size // it was worked out for
	bodyY, bodyEnd int       // rows are between these
	bodyW          int
}

func (v view) stale(s fyne.Size) bool { return v.size != s }

// pixelScale returns device pixels per Fyne unit, 1 outside a window.
func (g *Grid) pixelScale() float32 {
	c := g.canvas()
	if c == nil {
		if g.metrics.scale > 0 {
			return g.metrics.scale
		}
		return 1
	}
	const far = 4096 // long enough for the rounding not to matter
	x, _ := c.PixelCoordinateForPosition(fyne.NewPos(far, 0))
	if x <= 0 {
		return 1
	}
	return float32(x) / far
}

// restyle takes sizes and colours from the theme and the window.
func (g *Grid) restyle() {
	th := g.Theme()
	g.pal = newPalette(th, fyne.CurrentApp().Settings().ThemeVariant())

	plain := fyne.TextStyle{Monospace: true}
	m := metrics{scale: g.pixelScale(), textSize: th.Size(theme.SizeNameText), gutter: th.Size(theme.SizeNameScrollBar)}
	if font := th.Font(plain); font != nil {
		m.font = font.Name()
	}
	const probe = "MMMMMMMMMMMMMMMM" // the width of one is rounded
	size := fyne.MeasureText(probe, m.textSize, plain)
	const leading = 2 // between rows, for the eye to keep to its line
	m.cw = max(1, round(size.Width/float32(len(probe))*m.scale))
	m.ch = max(1, round((size.Height+leading)*m.scale))
	m.rise = float32(math.Floor(float64(leading/2*m.scale))) / m.scale
	m.margin = m.cw / 2
	m.head = m.ch + round(4*m.scale)
	if m != g.metrics {
		g.metrics = m
		g.atlas.reset(m)
		g.view = view{}
	}
}

func round(f float32) int { return int(math.Round(float64(f))) }

// cellSize returns the size of a cell in Fyne units.
func (g *Grid) cellSize() fyne.Size {
	if g.metrics.cw == 0 {
		g.restyle()
	}
	return fyne.NewSize(float32(g.metrics.cw)/g.metrics.scale, float32(g.metrics.ch)/g.metrics.scale)
}

// arrange works out where the rows are.
func (g *Grid) arrange() {
	if g.metrics.cw == 0 {
		g.restyle()
	}
	m, s := &g.metrics, g.Size()
	v := view{size: s}
	if g.HeaderLine != nil {
		v.bodyY = m.head
	}
	v.bodyW = max(0, round((s.Width-m.gutter)*m.scale)-m.margin)
	v.bodyEnd = round(s.Height * m.scale)
	if g.Columns > v.bodyW/m.cw {
		v.bodyEnd -= round(m.gutter * m.scale)
	}
	v.bodyEnd = max(v.bodyEnd, v.bodyY)
	g.view = v
}

// body returns the room of the cells in Fyne units.
func (g *Grid) body() area {
	v, m := &g.view, &g.metrics
	if m.cw == 0 {
		g.arrange()
	}
	return area{
		x: float32(m.margin) / m.scale, y: float32(v.bodyY) / m.scale,
		w: float32(v.bodyW) / m.scale, h: float32(v.bodyEnd-v.bodyY) / m.scale,
	}
}

func (g *Grid) fullRows() int {
	return max(1, (g.view.bodyEnd-g.view.bodyY)/max(1, g.metrics.ch))
}

func (g *Grid) fullColumns() int {
	return max(1, g.view.bodyW/max(1, g.metrics.cw))
}

// hint returns what stands in place of the rows, or "".
func (g *Grid) hint() string {
	if g.rows > g.first {
		return ""
	}
	return g.Hint
}

// look asks the source for the rows that are visible, the partly visible one at
// the bottom too.
func (g *Grid) look() {
	n := 0
	if ch := g.metrics.ch; ch > 0 {
		n = (g.view.bodyEnd - g.view.bodyY + ch - 1) / ch
	}
	for len(g.lines) < n {
		g.lines = append(g.lines, line{})
	}
	g.lines = g.lines[:n]
	for i := range g.lines {
		l, row := &g.lines[i], g.top+int64(i)
		l.valid = true
		l.exists = row < g.rows
		l.cursor = l.exists && row == g.cursorRow
		l.cells = l.cells[:0]
		if l.exists {
			l.cells = g.src.Row(row, l.cells)
		}
	}
}

// position is what OnScrolled reports changes of.
type position struct {
	top    int64
	left   int
	follow bool
}

// sync brings everything in line with the source and refreshes the raster if
// any pixel will change. Without a size there is nothing to see and nothing is
// asked of the source but its length.
func (g *Grid) sync() {
	if s := g.Size(); s.Width <= 0 || s.Height <= 0 {
		g.measureSource()
		g.report()
		return
	}
	if g.pixelScale() != g.metrics.scale {
		g.restyle()
	}
	g.arrange()
	g.measureSource()
	g.look()
	if g.dirty() {
		g.raster.Refresh()
	}
	g.layoutBars()
	g.report()
}

// report calls OnScrolled when the position has changed since it was last called.
func (g *Grid) report() {
	now := position{g.top, g.left, g.follow}
	if now != g.reported {
		g.reported = now
		if g.OnScrolled != nil {
			g.OnScrolled()
		}
	}
}

// dirty tells whether the pixels differ from what they should show.
func (g *Grid) dirty() bool {
	p := &g.paint
	if p.img == nil || p.pal != g.pal || p.m != g.metrics || p.left != g.left || p.hint != g.hint() {
		return true
	}
	if g.view.bodyY > 0 {
		if h := (line{cells: g.HeaderLine, exists: true, valid: true}); !h.same(&p.header) {
			return true
		}
	}
	if p.hint != "" {
		return false
	}
	if len(p.lines) != len(g.lines) {
		return true
	}
	for i := range g.lines {
		if !g.lines[i].same(&p.lines[i]) {
			return true
		}
	}
	return false
}

// build makes the objects. They belong to the widget rather than to a renderer:
// Fyne destroys the renderers of hidden widgets, and the pixels should survive.
func (g *Grid) build() {
	g.raster = canvas.NewRaster(g.generate)
	g.raster.ScaleMode = canvas.ImageScalePixels // the pixels are the screen's own
	for i := range g.bars {
		g.bars[i] = canvas.NewRectangle(nil)
		g.bars[i].Hide()
	}
	g.ring = canvas.NewRectangle(nil)
	g.ring.Hide()
}

// CreateRenderer is part of fyne.Widget.
func (g *Grid) CreateRenderer() fyne.WidgetRenderer {
	g.ExtendBaseWidget(g)
	return &renderer{g}
}

// Resize is part of fyne.CanvasObject. A size between device pixels, as a dragged divider gives it, is
// brought down to whole ones: drawn at another size than it was painted at, a picture of text loses a row of
// its pixels somewhere.
func (g *Grid) Resize(s fyne.Size) {
	scale := float64(g.pixelScale())
	whole := func(v float32) float32 { return float32(math.Floor(float64(v)*scale+0.01) / scale) }
	if s = fyne.NewSize(whole(s.Width), whole(s.Height)); s == g.Size() {
		return
	}
	g.BaseWidget.Resize(s)
	g.sync()
}

// renderer has no state; see build.
type renderer struct{ g *Grid }

func (r *renderer) Destroy() {}

func (r *renderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.g.raster, r.g.bars[0], r.g.bars[1], r.g.ring}
}

// MinSize is three rows of twenty columns, and the header.
func (r *renderer) MinSize() fyne.Size {
	c := r.g.cellSize()
	h := 3 * c.Height
	if r.g.HeaderLine != nil {
		h += float32(r.g.metrics.head) / r.g.metrics.scale
	}
	return fyne.NewSize(20*c.Width+r.g.metrics.gutter, h+r.g.metrics.gutter)
}

func (r *renderer) Layout(s fyne.Size) {
	r.g.raster.Move(fyne.NewPos(0, 0))
	r.g.raster.Resize(s)
	r.g.layoutRing()
	r.g.layoutBars()
}

func (r *renderer) Refresh() {
	r.g.colourObjects()
	r.g.raster.Refresh()
}

// colourObjects gives bars and ring the theme's colours.
func (g *Grid) colourObjects() {
	th, v := g.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	for _, b := range g.bars {
		b.FillColor = th.Color(theme.ColorNameScrollBar, v)
		b.Refresh()
	}
	g.ring.StrokeColor = th.Color(theme.ColorNamePrimary, v)
	g.ring.StrokeWidth = 2
	g.ring.Refresh()
}

func (g *Grid) showRing() {
	if g.focused == g.ring.Visible() {
		return
	}
	if g.focused {
		g.colourObjects()
		g.ring.Show()
	} else {
		g.ring.Hide()
	}
}

func (g *Grid) layoutRing() {
	g.ring.Move(fyne.NewPos(0, 0))
	g.ring.Resize(g.Size())
}

// layoutBars puts the thumbs where they belong, and leaves them alone when that
// is where they are. They are slim until the pointer comes near.
func (g *Grid) layoutBars() {
	s, m := g.Size(), &g.metrics
	th := g.Theme()
	wide := th.Size(theme.SizeNameScrollBarSmall)
	if g.hovered {
		wide = m.gutter - 4
	}
	edge := m.gutter/2 + wide/2 // slim bars stand in the middle of the gutter
	place := func(bar *canvas.Rectangle, t thumb, pos fyne.Position, size fyne.Size) {
		if bar.FillColor == nil {
			g.colourObjects()
		}
		if t.shown != bar.Visible() {
			if t.shown {
				bar.Show()
			} else {
				bar.Hide()
			}
		}
		if t.shown {
			bar.CornerRadius = wide / 2
			if bar.Size() != size {
				bar.Resize(size)
			}
			if bar.Position() != pos {
				bar.Move(pos)
			}
		}
	}
	v := g.vertical()
	place(g.bars[0], v, fyne.NewPos(s.Width-edge, g.pixel(v.start+float32(v.pos)/thumbUnit)),
		fyne.NewSize(wide, g.pixel(float32(v.size)/thumbUnit)))
	h := g.horizontal()
	place(g.bars[1], h, fyne.NewPos(g.pixel(h.start+float32(h.pos)/thumbUnit), s.Height-edge),
		fyne.NewSize(g.pixel(float32(h.size)/thumbUnit), wide))
}

// pixel rounds a length to whole device pixels, so that a thumb that moved less
// is not moved at all.
func (g *Grid) pixel(v float32) float32 {
	return float32(round(v*g.metrics.scale)) / g.metrics.scale
}
