package sessions

import (
	"errors"
	"net"
	"sync"
	"testing"
	"time"
)

// choked is a connection whose peer takes nothing until a deadline ends the write.
type choked struct {
	net.Conn
	began chan bool

	mu       sync.Mutex
	deadline time.Time // of writes
}

func (c *choked) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = t
	return c.Conn.SetWriteDeadline(t)
}

func (c *choked) Write(p []byte) (int, error) {
	select {
	case c.began <- true:
	default:
	}
	return c.Conn.Write(p)
}

func TestACancelledFileDoesNotHoldUpTheEnd(t *testing.T) {
	here, there := net.Pipe()
	defer there.Close()
	conn := &choked{Conn: here, began: make(chan bool, 1)}
	c := DefaultTCP()
	c.Address = "192.0.2.1:7"
	s, w := session(t, c, Options{Dial: dialTo(conn)})
	start(t, s)
	w.named(t, EventConnect)
	f, err := s.SendFile(fileOf(t, 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	<-conn.began
	st := s.stream()
	st.mu.Lock() // so that Disconnect has come before the write ends
	f.cancelled.Store(true)
	st.setWriteDeadline(past)
	st.outbox.shut = true
	st.raise(stopDrain, "closed by us (FIN)")
	conn.mu.Lock()
	deadline := conn.deadline
	conn.mu.Unlock()
	st.mu.Unlock()
	if !deadline.Equal(past) {
		t.Errorf("the write of a cancelled file may go on until %v", deadline)
	}
	awaitDone(t, "the file", f.Done())
	if !errors.Is(f.Err(), ErrCancelled) {
		t.Errorf("file: %v", f.Err())
	}
	awaitDone(t, "the end", s.Done())
	if i := s.Info(); i.State != Closed || i.Err != nil {
		t.Errorf("info %+v", i)
	}
}

func TestASlowPeerIsGivenUpWhenItsTimeIsOver(t *testing.T) {
	s := &stream{}
	if left := time.Until(s.drainDeadline()); left < drainPatience-time.Second || left > drainPatience {
		t.Errorf("without a limit: %v", left)
	}
	now := time.Now()
	s.drainEnd, s.drainFrom, s.outbox.written = now.Add(time.Second), 1000, 1000
	if got := s.drainDeadline(); !got.Equal(s.drainEnd) {
		t.Errorf("one second before the limit: %v", got.Sub(now))
	}
	s.outbox.written += 2 * drainRate
	if got := s.drainDeadline(); !got.Equal(s.drainEnd.Add(2 * time.Second)) {
		t.Errorf("with 2 s earned: %v", got.Sub(now))
	}
	s.outbox.written += 1 << 40 // must not overflow
	if left := time.Until(s.drainDeadline()); left > drainPatience || left < drainPatience-time.Second {
		t.Errorf("with much earned: %v", left)
	}
}

func TestDisconnectGivesUpAPeerThatTakesAByteNowAndThen(t *testing.T) {
	addr, goOn := stalled(t, func(c net.Conn) {
		buf := make([]byte, 1)
		for {
			if _, err := c.Read(buf); err != nil {
				return
			}
		}
	})
	s, w := connected(t, addr, nil)
	if err := s.Send(noise(32 << 20)); err != nil {
		t.Fatal(err)
	}
	w.until(t, "the first bytes", func() bool { return len(w.out) > 0 })
	st := s.stream()
	st.mu.Lock()
	st.drainEnd, st.drainFrom = time.Now().Add(-time.Hour), st.outbox.written // as if it had been asked long ago
	st.mu.Unlock()
	if err := s.Disconnect(); err != nil {
		t.Fatal(err)
	}
	close(goOn)
	awaitDone(t, "the end", s.Done())
	var cut *SendError
	if i := s.Info(); !errors.As(i.Err, &cut) || i.UnsentBytes == 0 || cut.Sent+i.UnsentBytes != 32<<20 {
		t.Errorf("info %+v", i)
	}
	says(t, s.Info().Err, "the peer took only")
}
