package widgets

import (
	"crypto/x509"
	"encoding/pem"
	"os"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"wirebench/sessions/certs"
)

// storedReports are a trusted report and one with two faults and a warning, made of testdata/certcard.pem and of
// words that stand here, so that they look the same everywhere.
func storedReports(t *testing.T) (trusted, faulty *certs.Report) {
	t.Helper()
	rest, err := os.ReadFile("testdata/certcard.pem")
	if err != nil {
		t.Fatal(err)
	}
	var all []*x509.Certificate
	for block, more := pem.Decode(rest); block != nil; block, more = pem.Decode(more) {
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	expired, good, issuer, root := all[0], all[1], all[2], all[3]
	sent := func(list ...*x509.Certificate) (p []certs.Presented) {
		for _, c := range list {
			p = append(p, certs.Presented{DER: c.Raw, Cert: c})
		}
		return p
	}
	handshake := &certs.Handshake{Version: "TLS 1.3", CipherSuite: "TLS_AES_128_GCM_SHA256", Curve: "X25519MLKEM768", ALPN: "h2", Took: 12400 * time.Microsecond, Complete: true}
	trusted = &certs.Report{Status: certs.Trusted, Headline: "the certificate is good for www.example.org until 2027-02-17 09:30 UTC (88 days left)",
		Host: "www.example.org", Time: reportTime, Store: "the system's 142 roots", Presented: sent(good, issuer),
		Chain: []*x509.Certificate{good, issuer, root}, Anchored: true, Handshake: handshake}
	about := func(depth int, c *x509.Certificate) certs.Finding {
		return certs.Finding{Depth: depth, Subject: certs.SubjectText(c), SHA256: certs.Fingerprint(c.Raw)}
	}
	name, end, sentRoot := about(0, expired), about(0, expired), about(2, root)
	name.Status, name.Code = certs.PrincipalMismatch, certs.NameMismatch
	name.Detail, name.Hint = "it names mail.example.net and imap.example.net; not www.example.org", "connect by a name that the certificate has, or have one issued for this name"
	end.Status, end.Code = certs.Expired, certs.ExpiredLeaf
	end.Detail, end.Hint = "it ended on 2026-11-18 09:30 UTC, 3 days before 2026-11-21 09:30 UTC", "renew it, install the new one, and reload the server"
	sentRoot.Code, sentRoot.Detail, sentRoot.Hint = certs.RootSent, "this trusted root was sent too, as number 2", "leave the root out of the chain the server sends"
	faulty = &certs.Report{Status: certs.PrincipalMismatch, Headline: "the certificate names mail.example.net and imap.example.net; not www.example.org",
		Faults: []certs.Finding{name, end}, Warnings: []certs.Finding{sentRoot}, Host: "www.example.org", Time: reportTime, Store: "the system's 142 roots",
		Presented: sent(expired, root, issuer), Chain: []*x509.Certificate{expired, issuer, root}, Anchored: true, Handshake: handshake,
		Revocation: []certs.Revocation{{Depth: 0, Subject: certs.SubjectText(expired), Method: certs.MethodCRL, From: "http://crl.trust.example/e5.crl", Result: certs.Good,
			Detail: "it is not in the list, which holds until 2026-11-28 09:30 UTC", Took: 86 * time.Millisecond}}}
	return trusted, faulty
}

// TestTheCertificateCardLooksAsItDid compares pictures with those in testdata; look at testdata/failed when it fails,
// and move the picture from there when it is right.
func TestTheCertificateCardLooksAsItDid(t *testing.T) {
	wear(t, denseTheme{lightTheme})
	local := time.Local
	time.Local = time.UTC // the fields tell times in the person's zone too
	t.Cleanup(func() { time.Local = local })
	trusted, faulty := storedReports(t)
	for _, c := range []struct {
		name    string
		report  *certs.Report
		variant fyne.ThemeVariant
		scale   float32
		page    CertificatePage
	}{
		{"light-1", faulty, theme.VariantLight, 1, PageCertificate},
		{"dark-2", faulty, theme.VariantDark, 2, PageRevocation},
		{"trusted-light-1", trusted, theme.VariantLight, 1, PageConnection},
	} {
		t.Run(c.name, func(t *testing.T) {
			wear(t, denseTheme{fixedTheme{c.variant}})
			card := NewCertificateCard()
			card.OnCheckRevocation, card.OnTestResumption = func() {}, func() {}
			w := test.NewTempWindow(t, card)
			w.SetPadded(false)
			w.Canvas().(software.WindowlessCanvas).SetScale(c.scale)
			w.Resize(fyne.NewSize(960, 300))
			card.SetReport(c.report)
			card.pages.choose(c.page)
			relayout(w.Canvas())
			test.AssertImageMatches(t, "certcard-"+c.name+".png", w.Canvas().Capture())
		})
	}
}
