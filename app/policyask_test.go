package app

import (
	"context"
	"net"
	"strings"
	"testing"

	"wirebench/sessions/policy"
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
