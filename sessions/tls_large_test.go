package sessions

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"strings"
	"testing"

	"wirebench/sessions/certs"
)

// A message of more than 256 KiB is beyond what crypto/tls takes. The report has the certificate all the same.
func TestACertificateTooLargeForCryptoTLSIsStillShown(t *testing.T) {
	a := newAuthority(t)
	for _, c := range []struct {
		name    string
		version uint16
		host    string
		status  certs.Status
	}{
		{"over TLS 1.2", tls.VersionTLS12, "host-09999.long.server.example", certs.Trusted},
		{"over TLS 1.3", tls.VersionTLS13, "host-09999.long.server.example", certs.Trusted},
		{"for another host", tls.VersionTLS13, "other.example", certs.PrincipalMismatch},
	} {
		t.Run(c.name, func(t *testing.T) {
			leaf := a.leaf(t, func(x *x509.Certificate) {
				for i := range 10_000 {
					x.DNSNames = append(x.DNSNames, fmt.Sprintf("host-%05d.long.server.example", i))
				}
			})
			addr, side := echoTLS(t, &tls.Config{Certificates: []tls.Certificate{leaf}, MaxVersion: c.version})
			config := a.trusting(addr)
			config.VerifyName = c.host
			s, _ := endedTLS(t, config)
			r := s.Report()
			if r == nil || r.Status != c.status || len(r.Presented) == 0 || len(r.Presented[0].DER) != len(leaf.Certificate[0]) {
				t.Fatalf("the report is %+v", r)
			}
			i := s.Info()
			if i.State != Failed || !strings.Contains(i.Err.Error(), "256 KiB") || !strings.Contains(r.Handshake.Problem, "256 KiB") {
				t.Errorf("the session is %v: %v; the handshake's problem is %q", i.State, i.Err, r.Handshake.Problem)
			}
			if n := side.bytes(); n != 0 {
				t.Errorf("the server heard %d bytes", n)
			}
		})
	}
}
