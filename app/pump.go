package app

import (
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
}

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
			fyne.Do(func() {
				defer p.pending.Store(false)
				p.update()
			})
		}
	}
}

// stop waits for the goroutine. Updates asked for before may still run.
func (p *pump) stop() {
	close(p.quit)
	p.done.Wait()
}
