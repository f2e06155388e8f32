package framing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"wirebench/sessions/capture"
)

// Options say what an [Index] is of.
type Options struct {
	// In and Out are the framings of the two directions.
	In, Out Framing
	// Flows are the connections wanted, each within its time; nil stands for all.
	Flows []capture.FlowSpan

	// Events lists, each where it happened, the records that are no data: a connection's beginning and end, and notes.
	Events bool
	// Dirs are the directions wanted; what goes the other way is cut, and not listed.
	Dirs capture.Dirs
	// Text or Hex has to be in what is listed: among all bytes of a frame, wherever reads cut them. Text may also be in
	// the note of an event, or in the text of the peer's address. Hex is bytes and not digits. Both at once, or more
	// than MostText bytes, are refused.
	Text string
	Hex  []byte
	// FoldCase makes Text match letters of either case.
	FoldCase bool
}

// Index is the list of the frames of a capture, of all its connections and of both directions, in the order in which
// they ended. It is kept up to date while the capture grows and its oldest records are evicted.
//
// Connections are told apart: no frame has bytes of two. Each UDP datagram is a frame, whatever the framing. A frame
// that a silence ends is listed when the silence was long enough, and one that a connection's end cuts off is listed
// there.
//
// It remembers where it was every few thousand frames, and cuts again from there what it is asked for: that takes less
// than a thousandth of the capture's size in memory, with thousands of connections in the middle of frames up to a
// thirtieth, and about a millisecond a call.
//
// Its methods are safe for concurrent use. Those that return no error never wait for the disk.
type Index struct {
	log     *capture.Log
	flows   []capture.FlowSpan
	rules   [2]*rule
	want    *wanted
	apart   spacing
	stop    context.CancelFunc
	ended   chan struct{}
	ready   chan struct{}
	moved   atomic.Uint64
	readers sync.Pool // of *reader

	mu     sync.RWMutex // guards the rest
	lanes  *lanes
	points []*checkpoint // in order; never changed in place but at the end
	next   int64         // number of the record to be looked at next
	total  int64         // of the newest record
	caught bool          // up with the log
	err    error

	// Since the last checkpoint:
	bytes, framesThen int64
	segment           int64
}

// spacing says how far checkpoints lie apart.
type spacing struct {
	bytes, frames int64 // either is enough
	share         int64 // but so many bytes are passed for each of memory
}

var usual = spacing{bytes: 256 << 10, frames: 4096, share: 32}

// recordCost is what a record takes in the file beside its payload, about.
const recordCost = 96

// NewIndex returns an index of l, or what is wrong with a framing. It starts empty, and a goroutine of its own goes
// through the log from its oldest record on: see [Index.Stats]. The caller must Close it.
func NewIndex(l *capture.Log, o Options) (*Index, error) { return newIndex(l, o, usual) }

func newIndex(l *capture.Log, o Options, apart spacing) (*Index, error) {
	want, err := newWanted(o)
	if err != nil {
		return nil, err
	}
	in, err := newRule(o.In)
	if err != nil {
		return nil, err
	}
	out, err := newRule(o.Out)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	x := &Index{
		log: l, flows: o.Flows, rules: [2]*rule{in, out}, want: want, apart: apart, stop: cancel,
		ended: make(chan struct{}), ready: make(chan struct{}),
	}
	x.lanes = newLanes(x.rules, want)
	st := l.Stats()
	x.next, x.total = st.First, st.Last
	go x.follow(ctx)
	return x, nil
}

// Close ends the index and waits for its goroutine. What it has found stays readable.
func (x *Index) Close() {
	x.stop()
	<-x.ended
}

// Ready returns a channel that is closed when the records that were there at the beginning have been looked at, or
// never will be.
func (x *Index) Ready() <-chan struct{} { return x.ready }

// Version moves whenever another method may answer differently than before.
func (x *Index) Version() uint64 { return x.moved.Load() }

// Stats is one consistent look at an index.
type Stats struct {
	Version     uint64
	First, Last int64 // numbers of the oldest frame that is listed and of the newest; Last == First-1 when there is none
	Events      int64 // of those ever listed, what are no frames
	In, Out     int64 // frames ever found of either direction, listed or not
	Broken      int64 // of these, those that are not Complete
	Growing     int64 // frames that have begun and not ended, listed or not; see [Index.Growing]
	Done, Total int64 // kept records that were looked at, of how many
	Err         error // why the index no longer follows its log, nil while it does and after Close
}

// Stats returns a consistent look at the index.
func (x *Index) Stats() Stats {
	x.mu.RLock()
	defer x.mu.RUnlock()
	t := x.lanes
	st := Stats{
		Version: x.Version(), First: t.frames + 1, Last: t.frames,
		In: t.counts[capture.In], Out: t.counts[capture.Out], Events: t.events, Broken: t.broken, Growing: int64(t.open()), Err: x.err,
	}
	from := x.next
	if len(x.points) > 0 {
		st.First, from = x.points[0].frames+1, x.points[0].number
	}
	st.Done = x.next - from
	st.Total = max(st.Done, x.total+1-from)
	return st
}

// Len returns how many frames are listed, and whether that is all of them for now.
func (x *Index) Len() (frames int64, done bool) {
	st := x.Stats()
	return st.Last - st.First + 1, st.Done == st.Total
}

// mostGrowing is how many frames Growing returns at most: more than anybody looks through.
const mostGrowing = 1000

// Growing appends to dst the frames that have begun and not ended, but for those that Options leaves out, in the order
// of their last bytes, and returns it: of more than 1,000 those that grew last. Their Number is 0. Of a capture that can
// no longer grow they are Incomplete.
//
// It takes as long as there are frames in what it returns, however many connections there are, and longer only while
// text or bytes that few of them have are looked for.
func (x *Index) Growing(dst []Frame) []Frame { return x.lastGrowing(dst, mostGrowing) }

// AllGrowing is [Index.Growing] of all of them, which may be some 100,000.
func (x *Index) AllGrowing() []Frame { return x.lastGrowing(nil, math.MaxInt) }

func (x *Index) lastGrowing(dst []Frame, most int) []Frame {
	x.mu.RLock()
	defer x.mu.RUnlock()
	had := len(dst)
	for l := range x.lanes.newest {
		if len(dst)-had == most {
			break
		}
		if x.lanes.listsGrowing(l) {
			dst = append(dst, x.growing(l.key, &l.state))
		}
	}
	slices.Reverse(dst[had:])
	x.mourn(dst[had:])
	return dst
}

// growing returns a frame that has not ended, but for what is Lost of it. x.mu is held.
func (x *Index) growing(k *laneKey, s *state) Frame {
	r, as := x.rules[k.dir], Growing
	if x.caught && x.log.ReadOnly() {
		as = r.atEnd()
	}
	f := s.frame(r, as)
	f.Dir, f.Flow = k.dir, k.flow
	return f
}

// mourn is [checkpoint.mourn] of many frames, in one go through the checkpoint. x.mu is held.
func (x *Index) mourn(list []Frame) {
	if len(x.points) == 0 {
		return
	}
	c, older := x.points[0], map[int64]*Frame{} // by first record: one is of one connection, and one frame goes on behind it
	for i := range list {
		if f := &list[i]; f.First < c.number {
			older[f.First] = f
		}
	}
	if len(older) == 0 {
		return
	}
	for i := range c.open {
		s := &c.open[i].state
		if f := older[s.first]; f != nil && s.start == int32(f.Start) {
			f.Lost = s.n
		}
	}
}

// mourn works out how many bytes of a frame were evicted, c being the first checkpoint of what is kept.
func (c *checkpoint) mourn(f *Frame, k *laneKey) {
	if f.First >= c.number {
		return
	}
	if s := c.find(k, f.First, f.Start); s != nil {
		f.Lost = s.n
	}
}

// follow looks at every record once, in order, as they become readable.
func (x *Index) follow(ctx context.Context) {
	defer close(x.ended)
	s := x.log.NewScanner(x.flows)
	defer s.Close()
	ready := sync.OnceFunc(func() { close(x.ready) })
	defer ready()
	for version := uint64(0); ; {
		seen := x.log.Version()
		err := x.catchUp(ctx, s)
		ready()
		if err == nil {
			version, err = x.log.Wait(ctx, max(version, seen))
		}
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			x.mu.Lock()
			x.err = fmt.Errorf("cut into frames: %w", err)
			x.mu.Unlock()
			x.moved.Add(1)
			return
		}
	}
}

// catchUp looks at the records that were not looked at.
func (x *Index) catchUp(ctx context.Context, s *capture.Scanner) error {
	for {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		x.drop()
		ok, err := s.Load(x.next) // only this goroutine changes it
		if err != nil {
			return err
		}
		x.mu.Lock()
		if x.caught = !ok; ok {
			err = x.run(s)
		}
		x.mu.Unlock()
		x.moved.Add(1)
		if !ok || err != nil {
			return err
		}
	}
}

// run cuts the records of a run. x.mu is held.
func (x *Index) run(s *capture.Scanner) error {
	if s.First() > x.next {
		x.begin(s.First()) // what lies between has been evicted before it was looked at
	}
	if s.Segment() != x.segment {
		// Records go by whole segments: cutting can begin with each.
		x.segment = s.Segment()
		x.point(max(x.segment, x.next))
	}
	for s.Scan() {
		if x.due() {
			x.point(s.Number)
		}
		x.bytes += int64(len(s.Payload)) + recordCost
		x.lanes.take(s)
	}
	x.next = s.Next()
	return s.Err()
}

// due reports whether it is time for a checkpoint.
func (x *Index) due() bool {
	if x.bytes < x.apart.bytes && x.lanes.frames-x.framesThen < x.apart.frames {
		return false
	}
	return x.bytes >= x.apart.share*x.points[len(x.points)-1].size()
}

// point makes a checkpoint ahead of a record.
func (x *Index) point(number int64) {
	x.bytes, x.framesThen = 0, x.lanes.frames
	if n := len(x.points); n > 0 && x.points[n-1].number == number {
		return
	}
	x.points = append(x.points, x.lanes.checkpoint(number))
}

// begin forgets all that was before a record.
func (x *Index) begin(number int64) {
	x.lanes.abandon()
	x.next, x.points = number, nil
	x.point(number)
}

// drop forgets what has been evicted.
func (x *Index) drop() {
	st := x.log.Stats()
	x.mu.Lock()
	defer x.mu.Unlock()
	x.total = st.Last
	gone := 0
	for gone < len(x.points) && x.points[gone].number < st.First {
		gone++
	}
	if gone == 0 {
		return
	}
	if gone == len(x.points) {
		x.points = nil // all that was looked at
		x.point(x.next)
	} else {
		x.points = append(make([]*checkpoint, 0, len(x.points)-gone+64), x.points[gone:]...)
	}
	x.moved.Add(1)
}

// pointAt returns the last checkpoint that is not behind record number. x.mu is held.
func pointAt(points []*checkpoint, number int64) (i int, ok bool) {
	i, ok = slices.BinarySearchFunc(points, number, func(c *checkpoint, n int64) int { return cmp.Compare(c.number, n) })
	if !ok {
		i--
	}
	return i, i >= 0
}

// errGone is what asking for an evicted frame returns.
var errGone = fmt.Errorf("read frame: %w", capture.ErrEvicted)

// errChanged is what there is no reason for but files of a capture that were changed by others.
var errChanged = errors.New("the capture's files do not hold what they did when it was cut into frames; open it again")

var errNoData = errors.New("only bytes of data are in frames")

// Framing returns what a direction is cut by.
func (x *Index) Framing(d capture.Direction) Framing { return x.rules[d&1].Framing }
