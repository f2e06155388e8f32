package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// SidePanel is something shown beside the traffic until it is closed: a title, a few lines about what is shown, and the
// thing itself.
type SidePanel struct {
	widget.BaseWidget

	OnClose func()

	title *widget.Label
	note  *widget.Label
	shut  *widget.Button
	root  *fyne.Container
}

var _ fyne.Widget = (*SidePanel)(nil)

// NewSidePanel returns a panel around content. above, which may be nil, stands between the note and the content.
func NewSidePanel(title string, above, content fyne.CanvasObject) *SidePanel {
	p := &SidePanel{title: widget.NewLabelWithStyle(title, fyne.TextAlignLeading, fyne.TextStyle{Bold: true}), note: widget.NewLabel("")}
	p.title.Truncation = fyne.TextTruncateEllipsis
	p.note.Wrapping = fyne.TextWrapWord
	p.note.Hide()
	p.shut = widget.NewButtonWithIcon("", theme.CancelIcon(), func() { call(p.OnClose) })
	p.shut.Importance = widget.LowImportance
	head := container.NewBorder(nil, nil, nil, p.shut, p.title)
	p.root = container.New(sideLayout{p.note}, head, p.note)
	if above != nil {
		p.root.Add(above)
	}
	p.root.Add(content)
	p.ExtendBaseWidget(p)
	return p
}

// sideLayout puts one object below the other, the last in all the room that is left.
type sideLayout struct{ note *widget.Label }

func (sideLayout) MinSize(objects []fyne.CanvasObject) (size fyne.Size) {
	for _, o := range objects {
		if o.Visible() {
			size.Width = max(size.Width, o.MinSize().Width)
			size.Height += o.MinSize().Height
		}
	}
	return size
}

func (l sideLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.note.Resize(fyne.NewSize(size.Width, l.note.Size().Height)) // it knows its height when it knows its width
	y := float32(0)
	for i, o := range objects {
		if !o.Visible() {
			continue
		}
		h := o.MinSize().Height
		if i == len(objects)-1 {
			h = max(h, size.Height-y)
		}
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, h))
		y += h
	}
}

// SetNote says what is shown, "" for nothing.
func (p *SidePanel) SetNote(text string) {
	if text == p.note.Text {
		return
	}
	setVisible(p.note, text != "")
	p.note.SetText(text)
	p.root.Refresh()
}

// Note returns what SetNote said.
func (p *SidePanel) Note() string { return p.note.Text }

// CreateRenderer is part of fyne.Widget.
func (p *SidePanel) CreateRenderer() fyne.WidgetRenderer { return newFace(p.root, nil) }

// NewListFilter returns a field that filters a list, and passes the keyboard on to it with Enter and Down.
func NewListFilter(placeHolder string, filter func(text string), leave func()) fyne.CanvasObject {
	e := newLineEntry(placeHolder)
	e.Icon = theme.SearchIcon()
	e.OnChanged = filter
	e.onKey = func(k *fyne.KeyEvent) bool {
		switch k.Name {
		case fyne.KeyReturn, fyne.KeyEnter, fyne.KeyDown:
			leave()
			return true
		case fyne.KeyEscape:
			if e.Text == "" {
				leave()
			}
			e.SetText("")
			return true
		}
		return false
	}
	return e
}
