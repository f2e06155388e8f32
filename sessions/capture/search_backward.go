package capture

import (
	"context"
	"slices"
)

// backward is one search in falling order. It reads the runs from the last
// to the first and in each the records from the last to the first.
type backward struct {
	needle needle
	finder finder
	found  func(Match) bool

	lanes   map[laneKey]*ahead
	window  []byte
	matches []place // in the bytes at hand
	uses    int64   // counts calls of feed
	stopped bool
}

// ahead is what a backward search remembers of a lane: its next bytes, at
// most one fewer than a match has, and fewer where a match has taken them.
type ahead struct {
	bytes []byte
	used  int64 // the last call of feed that saw this lane
}

// place is a match within some bytes.
type place struct{ at, length int }

func (l *Log) searchBackward(ctx context.Context, q Query, found func(Match) bool, progress func(done, total int64)) error {
	runs, err := l.runs(q)
	if err != nil {
		return err
	}
	b := backward{needle: needleOf(q), found: found, lanes: make(map[laneKey]*ahead)}
	b.finder.pace.ctx = ctx
	meter := newMeter(runs, progress)
	var data runData
	for _, r := range slices.Backward(runs) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := data.load(l, r, q); err != nil {
			return err
		}
		b.needle.tune(data.sample())
		lanes := make([]*ahead, len(data.keys))
		for i, key := range data.keys {
			if lanes[i] = b.lanes[key]; lanes[i] == nil {
				lanes[i] = new(ahead)
				b.lanes[key] = lanes[i]
			}
		}
		for _, p := range slices.Backward(data.pieces) {
			if b.feed(lanes[p.lane], p); b.stopped {
				return nil
			}
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		b.boundLanes()
		meter.add(r.size)
	}
	return nil
}

// feed reports the matches that begin in piece p, which comes before the bytes
// in l, the last first.
func (b *backward) feed(l *ahead, p piece) {
	b.uses++
	l.used = b.uses
	keep := b.needle.max - 1
	limit := len(p.payload) + len(l.bytes) // matches end here at the latest

	// Those that begin in p and end in what follows it ...
	n := min(len(p.payload), keep)
	before := len(p.payload) - n
	b.window = append(append(b.window[:0], p.payload[before:]...), l.bytes...)
	b.collect(b.window)
	for _, m := range slices.Backward(b.matches) {
		if at := before + m.at; m.at < n && at+m.length > len(p.payload) && at+m.length <= limit {
			limit = at
			if b.report(p, at, m.length); b.stopped {
				return
			}
		}
	}
	// ... and those within p.
	b.collect(p.payload)
	for _, m := range slices.Backward(b.matches) {
		if m.at+m.length <= limit {
			limit = m.at
			if b.report(p, m.at, m.length); b.stopped {
				return
			}
		}
	}

	if limit < len(p.payload)+len(l.bytes) {
		l.bytes = append(l.bytes[:0], p.payload[:min(keep, limit)]...)
		return
	}
	b.window = append(append(b.window[:0], p.payload[:min(keep, len(p.payload))]...), l.bytes...)
	l.bytes = append(l.bytes[:0], b.window[:min(keep, len(b.window))]...)
}

// collect finds all matches in p, those that overlap too.
func (b *backward) collect(p []byte) {
	from := 0
	b.matches = b.matches[:0]
	b.finder.reset(&b.needle, p)
	for {
		at, length := b.finder.find(from)
		if at < 0 {
			return
		}
		b.matches = append(b.matches, place{at, length})
		from = at + 1
	}
}

func (b *backward) report(p piece, at, length int) {
	b.stopped = !b.found(Match{Off: p.off + int64(at), Len: length, Number: p.number})
}

// boundLanes forgets the lanes whose bytes lie farthest ahead when there are
// too many, half of them at once.
func (b *backward) boundLanes() {
	most := max(1, min(maxOpenLanes, maxOpenBytes/b.needle.max))
	if len(b.lanes) <= most {
		return
	}
	used := make([]int64, 0, len(b.lanes))
	for _, l := range b.lanes {
		used = append(used, l.used)
	}
	slices.Sort(used)
	keep := used[len(used)-(most+1)/2]
	for key, l := range b.lanes {
		if l.used < keep {
			delete(b.lanes, key)
		}
	}
}
