package app

import (
	"crypto/tls"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"wirebench/sessions"
	"wirebench/widgets"
)

func TestTheTLSFormReachesTheSessionAndTheWorkspace(t *testing.T) {
	const list = string(os.PathListSeparator)
	v := widgets.TLSValues{
		Policy: int(sessions.Continue), ServerName: "a.example", VerifyName: "b.example", ALPN: []string{"h2"}, StartTLS: 1,
		MinVersion: 0, MaxVersion: 2, Legacy: true, Timeout: 3 * time.Second,
		Trust: int(sessions.TrustMine), CAFiles: "/a.pem" + list + "/b.pem", ExtraFiles: "/m.pem", AsOf: "2026-01-31", CRLFiles: "/x.crl",
		AskOCSP: true, FetchCRL: true, FetchAIA: true,
		CertFile: "/c.p12", KeyFile: "/k.pem", Passphrase: "secret", KeyLogFile: "/keys.log",
	}
	tcp := sessions.DefaultTCP()
	tcp.Address = "host:1"
	got, err := tlsConfig(tcp, v)
	if err != nil {
		t.Fatal(err)
	}
	want := sessions.TLSConfig{
		TCPConfig: tcp, Policy: sessions.Continue, ServerName: "a.example", VerifyName: "b.example", ALPN: []string{"h2"},
		StartTLS: startTLSName(1), MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS12, Legacy: true, HandshakeTimeout: 3 * time.Second,
		Trust: sessions.TrustMine, CAFiles: []string{"/a.pem", "/b.pem"}, ExtraFiles: []string{"/m.pem"},
		AsOf: time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC), CRLFiles: []string{"/x.crl"}, LookOCSP: true, LookCRL: true, LookAIA: true,
		CertFile: "/c.p12", KeyFile: "/k.pem", Passphrase: "secret", KeyLogFile: "/keys.log",
	}
	if !got.Equal(want) {
		t.Errorf("the session is told\n%+v, want\n%+v", got, want)
	}
	kept := tlsValues(sessions.DefaultTLS(), savedTLS(v))
	v.Passphrase = "" // is never written down
	if !reflect.DeepEqual(kept, v) {
		t.Errorf("the workspace brings back\n%+v, want\n%+v", kept, v)
	}
}

func TestANewTLSFormLeavesTheVersionsToTheEngine(t *testing.T) {
	c, err := tlsConfig(sessions.DefaultTCP(), tlsValues(sessions.DefaultTLS(), nil))
	if err != nil || c.MinVersion != 0 || c.MaxVersion != 0 || c.Policy != sessions.Strict {
		t.Errorf("got versions %x to %x, policy %v, error %v", c.MinVersion, c.MaxVersion, c.Policy, err)
	}
	if n := len(tlsChoices().StartTLS); n != 9 || !strings.EqualFold(tlsChoices().StartTLS[0], "none") {
		t.Errorf("%d choices of STARTTLS, want none and eight", n)
	}
}

func TestWhatIsNoRegularFileIsRefusedAtItsField(t *testing.T) {
	v := tlsValues(sessions.DefaultTLS(), nil)
	v.CRLFiles = t.TempDir()
	_, err := tlsConfig(sessions.DefaultTCP(), v)
	var bad *sessions.ConfigError
	if !errors.As(err, &bad) || bad.Field != "CRLFiles" {
		t.Errorf("got %v", err)
	}
}
