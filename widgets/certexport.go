package widgets

import (
	"encoding/json"
	"encoding/pem"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/certs/describe"
	"wirebench/widgets/words"
)

// ExportKind is a form in which a report leaves the card.
type ExportKind uint8

const (
	ExportPEM  ExportKind = iota // the chain as the server sent it
	ExportDER                    // the chosen certificate
	ExportText                   // the report and every certificate, as plain text
	ExportJSON                   // the report, as on the command line
)

// Text is the report with every field of every certificate, as plain text; "" without a report.
func (c *CertificateCard) Text() string {
	if c.report == nil {
		return ""
	}
	var b strings.Builder
	b.WriteString(c.report.Text())
	seen := map[string]bool{}
	add := func(der []byte) {
		if !seen[string(der)] {
			seen[string(der)] = true
			b.WriteString("\n" + describe.Text(describe.Certificate(der, c.report.Time)))
		}
	}
	for _, p := range c.report.Presented {
		add(p.DER)
	}
	for _, x := range c.report.Chain {
		add(x.Raw)
	}
	return b.String()
}

func pemOf(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// exportName makes a file name of the host.
func (c *CertificateCard) exportName() string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-' {
			return r
		}
		return '-'
	}, strings.Trim(clip(c.report.Host, 80), "[]."))
	if strings.Trim(name, "-.") == "" {
		return "certificate"
	}
	return name
}

func (c *CertificateCard) export(kind ExportKind) {
	if c.OnExport == nil || c.report == nil {
		return
	}
	name := c.exportName()
	switch kind {
	case ExportPEM:
		var out []byte
		for _, p := range c.report.Presented {
			out = append(out, pemOf(p.DER)...)
		}
		c.OnExport(kind, name+"-chain.pem", out)
	case ExportDER:
		if c.chosen.der != nil {
			c.OnExport(kind, name+".der", c.chosen.der)
		}
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

// menu is what can be done with the report.
func (c *CertificateCard) menu() *fyne.Menu {
	item := func(label string, run func(), possible bool) *fyne.MenuItem {
		i := fyne.NewMenuItem(label, run)
		i.Disabled = !possible
		return i
	}
	export := func(kind ExportKind) func() { return func() { c.export(kind) } }
	some := c.report != nil
	sent := some && len(c.report.Presented) > 0
	return fyne.NewMenu("",
		item(words.Say("Check revocation"), func() { call(c.OnCheckRevocation) }, sent && c.OnCheckRevocation != nil),
		item(words.Say("Test resumption"), func() { call(c.OnTestResumption) }, some && c.OnTestResumption != nil),
		fyne.NewMenuItemSeparator(),
		item(words.Say("Copy the report"), func() { c.copy(c.report.Text()) }, some),
		item(words.Say("Copy as openssl command"), func() { c.copy(c.command) }, c.command != ""),
		fyne.NewMenuItemSeparator(),
		item(words.Say("Export the chain as sent (PEM)…"), export(ExportPEM), sent && c.OnExport != nil),
		item(words.Say("Export the chosen certificate (DER)…"), export(ExportDER), c.chosen.der != nil && c.OnExport != nil),
		item(words.Say("Export everything as text…"), export(ExportText), some && c.OnExport != nil),
		item(words.Say("Export the report as JSON…"), export(ExportJSON), some && c.OnExport != nil))
}

// showMenu opens the menu below its button.
func (c *CertificateCard) showMenu() {
	on := canvasOf(c)
	if on == nil {
		return
	}
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(c.more)
	menu := widget.NewPopUpMenu(c.menu(), on)
	menu.ShowAtPosition(fyne.NewPos(max(at.X+c.more.Size().Width-menu.MinSize().Width, 0), at.Y+c.more.Size().Height))
}

// copy hands text to the owner or to the clipboard.
func (c *CertificateCard) copy(text string) {
	switch {
	case text == "":
	case c.OnCopy != nil:
		c.OnCopy(text)
	default:
		fyne.CurrentApp().Clipboard().SetContent(text)
	}
}
