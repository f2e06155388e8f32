package sessions

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"wirebench/sessions/capture"
)

// common is what a session shares with its streams, of which a client has one at a time and a server
// one for each of its clients.
type common struct {
	id   uuid.UUID
	kind Kind
	log  *capture.Log
	opts Options
	obs  teller
}

// client is a session that has one stream at a time. It is what TCP and TLS clients share; they differ
// in the dial step of the plan they start it with. mu guards which stream is the present one and is held
// for a few instructions only.
type client struct {
	common

	mu   sync.Mutex
	cur  *stream // the present stream, else the last; nil before the first Start
	gone bool    // Close was called
}

func (c *common) init(kind Kind, name string, o Options) error {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Observer == nil {
		o.Observer = nobody{}
	}
	if o.Capture.Clock == nil {
		o.Capture.Clock = o.Clock
	}
	m := &o.Capture.Meta
	if m.Session == uuid.Nil {
		m.Session = uuid.New()
	}
	if m.Kind == "" {
		m.Kind = kind.String()
	}
	if m.Name == "" {
		m.Name = name
	}
	if m.Created.IsZero() {
		m.Created = o.Clock()
	}
	log, err := capture.Create(o.Capture)
	if err != nil {
		return fmt.Errorf("capture of %s %s: %w", kind, name, err)
	}
	c.id, c.kind, c.log, c.opts = m.Session, kind, log, o
	c.obs.to = o.Observer
	return nil
}

// ID names the session and its capture.
func (c *common) ID() uuid.UUID { return c.id }

// Kind says what the session speaks.
func (c *common) Kind() Kind { return c.kind }

// Traffic returns the capture, the same one for every connection of the session.
func (c *common) Traffic() *capture.Log { return c.log }

// State says where the present connection stands, or how the last one ended.
func (c *client) State() State {
	if s := c.stream(); s != nil {
		return s.infoNow().State
	}
	return Idle
}

// Info describes the present connection, or the last one.
func (c *client) Info() TCPInfo {
	if s := c.stream(); s != nil {
		return s.infoNow()
	}
	return TCPInfo{}
}

// closedChan is the Done of a session that has never been started.
var closedChan = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

// Done returns a channel that is closed when the present connection has ended, its last event has been
// delivered and its goroutines are gone. Before the first Start it is closed already.
func (c *client) Done() <-chan struct{} {
	if s := c.stream(); s != nil {
		return s.done
	}
	return closedChan
}

func (c *client) stream() *stream {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cur
}

// start makes a new stream the present one. It ends the one before, and the new stream waits for that
// end before it opens.
func (c *client) start(ctx context.Context, p plan) error {
	s := newStream(ctx, &c.common, p)
	c.mu.Lock()
	if c.gone {
		c.mu.Unlock()
		return fmt.Errorf("start: %w", ErrClosed)
	}
	before := c.cur
	c.cur = s
	c.mu.Unlock()
	if before != nil {
		before.stopNow(stopAbort, "closed by us for a new connection")
	}
	go s.run(before)
	return nil
}

// Send queues a copy of p behind everything queued before. It never waits for the peer. It returns
// [ErrNotOpen] when there is nothing to send on, and [ErrBacklog], with nothing queued, when more than
// 64 MiB or 262,144 sends would be waiting. A failure after that is told as an ioError event whose Err
// is a [*SendError], and as a note in the capture. When nothing is waiting, p is small and the system
// takes it at once, it is written before Send returns, and the Observer may be called from the caller's
// goroutine: the caller must hold no lock that its Observer takes.
func (c *client) Send(p []byte) error {
	s := c.stream()
	if s == nil {
		return fmt.Errorf("send %s: %w; connect first", countBytes(int64(len(p))), ErrNotOpen)
	}
	return s.send(p)
}

// SendSynch queues the synch of Telnet (RFC 854) behind everything queued before: IAC and a data mark, the mark as
// urgent data. It returns [ErrNoUrgent] on a TLS connection, and otherwise what Send does.
func (c *client) SendSynch() error {
	s := c.stream()
	if s == nil {
		return fmt.Errorf("send a synch: %w; connect first", ErrNotOpen)
	}
	return s.sendSynch()
}

// SendFile queues the content of a regular file, as long as it is now, behind everything queued before.
// It is read while it is sent, with bounded memory. The Transfer tells its progress and cancels it.
func (c *client) SendFile(path string) (*Transfer, error) {
	s := c.stream()
	if s == nil {
		return nil, fmt.Errorf("send %s: %w; connect first", path, ErrNotOpen)
	}
	return s.sendFile(path)
}

// CloseWrite sends a FIN once everything queued has been sent, and goes on receiving. Sends after it
// return [ErrNotOpen].
func (c *client) CloseWrite() error {
	s := c.stream()
	if s == nil {
		return fmt.Errorf("close the sending side: %w", ErrNotOpen)
	}
	return s.closeWrite()
}

// Disconnect ends the connection and returns at once. What is queued is sent, as long as the peer goes
// on taking it (a pause of 5 s ends that, and after 30 s an average below 16 KiB a second), then the FIN;
// then the peer has half a second for the rest and its own FIN. What was not sent is told as an ioError.
// While connecting it gives up. With ResetOnClose it is Reset. It returns [ErrNotOpen] when there is nothing
// to end.
func (c *client) Disconnect() error {
	s := c.stream()
	if s == nil {
		return fmt.Errorf("disconnect: %w", ErrNotOpen)
	}
	return s.disconnect()
}

// Reset ends the connection with an RST and returns at once; what is queued, here and in the system, is
// dropped, and counted. It returns [ErrNotOpen] when there is nothing to end.
func (c *client) Reset() error {
	s := c.stream()
	if s == nil || !s.stopNow(stopReset, "reset by us (RST)") {
		return fmt.Errorf("reset: %w", ErrNotOpen)
	}
	return nil
}

// Close ends the connection at once (what is queued is dropped, and counted), waits for every goroutine
// of the session, and closes the capture's writer; the capture stays readable. It must not be called
// from inside an Observer. Close again returns nil.
func (c *client) Close() error {
	c.mu.Lock()
	first := !c.gone
	c.gone = true
	s := c.cur
	c.mu.Unlock()
	if s != nil {
		s.stopNow(stopAbort, "closed by us (FIN)")
		<-s.done
	}
	if !first {
		return nil
	}
	return c.log.Close()
}
