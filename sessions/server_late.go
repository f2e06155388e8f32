package sessions

import (
	"slices"
	"time"
)

// lateReplies are the replies of one client that wait for their time, the next one first. There is one
// timer, so that replies due together keep their order. It is guarded by serverClient.mu.
type lateReplies struct {
	list    []lateReply
	timer   *time.Timer // armed for list[0]; nil while the list is empty or its replies are being sent
	sending bool        // sendLate is at work, and arms the timer when it is done
}

type lateReply struct {
	due time.Time
	p   []byte // nil: the greeting
}

func (r lateReply) cost() int64 { return int64(len(r.p)) + itemCost }

// later sends p after d, or does with it what the policy says; with nil it greets.
func (c *serverClient) later(d time.Duration, p []byte) {
	r := lateReply{time.Now().Add(d), p}
	s, live := c.stream, c.server.live.Load()
	s.mu.Lock()
	if live.whenFull != FullWait && !s.fits(len(p), s.outbox.late, live.maxQueue) {
		c.overflow(live, len(p))
		return
	}
	s.outbox.late += r.cost()
	s.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	l := &c.late
	i, _ := slices.BinarySearchFunc(l.list, r, func(a, b lateReply) int {
		if a.due.After(b.due) {
			return 1
		}
		return -1 // behind all that are due at the same time
	})
	l.list = slices.Insert(l.list, i, r)
	if i == 0 && !l.sending && (l.timer == nil || l.timer.Stop()) {
		c.arm(l.timer != nil)
	}
}

// arm sets the timer for the first reply. counted says that the timer it takes the place of was counted.
// The caller holds mu.
func (c *serverClient) arm(counted bool) {
	if !counted {
		c.server.wg.Add(1) // while the client is there, so never too late
	}
	c.late.timer = time.AfterFunc(time.Until(c.late.list[0].due), c.sendLate)
}

// sendLate sends the replies whose time has come.
func (c *serverClient) sendLate() {
	defer c.server.wg.Done()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.late.timer, c.late.sending = nil, true
	defer func() { c.late.sending = false }()
	for len(c.late.list) > 0 && !c.over && !c.late.list[0].due.After(time.Now()) {
		r := c.late.list[0]
		c.late.list[0] = lateReply{}
		c.late.list = c.late.list[1:]
		c.mu.Unlock()
		s := c.stream
		s.mu.Lock()
		s.outbox.late -= r.cost()
		s.room.Broadcast()
		s.mu.Unlock()
		if r.p == nil {
			c.greet()
		} else {
			c.reply(r.p)
		}
		c.mu.Lock()
	}
	if len(c.late.list) == 0 {
		c.late.list = nil
	} else if !c.over {
		c.arm(false)
	}
}

// endLate drops the replies whose time has not come, and counts them. The stream has ended.
func (c *serverClient) endLate() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
	l := &c.late
	for _, r := range l.list {
		if r.p != nil {
			c.drop(len(r.p))
		}
	}
	if l.timer != nil && l.timer.Stop() {
		c.server.wg.Done()
	}
	l.list, l.timer = nil, nil
}
