package sessions

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"wirebench/sessions/capture"
)

// RepeatConfig says how one datagram is sent again and again.
type RepeatConfig struct {
	To    netip.AddrPort
	Every time.Duration // between two, 100 µs to 24 h; 0 is as fast as the system takes them
	Count int64         // how many, those that fail included; 0 until stopped
}

// RepeatStats is how a repetition goes.
type RepeatStats struct {
	Sent, Failed int64         // Failed were not sent
	Took         time.Duration // since the first
	Rate         float64       // datagrams a second, from the first to the last
	// How late datagrams were out, against the time each had from the beginning. The first two may be 3 %
	// more than they were. Zero where they go out as fast as possible.
	JitterP50, JitterP99, JitterMax time.Duration
	Running                         bool
	Err                             error // why it ended early
}

const (
	leastEvery = 100 * time.Microsecond
	mostEvery  = 24 * time.Hour
	// mostFailed is how many sends may fail in a row before a repetition gives up.
	mostFailed = 1000
	// fullPause is how long a repetition waits when the system has no room for more.
	fullPause = 200 * time.Microsecond
)

// Check returns a [*ConfigError] that names Every or Count if it cannot work, or nil.
func (c RepeatConfig) Check() error {
	switch {
	case c.Every != 0 && (c.Every < leastEvery || c.Every > mostEvery):
		return &ConfigError{Field: "Every", Value: c.Every.String(), Problem: fmt.Sprintf("every %v is out of range: write 100µs to 24h, or 0 for as fast as possible", c.Every)}
	case c.Count < 0:
		return &ConfigError{Field: "Count", Value: fmt.Sprint(c.Count), Problem: "write how often, or 0 for until it is stopped"}
	}
	return nil
}

// Repeater sends one datagram again and again. All methods may be called from any goroutine.
type Repeater struct {
	s      *udpSocket
	c      RepeatConfig
	p      []byte
	ctx    context.Context
	cancel context.CancelFunc
	done   chan struct{}

	mu    sync.Mutex
	stats RepeatStats
	began time.Time
	last  time.Time // when the last one was out
	late  jitter
}

// Repeat sends copies of p until it is stopped or has sent enough. It keeps to the times that follow from
// its beginning, so that one that goes out late does not make the next late too.
func (u *UDPSession) Repeat(c RepeatConfig, p []byte) (*Repeater, error) {
	s, err := u.socket("repeat")
	if err != nil {
		return nil, err
	}
	if err := c.Check(); err != nil {
		return nil, err
	}
	if c.To, err = s.aim("repeat", c.To, len(p)); err != nil {
		return nil, err
	}
	r := &Repeater{s: s, c: c, p: append([]byte(nil), p...), done: make(chan struct{}), stats: RepeatStats{Running: true}}
	r.ctx, r.cancel = context.WithCancel(s.ctx)
	u.mu.Lock()
	defer u.mu.Unlock()
	if s.ending {
		r.cancel()
		return nil, fmt.Errorf("repeat: %w any more", ErrNotOpen)
	}
	s.repeats.Go(r.run) // the socket ends after it
	return r, nil
}

// Stop ends it; what has been sent stays sent.
func (r *Repeater) Stop() { r.cancel() }

// Done is closed when it has ended.
func (r *Repeater) Done() <-chan struct{} { return r.done }

// Stats says how it goes.
func (r *Repeater) Stats() RepeatStats {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.stats
	if t.Running && !r.began.IsZero() {
		t.Took = time.Since(r.began)
	}
	if over := r.last.Sub(r.began).Seconds(); over > 0 {
		n := t.Sent
		if r.c.Every > 0 {
			n-- // there is a pause less than there are datagrams
		}
		t.Rate = float64(n) / over
	}
	t.JitterP50, t.JitterP99, t.JitterMax = r.late.quantile(0.5), r.late.quantile(0.99), r.late.max
	return t
}

func (r *Repeater) run() {
	defer close(r.done)
	defer r.cancel()
	r.mu.Lock()
	r.began = time.Now()
	r.mu.Unlock()
	var err error
	if r.c.Every == 0 {
		err = r.flatOut()
	} else {
		err = r.paced()
	}
	r.mu.Lock()
	r.stats.Running, r.stats.Err, r.stats.Took = false, err, time.Since(r.began)
	r.mu.Unlock()
	r.s.u.version.Add(1)
}

// paced sends one each time.
func (r *Repeater) paced() error {
	pace := newPacer()
	defer pace.stop()
	failed := 0
	for n := int64(0); r.c.Count == 0 || n < r.c.Count; n++ {
		due := r.began.Add(time.Duration(n) * r.c.Every)
		if !pace.until(r.ctx, due) {
			return nil
		}
		err := r.s.send(r.c.To, r.p)
		now := time.Now()
		switch {
		case err == nil:
			failed = 0
			r.sent(1, now, now.Sub(due))
		case r.ctx.Err() != nil: // the socket was closed
			return nil
		default:
			r.failed()
			if failed++; failed >= mostFailed {
				return err
			}
		}
	}
	return nil
}

// sent counts datagrams that are out, and how late they were where they have a time.
func (r *Repeater) sent(n int, now time.Time, late time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stats.Sent += int64(n)
	r.last = now
	if r.c.Every > 0 {
		r.late.add(late)
	}
}

// failed counts a datagram that was not sent.
func (r *Repeater) failed() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stats.Failed++
}

// flatOut sends as many at once as the system takes.
func (r *Repeater) flatOut() error {
	s, u := r.s, r.s.u
	op := "send to " + r.c.To.String()
	v, err := newVolley(s.conn, s.v6, r.c.To, r.p)
	if err != nil {
		return because(op, err)
	}
	from, beside := s.leaving(r.c.To)
	v.beside(beside)
	flow := capture.Flow{Proto: capture.UDP, Local: from, Remote: r.c.To}
	list := make([]capture.Datagram, batchDatagrams)
	for i := range list {
		list[i] = capture.Datagram{Flow: flow, Payload: r.p}
	}
	failed := 0
	excused := false // an error is told of what was sent since
	for left := r.c.Count; (r.c.Count == 0 || left > 0) && r.ctx.Err() == nil; {
		if _, err := s.aim(op, r.c.To, 0); err != nil { // another was made the only one to talk to
			return err
		}
		want := batchDatagrams
		if r.c.Count > 0 {
			want = int(min(left, batchDatagrams))
		}
		u.rec.Lock()
		at := u.opts.Clock() // an answer has the system's time, and is not to come before
		for i := range list[:want] {
			list[i].Time = at
		}
		n, full, err := v.send(want)
		if n > 0 {
			s.sentAll(list[:n])
			u.obs.take()
			u.rec.Unlock()
			for range n {
				u.obs.to.Data(flow, capture.Out, r.p)
			}
			u.obs.pass()
			left -= int64(n)
			r.sent(n, time.Now(), 0)
			failed, excused = 0, false
			// Where nothing is amiss, joined ones are told apart by nobody; else each is to be told of.
			if v.join(n == want); n < want && !full {
				s.takeErrors() // the system has told of one, and sendmmsg does not pass it on
			}
		} else {
			u.rec.Unlock()
		}
		switch {
		case full, errors.Is(err, syscall.ENOBUFS):
			select {
			case <-time.After(fullPause):
			case <-r.ctx.Done():
			}
		case err == nil:
		case r.ctx.Err() != nil, errors.Is(err, net.ErrClosed):
			return nil
		case mayBeICMP(err) && (s.takeErrors() > 0 || !excused || errors.Is(err, errRefused)):
			v.join(false)
			excused = true // an earlier datagram did not arrive; this one was not tried
		default:
			err = because(op, s.unsent(r.c.To.Addr(), err))
			left--
			r.failed()
			u.sendErrors.Add(1)
			u.version.Add(1)
			if failed++; failed == 1 {
				u.note(flow, err.Error())
			} else if failed >= mostFailed {
				return err
			}
		}
	}
	return nil
}
