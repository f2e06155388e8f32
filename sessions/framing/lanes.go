package framing

import (
	"cmp"
	"net/netip"
	"slices"

	"wirebench/sessions/capture"
)

// maxLanes bounds how many directions of connections are followed at once: twice as many as a capture's clients are
// likely to be. Beyond it all are begun anew, and the frames they were in are over.
const maxLanes = 1 << 17

// laneKey tells lanes apart.
type laneKey struct {
	flow capture.Flow
	dir  capture.Direction
}

// lane is one direction of one TCP connection, in the middle of which there may be a frame.
type lane struct {
	key   *laneKey
	seq   uint32 // of the byte that comes next
	state state
	peer  bool // its peer's address has what is looked for; not known behind a checkpoint

	// In the queue of those in the middle of a frame.
	queued     bool
	prev, next *lane
}

// lanes cuts the records of a capture into frames, all connections at once. A frame is told when it has ended, so that
// their order is that of their last bytes. What becomes of a record depends on the lanes as they are before it, and on
// nothing else: [checkpoint] keeps them, and cutting can begin again from there.
type lanes struct {
	rules [2]*rule // by direction
	want  *wanted
	peers map[netip.AddrPort]bool // whether a peer's address has what is looked for
	most  int                     // lanes at once
	byKey map[laneKey]*lane
	last  [2]*lane // by direction, that of the record before, or nil
	begun [2]queue // by direction, all in the middle of a frame

	frames int64 // listed so far, and with them events
	events int64
	counts [2]int64 // frames ended, listed or not
	broken int64
	// ended is told of every frame, by its state, before that is reset, and of listed events; number is 0 for what is not
	// listed. nil for none.
	ended func(k *laneKey, s *state, r *rule, as State, number int64)
}

func newLanes(rules [2]*rule, want *wanted) *lanes {
	return &lanes{rules: rules, want: want, most: maxLanes, byKey: make(map[laneKey]*lane)}
}

// take goes on with one record. An event stands behind the frames that end with it.
func (t *lanes) take(s *capture.Scanner) {
	t.record(s)
	t.event(s)
}

func (t *lanes) record(s *capture.Scanner) {
	if !s.SameFlow() {
		t.last[s.Dir] = nil
	}
	t.silence(s.Stamp)
	if s.Kind == capture.Note || s.Proto == 0 {
		return
	}
	if s.Proto == capture.UDP {
		if s.Kind == capture.Data {
			t.alone(s)
		}
		return
	}
	if s.Kind == capture.Reset {
		k := laneKey{s.Flow(), capture.In}
		in := t.byKey[k]
		k.dir = capture.Out
		out := t.byKey[k]
		if in != nil && out != nil && in.state.time > out.state.time {
			in, out = out, in
		}
		t.close(in)
		t.close(out)
		return
	}
	if r := t.rules[s.Dir]; s.Opens && r.Kind != Raw {
		l := t.lane(s)
		t.cut(l, r.atEnd())
		if l.seq = s.Seq; s.Kind == capture.Open {
			l.seq++
		}
	}
	if s.Kind == capture.Data && len(s.Payload) > 0 {
		t.data(s)
	}
	if s.Ends {
		l := t.last[s.Dir]
		if l == nil {
			l = t.byKey[laneKey{s.Flow(), s.Dir}]
		}
		t.close(l)
	}
}

// data cuts the payload of a record.
func (t *lanes) data(s *capture.Scanner) {
	r := t.rules[s.Dir]
	if r.Kind == Raw {
		t.alone(s)
		return
	}
	known := len(t.byKey)
	l := t.lane(s)
	switch {
	case len(t.byKey) != known:
		l.state.torn = true // the connection is older than the capture, or than what is kept of it
	case l.seq != s.Seq:
		t.cut(l, Incomplete)
		l.state.torn = true
	}
	l.seq = s.Seq + uint32(len(s.Payload)) // not WireLen: what the capture does not hold is missing
	w := place{s.Number, 0, s.Offset, s.Stamp}
	for p := s.Payload; len(p) > 0; {
		n, done := l.state.next(r, p, w)
		if m := t.want.bytes; m != nil && !l.state.found {
			l.state.seen, l.state.found = m.feed(l.state.seen, p[:n])
		}
		if done {
			t.end(l.key, &l.state, r, Complete)
		}
		p = p[n:]
		w.at += n
		w.offset += int64(n)
	}
	if t.unqueue(l); l.state.n > 0 {
		t.begun[s.Dir].push(l)
	}
}

// alone makes a frame of the record.
func (t *lanes) alone(s *capture.Scanner) {
	n := int64(len(s.Payload))
	st := state{
		n: n, first: s.Number, last: s.Number, end: int32(n), offset: s.Offset, began: s.Stamp, time: s.Stamp,
	}
	if t.ended == nil && t.want.bytes == nil {
		t.count(s.Dir, Complete)
		if t.want.way(s.Dir) {
			t.frames++
		}
		return // the flow takes longer than all else
	}
	k := &laneKey{s.Flow(), s.Dir}
	if m := t.want.bytes; m != nil {
		_, st.found = m.feed(0, s.Payload)
	}
	t.end(k, &st, rawRule, Complete)
}

var rawRule = &rule{}

// lane returns the lane of the record, a new one if there was none.
func (t *lanes) lane(s *capture.Scanner) *lane {
	if l := t.last[s.Dir]; l != nil {
		return l
	}
	k := laneKey{s.Flow(), s.Dir}
	l := t.byKey[k]
	if l == nil {
		if len(t.byKey) >= t.most {
			t.forget()
		}
		l = &lane{key: &k, peer: t.want.peers != nil && t.peer(k.flow.Remote)}
		t.byKey[k] = l
	}
	t.last[s.Dir] = l
	return l
}

// end counts a frame, tells of it, and makes its state ready for the next.
func (t *lanes) end(k *laneKey, s *state, r *rule, as State) {
	if s.bad != Complete {
		t.count(k.dir, s.bad)
	} else {
		t.count(k.dir, as)
	}
	t.tell(k, s, r, as)
	s.reset()
}

// tell tells of what has ended, with its number if it is listed.
func (t *lanes) tell(k *laneKey, s *state, r *rule, as State) {
	number := int64(0)
	if t.lists(k, s) {
		t.frames++
		number = t.frames
	}
	if t.ended != nil {
		t.ended(k, s, r, as, number)
	}
}

func (t *lanes) count(d capture.Direction, as State) {
	if t.counts[d]++; as != Complete {
		t.broken++
	}
}

// cut ends the frame that l is in, if any.
func (t *lanes) cut(l *lane, as State) {
	if l.state.n > 0 {
		t.end(l.key, &l.state, t.rules[l.key.dir], as)
	}
	t.unqueue(l)
}

// close ends the lane, which may be nil.
func (t *lanes) close(l *lane) {
	if l == nil {
		return
	}
	t.cut(l, t.rules[l.key.dir].atEnd())
	delete(t.byKey, *l.key)
	if t.last[l.key.dir] == l {
		t.last[l.key.dir] = nil
	}
}

// forget ends all lanes.
func (t *lanes) forget() {
	open := make([]*lane, 0, len(t.byKey))
	for _, l := range t.byKey {
		open = append(open, l)
	}
	slices.SortFunc(open, func(a, b *lane) int { return compareStates(&a.state, &b.state) })
	for _, l := range open {
		t.cut(l, Incomplete)
	}
	clear(t.byKey)
	t.last = [2]*lane{}
}

// compareStates orders frames by their last bytes: no two end with the same.
func compareStates(a, b *state) int {
	return cmp.Or(cmp.Compare(a.last, b.last), cmp.Compare(a.end, b.end))
}

// silence ends the frames that are over by that time because nothing came, in the order in which they were.
func (t *lanes) silence(stamp int64) {
	for {
		var first *lane
		var due int64
		for d, r := range t.rules {
			l := t.begun[d].front
			if l == nil || r.Kind != Gap || !l.state.silent(r, stamp) {
				continue
			}
			if at := l.state.time + int64(r.Gap); first == nil || at < due {
				first, due = l, at
			}
		}
		if first == nil {
			return
		}
		t.cut(first, Complete)
	}
}

func (t *lanes) unqueue(l *lane) {
	if l.queued {
		t.begun[l.key.dir].remove(l)
	}
}

// open is how many lanes are in the middle of a frame.
func (t *lanes) open() int { return t.begun[0].n + t.begun[1].n }

// newest goes through the lanes in the middle of a frame, from the one that grew last on.
func (t *lanes) newest(yield func(*lane) bool) {
	a, b := t.begun[0].back, t.begun[1].back
	for a != nil || b != nil {
		of := &a
		if a == nil || b != nil && compareStates(&a.state, &b.state) < 0 {
			of = &b
		}
		l := *of
		*of = l.prev
		if !yield(l) {
			return
		}
	}
}

// queue has lanes in the order of their last bytes.
type queue struct {
	front, back *lane
	n           int
}

func (q *queue) push(l *lane) {
	l.queued, l.prev, l.next = true, q.back, nil
	if q.back == nil {
		q.front = l
	} else {
		q.back.next = l
	}
	q.back = l
	q.n++
}

func (q *queue) remove(l *lane) {
	if l.prev == nil {
		q.front = l.next
	} else {
		l.prev.next = l.next
	}
	if l.next == nil {
		q.back = l.prev
	} else {
		l.next.prev = l.prev
	}
	l.queued, l.prev, l.next = false, nil, nil
	q.n--
}

// abandon forgets all lanes without a word of the frames they were in.
func (t *lanes) abandon() {
	clear(t.byKey)
	t.last, t.begun = [2]*lane{}, [2]queue{}
}
