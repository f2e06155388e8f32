package sessions

import (
	"sync"
	"sync/atomic"

	"wirebench/sessions/capture"
)

// maxDeferred is the most calls that may wait for the observer on behalf of Sends that could not wait
// themselves; each holds a copy of at most maxInline bytes.
const maxDeferred = 16

// keptPost is the largest copy whose memory is used again.
const keptPost = 4 << 10

// teller serialises the calls of an observer.
//
// Readers and writers wait for their turn. A Send that writes inline must not, because it may come from
// inside the very call that has the turn; it leaves its news with post, and whoever has the turn tells
// it before the turn passes on.
type teller struct {
	to   Observer
	turn sync.Mutex

	taken   atomic.Int32 // places in posts that are reserved or waiting
	waiting atomic.Int32 // of the posts
	mu      sync.Mutex
	posts   [maxDeferred]post // a ring
	first   int
}

// post is a Data call for what went out.
type post struct {
	flow capture.Flow
	p    []byte
}

// take waits for the turn. Whoever has it calls to, then pass.
func (t *teller) take() {
	t.turn.Lock()
	t.deliver()
}

// pass gives the turn on, with everything posted told.
func (t *teller) pass() {
	for {
		t.deliver()
		t.turn.Unlock()
		// Between the two lines above somebody may have posted and found the turn taken.
		if t.waiting.Load() == 0 || !t.turn.TryLock() {
			return
		}
	}
}

// tryTake takes the turn if nobody has it.
func (t *teller) tryTake() bool {
	if !t.turn.TryLock() {
		return false
	}
	t.deliver()
	return true
}

// reserve takes a place for a post; false means that there is none. Either post or release follows.
func (t *teller) reserve() bool {
	if t.taken.Add(1) > maxDeferred {
		t.taken.Add(-1)
		return false
	}
	return true
}

// release gives a reserved place back.
func (t *teller) release() { t.taken.Add(-1) }

// post leaves a call to whoever has the turn, in the place that was reserved; p is copied. A nudge must
// follow, because the turn may have become free.
func (t *teller) post(f capture.Flow, p []byte) {
	t.mu.Lock()
	at := &t.posts[(t.first+int(t.waiting.Load()))%maxDeferred]
	at.flow, at.p = f, append(at.p[:0], p...)
	t.waiting.Add(1)
	t.mu.Unlock()
}

// nudge tells what is posted if nobody has the turn.
func (t *teller) nudge() {
	if t.waiting.Load() > 0 && t.turn.TryLock() {
		t.pass()
	}
}

// deliver tells what is posted. The caller has the turn. The post stays in its place until it has been
// told, so that its bytes are not written over.
func (t *teller) deliver() {
	for t.waiting.Load() > 0 {
		t.mu.Lock()
		p := &t.posts[t.first]
		t.mu.Unlock()
		t.to.Data(p.flow, capture.Out, p.p)
		t.mu.Lock()
		if cap(p.p) > keptPost {
			p.p = nil
		}
		t.first = (t.first + 1) % maxDeferred
		t.waiting.Add(-1)
		t.taken.Add(-1)
		t.mu.Unlock()
	}
}
