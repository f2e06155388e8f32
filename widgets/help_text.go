package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// helpText is rich text whose links hand Escape and the function keys on to the window, which Fyne's own keep. It puts
// links of its own in the place of Fyne's, where and as those would be.
type helpText struct{ widget.RichText }

func newHelpText(segments []widget.RichTextSegment) *helpText {
	t := &helpText{}
	t.Segments, t.Wrapping, t.Scroll = segments, fyne.TextWrapWord, container.ScrollNone
	t.ExtendBaseWidget(t)
	return t
}

// CreateRenderer is part of fyne.Widget.
func (t *helpText) CreateRenderer() fyne.WidgetRenderer {
	r := &helpTextRenderer{WidgetRenderer: t.RichText.CreateRenderer()}
	r.replace()
	return r
}

// handingLink is a link in a text. See [HandOn].
type handingLink struct{ widget.Hyperlink }

var _ fyne.Focusable = (*handingLink)(nil)

// TypedKey is part of fyne.Focusable.
func (l *handingLink) TypedKey(k *fyne.KeyEvent) {
	if !HandOn(l, k) {
		l.Hyperlink.TypedKey(k)
	}
}

// helpTextRenderer is Fyne's with other links.
type helpTextRenderer struct {
	fyne.WidgetRenderer
	links   []*fyne.Container // with one link each, in their order: Fyne's are made anew now and then, and lose the keyboard
	objects []fyne.CanvasObject
}

// replace takes over what Fyne's renderer has now.
func (r *helpTextRenderer) replace() {
	n := 0
	r.objects = r.objects[:0]
	for _, o := range r.WidgetRenderer.Objects() {
		box, ok := o.(*fyne.Container)
		if !ok || len(box.Objects) != 1 {
			r.objects = append(r.objects, o)
			continue
		}
		from, ok := box.Objects[0].(*widget.Hyperlink)
		if !ok {
			r.objects = append(r.objects, o)
			continue
		}
		if n == len(r.links) {
			l := &handingLink{}
			l.ExtendBaseWidget(l)
			r.links = append(r.links, &fyne.Container{Layout: box.Layout, Objects: []fyne.CanvasObject{l}})
		}
		ours := r.links[n]
		n++
		l := ours.Objects[0].(*handingLink)
		l.URL, l.Alignment, l.TextStyle, l.SizeName, l.OnTapped = from.URL, from.Alignment, from.TextStyle, from.SizeName, from.OnTapped
		l.SetText(from.Text)
		ours.Move(box.Position())
		ours.Resize(box.Size())
		r.objects = append(r.objects, ours)
	}
	r.links = r.links[:n]
}

// Layout is part of fyne.WidgetRenderer.
func (r *helpTextRenderer) Layout(size fyne.Size) {
	r.WidgetRenderer.Layout(size)
	r.replace()
}

// Refresh is part of fyne.WidgetRenderer.
func (r *helpTextRenderer) Refresh() {
	r.WidgetRenderer.Refresh()
	r.replace()
}

// Objects is part of fyne.WidgetRenderer.
func (r *helpTextRenderer) Objects() []fyne.CanvasObject { return r.objects }
