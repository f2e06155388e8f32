package sessions

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
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

// stalled is a peer that reads nothing until it is told to go on.
func stalled(t *testing.T, then func(net.Conn)) (addr string, goOn chan bool) {
	goOn = make(chan bool)
	over := make(chan bool)
	addr = serve(t, "127.0.0.1:0", func(c net.Conn) {
		select {
		case <-goOn:
			then(c)
		case <-over:
		}
	})
	t.Cleanup(func() { close(over) }) // runs before the one of serve, which waits for the peer
	return addr, goOn
}

func TestSendNeverBlocksOnAStalledPeerAndTheBacklogIsBounded(t *testing.T) {
	addr, _ := stalled(t, hold)
	s, w := connected(t, addr, nil)
	p := noise(1 << 20)
	accepted := 0
	var err error
	for accepted < 200 {
		if err = s.Send(p); err != nil {
			break
		}
		accepted++
	}
	if !errors.Is(err, ErrBacklog) {
		t.Fatalf("after %d MiB: %v; want ErrBacklog", accepted, err)
	}
	if accepted < 63 {
		t.Errorf("only %d MiB were accepted", accepted)
	}
	written := int64(0)
	w.until(t, "the writer to stall", func() bool {
		written = int64(len(w.out))
		return written+s.Info().PendingBytes == int64(accepted)<<20
	})
	if left := s.Info().PendingBytes; left > maxPending {
		t.Errorf("%d bytes pending; at most %d may", left, maxPending)
	}
	if err := s.Reset(); err != nil {
		t.Fatal(err)
	}
	awaitDone(t, "the end", s.Done())
	i := s.Info()
	if i.PendingBytes != 0 || i.UnsentBytes == 0 {
		t.Errorf("pending %d, unsent %d", i.PendingBytes, i.UnsentBytes)
	}
	out := int64(len(captured(t, s, capture.OutOnly)))
	if out+i.UnsentBytes != int64(accepted)<<20 {
		t.Errorf("%d sent and %d not sent; %d accepted", out, i.UnsentBytes, accepted<<20)
	}
	tell := story(records(t, s))
	if want := "out reset: reset by us (RST); " + countBytes(i.UnsentBytes) + " not sent"; tell[2] != want {
		t.Errorf("capture ends with %q; want %q", tell[2:], want)
	}
}

func TestAFailingSendSaysHowMuchOfItWentAndWhatWasBehindIt(t *testing.T) {
	addr, goOn := stalled(t, linger0)
	s, w := connected(t, addr, nil)
	for range 3 {
		if err := s.Send(noise(10 << 20)); err != nil {
			t.Fatal(err)
		}
	}
	w.until(t, "the first bytes", func() bool { return len(w.out) > 0 })
	goOn <- true
	awaitDone(t, "the end", s.Done())
	var e *SendError
	if !errors.As(w.named(t, EventIOError).Err, &e) {
		t.Fatalf("events %v", w.names())
	}
	out := int64(len(captured(t, s, capture.OutOnly)))
	if e.Sent+int64(e.Sent/e.Total) > out || e.Total != 10<<20 || e.To != addr || !errors.Is(e.Err, errReset) {
		t.Errorf("%+v; %d bytes out", e, out)
	}
	behind := int64(e.BehindSends)
	if e.BehindBytes != behind*10<<20 || out+(e.Total-e.Sent)+e.BehindBytes != 30<<20 {
		t.Errorf("%+v does not add up with %d bytes out", e, out)
	}
	if i := s.Info(); i.UnsentBytes != 30<<20-out || i.ClosedBy != ByReset || i.State != Failed {
		t.Errorf("info %+v", i)
	}
	tell := story(records(t, s))
	if got := tell[len(tell)-1]; !strings.HasPrefix(got, "out note: sent "+thousands(e.Sent)+" of 10,485,760 bytes to "+addr+": connection reset by peer") {
		t.Errorf("capture ends with %q", got)
	}
	if got := w.names(); !slices.Equal(got, []string{EventConnect, EventIOError, EventClose}) {
		t.Errorf("events %v", got)
	}
}

func TestSendErrorsReadAsSentences(t *testing.T) {
	for _, c := range []struct {
		e    SendError
		want string
	}{
		{SendError{To: "127.0.0.1:7", Sent: 1234, Total: 5000, Err: errReset}, "sent 1,234 of 5,000 bytes to 127.0.0.1:7: connection reset by peer"},
		{SendError{What: "a.bin", To: "h:1", Sent: 0, Total: 1, Err: errReset, BehindSends: 1, BehindBytes: 7}, "sent 0 of 1 byte of a.bin to h:1: connection reset by peer; 1 more send with 7 bytes was not sent"},
		{SendError{To: "h:1", Total: 2, Err: errPipe, BehindSends: 2000, BehindBytes: 9000}, "sent 0 of 2 bytes to h:1: the connection is closed; 2,000 more sends with 9,000 bytes were not sent"},
	} {
		if got := c.e.Error(); got != c.want {
			t.Errorf("got  %q\nwant %q", got, c.want)
		}
	}
}

func TestProgressIsToldAndEndsAtZero(t *testing.T) {
	addr, goOn := stalled(t, hold)
	s, w := connected(t, addr, nil)
	if err := s.Send(noise(20 << 20)); err != nil {
		t.Fatal(err)
	}
	e := w.await(t, "progress", func(e Event) bool { return e.Name == EventOutputProgress })
	if e.Pending == 0 || e.Total != 20<<20 {
		t.Errorf("progress %+v", e)
	}
	goOn <- true
	w.await(t, "the end of progress", func(e Event) bool { return e.Name == EventOutputProgress && e.Pending == 0 })
	w.mu.Lock()
	defer w.mu.Unlock()
	told := 0
	for _, e := range w.events {
		if e.Name == EventOutputProgress {
			told++
		}
	}
	if told >= w.writes && w.writes > 5 {
		t.Errorf("progress was told %d times in %d writes", told, w.writes)
	}
}

func TestFilesAndSendsGoOutInOrder(t *testing.T) {
	const size = 3<<20 + 17
	path := fileOf(t, size)
	s, w := connected(t, echoServer(t), nil)
	if err := s.Send([]byte("before")); err != nil {
		t.Fatal(err)
	}
	f, err := s.SendFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send([]byte("after")); err != nil {
		t.Fatal(err)
	}
	awaitDone(t, "the file", f.Done())
	if done, total := f.Progress(); done != size || total != size || f.Err() != nil {
		t.Errorf("progress %d of %d, %v", done, total, f.Err())
	}
	got := w.awaitIn(t, size+11)
	want := slices.Concat([]byte("before"), noise(size), []byte("after"))
	if !bytes.Equal(got, want) {
		t.Error("the echo is not what was sent, in that order")
	}
	f.Cancel() // too late, and harmless
	if i := s.Info(); i.PendingBytes != 0 {
		t.Errorf("%d bytes pending", i.PendingBytes)
	}
}

func TestAFileCanBeCancelledWhileThePeerStallsAndWhileItWaits(t *testing.T) {
	addr, goOn := stalled(t, hold)
	s, w := connected(t, addr, nil)
	first, err := s.SendFile(fileOf(t, 32<<20))
	if err != nil {
		t.Fatal(err)
	}
	second, err := s.SendFile(fileOf(t, 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send([]byte("the end")); err != nil {
		t.Fatal(err)
	}
	w.until(t, "the first bytes", func() bool { return len(w.out) > 0 })
	second.Cancel()
	awaitDone(t, "the file that waits", second.Done())
	first.Cancel()
	awaitDone(t, "the file on its way", first.Done())
	for _, f := range []*Transfer{first, second} {
		if !errors.Is(f.Err(), ErrCancelled) {
			t.Errorf("error %v; want ErrCancelled", f.Err())
		}
	}
	goOn <- true
	w.until(t, "what is behind the files", func() bool { return bytes.HasSuffix(w.out, []byte("the end")) })
	done, _ := first.Progress()
	if got := int64(len(captured(t, s, capture.OutOnly))); got != done+7 {
		t.Errorf("%d bytes out; %d of the file and 7 more", got, done)
	}
	if i := s.Info(); i.State != Open || i.PendingBytes != 0 {
		t.Errorf("info %+v", i)
	}
}

func TestAFileThatFailsLeavesTheConnectionOpen(t *testing.T) {
	addr, goOn := stalled(t, hold)
	s, w := connected(t, addr, nil)
	path := fileOf(t, 32<<20)
	f, err := s.SendFile(path)
	if err != nil {
		t.Fatal(err)
	}
	w.until(t, "the first bytes", func() bool { return len(w.out) > 0 })
	if err := os.Truncate(path, 1<<20); err != nil {
		t.Fatal(err)
	}
	goOn <- true
	awaitDone(t, "the file", f.Done())
	if f.Err() == nil || !strings.Contains(f.Err().Error(), "the file has become shorter after ") {
		t.Errorf("error %v", f.Err())
	}
	if e := w.named(t, EventIOError); e.Err.Error() != f.Err().Error() {
		t.Errorf("event %+v", e)
	}
	if i := s.Info(); i.State != Open || i.PendingBytes != 0 {
		t.Errorf("info %+v", i)
	}
}

func TestFilesThatCannotBeSentAreRefused(t *testing.T) {
	s, _ := connected(t, echoServer(t), nil)
	for _, path := range []string{filepath.Join(t.TempDir(), "nowhere"), t.TempDir()} {
		if f, err := s.SendFile(path); err == nil || f != nil || !strings.Contains(err.Error(), path) {
			t.Errorf("SendFile(%s): %v", path, err)
		}
	}
	if i := s.Info(); i.PendingBytes != 0 || i.State != Open {
		t.Errorf("info %+v", i)
	}
}

func TestAFileCutShortByTheConnectionSaysSo(t *testing.T) {
	addr, goOn := stalled(t, linger0)
	s, w := connected(t, addr, nil)
	f, err := s.SendFile(fileOf(t, 32<<20))
	if err != nil {
		t.Fatal(err)
	}
	w.until(t, "the first bytes", func() bool { return len(w.out) > 0 })
	goOn <- true
	awaitDone(t, "the end", s.Done())
	var e *SendError
	if !errors.As(f.Err(), &e) || e.What != f.Path() || e.Sent == 0 || e.Sent >= e.Total {
		t.Errorf("error %v", f.Err())
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
