package lab

import (
	"sync"
	"sync/atomic"
	"time"

	"wirebench/sessions"
)

const (
	maxQueued      = 256 // messages that wait for a client
	maxQueuedBytes = 1 << 20
	leaveWait      = 5 * time.Second // for what waits, when a client has left
)

// member is a client to whom others' messages go too. They wait for it in a queue of its own, so that one who takes
// nothing delays nobody; when it is full the client is cut off.
type member struct {
	*conn
	out     chan []byte
	waiting atomic.Int64 // bytes
	over    chan struct{}
	writer  sync.WaitGroup
	cut     sync.Once
}

func newMember(c *conn) *member {
	m := &member{conn: c, out: make(chan []byte, maxQueued), over: make(chan struct{})}
	m.writer.Go(m.write)
	return m
}

// send has a message wait. The slice is shared with others and never changed.
func (m *member) send(p []byte) {
	if m.waiting.Add(int64(len(p))) <= maxQueuedBytes {
		select {
		case m.out <- p:
			return
		default:
		}
	}
	m.cut.Do(func() {
		m.tell(sessions.EventState, "cut off: it takes nothing, and too much waits for it")
		m.conn.Close()
	})
}

func (m *member) write() {
	broken := false
	for {
		select {
		case p := <-m.out:
			m.waiting.Add(-int64(len(p)))
			if broken {
				continue
			}
			if _, err := m.conn.Write(p); err != nil {
				broken = true
				m.conn.Close()
			}
		case <-m.over:
			if broken || len(m.out) == 0 {
				return
			}
		}
	}
}

// leave sends what waits, as far as the client takes it soon, and ends the writer. Nobody may send to the member any
// more.
func (m *member) leave() {
	late := time.AfterFunc(leaveWait, func() { m.conn.Close() })
	defer late.Stop()
	close(m.over)
	m.writer.Wait()
}

// hub is the members of a server.
type hub[M interface{ send([]byte) }] struct {
	mu      sync.Mutex
	members map[int64]M // by the client's number
}

// others sends a message to all but one, and tells to how many; mu is held, which keeps the order the same for all.
func (h *hub[M]) others(but int64, p []byte) int {
	n := 0
	for number, m := range h.members {
		if number != but {
			m.send(p)
			n++
		}
	}
	return n
}
