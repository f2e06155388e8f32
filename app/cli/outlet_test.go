package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

var notWritten = regexp.MustCompile(`: [1-9]\d* lines? not written\n`)

// TestASignalEndsARunWhoseOutputsNobodyReads has both outputs in one pipe that is full, as of `2>&1 | less`.
func TestASignalEndsARunWhoseOutputsNobodyReads(t *testing.T) {
	for name, args := range map[string][]string{
		"a server": {"server", "127.0.0.1:0", "--json"},
		"a lab":    {"lab", "echo", "--json"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			used, status := make(chan struct{}), make(chan int, 1)
			ctx, signal := context.WithCancel(context.Background())
			defer signal()
			once := sync.OnceFunc(func() { close(used) })
			stuck := writing(func([]byte) (int, error) { once(); select {} })
			go func() { status <- run(ctx, args, streams{strings.NewReader(""), stuck, stuck}, func() {}) }()
			<-used
			signal()
			select {
			case got := <-status:
				if got != 1 {
					t.Errorf("status %d", got)
				}
			case <-time.After(30 * time.Second):
				t.Fatal("the run did not end")
			}
		})
	}
}

// writing is a writer that is a function.
type writing func([]byte) (int, error)

func (w writing) Write(p []byte) (int, error) { return w(p) }

func TestLinesThatAreGivenUpAreCounted(t *testing.T) {
	for _, gather := range []bool{false, true} {
		w := &slow{first: make(chan struct{}), go_: make(chan struct{})}
		o := newOutlet(w, func() { t.Error("it failed") })
		if gather {
			o.forDatagrams()
		}
		o.put([]byte("in the mid\n"))
		<-w.first
		for range 10 {
			o.put([]byte("waits\n"))
		}
		o.giveUp()
		o.put([]byte("two lines\ncome after\n"))
		if err := o.close(); !errors.Is(err, errStuck) || !strings.HasSuffix(err.Error(), ": 13 lines not written") {
			t.Errorf("gathered %v: %v", gather, err)
		}
		close(w.go_)
		for end := time.Now().Add(30 * time.Second); ; runtime.Gosched() { // the write that ends after all
			if err := o.close(); strings.HasSuffix(err.Error(), ": 12 lines not written") {
				break
			} else if time.Now().After(end) {
				t.Fatalf("gathered %v: %v", gather, err)
			}
		}
	}
}

func TestDiagnosticsWaitForTheirReaderUntilASignal(t *testing.T) {
	reader, writer := io.Pipe()
	signals, signal := context.WithCancel(t.Context())
	d := &diagnostics{w: writer, signals: signals, patience: 10 * time.Millisecond}
	said := make(chan error, 1)
	say := func() { _, err := d.Write([]byte("word")); said <- err }
	go say()
	buf := make([]byte, 4)
	if _, err := io.ReadFull(reader, buf); err != nil || string(buf) != "word" {
		t.Fatalf("%q, %v", buf, err)
	}
	if err := <-said; err != nil {
		t.Error(err)
	}
	go say()
	signal()
	if err := <-said; !errors.Is(err, errStuck) {
		t.Errorf("after a signal: %v", err)
	}
	d.patience = time.Hour
	go say()
	if err := <-said; !errors.Is(err, errStuck) {
		t.Errorf("behind that: %v", err)
	}
	reader.Close()
}

func TestASignalEndsARunWhoseOutputNobodyReads(t *testing.T) {
	for name, args := range map[string][]string{
		"while receiving":        nil,
		"while sending a text":   {"--send", strings.Repeat("x", 60_000), "--send", "y", "--wait", "1h"},
		"while it only receives": {"--wait", "1h"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := peer(t, func(c net.Conn) {
				for {
					if _, err := c.Write(make([]byte, 64<<10)); err != nil {
						return
					}
				}
			})
			reader, writer := io.Pipe() // takes the first line, then nothing
			defer reader.Close()
			ctx, signal := context.WithCancel(context.Background())
			defer signal()
			var errs bytes.Buffer
			save := filepath.Join(t.TempDir(), "saved.pcapng")
			status := make(chan int, 1)
			go func() {
				all := append([]string{"tcp", address, "--json", "--save", save}, args...)
				status <- run(ctx, all, streams{strings.NewReader(""), writer, &errs}, func() {})
			}()
			// It reads until the peer's first bytes are being told, and so are in the capture.
			late := time.AfterFunc(patience, func() { reader.Close() })
			for said := []byte{}; !bytes.Contains(said, []byte(`"direction":"in"`)); {
				more := make([]byte, 10)
				n, err := io.ReadFull(reader, more)
				if said = append(said, more[:n]...); err != nil {
					t.Fatalf("%v, after %.500q", err, said)
				}
			}
			late.Stop()
			signal()
			select {
			case got := <-status:
				if got != 1 || !strings.Contains(errs.String(), "standard output: it takes nothing any more: ") || !notWritten.MatchString(errs.String()) {
					t.Errorf("status %d, stderr %q", got, errs.String())
				}
			case <-time.After(30 * time.Second):
				t.Fatal("the run did not end")
			}
			if status, out, errs := wire(t, nil, "export", save, "--as", "raw-in"); status != 0 || len(out) == 0 {
				t.Errorf("the saved capture: status %d, %d bytes, %s", status, len(out), errs)
			}
		})
	}
}

// slow is a writer that takes its time over the first write.
type slow struct {
	bytes.Buffer
	writes int
	first  chan struct{} // the first is going on
	go_    chan struct{} // it may end
	most   int           // bytes of a write
}

func (s *slow) Write(p []byte) (int, error) {
	if s.writes++; s.writes == 1 {
		close(s.first)
		<-s.go_
	}
	s.most = max(s.most, len(p))
	return s.Buffer.Write(p)
}

func TestLinesThatWaitAreGatheredInOrder(t *testing.T) {
	for _, gather := range []bool{false, true} {
		w := &slow{first: make(chan struct{}), go_: make(chan struct{})}
		o := newOutlet(w, func() { t.Error("it failed") })
		if gather {
			o.forDatagrams()
		}
		var want bytes.Buffer
		const count = 5000
		for n := range count {
			line := fmt.Appendf(nil, "line %d %s\n", n, strings.Repeat("x", n%100))
			want.Write(line)
			o.put(line)
			clear(line) // it is the caller's again
			if n == 0 {
				<-w.first
			}
		}
		close(w.go_)
		if err := o.close(); err != nil {
			t.Fatal(err)
		}
		if w.String() != want.String() {
			t.Errorf("gathered %v: %d bytes were written, %d were put", gather, w.Len(), want.Len())
		}
		if gather && (w.writes > count/100 || w.most > gathered) || !gather && w.writes != count {
			t.Errorf("gathered %v: %d writes, the longest of %d", gather, w.writes, w.most)
		}
	}
}

func TestWhoeverHasALineWaitsForRoom(t *testing.T) {
	reader, writer := io.Pipe()
	o := newOutlet(writer, func() {})
	line := append(bytes.Repeat([]byte("x"), outletRoom/4), '\n')
	put := make(chan int, 100)
	go func() {
		for n := range 8 {
			o.put(line)
			put <- n
		}
		close(put)
	}()
	<-put // being written
	time.Sleep(50 * time.Millisecond)
	if n := len(put) + 1; n >= 8 {
		t.Errorf("%d lines were taken although nobody reads", n)
	}
	go io.Copy(io.Discard, reader)
	for range put {
	}
	if err := o.close(); err != nil {
		t.Error(err)
	}
}

func TestAfterAFailureLinesAreTakenAndForgotten(t *testing.T) {
	reader, writer := io.Pipe()
	gone := errors.New("gone")
	reader.CloseWithError(gone)
	failed := make(chan struct{}) // closed once
	o := newOutlet(writer, func() { close(failed) })
	for range 100 {
		o.put(bytes.Repeat([]byte("x"), outletRoom/10))
	}
	<-failed
	if err := o.close(); !errors.Is(err, gone) {
		t.Errorf("it ended with %v", err)
	}
}
