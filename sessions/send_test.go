package sessions

import (
	"bytes"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wirebench/sessions/capture"
)

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
