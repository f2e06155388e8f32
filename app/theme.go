package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// appearance is the person's choice of theme.
type appearance string

const (
	followSystem appearance = ""
	lightTheme   appearance = "light"
	darkTheme    appearance = "dark"
)

// Text sizes a person can choose between, in Fyne's device-independent units.
const (
	minTextSize     = 10
	defaultTextSize = 13
	maxTextSize     = 24
)

// look is Fyne's theme made denser: a workbench shows much at once.
type look struct {
	fyne.Theme
	variant  appearance
	textSize float32
}

var _ fyne.Theme = (*look)(nil)

// These are around fields and boxes; of a box without a tick, the defaults would
// leave nothing to be seen.
var (
	lightBorder = color.NRGBA{0x9a, 0x9a, 0x9a, 0xff}
	darkBorder  = color.NRGBA{0x6a, 0x6a, 0x70, 0xff}
)

func newLook(variant appearance, textSize float32) *look {
	return &look{Theme: theme.DefaultTheme(), variant: variant, textSize: textSize}
}

// Color implements [fyne.Theme]; it lets a forced theme overrule the system's.
func (l *look) Color(name fyne.ThemeColorName, system fyne.ThemeVariant) color.Color {
	switch l.variant {
	case lightTheme:
		system = theme.VariantLight
	case darkTheme:
		system = theme.VariantDark
	}
	switch {
	case name == theme.ColorNameDisabled:
		// The default is too faint to read what a disabled item would do.
		name = theme.ColorNamePlaceHolder
	case name == theme.ColorNameInputBorder && system == theme.VariantLight:
		return lightBorder
	case name == theme.ColorNameInputBorder:
		return darkBorder
	}
	return l.Theme.Color(name, system)
}

// Size implements [fyne.Theme].
func (l *look) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case theme.SizeNameText:
		return l.textSize
	case theme.SizeNameCaptionText:
		return l.textSize - 2
	case theme.SizeNameSubHeadingText:
		return l.textSize + 3
	case theme.SizeNameHeadingText:
		return l.textSize + 9
	case theme.SizeNamePadding:
		return 3
	case theme.SizeNameInnerPadding:
		return 6
	case theme.SizeNameInlineIcon:
		return l.textSize + 4
	case theme.SizeNameModalBlurRadius:
		// What lies under a dialog is drawn in each frame. To blur all of it too takes several times as long as all
		// the rest where no graphics card does it, and with each key that is typed into the dialog.
		return 0
	case theme.SizeNameScrollBar:
		return 12
	case theme.SizeNameScrollBarSmall:
		return 4
	}
	return l.Theme.Size(name)
}
