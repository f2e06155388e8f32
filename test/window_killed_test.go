//go:build e2e && linux

package test

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// What a kill may take along: what had not been written yet (the capture flushes every 50 ms), and the time the
// scheduler of a busy machine takes between the clock being read here and the signal stopping the process there.
const (
	flushEvery = 50 * time.Millisecond
	scheduling = 30 * time.Millisecond
)

// TestWindowKilled ends the window with SIGKILL in the middle of 1 GiB. The capture must hold an exact prefix that
// reaches to within a flush of the kill, and the next start must offer it.
func TestWindowKilled(t *testing.T) {
	peer := newFlood(t, 1<<30)
	peer.marks = make(chan mark, peer.size/floodChunk+1)
	w := openWindow(t, "tcp://"+peer.address)
	select {
	case <-peer.accepted:
	case <-time.After(patience):
		t.Fatal("the window does not connect")
	}
	close(peer.begin)
	var marks []mark
	for m := range peer.marks {
		if marks = append(marks, m); m.bytes >= peer.size/2 {
			break
		}
	}
	killed := w.kill()
	end := <-peer.done
	if end.err == nil {
		t.Fatal("the peer sent everything before the kill; nothing was tested")
	}
	close(peer.marks)
	for m := range peer.marks {
		marks = append(marks, m)
	}

	sum, n, last := inbound(t, w.captures)
	if n == 0 || sum != peer.sum(n) {
		t.Fatalf("the %d bytes that the capture holds are not the first %d that were sent", n, n)
	}
	if lost := killed.Sub(last); lost > flushEvery+scheduling {
		t.Errorf("the last record is %v older than the kill, %v are allowed", lost, flushEvery+scheduling)
	}
	// What the peer had sent by then was either read by the window or still in the system's buffers.
	var sent int64
	for _, m := range marks {
		if m.at.Before(killed.Add(-flushEvery - scheduling)) {
			sent = m.bytes
		}
	}
	if least := sent - socketBuffers(t); n < least {
		t.Errorf("%d bytes are kept; %d had been sent %v before the kill, of which the system's buffers hold at most %d",
			n, sent, flushEvery+scheduling, socketBuffers(t))
	}
	t.Logf("%d MiB kept; the last record is %v older than the kill", n>>20, killed.Sub(last))

	w.start()
	w.picture("41-start-after-a-kill")
	w.key("ctrl+w") // without a tab it is the start page that makes the offer, before all else
	w.until("the tab to be closed", func() bool {
		title, err := w.app.Title(w.ctx)
		return err == nil && !strings.Contains(title, peer.address)
	})
	w.key("Tab", "Return")
	w.title(peer.address)
	w.focusBytes()
	w.key("ctrl+2", "ctrl+Home", "shift+End") // received only, the first row
	w.picture("42-opened-after-a-kill")
	var first bytes.Buffer
	whole := *peer
	whole.size = 16
	w.must(whole.stream(&first, nil))
	if got, want := w.copied("ctrl+c"), fmt.Sprintf("% x", first.Bytes()); got != want {
		t.Errorf("the capture that was offered begins with %q, want %q", got, want)
	}
}

// socketBuffers is the most that a loopback connection holds between a write on one side and a read on the other.
func socketBuffers(t *testing.T) int64 {
	t.Helper()
	var sum int64
	for _, name := range []string{"tcp_rmem", "tcp_wmem"} {
		text, err := os.ReadFile("/proc/sys/net/ipv4/" + name)
		if err != nil {
			t.Fatal(err)
		}
		fields := strings.Fields(string(text)) // least, usual, most
		most, err := strconv.ParseInt(fields[len(fields)-1], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		sum += most
	}
	return sum
}
