package widgets

import (
	"encoding/json"
	"encoding/pem"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/certs"
	"wirebench/sessions/certs/describe"
)

// ExportKind is a form in which a report leaves the card.
type ExportKind uint8

const (
	ExportPEM  ExportKind = iota // the chain as the server sent it
	ExportDER                    // the chosen certificate
	ExportText                   // the report and every certificate, as plain text
	ExportJSON                   // the report, as on the command line
)

// CertificateCard shows a certificate report: its status in a word and a sentence, everything that is wrong with what
// to do about it, the chains, and the chosen certificate field by field. Folded it is one line.
type CertificateCard struct {
	widget.BaseWidget

	OnFold            func(folded bool)
	OnCheckRevocation func()
	OnTestResumption  func()
	OnExport          func(kind ExportKind, name string, data []byte)

	report     *certs.Report
	chosen     chainCert
	command    string
	resumption string
	folded     bool

	badge    *widget.Icon
	status   *widget.Label
	headline *widget.Label
	days     *widget.Label
	wire     *widget.Label
	fold     *widget.Button
	more     *widget.Button

	progress *fyne.Container
	doing    *widget.Label
	cancel   *widget.Button
	onCancel func()

	findings *findingList
	chains   *chainView
	pages    *container.AppTabs
	facts    [3]*factList
	left     *container.Split // findings over chains
	body     *fyne.Container
	root     *fyne.Container
}

var (
	_ fyne.Widget     = (*CertificateCard)(nil)
	_ fyne.Accessible = (*CertificateCard)(nil)
)

// NewCertificateCard returns a card with nothing to show yet.
func NewCertificateCard() *CertificateCard {
	c := &CertificateCard{}
	c.badge = widget.NewIcon(nil)
	c.status = widget.NewLabelWithStyle("", fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	c.headline = widget.NewLabel("")
	c.headline.Truncation = fyne.TextTruncateEllipsis
	c.headline.Selectable = true
	c.days = widget.NewLabel("")
	c.wire = widget.NewLabel("")
	c.wire.Importance = widget.LowImportance
	c.fold = widget.NewButtonWithIcon("", theme.MenuDropUpIcon(), func() { c.foldBy(!c.folded) })
	c.fold.Importance = widget.LowImportance
	c.more = widget.NewButtonWithIcon("", theme.MoreVerticalIcon(), c.showMore)
	c.more.Importance = widget.LowImportance

	c.doing = widget.NewLabel("")
	c.doing.Truncation = fyne.TextTruncateEllipsis
	c.cancel = widget.NewButton("Cancel", func() {
		if c.onCancel != nil {
			c.onCancel()
		}
	})
	c.progress = container.NewBorder(nil, nil, widget.NewIcon(theme.HistoryIcon()), c.cancel, c.doing)
	c.progress.Hide()

	c.findings = newFindingList()
	c.findings.onChoose = func(f certs.Finding) {
		c.pages.SelectIndex(0)
		c.chains.chooseBy(f.SHA256)
	}
	c.chains = newChainView()
	c.chains.onChoose = c.choose
	names := [3]string{"Certificate", "Connection", "Revocation"}
	c.pages = container.NewAppTabs()
	for i := range c.facts {
		c.facts[i] = newFactList()
		c.pages.Append(container.NewTabItem(names[i], c.facts[i]))
	}
	c.left = container.NewVSplit(c.findings, c.chains)
	across := container.NewHSplit(c.left, c.pages)
	across.Offset = 0.46
	c.body = container.NewStack(across)
	head := container.New(&cardHead{}, c.badge, c.status, c.headline, c.days, c.wire, c.more, c.fold)
	c.root = container.NewBorder(container.New(&shownOnly{}, head, c.progress), nil, nil, nil, c.body)
	c.ExtendBaseWidget(c)
	c.SetReport(nil)
	return c
}

// SetReport shows r; nil is for nothing yet. A report that has not changed is not drawn again.
func (c *CertificateCard) SetReport(r *certs.Report) {
	if r == c.report && r != nil {
		return
	}
	c.report, c.chosen, c.resumption = r, chainCert{}, ""
	look := lookOf(r)
	c.badge.SetResource(theme.NewColoredResource(look.icon, look.colour))
	c.status.SetText(look.word)
	c.more.Hidden = r == nil
	c.fold.Hidden = r == nil
	if r == nil {
		c.headline.SetText("Connect to see the server's certificate and everything that is wrong with it.")
		c.days.SetText("")
		c.wire.SetText("")
		c.showBody()
		return
	}
	c.headline.SetText(plainText(r.Headline, noticeRunes, false))
	c.days.SetText(joinDot(daysText(r), countText(len(r.Faults), "fault"), countText(len(r.Warnings), "warning")))
	c.wire.SetText(negotiated(r.Handshake))
	c.findings.set(r)
	c.chains.set(r)
	if c.chosen.der == nil {
		c.facts[0].set(nil)
	}
	c.facts[1].set(connectionFacts(r, c.resumption))
	c.facts[2].set(revocationFacts(r))
	if r.Status == certs.Unknown {
		c.pages.SelectIndex(1)
	} else if c.pages.SelectedIndex() == 1 {
		c.pages.SelectIndex(0)
	}
	// Room goes to what there is to read.
	c.left.SetOffset(0.62)
	if len(r.Faults)+len(r.Warnings) == 0 && r.Status != certs.Unknown {
		c.left.SetOffset(0.2)
	}
	c.showBody()
}

// Report returns what is shown.
func (c *CertificateCard) Report() *certs.Report { return c.report }

func joinDot(parts ...string) string {
	var some []string
	for _, p := range parts {
		if p != "" {
			some = append(some, p)
		}
	}
	return strings.Join(some, " · ")
}

func countText(n int, what string) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "1 " + what
	}
	return FormatCount(int64(n)) + " " + what + "s"
}

// choose shows a certificate field by field.
func (c *CertificateCard) choose(x chainCert) {
	if x.sha256 == c.chosen.sha256 {
		return
	}
	c.chosen = x
	c.facts[0].set(certificateFacts(x.der, c.report.Time))
	c.pages.Items[0].Text = "Certificate"
	c.pages.Refresh()
}

// SetFolded makes the card one line, or the whole of it. It does not call OnFold.
func (c *CertificateCard) SetFolded(folded bool) {
	c.folded = folded
	c.showBody()
}

// Folded reports whether the card is one line.
func (c *CertificateCard) Folded() bool { return c.folded }

func (c *CertificateCard) foldBy(folded bool) {
	c.SetFolded(folded)
	if c.OnFold != nil {
		c.OnFold(folded)
	}
}

func (c *CertificateCard) showBody() {
	c.body.Hidden = c.folded || c.report == nil
	icon := theme.MenuDropUpIcon()
	if c.folded {
		icon = theme.MenuDropDownIcon()
	}
	c.fold.SetIcon(icon)
	c.root.Refresh()
	c.Refresh()
}

// SetCommand sets what "Copy as an openssl command" copies.
func (c *CertificateCard) SetCommand(command string) { c.command = command }

// SetResumption shows the outcome of the resumption test, on the page of the connection.
func (c *CertificateCard) SetResumption(text string) {
	c.resumption = text
	if c.report != nil {
		c.facts[1].set(connectionFacts(c.report, text))
		c.pages.SelectIndex(1)
	}
}

// SetProgress says what is being waited for, with a way to give it up.
func (c *CertificateCard) SetProgress(text string, cancel func()) {
	c.onCancel = cancel
	c.doing.SetText(plainText(text, noticeRunes, false))
	if c.progress.Hidden {
		c.progress.Show()
		c.root.Refresh()
	}
}

// ClearProgress takes the line of SetProgress away.
func (c *CertificateCard) ClearProgress() {
	if !c.progress.Hidden {
		c.progress.Hide()
		c.root.Refresh()
	}
}

// Text is the report with every field of every certificate, as plain text.
func (c *CertificateCard) Text() string {
	if c.report == nil {
		return ""
	}
	var b strings.Builder
	b.WriteString(c.report.Text())
	for _, p := range c.report.Presented {
		b.WriteString("\n" + describe.Text(describe.Certificate(p.DER, c.report.Time)))
	}
	return b.String()
}

func (c *CertificateCard) showMore() {
	run := func(f *func()) func() {
		return func() {
			if *f != nil {
				(*f)()
			}
		}
	}
	export := func(kind ExportKind) func() { return func() { c.export(kind) } }
	items := []*fyne.MenuItem{
		fyne.NewMenuItem("Check revocation now", run(&c.OnCheckRevocation)),
		fyne.NewMenuItem("Test session resumption", run(&c.OnTestResumption)),
		fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem("Copy the report", func() { fyne.CurrentApp().Clipboard().SetContent(c.report.Text()) }),
		fyne.NewMenuItem("Copy as an openssl command", func() { fyne.CurrentApp().Clipboard().SetContent(c.command) }),
		fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem("Export the chain as sent (PEM)...", export(ExportPEM)),
		fyne.NewMenuItem("Export the chosen certificate (DER)...", export(ExportDER)),
		fyne.NewMenuItem("Export everything as text...", export(ExportText)),
		fyne.NewMenuItem("Export the report as JSON...", export(ExportJSON)),
	}
	items[4].Disabled = c.command == ""
	items[6].Disabled = len(c.report.Presented) == 0
	items[7].Disabled = c.chosen.der == nil
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(c.more)
	menu := widget.NewPopUpMenu(fyne.NewMenu("", items...), canvasOf(c))
	menu.ShowAtPosition(fyne.NewPos(max(at.X+c.more.Size().Width-menu.MinSize().Width, 0), at.Y+c.more.Size().Height))
}

func (c *CertificateCard) export(kind ExportKind) {
	if c.OnExport == nil || c.report == nil {
		return
	}
	name := "certificate"
	if c.report.Host != "" {
		name = strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-' {
				return r
			}
			return '-'
		}, clip(c.report.Host, 80))
	}
	switch kind {
	case ExportPEM:
		var out []byte
		for _, p := range c.report.Presented {
			out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.DER})...)
		}
		c.OnExport(kind, name+"-chain.pem", out)
	case ExportDER:
		c.OnExport(kind, name+".der", c.chosen.der)
	case ExportText:
		c.OnExport(kind, name+".txt", []byte(c.Text()))
	case ExportJSON:
		out, err := json.MarshalIndent(c.report.JSON(), "", "\t")
		if err != nil {
			panic(err) // a report holds nothing that JSON cannot
		}
		c.OnExport(kind, name+".json", append(out, '\n'))
	}
}

// AccessibilityLabel is the status with its sentence.
func (c *CertificateCard) AccessibilityLabel() string {
	return "certificate " + c.status.Text + ": " + c.headline.Text
}

// AccessibilityRole is text.
func (c *CertificateCard) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer is part of fyne.Widget.
func (c *CertificateCard) CreateRenderer() fyne.WidgetRenderer {
	r := newFace(c.root, nil)
	r.minSize = func() fyne.Size {
		s := c.root.MinSize()
		s.Width = min(s.Width, 400)
		if !c.body.Hidden {
			s.Height = max(s.Height, 120)
		}
		return s
	}
	return r
}

// statusLook is how a status shows: a word, a shape and a colour, so that none of them is needed alone.
type statusLook struct {
	word   string
	icon   fyne.Resource
	colour fyne.ThemeColorName
}

func lookOf(r *certs.Report) statusLook {
	if r == nil {
		return statusLook{"No certificate yet", theme.QuestionIcon(), theme.ColorNamePlaceHolder}
	}
	switch word := string(r.Status); r.Status {
	case certs.Trusted:
		if len(r.Warnings) > 0 {
			return statusLook{word, theme.ConfirmIcon(), theme.ColorNameSuccess}
		}
		return statusLook{word, theme.ConfirmIcon(), theme.ColorNameSuccess}
	case certs.Unknown:
		return statusLook{word, theme.QuestionIcon(), theme.ColorNameWarning}
	case certs.Expired, certs.NotYetValid:
		return statusLook{word, theme.HistoryIcon(), theme.ColorNameError}
	case certs.Revoked:
		return statusLook{word, theme.DeleteIcon(), theme.ColorNameError}
	default:
		return statusLook{word, theme.ErrorIcon(), theme.ColorNameError}
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

// cardHead lays the line out: badge, status, headline as wide as can be, days, what was negotiated where there is
// room for it, and the buttons.
type cardHead struct{}

func (cardHead) MinSize(o []fyne.CanvasObject) fyne.Size {
	var h float32
	for _, obj := range o {
		if obj.Visible() {
			h = max(h, obj.MinSize().Height)
		}
	}
	return fyne.NewSize(320, h)
}

func (cardHead) Layout(o []fyne.CanvasObject, size fyne.Size) {
	badge, status, headline, days, wire := o[0], o[1], o[2], o[3], o[4]
	icon, pad := theme.IconInlineSize(), theme.InnerPadding()
	badge.Resize(fyne.NewSquareSize(icon))
	badge.Move(fyne.NewPos(pad, (size.Height-icon)/2))
	x := pad + icon
	right := size.Width
	for i := len(o) - 1; i > 4; i-- {
		if o[i].Visible() {
			s := o[i].MinSize()
			right -= s.Width
			o[i].Resize(fyne.NewSize(s.Width, size.Height))
			o[i].Move(fyne.NewPos(right, 0))
		}
	}
	place := func(obj fyne.CanvasObject, x, width float32) {
		obj.Resize(fyne.NewSize(width, obj.MinSize().Height))
		obj.Move(fyne.NewPos(x, (size.Height-obj.MinSize().Height)/2))
	}
	s := status.MinSize().Width
	place(status, x, s)
	x += s - pad
	const least = 260 // of the headline
	for _, obj := range []fyne.CanvasObject{days, wire} {
		width := obj.MinSize().Width
		if right-width-x < least || width <= 2*pad {
			place(obj, size.Width, 0)
			obj.Resize(fyne.NewSize(0, 0))
			obj.Move(fyne.NewPos(-4000, 0))
			continue
		}
		right -= width
		place(obj, right, width)
	}
	place(headline, x, max(right-x, 0))
}
