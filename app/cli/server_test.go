package cli

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wirebench/sessions"
	"wirebench/sessions/capture"
)

func TestAServerAsJSONLines(t *testing.T) {
	t.Parallel()
	s := serve(t, "--json", "--greet", `hi\n`, "--echo", "--echo-prefix", `> `)
	a, b := s.call(), s.call()
	a.hears("hi\n")
	b.hears("hi\n")
	a.says("a\x00\xff")
	a.hears("> a\x00\xff")
	b.says("bb")
	b.hears("> bb")
	a.CloseWrite()
	a.hearsTheEnd()
	s.out.await(t, `"close"`, 1)
	events := s.inOrder()
	b.hearsTheEnd()

	if e := events[0]; e["event"] != "listening" || e["local"] != s.address || len(e) != 3 {
		t.Errorf("the first event is %v", e)
	}
	if got := names(events); got != "listening connect connect close close summary" {
		t.Errorf("the events are %s", got)
	}
	for i, c := range []struct {
		*caller
		in, out, by string
	}{{a, "a\x00\xff", "hi\n> a\x00\xff", "peer"}, {b, "bb", "hi\n> bb", "local"}} {
		own, peer := of(events, i+1), c.LocalAddr().String()
		if first, e := own[0], own[len(own)-1]; first["event"] != "connect" || first["local"] != s.address || first["remote"] != peer ||
			e["event"] != "close" || e["by"] != c.by || e["peer"] != peer {
			t.Errorf("client %d begins with %v and ends with %v", i+1, first, e)
		}
		if in, out := bytesOf(t, own, "in", peer), bytesOf(t, own, "out", peer); string(in) != c.in || string(out) != c.out {
			t.Errorf("client %d said %q and was told %q", i+1, in, out)
		}
	}
	if sum := last(t, events); sum["bytesIn"] != 5.0 || sum["bytesOut"] != 15.0 || sum["messagesIn"] != 2.0 || sum["messagesOut"] != 4.0 || sum["status"] != 0.0 {
		t.Errorf("summary %v", sum)
	}
}

func TestAServerForPeople(t *testing.T) {
	s := serve(t, "--greet", "hello")
	c := s.call()
	c.hears("hello")
	c.says("\x1b[2Jhi\x00")
	s.out.await(t, "<-", 1)
	c.CloseWrite()
	c.hearsTheEnd()
	s.out.await(t, "closed by", 1)
	status, out, errs := s.end()
	if status != 0 || errs != "" {
		t.Errorf("status %d, stderr %q", status, errs)
	}
	got := timeless(out)
	want := "listening on " + s.address + "\n" +
		"client 1 connected from " + c.LocalAddr().String() + " to " + s.address + "\n" +
		"client 1 ->      5  hello\n" +
		`client 1 <-      7  \x1b[2Jhi\0` + "\n" +
		"client 1 closed by the peer (FIN)\n" +
		"7 bytes received in 1 read, 5 bytes sent in 1 write, TIME"
	if got != want {
		t.Errorf("printed\n%s\nwant\n%s", got, want)
	}
}

func TestAGreetingAndAnEchoAreTheBytesOfTheirEscapes(t *testing.T) {
	s := serve(t, "--greet", `a\n\r\t\0\xff\u20ac\\b`, "--echo", "--echo-prefix", `\x01\\n`)
	c := s.call()
	c.hears("a\n\r\t\x00\xff€\\b")
	c.says("\\n\x00")
	c.hears("\x01\\n\\n\x00")
}

func TestAServerThatIsToldNothingSaysNothing(t *testing.T) {
	t.Parallel()
	s := serve(t, "--json")
	c := s.call()
	c.says("anybody?")
	s.out.await(t, "socketData", 1)
	events := s.inOrder()
	c.hearsTheEnd()
	if sum := last(t, events); sum["bytesOut"] != 0.0 || sum["bytesIn"] != 8.0 {
		t.Errorf("summary %v", sum)
	}
}

func TestAPolicyFileIsServedBesideAnEcho(t *testing.T) {
	t.Parallel()
	const policy = `<cross-domain-policy><allow-access-from domain="*" to-ports="507"/></cross-domain-policy>`
	file := filepath.Join(t.TempDir(), "policy.xml")
	if err := os.WriteFile(file, []byte(policy), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serve(t, "--json", "--policy-file", file, "--greet", "hi ", "--echo")
	flash, other := s.call(), s.call()
	flash.says("<policy-file-")
	other.says("<policy>")
	flash.says("request/>\x00")
	flash.hears(policy + "\x00")
	flash.hearsTheEnd()
	other.hears("hi <policy>")
	events := s.inOrder()
	if own := of(events, 1); own[len(own)-1]["by"] != "local" {
		t.Errorf("the client that asked ends with %v", own[len(own)-1])
	}
}

func TestASignalClosesEveryClientInOrder(t *testing.T) {
	t.Parallel()
	s := serve(t, "--json", "--echo")
	var all []*caller
	for range 20 {
		all = append(all, s.call())
	}
	for i, c := range all {
		c.says(fmt.Sprint("message ", i))
	}
	s.out.await(t, `"direction":"out"`, len(all))
	events := s.inOrder()
	for i, c := range all {
		c.hears(fmt.Sprint("message ", i))
		c.hearsTheEnd()
	}
	closed := 0
	for _, e := range events {
		if e["event"] == "close" && e["by"] == "local" {
			closed++
		}
	}
	if closed != len(all) {
		t.Errorf("%d of %d clients were closed by us", closed, len(all))
	}
	last(t, events)
}

func TestASignalSendsWhatWaitsBeforeItCloses(t *testing.T) {
	t.Parallel()
	s := serveInto(t, newSpool(`"socketData"`), "--json", "--echo", "--max-queue", fmt.Sprint(64<<20))
	c := s.call()
	c.SetReadBuffer(256 << 10)
	const size = 10 << 20 // more than the system's buffers hold, and not more than a busy machine takes in lastDrain
	if _, err := io.CopyN(c, zeros{}, size); err != nil {
		t.Fatal(err)
	}
	s.out.until(t, "all that was said", func() bool { return s.out.in == size })
	s.signal()
	n, err := io.Copy(io.Discard, c)
	if n < size-1<<20 || err != nil { // what was read last may be told and not answered yet
		t.Errorf("%d of %d bytes came, %v", n, size, err)
	}
	c.Close()
	if sum := last(t, s.inOrder()); sum["bytesOut"] != float64(n) {
		t.Errorf("%d bytes came, and the summary is %v", n, sum)
	}
}

func TestADurationEndsAServerInOrder(t *testing.T) {
	t.Parallel()
	const duration = 3 * time.Second // in which a client comes in on a busy machine too
	s := serve(t, "--json", "--duration", duration.String(), "--greet", "hi")
	c := s.call()
	c.hears("hi")
	c.hearsTheEnd()
	status, out, errs := s.over()
	events := lines(t, out)
	if got := names(events); status != 0 || errs != "" || got != "listening connect close summary" {
		t.Errorf("status %d, stderr %q, events %s", status, errs, got)
	}
	if ms := last(t, events)["durationMs"].(float64); ms < 3000 || ms > 30_000 {
		t.Errorf("it took %v ms", ms)
	}
}

func TestAPortInUseIsAFailureWithAReason(t *testing.T) {
	taken := peer(t, echo)
	_, port, _ := net.SplitHostPort(taken)
	status, out, errs := wire(t, nil, "server", taken)
	if status != 1 || strings.Contains(out, "listening") || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, "port "+port+" is in use by ") {
		t.Errorf("status %d, stdout %q, stderr %q", status, out, errs)
	}
	status, out, errs = wire(t, nil, "server", taken, "--json")
	events := lines(t, out)
	if got := names(events); status != 1 || got != "ioError summary" || errs != "" {
		t.Fatalf("status %d, events %s, stderr %q", status, got, errs)
	}
	if e := events[0]; e["peer"] != taken || !strings.Contains(e["error"].(string), "in use") {
		t.Errorf("%v", e)
	}
	if sum := last(t, events); sum["status"] != 1.0 {
		t.Errorf("summary %v", sum)
	}
}

func TestTheCaptureOfAServerIsKeptOnlyWhenAskedFor(t *testing.T) {
	tmp, kept := t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", tmp)
	save := filepath.Join(t.TempDir(), "saved.pcapng")
	for _, args := range [][]string{{"--save", save}, {"--capture-dir", kept}} {
		s := serve(t, append(args, "--json", "--echo")...)
		c := s.call()
		c.says("x")
		c.hears("x")
		s.inOrder()
	}
	if left, _ := os.ReadDir(tmp); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	files, _ := filepath.Glob(filepath.Join(kept, "*.pcapng"))
	if all, _ := os.ReadDir(kept); len(files) != 1 || len(all) != 1 {
		t.Fatalf("kept %v", all)
	}
	checkCapture(t, save)
	checkCapture(t, files[0])
}

func TestDataIsThatOfTheClientThatHasTheAddressNow(t *testing.T) {
	var out bytes.Buffer
	r := newReporter(streams{out: &out, err: io.Discard}, true, func() {})
	s, err := sessions.NewServer(sessions.DefaultServer(), sessions.Options{Capture: capture.Options{Dir: t.TempDir()}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Traffic().Release()
	defer s.Close()
	run := newServerRun(sessions.DefaultServer(), r)
	run.session = s
	flow := capture.Flow{Proto: capture.TCP, Local: netip.MustParseAddrPort("127.0.0.1:1"), Remote: netip.MustParseAddrPort("127.0.0.1:2")}
	tell := func(name string, client int64, state sessions.State) {
		run.Event(sessions.Event{Time: time.Now(), Name: name, Client: client, State: state, Local: flow.Local, Remote: flow.Remote})
	}
	tell(sessions.EventConnect, 1, sessions.Open)
	run.Data(flow, capture.In, []byte("1"))
	tell(sessions.EventConnect, 2, sessions.Open) // the socket of client 1 is closed before that is told
	tell(sessions.EventClose, 1, sessions.Closed)
	run.Data(flow, capture.In, []byte("2"))
	tell(sessions.EventClose, 2, sessions.Closed)
	r.summary(capture.Stats{}, statusDone)
	events := lines(t, out.String())
	for client, want := range map[int]string{1: "1", 2: "2"} {
		if got := bytesOf(t, of(events, client), "in", "127.0.0.1:2"); string(got) != want {
			t.Errorf("client %d said %q, want %q", client, got, want)
		}
	}
	if len(run.clients) > 0 {
		t.Errorf("kept after the end: %v", run.clients)
	}
}
