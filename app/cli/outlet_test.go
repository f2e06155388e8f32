package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

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
			first := make([]byte, 10)
			if _, err := io.ReadFull(reader, first); err != nil {
				t.Fatal(err)
			}
			signal()
			select {
			case got := <-status:
				if got != 1 || !strings.Contains(errs.String(), "standard output: it takes nothing any more") {
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
