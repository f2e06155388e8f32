// Package starttls holds the conversation that comes before TLS where a protocol begins in plain text,
// and names what answered when something else than TLS did.
package starttls

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"wirebench/sessions/inspect"
)

// Protocol is one that can be asked to go over to TLS.
type Protocol struct {
	Name  string // "smtp", as on the command line
	Title string // "SMTP", for people
	Port  uint16 // the usual one
}

// protocols are in the order in which they are offered.
var protocols = []struct {
	Protocol
	talk func(t *talk, host string) error
}{
	{Protocol{"smtp", "SMTP", 587}, smtp},
	{Protocol{"imap", "IMAP", 143}, imap},
	{Protocol{"pop3", "POP3", 110}, pop3},
	{Protocol{"ftp", "FTP", 21}, ftp},
	{Protocol{"postgres", "PostgreSQL", 5432}, postgres},
	{Protocol{"mysql", "MySQL", 3306}, mysql},
	{Protocol{"ldap", "LDAP", 389}, ldap},
	{Protocol{"xmpp", "XMPP", 5222}, xmpp},
}

// Protocols returns the protocols that [Negotiate] speaks.
func Protocols() []Protocol {
	list := make([]Protocol, len(protocols))
	for i, p := range protocols {
		list[i] = p.Protocol
	}
	return list
}

const (
	// maxAnswer bounds what a server may say before TLS.
	maxAnswer = 64 << 10
	// quoted bounds what an error repeats of it, in runes.
	quoted = 200
)

// ErrRefused is wrapped in the error of a server that understood and does not go over to TLS.
var ErrRefused = errors.New("the server does not go over to TLS")

// Negotiate asks the server on conn to go over to TLS and returns when it agreed, with not one byte read
// past its go-ahead; the next byte on conn belongs to TLS. host is the name that SMTP, XMPP and others
// announce. tell is called with every piece of both directions as it passes; p is valid during the call.
// It may be nil. The deadline of ctx holds for the whole talk and its cancelling ends it; conn's own
// deadline is cleared at the end. Errors quote what the server said, escaped and cut, and wrap
// [ErrRefused], the context's error, or the connection's.
func Negotiate(ctx context.Context, conn net.Conn, protocol, host string, tell func(in bool, p []byte)) error {
	for _, p := range protocols {
		if p.Name != protocol {
			continue
		}
		t := &talk{conn: conn, tell: tell}
		if t.tell == nil {
			t.tell = func(bool, []byte) {}
		}
		err := t.within(ctx, func() error { return p.talk(t, host) })
		if err != nil {
			return fmt.Errorf("STARTTLS for %s: %w", p.Title, err)
		}
		return nil
	}
	return fmt.Errorf("STARTTLS for %q: there is no such protocol; known are %s", protocol, names())
}

func names() string {
	var list []string
	for _, p := range protocols {
		list = append(list, p.Name)
	}
	return strings.Join(list, ", ")
}

// talk is one conversation in plain text.
type talk struct {
	conn net.Conn
	tell func(in bool, p []byte)
	read int // bytes so far
}

// within runs f under the deadline and cancelling of ctx.
func (t *talk) within(ctx context.Context, f func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if end, ok := ctx.Deadline(); ok {
		if err := t.conn.SetDeadline(end); err != nil {
			return err
		}
	}
	stopped := make(chan struct{})
	unhook := context.AfterFunc(ctx, func() {
		defer close(stopped)
		_ = t.conn.SetDeadline(time.Unix(1, 0)) // a connection that is gone needs none
	})
	err := f()
	if !unhook() {
		<-stopped
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return context.DeadlineExceeded // the connection's clock was a moment ahead of the context's
		}
		return err
	}
	return t.conn.SetDeadline(time.Time{})
}

func (t *talk) send(p []byte) error {
	n, err := t.conn.Write(p)
	if n > 0 {
		t.tell(false, p[:n])
	}
	return err
}

// exactly reads n bytes.
func (t *talk) exactly(n int) ([]byte, error) {
	if t.read += n; t.read > maxAnswer {
		return nil, fmt.Errorf("the server said more than %d KiB before TLS", maxAnswer>>10)
	}
	p := make([]byte, n)
	for got := 0; got < n; {
		m, err := t.conn.Read(p[got:])
		if m > 0 {
			t.tell(true, p[got:got+m])
			got += m
		}
		if err != nil && got < n {
			return p[:got], t.ended(p[:got], err)
		}
	}
	return p, nil
}

// line reads up to and with the next LF, byte by byte, since what follows may be TLS. The line comes back
// without its end.
func (t *talk) line() (string, error) {
	var line []byte
	var b [1]byte
	for {
		n, err := t.conn.Read(b[:])
		if n == 1 {
			line = append(line, b[0])
			if t.read++; t.read > maxAnswer {
				t.tell(true, line)
				return "", fmt.Errorf("the server said more than %d KiB before TLS: %s", maxAnswer>>10, quote(line))
			}
			if b[0] == '\n' {
				t.tell(true, line)
				return strings.TrimRight(string(line), "\r\n"), nil
			}
		}
		if err != nil {
			if len(line) > 0 {
				t.tell(true, line)
			}
			return "", t.ended(line, err)
		}
	}
}

// ended says what had come when reading failed.
func (t *talk) ended(got []byte, err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	if len(got) > 0 {
		return fmt.Errorf("the server ended in the middle of an answer, after %s: %w", quote(got), err)
	}
	if t.read == 0 {
		return fmt.Errorf("the server closed without a word: %w", err)
	}
	return fmt.Errorf("the server closed instead of answering: %w", err)
}

// quote writes what a server said so that it can be shown.
func quote[T string | []byte](p T) string {
	text := []rune(inspect.Escape([]byte(p)))
	if len(text) > quoted {
		return "\"" + string(text[:quoted]) + "...\""
	}
	return "\"" + string(text) + "\""
}

func refused(said string, advice string) error {
	return fmt.Errorf("%w: it said %s (%s)", ErrRefused, quote(said), advice)
}

// unexpected is the error of an answer that does not belong to the protocol; it says whose it is if that
// can be told.
func unexpected(protocol string, said []byte) error {
	if name, _ := Recognise(said); name != "" && name != protocol {
		return fmt.Errorf("that is no %s server, it looks like %s: it said %s", protocol, name, quote(said))
	}
	return fmt.Errorf("that is no answer of %s: %s", protocol, quote(said))
}
