package sessions

import (
	"context"
	"time"

	"golang.org/x/sys/unix"
)

// napLongest is the longest wait that nothing interrupts. The runtime's timers are late by up to a
// millisecond, because its poller waits in whole ones; what is left of a wait goes without them.
const napLongest = 2 * time.Millisecond

// pacer waits for points in time, and is late by what the system takes to wake a thread. It is for the
// goroutine that made it, which has a thread to itself until it calls stop.
type pacer struct{ timer *time.Timer }

func newPacer() *pacer {
	ownThread()
	return &pacer{time.NewTimer(time.Hour)}
}

// until waits, and reports false if ctx ended first.
func (p *pacer) until(ctx context.Context, due time.Time) bool {
	for ctx.Err() == nil {
		wait := time.Until(due)
		switch {
		case wait <= 0:
			return true
		case wait <= napLongest:
			left := unix.NsecToTimespec(int64(wait))
			_ = unix.ClockNanosleep(unix.CLOCK_MONOTONIC, 0, &left, nil)
		default:
			p.timer.Reset(wait - napLongest*3/4)
			select {
			case <-p.timer.C:
			case <-ctx.Done():
			}
		}
	}
	return false
}

func (p *pacer) stop() {
	p.timer.Stop()
	leaveThread()
}
