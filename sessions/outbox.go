package sessions

import (
	"fmt"
	"io"
	"syscall"
	"time"

	"wirebench/sessions/capture"
	"wirebench/sessions/telnet"
)

const (
	// maxPending is the most bytes of Send that may wait. Files wait on disk and do not count.
	maxPending = 64 << 20
	// maxInline is the most bytes that Send writes itself. The system takes them in a few microseconds or
	// refuses, so a window's goroutine may send; more would make it wait for the copying.
	maxInline = 64 << 10
	// maxItems is the most sends and files that may wait, because each has a cost beside its bytes.
	maxItems = 1 << 18
	// itemCost is what a send that waits costs beside its bytes, as far as the bounds are concerned.
	itemCost = 64
	// maxFiles is the most files that may wait, because each holds a descriptor.
	maxFiles = 256

	progressEvery = 50 * time.Millisecond
)

// item is one Send or one file.
type item struct {
	p     []byte
	file  *Transfer
	synch bool // p is telnet.Synch, whose last byte is urgent
	sent  int64
	total int64
}

// outbox is what waits to be sent. It is guarded by stream.mu.
type outbox struct {
	queue   []item
	now     *item // what the writer has taken and not finished
	files   int   // among queue and now
	memory  int64 // bytes of Send among pending, and itemCost for each send in queue and now that has some left
	pending int64 // bytes accepted and not written
	written int64 // bytes given to the system
	total   int64 // bytes accepted, less those of files that were cancelled or ended early
	shut    bool  // nothing more is accepted; the FIN follows the last item
	inline  bool  // a Send is writing in the writer's place, which waits for it
	direct  int64 // what memory has of it: nobody knows yet whether it will wait

	// Of a server's client.
	held      []*Delivery // wait for room
	heldBytes int64
	late      int64 // what replies cost that wait for their time

	reported     time.Time // of the last outputProgress
	reportedLeft int64     // its pending bytes
}

// SendError is a send that the end of the connection cut short.
type SendError struct {
	What  string // the file's path, or "" for bytes
	To    string // the peer's address
	Sent  int64  // bytes of it given to the system; the peer may have received fewer
	Total int64
	// Behind counts what was queued behind it and not sent at all.
	BehindSends int
	BehindBytes int64
	Err         error
}

func (e *SendError) Error() string {
	text := fmt.Sprintf("sent %s of %s to %s: %s", thousands(e.Sent), countBytes(e.Total), e.To, reason(e.Err))
	if e.What != "" {
		text = fmt.Sprintf("sent %s of %s of %s to %s: %s", thousands(e.Sent), countBytes(e.Total), e.What, e.To, reason(e.Err))
	}
	switch {
	case e.BehindSends == 1:
		text += fmt.Sprintf("; 1 more send with %s was not sent", countBytes(e.BehindBytes))
	case e.BehindSends > 1:
		text += fmt.Sprintf("; %s more sends with %s were not sent", thousands(int64(e.BehindSends)), countBytes(e.BehindBytes))
	}
	return text
}

func (e *SendError) Unwrap() error { return e.Err }

// accepts reports whether anything can be sent. The caller holds mu.
func (s *stream) accepts() bool { return s.state == Open && !s.outbox.shut }

// notOpen says why nothing can be sent. The caller holds mu.
func (s *stream) notOpen(what string) error {
	switch s.state {
	case Opening:
		return fmt.Errorf("send %s: %w yet; it is still connecting", what, ErrNotOpen)
	case Open, Closing:
		return fmt.Errorf("send %s: %w for sending any more", what, ErrNotOpen)
	}
	return fmt.Errorf("send %s: %w; connect first", what, ErrNotOpen)
}

func (s *stream) send(p []byte) error {
	size := int64(len(p))
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.accepts() {
		return s.notOpen(countBytes(size))
	}
	if size == 0 {
		return nil
	}
	o := &s.outbox
	if s.tryInline(p, false) {
		return nil
	}
	if o.memory+size > maxPending || len(o.queue) >= maxItems {
		return fmt.Errorf("send %s: %w (%s wait already; at most %s may)", countBytes(size), ErrBacklog, countBytes(o.memory), countBytes(maxPending))
	}
	s.enqueue(append([]byte(nil), p...))
	return nil
}

// sendSynch queues a synch of Telnet; see [client.SendSynch].
func (s *stream) sendSynch() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := &s.outbox
	switch {
	case !s.accepts():
		return s.notOpen("a synch")
	case s.link.conn != s.link.sock:
		return fmt.Errorf("send a synch: %w", ErrNoUrgent)
	case o.memory+itemCost > maxPending || len(o.queue) >= maxItems:
		return fmt.Errorf("send a synch: %w (%s wait already)", ErrBacklog, countBytes(o.memory))
	}
	s.enqueue([]byte(telnet.Synch))
	o.queue[len(o.queue)-1].synch = true
	return nil
}

// enqueue puts p, which nobody may change any more, behind what is queued. The caller holds mu.
func (s *stream) enqueue(p []byte) {
	o, size := &s.outbox, int64(len(p))
	o.queue = append(o.queue, item{p: p, total: size})
	o.memory += size + itemCost
	o.total += size
	s.pend(size)
	s.poke()
}

// pend counts bytes that wait to be sent, or wait no longer. The caller holds mu.
func (s *stream) pend(n int64) {
	s.outbox.pending += n
	if s.served != nil {
		s.served.server.pending.Add(n)
		s.served.server.version.Add(1)
	}
}

func (s *stream) sendFile(path string) (*Transfer, error) {
	s.mu.Lock()
	var err error
	if !s.accepts() {
		err = s.notOpen(path)
	}
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	t, err := newTransfer(path) // opening may wait for a slow disk, so not under mu
	if err != nil {
		return nil, err
	}
	t.poke = func() { s.pokeFile(t) }
	s.mu.Lock()
	defer s.mu.Unlock()
	o := &s.outbox
	switch {
	case !s.accepts():
		err = s.notOpen(path)
	case o.files >= maxFiles || len(o.queue) >= maxItems:
		err = fmt.Errorf("send %s: %w (%d files wait already)", path, ErrBacklog, o.files)
	}
	if err != nil {
		t.finish(err)
		return nil, err
	}
	o.queue = append(o.queue, item{file: t, total: t.total})
	o.files++
	o.total += t.total
	s.pend(t.total)
	s.poke()
	return t, nil
}

// tryInline writes p, or as much of it as the socket takes without waiting, in the caller's goroutine,
// and queues the rest, if nothing is in the way of that; a copy unless nobody may change p any more. The
// caller holds mu.
func (s *stream) tryInline(p []byte, kept bool) bool {
	o := &s.outbox
	idle := o.now == nil && len(o.queue) == 0 && !o.inline
	if !idle || len(p) > maxInline || s.raw == nil || !s.c.obs.reserve() {
		return false
	}
	if !s.rec.TryLock() {
		s.c.obs.release()
		return false
	}
	it := item{total: int64(len(p))}
	o.inline, o.direct = true, it.total
	o.memory += it.total
	o.total += it.total
	s.pend(it.total)
	s.mu.Unlock()
	n := s.raw.once(p)
	mine := false
	if n > 0 {
		s.wrote(&it, p[:n]) // no progress is due: either all is gone, or the writer goes on and tells
		if mine = s.c.obs.tryTake(); !mine {
			s.c.obs.post(s.link.flow, p[:n])
		}
	}
	if n == 0 || mine {
		s.c.obs.release()
	}
	s.rec.Unlock()
	if mine {
		s.c.obs.to.Data(s.link.flow, capture.Out, p[:n])
		s.c.obs.pass()
	} else {
		s.c.obs.nudge()
	}
	s.mu.Lock()
	o.inline, o.direct = false, 0
	if n < len(p) {
		// An error shows again when the writer meets it.
		if it.p = p[n:]; !kept {
			it.p = append([]byte(nil), it.p...)
		}
		o.memory += itemCost
		o.queue = append([]item{it}, o.queue...)
	}
	s.poke()
	return true
}

// poke starts the writer if there is something for it to do. The caller holds mu.
func (s *stream) poke() {
	o := &s.outbox
	if s.writing || s.wroteAll || o.inline || s.link.conn == nil {
		return
	}
	if len(o.queue) > 0 || len(o.held) > 0 || o.shut || s.stop >= stopAbort || s.state != s.told {
		s.writing = true
		go s.writeLoop()
	}
}

// writeLoop sends what is queued, and the FIN when nothing can come after it. It ends when there is
// nothing to do, so that a connection that is idle costs no second goroutine; poke starts it again. The
// stream waits for the last one by writerDone.
func (s *stream) writeLoop() {
	var buf []byte // for files; made when the first one is sent
	for {
		it, over := s.next()
		if over {
			break
		}
		if it == nil {
			return
		}
		var err error
		if it.file == nil {
			err = s.writeAll(it, it.p)
		} else {
			if buf == nil {
				buf = make([]byte, writeSize)
			}
			err = s.writeFile(it, buf)
		}
		if err != nil {
			s.mu.Lock()
			s.writeErr = err
			s.outbox.shut = true
			if s.stop < stopAbort {
				s.setReadDeadline(time.Now().Add(brokenGrace))
			}
			s.wroteAll = true
			s.room.Broadcast()
			s.mu.Unlock()
			close(s.writerDone)
			return
		}
	}
	s.fin()
	s.mu.Lock()
	s.wroteAll = true
	s.mu.Unlock()
	close(s.writerDone)
}

// next returns what is to be sent next: nil when that is nothing for now, and over when there will be
// nothing any more.
func (s *stream) next() (it *item, over bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := &s.outbox
	o.now = nil
	for !o.inline && s.stop < stopAbort {
		if s.state != s.told {
			s.mu.Unlock()
			s.tellState("")
			s.mu.Lock()
			continue
		}
		if s.served != nil {
			s.admit()
		}
		if len(o.queue) == 0 {
			break
		}
		first := o.queue[0]
		o.queue[0] = item{}
		if o.queue = o.queue[1:]; len(o.queue) == 0 {
			o.queue = nil
		}
		o.now = &first
		return o.now, false
	}
	if !o.inline && (o.shut || s.stop >= stopAbort) {
		return nil, true
	}
	s.writing = false
	return nil, false
}

// writeAll writes p, which belongs to it.
func (s *stream) writeAll(it *item, p []byte) error {
	piece := writeSize
	if s.link.brittle {
		piece = tlsPiece
	}
	for len(p) > 0 {
		n, err := s.write(it, p[:min(len(p), piece)])
		p = p[n:]
		if err != nil {
			return err
		}
	}
	return nil
}

// write writes once and records what went. Where the system allows it the write and its record are one
// step, so that the peer's answer cannot be recorded before the question.
func (s *stream) write(it *item, p []byte) (n int, err error) {
	s.mu.Lock()
	if s.stop == stopDrain && !s.skips(it) {
		s.setWriteDeadline(s.drainDeadline())
	}
	s.mu.Unlock()
	if s.raw != nil {
		n, err = s.raw.write(p, it.synch) // holds rec when n > 0
	} else {
		s.order.begin()
		defer s.order.end()
		n, err = s.writeAnyhow(p, it.synch)
		if n > 0 {
			s.rec.Lock()
		}
	}
	if n > 0 {
		tell := s.wrote(it, p[:n])
		if it.synch && n == len(p) {
			s.c.log.Append(s.link.flow, capture.Out, capture.Note, nil, "Telnet: client SYNCH: the data mark was sent as urgent data")
		}
		s.c.obs.take()
		s.rec.Unlock()
		s.order.end()
		s.c.obs.to.Data(s.link.flow, capture.Out, p[:n])
		if tell.Name != "" {
			s.c.obs.to.Event(s.fill(tell))
		}
		s.c.obs.pass()
	}
	if err == nil && n < len(p) && s.raw == nil {
		err = io.ErrShortWrite
	}
	return n, err
}

// writeAnyhow is write where there is no rawWriter.
func (s *stream) writeAnyhow(p []byte, synch bool) (n int, err error) {
	c, ok := s.link.sock.(syscall.Conn)
	if !synch || !ok {
		return s.link.conn.Write(p)
	}
	if err := telnet.SendSynch(c); err != nil {
		return 0, err
	}
	return len(p), nil
}

// wrote counts and records what has been written, and returns the outputProgress that is due, if one
// is. The caller holds rec.
func (s *stream) wrote(it *item, p []byte) (due Event) {
	n := int64(len(p))
	s.mu.Lock()
	o := &s.outbox
	it.sent += n
	s.pend(-n)
	o.written += n
	switch {
	case it.file != nil:
		it.file.done.Add(n)
	case o.inline:
		o.memory -= n
		o.direct -= n
	case it.sent == it.total:
		o.memory -= n + itemCost
	default:
		o.memory -= n
	}
	if o.pending > 0 || o.reportedLeft > 0 {
		if now := s.c.opts.Clock(); o.pending == 0 || now.Sub(o.reported) >= progressEvery {
			o.reported, o.reportedLeft = now, o.pending
			due = Event{Name: EventOutputProgress, Pending: o.pending, Total: o.total}
		}
	}
	if s.served != nil {
		s.room.Broadcast()
	}
	s.mu.Unlock()
	s.c.log.Append(s.link.flow, capture.Out, capture.Data, p, "")
	if s.served != nil {
		s.served.count(capture.Out, len(p))
	}
	return due
}

func (s *stream) stopped() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stop >= stopAbort
}

// fin sends the FIN, unless the stream is to end at once, which finish does.
func (s *stream) fin() {
	half, ok := s.link.conn.(interface{ CloseWrite() error })
	s.mu.Lock()
	if s.stop >= stopAbort {
		s.mu.Unlock()
		return
	}
	note := s.ending
	if note == "" {
		note = "sending side closed by us (FIN)"
	}
	if s.by == "" { // before the FIN, because the peer's may follow at once
		s.by = ByLocal
	}
	s.mu.Unlock()

	if s.raw == nil {
		s.order.begin()
	} else { // CloseWrite cannot wait, and the peer's FIN must not be recorded before ours
		s.rec.Lock()
	}
	var err error
	if ok {
		err = half.CloseWrite()
	}
	if s.raw == nil {
		s.rec.Lock()
	}
	if ok && err == nil {
		s.c.log.Append(s.link.flow, capture.Out, capture.Close, nil, note)
	}
	s.rec.Unlock()
	s.order.end()

	s.mu.Lock()
	s.writeClosed = ok && err == nil
	if s.stop == stopDrain && !s.readClosed {
		s.setReadDeadline(time.Now().Add(closeGrace))
	}
	s.mu.Unlock()
	s.tellAlways(note)
}
