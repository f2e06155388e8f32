//go:build unix

package cli

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// fifo makes a named pipe into which nothing is written. The channel is closed
// when somebody reads from it.
func fifo(t *testing.T) (read <-chan struct{}, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	opened := make(chan struct{})
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	go func() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0) // waits for a reader
		if err != nil {
			return
		}
		defer f.Close()
		close(opened)
		<-over
	}()
	return opened, path
}
