package sessions

import (
	"errors"
	"fmt"
	"slices"
	"sync"
)

const (
	// maxPosts is the most Sends that may wait to be handed to their clients, and maxPostBytes the most
	// bytes of them.
	maxPosts     = 1 << 10
	maxPostBytes = maxPending
	// maxHeld is the most deliveries that may wait for room of one client, and maxHeldBytes the most bytes
	// of them; a larger one may wait alone.
	maxHeld      = 1 << 10
	maxHeldBytes = maxPending
	// fewClients is for how many clients a Send does not need the dispatcher: a window's goroutine need
	// not wait for more writes than that.
	fewClients = 16
)

// DeliveryResult says what has become of a message, client by client.
type DeliveryResult struct {
	Clients int // whom it was for
	Queued  int // given to the system, or waiting in the client's queue
	Waiting int // the client has too much waiting, and the policy is to wait
	Dropped int // the client had too much waiting, and the policy was to drop, or to reset the client
	Gone    int // the client was not open for sending, or went before it was queued
	Stopped int // cancelled while it was waiting
}

// decided is how many clients nothing is to be waited for.
func (r DeliveryResult) decided() int { return r.Queued + r.Dropped + r.Gone + r.Stopped }

// Delivery is a message on its way to the queues of clients. All methods may be called from any goroutine.
type Delivery struct {
	p  []byte
	to []*serverClient // until it has been handed on

	mu        sync.Mutex
	result    DeliveryResult
	offering  bool // one client is being asked, whose answer counts even after Cancel
	cancelled bool
	done      chan struct{}
}

// Done is closed when nothing waits any more: see Result.
func (d *Delivery) Done() <-chan struct{} { return d.done }

// Result says what has become of it so far.
func (d *Delivery) Result() DeliveryResult {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.result
}

// Cancel takes it back from the clients in whose queues it is not yet.
func (d *Delivery) Cancel() {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := &d.result
	if d.cancelled || r.decided() == r.Clients {
		return
	}
	d.cancelled = true
	r.Waiting = 0
	r.Stopped = r.Clients - r.decided()
	if d.offering {
		r.Stopped--
		return
	}
	close(d.done)
}

// outcome is what becomes of a delivery at one client.
type outcome uint8

const (
	queued outcome = iota
	waiting
	dropped
	gone
)

// offer begins to offer it to a client, whose answer goes to settle. It reports false when it was cancelled.
func (d *Delivery) offer() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.offering = !d.cancelled
	return d.offering
}

// settle counts the answer of the client that it was offered to.
func (d *Delivery) settle(o outcome) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.offering = false
	if o == waiting && d.cancelled {
		d.result.Stopped++
	} else {
		d.count(o)
	}
	d.end()
}

// release counts what becomes of it at a client where it was waiting. It reports false when it was cancelled
// before.
func (d *Delivery) release(o outcome) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.cancelled {
		return false
	}
	d.result.Waiting--
	d.count(o)
	d.end()
	return true
}

// count counts an outcome. The caller holds mu.
func (d *Delivery) count(o outcome) {
	r := &d.result
	switch o {
	case queued:
		r.Queued++
	case waiting:
		r.Waiting++
	case dropped:
		r.Dropped++
	case gone:
		r.Gone++
	}
}

// end closes done if nothing is open. The caller holds mu, and has just settled something.
func (d *Delivery) end() {
	if d.result.decided() == d.result.Clients {
		close(d.done)
	}
}

// taken reports whether it was cancelled.
func (d *Delivery) taken() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.cancelled
}

// dispatcher hands deliveries for many clients on, in order, in a goroutine that is there while there are
// any. It is guarded by ServerSession.mu.
type dispatcher struct {
	queue   []*Delivery
	bytes   int64
	running bool
	ended   bool
}

// end drops what has not been handed on. The caller holds mu.
func (p *dispatcher) end() {
	p.ended = true
	for _, d := range p.queue {
		d.Cancel()
	}
	p.queue, p.bytes = nil, 0
}

// Send queues a copy of p for the clients of those numbers, with nil for every client that is open for
// sending, behind everything queued for each before. All of them share the copy. It never waits for a
// client, and one that is slow delays no other. What becomes of it where too much is waiting is the
// policy's business; the Delivery tells. It returns [ErrNotOpen] when there is no client to send to, and
// [ErrBacklog], with nothing queued, when too many earlier ones have not been handed on. The caller must
// hold no lock that its Observer takes.
func (s *ServerSession) Send(to []int64, p []byte) (*Delivery, error) {
	clients := s.chosen(to)
	if to == nil {
		clients = sendable(clients)
	}
	d := &Delivery{to: clients, done: make(chan struct{})}
	d.result.Clients = len(clients)
	if to != nil {
		d.result.Clients = len(to)
		d.result.Gone = len(to) - len(clients)
	}
	if len(clients) == 0 {
		return nil, fmt.Errorf("send %s: %w: %w", countBytes(int64(len(p))), ErrNotOpen, errNoClient)
	}
	if len(p) == 0 {
		d.result.Queued = len(clients)
		close(d.done)
		return d, nil
	}
	d.p = append([]byte(nil), p...)
	s.mu.Lock()
	q := &s.post
	switch {
	case q.ended:
		s.mu.Unlock()
		return nil, fmt.Errorf("send: %w", ErrClosed)
	case len(clients) <= fewClients && !q.running:
		s.mu.Unlock()
		d.handOn()
		return d, nil
	case len(q.queue) >= maxPosts || q.bytes+int64(len(p)) > maxPostBytes && len(q.queue) > 0:
		s.mu.Unlock()
		return nil, fmt.Errorf("send %s: %w (%d messages have not been handed to the clients yet)", countBytes(int64(len(p))), ErrBacklog, len(q.queue))
	}
	q.queue = append(q.queue, d)
	q.bytes += int64(len(p))
	if !q.running {
		q.running = true
		s.wg.Add(1)
		go s.dispatch()
	}
	s.mu.Unlock()
	return d, nil
}

// sendable filters out the clients that nothing can be sent to.
func sendable(all []*serverClient) []*serverClient {
	some := all[:0]
	for _, c := range all {
		c.stream.mu.Lock()
		if c.stream.accepts() {
			some = append(some, c)
		}
		c.stream.mu.Unlock()
	}
	return some
}

// dispatch hands deliveries on until there are none.
func (s *ServerSession) dispatch() {
	defer s.wg.Done()
	for {
		s.mu.Lock()
		q := &s.post
		if len(q.queue) == 0 {
			q.queue, q.running = nil, false
			s.mu.Unlock()
			return
		}
		d := q.queue[0]
		q.queue = q.queue[1:]
		q.bytes -= int64(len(d.p))
		s.mu.Unlock()
		d.handOn()
	}
}

// handOn offers it to each of its clients.
func (d *Delivery) handOn() {
	for _, c := range d.to {
		if !d.offer() {
			break
		}
		c.offer(d)
	}
	d.to = nil
}

// offer takes a delivery for one client, or says what becomes of it.
func (c *serverClient) offer(d *Delivery) {
	s, live := c.stream, c.server.live.Load()
	s.mu.Lock()
	o := &s.outbox
	switch {
	case !s.accepts():
		d.settle(gone)
	case len(o.held) == 0 && s.tryInline(d.p, true):
		d.settle(queued)
	case len(o.held) == 0 && s.fits(len(d.p), 0, live.maxQueue): // replies that wait for their time are another matter
		s.enqueue(d.p)
		d.settle(queued)
	case live.whenFull == FullWait && s.hold(d):
		d.settle(waiting)
	default:
		c.overflow(live, len(d.p))
		d.settle(dropped)
		return
	}
	s.mu.Unlock()
	c.kept()
}

// hold lets a delivery wait for room, unless too much does. The caller holds mu.
func (s *stream) hold(d *Delivery) bool {
	o := &s.outbox
	full := func() bool {
		return len(o.held) >= maxHeld || len(o.held) > 0 && o.heldBytes+int64(len(d.p)) > maxHeldBytes
	}
	if full() {
		o.held = slices.DeleteFunc(o.held, func(d *Delivery) bool {
			if !d.taken() {
				return false
			}
			o.heldBytes -= int64(len(d.p))
			return true
		})
	}
	if full() {
		return false
	}
	o.held = append(o.held, d)
	o.heldBytes += int64(len(d.p))
	return true
}

// admit queues the deliveries that have found room. The caller holds mu.
func (s *stream) admit() {
	o := &s.outbox
	for len(o.held) > 0 {
		d := o.held[0]
		if !d.taken() && !s.fits(len(d.p), 0, s.served.server.live.Load().maxQueue) {
			return
		}
		o.held[0] = nil
		o.held = o.held[1:]
		o.heldBytes -= int64(len(d.p))
		if d.release(queued) {
			s.enqueue(d.p)
		}
	}
	if o.held != nil {
		o.held = nil
		s.room.Broadcast()
	}
}

// SendFile queues the content of a regular file, as long as it is now, for the clients of those numbers,
// with nil for all, behind everything queued for each before. It is read while it is sent, once for each,
// with bounded memory. The error is about the clients for which that could not begin; those for which it
// did have their Transfer. Every client needs a descriptor.
func (s *ServerSession) SendFile(to []int64, path string) ([]*Transfer, error) {
	clients := s.chosen(to)
	if to == nil {
		clients = sendable(clients)
	}
	if len(clients) == 0 {
		return nil, fmt.Errorf("send %s: %w: %w", path, ErrNotOpen, errNoClient)
	}
	var all []*Transfer
	var failed error
	others := 0
	for i, c := range clients {
		t, err := c.stream.sendFile(path)
		switch {
		case err == nil:
			all = append(all, t)
		case errors.Is(err, ErrNotOpen) && to == nil && len(all) > 0:
			// It went while others were being asked.
		case !errors.Is(err, ErrNotOpen) && !errors.Is(err, ErrBacklog): // it would be the same with the others
			err = fmt.Errorf("client %d: %w", c.number, err)
			if more := len(clients) - i - 1; more > 0 {
				err = fmt.Errorf("%w; not sent to it and the %d clients behind it", err, more)
			}
			return all, err
		case failed == nil:
			failed = fmt.Errorf("client %d: %w", c.number, err)
		default:
			others++
		}
	}
	if others > 0 {
		failed = fmt.Errorf("%w; not sent to it and %d others", failed, others)
	}
	return all, failed
}

// Disconnect ends the connections of the clients of those numbers, with nil of all, in order, and returns
// how many at once: what is queued is sent, as long as the client goes on taking it, then the FIN; see
// [TCPSession] for how long that may take.
func (s *ServerSession) Disconnect(to []int64) int {
	return count(s.chosen(to), func(c *serverClient) bool { return c.stream.disconnect() == nil })
}

// Reset ends the connections of the clients of those numbers, with nil of all, with an RST and returns
// how many at once; what is queued is dropped, and counted.
func (s *ServerSession) Reset(to []int64) int {
	return count(s.chosen(to), func(c *serverClient) bool { return c.stream.stopNow(stopReset, "reset by us (RST)") })
}

// CloseWrite sends the clients of those numbers, with nil all, a FIN once everything queued has been sent,
// and goes on receiving from them. It returns to how many.
func (s *ServerSession) CloseWrite(to []int64) int {
	return count(s.chosen(to), func(c *serverClient) bool { return c.stream.closeWrite() == nil })
}

func count(clients []*serverClient, f func(*serverClient) bool) (n int) {
	for _, c := range clients {
		if f(c) {
			n++
		}
	}
	return n
}

// errNoClient is why nothing can be sent.
var errNoClient = errors.New("no client is connected")
