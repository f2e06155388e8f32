package sessions

import (
	"sync"
	"testing"
	"time"

	"wirebench/sessions/capture"
)

// gate is an Observer that holds up whoever tells it of data until it is opened.
type gate struct {
	bound  chan struct{}
	opened chan struct{}
	once   sync.Once
}

func newGate() *gate { return &gate{bound: make(chan struct{}), opened: make(chan struct{})} }

func (g *gate) open() { g.once.Do(func() { close(g.opened) }) }

// await waits until the socket is bound. The end of the test opens the gate.
func (g *gate) await(t *testing.T) {
	t.Helper()
	t.Cleanup(g.open)
	select {
	case <-g.bound:
	case <-time.After(patience):
		t.Fatal("waited in vain for the socket")
	}
}

func (g *gate) Event(e Event) {
	if e.Name == EventListening {
		close(g.bound)
	}
}

func (g *gate) Data(capture.Flow, capture.Direction, []byte) { <-g.opened }
