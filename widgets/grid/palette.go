package grid

import (
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// rgb is an opaque colour.
type rgb struct{ r, g, b uint8 }

// palette is what the colours look like in the present theme.
type palette [colours]rgb

// Contrast that every text colour has against every background (WCAG 2, AA).
const textContrast = 4.5

// hues are the colours a theme does not have, for light and for dark
// backgrounds. In and out are the blue and the vermilion of Okabe and Ito's
// palette for the colour-blind, made darker or lighter to be read as text.
var hues = [2]struct{ in, out, success, error, warning, match rgb }{
	{
		in: rgb{0x00, 0x55, 0xb3}, out: rgb{0xa3, 0x41, 0x00}, success: rgb{0x1b, 0x6e, 0x2c},
		error: rgb{0xb4, 0x1f, 0x1f}, warning: rgb{0x80, 0x59, 0x00}, match: rgb{0xff, 0xd2, 0x3f},
	},
	{
		in: rgb{0x79, 0xb8, 0xff}, out: rgb{0xff, 0xa6, 0x57}, success: rgb{0x6f, 0xd6, 0x82},
		error: rgb{0xff, 0x8f, 0x86}, warning: rgb{0xe8, 0xc1, 0x4e}, match: rgb{0xa0, 0x78, 0x00},
	},
}

// newPalette makes the palette from the theme's own colours, and moves text
// colours towards black or white where a theme would make them unreadable.
func newPalette(th fyne.Theme, v fyne.ThemeVariant) palette {
	bg := opaque(th.Color(theme.ColorNameBackground, v), rgb{})
	fg := opaque(th.Color(theme.ColorNameForeground, v), bg)
	primary := opaque(th.Color(theme.ColorNamePrimary, v), bg)
	h := hues[0]
	if luminance(bg) < 0.2 {
		h = hues[1]
	}

	var p palette
	p[Background] = bg
	p[Stripe] = mix(bg, fg, 0.045)
	p[Header] = mix(bg, fg, 0.08)
	p[Selection] = mix(bg, primary, 0.24)
	p[CursorRow] = mix(bg, primary, 0.14)
	p[Match] = mix(bg, h.match, 0.40)
	behind := []rgb{bg, p[Stripe], p[Header], p[Selection], p[CursorRow], p[Match]}

	p[Foreground] = readable(fg, behind)
	p[Default] = p[Foreground]
	p[Muted] = readable(mix(bg, fg, 0.55), behind)
	p[In] = readable(h.in, behind)
	p[Out] = readable(h.out, behind)
	p[Success] = readable(h.success, behind)
	p[Error] = readable(h.error, behind)
	p[Warning] = readable(h.warning, behind)
	p[Accent] = readable(primary, behind)
	p[Cursor] = p[Accent]
	p[CursorText] = readable(bg, []rgb{p[Cursor]})
	p[Line] = mix(bg, fg, 0.35)
	return p
}

// opaque is c as painted over under.
func opaque(c color.Color, under rgb) rgb {
	r, g, b, a := c.RGBA() // premultiplied
	over := func(c uint32, u uint8) uint8 {
		return uint8((c + uint32(u)*0x101*(0xffff-a)/0xffff) >> 8)
	}
	return rgb{over(r, under.r), over(g, under.g), over(b, under.b)}
}

// mix is a with a share of b.
func mix(a, b rgb, share float64) rgb {
	m := func(a, b uint8) uint8 { return uint8(math.Round(float64(a)*(1-share) + float64(b)*share)) }
	return rgb{m(a.r, b.r), m(a.g, b.g), m(a.b, b.b)}
}

// readable moves c towards black or white, whichever is further from the
// backgrounds, until it can be read on all of them.
func readable(c rgb, behind []rgb) rgb {
	goal := rgb{}
	if contrast(rgb{0xff, 0xff, 0xff}, behind[0]) > contrast(rgb{}, behind[0]) {
		goal = rgb{0xff, 0xff, 0xff}
	}
	for share := 0.0; share < 1; share += 0.05 {
		if m := mix(c, goal, share); lowestContrast(m, behind) >= textContrast {
			return m
		}
	}
	return goal
}

func lowestContrast(c rgb, behind []rgb) float64 {
	low := math.Inf(1)
	for _, b := range behind {
		low = min(low, contrast(c, b))
	}
	return low
}

// contrast is the ratio of WCAG 2, 1 to 21.
func contrast(a, b rgb) float64 {
	la, lb := luminance(a), luminance(b)
	if la < lb {
		la, lb = lb, la
	}
	return (la + 0.05) / (lb + 0.05)
}

// luminance is the relative luminance of WCAG 2, 0 to 1.
func luminance(c rgb) float64 {
	lin := func(v uint8) float64 {
		f := float64(v) / 255
		if f <= 0.04045 {
			return f / 12.92
		}
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	return 0.2126*lin(c.r) + 0.7152*lin(c.g) + 0.0722*lin(c.b)
}
