package cli

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"wirebench/sessions"
)

// mostAnswers is how many bytes of answers may wait to be sent; what comes then
// is not answered.
const mostAnswers = 64 << 20

// answers sends answers from a goroutine of its own, because who hears of a
// datagram must not send. One that is slow keeps nothing from being received.
type answers struct {
	done chan struct{} // run has ended

	mu      sync.Mutex
	changed sync.Cond
	queue   []queuedAnswer
	waiting int // bytes, with what each takes beside
	begun   bool
	closed  bool
	lost    int64 // for which there was no room
}

type queuedAnswer struct {
	to netip.AddrPort
	p  []byte
}

func newAnswers() *answers {
	a := &answers{done: make(chan struct{})}
	a.changed.L = &a.mu
	return a
}

// put leaves an answer, of which it takes a copy.
func (a *answers) put(to netip.AddrPort, p []byte) {
	const beside = 64
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.closed:
	case a.waiting+len(p)+beside > mostAnswers:
		a.lost++
	default:
		a.waiting += len(p) + beside
		a.queue = append(a.queue, queuedAnswer{to, append([]byte(nil), p...)})
		a.changed.Signal()
	}
}

// begin sends until end. failed is told of each that could not be sent.
func (a *answers) begin(session *sessions.UDPSession, failed func(to netip.AddrPort, err error)) {
	a.mu.Lock()
	a.begun = true
	a.mu.Unlock()
	go a.run(session, failed)
}

func (a *answers) run(session *sessions.UDPSession, failed func(netip.AddrPort, error)) {
	defer close(a.done)
	a.mu.Lock()
	defer a.mu.Unlock()
	for {
		for len(a.queue) == 0 && !a.closed {
			a.changed.Wait()
		}
		if len(a.queue) == 0 {
			return
		}
		some, bytes := a.queue, a.waiting
		a.queue = nil
		a.mu.Unlock()
		for _, q := range some {
			err := session.SendTo(q.to, q.p)
			if errors.Is(err, sessions.ErrNotOpen) || errors.Is(err, net.ErrClosed) {
				break
			}
			if err != nil {
				failed(q.to, err)
			}
		}
		a.mu.Lock()
		a.waiting -= bytes
	}
}

// end takes no more answers, and waits for lastDrain at most until those that
// wait are sent.
func (a *answers) end() {
	a.mu.Lock()
	a.closed = true
	begun := a.begun
	a.changed.Signal()
	a.mu.Unlock()
	if !begun {
		return
	}
	t := time.NewTimer(lastDrain)
	defer t.Stop()
	select {
	case <-a.done:
	case <-t.C:
	}
}

// ownAddresses returns the addresses of this machine.
func ownAddresses() map[netip.Addr]bool {
	own := map[netip.Addr]bool{}
	all, _ := net.InterfaceAddrs()
	for _, one := range all {
		if n, ok := one.(*net.IPNet); ok {
			if a, ok := netip.AddrFromSlice(n.IP); ok {
				own[a.Unmap()] = true
			}
		}
	}
	return own
}
