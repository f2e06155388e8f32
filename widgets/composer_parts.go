package widgets

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/compose"
	"wirebench/widgets/words"
)

// composerPreviewed bounds the bytes that the preview writes out before it cuts them to its width.
const composerPreviewed = 600

// composerCount is how many bytes the message has, or where it cannot be read, in words and with an icon.
type composerCount struct {
	widget.BaseWidget

	onTapped func() // while there is an error

	text string
	bad  bool
	icon *widget.Icon
	line *canvas.Text
}

var (
	_ fyne.Accessible    = (*composerCount)(nil)
	_ fyne.Tappable      = (*composerCount)(nil)
	_ desktop.Cursorable = (*composerCount)(nil)
)

func newComposerCount() *composerCount {
	c := &composerCount{icon: widget.NewIcon(nil), line: canvas.NewText("", color.Black)}
	c.ExtendBaseWidget(c)
	return c
}

// say shows n bytes, or the place of an error.
func (c *composerCount) say(n int, bad *compose.Error) {
	var text string
	switch {
	case bad == nil:
		text = words.Many(int64(n), "%d byte", "%d bytes")
	case bad.Line > 1:
		text = words.Say("Error at line %d, column %d", bad.Line, bad.Column)
	default:
		text = words.Say("Error at column %d", bad.Column)
	}
	if c.text != text {
		c.text, c.bad = text, bad != nil
		c.Refresh()
	}
}

// Tapped goes to the error.
func (c *composerCount) Tapped(*fyne.PointEvent) {
	if c.bad {
		call(c.onTapped)
	}
}

// Cursor is that of a link while there is an error to go to.
func (c *composerCount) Cursor() desktop.Cursor {
	if c.bad {
		return desktop.PointerCursor
	}
	return desktop.DefaultCursor
}

func (c *composerCount) AccessibilityLabel() string             { return c.text }
func (c *composerCount) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

func (c *composerCount) refresh() {
	c.line.TextSize = theme.SizeForWidget(theme.SizeNameText, c)
	c.line.Color = theme.ColorForWidget(theme.ColorNameForeground, c)
	c.line.TextStyle.Bold = c.bad
	c.icon.SetResource(theme.NewColoredResource(theme.ConfirmIcon(), theme.ColorNameSuccess))
	if c.bad {
		c.line.Color = theme.ColorForWidget(theme.ColorNameError, c)
		c.icon.SetResource(theme.NewColoredResource(theme.ErrorIcon(), theme.ColorNameError))
	}
	c.arrange(c.Size())
	canvas.Refresh(c)
}

func (c *composerCount) minSize() fyne.Size {
	icon := theme.SizeForWidget(theme.SizeNameInlineIcon, c)
	line := fyne.MeasureText(c.text, c.line.TextSize, c.line.TextStyle)
	return fyne.NewSize(icon+theme.SizeForWidget(theme.SizeNamePadding, c)+line.Width+1, max(icon, line.Height))
}

func (c *composerCount) arrange(size fyne.Size) {
	icon := theme.SizeForWidget(theme.SizeNameInlineIcon, c)
	c.icon.Resize(fyne.NewSquareSize(icon))
	c.icon.Move(fyne.NewPos(0, (size.Height-icon)/2))
	x := icon + theme.SizeForWidget(theme.SizeNamePadding, c)
	c.line.Text = fitText(c.text, size.Width-x, c.line.TextSize, c.line.TextStyle)
	line := c.line.MinSize()
	c.line.Resize(line)
	c.line.Move(fyne.NewPos(x, (size.Height-line.Height)/2))
}

func (c *composerCount) CreateRenderer() fyne.WidgetRenderer {
	c.refresh()
	return &faceRenderer{objects: []fyne.CanvasObject{c.icon, c.line}, layout: c.arrange, minSize: c.minSize, refresh: c.refresh}
}

// composerPreview is the line below the field: the message in the other notation, or the progress of a file.
type composerPreview struct {
	widget.BaseWidget

	text    string
	sending bool
	line    *canvas.Text
	bar     *widget.ProgressBar
	caption string
	cancel  *widget.Button
}

func newComposerPreview(onCancel func()) *composerPreview {
	p := &composerPreview{line: canvas.NewText("", color.Black), bar: widget.NewProgressBar()}
	p.line.TextStyle.Monospace = true
	p.bar.TextFormatter = func() string { return p.caption }
	p.cancel = widget.NewButtonWithIcon(words.Say("Cancel"), theme.CancelIcon(), onCancel)
	p.ExtendBaseWidget(p)
	return p
}

// say sets the preview, which is one line whatever text holds.
func (p *composerPreview) say(text string) {
	text = strings.ReplaceAll(text, "\n", " ")
	if p.text != text {
		p.text = text
		p.Refresh()
	}
}

// progress shows the bar instead, and tells whether it was not there before.
func (p *composerPreview) progress(done, total int64, cancellable bool) (appeared bool) {
	share, caption := 0.0, FormatSize(done)
	if total > 0 {
		share = float64(max(0, min(done, total))) / float64(total)
		caption = words.Say("%s of %s // bytes of a file that were sent", caption, FormatSize(total))
	}
	appeared = !p.sending || p.cancel.Visible() != cancellable
	changed := appeared || p.caption != caption
	p.sending, p.caption = true, caption
	p.cancel.Hidden = !cancellable
	if changed || p.bar.Value != share {
		p.bar.SetValue(share)
	}
	if appeared {
		p.Refresh()
	}
	return appeared
}

// finish takes the bar away, and tells whether there was one.
func (p *composerPreview) finish() bool {
	was := p.sending
	p.sending = false
	if was {
		p.Refresh()
	}
	return was
}

func (p *composerPreview) minSize() fyne.Size {
	if p.sending {
		return fyne.NewSize(160, p.cancel.MinSize().Height)
	}
	size := theme.SizeForWidget(theme.SizeNameCaptionText, p)
	return fyne.NewSize(0, fyne.MeasureText("0", size, fyne.TextStyle{Monospace: true}).Height)
}

func (p *composerPreview) arrange(size fyne.Size) {
	cell := fyne.MeasureText("0", p.line.TextSize, p.line.TextStyle).Width
	shown := fitCells(p.text, int(size.Width/cell))
	if p.line.Text != shown {
		p.line.Text = shown
		p.line.Refresh()
	}
	p.line.Resize(fyne.NewSize(size.Width, p.line.MinSize().Height))
	width := size.Width
	if !p.cancel.Hidden {
		s := p.cancel.MinSize()
		width -= s.Width + theme.SizeForWidget(theme.SizeNamePadding, p)
		p.cancel.Move(fyne.NewPos(size.Width-s.Width, 0))
		p.cancel.Resize(s)
	}
	h := p.bar.MinSize().Height
	p.bar.Move(fyne.NewPos(0, (size.Height-h)/2))
	p.bar.Resize(fyne.NewSize(width, h))
}

func (p *composerPreview) refresh() {
	p.line.TextSize = theme.SizeForWidget(theme.SizeNameCaptionText, p)
	p.line.Color = theme.ColorForWidget(theme.ColorNamePlaceHolder, p)
	p.line.Hidden = p.sending
	p.bar.Hidden = !p.sending
	if !p.sending {
		p.cancel.Hidden = true
	}
	p.arrange(p.Size())
	canvas.Refresh(p)
}

func (p *composerPreview) CreateRenderer() fyne.WidgetRenderer {
	p.refresh()
	return &faceRenderer{objects: []fyne.CanvasObject{p.line, p.bar, p.cancel}, layout: p.arrange, minSize: p.minSize, refresh: p.refresh}
}
