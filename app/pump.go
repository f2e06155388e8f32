package app

import (
	"sync"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
)

// frame is the shortest time between two updates of the screen.
const frame = 16 * time.Millisecond

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
	var second time.Time
	for {
		select {
		case <-p.quit:
			return
		case now := <-t.C:
			v := p.versions()
			// Durations and rates move with the clock alone, once a second.
			if v == shown && now.Sub(second) < time.Second {
				continue
			}
			if !p.pending.CompareAndSwap(false, true) {
				continue
			}
			shown = v
			if now.Sub(second) >= time.Second {
				second = now
			}
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
