package sessions

import (
	"runtime"
	"sync/atomic"
	"time"
)

// orderPatience is how long what came in waits for the record of a write that is under way. That takes
// microseconds, unless the write itself waits for the peer.
const orderPatience = 2 * time.Millisecond

// writeOrder keeps an answer from being recorded before its question where a write and its record
// cannot be one step (see [rawWriter]): behind TLS, and on systems without a write that does not wait.
// The reader gives the record of a write that has just begun a moment to be made. begin and end are
// called by one goroutine, await by another; the zero value is ready.
type writeOrder struct {
	count atomic.Uint64 // odd while a write is under way or its record is due
	began atomic.Int64  // when that write began, in nanoseconds of the monotonic clock
}

// origin is what began counts from.
var origin = time.Now()

func (o *writeOrder) begin() {
	o.began.Store(int64(time.Since(origin)))
	o.count.Add(1)
}

// end does nothing when nothing is under way.
func (o *writeOrder) end() {
	if o.count.Load()%2 == 1 {
		o.count.Add(1)
	}
}

// await returns when the write that is under way has been recorded, or waits for its peer.
func (o *writeOrder) await() {
	now := o.count.Load()
	if now%2 == 0 {
		return
	}
	until := time.Duration(o.began.Load()) + orderPatience
	for o.count.Load() == now && time.Since(origin) < until {
		runtime.Gosched()
	}
}
