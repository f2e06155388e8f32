package sessions

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"wirebench/sessions/certs"
)

// failingTLS starts a session that must fail to open, and returns it with its error.
func failingTLS(t *testing.T, c TLSConfig) (*TLSSession, *watch, error) {
	t.Helper()
	s, w := endedTLS(t, c)
	i := s.Info()
	if i.State != Failed || i.Err == nil {
		t.Fatalf("info %+v", i)
	}
	if s.Report() == nil {
		t.Fatal("there is no report")
	}
	return s, w, i.Err
}

// says fails the test when err lacks one of the texts.
func says(t *testing.T, err error, texts ...string) {
	t.Helper()
	for _, want := range texts {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v; want %q in it", err, want)
		}
	}
}

func TestWhatAnswersInPlaceOfTLSIsNamed(t *testing.T) {
	for answer, want := range map[string]string{
		"SSH-2.0-OpenSSH_9.9\r\n":                       "SSH",
		"220 mail.example ESMTP ready\r\n":              "SMTP",
		"HTTP/1.1 400 Bad Request\r\n\r\n":              "HTTP",
		"* OK IMAP4rev1 ready\r\n":                      "IMAP",
		"\x01\x02\x03\x04\x05 nobody knows\x1b[2J this": `its answer begins with "`,
	} {
		t.Run(want, func(t *testing.T) {
			addr := serve(t, "127.0.0.1:0", func(c net.Conn) {
				_, _ = io.WriteString(c, answer)
				hold(c)
			})
			s, w, err := failingTLS(t, plainTLS(addr))
			says(t, err, "TLS handshake with "+addr, want)
			if strings.ContainsRune(err.Error(), 0x1b) {
				t.Errorf("the error has a control character: %q", err)
			}
			if got := w.names(); !slices.Equal(got, []string{EventCertificate, EventIOError}) {
				t.Errorf("events %v", got)
			}
			if r := s.Report(); r.Status != certs.Unknown || r.Headline != err.Error() || r.Handshake.Problem != err.Error() {
				t.Errorf("report %s: %s", r.Status, r.Headline)
			}
		})
	}
}

// plainTLS is the default configuration with an address.
func plainTLS(addr string) TLSConfig {
	c := DefaultTLS()
	c.Address = addr
	return c
}

func TestAConnectionThatFailsBeforeTLSIsOfUnknownStatus(t *testing.T) {
	addr := closedPort(t)
	s, w, err := failingTLS(t, plainTLS(addr))
	says(t, err, "connection refused")
	if got := w.names(); !slices.Equal(got, []string{EventCertificate, EventIOError}) {
		t.Errorf("events %v", got)
	}
	if r := s.Report(); r.Status != certs.Unknown || !strings.Contains(r.Headline, "connection refused") {
		t.Errorf("report %s: %s", r.Status, r.Headline)
	}
}

func TestAServerThatStallsIsNamedWithItsStage(t *testing.T) {
	for name, c := range map[string]struct {
		say, startTLS string
		want          []string
	}{
		"in the handshake":              {"", "", []string{"TLS handshake with ", "did not finish within 2 s", "said nothing"}},
		"in the middle of it":           {"\x16\x03\x03\x00\x50", "", []string{"stopped after 5 bytes"}},
		"in the STARTTLS dialogue":      {"", "smtp", []string{"STARTTLS smtp with ", "smtp dialogue before TLS did not finish within 2 s", "said nothing"}},
		"in the middle of the dialogue": {"220 hi\r\n", "smtp", []string{"stopped after 8 bytes"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr := serve(t, "127.0.0.1:0", func(conn net.Conn) {
				_, _ = io.WriteString(conn, c.say)
				hold(conn)
			})
			config := plainTLS(addr)
			config.HandshakeTimeout, config.StartTLS = 2*time.Second, c.startTLS // what is said must come by then
			_, _, err := failingTLS(t, config)
			says(t, err, c.want...)
		})
	}
}

func TestOpeningCanBeCancelledAtEveryPoint(t *testing.T) {
	ca := newAuthority(t)
	silent := serve(t, "127.0.0.1:0", hold)
	responder := serve(t, "127.0.0.1:0", hold)
	looking, _ := echoTLS(t, &tls.Config{Certificates: []tls.Certificate{ca.leaf(t, func(c *x509.Certificate) { c.OCSPServer = []string{"http://" + responder} })}})
	for name, c := range map[string]struct {
		addr   string
		change func(*TLSConfig)
		at     string // the state event after which it is cancelled
	}{
		"in the handshake":         {silent, func(*TLSConfig) {}, "shaking hands"},
		"in the STARTTLS dialogue": {silent, func(c *TLSConfig) { c.StartTLS = "imap" }, "STARTTLS imap"},
		"in a look-up":             {looking, func(c *TLSConfig) { c.LookOCSP = true }, "asking http://" + responder},
	} {
		for how, end := range map[string]func(*TLSSession) error{
			"disconnect": func(s *TLSSession) error { return s.Disconnect() },
			"reset":      func(s *TLSSession) error { return s.Reset() },
			"close":      func(s *TLSSession) error { return s.Close() },
		} {
			t.Run(name+" by "+how, func(t *testing.T) {
				config := ca.trusting(c.addr)
				c.change(&config)
				s, w := tlsSession(t, config, Options{})
				start(t, s)
				w.await(t, c.at, func(e Event) bool { return strings.HasPrefix(e.Text, c.at) })
				if s.State() != Opening {
					t.Errorf("state %v", s.State())
				}
				if err := end(s); err != nil {
					t.Fatal(err)
				}
				awaitDone(t, "the end", s.Done())
				if got := w.names(); len(got) != 0 {
					t.Errorf("events %v", got)
				}
				if i := s.Info(); i.State != Closed || i.ClosedBy != ByLocal || i.Err != nil {
					t.Errorf("info %+v", i)
				}
			})
		}
	}
	t.Run("while dialling", func(t *testing.T) {
		c := plainTLS("192.0.2.1:443")
		dialling := make(chan bool, 1)
		s, _ := tlsSession(t, c, Options{Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			dialling <- true
			<-ctx.Done()
			return nil, ctx.Err()
		}})
		start(t, s)
		<-dialling
		if err := s.Disconnect(); err != nil {
			t.Fatal(err)
		}
		awaitDone(t, "the end", s.Done())
		if i := s.Info(); i.State != Closed || i.Err != nil {
			t.Errorf("info %+v", i)
		}
	})
}

func TestAServerThatGoesAwayInTheHandshakeIsExplained(t *testing.T) {
	t.Run("with a FIN", func(t *testing.T) {
		addr := serve(t, "127.0.0.1:0", func(c net.Conn) { _, _ = c.Read(make([]byte, 4096)) })
		_, _, err := failingTLS(t, plainTLS(addr))
		says(t, err, "closed the connection in the middle of it, without an answer", "legacy")
	})
	t.Run("with an RST", func(t *testing.T) {
		needResets(t)
		addr := serve(t, "127.0.0.1:0", func(c net.Conn) {
			_, _ = c.Read(make([]byte, 4096))
			linger0(c)
		})
		s, _, err := failingTLS(t, plainTLS(addr))
		says(t, err, "reset the connection in the middle of it")
		if tell := strings.Join(story(records(t, s)), "\n"); !strings.Contains(tell, "in reset: reset by peer (RST)") {
			t.Errorf("capture tells %s", tell)
		}
	})
}

func TestAlertsAreInWordsWithWhatToTry(t *testing.T) {
	ca := newAuthority(t)
	leaf := []tls.Certificate{ca.leaf(t, nil)}
	for name, c := range map[string]struct {
		server *tls.Config
		change func(*TLSConfig)
		want   []string
	}{
		"no common ALPN protocol": {&tls.Config{Certificates: leaf, NextProtos: []string{"h2"}}, func(c *TLSConfig) { c.ALPN = []string{"smoke"} },
			[]string{"no_application_protocol (120)", `["smoke"]`}},
		"no common version": {&tls.Config{Certificates: leaf, MinVersion: tls.VersionTLS13}, func(c *TLSConfig) { c.MaxVersion = tls.VersionTLS12 },
			[]string{"protocol_version (70)", "TLS 1.2"}},
		"no common suite": {&tls.Config{Certificates: leaf, MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA}}, func(c *TLSConfig) {},
			[]string{"handshake_failure (40)", "legacy"}},
		"a client certificate in TLS 1.2": {&tls.Config{Certificates: leaf, MaxVersion: tls.VersionTLS12, ClientAuth: tls.RequireAnyClientCert}, func(c *TLSConfig) {},
			[]string{"it asked for a client certificate and got none"}},
	} {
		t.Run(name, func(t *testing.T) {
			addr, _ := echoTLS(t, c.server)
			config := ca.trusting(addr)
			c.change(&config)
			_, _, err := failingTLS(t, config)
			says(t, err, append(c.want, "the server sent the alert ")...)
		})
	}
}

func TestAnUnknownAlertAndAnUnrecognisedNameAreExplained(t *testing.T) {
	for code, want := range map[byte][]string{112: {"unrecognized_name (112)", "an IP address is never sent"}, 200: {"(200)"}, 80: {"internal_error (80)"}} {
		addr := serve(t, "127.0.0.1:0", func(c net.Conn) {
			_, _ = c.Read(make([]byte, 4096))
			_, _ = c.Write([]byte{21, 3, 3, 0, 2, 2, code})
			hold(c)
		})
		_, _, err := failingTLS(t, plainTLS(addr))
		says(t, err, want...)
	}
}

func TestATLS13ServerThatMissesAClientCertificateSaysSoAfterwards(t *testing.T) {
	ca := newAuthority(t)
	pool := x509.NewCertPool()
	pool.AddCert(ca.cert)
	config := &tls.Config{Certificates: []tls.Certificate{ca.leaf(t, nil)}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool, MinVersion: tls.VersionTLS13}
	for name, reset := range map[string]bool{"with an alert": false, "with an alert and an RST": true} {
		t.Run(name, func(t *testing.T) {
			addr := serve(t, "127.0.0.1:0", func(c net.Conn) {
				_ = tls.Server(c, config).Handshake()
				if reset {
					linger0(c)
				}
			})
			c := ca.trusting(addr)
			s, w := tlsSession(t, c, Options{})
			start(t, s)
			w.named(t, EventConnect)
			for s.Send(noise(1<<20)) == nil && s.Info().PendingBytes < maxPending/2 { // the write may fail first
			}
			awaitDone(t, "the end", s.Done())
			i := s.Info()
			says(t, i.Err, "client certificate")
			if i.State != Failed || i.ClosedBy != ByReset {
				t.Errorf("info %+v", i)
			}
			h := s.Report().Handshake
			if !h.ClientAsked || h.ClientSent != "" || !slices.Equal(h.AcceptableCAs, []string{"CN=Root of the tests"}) {
				t.Errorf("handshake %+v", h)
			}
			e := w.named(t, EventClose)
			if e.By != ByReset {
				t.Errorf("close %+v", e)
			}
		})
	}
	t.Run("when only inspecting", func(t *testing.T) {
		addr := serve(t, "127.0.0.1:0", func(c net.Conn) {
			_ = tls.Server(c, config).Handshake()
			hold(c)
		})
		c := ca.trusting(addr)
		c.Policy = Inspect
		s, w := endedTLS(t, c)
		if s.Report().Status != certs.Trusted {
			t.Errorf("report %s", s.Report().Status)
		}
		w.await(t, "the alert", func(e Event) bool { return strings.Contains(e.Text, "certificate_required (116)") })
	})
	t.Run("and is satisfied with one", func(t *testing.T) {
		addr, _ := echoTLS(t, config)
		c := ca.trusting(addr)
		c.CertFile, c.KeyFile = pairFiles(t, ca.leaf(t, nil))
		s, w := connectedTLS(t, c)
		if err := s.Send([]byte("let me in")); err != nil {
			t.Fatal(err)
		}
		w.awaitIn(t, 9)
		if h := s.Report().Handshake; h.ClientSent != "CN=Leaf of the tests" || h.ClientProblem != "" {
			t.Errorf("handshake %+v", h)
		}
	})
	t.Run("and refuses that of a stranger", func(t *testing.T) {
		addr := serve(t, "127.0.0.1:0", func(c net.Conn) {
			_ = tls.Server(c, config).Handshake()
			hold(c)
		})
		c := ca.trusting(addr)
		stranger := newAuthority(t)
		stranger.cert.RawSubject, stranger.cert.Subject = nil, pkix.Name{CommonName: "A stranger"}
		c.CertFile, c.KeyFile = pairFiles(t, stranger.leaf(t, nil))
		s, _ := endedTLS(t, c)
		says(t, s.Info().Err, "CN=Leaf of the tests")
		if h := s.Report().Handshake; !strings.Contains(h.ClientProblem, "does not fit") {
			t.Errorf("handshake %+v", h)
		}
	})
}

func TestACertificateThatGoCannotReadIsShownAllTheSame(t *testing.T) {
	ca := newAuthority(t)
	good := ca.leaf(t, nil)
	// The serial number becomes negative, which Go refuses and other programs do not.
	bad := tls.Certificate{PrivateKey: good.PrivateKey, Certificate: [][]byte{slices.Clone(good.Certificate[0]), ca.cert.Raw}}
	parsed, err := x509.ParseCertificate(good.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	serial, err := asn1.Marshal(parsed.SerialNumber)
	if err != nil {
		t.Fatal(err)
	}
	at := strings.Index(string(bad.Certificate[0]), string(serial))
	bad.Certificate[0][at+2] |= 0x80
	if _, err := x509.ParseCertificate(bad.Certificate[0]); err == nil {
		t.Fatal("Go reads the certificate")
	}
	for name, c := range map[string]struct {
		version uint16
		suite   uint16
	}{"TLS 1.2": {tls.VersionTLS12, 0}, "TLS 1.3": {tls.VersionTLS13, 0}} {
		for _, policy := range []Policy{Strict, Inspect, Continue} {
			t.Run(name+" "+policy.String(), func(t *testing.T) {
				addr, _ := echoTLS(t, &tls.Config{Certificates: []tls.Certificate{bad}, MaxVersion: c.version})
				config := ca.trusting(addr)
				config.Policy = policy
				s, w, err := failingTLS(t, config)
				r := s.Report()
				if !r.Has(certs.Unparsable) || r.Status != certs.Invalid || len(r.Presented) != 2 || string(r.Presented[0].DER) != string(bad.Certificate[0]) {
					t.Errorf("report %s, %d presented, faults %+v", r.Status, len(r.Presented), r.Faults)
				}
				if got := w.names(); !slices.Equal(got, []string{EventCertificate, EventSecurityError}) {
					t.Errorf("events %v", got)
				}
				says(t, err, "no policy can go on with it")
				if h := r.Handshake; h.Complete || h.Version != name || h.Problem == "" {
					t.Errorf("handshake %+v", h)
				}
			})
		}
	}
}

func TestAnOldServerNeedsLegacyAndTheErrorSaysSo(t *testing.T) {
	ca := newAuthority(t)
	leaf := ca.leafRSA(t)
	for _, v := range []uint16{tls.VersionTLS10, tls.VersionTLS11} {
		t.Run(tls.VersionName(v), func(t *testing.T) {
			// A server of that time knows nothing of supported_versions and simply answers with its own.
			addr := serve(t, "127.0.0.1:0", func(c net.Conn) {
				_, _ = c.Read(make([]byte, 4096))
				_, _ = c.Write(serverHello(v))
				hold(c)
			})
			_, _, err := failingTLS(t, plainTLS(addr))
			says(t, err, "the server speaks "+tls.VersionName(v), "switch legacy on")

			addr, _ = echoTLS(t, &tls.Config{Certificates: []tls.Certificate{leaf}, MinVersion: v, MaxVersion: v, CipherSuites: []uint16{tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA}})
			_, _, err = failingTLS(t, ca.trusting(addr))
			says(t, err, "switch legacy on")
			c := ca.trusting(addr)
			c.Legacy = true
			s, w := connectedTLS(t, c)
			if err := s.Send([]byte("old")); err != nil {
				t.Fatal(err)
			}
			w.awaitIn(t, 3)
			if h := s.Report().Handshake; h.Version != tls.VersionName(v) || h.CipherSuite != "TLS_RSA_WITH_3DES_EDE_CBC_SHA" {
				t.Errorf("handshake %+v", h)
			}
		})
	}
}

// serverHello is the first answer of an old server.
func serverHello(v uint16) []byte {
	body := append([]byte{byte(v >> 8), byte(v)}, noise(32)...)
	body = append(body, 0, 0xc0, 0x13, 0, 0, 5, 0xff, 1, 0, 1, 0)
	message := append([]byte{2, 0, 0, byte(len(body))}, body...)
	return append([]byte{22, byte(v >> 8), byte(v), 0, byte(len(message))}, message...)
}

func TestAServerThatHasNotTheKeyIsFoundOut(t *testing.T) {
	ca := newAuthority(t)
	pair := ca.leaf(t, nil)
	pair.PrivateKey = ca.leaf(t, nil).PrivateKey
	addr, _ := echoTLS(t, &tls.Config{Certificates: []tls.Certificate{pair}})
	s, w, err := failingTLS(t, ca.trusting(addr))
	says(t, err, "did not prove that it has the private key")
	if r := s.Report(); r.Status != certs.Trusted || r.Handshake.Complete {
		t.Errorf("report %s, handshake %+v", r.Status, r.Handshake)
	}
	if got := w.names(); !slices.Equal(got, []string{EventCertificate, EventIOError}) {
		t.Errorf("events %v", got)
	}
}

func TestASessionConnectsAgainAfterARefusal(t *testing.T) {
	ca := newAuthority(t)
	addr, _ := echoTLS(t, &tls.Config{Certificates: []tls.Certificate{ca.leaf(t, nil)}})
	c := ca.trusting(addr)
	c.VerifyName = "example.com"
	s, w := endedTLS(t, c)
	if err := s.Configure(ca.trusting(addr)); err != nil {
		t.Fatal(err)
	}
	start(t, s)
	w.named(t, EventConnect)
	if s.Report().Status != certs.Trusted {
		t.Errorf("report %s", s.Report().Status)
	}
	if err := s.Configure(c); !errors.Is(err, ErrLive) {
		t.Errorf("configure while open: %v", err)
	}
}
