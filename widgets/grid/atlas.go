package grid

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/software"
)

// atlasLimit bounds the glyphs kept; at the limit the atlas starts afresh, which
// costs one frame of drawing what is visible.
const atlasLimit = 4096

// glyph is how much of each pixel a rune covers, row by row.
type glyph struct {
	width int // in pixels: one cell or two
	alpha []uint8
}

type glyphKey struct {
	r    rune
	bold bool
}

// atlas holds the glyphs that have been drawn, for one font, size and scale.
type atlas struct {
	m      metrics
	ascii  [2][0x80]*glyph // what nearly everything is made of, plain and bold
	glyphs map[glyphKey]*glyph
	canvas software.WindowlessCanvas
	text   *canvas.Text
}

// reset drops all glyphs and takes on new metrics.
func (a *atlas) reset(m metrics) {
	*a = atlas{m: m, canvas: a.canvas, text: a.text}
}

// glyph returns the glyph of r, which must be drawable, drawing it when it is
// not there yet. The result is only good until the next call.
func (a *atlas) glyph(r rune, bold bool) *glyph {
	if r < 0x80 {
		i := 0
		if bold {
			i = 1
		}
		g := a.ascii[i][r]
		if g == nil {
			g = a.draw(r, bold)
			a.ascii[i][r] = g
		}
		return g
	}
	k := glyphKey{r, bold}
	g := a.glyphs[k]
	if g == nil {
		if a.glyphs == nil || len(a.glyphs) >= atlasLimit {
			a.glyphs = make(map[glyphKey]*glyph)
		}
		g = a.draw(r, bold)
		a.glyphs[k] = g
	}
	return g
}

// draw has Fyne draw r, so the theme's font and its fallbacks are honoured, and
// keeps the coverage only. Fallback fonts have other widths than the monospaced
// one; their glyphs are centred in the cell.
func (a *atlas) draw(r rune, bold bool) *glyph {
	if a.canvas == nil {
		a.text = canvas.NewText("", color.White)
		a.canvas = software.NewTransparentCanvas()
		a.canvas.SetPadded(false)
		a.canvas.SetContent(container.NewWithoutLayout(a.text))
	}
	cells := RuneWidth(r)
	g := &glyph{width: cells * a.m.cw, alpha: make([]uint8, cells*a.m.cw*a.m.ch)}
	size := fyne.NewSize(float32(g.width)/a.m.scale, float32(a.m.ch)/a.m.scale)

	a.text.Text = string(r)
	a.text.TextSize = a.m.textSize
	a.text.TextStyle = fyne.TextStyle{Monospace: true}
	natural := a.text.MinSize()
	at := fyne.NewPos(0, a.m.rise)
	if r >= 0x80 {
		// Fyne would round up to whole pixels, and a glyph as wide as its cell would lose its right edge.
		at.X = float32(round((size.Width-natural.Width)/2*a.m.scale)) / a.m.scale
	}
	a.text.Move(at)
	a.text.Resize(natural)
	a.canvas.SetScale(a.m.scale)
	a.canvas.Resize(size)
	cover(g, a.canvas.Capture(), a.m.ch)
	if bold {
		g.embolden(a.m.ch, a.m.scale)
	}
	return g
}

// cover takes the coverage from what was drawn.
func cover(g *glyph, drawn image.Image, height int) {
	img, ok := drawn.(*image.NRGBA)
	if !ok {
		b := drawn.Bounds()
		img = image.NewNRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
		for y := range b.Dy() {
			for x := range b.Dx() {
				img.Set(x, y, drawn.At(b.Min.X+x, b.Min.Y+y))
			}
		}
	}
	w := min(g.width, img.Rect.Dx())
	for y := range min(height, img.Rect.Dy()) {
		row := img.Pix[y*img.Stride:]
		for x := range w {
			g.alpha[y*g.width+x] = row[x*4+3]
		}
	}
}

// embolden thickens upright strokes by about half a Fyne unit. Themes have no
// bold monospaced face (Fyne's draws the same as plain, its test theme none at
// all), and a made one cannot have another width.
func (g *glyph) embolden(height int, scale float32) {
	for n := max(1, int(scale/2+0.5)); n > 0; n-- {
		for y := range height {
			row := g.alpha[y*g.width : (y+1)*g.width]
			for x := len(row) - 1; x > 0; x-- {
				row[x] = uint8(min(255, int(row[x])+int(row[x-1])*6/10))
			}
		}
	}
}
