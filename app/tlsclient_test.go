package app

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wirebench/sessions"
	"wirebench/sessions/certs"
	"wirebench/sessions/certs/testca"
	"wirebench/widgets"
)

// tlsEcho echoes behind TLS with a certificate for localhost, and returns the file with its root.
func tlsEcho(t *testing.T, spec testca.Spec) (address, roots string) {
	t.Helper()
	root, err := testca.SelfSigned(testca.Spec{CommonName: "Root", CA: true})
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := root.Issue(spec)
	if err != nil {
		t.Fatal(err)
	}
	roots = filepath.Join(t.TempDir(), "roots.pem")
	if err := os.WriteFile(roots, testca.PEM(root), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{testca.TLS(leaf)}})
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, l, sendBack), roots
}

func openTLS(t *testing.T, w *workbench, address string, o tlsOptions) *clientTab {
	t.Helper()
	o.Trust = "mine"
	tab := w.newClient(savedTab{Kind: "tls", Address: address, TLS: &o})
	tab.startTyped()
	return tab
}

func TestATrustedServerIsTalkedToWithItsCardFolded(t *testing.T) {
	address, roots := tlsEcho(t, testca.Spec{CommonName: "localhost", DNSNames: []string{"localhost"}})
	w, _ := newBenchUnderTest(t)
	tab := openTLS(t, w, address, tlsOptions{CAFiles: []string{roots}, ServerName: "localhost"})
	until(t, w, "open", func() bool { return tab.info.State == sessions.Open && tab.tls.card.Report() != nil })
	if r := tab.tls.card.Report(); r == nil || r.Status != certs.Trusted || !tab.tls.card.Folded() {
		t.Errorf("the card shows %+v, folded %v", r, tab.tls.card.Folded())
	}
	if _, shown := tab.tls.caution.Notice(); shown {
		t.Error("a caution is shown for a trusted server")
	}
	tab.composer.SetText("ping")
	w.run(t, "Send")
	until(t, w, "the echo", func() bool { return tab.status.Status().InBytes == 4 })
	w.run(t, "Certificate")
	if tab.tls.card.Folded() || tab.tls.split == nil {
		t.Error("the card does not unfold")
	}
}

func TestAnUntrustedServerIsRefusedWithEverythingToReadAndAWayOn(t *testing.T) {
	address, _ := tlsEcho(t, testca.Spec{CommonName: "localhost", DNSNames: []string{"other.example"}})
	_, roots := tlsEcho(t, testca.Spec{CommonName: "localhost"})
	w, _ := newBenchUnderTest(t)
	tab := openTLS(t, w, address, tlsOptions{CAFiles: []string{roots}, ServerName: "localhost"})
	until(t, w, "refused", func() bool {
		_, told := tab.traffic.banner.Notice()
		return tab.info.State == sessions.Failed && told
	})
	r := tab.tls.card.Report()
	if r == nil || r.Status != certs.UntrustedSigners || len(r.Faults) != 2 || tab.tls.card.Folded() {
		t.Fatalf("the card shows %+v, folded %v", r, tab.tls.card.Folded())
	}
	n, shown := tab.traffic.banner.Notice()
	if !shown || !strings.Contains(n.Text, "untrustedSigners") || len(n.Actions) != 2 {
		t.Errorf("the banner says %+v", n)
	}
	if out := tab.session.Traffic().Stats().OutBytes; out != 0 {
		t.Errorf("%d bytes were sent", out)
	}

	w.run(t, "Continue in spite of the certificate")
	until(t, w, "open in spite of it", func() bool {
		_, told := tab.tls.caution.Notice()
		return tab.info.State == sessions.Open && told
	})
	c, shown := tab.tls.caution.Notice()
	if !shown || !c.Stays || !strings.Contains(c.Text, "one more fault") {
		t.Errorf("the caution says %+v", c)
	}
	w.run(t, "Disconnect, stop listening or unbind")
	until(t, w, "closed", func() bool { return tab.info.State == sessions.Closed && tab.ending != "" })
	if _, shown := tab.tls.caution.Notice(); shown {
		t.Error("the caution outlasts the connection")
	}
	if s, _ := tab.saved(); s.TLS.Policy != "continue" || s.Kind != "tls" {
		t.Errorf("kept is %+v", s.TLS)
	}
}

func TestANewConnectionBeginsWithoutTheLastOnesReport(t *testing.T) {
	l := listenTCP(t) // whose handshake never comes
	address, _ := tlsEcho(t, testca.Spec{CommonName: "localhost"})
	_, roots := tlsEcho(t, testca.Spec{CommonName: "localhost"})
	w, _ := newBenchUnderTest(t)
	tab := openTLS(t, w, address, tlsOptions{CAFiles: []string{roots}})
	until(t, w, "refused", func() bool { return tab.tls.card.Report() != nil && tab.info.State == sessions.Failed })
	tab.address.SetText(l.Addr().String())
	tab.startTyped()
	until(t, w, "opening", func() bool { return tab.info.State == sessions.Opening && tab.tls.card.Report() == nil })
	if tab.tls.split == nil {
		t.Error("the card folds and will unfold again in a moment")
	}
	w.run(t, "Disconnect, stop listening or unbind")
	until(t, w, "cancelled", func() bool { return tab.info.State == sessions.Closed })
}

func TestAnOptionThatCannotBeUsedIsMarkedWhereItStands(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := openTLS(t, w, "127.0.0.1:1", tlsOptions{CertFile: "/there/is/no/such.pem"})
	if !tab.optionsShown() || tab.session.State() != sessions.Idle {
		t.Errorf("options shown %v, session %v", tab.optionsShown(), tab.session.State())
	}
	if v, _ := tab.tls.options.Values(); v.CertFile != "/there/is/no/such.pem" {
		t.Errorf("what was typed is now %q", v.CertFile)
	}
}

func TestAnAddressOnTheCommandLineOpensItsKindOfTab(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	for url, kind := range map[string]sessions.Kind{"tls://127.0.0.1:1": sessions.TLS, "TLS://[::1]:1": sessions.TLS, "tcp://127.0.0.1:1": sessions.TCP} {
		tab := w.openAddress(url).(*clientTab)
		if tab == nil || tab.session.Kind() != kind || tab.address.Text() == "" {
			t.Errorf("%s opened %+v", url, tab)
		}
	}
	if tab := w.openAddress("tls://nowhere"); tab != nil {
		t.Error("an address without a port opened a tab")
	}
	if n, shown := w.notice.Notice(); !shown || n.Kind != widgets.NoticeError {
		t.Errorf("the window says %+v", n)
	}
}

func TestTheCopiedCommandIsOpenSSLs(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := w.newClient(savedTab{Kind: "tls", Address: "127.0.0.1:8443", TLS: &tlsOptions{ServerName: "api.example", StartTLS: "smtp"}})
	tab.tls.copyCommand()
	got := w.app.Clipboard().Content()
	if !strings.HasPrefix(got, "openssl s_client -connect 127.0.0.1:8443") || !strings.Contains(got, "-servername api.example") || !strings.Contains(got, "-starttls smtp") {
		t.Errorf("copied %q", got)
	}
}
