package widgets

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wirebench/sessions/certs"
	"wirebench/sessions/certs/testca"
)

// shownCard is a card in a window.
func shownCard(t *testing.T, r *certs.Report) (*CertificateCard, fyne.Window) {
	t.Helper()
	wear(t, denseTheme{})
	c := NewCertificateCard()
	w := test.NewTempWindow(t, c)
	w.SetPadded(false)
	w.Resize(fyne.NewSize(1024, 400))
	c.SetReport(r)
	return c, w
}

func TestTheHeadOfTheCardSaysWhatAReportComesTo(t *testing.T) {
	b := newCertBench(t)
	for _, c := range []struct {
		name   string
		r      *certs.Report
		status string
		counts string
		says   string
	}{
		{"nothing yet", nil, "No certificate yet", "", "Connect to see"},
		{"good", b.trusted(), "trusted", "expires in 88 days", "The certificate is good for www.example.org"},
		{"expired and for another host", b.expiredWrongHost(), "principalMismatch", "2 faults · 1 warning · expired 3 days ago", "not www.example.org."},
		{"without its issuer", b.issuerMissing(), "untrustedSigners", "1 fault · 1 warning · expires in 88 days", "Example Trust Issuing CA E5"},
		{"unparsable", b.unparsable(), "invalid", "1 fault", "negative serial number."},
		{"revoked", b.revoked(), "revoked", "1 fault · 1 warning · expires in 88 days", "was revoked"},
		{"SSH", b.unknown(), "unknown", "", "that is SSH"},
	} {
		t.Run(c.name, func(t *testing.T) {
			card, _ := shownCard(t, c.r)
			if got := card.head.status.Text.Text; got != c.status {
				t.Errorf("the status is %q", got)
			}
			if got := card.head.counts.Text.Text; got != c.counts {
				t.Errorf("the counts are %q", got)
			}
			if label := card.AccessibilityLabel(); !strings.Contains(card.head.headline.Text, c.says) || !strings.Contains(label, c.says) || !strings.Contains(label, c.status) {
				t.Errorf("the headline is %q, and %q is read out", card.head.headline.Text, label)
			}
		})
	}
}

func TestEachStatusHasAShapeAndAColourOfItsOwnKind(t *testing.T) {
	wear(t, lightTheme)
	seen := map[string][]certs.Status{}
	for _, s := range certs.Statuses {
		look := lookOf(&certs.Report{Status: s})
		if look.word != string(s) {
			t.Errorf("%s is called %q", s, look.word)
		}
		seen[look.icon.Name()] = append(seen[look.icon.Name()], s)
	}
	for icon, statuses := range seen {
		for _, s := range statuses {
			if (s == certs.Trusted || s == certs.Unknown) && len(statuses) > 1 {
				t.Errorf("%v share the picture %s", statuses, icon)
			}
		}
	}
}

func TestTimesAreSaidInTheUnitThatFits(t *testing.T) {
	at := reportTime
	for _, c := range []struct {
		from, to time.Duration
		want     string
	}{
		{-time.Hour, 90 * 24 * time.Hour, "expires in 90 days"},
		{-time.Hour, 30 * time.Hour, "expires in 30 hours"},
		{-time.Hour, time.Minute, "expires in 1 minute"},
		{-72 * time.Hour, -time.Hour, "expired 60 minutes ago"},
		{-72 * time.Hour, -49 * time.Hour, "expired 2 days ago"},
		{3 * time.Hour, 72 * time.Hour, "begins in 3 hours"},
	} {
		r := &certs.Report{Time: at, Chain: []*x509.Certificate{{NotBefore: at.Add(c.from), NotAfter: at.Add(c.to)}}}
		if got := daysText(r); got != c.want {
			t.Errorf("%v to %v: %q, not %q", c.from, c.to, got, c.want)
		}
	}
	far := &certs.Report{Time: at, Chain: []*x509.Certificate{{NotBefore: at, NotAfter: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)}}}
	if got := daysText(far); got != "expires in 2,912,118 days" {
		t.Error(got)
	}
}

func TestTheCardFoldsByItsButtonAndSaysSo(t *testing.T) {
	c, w := shownCard(t, newCertBench(t).expiredWrongHost())
	var told []bool
	c.OnFold = func(folded bool) { told = append(told, folded) }
	high := c.MinSize().Height
	test.Tap(c.fold)
	relayout(w.Canvas())
	if !c.Folded() || len(told) != 1 || !told[0] || c.splits.outer.Visible() || c.MinSize().Height >= high/2 {
		t.Errorf("folded %v, told %v, %v high and %v before", c.Folded(), told, c.MinSize().Height, high)
	}
	c.SetFolded(false)
	if c.Folded() || len(told) != 1 || !c.splits.outer.Visible() {
		t.Errorf("unfolded by the program: told %v", told)
	}
}

func TestProgressCanBeGivenUp(t *testing.T) {
	c, w := shownCard(t, nil)
	cancelled := 0
	c.SetProgress("Asking \x1b[2J the issuers", func() { cancelled++ })
	relayout(w.Canvas())
	if !c.progress.Visible() || c.doing.Text != `Asking \x1b[2J the issuers` {
		t.Errorf("it says %q", c.doing.Text)
	}
	high := c.MinSize().Height
	test.Tap(c.cancel)
	if cancelled != 1 {
		t.Errorf("cancelled %d times", cancelled)
	}
	c.ClearProgress()
	if c.progress.Visible() || c.MinSize().Height >= high {
		t.Error("the line stays")
	}
}

func TestAnotherReportKeepsTheChosenCertificateAndPage(t *testing.T) {
	b := newCertBench(t)
	r := b.revoked()
	c, _ := shownCard(t, r)
	c.chain.choose(1)
	c.pages.choose(PageRevocation)
	again := *r
	c.SetReport(&again)
	if !bytes.Equal(c.chosen.der, b.issuer.DER) || c.pages.page != PageRevocation {
		t.Errorf("page %d, chosen %q", c.pages.page, c.chosen.name)
	}
	c.SetReport(b.unknown())
	if c.chosen.der != nil || c.pages.page != PageConnection || len(c.pages.lists[PageCertificate].groups) != 0 {
		t.Error("a report without certificates shows one")
	}
	c.SetReport(r)
	if c.pages.page != PageCertificate || c.chosen.name != "www.example.org" {
		t.Errorf("page %d, chosen %q", c.pages.page, c.chosen.name)
	}
}

func TestTheArrangementOfACardCanBeKept(t *testing.T) {
	b := newCertBench(t)
	c, w := shownCard(t, b.expiredWrongHost())
	if s := c.State(); s != (CertificateCardState{}) {
		t.Errorf("before anything was moved: %+v", s)
	}
	c.splits.outer.SetOffset(0.3) // as dragging does
	c.splits.left.SetOffset(0.7)
	c.pages.choose(PageConnection)
	want := CertificateCardState{Page: PageConnection, Across: 0.3, Down: 0.7}
	if s := c.State(); s != want {
		t.Errorf("%+v, not %+v", s, want)
	}
	c.SetReport(b.trusted())
	relayout(w.Canvas())
	if c.splits.outer.Offset != 0.3 || c.splits.left.Offset != 0.7 {
		t.Errorf("another report moves the dividers to %v and %v", c.splits.outer.Offset, c.splits.left.Offset)
	}
	other, on := shownCard(t, nil)
	want.Folded = true
	other.SetState(want)
	other.SetReport(b.unknown())
	relayout(on.Canvas())
	if s := other.State(); s != want || !other.Folded() {
		t.Errorf("%+v, not %+v", s, want)
	}
	other.SetState(CertificateCardState{Page: 9, Across: 7, Down: -1})
	if s := other.State(); s.Page > PageRevocation || s.Across != 0 || s.Down != 0 {
		t.Errorf("a state that makes no sense: %+v", s)
	}
}

func TestAWideCardStandsInThreeColumns(t *testing.T) {
	c, w := shownCard(t, newCertBench(t).deep())
	w.Resize(fyne.NewSize(1600, 300))
	if !c.splits.left.Horizontal || c.chain.Position().X == 0 {
		t.Error("the chain stands below the findings")
	}
	w.Resize(fyne.NewSize(1600, 900))
	if c.splits.left.Horizontal || c.chain.Position().Y == 0 {
		t.Error("the chain stands beside the findings")
	}
}

func TestExportsAreWhatTheirNamesSay(t *testing.T) {
	b := newCertBench(t)
	r := b.expiredWrongHost()
	c, _ := shownCard(t, r)
	got := map[ExportKind][]byte{}
	names := map[ExportKind]string{}
	c.OnExport = func(k ExportKind, name string, data []byte) { got[k], names[k] = data, name }
	c.chain.choose(1)
	for _, label := range []string{"Export the chain as sent (PEM)…", "Export the chosen certificate (DER)…", "Export everything as text…", "Export the report as JSON…"} {
		menuItem(t, c.menu(), label).Action()
	}
	rest, count := got[ExportPEM], 0
	for ; len(bytes.TrimSpace(rest)) > 0; count++ {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil || !bytes.Equal(block.Bytes, r.Presented[count].DER) {
			t.Fatalf("certificate %d of the chain is another one", count)
		}
	}
	if count != 3 || names[ExportPEM] != "www.example.org-chain.pem" {
		t.Errorf("%d certificates in %s", count, names[ExportPEM])
	}
	if !bytes.Equal(got[ExportDER], b.issuer.DER) || names[ExportDER] != "www.example.org.der" {
		t.Errorf("%s has another certificate", names[ExportDER])
	}
	text := string(got[ExportText])
	for _, want := range []string{"certificate principalMismatch", "name-mismatch", "chain as built", "Certificate: mail.example.net", "Certificate: Example Trust Root R1", "Public key pin"} {
		if !strings.Contains(text, want) {
			t.Errorf("%s lacks %q", names[ExportText], want)
		}
	}
	if strings.Count(text, "\nCertificate: ") != 3 {
		t.Errorf("%d certificates are described", strings.Count(text, "\nCertificate: "))
	}
	var report struct{ Status string }
	if err := json.Unmarshal(got[ExportJSON], &report); err != nil || report.Status != "principalMismatch" {
		t.Errorf("%s: %v, %v", names[ExportJSON], report, err)
	}
}

func menuItem(t *testing.T, m *fyne.Menu, label string) *fyne.MenuItem {
	t.Helper()
	for _, i := range m.Items {
		if i.Label == label {
			return i
		}
	}
	t.Fatalf("the menu has no %q", label)
	return nil
}

func TestFileNamesAreMadeOfAnyHost(t *testing.T) {
	c, _ := shownCard(t, nil)
	for host, want := range map[string]string{"": "certificate", "[::1]": "--1", "2001:db8::7": "2001-db8--7", "bücher.example": "b-cher.example",
		"../../etc/passwd": "-..-etc-passwd", "..": "certificate", "[::]": "certificate"} {
		c.report = &certs.Report{Host: host}
		if got := c.exportName(); got != want {
			t.Errorf("%q gives %q, not %q", host, got, want)
		}
	}
}

func TestTheMenuOffersWhatCanBeDone(t *testing.T) {
	b := newCertBench(t)
	c, _ := shownCard(t, b.unknown())
	c.OnCheckRevocation, c.OnTestResumption = func() {}, func() {}
	c.OnExport = func(ExportKind, string, []byte) {}
	for label, want := range map[string]bool{"Check revocation": false, "Copy the report": true, "Copy as openssl command": false,
		"Export the chain as sent (PEM)…": false, "Export the chosen certificate (DER)…": false, "Export the report as JSON…": true} {
		if got := !menuItem(t, c.menu(), label).Disabled; got != want {
			t.Errorf("%s with no certificate: %v", label, got)
		}
	}
	asked, copied := 0, ""
	c.OnCheckRevocation = func() { asked++ }
	c.OnCopy = func(text string) { copied = text }
	c.SetCommand("openssl s_client -connect www.example.org:443")
	c.SetReport(b.trusted())
	menuItem(t, c.menu(), "Check revocation").Action()
	menuItem(t, c.menu(), "Copy as openssl command").Action()
	if asked != 1 || copied != "openssl s_client -connect www.example.org:443" {
		t.Errorf("asked %d times, copied %q", asked, copied)
	}
	menuItem(t, c.menu(), "Copy the report").Action()
	if copied != c.report.Text() {
		t.Errorf("copied %q", copied)
	}
}

func TestThePagesAskForMore(t *testing.T) {
	c, w := shownCard(t, newCertBench(t).trusted())
	w.Resize(fyne.NewSize(1024, 600))
	var asked []string
	c.OnCheckRevocation = func() { asked = append(asked, "revocation") }
	c.OnTestResumption = func() { asked = append(asked, "resumption") }
	if c.pages.ask.Visible() {
		t.Error("the page of the certificate asks for something")
	}
	for _, p := range []CertificatePage{PageConnection, PageRevocation} {
		c.pages.choose(p)
		relayout(w.Canvas())
		test.Tap(c.pages.ask)
	}
	c.SetProgress("Asking", nil)
	test.Tap(c.pages.ask) // disabled while something is being asked
	if strings.Join(asked, " ") != "resumption revocation" {
		t.Errorf("asked for %v", asked)
	}
	c.SetResumption("resumed with a ticket")
	if all := c.pages.lists[PageConnection].all(); c.pages.page != PageConnection || !strings.Contains(all, "Resumption test: resumed with a ticket") {
		t.Errorf("page %d: %s", c.pages.page, all)
	}
}

func TestHostileTextsAreShownAndNotObeyed(t *testing.T) {
	b := newCertBench(t)
	evil := "a\x1b[2J\u202eb\nc"
	r := b.report(certs.Evidence{}, b.leaf(testca.Spec{CommonName: evil}), b.issuer)
	r.Headline, r.Host, r.Store = evil, evil, evil
	r.Handshake.Problem, r.Handshake.ALPN, r.Handshake.ClientProblem, r.Handshake.AcceptableCAs = evil, evil, evil, []string{evil}
	r.Faults = append(r.Faults, certs.Finding{Status: certs.Invalid, Code: certs.Malformed, Subject: evil, Detail: evil, Hint: evil})
	r.Revocation = append(r.Revocation, certs.Revocation{Subject: evil, Method: certs.MethodCRL, From: evil, Detail: evil})
	c, w := shownCard(t, r)
	relayout(w.Canvas())
	shown := c.head.headline.Text + c.head.wire + c.head.judged
	for _, block := range c.findings.blocks {
		shown += block.AccessibilityLabel()
	}
	for _, row := range c.chain.rows {
		shown += row.name
	}
	for _, l := range c.pages.lists {
		shown += strings.ReplaceAll(l.all(), "\n", " ")
	}
	if i := strings.IndexAny(shown, "\x1b\u202e\n"); i >= 0 {
		t.Errorf("shown as it came: %q", shown[max(0, i-20):i+20])
	}
}

func TestTypingInTheFieldsFindsAndEnterGoesBack(t *testing.T) {
	b := newCertBench(t)
	c, w := shownCard(t, b.trusted())
	c.pages.focus()
	l := c.pages.lists[PageCertificate]
	l.grid.TypedKey(&fyne.KeyEvent{Name: fyne.KeyS}) // a window sends the key, and then the rune to what has the focus
	typing(w, "sha-256")
	if c.pages.find.Text != "sha-256" || l.filter != "sha-256" || c.pages.count.Text.Text == "" {
		t.Fatalf("the field has %q, and %q is looked for", c.pages.find.Text, l.filter)
	}
	press(w, fyne.KeyReturn)
	if !l.grid.Focused() || l.head < 0 {
		t.Error("Enter does not go to what was found")
	}
	press(w, fyne.KeyEnd)
	copied := ""
	c.OnCopy = func(text string) { copied = text }
	l.grid.TypedShortcut(&fyne.ShortcutCopy{})
	if copied == "" {
		t.Error("nothing was copied")
	}
	l.grid.TypedKey(&fyne.KeyEvent{Name: fyne.KeyX})
	press(w, fyne.KeyEscape)
	if c.pages.find.Text != "" || l.filter != "" || c.pages.count.Text.Text != "" {
		t.Errorf("Escape leaves %q", c.pages.find.Text)
	}
}
