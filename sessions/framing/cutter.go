package framing

import (
	"math"
	"time"
)

// Cutter cuts bytes in a row into frames as they come: one direction of one connection. It remembers where a frame
// began and how far it has come, and none of its bytes: what it takes in memory does not depend on what comes.
//
//	c.Feed(p, record, at)
//	for {
//		f, n, ok := c.Next()
//		... the next n bytes of p are part of frame f, which is whole if ok ...
//		if !ok {
//			break
//		}
//	}
//
// A Cutter is for one goroutine at a time.
type Cutter struct {
	rule  *rule
	state state
	p     []byte // what was fed and not taken
	where place
}

// NewCutter returns a Cutter, or what is wrong with the framing.
func NewCutter(f Framing) (*Cutter, error) {
	r, err := newRule(f)
	if err != nil {
		return nil, err
	}
	return &Cutter{rule: r}, nil
}

// Feed is followed by the bytes of the next read: p, which the Cutter looks at until Next returned false, and does not
// change. number is what First and Last of the frames are to say, such as the number of the read's record. What Next was
// not asked for of the read before is passed over.
func (c *Cutter) Feed(p []byte, number int64, at time.Time) {
	c.where.offset += int64(len(c.p))
	c.p = p
	c.where.number, c.where.at, c.where.stamp = number, 0, stampOf(at)
}

// Next goes on through what was fed. Its next n bytes are part of f; ok says that f has ended. Otherwise all is taken,
// and f is the frame that goes on in the next read, in the state Growing or worse; its Len is 0 when there is none.
// A frame that a silence ended is told without further bytes of it.
func (c *Cutter) Next() (f Frame, n int, ok bool) {
	if len(c.p) == 0 {
		return c.Growing(), 0, false
	}
	n, ok = c.state.next(c.rule, c.p, c.where)
	c.p = c.p[n:]
	c.where.at += n
	c.where.offset += int64(n)
	if !ok {
		return c.Growing(), n, false
	}
	f = c.state.frame(c.rule, Complete)
	c.state.reset()
	return f, n, true
}

// Growing returns the frame that has begun and not ended. Its Len is 0 when there is none.
func (c *Cutter) Growing() Frame {
	if c.state.n == 0 {
		return Frame{Offset: c.where.offset, Declared: -1, State: Growing}
	}
	return c.state.frame(c.rule, Growing)
}

// Idle ends the frame of kind [Gap] if by now the silence is long enough. ok is false if it is not, and for all other
// kinds.
func (c *Cutter) Idle(now time.Time) (f Frame, ok bool) {
	if c.rule.Kind != Gap || c.state.n == 0 || !c.state.silent(c.rule, stampOf(now)) {
		return Frame{}, false
	}
	return c.take(), true
}

// Deadline returns when the frame that has begun is over if nothing comes: from then on Idle ends it. ok is false when
// there is none, and when silence ends no frames.
func (c *Cutter) Deadline() (at time.Time, ok bool) {
	if c.rule.Kind != Gap || c.state.n == 0 {
		return time.Time{}, false
	}
	return time.Unix(0, c.state.time).Add(c.rule.Gap), true
}

// End says that no more will come, or that bytes are missing before what comes next. It returns the frame that had
// begun, Incomplete unless silence is what ends frames; ok is false when there is none.
func (c *Cutter) End() (f Frame, ok bool) {
	c.where.offset += int64(len(c.p))
	c.p = nil
	if c.state.n == 0 {
		c.state.reset()
		return Frame{}, false
	}
	return c.take(), true
}

// take returns the frame that has begun as it is, and makes ready for the next.
func (c *Cutter) take() Frame {
	f := c.state.frame(c.rule, c.rule.atEnd())
	c.state.reset()
	return f
}

// atEnd is the state of a frame that the end of the stream ends.
func (r *rule) atEnd() State {
	if r.Kind == Gap {
		return Complete
	}
	return Incomplete
}

// stampOf returns t in nanoseconds since 1970, or the nearest there is.
func stampOf(t time.Time) int64 {
	switch {
	case t.Before(time.Unix(0, math.MinInt64)):
		return math.MinInt64
	case t.After(time.Unix(0, math.MaxInt64)):
		return math.MaxInt64
	}
	return t.UnixNano()
}
