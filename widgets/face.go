package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// faceRenderer draws a widget that is made of other objects. Like every renderer it holds no state: Fyne destroys
// the renderers of hidden tabs and asks for new ones.
type faceRenderer struct {
	objects []fyne.CanvasObject
	layout  func(fyne.Size)
	minSize func() fyne.Size
	refresh func() // must not call the widget's own Refresh
}

var _ fyne.WidgetRenderer = (*faceRenderer)(nil)

// newFace lays out a single root object over the whole widget.
func newFace(root fyne.CanvasObject, refresh func()) *faceRenderer {
	return &faceRenderer{
		objects: []fyne.CanvasObject{root},
		layout:  func(size fyne.Size) { root.Resize(size) },
		minSize: root.MinSize,
		refresh: func() {
			if refresh != nil {
				refresh()
			}
			root.Refresh()
		},
	}
}

func (r *faceRenderer) Layout(size fyne.Size)        { r.layout(size) }
func (r *faceRenderer) MinSize() fyne.Size           { return r.minSize() }
func (r *faceRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *faceRenderer) Destroy()                     {}

func (r *faceRenderer) Refresh() {
	if r.refresh != nil {
		r.refresh()
	}
}

// canvasOf returns the canvas an object is on, nil when it is on none.
func canvasOf(o fyne.CanvasObject) fyne.Canvas {
	if app := fyne.CurrentApp(); app != nil {
		return app.Driver().CanvasForObject(o)
	}
	return nil
}

func setVisible(o fyne.CanvasObject, on bool) {
	if o.Visible() == on {
		return
	}
	if on {
		o.Show()
	} else {
		o.Hide()
	}
}

// able enables or disables an input, if that is a change.
func able(o fyne.Disableable, on bool) {
	switch {
	case on && o.Disabled():
		o.Enable()
	case !on && !o.Disabled():
		o.Disable()
	}
}

func call(f func()) {
	if f != nil {
		f()
	}
}

// popUnder opens a menu under a button, within the window.
func popUnder(b fyne.CanvasObject, menu *fyne.Menu) {
	c := canvasOf(b)
	if c == nil {
		return
	}
	m := widget.NewPopUpMenu(menu, c)
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(b)
	x := min(at.X, c.Size().Width-m.MinSize().Width)
	m.ShowAtPosition(fyne.NewPos(max(x, 0), at.Y+b.Size().Height))
}

// put changes a text object only as far as it differs, since each new string costs a texture.
func put(o *canvas.Text, text string, size float32, c color.Color, style fyne.TextStyle, pos fyne.Position) {
	if o.Text != text || o.TextSize != size || o.Color != c || o.TextStyle != style {
		o.Text, o.TextSize, o.Color, o.TextStyle = text, size, c, style
		o.Resize(o.MinSize())
		o.Refresh()
	}
	o.Move(pos)
	if !o.Visible() {
		o.Show()
	}
}

// translucent returns c at the given opacity.
func translucent(c color.Color, alpha uint8) color.Color {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	n.A = alpha
	return n
}
