//go:build unix

package capture

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestExportFileWritesIntoAPipeAndLeavesItThere(t *testing.T) {
	l := twoBytes(t)
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	got := make(chan string, 1)
	go func() {
		f, err := os.Open(path)
		if err != nil {
			got <- err.Error()
			return
		}
		defer f.Close()
		b, _ := io.ReadAll(f)
		got <- string(b)
	}()
	err := ExportFile(context.Background(), path, l, AsRawIn, nil)
	if st, _ := os.Lstat(path); err != nil || st.Mode()&os.ModeNamedPipe == 0 {
		t.Fatalf("%v; what was a pipe is %v", err, st.Mode())
	}
	if b := <-got; b != "hi" {
		t.Errorf("the pipe gave %q", b)
	}
}
