package cli

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

	"wirebench/sessions/certs"
	"wirebench/sessions/lab"
)

// listing is an output that says when a line has come, and keeps everything.
type listing struct {
	mu   sync.Mutex
	all  bytes.Buffer
	mark string
	seen chan struct{}
	once sync.Once
}

func until(mark string) *listing { return &listing{mark: mark, seen: make(chan struct{})} }

func (l *listing) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all.Write(p)
	if bytes.Contains(l.all.Bytes(), []byte(l.mark)) {
		l.once.Do(func() { close(l.seen) })
	}
	return len(p), nil
}

func (l *listing) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

// practising runs the lab until a line with mark is there, does something with it, and ends it by a signal.
func practising(t *testing.T, mark string, do func(out *listing), args ...string) (status int, out, errs string) {
	t.Helper()
	l := until(mark)
	ready := make(chan struct{})
	go func() {
		<-l.seen
		if do != nil {
			do(l)
		}
		close(ready)
	}()
	status, errs = signalled(t, streams{out: l}, ready, append([]string{"lab"}, args...)...)
	return status, l.String(), errs
}

func TestTheLabAsJSONLines(t *testing.T) {
	var talked string
	status, out, errs := practising(t, `"name":"tls-expired"`, func(l *listing) {
		for _, e := range lines(t, l.String()) {
			if e["name"] != "echo" {
				continue
			}
			c, err := net.Dial("tcp", e["local"].(string))
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			c.Write([]byte("hello"))
			c.(*net.TCPConn).CloseWrite()
			c.SetReadDeadline(time.Now().Add(30 * time.Second))
			b, err := io.ReadAll(c)
			if talked = string(b); err != nil {
				t.Error(err)
			}
		}
		for !strings.Contains(l.String(), `"event":"close"`) {
			time.Sleep(time.Millisecond)
		}
	}, "--json", "echo", "tls-expired")
	if status != 0 || errs != "" || talked != "hello" {
		t.Fatalf("status %d, stderr %q, talked %q, stdout %s", status, errs, talked, out)
	}
	events := lines(t, out)
	if got := names(events); got != "listening listening listening connect close summary" {
		t.Errorf("the events are %s", got)
	}
	for _, e := range events[:3] {
		local := e["local"].(string)
		switch e["name"] {
		case "echo":
			if e["url"] != "tcp://"+local || e["certificateStatus"] != nil || len(e["messages"].([]any)) == 0 {
				t.Errorf("the echo is %v", e)
			}
		case "tls-expired":
			if e["url"] != "tls://"+local || e["certificateStatus"] != "expired" || e["serverName"] != "localhost" || e["faults"].([]any)[0] != "expired" {
				t.Errorf("the TLS server is %v", e)
			}
			if _, err := os.Stat(e["caFile"].(string)); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("after the end its root's file: %v", err)
			}
		case "authority":
		default:
			t.Errorf("%v was not asked for", e["name"])
		}
	}
	if c := the(t, events, "close"); c["name"] != "echo" || c["by"] != "peer" || c["client"] != 1.0 {
		t.Errorf("the close is %v", c)
	}
	if s := last(t, events); s["bytesIn"] != 5.0 || s["bytesOut"] != 5.0 || s["status"] != 0.0 {
		t.Errorf("the summary is %v", s)
	}
}

func TestEveryCertificateOfTheLabThroughTheCommandLine(t *testing.T) {
	dir := t.TempDir()
	ca, crl := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "crl.pem")
	status, _, errs := practising(t, `"name":"tls-refused"`, func(l *listing) {
		for _, e := range lines(t, l.String()) {
			want, ok := e["certificateStatus"].(string)
			if !ok {
				continue
			}
			name := e["name"].(string)
			args := []string{"tls", e["local"].(string), "--json", "--policy", "inspect", "--servername", e["serverName"].(string), "--ca", ca, "--trust", "mine", "--crl", crl}
			if name == "tls-revoked-ocsp" {
				args = append(args[:len(args)-2], "--ocsp")
			}
			if name == "tls-old-protocol" {
				args = append(args, "--legacy")
			}
			_, out, _ := wire(t, nil, args...)
			if got := the(t, lines(t, out), "certificate"); got["status"] != want {
				t.Errorf("%s is %v, and not %s", name, got["status"], want)
			}
		}
	}, "--json", "--ca-out", ca, "--crl-out", crl)
	if status != 0 || errs != "" {
		t.Errorf("status %d, stderr %q", status, errs)
	}
	for _, path := range []string{ca, crl} {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
	if ders, err := certs.ReadFile(ca); err != nil || len(ders) != 1 {
		t.Errorf("the root's file has %d certificates: %v", len(ders), err)
	}
}

func TestForPeopleTheLabIsATable(t *testing.T) {
	status, out, errs := practising(t, "root is ", nil)
	if status != 0 || errs != "" {
		t.Fatalf("status %d, stderr %q", status, errs)
	}
	for _, e := range lab.Catalogue() {
		if n := strings.Count("\n"+out, "\n"+e.ID+" "); n != 1 {
			t.Errorf("%s is there %d times", e.ID, n)
		}
	}
	for line := range strings.Lines(out) {
		if len(line) > 100 && !strings.Contains(line, os.TempDir()) {
			t.Errorf("a line has %d characters: %s", len(line), line)
		}
	}
}

// What a person can paste works: it is run as it is printed.
func TestTheCommandLinesThatTheLabPrintsWork(t *testing.T) {
	var ids []string
	for _, e := range lab.Catalogue() {
		if e.Expect == "" || e.Expect == certs.Trusted {
			ids = append(ids, e.ID)
		}
	}
	tried := 0
	practising(t, "root is ", func(l *listing) {
		for line := range strings.Lines(l.String()) {
			args, ok := strings.CutPrefix(strings.TrimSpace(line), "wirebench ")
			if !ok {
				continue
			}
			tried++
			words := unquoted(args)
			waits := words[0] == "tcp" || words[0] == "tls" || words[0] == "udp"
			for _, long := range []string{"200ms", "2s", "20s"} { // an answer takes its time on a busy machine
				all := words
				if waits {
					all = slices.Concat(words, []string{"--wait", long})
				}
				status, out, errs := wire(t, strings.NewReader(""), all...)
				if status == 0 && !strings.Contains(out, "<-") && waits && long != "20s" {
					continue
				}
				if status == 2 || status != 0 && !strings.Contains(errs, "reset") || !strings.Contains(out, "<-") {
					t.Errorf("%s\nstatus %d, %s%s", args, status, out, errs)
				}
				break
			}
		}
	}, ids...)
	if tried != len(ids) {
		t.Errorf("%d of %d were tried", tried, len(ids))
	}
}

// unquoted splits a command line as a shell does, as far as single quotes go.
func unquoted(s string) []string {
	var words []string
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimSpace(s) {
		var word string
		if rest, quote := strings.CutPrefix(s, "'"); quote {
			word, s, _ = strings.Cut(rest, "'")
		} else {
			word, s, _ = strings.Cut(s, " ")
		}
		words = append(words, word)
	}
	return words
}

func TestOfServersThatAreNamedEverythingIsSaid(t *testing.T) {
	_, out, _ := practising(t, "crc-16/modbus(before)\n", nil, "GAME")
	for _, want := range []string{"game  127.0.0.1:", "wirebench tcp 127.0.0.1:", "CRC-16/MODBUS", "big-endian header"} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
}

func TestTheListStartsNothing(t *testing.T) {
	status, out, errs := wire(t, nil, "lab", "--list")
	if status != 0 || errs != "" || strings.Contains(out, "127.0.0.1") || strings.Count(out, "\n") != len(lab.Catalogue()) {
		t.Errorf("status %d, stderr %q, stdout %s", status, errs, out)
	}
	status, out, _ = wire(t, nil, "lab", "--list", "--json", "game", "tls-trusted")
	events := lines(t, out)
	if got := names(events); status != 0 || got != "entry entry summary" || events[0]["local"] != "" || events[0]["framing"] != lab.GameFraming {
		t.Errorf("status %d, events %s: %s", status, got, out)
	}
}

func TestDatagramsOfTheLabAreCounted(t *testing.T) {
	for _, long := range []string{"100ms", "2s", "10s"} { // that the lab has to read them in, on a busy machine
		_, out, errs := practising(t, `"name":"udp"`, func(l *listing) {
			at := the(t, lines(t, l.String()), "listening")["local"].(string)
			if status, out, errs := wire(t, nil, "udp", ":0", "--to", at, "--send", "a", "--send", "b", "--wait", long, "--json"); status != 0 || strings.Contains(out, `"direction":"in"`) {
				t.Errorf("status %d, %s%s", status, out, errs)
			}
		}, "udp", "--json", "--udp-loss", "100%", "--udp-delay", "1ms", "--udp-jitter", "1ms", "--udp-duplicate", "0.5", "--udp-reorder", "5%", "--udp-seed", "3")
		d := the(t, lines(t, out), "datagrams")
		if d["received"] != 2.0 && long != "10s" {
			continue
		}
		if d["received"] != 2.0 || d["lost"] != 2.0 || d["sent"] != 0.0 || d["name"] != "udp" || errs != "" {
			t.Errorf("%v, stderr %q", d, errs)
		}
		break
	}
}

func TestTheLabEndsByItself(t *testing.T) {
	status, out, errs := wire(t, nil, "lab", "echo", "--duration", "1ms", "--json")
	if got := names(lines(t, out)); status != 0 || errs != "" || got != "listening summary" {
		t.Errorf("status %d, stderr %q, events %s", status, errs, got)
	}
}

func TestMistakesOnTheLabsCommandLine(t *testing.T) {
	for _, x := range []struct{ args, want string }{
		{"nothing", `no practice server "nothing"`},
		{"--udp-loss 2", "is no chance"},
		{"--udp-loss 101%", "is no chance"},
		{"--udp-loss nan", "is no chance"},
		{"--udp-delay 1h", "--udp-delay is 0s to 30s"},
		{"--udp-jitter -1s", "--udp-jitter"},
		{"echo --udp-loss 1%", "name udp too"},
		{"--max-clients 0", "--max-clients"},
		{"--idle 0s", "--idle"},
		{"--duration -1s", "--duration"},
		{"--ca-out=", "--ca-out"},
		{"--list --ca-out x", "--list"},
	} {
		status, out, errs := wire(t, nil, append([]string{"lab"}, strings.Fields(x.args)...)...)
		if status != 2 || out != "" || !strings.Contains(errs, x.want) {
			t.Errorf("lab %s: status %d, stdout %q, stderr %q", x.args, status, out, errs)
		}
	}
	status, out, errs := wire(t, nil, "lab", "echo", "--json", "--ca-out", filepath.Join(t.TempDir(), "no", "such"))
	if got := names(lines(t, out)); status != 1 || got != "summary" || !strings.Contains(errs, "root") {
		t.Errorf("where nothing can be written: status %d, events %s, stderr %q", status, got, errs)
	}
}

func TestASignalEndsALabThatNobodyReads(t *testing.T) {
	out := newBlocked(t)
	status, _ := signalled(t, streams{out: out}, out.used, "lab", "--json")
	if status != 1 {
		t.Errorf("status %d", status)
	}
}
