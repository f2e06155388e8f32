package cli

import (
	"context"
	"net"
	"strings"
	"time"

	"wirebench/sessions"
	"wirebench/sessions/capture"
	"wirebench/sessions/certs"
	"wirebench/sessions/jsonl"
)

// The events that are only the command line's; the others are in package jsonl.
// Field names are a contract.
type (
	certificateEvent struct {
		jsonl.Head
		Peer string `json:"peer,omitempty"` // who presented them
		File string `json:"file,omitempty"` // or where they stood
		*certs.JSONReport
	}
	resumptionEvent struct {
		jsonl.Head
		Peer     string  `json:"peer"`
		Resumed  bool    `json:"resumed"`
		Version  string  `json:"version"`  // of TLS
		Tickets  int     `json:"tickets"`  // that came on the first connection
		FirstMs  float64 `json:"firstMs"`  // the full handshake
		SecondMs float64 `json:"secondMs"` // the one that offered a ticket; 0 when there was none
		Text     string  `json:"text"`
	}
)

// dial connects, and counts what goes over the connection: of a look-up, which makes one for each request.
func (r *reporter) dial(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &lookupConn{Conn: c, report: r}, nil
}

// lookupConn is a connection with one request and its answer.
type lookupConn struct {
	net.Conn
	report *reporter
	begun  [2]bool // by direction: something went over it
}

func (c *lookupConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.count(capture.In, n)
	return n, err
}

// Write counts first, and takes back what was not written: the answer can be here, and the run over, before Write is.
func (c *lookupConn) Write(p []byte) (int, error) {
	before := c.begun[capture.Out]
	c.count(capture.Out, len(p))
	n, err := c.Conn.Write(p)
	if n < len(p) {
		messages := int64(0)
		if n == 0 && !before {
			c.begun[capture.Out], messages = false, -1
		}
		c.report.carried(capture.Out, int64(n-len(p)), messages)
	}
	return n, err
}

func (c *lookupConn) count(d capture.Direction, n int) {
	messages := int64(0)
	if n > 0 && !c.begun[d] {
		c.begun[d], messages = true, 1
	}
	c.report.carried(d, int64(n), messages)
}

// certificate prints a report; mu is held. For people it is left out where no
// certificate came, of which the error that follows says all there is to say.
func (r *reporter) certificate(e certificateEvent, report *certs.Report) {
	if r.json {
		e.JSONReport = report.JSON()
		r.emit(e, time.Time{}, "")
		return
	}
	if len(report.Presented) > 0 {
		r.out.put([]byte(plain(strings.TrimRight(report.Text(), "\n")) + "\n\n"))
	}
}

// resumption reports what became of a session that was to be taken up again.
func (r *reporter) resumption(peer string, found sessions.Resumption) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	r.emit(resumptionEvent{
		Head: jsonl.At(now, "resumption"), Peer: peer,
		Resumed: found.Resumed, Version: found.Version, Tickets: found.Tickets,
		FirstMs: certs.Milliseconds(found.First), SecondMs: certs.Milliseconds(found.Second), Text: found.Text,
	}, now, "%s", found.Text)
}

// unreadable reports a file without a certificate.
func (r *reporter) unreadable(file string, err error) {
	if !r.json {
		r.problem(err)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	r.emit(jsonl.Error{Head: jsonl.At(now, sessions.EventIOError), Error: err.Error(), File: file}, now, "")
}

// file reports on the certificates of a file, with its name above where there
// are several.
func (r *reporter) file(file string, several bool, report *certs.Report) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if several && !r.json {
		r.out.put([]byte(plain(file) + "\n"))
	}
	r.certificate(certificateEvent{Head: jsonl.At(time.Now(), sessions.EventCertificate), File: file}, report)
}
