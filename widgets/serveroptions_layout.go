package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// ruleColumns sets the eight parts of a rule side by side: the fields for pattern and reply share what the others
// leave. The captions over the rows have the same columns.
type ruleColumns struct{ list *ruleList }

var _ fyne.Layout = (*ruleColumns)(nil)

const (
	delayWidth    = 80
	leastRuleText = 110 // width of a pattern or a reply
	elasticFrom   = 2   // the columns of pattern and reply
	elasticTo     = 3
)

// widths returns the columns' widths and the gap between two; for a width of 0, the least.
func (r *ruleColumns) widths(width float32) (columns [8]float32, gap float32) {
	s := r.list.sample
	b := s.up.MinSize().Width
	columns = [8]float32{s.on.MinSize().Width, selectWidth(s.match), 0, 0, delayWidth, b, b, b}
	gap = theme.Padding()
	left := width - gap*7 - theme.SizeForWidget(theme.SizeNameScrollBar, r.list) // which may lie over the right end
	for _, c := range columns {
		left -= c
	}
	columns[elasticFrom] = max(left/2, leastRuleText)
	columns[elasticTo] = columns[elasticFrom]
	return columns, gap
}

func (r *ruleColumns) MinSize(objects []fyne.CanvasObject) (least fyne.Size) {
	columns, gap := r.widths(0)
	for i, o := range objects {
		least.Width += columns[i] + gap
		least.Height = max(least.Height, o.MinSize().Height)
	}
	least.Width += theme.SizeForWidget(theme.SizeNameScrollBar, r.list) - gap
	return least
}

func (r *ruleColumns) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	columns, gap := r.widths(size.Width)
	x := float32(0)
	for i, o := range objects {
		o.Move(fyne.NewPos(x, 0))
		o.Resize(fyne.NewSize(columns[i], size.Height))
		x += columns[i] + gap
	}
}

// ruleRows sets rows under each other and hides those that are far out of the scroller's sight: a window draws all that
// is not hidden, and finds fields in it with the mouse even where a scroller cuts them off. The rows next to those in
// sight stay, for the Tab key to reach.
type ruleRows struct{ scroll *container.Scroll }

var _ fyne.Layout = (*ruleRows)(nil)

func (r *ruleRows) MinSize(rows []fyne.CanvasObject) (least fyne.Size) {
	for i, o := range rows {
		s := o.MinSize()
		least.Width = max(least.Width, s.Width)
		least.Height += s.Height
		if i > 0 {
			least.Height += theme.Padding()
		}
	}
	return least
}

func (r *ruleRows) Layout(rows []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	for _, o := range rows {
		h := o.MinSize().Height
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, h))
		y += h + theme.Padding()
	}
	r.cull(rows)
}

// cull hides the rows out of sight. The offset may be one for more rows than there are now: the scroller corrects that
// later, and tells nobody.
func (r *ruleRows) cull(rows []fyne.CanvasObject) {
	if len(rows) == 0 {
		return
	}
	sight, last := max(r.scroll.Size().Height, rulesShown), rows[len(rows)-1]
	offset := max(0, min(r.scroll.Offset.Y, last.Position().Y+last.Size().Height-sight))
	for _, o := range rows {
		y, h := o.Position().Y-offset, o.Size().Height
		near := y > -2*h && y < sight+h
		if near != o.Visible() {
			if near {
				o.Show()
			} else {
				o.Hide()
			}
		}
	}
}

// tucked cuts the padding that labels have above and below their text.
type tucked struct{}

func (t *tucked) cut() float32 { return theme.InnerPadding() - 1 }

func (t *tucked) MinSize(o []fyne.CanvasObject) fyne.Size {
	return o[0].MinSize().SubtractWidthHeight(0, 2*t.cut())
}

func (t *tucked) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Move(fyne.NewPos(0, -t.cut()))
	o[0].Resize(size.AddWidthHeight(0, 2*t.cut()))
}

// capped gives a scroller the height of its content up to a limit, and lays the other objects over it.
type capped struct{ height float32 }

func (c *capped) MinSize(o []fyne.CanvasObject) fyne.Size {
	content := o[0].(*container.Scroll).Content.MinSize()
	return fyne.NewSize(content.Width, min(content.Height, c.height))
}

func (c *capped) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Move(fyne.Position{})
		o.Resize(size)
	}
}

// wheelCover lies over a scroller and gives it the mouse wheel, which the fields in it would keep to themselves. It
// lets everything else through.
type wheelCover struct {
	widget.BaseWidget
	to *container.Scroll
}

var _ fyne.Scrollable = (*wheelCover)(nil)

func newWheelCover(to *container.Scroll) *wheelCover {
	w := &wheelCover{to: to}
	w.ExtendBaseWidget(w)
	return w
}

// Scrolled is part of fyne.Scrollable.
func (w *wheelCover) Scrolled(e *fyne.ScrollEvent) { w.to.Scrolled(e) }

// CreateRenderer is part of fyne.Widget.
func (w *wheelCover) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewWithoutLayout())
}
