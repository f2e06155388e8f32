package sessions

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"wirebench/sessions/capture"
	"wirebench/sessions/internal/leaktest"
)

// patience bounds every wait of these tests; nothing that works comes near it.
const patience = 30 * time.Second

func TestMain(m *testing.M) { leaktest.Main(m) }

// serve accepts connections on a loopback address and hands each to handle in its own goroutine, then
// closes it. The end of the test stops it and waits for all of them.
func serve(tb testing.TB, at string, handle func(net.Conn)) string {
	tb.Helper()
	l, err := net.Listen("tcp", at)
	if err != nil {
		tb.Skipf("cannot listen on %s: %v", at, err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	conns := make(map[net.Conn]bool)
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns[c] = true
			mu.Unlock()
			wg.Go(func() {
				handle(c)
				c.Close()
				mu.Lock()
				delete(conns, c)
				mu.Unlock()
			})
		}
	})
	tb.Cleanup(func() {
		l.Close()
		mu.Lock()
		for c := range conns {
			c.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
	return l.Addr().String()
}

// mostWatched is about how many bytes a watch remembers each way.
const mostWatched = 256 << 20

// watch is an Observer that remembers and can be waited on.
type watch struct {
	then Observer // hears everything after the watch; may be nil

	mu     sync.Mutex
	events []Event
	in     []byte
	out    []byte
	writes int
	news   chan struct{}
	busy   bool
	clash  bool // two calls at the same time
}

func newWatch(then Observer) *watch { return &watch{then: then, news: make(chan struct{})} }

func (w *watch) enter() {
	w.mu.Lock()
	w.clash = w.clash || w.busy
	w.busy = true
	w.mu.Unlock()
}

func (w *watch) leave(change func()) {
	w.mu.Lock()
	change()
	w.busy = false
	close(w.news)
	w.news = make(chan struct{})
	w.mu.Unlock()
}

func (w *watch) Event(e Event) {
	w.enter()
	defer w.leave(func() { w.events = append(w.events, e) })
	if w.then != nil {
		w.then.Event(e)
	}
}

func (w *watch) Data(f capture.Flow, d capture.Direction, p []byte) {
	if w.then != nil { // benchmarks: no copies
		w.then.Data(f, d, p)
		return
	}
	w.enter()
	defer w.leave(func() {
		to := &w.in
		if d == capture.Out {
			to = &w.out
			w.writes++
		}
		if len(*to) < mostWatched { // no test looks at more, and some talk without end
			*to = append(*to, p...)
		}
	})
}

// until waits for a condition of what has been seen.
func (w *watch) until(tb testing.TB, what string, ok func() bool) {
	tb.Helper()
	end := time.After(patience)
	for {
		w.mu.Lock()
		good, news := ok(), w.news
		w.mu.Unlock()
		if good {
			return
		}
		select {
		case <-news:
		case <-end:
			w.mu.Lock()
			defer w.mu.Unlock()
			tb.Fatalf("waited in vain for %s; events: %s", what, w.list())
		}
	}
}

// await waits for an event, seen already or to come.
func (w *watch) await(tb testing.TB, what string, ok func(Event) bool) Event {
	tb.Helper()
	var found Event
	w.until(tb, what, func() bool {
		for _, e := range w.events {
			if ok(e) {
				found = e
				return true
			}
		}
		return false
	})
	return found
}

func (w *watch) named(tb testing.TB, name string) Event {
	tb.Helper()
	return w.await(tb, "the event "+name, func(e Event) bool { return e.Name == name })
}

func (w *watch) awaitIn(tb testing.TB, n int) []byte {
	tb.Helper()
	w.until(tb, fmt.Sprintf("%d bytes", n), func() bool { return len(w.in) >= n })
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]byte(nil), w.in...)
}

// list is the events so far; the caller holds mu.
func (w *watch) list() string {
	const most = 30
	var t []string
	if gone := len(w.events) - most; gone > 0 {
		t = append(t, fmt.Sprintf("%d events ...", gone))
	}
	for _, e := range w.events[max(len(w.events)-most, 0):] {
		t = append(t, fmt.Sprintf("%s(%s %s %v %q)", e.Name, e.State, e.By, e.Err, e.Text))
	}
	return strings.Join(t, ", ")
}

// names is the names of the events so far, without state and outputProgress.
func (w *watch) names() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var t []string
	for _, e := range w.events {
		if e.Name != EventState && e.Name != EventOutputProgress {
			t = append(t, e.Name)
		}
	}
	return t
}

func awaitDone(tb testing.TB, what string, done <-chan struct{}) {
	tb.Helper()
	select {
	case <-done:
	case <-time.After(patience):
		tb.Fatalf("waited in vain for %s", what)
	}
}

func closeSession(tb testing.TB, t Session) {
	tb.Helper()
	if err := t.Close(); err != nil {
		tb.Errorf("Close: %v", err)
	}
	if err := t.Traffic().Release(); err != nil {
		tb.Errorf("Release: %v", err)
	}
}

// session returns a session that is not started, with a watch; the end of the test closes it and holds
// the watch against what every session promises.
func session(tb testing.TB, c TCPConfig, o Options) (*TCPSession, *watch) {
	tb.Helper()
	w := newWatch(nil)
	o.Observer = w
	if o.Capture.Dir == "" {
		o.Capture.Dir = tb.TempDir()
	}
	t, err := NewTCP(c, o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { closeWatched(tb, t, w) })
	return t, w
}

// closeWatched closes a session and holds the watch against what every session promises.
func closeWatched(tb testing.TB, t Session, w *watch) {
	tb.Helper()
	closeSession(tb, t)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.clash {
		tb.Error("the observer was called twice at the same time")
	}
	open := map[int64]int{} // by client, which is 0 where there are none
	for _, e := range w.events {
		switch e.Name {
		case EventConnect:
			open[e.Client]++
		case EventClose:
			open[e.Client]--
		}
		if n := open[e.Client]; n < 0 || n > 1 {
			tb.Fatalf("connect and close do not alternate: %s", w.list())
		}
	}
	for client, n := range open {
		if n != 0 {
			tb.Errorf("a connect has no close, client %d: %s", client, w.list())
		}
	}
}

// connected returns an open session.
func connected(tb testing.TB, addr string, change func(*TCPConfig)) (*TCPSession, *watch) {
	tb.Helper()
	c := DefaultTCP()
	c.Address = addr
	if change != nil {
		change(&c)
	}
	t, w := session(tb, c, Options{})
	start(tb, t)
	w.named(tb, EventConnect)
	return t, w
}

// records returns all records of a session's capture.
func records(tb testing.TB, t Session) []capture.Record {
	tb.Helper()
	l := t.Traffic()
	if err := l.Flush(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	var all []capture.Record
	for n := int64(1); ; n++ {
		r, err := l.Record(n)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, r)
	}
}

// story writes records other than data as "out open: note".
func story(rs []capture.Record) []string {
	var t []string
	for _, r := range rs {
		if r.Kind != capture.Data {
			t = append(t, fmt.Sprintf("%s %s: %s", r.Dir, r.Kind, r.Note))
		}
	}
	return t
}

// captured returns the payload of one direction.
func captured(tb testing.TB, t Session, s capture.Stream) []byte {
	tb.Helper()
	l := t.Traffic()
	if err := l.Flush(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	var all []byte
	buf := make([]byte, 1<<20)
	for {
		n, err := l.ReadAt(s, buf, int64(len(all)))
		all = append(all, buf[:n]...)
		if errors.Is(err, io.EOF) || n == 0 {
			return all
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
}

// noise returns bytes that are the same on every run.
func noise(n int) []byte {
	p := make([]byte, n)
	r := rand.NewChaCha8([32]byte{1})
	_, _ = r.Read(p)
	return p
}

func fileOf(tb testing.TB, n int) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "file")
	if err := os.WriteFile(path, noise(n), 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

func sum(p []byte) string { return fmt.Sprintf("%x", sha256.Sum256(p)) }

func start(tb testing.TB, t Session) {
	tb.Helper()
	if err := t.Start(tb.Context()); err != nil {
		tb.Fatal(err)
	}
}
