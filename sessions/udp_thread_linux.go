package sessions

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// timerSlack is how much later than asked for the system may wake a thread, for the sake of others.
	// It is 50 µs where nobody says anything else; see PR_SET_TIMERSLACK(2const).
	timerSlack = time.Microsecond
	// timeSlice is how long a thread runs until others have their turn, if they wait. Whoever asks for
	// little at once runs the sooner after waking; see sched(7). Linux before 6.12 does not take wishes.
	timeSlice = 250 * time.Microsecond
)

// ownThread gives the calling goroutine a thread to itself, which is woken without delay and, on a busy
// machine, is among the first to run, until the same goroutine calls leaveThread.
func ownThread() {
	runtime.LockOSThread()
	wish(timerSlack, timeSlice)
}

func leaveThread() {
	wish(0, 0) // as it was
	runtime.UnlockOSThread()
}

// wish tells the system what this thread would like. What it does not grant is done without.
func wish(slack, slice time.Duration) {
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(slack), 0, 0, 0)
	if a, err := unix.SchedGetAttr(0, 0); err == nil && a.Policy == unix.SCHED_NORMAL {
		a.Runtime = uint64(slice)
		_ = unix.SchedSetAttr(0, a, 0)
	}
}
