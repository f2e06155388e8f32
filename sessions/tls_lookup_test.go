package sessions

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/big"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wirebench/sessions/certs"
	"wirebench/sessions/certs/lookup"
)

// revoking serves a revocation list that has the certificates of these numbers.
func revoking(t *testing.T, ca *authority, revoked func() []*big.Int) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		list := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: time.Now().Add(-time.Hour), NextUpdate: time.Now().Add(time.Hour)}
		for _, n := range revoked() {
			list.RevokedCertificateEntries = append(list.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: n, RevocationTime: time.Now().Add(-time.Minute), ReasonCode: 1})
		}
		der, err := x509.CreateRevocationList(rand.Reader, list, ca.cert, ca.key)
		if err != nil {
			t.Error(err)
		}
		_, _ = w.Write(der)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestALookUpFindsARevokedCertificateAlsoAfterTheConnectionHasEnded(t *testing.T) {
	ca := newAuthority(t)
	var serial *big.Int
	url := revoking(t, ca, func() []*big.Int { return []*big.Int{serial} })
	leaf := ca.leaf(t, func(c *x509.Certificate) { c.CRLDistributionPoints = []string{url + "/list.crl"} })
	parsed, err := x509.ParseCertificate(leaf.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	serial = parsed.SerialNumber
	addr, side := echoTLS(t, &tls.Config{Certificates: []tls.Certificate{leaf}})
	t.Run("in the handshake, strictly", func(t *testing.T) {
		c := ca.trusting(addr)
		c.LookCRL = true
		s, w := endedTLS(t, c)
		if got := w.names(); !slices.Equal(got, []string{EventCertificate, EventSecurityError}) {
			t.Errorf("events %v", got)
		}
		if r := s.Report(); r.Status != certs.Revoked || !r.Has(certs.RevokedLeaf) {
			t.Errorf("report %s %+v", r.Status, r.Revocation)
		}
		if side.bytes() != 0 {
			t.Errorf("the server heard %d bytes", side.bytes())
		}
		w.await(t, "the question", func(e Event) bool { return strings.HasPrefix(e.Text, "asking "+url) })
	})
	t.Run("later", func(t *testing.T) {
		s, w := connectedTLS(t, ca.trusting(addr))
		first := s.Report()
		if first.Status != certs.Trusted {
			t.Fatalf("report %s", first.Status)
		}
		if err := s.Disconnect(); err != nil {
			t.Fatal(err)
		}
		awaitDone(t, "the end", s.Done())
		r, err := s.LookUp(t.Context(), lookup.Options{CRL: true})
		if err != nil {
			t.Fatal(err)
		}
		if r.Status != certs.Revoked || r != s.Report() || first.Status != certs.Trusted || r.Handshake != first.Handshake {
			t.Errorf("report %s", r.Status)
		}
		w.await(t, "the new report", func(e Event) bool { return e.Report == r })
	})
	t.Run("not before there is a certificate, nor after Close", func(t *testing.T) {
		s, _ := tlsSession(t, ca.trusting(addr), Options{})
		if _, err := s.LookUp(t.Context(), lookup.Options{CRL: true}); err == nil {
			t.Error("something was looked up")
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := s.LookUp(t.Context(), lookup.Options{CRL: true}); !errors.Is(err, ErrClosed) {
			t.Errorf("error %v", err)
		}
	})
}

func TestCloseEndsALookUp(t *testing.T) {
	ca := newAuthority(t)
	silent := serve(t, "127.0.0.1:0", hold)
	addr, _ := echoTLS(t, &tls.Config{Certificates: []tls.Certificate{ca.leaf(t, func(c *x509.Certificate) { c.OCSPServer = []string{"http://" + silent} })}})
	s, w := connectedTLS(t, ca.trusting(addr))
	failed := make(chan error, 1)
	go func() {
		_, err := s.LookUp(t.Context(), lookup.Options{OCSP: true})
		failed <- err
	}()
	w.await(t, "the question", func(e Event) bool { return strings.HasPrefix(e.Text, "asking ") })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-failed; err == nil {
		t.Error("the look-up came to an end")
	}
}

func TestTheCertificateOfARevocationFileIsHeeded(t *testing.T) {
	ca := newAuthority(t)
	leaf := ca.leaf(t, nil)
	parsed, err := x509.ParseCertificate(leaf.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
		Number: big.NewInt(1), ThisUpdate: time.Now().Add(-time.Hour), NextUpdate: time.Now().Add(time.Hour),
		RevokedCertificateEntries: []x509.RevocationListEntry{{SerialNumber: parsed.SerialNumber, RevocationTime: time.Now().Add(-time.Minute)}},
	}, ca.cert, ca.key)
	if err != nil {
		t.Fatal(err)
	}
	c := ca.trusting("")
	c.Address, _ = echoTLS(t, &tls.Config{Certificates: []tls.Certificate{leaf}})
	c.CRLFiles = []string{filepath.Join(t.TempDir(), "list.pem")}
	pemFile(t, c.CRLFiles[0], "X509 CRL", der)
	s, _ := endedTLS(t, c)
	if r := s.Report(); r.Status != certs.Revoked {
		t.Errorf("report %s", r.Status)
	}
}
