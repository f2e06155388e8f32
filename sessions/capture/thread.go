package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sort"
)

// Thread is the payload of some connections of a log, without what other connections carried in between: offsets count
// their bytes alone. It is kept up to date while the log grows and its oldest records are evicted, and costs about four
// bytes of memory a record of those connections.
//
// Its methods are safe for concurrent use.
type Thread struct {
	filter *Filter
}

// NewThread returns the thread of the connections in flows. It starts empty, and a goroutine of its own goes through the
// log from its oldest record on. What is evicted before it came to it is no part of the thread. The caller must Close it.
func NewThread(l *Log, flows []FlowSpan) *Thread {
	if flows == nil {
		flows = []FlowSpan{} // nil would stand for all
	}
	return &Thread{newFilter(l, Criteria{Flows: flows, DataOnly: true}, &threadIndex{})}
}

// Close ends the thread and waits for its goroutine. What it has found stays readable.
func (t *Thread) Close() { t.filter.Close() }

// Ready is [Filter.Ready].
func (t *Thread) Ready() <-chan struct{} { return t.filter.Ready() }

// Version moves whenever another method may answer differently than before.
func (t *Thread) Version() uint64 { return t.filter.Version() }

// Stats returns the log's statistics with the version, the bytes and the records of the thread; First and Last are the
// log's.
func (t *Thread) Stats() Stats {
	st := t.filter.log.Stats()
	st.Version = t.Version()
	t.filter.keeper.RLock()
	defer t.filter.keeper.RUnlock()
	x := t.filter.thread
	st.InBytes, st.OutBytes, st.InRecords, st.OutRecords = x.in, x.out, x.inRecs, x.outRecs
	st.FirstIn, st.FirstOut = x.firstIn, x.firstOut
	st.FirstBoth = x.firstIn + x.firstOut
	return st
}

// ReadAt reads payload of stream s of the thread from offset off on, as io.ReaderAt does; see [Log.ReadAt].
func (t *Thread) ReadAt(s Stream, p []byte, off int64) (int, error) {
	n := 0
	for n < len(p) {
		r, err := t.At(s, off+int64(n))
		if err != nil {
			return n, err
		}
		got, err := t.filter.log.Payload(r, p[n:], int(off+int64(n)-r.In(s)))
		n += got
		if err != nil && !errors.Is(err, io.EOF) {
			return n, err
		}
		if got == 0 {
			return n, fmt.Errorf("read record %d: %w", r.Number, errDamaged)
		}
	}
	return n, nil
}

// Spans appends to dst the records that hold the n bytes of stream s from off on, in order, with their offsets in the
// thread, and returns it; see [Log.Spans].
func (t *Thread) Spans(s Stream, off int64, n int, dst []Record) ([]Record, error) {
	for end := off + int64(n); off < end; {
		r, err := t.At(s, off)
		if errors.Is(err, io.EOF) {
			return dst, nil
		}
		if err != nil {
			return dst, err
		}
		dst = append(dst, r)
		off = r.In(s) + int64(r.Len)
	}
	return dst, nil
}

// At returns the record that holds the byte of stream s at off, with its offsets in the thread: ErrEvicted if it was
// deleted, io.EOF if it is not there yet.
func (t *Thread) At(s Stream, off int64) (Record, error) {
	t.filter.keeper.RLock()
	p, err := t.filter.thread.at(s, off)
	t.filter.keeper.RUnlock()
	if err != nil {
		return Record{}, err
	}
	r, err := t.filter.log.Record(p.number)
	r.Offset, r.BothOffset = p.offset(), p.in+p.out
	return r, err
}

// Place returns r, a Data record of the log, with its offsets in the thread. ok is false if it is no part of it.
func (t *Thread) Place(r Record) (placed Record, ok bool) {
	t.filter.keeper.RLock()
	p, ok := t.filter.thread.place(r.Number)
	t.filter.keeper.RUnlock()
	if !ok {
		return r, false
	}
	r.Offset, r.BothOffset = p.offset(), p.in+p.out
	return r, true
}

// threadIndex knows where the records of a thread begin in its streams.
type threadIndex struct {
	chunks []*threadChunk
	// Of the thread so far, and of what was evicted of it.
	in, out, inRecs, outRecs int64
	firstIn, firstOut        int64
}

// threadChunk is a run of records of a thread. The first number and offsets stand here; for each record follow how far
// its number is from the one before, and twice its length with the direction as the lowest bit, as varints.
type threadChunk struct {
	number  int64 // of the first record
	in, out int64 // offsets of the first record
	last    int64 // number of the last record
	n       int
	data    []byte
}

// chunkRecords is how many records a chunk holds; as many are looked at to find one.
const chunkRecords = 256

// threadPlace is where a record of a thread begins.
type threadPlace struct {
	number  int64
	dir     Direction
	n       int64
	in, out int64 // bytes of either direction ahead of it
}

// offset is where it begins in the stream of its direction.
func (p *threadPlace) offset() int64 {
	if p.dir == Out {
		return p.out
	}
	return p.in
}

// end is where it ends in stream s, and begin where it begins there; a record that is no part of s is empty.
func (p *threadPlace) span(s Stream) (begin, end int64) {
	switch s {
	case InOnly:
		begin = p.in
	case OutOnly:
		begin = p.out
	default:
		return p.in + p.out, p.in + p.out + p.n
	}
	if (s == InOnly) == (p.dir == In) {
		return begin, begin + p.n
	}
	return begin, begin
}

// add appends a record; one without bytes has no place in a stream.
func (x *threadIndex) add(number int64, d Direction, n int) {
	if n == 0 {
		return
	}
	var c *threadChunk
	if len(x.chunks) > 0 {
		c = x.chunks[len(x.chunks)-1]
	}
	if c == nil || c.n == chunkRecords {
		c = &threadChunk{number: number, in: x.in, out: x.out, last: number}
		x.chunks = append(x.chunks, c)
	}
	c.data = binary.AppendUvarint(c.data, uint64(number-c.last))
	c.data = binary.AppendUvarint(c.data, uint64(n)<<1|uint64(d))
	c.last = number
	if c.n++; c.n == chunkRecords {
		c.data = append(make([]byte, 0, len(c.data)), c.data...)
	}
	if d == In {
		x.in += int64(n)
		x.inRecs++
	} else {
		x.out += int64(n)
		x.outRecs++
	}
}

// each calls f for the records of the chunk in order, until it returns false.
func (c *threadChunk) each(f func(p *threadPlace) bool) {
	p := threadPlace{number: c.number, in: c.in, out: c.out}
	for data := c.data; len(data) > 0; {
		step, k := binary.Uvarint(data)
		data = data[k:]
		size, k := binary.Uvarint(data)
		data = data[k:]
		p.number += int64(step)
		p.n, p.dir = int64(size>>1), Direction(size&1)
		if !f(&p) {
			return
		}
		if p.dir == In {
			p.in += p.n
		} else {
			p.out += p.n
		}
	}
}

// start returns where the chunk begins in stream s.
func (c *threadChunk) start(s Stream) int64 {
	switch s {
	case InOnly:
		return c.in
	case OutOnly:
		return c.out
	}
	return c.in + c.out
}

// at returns the record that holds the byte of stream s at off.
func (x *threadIndex) at(s Stream, off int64) (found threadPlace, err error) {
	first, end := Stats{FirstIn: x.firstIn, FirstOut: x.firstOut, FirstBoth: x.firstIn + x.firstOut}.StreamStart(s),
		Stats{InBytes: x.in, OutBytes: x.out}.StreamEnd(s)
	switch {
	case off < 0:
		return found, fmt.Errorf("read capture: negative offset %d", off)
	case off >= end:
		return found, io.EOF
	case off < first:
		return found, ErrEvicted
	}
	// The last chunk that begins at or before off; those of the same begin before it have none of the stream's bytes.
	i := sort.Search(len(x.chunks), func(i int) bool { return x.chunks[i].start(s) > off }) - 1
	if i < 0 {
		return found, ErrEvicted
	}
	ok := false
	x.chunks[i].each(func(p *threadPlace) bool {
		begin, end := p.span(s)
		found, ok = *p, begin <= off && off < end
		return !ok
	})
	if !ok {
		return found, fmt.Errorf("read capture: %w: its index does not fit", errDamaged)
	}
	return found, nil
}

// place returns the record of that number.
func (x *threadIndex) place(number int64) (found threadPlace, ok bool) {
	i := sort.Search(len(x.chunks), func(i int) bool { return x.chunks[i].number > number }) - 1
	if i < 0 || number > x.chunks[i].last {
		return found, false
	}
	x.chunks[i].each(func(p *threadPlace) bool {
		found, ok = *p, p.number == number
		return p.number < number
	})
	return found, ok
}

// drop forgets the records below first.
func (x *threadIndex) drop(first int64) {
	gone := 0
	for gone < len(x.chunks) && x.chunks[gone].last < first {
		gone++
	}
	if gone == len(x.chunks) {
		x.chunks, x.firstIn, x.firstOut = nil, x.in, x.out
		return
	}
	if gone > 0 {
		x.chunks = append(make([]*threadChunk, 0, len(x.chunks)-gone), x.chunks[gone:]...)
	}
	x.chunks[0].each(func(p *threadPlace) bool {
		x.firstIn, x.firstOut = p.in, p.out
		return p.number < first
	})
}
