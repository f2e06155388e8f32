package sessions

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wirebench/sessions/capture"
	"wirebench/sessions/reply"
)

// TestAServerUnderStress lets random clients meet random calls for some seconds, and then holds what was
// counted in different places against each other. All that the server says is lines, so that each client can
// tell a message that was torn, or out of order.
func TestAServerUnderStress(t *testing.T) {
	long := 2500 * time.Millisecond
	if testing.Short() {
		long = time.Second
	}
	t.Run("TCP", func(t *testing.T) { underStress(t, long, nil) })
	t.Run("TLS", func(t *testing.T) { underStress(t, long, &ServerTLS{CADir: t.TempDir()}) })
}

func underStress(t *testing.T, long time.Duration, over *ServerTLS) {
	before := runtime.NumGoroutine()
	st := &stress{t: t, tls: over != nil, path: filepath.Join(t.TempDir(), "file")}
	var lines strings.Builder
	for n := range fileLines {
		fmt.Fprintf(&lines, "file %d\n", n)
	}
	if err := os.WriteFile(st.path, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	st.s, _ = idleServer(t, func(c *ServerConfig) {
		c.TLS = over
		st.random(c)
	}, Options{}, &hearing{
		event: func(Event) { st.inside() },
		data:  func(capture.Flow, capture.Direction, []byte) { st.inside() },
	})
	if err := st.s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	soon(t, "the listener", func() bool { return st.s.Info().Listening })
	st.addr = st.s.Info().Local.String()
	c := st.s.Config()
	c.Address = st.addr
	if err := st.s.Configure(c); err != nil {
		t.Fatal(err)
	}

	ctx, cancel := context.WithTimeout(t.Context(), long)
	defer cancel()
	var clients, callers sync.WaitGroup
	for range 40 {
		clients.Go(func() {
			for ctx.Err() == nil {
				st.client(ctx)
			}
		})
	}
	for n := range 6 {
		callers.Go(func() {
			for k := 0; ctx.Err() == nil; k++ {
				st.call(ctx, n, k)
				time.Sleep(time.Duration(rand.IntN(3)) * time.Millisecond)
			}
		})
	}
	st.ready.Store(true)
	callers.Wait()
	st.ready.Store(false)
	within(t, 20*time.Second, "Close", func() { closeServer(t, st.s) })
	clients.Wait()
	st.settled()
	soon(t, fmt.Sprintf("the goroutines to be as few as the %d before", before), func() bool { return runtime.NumGoroutine() <= before })
}

// fileLines is how many lines the file has that is sent, "file 0", "file 1" and so on.
const fileLines = 2000

// stress is a server under stress.
type stress struct {
	t     *testing.T
	s     *ServerSession
	tls   bool
	addr  string
	path  string // of a file with lines of its own
	ready atomic.Bool
	told  atomic.Int64
	heard atomic.Int64 // bytes that clients read

	mu         sync.Mutex
	deliveries []*Delivery
	transfers  []*Transfer
}

// random makes up what may change at any time.
func (st *stress) random(c *ServerConfig) {
	c.Replies = reply.Config{Greeting: `greeting\n`, Rules: []reply.Rule{
		{Match: reply.Prefix, Pattern: "late", Reply: `late\n`, Delay: time.Duration(1+rand.IntN(30)) * time.Millisecond},
		{Match: reply.Prefix, Pattern: "later", Reply: `later\n`, Delay: time.Hour},
		{Match: reply.Contains, Reply: `reply\n`},
	}}
	if rand.IntN(4) == 0 {
		c.Replies = reply.Config{}
	}
	c.Policy = nil
	if rand.IntN(3) == 0 {
		c.Policy = []byte("<cross-domain-policy/>")
	}
	c.MaxQueue = int64(1) << rand.IntN(19)
	c.MaxClients = 20 + rand.IntN(50)
	c.WhenFull = FullPolicy(rand.IntN(3))
	c.KeepHalfOpen = rand.IntN(2) == 0
	c.IdleTimeout = []time.Duration{0, leastIdle, time.Second}[rand.IntN(3)]
}

// inside is what the observer does.
func (st *stress) inside() {
	if !st.ready.Load() || st.told.Add(1)%50 != 0 {
		return
	}
	st.call(context.Background(), 99, int(st.told.Load()))
}

// some returns the numbers of random clients, nil for all.
func (st *stress) some() []int64 {
	if rand.IntN(2) == 0 {
		return nil
	}
	newest := st.s.Info().Accepted
	var some []int64
	for range 1 + rand.IntN(5) {
		some = append(some, newest-rand.Int64N(40))
	}
	slices.Sort(some)
	return slices.Compact(some) // who is named twice gets it twice
}

// call calls a random method. from tells who calls, and k orders what it sends.
func (st *stress) call(ctx context.Context, from, k int) {
	s := st.s
	switch rand.IntN(60) {
	case 0:
		c := s.Config()
		st.random(&c)
		if err := s.Configure(c); err != nil {
			st.t.Errorf("Configure: %v", err)
		}
	case 1:
		_ = s.StopListening()
	case 2, 3, 4:
		_ = s.Start(st.t.Context())
	case 5:
		if rand.IntN(5) == 0 {
			_ = s.Shutdown()
		}
	case 6, 7:
		s.Disconnect([]int64{s.Info().Accepted - rand.Int64N(20)})
	case 8:
		s.Reset([]int64{s.Info().Accepted - rand.Int64N(20)})
	case 9:
		s.CloseWrite([]int64{s.Info().Accepted - rand.Int64N(20)})
	case 10, 11:
		if some := st.some(); some != nil {
			all, _ := s.SendFile(some, st.path)
			st.mu.Lock()
			st.transfers = append(st.transfers, all...)
			st.mu.Unlock()
		}
	case 12, 13, 14:
		for _, c := range s.Clients(nil) {
			if c.PendingBytes < 0 || c.UnsentBytes < 0 || c.State.Live() && !c.Ended.IsZero() {
				st.t.Errorf("listed is %+v", c)
			}
		}
	case 15, 16, 17:
		if i := s.Info(); i.PendingBytes < 0 || i.Accepted != i.Ended+int64(i.Clients) || i.Clients > mostClients {
			st.t.Errorf("info is %+v", i)
		}
		_ = s.State()
		_ = s.Done()
	default:
		text := fmt.Sprintf("from %d %d%s\n", from, k, strings.Repeat(".", rand.IntN(20)*rand.IntN(20)*rand.IntN(200)))
		d, err := s.Send(st.some(), []byte(text))
		if err != nil {
			return
		}
		if rand.IntN(5) == 0 {
			d.Cancel()
		}
		st.mu.Lock()
		st.deliveries = append(st.deliveries, d)
		st.mu.Unlock()
	}
}

// client is one client from its beginning to its end.
func (st *stress) client(ctx context.Context) {
	d := net.Dialer{Timeout: time.Second}
	conn, err := d.DialContext(ctx, "tcp", st.addr)
	if err != nil {
		time.Sleep(5 * time.Millisecond) // nobody listens at the moment
		return
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Duration(rand.IntN(1000)) * time.Millisecond))
	if rand.IntN(3) == 0 {
		_ = conn.(*net.TCPConn).SetLinger(0)
	}
	c := conn.(interface {
		net.Conn
		CloseWrite() error
	})
	if st.tls {
		if rand.IntN(10) == 0 {
			_, _ = io.WriteString(c, "\x16\x03\x01\x02\x00\x01"[:rand.IntN(6)])
			return
		}
		c = tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
	}
	var reading sync.WaitGroup
	defer reading.Wait()
	if rand.IntN(6) > 0 {
		reading.Go(func() { st.read(c) })
	}
	says := []string{"hello", "late", "later", "<policy-file-request/>\x00", "<pol", strings.Repeat("x", 70_000)}
	for range rand.IntN(60) {
		if _, err := io.WriteString(c, says[rand.IntN(len(says))]); err != nil {
			return
		}
		time.Sleep(time.Duration(rand.IntN(3)) * time.Millisecond)
	}
	if rand.IntN(2) == 0 {
		_ = c.CloseWrite()
	}
}

// read checks what the server says. The last line may be cut off.
func (st *stress) read(c net.Conn) {
	in := bufio.NewReaderSize(c, 100<<10)
	newest := map[string]int{} // by who sent
	left := 0                  // lines of a file that has begun
	for {
		line, err := in.ReadString('\n')
		st.heard.Add(int64(len(line)))
		if err != nil {
			return
		}
		line = strings.TrimPrefix(line, "<cross-domain-policy/>\x00")
		word, rest, _ := strings.Cut(strings.TrimRight(line, ".\n"), " ")
		good := left == 0
		switch word {
		case "greeting", "reply", "late", "later":
			good = good && rest == ""
		case "from":
			from, number, _ := strings.Cut(rest, " ")
			k, err := strconv.Atoi(number)
			last, ok := newest[from]
			good = good && err == nil && (!ok || k > last || from == "99") // those of the observer meet each other
			newest[from] = k
		case "file":
			n, err := strconv.Atoi(rest)
			if left == 0 {
				left = fileLines
			}
			good = err == nil && n == fileLines-left
			left--
		default:
			good = false
		}
		if !good {
			st.t.Errorf("with %d lines of a file left, and %v of messages before, a client heard %.100q", left, newest, line)
			return
		}
	}
}

// settled holds everything that was counted against each other, when all is over.
func (st *stress) settled() {
	t, s := st.t, st.s
	i := s.Info()
	if err := s.Traffic().Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	stats := s.Traffic().Stats()
	if stats.LostBytes != 0 || stats.InBytes != i.BytesIn || stats.OutBytes != i.BytesOut {
		t.Errorf("the capture has %d bytes in and %d out, and lost %d; info says %d and %d", stats.InBytes, stats.OutBytes, stats.LostBytes, i.BytesIn, i.BytesOut)
	}
	if i.PendingBytes != 0 || i.Clients != 0 || i.Ended != i.Accepted || i.Listening || i.State.Live() {
		t.Errorf("info after Close is %+v", i)
	}
	if n := st.heard.Load(); n > i.BytesOut {
		t.Errorf("clients heard %d bytes of %d", n, i.BytesOut)
	}
	var in, out, messagesIn, messagesOut, dropped, droppedBytes int64
	for _, c := range s.Clients(nil) {
		in, out, messagesIn, messagesOut = in+c.BytesIn, out+c.BytesOut, messagesIn+c.MessagesIn, messagesOut+c.MessagesOut
		dropped, droppedBytes = dropped+c.DroppedMessages, droppedBytes+c.DroppedBytes
		if c.PendingBytes != 0 || c.Why == "" || c.State.Live() || c.Ended.IsZero() {
			t.Errorf("listed after Close is %+v", c)
		}
	}
	if i.Forgotten == 0 && (in != i.BytesIn || out != i.BytesOut || messagesIn != i.MessagesIn || messagesOut != i.MessagesOut ||
		dropped != i.DroppedMessages || droppedBytes != i.DroppedBytes) {
		t.Errorf("its clients come to %d, %d, %d, %d, %d and %d of %+v", in, out, messagesIn, messagesOut, dropped, droppedBytes, i)
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	var sum DeliveryResult
	for _, d := range st.deliveries {
		awaitDone(t, "a delivery", d.Done())
		r := d.Result()
		if r.Waiting != 0 || r.decided() != r.Clients {
			t.Errorf("a delivery came to %+v", r)
		}
		sum.Clients += r.Clients
		sum.Queued += r.Queued
		sum.Dropped += r.Dropped
		sum.Gone += r.Gone
		sum.Stopped += r.Stopped
	}
	for _, f := range st.transfers {
		awaitDone(t, "a file", f.Done())
	}
	t.Logf("%d clients, %d refused, %d bytes in, %d out, %d dropped; %d deliveries came to %+v; %d files",
		i.Accepted, i.Refused, i.BytesIn, i.BytesOut, i.DroppedMessages, len(st.deliveries), sum, len(st.transfers))
}

// TestAServerForgetsClientsThatHaveGone lets many clients come and go, one after the other. CHURN is how many
// there are, 2,000 without it.
func TestAServerForgetsClientsThatHaveGone(t *testing.T) {
	clients := 2000
	if n, err := strconv.Atoi(os.Getenv("CHURN")); err == nil {
		clients = n
	}
	s, w := idleServer(t, func(c *ServerConfig) {
		c.Replies = reply.Config{Greeting: "hello", Echo: true, Rules: []reply.Rule{{Pattern: "later", Reply: "!", Delay: time.Hour}}}
		c.IdleTimeout = time.Minute
	}, Options{}, &hearing{})
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	addr := w.named(t, EventListening).Local.String()
	come := func(n int) {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(patience))
		_ = c.(*net.TCPConn).SetLinger(0) // else the system runs out of ports
		p := make([]byte, 5)
		for k := range 2 {
			if _, err := io.ReadFull(c, p); err != nil || string(p) != "hello" {
				t.Fatalf("client %d heard %q, %v", n, p, err)
			}
			if k == 0 {
				_, _ = c.Write(p)
			}
		}
		if n%10 == 0 {
			_, _ = io.WriteString(c, "later")
		}
	}
	const warm = 1200 // as many as are listed, and some
	for n := range warm {
		come(n)
	}
	all := func(n int) {
		t.Helper()
		soon(t, "all to have gone", func() bool { i := s.Info(); return i.Ended == int64(n) && i.Clients == 0 })
	}
	all(warm)
	before := used(t, s)
	for n := warm; n < clients; n++ {
		come(n)
		if n%1000 == 0 {
			w.mu.Lock()
			w.events = nil // the watch remembers, the server does not
			w.mu.Unlock()
		}
	}
	all(clients)
	w.mu.Lock()
	w.events = nil
	w.mu.Unlock()
	soon(t, "the goroutines of the last client to end", func() bool { return runtime.NumGoroutine() <= before.goroutines })
	after := used(t, s)
	t.Logf("after %d clients %+v, after %d %+v", warm, before, clients, after)
	if after.files > before.files {
		t.Errorf("%d descriptors have become %d", before.files, after.files)
	}
	if after.memory > before.memory+4<<20 {
		t.Errorf("%d bytes in use have become %d", before.memory, after.memory)
	}
	if i := s.Info(); i.Forgotten != int64(clients-keptEnded) || len(s.Clients(nil)) != keptEnded || i.PendingBytes != 0 {
		t.Errorf("%d clients are listed; info is %+v", len(s.Clients(nil)), i)
	}
}

// use is what a process uses.
type use struct {
	memory     uint64 // bytes of the heap, and of stacks
	goroutines int
	files      int
}

// used measures when the capture is on disk.
func used(t *testing.T, s *ServerSession) use {
	t.Helper()
	if err := s.Traffic().Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.GC() // pools keep what they have over one
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	files, _ := os.ReadDir("/proc/self/fd") // none where there is no such thing
	return use{m.HeapAlloc + m.StackInuse, runtime.NumGoroutine(), len(files)}
}
