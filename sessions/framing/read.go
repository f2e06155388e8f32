package framing

import (
	"fmt"
	"io"
	"sort"

	"wirebench/sessions/capture"
)

// reader cuts once more what lies behind a checkpoint.
type reader struct {
	scan  *capture.Scanner
	lanes *lanes
	stop  bool
}

func (x *Index) reader() *reader {
	r, _ := x.readers.Get().(*reader)
	if r == nil {
		r = &reader{scan: x.log.NewScanner(x.flows), lanes: newLanes(x.rules, x.want)}
	}
	r.stop = false
	return r
}

func (x *Index) release(r *reader) {
	r.lanes.ended = nil
	r.lanes.abandon() // and with them what it has of a checkpoint
	r.scan.Close()
	x.readers.Put(r)
}

// run cuts the records from the checkpoint up to number to, until before or after say so by setting stop. Both may be
// nil; before is called ahead of each record, after behind it.
func (r *reader) run(c *checkpoint, to int64, before, after func(s *capture.Scanner)) error {
	r.lanes.restore(c)
	for number := c.number; number <= to && !r.stop; number = r.scan.Next() {
		ok, err := r.scan.Load(number)
		if err != nil {
			return fmt.Errorf("read frame: %w", err)
		}
		if !ok || r.scan.First() > number {
			return errGone
		}
		for !r.stop && r.scan.Scan() {
			if r.scan.Number > to {
				return nil
			}
			if before != nil {
				if before(r.scan); r.stop {
					return nil
				}
			}
			r.lanes.take(r.scan)
			if after != nil {
				after(r.scan)
			}
		}
		if err := r.scan.Err(); err != nil {
			return fmt.Errorf("read frame: %w", err)
		}
	}
	return nil
}

// look is what a reader needs of the index, as it is at some time.
type look struct {
	points []*checkpoint
	frames int64
	next   int64
}

func (x *Index) look() look {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return look{x.points, x.lanes.frames, x.next}
}

// made returns the frame that a reader's lane has come to the end of.
func (v *look) made(k *laneKey, s *state, r *rule, as State, number int64) Frame {
	f := s.frame(r, as)
	f.Number, f.Dir, f.Flow = number, k.dir, k.flow
	v.points[0].mourn(&f, k)
	return f
}

// Frames fills dst with what is listed from number from on, one after the other. It returns how many, with an error if
// that is fewer than len(dst): io.EOF at the end of what was found, [capture.ErrEvicted] if from was deleted, and another
// if what the capture holds is no longer what was found.
func (x *Index) Frames(dst []Frame, from int64) (int, error) {
	v := x.look()
	switch {
	case from < 1:
		return 0, fmt.Errorf("read frame %d: frames are numbered from 1", from)
	case len(dst) == 0:
		return 0, nil
	case from > v.frames:
		return 0, io.EOF
	}
	n, last := 0, min(v.frames, from+int64(len(dst))-1)
	r := x.reader()
	defer x.release(r)
	r.lanes.ended = func(k *laneKey, s *state, by *rule, as State, number int64) {
		if number == from+int64(n) && number <= last {
			dst[n] = v.made(k, s, by, as, number)
			n++
			r.stop = number == last
		}
	}
	for from+int64(n) <= last {
		i := v.before(from + int64(n))
		if i < 0 {
			return n, errGone
		}
		had := n
		if err := r.run(v.points[i], v.until(i, last)-1, nil, nil); err != nil {
			return n, err
		}
		if n == had {
			return n, fmt.Errorf("read frame %d: %w", from+int64(n), errChanged)
		}
	}
	if n < len(dst) {
		return n, io.EOF
	}
	return n, nil
}

// before returns the last checkpoint ahead of the end of the frame of that number, -1 if there is none.
func (v *look) before(number int64) int {
	return sort.Search(len(v.points), func(i int) bool { return v.points[i].frames >= number }) - 1
}

// until returns the number of the record up to which it pays to go on from checkpoint i to the frame last: between the
// checkpoints behind it nothing may end for long.
func (v *look) until(i int, last int64) int64 {
	for i++; i < len(v.points); i++ {
		if p := v.points[i]; p.frames >= last || i+1 < len(v.points) && v.points[i+1].frames == p.frames {
			return p.number
		}
	}
	return v.next
}

// Frame returns the frame of that number: [capture.ErrEvicted] if it was deleted, io.EOF if it is not there yet.
func (x *Index) Frame(number int64) (Frame, error) {
	var one [1]Frame
	_, err := x.Frames(one[:], number)
	return one[0], err
}

// IndexOf returns the number of the first that is listed and ended with a record of at least that number: one more than
// the last one's if there is none yet.
func (x *Index) IndexOf(record int64) (int64, error) {
	v := x.look()
	if record >= v.next {
		return v.frames + 1, nil
	}
	i, ok := pointAt(v.points, record)
	if !ok {
		if len(v.points) == 0 {
			return v.frames + 1, nil
		}
		return v.points[0].frames + 1, nil
	}
	r := x.reader()
	defer x.release(r)
	err := r.run(v.points[i], record-1, nil, nil)
	return r.lanes.frames + 1, err
}

// FrameAt returns the frame that holds the byte of the log's stream s at off; see [Index.FrameOf].
func (x *Index) FrameAt(s capture.Stream, off int64) (Frame, error) {
	record, err := x.log.At(s, off)
	if err != nil {
		return Frame{}, err
	}
	return x.FrameOf(record.Number, int(off-record.In(s)))
}

// FrameOf returns the frame that holds the byte at of the payload of a record, which is one of the connections asked
// for. The frame may still be growing or not be listed, and then has no number. It returns [capture.ErrEvicted] if the
// record was deleted, io.EOF if the index has not come to it.
func (x *Index) FrameOf(record int64, at int) (f Frame, err error) {
	for range 10 {
		v := x.look()
		if record >= v.next {
			return Frame{}, io.EOF
		}
		f, err = x.frameOf(&v, record, at)
		if err != io.EOF {
			break
		}
		// It has ended since, behind what was there then.
	}
	return f, err
}

// frameOf is FrameOf as far as v goes, and io.EOF if the frame ends behind that.
func (x *Index) frameOf(v *look, record int64, at int) (Frame, error) {
	i, ok := pointAt(v.points, record)
	if !ok {
		return Frame{}, errGone
	}
	o := x.owner(v, i, record, at)
	if o.err != nil || o.found {
		return o.frame, o.err
	}
	// It goes on behind the record: to the last checkpoint that it is in the middle of, and to its end from there.
	later := v.points[i+1:]
	j := sort.Search(len(later), func(j int) bool { return later[j].find(o.key, o.first, o.start) == nil })
	c := v.points[i+j]
	r := x.reader()
	defer x.release(r)
	r.lanes.ended = func(k *laneKey, s *state, by *rule, as State, number int64) {
		if !r.stop && s.first == o.first && s.start == int32(o.start) && *k == *o.key {
			o.frame, o.found, r.stop = v.made(k, s, by, as, number), true, true
		}
	}
	err := r.run(c, v.next-1, nil, nil)
	if err != nil || o.found {
		return o.frame, err
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	if l := x.lanes.byKey[*o.key]; l != nil && l.state.n > 0 && l.state.first == o.first && l.state.start == int32(o.start) {
		f := x.growing(l.key, &l.state)
		if len(x.points) > 0 {
			x.points[0].mourn(&f, l.key)
		}
		return f, nil
	}
	return Frame{}, io.EOF
}

// owner is what is known of the frame of a byte after looking at its record.
type owner struct {
	frame Frame
	found bool // it has ended with the record
	err   error
	key   *laneKey
	first int64
	start int
}

// owner looks for the frame of the byte at of a record, from checkpoint i on.
func (x *Index) owner(v *look, i int, record int64, at int) (o owner) {
	r := x.reader()
	defer x.release(r)
	seen := false
	o.err = fmt.Errorf("read the frame of record %d: %w", record, errNoData)
	err := r.run(v.points[i], record, func(s *capture.Scanner) {
		if s.Number != record {
			return
		}
		if r.stop = s.Kind != capture.Data || at < 0 || at >= max(len(s.Payload), 1); r.stop {
			return
		}
		seen, o.key = true, &laneKey{s.Flow(), s.Dir}
		r.lanes.ended = func(k *laneKey, s *state, by *rule, as State, number int64) {
			if !o.found && *k == *o.key && s.last == record && int(s.end) > at ||
				s.first == record && s.n == 0 { // an empty datagram
				o.frame, o.found = v.made(k, s, by, as, number), true
			}
		}
	}, nil)
	switch {
	case err != nil:
		o.err = err
	case seen:
		o.err = nil
	}
	if o.found || !seen || o.err != nil {
		return o
	}
	if l := r.lanes.byKey[*o.key]; l != nil && l.state.n > 0 {
		o.first, o.start = l.state.first, int(l.state.start)
	} else {
		o.err = fmt.Errorf("read the frame of record %d: %w", record, errNoData)
	}
	return o
}

// ReadAt reads bytes of f, a frame of this index, from its byte off on. It returns how many bytes, with io.EOF if that
// is fewer than len(p), and [capture.ErrEvicted] where they were deleted.
func (x *Index) ReadAt(f *Frame, p []byte, off int64) (int, error) {
	switch {
	case off < 0:
		return 0, fmt.Errorf("read frame: negative offset %d", off)
	case len(p) == 0:
		return 0, nil
	case off >= f.Len:
		return 0, io.EOF
	}
	short := int64(len(p)) > f.Len-off
	if short {
		p = p[:f.Len-off]
	}
	n, err := x.readAt(f, p, off)
	if err == nil && short {
		err = io.EOF
	}
	return n, err
}

// mostRecord is more than any record's payload.
const mostRecord = 1 << 30

func (x *Index) readAt(f *Frame, p []byte, off int64) (int, error) {
	if off < mostRecord {
		r, err := x.log.Record(f.First)
		if f.First == f.Last && err != nil {
			return 0, err
		}
		if at := f.Start + int(off); f.First == f.Last || err == nil && at+len(p) <= r.Len {
			return x.log.Payload(r, p, at)
		}
	}
	// From its first record, or from a checkpoint in the middle of it.
	from, at := f.First, -int64(f.Start)
	v := x.look()
	k := laneKey{f.Flow, f.Dir}
	i, _ := pointAt(v.points, f.First)
	ahead := v.points[min(max(i+1, 0), len(v.points)):]
	n := sort.Search(len(ahead), func(i int) bool {
		s := ahead[i].find(&k, f.First, f.Start)
		return s == nil || s.n > off
	})
	if n > 0 {
		from, at = ahead[n-1].number, ahead[n-1].find(&k, f.First, f.Start).n
	}
	s := x.log.NewScanner([]capture.FlowSpan{{Flow: f.Flow}})
	defer s.Close()
	got := 0
	for number := from; got < len(p) && number <= f.Last; number = s.Next() {
		ok, err := s.Load(number)
		if err != nil {
			return got, fmt.Errorf("read frame: %w", err)
		}
		if !ok || s.First() > number {
			return got, errGone
		}
		for got < len(p) && s.Scan() {
			if s.Kind != capture.Data || s.Dir != f.Dir {
				continue
			}
			if skip := off + int64(got) - at; skip < int64(len(s.Payload)) {
				got += copy(p[got:], s.Payload[skip:])
			}
			at += int64(len(s.Payload))
		}
		if err := s.Err(); err != nil {
			return got, fmt.Errorf("read frame: %w", err)
		}
	}
	if got < len(p) {
		return got, io.ErrUnexpectedEOF
	}
	return got, nil
}
