package widgets

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/certs"
)

// chainCert is one certificate of a report, wherever it stands.
type chainCert struct {
	der     []byte
	subject string // safe to show
	sha256  string
	marks   string // "anchor", "not sent"
	grave   bool   // a fault is about it
}

// chainView shows the chain that was sent beside the one that was built; one certificate is chosen in both.
type chainView struct {
	widget.BaseWidget
	onChoose func(chainCert)

	sent, built *chainList
	root        *fyne.Container
}

func newChainView() *chainView {
	c := &chainView{}
	c.sent = newChainList(func(x chainCert) { c.choose(x, true) })
	c.built = newChainList(func(x chainCert) { c.choose(x, true) })
	head := func(text string) fyne.CanvasObject {
		l := widget.NewLabelWithStyle(text, fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
		l.Truncation = fyne.TextTruncateEllipsis
		return l
	}
	c.root = container.NewGridWithColumns(2,
		container.NewBorder(head("Chain as built"), nil, nil, nil, c.built),
		container.NewBorder(head("As the server sent it"), nil, nil, nil, c.sent))
	c.ExtendBaseWidget(c)
	return c
}

// set shows the chains of r and chooses the leaf.
func (c *chainView) set(r *certs.Report) {
	faulty := map[string]bool{}
	for _, f := range r.Faults {
		faulty[f.SHA256] = true
	}
	sentAt, builtAt := map[string]int{}, map[string]int{}
	var sent, built []chainCert
	for i, p := range r.Presented {
		x := chainCert{der: p.DER, sha256: certs.Fingerprint(p.DER), subject: "unreadable certificate"}
		if p.Cert != nil {
			x.subject = shortName(p.Cert.Subject.CommonName, certs.SubjectText(p.Cert))
		}
		x.grave = faulty[x.sha256]
		sent = append(sent, x)
		if _, twice := sentAt[x.sha256]; twice {
			sent[i].marks = "sent twice"
		} else {
			sentAt[x.sha256] = i
		}
	}
	for i, b := range r.Chain {
		x := chainCert{der: b.Raw, sha256: certs.Fingerprint(b.Raw), subject: shortName(b.Subject.CommonName, certs.SubjectText(b))}
		x.grave = faulty[x.sha256]
		_, came := sentAt[x.sha256]
		switch anchor := r.Anchored && i == len(r.Chain)-1; {
		case anchor && came:
			x.marks = "trust anchor, was sent"
		case anchor:
			x.marks = "trust anchor"
		case !came:
			x.marks = "was not sent"
		}
		built = append(built, x)
		builtAt[x.sha256] = i
	}
	for i := range sent {
		x := &sent[i]
		at, used := builtAt[x.sha256]
		switch {
		case r.Presented[i].Cert == nil:
			x.marks = "unreadable"
		case x.marks != "":
		case !used:
			x.marks = "not used"
		case at != i:
			x.marks = fmt.Sprintf("out of order: belongs to #%d", at)
		}
	}
	if !r.Anchored && len(built) > 0 {
		built[len(built)-1].marks = joinMarks(built[len(built)-1].marks, "leads to no anchor")
	}
	c.sent.set(sent)
	c.built.set(built)
	switch {
	case len(built) > 0:
		c.choose(built[0], true)
	case len(sent) > 0:
		c.choose(sent[0], true)
	}
}

func joinMarks(a, b string) string {
	if a == "" {
		return b
	}
	return a + ", " + b
}

func shortName(common, whole string) string {
	if common != "" {
		return plainText(common, 200, false)
	}
	if whole != "" {
		return plainText(whole, 200, false)
	}
	return "no subject"
}

// chooseBy chooses the certificate with that fingerprint, if it is there.
func (c *chainView) chooseBy(sha256 string) {
	for _, l := range []*chainList{c.built, c.sent} {
		for _, x := range l.certs {
			if x.sha256 == sha256 {
				c.choose(x, true)
				return
			}
		}
	}
}

func (c *chainView) choose(x chainCert, tell bool) {
	c.sent.mark(x.sha256)
	c.built.mark(x.sha256)
	if tell && c.onChoose != nil {
		c.onChoose(x)
	}
}

// CreateRenderer is part of fyne.Widget.
func (c *chainView) CreateRenderer() fyne.WidgetRenderer { return newFace(c.root, nil) }

// chainList is one chain, leaf first, each issuer a step further in.
type chainList struct {
	widget.List
	certs  []chainCert
	quiet  bool
	choose func(chainCert)
}

func newChainList(choose func(chainCert)) *chainList {
	l := &chainList{choose: choose}
	l.Length = func() int { return len(l.certs) }
	l.CreateItem = func() fyne.CanvasObject { return newChainLine() }
	l.UpdateItem = func(id widget.ListItemID, o fyne.CanvasObject) {
		if id < len(l.certs) {
			o.(*chainLine).show(id, l.certs[id])
		}
	}
	l.OnSelected = func(id widget.ListItemID) {
		if !l.quiet && id < len(l.certs) {
			l.choose(l.certs[id])
		}
	}
	l.HideSeparators = true
	l.ExtendBaseWidget(l)
	return l
}

func (l *chainList) set(certs []chainCert) {
	l.certs = certs
	l.UnselectAll()
	l.Refresh()
}

// mark shows which certificate is chosen, without choosing it.
func (l *chainList) mark(sha256 string) {
	l.quiet = true
	defer func() { l.quiet = false }()
	for i, x := range l.certs {
		if x.sha256 == sha256 {
			l.Select(i)
			return
		}
	}
	l.UnselectAll()
}

func (l *chainList) TypedKey(k *fyne.KeyEvent) {
	if !handOn(l, k) {
		l.List.TypedKey(k)
	}
}

// chainLine is one certificate: its place, its name, and what is remarkable about its place.
type chainLine struct {
	widget.BaseWidget
	depth       int
	cert        chainCert
	icon        *widget.Icon
	name, marks *canvas.Text
}

func newChainLine() *chainLine {
	l := &chainLine{icon: widget.NewIcon(nil), name: canvas.NewText("", nil), marks: canvas.NewText("", nil)}
	l.ExtendBaseWidget(l)
	return l
}

func (l *chainLine) show(depth int, x chainCert) {
	l.depth, l.cert = depth, x
	l.Refresh()
}

func (l *chainLine) refresh() {
	l.name.TextSize = theme.SizeForWidget(theme.SizeNameText, l)
	l.marks.TextSize = theme.SizeForWidget(theme.SizeNameCaptionText, l)
	l.name.Color = theme.ColorForWidget(theme.ColorNameForeground, l)
	l.marks.Color = theme.ColorForWidget(theme.ColorNamePlaceHolder, l)
	icon := theme.NewThemedResource(theme.DocumentIcon())
	if l.cert.grave {
		l.icon.SetResource(theme.NewColoredResource(theme.ErrorIcon(), theme.ColorNameError))
	} else {
		l.icon.SetResource(icon)
	}
	l.arrange(l.Size())
	l.name.Refresh()
	l.marks.Refresh()
}

func (l *chainLine) arrange(size fyne.Size) {
	pad := theme.SizeForWidget(theme.SizeNamePadding, l)
	x := pad + float32(min(l.depth, 10))*2*pad
	h := fyne.MeasureText("M", l.name.TextSize, fyne.TextStyle{}).Height
	l.icon.Resize(fyne.NewSquareSize(h))
	l.icon.Move(fyne.NewPos(x, (size.Height-h)/2))
	x += h + pad
	y := (size.Height - h) / 2
	// The remark keeps to its own half, and gives way to the name where it can.
	name := fmt.Sprintf("%d  %s", l.depth, l.cert.subject)
	room := size.Width - x - pad
	wide := fyne.MeasureText(name, l.name.TextSize, l.name.TextStyle).Width
	remark := fyne.MeasureText(l.cert.marks, l.marks.TextSize, l.marks.TextStyle).Width
	nameWidth := room
	if l.cert.marks != "" {
		nameWidth = min(wide, max(room-remark-2*pad, room/2))
	}
	l.name.Text = fitText(name, nameWidth, l.name.TextSize, l.name.TextStyle)
	l.name.Move(fyne.NewPos(x, y))
	l.marks.Text = fitText(l.cert.marks, room-nameWidth-2*pad, l.marks.TextSize, l.marks.TextStyle)
	l.marks.Move(fyne.NewPos(x+nameWidth+2*pad, y+(h-fyne.MeasureText("M", l.marks.TextSize, fyne.TextStyle{}).Height)/2+1))
}

// CreateRenderer is part of fyne.Widget.
func (l *chainLine) CreateRenderer() fyne.WidgetRenderer {
	l.refresh()
	return &faceRenderer{
		objects: []fyne.CanvasObject{l.icon, l.name, l.marks},
		layout:  l.arrange,
		minSize: func() fyne.Size {
			size := theme.SizeForWidget(theme.SizeNameText, l)
			return fyne.NewSize(80, fyne.MeasureText("M", size, fyne.TextStyle{}).Height+2)
		},
		refresh: l.refresh,
	}
}
