package capture

import (
	"context"
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"
)

// Log is a capture: live, as [Create] makes it, or read-only, as [OpenFiles] does. Its methods are safe for concurrent
// use.
type Log struct {
	opts     Options
	meta     Meta
	readOnly bool
	header   []byte // what every segment begins with

	in      intake
	kick    chan struct{} // wakes the writer
	flushes atomic.Int32  // callers of Flush: the writer does not gather meanwhile
	written chan struct{} // closed when the writer has ended
	keep    keeper
	out     outlet

	// total is the payload accepted by Append: what is readable and what is on its way there.
	total atomic.Int64

	version atomic.Uint64

	// mu guards what readers see. Where both locks are held, in.mu was taken first.
	mu       sync.Mutex
	segs     []*segment // oldest first, each with at least one record
	st       Stats      // but for Version, PendingBytes and the numbers kept in segs
	now      counters   // of the newest readable record
	settled  uint64     // records that are readable or lost
	changed  chan struct{}
	warnings []string
	released bool

	closing sync.Mutex
	done    bool // guarded by closing
	doneErr error
}

// counters are the running totals of a log after some record.
type counters struct {
	number            int64 // of the record
	in, out           int64 // payload bytes
	inRecs, outRecs   int64 // Data records
	latest            int64 // latest time so far, in nanoseconds since 1970
	started, lastTime int64 // times of the first record and of this one
}

// add counts one more record.
func (c *counters) add(time int64, d Direction, k Kind, n int) {
	if c.number++; c.number == 1 {
		c.started, c.latest = time, time
	}
	c.lastTime = time
	c.latest = max(c.latest, time)
	if k != Data {
		return
	}
	if d == In {
		c.in += int64(n)
		c.inRecs++
	} else {
		c.out += int64(n)
		c.outRecs++
	}
}

// entry returns the index entry of the record that comes next, whose block begins at off.
func (c *counters) entry(off int64) entry {
	e := entry{off: off, number: c.number + 1, in: c.in, out: c.out, latest: c.latest}
	if c.number == 0 {
		e.latest = minTime
	}
	return e
}

// maxWarnings bounds what Warnings returns.
const maxWarnings = 100

// Create returns a live log. It touches no disk: the folder, the live marker and the first segment are made with the
// first record, so that an idle session leaves no file. The caller owns the log and must Close it.
func Create(o Options) (*Log, error) {
	if o.Dir == "" {
		return nil, fmt.Errorf("create capture: no folder given")
	}
	o = o.withDefaults()
	l := &Log{
		opts:    o,
		meta:    o.Meta,
		header:  segmentHeader(o.Meta),
		kick:    make(chan struct{}, 1),
		written: make(chan struct{}),
	}
	l.in.room = sync.NewCond(&l.in.mu)
	l.keep.init()
	l.st.Budget = o.Budget
	return l, nil
}

// Meta returns what the capture says of its session. A capture of another program has only a kind, "file", and a name.
func (l *Log) Meta() Meta {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.meta
}

// SetName changes the name of a live log that has no record yet: a session often exists before its address does. Once
// a record is there the name stands in the file, and SetName does nothing.
func (l *Log) SetName(name string) {
	l.in.mu.Lock()
	defer l.in.mu.Unlock()
	if l.readOnly || l.in.started {
		return
	}
	l.mu.Lock()
	l.meta.Name = name
	l.mu.Unlock()
	l.header = segmentHeader(l.meta)
}

// ReadOnly reports whether the log was opened from files.
func (l *Log) ReadOnly() bool { return l.readOnly }

// Files returns the paths of the segments that are kept and readable, oldest first.
func (l *Log) Files() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	paths := make([]string, len(l.segs))
	for i, s := range l.segs {
		paths[i] = s.path
	}
	return paths
}

// Warnings returns what was wrong with the files without keeping them from being read, such as a packet that is cut
// off at the end: sentences for people, oldest first, at most 100.
func (l *Log) Warnings() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.warnings...)
}

// warn adds a warning. l.mu is not held.
func (l *Log) warn(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.warnings) < maxWarnings {
		l.warnings = append(l.warnings, fmt.Sprintf(format, args...))
		l.notify()
	}
}

// Stats returns a consistent look at the log. It is cheap and never waits for the disk.
func (l *Log) Stats() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	st := l.st
	st.Version = l.version.Load()
	st.Last = l.now.number
	st.First = st.Last + 1
	st.InBytes, st.OutBytes = l.now.in, l.now.out
	st.InRecords, st.OutRecords = l.now.inRecs, l.now.outRecs
	st.FirstIn, st.FirstOut = st.InBytes, st.OutBytes
	if len(l.segs) > 0 {
		first := l.segs[0].entries[0]
		st.First, st.FirstIn, st.FirstOut = first.number, first.in, first.out
	}
	st.FirstBoth = st.FirstIn + st.FirstOut
	st.PendingBytes = max(l.total.Load()-st.InBytes-st.OutBytes, 0)
	if l.now.number > 0 {
		st.Start, st.End = timeOf(l.now.started), timeOf(l.now.lastTime)
	}
	return st
}

// Version returns a number that moves when anything became readable or any statistic changed, PendingBytes aside. It
// costs one atomic load.
func (l *Log) Version() uint64 { return l.version.Load() }

// Wait returns the version once it is more than after, or the cause when ctx ends first.
func (l *Log) Wait(ctx context.Context, after uint64) (uint64, error) {
	for {
		if v := l.version.Load(); v > after {
			return v, nil
		}
		l.mu.Lock()
		changed := l.waitable()
		l.mu.Unlock()
		if v := l.version.Load(); v > after {
			return v, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return l.version.Load(), context.Cause(ctx)
		}
	}
}

// waitable returns a channel that is closed at the next change. l.mu is held.
func (l *Log) waitable() <-chan struct{} {
	if l.changed == nil {
		l.changed = make(chan struct{})
	}
	return l.changed
}

// notify moves the version and wakes who waits for it. l.mu is held.
func (l *Log) notify() {
	l.version.Add(1)
	if l.changed != nil {
		close(l.changed)
		l.changed = nil
	}
}

// Flush returns when everything appended before the call is readable. It returns the reason when capturing stopped
// meanwhile, or the cause when ctx ends first.
func (l *Log) Flush(ctx context.Context) error {
	if l.readOnly {
		return nil
	}
	l.in.mu.Lock()
	target := l.in.appended
	l.in.mu.Unlock()
	l.flushes.Add(1)
	defer l.flushes.Add(-1)
	l.wake()
	for {
		l.mu.Lock()
		settled, err, changed := l.settled, l.st.Err, l.waitable()
		l.mu.Unlock()
		if settled >= target {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// wake makes the writer look at what there is to do.
func (l *Log) wake() {
	select {
	case l.kick <- struct{}{}:
	default:
	}
}

// errReleased is what reading returns after Release.
var errReleased = fmt.Errorf("read capture: it was released: %w", fs.ErrClosed)
