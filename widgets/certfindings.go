package widgets

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/certs"
	"wirebench/widgets/words"
)

// shownFindings bounds the faults and warnings that are drawn; a certificate seldom has ten.
const shownFindings = 100

// findingText bounds each text of a finding, in characters.
const findingText = 1200

// remark is what a [findingBlock] shows.
type remark struct {
	icon   fyne.Resource
	word   string // a status, or "warning"
	code   string
	whose  string // the certificate it is about
	detail string // the evidence
	hint   string // what to do
	sha256 string // of the certificate; "" for none
}

// text is the remark as it is copied.
func (m remark) text() string {
	head := joinDot(m.word, m.code, m.whose)
	for _, more := range []string{m.detail, m.hint} {
		if more != "" {
			head += "\n    " + more
		}
	}
	return head
}

// remarks is everything there is to say about a report: faults, warnings, what the handshake ran into; and when there
// is nothing of that, that all is well.
func remarks(r *certs.Report) []remark {
	var all []remark
	iconFault, iconWarning := NoticeError.icon(), NoticeWarning.icon()
	add := func(list []certs.Finding, icon fyne.Resource) {
		for _, f := range list {
			m := remark{icon: icon, word: string(f.Status), code: string(f.Code), whose: depthText(f.Depth, f.Subject),
				detail: wholeSentence(f.Detail), hint: wholeSentence(f.Hint), sha256: f.SHA256}
			if m.word == "" {
				m.word = words.Say("warning")
			}
			all = append(all, m)
		}
	}
	look := lookOf(r)
	if r.Status == certs.Unknown {
		m := remark{icon: look.icon, word: look.word, detail: wholeSentence(r.Headline)}
		if h := r.Handshake; h != nil && !strings.Contains(r.Headline, h.Problem) {
			m.hint = wholeSentence(h.Problem)
		}
		return append(all, m)
	}
	add(r.Faults, iconFault)
	if h := r.Handshake; h != nil {
		for _, p := range []string{h.Problem, h.ClientProblem} {
			if p != "" {
				all = append(all, remark{icon: iconWarning, word: words.Say("handshake"), detail: wholeSentence(p)})
			}
		}
	}
	if len(r.Faults) == 0 {
		all = append(all, remark{icon: look.icon, word: look.word, code: words.Say("no fault"), detail: wholeSentence(r.Headline)})
	}
	add(r.Warnings, iconWarning)
	return all
}

// depthText says which certificate is meant.
func depthText(depth int, subject string) string {
	if depth < 0 {
		return ""
	}
	return joinDot(FormatCount(int64(depth)), plainText(subject, 240, false))
}

// findingList shows remarks one under another, to be read, marked and copied.
type findingList struct {
	widget.BaseWidget
	onChoose func(sha256 string)
	onCopy   func(text string)

	blocks []*findingBlock
	column *fyne.Container
	scroll *container.Scroll
}

func newFindingList() *findingList {
	l := &findingList{}
	l.column = container.New(&findingColumn{l})
	l.scroll = container.NewVScroll(l.column)
	l.ExtendBaseWidget(l)
	return l
}

func (l *findingList) set(all []remark) {
	l.blocks, l.column.Objects = nil, nil
	for _, m := range all[:min(len(all), shownFindings)] {
		b := newFindingBlock(l, m)
		l.blocks = append(l.blocks, b)
		l.column.Add(b)
	}
	if n := len(all) - shownFindings; n > 0 {
		l.column.Add(widget.NewLabel(words.Many(int64(n), "and %d more, which the text report has", "and %d more, which the text report has")))
	}
	l.scroll.ScrollToTop()
	l.column.Refresh()
	l.scroll.Refresh()
}

// need is the height that shows everything at a width.
func (l *findingList) need(width float32) (h float32) {
	for _, o := range l.column.Objects {
		h += heightAt(o, width)
	}
	return h
}

// heightAt is the height of something that wraps.
func heightAt(o fyne.CanvasObject, width float32) float32 {
	if b, ok := o.(*findingBlock); ok {
		return b.arrange(width)
	}
	return o.MinSize().Height
}

// step moves the keyboard to the next block in a direction.
func (l *findingList) step(from *findingBlock, by int) {
	for i, b := range l.blocks {
		if b != from || i+by < 0 || i+by >= len(l.blocks) {
			continue
		}
		to := l.blocks[i+by]
		if c := canvasOf(l); c != nil {
			c.Focus(to)
		}
		top, bottom := to.Position().Y, to.Position().Y+to.Size().Height
		y := l.scroll.Offset.Y
		if bottom > y+l.scroll.Size().Height {
			y = bottom - l.scroll.Size().Height
		}
		l.scroll.ScrollToOffset(fyne.NewPos(0, min(y, top)))
		return
	}
}

func (l *findingList) copy(text string) {
	if l.onCopy != nil {
		l.onCopy(text)
	}
}

// CreateRenderer is part of fyne.Widget.
func (l *findingList) CreateRenderer() fyne.WidgetRenderer {
	r := newFace(l.scroll, nil)
	r.layout = func(size fyne.Size) {
		l.scroll.Resize(size)
		l.scroll.Refresh() // the height follows the width
	}
	r.minSize = func() fyne.Size { return fyne.NewSize(160, 60) }
	return r
}

// findingColumn sets blocks under one another at the width of the list.
type findingColumn struct{ list *findingList }

func (c *findingColumn) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(100, c.list.need(max(c.list.scroll.Size().Width, 160)))
}

func (c *findingColumn) Layout(o []fyne.CanvasObject, size fyne.Size) {
	var y float32
	for _, obj := range o {
		h := heightAt(obj, size.Width)
		obj.Move(fyne.NewPos(0, y))
		obj.Resize(fyne.NewSize(size.Width, h))
		y += h
	}
}
