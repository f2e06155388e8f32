package app

import (
	"context"
	"net"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"wirebench/sessions/policy"
	"wirebench/widgets"
)

func TestAPolicyAnswerIsPutInWords(t *testing.T) {
	file := "<cross-domain-policy><allow-access-from domain=\"*.example.com\" to-ports=\"507,5000-5010\"/>\u202e</cross-domain-policy>\x00"
	o := policy.Options{Dial: func(_ context.Context, _, address string) (net.Conn, error) {
		here, there := net.Pipe()
		go func() {
			defer there.Close()
			b := make([]byte, len(policy.Request))
			_, _ = there.Read(b)
			_, _ = there.Write([]byte(file))
		}()
		return here, nil
	}}
	q := &policy.Query{Domain: "www.example.com", Port: 5005}
	a, err := policy.Ask(t.Context(), "127.0.0.1", 5005, o)
	text := policyText(a, q, err)
	for _, want := range []string{"A SWF from www.example.com may reach port 5005.", "Port 843", `domain="*.example.com"`, `\u202e`} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in:\n%s", want, text)
		}
	}
	if strings.ContainsAny(text, "\u202e\x00") {
		t.Errorf("the file is obeyed in:\n%s", text)
	}
	q.Domain = "www.example.org"
	if text := policyText(a, q, err); !strings.Contains(text, "Nothing lets a SWF from www.example.org reach port 5005") {
		t.Errorf("nobody lets www.example.org in, and it says:\n%s", text)
	}
}

func TestClosingThePanelOfPoliciesGivesUpAsking(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	w, _ := newBenchUnderTest(t)
	p := w.openPolicy()
	p.host.SetText(l.Addr().String())
	p.act()
	asked, err := l.Accept() // and is never answered
	if err != nil {
		t.Fatal(err)
	}
	defer asked.Close()
	for _, f := range focusable(w.win.Canvas().Overlays().Top()) {
		if b, ok := f.(*widgets.HandingButton); ok {
			test.Tap(b)
		}
	}
	if len(w.modals) != 0 || p.cancel != nil {
		t.Fatalf("closed with the button, %d dialogs are open, and it is still asked: %v", len(w.modals), p.cancel != nil)
	}
	w.settle()
	if p.text.Text != "Asking 127.0.0.1..." {
		t.Errorf("an answer came after all: %s", p.text.Text)
	}
}
