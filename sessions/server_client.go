package sessions

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"wirebench/sessions/capture"
	"wirebench/sessions/policy"
)

// greetingWait is how long the greeting waits for a request for the policy file.
const greetingWait = 500 * time.Millisecond

// ClientInfo describes a client of a server.
type ClientInfo struct {
	Number        int64 // from 1, in the order in which they came
	Local, Remote netip.AddrPort
	State         State     // Opening is the TLS handshake; Failed is broken off, or a handshake that failed
	Since         time.Time // when it was taken
	LastSeen      time.Time // when a byte of its last arrived; zero before
	Ended         time.Time // zero while it is connected

	BytesIn, BytesOut, MessagesIn, MessagesOut int64
	PendingBytes                               int64 // accepted for it and not yet given to the system
	DroppedMessages, DroppedBytes              int64 // because too much was waiting
	UnsentBytes                                int64 // once ended: what was accepted and never sent

	ReadClosed  bool   // its FIN has arrived
	WriteClosed bool   // our FIN has been sent, or sending failed
	ClosedBy    string // peer, reset or local; "" while it is open, and when the handshake failed
	Why         string // how it ended, in words; "" before
	TLS         *ClientTLS
}

// traffic counts what went each way.
type traffic struct {
	bytesIn, bytesOut, messagesIn, messagesOut, dropped, droppedBytes atomic.Int64
}

type trafficNow struct {
	bytesIn, bytesOut, messagesIn, messagesOut, dropped, droppedBytes int64
}

func (t *traffic) count(d capture.Direction, n int) {
	if d == capture.In {
		t.bytesIn.Add(int64(n))
		t.messagesIn.Add(1)
	} else {
		t.bytesOut.Add(int64(n))
		t.messagesOut.Add(1)
	}
}

func (t *traffic) now() trafficNow {
	return trafficNow{t.bytesIn.Load(), t.bytesOut.Load(), t.messagesIn.Load(), t.messagesOut.Load(), t.dropped.Load(), t.droppedBytes.Load()}
}

// serverClient is one client of a server: its stream, and what the server does for it. Its goroutine is
// the stream's reader.
type serverClient struct {
	server *ServerSession
	number int64
	since  time.Time
	stream *stream
	conn   net.Conn   // the open step's
	from   *listening // which took it
	atDoor bool       // it has a place at the door of that
	shaken atomic.Pointer[ClientTLS]

	totals traffic
	moved  atomic.Int64 // when a byte last went either way, in nanoseconds since 1970; since if none did
	heard  atomic.Int64 // when one last arrived; 0 before

	policing  bool // the first bytes may be a request for the policy file; the reader's
	responder policy.Responder
	dropping  atomic.Int64 // messages dropped since the last that was not

	greeting sync.Once // whoever comes second waits, so that no answer is before the greeting

	mu   sync.Mutex
	over bool
	late lateReplies

	older, newer *serverClient // in the server's ring
}

func newServerClient(l *listening, number int64, conn net.Conn, flow capture.Flow, now time.Time, live *serverLive) *serverClient {
	c := &serverClient{server: l.s, number: number, since: now, conn: conn, from: l}
	c.moved.Store(now.UnixNano())
	l.users.Add(1)
	c.stream = newStream(l.clients, &l.s.common, plan{
		open:         func(ctx context.Context, s *stream) (link, error) { return c.open(ctx, flow) },
		keepHalfOpen: live.keepHalfOpen,
		accepted:     true,
	})
	c.stream.served = c
	c.stream.info.Local, c.stream.info.Remote = flow.Local, flow.Remote
	return c
}

// run is the life of the client.
func (c *serverClient) run() {
	defer c.server.leave()
	c.stream.run(nil)
	c.gone()
}

// gone is the end of the client.
//
//go:noinline
func (c *serverClient) gone() {
	c.conn = nil
	c.endLate()
	c.from.users.Done()
	i := c.info()
	s := c.server
	i.Ended = s.opts.Clock()
	s.mu.Lock()
	s.clients.remove(c)
	s.ended.add(i)
	last := s.clients.n == 0
	s.mu.Unlock()
	if last {
		s.sweepAgain()
	}
}

// open is the dial step: what is left of it when the peer has connected.
func (c *serverClient) open(ctx context.Context, flow capture.Flow) (link, error) {
	l := link{conn: c.conn, sock: c.conn, flow: flow, note: fmt.Sprintf("client %d connected from %s", c.number, flow.Remote)}
	if c.from.tls == nil {
		return l, nil
	}
	s := c.stream
	s.begin(l)
	conn, info, err := c.from.tls.shake(ctx, c.conn)
	if err != nil {
		var plain *notTLSError
		if errors.As(err, &plain) && len(plain.First) > 0 {
			s.passed(flow, capture.In, plain.First)
		}
		_ = c.conn.Close()
		s.endEarly(flow, err)
		if ctx.Err() == nil && !s.stopped() {
			c.server.mu.Lock()
			c.server.failed++
			c.server.mu.Unlock()
		}
		return link{}, err
	}
	c.shaken.Store(info)
	l.note = info.Summary()
	l.conn, l.begun, l.brittle, l.peerEnd = conn, true, true, conn.peerEnd
	return l, nil
}

// info describes the client now.
func (c *serverClient) info() ClientInfo {
	t := c.totals.now()
	i := ClientInfo{
		Number: c.number, Since: c.since,
		BytesIn: t.bytesIn, BytesOut: t.bytesOut, MessagesIn: t.messagesIn, MessagesOut: t.messagesOut,
		DroppedMessages: t.dropped, DroppedBytes: t.droppedBytes, TLS: c.shaken.Load(),
	}
	if heard := c.heard.Load(); heard != 0 {
		i.LastSeen = time.Unix(0, heard)
	}
	s := c.stream
	s.mu.Lock()
	defer s.mu.Unlock()
	i.Local, i.Remote, i.State = s.info.Local, s.info.Remote, s.state
	i.PendingBytes, i.UnsentBytes = s.outbox.pending, s.info.UnsentBytes
	i.ReadClosed, i.WriteClosed = s.readClosed, s.writeClosed
	i.ClosedBy, i.Why = s.by, s.how
	return i
}

// count counts a record of data.
func (c *serverClient) count(d capture.Direction, n int) {
	c.totals.count(d, n)
	c.server.totals.count(d, n)
	now := c.server.opts.Clock().UnixNano()
	c.moved.Store(now)
	if d == capture.In {
		c.heard.Store(now)
	}
	c.server.version.Add(1)
}

// stood is called when the connection can carry data and has been told of.
func (c *serverClient) stood() {
	live := c.server.live.Load()
	c.policing = live.policy != nil
	if !c.policing {
		c.greet()
	} else if live.replies != nil && live.replies.Greeting() != nil {
		c.later(greetingWait, nil)
	}
}

// isIn gives the place at the door to the next client.
func (c *serverClient) isIn() {
	if c.atDoor {
		<-c.from.door
	}
}

// greet sends the greeting, once.
func (c *serverClient) greet() {
	c.greeting.Do(func() {
		if live := c.server.live.Load(); live.replies != nil && live.replies.Greeting() != nil {
			c.reply(live.replies.Greeting())
		}
	})
}

// received answers what was read; p is valid during the call.
func (c *serverClient) received(p []byte) {
	live := c.server.live.Load()
	if c.policing {
		verdict, rest := c.responder.Feed(p)
		switch verdict {
		case policy.Undecided:
			return
		case policy.Asked:
			c.policing = false
			c.greeting.Do(func() {}) // it gets none
			if live.policy != nil {
				c.reply(live.policy)
				_ = c.stream.disconnectFor("closed by us (FIN): the policy file was asked for and sent")
			}
			return
		}
		c.policing, p = false, rest
		c.greet()
	}
	if live.replies == nil {
		return
	}
	answer, delay, ok := live.replies.Answer(p)
	switch {
	case !ok || len(answer) == 0:
	case delay > 0:
		c.later(delay, answer)
	default:
		c.reply(answer)
	}
}

// reply sends p, which nobody may change any more, or does with it what the policy says.
func (c *serverClient) reply(p []byte) {
	s, live := c.stream, c.server.live.Load()
	s.mu.Lock()
	switch {
	case !s.accepts() || s.tryInline(p, true):
		s.mu.Unlock()
		c.kept()
	case live.whenFull == FullWait || s.fits(len(p), s.outbox.late, live.maxQueue):
		s.enqueue(p) // the reader waits before its next read; see awaitRoom
		s.mu.Unlock()
		c.kept()
	default:
		c.overflow(live, len(p))
	}
}

// fits reports whether n bytes more may wait behind what is queued, when late bytes wait elsewhere. The
// caller holds mu.
func (s *stream) fits(n int, late, most int64) bool {
	waiting := s.outbox.memory - s.outbox.direct + late
	return waiting == 0 || waiting+int64(n) <= most
}

// overflow does what the policy says with n bytes that do not fit. The caller holds stream.mu, which is
// released.
func (c *serverClient) overflow(live *serverLive, n int) {
	s := c.stream
	waiting := countBytes(s.outbox.pending + s.outbox.late)
	if live.whenFull == FullDisconnect {
		s.raise(stopReset, fmt.Sprintf("reset by us (RST): %s waited for it, and it does not take them", waiting))
	}
	c.drop(n) // before it can be listed as gone
	s.mu.Unlock()
	if c.dropping.Add(1) == 1 {
		c.aside(fmt.Sprintf("%s for this client dropped: %s wait already", countBytes(int64(n)), waiting))
	}
}

// aside records something that has no place among the other records. So it does not wait for stream.rec,
// which an Observer that sends must not do: whoever has that may be waiting for the Observer.
func (c *serverClient) aside(text string) {
	c.server.log.Append(c.stream.flowNow(), capture.Out, capture.Note, nil, text)
}

// drop counts a message of n bytes that was not sent.
func (c *serverClient) drop(n int) {
	for _, t := range []*traffic{&c.totals, &c.server.totals} {
		t.dropped.Add(1)
		t.droppedBytes.Add(int64(n))
	}
	c.server.version.Add(1)
}

// kept ends a run of messages that were dropped.
func (c *serverClient) kept() {
	if c.dropping.Load() == 0 {
		return
	}
	if n := c.dropping.Swap(0); n > 1 {
		c.aside(fmt.Sprintf("%s messages for this client were dropped", thousands(n)))
	}
}

// awaitRoom lets the reader of a client that is answered wait until the answers are taken, and until what
// waits for room has found it: one answer after the other would leave none for a larger message.
func (s *stream) awaitRoom() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		live := s.served.server.live.Load()
		o := &s.outbox
		if live.replies == nil || live.whenFull != FullWait || o.memory+o.late < live.maxQueue && len(o.held) == 0 || o.shut || s.stop != stopNone || s.wroteAll {
			return
		}
		s.room.Wait()
	}
}

// reconsider lets what waits for room look again.
func (s *stream) reconsider() {
	s.mu.Lock()
	s.admit()
	s.room.Broadcast()
	s.mu.Unlock()
}
