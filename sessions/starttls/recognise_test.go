package starttls

import (
	"strings"
	"testing"
)

func TestServersAreToldByTheirFirstBytes(t *testing.T) {
	for _, c := range []struct{ said, name, advice string }{
		{"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", "SSH", "SSH client"},
		{"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n", "HTTP", "HTTPS"},
		{"<!DOCTYPE HTML PUBLIC>", "HTTP", "HTTPS"},
		{"HTTP/1.1 400 Bad Request\r\n\r\n<title>400 The plain HTTP request was sent to HTTPS port</title>", "HTTPS", "choose no STARTTLS"},
		{"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n", "HTTPS", "choose no STARTTLS"},
		{"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x05\x00\x00\x40\x00", "HTTP/2 without TLS", "gRPC"},
		{"RTSP/1.0 400 Bad Request\r\n", "RTSP", "322"},
		{"SIP/2.0 400 Bad Request\r\n", "SIP", "5061"},
		{"220 mail.example ESMTP Postfix (Debian/GNU)\r\n", "SMTP", "(smtp)"},
		{"502 5.5.2 Error: command not recognized\r\n", "SMTP", "(smtp)"},
		{"220 (vsFTPd 3.0.3)\r\n", "FTP", "(ftp)"},
		{"220---------- Welcome to Pure-FTPd [privsep] [TLS] ----------\r\n", "FTP", "(ftp)"},
		{"530 Please login with USER and PASS.\r\n", "FTP", "(ftp)"},
		{"220 ready\r\n", "SMTP or FTP", "(smtp) or for FTP (ftp)"},
		{"220 ", "SMTP or FTP", "(smtp)"},
		{"200 news.example InterNetNews NNRP server INN 2.7.0 ready (posting ok)\r\n", "NNTP", "563"},
		{"+OK Dovecot ready.\r\n", "POP3", "(pop3)"},
		{"* OK [CAPABILITY IMAP4rev1] Dovecot ready.\r\n", "IMAP", "(imap)"},
		{"* BYE disconnecting\r\n", "IMAP", "(imap)"},
		{"-ERR unknown command\r\n", "Redis", "tls-port"},
		{"-DENIED Redis is running in protected mode", "Redis", "tls-port"},
		{"\"IMPLEMENTATION\" \"Dovecot Pigeonhole\"\r\n", "ManageSieve", "plain text"},
		{"<?xml version=\"1.0\"?><cross-domain-policy>", "Flash socket policy", "policy files"},
		{"<?xml version='1.0'?><stream:stream id=''>", "XMPP", "(xmpp)"},
		{"<stream:error>", "XMPP", "(xmpp)"},
		{"<?xml version='1.0'?><a/>", "XML", "(xmpp)"},
		{"RFB 003.008\n", "VNC", "plain text"},
		{"@RSYNCD: 31.0\n", "rsync", "874"},
		{":irc.example NOTICE * :*** Looking up your hostname\r\n", "IRC", "6697"},
		{"AMQP\x00\x00\x09\x01", "AMQP", "5671"},
		{"ERROR\r\n", "Memcached", "-Z"},
		{mysqlGreeting(mysqlTLS), "MySQL", "(mysql)"},
		{"\x45\x00\x00\x00\xff\x6a\x04Host '10.0.0.1' is not allowed to connect", "MySQL", "(mysql)"},
		{"\x05\x00\x00\x00\x0b\x08\x05\x1a\x00", "MySQL X Protocol", "3306"},
		{"N", "PostgreSQL", "(postgres)"},
		{"E\x00\x00\x00\x8fSFATAL\x00VFATAL\x00C0A000\x00", "PostgreSQL", "(postgres)"},
		{ldapYes, "LDAP", "(ldap)"},
		{"\x30\x84\x00\x00\x00\x10\x02\x01\x00\x78\x84\x00\x00\x00\x07\x0a\x01\x02\x04\x00\x04\x00", "LDAP", "(ldap)"},
		{"\x03\x00\x00\x13\x0e\xd0\x00\x00\x124\x00\x02\x1f\x08\x00\x02\x00\x00\x00", "RDP", "packets of its own"},
		{"\xff\xfd\x18\xff\xfd\x20", "Telnet", "TCP tab"},
		{"\x20\x02\x00\x01", "MQTT", "8883"},
		{"\x05\xff", "SOCKS", "proxy"},
		{"\x15\x03\x01\x00\x02\x02\x46", "TLS", "choose no STARTTLS"},
		{"\x16\x03\x03\x00\x7a\x02", "TLS", "choose no STARTTLS"},
		{"\x80\x03\x04\x00\x01", "SSL 2.0", "renewed"},
		{"", "", ""},
		{"hello", "", ""},
		{"\x00\x00\x00\x00", "", ""},
		{"2", "", ""},
		{"\xff", "", ""},
		{"\x30\x84", "", ""},
		{"No\n", "", ""},
	} {
		name, advice := Recognise([]byte(c.said))
		if name != c.name || !strings.Contains(advice, c.advice) || (name == "") != (advice == "") {
			t.Errorf("%q is taken for %q (%s), want %q (…%s…)", c.said, name, advice, c.name, c.advice)
		}
	}
}

func TestAdviceNamesChoicesThatThereAre(t *testing.T) {
	for _, p := range Protocols() {
		found := false
		for _, k := range known {
			found = found || strings.Contains(k.advice, p.Title+" ("+p.Name+")")
		}
		if !found {
			t.Errorf("no advice leads to %s (%s)", p.Title, p.Name)
		}
	}
}
