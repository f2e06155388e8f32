package sessions

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wirebench/sessions/capture"
	"wirebench/sessions/policy"
	"wirebench/sessions/reply"
)

// hearing is an Observer made of functions, either of which may be nil.
type hearing struct {
	event func(Event)
	data  func(f capture.Flow, d capture.Direction, p []byte)
}

func (h *hearing) Event(e Event) {
	if h.event != nil {
		h.event(e)
	}
}

func (h *hearing) Data(f capture.Flow, d capture.Direction, p []byte) {
	if h.data != nil {
		h.data(f, d, p)
	}
}

// heardServer is server with an observer that acts; it may use s only once the server has been returned.
func heardServer(tb testing.TB, change func(*ServerConfig), o Options, h *hearing) (*ServerSession, *watch) {
	tb.Helper()
	s, w := idleServer(tb, change, o, h)
	if err := s.Start(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	w.named(tb, EventListening)
	return s, w
}

// idleServer is heardServer before Start.
func idleServer(tb testing.TB, change func(*ServerConfig), o Options, h *hearing) (*ServerSession, *watch) {
	tb.Helper()
	w := newWatch(nil)
	if h != nil {
		w.then = h
	}
	o.Observer = w
	o.Capture.Dir = tb.TempDir()
	c := DefaultServer()
	c.Address = "127.0.0.1:0"
	if change != nil {
		change(&c)
	}
	s, err := NewServer(c, o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { closeWatched(tb, s, w) })
	return s, w
}

// soon waits for a condition that no event announces.
func soon(tb testing.TB, what string, ok func() bool) {
	tb.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			tb.Fatalf("waited in vain for %s", what)
		}
	}
}

// stands tells that a number stays what it is for a fifth of a second. It looks often, so that on a busy machine what
// moves it has a turn in between.
func stands[N comparable](number func() N) bool {
	before := number()
	for range 50 {
		time.Sleep(4 * time.Millisecond)
		if number() != before {
			return false
		}
	}
	return true
}

// within fails when something takes longer than it may; the tests of what hangs would take minutes otherwise.
func within(tb testing.TB, d time.Duration, what string, f func()) {
	tb.Helper()
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	select {
	case <-done:
	case <-time.After(d):
		tb.Fatalf("%s takes longer than %v", what, d)
	}
}

// nth is a clock that calls f at its nth reading after it was armed.
type nth struct {
	left atomic.Int64 // 0: not armed
	f    func()
}

func (c *nth) now() time.Time {
	if c.left.Load() > 0 && c.left.Add(-1) == 0 {
		c.f()
	}
	return time.Now()
}

func TestAClientThatIsEndedBeforeItStandsEnds(t *testing.T) {
	ends := map[string]func(*ServerSession){
		"reset":    func(s *ServerSession) { s.Reset(nil) },
		"kicked":   func(s *ServerSession) { s.Disconnect(nil) },
		"shutdown": func(s *ServerSession) { _ = s.Shutdown() },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			clock := &nth{}
			s, w := heardServer(t, nil, Options{Clock: clock.now, Capture: capture.Options{Clock: time.Now}}, nil)
			clock.f = func() { end(s) }
			clock.left.Store(2) // the first reading is for the connection's time, the second by its own goroutine
			c, err := net.Dial("tcp", s.Info().Local.String())
			if err == nil { // else it has met the reset already
				defer c.Close()
				_ = c.SetDeadline(time.Now().Add(patience))
				if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("the client reads %v", err)
				}
			}
			if i := awaitEnded(t, s, w, 1); i.ClosedBy != ByLocal || i.State != Closed {
				t.Errorf("it is listed as %+v", i)
			}
		})
	}
}

func TestAConnectionThatIsResetWhileItIsMadeEnds(t *testing.T) {
	addr := echoServer(t)
	c := DefaultTCP()
	c.Address = addr
	var s *TCPSession
	s, _ = session(t, c, Options{Dial: func(_ context.Context, network, address string) (net.Conn, error) {
		conn, err := net.Dial(network, address)
		_ = s.Reset()
		return conn, err
	}})
	start(t, s)
	awaitDone(t, "the end", s.Done())
}

func TestAnObserverMaySendToAClientThatIsFull(t *testing.T) {
	for _, when := range []FullPolicy{FullDrop, FullDisconnect} {
		t.Run(when.String(), func(t *testing.T) {
			var s *ServerSession
			var slow, quick *visitor
			var ready atomic.Bool // s, slow and quick are there
			sent := make(chan struct{})
			var once sync.Once
			h := &hearing{data: func(f capture.Flow, d capture.Direction, p []byte) {
				if !ready.Load() || d != capture.In || f.Remote.String() != quick.LocalAddr().String() {
					return
				}
				once.Do(func() {
					// The slow client's reader has recorded something and waits for its turn to tell.
					_, _ = slow.Write([]byte("!"))
					for i, _ := s.Client(slow.number); i.BytesIn == 0; i, _ = s.Client(slow.number) {
						time.Sleep(time.Millisecond)
					}
					time.Sleep(10 * time.Millisecond)
					_, _ = s.Send([]int64{slow.number}, []byte("more"))
					close(sent)
				})
			}}
			s, w := heardServer(t, func(c *ServerConfig) { c.WhenFull, c.MaxQueue = when, 1 }, Options{}, h)
			slow = stall(t, s, w)
			quick = visit(t, s, w)
			ready.Store(true)
			quick.says("?")
			awaitDone(t, "a Send from inside the observer", sent)
			if i := s.Info(); i.DroppedMessages != 1 || i.DroppedBytes != 4 {
				t.Errorf("info is %+v", i)
			}
		})
	}
}

func TestMessagesOfSendersThatMeetAllArrive(t *testing.T) {
	const senders, each = 4, 2000
	s, w := server(t, func(c *ServerConfig) { c.MaxQueue = 1 }, Options{})
	v := visit(t, s, w)
	var wg sync.WaitGroup
	last := make([]*Delivery, senders)
	for n := range senders {
		wg.Go(func() {
			for range each {
				d, err := s.Send([]int64{v.number}, []byte("x"))
				if err != nil {
					t.Errorf("sending: %v", err)
					return
				}
				select {
				case <-d.Done():
				case <-time.After(patience):
					t.Errorf("a message never found room: %+v", d.Result())
					return
				}
				last[n] = d
			}
		})
	}
	if n, err := io.CopyN(io.Discard, v, senders*each); err != nil {
		t.Errorf("%d of %d bytes came: %v", n, senders*each, err)
	}
	wg.Wait()
}

func TestALateReplyKeepsBackNothingThatAPersonSends(t *testing.T) {
	for _, when := range []FullPolicy{FullWait, FullDrop, FullDisconnect} {
		t.Run(when.String(), func(t *testing.T) {
			s, w := server(t, func(c *ServerConfig) {
				c.MaxQueue, c.WhenFull = 1, when
				c.Replies.Rules = []reply.Rule{{Pattern: "a", Reply: "late", Delay: time.Hour}}
			}, Options{})
			v := visit(t, s, w)
			v.says("a")
			soon(t, "the reply to wait", func() bool { return lateCost(s, v.number) > 0 })
			message := noise(maxInline + 1) // more than is written at once
			d, err := s.Send([]int64{v.number}, message)
			if err != nil {
				t.Fatal(err)
			}
			if r := d.Result(); r.Queued != 1 {
				t.Errorf("it came to %+v", r)
			}
			v.hears(string(message))
			s.Disconnect([]int64{v.number})
			v.hearsTheEnd(false)
			v.Close()
			// The reply will not be sent any more, and is counted.
			if i := awaitEnded(t, s, w, v.number); i.DroppedMessages != 1 || i.DroppedBytes != 4 || i.Why != "closed by us (FIN)" {
				t.Errorf("it is listed as %+v", i)
			}
		})
	}
}

// lateCost is what replies cost that wait for their time.
func lateCost(s *ServerSession, number int64) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.clients.byNumber[number]
	c.stream.mu.Lock()
	defer c.stream.mu.Unlock()
	return c.stream.outbox.late
}

func TestMoreRoomLetsMessagesGoThatWait(t *testing.T) {
	s, w := server(t, nil, Options{})
	v := visit(t, s, w)
	stuck(t, s, v)
	d, err := s.Send([]int64{v.number}, []byte("more"))
	if err != nil {
		t.Fatal(err)
	}
	if r := d.Result(); r.Waiting != 1 {
		t.Fatalf("it came to %+v at first", r)
	}
	c := s.Config()
	c.MaxQueue = 2 * tooMuch
	if err := s.Configure(c); err != nil {
		t.Fatal(err)
	}
	awaitDone(t, "the delivery", d.Done())
	if r := d.Result(); r.Queued != 1 {
		t.Errorf("it came to %+v", r)
	}
}

func TestAMessageThatWaitsIsSentBeforeTheFINOfAKick(t *testing.T) {
	s, w := server(t, func(c *ServerConfig) { c.MaxQueue = 1 }, Options{})
	v := stall(t, s, w)
	d, err := s.Send([]int64{v.number}, []byte("goodbye"))
	if err != nil {
		t.Fatal(err)
	}
	s.Disconnect([]int64{v.number})
	all, err := io.ReadAll(v)
	if err != nil || !bytes.HasSuffix(all, []byte("xgoodbye")) {
		t.Errorf("it heard %d bytes that end in %q, %v", len(all), all[max(0, len(all)-10):], err)
	}
	v.Close()
	awaitDone(t, "the delivery", d.Done())
	if r := d.Result(); r.Queued != 1 {
		t.Errorf("it came to %+v", r)
	}
	if i := awaitEnded(t, s, w, v.number); i.UnsentBytes != 0 || i.BytesOut != int64(len(all)) {
		t.Errorf("it is listed as %+v", i)
	}
}

// With TLS every reply is queued, and the queue is full with one.
func TestATinyQueueEchoesOverTLS(t *testing.T) {
	s, _ := server(t, func(c *ServerConfig) {
		c.TLS = &ServerTLS{CADir: t.TempDir()}
		c.MaxQueue, c.Replies.Echo = 1, true
	}, Options{})
	c, err := tls.Dial("tcp", s.Info().Local.String(), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	for range 20 {
		p := []byte("hello")
		if _, err := c.Write(p); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(c, p); err != nil || string(p) != "hello" {
			t.Fatalf("heard %q, %v", p, err)
		}
	}
}

func TestAHalfCloseWakesAReaderThatWaitsForRoom(t *testing.T) {
	s, w := server(t, func(c *ServerConfig) {
		c.MaxQueue = 1
		c.Replies.Rules = []reply.Rule{{Match: reply.Prefix, Pattern: "a", Reply: "late", Delay: time.Hour}}
	}, Options{})
	v := visit(t, s, w)
	v.says("a")
	soon(t, "the reply to be due", func() bool { return lateCost(s, v.number) > 0 })
	time.Sleep(20 * time.Millisecond) // now the reader waits
	s.CloseWrite([]int64{v.number})
	v.hearsTheEnd(false)
	v.says("b")
	s.until(t, w, v.number, "heard after our FIN", func(i ClientInfo) bool { return i.BytesIn == 2 })
	v.Close()
	awaitEnded(t, s, w, v.number)
}

// A reply comes to wait in the moment between another's being taken from the list and the next look at it.
func TestAReplyThatComesToWaitWhileAnotherIsSentLeavesNoTimer(t *testing.T) {
	clock := &nth{}
	s, w := heardServer(t, func(c *ServerConfig) {
		c.Replies.Rules = []reply.Rule{{Pattern: "a", Reply: "b", Delay: 50 * time.Millisecond}}
	}, Options{Clock: clock.now, Capture: capture.Options{Clock: time.Now}}, nil)
	v := visit(t, s, w)
	s.mu.Lock()
	c := s.clients.byNumber[v.number]
	s.mu.Unlock()
	v.says("a")
	soon(t, "the reply to be due", func() bool { return lateCost(s, v.number) > 0 })
	clock.f = func() { c.later(20*time.Second, []byte("much later")) }
	clock.left.Store(1) // the next reading is for the reply that is sent
	v.hears("b")
	v.Close()
	awaitEnded(t, s, w, v.number)
	within(t, 10*time.Second, "Close", func() { closeServer(t, s) })
}

func TestACancelledDeliveryKnowsWhoGotIt(t *testing.T) {
	const clients = fewClients + 1
	var s *ServerSession
	delivery := make(chan *Delivery, 1)
	var once sync.Once
	h := &hearing{data: func(_ capture.Flow, d capture.Direction, _ []byte) {
		once.Do(func() { (<-delivery).Cancel() })
	}}
	s, w := heardServer(t, nil, Options{}, h)
	var all []*visitor
	for range clients {
		all = append(all, visit(t, s, w))
	}
	d, err := s.Send(nil, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	delivery <- d
	awaitDone(t, "the cancelled delivery", d.Done())
	all[0].hears("x")
	s.Disconnect(nil)
	got := 1
	for _, v := range all[1:] {
		rest, _ := io.ReadAll(v)
		got += len(rest)
		v.Close()
	}
	all[0].Close()
	if r := d.Result(); r.Queued != got || r.Queued+r.Stopped != clients {
		t.Errorf("%d of %d clients got it, and it came to %+v", got, clients, r)
	}
}

// Whoever cancels while there comes to be room: each message has either arrived or been stopped.
func TestMessagesThatAreCancelledAreNotSent(t *testing.T) {
	const messages = 200
	s, w := server(t, func(c *ServerConfig) { c.MaxQueue = 2 }, Options{})
	v := stall(t, s, w)
	var all []*Delivery
	for range messages {
		d, err := s.Send([]int64{v.number}, []byte("y"))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, d)
	}
	var wg sync.WaitGroup
	var heard bytes.Buffer
	wg.Go(func() { _, _ = io.Copy(&heard, v) })
	for _, d := range all[messages/2:] {
		d.Cancel()
	}
	queued := 0
	for _, d := range all {
		awaitDone(t, "a delivery", d.Done())
		r := d.Result()
		if r.Queued+r.Stopped != 1 || r.Waiting != 0 {
			t.Errorf("a delivery came to %+v", r)
		}
		queued += r.Queued
	}
	s.Disconnect(nil)
	wg.Wait()
	if n := bytes.Count(heard.Bytes(), []byte("y")); n != queued {
		t.Errorf("%d messages arrived and %d are said to have been queued", n, queued)
	}
}

func TestMessagesThatWaitAreBoundedInBytes(t *testing.T) {
	s, w := server(t, nil, Options{})
	v := visit(t, s, w)
	stuck(t, s, v)
	big := make([]byte, 16<<20)
	waits := 0
	for range 10 {
		d, err := s.Send([]int64{v.number}, big)
		if err != nil {
			t.Fatal(err)
		}
		waits += d.Result().Waiting
	}
	if waits != maxPending/len(big) {
		t.Errorf("%d messages of %d bytes wait", waits, len(big))
	}
	if i := s.Info(); i.DroppedMessages != int64(10-waits) {
		t.Errorf("info is %+v", i)
	}
}

func TestCancelledMessagesLeaveTheirPlacesToOthers(t *testing.T) {
	s, w := server(t, func(c *ServerConfig) { c.MaxQueue = 1 }, Options{})
	v := visit(t, s, w)
	stuck(t, s, v)
	for range maxHeld {
		d, err := s.Send([]int64{v.number}, []byte("x"))
		if err != nil {
			t.Fatal(err)
		}
		d.Cancel()
	}
	d, err := s.Send([]int64{v.number}, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	if r := d.Result(); r.Waiting != 1 {
		t.Errorf("it came to %+v", r)
	}
}

// A client that talks all the time, and takes its echoes as slowly as it talks, gets a message all the same
// that is as large as its queue.
func TestAMessageThatWaitsIsNotOvertakenForEver(t *testing.T) {
	const most = 8 << 20 // more than is taken at once whenever a socket has room again
	s, w := server(t, func(c *ServerConfig) { c.Replies.Echo, c.MaxQueue = true, most }, Options{})
	v := visit(t, s, w)
	var wg sync.WaitGroup
	wg.Go(func() {
		p := make([]byte, 64<<10)
		for {
			if _, err := v.Write(p); err != nil {
				return
			}
		}
	})
	s.until(t, w, v.number, "full", func(i ClientInfo) bool { return i.PendingBytes > most/2 })
	d, err := s.Send([]int64{v.number}, make([]byte, most))
	if err != nil {
		t.Fatal(err)
	}
	wg.Go(func() {
		p := make([]byte, 64<<10)
		for {
			if _, err := v.Read(p); err != nil {
				return
			}
			time.Sleep(200 * time.Microsecond)
		}
	})
	select {
	case <-d.Done():
	case <-time.After(patience):
		t.Errorf("after %v it came to %+v", patience, d.Result())
	}
	s.Reset(nil)
	wg.Wait()
}

func TestAClientIsNotFullWhileAMessageIsBeingWritten(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("every message waits for the writer there")
	}
	s, w := server(t, func(c *ServerConfig) { c.MaxQueue, c.WhenFull = 1, FullDisconnect }, Options{})
	v := visit(t, s, w)
	s.mu.Lock()
	stream := s.clients.byNumber[v.number].stream
	s.mu.Unlock()
	go io.Copy(io.Discard, v)
	for range 2000 {
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() { _, _ = s.Send([]int64{v.number}, []byte("xx")) })
		}
		wg.Wait()
		soon(t, "both to be written", func() bool {
			stream.mu.Lock()
			defer stream.mu.Unlock()
			return stream.outbox.memory == 0 && !stream.writing
		})
		if i := s.Info(); i.DroppedMessages > 0 {
			c, _ := s.Client(v.number)
			t.Fatalf("a client that takes everything was %s: %s", c.State, c.Why)
		}
	}
}

func TestIdleClientsAreClosedWhetherAnybodyListensOrNot(t *testing.T) {
	s, w := server(t, nil, Options{})
	v := visit(t, s, w)
	if err := s.StopListening(); err != nil {
		t.Fatal(err)
	}
	w.await(t, "the end of the listener", func(e Event) bool { return strings.HasPrefix(e.Text, "stopped listening") })
	c := s.Config()
	c.IdleTimeout = 100 * time.Millisecond
	if err := s.Configure(c); err != nil {
		t.Fatal(err)
	}
	_ = v.SetDeadline(time.Now().Add(patience))
	v.hearsTheEnd(false)
	v.Close()
	awaitEnded(t, s, w, v.number)
	awaitDone(t, "the end", s.Done())
}

// The clock may be anybody's: what counts is what it says between a client's bytes and now.
func TestIdlenessIsOfTheSessionsClock(t *testing.T) {
	var ahead atomic.Int64
	s, w := server(t, func(c *ServerConfig) { c.IdleTimeout = time.Hour }, Options{
		Clock:   func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) },
		Capture: capture.Options{Clock: time.Now},
	})
	v := visit(t, s, w)
	ahead.Store(int64(30 * time.Minute))
	busy := visit(t, s, w)
	ahead.Store(int64(61 * time.Minute))
	v.hearsTheEnd(false)
	v.Close()
	awaitEnded(t, s, w, v.number)
	if i, _ := s.Client(busy.number); i.State != Open {
		t.Errorf("a client that was idle for half the time is listed as %+v", i)
	}
}

// slowListener is a listener that fails to accept, and takes its time to close.
type slowListener struct {
	net.Listener
	closed atomic.Bool
}

func (*slowListener) Accept() (net.Conn, error) {
	return nil, &net.OpError{Op: "accept", Net: "tcp", Err: errTooManyFiles}
}

func (l *slowListener) Close() error {
	time.Sleep(50 * time.Millisecond)
	err := l.Listener.Close()
	l.closed.Store(true)
	return err
}

func TestAListenerIsClosedWhenItsEndIsTold(t *testing.T) {
	var l *slowListener
	s, w := heardServer(t, nil, Options{Listen: func(context.Context, string, uint16) (net.Listener, error) {
		inner, err := net.Listen("tcp", "127.0.0.1:0")
		l = &slowListener{Listener: inner}
		return l, err
	}}, nil)
	w.named(t, EventIOError)
	if err := s.StopListening(); err != nil {
		t.Fatal(err)
	}
	w.await(t, "the end of the listener", func(e Event) bool { return e.Text == "stopped listening" })
	if !l.closed.Load() {
		t.Error("the end was told while the port was still taken")
	}
	awaitDone(t, "the end", s.Done())
}

func TestAPortCanBeTakenAgainAtOnce(t *testing.T) {
	s, w := server(t, nil, Options{})
	c := s.Config()
	c.Address = s.Info().Local.String()
	if err := s.Configure(c); err != nil {
		t.Fatal(err)
	}
	for range 300 {
		if err := s.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	soon(t, "the last one to listen", func() bool { i := s.Info(); return i.State == Open || i.State == Failed })
	for range 100 {
		if err := s.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		soon(t, "listening", func() bool { i := s.Info(); return i.State == Open || i.State == Failed })
		if i := s.Info(); i.Err != nil {
			t.Fatal(i.Err)
		}
	}
	visit(t, s, w)
}

func TestFailedAcceptsAreCountedOverAllListeners(t *testing.T) {
	var starts atomic.Int64
	s, w := server(t, nil, Options{Listen: func(context.Context, string, uint16) (net.Listener, error) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		left := 0
		if starts.Add(1) == 1 {
			left = 3
		}
		return &failingListener{Listener: l, left: left}, err
	}})
	visit(t, s, w)
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	soon(t, "the second listener", func() bool { return s.Info().Listening && starts.Load() == 2 })
	if n := s.Info().AcceptErrs; n != 3 {
		t.Errorf("%d failed accepts are counted, want 3", n)
	}
}

func TestTheVersionMovesWithWhatWaits(t *testing.T) {
	s, w := server(t, nil, Options{})
	v := stall(t, s, w)
	soon(t, "nothing to move", func() bool { return stands(s.Version) })
	for what, do := range map[string]func(){
		"a message": func() { _, _ = s.Send([]int64{v.number}, []byte("x")) },
		"a file":    func() { _, _ = s.SendFile([]int64{v.number}, fileOf(t, 10)) },
	} {
		version, pending := s.Version(), s.Info().PendingBytes
		do()
		if s.Info().PendingBytes == pending {
			t.Errorf("%s does not wait", what)
		}
		if s.Version() == version {
			t.Errorf("%s came to wait and the version did not move", what)
		}
	}
}

func TestAHandshakeThatTheServerGivesUpIsNoFailure(t *testing.T) {
	ends := map[string]func(s *ServerSession, cancel func()){
		"by the end of the context": func(_ *ServerSession, cancel func()) { cancel() },
		"by a shutdown":             func(s *ServerSession, _ func()) { _ = s.Shutdown() },
		"by a reset":                func(s *ServerSession, _ func()) { s.Reset(nil); _ = s.StopListening() },
		"by Close":                  func(s *ServerSession, _ func()) { _ = s.Close() },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			s, w := idleServer(t, func(c *ServerConfig) { c.TLS = &ServerTLS{CADir: t.TempDir()} }, Options{}, nil)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if err := s.Start(ctx); err != nil {
				t.Fatal(err)
			}
			w.named(t, EventListening)
			for n := range 3 {
				c, err := net.Dial("tcp", s.Info().Local.String())
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				_, _ = c.Write([]byte("\x16\x03\x01\x02\x00")[:2*n]) // nothing, or the begin of a handshake
			}
			w.until(t, "three handshakes", func() bool { return s.Info().Accepted == 3 })
			within(t, 5*time.Second, "the end", func() {
				end(s, cancel)
				<-s.Done()
			})
			if i := s.Info(); i.Failed != 0 || i.Ended != 3 || i.Clients != 0 {
				t.Errorf("info is %+v", i)
			}
		})
	}
}

func TestHandshakesGoOnWhenTheListenerHasStopped(t *testing.T) {
	s, w := server(t, func(c *ServerConfig) {
		c.TLS = &ServerTLS{CADir: t.TempDir(), HandshakeTimeout: 500 * time.Millisecond}
	}, Options{})
	c, err := net.Dial("tcp", s.Info().Local.String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	w.until(t, "a handshake", func() bool { return s.Info().Accepted == 1 })
	if err := s.StopListening(); err != nil {
		t.Fatal(err)
	}
	within(t, patience, "the end of a handshake that stalls", func() { <-s.Done() })
	if i := s.Info(); i.Failed != 1 || i.Ended != 1 {
		t.Errorf("info is %+v", i)
	}
}

// doneHook is a context that calls f when it is asked for its end for the first time.
type doneHook struct {
	context.Context
	once sync.Once
	f    func()
}

func (d *doneHook) Done() <-chan struct{} {
	d.once.Do(d.f)
	return d.Context.Done()
}

func TestAConfigurationThatComesDuringStartStays(t *testing.T) {
	s, w := idleServer(t, nil, Options{}, nil)
	ctx := &doneHook{Context: t.Context(), f: func() {
		c := s.Config()
		c.Replies.Greeting = "new"
		if err := s.Configure(c); err != nil {
			t.Error(err)
		}
	}}
	if err := s.Start(ctx); err != nil {
		t.Fatal(err)
	}
	w.named(t, EventListening)
	visit(t, s, w).hears("new")
}

func TestNobodyCanChangeAServersConfigurationFromOutside(t *testing.T) {
	c := DefaultServer()
	c.Address = "127.0.0.1:0"
	c.Replies.Rules = []reply.Rule{{Pattern: "a", Reply: "b"}}
	c.Policy = []byte("<cross-domain-policy/>")
	s, _ := idleServer(t, func(to *ServerConfig) { *to = c }, Options{}, nil)
	spoil := func(c ServerConfig) {
		c.Replies.Rules[0].Pattern = "spoiled"
		c.Policy[0] = '!'
	}
	whole := func(how string) {
		t.Helper()
		if got := s.Config(); got.Replies.Rules[0].Pattern != "a" || got.Policy[0] != '<' {
			t.Errorf("%s it became %+v", how, got)
		}
	}
	spoil(c)
	whole("through what NewServer was given")
	spoil(s.Config())
	whole("through what Config returned")
	c = s.Config()
	if err := s.Configure(c); err != nil {
		t.Fatal(err)
	}
	spoil(c)
	whole("through what Configure was given")
}

func TestAFileGoesToTheOthersWhenOneClientCannotTakeIt(t *testing.T) {
	s, w := server(t, nil, Options{})
	a, b, c := visit(t, s, w), visit(t, s, w), visit(t, s, w)
	s.CloseWrite([]int64{b.number})
	b.hearsTheEnd(false)
	path := fileOf(t, 1000)
	all, err := s.SendFile([]int64{a.number, b.number, c.number}, path)
	if !errors.Is(err, ErrNotOpen) || !strings.Contains(err.Error(), "client 2") {
		t.Errorf("the error is %v", err)
	}
	if len(all) != 2 {
		t.Fatalf("%d transfers began", len(all))
	}
	for _, v := range []*visitor{a, c} {
		v.hears(string(noise(1000)))
	}
	soon(t, "the file to be removed", func() bool { return os.Remove(path) == nil }) // Windows keeps it until it is closed
	if all, err = s.SendFile(nil, path); !errors.Is(err, os.ErrNotExist) || len(all) != 0 {
		t.Errorf("a file that is not there gives %d transfers and %v", len(all), err)
	}
}

// The rest of a message that did not fit in a client's socket is not copied for each client.
func TestTheRestOfAMessageIsShared(t *testing.T) {
	s, w := server(t, nil, Options{})
	v := visit(t, s, w)
	s.mu.Lock()
	stream := s.clients.byNumber[v.number].stream
	s.mu.Unlock()
	for {
		d, err := s.Send(nil, make([]byte, maxInline))
		if err != nil {
			t.Fatal(err)
		}
		stream.mu.Lock()
		var rest []byte
		switch o := &stream.outbox; {
		case len(o.queue) > 0:
			rest = o.queue[0].p
		case o.now != nil:
			rest = o.now.p
		}
		stream.mu.Unlock()
		if len(rest) == 0 {
			continue
		}
		if end := func(p []byte) *byte { return &p[len(p)-1] }; end(rest) != end(d.p) {
			t.Errorf("%d bytes of a message are a copy", len(rest))
		}
		return
	}
}

// Ten thousand clients that send as fast as they can to an observer that is slow must not need a large
// buffer each.
func TestLargeBuffersAreFew(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a read has its own buffer there, while there is nothing to read too")
	}
	const clients = 100
	release := make(chan struct{})
	var block atomic.Bool
	h := &hearing{data: func(_ capture.Flow, d capture.Direction, _ []byte) {
		if block.Load() {
			<-release
		}
	}}
	s, w := heardServer(t, nil, Options{}, h)
	var all []net.Conn
	for range clients {
		c, err := net.Dial("tcp", s.Info().Local.String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		all = append(all, c)
	}
	w.until(t, "all to have come", func() bool { return s.Info().Accepted == clients })
	p := make([]byte, smallRead*4)
	for range 4 {
		for _, c := range all {
			if _, err := c.Write(p); err != nil {
				t.Fatal(err)
			}
		}
	}
	soon(t, "all to be read", func() bool { return s.Info().BytesIn == int64(clients*4*len(p)) })
	block.Store(true)
	for _, c := range all {
		if _, err := c.Write(p); err != nil {
			t.Fatal(err)
		}
	}
	soon(t, "as many large buffers as there may be", func() bool { return largeInUse.Load() >= maxLarge })
	soon(t, "as much as is read before one is told", func() bool { return stands(func() int64 { return s.Info().BytesIn }) })
	if n := largeInUse.Load(); n != maxLarge {
		t.Errorf("%d large buffers are in use, want %d", n, maxLarge)
	}
	block.Store(false)
	close(release)
	soon(t, "the rest", func() bool { return s.Info().BytesIn == int64(clients*5*len(p)) })
	soon(t, "all large buffers to be given back", func() bool { return largeInUse.Load() == 0 })
}

func TestAReplyThatIsFullBecauseOfLateOnesSaysSo(t *testing.T) {
	s, w := server(t, func(c *ServerConfig) {
		c.MaxQueue, c.WhenFull = 100, FullDisconnect
		c.Replies.Rules = []reply.Rule{{Match: reply.Prefix, Pattern: "a", Reply: "1234567890", Delay: time.Hour}}
	}, Options{})
	v := visit(t, s, w)
	for n := range 3 {
		if _, err := io.WriteString(v, "a"); err != nil {
			break
		}
		s.until(t, w, v.number, "heard", func(i ClientInfo) bool { return i.BytesIn > int64(n) }) // each by itself
	}
	i := awaitEnded(t, s, w, v.number)
	if i.DroppedMessages != 3 || strings.Contains(i.Why, " 0 bytes waited") {
		t.Errorf("it is listed as %+v", i)
	}
}

// A client that dribbles the request for the policy file, and what is no such request.
func TestARequestForThePolicyFileMayComeByteByByte(t *testing.T) {
	s, w := server(t, func(c *ServerConfig) {
		c.Policy, c.Replies.Echo, c.MaxQueue = []byte("<cross-domain-policy/>"), true, 1
	}, Options{})
	v := visit(t, s, w)
	_ = v.SetNoDelay(true)
	for _, b := range []byte(policy.Request) {
		v.says(string(b))
		time.Sleep(time.Millisecond)
	}
	v.hears("<cross-domain-policy/>\x00")
	v.hearsTheEnd(false)
	v.Close()
	v = visit(t, s, w)
	almost := policy.Request[:len(policy.Request)-1] + "x"
	for _, b := range []byte(almost) {
		v.says(string(b))
	}
	v.hears(almost)
	if i := awaitEnded(t, s, w, 1); i.PendingBytes != 0 || i.UnsentBytes != 0 {
		t.Errorf("the first is listed as %+v", i)
	}
}

// Whatever the end, what waited is counted as not sent, and nothing stays pending.
func TestWhatWasNotSentIsCountedAtEveryEnd(t *testing.T) {
	for name, end := range map[string]func(s *ServerSession, v *visitor){
		"a reset by us":     func(s *ServerSession, v *visitor) { s.Reset(nil) },
		"a reset by it":     func(s *ServerSession, v *visitor) { _ = v.SetLinger(0); v.Close() },
		"Close":             func(s *ServerSession, v *visitor) { _ = s.Close() },
		"a kick in vain":    func(s *ServerSession, v *visitor) { s.Disconnect(nil) },
		"its FIN, in vain":  func(s *ServerSession, v *visitor) { _ = v.CloseWrite() },
		"our FIN, in vain":  func(s *ServerSession, v *visitor) { s.CloseWrite(nil); s.Disconnect(nil) },
		"a FIN, then reset": func(s *ServerSession, v *visitor) { s.CloseWrite(nil); s.Reset(nil) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, w := server(t, func(c *ServerConfig) { c.MaxQueue = 1 << 20 }, Options{})
			v := visit(t, s, w)
			stuck(t, s, v)
			path := fileOf(t, 1000)
			files, err := s.SendFile(nil, path)
			if err != nil {
				t.Fatal(err)
			}
			var more []*Delivery
			for range 2 {
				d, err := s.Send(nil, make([]byte, 1<<20))
				if err != nil {
					t.Fatal(err)
				}
				more = append(more, d)
			}
			before, _ := s.Client(v.number)
			if before.PendingBytes == 0 || s.Info().PendingBytes != before.PendingBytes {
				t.Errorf("%d bytes wait for the server and %d for its client", s.Info().PendingBytes, before.PendingBytes)
			}
			end(s, v)
			i := awaitEnded(t, s, w, v.number)
			if i.PendingBytes != 0 || i.UnsentBytes == 0 || i.BytesOut+i.UnsentBytes != tooMuch+1000 {
				t.Errorf("with %d bytes waiting it is listed as %+v", before.PendingBytes, i)
			}
			if n := s.Info().PendingBytes; n != 0 {
				t.Errorf("%d bytes wait for nobody", n)
			}
			awaitDone(t, "the file", files[0].Done())
			if files[0].Err() == nil {
				t.Error("the file is said to have been sent")
			}
			for _, d := range more {
				awaitDone(t, "the delivery", d.Done())
				if r := d.Result(); r.Gone != 1 {
					t.Errorf("a message that waited came to %+v", r)
				}
			}
		})
	}
}

// tooMuch is more than the system takes for a client that does not read.
const tooMuch = 32 << 20

// stuck sends a client that does not read more than the system takes, and waits until that is full.
func stuck(t *testing.T, s *ServerSession, v *visitor) {
	t.Helper()
	if _, err := s.Send([]int64{v.number}, make([]byte, tooMuch)); err != nil {
		t.Fatal(err)
	}
	out := func() int64 { i, _ := s.Client(v.number); return i.BytesOut }
	soon(t, "the client to be full", func() bool { return out() > 0 && stands(out) })
}

func TestEveryMethodMayBeCalledFromInsideTheObserver(t *testing.T) {
	var s *ServerSession
	var ready atomic.Bool
	path := fileOf(t, 100)
	var n atomic.Int64
	act := func() {
		if !ready.Load() {
			return
		}
		_ = s.Info()
		_ = s.Clients(nil)
		_, _ = s.Client(1)
		_ = s.State()
		_ = s.Version()
		_ = s.Done()
		switch n.Add(1) % 8 {
		case 0:
			if d, err := s.Send(nil, []byte("from inside")); err == nil {
				d.Cancel()
			}
		case 1:
			_, _ = s.SendFile(nil, path)
		case 2:
			_ = s.Configure(s.Config())
		case 3:
			_ = s.StopListening()
		case 4:
			_ = s.Start(t.Context())
		case 5:
			s.CloseWrite([]int64{n.Load() % 20})
		case 6:
			s.Reset([]int64{n.Load() % 20})
		case 7:
			s.Disconnect([]int64{n.Load() % 20})
		}
		if n.Load() > 2000 {
			ready.Store(false)
			_ = s.Shutdown()
		}
	}
	h := &hearing{event: func(Event) { act() }, data: func(capture.Flow, capture.Direction, []byte) { act() }}
	s, _ = heardServer(t, func(c *ServerConfig) { c.Replies.Echo = true; c.MaxQueue = 100; c.WhenFull = FullDrop }, Options{}, h)
	addr := s.Info().Local.String()
	c := s.Config()
	c.Address = addr
	if err := s.Configure(c); err != nil {
		t.Fatal(err)
	}
	ready.Store(true)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for end := time.Now().Add(10 * time.Second); ready.Load() && time.Now().Before(end); {
				c, err := net.Dial("tcp", addr)
				if err != nil {
					_ = s.Start(t.Context())
					time.Sleep(time.Millisecond)
					continue
				}
				_ = c.SetDeadline(time.Now().Add(20 * time.Millisecond))
				for range 5 {
					_, _ = io.WriteString(c, "hello")
					_, _ = c.Read(make([]byte, 100))
				}
				c.Close()
			}
		})
	}
	wg.Wait()
	ready.Store(false)
	within(t, 20*time.Second, "Close", func() { closeServer(t, s) })
	if i := s.Info(); i.PendingBytes != 0 || i.Clients != 0 {
		t.Errorf("info is %+v", i)
	}
}

// Starts, stops and ends that meet leave nothing behind, whatever their order.
func TestStartsAndEndsThatMeetLeaveNothing(t *testing.T) {
	for round := range 30 {
		s, _ := idleServer(t, nil, Options{}, nil)
		ctx, cancel := context.WithCancel(t.Context())
		calls := []func(){
			func() { _ = s.Start(ctx) },
			func() { _ = s.Start(ctx) },
			func() { _ = s.StopListening() },
			func() { _ = s.Shutdown() },
			func() { _ = s.Configure(s.Config()) },
			func() { _, _ = s.Send(nil, []byte("x")) },
			func() {
				if at := s.Info().Local; at.IsValid() {
					if c, err := net.Dial("tcp", at.String()); err == nil {
						defer c.Close()
						_, _ = io.WriteString(c, "x")
					}
				}
			},
			func() { cancel() },
			func() { _ = s.Start(t.Context()) },
			func() { _ = s.Close() },
		}
		var wg sync.WaitGroup
		for n := range calls {
			wg.Go(func() {
				for k := range calls {
					calls[(n*7+k*3+round)%len(calls)]()
				}
			})
		}
		within(t, patience, "the end of all calls", wg.Wait)
		closeServer(t, s)
		select {
		case <-s.Done():
		default:
			t.Fatal("it is not done after Close")
		}
		if i := s.Info(); i.State.Live() || i.Listening || i.Clients != 0 || i.Accepted != i.Ended {
			t.Fatalf("info after Close is %+v", i)
		}
		cancel()
	}
}

func TestAShutdownBeforeTheListenerStandsIsAnEnd(t *testing.T) {
	for name, end := range map[string]func(*ServerSession) error{
		"StopListening": (*ServerSession).StopListening,
		"Shutdown":      (*ServerSession).Shutdown,
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := idleServer(t, nil, Options{Listen: func(ctx context.Context, _ string, _ uint16) (net.Listener, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			}}, nil)
			if err := s.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := end(s); err != nil {
				t.Fatal(err)
			}
			awaitDone(t, "the end", s.Done())
			if i := s.Info(); i.State != Closed || i.Err != nil {
				t.Errorf("info is %+v", i)
			}
			if err := end(s); !errors.Is(err, ErrNotOpen) {
				t.Errorf("again it gives %v", err)
			}
		})
	}
}

func TestAContextThatHasEndedStartsNothing(t *testing.T) {
	s, _ := idleServer(t, nil, Options{}, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Start(ctx); err != nil {
		t.Fatal(err)
	}
	awaitDone(t, "the end", s.Done())
	if i := s.Info(); i.State != Closed || i.Listening {
		t.Errorf("info is %+v", i)
	}
}

func TestTheLimitOfClientsHoldsWhenManyComeAtOnce(t *testing.T) {
	const most, many = 10, 200
	s, _ := server(t, func(c *ServerConfig) { c.MaxClients = most }, Options{})
	var wg sync.WaitGroup
	var over atomic.Bool
	stop := make(chan struct{})
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				if s.Info().Clients > most {
					over.Store(true)
				}
			}
		}
	})
	var visitors sync.WaitGroup
	for range many {
		visitors.Go(func() {
			c, err := net.Dial("tcp", s.Info().Local.String())
			if err != nil {
				return
			}
			defer c.Close()
			_ = c.SetDeadline(time.Now().Add(20 * time.Millisecond))
			_, _ = c.Read(make([]byte, 1))
		})
	}
	visitors.Wait()
	soon(t, "all to be counted", func() bool { i := s.Info(); return i.Accepted+i.Refused == many && i.Clients == 0 })
	close(stop)
	wg.Wait()
	if over.Load() {
		t.Errorf("more than %d clients were connected", most)
	}
	if s.Info().Refused == 0 {
		t.Log("nobody was refused")
	}
}

func TestLimitsThatCannotBeAreRefused(t *testing.T) {
	for field, change := range map[string]func(*ServerConfig){
		"MaxClients":  func(c *ServerConfig) { c.MaxClients = -1 },
		"MaxQueue":    func(c *ServerConfig) { c.MaxQueue = -1 << 62 },
		"IdleTimeout": func(c *ServerConfig) { c.IdleTimeout = -time.Second },
		"Backlog":     func(c *ServerConfig) { c.Backlog = -1 },
		"KeepAlive":   func(c *ServerConfig) { c.KeepAlive = -1 },
		"WhenFull":    func(c *ServerConfig) { c.WhenFull = 77 },
	} {
		t.Run(field, func(t *testing.T) {
			c := DefaultServer()
			c.Address = "127.0.0.1:0"
			change(&c)
			var bad *ConfigError
			if err := c.Check(); !errors.As(err, &bad) || bad.Field != field {
				t.Errorf("Check gives %v", err)
			}
		})
	}
}

func TestClientsAreListedByTheirNumbers(t *testing.T) {
	s := &ServerSession{}
	s.clients.init()
	l := &listening{s: s, clients: t.Context()}
	want := map[int64]bool{}
	r := rand.New(rand.NewPCG(1, 2))
	for n := int64(1); n <= 3000; n++ {
		s.clients.add(newServerClient(l, n, nil, capture.Flow{}, time.Now(), &serverLive{}))
		if n > 100 { // about a hundred stay connected, and others go in any order
			live := s.clients.all()
			c := live[r.IntN(len(live))]
			s.clients.remove(c)
			s.ended.add(c.info())
		}
		if n%250 == 0 {
			all := s.Clients(make([]ClientInfo, 1)[:1])[1:]
			clear(want)
			for _, c := range s.clients.all() {
				want[c.number] = true
			}
			for _, i := range s.ended.list {
				want[i.Number] = true
			}
			for i, c := range all {
				if !want[c.Number] || i > 0 && all[i-1].Number >= c.Number {
					t.Fatalf("number %d of %d is client %d", i, len(all), c.Number)
				}
			}
			if len(all) != len(want) {
				t.Fatalf("%d of %d are listed", len(all), len(want))
			}
		}
	}
}

func BenchmarkNineThousandClients(b *testing.B) {
	s, _ := heardServer(b, nil, Options{}, &hearing{})
	const clients = 9_000
	all := make([]net.Conn, clients)
	for n := range all {
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(2+n/5000))}}
		var err error
		if all[n], err = d.Dial("tcp", s.Info().Local.String()); err != nil {
			b.Skip(err)
		}
		defer all[n].Close()
	}
	soon(b, "all to have come", func() bool { return s.Info().Accepted == clients })
	b.Run("Info", func(b *testing.B) {
		for b.Loop() {
			_ = s.Info()
		}
	})
	listed := func(b *testing.B) {
		var list []ClientInfo
		b.ReportAllocs()
		for b.Loop() {
			list = s.Clients(list[:0])
		}
	}
	b.Run("Clients", listed)
	b.Run("Send", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			d, err := s.Send(nil, []byte("x"))
			if err != nil {
				b.Fatal(err)
			}
			<-d.Done()
		}
	})
	rand.Shuffle(clients, func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, c := range all[:1500] {
		c.Close()
	}
	soon(b, "some to have gone", func() bool { return s.Info().Ended == 1500 })
	b.Run("Clients of which many have gone", listed)
}
