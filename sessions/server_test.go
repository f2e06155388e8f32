package sessions

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wirebench/sessions/capture"
	"wirebench/sessions/policy"
	"wirebench/sessions/reply"
)

// server returns a server that listens on a loopback port of the system's choice; the end of the test
// closes it and holds its watch against what every session promises.
func server(tb testing.TB, change func(*ServerConfig), o Options) (*ServerSession, *watch) {
	tb.Helper()
	w := newWatch(nil)
	o.Observer = w
	if o.Capture.Dir == "" {
		o.Capture.Dir = tb.TempDir()
	}
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
	if err := s.Start(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	w.named(tb, EventListening)
	return s, w
}

// visitor is a client of a server.
type visitor struct {
	tb testing.TB
	*net.TCPConn
	number int64
}

// visit connects and waits until the server knows.
func visit(tb testing.TB, s *ServerSession, w *watch) *visitor {
	tb.Helper()
	c, err := net.Dial("tcp", s.Info().Local.String())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	e := w.await(tb, "the connection from "+c.LocalAddr().String(), func(e Event) bool {
		return e.Name == EventConnect && e.Remote.String() == c.LocalAddr().String()
	})
	return &visitor{tb, c.(*net.TCPConn), e.Client}
}

func (v *visitor) says(text string) {
	v.tb.Helper()
	if _, err := io.WriteString(v, text); err != nil {
		v.tb.Fatal(err)
	}
}

func (v *visitor) hears(want string) {
	v.tb.Helper()
	got := make([]byte, len(want))
	if n, err := io.ReadFull(v, got); err != nil || string(got) != want {
		v.tb.Fatalf("client %d heard %q, %v; want %q", v.number, got[:n], err, want)
	}
}

// hearsTheEnd expects nothing more but a FIN, or with reset an RST.
func (v *visitor) hearsTheEnd(reset bool) {
	v.tb.Helper()
	rest, err := io.ReadAll(v)
	if len(rest) > 0 || (err != nil) != reset || reset && !errors.Is(err, errReset) {
		v.tb.Fatalf("client %d heard %q, %v at the end; want a reset: %v", v.number, rest, err, reset)
	}
}

// until waits until a client's info is as wanted.
func (s *ServerSession) until(tb testing.TB, w *watch, number int64, what string, ok func(ClientInfo) bool) ClientInfo {
	tb.Helper()
	var i ClientInfo
	w.until(tb, fmt.Sprintf("client %d to be %s", number, what), func() bool {
		i, _ = s.Client(number)
		return ok(i)
	})
	return i
}

func ended(i ClientInfo) bool { return !i.Ended.IsZero() }

// awaitEnded waits until a client is listed as gone. The last event comes a moment before that.
func awaitEnded(tb testing.TB, s *ServerSession, w *watch, number int64) ClientInfo {
	tb.Helper()
	w.await(tb, fmt.Sprintf("the close of client %d", number), func(e Event) bool { return e.Name == EventClose && e.Client == number })
	for end := time.Now().Add(patience); ; {
		if i, ok := s.Client(number); ok && ended(i) {
			return i
		}
		if time.Now().After(end) {
			tb.Fatalf("client %d is never listed as gone", number)
		}
		time.Sleep(time.Millisecond)
	}
}

func replies(c reply.Config) func(*ServerConfig) {
	return func(s *ServerConfig) { s.Replies = c }
}

func TestAServerGreetsAndEchoesAsTheAIRDocumentationDoes(t *testing.T) {
	s, w := server(t, replies(reply.Config{Greeting: "Connected.", Echo: true, Prefix: "Echo -- "}), Options{})
	a, b := visit(t, s, w), visit(t, s, w)
	for _, v := range []*visitor{a, b} {
		v.hears("Connected.")
		v.says("hello")
		v.hears("Echo -- hello")
	}
	if i := s.Info(); i.Clients != 2 || i.Accepted != 2 || !i.Listening || i.State != Open || i.BytesIn != 10 || i.MessagesIn != 2 {
		t.Errorf("info is %+v", i)
	}
	if a.number != 1 || b.number != 2 {
		t.Errorf("clients are numbered %d and %d", a.number, b.number)
	}
	list := s.Clients(nil)
	if len(list) != 2 || list[0].Number != 1 || list[1].Number != 2 || list[0].BytesIn != 5 || list[0].Remote.String() != a.LocalAddr().String() {
		t.Errorf("clients are %+v", list)
	}
	a.Close()
	if i := awaitEnded(t, s, w, 1); i.ClosedBy != ByPeer || i.State != Closed || i.Why != "closed by peer (FIN)" {
		t.Errorf("a client that has closed is listed as %+v", i)
	}
	closeServer(t, s)
	var got []string
	for _, r := range records(t, s) {
		if r.Flow.Remote.String() == a.LocalAddr().String() && r.Kind != capture.Note {
			got = append(got, fmt.Sprintf("%s %s %d", r.Dir, r.Kind, r.Len))
		}
	}
	want := "in open 0, out open 0, out data 10, in data 5, out data 13, in close 0, out close 0"
	if strings.Join(got, ", ") != want {
		t.Errorf("the capture of client 1 is\n%s, want\n%s", strings.Join(got, ", "), want)
	}
}

// closeServer ends a server so that its capture can be read; closing again does no harm.
func closeServer(tb testing.TB, s *ServerSession) {
	tb.Helper()
	if err := s.Close(); err != nil {
		tb.Errorf("Close: %v", err)
	}
}

func TestAMessageGoesToTheChosenClientsOrToAll(t *testing.T) {
	s, w := server(t, nil, Options{})
	if _, err := s.Send(nil, []byte("x")); !errors.Is(err, ErrNotOpen) {
		t.Errorf("sending to nobody gives %v", err)
	}
	var all []*visitor
	for range 3 {
		all = append(all, visit(t, s, w))
	}
	d, err := s.Send([]int64{2}, []byte("only you"))
	if err != nil {
		t.Fatal(err)
	}
	awaitDone(t, "the delivery", d.Done())
	if d, err = s.Send(nil, []byte("everybody")); err != nil {
		t.Fatal(err)
	}
	awaitDone(t, "the delivery", d.Done())
	if r := d.Result(); r.Clients != 3 || r.Queued != 3 {
		t.Errorf("the broadcast came to %+v", r)
	}
	if d, err = s.Send([]int64{1, 77}, []byte("!")); err != nil {
		t.Fatal(err)
	}
	if r := d.Result(); r.Clients != 2 || r.Queued != 1 || r.Gone != 1 {
		t.Errorf("a message to a client that is not there came to %+v", r)
	}
	for i, want := range []string{"everybody!", "only youeverybody", "everybody"} {
		all[i].hears(want)
	}
}

func TestABroadcastToManyClientsArrivesWholeAndInOrder(t *testing.T) {
	const clients, messages = 50, 20
	s, w := server(t, nil, Options{})
	var all []*visitor
	for range clients {
		all = append(all, visit(t, s, w))
	}
	var want strings.Builder
	var last *Delivery
	for n := range messages {
		text := fmt.Sprintf("message %d;", n)
		want.WriteString(text)
		d, err := s.Send(nil, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		last = d
	}
	awaitDone(t, "the last delivery", last.Done())
	if r := last.Result(); r.Queued != clients {
		t.Errorf("the last message came to %+v", r)
	}
	for _, v := range all {
		v.hears(want.String())
	}
}

func TestClientsAreKickedResetAndHalfClosed(t *testing.T) {
	s, w := server(t, nil, Options{})
	kicked, reset, half, stays := visit(t, s, w), visit(t, s, w), visit(t, s, w), visit(t, s, w)
	if n := s.Disconnect([]int64{kicked.number}); n != 1 {
		t.Errorf("%d clients kicked", n)
	}
	kicked.hearsTheEnd(false)
	kicked.Close()
	if i := awaitEnded(t, s, w, kicked.number); i.ClosedBy != ByLocal || i.State != Closed {
		t.Errorf("a kicked client is listed as %+v", i)
	}
	if n := s.Reset([]int64{reset.number, 99}); n != 1 {
		t.Errorf("%d clients reset", n)
	}
	reset.hearsTheEnd(true)
	if i := awaitEnded(t, s, w, reset.number); i.ClosedBy != ByLocal || i.Why != "reset by us (RST)" {
		t.Errorf("a client that was reset is listed as %+v", i)
	}
	if n := s.CloseWrite([]int64{half.number}); n != 1 {
		t.Errorf("%d clients half-closed", n)
	}
	half.hearsTheEnd(false)
	half.says("still here")
	s.until(t, w, half.number, "heard after our FIN", func(i ClientInfo) bool { return i.BytesIn == 10 && i.WriteClosed && i.State == Open })
	_ = stays.SetLinger(0)
	stays.Close()
	if i := awaitEnded(t, s, w, stays.number); i.ClosedBy != ByReset || i.State != Failed || i.Why != "reset by peer (RST)" {
		t.Errorf("a client that has reset is listed as %+v", i)
	}
	if i := s.Info(); i.Clients != 1 || i.Ended != 3 {
		t.Errorf("info is %+v", i)
	}
}

func TestStoppingTheListenerLeavesItsClients(t *testing.T) {
	s, w := server(t, replies(reply.Config{Echo: true}), Options{})
	v := visit(t, s, w)
	local := s.Info().Local.String()
	if err := s.StopListening(); err != nil {
		t.Fatal(err)
	}
	w.await(t, "the end of the listener", func(e Event) bool { return e.Text == "stopped listening; 1 client is still connected" })
	if c, err := net.Dial("tcp", local); err == nil {
		c.Close()
		t.Error("a stopped server takes connections")
	}
	if i := s.Info(); i.Listening || i.State != Open || i.Clients != 1 {
		t.Errorf("info after the stop is %+v", i)
	}
	if err := s.StopListening(); !errors.Is(err, ErrNotOpen) {
		t.Errorf("stopping again gives %v", err)
	}
	v.says("alive")
	v.hears("alive")
	// It listens again, on the same port, with the client of before.
	c := s.Config()
	c.Address = local
	if err := s.Configure(c); err != nil {
		t.Fatal(err)
	}
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.until(t, "listening again", func() bool { return s.Info().Listening })
	again := visit(t, s, w)
	if again.number != 2 {
		t.Errorf("the next client has the number %d", again.number)
	}
	v.says("!")
	v.hears("!")
	done := s.Done()
	if err := s.Shutdown(); err != nil {
		t.Fatal(err)
	}
	v.hearsTheEnd(false)
	again.hearsTheEnd(false)
	v.Close()
	again.Close()
	awaitDone(t, "the end", done)
	if i := s.Info(); i.State != Closed || i.Listening || i.Clients != 0 {
		t.Errorf("info after the shutdown is %+v", i)
	}
	if err := s.Shutdown(); !errors.Is(err, ErrNotOpen) {
		t.Errorf("shutting down again gives %v", err)
	}
}

// stall connects a client that reads nothing, and gives the server enough to fill what the system takes.
func stall(t *testing.T, s *ServerSession, w *watch) *visitor {
	t.Helper()
	v := visit(t, s, w)
	for {
		d, err := s.Send([]int64{v.number}, bytes.Repeat([]byte("x"), 64<<10))
		if err != nil {
			t.Fatal(err)
		}
		if d.Result().Queued == 0 || stays(s, v.number) {
			return v
		}
	}
}

// stays tells that what waits for a client does not leave for a fifth of a second.
func stays(s *ServerSession, number int64) bool {
	const times = 200
	for range times {
		if i, _ := s.Client(number); i.PendingBytes == 0 {
			return false
		}
		time.Sleep(time.Millisecond)
	}
	return true
}

func TestASlowClientDelaysNoOther(t *testing.T) {
	for name, c := range map[string]struct {
		when FullPolicy
		want func(DeliveryResult) bool
	}{
		"when it is waited for":     {FullWait, func(r DeliveryResult) bool { return r.Queued == 1 && r.Waiting == 1 }},
		"when messages are dropped": {FullDrop, func(r DeliveryResult) bool { return r.Queued == 1 && r.Dropped == 1 }},
		"when it is disconnected":   {FullDisconnect, func(r DeliveryResult) bool { return r.Queued == 1 && r.Dropped == 1 }},
	} {
		t.Run(name, func(t *testing.T) {
			s, w := server(t, func(s *ServerConfig) { s.WhenFull, s.MaxQueue = c.when, 4<<10 }, Options{})
			slow, quick := stall(t, s, w), visit(t, s, w)
			var last *Delivery
			for range 10 {
				d, err := s.Send(nil, []byte("to everybody"))
				if err != nil {
					t.Fatal(err)
				}
				if last == nil {
					last = d
				}
				quick.hears("to everybody")
			}
			if r := last.Result(); !c.want(r) {
				t.Errorf("a broadcast with a slow client came to %+v", r)
			}
			i := s.Info()
			switch c.when {
			case FullWait:
				go io.Copy(io.Discard, slow)
				awaitDone(t, "the delivery that waited", last.Done())
				if r := last.Result(); r.Queued != 2 || r.Waiting != 0 {
					t.Errorf("once there was room it came to %+v", r)
				}
			case FullDrop:
				if i.DroppedMessages != 10 || i.DroppedBytes != 120 {
					t.Errorf("dropped are counted as %d with %d bytes", i.DroppedMessages, i.DroppedBytes)
				}
				if ci, _ := s.Client(slow.number); ci.DroppedMessages != 10 || ci.State != Open {
					t.Errorf("the slow client is listed as %+v", ci)
				}
			case FullDisconnect:
				if ci := awaitEnded(t, s, w, slow.number); ci.ClosedBy != ByLocal || !strings.Contains(ci.Why, "does not take them") || ci.UnsentBytes == 0 {
					t.Errorf("the slow client is listed as %+v", ci)
				}
			}
		})
	}
}

func TestADeliveryThatWaitsIsCancelled(t *testing.T) {
	s, w := server(t, func(s *ServerConfig) { s.MaxQueue = 1 }, Options{})
	slow := stall(t, s, w)
	d, err := s.Send([]int64{slow.number}, []byte("never"))
	if err != nil {
		t.Fatal(err)
	}
	d.Cancel()
	awaitDone(t, "the cancelled delivery", d.Done())
	if r := d.Result(); r.Stopped != 1 || r.Waiting != 0 {
		t.Errorf("it came to %+v", r)
	}
	if d, err = s.Send([]int64{slow.number}, []byte("wait")); err != nil {
		t.Fatal(err)
	}
	s.Reset(nil)
	awaitDone(t, "the delivery to a client that went", d.Done())
	if r := d.Result(); r.Gone != 1 {
		t.Errorf("it came to %+v", r)
	}
}

// A client that sends and does not read its echoes is not read from, so that memory stays bounded.
func TestAnEchoWaitsForAClientThatDoesNotRead(t *testing.T) {
	const most = 64 << 10
	s, w := server(t, func(s *ServerConfig) { s.Replies.Echo, s.MaxQueue = true, most }, Options{})
	v, other := visit(t, s, w), visit(t, s, w)
	const total = 32 << 20
	sent := make(chan error, 1)
	go func() {
		_, err := v.Write(make([]byte, total))
		sent <- err
	}()
	i := s.until(t, w, v.number, "stalled", func(i ClientInfo) bool { return i.PendingBytes > 0 })
	for range 20 {
		other.says("quick")
		other.hears("quick")
		i, _ = s.Client(v.number)
		if i.PendingBytes > most+readSize {
			t.Fatalf("%d bytes wait for a client that does not read", i.PendingBytes)
		}
	}
	if i.BytesIn == total {
		t.Fatal("all was read although no echo was taken")
	}
	if n, err := io.CopyN(io.Discard, v, total); err != nil {
		t.Fatalf("%d bytes came back: %v", n, err)
	}
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
}

func TestConnectionsBeyondTheLimitAreRefusedAndCounted(t *testing.T) {
	needResets(t)
	s, w := server(t, func(s *ServerConfig) { s.MaxClients = 2 }, Options{})
	first := visit(t, s, w)
	visit(t, s, w)
	c, err := net.Dial("tcp", s.Info().Local.String()) // the reset may come before it returns
	if err == nil {
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(patience))
		_, err = c.Read(make([]byte, 1))
	}
	if !errors.Is(err, errReset) {
		t.Errorf("a refused client gets %v", err)
	}
	w.await(t, "a refusal", func(e Event) bool { return strings.Contains(e.Text, "refused: 2 clients are connected already") })
	if i := s.Info(); i.Refused != 1 || i.Clients != 2 || i.Accepted != 2 {
		t.Errorf("info is %+v", i)
	}
	first.Close()
	awaitEnded(t, s, w, first.number)
	visit(t, s, w)
}

func TestAnIdleClientIsClosed(t *testing.T) {
	s, w := server(t, func(s *ServerConfig) { s.IdleTimeout = 200 * time.Millisecond; s.Replies.Echo = true }, Options{})
	idle := visit(t, s, w)
	idle.hearsTheEnd(false)
	idle.Close()
	if i := awaitEnded(t, s, w, idle.number); i.ClosedBy != ByLocal {
		t.Errorf("an idle client is listed as %+v", i)
	}
	found := slices.ContainsFunc(story(records(t, s)), func(r string) bool {
		return r == "out close: closed by us (FIN): idle for 200 ms"
	})
	if !found {
		t.Errorf("the capture does not say why: %q", story(records(t, s)))
	}
}

func TestRepliesAndLimitsCanBeChangedWhileClientsAreConnected(t *testing.T) {
	s, w := server(t, func(s *ServerConfig) { s.Replies = reply.Config{Echo: true} }, Options{})
	v := visit(t, s, w)
	v.says("a")
	v.hears("a")
	c := s.Config()
	c.Replies = reply.Config{Echo: true, Prefix: "> "}
	if err := s.Configure(c); err != nil {
		t.Fatal(err)
	}
	v.says("b")
	v.hears("> b")
	c.MaxClients = 0
	var bad *ConfigError
	if err := s.Configure(c); !errors.As(err, &bad) || bad.Field != "MaxClients" {
		t.Errorf("no clients at all gives %v", err)
	}
	v.says("c")
	v.hears("> c")
}

func TestAPolicyFileIsServedBesideTheProtocol(t *testing.T) {
	file := `<cross-domain-policy><allow-access-from domain="*" to-ports="507"/></cross-domain-policy>`
	s, w := server(t, func(s *ServerConfig) {
		s.Policy = []byte(file)
		s.Replies = reply.Config{Greeting: "Connected.", Echo: true}
	}, Options{})
	flash := visit(t, s, w)
	flash.says(policy.Request[:10])
	flash.says(policy.Request[10:])
	flash.hears(file + "\x00")
	flash.hearsTheEnd(false)
	talker := visit(t, s, w)
	talker.says("hello")
	talker.hears("Connected.hello")
	silent := visit(t, s, w)
	silent.hears("Connected.")
}

// failingListener fails to accept a number of times before it takes connections.
type failingListener struct {
	net.Listener
	mu   sync.Mutex
	left int
}

func (f *failingListener) Accept() (net.Conn, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.left > 0 {
		f.left--
		return nil, &net.OpError{Op: "accept", Net: "tcp", Err: errTooManyFiles}
	}
	return f.Listener.Accept()
}

func TestAServerGoesOnAfterAcceptHasFailed(t *testing.T) {
	s, w := server(t, nil, Options{Listen: func(context.Context, string, uint16) (net.Listener, error) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		return &failingListener{Listener: l, left: 4}, err
	}})
	e := w.named(t, EventIOError)
	if !errors.Is(e.Err, errTooManyFiles) || !strings.Contains(e.Text, "too many open files") {
		t.Errorf("the error is %v", e.Err)
	}
	visit(t, s, w)
	w.await(t, "the recovery", func(e Event) bool { return e.Text == "taking connections again, after 4 tries that failed" })
	if i := s.Info(); i.AcceptErr != nil || i.AcceptErrs != 4 || i.State != Open {
		t.Errorf("info is %+v", i)
	}
	if n := slices.Index(w.names(), EventIOError); n < 0 || slices.Contains(w.names()[n+1:], EventIOError) {
		t.Errorf("the failure was not told once: %v", w.names())
	}
}

func TestAnAddressThatIsTakenFailsTheServer(t *testing.T) {
	first, _ := server(t, nil, Options{})
	w := newWatch(nil)
	c := DefaultServer()
	c.Address = first.Info().Local.String()
	s, err := NewServer(c, Options{Observer: w, Capture: capture.Options{Dir: t.TempDir()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeWatched(t, s, w) })
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	e := w.named(t, EventIOError)
	if !errors.Is(e.Err, errAddrInUse) || !strings.Contains(e.Text, c.Address) {
		t.Errorf("the error is %v", e.Err)
	}
	awaitDone(t, "the end", s.Done())
	if i := s.Info(); i.State != Failed || i.Err == nil || i.Listening {
		t.Errorf("info is %+v", i)
	}
	closeServer(t, first)
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.named(t, EventListening)
}

// Twenty times over, with every kind of client at once.
func TestAServerStopsCleanlyWithAHundredClients(t *testing.T) {
	for range 20 {
		s, w := server(t, func(s *ServerConfig) { s.Replies = reply.Config{Greeting: "hello", Echo: true}; s.MaxQueue = 32 << 10 }, Options{})
		var wg sync.WaitGroup
		for n := range 100 {
			c, err := net.Dial("tcp", s.Info().Local.String())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			wg.Go(func() {
				buf := make([]byte, 4<<10)
				switch n % 4 {
				case 0: // talks until it is over
					for {
						if _, err := c.Write(buf); err != nil {
							return
						}
						if _, err := io.ReadFull(c, buf); err != nil {
							return
						}
					}
				case 1: // sends and never reads
					for {
						if _, err := c.Write(buf); err != nil {
							return
						}
					}
				case 2: // says nothing
					_, _ = io.Copy(io.Discard, c)
				case 3: // has half-closed
					_ = c.(*net.TCPConn).CloseWrite()
					_, _ = io.Copy(io.Discard, c)
				}
			})
		}
		w.until(t, "all to have come", func() bool { return s.Info().Accepted == 100 })
		_, _ = s.Send(nil, []byte("going down"))
		closeServer(t, s)
		if i := s.Info(); i.Clients != 0 || i.State != Closed || i.Ended != 100 || i.PendingBytes != 0 {
			t.Fatalf("info after Close is %+v", i)
		}
		if err := s.Start(t.Context()); !errors.Is(err, ErrClosed) {
			t.Fatalf("starting again gives %v", err)
		}
		wg.Wait()
	}
}

func TestTheEndOfTheContextEndsAServer(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	w := newWatch(nil)
	c := DefaultServer()
	c.Address = "127.0.0.1:0"
	s, err := NewServer(c, Options{Observer: w, Capture: capture.Options{Dir: t.TempDir()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeWatched(t, s, w) })
	if err := s.Start(ctx); err != nil {
		t.Fatal(err)
	}
	w.named(t, EventListening)
	v := visit(t, s, w)
	cancel()
	v.hearsTheEnd(false)
	awaitDone(t, "the end", s.Done())
}
