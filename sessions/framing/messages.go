package framing

import (
	"time"
)

// Messages puts payloads together from what comes in reads: one direction of one connection, cut as a [Cutter] cuts.
// It is what a `data` event a message is made of. It never holds more than one frame of at most [Framing.Max] bytes,
// and that only while the frame goes on in a further read. Of many of them the memory can be bounded: see [Messages.Share].
//
// Where a length cannot be believed (see [Oversize] and [Malformed]), what has come of that frame is handed on at once,
// and every read from there on by itself in the same state: nothing waits for an end that never comes, and no byte is
// kept back. All bytes of such a frame are handed on, those of its length too.
//
// A Messages is for one goroutine at a time.
type Messages struct {
	cutter *Cutter
	buf    []byte // of the frame that goes on, at most Max bytes of it
	lost   State  // of what follows a length that cannot be believed, or else Complete
	until  int64  // the length that could not be believed
	whole  bool
	budget *Budget // nil: none
	parts  int32   // in which the frame that goes on was handed on so far, as there was no memory for it
}

// keptBuffer is the most bytes of memory that a Messages keeps between two frames.
const keptBuffer = 256 << 10

// NewMessages returns a Messages, or what is wrong with the framing.
func NewMessages(f Framing) (*Messages, error) {
	c, err := NewCutter(f)
	if err != nil {
		return nil, err
	}
	return &Messages{cutter: c}, nil
}

// Whole makes message be handed all bytes of a frame from now on, those of its length and its delimiter too: see
// [Frame.Payload].
func (m *Messages) Whole() { m.whole = true }

// Feed takes the bytes of a read, and calls message for every frame that has ended with them, with its payload. That is
// good until message returns. Of an Oversize frame that a delimiter ends it is the beginning, up to Max bytes.
func (m *Messages) Feed(p []byte, number int64, at time.Time, message func(f Frame, payload []byte)) {
	c := m.cutter
	c.Feed(p, number, at)
	for len(p) > 0 {
		if m.lost != Complete {
			m.rest(p, message)
			return
		}
		f, n, ok := c.Next()
		m.part(p[:n], ok, f, message)
		p = p[n:]
	}
}

// part takes bytes of a frame, which has ended with them or not.
func (m *Messages) part(p []byte, ok bool, f Frame, message func(f Frame, payload []byte)) {
	all := p
	broken := !ok && (f.State == Oversize || f.State == Malformed) && m.cutter.rule.counts()
	held := m.parts == 0
	if held && (!ok || len(m.buf) > 0) {
		room := max(m.cutter.rule.most-int64(len(m.buf)), 0)
		held = m.hold(p[:min(int64(len(p)), room)])
		all = m.buf
	}
	if !held {
		if m.apart(f, p, message); broken {
			m.lost, m.until = f.State, f.Declared
		}
		if ok || broken {
			m.parts = 0
		}
		return
	}
	if !ok && !broken {
		return
	}
	from, to := f.Payload()
	if m.whole {
		from, to = 0, f.Len
	}
	if f.State == Oversize {
		to = min(to, m.cutter.rule.most)
	}
	if broken {
		m.lost, m.until = f.State, f.Declared
		from, to = 0, f.Len
		if int64(len(all)) < f.Len { // a read of more than Max bytes
			all = append(m.buf, p[int64(len(p))-(f.Len-int64(len(all))):]...)
		}
	}
	message(f, all[min(from, int64(len(all))):min(to, int64(len(all)))])
	m.clear()
}

// clear makes ready for the next frame.
func (m *Messages) clear() {
	if m.budget != nil {
		m.budget.give(int64(cap(m.buf)))
		m.buf = nil
	}
	if m.buf = m.buf[:0]; cap(m.buf) > keptBuffer {
		m.buf = nil
	}
}

// rest hands on what follows a length that cannot be believed.
func (m *Messages) rest(p []byte, message func(f Frame, payload []byte)) {
	w := &m.cutter.where
	at := time.Unix(0, w.stamp)
	f := Frame{
		First: w.number, Last: w.number, Start: w.at, End: w.at + len(p), Offset: w.offset, Began: at, Time: at,
		Len: int64(len(p)), Declared: m.until, State: m.lost,
	}
	m.cutter.p = nil
	w.at += len(p)
	w.offset += int64(len(p))
	message(f, p)
}

// Growing returns the frame that has begun and not ended; its Len is 0 when there is none.
func (m *Messages) Growing() Frame {
	if m.lost != Complete {
		return Frame{Declared: -1, State: Growing}
	}
	return m.cutter.Growing()
}

// Deadline returns when the frame that has begun is over if nothing comes. ok is false when there is none, and when
// silence ends no frames.
func (m *Messages) Deadline() (at time.Time, ok bool) { return m.cutter.Deadline() }

// Idle calls message for the frame that silence has ended by now, if there is one.
func (m *Messages) Idle(now time.Time, message func(f Frame, payload []byte)) {
	if f, ok := m.cutter.Idle(now); ok {
		m.part(nil, true, f, message)
	}
}

// End says that no more will come, and calls message for the frame that had begun, if there is one, with the payload
// that there is. Messages can go on with another connection after it.
func (m *Messages) End(message func(f Frame, payload []byte)) {
	f, ok := m.cutter.End()
	if ok && m.lost == Complete {
		m.part(nil, true, f, message)
	}
	m.lost, m.parts = Complete, 0
	m.clear()
}
