package cli

import (
	"bytes"
	"context"
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
