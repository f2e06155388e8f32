package capture

import (
	"cmp"
	"context"
	"math"
	"runtime"
	"slices"
	"sort"
	"sync"
)

const (
	// In a search through both directions, a match in several records is found
	// when at most about so many bytes of others lie between any two of them.
	// That lets a search tell of a match soon: one that began before it may not
	// turn up for ever.
	exprPatience = 1 << 20
	// So many matches of one lane in one run are looked for at once.
	exprBatch = 1 << 14
	// A backward search goes back by so many runs at a time, more each time.
	leastBack, mostBack = 4, 32
)

// exprSearch is one search for an expression in rising order. Workers bring the
// bytes of each lane in a run together and match them; the goroutine that called
// takes their results in order and sees to what crosses from one run to the next.
type exprSearch struct {
	log      *Log
	query    Query
	expr     *Expr
	found    func(Match) bool // nil: only count
	progress func(done, total int64)
	until    int64 // matches count that begin before this offset ...
	endBy    int64 // ... and end there at the latest

	count   int64
	tails   map[laneKey]*exprLane // the last bytes of each lane
	done    int64                 // bytes of files
	held    []Match
	stopped bool
	scratch extents
	window  []byte
	matcher *matcher // for the goroutine that called
}

// exprResult is what a worker found in one run.
type exprResult struct {
	data  runData
	lanes []exprLane // by the lane numbers of data
	found []extents  // by the same
	err   error
}

func newExprSearch(l *Log, q Query, found func(Match) bool, progress func(done, total int64)) *exprSearch {
	return &exprSearch{log: l, query: q, expr: q.Expr, found: found, progress: progress,
		until: math.MaxInt64, endBy: math.MaxInt64, tails: make(map[laneKey]*exprLane)}
}

// forward searches all there is from the query's offset on.
func (e *exprSearch) forward(ctx context.Context) error {
	runs, err := e.log.snapshot(0, false)
	if err != nil {
		return err
	}
	first := sort.Search(len(runs), func(i int) bool { return runs[i].to.stream(e.query.Stream) > e.query.From })
	runs = runs[e.earlier(runs, first):]
	return e.through(ctx, runs, newMeter(runs, e.progress))
}

// earlier returns the run to start with for the matches in the n-th and behind:
// one so far before that what is found does not depend on where it starts.
func (e *exprSearch) earlier(runs []run, n int) int {
	if n == len(runs) {
		return n
	}
	size, s := int64(0), e.query.Stream
	at := runs[n].from.stream(s)
	for n > 0 && (at-runs[n].from.stream(s) < mostOpen || s == Both && size < runSize) {
		n--
		size += runs[n].size
	}
	return n
}

// later returns the run before which the matches end that begin before the n-th.
func (e *exprSearch) later(runs []run, n int) int {
	size, s := int64(0), e.query.Stream
	for at := n; n < len(runs) && (runs[n].from.stream(s)-runs[at].from.stream(s) < mostAhead || s == Both && size < exprPatience+runSize); n++ {
		size += runs[n].size
	}
	return n
}

// backward searches from the query's offset back, part by part.
func (e *exprSearch) backward(ctx context.Context) error {
	runs, err := e.log.snapshot(0, false)
	if err != nil {
		return err
	}
	s := e.query.Stream
	to := sort.Search(len(runs), func(i int) bool { return runs[i].from.stream(s) >= e.query.From })
	meter := newMeter(runs[:to], e.progress)
	size, until := leastBack, int64(math.MaxInt64)
	for to > 0 {
		from := max(0, to-size)
		var last []Match // the ones found last in this part, as many as are kept
		more := false
		part := newExprSearch(e.log, e.query, func(m Match) bool {
			if len(last) == 2*maxHeld {
				last, more = append(last[:0], last[maxHeld:]...), true
			}
			last = append(last, m)
			return true
		}, nil)
		part.until, part.endBy = until, e.query.From
		if part.query.From = 0; from > 0 {
			part.query.From = runs[from].from.stream(s)
		}
		some := runs[e.earlier(runs, from):e.later(runs, to)]
		if err := part.through(ctx, some, newMeter(some, nil)); err != nil {
			return err
		}
		for _, m := range slices.Backward(last) {
			e.count++
			if e.found != nil && !e.found(m) {
				return nil
			}
		}
		if more { // the same part once more, up to what was told of it
			until = last[0].Off
			continue
		}
		for _, r := range runs[from:to] {
			meter.add(r.size)
		}
		until, to, size = part.query.From, from, min(2*size, mostBack)
	}
	return nil
}

// through searches these runs.
func (e *exprSearch) through(ctx context.Context, runs []run, meter *meter) error {
	workers := min(searchWorkers, runtime.GOMAXPROCS(0), len(runs))
	ctx, cancel := context.WithCancel(ctx)
	var done sync.WaitGroup
	defer done.Wait()
	defer cancel()
	e.matcher = e.expr.matcher(ctx)
	defer e.matcher.done()
	ready := make([]chan *exprResult, workers)
	idle := make([]chan *exprResult, workers)
	for w := range workers { // as in forward.run
		ready[w], idle[w] = make(chan *exprResult, 2), make(chan *exprResult, 2)
		idle[w] <- new(exprResult)
		idle[w] <- new(exprResult)
		done.Go(func() { e.work(ctx, runs, w, workers, idle[w], ready[w]) })
	}
	for i, r := range runs {
		if err := ctx.Err(); err != nil {
			return err
		}
		var res *exprResult
		select {
		case res = <-ready[i%workers]:
		case <-ctx.Done():
			return ctx.Err()
		}
		if res.err != nil {
			return res.err
		}
		if err := e.take(ctx, res); err != nil || e.stopped {
			return err
		}
		idle[i%workers] <- res
		meter.add(r.size)
		e.done += r.size
	}
	for key, t := range e.tails {
		e.finish(key, t)
	}
	if err := ctx.Err(); err != nil { // what was found is not all
		return err
	}
	e.settle(true)
	return nil
}

// work searches every n-th run from the w-th.
func (e *exprSearch) work(ctx context.Context, runs []run, w, n int, idle <-chan *exprResult, ready chan<- *exprResult) {
	q := Query{Stream: e.query.Stream}
	m := e.expr.matcher(ctx)
	defer m.done()
	for i := w; i < len(runs); i += n {
		var res *exprResult
		select {
		case res = <-idle:
		case <-ctx.Done():
			return
		}
		if res.err = res.data.load(e.log, runs[i], q); res.err == nil {
			e.match(ctx, m, res)
		}
		ready <- res
	}
}

// match brings the lanes of a run together and finds what lies within it.
func (e *exprSearch) match(ctx context.Context, m *matcher, res *exprResult) {
	for len(res.lanes) < len(res.data.keys) {
		res.lanes = append(res.lanes, exprLane{})
		res.found = append(res.found, extents{})
	}
	lanes := res.lanes[:len(res.data.keys)]
	for i := range lanes {
		lanes[i].text, lanes[i].parts = lanes[i].text[:0], lanes[i].parts[:0]
	}
	for _, p := range res.data.pieces {
		l := &lanes[p.lane]
		l.parts = append(l.parts, exprPart{at: len(l.text), off: p.off, number: p.number})
		l.text = append(l.text, p.payload...)
	}
	for i := range lanes {
		if ctx.Err() == nil {
			res.found[i] = m.find(lanes[i].text, 0, exprBatch, true, res.found[i])
		}
	}
}

// take adds the result of the next run to what is known of those before.
func (e *exprSearch) take(ctx context.Context, res *exprResult) error {
	for i, key := range res.data.keys {
		if len(res.lanes[i].text) == 0 {
			continue
		}
		t := e.tails[key]
		if t == nil {
			t = new(exprLane)
			e.tails[key] = t
		}
		t.seen = e.done
		if err := e.join(ctx, t, &res.lanes[i], res.found[i]); err != nil || e.stopped {
			return err
		}
	}
	for key, t := range e.tails {
		if e.query.Stream == Both && e.done-t.seen > exprPatience {
			e.finish(key, t)
		}
	}
	e.settle(false)
	return nil
}

// emit reports the match m of t and next after each other.
func (e *exprSearch) emit(t, next *exprLane, m extent) {
	where := func(i int) (off, number int64) {
		if i < len(t.text) {
			return t.place(i)
		}
		return next.place(i - len(t.text))
	}
	off, number := where(m.from)
	end, _ := where(m.to - 1)
	if off < e.query.From || off >= e.until || end >= e.endBy {
		return
	}
	e.count++
	if e.found != nil {
		e.held = append(e.held, Match{Off: off, Len: m.to - m.from, Number: number})
	}
}

// finish reports what a lane that does not go on has at its end.
func (e *exprSearch) finish(key laneKey, t *exprLane) {
	e.scratch = e.matcher.find(t.text, t.open, exprBatch, false, e.scratch)
	for _, m := range e.scratch.list {
		e.emit(t, &exprLane{}, m)
	}
	delete(e.tails, key)
}

// settle hands on the matches that none can come before any more.
func (e *exprSearch) settle(end bool) {
	if len(e.held) == 0 || e.stopped {
		return
	}
	byOffset := func(a, b Match) int { return cmp.Compare(a.Off, b.Off) }
	if !slices.IsSortedFunc(e.held, byOffset) {
		slices.SortFunc(e.held, byOffset)
	}
	n := len(e.held)
	if !end && n < maxHeld {
		for _, t := range e.tails {
			if t.open < len(t.text) {
				off, _ := t.place(t.open)
				i, _ := slices.BinarySearchFunc(e.held, Match{Off: off}, byOffset)
				n = min(n, i)
			}
		}
	}
	for _, m := range e.held[:n] {
		if !e.found(m) {
			e.stopped = true
			return
		}
	}
	e.held = slices.Delete(e.held, 0, n)
}
