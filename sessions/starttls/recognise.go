package starttls

import (
	"bytes"
	"strings"
)

// Recognise names the protocol of a server that answered in something else than TLS, from the first
// bytes it sent, and says in a sentence what to try. The name is "" when it cannot be told.
func Recognise(first []byte) (name, advice string) {
	for _, k := range known {
		if k.is(first) {
			return k.name, k.advice
		}
	}
	return "", ""
}

func prefix(options ...string) func([]byte) bool {
	return func(p []byte) bool {
		for _, o := range options {
			if bytes.HasPrefix(p, []byte(o)) {
				return true
			}
		}
		return false
	}
}

// firstLine holds for text whose first line begins and goes on like this, in any case.
func firstLine(begin string, words ...string) func([]byte) bool {
	return func(p []byte) bool {
		line, _, _ := strings.Cut(strings.ToLower(string(p[:min(len(p), 512)])), "\n")
		if !strings.HasPrefix(line, begin) {
			return false
		}
		for _, w := range words {
			if strings.Contains(line, w) {
				return true
			}
		}
		return len(words) == 0
	}
}

// known is looked through in order: the more telling signs come first.
var known = []struct {
	name, advice string
	is           func([]byte) bool
}{
	{"SSH", "SSH does not speak TLS: use an ssh client, or another port", prefix("SSH-")},
	{"HTTP", "this port speaks HTTP without TLS: connect with a TCP tab, or use the HTTPS port (often 443)", prefix("HTTP/", "<!DOCTYPE", "<html", "<HTML", "<!doctype")},
	{"FTP", "choose STARTTLS for FTP (ftp), or plain TLS on port 990", firstLine("220", "ftp", "filezilla", "pure-", "vsftp")},
	{"SMTP", "choose STARTTLS for SMTP (smtp), or plain TLS on port 465", firstLine("220", "smtp", "mail", "postfix", "exim", "sendmail", "mx")},
	{"SMTP or FTP", "choose STARTTLS for SMTP (smtp) or FTP (ftp)", prefix("220 ", "220-", "421 ", "554 ")},
	{"POP3", "choose STARTTLS for POP3 (pop3), or plain TLS on port 995", prefix("+OK")},
	{"Redis", "this port speaks Redis without TLS", prefix("-ERR", "-DENIED", "-NOAUTH", "+PONG", "-MISCONF")},
	{"IMAP", "choose STARTTLS for IMAP (imap), or plain TLS on port 993", prefix("* OK", "* PREAUTH", "* BYE")},
	{"XMPP", "choose STARTTLS for XMPP (xmpp), or plain TLS on port 5223", func(p []byte) bool {
		return bytes.Contains(p[:min(len(p), 512)], []byte("<stream:"))
	}},
	{"XML", "this port speaks XML without TLS", prefix("<?xml")},
	{"VNC", "VNC begins in plain text: this port does not speak TLS at once", prefix("RFB 0")},
	{"IRC", "this port speaks IRC without TLS: port 6697 usually has it", func(p []byte) bool {
		return p0(p) == ':' && (bytes.Contains(p, []byte(" NOTICE ")) || bytes.Contains(p, []byte(" 451 ")) || bytes.Contains(p, []byte(" 421 "))) || bytes.HasPrefix(p, []byte("NOTICE "))
	}},
	{"AMQP", "this port speaks AMQP without TLS: port 5671 usually has it", prefix("AMQP")},
	{"MySQL", "choose STARTTLS for MySQL (mysql)", func(p []byte) bool {
		if len(p) < 5 || p[3] != 0 || p[2] != 0 {
			return false
		}
		return p[4] == 10 && (len(p) == 5 || p[5] >= '0' && p[5] <= '9') || p[4] == 0xff && len(p) > 7
	}},
	{"PostgreSQL", "choose STARTTLS for PostgreSQL (postgres)", func(p []byte) bool {
		return bytes.Equal(p, []byte("N")) || len(p) > 9 && p[0] == 'E' && p[1] == 0 && p[2] == 0 && p[5] == 'S'
	}},
	{"LDAP", "choose STARTTLS for LDAP (ldap), or plain TLS on port 636", func(p []byte) bool {
		// A notice of disconnection, or an answer with message ID 0 or 1.
		return len(p) >= 6 && p[0] == 0x30 && bytes.Contains(p[:min(len(p), 12)], []byte{0x02, 0x01}) && bytes.IndexByte(p[:min(len(p), 14)], 0x78) > 0
	}},
	{"RDP", "remote desktop begins with its own negotiation: this port does not speak TLS at once", prefix("\x03\x00\x00\x13", "\x03\x00\x00\x0b")},
	{"Telnet", "this port speaks Telnet without TLS", func(p []byte) bool { return len(p) >= 3 && p[0] == 0xff && p[1] >= 0xfb && p[1] <= 0xfe }},
	{"MQTT", "this port speaks MQTT without TLS: port 8883 usually has it", func(p []byte) bool { return len(p) == 4 && p[0] == 0x20 && p[1] == 2 }},
	{"Memcached", "this port speaks memcached without TLS", prefix("ERROR\r\n")},
	{"SSL 2.0", "this server speaks SSL 2.0, which nobody should any more", func(p []byte) bool {
		return len(p) >= 5 && p[0]&0x80 != 0 && p[2] == 4 && (p[3] == 0 || p[3] == 1)
	}},
}

func p0(p []byte) byte {
	if len(p) == 0 {
		return 0
	}
	return p[0]
}
