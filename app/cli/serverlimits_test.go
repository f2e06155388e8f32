package cli

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"wirebench/sessions/certs/testca"
)

func TestMistakesOnTheCommandLineOfAServerSayWhatToWrite(t *testing.T) {
	ownState(t)
	c := newCA(t)
	leaf := c.leaf(t, testca.Spec{})
	cert, key := c.write(t, "leaf.pem", testca.PEM(leaf)), c.keyFile(t, "leaf.key", leaf)
	other := c.keyFile(t, "other.key", c.leaf(t, testca.Spec{}))
	text := c.write(t, "text", []byte("no certificate"))
	for _, x := range []struct {
		say  []string
		args []string
	}{
		{[]string{"[HOST]:PORT"}, nil},
		{[]string{"[HOST]:PORT"}, []string{"1", "2"}},
		{[]string{"[::1:80]:port"}, []string{"::1:80"}},
		{[]string{"65536", "65535"}, []string{"65536"}},
		{[]string{"no port"}, []string{"localhost"}},
		{[]string{"server://"}, []string{"tcp://127.0.0.1:0"}},
		{[]string{"multicast"}, []string{"224.0.0.1:0"}},
		{[]string{"--frobnicate"}, []string{"0", "--frobnicate"}},
		{[]string{"--greet", "'q'", `\xHH`}, []string{"0", "--greet", `\q`}},
		{[]string{"--echo-prefix", "'q'"}, []string{"0", "--echo", "--echo-prefix", `\q`}},
		{[]string{"--echo-prefix", "--echo too"}, []string{"0", "--echo-prefix", "x"}},
		{[]string{"--max-clients", "1 to 1,000,000"}, []string{"0", "--max-clients", "0"}},
		{[]string{"--max-clients", "many"}, []string{"0", "--max-clients", "many"}},
		{[]string{"--max-queue", "1 GiB"}, []string{"0", "--max-queue", "0"}},
		{[]string{"--when-full", "wait, drop or disconnect"}, []string{"0", "--when-full", "explode"}},
		{[]string{"--idle", "50ms"}, []string{"0", "--idle", "1ms"}},
		{[]string{"--idle", "50ms"}, []string{"0", "--idle", "-1s"}},
		{[]string{"--backlog", "65535"}, []string{"0", "--backlog", "-1"}},
		{[]string{"--duration", "negative"}, []string{"0", "--duration", "-1s"}},
		{[]string{"--save"}, []string{"0", "--save", ""}},
		{[]string{"--policy-file", "empty"}, []string{"0", "--policy-file", ""}},
		{[]string{"--policy-file", "/nowhere/at/all"}, []string{"0", "--policy-file", "/nowhere/at/all"}},
		{[]string{"--policy-file", "folder"}, []string{"0", "--policy-file", c.dir}},
		{[]string{"--policy-file", "no certificate"}, []string{"0", "--policy-file", text}},

		{[]string{"--tls-cert", "/nowhere/at/all"}, []string{"0", "--tls-cert", "/nowhere/at/all"}},
		{[]string{"--tls-cert", text}, []string{"0", "--tls-cert", text}},
		{[]string{"--tls-cert", "no private key"}, []string{"0", "--tls-cert", cert}},
		{[]string{"--tls-cert", other}, []string{"0", "--tls-cert", cert, "--tls-key", other}},
		{[]string{"--tls-key", "--tls-cert"}, []string{"0", "--tls-key", key}},
		{[]string{"--tls-key", "--tls-cert"}, []string{"0", "--tls", "--tls-key", key}},
		{[]string{"--passphrase-file", "--tls-cert"}, []string{"0", "--tls", "--passphrase-file", text}},
		{[]string{"--passphrase-file", "/nowhere/at/all"}, []string{"0", "--tls-cert", cert, "--tls-key", key, "--passphrase-file", "/nowhere/at/all"}},
		{[]string{"--ca-out", "--tls"}, []string{"0", "--ca-out", "x"}},
		{[]string{"--ca-out", "--tls-cert"}, []string{"0", "--tls-cert", cert, "--tls-key", key, "--ca-out", "x"}},
		{[]string{"--tls-name", "--tls-cert"}, []string{"0", "--tls-cert", cert, "--tls-key", key, "--tls-name", "a.example"}},
		{[]string{"--tls-name", "a b"}, []string{"0", "--tls", "--tls-name", "a b"}},
		{[]string{"--client-cert", "none, request or require"}, []string{"0", "--tls", "--client-cert", "perhaps"}},
		{[]string{"--client-cert", "--tls"}, []string{"0", "--client-cert", "require"}},
		{[]string{"--client-ca", "--tls"}, []string{"0", "--client-ca", cert}},
		{[]string{"--client-ca", "--client-cert require"}, []string{"0", "--tls", "--client-ca", cert}},
		{[]string{"--client-ca", "/nowhere/at/all"}, []string{"0", "--tls", "--client-cert", "require", "--client-ca", "/nowhere/at/all"}},
		{[]string{"--client-ca", text}, []string{"0", "--tls", "--client-cert", "request", "--client-ca", cert, "--client-ca", text}},
		{[]string{"--alpn"}, []string{"0", "--tls", "--alpn", "h2,,http/1.1"}},
		{[]string{"--min-version", "1.0, 1.1, 1.2 or 1.3"}, []string{"0", "--tls", "--min-version", "0.9"}},
		{[]string{"--min-version"}, []string{"0", "--tls", "--min-version", "1.3", "--max-version", "1.2"}},
		{[]string{"--min-version", "--tls"}, []string{"0", "--min-version", "1.3"}},
		{[]string{"--keylog", "--tls"}, []string{"0", "--keylog", "x"}},
	} {
		t.Run(strings.Join(x.args, " "), func(t *testing.T) {
			status, out, errs := wire(t, nil, append([]string{"server", "--json", "--duration", "1ms"}, x.args...)...)
			if status != 2 || out != "" {
				t.Errorf("status %d, stdout %q, stderr %q", status, out, errs)
			}
			for _, say := range x.say {
				if !strings.Contains(errs, say) {
					t.Errorf("stderr %q, want %q in it", errs, say)
				}
			}
		})
	}
	if _, err := os.Stat("x"); err == nil {
		t.Error("a mistake leaves a file")
		os.Remove("x")
	}
}

func TestFilesThatAServerCannotWriteAreFailures(t *testing.T) {
	ownState(t)
	for _, flag := range []string{"--save", "--ca-out", "--keylog"} {
		path := filepath.Join(t.TempDir(), "gone", "x")
		status, out, errs := wire(t, nil, "server", "0", "--tls", "--json", "--duration", "20s", flag, path)
		said := strings.ReplaceAll(out+errs, `\\`, `\`) // in JSON
		if status != 1 || !strings.Contains(said, path) || strings.Contains(out, "listening") {
			t.Errorf("%s: status %d, stdout %q, stderr %q", flag, status, out, errs)
		}
	}
}

func TestClientsBeyondTheMostAreRefusedToldAndCounted(t *testing.T) {
	t.Parallel()
	s := serve(t, "--json", "--max-clients", "2", "--greet", "hi")
	a, b := s.call(), s.call()
	a.hears("hi")
	b.hears("hi")
	refused := 0
	for refused < 3 {
		s.callInVain()
		refused++
	}
	s.out.await(t, "refused: ", refused) // which is told a moment after the client has heard of it
	a.CloseWrite()
	a.hearsTheEnd()
	s.out.await(t, `"close"`, 1)
	for !s.getsIn("hi") {
		refused++ // a close is told a moment before the place is free
	}
	status, out, errs := s.end()
	events := lines(t, out)
	want := "listening connect connect state state state close" + strings.Repeat(" state", refused-3) + " connect close close summary"
	if got := names(events); status != 0 || got != want {
		t.Errorf("status %d, events %s", status, got)
	}
	for _, e := range events {
		if e["event"] == "state" {
			text := e["text"].(string)
			if !strings.HasPrefix(text, e["peer"].(string)+" refused: ") || e["client"] != nil || !strings.Contains(text, "2 clients are connected already") {
				t.Errorf("a refusal is told as %v", e)
			}
		}
	}
	if of(events, 3) == nil || of(events, 4) != nil {
		t.Errorf("the client that came when there was room again is not number 3: %v", events)
	}
	if strings.Count(errs, "\n") != 1 || !strings.Contains(errs, fmt.Sprintf("%d connections", refused)) || !strings.Contains(errs, "--max-clients 2") {
		t.Errorf("stderr %q does not say how many were refused", errs)
	}
}

func TestARefusalIsALineForPeople(t *testing.T) {
	s := serve(t, "--max-clients", "1", "--greet", "hi")
	s.call().hears("hi")
	s.callInVain()
	s.out.await(t, " refused: ", 1)
}

// getsIn reports whether a new client is greeted; otherwise it is refused.
func (s *served) getsIn(greeting string) bool {
	s.t.Helper()
	c, err := net.Dial("tcp", s.address)
	if err == nil {
		s.t.Cleanup(func() { c.Close() })
		got := make([]byte, len(greeting))
		c.SetDeadline(time.Now().Add(patience))
		if _, err = io.ReadFull(c, got); err == nil && string(got) != greeting {
			s.t.Fatalf("greeted with %q", got)
		}
	}
	if err != nil && !isReset(err) { // which may be heard before the connection stands
		s.t.Fatal(err)
	}
	return err == nil
}

func (s *served) callInVain() {
	s.t.Helper()
	if s.getsIn("hi") {
		s.t.Fatal("a client was let in that should have been refused")
	}
}

func TestAClientThatIsIdleIsClosedAndOneThatIsNotStays(t *testing.T) {
	t.Parallel()
	s := serve(t, "--json", "--idle", "3s", "--echo") // a busy machine may keep the other from talking for a while
	idle, busy := s.call(), s.call()
	gone := make(chan error, 1)
	go func() {
		_, err := io.ReadAll(idle)
		gone <- err
	}()
	for closed := false; !closed; {
		busy.says("tick")
		busy.hears("tick")
		select {
		case err := <-gone:
			if err != nil {
				t.Errorf("the idle client saw %v", err)
			}
			closed = true
		case <-time.After(20 * time.Millisecond):
		}
	}
	idle.Close()
	busy.says("still here")
	busy.hears("still here")
	events := s.inOrder()
	if own := of(events, 1); len(own) != 3 || own[1]["text"] != "closed by us (FIN): idle for 3 s" || own[2]["by"] != "local" {
		t.Errorf("the idle client's events are %v", own)
	}
}

// stuffed is a client that says more than it takes.
type stuffed struct {
	*caller
	source source
	said   int64
	done   chan error
}

func stuff(s *served) *stuffed {
	s.t.Helper()
	c := &stuffed{caller: s.call(), source: source{over: make(chan struct{})}, done: make(chan error, 1)}
	go func() {
		var err error
		c.said, err = io.Copy(c.TCPConn, &c.source)
		c.done <- err
	}()
	return c
}

// stuck waits until nothing more that it says is taken, after least bytes.
func (c *stuffed) stuck(least int64) {
	c.t.Helper()
	for last, end := int64(-1), time.Now().Add(patience); ; time.Sleep(300 * time.Millisecond) {
		now := c.source.given.Load()
		if now == last && now > least {
			return
		}
		if last = now; time.Now().After(end) {
			c.t.Fatalf("%d bytes were taken, and more", now)
		}
	}
}

// more waits until it has said n bytes.
func (c *stuffed) more(n int64) {
	c.t.Helper()
	for end := time.Now().Add(patience); c.source.given.Load() < n; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			c.t.Fatalf("only %d bytes were taken", c.source.given.Load())
		}
	}
}

// stop ends what it says and returns how much of it was taken, and what broke it
// off.
func (c *stuffed) stop() (said int64, err error) {
	close(c.source.over)
	c.SetWriteDeadline(time.Now())
	err = <-c.done
	return c.said, err
}

// source gives zeros until it is told to end.
type source struct {
	given atomic.Int64
	over  chan struct{}
}

func (s *source) Read(p []byte) (int, error) {
	select {
	case <-s.over:
		return 0, io.EOF
	default:
		clear(p)
		s.given.Add(int64(len(p)))
		return len(p), nil
	}
}

func TestAClientThatTakesNothingIsWaitedForAndDelaysNoOther(t *testing.T) {
	t.Parallel()
	s := serveInto(t, newSpool(`"socketData","client":1,`), "--json", "--echo", "--max-queue", "65536", "--when-full", "wait")
	slow := stuff(s)
	quick := s.call()
	var worst time.Duration
	for i := range 200 {
		text := fmt.Sprintf("%0100d", i)
		before := time.Now()
		quick.says(text)
		quick.hears(text)
		worst = max(worst, time.Since(before))
		if i%20 == 0 {
			time.Sleep(10 * time.Millisecond) // meanwhile the other fills up
		}
	}
	if worst > 10*time.Second { // it would be for ever
		t.Errorf("an echo took %v while another client took nothing", worst)
	}
	slow.stuck(0)
	said, _ := slow.stop()
	if said > 64<<20 {
		t.Errorf("a client that takes nothing could say %d bytes", said)
	}
	// It takes what waits, and all that it said comes back.
	slow.CloseWrite()
	n, err := io.Copy(io.Discard, slow)
	if n != said || err != nil {
		t.Errorf("%d of %d bytes came back, %v", n, said, err)
	}
	s.inOrder()
}

func TestWhatAFullClientCannotTakeIsDroppedAndCounted(t *testing.T) {
	t.Parallel()
	s := serveInto(t, newSpool(`"socketData","client":1,`), "--json", "--echo", "--max-queue", "65536", "--when-full", "drop")
	slow := stuff(s)
	quick := s.call()
	quick.says("hello")
	quick.hears("hello")
	slow.more(48 << 20) // than the system's buffers hold
	said, _ := slow.stop()
	slow.CloseWrite()
	n, err := io.Copy(io.Discard, slow)
	if n >= said || n == 0 || err != nil {
		t.Errorf("%d of %d bytes came back, %v", n, said, err)
	}
	status, out, errs := s.end()
	sum := last(t, lines(t, out))
	if status != 0 || sum["bytesIn"] != float64(said+5) || sum["bytesOut"] != float64(n+5) {
		t.Errorf("status %d, %d said and %d echoed, but the summary is %v", status, said, n, sum)
	}
	if want := fmt.Sprintf("with %d bytes", said-n); strings.Count(errs, "\n") != 1 || !strings.Contains(errs, want) || !strings.Contains(errs, "--max-queue 65536") {
		t.Errorf("stderr %q, want %q in it", errs, want)
	}
}

func TestAFullClientIsDisconnectedAndSaysWhy(t *testing.T) {
	t.Parallel()
	needResets(t)
	s := serveInto(t, newSpool(`"socketData","client":1,`), "--json", "--echo", "--max-queue", "65536", "--when-full", "disconnect")
	slow := stuff(s)
	quick := s.call()
	quick.says("hello")
	quick.hears("hello")
	s.out.await(t, `"event":"close","client":1,`, 1)
	_, err := slow.stop()
	if !isReset(err) && !errors.Is(err, syscall.EPIPE) { // it is told once, to whoever asks first
		if _, err = io.Copy(io.Discard, slow); !isReset(err) {
			t.Errorf("the client saw %v, want a reset", err)
		}
	}
	status, out, errs := s.end()
	own := of(lines(t, out), 1)
	if got := names(own); status != 0 || got != "connect state close" || own[2]["by"] != "local" {
		t.Fatalf("status %d, events %v, stderr %q", status, own, errs)
	}
	if text := own[1]["text"].(string); !strings.Contains(text, "reset by us (RST)") || !strings.Contains(text, "does not take") {
		t.Errorf("the reason is %q", text)
	}
}

// ownState keeps a test off the person's state, where the test CA is.
func ownState(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"XDG_STATE_HOME", "HOME", "LocalAppData"} {
		t.Setenv(name, dir)
	}
}
