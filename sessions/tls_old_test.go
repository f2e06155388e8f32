package sessions

import (
	"crypto/tls"
	"testing"

	"wirebench/sessions/certs"
)

func TestWhatIsSpokenForLegacysSakeIsWarnedOf(t *testing.T) {
	a := newAuthority(t)
	for _, c := range []struct {
		name   string
		server *tls.Config
		want   []certs.Code
	}{
		{"TLS 1.0", &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10}, []certs.Code{certs.OldProtocol}},
		{"a weak suite", &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_RC4_128_SHA}}, []certs.Code{certs.WeakSuite}},
		{"TLS 1.3", &tls.Config{}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.server.Certificates = []tls.Certificate{a.leaf(t, nil)}
			addr, _ := echoTLS(t, c.server)
			config := a.trusting(addr)
			config.Legacy = true
			s, _ := connectedTLS(t, config)
			var got []certs.Code
			for _, w := range s.Report().Warnings {
				if w.Code == certs.OldProtocol || w.Code == certs.WeakSuite {
					got = append(got, w.Code)
				}
			}
			if len(got) != len(c.want) || len(got) == 1 && got[0] != c.want[0] {
				t.Errorf("warned of %v, want %v", got, c.want)
			}
		})
	}
}
