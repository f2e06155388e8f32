package capture

import (
	"fmt"
	"math"
	"sort"
)

// runSize is about how many bytes of a file are read and searched at once: few
// enough that they stay in a core's own cache, many enough for the disk.
const runSize = 256 << 10

// run is some consecutive records that lie one behind the other in one
// segment, with what is ahead of the first and of the record after the last.
type run struct {
	seg      *segment
	from, to entry
	size     int64 // bytes of file
	pinned   bool  // whoever has the run keeps the segment from going away
	first    int64 // number of the segment's first record
}

// snapshot returns what is readable now from about record number on, cut into
// runs. The segments may be evicted later: [runReader.load] then finds nothing in
// them. With pin that waits until unpin.
func (l *Log) snapshot(number int64, pin bool) ([]run, error) {
	return l.snapshotSome(number, pin, math.MaxInt)
}

// snapshotSome is snapshot, but ends once there are most runs.
func (l *Log) snapshotSome(number int64, pin bool, most int) ([]run, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.released {
		return nil, errReleased
	}
	var runs []run
	segs := l.segs[max(0, sort.Search(len(l.segs), func(i int) bool { return l.segs[i].entries[0].number > number })-1):]
	for _, s := range segs {
		if len(runs) >= most {
			break
		}
		entries := s.entries[max(0, sort.Search(len(s.entries), func(i int) bool { return s.entries[i].number > number })-1):]
		if pin {
			s.refs++
		}
		from := entries[0]
		for _, e := range entries[1:] {
			if e.off-from.off >= runSize && len(runs) < most {
				runs = append(runs, run{s, from, e, e.off - from.off, pin, s.entries[0].number})
				from = e
			}
		}
		if len(runs) < most {
			runs = append(runs, run{s, from, s.end, s.end.off - from.off, pin, s.entries[0].number})
		}
	}
	return runs, nil
}

// unpin gives back what snapshot held.
func (l *Log) unpin(runs []run) {
	for i, r := range runs {
		if i == 0 || runs[i-1].seg != r.seg {
			l.leave(r.seg)
		}
	}
}

// runs returns the runs that can hold a match of q.
func (l *Log) runs(q Query) ([]run, error) {
	runs, err := l.snapshot(0, false)
	if err != nil {
		return nil, err
	}
	if q.Backward {
		return runs[:sort.Search(len(runs), func(i int) bool { return runs[i].from.stream(q.Stream) >= q.From })], nil
	}
	return runs[sort.Search(len(runs), func(i int) bool { return runs[i].to.stream(q.Stream) > q.From }):], nil
}

// hold takes a reference to the segment of r, to be given back with leave. It
// reports false when the segment is gone, or nothing can be read any more.
func (l *Log) hold(r run) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !r.pinned {
		switch {
		case l.released:
			return false, errReleased
		case r.seg.gone:
			return false, nil
		}
	}
	r.seg.refs++
	return true, nil
}

// laneKey tells the lanes of a search apart. All bytes of a search through
// one direction are in the lane of the zero key.
type laneKey struct {
	flow Flow
	dir  Direction
}

// piece is the payload of one record, as far as it is searched.
type piece struct {
	payload []byte
	off     int64 // of payload[0] in the stream searched
	number  int64
	lane    int32
}

// runData is the payload of a run, in memory. One runData is used for many
// runs after each other, for the sake of its memory.
type runData struct {
	reader runReader
	pieces []piece
	keys   []laneKey // by lane number
	lanes  map[laneKey]int32

	// By direction, the lane of the record before and, in a native segment,
	// its headers: nearly always the next record has the same.
	last  [2]int32
	heads [2][]byte
}

// sample returns some of the bytes of the run, for choosing how to search it.
func (d *runData) sample() []byte {
	const most = 4 << 10
	longest := []byte(nil)
	for i, n := 0, max(1, len(d.pieces)/16); i < len(d.pieces); i += n {
		if p := d.pieces[i].payload; len(p) > len(longest) {
			longest = p
		}
	}
	return longest[:min(len(longest), most)]
}

// load reads the run, and finds the payload in it that q asks for. Of an
// evicted segment there is none.
func (d *runData) load(l *Log, r run, q Query) error {
	d.pieces, d.keys = d.pieces[:0], d.keys[:0]
	clear(d.lanes)
	d.last, d.heads = [2]int32{-1, -1}, [2][]byte{}
	if q.Stream != Both {
		d.keys = append(d.keys, laneKey{})
	}
	if err := d.reader.load(l, r); err != nil {
		return fmt.Errorf("search: %w", err)
	}
	w := &d.reader
	for w.next() {
		if w.kind != Data || len(w.payload) == 0 {
			continue
		}
		p := piece{payload: w.payload, number: w.number}
		switch {
		case q.Stream == Both:
			p.off = w.in + w.out
			p.lane = d.lane(w)
		case (q.Stream == InOnly) == (w.dir == In):
			if p.off = w.out; w.dir == In {
				p.off = w.in
			}
		default:
			continue
		}
		if q.Backward {
			if left := q.From - p.off; left < int64(len(p.payload)) {
				p.payload = p.payload[:max(left, 0)]
			}
		} else if skip := q.From - p.off; skip > 0 {
			skip = min(skip, int64(len(p.payload)))
			p.payload, p.off = p.payload[skip:], p.off+skip
		}
		if len(p.payload) > 0 {
			d.pieces = append(d.pieces, p)
		}
	}
	if w.err != nil {
		return fmt.Errorf("search: %w", w.err)
	}
	return nil
}

// lane returns the number of the lane of the walker's record.
func (d *runData) lane(w *runReader) int32 {
	if head := d.heads[w.dir]; head != nil && w.head.sameFlow(head, w.packet) {
		return d.last[w.dir]
	}
	if w.foreign == nil {
		d.heads[w.dir] = w.packet[:w.head.off]
	}
	key := laneKey{w.flow(), w.dir}
	if last := d.last[w.dir]; last >= 0 && d.keys[last] == key {
		return last
	}
	n, known := d.lanes[key]
	if !known {
		if d.lanes == nil {
			d.lanes = make(map[laneKey]int32)
		}
		n = int32(len(d.keys))
		d.keys = append(d.keys, key)
		d.lanes[key] = n
	}
	d.last[w.dir] = n
	return n
}

// sameFlow reports whether a packet that decodeNative made n of has the
// protocol, addresses and ports of the one with the headers a, in the same
// direction. It may say no where they are only written differently.
func (n native) sameFlow(a, packet []byte) bool {
	if n.ports == 0 || a[0] != packet[0] || len(a) != n.off {
		return false
	}
	proto, from, to := 9, 12, ip4Head
	if a[0]>>4 == 6 {
		proto, from, to = 6, 8, ip6Head
	}
	return a[proto] == packet[proto] && string(a[from:to]) == string(packet[from:to]) &&
		string(a[n.ports:n.ports+4]) == string(packet[n.ports:n.ports+4])
}
