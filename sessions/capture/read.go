package capture

import (
	"errors"
	"fmt"
	"io"
	"time"
)

// Record returns the record of that number: ErrEvicted if it was deleted, io.EOF if it is not there yet.
func (l *Log) Record(number int64) (Record, error) {
	var r [1]Record
	if n, err := l.Records(number, r[:]); n == 0 {
		return Record{}, err
	}
	return r[0], nil
}

// Records fills dst with consecutive records from number from on. It returns how many, with an error if that is fewer
// than len(dst): io.EOF at the end of what is readable, ErrEvicted if from was deleted.
func (l *Log) Records(from int64, dst []Record) (int, error) {
	n := 0
	for n < len(dst) {
		sp, err := l.spanOfNumber(from + int64(n))
		if err != nil {
			return n, err
		}
		w := l.walk(sp)
		for n < len(dst) {
			ok, werr := w.next()
			if !ok {
				err = werr
				break
			}
			if w.number == from+int64(n) {
				dst[n] = w.record()
				n++
			}
		}
		w.done()
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// ReadAt reads payload of stream s from offset off on, as io.ReaderAt does: it returns how many bytes, with an error if
// that is fewer than len(p): io.EOF at the end of what is readable, ErrEvicted when it came to bytes that were deleted.
func (l *Log) ReadAt(s Stream, p []byte, off int64) (int, error) {
	n := 0
	for n < len(p) {
		sp, err := l.spanOfByte(s, off+int64(n))
		if err != nil {
			return n, err
		}
		w := l.walk(sp)
		before := n
		for n < len(p) {
			ok, werr := w.next()
			if !ok {
				err = werr
				break
			}
			at, ok := w.has(s)
			skip := off + int64(n) - at
			if !ok || skip >= int64(w.n) {
				continue
			}
			c, werr := w.copy(p[n:], int(skip))
			n += c
			if werr != nil {
				err = fmt.Errorf("read %s: %w", sp.seg.path, werr)
				break
			}
		}
		w.done()
		if err == nil && n == before {
			err = fmt.Errorf("read %s: %w: its index does not fit", sp.seg.path, errDamaged)
		}
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// Payload reads payload of r, a record of this log, from its byte off on. It returns how many bytes, with io.EOF if
// that is fewer than len(p).
func (l *Log) Payload(r Record, p []byte, off int) (int, error) {
	if off < 0 {
		return 0, fmt.Errorf("read payload of record %d: negative offset %d", r.Number, off)
	}
	if r.at == 0 && r.Len > 0 {
		found, err := l.Record(r.Number)
		if err != nil {
			return 0, err
		}
		r = found
	}
	n := min(len(p), r.Len-off)
	if n <= 0 {
		if len(p) == 0 {
			return 0, nil
		}
		return 0, io.EOF
	}
	sp, err := l.spanOfNumber(r.Number)
	if err != nil {
		return 0, err
	}
	defer l.leave(sp.seg)
	got, err := readFull(sp.seg.file, p[:n], r.at+int64(off))
	if err == nil && got < len(p) {
		err = io.EOF
	}
	return got, err
}

// Spans appends to dst the Data records that hold the n bytes of stream s from off on, in order, and returns it. It
// ends with what is readable: no error if that is less. It returns ErrEvicted when off was deleted.
func (l *Log) Spans(s Stream, off int64, n int, dst []Record) ([]Record, error) {
	for end := off + int64(n); off < end; {
		sp, err := l.spanOfByte(s, off)
		if errors.Is(err, io.EOF) {
			return dst, nil
		}
		if err != nil {
			return dst, err
		}
		w := l.walk(sp)
		before := off
		for off < end {
			ok, werr := w.next()
			if !ok {
				err = werr
				break
			}
			if at, ok := w.has(s); ok && at+int64(w.n) > off {
				dst = append(dst, w.record())
				off = at + int64(w.n)
			}
		}
		w.done()
		if err == nil && off == before {
			err = fmt.Errorf("read %s: %w: its index does not fit", sp.seg.path, errDamaged)
		}
		if err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// At returns the Data record that holds the byte of stream s at off: ErrEvicted if it was deleted, io.EOF if it is not
// there yet.
func (l *Log) At(s Stream, off int64) (Record, error) {
	var room [1]Record
	found, err := l.Spans(s, off, 1, room[:0])
	if err != nil {
		return Record{}, err
	}
	if len(found) == 0 {
		return Record{}, io.EOF
	}
	return found[0], nil
}

// AtTime returns the number of the first kept record at or after t. Behind the last one it returns io.EOF with the
// number the next record will have.
func (l *Log) AtTime(t time.Time) (int64, error) {
	ns := stampOf(t)
	l.mu.Lock()
	first, last := l.now.number+1, l.now.number
	if len(l.segs) > 0 {
		first = l.segs[0].entries[0].number
	}
	sp, ok := span{}, false
	if !l.released {
		sp, ok = l.find(func(e *entry) bool { return e.latest < ns })
	}
	released := l.released
	l.mu.Unlock()
	switch {
	case released:
		return 0, errReleased
	case !ok && first > last:
		return first, io.EOF
	case !ok:
		return first, nil
	}
	w := l.walk(sp)
	defer w.done()
	for {
		ok, err := w.next()
		if err != nil {
			return 0, err
		}
		if !ok {
			break
		}
		if w.f.time >= ns {
			return w.number, nil
		}
	}
	// All of the span is earlier, so all of the log was when the span was looked up.
	return sp.next, io.EOF
}

// spanOfNumber returns the span that holds a record.
func (l *Log) spanOfNumber(number int64) (span, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.released:
		return span{}, errReleased
	case number < 1:
		return span{}, fmt.Errorf("read record %d: records are numbered from 1", number)
	case number > l.now.number:
		return span{}, io.EOF
	}
	sp, ok := l.find(func(e *entry) bool { return e.number <= number })
	if !ok {
		return span{}, ErrEvicted
	}
	return sp, nil
}

// spanOfByte returns the span that holds a byte of a stream.
func (l *Log) spanOfByte(s Stream, off int64) (span, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	end := entry{in: l.now.in, out: l.now.out}.stream(s)
	switch {
	case l.released:
		return span{}, errReleased
	case off < 0:
		return span{}, fmt.Errorf("read capture: negative offset %d", off)
	case off >= end:
		return span{}, io.EOF
	}
	sp, ok := l.find(func(e *entry) bool { return e.stream(s) <= off })
	if !ok {
		return span{}, ErrEvicted
	}
	return sp, nil
}
