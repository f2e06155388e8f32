package sessions

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"wirebench/sessions/capture"
)

// RepeatConfig says how one datagram is sent again and again.
type RepeatConfig struct {
	To    netip.AddrPort
	Every time.Duration // between two, 100 µs to 24 h; 0 is as fast as the system takes them
	Count int64         // how many; 0 until stopped
}

// RepeatStats is how a repetition goes.
type RepeatStats struct {
	Sent, Failed int64
	Took         time.Duration // since the first
	Rate         float64       // datagrams a second, over all of it
	// How late datagrams went out, against the time each had from the beginning; of the last 65,536.
	JitterP50, JitterP99, JitterMax time.Duration
	Running                         bool
	Err                             error // why it ended early
}

const (
	leastEvery = 100 * time.Microsecond
	mostEvery  = 24 * time.Hour
	jitterKept = 1 << 16
	// mostFailed is how many sends may fail in a row before a repetition gives up.
	mostFailed = 1000
	// fullPause is how long a repetition waits when the system has no room for more.
	fullPause = 200 * time.Microsecond
)

// Repeater sends one datagram again and again. All methods may be called from any goroutine.
type Repeater struct {
	s      *udpSocket
	c      RepeatConfig
	p      []byte
	ctx    context.Context
	cancel context.CancelFunc
	done   chan struct{}

	mu     sync.Mutex
	stats  RepeatStats
	began  time.Time
	late   []time.Duration // a ring once it is full
	lateAt int
}

// Repeat sends copies of p until it is stopped or has sent enough. It keeps to the times that follow from
// its beginning, so that one that goes out late does not make the next late too.
func (u *UDPSession) Repeat(c RepeatConfig, p []byte) (*Repeater, error) {
	s, err := u.socket("repeat")
	if err != nil {
		return nil, err
	}
	switch {
	case c.Every != 0 && (c.Every < leastEvery || c.Every > mostEvery):
		return nil, &ConfigError{Field: "Every", Value: c.Every.String(), Problem: fmt.Sprintf("every %v is out of range: write 100µs to 24h, or 0 for as fast as possible", c.Every)}
	case c.Count < 0:
		return nil, &ConfigError{Field: "Count", Value: fmt.Sprint(c.Count), Problem: "write how often, or 0 for until it is stopped"}
	case !c.To.IsValid():
		return nil, fmt.Errorf("repeat: %w", ErrNoTarget)
	}
	if err := checkDatagram("repeat", c.To, len(p)); err != nil {
		return nil, err
	}
	r := &Repeater{s: s, c: c, p: append([]byte(nil), p...), done: make(chan struct{}), stats: RepeatStats{Running: true}}
	r.ctx, r.cancel = context.WithCancel(s.ctx)
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.gone {
		r.cancel()
		return nil, fmt.Errorf("repeat: %w", ErrClosed)
	}
	u.wg.Add(1) // the socket's goroutine is there, so Close still waits
	go r.run()
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
	if t.Took > 0 {
		t.Rate = float64(t.Sent) / t.Took.Seconds()
	}
	if n := len(r.late); n > 0 {
		sorted := slices.Clone(r.late)
		slices.Sort(sorted)
		t.JitterP50, t.JitterP99, t.JitterMax = sorted[n/2], sorted[n*99/100], sorted[n-1]
	}
	return t
}

func (r *Repeater) run() {
	defer r.s.u.wg.Done()
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
	t := time.NewTimer(0)
	defer t.Stop()
	failed := 0
	for n := int64(0); r.c.Count == 0 || n < r.c.Count; n++ {
		due := r.began.Add(time.Duration(n) * r.c.Every)
		if wait := time.Until(due); wait > 0 {
			t.Reset(wait)
			select {
			case <-t.C:
			case <-r.ctx.Done():
				return nil
			}
		} else if r.ctx.Err() != nil {
			return nil
		}
		late := time.Since(due)
		err := r.s.send(r.c.To, r.p)
		r.count(1, err, late)
		if err == nil {
			failed = 0
		} else if failed++; failed >= mostFailed {
			return err
		}
	}
	return nil
}

// count counts datagrams that were sent, or one that was not.
func (r *Repeater) count(n int, err error, late time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.stats.Failed++
		return
	}
	r.stats.Sent += int64(n)
	if late < 0 {
		return
	}
	if len(r.late) < jitterKept {
		r.late = append(r.late, late)
	} else {
		r.late[r.lateAt] = late
		r.lateAt = (r.lateAt + 1) % jitterKept
	}
}

// flatOut sends as many at once as the system takes.
func (r *Repeater) flatOut() error {
	s, u := r.s, r.s.u
	op := "send to " + r.c.To.String()
	v, err := newVolley(s.conn, s.v6, r.c.To, r.p)
	if err != nil {
		return because(op, err)
	}
	flow := capture.Flow{Proto: capture.UDP, Local: s.localFor(r.c.To), Remote: r.c.To}
	list := make([]capture.Datagram, batchDatagrams)
	for i := range list {
		list[i] = capture.Datagram{Flow: flow, Payload: r.p}
	}
	failed := 0
	for left := r.c.Count; (r.c.Count == 0 || left > 0) && r.ctx.Err() == nil; {
		want := batchDatagrams
		if r.c.Count > 0 {
			want = int(min(left, batchDatagrams))
		}
		u.rec.Lock()
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
			r.count(n, nil, -1)
			failed = 0
		} else {
			u.rec.Unlock()
		}
		switch {
		case full:
			select {
			case <-time.After(fullPause):
			case <-r.ctx.Done():
			}
		case err == nil:
		case errors.Is(err, net.ErrClosed):
			return nil
		default:
			s.takeErrors()
			if !icmp(err) {
				r.count(0, err, -1)
			}
			if failed++; failed >= mostFailed {
				return because(op, err)
			}
		}
	}
	return nil
}
