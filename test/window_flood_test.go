//go:build e2e && linux

package test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"image"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"wirebench/test/desktop"
)

// The bounds that the window promises to keep while it is flooded.
const (
	floodMemory = 80 << 20               // above what it took when idle
	floodAnswer = 200 * time.Millisecond // from a key to its effect on the screen
	calmAnswer  = 60 * time.Millisecond  // the same without a flood, on a machine with nothing else to do
)

// floodMiB is how much the flood sends; FLOOD_MIB changes it.
func floodMiB(t *testing.T) int64 {
	text := os.Getenv("FLOOD_MIB")
	if text == "" {
		return 2048
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 {
		t.Fatalf("FLOOD_MIB is %q, want a number of MiB", text)
	}
	return n
}

// TestWindowFlood2GiB pours 2 GiB into a visible tab as fast as it takes them. Every byte must be in the capture,
// memory must stay bounded, and the window must answer keys all the while.
func TestWindowFlood2GiB(t *testing.T) { pour(t, pourBytes) }

// pour has flood pour into a window, which returns what is to be said of a key that was late.
//
// A flood takes the whole machine, so now and then the system itself leaves somebody waiting: a late key counts when
// there is one in each of three floods. All else must hold in every one.
func pour(t *testing.T, flood func(*testing.T) (late error)) {
	t.Helper()
	var late error
	for range 3 {
		if late = flood(t); late == nil || t.Failed() {
			break
		}
		t.Log(late)
	}
	if late != nil {
		t.Error(late)
	}
}

// lateKey says that the keys took longer than they may in a flood. Where other work keeps the machine so busy that they
// take long even in the calm before it, the bound grows with it.
func lateKey(calm, flooded *answers) error {
	usual, _ := calm.sorted()
	_, worst := flooded.sorted()
	allowed := max(floodAnswer, floodAnswer*usual/calmAnswer)
	if worst <= allowed || raced() {
		return nil
	}
	return fmt.Errorf("of %d keys the slowest took %v to show, %v are allowed", len(flooded.took), worst, allowed)
}

// pourBytes is one flood of bytes; see [pour].
func pourBytes(t *testing.T) error {
	peer := newFlood(t, floodMiB(t)<<20)
	want := peer.sum(peer.size)

	w := openWindow(t, "tcp://"+peer.address)
	select {
	case <-peer.accepted:
	case <-time.After(patience):
		t.Fatal("the window does not connect")
	}
	w.title(peer.address)
	w.key("ctrl+t") // a second tab to change to and from
	w.settle()
	w.key("ctrl+Tab")
	w.title(peer.address)
	w.picture("31-before-the-flood")

	keyboard, err := w.screen.Keyboard()
	w.must(err)
	defer keyboard.Close()
	calm, flooded := &answers{keyboard: keyboard}, &answers{keyboard: keyboard}
	for range 20 {
		w.answer(calm, "ctrl+Tab", addressText)
	}
	idle := w.memory()
	watch := w.watchMemory()
	close(peer.begin)

	var end floodEnd
	for running := true; running; {
		select {
		case end = <-peer.done:
			running = false
			continue
		default:
		}
		w.answer(flooded, "ctrl+Tab", addressText)
		if len(flooded.took) == 10 {
			if err := w.screen.Picture("out/32-in-the-flood.png"); err != nil {
				t.Error(err)
			}
		}
	}
	if end.err != nil {
		t.Fatalf("the peer could not send it all: %v", end.err)
	}
	peak := watch()
	w.picture("33-after-the-flood")
	w.end()

	sum, n, _ := inbound(t, w.captures)
	if n != peer.size || sum != want {
		t.Errorf("the capture holds %d bytes with SHA-256 %x, sent were %d with %x", n, sum, peer.size, want)
	}
	usual, slowest := calm.sorted()
	middle, worst := flooded.sorted()
	if grown := peak.RSS - idle.RSS; grown > floodMemory && !raced() {
		t.Errorf("memory grew by %d MiB (of it %d MiB anonymous), %d are allowed", grown>>20, (peak.Anon-idle.Anon)>>20, floodMemory>>20)
	}
	t.Logf("%d MiB in %v, %.0f MiB/s", peer.size>>20, end.took.Round(time.Millisecond), float64(peer.size>>20)/end.took.Seconds())
	t.Logf("%d keys showed in %v (median) and %v (worst)", len(flooded.took), middle, worst)
	t.Logf("before the flood, %d keys in %v (median) and %v (worst)", len(calm.took), usual, slowest)
	t.Logf("memory: %d MiB idle, at most %d MiB more (%d MiB anonymous)", idle.RSS>>20, (peak.RSS-idle.RSS)>>20, (peak.Anon-idle.Anon)>>20)

	followWithTshark(t, w.captures, peer)
	return lateKey(calm, flooded)
}

// addressText is inside the address bar, right of where the cursor of an empty one blinks. Nothing in it moves but the
// address itself, which differs from tab to tab. (The tab strip would not do: Fyne moves its mark in an animation.)
var addressText = image.Rect(60, 70, 200, 84)

// look copies a part of the screen.
func (w *window) look(r image.Rectangle) *image.RGBA {
	w.Helper()
	img, err := w.screen.Pixels(r)
	w.must(err)
	return img
}

// answers measure how soon keys show.
type answers struct {
	keyboard *desktop.Keyboard
	took     []time.Duration
}

// atRest is how long a part of the screen must stay the same to be taken for drawn: a look can catch a frame half
// way, and the other half would then pass for the answer to the next key.
const atRest = 40 * time.Millisecond

// rest waits until a part of the screen has stopped changing, and returns how it looks.
func (w *window) rest(r image.Rectangle) *image.RGBA {
	w.Helper()
	last, since := w.look(r), time.Now()
	w.until("the screen to come to rest", func() bool {
		if now := w.look(r); !bytes.Equal(now.Pix, last.Pix) {
			last, since = now, time.Now()
		}
		return time.Since(since) >= atRest
	})
	return last
}

// answer presses a key and measures until a part of the screen, at rest before, has changed.
func (w *window) answer(a *answers, key string, r image.Rectangle) {
	w.Helper()
	before := w.rest(r)
	start := time.Now()
	w.must(a.keyboard.Press(key))
	w.until("the screen to follow "+key, func() bool { return !bytes.Equal(w.look(r).Pix, before.Pix) })
	a.took = append(a.took, time.Since(start))
}

// sorted gives the median and the worst.
func (a *answers) sorted() (middle, worst time.Duration) {
	slices.Sort(a.took)
	return a.took[len(a.took)/2], a.took[len(a.took)-1]
}

// watchMemory samples the program's memory until the function it returns is called, which tells the peaks.
func (w *window) watchMemory() func() desktop.Memory {
	stop := make(chan struct{})
	var peak desktop.Memory
	var wg sync.WaitGroup
	app := w.app
	wg.Go(func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			if m, err := app.Memory(); err == nil {
				peak.RSS, peak.Anon = max(peak.RSS, m.RSS), max(peak.Anon, m.Anon)
			}
			select {
			case <-stop:
				return
			case <-tick.C:
			}
		}
	})
	return func() desktop.Memory {
		close(stop)
		wg.Wait()
		return peak
	}
}

// followWithTshark lets Wireshark's own reader follow the stream in the first segment, which begins with the
// connection, and compares with what was sent.
func followWithTshark(t *testing.T, dir string, peer *flood) {
	t.Helper()
	files, err := segments(dir)
	if err != nil || len(files) == 0 {
		t.Fatalf("no captures in %s (%v)", dir, err)
	}
	// 16 MiB are enough for sequence numbers, checksums and the handshake; all of it takes tshark minutes.
	const part = 16 << 20
	piece := t.TempDir() + "/piece.pcapng"
	cut, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(piece, cut[:min(len(cut), part)], 0o600); err != nil {
		t.Fatal(err)
	}
	// A file that ends inside a packet makes tshark end with status 2 after printing all before it.
	text, err := exec.Command("tshark", "-r", piece, "-q", "-z", "follow,tcp,raw,0").Output()
	if len(text) == 0 {
		t.Fatalf("tshark: %v", err)
	}
	var got bytes.Buffer
	for line := range strings.Lines(string(text)) {
		if raw, err := hex.DecodeString(strings.TrimSpace(line)); err == nil {
			got.Write(raw)
		}
	}
	var sent bytes.Buffer
	whole := *peer
	whole.size = int64(got.Len())
	whole.stream(&sent, nil)
	if got.Len() < part/2 || !bytes.Equal(got.Bytes(), sent.Bytes()) {
		t.Errorf("tshark follows %d bytes of the stream, and they differ from what was sent or are too few", got.Len())
	}
}
