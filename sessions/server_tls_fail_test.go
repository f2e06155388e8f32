package sessions

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

func TestAClientThatDoesNotSpeakTLSIsNamed(t *testing.T) {
	// Each text is what a real client of the kind sends first.
	for said, want := range map[string]string{
		"GET / HTTP/1.1\r\nHost: x\r\n\r\n": "that is an HTTP request; the listener speaks TLS (write https://",
		"POST /a HTTP/1.0\r\n\r\n":          "that is an HTTP request",
		"OPTIONS * HTTP/1.1\r\n\r\n":        "that is an HTTP request",
		"GET /chat HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n": "that is a WebSocket handshake; the listener speaks TLS (write wss://",
		"CONNECT x:443 HTTP/1.1\r\n\r\n":                                                 "that is a request to an HTTP proxy",
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n":                                               "that is HTTP/2 without TLS",
		"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n":                                         "that is the header of a PROXY protocol",
		"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c":                                         "that is the header of a PROXY protocol",
		"OPTIONS rtsp://x/ RTSP/1.0\r\n":                                                 "that is an RTSP request",
		"REGISTER sip:x SIP/2.0\r\n":                                                     "that is a SIP request",
		"SSH-2.0-OpenSSH_9.9\r\n":                                                        "that is an SSH client",
		"<policy-file-request/>\x00":                                                     "that is a socket policy file request",
		"<?xml version='1.0'?><stream:stream>":                                           "that is XML",
		"<chat>hi</chat>\x00":                                                            "that is XML",
		"EHLO me\r\n":                                                                    "that is SMTP",
		"USER me\r\n":                                                                    "that is FTP or POP3",
		"AUTH TLS\r\n":                                                                   "that is FTP or POP3",
		"a001 CAPABILITY\r\n":                                                            "that is IMAP",
		"NICK me\r\nUSER me 0 * :me\r\n":                                                 "that is IRC",
		"*1\r\n$4\r\nPING\r\n":                                                           "that is Redis",
		"\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c\x00\x02ab":                                 "that is MQTT",
		"AMQP\x00\x00\x09\x01":                                                           "that is AMQP",
		`{"hello": 1}` + "\n":                                                            "that is JSON",
		"\x00\x00\x00\x08\x04\xd2\x16\x2f":                                               "that is PostgreSQL",
		"\x00\x00\x00\x14\x00\x03\x00\x00user\x00postgres\x00\x00":                       "that is PostgreSQL",
		"\x05\x01\x00":                                                                   "that is a SOCKS client",
		"\x04\x01\x00\x50\xc0\x00\x02\x01\x00":                                           "that is a SOCKS client",
		"\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08\x00\x03\x00\x00\x00":     "that is remote desktop",
		"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00":                         "that is LDAP",
		"\x16\xfe\xfd\x00\x00\x00\x00\x00\x00\x00\x00\x00\x50":                             "that is DTLS",
		"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10":                                     "that is SSL 2.0",
		"\xff\xfb\x1f\xff\xfb\x20":                                                         "that is Telnet",
		"\xc0\xffee nobody knows\x1b[2J this, and there is more of it than is to be shown": `the client does not speak TLS; what it sent begins with "`,
		"hi":   `what it sent begins with "hi"`,
		"\x00": `what it sent begins with "`,
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			l := listenTLS(t, nil)
			c := dialled(t, l.addr)
			if _, err := io.WriteString(c, said); err != nil {
				t.Fatal(err)
			}
			err := l.refused(t, want)
			var plain *notTLSError
			if !errors.As(err, &plain) || string(plain.First) != said {
				t.Errorf("error %#v", err)
			}
			if strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' }) {
				t.Errorf("the error has a control character: %q", err)
			}
			if errors.Is(err, io.EOF) {
				t.Errorf("the client has not ended, and the error says so: %v", err)
			}
		})
	}
}

func TestAClientThatDoesNotSpeakTLSAndLeavesIsNamedToo(t *testing.T) {
	l := listenTLS(t, nil)
	c := dialled(t, l.addr)
	if _, err := io.WriteString(c, "hi\n"); err != nil {
		t.Fatal(err)
	}
	if err := c.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if err := l.refused(t, `begins with "hi\n"`); !errors.Is(err, io.EOF) {
		t.Errorf("the client's FIN is not in %v", err)
	}
	c = dialled(t, l.addr)
	if _, err := c.Write(bytes.Repeat([]byte("GET /"), 10000)); err != nil {
		t.Fatal(err)
	}
	var plain *notTLSError
	if err := l.refused(t, "that is an HTTP request"); !errors.As(err, &plain) || len(plain.First) != answerMost {
		t.Errorf("%d bytes are kept", len(plain.First))
	}
}

func TestAClientThatStallsIsGivenUp(t *testing.T) {
	hello := clientHello(t)
	for name, c := range map[string]struct {
		say  []byte
		want string
	}{
		"before the first byte":   {nil, "the client said nothing for 2 s"},
		"in a record's header":    {hello[:3], "it did not finish within 2 s: the client stopped after 3 bytes"},
		"in the ClientHello":      {hello[:100], "it did not finish within 2 s: the client stopped after 100 bytes"},
		"with the certificate":    {hello, "bytes, when it had the listener's certificate (somebody may be asked"},
		"a byte now and then":     {hello[:1], "the client stopped after "},
		"in the middle of a word": {[]byte("\x16hello"[:2]), "stopped after 2 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := listenTLS(t, func(s *ServerTLS) { s.HandshakeTimeout = 2 * time.Second }) // what is said must come by then
			conn := dialled(t, l.addr)
			if _, err := conn.Write(c.say); err != nil {
				t.Fatal(err)
			}
			for i := 1; name == "a byte now and then" && i < 20; i++ {
				time.Sleep(150 * time.Millisecond)
				_, _ = conn.Write(hello[i : i+1]) // may be too late
			}
			l.refused(t, c.want)
		})
	}
}

func TestAClientThatGoesAwayInTheHandshakeOfTheListenerIsExplained(t *testing.T) {
	hello := clientHello(t)
	for name, c := range map[string]struct {
		say   []byte
		wait  bool // for the certificate
		reset bool
		want  string
		is    error
	}{
		"without a word":                  {nil, false, false, "the client closed the connection without a word (port scans", io.EOF},
		"in the ClientHello":              {hello[:100], false, false, "the client closed the connection in the middle of it, after 100 bytes", io.EOF},
		"with the certificate":            {hello, true, false, "the client closed the connection in the middle of it, when it had the listener's certificate (many clients that do not accept one say no more than that: export the test CA's root", io.EOF},
		"with an RST, without a word":     {nil, false, true, "the client reset the connection without a word", errReset},
		"with an RST, in the ClientHello": {hello[:100], false, true, "the client reset the connection in the middle of it, after 100 bytes", errReset},
		"with an RST and the certificate": {hello, true, true, "the client reset the connection in the middle of it, when it had the listener's certificate", errReset},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.reset {
				needResets(t)
			}
			l := listenTLS(t, nil)
			conn := dialled(t, l.addr)
			if _, err := conn.Write(c.say); err != nil {
				t.Fatal(err)
			}
			if c.wait {
				if _, err := io.ReadAtLeast(conn, make([]byte, 64<<10), 500); err != nil {
					t.Fatal(err)
				}
			}
			if c.reset {
				if len(c.say) > 0 && !c.wait {
					time.Sleep(2 * time.Second) // an RST destroys what has not been read
				}
				linger0(conn)
			}
			conn.Close()
			if err := l.refused(t, c.want); !errors.Is(err, c.is) {
				t.Errorf("error %#v", err)
			}
		})
	}
}

func TestWhatIsNoGoodTLSIsExplained(t *testing.T) {
	hello := clientHello(t)
	spoilt := bytes.Clone(hello)
	spoilt[5] = 99 // the type of the message
	for name, c := range map[string]struct {
		say  []byte
		want string
	}{
		"another message":      {spoilt, "unexpected"},
		"a record of nothing":  {[]byte("\x16\x03\x01\xff\xff" + strings.Repeat("x", 600)), "the client does not speak TLS"},
		"garbage in a record":  {[]byte("\x16\x03\x01\x00\x04\x01\x00\x00\x00"), "TLS"},
		"an alert as greeting": {[]byte("\x15\x03\x01\x00\x02\x02\x50"), "the client sent the alert internal_error (80): it failed for a reason of its own"},
		"a close_notify":       {[]byte("\x15\x03\x01\x00\x02\x01\x00"), "the client closed the connection"},
	} {
		t.Run(name, func(t *testing.T) {
			l := listenTLS(t, nil)
			conn := dialled(t, l.addr)
			if _, err := conn.Write(c.say); err != nil {
				t.Fatal(err)
			}
			l.refused(t, c.want)
		})
	}
}

func TestAHandshakeOfTheListenerCanBeCancelledAtEveryPoint(t *testing.T) {
	hello := clientHello(t)
	loaded, err := (&ServerTLS{CADir: t.TempDir()}).load(loopback)
	if err != nil {
		t.Fatal(err)
	}
	defer loaded.close()
	for name, say := range map[string][]byte{
		"before the first byte": nil,
		"in the ClientHello":    hello[:100],
		"with the certificate":  hello,
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			errs := make(chan error, 1)
			addr := serve(t, "127.0.0.1:0", func(sock net.Conn) {
				_, _, err := loaded.shake(ctx, sock)
				errs <- err
			})
			conn := dialled(t, addr)
			if _, err := conn.Write(say); err != nil {
				t.Fatal(err)
			}
			time.Sleep(20 * time.Millisecond)
			cancel()
			select {
			case err := <-errs:
				if err != context.Canceled {
					t.Errorf("error %#v", err)
				}
			case <-time.After(patience):
				t.Fatal("it went on")
			}
		})
	}
}

func TestAClientThatIsRefusedLearnsWhyThoughItSendsData(t *testing.T) {
	// In TLS 1.3 a client may send before it hears of the refusal. What is unread when the listener closes
	// would make a reset of it.
	ca := newAuthority(t)
	for range 5 {
		l := listenTLS(t, func(s *ServerTLS) { s.ClientAuth, s.ClientCAFiles = RequireClientCert, []string{ca.file} })
		conn := tls.Client(dialled(t, l.addr), &tls.Config{RootCAs: l.pool(t), ServerName: "localhost", MinVersion: tls.VersionTLS13})
		if _, err := conn.Write(noise(256 << 10)); err != nil {
			t.Fatal(err)
		}
		_, err := conn.Read(make([]byte, 1))
		if code, ok := remoteAlert(err); !ok || code != 116 {
			t.Fatalf("error %v", err)
		}
		conn.NetConn().Close()
		l.refused(t, "the client sent no certificate")
	}
}

func TestAnAlertAfterTheHandshakeIsInWords(t *testing.T) {
	l := listenTLS(t, nil)
	conn := tls.Client(dialled(t, l.addr), &tls.Config{RootCAs: l.pool(t), ServerName: "localhost", MaxVersion: tls.VersionTLS12,
		CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}})
	if err := conn.Handshake(); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.NetConn().Write([]byte("\x17\x03\x03\x00\x20" + strings.Repeat("x", 32))); err != nil { // no client does this
		t.Fatal(err)
	}
	s := l.next(t)
	says(t, s.end, "what came is no good TLS (bad_record_mac)", "the client is faulty")
	_, err := conn.Read(make([]byte, 1))
	if code, ok := remoteAlert(err); !ok || code != 20 {
		t.Errorf("the client sees %v", err)
	}
}

func TestAStreamCutShortIsNotTakenForItsEnd(t *testing.T) {
	for name, c := range map[string]struct {
		tail []byte
		want string // of the error; "" for an end in order
		how  string
	}{
		"between records": {nil, "", "FIN without close_notify: whether anything is missing at the end cannot be told"},
		"in a record":     {[]byte("\x17\x03\x03\x01\x00abc"), "ended in the middle of a TLS record", ""},
	} {
		t.Run(name, func(t *testing.T) {
			l := listenTLS(t, nil)
			conn := tls.Client(dialled(t, l.addr), &tls.Config{RootCAs: l.pool(t), ServerName: "localhost"})
			if err := conn.Handshake(); err != nil {
				t.Fatal(err)
			}
			raw := conn.NetConn().(*net.TCPConn)
			if _, err := raw.Write(c.tail); err != nil {
				t.Fatal(err)
			}
			if err := raw.CloseWrite(); err != nil {
				t.Fatal(err)
			}
			s := l.next(t)
			if c.want == "" && (s.end != io.EOF || s.how != c.how) {
				t.Errorf("%+v", s)
			}
			if c.want != "" {
				says(t, s.end, c.want)
			}
		})
	}
}

func TestEveryAlertHasWordsOnTheSideOfTheListener(t *testing.T) {
	loaded, err := (&ServerTLS{CADir: t.TempDir()}).load(loopback)
	if err != nil {
		t.Fatal(err)
	}
	defer loaded.close()
	p := &servedPeer{t: loaded, local: loopback}
	for code := range 256 {
		text := p.alert(uint8(code), io.EOF).Error()
		for _, word := range []string{"client certificate", "the server", "offered", "none of the TLS versions"} {
			if strings.Contains(text, word) && code != 60 && code != 115 {
				t.Errorf("alert %d speaks as a client: %s", code, text)
			}
		}
	}
	if text := p.alert(48, io.EOF).text; strings.Contains(text, "add it") {
		t.Errorf("the certificate is for %v: %s", loopback, text)
	}
	p.local = addrPort(&net.TCPAddr{IP: net.IPv4(192, 0, 2, 9)}).Addr()
	if text := p.alert(46, io.EOF).text; !strings.Contains(text, "the certificate is not for the address 192.0.2.9, at which the client came in: add it to the names") {
		t.Errorf("alert 46: %s", text)
	}
}
