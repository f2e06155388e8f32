package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"wirebench/sessions/capture"
)

// TestMain lets the test binary be the program, for the tests that need a
// process of its own.
func TestMain(m *testing.M) {
	if os.Getenv("WIREBENCH_TEST_MAIN") == "1" {
		os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// peer accepts connections and handles each with f, until the test ends.
func peer(t *testing.T, f func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				f(c)
			}()
		}
	}()
	return l.Addr().String()
}

func echo(c net.Conn) { io.Copy(c, c) }

// wire runs a command line in this process.
func wire(t *testing.T, in io.Reader, args ...string) (status int, out, errs string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var o, e bytes.Buffer
	status = run(ctx, args, streams{in, &o, &e}, func() {})
	return status, o.String(), e.String()
}

// lines parses JSON Lines, each of which must be one object with a time.
func lines(t *testing.T, out string) []map[string]any {
	t.Helper()
	var all []map[string]any
	for line := range strings.Lines(out) {
		m := map[string]any{}
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("%q is no JSON object: %v", line, err)
		}
		stampText, _ := m["time"].(string)
		if _, err := time.Parse(time.RFC3339Nano, stampText); err != nil || len(stampText) < len("2006-01-02T15:04:05.000000000Z") {
			t.Errorf("time %q is not RFC 3339 with nanoseconds", stampText)
		}
		all = append(all, m)
	}
	return all
}

// bytesOf joins the data of one direction and checks each event's fields.
func bytesOf(t *testing.T, events []map[string]any, direction, peer string) []byte {
	t.Helper()
	var all []byte
	for _, e := range events {
		if e["event"] != "socketData" || e["direction"] != direction {
			continue
		}
		b, err := base64.StdEncoding.DecodeString(e["data"].(string))
		if err != nil || float64(len(b)) != e["length"] || e["peer"] != peer {
			t.Errorf("socketData %v: %v", e, err)
		}
		all = append(all, b...)
	}
	return all
}

func last(t *testing.T, events []map[string]any) map[string]any {
	t.Helper()
	if len(events) == 0 || events[len(events)-1]["event"] != "summary" {
		t.Fatalf("no summary at the end of %v", events)
	}
	s := events[len(events)-1]
	for _, field := range []string{"bytesIn", "bytesOut", "messagesIn", "messagesOut", "kernelDropped", "evicted", "durationMs", "status"} {
		if _, ok := s[field].(float64); !ok {
			t.Errorf("the summary's %s is %v", field, s[field])
		}
	}
	return s
}

func TestTCPAsJSONLines(t *testing.T) {
	address := peer(t, echo)
	file := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(file, []byte("FILE"), 0o600); err != nil {
		t.Fatal(err)
	}
	status, out, errs := wire(t, nil, "tcp", address, "--json",
		"--send", `a\n`, "--send-hex", "00 ff", "--send-file", file, "--send", "z", "--expect", `FILEz`)
	if status != 0 || errs != "" {
		t.Fatalf("status %d, stderr %q", status, errs)
	}
	events := lines(t, out)
	if e := events[0]; e["event"] != "connect" || e["remote"] != address || !strings.HasPrefix(e["local"].(string), "127.0.0.1:") {
		t.Errorf("first event %v", e)
	}
	const sent = "a\n\x00\xffFILEz"
	if got := bytesOf(t, events, "out", address); string(got) != sent {
		t.Errorf("sent %q, want %q in the order of the flags", got, sent)
	}
	if got := bytesOf(t, events, "in", address); string(got) != sent {
		t.Errorf("received %q, want %q", got, sent)
	}
	if e := events[len(events)-2]; e["event"] != "close" || e["by"] != "local" || e["peer"] != address {
		t.Errorf("last but one %v", e)
	}
	s := last(t, events)
	if s["bytesIn"] != 9.0 || s["bytesOut"] != 9.0 || s["status"] != 0.0 {
		t.Errorf("summary %v", s)
	}
}

func TestExitStatuses(t *testing.T) {
	address := peer(t, echo)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := l.Addr().String()
	l.Close()
	reset := peer(t, func(c net.Conn) {
		c.(*net.TCPConn).SetLinger(0)
		c.Close()
	})
	for _, c := range []struct {
		name string
		args []string
		want int
		say  string // on standard error
	}{
		{"sent, nothing expected", []string{"tcp", address, "--send", "x", "--wait", "1ms"}, 0, ""},
		{"met", []string{"tcp", address, "--send", "xyz", "--expect", "y", "--expect", "z"}, 0, ""},
		{"met in hex", []string{"tcp", address, "--send", "xyz", "--expect-hex", "7a"}, 0, ""},
		{"in the wrong order", []string{"tcp", address, "--send", "xyz", "--expect", "z", "--expect", "y", "--wait", "3s"}, 1, `expected "y"`},
		{"not met", []string{"tcp", address, "--send", "x", "--expect", "nope", "--wait", "100ms"}, 1, `expected "nope"`},
		{"duration over with an expectation open", []string{"tcp", address, "--expect", "x", "--duration", "3s"}, 1, "expected"},
		{"duration over", []string{"tcp", address, "--duration", "3s"}, 0, ""},
		{"refused", []string{"tcp", nobody, "--send", "x"}, 1, "refused"},
		{"reset", []string{"tcp", reset, "--wait", patience.String()}, 1, "reset"},
		{"no such capture", []string{"export", "/nowhere/at/all"}, 1, "/nowhere/at/all"},
		{"no such file to inspect", []string{"inspect", "/nowhere/at/all"}, 1, "/nowhere/at/all"},

		{"no address", []string{"tcp"}, 2, "HOST:PORT"},
		{"two addresses", []string{"tcp", "a:1", "b:1"}, 2, "HOST:PORT"},
		{"no port", []string{"tcp", "host"}, 2, "no port"},
		{"port out of range", []string{"tcp", "host:65536"}, 2, "65536"},
		{"unknown flag", []string{"tcp", address, "--frobnicate"}, 2, "frobnicate"},
		{"unknown command", []string{"frobnicate"}, 2, "frobnicate"},
		{"help about nothing there is", []string{"help", "frobnicate"}, 2, "frobnicate"},
		{"saving as nothing", []string{"tcp", address, "--save", ""}, 2, "--save"},
		{"saving in no folder", []string{"tcp", address, "--save", "/nowhere/at/all"}, 1, "/nowhere/at/all"},
		{"saving as a folder", []string{"tcp", address, "--save", t.TempDir()}, 1, "folder"},
		{"a file name with control characters", []string{"inspect", "/no\x1b[31mwhere"}, 1, `/no\x1b[31mwhere`},
		{"bad escape", []string{"tcp", address, "--send", `\q`}, 2, `\q`},
		{"bad hex", []string{"tcp", address, "--send-hex", "0g"}, 2, "hex"},
		{"no file", []string{"tcp", address, "--send-file", "/nowhere/at/all"}, 2, "/nowhere/at/all"},
		{"bad duration", []string{"tcp", address, "--wait", "soon"}, 2, "soon"},
		{"negative duration", []string{"tcp", address, "--wait", "-1s"}, 2, "negative"},
		{"bad form", []string{"export", "x", "--as", "docx"}, 2, "docx"},
		{"bad charset", []string{"inspect", "--charset", "klingon"}, 2, "klingon"},
		{"negative offset", []string{"inspect", "--offset", "-1"}, 2, "negative"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel() // some take the time that they say
			if c.say == "reset" {
				needResets(t)
			}
			status, _, errs := wire(t, strings.NewReader(""), c.args...)
			if status != c.want {
				t.Errorf("status %d, want %d; stderr %q", status, c.want, errs)
			}
			if c.say == "" && errs != "" || !strings.Contains(strings.ToLower(errs), strings.ToLower(c.say)) {
				t.Errorf("stderr %q, want %q in it", errs, c.say)
			}
		})
	}
}

func TestAFailureIsAnEventAndASummaryUnderJSON(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := l.Addr().String()
	l.Close()
	status, out, errs := wire(t, nil, "tcp", nobody, "--json")
	events := lines(t, out)
	if e := events[0]; status != 1 || e["event"] != "ioError" || e["peer"] != nobody || !strings.Contains(e["error"].(string), "refused") {
		t.Errorf("status %d, stderr %q, %v", status, errs, e)
	}
	if s := last(t, events); s["status"] != 1.0 {
		t.Errorf("summary %v", s)
	}
}

func TestExpectationsAreFoundWhereverReadsCutThem(t *testing.T) {
	want := [][]byte{[]byte("abcabd"), []byte("abd")}
	stream := []byte("xxabcabcabdabd")
	for size := 1; size <= len(stream); size++ {
		e := newExpectation([]message{{bytes: want[0]}, {bytes: want[1]}})
		for rest := stream; len(rest) > 0; {
			n := min(size, len(rest))
			e.feed(rest[:n])
			rest = rest[n:]
		}
		if m := e.missing(); m != nil {
			t.Errorf("cut every %d bytes, %q was not found", size, m)
		}
		select {
		case <-e.met:
		default:
			t.Errorf("cut every %d bytes, met was not closed", size)
		}
	}
}

func TestAnExpectationKeepsOnlyWhatAMatchMayBeginIn(t *testing.T) {
	e := newExpectation([]message{{bytes: []byte("needle")}})
	for range 1000 {
		e.feed(bytes.Repeat([]byte("n"), 1000))
	}
	if len(e.tail) > len("needle")-1 {
		t.Errorf("%d bytes are kept", len(e.tail))
	}
}

func TestStandardInputIsSentAndItsEndHalfCloses(t *testing.T) {
	address := peer(t, func(c net.Conn) {
		b, _ := io.ReadAll(c) // returns at the half-close
		fmt.Fprintf(c, "got %d", len(b))
	})
	status, out, errs := wire(t, strings.NewReader("12345"), "tcp", address, "--json")
	events := lines(t, out)
	if status != 0 || string(bytesOf(t, events, "in", address)) != "got 5" {
		t.Errorf("status %d, stderr %q, events %v", status, errs, events)
	}
}

func TestForPeopleHostileBytesAreEscaped(t *testing.T) {
	address := peer(t, func(c net.Conn) { c.Write([]byte("\x1b[2Jhi\x00")) })
	status, out, _ := wire(t, strings.NewReader(""), "tcp", address)
	if status != 0 || strings.ContainsAny(out, "\x1b\x00") || !strings.Contains(out, `\x1b[2Jhi`) {
		t.Errorf("status %d, printed %q", status, out)
	}
}

func TestTheCaptureIsKeptOnlyWhenAskedFor(t *testing.T) {
	address := peer(t, echo)
	tmp, kept := t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", tmp)
	save := filepath.Join(t.TempDir(), "saved.pcapng")
	if status, _, errs := wire(t, nil, "tcp", address, "--send", "x", "--expect", "x", "--save", save); status != 0 {
		t.Fatal(errs)
	}
	if left, _ := os.ReadDir(tmp); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	checkCapture(t, save)
	if status, _, errs := wire(t, nil, "tcp", address, "--send", "x", "--expect", "x", "--capture-dir", kept); status != 0 {
		t.Fatal(errs)
	}
	files, _ := filepath.Glob(filepath.Join(kept, "*.pcapng"))
	if len(files) != 1 {
		t.Fatalf("kept %v", files)
	}
	checkCapture(t, files[0])
	if all, _ := os.ReadDir(kept); len(all) != 1 {
		t.Errorf("beside the capture there is %v", all)
	}
}

func checkCapture(t *testing.T, path string) {
	t.Helper()
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && st.Mode().Perm() != 0o600 {
		t.Errorf("%s has mode %v", path, st.Mode())
	}
	log, err := capture.OpenFiles(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Release()
	if s := log.Stats(); s.InBytes != 1 || s.OutBytes != 1 {
		t.Errorf("%s holds %d bytes in and %d out", path, s.InBytes, s.OutBytes)
	}
}

// shut is a standard output that nobody reads.
type shut struct{}

func (shut) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestAnOutputThatFailsEndsTheRun(t *testing.T) {
	address := peer(t, echo)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var errs bytes.Buffer
	status := run(ctx, []string{"tcp", address, "--json", "--wait", "20s"}, streams{nil, shut{}, &errs}, func() {})
	if status != 1 || ctx.Err() != nil || !strings.Contains(errs.String(), "broken pipe") {
		t.Errorf("status %d, %v, stderr %q", status, ctx.Err(), errs.String())
	}
}

func TestASignalEndsTheRunInOrder(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no SIGTERM")
	}
	ended := make(chan string, 1)
	address := peer(t, func(c net.Conn) {
		c.Write([]byte("hello"))
		_, err := io.ReadAll(c)
		ended <- fmt.Sprint(err)
	})
	save := filepath.Join(t.TempDir(), "s.pcapng")
	cmd := exec.Command(os.Args[0], "tcp", address, "--json", "--duration", "30s", "--save", save)
	cmd.Env = append(os.Environ(), "WIREBENCH_TEST_MAIN=1")
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for s := bufio.NewScanner(pipe); s.Scan(); {
		out.WriteString(s.Text() + "\n")
		if strings.Contains(s.Text(), `"socketData"`) {
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
	if s := last(t, lines(t, out.String())); s["bytesIn"] != 5.0 || s["status"] != 0.0 {
		t.Errorf("summary %v", s)
	}
	select {
	case err := <-ended:
		if err != "<nil>" {
			t.Errorf("the peer saw %s, not a FIN", err)
		}
	case <-time.After(patience):
		t.Error("the connection was not closed")
	}
	if _, err := os.Stat(save); err != nil {
		t.Error(err)
	}
}

func TestInspectShowsBothOrders(t *testing.T) {
	status, out, errs := wire(t, strings.NewReader("ff 01 02 03 04"), "inspect", "--hex", "--offset", "1", "--length", "2", "--json")
	if status != 0 {
		t.Fatal(errs)
	}
	rows := map[string]map[string]any{}
	for s := bufio.NewScanner(strings.NewReader(out)); s.Scan(); {
		m := map[string]any{}
		if err := json.Unmarshal(s.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		rows[m["type"].(string)] = m
	}
	for _, c := range []struct{ row, field, want string }{
		{"u16", "big", "258"}, {"u16", "little", "513"}, {"selu", "big", "258"}, {"u8", "big", "1"},
	} {
		if got := rows[c.row][c.field]; got != c.want {
			t.Errorf("%s %s is %v, want %s", c.row, c.field, got, c.want)
		}
	}
	if got := rows["u32"]["missing"]; got != 2.0 {
		t.Errorf("u32 is missing %v bytes, want 2", got)
	}
	status, out, _ = wire(t, bytes.NewReader([]byte{1, 2}), "inspect", "-")
	if status != 0 || !strings.Contains(out, "258") || !strings.Contains(out, "513") || !strings.Contains(out, "needs 2 more bytes") {
		t.Errorf("status %d, printed %s", status, out)
	}
	if status, _, errs = wire(t, strings.NewReader("ab"), "inspect", "--offset", "3"); status != 1 || !strings.Contains(errs, "behind its end at 2") {
		t.Errorf("status %d, stderr %q", status, errs)
	}
}

func TestExportWritesEveryForm(t *testing.T) {
	address := peer(t, echo)
	dir := t.TempDir()
	if status, _, errs := wire(t, nil, "tcp", address, "--send", "ping", "--expect", "ping", "--capture-dir", dir); status != 0 {
		t.Fatal(errs)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*-0001.pcapng"))
	if len(files) != 1 {
		t.Fatalf("captured %v", files)
	}
	base := strings.TrimSuffix(files[0], "-0001.pcapng")
	for form, want := range map[string]string{"raw-in": "ping", "raw-out": "ping", "hexdump": "70 69 6e 67", "jsonl": `"data":"cGluZw=="`, "pcapng": "ping"} {
		for _, name := range []string{files[0], base} {
			status, out, errs := wire(t, nil, "export", name, "--as", form)
			if status != 0 || !strings.Contains(out, want) {
				t.Errorf("%s of %s: status %d, stderr %q, %d bytes", form, filepath.Base(name), status, errs, len(out))
			}
		}
	}
	for _, more := range []string{"-0002.pcapng", "-10000.pcapng", "-9.pcapng", "-0003.pcapng.bak", "x-0004.pcapng"} {
		if err := os.WriteFile(base+more, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := captureFiles(base); err != nil || len(got) != 3 {
		t.Errorf("the segments are %v, %v", got, err)
	}
	to := filepath.Join(dir, "copy")
	if status, _, errs := wire(t, nil, "export", files[0], "--as", "raw-in", "-o", to); status != 0 {
		t.Error(errs)
	}
	if b, _ := os.ReadFile(to); string(b) != "ping" {
		t.Errorf("the file holds %q", b)
	}
	if status, _, errs := wire(t, nil, "export", files[0], "-o", files[0]); status != 1 || !strings.Contains(errs, "choose another name") {
		t.Errorf("a capture was exported over itself: status %d, %q", status, errs)
	}
}

func TestVersionIsOneLine(t *testing.T) {
	for _, args := range [][]string{{"--version"}, {"tcp", "--version"}, {"inspect", "--version"}, {"export", "--version"}} {
		status, out, _ := wire(t, nil, args...)
		if status != 0 || !strings.HasPrefix(out, "wirebench ") || strings.Count(out, "\n") != 1 {
			t.Errorf("%v: status %d, %q", args, status, out)
		}
	}
}

func TestHelpAboutACommandIsItsOwn(t *testing.T) {
	_, want, _ := wire(t, nil, "tcp", "--help")
	status, out, errs := wire(t, nil, "help", "tcp")
	if status != 0 || errs != "" || out != want {
		t.Errorf("status %d, stderr %q, printed %q, want %q", status, errs, out, want)
	}
}
