package widgets

import (
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"wirebench/sessions/certs"
)

// denseTheme has the sizes of the product's own theme.
type denseTheme struct{ fixedTheme }

func (d denseTheme) Color(n fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	if n == theme.ColorNameDisabled {
		n = theme.ColorNamePlaceHolder
	}
	return d.fixedTheme.Color(n, v)
}

func (d denseTheme) Size(n fyne.ThemeSizeName) float32 {
	switch n {
	case theme.SizeNameText:
		return 13
	case theme.SizeNameCaptionText:
		return 11
	case theme.SizeNamePadding:
		return 3
	case theme.SizeNameInnerPadding:
		return 6
	case theme.SizeNameInlineIcon:
		return 17
	case theme.SizeNameScrollBar:
		return 12
	case theme.SizeNameScrollBarSmall:
		return 4
	}
	return d.fixedTheme.Size(n)
}

// cardLooks draws the card as [looks] does, in the product's density.
func cardLooks(t *testing.T, r *certs.Report, size fyne.Size, name string, dress func(*CertificateCard)) {
	t.Helper()
	dir := os.Getenv("WIREBENCH_SHOTS")
	for _, v := range []struct {
		name    string
		variant fyne.ThemeVariant
		scale   float32
	}{{"light", theme.VariantLight, 1}, {"dark", theme.VariantDark, 2}} {
		if dir == "" {
			v.variant = theme.VariantLight // colours are for somebody who looks
		}
		wear(t, denseTheme{fixedTheme{v.variant}})
		c := NewCertificateCard()
		w := test.NewTempWindow(t, c)
		w.SetPadded(false)
		on := w.Canvas().(software.WindowlessCanvas)
		on.SetScale(v.scale)
		w.Resize(size)
		c.SetReport(r)
		if dress != nil {
			dress(c)
		}
		relayout(on)
		nothingCutOff(t, on, name+", "+v.name)
		if dir == "" {
			continue
		}
		f, err := os.Create(filepath.Join(dir, name+"-"+v.name+".png"))
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, on.Capture()); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
}

// fakeReports are reports of every kind, by name.
func fakeReports(t *testing.T) map[string]*certs.Report {
	b := newCertBench(t)
	return map[string]*certs.Report{
		"trusted": b.trusted(), "expired": b.expiredWrongHost(), "issuer": b.issuerMissing(), "unparsable": b.unparsable(),
		"revoked": b.revoked(), "unknown": b.unknown(), "names": b.names(10000), "deep": b.deep(), "nothing": nil,
	}
}

func TestTheCertificateCardIsReadableAtEverySize(t *testing.T) {
	wear(t, denseTheme{lightTheme})
	for name, r := range fakeReports(t) {
		for _, size := range []struct {
			name string
			fyne.Size
		}{{"small", fyne.NewSize(700, 200)}, {"usual", fyne.NewSize(1024, 300)}, {"full", fyne.NewSize(1024, 700)}, {"wide", fyne.NewSize(1900, 360)}} {
			t.Run(name+" "+size.name, func(t *testing.T) {
				cardLooks(t, r, size.Size, "cert-"+name+"-"+size.name, nil)
			})
		}
	}
}

func TestTheCertificateCardIsReadableInEveryState(t *testing.T) {
	wear(t, denseTheme{lightTheme})
	b := newCertBench(t)
	usual := fyne.NewSize(1024, 340)
	revoked := b.revoked()
	revoked.Handshake.ClientAsked, revoked.Handshake.ClientProblem = true, "the server takes certificates of CN=Corp CA only, and the one sent is of CN=Other CA"
	revoked.Handshake.ClientSent, revoked.Handshake.AcceptableCAs = "CN=ada", []string{"CN=Corp CA, O=Corp", "CN=Corp CA 2, O=Corp"}
	for _, state := range []struct {
		name  string
		r     *certs.Report
		size  fyne.Size
		dress func(*CertificateCard)
	}{
		{"connection", b.trusted(), fyne.NewSize(1024, 480), func(c *CertificateCard) {
			c.OnTestResumption = func() {}
			c.SetResumption("the second connection was resumed with a ticket: 3.1 ms instead of 12.4 ms")
		}},
		{"client", revoked, usual, func(c *CertificateCard) { c.pages.choose(PageConnection) }},
		{"revocation", revoked, usual, func(c *CertificateCard) { c.pages.choose(PageRevocation) }},
		{"asking", revoked, usual, func(c *CertificateCard) {
			c.pages.choose(PageRevocation)
			c.SetProgress("OCSP: http://ocsp.trust.example", func() {})
		}},
		{"folded", b.expiredWrongHost(), fyne.NewSize(1400, 36), func(c *CertificateCard) { c.SetFolded(true) }},
		{"folded-narrow", b.expiredWrongHost(), fyne.NewSize(700, 36), func(c *CertificateCard) { c.SetFolded(true) }},
		{"found", b.names(10000), usual, func(c *CertificateCard) { c.pages.find.SetText("shop-0999") }},
		{"long", b.names(10000), fyne.NewSize(900, 500), func(c *CertificateCard) {
			l := c.pages.lists[PageCertificate]
			l.choose(len(l.rows.items)-4, false)
			c.pages.focus()
			l.key(&fyne.KeyEvent{Name: fyne.KeyReturn}, 0)
		}},
		{"problem", b.unparsable(), fyne.NewSize(1024, 480), func(c *CertificateCard) { c.pages.find.SetText("serial") }},
		{"waiting", nil, fyne.NewSize(1024, 80), func(c *CertificateCard) { c.SetProgress("Shaking hands with www.example.org…", func() {}) }},
	} {
		t.Run(state.name, func(t *testing.T) { cardLooks(t, state.r, state.size, "certstate-"+state.name, state.dress) })
	}
}
