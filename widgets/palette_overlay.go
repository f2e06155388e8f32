package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// overlayPanel is a raised panel over everything else in the window; a tap beside it dismisses it. Fyne's PopUp
// does not tell its owner that it went, and does not follow the window's size; this does both.
type overlayPanel struct {
	widget.BaseWidget

	content fyne.CanvasObject
	// place returns where the panel goes on a canvas of the given size.
	place func(fyne.Size) (fyne.Position, fyne.Size)
	// onDismiss is called once each time the panel goes, whatever the reason.
	onDismiss func()

	on   fyne.Canvas // nil while hidden
	gone bool        // it is being taken away
	back *canvas.Rectangle
}

var (
	_ fyne.Tappable          = (*overlayPanel)(nil)
	_ fyne.SecondaryTappable = (*overlayPanel)(nil)
	_ desktop.Hoverable      = (*overlayPanel)(nil)
)

func newOverlayPanel(content fyne.CanvasObject, place func(fyne.Size) (fyne.Position, fyne.Size)) *overlayPanel {
	p := &overlayPanel{content: content, place: place, back: canvas.NewRectangle(color.Transparent)}
	p.ExtendBaseWidget(p)
	return p
}

func (p *overlayPanel) open(c fyne.Canvas) {
	if p.on != nil || c == nil {
		return
	}
	p.on = c
	p.Resize(c.Size())
	c.Overlays().Add(p)
	p.Refresh()
}

func (p *overlayPanel) shut() {
	if p.on == nil {
		return
	}
	c := p.on
	p.on, p.gone = nil, true
	defer func() { p.gone = false }()
	c.Overlays().Remove(p)
	if p.onDismiss != nil {
		p.onDismiss()
	}
}

// opened tells whether the panel is up. Another overlay's removal may have taken it along.
func (p *overlayPanel) opened() bool {
	if p.on == nil {
		return false
	}
	for _, o := range p.on.Overlays().List() {
		if o == fyne.CanvasObject(p) {
			return true
		}
	}
	p.on = nil
	return false
}

// busy tells whether the panel is up, on its way, or about to hand the keyboard back. Unlike opened it may be asked
// while the keyboard moves.
func (p *overlayPanel) busy() bool { return p.on != nil || p.gone }

// Tapped dismisses the panel: taps on the panel itself go to its content.
func (p *overlayPanel) Tapped(e *fyne.PointEvent) {
	if !p.holds(e.Position) {
		p.shut()
	}
}

// TappedSecondary does as Tapped.
func (p *overlayPanel) TappedSecondary(e *fyne.PointEvent) { p.Tapped(e) }

// MouseIn, MouseMoved and MouseOut keep the pointer from lighting up what lies below.
func (p *overlayPanel) MouseIn(*desktop.MouseEvent)    {}
func (p *overlayPanel) MouseMoved(*desktop.MouseEvent) {}
func (p *overlayPanel) MouseOut()                      {}

func (p *overlayPanel) holds(at fyne.Position) bool {
	pos, size := p.place(p.Size())
	return at.X >= pos.X && at.Y >= pos.Y && at.X < pos.X+size.Width && at.Y < pos.Y+size.Height
}

func (p *overlayPanel) CreateRenderer() fyne.WidgetRenderer {
	arrange := func(size fyne.Size) {
		pos, panel := p.place(size)
		p.back.Move(pos)
		p.back.Resize(panel)
		p.content.Move(pos)
		p.content.Resize(panel)
	}
	refresh := func() {
		p.back.FillColor = theme.ColorForWidget(theme.ColorNameOverlayBackground, p)
		p.back.StrokeColor = theme.ColorForWidget(theme.ColorNameSeparator, p)
		p.back.StrokeWidth = 1
		p.back.CornerRadius = theme.SizeForWidget(theme.SizeNamePopupRadius, p)
		p.back.Shadow = canvas.Shadow{Color: theme.ColorForWidget(theme.ColorNameShadow, p), BlurRadius: 16, Offset: fyne.NewPos(0, 4)}
		arrange(p.Size())
		p.back.Refresh()
		p.content.Refresh()
	}
	refresh()
	return &faceRenderer{
		objects: []fyne.CanvasObject{p.back, p.content},
		layout:  arrange,
		minSize: func() fyne.Size { return fyne.Size{} },
		refresh: refresh,
	}
}
