package sessions

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// recordPatience is how long what came in waits for the record of a write that the system has taken.
	// That takes microseconds, and longer only on a machine with too much to do.
	recordPatience = 100 * time.Millisecond
	// orderPatience is the same where nobody knows whether the system has taken the write, or the write
	// waits for the peer.
	orderPatience = 2 * time.Millisecond
)

// writeOrder keeps an answer from being recorded before its question where a write and its record
// cannot be one step (see [rawWriter]): behind TLS, and on systems without a write that does not wait.
// The reader gives the record of a write a moment to be made. begin and end are called by one goroutine,
// await by another; the zero value is ready.
type writeOrder struct {
	count atomic.Uint64 // odd while a write is under way or its record is due
	began atomic.Int64  // when that write began, in nanoseconds since origin

	exact bool        // an orderedWriter says when the system has taken a write; set before the first one
	sys   sync.Mutex  // held by it during the system call
	taken atomic.Bool // whether it has, for the write under way
}

// origin is what began counts from.
var origin = time.Now()

func (o *writeOrder) begin() {
	o.taken.Store(false)
	o.began.Store(int64(time.Since(origin)))
	o.count.Add(1)
}

// end does nothing when nothing is under way.
func (o *writeOrder) end() {
	if o.count.Load()%2 == 1 {
		o.count.Add(1)
	}
}

// await returns when the write that the system has taken, and that what came in may be the answer to,
// has been recorded.
func (o *writeOrder) await() {
	now := o.count.Load()
	if now%2 == 0 {
		return
	}
	until := time.Duration(o.began.Load()) + orderPatience
	if o.exact {
		o.sys.Lock() // a system call that brought the answer about may not have returned yet
		taken := o.taken.Load()
		o.sys.Unlock()
		if !taken {
			return
		}
		until = time.Since(origin) + recordPatience
	}
	for o.count.Load() == now && time.Since(origin) < until {
		runtime.Gosched()
	}
}
