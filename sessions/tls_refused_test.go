package sessions

import (
	"crypto/tls"
	"testing"

	"wirebench/sessions/certs"
)

func TestARefusedHandshakeTellsHowLongItTook(t *testing.T) {
	addr, _ := echoTLS(t, &tls.Config{Certificates: []tls.Certificate{newAuthority(t).leaf(t, nil)}})
	s, _ := endedTLS(t, newAuthority(t).trusting(addr))
	if h := s.Report().Handshake; h.Took <= 0 || h.Complete {
		t.Errorf("the handshake is %+v", h)
	}
}

func TestOnesOwnRootsHelpToBuildTheChainWhereOnlyTheSystemsAreTrusted(t *testing.T) {
	a := newAuthority(t)
	addr, _ := echoTLS(t, &tls.Config{Certificates: []tls.Certificate{a.leaf(t, nil)}})
	c := a.trusting(addr)
	c.Trust, c.VerifyName = TrustSystem, "localhost"
	s, _ := endedTLS(t, c)
	if r := s.Report(); len(r.Chain) != 2 || r.Anchored || !r.Has(certs.UntrustedRoot) {
		t.Errorf("%s", r.Text())
	}
}
