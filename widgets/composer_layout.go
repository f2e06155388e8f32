package widgets

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// composerLayout puts the toolbar on one line above the field, and what is to be said about the text below it.
type composerLayout struct{ c *Composer }

var _ fyne.Layout = (*composerLayout)(nil)

// bar is the toolbar from left to right; folded, with the shorter of two buttons.
func (l *composerLayout) bar(folded bool) (left, right []fyne.CanvasObject) {
	c := l.c
	left = []fyne.CanvasObject{c.modes, c.endings, c.count}
	if c.mode == ComposeFields {
		left = []fyne.CanvasObject{c.modes, c.orders, c.add.button(folded), c.count}
	}
	right = []fyne.CanvasObject{c.recent}
	if c.OnSaved != nil {
		right = append(right, c.saved)
	}
	return left, append(right, c.file.button(folded), c.why, c.send)
}

// barMin is how much of the toolbar o takes. Fyne's list of choices asks for less than its words need, and the send
// button has room for more than its label.
func (l *composerLayout) barMin(o fyne.CanvasObject) fyne.Size {
	s := o.MinSize()
	switch o {
	case l.c.endings:
		s.Width = selectWidth(l.c.endings)
	case l.c.orders:
		s.Width = selectWidth(l.c.orders)
	case l.c.send:
		s.Width += max(0, sendLabelWidth(l.c.widest, l.c)-sendLabelWidth(l.c.send.Text, l.c))
	}
	return s
}

// sendLabelWidth is the width of a label on the send button.
func sendLabelWidth(label string, c *Composer) float32 {
	return fyne.MeasureText(label, theme.SizeForWidget(theme.SizeNameText, c), fyne.TextStyle{Bold: true}).Width
}

// roomForDigits writes each number in s with the widest digits, and with three of them at least.
func roomForDigits(s string) string {
	var b strings.Builder
	digits := 0
	for i := range len(s) + 1 {
		if i < len(s) && s[i] >= '0' && s[i] <= '9' {
			digits++
			b.WriteByte('0')
			continue
		}
		if digits > 0 && !strings.HasPrefix(s[i:], ",") {
			b.WriteString("000"[min(digits, 3):])
			digits = 0
		}
		if i < len(s) {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// barSize is the height of the toolbar and the least width it works with. What is said in it, the count and the
// reason for not sending, gets what is left, so that words never make the window wider.
func (l *composerLayout) barSize(folded bool) fyne.Size {
	left, right := l.bar(folded)
	pad := theme.SizeForWidget(theme.SizeNamePadding, l.c)
	size := fyne.NewSize(theme.SizeForWidget(theme.SizeNameText, l.c)*8, 0)
	for _, o := range append(left, right...) {
		s := l.barMin(o)
		size.Height = max(size.Height, s.Height)
		if o != l.c.count && o != l.c.why {
			size.Width += s.Width + 2*pad
		}
	}
	return size
}

// below is the least height of what stands below the field. The problem with fields stands where the caption of their
// bytes does otherwise, so that nothing moves while one is typed.
func (l *composerLayout) below() float32 {
	c := l.c
	if c.mode != ComposeFields {
		return c.problem.MinSize().Height + c.preview.MinSize().Height
	}
	height := max(c.bytes.MinSize().Height, c.problem.MinSize().Height)
	if c.preview.sending {
		height += c.preview.MinSize().Height
	}
	return height
}

func (l *composerLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	c, bar := l.c, l.barSize(true)
	pad := theme.SizeForWidget(theme.SizeNamePadding, c)
	height := bar.Height + pad + c.field.MinSize().Height + pad + l.below()
	return fyne.NewSize(bar.Width+pad, height+c.banner.MinSize().Height)
}

func (l *composerLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	c, pad := l.c, theme.SizeForWidget(theme.SizeNamePadding, l.c)
	bar := l.barSize(false)
	folded := bar.Width+pad > size.Width
	l.layBar(folded, bar.Height, size.Width)

	place := func(o fyne.CanvasObject, y, height float32) float32 {
		o.Move(fyne.NewPos(pad, y))
		o.Resize(fyne.NewSize(size.Width-2*pad, height))
		return y + height
	}
	inFields := c.mode == ComposeFields
	c.bytes.Hidden = !inFields
	c.preview.Hidden = inFields && !c.preview.sending

	y := place(c.banner, bar.Height+pad, c.banner.MinSize().Height)
	below := l.below()
	if inFields {
		// The field has the better part of what is left over.
		room := size.Height - y - pad - c.field.MinSize().Height - below
		below += max(0, min(c.bytes.needs()-c.bytes.MinSize().Height, 0.45*room))
	}
	end := max(size.Height-pad, y+below)
	y = place(c.field, y, max(end-y-below, 0))
	problem := c.problem.MinSize().Height
	if !inFields {
		y = place(c.problem, y, problem)
		place(c.preview, y+pad/2, c.preview.MinSize().Height)
		return
	}
	preview := float32(0)
	if c.preview.sending {
		preview = c.preview.MinSize().Height
	}
	y = place(c.problem, y+pad/2, problem)
	y = place(c.bytes, y, max(0, end-preview-y))
	place(c.preview, y, preview)
}

// layBar lays the toolbar out in one line.
func (l *composerLayout) layBar(folded bool, height, width float32) {
	c, pad := l.c, theme.SizeForWidget(theme.SizeNamePadding, l.c)
	left, right := l.bar(folded)
	shown := make(map[fyne.CanvasObject]bool)
	for _, o := range append(left, right...) {
		shown[o] = true
	}
	for _, o := range []fyne.CanvasObject{c.endings, c.orders, c.add.whole, c.add.folded, c.saved, c.file.whole, c.file.folded} {
		setVisible(o, shown[o])
	}
	level := func(o fyne.CanvasObject, x float32, s fyne.Size) {
		o.Move(fyne.NewPos(x, (height-s.Height)/2))
		o.Resize(s)
	}
	x := pad
	for _, o := range left[:len(left)-1] {
		level(o, x, l.barMin(o))
		x += l.barMin(o).Width + 2*pad
	}
	fixed := float32(0) // the buttons
	for _, o := range right {
		if o != c.why {
			fixed += l.barMin(o).Width + pad
		}
	}
	count := c.count.MinSize()
	count.Width = max(0, min(count.Width, width-fixed-x-2*pad))
	level(c.count, x, count)
	x += count.Width + 2*pad

	reason := float32(0)
	if text := c.said(); text != "" {
		inner := theme.SizeForWidget(theme.SizeNameInnerPadding, c)
		words := fyne.MeasureText(text, theme.SizeForWidget(theme.SizeNameText, c), fyne.TextStyle{}).Width + 2*inner + 1
		reason = min(words, width-fixed-x)
		if reason < 5*inner {
			reason = 0 // no room for a word; trying to send says it as well
		}
	}
	x = width
	for i := len(right) - 1; i >= 0; i-- {
		s := l.barMin(right[i])
		if right[i] == c.why {
			x -= reason
			level(c.why, x, fyne.NewSize(reason, s.Height))
			continue
		}
		x -= s.Width + pad
		level(right[i], x, s)
	}
	c.why.Hidden = reason == 0
}

// foldingButton is a button with an icon and a word, and the same with the icon alone for where there is no room.
type foldingButton struct{ whole, folded *widget.Button }

func newFoldingButton(word string, icon fyne.Resource, tapped func()) foldingButton {
	b := foldingButton{whole: widget.NewButtonWithIcon(word, icon, tapped), folded: widget.NewButtonWithIcon("", icon, tapped)}
	b.folded.Hide()
	return b
}

// button is the one for where there is room, or not.
func (b foldingButton) button(folded bool) *widget.Button {
	if folded {
		return b.folded
	}
	return b.whole
}

// shown is the one that can be seen.
func (b foldingButton) shown() *widget.Button { return b.button(b.folded.Visible()) }
