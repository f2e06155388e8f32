package widgets

import (
	"wirebench/sessions/framing"
)

// SelectedFrame returns the frame that was selected last, the moving end of a range; ok is false when the list shows no
// frames, or an event is selected.
func (t *TrafficList) SelectedFrame() (f framing.Frame, ok bool) {
	if t.head == 0 {
		return framing.Frame{}, false
	}
	e := t.rows.entry(t.head)
	if e.err != nil || e.frame == nil {
		return framing.Frame{}, false
	}
	return *e.frame, true
}

// SelectByte selects the frame of a byte of a record's payload and scrolls to it, or nothing if that is not in the list.
// It calls OnSelectFrame where that is known at once.
func (t *TrafficList) SelectByte(record int64, at int) {
	t.rows.look()
	number, wait := t.rows.frameWith(record, at)
	if wait {
		t.ClearSelection()
		t.seek = spot{record: record, at: at, selected: true, exact: true, top: t.grid.Top()}
		return
	}
	t.rows.look() // it may have come a moment ago
	if !t.selectNumber(number) {
		t.ClearSelection()
	}
}

// SelectListed selects what has that number in the list of frames and scrolls to it. It tells whether it is there.
func (t *TrafficList) SelectListed(number int64) bool {
	t.rows.look()
	return t.rows.frames != nil && t.selectNumber(number)
}
