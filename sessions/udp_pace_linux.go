package sessions

import (
	"context"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// napLongest is the longest wait that nothing interrupts. The runtime's timers are late by up to a
	// millisecond, because its poller waits in whole ones; what is left of a wait goes without them.
	napLongest = 2 * time.Millisecond
	// slack is how much later than asked for the system may wake a thread, for the sake of others; it
	// is 50 µs where nobody says anything else.
	slack = time.Microsecond
)

// pacer waits for points in time, and is late by what the system takes to wake a thread. It is for the
// goroutine that made it, which keeps its thread to itself until it ends.
type pacer struct{ timer *time.Timer }

func newPacer() *pacer {
	// Never unlocked, so that the thread ends with the goroutine and nobody inherits its slack.
	runtime.LockOSThread()
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(slack), 0, 0, 0)
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

func (p *pacer) stop() { p.timer.Stop() }
