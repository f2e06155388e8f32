package capture

const (
	// maxFlows bounds how many TCP connections a log remembers the sequence numbers of. The one that was silent
	// longest is forgotten first; it goes on as if it had been joined in the middle.
	maxFlows = 1 << 16
	// keptClosed is how many ended connections are remembered, for the notes that come after the end.
	keptClosed = 256
)

// flowState is one TCP connection of a live log.
type flowState struct {
	key         Flow
	ends        ends
	start       [2]uint32 // first sequence number, by Direction
	next        [2]uint32 // next sequence number, by Direction
	syn, fin    [2]bool
	rst         bool
	newer, past *flowState // in the list by last use
}

// over reports whether nothing more is to be expected.
func (s *flowState) over() bool { return s.rst || s.fin[In] && s.fin[Out] }

// flowTable holds the connections of a live log, bounded. Its zero value is ready.
type flowTable struct {
	byKey  map[Flow]*flowState
	recent flowState // head of the ring by last use: recent.past is the newest, recent.newer the oldest
	closed [keptClosed]*flowState
	nth    int // into closed
}

// get returns the state of f, made with first as its first sequence number if there is none.
func (t *flowTable) get(f Flow, first uint32) *flowState {
	if s := t.recent.past; s != nil && s.key == f {
		return s
	}
	if t.byKey == nil {
		t.byKey = make(map[Flow]*flowState)
		t.recent.newer, t.recent.past = &t.recent, &t.recent
	}
	s := t.byKey[f]
	if s == nil {
		s = &flowState{key: f, ends: endsOf(f), start: [2]uint32{first, first}, next: [2]uint32{first, first}}
		t.add(s)
		return s
	}
	t.unlink(s)
	t.link(s)
	return s
}

// add makes s the newest connection, in place of the one of the same key, if any.
func (t *flowTable) add(s *flowState) {
	if old := t.byKey[s.key]; old != nil {
		t.unlink(old)
	} else if len(t.byKey) >= maxFlows {
		t.drop(t.recent.newer)
	}
	t.byKey[s.key] = s
	t.link(s)
}

func (t *flowTable) link(s *flowState) {
	s.newer, s.past = &t.recent, t.recent.past
	s.past.newer, s.newer.past = s, s
}

func (t *flowTable) unlink(s *flowState) {
	s.newer.past, s.past.newer = s.past, s.newer
}

func (t *flowTable) drop(s *flowState) {
	t.unlink(s)
	delete(t.byKey, s.key)
}

// advance fills in the sequence number, acknowledgement and flags of p, the next packet of connection f, and moves the
// connection on. first is the sequence number a connection begins with that is new: one that no earlier connection of
// the log began with, so that a reader does not take a port used again for the connection before.
func (t *flowTable) advance(f Flow, p *packet, first uint32) {
	s := t.get(f, first)
	d, other := p.dir, 1-p.dir
	if p.kind == Open && (s.syn[d] || s.next[d] != s.start[d] || s.over()) {
		s = &flowState{key: f, ends: s.ends, start: [2]uint32{first, first}, next: [2]uint32{first, first}}
		t.add(s)
	}
	p.ends = &s.ends
	p.seq, p.ack, p.flags = s.next[d], s.next[other], tcpACK
	switch p.kind {
	case Data:
		p.flags |= tcpPSH
		s.next[d] += uint32(len(p.payload))
	case Open:
		p.flags |= tcpSYN
		if !s.syn[other] {
			p.flags, p.ack = tcpSYN, 0
		}
		s.syn[d] = true
		s.next[d]++
	case Close:
		p.flags |= tcpFIN
		if !s.fin[d] {
			s.next[d]++
		}
		s.fin[d] = true
		t.ended(s)
	case Reset:
		p.flags |= tcpRST
		s.rst = true
		t.ended(s)
	}
}

// ended remembers s among the last keptClosed ended connections, if it has ended, and forgets the one before those.
func (t *flowTable) ended(s *flowState) {
	if !s.over() {
		return
	}
	for _, c := range t.closed {
		if c == s {
			return
		}
	}
	if old := t.closed[t.nth]; old != nil && t.byKey[old.key] == old {
		t.drop(old)
	}
	t.closed[t.nth] = s
	t.nth = (t.nth + 1) % keptClosed
}
