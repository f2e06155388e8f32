package app

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
)

const (
	// frame is the shortest time between two updates of the screen.
	frame = 16 * time.Millisecond
	// beat is the longest: durations and rates move with the clock alone, and
	// the status line holds numbers back for as long.
	beat = 250 * time.Millisecond
)

// pump carries the engine's changes to the screen: once a frame it compares
// version counters and, when one moved, asks for a single update on the UI
// goroutine. It never asks again while an update is under way, so a slow
// screen makes the frames fewer, never the queue longer.
type pump struct {
	versions func() uint64 // any goroutine: moves when the screen is out of date
	update   func()        // UI goroutine
	quit     chan struct{}
	done     sync.WaitGroup
	pending  atomic.Bool
	asking   atomic.Bool // the goroutine is in fyne.Do
}

// longestAsk is how long asking can take on a machine with too much to do.
const longestAsk = 50 * time.Millisecond

// startPump runs until stop. versions must be cheap and safe on any goroutine.
func startPump(versions func() uint64, update func()) *pump {
	p := &pump{versions: versions, update: update, quit: make(chan struct{})}
	p.done.Add(1)
	go p.run()
	return p
}

func (p *pump) run() {
	defer p.done.Done()
	t := time.NewTicker(frame)
	defer t.Stop()
	shown := p.versions() - 1
	var last time.Time
	for {
		select {
		case <-p.quit:
			return
		case now := <-t.C:
			v := p.versions()
			if v == shown && now.Sub(last) < beat || !p.pending.CompareAndSwap(false, true) {
				continue
			}
			shown, last = v, now
			p.asking.Store(true)
			fyne.Do(p.visit)
			p.asking.Store(false)
		}
	}
}

// visit is the update that was asked for. Once Fyne's loop has ended, fyne.Do
// calls it right here, on the pump's goroutine, and the window is gone: then
// asking does not end.
func (p *pump) visit() {
	defer p.pending.Store(false)
	for end := time.Now().Add(longestAsk); p.asking.Load(); runtime.Gosched() {
		if time.Now().After(end) {
			return
		}
	}
	p.update()
}

// stop waits for the goroutine. Updates asked for before may still run.
func (p *pump) stop() {
	close(p.quit)
	p.done.Wait()
}
