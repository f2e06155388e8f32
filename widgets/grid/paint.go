package grid

import (
	"image"
	"slices"
)

// line is one row as it should be, or as it was painted.
type line struct {
	cells  []Cell
	cursor bool // has the CursorRow background
	exists bool // false below the last row
	valid  bool // false when the pixels do not show it
}

func (l *line) same(o *line) bool {
	return l.valid == o.valid && l.exists == o.exists && l.cursor == o.cursor && slices.Equal(l.cells, o.cells)
}

func (l *line) set(o *line) {
	cells := append(l.cells[:0], o.cells...)
	*l = *o
	l.cells = cells
}

// painter owns the pixels and knows what they show.
type painter struct {
	img    *image.RGBA
	pal    palette
	m      metrics
	header line
	lines  []line
	top    int64
	left   int
	hint   string // shown in place of the lines
}

// painted says what a frame took: rows painted, and rows the others moved by.
type painted struct{ rows, moved int }

// generate is the raster's generator: it brings the pixels up to date and hands
// them over. w and h are device pixels.
func (g *Grid) generate(w, h int) image.Image {
	if w <= 0 || h <= 0 {
		return image.NewRGBA(image.Rectangle{})
	}
	if g.pixelScale() != g.metrics.scale || g.view.stale(g.Size()) {
		g.restyle()
		g.arrange()
		g.measureSource()
		g.look()
	}
	g.paintAll(w, h)
	return g.paint.img
}

// paintAll paints what differs from what the pixels show.
func (g *Grid) paintAll(w, h int) painted {
	p := &g.paint
	if p.img == nil || p.img.Rect.Dx() != w || p.img.Rect.Dy() != h {
		p.img = image.NewRGBA(image.Rect(0, 0, w, h))
		p.invalidate()
	}
	if p.pal != g.pal || p.m != g.metrics {
		p.pal, p.m = g.pal, g.metrics
		p.invalidate()
	}
	if p.left != g.left {
		p.left = g.left
		p.invalidateRows()
	}
	var st painted
	g.paintHeader()
	if hint := g.hint(); hint != p.hint {
		p.hint = hint
		p.invalidateRows()
		if hint != "" {
			g.paintHint(hint)
		}
	}
	if p.hint != "" {
		return st
	}
	st.moved = g.scrollPixels()
	p.top = g.top
	if len(p.lines) > len(g.lines) {
		p.lines = p.lines[:len(g.lines)]
	}
	for len(p.lines) < len(g.lines) {
		p.lines = append(p.lines, line{})
	}
	for i := range g.lines {
		if want, have := &g.lines[i], &p.lines[i]; !want.same(have) {
			g.paintLine(want, g.view.bodyY+i*p.m.ch, p.m.ch, Background)
			have.set(want)
			st.rows++
		}
	}
	if st.rows > 0 || st.moved != 0 {
		g.paintRest()
	}
	return st
}

// invalidate makes everything be painted anew.
func (p *painter) invalidate() {
	p.header.valid = false
	p.hint = ""
	p.invalidateRows()
}

func (p *painter) invalidateRows() {
	p.header.valid = false
	for i := range p.lines {
		p.lines[i].valid = false
	}
}

// scrollPixels moves the pixels of the rows that stay visible and returns by how
// many rows. A partly visible last row counts as not painted.
func (g *Grid) scrollPixels() int {
	p := &g.paint
	n := len(p.lines)
	if d := g.top - p.top; d == 0 || d >= int64(n) || d <= -int64(n) || n != len(g.lines) {
		return 0
	}
	k := int(g.top - p.top)
	whole := min(n, (min(g.view.bodyEnd, p.img.Rect.Dy())-g.view.bodyY)/p.m.ch)
	for i := whole; i < n; i++ {
		p.lines[i].valid = false
	}
	bytes := p.m.ch * p.img.Stride
	from := g.view.bodyY * p.img.Stride
	rows := p.img.Pix[from : from+whole*bytes]
	if k > 0 {
		if k >= whole {
			return 0
		}
		copy(rows, rows[k*bytes:])
		rotate(p.lines, k)
		for i := n - k; i < n; i++ {
			p.lines[i].valid = false
		}
		return k
	}
	if -k >= whole {
		return 0
	}
	copy(rows[-k*bytes:], rows)
	rotate(p.lines, n+k)
	for i := range -k {
		p.lines[i].valid = false
	}
	// what was pushed below the last whole row
	for i := whole; i < n; i++ {
		p.lines[i].valid = false
	}
	return k
}

// rotate moves s[k:] to the front.
func rotate(s []line, k int) {
	slices.Reverse(s[:k])
	slices.Reverse(s[k:])
	slices.Reverse(s)
}

// paintHeader paints the header row and the rule below it.
func (g *Grid) paintHeader() {
	p := &g.paint
	if g.view.bodyY == 0 {
		return
	}
	want := line{cells: g.HeaderLine, exists: true, valid: true}
	if want.same(&p.header) {
		return
	}
	g.paintLine(&want, 0, g.view.bodyY, Header)
	rule := max(1, int(p.m.scale+0.5))
	p.fill(0, g.view.bodyY-rule, p.img.Rect.Dx(), rule, p.pal[Line])
	p.header.set(&want)
}

// paintRest clears what lies below the rows: the horizontal bar's room.
func (g *Grid) paintRest() {
	p := &g.paint
	y := min(g.view.bodyY+len(g.lines)*p.m.ch, g.view.bodyEnd)
	p.fill(0, y, p.img.Rect.Dx(), p.img.Rect.Dy()-y, p.pal[Background])
}

func (g *Grid) paintHint(hint string) {
	p := &g.paint
	w, h := p.img.Rect.Dx(), p.img.Rect.Dy()
	p.fill(0, g.view.bodyY, w, h-g.view.bodyY, p.pal[Background])
	cells := AppendText(nil, hint, Cell{Fg: Muted})
	if room := w / p.m.cw; len(cells) > room {
		cells = Pad(cells, room, Cell{})
	}
	x := (w - len(cells)*p.m.cw) / 2
	y := max(g.view.bodyY, (g.view.bodyY+h-p.m.ch)/2)
	for i, c := range cells {
		g.paintCell(c, x+i*p.m.cw, y, min(p.m.ch, h-y), p.pal[Muted], w)
	}
}

// paintLine paints one row at y, over the full width.
func (g *Grid) paintLine(l *line, y, h int, base Colour) {
	p := &g.paint
	w := p.img.Rect.Dx()
	h = min(h, p.img.Rect.Dy()-y)
	if base != Header {
		h = min(h, g.view.bodyEnd-y)
	}
	if h <= 0 {
		return
	}
	if l.cursor {
		base = CursorRow
	}
	bg := func(c Cell) rgb {
		if c.Bg == Default || c.Bg >= colours {
			return p.pal[base]
		}
		return p.pal[c.Bg]
	}
	cells := l.cells
	rest := p.pal[base]
	if n := len(cells); n > 0 {
		rest = bg(cells[n-1])
	}
	if p.left < len(cells) {
		cells = cells[p.left:]
	} else {
		cells = nil
	}
	edge := min(w, p.m.margin+g.view.bodyW) // text does not run under the scroll bar
	if room := (edge-p.m.margin)/p.m.cw + 1; len(cells) > room {
		cells = cells[:room]
	}
	// backgrounds, by runs; the margin has the row's own
	p.fill(0, y, p.m.margin, h, p.pal[base])
	x := p.m.margin
	for i := 0; i < len(cells); {
		c := bg(cells[i])
		n := 1
		for i+n < len(cells) && bg(cells[i+n]) == c {
			n++
		}
		p.fill(x, y, n*p.m.cw, h, c)
		x += n * p.m.cw
		i += n
	}
	p.fill(x, y, w-x, h, rest)

	top := y
	if base == Header {
		top += (g.view.bodyY - p.m.ch) / 2
		h = min(p.m.ch, p.img.Rect.Dy()-top)
	}
	for i, c := range cells {
		fg := p.pal[Default]
		if c.Fg < colours {
			fg = p.pal[c.Fg]
		}
		x := p.m.margin + i*p.m.cw
		if c.Rune != 0 && c.Rune != ' ' {
			g.paintCell(c, x, top, h, fg, edge)
		}
		if c.Mark != 0 {
			before := i > 0 && cells[i-1].Mark&MarkBox != 0
			after := i+1 < len(cells) && cells[i+1].Mark&MarkBox != 0
			p.mark(c.Mark, x, y, h, fg, before, after)
		}
	}
}

// paintCell draws the rune of c with its top left corner at x, y, cut off below
// h and to the right of limit.
func (g *Grid) paintCell(c Cell, x, y, h int, fg rgb, limit int) {
	p := &g.paint
	if c.Rune == 0 || h <= 0 {
		return
	}
	if !drawable(c.Rune) {
		p.box(x+1, y+p.m.ch/5, min(p.m.cw-2, limit-x-1), min(p.m.ch*3/5, h-p.m.ch/5), fg)
		return
	}
	gl := g.atlas.glyph(c.Rune, c.Bold)
	w := min(gl.width, limit-x)
	if w <= 0 {
		return
	}
	for j := range min(h, p.m.ch) {
		src := gl.alpha[j*gl.width : j*gl.width+w]
		o := p.img.PixOffset(x, y+j)
		dst := p.img.Pix[o : o+w*4]
		for i, a := range src {
			switch a {
			case 0:
			case 0xff:
				d := dst[i*4 : i*4+3]
				d[0], d[1], d[2] = fg.r, fg.g, fg.b
			default:
				d := dst[i*4 : i*4+3]
				d[0] = blend(d[0], fg.r, a)
				d[1] = blend(d[1], fg.g, a)
				d[2] = blend(d[2], fg.b, a)
			}
		}
	}
}

// blend is dst with a/255 of src.
func blend(dst, src, a uint8) uint8 {
	v := uint32(src)*uint32(a) + uint32(dst)*uint32(255-a) + 128
	return uint8((v + v>>8) >> 8)
}

// mark draws the thin lines of a cell.
func (p *painter) mark(m Mark, x, y, h int, fg rgb, before, after bool) {
	t := max(1, int(p.m.scale+0.5))
	if m&MarkBar != 0 {
		p.fill(x+(p.m.cw-t)/2, y, t, h, p.pal[Line])
	}
	if m&MarkLeft != 0 {
		p.fill(x, y, t, h, p.pal[Line])
	}
	if m&MarkUnder != 0 && h >= p.m.ch {
		p.fill(x, y+p.m.ch-2*t, p.m.cw, t, fg)
	}
	if m&MarkBox != 0 {
		p.fill(x, y, p.m.cw, min(t, h), fg)
		if h >= p.m.ch {
			p.fill(x, y+p.m.ch-t, p.m.cw, t, fg)
		}
		if !before {
			p.fill(x, y, t, h, fg)
		}
		if !after {
			p.fill(x+p.m.cw-t, y, t, h, fg)
		}
	}
}

// box draws a hollow rectangle one pixel thick.
func (p *painter) box(x, y, w, h int, c rgb) {
	t := max(1, int(p.m.scale+0.5))
	p.fill(x, y, w, t, c)
	p.fill(x, y+h-t, w, t, c)
	p.fill(x, y, t, h, c)
	p.fill(x+w-t, y, t, h, c)
}

// fill paints a rectangle, cut off at the edges of the image.
func (p *painter) fill(x, y, w, h int, c rgb) {
	r := image.Rect(x, y, x+max(w, 0), y+max(h, 0)).Intersect(p.img.Rect)
	if r.Empty() {
		return
	}
	n := r.Dx() * 4
	first := p.img.Pix[p.img.PixOffset(r.Min.X, r.Min.Y):][:n:n]
	for i := 0; i < n; i += 4 {
		first[i], first[i+1], first[i+2], first[i+3] = c.r, c.g, c.b, 0xff
	}
	for j := r.Min.Y + 1; j < r.Max.Y; j++ {
		copy(p.img.Pix[p.img.PixOffset(r.Min.X, j):], first)
	}
}
