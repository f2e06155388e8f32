package sessions

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"strings"
	"testing"
	"time"

	"wirebench/sessions/capture"
	"wirebench/sessions/certs"
)

func TestResumptionIsTestedBesideTheConnection(t *testing.T) {
	ca := newAuthority(t)
	for name, c := range map[string]struct {
		server  *tls.Config
		leaf    func(*x509.Certificate)
		resumed bool
		want    string
	}{
		"TLS 1.3":             {&tls.Config{}, nil, true, "resumed with a pre-shared key from a session ticket: "},
		"TLS 1.2":             {&tls.Config{MaxVersion: tls.VersionTLS12}, nil, true, "resumed with a session ticket: "},
		"expired":             {&tls.Config{}, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }, true, "resumed with"},
		"TLS 1.2, no tickets": {&tls.Config{MaxVersion: tls.VersionTLS12, SessionTicketsDisabled: true}, nil, false, "not resumed: the server sent no session ticket"},
	} {
		t.Run(name, func(t *testing.T) {
			c.server.Certificates = []tls.Certificate{ca.leaf(t, c.leaf)}
			addr, _ := echoTLS(t, c.server)
			config := ca.trusting(addr)
			config.Policy = Continue
			s, w := connectedTLS(t, config)
			before := s.Report()
			r, err := s.TestResumption(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if r.Resumed != c.resumed || !strings.HasPrefix(r.Text, c.want) || r.First <= 0 || (r.Tickets > 0) != c.resumed {
				t.Errorf("%+v", r)
			}
			if s.Report() != before || s.State() != Open {
				t.Error("the connection or its report has changed")
			}
			if err := s.Send([]byte("still here")); err != nil {
				t.Fatal(err)
			}
			w.awaitIn(t, 10)
			flows := make(map[capture.Flow]bool)
			for _, r := range records(t, s) {
				if r.Kind == capture.Open {
					flows[r.Flow] = true
				}
			}
			want := 2
			if c.resumed {
				want = 3
			}
			if len(flows) != want {
				t.Errorf("%d connections in the capture; want %d", len(flows), want)
			}
		})
	}
	t.Run("refused by the policy", func(t *testing.T) {
		addr, _ := echoTLS(t, &tls.Config{Certificates: []tls.Certificate{ca.leaf(t, nil)}})
		config := ca.trusting(addr)
		config.VerifyName = "example.com"
		s, _ := endedTLS(t, config)
		if _, err := s.TestResumption(t.Context()); !errors.As(err, new(*certs.Untrusted)) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("before the first start", func(t *testing.T) {
		s, _ := tlsSession(t, plainTLS("localhost:1"), Options{})
		if _, err := s.TestResumption(t.Context()); err == nil {
			t.Error("it was tested")
		}
	})
	t.Run("after Close", func(t *testing.T) {
		s, _ := tlsSession(t, plainTLS("localhost:1"), Options{})
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := s.TestResumption(t.Context()); !errors.Is(err, ErrClosed) {
			t.Errorf("error %v", err)
		}
	})
}
