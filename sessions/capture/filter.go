package capture

import (
	"context"
	"sync"
	"sync/atomic"
)

// Dirs is a set of directions. The empty set stands for both.
type Dirs uint8

const (
	// DirIn is the set of In alone.
	DirIn Dirs = 1 << In
	// DirOut is the set of Out alone.
	DirOut Dirs = 1 << Out
)

// has reports whether d is wanted.
func (s Dirs) has(d Direction) bool { return s == 0 || s>>d&1 != 0 }

// Criteria say which records a filter keeps: those that meet all that is set.
type Criteria struct {
	// Text must occur in the record's payload (as UTF-8 bytes), in its note, or in the text of its peer's address.
	Text string
	// Hex, which is bytes and not digits, must occur in the record's payload.
	Hex []byte
	// Dirs are the directions wanted. A note has one too.
	Dirs Dirs
	// DataOnly leaves out all but Data records.
	DataOnly bool
	// FoldCase makes Text match letters of either case, as [Query.FoldCase] does.
	FoldCase bool
	// Flows are the connections wanted, each within its time; nil stands for all. Records without a flow are of
	// none of them, so an empty list that is not nil keeps nothing.
	Flows []FlowSpan
}

// Filter is the list of the records of a log that meet some criteria, kept up to date while the log grows and its
// oldest records are evicted. It costs about ten bits of memory a record of the log.
//
// Its methods are safe for concurrent use and take about a microsecond; none waits for the log.
type Filter struct {
	log    *Log
	stop   context.CancelFunc
	ended  chan struct{}
	ready  chan struct{}
	test   tester
	total  atomic.Int64 // the newest record known to be there
	moved  atomic.Uint64
	keeper sync.RWMutex // guards the rest
	set    bitSet
	thread *threadIndex // nil, or where the bytes of the matches are
	err    error
}

// NewFilter returns a filter of l. It starts empty, and a goroutine of its own goes through the log from its oldest
// record on: see [Filter.Progress]. The caller must Close it.
func NewFilter(l *Log, c Criteria) *Filter { return newFilter(l, c, nil) }

func newFilter(l *Log, c Criteria, x *threadIndex) *Filter {
	ctx, cancel := context.WithCancel(context.Background())
	f := &Filter{log: l, stop: cancel, ended: make(chan struct{}), ready: make(chan struct{}), test: newTester(c), thread: x}
	st := l.Stats()
	f.set.start(st.First)
	f.total.Store(st.Last)
	go f.follow(ctx)
	return f
}

// Close ends the filter and waits for its goroutine. What it has found stays readable.
func (f *Filter) Close() {
	f.stop()
	<-f.ended
}

// Ready returns a channel that is closed when the records that were there at the beginning have been looked at, or never
// will be.
func (f *Filter) Ready() <-chan struct{} { return f.ready }

// Len returns how many records match, of those that were looked at and are still kept.
func (f *Filter) Len() int64 {
	f.keeper.RLock()
	defer f.keeper.RUnlock()
	return f.set.size()
}

// Nth returns the number of match i, counted from 0 at the oldest that is kept. ok is false if there is none.
func (f *Filter) Nth(i int64) (number int64, ok bool) {
	f.keeper.RLock()
	defer f.keeper.RUnlock()
	return f.set.nth(i)
}

// IndexOf returns the index of the first match whose number is at least number: Len if there is none.
func (f *Filter) IndexOf(number int64) int64 {
	f.keeper.RLock()
	defer f.keeper.RUnlock()
	return f.set.rank(number)
}

// Version moves whenever another method may answer differently than before.
func (f *Filter) Version() uint64 { return f.moved.Load() }

// Progress returns how many of the kept records were looked at, of how many.
func (f *Filter) Progress() (done, total int64) {
	f.keeper.RLock()
	defer f.keeper.RUnlock()
	done = f.set.end - f.set.first
	return done, max(done, f.total.Load()+1-f.set.first)
}

// Err returns why the filter no longer follows its log, nil while it does and after Close.
func (f *Filter) Err() error {
	f.keeper.RLock()
	defer f.keeper.RUnlock()
	return f.err
}

// follow looks at every record once, in order, as they become readable.
func (f *Filter) follow(ctx context.Context) {
	defer close(f.ended)
	var w runReader
	defer w.close()
	var marks []finding
	ready := sync.OnceFunc(func() { close(f.ready) })
	defer ready()
	for version := uint64(0); ; {
		seen := f.log.Version()
		st := f.log.Stats()
		f.total.Store(st.Last)
		f.drop(st.First)
		err := f.catchUp(ctx, st.Last, &w, &marks)
		ready()
		if err == nil {
			version, err = f.log.Wait(ctx, max(version, seen))
		}
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			f.keeper.Lock()
			f.err = err
			f.keeper.Unlock()
			f.moved.Add(1)
			return
		}
	}
}

// finding is what was found out about one record.
type finding struct {
	wanted bool
	dir    Direction
	n      int // payload bytes
}

// catchUp looks at the records up to last that were not looked at.
func (f *Filter) catchUp(ctx context.Context, last int64, w *runReader, marks *[]finding) error {
	next := f.set.end // only this goroutine changes the set
	if next > last {
		return nil
	}
	runs, err := f.log.snapshot(next, false)
	if err != nil {
		return err
	}
	for _, r := range runs {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if r.to.number <= f.set.end {
			continue
		}
		if err := w.load(f.log, r); err != nil {
			return err
		}
		f.test.tune(w.buf)
		*marks = (*marks)[:0]
		for w.next() {
			if w.number >= f.set.end {
				if len(*marks) == 0 && w.number > f.set.end {
					f.drop(w.number) // what lies between has been evicted meanwhile
				}
				*marks = append(*marks, finding{f.test.wants(w), w.dir, len(w.payload)})
			}
		}
		if w.err != nil {
			return w.err
		}
		st := f.log.Stats()
		f.total.Store(st.Last)
		if len(*marks) == 0 { // evicted meanwhile
			f.drop(st.First)
			continue
		}
		f.keeper.Lock()
		for _, m := range *marks {
			if m.wanted && f.thread != nil {
				f.thread.add(f.set.end, m.dir, m.n)
			}
			f.set.add(m.wanted)
		}
		f.forget(st.First)
		f.keeper.Unlock()
		f.moved.Add(1)
	}
	return nil
}

// drop forgets the records below first.
func (f *Filter) drop(first int64) {
	f.keeper.Lock()
	defer f.keeper.Unlock()
	if first > f.set.first {
		f.forget(first)
		f.moved.Add(1)
	}
}

// forget is drop with keeper held.
func (f *Filter) forget(first int64) {
	f.set.drop(first)
	if f.thread != nil {
		f.thread.drop(first)
	}
}
