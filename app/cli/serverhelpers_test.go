package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long a test waits for what must happen.
const patience = 30 * time.Second

// spool is a standard output or standard error that a test can wait at. Every
// line is one Write.
type spool struct {
	leave string // lines with this in them are not kept; "" keeps all

	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{} // closed by the next line
	in   int64         // bytes received, of the lines that are not kept
}

var received = regexp.MustCompile(`"direction":"in".*"length":([0-9]+)`)

var (
	clockTime = regexp.MustCompile(`(?m)^\d\d:\d\d:\d\d\.\d{6}  `)
	runTime   = regexp.MustCompile(`([\d.]+(h|m|ms|s))+\s*$`)
)

// timeless is what was printed for people, without the times of its lines and
// with TIME for how long the run took, which is seconds or more on a busy machine.
func timeless(printed string) string {
	return runTime.ReplaceAllString(clockTime.ReplaceAllString(printed, ""), "TIME")
}

func TestAnyDurationIsTakenOutOfWhatIsPrinted(t *testing.T) {
	for _, d := range []time.Duration{0, time.Millisecond, 120 * time.Millisecond, time.Second, 1234 * time.Millisecond, 83 * time.Second, 2*time.Hour + 5*time.Millisecond} {
		printed := timed(time.Now(), "5 bytes sent in 1 write, %s", d)
		if got := timeless(printed); got != "5 bytes sent in 1 write, TIME" {
			t.Errorf("of %q is left %q", printed, got)
		}
	}
}

func newSpool(leave string) *spool { return &spool{leave: leave, more: make(chan struct{})} }

func (s *spool) Write(line []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.more)
	s.more = make(chan struct{})
	if s.leave != "" && bytes.Contains(line, []byte(s.leave)) {
		if found := received.FindSubmatch(line[:min(len(line), 300)]); found != nil {
			n, _ := strconv.ParseInt(string(found[1]), 10, 64)
			s.in += n
		}
		return len(line), nil
	}
	return s.text.Write(line)
}

func (s *spool) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// await waits until text stands n times in what was written.
func (s *spool) await(t *testing.T, text string, n int) {
	t.Helper()
	s.until(t, fmt.Sprintf("%q %d times", text, n), func() bool { return bytes.Count(s.text.Bytes(), []byte(text)) >= n })
}

// until waits for what ok says with mu held.
func (s *spool) until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	late := time.After(patience)
	for {
		s.mu.Lock()
		found, more := ok(), s.more
		s.mu.Unlock()
		if found {
			return
		}
		select {
		case <-more:
		case <-late:
			t.Fatalf("%s was not written; there is\n%s", what, s)
		}
	}
}

// served is a server, or a datagram socket, that the command line runs in this
// process.
type served struct {
	t       *testing.T
	address string
	out     *spool
	errs    *spool
	signal  context.CancelFunc
	status  chan int
}

// serve starts a server on a loopback port of the system's choice and waits until
// it listens. The end of the test ends it.
func serve(t *testing.T, args ...string) *served {
	t.Helper()
	return serveInto(t, newSpool(""), args...)
}

// serveInto is serve with an output.
func serveInto(t *testing.T, out *spool, args ...string) *served {
	t.Helper()
	return start(t, out, append([]string{"server", "127.0.0.1:0"}, args...)...)
}

// start starts a command that listens, and waits until it does. The end of the
// test ends it.
func start(t *testing.T, out *spool, args ...string) *served {
	t.Helper()
	s := &served{t: t, out: out, errs: newSpool(""), status: make(chan int, 1)}
	var ctx context.Context
	ctx, s.signal = context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.status <- run(ctx, args, streams{strings.NewReader(""), s.out, s.errs}, func() {})
	}()
	t.Cleanup(func() {
		s.signal()
		<-ended
	})
	late := time.After(patience)
	for s.address == "" {
		s.out.mu.Lock()
		found, more := listensOn.FindStringSubmatch(s.out.text.String()), s.out.more
		s.out.mu.Unlock()
		if found != nil {
			s.address = found[1]
			break
		}
		select {
		case <-more:
		case status := <-s.status:
			t.Fatalf("it ended with %d, stderr %q", status, s.errs)
		case <-late:
			t.Fatal("it does not listen")
		}
	}
	return s
}

// listensOn finds the address in the output for people and for programs.
var listensOn = regexp.MustCompile(`(?:listening on |bound to |"listening","local":")([0-9.]+:[0-9]+|\[[0-9a-f:.]+\]:[0-9]+)`)

// end signals the server, if it has not ended by itself, and returns what came of it.
func (s *served) end() (status int, out, errs string) {
	s.t.Helper()
	s.signal()
	return s.over()
}

// over waits until the server has ended by itself.
func (s *served) over() (status int, out, errs string) {
	s.t.Helper()
	select {
	case status = <-s.status:
	case <-time.After(patience):
		s.t.Fatalf("it does not end; stderr %q", s.errs)
	}
	return status, s.out.String(), s.errs.String()
}

// inOrder ends the server and expects that nothing was wrong.
func (s *served) inOrder() (events []map[string]any) {
	s.t.Helper()
	status, out, errs := s.end()
	if status != 0 || errs != "" {
		s.t.Errorf("status %d, stderr %q", status, errs)
	}
	return lines(s.t, out)
}

// caller is a client of a server, and talks with deadlines.
type caller struct {
	t *testing.T
	*net.TCPConn
}

func (s *served) call() *caller {
	s.t.Helper()
	c, err := net.Dial("tcp", s.address)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(patience))
	return &caller{s.t, c.(*net.TCPConn)}
}

func (c *caller) says(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		c.t.Fatal(err)
	}
}

func (c *caller) hears(want string) {
	c.t.Helper()
	got := make([]byte, len(want))
	if n, err := io.ReadFull(c, got); err != nil || string(got) != want {
		c.t.Fatalf("heard %q, %v; want %q", got[:n], err, want)
	}
}

// hearsTheEnd expects no more but a FIN.
func (c *caller) hearsTheEnd() {
	c.t.Helper()
	if rest, err := io.ReadAll(c); len(rest) > 0 || err != nil {
		c.t.Fatalf("heard %q, %v; want the end", rest, err)
	}
}

// of returns the events of one client.
func of(events []map[string]any, client int) (some []map[string]any) {
	for _, e := range events {
		if e["client"] == float64(client) {
			some = append(some, e)
		}
	}
	return some
}
