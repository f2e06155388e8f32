package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// startLink is one line of a list of recent things.
type startLink struct {
	widget.BaseWidget
	link             StartLink
	back             *canvas.Rectangle
	label, detail    *ink
	hovered, focused bool
}

var (
	_ fyne.Tappable      = (*startLink)(nil)
	_ fyne.Focusable     = (*startLink)(nil)
	_ fyne.Accessible    = (*startLink)(nil)
	_ desktop.Hoverable  = (*startLink)(nil)
	_ desktop.Cursorable = (*startLink)(nil)
)

func newStartLink(link StartLink) *startLink {
	l := &startLink{
		link:   link,
		back:   canvas.NewRectangle(color.Transparent),
		label:  newInk("", theme.ColorNameHyperlink, theme.SizeNameText, false),
		detail: newInk("", theme.ColorNamePlaceHolder, theme.SizeNameText, false),
	}
	l.ExtendBaseWidget(l)
	return l
}

func (l *startLink) Tapped(*fyne.PointEvent)                { call(l.link.Run) }
func (l *startLink) MouseIn(*desktop.MouseEvent)            { l.hovered = true; l.Refresh() }
func (l *startLink) MouseMoved(*desktop.MouseEvent)         {}
func (l *startLink) MouseOut()                              { l.hovered = false; l.Refresh() }
func (l *startLink) FocusGained()                           { l.focused = true; l.Refresh() }
func (l *startLink) FocusLost()                             { l.focused = false; l.Refresh() }
func (l *startLink) TypedRune(rune)                         {}
func (l *startLink) Cursor() desktop.Cursor                 { return desktop.PointerCursor }
func (l *startLink) AccessibilityLabel() string             { return l.link.Label }
func (l *startLink) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleLink }

// TypedKey opens the link with Space or Enter.
func (l *startLink) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		call(l.link.Run)
	default:
		HandOn(l, k)
	}
}

func (l *startLink) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{l.back, l.label.Text, l.detail.Text}
	arrange := func(size fyne.Size) {
		pad := theme.SizeForWidget(theme.SizeNameInnerPadding, l)
		// The words stand at the edge of the column; the background that shows under the pointer goes beyond it.
		l.back.Move(fyne.NewPos(-pad, 0))
		l.back.Resize(fyne.NewSize(size.Width+2*pad, size.Height))
		l.detail.say(fitText(plainText(l.link.Detail, 80, false), size.Width/2-pad, l.detail.TextSize, l.detail.TextStyle))
		d := l.detail.MinSize()
		right := size.Width
		l.detail.Move(fyne.NewPos(right-d.Width, (size.Height-d.Height)/2))
		l.detail.Resize(d)
		if l.link.Detail != "" {
			right -= d.Width + pad
		}
		l.label.say(fitText(plainText(l.link.Label, 300, false), right, l.label.TextSize, l.label.TextStyle))
		s := l.label.MinSize()
		l.label.Move(fyne.NewPos(0, (size.Height-s.Height)/2))
		l.label.Resize(s)
	}
	refresh := func() {
		l.label.dress(l)
		l.detail.dress(l)
		l.back.CornerRadius = theme.SizeForWidget(theme.SizeNameInputRadius, l)
		l.back.FillColor = color.Transparent
		l.back.StrokeWidth = 0
		if l.hovered || l.focused {
			l.back.FillColor = theme.ColorForWidget(theme.ColorNameHover, l)
		}
		if l.focused {
			l.back.StrokeColor = theme.ColorForWidget(theme.ColorNamePrimary, l)
			l.back.StrokeWidth = 2
		}
		arrange(l.Size())
		for _, o := range objects {
			o.Refresh()
		}
	}
	refresh()
	return &faceRenderer{objects: objects, layout: arrange, refresh: refresh, minSize: func() fyne.Size {
		return fyne.NewSize(200, l.label.MinSize().Height+2*theme.SizeForWidget(theme.SizeNamePadding, l))
	}}
}

// centred keeps one object to a readable width in the middle, and in the upper third when there is height to spare.
type centred struct{}

func (centred) width(size fyne.Size) float32 {
	return max(min(startWidth, size.Width-6*theme.InnerPadding()), 0)
}

func (centred) MinSize(o []fyne.CanvasObject) fyne.Size {
	s := o[0].MinSize()
	return fyne.NewSize(s.Width, s.Height+4*theme.InnerPadding())
}

func (c centred) Layout(o []fyne.CanvasObject, size fyne.Size) {
	w := c.width(size)
	o[0].Resize(fyne.NewSize(w, o[0].Size().Height)) // for the height at this width
	h := o[0].MinSize().Height
	top := max((size.Height-h)/3, 2*theme.InnerPadding())
	o[0].Move(fyne.NewPos((size.Width-w)/2, top))
	o[0].Resize(fyne.NewSize(w, h))
}

// stackColumn sets objects under each other, all as wide as itself.
type stackColumn struct{ gap float32 }

func (c stackColumn) space() float32 {
	if c.gap > 0 {
		return c.gap
	}
	return 2.5 * theme.InnerPadding()
}

func (c stackColumn) MinSize(o []fyne.CanvasObject) (s fyne.Size) {
	for i, obj := range o {
		m := obj.MinSize()
		s.Width = max(s.Width, m.Width)
		s.Height += m.Height
		if i > 0 {
			s.Height += c.space()
		}
	}
	return s
}

func (c stackColumn) Layout(o []fyne.CanvasObject, size fyne.Size) {
	var y float32
	for _, obj := range o {
		obj.Move(fyne.NewPos(0, y))
		obj.Resize(fyne.NewSize(size.Width, obj.Size().Height)) // wrapping text has its height after its width
		h := obj.MinSize().Height
		obj.Resize(fyne.NewSize(size.Width, h))
		y += h + c.space()
	}
}

// tight sets labels and what belongs to them under each other without the room labels have around them.
type tight struct{}

func (tight) MinSize(o []fyne.CanvasObject) (s fyne.Size) {
	for i, obj := range o {
		m := obj.MinSize()
		s.Width = max(s.Width, m.Width)
		s.Height += m.Height
		if i > 0 {
			s.Height -= theme.Padding()
		}
	}
	return s
}

func (tight) Layout(o []fyne.CanvasObject, size fyne.Size) {
	var y float32
	inner := theme.InnerPadding()
	for _, obj := range o {
		x, w := float32(0), size.Width
		switch obj.(type) {
		case *widget.Label, *widget.RichText:
			x, w = -inner, size.Width+2*inner // the words, not their room, stand at the edge
		}
		obj.Move(fyne.NewPos(x, y))
		obj.Resize(fyne.NewSize(w, obj.Size().Height))
		h := obj.MinSize().Height
		obj.Resize(fyne.NewSize(w, h))
		y += h - theme.Padding()
	}
}

// pairs sets objects in two columns of equal width, or in one where there is no room for two.
type pairs struct{ width float32 }

func (p *pairs) arrange(o []fyne.CanvasObject, width float32, place bool) fyne.Size {
	gap := 2 * theme.InnerPadding()
	n := 2
	if width < 560 {
		n = 1
	}
	w := (width - gap*float32(n-1)) / float32(n)
	var y, least float32
	for i := 0; i < len(o); i += n {
		row := o[i:min(i+n, len(o))]
		var h float32
		for _, obj := range row {
			m := obj.MinSize()
			h = max(h, m.Height)
			least = max(least, m.Width)
		}
		for j, obj := range row {
			if place {
				obj.Move(fyne.NewPos(float32(j)*(w+gap), y))
				obj.Resize(fyne.NewSize(w, h))
			}
		}
		y += h + gap
	}
	return fyne.NewSize(least, max(y-gap, 0))
}

func (p *pairs) MinSize(o []fyne.CanvasObject) fyne.Size { return p.arrange(o, p.width, false) }

func (p *pairs) Layout(o []fyne.CanvasObject, size fyne.Size) {
	p.width = size.Width
	p.arrange(o, size.Width, true)
}
