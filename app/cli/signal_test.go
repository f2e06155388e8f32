package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"wirebench/sessions/capture"
)

// signalled runs a command line that ready tells when to end by a signal, and
// returns what came of it.
func signalled(t *testing.T, s streams, ready <-chan struct{}, args ...string) (status int, errs string) {
	t.Helper()
	ctx, signal := context.WithCancel(context.Background())
	defer signal()
	var e bytes.Buffer
	s.err = &e
	ended := make(chan int, 1)
	go func() { ended <- run(ctx, args, s, func() {}) }()
	select {
	case <-ready:
	case status = <-ended:
		t.Fatalf("it ended by itself with %d: %s", status, e.String())
	}
	signal()
	select {
	case status = <-ended:
	case <-time.After(30 * time.Second):
		t.Fatal("the signal did not end it")
	}
	return status, e.String()
}

// blocked is an input or output that says when it is used, and then does not
// return before the test has ended.
type blocked struct{ used, over chan struct{} }

func newBlocked(t *testing.T) blocked {
	b := blocked{make(chan struct{}), make(chan struct{})}
	t.Cleanup(func() { close(b.over) })
	return b
}

func (b blocked) Read([]byte) (int, error)  { return b.Write(nil) }
func (b blocked) Write([]byte) (int, error) { close(b.used); <-b.over; return 0, os.ErrClosed }

func TestASignalEndsInspectWhileItWaitsForInput(t *testing.T) {
	in := newBlocked(t)
	var out bytes.Buffer
	status, errs := signalled(t, streams{in: in, out: &out}, in.used, "inspect")
	if status != 1 || !strings.Contains(errs, "signal") {
		t.Errorf("status %d, stderr %q", status, errs)
	}
}

func TestASignalEndsAnExportThatNobodyReads(t *testing.T) {
	address := peer(t, echo)
	save := filepath.Join(t.TempDir(), "s.pcapng")
	if status, _, errs := wire(t, nil, "tcp", address, "--send", "x", "--expect", "x", "--save", save); status != 0 {
		t.Fatal(errs)
	}
	out := newBlocked(t)
	status, errs := signalled(t, streams{out: out}, out.used, "export", save, "--as", "hexdump")
	if status != 1 || !strings.Contains(errs, "signal") {
		t.Errorf("status %d, stderr %q", status, errs)
	}
}

func TestASignalDoesNotWaitForASlowPeerToTakeEverything(t *testing.T) {
	address := peer(t, func(c net.Conn) {
		c.(*net.TCPConn).SetReadBuffer(4 << 10)
		tick := time.NewTicker(20 * time.Millisecond) // slow, and never stuck
		defer tick.Stop()
		for p := make([]byte, 4<<10); ; <-tick.C {
			if _, err := c.Read(p); err != nil {
				return
			}
		}
	})
	var out bytes.Buffer
	behind := newBlocked(t) // by the time it is read, all before it waits to be sent
	in := io.MultiReader(bytes.NewReader(make([]byte, 32<<20)), behind)
	status, errs := signalled(t, streams{in: in, out: &out}, behind.used, "tcp", address, "--json")
	if status != 1 || !strings.Contains(errs, "bytes not sent") {
		t.Errorf("status %d, stderr %q", status, errs)
	}
	if s := last(t, lines(t, out.String())); s["status"] != 1.0 {
		t.Errorf("summary %v", s)
	}
}

func TestARunThatTakesItsTimeAfterASignalKeepsItsOutput(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	r := newReporter(streams{out: &out, err: &errs}, true, func() {})
	signals, signal := context.WithCancel(context.Background())
	signal()
	const patience = time.Second // a busy machine may need some to write a line
	stop := r.endAfter(signals, patience)
	<-time.After(2 * patience) // what the run takes, for a long capture to be saved
	status := r.summary(capture.Stats{}, statusDone)
	stop()
	if status != statusDone || errs.Len() > 0 {
		t.Errorf("status %d, stderr %q", status, errs.String())
	}
	last(t, lines(t, out.String()))
}

func TestACaptureThatCannotBeSavedIsKept(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	t.Setenv("TMP", tmp) // Windows
	folder := filepath.Join(t.TempDir(), "gone")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	address := peer(t, func(c net.Conn) {
		os.Remove(folder)
		echo(c)
	})
	status, _, errs := wire(t, nil, "tcp", address, "--send", "x", "--expect", "x", "--save", filepath.Join(folder, "s.pcapng"))
	files, _ := filepath.Glob(filepath.Join(tmp, "*", "*.pcapng"))
	if status != 1 || len(files) != 1 || !strings.Contains(errs, "kept in "+filepath.Dir(files[0])) {
		t.Fatalf("status %d, stderr %q, files %v", status, errs, files)
	}
	checkCapture(t, files[0])
}

// closing half-closes at once, before it takes anything, and then tells how
// much it took.
func closing(t *testing.T, took chan<- int64) string {
	return peer(t, func(c net.Conn) {
		c.(*net.TCPConn).CloseWrite()
		n, _ := io.Copy(io.Discard, c)
		took <- n
	})
}

func TestAPeerThatHalfClosesFirstGetsWhatThereIsToSend(t *testing.T) {
	big := filepath.Join(t.TempDir(), "big")
	if err := os.WriteFile(big, make([]byte, 32<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	took := make(chan int64, 1)
	status, out, errs := wire(t, nil, "tcp", closing(t, took), "--json", "--send", "a", "--send-file", big, "--send", "z", "--wait", "20s")
	if n := <-took; status != 0 || n != 32<<20+2 {
		t.Errorf("status %d, %d bytes arrived, stderr %q", status, n, errs)
	}
	events := lines(t, out)
	if e := events[len(events)-2]; e["event"] != "close" || e["by"] != "peer" {
		t.Errorf("last but one %v", e)
	}
}

func TestAPeerThatHalfClosesFirstGetsStandardInput(t *testing.T) {
	took := make(chan int64, 1)
	const size = 8 << 20
	status, _, errs := wire(t, io.LimitReader(zeros{}, size), "tcp", closing(t, took), "--json")
	if n := <-took; status != 0 || n != size {
		t.Errorf("status %d, %d bytes arrived, stderr %q", status, n, errs)
	}
}

func TestAPeerThatClosesEndsARunWhoseInputGivesNothing(t *testing.T) {
	address := peer(t, func(c net.Conn) { c.Write([]byte("bye")) })
	status, out, errs := wire(t, io.MultiReader(newBlocked(t)), "tcp", address, "--json")
	if s := last(t, lines(t, out)); status != 0 || s["bytesIn"] != 3.0 {
		t.Errorf("status %d, stderr %q, summary %v", status, errs, s)
	}
}

func TestStandardInputThatWasNotAllSentIsAFailure(t *testing.T) {
	address := peer(t, func(c net.Conn) { io.ReadFull(c, make([]byte, 10)) })
	status, out, errs := wire(t, zeros{}, "tcp", address, "--json")
	if s := last(t, lines(t, out)); status != 1 || s["status"] != 1.0 || !strings.Contains(errs, "before all of standard input was sent") {
		t.Errorf("status %d, stderr %q, summary %v", status, errs, s)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestAFileThatIsCutShortIsToldOnce(t *testing.T) {
	big := filepath.Join(t.TempDir(), "big")
	if err := os.WriteFile(big, make([]byte, 32<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	address := peer(t, func(c net.Conn) {
		io.ReadFull(c, make([]byte, 10))
		c.(*net.TCPConn).SetLinger(0)
	})
	status, _, errs := wire(t, nil, "tcp", address, "--send-file", big)
	if status != 1 || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, big) {
		t.Errorf("status %d, stderr %q", status, errs)
	}
}

func TestStandardInputThatCannotBeReadIsAFailure(t *testing.T) {
	address := peer(t, echo)
	in := io.MultiReader(strings.NewReader("some"), iotest.ErrReader(errors.New("the disk is gone")))
	status, out, errs := wire(t, in, "tcp", address, "--json")
	if status != 1 || !strings.Contains(errs, "read standard input: the disk is gone") {
		t.Errorf("status %d, stderr %q", status, errs)
	}
	if s := last(t, lines(t, out)); s["bytesIn"] != 4.0 || s["status"] != 1.0 {
		t.Errorf("summary %v", s)
	}
}

func TestInspectTellsAnEmptyTextFromNone(t *testing.T) {
	_, out, _ := wire(t, strings.NewReader("\x00"), "inspect", "--json")
	for _, want := range []string{
		`{"type":"string","name":"string to NUL","group":"text","big":"","little":""}`,
		`{"type":"readutf","name":"readUTF","group":"text","missing":1}`,
	} {
		if !strings.Contains(out, want+"\n") {
			t.Errorf("no %s in\n%s", want, out)
		}
	}
}
