package capture

import (
	"context"
	"fmt"
	"io"
)

// FlowAhead is how many records behind the first [Log.ReadFlow] looks at.
const FlowAhead = 4096

// ReadFlow reads what the side that sent r said from off bytes into the payload of r on: payload of the Data records
// of the same flow and direction, whatever lies between them. It returns how many bytes, with an error if that is fewer
// than len(p): io.EOF where there is no more, ErrEvicted when it came to a record that was deleted.
//
// It looks at no more than 4,096 records behind r, and ends at the next Open of the flow, since that begins another
// connection. Where r is itself an Open, the other side's answer is none.
func (l *Log) ReadFlow(r Record, p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fmt.Errorf("read on from record %d: negative offset %d", r.Number, off)
	}
	f := flowReader{first: r.Number, ahead: FlowAhead, p: p, skip: off}
	for number := r.Number; !f.done(number); {
		sp, err := l.spanOfNumber(number)
		if err != nil {
			return f.n, err
		}
		number = sp.next
		if err := f.read(l.walk(sp)); err != nil {
			return f.n, err
		}
	}
	if f.n < len(p) {
		return f.n, io.EOF
	}
	return f.n, nil
}

// FlowLen counts the payload bytes that ReadFlow would go on to read from the first of r on, without reading them, among
// r and at most ahead records behind it. whole says that there are no more so far: it came to the end of the log, or of
// the connection. It ends with ctx's error, and what it has counted, when ctx does.
func (l *Log) FlowLen(ctx context.Context, r Record, ahead int64) (n int64, whole bool, err error) {
	f := flowReader{first: r.Number, ahead: max(ahead, 0), counts: true}
	for number := r.Number; !f.done(number); {
		if err := ctx.Err(); err != nil {
			return f.total, false, err
		}
		sp, err := l.spanOfNumber(number)
		if err == io.EOF {
			return f.total, true, nil
		}
		if err != nil {
			return f.total, false, err
		}
		number = sp.next
		if err := f.read(l.walk(sp)); err != nil {
			return f.total, false, err
		}
	}
	if f.over {
		return f.total, true, nil
	}
	return f.total, r.Number+f.ahead >= l.Stats().Last, nil
}

// flowReader is what ReadFlow and FlowLen remember from one span to the next.
type flowReader struct {
	first  int64 // number of the record it reads from
	ahead  int64 // how many behind that it looks at
	counts bool  // and reads nothing
	total  int64 // bytes counted

	p    []byte
	n    int   // bytes of p that are filled
	skip int64 // payload bytes to go over still

	ends   ends
	dir    Direction
	opened bool // the first record is an Open that was not answered yet
	over   bool
}

// done reports whether record number, and all behind it, need not be looked at.
func (f *flowReader) done(number int64) bool {
	return f.over || !f.counts && f.n == len(f.p) || number-f.first > f.ahead
}

// read takes what is wanted from the rest of a span, and gives w back.
func (f *flowReader) read(w *walker) error {
	defer w.done()
	for !f.done(w.number + 1) {
		ok, err := w.next()
		if !ok {
			return err
		}
		if w.number < f.first || !f.wants(w) {
			continue
		}
		if f.counts {
			f.total += int64(w.n)
			continue
		}
		if f.skip >= int64(w.n) {
			f.skip -= int64(w.n)
			continue
		}
		n, err := w.copy(f.p[f.n:], int(f.skip))
		f.n, f.skip = f.n+n, 0
		if err != nil {
			return fmt.Errorf("read %s: %w", w.sp.seg.path, err)
		}
	}
	return nil
}

// wants reports whether the current packet's payload goes on with what was read so far.
func (f *flowReader) wants(w *walker) bool {
	opens := w.opens()
	switch {
	case w.number == f.first:
		e, ok := w.ends()
		f.ends, f.dir, f.opened, f.over = e, w.dir, opens, !ok
	case !opens && (w.kind != Data || w.dir != f.dir), !w.isOf(&f.ends):
		return false
	case opens:
		f.over = !f.opened || w.dir == f.dir
		f.opened = false
	}
	return !f.over && w.kind == Data && w.dir == f.dir
}

// opens reports whether the current packet is a SYN or a SYN-ACK, in other programs' captures perhaps with data.
func (w *walker) opens() bool {
	return w.kind == Open || w.kind == Data && w.sp.seg.form != formNative && w.foreign.syn
}

// ends returns the ends of the current packet's flow; ok is false if it has none.
func (w *walker) ends() (e ends, ok bool) {
	if w.sp.seg.form != formNative {
		if !w.decoded {
			return ends{}, false
		}
		return endsOf(w.foreign.flow(w.dir)), true
	}
	if w.native.ports == 0 {
		return ends{}, false
	}
	return w.native.ends(w.head[:], w.dir), true
}

// isOf reports whether the current packet is of the flow with these ends.
func (w *walker) isOf(e *ends) bool {
	have, ok := w.ends()
	return ok && have == *e
}
