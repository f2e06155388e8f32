package sessions

import (
	"bytes"
	"encoding/binary"
	"regexp"
	"sync"

	"wirebench/sessions/inspect"
)

// plainClients are what clients begin with that do not speak TLS, and what to do about it. They are looked
// through in order. How servers begin is another matter: see starttls.Recognise.
var plainClients = []struct {
	what, advice string
	is           func(p []byte) bool
}{
	{"that is a socket policy file request", "policy files are asked for in plain text: serve them with a listener without TLS", begins(`^<policy-file-request/>`)},
	{"that is a WebSocket handshake", "write wss:// in the client, or switch TLS off here", begins(`(?i)^GET [^\r\n]+ HTTP/1\.1\r\n(.*\r\n)*upgrade: *websocket`)},
	{"that is an RTSP request", "let the client use TLS, or switch it off here", begins(`^[A-Z_]+ rtsps?://`)},
	{"that is a SIP request", "let the client use TLS (sips:), or switch it off here", begins(`^[A-Z]+ sips?:[^\r\n]+ SIP/2\.0`)},
	{"that is a request to an HTTP proxy for a tunnel", "the listener is no proxy; what comes through the tunnel would be TLS", begins(`^CONNECT [^ ]+ HTTP/1`)},
	{"that is HTTP/2 without TLS", "let the client use TLS, or switch it off here", begins(`^PRI \* HTTP/2`)},
	{"that is an HTTP request", "write https:// in the client, or switch TLS off here", begins(`^(GET|HEAD|POST|PUT|DELETE|OPTIONS|TRACE|PATCH|PROPFIND) +[/*h]`)},
	{"that is the header of a PROXY protocol", "a proxy in front of the listener puts it before the client's TLS: switch it off there", begins(`^PROXY (TCP|UNKNOWN)|^\r\n\r\n\x00\r\nQUIT\n`)},
	{"that is an SSH client", "SSH does not use TLS: switch it off here", begins(`^SSH-`)},
	{"that is XML, as XMPP and XMLSocket clients send it", "XMPP begins in plain text and asks for TLS then; the listener speaks it from the start: switch it off here, or on in the client", begins(`^\s*<`)},
	{"that is SMTP", "mail programs call TLS from the start SMTPS or SSL, and the other way STARTTLS", begins(`(?i)^(EHLO|HELO|LHLO|MAIL FROM:|STARTTLS)\b`)},
	{"that is FTP or POP3", "let the client use TLS from the start (implicit), or switch it off here", begins(`(?i)^(USER|AUTH|PASS|CAPA|STLS|APOP)\b`)},
	{"that is IMAP", "let the client use TLS from the start instead of STARTTLS, or switch it off here", begins(`(?i)^[a-z0-9.]+ (CAPABILITY|LOGIN|STARTTLS|ID|AUTHENTICATE|NOOP)\b`)},
	{"that is IRC", "let the client use TLS, or switch it off here", begins(`(?i)^(NICK|CAP LS|JOIN) `)},
	{"that is Redis", "let the client use TLS (--tls), or switch it off here", begins(`^\*[0-9]+\r\n\$|^(PING|INFO)\r\n`)},
	{"that is MQTT", "let the client use TLS (mqtts), or switch it off here", begins(`^\x10[\x00-\xff]{1,4}\x00[\x04\x06]MQ`)},
	{"that is AMQP", "let the client use TLS (amqps), or switch it off here", begins(`^AMQP`)},
	{"that is JSON", "let the client use TLS, or switch it off here", begins(`^\s*[{\[]\s*["{\[\]}]`)},
	{"that is PostgreSQL, which asks whether there is TLS before it begins", "with sslnegotiation=direct in the client (from version 17) it begins at once; or switch TLS off here", postgresHello},
	{"that is a SOCKS client", "the listener is no proxy", begins(`^\x05[\x01-\x09][\x00-\xff]|^\x04[\x01\x02]`)},
	{"that is remote desktop (RDP)", "it agrees on TLS in packets of its own: switch TLS off here", begins(`^\x03\x00\x00[\x00-\xff]{2}\xe0`)},
	{"that is LDAP", "let the client use ldaps://, or switch TLS off here", begins(`^\x30[\x00-\xff]{1,5}\x02\x01\x01[\x60\x63\x77]`)},
	{"that is DTLS, TLS for datagrams", "the client has to speak TLS over TCP", begins(`^\x16\xfe[\xfd\xff]`)},
	{"that is SSL 2.0", "the client is far too old: it has to be renewed", begins(`^[\x80-\xff][\x00-\xff]\x01[\x00\x03]`)},
	{"that is Telnet", "switch TLS off here", begins(`^\xff[\xfb-\xfe]`)},
}

// begins holds for bytes that match a pattern, in which \xff stands for the byte and not for the character.
func begins(pattern string) func([]byte) bool {
	compiled := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?s)` + pattern) }) // not at every start of the program
	return func(p []byte) bool { return compiled().Match(latin1(p)) }
}

// latin1 turns every byte into the character of that number, which is how a pattern can name it.
func latin1(p []byte) []byte {
	out := make([]rune, len(p))
	for i, b := range p {
		out[i] = rune(b)
	}
	return []byte(string(out))
}

// postgresHello holds for an SSLRequest, a GSSENCRequest and a start-up message of protocol 3.
func postgresHello(p []byte) bool {
	if len(p) < 8 {
		return false
	}
	size, code := binary.BigEndian.Uint32(p), binary.BigEndian.Uint32(p[4:])
	return size == 8 && (code == 80877103 || code == 80877104) || size > 8 && size < 10_000 && code>>16 == 3 && bytes.Contains(p, []byte("user\x00"))
}

// notTLSText says what a client sent in place of TLS.
func notTLSText(first []byte) string {
	for _, c := range plainClients {
		if c.is(first) {
			return c.what + "; the listener speaks TLS (" + c.advice + ")"
		}
	}
	const most = 60
	text := inspect.Escape(first[:min(len(first), most)])
	if len(first) > most {
		text += "..."
	}
	return `the client does not speak TLS; what it sent begins with "` + text + `"`
}
