package app

import (
	"context"
	"errors"
	"io"
	"time"

	"fyne.io/fyne/v2"

	"wirebench/sessions/capture"
	"wirebench/sessions/inspect"
)

// followNewest selects the newest record with bytes, so that an answer stands
// in the inspector without a click, until the person selects something.
func (v *trafficView) followNewest() {
	last := v.log.Stats().Last
	if !v.following || last == v.followed && v.framed() == nil || time.Since(v.moved) < followEvery {
		return
	}
	v.moved = time.Now()
	if x := v.framed(); x != nil {
		v.followFrames(x)
		return
	}
	r, err := v.newestData(last)
	if err != nil {
		return
	}
	v.followed = last
	v.inspectRecord(r)
}

// newestData returns the newest record with bytes, as bytes() places it; of the
// whole capture it is looked for among the last few.
func (v *trafficView) newestData(last int64) (capture.Record, error) {
	if v.thread != nil {
		return v.thread.At(v.stream, v.thread.Stats().StreamEnd(v.stream)-1)
	}
	var recs [16]capture.Record
	from := max(last-int64(len(recs))+1, 1)
	n, err := v.log.Records(from, recs[:])
	for i := n - 1; i >= 0; i-- {
		if recs[i].Kind == capture.Data && recs[i].Len > 0 {
			return recs[i], nil
		}
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.EOF
	}
	return capture.Record{}, err
}

// chooseFirst selects the first record with bytes among the first few, so that
// an opened capture has something in every pane.
func (v *trafficView) chooseFirst() {
	var recs [64]capture.Record
	n, _ := v.log.Records(v.log.Stats().First, recs[:])
	for _, r := range recs[:n] {
		if r.Kind == capture.Data && r.Len > 0 {
			v.list.SelectNumber(r.Number)
			return
		}
	}
}

// inspectRecord shows the beginning of r in the inspector without moving the
// cursor.
func (v *trafficView) inspectRecord(r capture.Record) {
	off := r.In(v.stream)
	if off < 0 {
		return // the stream shown does not have it
	}
	buf := make([]byte, min(r.Len, inspectBytes))
	n, err := v.log.Payload(r, buf, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return
	}
	v.showPlace(off, buf[:n], 0)
}

// link lets one pane follow another without the other following back.
func (v *trafficView) link(f func()) {
	if v.linking {
		return
	}
	v.linking = true
	f()
	v.linking = false
}

// recordChosen shows the bytes of the record that was selected in the list.
func (v *trafficView) recordChosen(r capture.Record) {
	v.link(func() {
		v.following = false
		v.choose(r)
		if r.Kind != capture.Data || r.Len == 0 {
			return
		}
		r, ok := v.place(r)
		if !ok {
			return // its connection was chosen a moment ago
		}
		if r.In(v.stream) < 0 {
			v.setStream(capture.Both)
		}
		off := r.In(v.stream)
		v.hex.SetSelection(off, int64(r.Len))
		v.inspectAt(off)
	})
}

// choose takes down the record that the person selected.
func (v *trafficView) choose(r capture.Record) {
	v.chosen = r
	v.frames.moved.Add(1) // what follows the selection looks at it in the next tick
	if v.onChosen != nil {
		v.onChosen(r)
	}
}

// cursorMoved follows the cursor in the bytes.
func (v *trafficView) cursorMoved(off int64) {
	v.link(func() {
		if off < 0 {
			return
		}
		v.following = false
		v.showRecordAt(off)
		v.inspectAt(off)
	})
}

// bytesSelected shows the selection as one value.
func (v *trafficView) bytesSelected(off, n int64) {
	v.link(func() {
		v.following = false
		if n == 0 {
			off = v.hex.Cursor()
		}
		v.inspectAt(off)
		v.frames.moved.Add(1)
		if n == 0 {
			v.choose(v.chosen) // of which one byte is looked at now
		}
	})
}

// onOneByte reports whether the cursor is on a byte with nothing selected.
func (v *trafficView) onOneByte() bool {
	_, n := v.hex.Selection()
	return n == 0 && v.hex.Cursor() >= 0
}

// showRecordAt marks the record that holds a byte of the stream shown.
func (v *trafficView) showRecordAt(off int64) {
	r, err := v.bytes().At(v.stream, off)
	if err != nil {
		return
	}
	if v.framed() != nil {
		v.showFrameAt(r, int(off-r.In(v.stream)))
	} else {
		v.list.SelectNumber(r.Number)
	}
	v.choose(r)
}

// inspectAt shows the bytes from off on.
func (v *trafficView) inspectAt(off int64) {
	b := v.bytesAt(off)
	if len(b) == 0 {
		return
	}
	start, length := v.hex.Selection()
	if start != off {
		length = 0
	}
	v.showPlace(off, b, int(length))
	if len(b) < inspectBytes {
		v.growing = growingPlace{shown: true, off: off, n: len(b), version: v.log.Version()}
	}
}

// growingPlace is what the inspector shows of the end of what a connection said
// so far: there may be more of it later.
type growingPlace struct {
	shown   bool
	off     int64
	n       int    // bytes there were
	version uint64 // of the log then
}

// freshen shows the bytes that have come behind those of the inspector.
func (v *trafficView) freshen() {
	g := v.growing
	if !g.shown || v.log.Version() == g.version || time.Since(v.moved) < followEvery {
		return
	}
	v.moved = time.Now()
	v.growing.version = v.log.Version()
	if len(v.bytesAt(g.off)) > g.n {
		v.inspectAt(g.off)
	}
}

// bytesAt returns the bytes from off on. They go on in the connection and the
// direction they began in, not in what happened to follow.
func (v *trafficView) bytesAt(off int64) []byte {
	r, err := v.bytes().At(v.stream, off)
	if err != nil {
		return nil
	}
	buf := make([]byte, inspectBytes)
	n, _ := v.log.ReadFlow(r, buf, off-r.In(v.stream)) // what it could not read is not there yet, or no longer
	return buf[:n]
}

// showPlace shows the bytes b, which begin at off of the stream shown, in the
// inspector.
func (v *trafficView) showPlace(off int64, b []byte, selected int) {
	p, start := inspect.Place{Bytes: b, Offset: off, Selected: selected}, off
	v.stopCounting()
	r, err := v.bytes().At(v.stream, off)
	if err == nil {
		start = r.In(v.stream)
		if len(b) == inspectBytes || v.log.Stats().Last-r.Number > capture.FlowAhead { // there may be more than was read
			n, whole, err := v.log.FlowLen(v.ctx, r, countedAtOnce)
			p.Total, p.AtLeast = max(start+n, off+int64(len(b))), err != nil || !whole
		}
	}
	v.inspector.SetPlace(p, start)
	if p.AtLeast {
		v.countOn(r, start, p.Total)
	}
}

const (
	// countedAtOnce is how many records the window looks at to count bytes.
	countedAtOnce = 256
	// mostCounted is how many are looked at beside it: behind those it is "at
	// least".
	mostCounted = 1 << 20
)

// countOn counts the bytes of the connection and direction of r, which begins at
// start of the stream shown, beside the window, and tells the inspector unless it
// shows another place by then. It knows of those up to counted.
func (v *trafficView) countOn(r capture.Record, start, counted int64) {
	ctx, cancel := context.WithCancel(v.ctx)
	v.uncount = cancel
	v.bench.work.Go(func() {
		select {
		case <-ctx.Done(): // the cursor only passed by
			return
		case <-time.After(checksumWait):
		}
		n, whole, err := v.log.FlowLen(ctx, r, mostCounted)
		fyne.Do(func() {
			if ctx.Err() == nil {
				v.inspector.SetTotal(max(start+n, counted), err != nil || !whole)
			}
			cancel()
		})
	})
}

// stopCounting is for when the inspector shows something else.
func (v *trafficView) stopCounting() {
	v.growing = growingPlace{}
	if v.uncount != nil {
		v.uncount()
	}
}
