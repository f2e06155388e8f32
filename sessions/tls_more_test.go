package sessions

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"wirebench/sessions/capture"
	"wirebench/sessions/certs"
	"wirebench/sessions/certs/lookup"
)

func TestTLSConfigurationsThatCannotWorkNameTheirField(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing.pem")
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		field  string
		change func(*TLSConfig)
		want   string
	}{
		{"Address", func(c *TLSConfig) { c.Address = "tcp://localhost:443" }, "tls://host:port"},
		{"Address", func(c *TLSConfig) { c.Address = "" }, "missing"},
		{"LocalAddress", func(c *TLSConfig) { c.LocalAddress = "nowhere" }, "not an IP address"},
		{"ServerName", func(c *TLSConfig) { c.ServerName = "a b" }, "server name: "},
		{"VerifyName", func(c *TLSConfig) { c.VerifyName = "a/b" }, "name to verify: "},
		{"ALPN", func(c *TLSConfig) { c.ALPN = []string{"h2", ""} }, "1 to 255"},
		{"ALPN", func(c *TLSConfig) { c.ALPN = slices.Repeat([]string{strings.Repeat("x", 255)}, 300) }, "65,535"},
		{"MinVersion", func(c *TLSConfig) { c.MinVersion = tls.VersionTLS10 }, "switch legacy on"},
		{"MinVersion", func(c *TLSConfig) { c.MinVersion = 0x300; c.Legacy = true }, "not one of 1.0 to 1.3"},
		{"MaxVersion", func(c *TLSConfig) { c.MaxVersion = 0x305 }, "not one of 1.0 to 1.3"},
		{"MinVersion", func(c *TLSConfig) { c.MinVersion, c.MaxVersion = tls.VersionTLS13, tls.VersionTLS12 }, "above the highest"},
		{"StartTLS", func(c *TLSConfig) { c.StartTLS = "gopher" }, "smtp, imap"},
		{"CertFile", func(c *TLSConfig) { c.KeyFile = "key.pem" }, "no certificate"},
		{"CertFile", func(c *TLSConfig) { c.CertFile = missing }, "missing.pem"},
		{"CAFiles", func(c *TLSConfig) { c.Trust = TrustMine }, "there are none"},
		{"CAFiles", func(c *TLSConfig) { c.CAFiles = []string{missing} }, "missing.pem"},
		{"CAFiles", func(c *TLSConfig) { c.CAFiles = []string{empty} }, "empty.pem"},
		{"ExtraFiles", func(c *TLSConfig) { c.ExtraFiles = []string{missing} }, "missing.pem"},
		{"CRLFiles", func(c *TLSConfig) { c.CRLFiles = []string{missing} }, "missing.pem"},
		{"HandshakeTimeout", func(c *TLSConfig) { c.HandshakeTimeout = -1 }, "negative"},
		{"Policy", func(c *TLSConfig) { c.Policy = 9 }, "not known"},
		{"Trust", func(c *TLSConfig) { c.Trust = 9 }, "not known"},
	} {
		config := plainTLS("tls://localhost:443")
		c.change(&config)
		s, _ := tlsSession(t, config, Options{})
		err := s.Start(t.Context())
		var bad *ConfigError
		if !errors.As(err, &bad) || bad.Field != c.field || !strings.Contains(bad.Problem, c.want) {
			t.Errorf("got %#v; want %s: %s", err, c.field, c.want)
		}
		if s.State() != Idle {
			t.Errorf("%s: state %v", c.field, s.State())
		}
	}
	for _, good := range []func(*TLSConfig){
		func(c *TLSConfig) {},
		func(c *TLSConfig) { c.Legacy, c.MaxVersion = true, tls.VersionTLS10 },
		func(c *TLSConfig) { c.MaxVersion = tls.VersionTLS12 },
		func(c *TLSConfig) { c.ServerName, c.VerifyName = "bücher.example.", "[::1]" },
	} {
		c := plainTLS("tls://localhost:443")
		good(&c)
		if err := c.Check(); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestEveryFieldCountsForEquality(t *testing.T) {
	base := DefaultTLS()
	if !base.Equal(DefaultTLS()) {
		t.Fatal("two default configurations differ")
	}
	var walk func(path string, at func(*TLSConfig) reflect.Value)
	walk = func(path string, at func(*TLSConfig) reflect.Value) {
		c := DefaultTLS()
		v := at(&c)
		switch v.Kind() {
		case reflect.String:
			v.SetString("other")
		case reflect.Bool:
			v.SetBool(!v.Bool())
		case reflect.Uint8, reflect.Uint16:
			v.SetUint(v.Uint() + 1)
		case reflect.Int64:
			v.SetInt(v.Int() + 1)
		case reflect.Slice:
			v.Set(reflect.ValueOf([]string{"other"}))
		case reflect.Struct:
			if v.Type() == reflect.TypeFor[time.Time]() {
				v.Set(reflect.ValueOf(time.Now()))
				break
			}
			for i := range v.NumField() {
				walk(path+"."+v.Type().Field(i).Name, func(c *TLSConfig) reflect.Value { return at(c).Field(i) })
			}
			return
		default:
			t.Fatalf("%s is a %s", path, v.Kind())
		}
		if c.Equal(base) || base.Equal(c) {
			t.Errorf("%s makes no difference", path)
		}
	}
	walk("TLSConfig", func(c *TLSConfig) reflect.Value { return reflect.ValueOf(c).Elem() })
}

func TestPoliciesAndTrustAreWrittenAsTheyAreRead(t *testing.T) {
	for _, p := range []Policy{Strict, Inspect, Continue} {
		if got, err := ParsePolicy(strings.ToUpper(p.String())); err != nil || got != p {
			t.Errorf("%v: %v, %v", p, got, err)
		}
	}
	for _, x := range []Trust{TrustBoth, TrustSystem, TrustMine} {
		if got, err := ParseTrust(x.String()); err != nil || got != x {
			t.Errorf("%v: %v, %v", x, got, err)
		}
	}
	if _, err := ParsePolicy("lax"); err == nil {
		t.Error("policy lax is known")
	}
	if _, err := ParseTrust("nobody"); err == nil {
		t.Error("trust nobody is known")
	}
}

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

// choked is a connection whose peer takes nothing until a deadline ends the write.
type choked struct {
	net.Conn
	began chan bool
}

func (c *choked) Write(p []byte) (int, error) {
	select {
	case c.began <- true:
	default:
	}
	return c.Conn.Write(p)
}

func TestACancelledFileDoesNotHoldUpTheEnd(t *testing.T) {
	here, there := net.Pipe()
	defer there.Close()
	conn := &choked{here, make(chan bool, 1)}
	c := DefaultTCP()
	c.Address = "192.0.2.1:7"
	s, w := session(t, c, Options{Dial: dialTo(conn)})
	start(t, s)
	w.named(t, EventConnect)
	f, err := s.SendFile(fileOf(t, 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	<-conn.began
	st := s.stream()
	st.mu.Lock() // so that Disconnect has come before the write ends
	f.cancelled.Store(true)
	st.setWriteDeadline(past)
	st.outbox.shut = true
	st.raise(stopDrain, "closed by us (FIN)")
	deadline := st.outbox.now != nil && st.skips(st.outbox.now)
	st.mu.Unlock()
	if !deadline {
		t.Fatal("the file is not known to be cancelled")
	}
	awaitDone(t, "the file", f.Done())
	if !errors.Is(f.Err(), ErrCancelled) {
		t.Errorf("file: %v", f.Err())
	}
	awaitDone(t, "the end", s.Done())
	if i := s.Info(); i.State != Closed || i.Err != nil {
		t.Errorf("info %+v", i)
	}
}

func TestASlowPeerIsGivenUpWhenItsTimeIsOver(t *testing.T) {
	s := &stream{}
	if left := time.Until(s.drainDeadline()); left < drainPatience-time.Second || left > drainPatience {
		t.Errorf("without a limit: %v", left)
	}
	now := time.Now()
	s.drainEnd, s.drainFrom, s.outbox.written = now.Add(time.Second), 1000, 1000
	if got := s.drainDeadline(); !got.Equal(s.drainEnd) {
		t.Errorf("one second before the limit: %v", got.Sub(now))
	}
	s.outbox.written += 2 * drainRate
	if got := s.drainDeadline(); !got.Equal(s.drainEnd.Add(2 * time.Second)) {
		t.Errorf("with 2 s earned: %v", got.Sub(now))
	}
	s.outbox.written += 1 << 40 // must not overflow
	if left := time.Until(s.drainDeadline()); left > drainPatience || left < drainPatience-time.Second {
		t.Errorf("with much earned: %v", left)
	}
}

func TestDisconnectGivesUpAPeerThatTakesAByteNowAndThen(t *testing.T) {
	addr, goOn := stalled(t, func(c net.Conn) {
		buf := make([]byte, 1)
		for {
			if _, err := c.Read(buf); err != nil {
				return
			}
		}
	})
	s, w := connected(t, addr, nil)
	if err := s.Send(noise(32 << 20)); err != nil {
		t.Fatal(err)
	}
	w.until(t, "the first bytes", func() bool { return len(w.out) > 0 })
	st := s.stream()
	st.mu.Lock()
	st.drainEnd, st.drainFrom = time.Now().Add(-time.Hour), st.outbox.written // as if it had been asked long ago
	st.mu.Unlock()
	if err := s.Disconnect(); err != nil {
		t.Fatal(err)
	}
	close(goOn)
	awaitDone(t, "the end", s.Done())
	var cut *SendError
	if i := s.Info(); !errors.As(i.Err, &cut) || i.UnsentBytes == 0 || cut.Sent+i.UnsentBytes != 32<<20 {
		t.Errorf("info %+v", i)
	}
	says(t, s.Info().Err, "the peer took only")
}

func FuzzTranscript(f *testing.F) {
	f.Add(serverHello(tls.VersionTLS10), []byte(nil))
	f.Add(append(serverHello(tls.VersionTLS12), 22, 3, 3, 0, 10, 11, 0, 0, 6, 0, 0, 3, 0, 0, 0), noise(32))
	hello := []byte{22, 3, 3, 0, 46, 2, 0, 0, 42, 3, 3}
	hello = append(append(hello, noise(32)...), 0, 0x13, 0x01, 0, 0, 6, 0, 43, 0, 2, 3, 4)
	f.Add(append(bytes.Clone(hello), 23, 3, 3, 0, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20), noise(32))
	f.Fuzz(func(t *testing.T, records, secret []byte) {
		got := readTranscript(records, secret)
		total := 0
		for _, c := range got.certificates {
			total += len(c)
		}
		if total > len(records) {
			t.Errorf("%d bytes of certificates from %d", total, len(records))
		}
	})
}

func TestTheTranscriptOfEveryCutHandshakeIsRead(t *testing.T) {
	ca := newAuthority(t)
	for _, v := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		leaf := ca.leaf(t, nil)
		addr, _ := echoTLS(t, &tls.Config{Certificates: []tls.Certificate{leaf}, MaxVersion: v})
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		w, secrets := &wire{Conn: conn, recording: true}, &secretLog{}
		if err := tls.Client(w, &tls.Config{InsecureSkipVerify: true, KeyLogWriter: secrets}).HandshakeContext(t.Context()); err != nil {
			t.Fatal(err)
		}
		conn.Close()
		got := readTranscript(w.recorded, secrets.server)
		if got.version != v || len(got.certificates) != 1 || !bytes.Equal(got.certificates[0], leaf.Certificate[0]) || got.scheme != tls.ECDSAWithP256AndSHA256 {
			t.Errorf("%s: %+v", tls.VersionName(v), got)
		}
		for n := range len(w.recorded) {
			cut := readTranscript(w.recorded[:n], secrets.server)
			if len(cut.certificates) == 1 && !bytes.Equal(cut.certificates[0], leaf.Certificate[0]) {
				t.Fatalf("%s cut at %d has another certificate", tls.VersionName(v), n)
			}
		}
		if closed := readTranscript(w.recorded, nil); v == tls.VersionTLS13 && (closed.version != v || closed.certificates != nil) {
			t.Errorf("without the secret: %+v", closed)
		}
	}
}

func TestQuestionsAreRecordedBeforeTheirAnswersThroughTLS(t *testing.T) {
	ca := newAuthority(t)
	addr, _ := echoTLS(t, &tls.Config{Certificates: []tls.Certificate{ca.leaf(t, nil)}})
	s, w := connectedTLS(t, ca.trusting(addr))
	for n := 1; n <= 500; n++ {
		if err := s.Send([]byte{byte(n)}); err != nil {
			t.Fatal(err)
		}
		w.awaitIn(t, n)
	}
	last := capture.In
	for _, r := range records(t, s) {
		if r.Kind == capture.Data {
			if r.Dir == last {
				t.Fatalf("record %d: two records %v in a row", r.Number, r.Dir)
			}
			last = r.Dir
		}
	}
}

func TestReconnectingFromTheObserverAndManySessionsAtOnce(t *testing.T) {
	ca := newAuthority(t)
	addr, _ := echoTLS(t, &tls.Config{Certificates: []tls.Certificate{ca.leaf(t, nil)}})
	for i := range 8 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			s, w := connectedTLS(t, ca.trusting(addr))
			for range 3 {
				if err := s.Send([]byte("again")); err != nil && !errors.Is(err, ErrNotOpen) {
					t.Error(err)
				}
				_ = s.Report()
				start(t, s) // ends the one before
			}
			w.until(t, "four connections", func() bool {
				n := 0
				for _, e := range w.events {
					if e.Name == EventConnect {
						n++
					}
				}
				return n >= 2
			})
		})
	}
}
