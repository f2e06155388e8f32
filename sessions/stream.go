package sessions

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"wirebench/sessions/capture"
	"wirebench/sessions/certs"
)

const (
	// writeSize is the most that is given to the system at once, and so the grain of progress.
	writeSize = 256 << 10

	// closeGrace is how long the peer has, after our FIN, to send the rest and its own FIN. Closing at
	// once would answer what is still on its way with an RST, and that RST could destroy what we sent
	// before the peer has read it.
	closeGrace = 500 * time.Millisecond
	// brokenGrace is how long reading goes on after a write failed: what the peer sent before it broke
	// the connection off is there already.
	brokenGrace = time.Second
)

// past is a deadline that ends every read and write now.
var past = time.Unix(1, 0)

// plan is what a stream is to do.
type plan struct {
	open         openFunc
	keepHalfOpen bool
	resetOnClose bool
	accepted     bool // the peer connected to us
}

// openFunc is the dial step. It returns when the connection can carry data, and tells the stream of
// what fails on the way.
type openFunc func(ctx context.Context, s *stream) (link, error)

// link is an open connection with its description.
type link struct {
	conn net.Conn     // carries the data
	sock net.Conn     // the socket below; the same as conn unless something like TLS lies between
	flow capture.Flow // as the capture shows it
	note string       // what is said of the opening: "connected in 0.3 ms"
	// begun means that the dial step has called begin, because something was said on the connection
	// before it could carry data; note is then about that.
	begun bool
	// peerEnd says how the peer ended its sending side; nil where there is only one way, a FIN.
	peerEnd func() string
	// brittle means that a write that timed out spoils the connection, as it does with TLS; a file that
	// is being cancelled then goes on until the present piece is written.
	brittle bool
}

// errDone is what a dial step returns that has done all there was to do, and has closed the connection.
type errDone struct{ text string }

func (e errDone) Error() string { return e.text }

// stop says how a stream has been asked to end; only ever raised.
type stop uint8

const (
	stopNone  stop = iota
	stopDrain      // send what is queued, FIN, wait for the peer's
	stopAbort      // close now
	stopReset      // close now with an RST
)

// stream owns one connection from the first lookup to the last record: the goroutine of run, which
// dials and then reads, and the goroutine of writeLoop. Nothing else reads, writes or closes the
// connection. Methods that end it raise stop and move the deadlines, so they never wait.
//
// rec is held while one record is appended, together with the system call it is about where that cannot
// wait, and until the turn to tell the observer has been taken; so capture and observer agree on the
// order. The observer itself is called without any lock but its turn, and no method that it may call
// waits for either. The order of locks is rec, then the observer's turn, then mu.
type stream struct {
	c          *common
	served     *serverClient // whose stream this is on a server; nil for a client session's
	plan       plan
	ctx        context.Context // ends the opening, and with it the stream
	cancel     context.CancelFunc
	done       chan struct{} // run has returned
	writerDone chan struct{} // nothing is written any more

	rec sync.Mutex

	mu     sync.Mutex
	room   sync.Cond // the reader of a server's client waits here for what was sent to be taken
	state  State
	told   State // the last state the observer heard of
	stop   stop
	ending string       // the note of the record that will end this side
	link   link         // zero until open
	flow   capture.Flow // set by begin and opened
	raw    *rawWriter
	by     string
	how    string  // the connection ended or failed, in words; "" before
	info   TCPInfo // Local, Remote, Attempts, Since, ConnectTook, Err, UnsentBytes
	outbox outbox
	order  writeOrder

	drainEnd    time.Time // when draining for a slow peer is given up, less what drainRate earns; zero for never
	drainFrom   int64     // outbox.written when that was set
	readClosed  bool
	writeClosed bool
	writeErr    error // why the writer gave up
	writing     bool  // the writer's goroutine runs
	wroteAll    bool  // nothing is written any more: writerDone is closed
}

func newStream(ctx context.Context, c *common, p plan) *stream {
	s := &stream{
		c:          c,
		plan:       p,
		done:       make(chan struct{}),
		writerDone: make(chan struct{}),
		state:      Opening,
	}
	s.ctx, s.cancel = context.WithCancel(ctx)
	s.room.L = &s.mu
	return s
}

// run is the life of the stream. A server has thousands of these goroutines, each waiting in a read most
// of the time: what needs a large frame is done in functions that have returned by then, so that the stack
// of a waiting goroutine is small and the runtime can shrink it.
func (s *stream) run(before *stream) {
	defer close(s.done)
	defer s.cancel()
	if before != nil {
		<-before.done
	}
	if !s.begins() {
		return
	}
	cancelled := make(chan struct{})
	unhook := context.AfterFunc(s.ctx, func() {
		defer close(cancelled)
		s.stopNow(stopAbort, "closed by us (FIN): cancelled")
	})
	rerr := s.readLoop()
	s.readEnded(rerr)
	<-s.writerDone
	if !unhook() {
		<-cancelled
	}
	s.finish(rerr)
}

// begins opens the connection and reports whether it carries data.
//
//go:noinline
func (s *stream) begins() bool {
	began := s.c.opts.Clock()
	if !s.plan.accepted {
		s.tellState("")
	}
	l, err := s.plan.open(s.ctx, s)
	if err != nil { // of a server's client it means TLS
		s.neverOpened(err)
		return false
	}
	s.opened(l, s.c.opts.Clock().Sub(began))
	if s.served != nil {
		s.served.stood()
		s.served.isIn()
	}
	return true
}

// live reports whether the connection exists or is being made.
func (s *stream) live() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.Live()
}

func (s *stream) infoNow() TCPInfo {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.info
	i.Attempts = append([]Attempt(nil), i.Attempts...)
	i.State, i.PendingBytes, i.ClosedBy = s.state, s.outbox.pending, s.by
	i.ReadClosed, i.WriteClosed = s.readClosed, s.writeClosed
	return i
}

// flowNow is the connection as the capture shows it, the zero value before there is one.
func (s *stream) flowNow() capture.Flow {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.flow
}

func (s *stream) setAttempts(a []Attempt) {
	s.mu.Lock()
	s.info.Attempts = a
	s.mu.Unlock()
}

// attemptFailed tells of one address of several.
func (s *stream) attemptFailed(a Attempt, more bool) {
	text := a.Err.Error()
	if more {
		text += "; trying the next address"
	}
	s.note(capture.Flow{}, text)
	s.tell(Event{Name: EventState, Text: text})
}

// neverOpened ends a stream whose dial step failed.
func (s *stream) neverOpened(err error) {
	s.mu.Lock()
	cancelled := s.stop >= stopAbort || s.ctx.Err() != nil
	done, ended := err.(errDone)
	if cancelled && !ended {
		done, ended = errDone{"connecting was cancelled"}, true
		if s.plan.accepted {
			done.text = "closed by us before the end of the handshake"
		}
	}
	if ended {
		s.state, s.by, s.how = Closed, ByLocal, done.text
	} else {
		s.state, s.info.Err, s.how = Failed, err, err.Error()
		if r, ok := err.(*reasonError); ok {
			s.how = r.text // with whom is told beside it
		}
	}
	flow := s.flow
	s.mu.Unlock()
	if ended {
		s.note(flow, done.text)
		s.tellState(done.text)
		return
	}
	s.note(flow, err.Error())
	name := EventIOError
	if errors.As(err, new(*certs.Untrusted)) {
		name = EventSecurityError
	}
	s.tell(Event{Name: name, Err: err, Text: err.Error()})
	s.tellState(err.Error())
}

// begin records that a connection stands on which something is to be said before it can carry data.
func (s *stream) begin(l link) {
	s.mu.Lock()
	s.flow = l.flow
	s.info.Local, s.info.Remote = l.flow.Local, l.flow.Remote
	s.mu.Unlock()
	s.rec.Lock()
	s.appendOpen(l)
	s.c.obs.take()
	s.rec.Unlock()
	s.c.obs.to.Event(s.fill(Event{Name: EventState, Text: l.note}))
	s.c.obs.pass()
}

// appendOpen records the opening of a connection. The caller holds rec.
func (s *stream) appendOpen(l link) {
	if s.plan.accepted {
		s.c.log.Append(l.flow, capture.In, capture.Open, nil, l.note)
		s.c.log.Append(l.flow, capture.Out, capture.Open, nil, "")
		return
	}
	s.c.log.Append(l.flow, capture.Out, capture.Open, nil, fmt.Sprintf("connect %s from %s", l.flow.Remote, l.flow.Local))
	s.c.log.Append(l.flow, capture.In, capture.Open, nil, l.note)
}

// passed records and tells bytes that went through before the connection was opened.
func (s *stream) passed(f capture.Flow, d capture.Direction, p []byte) {
	s.rec.Lock()
	s.c.log.Append(f, d, capture.Data, p, "")
	if s.served != nil {
		s.served.count(d, len(p))
	}
	s.c.obs.take()
	s.rec.Unlock()
	s.c.obs.to.Data(f, d, p)
	s.c.obs.pass()
}

// opened records and announces the connection. The state is Open before anyone is told, so that an
// observer can send from within the connect event.
func (s *stream) opened(l link, took time.Duration) {
	s.rec.Lock() // before anyone can send, so that the opening is recorded first
	s.mu.Lock()
	s.link, s.flow = l, l.flow
	s.raw = newRawWriter(l, &s.rec)
	if c, ok := l.conn.(*tlsConn); ok {
		c.orderBy(&s.order)
	}
	s.info.Local, s.info.Remote = l.flow.Local, l.flow.Remote
	s.info.Since, s.info.ConnectTook = s.c.opts.Clock(), took
	if s.stop < stopAbort {
		s.state = Open
	} else {
		s.state = Closing
		s.applyStop()
	}
	s.told = s.state
	s.poke() // whoever ended the stream before it had a connection could not
	s.mu.Unlock()
	if l.begun {
		s.c.log.Append(l.flow, capture.Out, capture.Note, nil, l.note)
	} else {
		s.appendOpen(l)
	}
	s.c.obs.take()
	s.rec.Unlock()
	s.c.obs.to.Event(s.fill(Event{Name: EventState, Text: l.note}))
	s.c.obs.to.Event(s.fill(Event{Name: EventConnect, Text: l.note}))
	s.c.obs.pass()
}

// readLoop records what arrives until the connection ends, one way or another.
func (s *stream) readLoop() error {
	r := s.newReader()
	for {
		if s.served != nil {
			s.awaitRoom()
		}
		p, err := r.read()
		s.order.await()
		if len(p) > 0 {
			s.arrived(p)
		}
		r.release()
		if err != nil {
			return err
		}
	}
}

// arrived records, tells and answers what was read.
//
//go:noinline
func (s *stream) arrived(p []byte) {
	s.rec.Lock()
	s.c.log.Append(s.link.flow, capture.In, capture.Data, p, "")
	if s.served != nil {
		s.served.count(capture.In, len(p))
	}
	s.c.obs.take()
	s.rec.Unlock()
	s.c.obs.to.Data(s.link.flow, capture.In, p)
	s.c.obs.pass()
	if s.served != nil {
		s.served.received(p)
	}
}

// readEnded decides what the end of reading means for the sending side.
func (s *stream) readEnded(err error) {
	s.rec.Lock()
	s.mu.Lock()
	if s.stop >= stopAbort {
		s.mu.Unlock()
		s.rec.Unlock()
		return
	}
	if err != io.EOF || s.raw.sawReset() {
		// Broken off, or the peer's time after our FIN is over. Either way nothing more can be sent.
		s.outbox.shut = true
		s.setWriteDeadline(past)
		s.poke()
		s.mu.Unlock()
		s.rec.Unlock()
		return
	}
	s.readClosed = true
	if s.by == "" {
		s.by = ByPeer
	}
	s.mu.Unlock()
	s.c.log.Append(s.link.flow, capture.In, capture.Close, nil, "closed by peer ("+s.peerEnd()+")")
	s.rec.Unlock()
	if !s.plan.keepHalfOpen {
		s.mu.Lock()
		s.outbox.shut = true
		s.raise(stopDrain, "closed by us after the peer (FIN)")
		s.mu.Unlock()
	}
	s.tellAlways("the peer closed its sending side (" + s.peerEnd() + ")")
}

// peerEnd says how the peer ended its sending side.
func (s *stream) peerEnd() string {
	if s.link.peerEnd == nil {
		return "FIN"
	}
	return s.link.peerEnd()
}

// disconnect asks for an orderly end.
func (s *stream) disconnect() error { return s.disconnectFor("closed by us (FIN)") }

// disconnectFor is disconnect with the note of the record that ends this side.
func (s *stream) disconnectFor(note string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !s.state.Live():
		return fmt.Errorf("disconnect: %w", ErrNotOpen)
	case s.plan.resetOnClose:
		s.raise(stopReset, "reset by us (RST)")
	case s.state == Opening:
		s.raise(stopAbort, note)
	default:
		s.outbox.shut = true
		if s.drainEnd.IsZero() {
			s.drainEnd, s.drainFrom = time.Now().Add(drainLimit), s.outbox.written
		}
		s.raise(stopDrain, note)
	}
	return nil
}

// closeWrite asks for a FIN behind what is queued.
func (s *stream) closeWrite() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != Open || s.outbox.shut {
		return fmt.Errorf("close the sending side: %w", ErrNotOpen)
	}
	if _, ok := s.link.conn.(interface{ CloseWrite() error }); !ok {
		return errors.New("close the sending side: this connection can only be closed as a whole")
	}
	s.outbox.shut = true
	s.poke()
	s.room.Broadcast() // nothing will be answered any more
	return nil
}

// stopNow asks for an end without sending what is queued. It reports whether there was anything to end.
func (s *stream) stopNow(to stop, note string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.state.Live() {
		return false
	}
	s.raise(to, note)
	return true
}

// raise raises stop and makes reader and writer notice. The caller holds mu.
func (s *stream) raise(to stop, note string) {
	if s.stop >= to {
		return
	}
	s.stop, s.ending = to, note
	if to >= stopAbort {
		s.cancel()
	}
	if s.link.conn != nil {
		s.state = Closing
		s.applyStop()
	}
	s.poke()
	s.room.Broadcast()
	if s.served != nil {
		s.served.server.version.Add(1)
	}
}

// applyStop sets the deadlines that stop asks for. The caller holds mu, so that a deadline in the past
// is never overtaken by a later one.
func (s *stream) applyStop() {
	switch s.stop {
	case stopDrain:
		if !s.writeClosed {
			// A file that was cancelled has a deadline in the past, which must stay.
			if now := s.outbox.now; now == nil || !s.skips(now) {
				s.setWriteDeadline(s.drainDeadline())
			}
		} else if !s.readClosed {
			s.setReadDeadline(time.Now().Add(closeGrace))
		}
	case stopReset:
		if l, ok := s.link.sock.(interface{ SetLinger(int) error }); ok {
			_ = l.SetLinger(0) // without it the close is a FIN, which ends the connection too
		}
		fallthrough
	case stopAbort:
		s.setReadDeadline(past)
		s.setWriteDeadline(past)
	}
}

// A deadline that cannot be set means a connection that is gone, which its reader and writer will find.

func (s *stream) setReadDeadline(t time.Time)  { _ = s.link.sock.SetReadDeadline(t) }
func (s *stream) setWriteDeadline(t time.Time) { _ = s.link.sock.SetWriteDeadline(t) }
