package starttls

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// deadlines keeps the last deadline that was set.
type deadlines struct {
	net.Conn
	last time.Time
}

func (d *deadlines) SetDeadline(t time.Time) error {
	d.last = t
	return d.Conn.SetDeadline(t)
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func TestEveryProtocolComesToTLS(t *testing.T) {
	for name, talk := range servers {
		for how, single := range map[string]bool{"in whole answers": false, "byte by byte": true} {
			t.Run(name+" "+how, func(t *testing.T) {
				s := serve(t, single, talk)
				conn := &deadlines{Conn: dial(t, s.address)}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				var told [2]bytes.Buffer
				err := Negotiate(ctx, conn, name, "mail.example", func(in bool, p []byte) {
					if in {
						told[1].Write(p)
					} else {
						told[0].Write(p)
					}
				})
				if err != nil {
					t.Fatalf("%v; the server: %v", err, s.err)
				}
				if !conn.last.IsZero() {
					t.Errorf("the deadline %v was left behind", conn.last)
				}
				roots := x509.NewCertPool()
				roots.AppendCertsFromPEM(s.roots)
				secure := tls.Client(conn, &tls.Config{RootCAs: roots, ServerName: "mail.example"})
				if _, err := io.WriteString(secure, "hello\n"); err != nil {
					t.Fatal(err)
				}
				if line, err := bufio.NewReader(secure).ReadString('\n'); line != "echo hello\n" {
					t.Fatalf("through TLS came %q, %v", line, err)
				}
				s.done.Wait()
				if got, want := told[1].String(), s.session.said.String(); got != want {
					t.Errorf("told that the server said %q, and it said %q", got, want)
				}
				if got, want := told[0].String(), s.session.heard.String(); got != want {
					t.Errorf("told that the client said %q, and the server heard %q", got, want)
				}
			})
		}
	}
}

// canned is a connection whose server says the pieces, one a read, whatever it hears, and then ends.
type canned struct {
	net.Conn // nil: what is not defined here is not called
	pieces   []string
	end      error // nil: io.EOF
	wrote    bytes.Buffer
}

func (c *canned) Read(p []byte) (int, error) {
	if len(c.pieces) == 0 {
		if c.end != nil {
			return 0, c.end
		}
		return 0, io.EOF
	}
	n := copy(p, c.pieces[0])
	if c.pieces[0] = c.pieces[0][n:]; c.pieces[0] == "" {
		c.pieces = c.pieces[1:]
	}
	return n, nil
}

func (c *canned) Write(p []byte) (int, error)     { return c.wrote.Write(p) }
func (*canned) SetDeadline(time.Time) error       { return nil }
func say(pieces ...string) *canned                { return &canned{pieces: pieces} }
func single(text string) *canned                  { return say(strings.Split(text, "")...) }
func (c *canned) negotiate(protocol string) error { return c.to(protocol, "mail.example") }
func (c *canned) to(protocol, host string) error {
	return Negotiate(context.Background(), c, protocol, host, nil)
}

// goAhead is all that a server says up to its go-ahead.
var goAhead = map[string]string{
	"smtp":     "220 hi\r\n250-mail.example\r\n250 STARTTLS\r\n220 go\r\n",
	"imap":     "* OK hi\r\nw1 OK go\r\n",
	"pop3":     "+OK hi\r\n+OK go\r\n",
	"ftp":      "220 hi\r\n234 go\r\n",
	"postgres": "S",
	"mysql":    mysqlGreeting(mysqlTLS),
	"ldap":     ldapYes,
	"xmpp":     xmppHeader + xmppFeatures + xmppProceed,
}

func TestNotOneByteOfTLSIsTaken(t *testing.T) {
	const hello = "\x16\x03\x01"
	for name, said := range goAhead {
		for how, c := range map[string]*canned{"at once": say(said, hello), "byte by byte": single(said + hello)} {
			if err := c.negotiate(name); err != nil {
				t.Errorf("%s, %s: %v", name, how, err)
			} else if left := strings.Join(c.pieces, ""); left != hello {
				t.Errorf("%s, %s: %q is left for TLS", name, how, left)
			}
		}
	}
}

func TestPlainTextBehindTheGoAheadIsReported(t *testing.T) {
	for name, said := range goAhead {
		err := say(said + "250 injected\r\n\x1b[2J").negotiate(name)
		if !errors.Is(err, ErrInjected) || !strings.Contains(err.Error(), `"250 injected\r\n\x1b[2J"`) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEveryWayToSayYesIsUnderstood(t *testing.T) {
	for name, c := range map[string]struct{ protocol, said string }{
		"SMTP codes without text":                {"smtp", "220\r\n250-\r\n250-StartTLS \r\n250\r\n220\r\n"},
		"SMTP with bare LF":                      {"smtp", "220 hi\n250-x\n250 STARTTLS\n220 go\n"},
		"FTP that lets wait":                     {"ftp", "120 in 3 minutes\r\n220 hi\r\n234 go\r\n"},
		"IMAP that has more to tell":             {"imap", "* ok hi\r\n* CAPABILITY IMAP4rev1\r\n* 3 EXISTS\r\nW1 ok\r\n"},
		"LDAP that names the operation":          {"ldap", "\x30\x24\x02\x01\x01\x78\x1f\x0a\x01\x00\x04\x00\x04\x00\x8a\x161.3.6.1.4.1.1466.20037"},
		"LDAP with long lengths":                 {"ldap", "\x30\x84\x00\x00\x00\x10\x02\x01\x01\x78\x84\x00\x00\x00\x07\x0a\x01\x00\x04\x00\x04\x00"},
		"MySQL of the first years of TLS":        {"mysql", "\x1d\x00\x00\x00\x0a4.0.12\x00\x01\x00\x00\x0012345678\x00\x2c\x08\x08\x02\x00\x00\x00\x00"},
		"XMPP with its own prefix":               {"xmpp", "<s:stream xmlns:s=\"http://etherx.jabber.org/streams\" version=\"1.0\"><s:features><t:starttls xmlns:t=\"urn:ietf:params:xml:ns:xmpp-tls\"/></s:features><t:proceed xmlns:t=\"urn:ietf:params:xml:ns:xmpp-tls\"/>"},
		"XMPP with blanks and a closing tag":     {"xmpp", xmppHeader + "\n " + xmppFeatures + " \n<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'\n></proceed >"},
		"XMPP with a go-ahead that is not empty": {"xmpp", xmppHeader + xmppFeatures + "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'><a>&gt;<![CDATA[>]]></a></proceed>"},
	} {
		for how, conn := range map[string]*canned{"at once": say(c.said), "byte by byte": single(c.said + "\x16")} {
			if err := conn.negotiate(c.protocol); err != nil {
				t.Errorf("%s, %s: %v", name, how, err)
			}
		}
	}
}

func TestRefusalsSayWhatTheServerSaidAndWhatToTry(t *testing.T) {
	const bigQuery = "\x00\x00\x00\x2fSFATAL\x00VFATAL\x00C53300\x00Mtoo many clients already\x00\x00"
	for name, c := range map[string]struct {
		protocol, said string
		says           []string
	}{
		"SMTP that takes no mail":          {"smtp", "554 5.7.1 \x1b[31myou are listed\r\n", []string{"no mail now", `\x1b[31myou are listed"`}},
		"SMTP without EHLO":                {"smtp", "220 hi\r\n502 what\r\n", []string{"does not answer EHLO", `"502 what"`, "465"}},
		"FTP asked for SMTP":               {"smtp", "220 ProFTPD Server ready\r\n500 EHLO not understood\r\n", []string{"looks like FTP", "(ftp)"}},
		"SMTP asked for FTP":               {"ftp", "220 x ESMTP\r\n502 AUTH\r\n", []string{"looks like SMTP", "(smtp)"}},
		"SMTP that does not offer it":      {"smtp", "220 hi\r\n250-mail.example\r\n250-XSTARTTLS\r\n250 SIZE\r\n", []string{"does not offer STARTTLS", `\r\n250-XSTARTTLS`, "587"}},
		"SMTP that cannot now":             {"smtp", "220 hi\r\n250-x\r\n250 STARTTLS\r\n454 4.7.0 TLS not available\r\n", []string{"for the time being", `"454 4.7.0 TLS`, "later"}},
		"SMTP that will not":               {"smtp", "220 hi\r\n250-x\r\n250 STARTTLS\r\n501 no\r\n", []string{"does not do it", `"501 no"`}},
		"IMAP that does not offer it":      {"imap", "* OK hi\r\nw1 BAD unknown command\r\n", []string{"does not offer STARTTLS", `"w1 BAD unknown`, "993"}},
		"IMAP that says no":                {"imap", "* OK hi\r\nw1 NO\r\n", []string{"does not offer STARTTLS"}},
		"IMAP that goes away":              {"imap", "* OK hi\r\n* BYE shutting down\r\n", []string{"ends the connection", "shutting down"}},
		"IMAP that takes no one":           {"imap", "* BYE too many\r\n", []string{"no one now", "too many"}},
		"IMAP that is logged in":           {"imap", "* PREAUTH hello\r\n", []string{"logged the client in already", "somebody on the way"}},
		"POP3 that does not offer it":      {"pop3", "+OK hi\r\n-ERR what\r\n", []string{"does not offer STLS", "995"}},
		"POP3 that takes no one":           {"pop3", "-ERR [SYS/TEMP] busy\r\n", []string{"no one now", "busy"}},
		"FTP that does not offer it":       {"ftp", "220 hi\r\n500 what\r\n", []string{"does not offer AUTH TLS", "990"}},
		"FTP that cannot now":              {"ftp", "220 hi\r\n431 no security\r\n", []string{"for the time being"}},
		"FTP that takes no one":            {"ftp", "421 too many\r\n", []string{"no one now"}},
		"PostgreSQL without TLS":           {"postgres", "N", []string{"answered N", "switched off"}},
		"PostgreSQL with an error":         {"postgres", "E" + bigQuery, []string{`"too many clients already"`}},
		"PostgreSQL with an error of old":  {"postgres", "EFATAL:  unsupported frontend protocol\x00", []string{`"FATAL:  unsupported`}},
		"PostgreSQL with one letter":       {"postgres", "E", []string{`with an error: ""`}},
		"MySQL without TLS":                {"mysql", mysqlGreeting(0xc1fff7f7 &^ mysqlTLS), []string{`"8.0.36" does not offer it`}},
		"MySQL that lets no one in":        {"mysql", "\x1a\x00\x00\x00\xff\x6a\x04Host is not allowed, no", []string{`"Host is not allowed, no"`}},
		"MySQL that says so with a state":  {"mysql", "\x11\x00\x00\x00\xff\x10\x04#08004Too many", []string{`"Too many"`}},
		"MySQL of old":                     {"mysql", "\x08\x00\x00\x00\x093.20.1\x00", []string{"no TLS"}},
		"LDAP without TLS":                 {"ldap", "\x30\x1a\x02\x01\x01\x78\x15\x0a\x01\x02\x04\x00\x04\x0eunsupported op", []string{"protocolError", `"unsupported op"`, "636"}},
		"LDAP that cannot now":             {"ldap", "\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x34\x04\x00\x04\x00", []string{"result 52, unavailable", "later"}},
		"LDAP with a code nobody knows":    {"ldap", "\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x7b\x04\x00\x04\x00", []string{"result 123 ("}},
		"LDAP that gives notice":           {"ldap", "\x30\x0c\x02\x01\x00\x78\x07\x0a\x01\x33\x04\x00\x04\x00", []string{"ends the connection", "busy"}},
		"XMPP that does not offer it":      {"xmpp", xmppHeader + "<stream:features/>", []string{"does not offer STARTTLS", "5223"}},
		"XMPP with another starttls":       {"xmpp", xmppHeader + "<stream:features><starttls/><a><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></a></stream:features>", []string{"does not offer STARTTLS"}},
		"XMPP that does not know the host": {"xmpp", xmppHeader + "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>", []string{"(host-unknown)", "another one"}},
		"XMPP that ends at once":           {"xmpp", xmppHeader + "</stream:stream>", []string{"ends the stream"}},
		"XMPP that fails":                  {"xmpp", xmppHeader + xmppFeatures + "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", []string{"does not do it"}},
		"XMPP of before 1.0":               {"xmpp", strings.Replace(xmppHeader, " version='1.0'>", ">", 1), []string{"older than 1.0"}},
	} {
		err := say(c.said).negotiate(c.protocol)
		if !errors.Is(err, ErrRefused) || errors.Is(err, ErrInjected) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, says := range c.says {
			if !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v\nwant one that says %q", name, err, says)
			}
		}
	}
}

func TestWhatDoesNotBelongIsNamed(t *testing.T) {
	flood := strings.Repeat("A", 80<<10)
	for name, c := range map[string]struct {
		protocol, said string
		says           string
	}{
		"SSH on SMTP's port":               {"smtp", "SSH-2.0-OpenSSH_9.2\r\n", "this is not SMTP, it looks like SSH"},
		"IMAP on POP3's":                   {"pop3", "* OK hi\r\n", "it looks like IMAP (choose STARTTLS for IMAP (imap)"},
		"POP3 on IMAP's":                   {"imap", "+OK hi\r\n", "it looks like POP3"},
		"SSH on PostgreSQL's":              {"postgres", "SSH-2.0-OpenSSH_9.2\r\n", "SSH answers here"},
		"memcached on PostgreSQL's":        {"postgres", "ERROR\r\n", "it looks like Memcached"},
		"HTTP on PostgreSQL's":             {"postgres", "HTTP/1.1 400 Bad Request\r\n", "it looks like HTTP"},
		"a no with more behind it":         {"postgres", "Nothing", "this is not PostgreSQL: it said"},
		"SMTP on MySQL's":                  {"mysql", "220 mail.example ESMTP\r\n", "it looks like SMTP"},
		"MySQL's other protocol":           {"mysql", "\x05\x00\x00\x00\x0b\x08\x05\x1a\x00", "it looks like MySQL X Protocol"},
		"a MySQL greeting cut short":       {"mysql", "\x05\x00\x00\x00\x0a8.0.", "this is not MySQL: it said"},
		"a MySQL error without text":       {"mysql", "\x01\x00\x00\x00\xff", "this is not MySQL: it said"},
		"TLS on LDAP's":                    {"ldap", "\x15\x03\x01\x00\x02\x02\x32", "it looks like TLS (this port speaks it from the start: choose no STARTTLS)"},
		"LDAP without end":                 {"ldap", "\x30\x80\x02\x01\x01", "this is not LDAP: it said"},
		"LDAP of 16 MiB":                   {"ldap", "\x30\x83\xff\xff\xff", "16777215 bytes"},
		"LDAP of 4 GiB":                    {"ldap", "\x30\x84\xff\xff\xff\xff", "this is not LDAP: it said"},
		"an answer to another question":    {"ldap", "\x30\x0c\x02\x01\x07\x78\x07\x0a\x01\x00\x04\x00\x04\x00", "this is not LDAP: it said"},
		"HTTPS on XMPP's":                  {"xmpp", "HTTP/1.1 400 Bad Request\r\n\r\nThe plain HTTP request was sent to HTTPS port", "choose no STARTTLS"},
		"a web page on XMPP's":             {"xmpp", "<html><body>", "it looks like HTTP"},
		"SMTP codes that change":           {"smtp", "220-hi\r\n550 no\r\n", "this is not SMTP: it said"},
		"IMAP that answers someone else":   {"imap", "* OK hi\r\nw2 OK go\r\n", "this is not IMAP: it said"},
		"control characters":               {"smtp", "\x1b]0;gotcha\x07\r\n", `"\x1b]0;gotcha\x07\r\n"`},
		"a line without end":               {"smtp", flood, "64 KiB without coming to TLS: \"AAAA"},
		"lines without end":                {"ftp", "220-hi\r\n" + strings.Repeat("and so on\r\n", 8<<10), "64 KiB without coming to TLS"},
		"XML without end":                  {"xmpp", xmppHeader + strings.Repeat("<a>", 40<<10), "64 KiB without coming to TLS"},
		"a tag without end":                {"xmpp", "<" + flood, "64 KiB without coming to TLS"},
		"an entity that XML does not know": {"xmpp", xmppHeader + "&a;", "this is not XMPP: it said"},
		"a document type":                  {"xmpp", "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b \"bb\">]>", "a document type, which XMPP forbids"},
		"a comment":                        {"xmpp", xmppHeader + "<!-- <starttls/> -->", "a comment, which XMPP forbids"},
		"an instruction":                   {"xmpp", xmppHeader + "<?php 1?>", "a processing instruction, which XMPP forbids"},
		"tags that do not match":           {"xmpp", xmppHeader + "<stream:features></features>", "this is not XMPP: it said"},
		"a stream of another kind":         {"xmpp", "<stream version='1.0'>", "this is not XMPP: it said"},
		"another answer":                   {"xmpp", xmppHeader + xmppFeatures + "<message/>", "this is not XMPP: it said"},
		"nothing":                          {"smtp", "", "closed the connection without a word (a server that speaks TLS at once"},
		"nothing, where the client begins": {"postgres", "", "closed the connection without a word (it may speak"},
		"half a line":                      {"smtp", "220 hi", `in the middle of its answer, after "220 hi"`},
		"half a greeting":                  {"mysql", mysqlGreeting(mysqlTLS)[:30], "in the middle of its answer"},
		"half a tag":                       {"xmpp", xmppHeader + "<stream:feat", "in the middle of its answer"},
		"a greeting and nothing else":      {"imap", "* OK hi\r\n", "instead of giving the answer to STARTTLS"},
		"another protocol":                 {"gopher", "", `"gopher": there is no such protocol; known are smtp, imap,`},
	} {
		conn := say(c.said)
		err := conn.negotiate(c.protocol)
		switch {
		case err == nil || errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), c.says):
			t.Errorf("%s: %v\nwant one that says %q", name, err, c.says)
		case len(err.Error()) > 1000:
			t.Errorf("%s: an error of %d bytes", name, len(err.Error()))
		}
		if len(c.said) > maxAnswers && len(strings.Join(conn.pieces, "")) < len(c.said)-maxAnswers {
			t.Errorf("%s: more than %d bytes were read", name, maxAnswers)
		}
	}
}

func TestTheConnectionsOwnErrorIsKept(t *testing.T) {
	reset := errors.New("reset by peer")
	for name, said := range goAhead {
		for _, n := range []int{0, len(said) / 2} {
			c := say(said[:n])
			if n == 0 {
				c.pieces = nil
			}
			if c.end = reset; name == "postgres" && n > 0 {
				continue
			}
			if err := c.negotiate(name); !errors.Is(err, reset) {
				t.Errorf("%s, after %d bytes: %v", name, n, err)
			}
		}
	}
}

func TestTheNameCannotBreakOutOfTheStream(t *testing.T) {
	c := say(goAhead["xmpp"])
	if err := c.to("xmpp", "a'><stream:error/>&\x00"); err != nil {
		t.Fatal(err)
	}
	if sent := c.wrote.String(); !strings.Contains(sent, "to='a&#39;&gt;&lt;stream:error/&gt;&amp;\uFFFD'") {
		t.Errorf("sent %s", sent)
	}
}

func TestMySQLIsAskedInItsOwnCharacterSet(t *testing.T) {
	c := say(goAhead["mysql"])
	if err := c.negotiate("mysql"); err != nil {
		t.Fatal(err)
	}
	if p := c.wrote.Bytes(); len(p) != 36 || !bytes.Equal(p[:4], []byte{32, 0, 0, 1}) || p[12] != 0xff {
		t.Errorf("sent % x", p)
	}
}

// stalled is a server that says so much and then nothing more, until the test ends.
func stalled(t *testing.T, says string) net.Conn {
	t.Helper()
	here, there := net.Pipe()
	var served sync.WaitGroup
	served.Go(func() { _, _ = io.Copy(io.Discard, there) })
	served.Go(func() { _, _ = io.WriteString(there, says) })
	t.Cleanup(func() {
		_ = here.Close()
		_ = there.Close()
		served.Wait()
	})
	return here
}

func TestAServerThatStallsIsGivenUp(t *testing.T) {
	why := errors.New("the person pressed stop")
	for name, said := range goAhead {
		for _, n := range []int{0, len(said) / 2} {
			t.Run(fmt.Sprintf("%s after %d bytes", name, n), func(t *testing.T) {
				t.Parallel()
				ctx, cancel := context.WithTimeout(t.Context(), time.Second) // it is to have begun by then
				defer cancel()
				conn := &deadlines{Conn: stalled(t, said[:n])}
				err := Negotiate(ctx, conn, name, "", nil)
				if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "while waiting for") {
					t.Errorf("at the deadline: %v", err)
				}
				if n == 0 && strings.Contains("smtp imap pop3 ftp mysql", name) != strings.Contains(err.Error(), "choose no STARTTLS") {
					t.Errorf("the advice is wrong: %v", err)
				}
				if !conn.last.IsZero() {
					t.Error("the deadline was left behind")
				}
				stop, cancelCause := context.WithCancelCause(t.Context())
				time.AfterFunc(10*time.Millisecond, func() { cancelCause(why) })
				if err := Negotiate(stop, stalled(t, said[:n]), name, "", nil); !errors.Is(err, why) {
					t.Errorf("when cancelled: %v", err)
				}
				if err := Negotiate(stop, stalled(t, said), name, "", nil); !errors.Is(err, why) {
					t.Errorf("when cancelled before: %v", err)
				}
			})
		}
	}
}
