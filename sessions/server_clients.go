package sessions

import (
	"cmp"
	"slices"
)

// clientRing holds the clients that are connected in the order of their numbers. It is guarded by
// ServerSession.mu.
type clientRing struct {
	n        int
	byNumber map[int64]*serverClient
	head     serverClient // head.newer is the oldest client, head.older the newest
}

func (r *clientRing) init() {
	r.byNumber = make(map[int64]*serverClient)
	r.head.older, r.head.newer = &r.head, &r.head
}

// add makes c, whose number is the highest ever, the newest.
func (r *clientRing) add(c *serverClient) {
	c.older, c.newer = r.head.older, &r.head
	c.older.newer, c.newer.older = c, c
	r.byNumber[c.number] = c
	r.n++
}

func (r *clientRing) remove(c *serverClient) {
	c.older.newer, c.newer.older = c.newer, c.older
	c.older, c.newer = nil, nil
	delete(r.byNumber, c.number)
	if r.n--; r.n == 0 {
		r.byNumber = make(map[int64]*serverClient) // a map keeps the room it once needed
	}
}

// each calls f for every client, the oldest first.
func (r *clientRing) each(f func(*serverClient)) {
	for c := r.head.newer; c != &r.head; c = c.newer {
		f(c)
	}
}

// all returns every client, the oldest first.
func (r *clientRing) all() []*serverClient {
	all := make([]*serverClient, 0, r.n)
	r.each(func(c *serverClient) { all = append(all, c) })
	return all
}

// chosen returns the clients of those numbers that are connected, all of them for nil.
func (s *ServerSession) chosen(numbers []int64) []*serverClient {
	s.mu.Lock()
	defer s.mu.Unlock()
	if numbers == nil {
		return s.clients.all()
	}
	some := make([]*serverClient, 0, len(numbers))
	for _, n := range numbers {
		if c := s.clients.byNumber[n]; c != nil {
			some = append(some, c)
		}
	}
	return some
}

// keptEnded is how many clients that are gone are listed.
const keptEnded = 1000

// endedClients are the newest clients that are gone. It is guarded by ServerSession.mu.
type endedClients struct {
	list []ClientInfo // a ring once it is full, in the order in which they went
	next int          // the oldest place of the ring
	ever int64

	order   []int // the places of list by number, as of when ordered was ever
	ordered int64
}

func (e *endedClients) add(i ClientInfo) {
	e.ever++
	if len(e.list) < keptEnded {
		e.list = append(e.list, i)
		return
	}
	e.list[e.next] = i
	e.next = (e.next + 1) % keptEnded
}

// byNumber returns the places of list in the order of the clients' numbers, valid until the next add.
func (e *endedClients) byNumber() []int {
	if e.ordered != e.ever {
		e.ordered, e.order = e.ever, e.order[:0]
		for at := range e.list {
			e.order = append(e.order, at)
		}
		slices.SortFunc(e.order, func(a, b int) int { return cmp.Compare(e.list[a].Number, e.list[b].Number) })
	}
	return e.order
}
