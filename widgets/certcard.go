package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/certs"
	"wirebench/widgets/words"
)

// CertificateCard shows a certificate report: its status in a word and a sentence, everything that is wrong and what
// to do about it, the chain as built beside what was sent, and the chosen certificate field by field. Folded it is
// one line. All methods and callbacks belong to the UI goroutine.
type CertificateCard struct {
	widget.BaseWidget

	// OnFold is called when the person folded the card, or unfolded it.
	OnFold func(folded bool)
	// OnCheckRevocation and OnTestResumption are called for what the card cannot do itself, since it opens no
	// connections. What comes of it comes back with SetReport and SetResumption.
	OnCheckRevocation func()
	OnTestResumption  func()
	// OnExport gets what is to be saved, and a name for it. The bytes may be the report's own: not to be changed.
	OnExport func(kind ExportKind, name string, data []byte)
	// OnCopy gets what is copied; nil puts it on the clipboard.
	OnCopy func(text string)

	report     *certs.Report
	chosen     chainCert
	command    string
	resumption string
	folded     bool

	head     *certHead
	more     *widget.Button
	fold     *widget.Button
	progress *fyne.Container
	doing    *widget.Label
	cancel   *widget.Button
	onCancel func()
	top      *fyne.Container

	findings *findingList
	chain    *chainView
	pages    *certPages
	splits   cardSplits
}

var (
	_ fyne.Widget     = (*CertificateCard)(nil)
	_ fyne.Accessible = (*CertificateCard)(nil)
)

// NewCertificateCard returns a card with nothing to show yet.
func NewCertificateCard() *CertificateCard {
	c := &CertificateCard{}
	c.more = widget.NewButtonWithIcon("", theme.MoreVerticalIcon(), c.showMenu)
	c.fold = widget.NewButtonWithIcon("", theme.MenuDropUpIcon(), func() {
		c.SetFolded(!c.folded)
		if c.OnFold != nil {
			c.OnFold(c.folded)
		}
	})
	c.head = newCertHead(c.more, c.fold)

	c.doing = widget.NewLabel("")
	c.doing.Truncation = fyne.TextTruncateEllipsis
	c.cancel = widget.NewButton(words.Say("Cancel"), func() { call(c.onCancel) })
	c.progress = container.NewBorder(nil, nil, widget.NewIcon(theme.HistoryIcon()), c.cancel, c.doing)
	c.progress.Hide()
	c.top = container.New(&shownOnly{}, c.head, c.progress)

	c.findings = newFindingList()
	c.findings.onCopy = c.copy
	c.findings.onChoose = func(sha256 string) {
		if c.chain.chooseBy(sha256) {
			c.pages.choose(PageCertificate)
		}
	}
	c.chain = newChainView()
	c.chain.onCopy = c.copy
	c.chain.onChoose = c.choose
	c.chain.onOpen = func() {
		c.pages.choose(PageCertificate)
		c.pages.focus()
	}
	c.pages = newCertPages(c.copy)
	asks := func(p CertificatePage) func() {
		switch p {
		case PageConnection:
			return c.OnTestResumption
		case PageRevocation:
			return c.OnCheckRevocation
		}
		return nil
	}
	c.pages.can = func(p CertificatePage) bool { return asks(p) != nil }
	c.pages.onAsk = func(p CertificatePage) { call(asks(p)) }
	c.splits.build(c.findings, c.chain, c.pages)
	c.ExtendBaseWidget(c)
	c.SetReport(nil)
	return c
}

// SetReport shows r; nil is for nothing yet. The certificate that was chosen stays chosen if it is there again. The
// report that is shown already is not drawn again.
func (c *CertificateCard) SetReport(r *certs.Report) {
	if r == c.report && r != nil {
		return
	}
	before, was := c.report, c.chosen.sha256
	c.report, c.chosen, c.resumption = r, chainCert{}, ""
	c.head.set(r)
	c.more.Hidden, c.fold.Hidden = r == nil, r == nil
	c.pages.clear()
	c.chain.set(r)
	if r == nil {
		c.findings.set(nil)
		c.showBody()
		return
	}
	if was != "" {
		c.chain.chooseBy(was)
	}
	c.findings.set(remarks(r))
	c.pages.setReport(r, c.resumption)
	switch {
	case len(r.Presented) == 0:
		c.pages.choose(PageConnection) // where there is something to read
	case before == nil || len(before.Presented) == 0:
		c.pages.choose(PageCertificate)
	}
	c.showBody()
}

// Report returns what is shown.
func (c *CertificateCard) Report() *certs.Report { return c.report }

// choose shows a certificate field by field.
func (c *CertificateCard) choose(x chainCert) {
	if c.report != nil && (x.sha256 != c.chosen.sha256 || c.chosen.der == nil) {
		c.chosen = x
		c.pages.setCertificate(x, c.report.Time)
	}
}

// SetFolded makes the card one line, or the whole of it. It does not call OnFold.
func (c *CertificateCard) SetFolded(folded bool) {
	c.folded = folded
	c.showBody()
}

// Folded reports whether the card is one line.
func (c *CertificateCard) Folded() bool { return c.folded }

func (c *CertificateCard) showBody() {
	whole := !c.folded && c.report != nil
	c.splits.outer.Hidden = !whole
	icon := theme.MenuDropUpIcon()
	if c.folded {
		icon = theme.MenuDropDownIcon()
	}
	c.fold.SetIcon(icon)
	c.head.whole = whole
	c.head.Refresh()
	c.Refresh()
}

// SetCommand sets what "Copy as openssl command" copies; "" is none.
func (c *CertificateCard) SetCommand(command string) { c.command = command }

// SetResumption shows the outcome of the resumption test, on the page of the connection.
func (c *CertificateCard) SetResumption(text string) {
	c.resumption = text
	if c.report != nil {
		c.pages.setReport(c.report, text)
		c.pages.choose(PageConnection)
	}
}

// SetProgress says what is being waited for, with a way to give it up. It replaces what it said before.
func (c *CertificateCard) SetProgress(text string, onCancel func()) {
	c.onCancel = onCancel
	c.doing.SetText(plainText(text, noticeRunes, false))
	c.pages.setBusy(true)
	if c.progress.Hidden {
		c.progress.Show()
		c.Refresh()
	}
}

// ClearProgress takes the line of SetProgress away.
func (c *CertificateCard) ClearProgress() {
	c.onCancel = nil
	c.pages.setBusy(false)
	if !c.progress.Hidden {
		c.progress.Hide()
		c.Refresh()
	}
}

// CertificateCardState is how a person arranged a card.
type CertificateCardState struct {
	Folded bool
	Page   CertificatePage
	// Where the dividers stand, from 0 to 1; 0 leaves that to what there is to show. Across is between the faults
	// and chain and the fields, Down between faults and chain when they stand under one another, Beside when they
	// stand beside one another.
	Across, Down, Beside float64
}

// State returns how the card is arranged now.
func (c *CertificateCard) State() CertificateCardState {
	c.splits.keep()
	return CertificateCardState{Folded: c.folded, Page: c.pages.page, Across: c.splits.across.wish, Down: c.splits.down.wish, Beside: c.splits.beside.wish}
}

// SetState arranges the card. It does not call OnFold.
func (c *CertificateCard) SetState(s CertificateCardState) {
	c.splits.across.wish, c.splits.down.wish, c.splits.beside.wish = share(s.Across), share(s.Down), share(s.Beside)
	c.splits.forget()
	c.pages.choose(s.Page)
	c.SetFolded(s.Folded)
}

// AccessibilityLabel is the status with its sentence.
func (c *CertificateCard) AccessibilityLabel() string { return c.head.AccessibilityLabel() }

// AccessibilityRole is text.
func (c *CertificateCard) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

func (c *CertificateCard) minSize() fyne.Size {
	s := c.top.MinSize()
	s.Width = min(s.Width, 400)
	if !c.splits.outer.Hidden {
		s.Height += 120
	}
	return s
}

func (c *CertificateCard) arrange(size fyne.Size) {
	top := c.top.MinSize().Height
	c.top.Resize(fyne.NewSize(size.Width, top))
	if !c.splits.outer.Hidden {
		c.splits.outer.Move(fyne.NewPos(0, top))
		c.splits.arrange(fyne.NewSize(size.Width, max(size.Height-top, 0)))
	}
}

// CreateRenderer is part of fyne.Widget.
func (c *CertificateCard) CreateRenderer() fyne.WidgetRenderer {
	return &faceRenderer{
		objects: []fyne.CanvasObject{c.top, c.splits.outer},
		layout:  c.arrange,
		minSize: c.minSize,
		refresh: func() {
			c.arrange(c.Size())
			c.top.Refresh()
			c.splits.outer.Refresh()
		},
	}
}

// shownOnly sets objects one under another, close together; hidden ones take no room.
type shownOnly struct{}

func (shownOnly) MinSize(o []fyne.CanvasObject) (s fyne.Size) {
	for _, obj := range o {
		if obj.Visible() {
			m := obj.MinSize()
			s.Width, s.Height = max(s.Width, m.Width), s.Height+m.Height
		}
	}
	return s
}

func (shownOnly) Layout(o []fyne.CanvasObject, size fyne.Size) {
	var y float32
	for _, obj := range o {
		if obj.Visible() {
			h := obj.MinSize().Height
			obj.Move(fyne.NewPos(0, y))
			obj.Resize(fyne.NewSize(size.Width, h))
			y += h
		}
	}
}
