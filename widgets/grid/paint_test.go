package grid

import (
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

func TestEveryTextColourCanBeReadOnEveryBackground(t *testing.T) {
	test.NewTempApp(t)
	text := []Colour{Default, Foreground, Muted, In, Out, Accent, Success, Error, Warning}
	behind := []Colour{Background, Stripe, Header, Selection, CursorRow, Match}
	for name, variant := range map[string]fyne.ThemeVariant{"light": theme.VariantLight, "dark": theme.VariantDark} {
		p := newPalette(theme.DefaultTheme(), variant)
		for _, fg := range text {
			for _, bg := range behind {
				if c := contrast(p[fg], p[bg]); c < 4.5 {
					t.Errorf("%s: colour %d on %d has a contrast of %.2f", name, fg, bg, c)
				}
			}
		}
		if c := contrast(p[CursorText], p[Cursor]); c < 4.5 {
			t.Errorf("%s: text on the cursor has a contrast of %.2f", name, c)
		}
		if d := math.Abs(luminance(p[In]) - luminance(p[Out])); p[In] == p[Out] || (p[In].b > p[In].r) == (p[Out].b > p[Out].r) {
			t.Errorf("%s: in %v and out %v are alike (luminance differs by %.2f)", name, p[In], p[Out], d)
		}
	}
}

func TestUndrawableRunesNeverReachTheFont(t *testing.T) {
	for r, want := range map[rune]bool{
		'a': true, ' ': true, 'é': true, '←': true, '漢': true, '·': true,
		0: false, '\n': false, 0x7f: false, 0x85: false, '\u00ad': false, '\u200b': false, '\u202e': false, '\u2066': false,
		'\ufeff': false, '\u0301': false, '\ue000': false, 0x10ffff: false, 0xd800: false, -1: false, math.MaxInt32: false,
	} {
		if got := drawable(r); got != want {
			t.Errorf("drawable(%U) is %v", r, got)
		}
	}
	g, _ := shown(t, &hostile{}, 1, 400, 100)
	for k := range g.atlas.glyphs {
		if !drawable(k.r) {
			t.Errorf("%U is in the atlas", k.r)
		}
	}
	for r := range 0x20 {
		if g.atlas.ascii[0][r] != nil {
			t.Errorf("%U is in the atlas", r)
		}
	}
}

type hostile struct{}

func (hostile) Rows() int64 { return 2 }
func (hostile) Row(n int64, cells []Cell) []Cell {
	for _, r := range []rune{'a', 0, 1, 0x1b, 0x202e, 0xfffe, -5, 0x110000, 0xd800, 'b'} {
		cells = append(cells, Cell{Rune: r, Fg: 200, Bg: 201})
	}
	return cells
}

func TestWideRunesTakeTwoCells(t *testing.T) {
	cells := AppendText(nil, "a漢b", Cell{Fg: In})
	if len(cells) != 4 || cells[1].Rune != '漢' || cells[2].Rune != 0 || cells[2].Fg != In || cells[3].Rune != 'b' {
		t.Errorf("got %+v", cells)
	}
	if got := Pad(cells, 2, Cell{}); len(got) != 2 || got[1].Rune != ' ' {
		t.Errorf("a wide rune cut in half became %+v", got)
	}
	if got := Pad([]Cell{{Rune: 'x'}}, 3, Cell{Fg: Out}); len(got) != 3 || got[2] != (Cell{Rune: ' ', Fg: Out}) {
		t.Errorf("padded to %+v", got)
	}
	g, _ := shown(t, &hostile{}, 1, 400, 100)
	if gl := g.atlas.glyph('漢', false); gl.width != 2*g.metrics.cw {
		t.Errorf("its glyph is %d pixels wide", gl.width)
	}
}

func TestTheAtlasIsBounded(t *testing.T) {
	g, _ := shown(t, &hostile{}, 1, 400, 100)
	g.atlas.glyphs = make(map[glyphKey]*glyph)
	blank := &glyph{}
	for i := range atlasLimit {
		g.atlas.glyphs[glyphKey{rune(0x20000 + i), false}] = blank
	}
	if gl := g.atlas.glyph('é', false); gl == nil || len(g.atlas.glyphs) != 1 {
		t.Errorf("%d glyphs are kept", len(g.atlas.glyphs))
	}
}

func TestBoldIsBolder(t *testing.T) {
	g, _ := shown(t, &hostile{}, 1, 400, 100)
	ink := func(gl *glyph) (n int) {
		for _, a := range gl.alpha {
			n += int(a)
		}
		return n
	}
	if plain, bold := ink(g.atlas.glyph('x', false)), ink(g.atlas.glyph('x', true)); plain == 0 || bold <= plain {
		t.Errorf("plain has %d, bold %d", plain, bold)
	}
}

func TestMulDivIsExact(t *testing.T) {
	for _, c := range []struct{ a, b, c, want int64 }{
		{1 << 56, 1 << 20, 1 << 20, 1 << 56}, {1 << 56, 0, 7, 0}, {1<<56 - 1, 1, 2, 1 << 55}, {10, 1, 3, 3}, {11, 1, 3, 4},
		{math.MaxInt64, 3, 3, math.MaxInt64},
	} {
		if got := mulDiv(c.a, c.b, c.c); got != c.want {
			t.Errorf("%d*%d/%d = %d, want %d", c.a, c.b, c.c, got, c.want)
		}
	}
}

func TestBlendReachesBothEnds(t *testing.T) {
	for d := range 256 {
		if got := blend(uint8(d), 77, 0); got != uint8(d) {
			t.Fatalf("nothing of the colour changed %d to %d", d, got)
		}
		if got := blend(uint8(d), 77, 255); got != 77 {
			t.Fatalf("all of the colour on %d gives %d", d, got)
		}
	}
}

func TestAGlyphAsWideAsItsCellIsNotCutOff(t *testing.T) {
	test.NewTempApp(t)
	for _, scale := range []float32{1, 1.25, 1.5, 2} {
		for _, size := range []float32{12, 13, 14} {
			cell := fyne.MeasureText("M", size, fyne.TextStyle{Monospace: true})
			m := metrics{scale: scale, textSize: size, cw: round(cell.Width * scale), ch: round(cell.Height * scale)}
			a := atlas{m: m}
			gl := a.glyph('○', false) // a ring that fills its cell
			left, right := 0, 0       // how much of the outermost pixels is covered
			for y := range m.ch {
				left = max(left, int(gl.alpha[y*gl.width]))
				right = max(right, int(gl.alpha[(y+1)*gl.width-1]))
			}
			if left == 0 || right == 0 {
				t.Errorf("scale %v, size %v: the edges cover %d and %d", scale, size, left, right)
			}
		}
	}
}
