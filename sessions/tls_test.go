package sessions

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wirebench/sessions/capture"
	"wirebench/sessions/certs"
)

func TestATrustedServerIsToldBeforeTheConnectionStands(t *testing.T) {
	ca := newAuthority(t)
	addr, side := echoTLS(t, &tls.Config{Certificates: []tls.Certificate{ca.leaf(t, nil)}, NextProtos: []string{"h2", "echo"}})
	c := ca.trusting(addr)
	c.ALPN = []string{"echo"}
	s, w := connectedTLS(t, c)
	if err := s.Send([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	if got := w.awaitIn(t, 5); string(got) != "hello" {
		t.Errorf("received %q", got)
	}
	if err := s.Disconnect(); err != nil {
		t.Fatal(err)
	}
	awaitDone(t, "the end", s.Done())
	if got := w.names(); !slices.Equal(got, []string{EventCertificate, EventConnect, EventClose}) {
		t.Errorf("events %v", got)
	}
	e := w.named(t, EventCertificate)
	if e.Report == nil || e.Report != s.Report() || e.Report.Status != certs.Trusted || e.State != Opening {
		t.Errorf("certificate event %+v", e)
	}
	h := e.Report.Handshake
	if !h.Complete || h.Version != "TLS 1.3" || h.ALPN != "echo" || h.CipherSuite == "" || h.Curve == "" || h.Took <= 0 ||
		h.Signature != "ECDSAWithP256AndSHA256" || h.ServerName != "" || h.Problem != "" {
		t.Errorf("handshake %+v", h)
	}
	if i := s.Info(); i.State != Closed || i.ClosedBy != ByLocal || i.Err != nil || !i.ReadClosed || !i.WriteClosed {
		t.Errorf("info %+v", i)
	}
	if side.bytes() != 5 {
		t.Errorf("the server heard %d bytes", side.bytes())
	}
	tell := story(records(t, s))
	want := []string{
		"out open: connect " + addr + " from ", "in open: connected in ", "out note: shaking hands with " + addr,
		"out note: TLS 1.3, TLS_", "out close: closed by us (FIN)", "in close: closed by peer (close_notify)",
	}
	if len(tell) != len(want) {
		t.Fatalf("capture tells %q", tell)
	}
	for i := range want {
		if !strings.HasPrefix(tell[i], want[i]) {
			t.Errorf("capture tells %q; want %q", tell[i], want[i])
		}
	}
	if !strings.HasSuffix(tell[3], "echo, certificate trusted") {
		t.Errorf("capture tells %q", tell[3])
	}
}

func TestStrictRefusesBeforeAByteOfTheApplicationIsSent(t *testing.T) {
	ca, other := newAuthority(t), newAuthority(t)
	for name, c := range map[string]struct {
		leaf   tls.Certificate
		change func(*TLSConfig)
		status certs.Status
		faults []certs.Code
	}{
		"a root nobody trusts": {ca.leaf(t, nil), func(c *TLSConfig) { c.CAFiles = []string{other.file} }, certs.UntrustedSigners, []certs.Code{certs.IssuerMissing}},
		"another name":         {ca.leaf(t, nil), func(c *TLSConfig) { c.VerifyName = "example.com" }, certs.PrincipalMismatch, []certs.Code{certs.NameMismatch}},
		"expired, and another name": {
			ca.leaf(t, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }),
			func(c *TLSConfig) { c.ServerName = "example.com" }, certs.PrincipalMismatch, []certs.Code{certs.NameMismatch, certs.ExpiredLeaf},
		},
	} {
		for version, v := range map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13} {
			t.Run(name+" over TLS "+version, func(t *testing.T) {
				addr, side := echoTLS(t, &tls.Config{Certificates: []tls.Certificate{c.leaf}})
				config := ca.trusting(addr)
				config.MaxVersion = v
				c.change(&config)
				s, w := tlsSession(t, config, Options{})
				start(t, s)
				if err := s.Send([]byte("secret")); !errors.Is(err, ErrNotOpen) {
					t.Errorf("send while opening: %v", err)
				}
				awaitDone(t, "the end", s.Done())
				if got := w.names(); !slices.Equal(got, []string{EventCertificate, EventSecurityError}) {
					t.Fatalf("events %v", got)
				}
				var bad *certs.Untrusted
				if i := s.Info(); i.State != Failed || !errors.As(i.Err, &bad) || bad.Report.Status != c.status {
					t.Errorf("info %+v", i)
				}
				r := s.Report()
				for _, code := range c.faults {
					if !r.Has(code) {
						t.Errorf("the report lacks %s: %+v", code, r.Faults)
					}
				}
				if r.Status != c.status || r.Handshake == nil || r.Handshake.Complete || r.Handshake.Problem == "" {
					t.Errorf("report %s, handshake %+v", r.Status, r.Handshake)
				}
				if len(captured(t, s, capture.OutOnly)) != 0 {
					t.Error("the capture has bytes of the application")
				}
				if side.bytes() != 0 {
					t.Errorf("the server heard %d bytes", side.bytes())
				}
			})
		}
	}
}

func TestContinueCarriesDataWhateverTheCertificateIs(t *testing.T) {
	ca := newAuthority(t)
	addr, _ := echoTLS(t, &tls.Config{Certificates: []tls.Certificate{ca.leaf(t, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })}})
	c := ca.trusting(addr)
	c.Policy, c.VerifyName = Continue, "example.com"
	s, w := connectedTLS(t, c)
	if err := s.Send([]byte("all the same")); err != nil {
		t.Fatal(err)
	}
	w.awaitIn(t, 12)
	if r := s.Report(); r.Status != certs.PrincipalMismatch || !r.Has(certs.ExpiredLeaf) || !r.Handshake.Complete {
		t.Errorf("report %s %+v", r.Status, r.Faults)
	}
}

func TestInspectReportsAndCloses(t *testing.T) {
	ca := newAuthority(t)
	for name, c := range map[string]struct {
		host string
		want certs.Status
	}{"trusted": {"localhost", certs.Trusted}, "not trusted": {"example.com", certs.PrincipalMismatch}} {
		t.Run(name, func(t *testing.T) {
			addr, side := echoTLS(t, &tls.Config{Certificates: []tls.Certificate{ca.leaf(t, nil)}})
			config := ca.trusting(addr)
			config.Policy, config.VerifyName = Inspect, c.host
			s, w := endedTLS(t, config)
			if got := w.names(); !slices.Equal(got, []string{EventCertificate}) {
				t.Errorf("events %v", got)
			}
			if i := s.Info(); i.State != Closed || i.Err != nil || i.ClosedBy != ByLocal {
				t.Errorf("info %+v", i)
			}
			if r := s.Report(); r.Status != c.want || !r.Handshake.Complete {
				t.Errorf("report %s, handshake %+v", r.Status, r.Handshake)
			}
			if side.bytes() != 0 {
				t.Errorf("the server heard %d bytes", side.bytes())
			}
			tell := story(records(t, s))
			if got := tell[len(tell)-1]; got != "out note: inspected, and closed by us: certificate "+string(c.want) {
				t.Errorf("capture ends with %q", got)
			}
		})
	}
}

func TestAHundredMegabytesArriveWholeBothWaysThroughTLS(t *testing.T) {
	size := 100 << 20
	if testing.Short() || raceEnabled {
		size = 10 << 20
	}
	ca := newAuthority(t)
	for name, v := range map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13} {
		t.Run(name, func(t *testing.T) {
			addr, _ := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{ca.leaf(t, nil)}}, func(c *tls.Conn) {
				if _, err := io.Copy(c, c); err == nil {
					_ = c.Close()
				}
			})
			w := newWatch(nobody{})
			c := ca.trusting(addr)
			c.MaxVersion, c.KeepHalfOpen = v, true
			s, err := NewTLS(c, Options{Capture: capture.Options{Dir: t.TempDir()}, Observer: w})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { closeSession(t, s) })
			start(t, s)
			w.named(t, EventConnect)
			f, err := s.SendFile(fileOf(t, size))
			if err != nil {
				t.Fatal(err)
			}
			awaitDone(t, "the file", f.Done())
			if f.Err() != nil {
				t.Fatal(f.Err())
			}
			if err := s.CloseWrite(); err != nil {
				t.Fatal(err)
			}
			awaitDone(t, "the end", s.Done())
			want := sum(noise(size))
			for _, dir := range []capture.Stream{capture.OutOnly, capture.InOnly} {
				if got := captured(t, s, dir); len(got) != size || sum(got) != want {
					t.Errorf("the %v stream holds %d bytes, and not those of the file", dir, len(got))
				}
			}
			if i := s.Info(); i.Err != nil || i.State != Closed {
				t.Errorf("info %+v", i)
			}
		})
	}
}

func TestAFINWithoutCloseNotifyIsThePeersEndWithAWarning(t *testing.T) {
	ca := newAuthority(t)
	addr, _ := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{ca.leaf(t, nil)}}, func(c *tls.Conn) {
		_, _ = c.Write([]byte("bye"))
		_ = c.NetConn().Close()
	})
	s, w := endedTLS(t, ca.trusting(addr))
	if i := s.Info(); i.State != Closed || i.ClosedBy != ByPeer || i.Err != nil {
		t.Errorf("info %+v", i)
	}
	if got := captured(t, s, capture.InOnly); string(got) != "bye" {
		t.Errorf("captured %q", got)
	}
	if e := w.named(t, EventClose); e.By != ByPeer || !strings.Contains(e.Text, "without close_notify") {
		t.Errorf("close %+v", e)
	}
	if tell := strings.Join(story(records(t, s)), "\n"); !strings.Contains(tell, "in close: closed by peer (FIN without close_notify") {
		t.Errorf("capture tells %s", tell)
	}
}

func TestAFINInTheMiddleOfARecordIsAFailure(t *testing.T) {
	ca := newAuthority(t)
	addr, _ := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{ca.leaf(t, nil)}}, func(c *tls.Conn) {
		_, _ = c.NetConn().Write([]byte{23, 3, 3, 0, 100, 1, 2, 3})
		_ = c.NetConn().Close()
	})
	s, w := endedTLS(t, ca.trusting(addr))
	if i := s.Info(); i.State != Failed || i.Err == nil || !strings.Contains(i.Err.Error(), "in the middle of a TLS record") {
		t.Errorf("info %+v", i)
	}
	w.named(t, EventIOError)
}

func TestThePeersCloseNotifyClosesOurSideToo(t *testing.T) {
	ca := newAuthority(t)
	addr, _ := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{ca.leaf(t, nil)}}, func(c *tls.Conn) {
		_, _ = c.Write([]byte("bye"))
		_ = c.CloseWrite()
		_, _ = io.Copy(io.Discard, c)
	})
	s, w := endedTLS(t, ca.trusting(addr))
	if i := s.Info(); i.State != Closed || i.ClosedBy != ByPeer || i.Err != nil {
		t.Errorf("info %+v", i)
	}
	if e := w.named(t, EventClose); e.Text != "closed by peer (close_notify)" {
		t.Errorf("close %+v", e)
	}
}

func TestHalfCloseStillHearsTheAnswer(t *testing.T) {
	ca := newAuthority(t)
	addr, _ := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{ca.leaf(t, nil)}}, func(c *tls.Conn) {
		all, _ := io.ReadAll(c)
		_, _ = c.Write(bytes.ToUpper(all))
		_ = c.Close()
	})
	s, w := connectedTLS(t, ca.trusting(addr))
	if err := s.Send([]byte("all of it")); err != nil {
		t.Fatal(err)
	}
	if err := s.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	awaitDone(t, "the end", s.Done())
	if got := w.awaitIn(t, 9); string(got) != "ALL OF IT" {
		t.Errorf("received %q", got)
	}
}

func TestTheKeyLogFileOpensTheConnectionAndIsPrivate(t *testing.T) {
	ca := newAuthority(t)
	addr, _ := echoTLS(t, &tls.Config{Certificates: []tls.Certificate{ca.leaf(t, nil)}})
	c := ca.trusting(addr)
	c.Policy, c.KeyLogFile = Inspect, filepath.Join(t.TempDir(), "keys")
	s, _ := endedTLS(t, c)
	p, err := os.ReadFile(c.KeyLogFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, label := range []string{"CLIENT_HANDSHAKE_TRAFFIC_SECRET ", "SERVER_TRAFFIC_SECRET_0 "} {
		if !bytes.Contains(p, []byte(label)) {
			t.Errorf("the file lacks %s: %q", label, p)
		}
	}
	if st, err := os.Stat(c.KeyLogFile); err != nil || st.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		t.Errorf("mode %v, %v", st.Mode(), err)
	}
	if tell := strings.Join(story(records(t, s)), "\n"); !strings.Contains(tell, c.KeyLogFile) {
		t.Errorf("the capture does not tell of it: %s", tell)
	}
	c.KeyLogFile = t.TempDir()
	again, _ := tlsSession(t, c, Options{})
	var bad *ConfigError
	if err := again.Start(t.Context()); !errors.As(err, &bad) || bad.Field != "KeyLogFile" {
		t.Errorf("a folder as key log: %v", err)
	}
}

func TestOwnRootsAreTrustedUnlessOnlyTheSystemsAre(t *testing.T) {
	ca := newAuthority(t)
	addr, _ := echoTLS(t, &tls.Config{Certificates: []tls.Certificate{ca.leaf(t, nil)}})
	for trust, want := range map[Trust]certs.Status{TrustMine: certs.Trusted, TrustBoth: certs.Trusted, TrustSystem: certs.UntrustedSigners} {
		c := ca.trusting(addr)
		c.Policy, c.Trust = Inspect, trust
		s, _ := endedTLS(t, c)
		if r := s.Report(); r == nil || r.Status != want {
			t.Errorf("trust %v: report %+v", trust, r)
		}
	}
}

func TestTheCertificateCanBeLookedAtAsOfAnotherTime(t *testing.T) {
	ca := newAuthority(t)
	addr, _ := echoTLS(t, &tls.Config{Certificates: []tls.Certificate{ca.leaf(t, nil)}})
	c := ca.trusting(addr)
	c.Policy, c.AsOf = Inspect, time.Now().AddDate(30, 0, 0)
	s, _ := endedTLS(t, c)
	if r := s.Report(); !r.Has(certs.ExpiredLeaf) || !r.Time.Equal(c.AsOf) {
		t.Errorf("report %+v", r)
	}
}

func TestTheServerNameIsSentAndNeverAnAddress(t *testing.T) {
	ca := newAuthority(t)
	addr, side := echoTLS(t, &tls.Config{Certificates: []tls.Certificate{ca.leaf(t, nil)}})
	for given, want := range map[string]string{"": "", "localhost": "localhost", "bücher.example": "xn--bcher-kva.example", "192.0.2.1": ""} {
		c := ca.trusting(addr)
		c.Policy, c.ServerName = Inspect, given
		s, _ := endedTLS(t, c)
		got := <-side.names
		if got != want || s.Report().Handshake.ServerName != want {
			t.Errorf("%q: the server saw %q, the report has %q; want %q", given, got, s.Report().Handshake.ServerName, want)
		}
	}
}
