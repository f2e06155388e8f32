package lab

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"wirebench/sessions"
	"wirebench/sessions/capture"
	"wirebench/sessions/internal/leaktest"
)

// patience bounds every wait of these tests; nothing that works comes near it.
const patience = 30 * time.Second

func TestMain(m *testing.M) { leaktest.Main(m) }

// news hears what a lab tells.
type news struct {
	mu     sync.Mutex
	events []Event
	came   chan struct{}
}

func newNews() *news { return &news{came: make(chan struct{}, 1)} }

func (n *news) tell(e Event) {
	n.mu.Lock()
	n.events = append(n.events, e)
	n.mu.Unlock()
	select {
	case n.came <- struct{}{}:
	default:
	}
}

// await waits for an event.
func (n *news) await(t *testing.T, what string, ok func(Event) bool) Event {
	t.Helper()
	over := time.After(patience)
	for {
		n.mu.Lock()
		for _, e := range n.events {
			if ok(e) {
				n.mu.Unlock()
				return e
			}
		}
		n.mu.Unlock()
		select {
		case <-n.came:
		case <-over:
			t.Fatalf("%s did not happen; what did: %+v", what, n.events)
		}
	}
}

// started starts a lab for a test.
func started(t testing.TB, o Options, ids ...string) *Lab {
	t.Helper()
	l, err := Start(t.Context(), o, ids...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func entry(t testing.TB, l *Lab, id string) Entry {
	t.Helper()
	e, err := l.Open(id)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// client is a session of the engine's that hears everything.
type client struct {
	mu     sync.Mutex
	in     []byte
	grams  [][]byte
	events []sessions.Event
	came   chan struct{}

	session stream
}

func (c *client) Event(e sessions.Event) {
	c.mu.Lock()
	c.events = append(c.events, e)
	c.mu.Unlock()
	c.wake()
}

func (c *client) Data(_ capture.Flow, d capture.Direction, p []byte) {
	if d == capture.In {
		c.mu.Lock()
		c.in = append(c.in, p...)
		c.grams = append(c.grams, bytes.Clone(p))
		c.mu.Unlock()
		c.wake()
	}
}

func (c *client) wake() {
	select {
	case c.came <- struct{}{}:
	default:
	}
}

// until waits for something; ok is called with the client's mu held.
func (c *client) until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	over := time.After(patience)
	for {
		c.mu.Lock()
		done := ok()
		c.mu.Unlock()
		if done {
			return
		}
		select {
		case <-c.came:
		case <-over:
			c.mu.Lock()
			defer c.mu.Unlock()
			t.Fatalf("%s did not happen; received %q, events %+v", what, c.in, c.events)
		}
	}
}

// hears waits until all that was received holds this.
func (c *client) hears(t testing.TB, text string) {
	t.Helper()
	c.until(t, fmt.Sprintf("hearing %q", text), func() bool { return bytes.Contains(c.in, []byte(text)) })
}

// told waits for an event.
func (c *client) told(t testing.TB, name string) sessions.Event {
	t.Helper()
	var found sessions.Event
	c.until(t, "the event "+name, func() bool {
		for _, e := range c.events {
			if e.Name == name {
				found = e
				return true
			}
		}
		return false
	})
	return found
}

func (c *client) send(t testing.TB, p []byte) {
	t.Helper()
	if err := c.session.Send(p); err != nil {
		t.Fatal(err)
	}
}

// open starts a session of the entry's kind with its configuration.
func open(t testing.TB, e Entry) *client {
	t.Helper()
	c := &client{came: make(chan struct{}, 1)}
	if err := openObserved(t, e, c, c).Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	return c
}

// stream is what the sessions of all clients have in common.
type stream interface {
	sessions.Session
	Send([]byte) error
	Done() <-chan struct{}
}

// openObserved makes the client's session, which is not started.
func openObserved(t testing.TB, e Entry, c *client, by sessions.Observer) stream {
	t.Helper()
	o := sessions.Options{Capture: capture.Options{Dir: t.TempDir()}, Observer: by}
	var err error
	switch e.Kind {
	case sessions.TCP:
		c.session, err = sessions.NewTCP(*e.TCP, o)
	case sessions.TLS:
		c.session, err = sessions.NewTLS(*e.TLS, o)
	case sessions.UDP:
		c.session, err = sessions.NewUDP(*e.UDP, o)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.session.Close()
		c.session.Traffic().Release()
	})
	return c.session
}

// connected is open, with a connection.
func connected(t testing.TB, e Entry) *client {
	t.Helper()
	c := open(t, e)
	c.told(t, sessions.EventConnect)
	return c
}

// dial is a plain connection to an entry.
func dial(t testing.TB, e Entry) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", e.Address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(patience))
	return c.(*net.TCPConn)
}

// readAll reads to the end.
func readAll(t testing.TB, r io.Reader) []byte {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("after %q: %v", b, err)
	}
	return b
}
