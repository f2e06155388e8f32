package widgets

import (
	"reflect"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
)

func newTLSOptionsUnderTest(v TLSValues) *TLSOptions {
	return NewTLSOptions(widget.NewLabel("connection"), TLSChoices{
		Policies: []string{"Strict: refuse what is not trusted", "Inspect: look, then close", "Continue in spite of faults"},
		StartTLS: []string{"none", "SMTP", "IMAP"},
		Versions: []string{"TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3"},
		Trusts:   []string{"The system's and mine", "The system's only", "Mine only"},
	}, v)
}

func TestTLSOptionsGiveBackWhatTheyWereGiven(t *testing.T) {
	wear(t, lightTheme)
	want := TLSValues{
		Policy: 2, ServerName: "a.example", VerifyName: "b.example", ALPN: []string{"h2", "http/1.1"}, StartTLS: 1,
		MinVersion: 1, MaxVersion: 2, Legacy: true, Timeout: 7 * time.Second,
		Trust: 2, CAFiles: "/ca.pem", ExtraFiles: "/mid.pem", AsOf: "2026-01-31", CRLFiles: "/a.crl",
		AskOCSP: true, FetchCRL: true, FetchAIA: true,
		CertFile: "/c.p12", KeyFile: "/k.pem", Passphrase: "secret ", KeyLogFile: "/keys.log",
	}
	got, ok := newTLSOptionsUnderTest(want).Values()
	if !ok || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, valid %v", got, ok)
	}
}

func TestABadTimeMarksItsFieldShowsItsPageAndKeepsWhatWasTyped(t *testing.T) {
	wear(t, lightTheme)
	o := newTLSOptionsUnderTest(TLSValues{})
	o.asOf.entry.SetText("yesterday")
	o.ShowPage("Handshake")
	v, ok := o.Values()
	if ok || v.AsOf != "yesterday" {
		t.Errorf("valid %v, as of %q", ok, v.AsOf)
	}
	if got := o.pages.Selected().Text; got != "Trust" {
		t.Errorf("the page shown is %q, want the one with the field", got)
	}
}

func TestAProblemOfTheEnginesStandsAtItsFieldUntilTheNextAttempt(t *testing.T) {
	wear(t, lightTheme)
	o := newTLSOptionsUnderTest(TLSValues{CertFile: "/none.pem"})
	if !o.SetProblem("CertFile", "there is no such file") || o.certFile.problem.text != "there is no such file" {
		t.Error("the problem does not stand at the field")
	}
	if o.pages.Selected().Text != "Client certificate" {
		t.Error("the field's page is not shown")
	}
	if _, ok := o.Values(); !ok {
		t.Error("the file may exist by now: the next attempt must be possible")
	}
	if o.SetProblem("Address", "x") {
		t.Error("there is no such field in the form")
	}
}

func TestAChosenFileJoinsAListAndReplacesASingleOne(t *testing.T) {
	wear(t, lightTheme)
	o := newTLSOptionsUnderTest(TLSValues{CAFiles: "/a.pem", CertFile: "/old.pem"})
	o.OnPick = func(_ string, _ bool, set func(string)) { set("/b.pem") }
	w := test.NewTempWindow(t, o)
	w.Resize(fyne.NewSize(900, 200))
	for _, page := range o.pages.Items {
		for _, b := range buttonsIn(page.Content) {
			b.OnTapped()
		}
	}
	v, _ := o.Values()
	if want := "/a.pem" + pathListSeparator + "/b.pem"; v.CAFiles != want || v.CertFile != "/b.pem" {
		t.Errorf("roots %q, want %q; certificate %q, want /b.pem", v.CAFiles, want, v.CertFile)
	}
}

func buttonsIn(o fyne.CanvasObject) (found []*widget.Button) {
	if b, ok := o.(*widget.Button); ok {
		return []*widget.Button{b}
	}
	if c, ok := o.(*fyne.Container); ok {
		for _, child := range c.Objects {
			found = append(found, buttonsIn(child)...)
		}
	}
	return found
}
