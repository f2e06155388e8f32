package capture

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"sync"
)

const (
	searchWorkers = 4        // files are read and searched by at most so many goroutines
	progressEvery = 16 << 20 // bytes of file between two calls of a progress function

	// A run with more matches than this is searched by the caller's goroutine, which hands them on as it goes.
	// Keeping them would cost more than searching again, and a search this fruitful waits for its caller anyway.
	maxRunMatches = 1 << 15
	// So many matches wait at most for one that may have begun before them.
	maxHeld = 1 << 16
	// So many lanes are at most in the middle of a match at the end of a run,
	// fewer where their bytes could come to more than maxOpenBytes.
	maxOpenLanes = 1 << 16
	maxOpenBytes = 64 << 20
)

// forward is one search or count in rising order. Workers search runs of
// records each on its own; the goroutine that called takes their results in
// order and sees to the matches that cross from one run to the next.
type forward struct {
	log      *Log
	query    Query
	found    func(Match) bool // nil: only count
	progress func(done, total int64)

	count   int64
	lanes   map[laneKey]*lane // those with a tail
	scanner scanner
	held    []Match // found, but a match of a lower offset may yet be
	stopped bool    // found returned false
}

func newForward(l *Log, q Query, found func(Match) bool, progress func(done, total int64)) *forward {
	f := &forward{log: l, query: q, found: found, progress: progress, lanes: make(map[laneKey]*lane)}
	f.scanner = scanner{needle: needleOf(q), emit: f.emit}
	return f
}

// result is what a worker found out about one run.
type result struct {
	data    runData
	lanes   []lane // by the lane numbers of data
	matches []Match
	count   int64
	dense   bool // more than maxRunMatches: matches is not complete
	err     error
}

func (f *forward) run(ctx context.Context) error {
	runs, err := f.log.runs(f.query)
	if err != nil {
		return err
	}
	workers := min(searchWorkers, runtime.GOMAXPROCS(0), len(runs))
	ctx, cancel := context.WithCancel(ctx)
	var done sync.WaitGroup
	defer done.Wait()
	defer cancel()

	// Worker w has the runs w, w+workers, ...: the results of a worker are in
	// order, and so is taking one from each worker in turn. Two results a
	// worker let it go on while the other is looked at.
	ready := make([]chan *result, workers)
	idle := make([]chan *result, workers)
	for w := range workers {
		ready[w], idle[w] = make(chan *result, 2), make(chan *result, 2)
		idle[w] <- new(result)
		idle[w] <- new(result)
		done.Go(func() { f.work(ctx, runs, w, workers, idle[w], ready[w]) })
	}
	f.scanner.finder.pace.ctx = ctx
	meter := newMeter(runs, f.progress)
	for i, r := range runs {
		var res *result
		select {
		case res = <-ready[i%workers]:
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := ctx.Err(); err != nil { // what the worker found is not all
			return err
		}
		if res.err != nil {
			return res.err
		}
		if err := f.take(ctx, res); err != nil || f.stopped {
			return err
		}
		idle[i%workers] <- res
		meter.add(r.size)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	f.settle(true)
	return nil
}

// work searches every n-th run from the w-th.
func (f *forward) work(ctx context.Context, runs []run, w, n int, idle <-chan *result, ready chan<- *result) {
	s := scanner{needle: needleOf(f.query), heads: true}
	s.finder.pace.ctx = ctx
	for i := w; i < len(runs); i += n {
		var res *result
		select {
		case res = <-idle:
		case <-ctx.Done():
			return
		}
		if res.err = res.data.load(f.log, runs[i], f.query); res.err == nil {
			f.search(&s, res)
		}
		ready <- res // never blocks: there are as many places as results
	}
}

// search finds the matches that lie within the run of res.
func (f *forward) search(s *scanner, res *result) {
	for len(res.lanes) < len(res.data.keys) {
		res.lanes = append(res.lanes, lane{})
	}
	for i := range res.data.keys {
		res.lanes[i].reset()
	}
	res.matches, res.count, res.dense = res.matches[:0], 0, false
	s.emit = func(m Match) {
		res.count++
		if f.found == nil {
			return
		}
		if res.dense = len(res.matches) >= maxRunMatches; !res.dense {
			res.matches = append(res.matches, m)
		}
	}
	s.needle.tune(res.data.sample())
	for _, p := range res.data.pieces {
		if s.feed(&res.lanes[p.lane], p.payload, p.off, p.number); res.dense {
			return
		}
	}
}

// take adds the result of the next run to what is known of those before.
func (f *forward) take(ctx context.Context, res *result) error {
	if res.dense || f.crosses(res) {
		return f.again(ctx, res)
	}
	for i, key := range res.data.keys {
		next, known := &res.lanes[i], f.lanes[key]
		switch {
		case known != nil:
			if f.scanner.join(known, next); len(known.tail) == 0 {
				delete(f.lanes, key)
			}
		case len(next.tail) > 0:
			l := new(lane)
			l.setTail(next)
			f.lanes[key] = l
		}
	}
	f.count += res.count
	if f.found != nil {
		f.held = append(f.held, res.matches...)
		f.settle(false)
	}
	f.boundLanes()
	return nil
}

// crosses reports whether a match crosses from the runs before to this one.
func (f *forward) crosses(res *result) bool {
	if len(f.lanes) == 0 {
		return false
	}
	for i, key := range res.data.keys {
		if l := f.lanes[key]; l != nil && f.scanner.crosses(l, &res.lanes[i]) {
			return true
		}
	}
	return false
}

// again searches a run with what is known of those before it. A match that
// crosses may take bytes that the worker, who did not know of it, found
// another match in.
func (f *forward) again(ctx context.Context, res *result) error {
	lanes := make([]*lane, len(res.data.keys))
	for i, key := range res.data.keys {
		if lanes[i] = f.lanes[key]; lanes[i] == nil {
			lanes[i] = new(lane)
			f.lanes[key] = lanes[i]
		}
	}
	f.scanner.needle.tune(res.data.sample())
	for _, p := range res.data.pieces {
		f.scanner.feed(lanes[p.lane], p.payload, p.off, p.number)
		if len(f.held) >= maxRunMatches {
			f.settle(false)
		}
		if f.stopped {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	for i, key := range res.data.keys {
		if len(lanes[i].tail) == 0 {
			delete(f.lanes, key)
		}
	}
	f.settle(false)
	f.boundLanes()
	return nil
}

func (f *forward) emit(m Match) {
	f.count++
	if f.found != nil {
		f.held = append(f.held, m)
	}
}

// settle hands on the matches that none can come before any more: all of them
// at the end, and when too many wait.
func (f *forward) settle(end bool) {
	if len(f.held) == 0 || f.stopped {
		return
	}
	byOffset := func(a, b Match) int { return cmp.Compare(a.Off, b.Off) }
	if !slices.IsSortedFunc(f.held, byOffset) { // only in Both, where lanes overtake each other
		slices.SortFunc(f.held, byOffset)
	}
	n := len(f.held)
	if !end && n < maxHeld {
		for _, l := range f.lanes {
			if len(l.tail) > 0 {
				i, _ := slices.BinarySearchFunc(f.held, Match{Off: l.parts[0].off}, byOffset)
				n = min(n, i)
			}
		}
	}
	for _, m := range f.held[:n] {
		if !f.found(m) {
			f.stopped = true
			return
		}
	}
	f.held = slices.Delete(f.held, 0, n)
}

// boundLanes gives up the unfinished matches that began first when there are
// too many, a good part of them at once.
func (f *forward) boundLanes() {
	most := max(1, min(maxOpenLanes, maxOpenBytes/f.scanner.needle.max))
	if len(f.lanes) <= most {
		return
	}
	starts := make([]int64, 0, len(f.lanes))
	for _, l := range f.lanes {
		starts = append(starts, l.parts[0].off)
	}
	slices.Sort(starts)
	keep := starts[len(starts)-(most+1)/2]
	for key, l := range f.lanes {
		if l.parts[0].off < keep {
			delete(f.lanes, key)
		}
	}
}

// meter tells a progress function about bytes of files done.
type meter struct {
	progress          func(done, total int64)
	done, total, told int64
}

func newMeter(runs []run, progress func(done, total int64)) *meter {
	m := &meter{progress: progress}
	for _, r := range runs {
		m.total += r.size
	}
	return m
}

func (m *meter) add(n int64) {
	m.done += n
	if m.progress != nil && (m.done-m.told >= progressEvery || m.done == m.total) {
		m.told = m.done
		m.progress(m.done, m.total)
	}
}
