package widgets

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/certs"
	"wirebench/sessions/certs/describe"
	"wirebench/widgets/words"
)

// CertificatePage is a page of the card's fields.
type CertificatePage uint8

const (
	PageCertificate CertificatePage = iota // the chosen certificate
	PageConnection                         // what was negotiated
	PageRevocation                         // what is known about revocation
)

// certPages are the three lists of fields, one of which is shown, a field to find a value by, and a button for what
// can be asked further.
type certPages struct {
	widget.BaseWidget
	onAsk func(CertificatePage)      // the page's button was pressed
	can   func(CertificatePage) bool // whether there is anybody to ask

	page  CertificatePage
	title string // of the chosen certificate
	some  bool   // there is a report
	busy  bool

	tabs  *segments
	find  *lineEntry
	count *ink
	lists [3]*factList
	ask   *widget.Button
	why   *ink
}

var _ fyne.Widget = (*certPages)(nil)

func newCertPages(onCopy func(string)) *certPages {
	p := &certPages{
		tabs:  newSegments(words.Say("Certificate"), words.Say("Connection"), words.Say("Revocation // of certificates")),
		find:  newLineEntry(words.Say("Find a name or a value")),
		count: newInk("", theme.ColorNamePlaceHolder, theme.SizeNameText, false),
		why:   newInk("", theme.ColorNamePlaceHolder, theme.SizeNameCaptionText, false),
	}
	p.tabs.onChoose = func(i int) { p.choose(CertificatePage(i)) }
	p.find.OnChanged = func(text string) {
		for _, l := range p.lists {
			l.setFilter(text)
		}
	}
	p.find.onKey = func(k *fyne.KeyEvent) bool {
		switch k.Name {
		case fyne.KeyDown, fyne.KeyReturn, fyne.KeyEnter:
			p.focus()
		case fyne.KeyEscape:
			if p.find.Text == "" {
				return false
			}
			p.find.SetText("")
		default:
			return false
		}
		return true
	}
	for i, label := range []string{words.Say("Fields of the certificate"), words.Say("Connection"), words.Say("Revocation // of certificates")} {
		l := newFactList(label)
		l.onCopy = onCopy
		l.onFind = func() {
			if c := canvasOf(p); c != nil && p.find.Visible() {
				c.Focus(p.find)
				p.find.selectAll()
			}
		}
		l.onRows = p.countRows
		p.lists[i] = l
	}
	p.lists[PageCertificate].title = func() string { return p.title }
	p.lists[PageCertificate].show()
	p.ask = widget.NewButton("", func() {
		if p.onAsk != nil {
			p.onAsk(p.page)
		}
	})
	p.ExtendBaseWidget(p)
	return p
}

// choose shows a page.
func (p *certPages) choose(page CertificatePage) {
	p.page = min(page, PageRevocation)
	p.tabs.choose(int(p.page))
	p.countRows()
	p.Refresh()
}

// focus gives the keyboard to the page.
func (p *certPages) focus() {
	l := p.lists[p.page]
	l.grid.RequestFocus()
	if l.head < 0 {
		l.choose(0, false)
	}
}

// clear empties every page.
func (p *certPages) clear() {
	p.title, p.some = "", false
	for _, l := range p.lists {
		l.set(nil, "")
	}
	p.lists[PageCertificate].grid.Hint = words.Say("No certificate came")
	p.Refresh()
}

// setCertificate shows a certificate. It is described here and now: the others of a chain never are unless asked for.
func (p *certPages) setCertificate(x chainCert, at time.Time) {
	d := describe.Certificate(x.der, at)
	p.title = d.Title
	p.lists[PageCertificate].set(certificateFacts(d), "")
}

// setReport shows the handshake and what is known about revocation.
func (p *certPages) setReport(r *certs.Report, resumption string) {
	p.some = len(r.Presented) > 0
	p.lists[PageConnection].set(connectionFacts(r, resumption), words.Say("These certificates did not come from a connection"))
	p.lists[PageRevocation].set(revocationFacts(r), words.Say("Nothing is known about revocation yet"))
	p.Refresh()
}

func (p *certPages) setBusy(busy bool) {
	p.busy = busy
	p.Refresh()
}

// countRows says how many of the values the field lets through.
func (p *certPages) countRows() {
	l := p.lists[p.page]
	if l == nil {
		return // being made
	}
	text := ""
	if l.filter != "" {
		text = words.Say("%d of %d // are shown", l.rows.shown, l.rows.facts)
		l.grid.Hint = words.Say("No name or value has “%s”", clip(l.filter, 40))
	}
	if p.count.say(text) {
		p.arrange(p.Size())
	}
}

// asks is what the page's button says and what it does in a few words, "" for a page without one.
func (p *certPages) asks() (label, why string) {
	switch {
	case !p.some || p.can == nil || !p.can(p.page):
	case p.page == PageRevocation:
		return words.Say("Check revocation"), words.Say("asks the issuers over HTTP, who learn which certificate is looked at")
	case p.page == PageConnection:
		return words.Say("Test resumption"), words.Say("connects twice more")
	}
	return "", ""
}

func (p *certPages) arrange(size fyne.Size) {
	pad := theme.SizeForWidget(theme.SizeNamePadding, p)
	tabs, find := p.tabs.MinSize(), p.find.MinSize()
	bar := max(tabs.Height, find.Height)
	p.tabs.Move(fyne.NewPos(pad, (bar-tabs.Height)/2+pad))
	p.tabs.Resize(tabs)
	right := size.Width - pad
	if p.count.Text.Text != "" {
		s := p.count.MinSize()
		if right-s.Width-tabs.Width-6*pad >= find.Width {
			right -= s.Width
			p.count.Move(fyne.NewPos(right, (bar-s.Height)/2+pad))
			p.count.Resize(s)
			p.count.Hidden = false
			right -= 2 * pad
		} else {
			p.count.Hidden = true
		}
	}
	x := tabs.Width + 3*pad
	y := bar + 2*pad
	p.find.Hidden = right-x < 70
	hint := words.Say("Find a name or a value")
	if right-x < 190 {
		hint = words.Say("Find // a name or a value")
	}
	if p.find.PlaceHolder != hint {
		p.find.SetPlaceHolder(hint)
	}
	p.find.Move(fyne.NewPos(x, pad+(bar-find.Height)/2))
	p.find.Resize(fyne.NewSize(max(right-x, 0), find.Height))
	end := size.Height
	label, why := p.asks()
	// The button gives way to what there is to read.
	ask := p.ask.MinSize()
	p.ask.Hidden = label == "" || size.Height < bar+ask.Height+90
	p.why.Hidden = p.ask.Hidden
	if !p.ask.Hidden {
		end -= ask.Height + pad
		p.ask.Move(fyne.NewPos(pad, end))
		p.ask.Resize(ask)
		p.why.say(fitText(why, size.Width-ask.Width-5*pad, p.why.TextSize, p.why.TextStyle))
		p.why.Move(fyne.NewPos(ask.Width+3*pad, end+(ask.Height-p.why.MinSize().Height)/2))
		p.why.Resize(p.why.MinSize())
		end -= pad
	}
	for i, l := range p.lists {
		l.Hidden = i != int(p.page)
		if !l.Hidden {
			l.Move(fyne.NewPos(0, y))
			l.Resize(fyne.NewSize(size.Width, max(end-y, 0)))
		}
	}
}

func (p *certPages) refresh() {
	p.count.dress(p)
	p.why.dress(p)
	label, _ := p.asks()
	if label != "" && p.ask.Text != label {
		p.ask.SetText(label)
	}
	if p.busy != p.ask.Disabled() {
		if p.busy {
			p.ask.Disable()
		} else {
			p.ask.Enable()
		}
	}
	p.arrange(p.Size())
	for _, o := range []fyne.CanvasObject{p.tabs, p.find, p.lists[p.page], p.count.Text, p.why.Text} {
		o.Refresh()
	}
}

// CreateRenderer is part of fyne.Widget.
func (p *certPages) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{p.tabs, p.find, p.count.Text, p.ask, p.why.Text}
	for _, l := range p.lists {
		objects = append(objects, l)
	}
	p.refresh()
	return &faceRenderer{
		objects: objects,
		layout:  p.arrange,
		minSize: func() fyne.Size {
			s := p.tabs.MinSize()
			return fyne.NewSize(s.Width+60, s.Height+60)
		},
		refresh: p.refresh,
	}
}
