package starttls

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// maxLooked bounds how much of an answer is looked at.
const maxLooked = 1024

// Recognise names the protocol of a server that answered in something else than TLS, from the first
// bytes it sent, and says in a sentence what to try, with the name of the STARTTLS choice where there is
// one. The more bytes, the better; one may be enough. Both are "" when it cannot be told. TLS itself is
// named too, for where plain text was asked for.
func Recognise(first []byte) (name, advice string) {
	first = first[:min(len(first), maxLooked)]
	for _, k := range known {
		if k.is(first) {
			return k.name, k.advice
		}
	}
	return "", ""
}

// unsure is the name for answers of three digits that more than one protocol has.
const unsure = "SMTP or FTP"

// kind is a protocol that can be told by how its servers begin.
type kind struct {
	name, advice string
	is           func([]byte) bool
}

// known is looked through in order: the more telling signs come first.
var known = []kind{
	{"SSH", "it does not use TLS: use an SSH client, or another port", prefix("SSH-")},
	{"HTTPS", "this port speaks TLS from the start: choose no STARTTLS", both(prefix("HTTP/"), anywhere("to https port", "to an https server", "using https", "speaking plain http to an ssl"))},
	{"HTTP", "this port has it without TLS: use a TCP tab, or the port for HTTPS, often 443", prefix("HTTP/", "<!doctype html", "<html")},
	{"HTTP/2 without TLS", "gRPC servers often have it: use a TCP tab, or the port for HTTPS", http2},
	{"RTSP", "this port has it without TLS: port 322 may have TLS", prefix("RTSP/")},
	{"SIP", "this port has it without TLS: port 5061 may have TLS", prefix("SIP/2.0 ")},
	{"FTP", "choose STARTTLS for FTP (ftp), or port 990 with TLS from the start", both(status, firstLine("ftp", "filezilla", "auth tls", "please login with user and pass"))},
	{"SMTP", "choose STARTTLS for SMTP (smtp), or port 465 with TLS from the start", both(status, firstLine("smtp", "mail", "postfix", "exim", "sendmail", "mx", "5.5.1", "5.5.2", "4.7.", "5.7."))},
	{"NNTP", "this port has news without TLS: port 563 may have TLS", both(prefix("200 ", "201 ", "400 ", "480 "), firstLine("news", "nntp", "innd", "posting"))},
	{unsure, "choose STARTTLS for SMTP (smtp) or for FTP (ftp)", status},
	{"POP3", "choose STARTTLS for POP3 (pop3), or port 995 with TLS from the start", prefix("+ok ", "+ok\r", "+ok\n")},
	{"Redis", "this port has it without TLS: its tls-port option gives it one with TLS", prefix("-err ", "-denied ", "-noauth ", "-misconf ", "-loading ", "+pong")},
	{"IMAP", "choose STARTTLS for IMAP (imap), or port 993 with TLS from the start", prefix("* ok", "* preauth", "* bye", "* bad")},
	{"ManageSieve", "it begins in plain text, which there is no choice for", prefix("\"implementation\" ", "\"sieve\" ")},
	{"Flash socket policy", "this port serves socket policy files, in plain text: use a TCP tab", anywhere("<cross-domain-policy")},
	{"XMPP", "choose STARTTLS for XMPP (xmpp), or port 5223 with TLS from the start", both(prefix("<"), anywhere("<stream:", "http://etherx.jabber.org/streams"))},
	{"XML", "this port has it without TLS: use a TCP tab, or choose STARTTLS for XMPP (xmpp) if it is that", prefix("<?xml")},
	{"VNC", "it begins in plain text, which there is no choice for: use a TCP tab", prefix("RFB 0")},
	{"rsync", "this port has it without TLS: port 874 may have TLS", prefix("@rsyncd:")},
	{"IRC", "this port has it without TLS: port 6697 may have TLS", either(prefix("notice ", "error :closing link"), both(prefix(":"), anywhere(" notice ", " 451 ", " 421 ", " 020 ")))},
	{"AMQP", "this port has it without TLS: port 5671 may have TLS", prefix("AMQP")},
	{"Memcached", "this port has it without TLS: its -Z option adds it", prefix("error\r\n", "client_error ")},
	{"MySQL X Protocol", "port 3306 has the protocol that STARTTLS for MySQL (mysql) is for", startsWith(5, 0, 0, 0, 0x0b, 8, 5)},
	{"MySQL", "choose STARTTLS for MySQL (mysql)", mysqlPacket},
	{"PostgreSQL", "choose STARTTLS for PostgreSQL (postgres)", postgresAnswer},
	{"LDAP", "choose STARTTLS for LDAP (ldap), or port 636 with TLS from the start", ldapMessage},
	{"RDP", "remote desktop agrees on TLS in packets of its own, which there is no choice for", tpkt},
	{"Telnet", "this port has it without TLS: use a TCP tab", telnet},
	{"MQTT", "this port has it without TLS: port 8883 may have TLS", func(p []byte) bool { return len(p) == 4 && p[0] == 0x20 && p[1] == 2 && p[2] <= 1 }},
	{"SOCKS", "this is a proxy, which speaks its own protocol before anything else", func(p []byte) bool { return len(p) == 2 && p[0] == 5 && (p[1] <= 2 || p[1] == 0xff) }},
	{"TLS", "this port speaks it from the start: choose no STARTTLS", tlsRecord},
	{"SSL 2.0", "this server speaks what has been broken for decades: it has to be renewed", func(p []byte) bool {
		return len(p) >= 5 && p[0]&0x80 != 0 && p[2] == 4 && (p[3] == 0 || p[3] == 1)
	}},
}

// prefix holds for text that begins so, in any case.
func prefix(options ...string) func([]byte) bool {
	return func(p []byte) bool {
		for _, o := range options {
			if len(p) >= len(o) && strings.EqualFold(string(p[:len(o)]), o) {
				return true
			}
		}
		return false
	}
}

func startsWith(bytesOf ...byte) func([]byte) bool {
	return func(p []byte) bool { return bytes.HasPrefix(p, bytesOf) }
}

// anywhere holds for text that has one of the words, which are in lower case, in any case.
func anywhere(words ...string) func([]byte) bool {
	return func(p []byte) bool {
		text := strings.ToLower(string(p))
		for _, w := range words {
			if strings.Contains(text, w) {
				return true
			}
		}
		return false
	}
}

// firstLine is anywhere, for the first line alone.
func firstLine(words ...string) func([]byte) bool {
	in := anywhere(words...)
	return func(p []byte) bool {
		line, _, _ := bytes.Cut(p, []byte("\n"))
		return in(line)
	}
}

func both(a, b func([]byte) bool) func([]byte) bool {
	return func(p []byte) bool { return a(p) && b(p) }
}

func either(a, b func([]byte) bool) func([]byte) bool {
	return func(p []byte) bool { return a(p) || b(p) }
}

// status holds for answers of three digits that servers of mail and files begin with or give to what they
// do not understand.
var status = func() func([]byte) bool {
	var begins []string
	for _, code := range []string{"220", "120", "421", "500", "501", "502", "503", "530", "550", "554"} {
		begins = append(begins, code+" ", code+"-")
	}
	return prefix(begins...)
}()

// http2 holds for the SETTINGS frame that a server begins with, on stream 0 (RFC 9113 section 3.4).
func http2(p []byte) bool {
	return len(p) >= 9 && p[0] == 0 && p[1] == 0 && p[2]%6 == 0 && p[3] == 4 && p[4] == 0 && binary.BigEndian.Uint32(p[5:]) == 0
}

// mysqlPacket holds for the initial packet, or an error in its place.
func mysqlPacket(p []byte) bool {
	if len(p) < 6 || p[3] > 1 || p[2] != 0 {
		return false
	}
	switch size := int(p[0]) | int(p[1])<<8; p[4] {
	case 10:
		return size > 20 && p[5] >= '0' && p[5] <= '9'
	case 0xff: // an error has a number from 1000 on
		return size > 3 && len(p) >= 7 && p[6] >= 3 && p[6] < 0x20
	}
	return false
}

// postgresAnswer holds for the answer no to an SSLRequest, and for an error.
func postgresAnswer(p []byte) bool {
	if string(p) == "N" {
		return true
	}
	return len(p) > 6 && p[0] == 'E' && p[1] == 0 && p[2] == 0 && p[5] == 'S' || bytes.HasPrefix(p, []byte("EFATAL:")) || bytes.HasPrefix(p, []byte("Eunsupported frontend protocol"))
}

// ldapMessage holds for an LDAPMessage with the number 0 or 1 and an extended response.
func ldapMessage(p []byte) bool {
	if len(p) < 3 || p[0] != 0x30 {
		return false
	}
	at := 2
	if p[1] > 0x80 && p[1] <= 0x84 {
		at += int(p[1] & 0x7f)
	}
	return len(p) > at+3 && p[at] == 2 && p[at+1] == 1 && p[at+2] <= 1 && p[at+3] == ldapExtendedResponse
}

// tpkt holds for the packets that carry remote desktop (RFC 1006 section 6), with its answer to a
// connection request or its word for the end.
func tpkt(p []byte) bool {
	return len(p) >= 6 && p[0] == 3 && p[1] == 0 && p[2] == 0 && p[3] >= 7 && (p[5] == 0xd0 || p[5] == 0x80 || p[5] == 0xf0)
}

// telnet holds for the negotiation of options (RFC 854).
func telnet(p []byte) bool { return len(p) >= 3 && p[0] == 0xff && p[1] >= 0xfb && p[1] <= 0xfe }

// tlsRecord holds for alerts and handshakes (RFC 8446 section 5.1).
func tlsRecord(p []byte) bool {
	return len(p) >= 3 && (p[0] == 0x15 || p[0] == 0x16) && p[1] == 3 && p[2] <= 4
}
