package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"wirebench/sessions"
)

const (
	// writeWait is how long a client may take nothing of what is written.
	writeWait = 30 * time.Second
	// readChunk is the size of a server's reads.
	readChunk = 16 << 10
	// lingerWait and lingerBytes bound what a server that has said its last still hears.
	lingerWait  = time.Second
	lingerBytes = 1 << 20
)

// listener is a TCP server: it accepts clients on loopback, has each talk in a goroutine of its own, and counts.
type listener struct {
	lab     *Lab
	id      string
	ln      *net.TCPListener
	ctx     context.Context // ends with close
	cancel  context.CancelFunc
	talk    func(context.Context, *conn)
	all     sync.WaitGroup
	in, out atomic.Int64

	mu                sync.Mutex
	clients           map[*conn]bool
	accepted, refused int64
	closed            bool
}

var _ server = (*listener)(nil)

// listen starts a server whose clients are handed to talk; the connection is closed when that returns.
func (l *Lab) listen(id string, talk func(context.Context, *conn)) (*listener, error) {
	ln, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, fmt.Errorf("listen on 127.0.0.1: %w", err)
	}
	s := &listener{lab: l, id: id, ln: ln, talk: talk, clients: map[*conn]bool{}}
	s.ctx, s.cancel = context.WithCancel(l.ctx)
	s.all.Go(s.accept)
	return s, nil
}

func (s *listener) address() netip.AddrPort { return s.ln.Addr().(*net.TCPAddr).AddrPort() }

func (s *listener) counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Counts{Clients: len(s.clients), Accepted: s.accepted, Refused: s.refused, BytesIn: s.in.Load(), BytesOut: s.out.Load()}
}

func (s *listener) close() {
	s.mu.Lock()
	s.closed = true
	for c := range s.clients {
		c.TCPConn.Close()
	}
	s.mu.Unlock()
	s.cancel()
	s.ln.Close()
	s.all.Wait()
}

// accept takes clients until the listener is closed.
func (s *listener) accept() {
	pause := time.Duration(0)
	for {
		sock, err := s.ln.AcceptTCP()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // too many open files, or a client that is gone again
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			if !sleep(s.ctx, pause) {
				return
			}
			continue
		}
		pause = 0
		s.admit(sock)
	}
}

// admit has a client talk, or turns it away.
func (s *listener) admit(sock *net.TCPConn) {
	c := &conn{TCPConn: sock, server: s}
	s.mu.Lock()
	full := len(s.clients) >= s.lab.o.MaxClients
	switch {
	case s.closed:
		s.mu.Unlock()
		sock.Close()
		return
	case full:
		s.refused++
	default:
		s.accepted++
		c.number = s.accepted
		s.clients[c] = true
		s.all.Add(1) // close cannot be waiting: closed is false
	}
	s.mu.Unlock()
	c.peer = sock.RemoteAddr().(*net.TCPAddr).AddrPort()
	if full {
		sock.Close()
		s.lab.tell(Event{ID: s.id, Name: sessions.EventState, Peer: c.peer, Text: fmt.Sprintf("turned away: %d clients are there already", s.lab.o.MaxClients)})
		return
	}
	go func() {
		defer s.all.Done()
		c.tell(sessions.EventConnect, "connected")
		s.talk(s.ctx, c)
		c.Close()
		s.mu.Lock()
		delete(s.clients, c)
		s.mu.Unlock()
		s.lab.tell(Event{ID: s.id, Name: sessions.EventClose, Client: c.number, Peer: c.peer, By: c.endedBy(),
			Text: fmt.Sprintf("%d bytes came from it, and %d went to it", c.in.Load(), c.out.Load())})
	}()
}

// conn is a client's connection. Reading and writing have time limits, and are counted.
type conn struct {
	*net.TCPConn
	server  *listener
	number  int64
	peer    netip.AddrPort
	in, out atomic.Int64
	by      atomic.Pointer[string] // who ended it, nil while nobody has
	last    time.Time              // when reading ends, whatever comes; zero for never
}

// ended takes down who ended the connection, unless somebody did before.
func (c *conn) ended(by string) { c.by.CompareAndSwap(nil, &by) }

func (c *conn) endedBy() string {
	c.ended(sessions.ByLocal)
	return *c.by.Load()
}

func (c *conn) tell(name, text string) {
	c.server.lab.tell(Event{ID: c.server.id, Name: name, Client: c.number, Peer: c.peer, Text: text})
}

// Read reads; a client that says nothing for long is an error.
func (c *conn) Read(p []byte) (int, error) {
	end := time.Now().Add(c.server.lab.o.Idle)
	if !c.last.IsZero() && c.last.Before(end) {
		end = c.last
	}
	c.TCPConn.SetReadDeadline(end)
	return c.read(p)
}

// read reads by the deadline that is set.
func (c *conn) read(p []byte) (int, error) {
	n, err := c.TCPConn.Read(p)
	c.in.Add(int64(n))
	c.server.in.Add(int64(n))
	switch {
	case err == nil, errors.Is(err, net.ErrClosed), errors.Is(err, os.ErrDeadlineExceeded):
	case err == io.EOF:
		c.ended(sessions.ByPeer)
	default:
		c.ended(sessions.ByReset)
	}
	return n, err
}

// Write writes all of p, in pieces that each have [writeWait].
func (c *conn) Write(p []byte) (int, error) {
	done := 0
	for {
		piece := p[done:min(len(p), done+64<<10)]
		c.TCPConn.SetWriteDeadline(time.Now().Add(writeWait))
		n, err := c.TCPConn.Write(piece)
		done += n
		c.out.Add(int64(n))
		c.server.out.Add(int64(n))
		if err != nil || done == len(p) {
			return done, err
		}
	}
}

// SetDeadline, SetReadDeadline and SetWriteDeadline do nothing: reads and writes have time limits of their own.
func (c *conn) SetDeadline(time.Time) error      { return nil }
func (c *conn) SetReadDeadline(time.Time) error  { return nil }
func (c *conn) SetWriteDeadline(time.Time) error { return nil }

// hangUp says that nothing more comes, and gives the client time to hear everything: a connection that is closed with
// something unread is reset, which may cost the client what it has not read yet.
func (c *conn) hangUp() {
	if c.CloseWrite() != nil {
		return
	}
	c.ended(sessions.ByLocal)
	c.TCPConn.SetReadDeadline(time.Now().Add(lingerWait))
	buf := make([]byte, readChunk)
	for left := lingerBytes; left > 0; {
		n, err := c.read(buf)
		if err != nil {
			return
		}
		left -= n
	}
}

// reset ends the connection with an RST.
func (c *conn) reset() {
	c.ended(sessions.ByLocal)
	c.SetLinger(0)
	c.Close()
}

// sleep waits, and reports whether ctx lasted so long.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
