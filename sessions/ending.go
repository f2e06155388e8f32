package sessions

import (
	"errors"
	"fmt"
	"io"
	"time"

	"wirebench/sessions/capture"
)

// finish closes the connection, says how it ended, and counts what was not sent. Reader and writer are
// gone; rerr is what ended the reader.
func (s *stream) finish(rerr error) {
	s.mu.Lock()
	to, finSent := s.stop, s.writeClosed
	if to >= stopAbort || s.link.brittle {
		// Closing what lies above the socket could wait for the peer; what it has to say in an orderly end
		// was said by fin.
		_ = s.link.sock.Close()
	} else {
		_ = s.link.conn.Close()
	}
	cause := s.cause(rerr)
	switch {
	case to == stopReset:
		s.by = ByLocal
	case to == stopNone && cause != nil:
		s.by = ByReset
	case s.by == "":
		s.by = ByLocal
	}
	failure := s.unsent(cause)
	by := s.by
	ending := s.ending
	s.writeClosed = true
	s.info.Err = failure
	if failure == nil && by == ByReset {
		s.info.Err = because("connection to "+s.peer(), cause)
	}
	err := s.info.Err
	s.state = Closed
	if by == ByReset {
		s.state = Failed
	}
	unsent := s.info.UnsentBytes
	s.mu.Unlock()

	flow := s.link.flow
	text := ""
	s.rec.Lock()
	switch {
	case to == stopReset || to == stopAbort && !finSent:
		kind := capture.Close
		if to == stopReset {
			kind = capture.Reset
		}
		text = ending
		if unsent > 0 {
			text += fmt.Sprintf("; %s not sent", countBytes(unsent))
		}
		s.c.log.Append(flow, capture.Out, kind, nil, text)
	case brokenOff(cause):
		text = "reset by peer (RST)"
		s.c.log.Append(flow, capture.In, capture.Reset, nil, text)
	case cause != nil && to == stopNone:
		text = "connection lost: " + reason(cause)
		if errors.As(cause, new(*alertError)) {
			text = reason(cause)
		}
		s.c.log.Append(flow, capture.In, capture.Note, nil, text)
	case to == stopDrain && !finSent && s.writeErr == nil:
		// A connection that has no half-close; the FIN goes with the close above.
		s.c.log.Append(flow, capture.Out, capture.Close, nil, ending)
	}
	if text == "" {
		text = endText(by)
		switch {
		case by == ByPeer:
			text = "closed by peer (" + s.peerEnd() + ")"
		case to == stopDrain && ending != "":
			text = ending // it may say why
		}
	}
	if failure != nil && to < stopAbort {
		s.c.log.Append(flow, capture.Out, capture.Note, nil, failure.Error())
	}
	s.mu.Lock()
	s.how = text
	s.mu.Unlock()
	s.c.obs.take()
	s.rec.Unlock()
	if err != nil && to < stopAbort {
		s.c.obs.to.Event(s.fill(Event{Name: EventIOError, Err: err, Text: err.Error()}))
	}
	e := Event{Name: EventClose, By: by, Text: text}
	if by == ByReset {
		e.Err = err
	}
	s.c.obs.to.Event(s.fill(e))
	s.c.obs.pass()
	s.tellState(text)
}

func endText(by string) string {
	if by == ByPeer {
		return "closed by peer (FIN)"
	}
	return "closed by us (FIN)"
}

// cause returns the error that broke the connection, nil when nothing did. The reader's error is the
// better one, unless the reader only saw that time was up or, the system telling an error once, the end
// of the stream. The caller holds mu.
func (s *stream) cause(rerr error) error {
	switch {
	case s.stop >= stopAbort:
		return nil
	case rerr != io.EOF && !timedOut(rerr):
		return rerr
	case s.raw.sawReset():
		return errReset
	case s.writeErr != nil:
		return s.writeErr
	}
	return nil
}

// unsent empties the outbox and returns the error of what was cut short, nil if nothing was. The caller
// holds mu.
func (s *stream) unsent(cause error) error {
	o := &s.outbox
	s.info.UnsentBytes = o.pending
	if cause == nil {
		cause = errors.New(endText(s.by))
		if s.stop >= stopAbort {
			cause = errors.New(s.ending)
		}
	} else if timedOut(cause) {
		cause = fmt.Errorf("the peer took no data for %v", drainPatience)
		if end := s.drainOver(); !end.IsZero() && !time.Now().Before(end) {
			cause = fmt.Errorf("the peer took only %s in the %v it had", countBytes(o.written-s.drainFrom), time.Since(s.drainEnd.Add(-drainLimit)).Round(time.Second))
		}
	}
	left := o.queue
	if o.now != nil {
		left = append([]item{*o.now}, left...)
	}
	var failure *SendError
	for _, it := range left {
		e := &SendError{To: s.peer(), Sent: it.sent, Total: it.total, Err: cause}
		if it.file != nil {
			e.What = it.file.path
			it.file.finish(e)
		}
		if failure == nil {
			failure = e
		} else {
			failure.BehindSends++
			failure.BehindBytes += it.total
		}
	}
	s.pend(-o.pending)
	for _, d := range o.held {
		d.release(gone)
	}
	o.held, o.heldBytes = nil, 0
	o.queue, o.now, o.memory, o.files = nil, nil, 0, 0
	if failure == nil {
		return nil
	}
	return failure
}

func (s *stream) peer() string { return s.link.flow.Remote.String() }

// note appends a note to the capture.
func (s *stream) note(f capture.Flow, text string) {
	s.rec.Lock()
	defer s.rec.Unlock()
	s.c.log.Append(f, capture.Out, capture.Note, nil, text)
}

// tell tells the observer. The caller holds no lock.
func (s *stream) tell(e Event) {
	s.c.obs.take()
	defer s.c.obs.pass()
	s.c.obs.to.Event(s.fill(e))
}

// tellState tells of the state if the observer has not heard of it.
func (s *stream) tellState(text string) {
	s.mu.Lock()
	news := s.told != s.state
	s.mu.Unlock()
	if news {
		s.tellAlways(text)
	}
}

// tellAlways tells of the state, changed or not.
func (s *stream) tellAlways(text string) {
	s.c.obs.take()
	defer s.c.obs.pass()
	s.mu.Lock()
	s.told = s.state
	s.mu.Unlock()
	s.c.obs.to.Event(s.fill(Event{Name: EventState, Text: text}))
}

// fill completes an event with the time, the state and the addresses.
func (s *stream) fill(e Event) Event {
	e.Time = s.c.opts.Clock()
	if s.served != nil {
		s.served.server.version.Add(1)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e.State, e.Local, e.Remote = s.state, s.info.Local, s.info.Remote
	if s.served != nil {
		e.Client = s.served.number
	}
	return e
}
