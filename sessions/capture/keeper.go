package capture

import (
	"sync"
	"time"
)

// keeper syncs what was written, in a goroutine of its own so that a slow disk does not stall the writer.
type keeper struct {
	mu    sync.Mutex
	dirty []*segment // each with a reference of its own
	wake  chan struct{}
	stop  chan struct{}
	ended chan struct{}
}

func (k *keeper) init() {
	k.wake = make(chan struct{}, 1)
	k.stop = make(chan struct{})
	k.ended = make(chan struct{})
}

// add hands over a reference to a segment that was written to.
func (k *keeper) add(s *segment) {
	k.mu.Lock()
	k.dirty = append(k.dirty, s)
	k.mu.Unlock()
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// run syncs at most once in syncEvery until stop is closed.
func (k *keeper) run(l *Log) {
	defer close(k.ended)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case <-k.wake:
		case <-k.stop:
			return
		}
		timer.Reset(syncEvery)
		select {
		case <-timer.C:
		case <-k.stop:
			return
		}
		if err := k.sync(l); err != nil {
			select {
			case l.out.syncFail <- err:
			default:
			}
			l.wake()
		}
	}
}

// sync syncs every dirty segment once, and returns the first failure.
func (k *keeper) sync(l *Log) error {
	k.mu.Lock()
	dirty := k.dirty
	k.dirty = nil
	k.mu.Unlock()
	var first error
	for _, s := range dirty {
		l.mu.Lock()
		gone := s.gone
		s.dirty = false // what is written from here on is for the next time
		l.mu.Unlock()
		if !gone {
			if err := s.file.Sync(); err != nil && first == nil {
				first = failure("sync", s.path, err)
			}
		}
		l.leave(s)
	}
	return first
}
