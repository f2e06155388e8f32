// Package starttls holds the conversation that comes before TLS where a protocol begins in plain text,
// and names what answered when something else than TLS did.
//
// What a server says before TLS is anybody's word: it can be read and changed on the way. It is bounded,
// looked at no further than the question needs, and shown with its control characters escaped.
package starttls

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"
)

// Protocol is one that can be asked to go over to TLS.
type Protocol struct {
	Name  string // "smtp", as on the command line
	Title string // "SMTP", for people
	Port  uint16 // the usual one
}

// spoken is a protocol with its conversation.
type spoken struct {
	Protocol
	talk func(t *talk, host string) error
}

// protocols are in the order in which they are offered.
var protocols = []spoken{
	{Protocol{"smtp", "SMTP", 587}, smtp},
	{Protocol{"imap", "IMAP", 143}, imap},
	{Protocol{"pop3", "POP3", 110}, pop3},
	{Protocol{"ftp", "FTP", 21}, ftp},
	{Protocol{"postgres", "PostgreSQL", 5432}, postgres},
	{Protocol{"mysql", "MySQL", 3306}, mysql},
	{Protocol{"ldap", "LDAP", 389}, ldap},
	{Protocol{"xmpp", "XMPP", 5222}, xmpp},
}

// Protocols returns the protocols that [Negotiate] speaks, in the order in which they are offered.
func Protocols() []Protocol {
	list := make([]Protocol, len(protocols))
	for i, p := range protocols {
		list[i] = p.Protocol
	}
	return list
}

// ErrRefused is wrapped in the error of a server that understood and does not go over to TLS.
var ErrRefused = errors.New("the server does not go over to TLS")

// ErrInjected is wrapped in the error of a server whose go-ahead had more behind it. A server has nothing
// to say there before the client begins with TLS, so that the server is faulty or somebody on the way put
// it in, for the client to take it for a part of what is protected (CVE-2011-0411, CVE-2021-23222).
var ErrInjected = errors.New("plain text came behind the server's go-ahead, where TLS begins")

// Negotiate asks the server on conn to go over to TLS. When it returns nil the server agreed and not one
// byte behind its go-ahead was read: the next on conn belongs to TLS. host is the name of the service
// asked for, which XMPP announces; it may be "".
//
// tell is called with every piece of both directions as it passes, from this goroutine; p is valid during
// the call. It may be nil. The deadline of ctx holds for the whole talk, and cancelling ends it; conn's own
// deadline is cleared at the end. A server may say 64 KiB before TLS. Errors quote what it said, escaped
// and cut, and wrap [ErrRefused], [ErrInjected], the cause of ctx's end, or the connection's error; after
// one conn is good for nothing but closing.
func Negotiate(ctx context.Context, conn net.Conn, protocol, host string, tell func(in bool, p []byte)) error {
	for _, p := range protocols {
		if p.Name != protocol {
			continue
		}
		t := &talk{conn: conn, tell: tell}
		err := t.within(ctx, func() error {
			if err := p.talk(t, host); err != nil {
				return err
			}
			return t.nothingBehind()
		})
		if err != nil {
			return fmt.Errorf("STARTTLS for %s: %w", p.Title, err)
		}
		return nil
	}
	return fmt.Errorf("STARTTLS for %.40q: there is no such protocol; known are %s", protocol, names())
}

func names() string {
	var list []string
	for _, p := range protocols {
		list = append(list, p.Name)
	}
	return strings.Join(list, ", ")
}

// within runs f under the deadline and cancelling of ctx.
func (t *talk) within(ctx context.Context, f func() error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	end, _ := ctx.Deadline() // without one it is zero, which stands for none here too
	if err := t.conn.SetDeadline(end); err != nil {
		return err
	}
	interrupted := make(chan struct{})
	unhook := context.AfterFunc(ctx, func() {
		defer close(interrupted)
		_ = t.conn.SetDeadline(time.Unix(1, 0)) // a connection that is gone needs none
	})
	err := f()
	if !unhook() {
		<-interrupted
	}
	var late error
	switch {
	case ctx.Err() != nil:
		late = context.Cause(ctx)
	case errors.Is(err, os.ErrDeadlineExceeded):
		late = context.DeadlineExceeded // the connection's clock was a moment ahead of the context's
	}
	if cleared := t.conn.SetDeadline(time.Time{}); err == nil && late == nil {
		return cleared
	}
	if late != nil {
		return fmt.Errorf("while waiting for %s%s: %w", t.awaited, t.silence(), late)
	}
	return err
}
