package cli

import (
	"encoding/base64"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"wirebench/sessions"
)

// station is the other end of datagrams, with deadlines.
type station struct {
	t *testing.T
	*net.UDPConn
}

func newStation(t *testing.T) *station {
	t.Helper()
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(patience))
	return &station{t, c}
}

func (s *station) address() string { return s.LocalAddr().String() }

func (s *station) says(to, text string) {
	s.t.Helper()
	if _, err := s.WriteToUDPAddrPort([]byte(text), netip.MustParseAddrPort(to)); err != nil {
		s.t.Fatal(err)
	}
}

// hears expects one datagram and returns who sent it.
func (s *station) hears(want string) (from string) {
	s.t.Helper()
	p := make([]byte, 1<<16)
	n, a, err := s.ReadFromUDPAddrPort(p)
	if err != nil || string(p[:n]) != want {
		s.t.Fatalf("heard %.200q, %v; want %.200q", p[:n], err, want)
	}
	return a.String()
}

// echoStation sends back what it hears.
func echoStation(t *testing.T) string {
	t.Helper()
	s := newStation(t)
	go func() {
		p := make([]byte, 1<<16)
		for {
			n, a, err := s.ReadFromUDPAddrPort(p)
			if err != nil {
				return
			}
			s.WriteToUDPAddrPort(p[:n], a)
		}
	}()
	return s.address()
}

// bound starts a datagram socket on a loopback port of the system's choice and
// waits until it is bound.
func bound(t *testing.T, args ...string) *served {
	t.Helper()
	return start(t, newSpool(""), append([]string{"udp", "127.0.0.1:0"}, args...)...)
}

// datagrams are those of one direction, as "peer text".
func datagramsOf(t *testing.T, events []map[string]any, direction string) (all []string) {
	t.Helper()
	for _, e := range events {
		if e["event"] != "socketData" || e["direction"] != direction {
			continue
		}
		p, err := base64.StdEncoding.DecodeString(e["data"].(string))
		if err != nil || float64(len(p)) != e["length"] {
			t.Errorf("socketData %v: %v", e, err)
		}
		all = append(all, fmt.Sprintf("%s %s", e["peer"], p))
	}
	return all
}

// find returns the first event with a name, nil for none.
func find(events []map[string]any, name string) map[string]any {
	for _, e := range events {
		if e["event"] == name {
			return e
		}
	}
	return nil
}

// onlyOnLinux skips a test of what other systems do not tell.
func onlyOnLinux(t *testing.T, what string) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells of " + what)
	}
}

func TestDatagramsAsJSONLines(t *testing.T) {
	t.Parallel()
	peer := echoStation(t)
	file := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(file, []byte("FILE"), 0o600); err != nil {
		t.Fatal(err)
	}
	status, out, errs := wire(t, nil, "udp", "127.0.0.1:0", "--to", peer, "--json",
		"--send", `a\n`, "--send", "", "--send-hex", "00 ff", "--send-file", file, "--expect", "a", "--expect", "", "--expect-hex", "00ff", "--expect", "FILE")
	if status != 0 || errs != "" {
		t.Fatalf("status %d, stderr %q", status, errs)
	}
	events := lines(t, out)
	if e := events[0]; e["event"] != "listening" || !strings.HasPrefix(e["local"].(string), "127.0.0.1:") || strings.HasSuffix(e["local"].(string), ":0") || len(e) != 3 {
		t.Errorf("the first event is %v", e)
	}
	want := strings.Join([]string{peer + " a\n", peer + " ", peer + " \x00\xff", peer + " FILE"}, "|")
	if got := strings.Join(datagramsOf(t, events, "out"), "|"); got != want {
		t.Errorf("sent %q, want %q", got, want)
	}
	if got := strings.Join(datagramsOf(t, events, "in"), "|"); got != want {
		t.Errorf("received %q, want %q", got, want)
	}
	if s := last(t, events); s["bytesIn"] != 8.0 || s["bytesOut"] != 8.0 || s["messagesIn"] != 4.0 || s["messagesOut"] != 4.0 || s["kernelDropped"] != 0.0 || s["status"] != 0.0 {
		t.Errorf("summary %v", s)
	}
}

func TestDatagramsForPeople(t *testing.T) {
	t.Parallel()
	s, peer := bound(t), newStation(t)
	for _, text := range []string{"hello", "\x1b[2J\x00", ""} {
		peer.says(s.address, text)
	}
	s.out.await(t, "<-", 3)
	status, out, errs := s.end()
	if status != 0 || errs != "" {
		t.Errorf("status %d, stderr %q", status, errs)
	}
	got := timeless(out)
	got = regexp.MustCompile(`[\d,]+ bytes of receive buffer`).ReplaceAllString(got, "ROOM")
	want := "bound to " + s.address + ", ROOM\n" +
		"<-      5  " + peer.address() + "  hello\n" +
		"<-      5  " + peer.address() + `  \x1b[2J\0` + "\n" +
		"<-      0  " + peer.address() + "\n" +
		"10 bytes received in 3 datagrams, 0 bytes sent in 0 datagrams, TIME"
	if got != want {
		t.Errorf("printed\n%s\nwant\n%s", got, want)
	}
}

func TestADatagramIsExpectedWithinItsBorders(t *testing.T) {
	texts := func(all ...string) (m []message) {
		for _, text := range all {
			m = append(m, message{bytes: []byte(text)})
		}
		return m
	}
	for name, c := range map[string]struct {
		want, come []string
		missing    string // "none" when all have come
	}{
		"nothing":                               {nil, nil, "none"},
		"in the middle":                         {[]string{"b"}, []string{"abc"}, "none"},
		"across a border":                       {[]string{"ab"}, []string{"a", "b"}, "ab"},
		"several in one":                        {[]string{"a", "b", "b"}, []string{"abb"}, "none"},
		"several in one in another order":       {[]string{"b", "a"}, []string{"ab"}, "a"},
		"one in each":                           {[]string{"a", "b"}, []string{"x", "a", "x", "b"}, "none"},
		"bytes that have been used":             {[]string{"aa", "aa"}, []string{"aaa"}, "aa"},
		"an empty datagram":                     {[]string{""}, []string{"x", ""}, "none"},
		"an empty datagram that does not come":  {[]string{""}, []string{"x"}, ""},
		"an empty one behind another":           {[]string{"x", ""}, []string{"", "x"}, ""},
		"two empty ones":                        {[]string{"", ""}, []string{"", ""}, "none"},
		"a text that an empty datagram has not": {[]string{"x"}, []string{""}, "x"},
	} {
		e := newDatagramExpectation(texts(c.want...))
		for _, p := range c.come {
			e.feed([]byte(p))
		}
		missing, some := e.missing()
		select {
		case <-e.met:
			if some {
				t.Errorf("%s: met, and %q is missing", name, missing)
			}
		default:
			if !some {
				t.Errorf("%s: nothing is missing, and it is not met", name)
			}
		}
		if got := string(missing); !some && c.missing != "none" || some && got != c.missing {
			t.Errorf("%s: %q is missing, %v; want %q", name, got, some, c.missing)
		}
	}
}

func TestConnectTakesTheTargetAlone(t *testing.T) {
	t.Parallel()
	peer, other := newStation(t), newStation(t)
	s := bound(t, "--to", peer.address(), "--connect", "--json", "--wait", "1h", "--send", "hello")
	if from := peer.hears("hello"); from != s.address {
		t.Errorf("it came from %s", from)
	}
	other.says(s.address, "not me")
	peer.says(s.address, "me")
	s.out.await(t, `"direction":"in"`, 1)
	status, out, errs := s.end()
	if got := datagramsOf(t, lines(t, out), "in"); status != 0 || len(got) != 1 || got[0] != peer.address()+" me" {
		t.Errorf("status %d, received %q", status, got)
	}
	if !strings.Contains(errs, "not taken, being from others than --to: 1 datagram") {
		t.Errorf("stderr %q", errs)
	}
}

func TestAnEchoAnswersEveryoneAndAReplyIsTheSameForAll(t *testing.T) {
	t.Parallel()
	a, b := newStation(t), newStation(t)
	long := strings.Repeat("x", 60_000)
	echo := bound(t, "--echo", "--json")
	for _, text := range []string{"one", "", "\x00\xff", long} {
		a.says(echo.address, text)
		b.says(echo.address, text+"b"[:min(1, 60_000-len(text))])
		if from := a.hears(text); from != echo.address {
			t.Errorf("the answer came from %s", from)
		}
		b.hears(text + "b"[:min(1, 60_000-len(text))])
	}
	if sum := last(t, echo.inOrder()); sum["messagesIn"] != 8.0 || sum["messagesOut"] != 8.0 || sum["bytesIn"] != sum["bytesOut"] {
		t.Errorf("summary %v", sum)
	}
	reply := bound(t, "--reply", `no\n`)
	for _, text := range []string{"", "hello"} {
		a.says(reply.address, text)
		a.hears("no\n")
	}
	silent := bound(t, "--reply", "")
	a.says(silent.address, "hello")
	a.hears("")
}

func TestAnEchoDoesNotAnswerItself(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"127.0.0.1", "0.0.0.0"} {
		own, other := newStation(t), newStation(t)
		_, port, _ := net.SplitHostPort(own.address())
		own.Close()
		s := start(t, newSpool(""), "udp", host+":"+port, "--to", "127.0.0.1:"+port, "--echo", "--send", "x", "--wait", "1h", "--json")
		s.out.await(t, `"direction":"in"`, 1)
		other.says("127.0.0.1:"+port, "y") // answers are in order: one to itself would come first
		other.hears("y")
		if sum := last(t, s.inOrder()); sum["messagesIn"] != 2.0 || sum["messagesOut"] != 2.0 {
			t.Errorf("on %s: summary %v", host, sum)
		}
	}
}

func TestARepetitionSaysHowItWent(t *testing.T) {
	peer := newStation(t).address() // it takes no notice: what answers come may be more than there is room for
	for name, c := range map[string]struct {
		every  string
		count  float64
		jitter bool
	}{
		"every millisecond": {"1ms", 50, true},
		"flat out":          {"0", 500, false},
	} {
		status, out, errs := wire(t, nil, "udp", ":0", "--to", peer, "--send", "again", "--every", c.every, "--count", fmt.Sprint(c.count), "--wait", "100ms", "--json")
		events := lines(t, out)
		e := find(events, "repeat")
		if status != 0 || errs != "" || e == nil {
			t.Fatalf("%s: status %d, stderr %q, %v", name, status, errs, e)
		}
		took, rate := e["durationMs"].(float64), e["rate"].(float64)
		if e["peer"] != peer || e["sent"] != c.count || e["failed"] != 0.0 || took <= 0 || rate < 500*c.count/took || rate > 2000*c.count/took {
			t.Errorf("%s: %v", name, e)
		}
		jitter, some := e["jitterMs"].(map[string]any)
		if some != c.jitter {
			t.Errorf("%s: jitter is %v", name, e["jitterMs"])
		}
		if some {
			p50, p99, max := jitter["p50"].(float64), jitter["p99"].(float64), jitter["max"].(float64)
			if took < 49 || p50 < 0 || p99 < p50 || max < p99 || max > took {
				t.Errorf("%s: %v", name, e)
			}
		}
		if sum := last(t, events); sum["messagesOut"] != c.count || sum["bytesOut"] != 5*c.count {
			t.Errorf("%s: summary %v", name, sum)
		}
		if got := datagramsOf(t, events, "out"); len(got) != int(c.count) {
			t.Errorf("%s: told of %d", name, len(got))
		}
	}
	_, out, _ := wire(t, nil, "udp", ":0", "--to", peer, "--send", "again", "--every", "1ms", "--count", "3", "--wait", "1ms")
	if !regexp.MustCompile(`(?m)  sent 3 datagrams in \d+ms, \d+ a second; late by [\d.µm]+s \(median\), [\d.µm]+s \(99 %\), [\d.µm]+s \(worst\)$`).MatchString(out) {
		t.Errorf("for people it is\n%s", out)
	}
}

func TestARepetitionWithoutACountEndsWithTheLastExpectation(t *testing.T) {
	t.Parallel()
	peer := newStation(t)
	s := bound(t, "--to", peer.address(), "--send", "there?", "--every", "2ms", "--expect", "yes", "--json")
	for range 5 {
		peer.hears("there?")
	}
	peer.says(s.address, "yes")
	status, out, errs := s.over()
	e := find(lines(t, out), "repeat")
	if sent, _ := e["sent"].(float64); status != 0 || sent < 5 || errs != "" {
		t.Errorf("status %d, %v, stderr %q", status, e, errs)
	}
}

func TestASignalEndsARepetitionAndStillSums(t *testing.T) {
	t.Parallel()
	peer := newStation(t)
	s := bound(t, "--to", peer.address(), "--send", "tick", "--every", "1ms", "--json")
	for range 3 {
		peer.hears("tick")
	}
	events := s.inOrder()
	e := find(events, "repeat")
	if sent, _ := e["sent"].(float64); sent < 3 || sent != last(t, events)["messagesOut"] {
		t.Errorf("%v, summary %v", e, last(t, events))
	}
}

func TestAPortIsSharedWhereBothSayTheyReuseIt(t *testing.T) {
	t.Parallel()
	first := bound(t, "--reuse")
	second := start(t, newSpool(""), "udp", first.address, "--reuse")
	if second.address != first.address {
		t.Errorf("bound to %s and %s", first.address, second.address)
	}
	if status, _, errs := wire(t, nil, "udp", first.address, "--duration", patience.String()); status != 1 || !strings.Contains(errs, "in use") {
		t.Errorf("without it: status %d, stderr %q", status, errs)
	}
}

func TestAGroupIsHeardFromItsSource(t *testing.T) {
	t.Parallel()
	all, err := sessions.Interfaces()
	if err != nil || !all[0].Loopback {
		t.Skip("there is no loopback")
	}
	const group = "239.255.77.21"
	for name, c := range map[string]struct {
		join  string
		hears bool
	}{
		"any source":     {group, true},
		"that source":    {group + ",127.0.0.1", true},
		"another source": {group + ",127.0.0.9", false},
	} {
		if name == "another source" && underWine() {
			continue // Wine takes the interface for the source
		}
		args := []string{"udp", ":0", "--multicast", c.join, "--interface", all[0].Name, "--json"}
		s := start(t, newSpool(""), args...)
		_, port, _ := net.SplitHostPort(s.address)
		status, _, errs := wire(t, nil, "udp", "127.0.0.1:0", "--to", group+":"+port, "--interface", all[0].Name, "--send", "to all", "--wait", "100ms")
		if status != 0 {
			t.Skipf("this machine has no groups on loopback: %s", errs)
		}
		newStation(t).says("127.0.0.1:"+port, "to one")
		s.out.await(t, `"direction":"in"`, 1)
		if c.hears {
			s.out.await(t, `"direction":"in"`, 2)
		}
		events := s.inOrder()
		got := strings.Join(datagramsOf(t, events, "in"), ", ")
		if strings.Contains(got, "to all") != c.hears || !strings.Contains(got, "to one") {
			t.Errorf("%s: received %q", name, got)
		}
		if e := events[0]; e["event"] != "state" || !strings.HasPrefix(e["text"].(string), "joined "+group) || events[1]["event"] != "listening" {
			t.Errorf("%s: it begins with %v, %v", name, e, events[1])
		}
	}
}

func TestTheCaptureHoldsEveryDatagram(t *testing.T) {
	t.Parallel()
	save := filepath.Join(t.TempDir(), "saved.pcapng")
	peer := echoStation(t)
	status, _, errs := wire(t, nil, "udp", ":0", "--to", peer, "--send", "one", "--send", "", "--send", "three", "--expect", "three", "--save", save)
	if status != 0 {
		t.Fatalf("status %d, stderr %q", status, errs)
	}
	status, out, errs := wire(t, nil, "export", save, "--as", "jsonl")
	if status != 0 {
		t.Fatal(errs)
	}
	events := lines(t, out)
	for _, direction := range []string{"out", "in"} {
		if got := strings.Join(datagramsOf(t, events, direction), "|"); got != strings.Join([]string{peer + " one", peer + " ", peer + " three"}, "|") {
			t.Errorf("%s: %q", direction, got)
		}
	}
}
