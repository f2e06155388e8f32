package starttls

import (
	"slices"
	"strings"
)

// reply takes an answer of three digits, of one line or of many (RFC 5321 section 4.2.1, RFC 959 section
// 4.2), and returns its code and its lines.
func (t *talk) reply(title string) (code string, lines []string, err error) {
	for {
		line, err := t.line()
		if err != nil {
			return "", nil, err
		}
		if code == "" {
			if !hasCode(line) {
				return "", nil, t.unexpected(title)
			}
			code = line[:3]
		} else if title == "SMTP" && !(hasCode(line) && line[:3] == code) {
			return "", nil, t.unexpected(title) // in FTP the lines between may begin with anything
		}
		lines = append(lines, line)
		if strings.HasPrefix(line, code) && (len(line) == 3 || line[3] == ' ') {
			return code, lines, nil
		}
	}
}

func hasCode(line string) bool {
	return len(line) >= 3 && strings.Trim(line[:3], "0123456789") == "" && (len(line) == 3 || line[3] == ' ' || line[3] == '-')
}

func (t *talk) ask(title, command string) (code string, lines []string, err error) {
	if err := t.send([]byte(command+"\r\n"), "the answer to "+command); err != nil {
		return "", nil, err
	}
	return t.reply(title)
}

// smtp is RFC 3207.
func smtp(t *talk, _ string) error {
	t.awaited = greeting
	code, lines, err := t.reply("SMTP")
	if err != nil {
		return err
	}
	if code != "220" {
		return t.refused("it takes no mail now", "try again later, or from another address")
	}
	hint := "port 587 may have it, or port 465 TLS from the start"
	if name, advice := Recognise([]byte(strings.Join(lines, " "))); name == "FTP" {
		hint = "its greeting looks like FTP: " + advice
	}
	// Nothing is sent under this name, and it should not tell whose machine asks.
	code, lines, err = t.ask("SMTP", "EHLO wirebench.invalid")
	if err != nil {
		return err
	}
	if code != "250" {
		return t.refused("it does not answer EHLO, and so has no STARTTLS", hint)
	}
	if !slices.ContainsFunc(lines, func(l string) bool { return len(l) > 4 && strings.EqualFold(strings.TrimSpace(l[4:]), "STARTTLS") }) {
		return t.refused("it does not offer STARTTLS among its extensions", hint)
	}
	code, _, err = t.ask("SMTP", "STARTTLS")
	if err != nil {
		return err
	}
	switch code {
	case "220":
		return nil
	case "454":
		return t.refused("it offers STARTTLS and cannot do it for the time being", "try again later; its operator may have to renew its certificate")
	}
	return t.refused("it offers STARTTLS and does not do it", "try TLS from the start, on port 465")
}

// ftp is RFC 4217.
func ftp(t *talk, _ string) error {
	t.awaited = greeting
	code, lines, err := t.reply("FTP")
	for range 3 {
		if err != nil || code != "120" { // ready in some minutes; the greeting proper follows
			break
		}
		code, lines, err = t.reply("FTP")
	}
	if err != nil {
		return err
	}
	if code != "220" {
		return t.refused("it takes no one now", "try again later, or from another address")
	}
	hint := "port 990 may have TLS from the start"
	if name, advice := Recognise([]byte(strings.Join(lines, " "))); name == "SMTP" {
		hint = "its greeting looks like SMTP: " + advice
	}
	code, _, err = t.ask("FTP", "AUTH TLS")
	if err != nil {
		return err
	}
	switch code {
	case "234":
		return nil
	case "431":
		return t.refused("it offers AUTH TLS and cannot do it for the time being", "try again later")
	}
	return t.refused("it does not offer AUTH TLS", hint)
}

// imap is RFC 9051 section 6.2.1; RFC 3501 has the same.
func imap(t *talk, _ string) error {
	const tag = "w1"
	t.awaited = greeting
	line, err := t.line()
	if err != nil {
		return err
	}
	switch {
	case hasWords(line, "* OK"):
	case hasWords(line, "* PREAUTH"):
		return t.refused("it has logged the client in already, and STARTTLS comes before that", "somebody on the way may have put that in, to keep TLS away; try port 993, with TLS from the start")
	case hasWords(line, "* BYE"):
		return t.refused("it takes no one now", "try again later, or from another address")
	default:
		return t.unexpected("IMAP")
	}
	if err := t.send([]byte(tag+" STARTTLS\r\n"), "the answer to STARTTLS"); err != nil {
		return err
	}
	for {
		line, err := t.line()
		if err != nil {
			return err
		}
		switch {
		case hasWords(line, tag+" OK"):
			return nil
		case hasWords(line, tag+" NO"), hasWords(line, tag+" BAD"):
			return t.refused("it does not offer STARTTLS", "port 993 may have TLS from the start")
		case hasWords(line, "* BYE"):
			return t.refused("it ends the connection instead", "port 993 may have TLS from the start")
		case !strings.HasPrefix(line, "* "): // what it has to tell beside the answer
			return t.unexpected("IMAP")
		}
	}
}

// pop3 is RFC 2595 section 4.
func pop3(t *talk, _ string) error {
	t.awaited = greeting
	line, err := t.line()
	if err != nil {
		return err
	}
	switch {
	case hasWords(line, "+OK"):
	case hasWords(line, "-ERR"):
		return t.refused("it takes no one now", "try again later, or from another address")
	default:
		return t.unexpected("POP3")
	}
	if err := t.send([]byte("STLS\r\n"), "the answer to STLS"); err != nil {
		return err
	}
	if line, err = t.line(); err != nil {
		return err
	}
	switch {
	case hasWords(line, "+OK"):
		return nil
	case hasWords(line, "-ERR"):
		return t.refused("it does not offer STLS", "port 995 may have TLS from the start")
	}
	return t.unexpected("POP3")
}

// hasWords tells whether line begins with these words, in any case.
func hasWords(line, words string) bool {
	n := len(words)
	return len(line) >= n && strings.EqualFold(line[:n], words) && (len(line) == n || line[n] == ' ')
}
