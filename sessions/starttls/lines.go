package starttls

import (
	"errors"
	"fmt"
	"strings"
)

// reply reads an answer of three digits, of one or of many lines (RFC 5321 section 4.2, RFC 959 section
// 4.2), and returns its code with all its text.
func (t *talk) reply(protocol string) (code string, lines []string, err error) {
	for {
		line, err := t.line()
		if err != nil {
			return "", nil, err
		}
		if code == "" {
			if len(line) < 3 || strings.Trim(line[:3], "0123456789") != "" || len(line) > 3 && line[3] != ' ' && line[3] != '-' {
				return "", nil, unexpected(protocol, []byte(line))
			}
			code = line[:3]
		}
		lines = append(lines, line)
		// The last line has the code and a blank; a line between may begin with anything (FTP) or with the
		// code and a hyphen (SMTP).
		if strings.HasPrefix(line, code) && (len(line) == 3 || line[3] == ' ') {
			return code, lines, nil
		}
	}
}

func (t *talk) ask(protocol, command string) (code string, lines []string, err error) {
	if err := t.send([]byte(command + "\r\n")); err != nil {
		return "", nil, err
	}
	return t.reply(protocol)
}

// smtp is RFC 3207.
func smtp(t *talk, host string) error {
	code, lines, err := t.reply("SMTP")
	if err != nil {
		return err
	}
	if code != "220" {
		return refused(strings.Join(lines, " "), "it does not take mail now")
	}
	code, lines, err = t.ask("SMTP", "EHLO wirebench.invalid")
	if err != nil {
		return err
	}
	if code != "250" {
		return refused(strings.Join(lines, " "), "it knows no extensions, and so no STARTTLS")
	}
	offered := false
	for _, l := range lines {
		offered = offered || len(l) > 4 && strings.EqualFold(strings.TrimSpace(l[4:]), "STARTTLS")
	}
	if !offered {
		return refused(strings.Join(lines, " "), "STARTTLS is not among its extensions; port 587 may have it, or port 465 plain TLS")
	}
	code, lines, err = t.ask("SMTP", "STARTTLS")
	if err != nil {
		return err
	}
	if code != "220" {
		return refused(strings.Join(lines, " "), "try again later, or plain TLS on port 465")
	}
	return nil
}

// ftp is RFC 4217.
func ftp(t *talk, _ string) error {
	code, lines, err := t.reply("FTP")
	if err != nil {
		return err
	}
	if code == "120" { // ready in some minutes
		code, lines, err = t.reply("FTP")
		if err != nil {
			return err
		}
	}
	if code != "220" {
		return refused(strings.Join(lines, " "), "it takes no one now")
	}
	code, lines, err = t.ask("FTP", "AUTH TLS")
	if err != nil {
		return err
	}
	if code != "234" {
		return refused(strings.Join(lines, " "), "it does not know AUTH TLS; plain TLS is on port 990")
	}
	return nil
}

// imap is RFC 9051 section 6.2.1.
func imap(t *talk, _ string) error {
	line, err := t.line()
	if err != nil {
		return err
	}
	if !strings.HasPrefix(line, "* ") {
		return unexpected("IMAP", []byte(line))
	}
	if !hasPrefixFold(line, "* OK") {
		return refused(line, "it takes no one now")
	}
	if err := t.send([]byte("w1 STARTTLS\r\n")); err != nil {
		return err
	}
	for {
		line, err := t.line()
		if err != nil {
			return err
		}
		switch {
		case hasPrefixFold(line, "w1 OK"):
			return nil
		case hasPrefixFold(line, "w1 "):
			return refused(line, "it does not offer STARTTLS; plain TLS is on port 993")
		case !strings.HasPrefix(line, "*") && !strings.HasPrefix(line, "+"):
			return unexpected("IMAP", []byte(line))
		}
	}
}

// pop3 is RFC 2595 section 4.
func pop3(t *talk, _ string) error {
	line, err := t.line()
	if err != nil {
		return err
	}
	if !strings.HasPrefix(line, "+OK") {
		if strings.HasPrefix(line, "-ERR") {
			return refused(line, "it takes no one now")
		}
		return unexpected("POP3", []byte(line))
	}
	if err := t.send([]byte("STLS\r\n")); err != nil {
		return err
	}
	if line, err = t.line(); err != nil {
		return err
	}
	if !strings.HasPrefix(line, "+OK") {
		return refused(line, "it does not offer STLS; plain TLS is on port 995")
	}
	return nil
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// xmpp is RFC 6120 section 5. The XML is looked at as far as the question needs: which elements open.
func xmpp(t *talk, host string) error {
	if strings.ContainsAny(host, "<>&'\"") {
		return fmt.Errorf("%q is no name that a stream can be opened to", host)
	}
	open := "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='" + host + "' version='1.0'>"
	if err := t.send([]byte(open)); err != nil {
		return err
	}
	seen, err := t.elements("XMPP", func(all string) bool {
		return strings.Contains(all, "</stream:features>") || strings.Contains(all, "<stream:features/>") ||
			strings.Contains(all, "</features>") || strings.Contains(all, "<stream:error") || strings.Contains(all, "</stream:stream>")
	})
	if err != nil {
		return err
	}
	if !strings.Contains(seen, "<starttls") {
		return refused(seen, "STARTTLS is not among its features; the name it serves may be another one")
	}
	if err := t.send([]byte("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")); err != nil {
		return err
	}
	seen, err = t.elements("XMPP", func(all string) bool { return strings.HasSuffix(all, ">") })
	if err != nil {
		return err
	}
	if !strings.Contains(seen, "<proceed") {
		return refused(seen, "it offered STARTTLS and does not do it")
	}
	return nil
}

// elements reads XML tag by tag until done says that what has come is enough; it never reads past a ">".
func (t *talk) elements(protocol string, done func(all string) bool) (string, error) {
	var all strings.Builder
	for {
		var piece []byte
		var b [1]byte
		for len(piece) == 0 || b[0] != '>' {
			n, err := t.conn.Read(b[:])
			if n == 1 {
				piece = append(piece, b[0])
				t.read++
				if t.read > maxAnswer {
					t.tell(true, piece)
					return "", errors.New("the server said more than 64 KiB before TLS")
				}
				if all.Len() == 0 && len(piece) == 1 && b[0] != '<' && b[0] != ' ' && b[0] != '\n' && b[0] != '\r' && b[0] != '\t' {
					rest, _ := t.line() // what it says instead is worth quoting
					t.tell(true, piece)
					return "", unexpected(protocol, append(piece, rest...))
				}
			}
			if err != nil {
				if len(piece) > 0 {
					t.tell(true, piece)
				}
				return "", t.ended([]byte(all.String()+string(piece)), err)
			}
		}
		t.tell(true, piece)
		all.Write(piece)
		if done(all.String()) {
			return all.String(), nil
		}
	}
}
