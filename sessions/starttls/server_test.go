package starttls

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"wirebench/sessions/certs/testca"
)

// side is the server's side of a conversation. It keeps what passed, and panics with an error where the
// other side goes away, which serve catches.
type side struct {
	net.Conn
	single      bool // bytes are sent one by one
	said, heard bytes.Buffer
}

func (s *side) say(text string) {
	s.said.WriteString(text)
	size := len(text)
	if s.single {
		size = 1
	}
	for ; len(text) > 0; text = text[min(size, len(text)):] {
		if _, err := io.WriteString(s.Conn, text[:min(size, len(text))]); err != nil {
			panic(err)
		}
	}
}

// hear reads until what came has this end.
func (s *side) hear(end string) string {
	from := s.heard.Len()
	for !strings.HasSuffix(s.heard.String()[from:], end) {
		s.bytes(1)
	}
	return s.heard.String()[from:]
}

func (s *side) bytes(n int) []byte {
	p := make([]byte, n)
	if _, err := io.ReadFull(s.Conn, p); err != nil {
		panic(err)
	}
	s.heard.Write(p)
	return p
}

func (s *side) expect(got, want string) {
	if !strings.EqualFold(got, want) {
		panic(fmt.Errorf("the client said %q, where %q was due", got, want))
	}
}

// mysqlGreeting is the first packet of a MySQL 8 server that can do TLS.
func mysqlGreeting(able uint32) string {
	body := "\x0a8.0.36\x00" + "\x2a\x00\x00\x00" + "12345678" + "\x00" +
		string([]byte{byte(able), byte(able >> 8)}) + "\xff" + "\x02\x00" + string([]byte{byte(able >> 16), byte(able >> 24)}) +
		"\x15" + strings.Repeat("\x00", 10) + "123456789012\x00" + "caching_sha2_password\x00"
	return string([]byte{byte(len(body)), 0, 0, 0}) + body
}

const (
	ldapYes      = "\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00"
	xmppHeader   = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='a>b' from='mail.example' version='1.0'>"
	xmppFeatures = "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms></stream:features>"
	xmppProceed  = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
)

// servers hold each protocol's side of the conversation up to the go-ahead.
var servers = map[string]func(s *side){
	"smtp": func(s *side) {
		s.say("220-mail.example ESMTP\r\n220 at your service\r\n")
		s.expect(s.hear("\r\n")[:5], "EHLO ")
		s.say("250-mail.example greets you\r\n250-PIPELINING\r\n250-starttls\r\n250 8BITMIME\r\n")
		s.expect(s.hear("\r\n"), "STARTTLS\r\n")
		s.say("220 2.0.0 go ahead\r\n")
	},
	"imap": func(s *side) {
		s.say("* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] ready\r\n")
		tag, command, _ := strings.Cut(s.hear("\r\n"), " ")
		if strings.EqualFold(command, "CAPABILITY\r\n") { // openssl asks first
			s.say("* CAPABILITY IMAP4rev1 STARTTLS\r\n" + tag + " OK done\r\n")
			tag, command, _ = strings.Cut(s.hear("\r\n"), " ")
		}
		s.expect(command, "STARTTLS\r\n")
		s.say("* OK still here\r\n" + tag + " OK begin TLS negotiation now\r\n")
	},
	"pop3": func(s *side) {
		s.say("+OK ready <1896.697170952@mail.example>\r\n")
		s.expect(s.hear("\r\n"), "STLS\r\n")
		s.say("+OK begin\r\n")
	},
	"ftp": func(s *side) {
		s.say("220-files.example\r\n 220 lines between\r\nmay look as they like\r\n220 ready\r\n")
		heard := s.hear("\r\n")
		if strings.EqualFold(heard, "FEAT\r\n") { // openssl asks first
			s.say("211-Extensions supported:\r\n AUTH TLS\r\n211 END\r\n")
			heard = s.hear("\r\n")
		}
		s.expect(heard, "AUTH TLS\r\n")
		s.say("234 AUTH TLS OK.\r\n")
	},
	"postgres": func(s *side) {
		s.expect(string(s.bytes(8)), "\x00\x00\x00\x08\x04\xd2\x16\x2f")
		s.say("S")
	},
	"mysql": func(s *side) {
		s.say(mysqlGreeting(0xc1fffff7 | mysqlTLS))
		request := s.bytes(36)
		s.expect(string(request[:4]), "\x20\x00\x00\x01")
		if request[5]&(mysqlTLS>>8) == 0 {
			panic(fmt.Errorf("the client does not ask for TLS: % x", request))
		}
	},
	"ldap": func(s *side) {
		head := s.bytes(2)
		request := string(s.bytes(int(head[1])))
		if head[0] != 0x30 || !strings.HasPrefix(request, "\x02\x01\x01\x77") || !strings.HasSuffix(request, "1.3.6.1.4.1.1466.20037") {
			panic(fmt.Errorf("the client asks %q", request))
		}
		s.say(ldapYes)
	},
	"xmpp": func(s *side) {
		for !strings.Contains(s.hear(">"), "<stream:stream") {
		}
		s.say(xmppHeader + xmppFeatures)
		if heard := s.hear(">"); !strings.HasPrefix(heard, "<starttls") {
			panic(fmt.Errorf("the client says %q", heard))
		}
		s.say("\n" + xmppProceed)
	},
}

// testServer serves one connection: the conversation, then TLS, then it sends back what comes.
type testServer struct {
	t       *testing.T
	address string
	roots   []byte // PEM
	config  *tls.Config
	talk    func(*side)
	single  bool
	session *side // whole once done was waited for
	err     error
	done    sync.WaitGroup
}

func serve(t *testing.T, single bool, talk func(*side)) *testServer {
	t.Helper()
	root, err := testca.SelfSigned(testca.Spec{CommonName: "root", CA: true})
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := root.Issue(testca.Spec{DNSNames: []string{"mail.example"}})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &testServer{t: t, address: l.Addr().String(), roots: testca.PEM(root), talk: talk, single: single,
		config: &tls.Config{Certificates: []tls.Certificate{testca.TLS(leaf, root)}}}
	s.done.Go(func() { s.err = s.one(l) })
	t.Cleanup(func() {
		_ = l.Close()
		s.done.Wait()
	})
	return s
}

func (s *testServer) one(l net.Listener) (err error) {
	conn, err := l.Accept()
	if err != nil {
		return err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	s.session = &side{Conn: conn, single: s.single}
	defer func() {
		if r := recover(); r != nil {
			err = r.(error)
		}
	}()
	s.talk(s.session)
	secure := tls.Server(conn, s.config)
	line, err := bufio.NewReader(secure).ReadString('\n')
	if err != nil {
		return err
	}
	if _, err := io.WriteString(secure, "echo "+line); err != nil {
		return err
	}
	return secure.Close()
}

func TestOpenSSLTakesTheTestServersForRealOnes(t *testing.T) {
	path, err := exec.LookPath("openssl")
	if err != nil {
		if os.Getenv("WIREBENCH_NEED_PEERS") == "1" {
			t.Fatal(err)
		}
		t.Skip("openssl is not installed")
	}
	for name, talk := range servers {
		t.Run(name, func(t *testing.T) {
			s := serve(t, false, talk)
			roots := filepath.Join(t.TempDir(), "roots.pem")
			if err := os.WriteFile(roots, s.roots, 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(path, "s_client", "-starttls", name, "-xmpphost", "mail.example", "-connect", s.address,
				"-servername", "mail.example", "-verify_hostname", "mail.example", "-CAfile", roots, "-verify_return_error", "-quiet")
			cmd.Stdin = strings.NewReader("hello\n")
			out, err := cmd.CombinedOutput()
			s.done.Wait()
			if s.err != nil || !bytes.Contains(out, []byte("echo hello")) {
				t.Errorf("openssl: %v, the server: %v\n%s", err, s.err, out)
			}
		})
	}
	if len(servers) != len(Protocols()) {
		t.Errorf("%d protocols are tested, and there are %d", len(servers), len(Protocols()))
	}
}
