package app

import (
	"sync"
	"sync/atomic"

	"wirebench/sessions"
	"wirebench/sessions/capture"
)

// maxEvents bounds what waits between the engine and the screen. States and
// errors are few; more than this in one frame is a flood of which the newest
// count.
const maxEvents = 256

// eventQueue takes a session's events on its goroutines and gives them to the
// UI goroutine. Data is counted by the capture, not queued.
type eventQueue struct {
	mu      sync.Mutex
	list    []sessions.Event
	dropped int
	moved   atomic.Uint64
}

var _ sessions.Observer = (*eventQueue)(nil)

// Event implements [sessions.Observer].
func (q *eventQueue) Event(e sessions.Event) {
	if e.Name != sessions.EventOutputProgress { // Info tells, whenever it is asked
		q.mu.Lock()
		if len(q.list) == maxEvents {
			q.list = append(q.list[:0], q.list[1:]...)
			q.dropped++
		}
		q.list = append(q.list, e)
		q.mu.Unlock()
	}
	q.moved.Add(1)
}

// Data implements [sessions.Observer].
func (q *eventQueue) Data(capture.Flow, capture.Direction, []byte) {}

// take returns what has come since the last time.
func (q *eventQueue) take() (events []sessions.Event, dropped int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	events, dropped = q.list, q.dropped
	q.list, q.dropped = nil, 0
	return events, dropped
}
