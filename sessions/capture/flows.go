package capture

const (
	// maxFlows bounds how many TCP connections a log remembers the sequence numbers of: as many as a server may have
	// clients, in some 200 bytes each. One that was silent for long is forgotten first; it goes on as if it had been
	// joined in the middle.
	maxFlows = 1 << 20
	// keptClosed is how many ended connections are remembered, for the notes that come after the end.
	keptClosed = 1 << 10
)

// flowState is one TCP connection of a live log. What every record needs is at the front, in one line of the cache.
type flowState struct {
	next        [2]uint32 // next sequence number, by Direction
	start       [2]uint32 // first sequence number, by Direction
	syn, fin    [2]bool
	rst         bool
	listed      bool       // among the ended ones
	used        bool       // since it was put where it stands in the ring
	newer, past *flowState // in the ring
	key         ends
}

// over reports whether nothing more is to be expected.
func (s *flowState) over() bool { return s.rst || s.fin[In] && s.fin[Out] }

// flowTable holds the connections of a live log, bounded. Its zero value is ready.
type flowTable struct {
	byKey  map[ends]*flowState
	last   *flowState   // the one that was used last
	ring   flowState    // ring.past was put there last, ring.newer is looked at first when one has to go
	closed []*flowState // the newest ended ones, at most keptClosed
	nth    int          // of closed, the oldest once there are so many
}

// get returns the state of the connection with key, nil if there is none.
func (t *flowTable) get(key *ends) *flowState {
	if s := t.last; s != nil && s.key == *key {
		return s
	}
	s := t.byKey[*key]
	if s == nil {
		return nil
	}
	// A use is only noted: to move the connection in the ring would touch two others, which with thousands of
	// connections in turn are in no cache.
	s.used = true
	t.last = s
	return s
}

// add makes a new connection that begins with the sequence number first, in place of the one of the same key, if any.
func (t *flowTable) add(key *ends, first uint32) *flowState {
	if t.byKey == nil {
		t.byKey = make(map[ends]*flowState)
		t.ring.newer, t.ring.past = &t.ring, &t.ring
	}
	if old := t.byKey[*key]; old != nil {
		old.unlink()
	} else if len(t.byKey) >= maxFlows {
		t.dropOne()
	}
	s := &flowState{key: *key, start: [2]uint32{first, first}, next: [2]uint32{first, first}}
	t.byKey[s.key] = s
	t.link(s)
	t.last = s
	return s
}

// dropOne forgets a connection: of those that were not used since they were put into the ring, or since the turn before
// this one, the first.
func (t *flowTable) dropOne() {
	for s := t.ring.newer; ; s = t.ring.newer {
		if !s.used {
			t.drop(s)
			return
		}
		s.used = false
		s.unlink()
		t.link(s)
	}
}

func (t *flowTable) link(s *flowState) {
	s.newer, s.past = &t.ring, t.ring.past
	s.past.newer, s.newer.past = s, s
}

func (s *flowState) unlink() { s.newer.past, s.past.newer = s.past, s.newer }

// drop forgets s, which is not the last used or will not be.
func (t *flowTable) drop(s *flowState) {
	s.unlink()
	delete(t.byKey, s.key)
}

// advance fills in the sequence number, acknowledgement and flags of p, the next packet of its connection, and moves
// the connection on. first is the sequence number a connection begins with that is new: one that no earlier connection of
// the log began with, so that a reader does not take a port used again for the connection before.
func (t *flowTable) advance(p *packet, first uint32) {
	s := t.get(p.ends)
	d, other := p.dir, 1-p.dir
	switch {
	case s == nil && p.kind == Note:
		// What is said after the end, and so late, begins no connection that would never end again.
		p.seq, p.ack, p.flags = first, first, tcpACK
		return
	case s == nil, p.kind == Open && (s.syn[d] || s.next[d] != s.start[d] || s.over()):
		s = t.add(p.ends, first)
	}
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
	if s.listed || !s.over() {
		return
	}
	s.listed = true
	if len(t.closed) < keptClosed {
		t.closed = append(t.closed, s)
		return
	}
	if old := t.closed[t.nth]; t.byKey[old.key] == old {
		t.drop(old)
	}
	t.closed[t.nth] = s
	t.nth = (t.nth + 1) % keptClosed
}
