package sessions

import (
	"bytes"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wirebench/sessions/capture"
)

// hold keeps a connection open, reading, until the peer is gone.
func hold(c net.Conn) { _, _ = io.Copy(io.Discard, c) }

func linger0(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) }

func TestAnEchoIsRecordedInOrderFromOpenToClose(t *testing.T) {
	s, w := connected(t, echoServer(t), nil)
	if err := s.Send([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	if got := w.awaitIn(t, 5); string(got) != "hello" {
		t.Errorf("received %q", got)
	}
	if err := s.Disconnect(); err != nil {
		t.Fatal(err)
	}
	awaitDone(t, "the end", s.Done())
	i := s.Info()
	if i.State != Closed || i.ClosedBy != ByLocal || i.Err != nil || !i.ReadClosed || !i.WriteClosed || i.PendingBytes != 0 {
		t.Errorf("info %+v", i)
	}
	rs := records(t, s)
	var kinds []string
	for _, r := range rs {
		kinds = append(kinds, r.Dir.String()+" "+r.Kind.String())
	}
	if want := []string{"out open", "in open", "out data", "in data", "out close", "in close"}; !slices.Equal(kinds, want) {
		t.Errorf("records %v; want %v", kinds, want)
	}
	tell := story(rs)
	if want := "out open: connect " + i.Remote.String() + " from " + i.Local.String(); tell[0] != want {
		t.Errorf("%q; want %q", tell[0], want)
	}
	if !strings.HasPrefix(tell[1], "in open: connected in ") || !strings.HasSuffix(tell[1], " ms") {
		t.Errorf("%q", tell[1])
	}
	if tell[2] != "out close: closed by us (FIN)" {
		t.Errorf("%q", tell[2])
	}
	for _, r := range rs {
		if r.Flow.Local != i.Local || r.Flow.Remote != i.Remote || r.Flow.Proto != capture.TCP {
			t.Errorf("record %d has the flow %+v", r.Number, r.Flow)
		}
	}
	if got := w.names(); !slices.Equal(got, []string{EventConnect, EventClose}) {
		t.Errorf("events %v", got)
	}
}

func TestAnAnswerIsNeverRecordedBeforeItsQuestion(t *testing.T) {
	s, w := connected(t, echoServer(t), nil)
	if newRawWriter(s.stream().link, new(sync.Mutex)) == nil {
		t.Skip("this system has no write that returns instead of waiting")
	}
	for n := 1; n <= 500; n++ {
		if err := s.Send([]byte{byte(n)}); err != nil {
			t.Fatal(err)
		}
		w.awaitIn(t, n)
	}
	last := capture.In
	for _, r := range records(t, s) {
		if r.Kind == capture.Data {
			if r.Dir == last {
				t.Fatalf("record %d: two records %v in a row", r.Number, r.Dir)
			}
			last = r.Dir
		}
	}
}

func TestSendsFromWithinTheObserverGoOutInOrder(t *testing.T) {
	const rounds = 2000
	o := &answering{p: make([]byte, echoSize), left: rounds, done: make(chan error, 1)}
	o.t = openTo(t, echoServer(t), o)
	if err := o.t.Send(o.p); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-o.done:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(patience):
		t.Fatal("the observer's own sends got stuck")
	}
	if got := len(captured(t, o.t, capture.OutOnly)); got != rounds*echoSize {
		t.Errorf("%d bytes out; want %d", got, rounds*echoSize)
	}
}

func TestConcurrentSendsAreWholeAndTheObserverHearsThemAsCaptured(t *testing.T) {
	s, w := connected(t, echoServer(t), nil)
	const senders, each, size = 8, 200, 1000
	var wg sync.WaitGroup
	for i := range senders {
		wg.Go(func() {
			p := bytes.Repeat([]byte{byte('a' + i)}, size)
			for range each {
				if err := s.Send(p); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	in := w.awaitIn(t, senders*each*size)
	for i := 0; i < len(in); i += size {
		if !bytes.Equal(in[i:i+size], bytes.Repeat(in[i:i+1], size)) {
			t.Fatalf("the send at %d is torn", i)
		}
	}
	out := captured(t, s, capture.OutOnly)
	w.mu.Lock()
	defer w.mu.Unlock()
	if !bytes.Equal(out, w.out) || !bytes.Equal(out, in) {
		t.Error("capture, observer and peer do not agree on what was sent")
	}
}

func TestThePeersFINClosesOurSideToo(t *testing.T) {
	addr := serve(t, "127.0.0.1:0", func(c net.Conn) { _, _ = c.Write([]byte("bye")) })
	s, w := connected(t, addr, nil)
	awaitDone(t, "the end", s.Done())
	i := s.Info()
	if i.State != Closed || i.ClosedBy != ByPeer || i.Err != nil {
		t.Errorf("info %+v", i)
	}
	if e := w.named(t, EventClose); e.By != ByPeer {
		t.Errorf("close by %s", e.By)
	}
	tell := story(records(t, s))
	if want := []string{"in close: closed by peer (FIN)", "out close: closed by us after the peer (FIN)"}; !slices.Equal(tell[2:], want) {
		t.Errorf("capture tells %q; want %q", tell[2:], want)
	}
	if err := s.Send([]byte("x")); !errors.Is(err, ErrNotOpen) {
		t.Errorf("Send after the end: %v; want ErrNotOpen", err)
	}
}

func TestWhatIsQueuedIsSentAfterThePeersFIN(t *testing.T) {
	p := noise(8 << 20)
	got := make(chan string, 1)
	goOn := make(chan bool)
	addr := serve(t, "127.0.0.1:0", func(c net.Conn) {
		_ = c.(*net.TCPConn).CloseWrite()
		<-goOn
		all, _ := io.ReadAll(c)
		got <- sum(all)
	})
	s, w := connected(t, addr, func(c *TCPConfig) { c.KeepHalfOpen = true })
	w.await(t, "the FIN", func(e Event) bool { return strings.Contains(e.Text, "the peer closed") })
	if err := s.Send(p); err != nil { // more than the system takes at once
		t.Fatal(err)
	}
	if i := s.Info(); i.State != Open || !i.ReadClosed || i.WriteClosed {
		t.Errorf("half open: %+v", i)
	}
	if err := s.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if err := s.Send(p); !errors.Is(err, ErrNotOpen) {
		t.Errorf("Send after CloseWrite: %v; want ErrNotOpen", err)
	}
	close(goOn)
	if <-got != sum(p) {
		t.Error("the peer got something else")
	}
	awaitDone(t, "the end", s.Done())
	if i := s.Info(); i.State != Closed || i.ClosedBy != ByPeer || i.UnsentBytes != 0 {
		t.Errorf("info %+v", i)
	}
}

func TestWithoutHalfOpenTheQueueIsDrainedBeforeOurFIN(t *testing.T) {
	p := noise(8 << 20)
	got := make(chan string, 1)
	queued := make(chan bool)
	addr := serve(t, "127.0.0.1:0", func(c net.Conn) {
		<-queued
		_ = c.(*net.TCPConn).CloseWrite()
		all, _ := io.ReadAll(c)
		got <- sum(all)
	})
	s, _ := connected(t, addr, nil)
	if err := s.Send(p); err != nil {
		t.Fatal(err)
	}
	close(queued)
	if <-got != sum(p) {
		t.Error("the peer got something else")
	}
	awaitDone(t, "the end", s.Done())
	if i := s.Info(); i.ClosedBy != ByPeer || i.UnsentBytes != 0 || i.Err != nil {
		t.Errorf("info %+v", i)
	}
}

func TestHalfCloseGoesOnReceiving(t *testing.T) {
	addr := serve(t, "127.0.0.1:0", func(c net.Conn) {
		all, _ := io.ReadAll(c) // until our FIN
		_, _ = c.Write(append([]byte("got "), all...))
	})
	s, w := connected(t, addr, nil)
	if err := s.Send([]byte("question")); err != nil {
		t.Fatal(err)
	}
	if err := s.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if got := w.awaitIn(t, 12); string(got) != "got question" {
		t.Errorf("received %q", got)
	}
	awaitDone(t, "the end", s.Done())
	if i := s.Info(); i.ClosedBy != ByLocal || i.State != Closed {
		t.Errorf("info %+v; our FIN was first", i)
	}
}

func TestAResetByThePeerIsToldAsSuch(t *testing.T) {
	addr := serve(t, "127.0.0.1:0", func(c net.Conn) {
		_, _ = io.ReadFull(c, make([]byte, 1))
		linger0(c)
	})
	s, w := connected(t, addr, nil)
	if err := s.Send([]byte("x")); err != nil {
		t.Fatal(err)
	}
	awaitDone(t, "the end", s.Done())
	i := s.Info()
	if i.State != Failed || i.ClosedBy != ByReset || !errors.Is(i.Err, errReset) {
		t.Errorf("info %+v", i)
	}
	if want := "connection to " + addr + ": connection reset by peer"; i.Err.Error() != want {
		t.Errorf("error %q; want %q", i.Err, want)
	}
	if e := w.named(t, EventClose); e.By != ByReset || e.State != Failed {
		t.Errorf("close %+v", e)
	}
	tell := story(records(t, s))
	if want := "in reset: reset by peer (RST)"; tell[len(tell)-1] != want {
		t.Errorf("capture ends with %q; want %q", tell, want)
	}
}

func TestResetSendsAnRST(t *testing.T) {
	needResets(t)
	for name, reset := range map[string]func(*TCPSession) error{
		"by Reset":                              (*TCPSession).Reset,
		"by Disconnect of one that shall reset": (*TCPSession).Disconnect,
	} {
		t.Run(name, func(t *testing.T) {
			saw := make(chan error, 1)
			addr := serve(t, "127.0.0.1:0", func(c net.Conn) {
				_, err := c.Read(make([]byte, 1))
				saw <- err
			})
			s, _ := connected(t, addr, func(c *TCPConfig) { c.ResetOnClose = true })
			if err := reset(s); err != nil {
				t.Fatal(err)
			}
			if err := <-saw; !errors.Is(err, errReset) {
				t.Errorf("the peer saw %v; want a reset", err)
			}
			awaitDone(t, "the end", s.Done())
			if i := s.Info(); i.State != Closed || i.ClosedBy != ByLocal || i.Err != nil {
				t.Errorf("info %+v", i)
			}
			tell := story(records(t, s))
			if want := "out reset: reset by us (RST)"; tell[len(tell)-1] != want {
				t.Errorf("capture ends with %q; want %q", tell, want)
			}
			if err := s.Reset(); !errors.Is(err, ErrNotOpen) {
				t.Errorf("Reset again: %v; want ErrNotOpen", err)
			}
		})
	}
}

func TestReconnectingGoesIntoTheSameCapture(t *testing.T) {
	s, w := connected(t, echoServer(t), nil)
	for n := 1; n <= 3; n++ {
		if err := s.Send([]byte("again")); err != nil {
			t.Fatal(err)
		}
		w.awaitIn(t, 5*n)
		if n == 3 {
			break
		}
		if n == 1 { // the second time it is still open
			if err := s.Disconnect(); err != nil {
				t.Fatal(err)
			}
			awaitDone(t, "the end", s.Done())
		}
		start(t, s)
		w.until(t, "the next connection", func() bool {
			open := 0
			for _, e := range w.events {
				if e.Name == EventConnect {
					open++
				}
			}
			return open == n+1
		})
	}
	if got := captured(t, s, capture.InOnly); string(got) != "againagainagain" {
		t.Errorf("captured %q", got)
	}
	want := []string{EventConnect, EventClose, EventConnect, EventClose, EventConnect}
	if got := w.names(); !slices.Equal(got, want) {
		t.Errorf("events %v; want %v", got, want)
	}
	found := false
	for _, line := range story(records(t, s)) {
		found = found || line == "out close: closed by us for a new connection"
	}
	if !found {
		t.Error("the capture does not say that a new connection replaced the old one")
	}
}

func TestALocalPortCanBeUsedAgainAtOnce(t *testing.T) {
	free := closedPort(t)
	s, w := connected(t, echoServer(t), func(c *TCPConfig) { c.LocalAddress = free })
	if got := s.Info().Local.String(); got != free {
		t.Fatalf("connected from %s; want %s", got, free)
	}
	if err := s.Disconnect(); err != nil {
		t.Fatal(err)
	}
	awaitDone(t, "the end", s.Done())
	c := s.Config()
	c.Address = echoServer(t)
	if err := s.Configure(c); err != nil {
		t.Fatal(err)
	}
	start(t, s)
	w.until(t, "the second connection", func() bool {
		return len(w.events) > 0 && w.events[len(w.events)-1].Name != EventClose && s.State() == Open
	})
	if got := s.Info().Local.String(); got != free {
		t.Errorf("connected from %s; want %s", got, free)
	}
}

func TestCloseEndsEverythingForGood(t *testing.T) {
	addr, _ := stalled(t, hold)
	s, w := connected(t, addr, nil)
	if err := s.Send(noise(30 << 20)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	awaitDone(t, "the end", s.Done())
	if i := s.Info(); i.State != Closed || i.ClosedBy != ByLocal || i.UnsentBytes == 0 {
		t.Errorf("info %+v", i)
	}
	if e := w.named(t, EventClose); e.By != ByLocal || !strings.HasSuffix(e.Text, " not sent") {
		t.Errorf("close %+v", e)
	}
	if err := s.Start(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("Start after Close: %v; want ErrClosed", err)
	}
	if err := s.Configure(s.Config()); !errors.Is(err, ErrClosed) {
		t.Errorf("Configure after Close: %v; want ErrClosed", err)
	}
	for name, err := range map[string]error{"Send": s.Send([]byte("x")), "Disconnect": s.Disconnect(), "CloseWrite": s.CloseWrite()} {
		if !errors.Is(err, ErrNotOpen) {
			t.Errorf("%s after Close: %v; want ErrNotOpen", name, err)
		}
	}
	if len(records(t, s)) == 0 {
		t.Error("the capture cannot be read after Close")
	}
}

func TestNothingCanBeSentBeforeTheFirstStart(t *testing.T) {
	s, _ := session(t, DefaultTCP(), Options{})
	awaitDone(t, "the Done of a session that never started", s.Done())
	_, fileErr := s.SendFile("x")
	for name, err := range map[string]error{
		"Send": s.Send(nil), "SendFile": fileErr, "Disconnect": s.Disconnect(), "Reset": s.Reset(), "CloseWrite": s.CloseWrite(),
	} {
		if !errors.Is(err, ErrNotOpen) {
			t.Errorf("%s: %v; want ErrNotOpen", name, err)
		}
	}
	if s.State() != Idle || s.Kind() != TCP || s.Info().State != Idle {
		t.Errorf("state %v, kind %v", s.State(), s.Kind())
	}
}

func TestAChattyPeerIsHeardOutForAMomentAfterOurFIN(t *testing.T) {
	addr := serve(t, "127.0.0.1:0", func(c net.Conn) {
		_, _ = io.Copy(io.Discard, c) // until our FIN
		_, _ = c.Write([]byte("last words"))
	})
	s, w := connected(t, addr, nil)
	if err := s.Disconnect(); err != nil {
		t.Fatal(err)
	}
	awaitDone(t, "the end", s.Done())
	if got := w.awaitIn(t, 10); string(got) != "last words" {
		t.Errorf("received %q", got)
	}
	if i := s.Info(); i.ClosedBy != ByLocal || !i.ReadClosed {
		t.Errorf("info %+v", i)
	}
}

func TestAPeerThatDoesNotCloseDoesNotHoldUsUp(t *testing.T) {
	gone := make(chan bool)
	defer close(gone)
	addr := serve(t, "127.0.0.1:0", func(c net.Conn) { <-gone })
	s, _ := connected(t, addr, nil)
	if err := s.Disconnect(); err != nil {
		t.Fatal(err)
	}
	awaitDone(t, "the end", s.Done())
	if i := s.Info(); i.State != Closed || i.ClosedBy != ByLocal || i.ReadClosed || i.Err != nil {
		t.Errorf("info %+v", i)
	}
}
