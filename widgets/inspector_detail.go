package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets/grid"
	"wirebench/widgets/words"
)

// inspectorDetail is the foot of the inspector: the chosen value in full, when its column is too narrow for it, and what
// the value can be used for.
type inspectorDetail struct {
	lines  [3]*canvas.Text
	rule   *canvas.Rectangle
	used   int            // lines that hold something
	action *widget.Button // cuts the stream into frames; hidden where it cannot
}

func newInspectorDetail() *inspectorDetail {
	d := &inspectorDetail{rule: canvas.NewRectangle(color.Transparent)}
	for n := range d.lines {
		d.lines[n] = canvas.NewText("", color.Black)
	}
	d.action = widget.NewButton("", nil)
	d.action.Hide()
	return d
}

// follow shows the chosen value, and makes room for it or gives the room back.
func (i *Inspector) follow() {
	before := i.detail.height(i)
	i.detail.used = 0
	if l, v, ok := i.table.chosen(); ok && i.table.chosenCol > 0 {
		cell := fyne.MeasureText("0", i.table.textSize(), fyne.TextStyle{Monospace: true}).Width
		starts, width := i.table.columns(i.table.Size().Width)
		if l.span {
			width += starts[2] - starts[1]
		}
		pad := theme.SizeForWidget(theme.SizeNamePadding, i)
		across := int((i.Size().Width - 2*pad) / cell)
		if text, _ := cellText(v); fitCells(text, int(width/cell)) != text && across > 0 {
			i.detail.wrap(clip(text, inspectorCells), across)
		}
	}
	i.detail.offer(i)
	if i.detail.height(i) != before {
		i.arrange(i.Size())
	}
	i.detail.refresh(i)
}

// offer shows the button for the framing that the chosen value implies.
func (d *inspectorDetail) offer(i *Inspector) {
	all := i.chosenFramings()
	setVisible(d.action, len(all) > 0)
	if len(all) == 0 {
		return
	}
	d.action.OnTapped = func() { i.OnFraming(all[0]) }
	if text := words.Say("Cut into frames: %s", all[0]); d.action.Text != text {
		d.action.SetText(text)
	}
}

// wrap spreads text over the lines, n cells each; the last takes what is left of it, as far as it fits.
func (d *inspectorDetail) wrap(text string, n int) {
	for line := range d.lines {
		end, used := len(text), 0
		for at, r := range text {
			if used += grid.RuneWidth(r); used > n {
				end = at
				break
			}
		}
		part := text[:end]
		if line == len(d.lines)-1 {
			part = fitCells(text, n)
		}
		if text == "" || part == "" {
			return
		}
		if d.lines[line].Text != part {
			d.lines[line].Text = part
			d.lines[line].Refresh()
		}
		d.used = line + 1
		text = text[end:]
	}
}

// height is what the foot takes, nothing while all can be read above.
func (d *inspectorDetail) height(i *Inspector) float32 {
	pad := theme.SizeForWidget(theme.SizeNamePadding, i)
	height := float32(0)
	if d.used > 0 {
		height = float32(d.used)*i.table.rowHeight() + pad
	}
	if d.action.Visible() {
		height += d.action.MinSize().Height + 2*pad
	}
	return height
}

func (d *inspectorDetail) arrange(i *Inspector, size fyne.Size) {
	pad := theme.SizeForWidget(theme.SizeNamePadding, i)
	y := size.Height - d.height(i)
	d.rule.Move(fyne.NewPos(0, y))
	d.rule.Resize(fyne.NewSize(size.Width, 1))
	for n, line := range d.lines {
		line.Move(fyne.NewPos(pad, y+pad+float32(n)*i.table.rowHeight()))
		line.Resize(line.MinSize())
	}
	h := d.action.MinSize().Height
	d.action.Move(fyne.NewPos(pad, size.Height-h-pad))
	d.action.Resize(fyne.NewSize(max(0, size.Width-2*pad), h))
}

func (d *inspectorDetail) refresh(i *Inspector) {
	d.rule.FillColor = theme.ColorForWidget(theme.ColorNameSeparator, i)
	d.rule.Hidden = d.used == 0 && !d.action.Visible()
	for n, line := range d.lines {
		line.TextSize = i.table.textSize()
		line.TextStyle.Monospace = true
		line.Color = theme.ColorForWidget(theme.ColorNameForeground, i)
		line.Hidden = n >= d.used
	}
}
