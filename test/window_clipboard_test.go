//go:build e2e && linux

package test

import (
	"bytes"
	"syscall"
	"testing"
	"time"
)

// TestWindowSurvivesWhoAsksForTheClipboardAndGoes stops the window while it owns the clipboard, lets a program ask for it
// and go away, and lets the window go on: the answer it then gives is for nobody, and must not be its end.
func TestWindowSurvivesWhoAsksForTheClipboardAndGoes(t *testing.T) {
	echo, _ := socatEcho(t)
	w := openWindow(t, "tcp://"+echo)
	w.captured("the connection to stand", func(c traffic) bool { return c.count("SYN in") == 1 })
	w.send("something to copy")
	w.captured("the echo", func(c traffic) bool { return bytes.HasSuffix(c.in, []byte("copy")) })
	const all = 4 // two rows of the connection, what was sent, and its echo
	w.until("everything to be listed", func() bool { return len(w.listed()) == all })
	for range 3 {
		w.must(syscall.Kill(w.app.PID(), syscall.SIGSTOP))
		w.screen.AskInVain(w.ctx, 300*time.Millisecond) // which is no time that has to be enough
		w.must(syscall.Kill(w.app.PID(), syscall.SIGCONT))
		if rows := w.listed(); len(rows) != all {
			t.Fatalf("listed are %q", rows)
		}
	}
}
