package sessions

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wirebench/sessions/capture"
	"wirebench/sessions/certs"
	"wirebench/sessions/reply"
)

// tlsServer is a server with a certificate of a test CA.
func tlsServer(t *testing.T, c reply.Config, change func(*ServerTLS)) (*ServerSession, *watch, *tlsListener) {
	t.Helper()
	with := &ServerTLS{CADir: t.TempDir()}
	if change != nil {
		change(with)
	}
	s, w := server(t, func(sc *ServerConfig) { sc.TLS, sc.Replies = with, c }, Options{})
	return s, w, &tlsListener{addr: s.Info().Local.String(), caDir: with.CADir}
}

// endedClient waits until a client is gone, whether it ever came in or not.
func endedClient(t *testing.T, s *ServerSession, number int64) ClientInfo {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		if i, ok := s.Client(number); ok && ended(i) {
			return i
		}
		if time.Now().After(end) {
			t.Fatalf("client %d is never listed as gone", number)
		}
	}
}

func TestOpenSSLIsGreetedAndAnsweredByAServer(t *testing.T) {
	needs(t, "openssl")
	for _, version := range []string{"-tls1_2", "-tls1_3"} {
		t.Run(version, func(t *testing.T) {
			s, w, l := tlsServer(t, reply.Config{Greeting: "Connected.\n", Rules: []reply.Rule{{Match: reply.Exact, Pattern: "hello", Reply: "so long\n"}}}, nil)
			if i := s.Info(); !strings.HasPrefix(i.TLS, "certificate localhost and ") || !strings.Contains(i.TLS, ", by Wirebench test CA ") {
				t.Errorf("TLS %q", i.TLS)
			}
			done := make(chan string)
			go func() { done <- l.sclient(t, version, "-CAfile", rootFile(t, l.caDir), "-servername", "localhost") }()
			w.awaitIn(t, len("hello\n"))
			s.until(t, w, 1, "answered", func(i ClientInfo) bool { return i.BytesOut == 19 })
			if n := s.Disconnect(nil); n != 1 {
				t.Errorf("%d clients were disconnected", n)
			}
			has(t, <-done, "Verify return code: 0 (ok)", "Connected.\n", "so long\n")
			i := endedClient(t, s, 1)
			if i.State != Closed || i.ClosedBy != ByLocal || !i.ReadClosed || i.TLS == nil || i.TLS.ServerName != "localhost" || i.BytesIn != 6 || i.BytesOut != 19 {
				t.Errorf("client %+v, %+v", i, i.TLS)
			}
			tell := strings.Join(story(records(t, s)), "\n")
			has(t, tell, i.TLS.Summary(), "out close: closed by us (FIN)", "in close: closed by peer (close_notify)")
		})
	}
}

func TestAClientWhoseHandshakeFailsIsCountedAndExplained(t *testing.T) {
	s, w, l := tlsServer(t, reply.Config{Greeting: "Connected.\n"}, nil)
	l.sclient(t, "-verify_return_error")
	c := dialled(t, l.addr)
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	a, b := endedClient(t, s, 1), endedClient(t, s, 2)
	says(t, errors.New(a.Why), "the client does not trust this certificate; export the test CA's root")
	says(t, errors.New(b.Why), "that is an HTTP request; the listener speaks TLS")
	if a.State != Failed || b.State != Failed || a.TLS != nil || b.BytesIn != 18 || b.BytesOut != 0 {
		t.Errorf("clients %+v and %+v", a, b)
	}
	if i := s.Info(); i.Failed != 2 || i.State != Open || i.Clients != 0 {
		t.Errorf("server %+v", i)
	}
	if got := captured(t, s, capture.InOnly); string(got) != "GET / HTTP/1.1\r\n\r\n" {
		t.Errorf("captured %q", got)
	}
	e := w.await(t, "the error", func(e Event) bool { return e.Name == EventIOError && e.Client == 1 })
	says(t, e.Err, "TLS handshake with "+a.Remote.String(), "unknown_ca (48)")
	has(t, strings.Join(story(records(t, s)), "\n"), "unknown_ca (48)", "that is an HTTP request")
}

func TestTheTLSClientOfThisProgramComesToItsServer(t *testing.T) {
	ca := newAuthority(t)
	s, _, l := tlsServer(t, reply.Config{Echo: true}, func(c *ServerTLS) {
		c.ClientAuth, c.ClientCAFiles, c.ALPN = RequireClientCert, []string{ca.file}, []string{"mine"}
	})
	c := DefaultTLS()
	c.Address, c.Trust, c.CAFiles, c.ALPN = l.addr, TrustMine, []string{rootFile(t, l.caDir)}, []string{"mine"}
	c.CertFile, c.KeyFile = pairOf(t, ca, nil)
	client, w := connectedTLS(t, c)
	if r := client.Report(); r.Status != certs.Trusted || r.Handshake.ALPN != "mine" || len(r.Handshake.AcceptableCAs) != 1 {
		t.Errorf("report %s: %s, %+v", r.Status, r.Headline, r.Handshake)
	}
	const size = 8 << 20
	if _, err := client.SendFile(fileOf(t, size)); err != nil {
		t.Fatal(err)
	}
	w.awaitIn(t, size)
	if err := client.Disconnect(); err != nil {
		t.Fatal(err)
	}
	awaitDone(t, "the end", client.Done())
	i := endedClient(t, s, 1)
	if i.State != Closed || i.ClosedBy != ByPeer || i.BytesIn != size || i.BytesOut != size || i.Why != "closed by peer (close_notify)" {
		t.Errorf("client %+v", i)
	}
	if i.TLS.Subject != "CN=Leaf of the tests" || i.TLS.Verified != "verified with the root CN=Root of the tests" || i.TLS.ALPN != "mine" {
		t.Errorf("TLS %+v", i.TLS)
	}
	if err := client.Info().Err; err != nil {
		t.Error(err)
	}
	wrong := c
	wrong.CertFile, wrong.KeyFile = pairOf(t, newAuthority(t), nil)
	wrong.Policy = Inspect
	other, _ := endedTLS(t, wrong)
	says(t, errors.New(endedClient(t, s, 2).Why), "the certificate of the client, CN=Leaf of the tests, does not pass: ")
	last := records(t, other)
	says(t, errors.New(strings.Join(story(last), "\n")), "bad_certificate (42)")
}

func TestAServerWithoutItsCertificateFails(t *testing.T) {
	dir := t.TempDir()
	w := newWatch(nil)
	c := DefaultServer()
	c.Address, c.TLS = "127.0.0.1:0", &ServerTLS{CertFile: filepath.Join(dir, "none.pem")}
	s, err := NewServer(c, Options{Observer: w, Capture: capture.Options{Dir: dir}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeWatched(t, s, w) })
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	awaitDone(t, "the end", s.Done())
	var bad *ConfigError
	if err := s.Info().Err; !errors.As(err, &bad) || bad.Field != "TLS.CertFile" || s.State() != Failed {
		t.Errorf("state %v, error %v", s.State(), err)
	}
	c.TLS = &ServerTLS{CADir: dir, KeyLogFile: filepath.Join(dir, "keys.log")}
	if err := s.Configure(c); err != nil {
		t.Fatal(err)
	}
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.named(t, EventListening)
	l := &tlsListener{addr: s.Info().Local.String()}
	conn := dialled(t, l.addr) // one that stalls must not hold up the end
	w.until(t, "the client", func() bool { _, ok := s.Client(1); return ok })
	if err := s.Shutdown(); err != nil {
		t.Fatal(err)
	}
	awaitDone(t, "the end", s.Done())
	if _, err := conn.Read(make([]byte, 1)); err == nil {
		t.Error("the client heard something")
	}
	if _, err := os.Stat(c.TLS.KeyLogFile); err != nil {
		t.Error(err)
	}
	if _, err := net.Dial("tcp", l.addr); err == nil {
		t.Error("something listens yet")
	}
}
