package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/certs"
)

// shownFindings bounds the faults and warnings that are drawn; a certificate seldom has ten.
const shownFindings = 100

// findingList is what is wrong with a certificate: each fault and warning with its evidence and what to do.
type findingList struct {
	widget.BaseWidget
	onChoose func(certs.Finding)
	box      *fyne.Container
	scroll   *container.Scroll
}

func newFindingList() *findingList {
	l := &findingList{box: container.NewVBox()}
	l.scroll = container.NewVScroll(l.box)
	l.ExtendBaseWidget(l)
	return l
}

// CreateRenderer is part of fyne.Widget.
func (l *findingList) CreateRenderer() fyne.WidgetRenderer { return newFace(l.scroll, nil) }

func (l *findingList) set(r *certs.Report) {
	l.box.Objects = nil
	n := 0
	for _, list := range [][]certs.Finding{r.Faults, r.Warnings} {
		for _, f := range list {
			if n++; n <= shownFindings {
				l.box.Add(l.finding(f))
			}
		}
	}
	switch {
	case n > shownFindings:
		l.box.Add(widget.NewLabel("and " + FormatCount(int64(n-shownFindings)) + " more, which the text report has"))
	case n == 0:
		text, icon := "No faults and no warnings.", theme.NewColoredResource(theme.ConfirmIcon(), theme.ColorNameSuccess)
		if r.Status == certs.Unknown {
			text, icon = "No certificate came, so none could be checked.", theme.NewColoredResource(theme.QuestionIcon(), theme.ColorNamePrimary)
		}
		l.box.Add(container.NewBorder(nil, nil, widget.NewIcon(icon), nil, wrapped(text, widget.MediumImportance)))
		if r.Handshake != nil && r.Handshake.Problem != "" {
			l.box.Add(wrapped(plainText(r.Handshake.Problem, 2*noticeRunes, true), widget.MediumImportance))
		}
	}
	l.box.Refresh()
	l.scroll.ScrollToTop()
}

func (l *findingList) finding(f certs.Finding) fyne.CanvasObject {
	icon := theme.NewColoredResource(theme.ErrorIcon(), theme.ColorNameError)
	kind := string(f.Status)
	if f.Status == "" {
		icon, kind = theme.NewColoredResource(theme.WarningIcon(), theme.ColorNameWarning), "warning"
	}
	title := newTapLabel(kind+" · "+string(f.Code), func() {
		if l.onChoose != nil {
			l.onChoose(f)
		}
	})
	title.TextStyle.Bold = true
	title.Truncation = fyne.TextTruncateEllipsis
	whose := newTapLabel(depthText(f.Depth, f.Subject), title.onTap)
	whose.Importance = widget.LowImportance
	whose.Truncation = fyne.TextTruncateEllipsis
	texts := []fyne.CanvasObject{container.NewGridWithColumns(2, title, whose), wrapped(capital(f.Detail)+".", widget.MediumImportance)}
	if f.Hint != "" {
		texts = append(texts, wrapped("What to do: "+plainText(f.Hint, 2*noticeRunes, false)+".", widget.LowImportance))
	}
	side := container.NewVBox(container.NewPadded(widget.NewIcon(icon)))
	return container.NewBorder(nil, nil, side, nil, container.New(&tuckedColumn{}, texts...))
}

// depthText says which certificate of the chain is meant.
func depthText(depth int, subject string) string {
	switch {
	case depth < 0:
		return ""
	case depth == 0:
		return "server: " + subject
	}
	return "#" + FormatCount(int64(depth)) + ": " + subject
}

// capital begins a text as a sentence.
func capital(s string) string {
	s = plainText(s, 2*noticeRunes, false)
	for n := len(s); n > 0 && s[n-1] == '.'; n = len(s) {
		s = s[:n-1]
	}
	if s != "" && s[0] >= 'a' && s[0] <= 'z' {
		return string(s[0]-'a'+'A') + s[1:]
	}
	return s
}

func wrapped(text string, i widget.Importance) *widget.Label {
	l := widget.NewLabel(text)
	l.Wrapping = fyne.TextWrapWord
	l.Selectable = true
	l.Importance = i
	return l
}

// tapLabel is a label that can be tapped.
type tapLabel struct {
	widget.Label
	onTap func()
}

var _ fyne.Tappable = (*tapLabel)(nil)

func newTapLabel(text string, onTap func()) *tapLabel {
	l := &tapLabel{onTap: onTap}
	l.Text = text
	l.ExtendBaseWidget(l)
	return l
}

// Tapped is part of fyne.Tappable.
func (l *tapLabel) Tapped(*fyne.PointEvent) { l.onTap() }

// tuckedColumn sets labels one under another without the room that each brings above and below it.
type tuckedColumn struct{ width float32 }

func (c *tuckedColumn) tuck() float32 { return theme.InnerPadding() - 1 }

func (c *tuckedColumn) MinSize(o []fyne.CanvasObject) fyne.Size {
	height := theme.InnerPadding()
	for _, obj := range o {
		obj.Resize(fyne.NewSize(max(c.width, 120), obj.Size().Height)) // wraps, so that its height is right
		height += obj.MinSize().Height - 2*c.tuck()
	}
	return fyne.NewSize(120, height+2)
}

func (c *tuckedColumn) Layout(o []fyne.CanvasObject, size fyne.Size) {
	c.width = size.Width
	y := float32(0)
	for _, obj := range o {
		obj.Resize(fyne.NewSize(size.Width, obj.Size().Height))
		h := obj.MinSize().Height
		obj.Move(fyne.NewPos(0, y-c.tuck()+theme.InnerPadding()/2))
		obj.Resize(fyne.NewSize(size.Width, h))
		y += h - 2*c.tuck()
	}
}
