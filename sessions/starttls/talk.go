package starttls

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"

	"wirebench/sessions/inspect"
)

const (
	// maxAnswers bounds what a server may say before TLS.
	maxAnswers = 64 << 10
	// maxQuoted bounds what an error repeats of it, in characters.
	maxQuoted = 200
)

// talk is one conversation in plain text. Its methods are called from one goroutine.
//
// It reads in pieces as they come, not byte by byte: until the client has begun with TLS a server has
// nothing to send behind its go-ahead, so that what is left over then is a finding, and never TLS.
type talk struct {
	conn    net.Conn
	tell    func(in bool, p []byte) // may be nil
	awaited string                  // what the server is to say next
	buffer  [4096]byte
	unread  []byte // the part of buffer that was read and not taken yet
	total   int    // bytes read
	answer  []byte // what was taken since the client last said something
}

func (t *talk) pass(in bool, p []byte) {
	if t.tell != nil && len(p) > 0 {
		t.tell(in, p)
	}
}

// send says p to the server, from whom awaited is to come next.
func (t *talk) send(p []byte, awaited string) error {
	t.awaited, t.answer = awaited, nil
	n, err := t.conn.Write(p)
	t.pass(false, p[:n])
	return err
}

// next takes one byte of what the server says.
func (t *talk) next() (byte, error) {
	for len(t.unread) == 0 {
		if t.total >= maxAnswers {
			return 0, fmt.Errorf("the server said %d KiB without coming to TLS: %s", maxAnswers>>10, quote(t.answer))
		}
		n, err := t.conn.Read(t.buffer[:min(len(t.buffer), maxAnswers-t.total)])
		t.pass(true, t.buffer[:n])
		t.unread = t.buffer[:n]
		t.total += n
		if err != nil && n == 0 { // one that came with bytes comes again
			return 0, t.ended(err)
		}
	}
	b := t.unread[0]
	t.unread = t.unread[1:]
	t.answer = append(t.answer, b)
	return b, nil
}

// exactly takes n bytes.
func (t *talk) exactly(n int) ([]byte, error) {
	if n > maxAnswers {
		return nil, fmt.Errorf("the server announces an answer of %d bytes, more than the %d that one may have before TLS", n, maxAnswers)
	}
	from := len(t.answer)
	for len(t.answer) < from+n {
		if _, err := t.next(); err != nil {
			return nil, err
		}
	}
	return t.answer[from : from+n : from+n], nil
}

// line takes all up to and with the next LF, and returns it without its end.
func (t *talk) line() (string, error) {
	from := len(t.answer)
	for {
		b, err := t.next()
		if err != nil {
			return "", err
		}
		if b == '\n' {
			return strings.TrimRight(string(t.answer[from:]), "\r\n"), nil
		}
	}
}

// said is what the server said since the client last did, as far as it was read.
func (t *talk) said() []byte {
	return append(t.answer[:len(t.answer):len(t.answer)], t.unread...)
}

// nothingBehind holds when no byte was read behind the go-ahead.
func (t *talk) nothingBehind() error {
	if len(t.unread) == 0 {
		return nil
	}
	if name, advice := Recognise(t.said()); name == "SSH" { // whose first letter is PostgreSQL's go-ahead
		return fmt.Errorf("%s answers here (%s): %s", name, advice, quote(t.said()))
	}
	return fmt.Errorf("%w: %s (the server is faulty, or somebody on the way put it in)", ErrInjected, quote(t.unread))
}

// ended says how far the server had come when reading failed.
func (t *talk) ended(err error) error {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return err
	case len(t.answer) > 0:
		return cut{"in the middle of its answer, after " + quote(t.answer), err}
	case t.total == 0 && t.awaited == greeting:
		return cut{"without a word" + t.silence(), err}
	case t.total == 0:
		return cut{"without a word (it may speak something else on this port)", err}
	}
	return cut{"instead of giving " + t.awaited, err}
}

// cut is the error of a connection that ended too early.
type cut struct {
	when string
	err  error
}

func (c cut) Error() string {
	if errors.Is(c.err, io.EOF) {
		return "the server closed the connection " + c.when
	}
	return "the connection ended " + c.when + ": " + c.err.Error()
}

func (c cut) Unwrap() error { return c.err }

// silence says why a server may have said nothing at all.
func (t *talk) silence() string {
	if t.total > 0 || t.awaited != greeting {
		return ""
	}
	return " (a server that speaks TLS at once on this port waits for the client: choose no STARTTLS then)"
}

// greeting is what servers of many protocols begin with.
const greeting = "the greeting"

// quote writes what a server said so that it can be shown.
func quote[T string | []byte](p T) string {
	text := []rune(inspect.Escape([]byte(p[:min(len(p), 4*maxQuoted)])))
	if len(text) > maxQuoted || len(p) > 4*maxQuoted {
		return "\"" + string(text[:min(len(text), maxQuoted)]) + "...\""
	}
	return "\"" + string(text) + "\""
}

// refused is the error of a server that understood; why is what its answer means, try what may help.
func (t *talk) refused(why, try string) error {
	return fmt.Errorf("%w: %s: %s (%s)", ErrRefused, why, quote(strings.TrimRight(string(t.said()), "\r\n")), try)
}

// unexpected is the error of an answer that does not belong to the protocol of that title; it says whose
// it is where that can be told.
func (t *talk) unexpected(title string) error {
	said := t.said()
	if name, advice := Recognise(said); name != "" && name != title && name != unsure {
		return fmt.Errorf("this is not %s, it looks like %s (%s): it said %s", title, name, advice, quote(said))
	}
	return fmt.Errorf("this is not %s: it said %s", title, quote(said))
}
