package lab

import (
	"crypto/x509"
	"slices"
	"strings"
	"testing"
	"time"

	"wirebench/sessions"
	"wirebench/sessions/certs"
)

func TestEveryTLSEntryGivesTheStatusItIsNamedAfter(t *testing.T) {
	l := started(t, Options{}, names(sessions.TLS)...)
	for _, e := range l.Entries() {
		if e.Kind != sessions.TLS {
			continue
		}
		t.Run(e.ID, func(t *testing.T) {
			c := open(t, e)
			event := c.told(t, sessions.EventCertificate)
			var codes []certs.Code
			for _, f := range event.Report.Faults {
				codes = append(codes, f.Code)
			}
			if event.Report.Status != e.Expect || !slices.Equal(codes, e.Faults) {
				t.Fatalf("%s %v, not %s %v: %s", event.Report.Status, codes, e.Expect, e.Faults, event.Report.Text())
			}
			if e.Expect == certs.Trusted {
				c.told(t, sessions.EventConnect)
				c.send(t, []byte("practice"))
				c.hears(t, "practice")
				return
			}
			<-c.session.Done()
			if c.session.State() != sessions.Failed {
				t.Errorf("it is %s, although the certificate is %s", c.session.State(), e.Expect)
			}
		})
	}
}

// names are the entries of a kind.
func names(kind sessions.Kind) []string {
	var ids []string
	for _, e := range Catalogue() {
		if e.Kind == kind {
			ids = append(ids, e.ID)
		}
	}
	return ids
}

func TestEachStatusHasAnEntryOfItsName(t *testing.T) {
	all := Catalogue()
	for _, status := range certs.Statuses {
		at := slices.IndexFunc(all, func(e Entry) bool { return e.ID == "tls-"+string(status) })
		if at < 0 {
			t.Errorf("there is no tls-%s", status)
		} else if all[at].Expect != status {
			t.Errorf("tls-%s is to be %s", status, all[at].Expect)
		}
	}
}

func TestOnlyWhoTrustsTheLabsRootTrustsTheLab(t *testing.T) {
	l := started(t, Options{}, "tls-trusted")
	e := entry(t, l, "tls-trusted")
	e.TLS.CAFiles, e.TLS.Trust = nil, sessions.TrustSystem
	c := open(t, e)
	if r := c.told(t, sessions.EventCertificate).Report; r.Status != certs.UntrustedSigners {
		t.Errorf("without the root it is %s", r.Status)
	}
	root, err := l.RootPEM()
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(root) {
		t.Error("the root is no certificate in PEM")
	}
}

func TestWhatTheEntriesSaySetsTheirFaultsRight(t *testing.T) {
	l := started(t, Options{}, "tls-expired", "tls-principalMismatch", "tls-missing-intermediate", "tls-revoked-crl")
	for _, x := range []struct {
		id   string
		mend func(*sessions.TLSConfig)
	}{
		{"tls-expired", func(c *sessions.TLSConfig) { c.AsOf = time.Now().AddDate(0, 0, -60) }},
		{"tls-principalMismatch", func(c *sessions.TLSConfig) { c.VerifyName = "other.practice.example" }},
		{"tls-missing-intermediate", func(c *sessions.TLSConfig) { c.LookAIA = true }},
		{"tls-revoked-crl", func(c *sessions.TLSConfig) { c.LookCRL = false }},
	} {
		e := entry(t, l, x.id)
		x.mend(e.TLS)
		if r := open(t, e).told(t, sessions.EventCertificate).Report; r.Status != certs.Trusted {
			t.Errorf("%s, mended: %s", x.id, r.Text())
		}
	}
	// The list also lies beside the root.
	e := entry(t, l, "tls-revoked-crl")
	e.TLS.LookCRL, e.TLS.CRLFiles = false, []string{l.Dir() + "/" + CRLFile}
	if r := open(t, e).told(t, sessions.EventCertificate).Report; r.Status != certs.Revoked {
		t.Errorf("with the list in a file: %s", r.Text())
	}
}

func TestWarningsAreWhatTheEntriesPromise(t *testing.T) {
	l := started(t, Options{}, "tls-old-protocol", "tls-reversed-chain", "tls-trusted", "tls-stapled")
	for _, x := range []struct {
		id   string
		want []certs.Code
	}{
		{"tls-old-protocol", []certs.Code{certs.OldProtocol}},
		{"tls-reversed-chain", []certs.Code{certs.ChainOutOfOrder}},
		{"tls-trusted", nil},
		{"tls-stapled", nil},
	} {
		r := open(t, entry(t, l, x.id)).told(t, sessions.EventCertificate).Report
		for _, code := range x.want {
			if !slices.ContainsFunc(r.Warnings, func(f certs.Finding) bool { return f.Code == code }) {
				t.Errorf("%s has no warning %s", x.id, code)
			}
		}
		if len(x.want) == 0 && len(r.Warnings) > 0 {
			t.Errorf("%s has warnings: %v", x.id, r.Warnings)
		}
	}
}

func TestAServerWithoutItsClientCertificateSaysWhatIsMissing(t *testing.T) {
	heard := newNews()
	l := started(t, Options{Tell: heard.tell}, "tls-client-certificate")
	e := entry(t, l, "tls-client-certificate")
	e.TLS.CertFile, e.TLS.KeyFile = "", ""
	c := open(t, e)
	<-c.session.Done()
	failed := c.told(t, sessions.EventIOError)
	if !strings.Contains(failed.Err.Error(), "client certificate") {
		t.Errorf("the client says %v", failed.Err)
	}
	heard.await(t, "the server's word", func(e Event) bool { return strings.Contains(e.Text, "client didn't provide a certificate") })
}

func TestABrowserGetsAPageFromATLSServer(t *testing.T) {
	l := started(t, Options{}, "tls-trusted")
	e := entry(t, l, "tls-trusted")
	c := connected(t, e)
	p, err := e.Messages[1].Bytes(builder)
	if err != nil {
		t.Fatal(err)
	}
	c.send(t, p)
	<-c.session.Done()
	c.hears(t, "200 OK")
	c.hears(t, e.Look[1])
}
