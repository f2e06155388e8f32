package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"wirebench/widgets/words"
)

// StatusState is what a badge shows: a shape, a word and a colour, so that none of them is needed alone.
type StatusState uint8

const (
	StatusIdle StatusState = iota
	StatusOpening
	StatusOpen
	StatusBound // a datagram socket
	StatusListening
	StatusNotListening // its clients are still there
	StatusHalfClosed
	StatusClosing
	StatusClosed
	StatusFailed
)

// String returns the word of the badge.
func (s StatusState) String() string { return words.Say(s.look().word) }

// StatusIcon returns the shape of the badge in its colour, for a tab or a list. It follows the theme.
func StatusIcon(s StatusState) fyne.Resource {
	l := s.look()
	return theme.NewColoredResource(l.shape, l.colour)
}

type badge struct {
	word   words.Text
	shape  *fyne.StaticResource
	colour fyne.ThemeColorName
}

var badges = [...]badge{
	StatusIdle:         {"Idle // never opened", shapeRing, theme.ColorNamePlaceHolder},
	StatusOpening:      {"Opening // of a connection", shapeDots, theme.ColorNameWarning},
	StatusOpen:         {"Open // of a connection", shapeDisc, theme.ColorNameSuccess},
	StatusBound:        {"Bound // of a UDP socket", shapeDiamond, theme.ColorNameSuccess},
	StatusListening:    {"Listening // of a server", shapeTarget, theme.ColorNameSuccess},
	StatusNotListening: {"Not listening // of a server", shapeBarred, theme.ColorNameWarning},
	StatusHalfClosed:   {"Half-closed // of a connection", shapeHalf, theme.ColorNameWarning},
	StatusClosing:      {"Closing // of a connection", shapeDots, theme.ColorNameWarning},
	StatusClosed:       {"Closed // of a connection", shapeRing, theme.ColorNameForeground},
	StatusFailed:       {"Failed // of a connection", shapeCross, theme.ColorNameError},
}

func (s StatusState) look() badge {
	if int(s) < len(badges) {
		return badges[s]
	}
	return badges[StatusIdle]
}

func shape(name, body string) *fyne.StaticResource {
	return fyne.NewStaticResource("status-"+name+".svg",
		[]byte(`<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24">`+body+`</svg>`)) // not said
}

// Only fills take the colour of the theme, so the outlines are filled paths with holes.
var (
	shapeRing    = shape("ring", `<path fill="#000" d="M12 3A9 9 0 1 0 12 21A9 9 0 1 0 12 3ZM12 5.5A6.5 6.5 0 1 1 12 18.5A6.5 6.5 0 1 1 12 5.5Z"/>`) // not said
	shapeDisc    = shape("disc", `<path fill="#000" d="M12 3A9 9 0 1 0 12 21A9 9 0 1 0 12 3Z"/>`)                                                    // not said
	shapeDiamond = shape("diamond", `<path fill="#000" d="M12 2.2L21.8 12L12 21.8L2.2 12Z"/>`)                                                       // not said
	// shapeTarget is a ring around a disc.
	shapeTarget = shape("target", `<path fill="#000" d="M12 3A9 9 0 1 0 12 21A9 9 0 1 0 12 3ZM12 5.5A6.5 6.5 0 1 1 12 18.5A6.5 6.5 0 1 1 12 5.5Z"/><circle fill="#000" cx="12" cy="12" r="3.6"/>`) // not said
	// shapeBarred is a ring around a bar.
	shapeBarred = shape("barred", `<path fill="#000" d="M12 3A9 9 0 1 0 12 21A9 9 0 1 0 12 3ZM12 5.5A6.5 6.5 0 1 1 12 18.5A6.5 6.5 0 1 1 12 5.5Z"/><path fill="#000" d="M7.5 10.7H16.5V13.3H7.5Z"/>`) // not said
	shapeHalf   = shape("half", `<path fill="#000" d="M12 3A9 9 0 1 0 12 21A9 9 0 1 0 12 3ZM12 5.5A6.5 6.5 0 0 1 12 18.5Z"/>`)                                                                        // not said
	shapeCross  = shape("cross", `<path fill="#000" d="M5.6 3.5L12 9.9L18.4 3.5L20.5 5.6L14.1 12L20.5 18.4L18.4 20.5L12 14.1L5.6 20.5L3.5 18.4L9.9 12L3.5 5.6Z"/>`)                                   // not said
	shapeDots   = shape("dots", `<circle fill="#000" cx="12" cy="4.5" r="2"/><circle fill="#000" cx="17.3" cy="6.7" r="2"/>`+                                                                         // not said
		`<circle fill="#000" cx="19.5" cy="12" r="2"/><circle fill="#000" cx="17.3" cy="17.3" r="2"/>`+ // not said
		`<circle fill="#000" cx="12" cy="19.5" r="2"/><circle fill="#000" cx="6.7" cy="17.3" r="2"/>`+ // not said
		`<circle fill="#000" cx="4.5" cy="12" r="2"/><circle fill="#000" cx="6.7" cy="6.7" r="2"/>`) // not said
)

// hue is a colour that themes do not have, for light and for dark backgrounds.
type hue struct{ light, dark color.NRGBA }

// The same hues as in the traffic grid, so that a direction looks the same everywhere.
var (
	hueIn      = hue{color.NRGBA{0x00, 0x55, 0xb3, 0xff}, color.NRGBA{0x79, 0xb8, 0xff, 0xff}}
	hueOut     = hue{color.NRGBA{0xa3, 0x41, 0x00, 0xff}, color.NRGBA{0xff, 0xa6, 0x57, 0xff}}
	hueWarning = hue{color.NRGBA{0x80, 0x59, 0x00, 0xff}, color.NRGBA{0xe8, 0xc1, 0x4e, 0xff}}
)

// on returns the variant that can be read on the background of w's theme.
func (h hue) on(w fyne.Widget) color.NRGBA {
	r, g, b, _ := theme.ColorForWidget(theme.ColorNameBackground, w).RGBA()
	if 299*r+587*g+114*b < 1000*0x8000 {
		return h.dark
	}
	return h.light
}
