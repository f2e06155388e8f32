package app

import (
	"time"

	"wirebench/sessions/capture"
	"wirebench/widgets"
)

// byteSource is what the bytes of a view come from.
type byteSource interface {
	widgets.Bytes
	At(s capture.Stream, off int64) (capture.Record, error)
}

var (
	_ byteSource = (*capture.Log)(nil)
	_ byteSource = (*capture.Thread)(nil)
)

// bytes are those of the whole capture, or of the connections that are shown
// alone. Offsets on screen are theirs.
func (v *trafficView) bytes() byteSource {
	if v.thread != nil {
		return v.thread
	}
	return v.log
}

// place returns a record of the log with its offsets in the bytes shown; ok is
// false when it is no part of them, or not yet known to be.
func (v *trafficView) place(r capture.Record) (placed capture.Record, ok bool) {
	if v.thread != nil {
		return v.thread.Place(r)
	}
	return r, true
}

// setOnly shows these connections alone, within their times; none shows all.
func (v *trafficView) setOnly(spans []capture.FlowSpan) {
	old := v.thread
	v.only, v.thread = spans, nil
	if spans != nil {
		v.thread = capture.NewThread(v.log, spans)
	}
	if v.thread != nil {
		await(v.thread.Ready())
	}
	v.link(func() { v.hex.SetSource(v.bytes()) })
	if old != nil {
		old.Close()
	}
	v.find.at = -1
	// What the inspector showed is no part of these bytes, or elsewhere in them.
	v.stopCounting()
	v.inspector.Clear()
	v.followed, v.moved = 0, time.Time{}
	v.hex.SetFollow(v.following)
	v.relist()
}

// shortWait is how long the screen waits for what is mostly there at once.
const shortWait = 2 * time.Millisecond

// await waits a moment for what would otherwise be seen to come: a list that is
// empty first looks as if there were nothing.
func await(ready <-chan struct{}) {
	t := time.NewTimer(shortWait)
	defer t.Stop()
	select {
	case <-ready:
	case <-t.C:
	}
}

// inLog returns the offset in the log's stream of the byte at off in the bytes
// shown.
func (v *trafficView) inLog(off int64) int64 {
	if v.thread == nil {
		return off
	}
	placed, err := v.thread.At(v.stream, off)
	if err != nil {
		return 0
	}
	r, err := v.log.Record(placed.Number)
	if err != nil {
		return 0
	}
	return r.In(v.stream) + off - placed.In(v.stream)
}

// shows returns what tells whether a match in the log's stream is in the bytes
// shown, and where; it may be asked on any goroutine.
func (v *trafficView) shows() func(m capture.Match) (off int64, ok bool) {
	log, thread, stream := v.log, v.thread, v.stream
	return func(m capture.Match) (int64, bool) {
		if thread == nil {
			return m.Off, true
		}
		r, err := log.Record(m.Number)
		if err != nil {
			return 0, false
		}
		placed, ok := thread.Place(r)
		return m.Off - r.In(stream) + placed.In(stream), ok
	}
}
