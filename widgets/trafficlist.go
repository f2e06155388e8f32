package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/capture"
	"wirebench/sessions/framing"
	"wirebench/widgets/grid"
	"wirebench/widgets/words"
)

var (
	_ fyne.Widget       = (*TrafficList)(nil)
	_ grid.LowerBounded = (*trafficRows)(nil)
	_ Records           = (*capture.Log)(nil)
	_ RecordFilter      = (*capture.Filter)(nil)
)

// Records is what a [TrafficList] shows. *[capture.Log] is one; the methods mean the same there. They are called on
// the UI goroutine, for the rows on screen and for what is copied.
type Records interface {
	Stats() capture.Stats
	Record(number int64) (capture.Record, error)
	Records(from int64, dst []capture.Record) (int, error)
	Payload(r capture.Record, p []byte, off int) (int, error)
}

// RecordFilter chooses which records a [TrafficList] shows. *[capture.Filter] is one.
type RecordFilter interface {
	Len() int64
	// Nth returns the number of the i-th chosen record, from 0.
	Nth(i int64) (number int64, ok bool)
	// IndexOf returns the index of the first chosen record whose number is at least number.
	IndexOf(number int64) int64
}

// TimeMode says how the time column is written.
type TimeMode uint8

const (
	TimeAbsolute TimeMode = iota // the time of day, 15:04:05.000000
	TimeRelative                 // seconds since the first record
)

// TrafficList shows the records of a capture, one a row: number, time, time since the row before, direction, peer,
// length and the beginning of the payload. It follows the end until it is scrolled up.
//
// With [TrafficList.SetFrames] it shows frames in their place, numbered as they are listed: those that have not ended
// come last, and what is wrong with one stands before its payload.
//
// Drawing reads what is on screen only, and each row once. All methods and callbacks belong to the UI goroutine.
type TrafficList struct {
	widget.BaseWidget

	// OnSelect is called when another record has been selected; with a range, it is the record at the end that moves.
	OnSelect func(r capture.Record)
	// OnMenu is called for a secondary click with the record under it, which is selected then, and the absolute
	// position for a pop-up menu.
	OnMenu func(r capture.Record, pos fyne.Position)
	// OnSelectFrame and OnMenuFrame are called in their place where it is a frame.
	OnSelectFrame func(f framing.Frame)
	OnMenuFrame   func(f framing.Frame, pos fyne.Position)
	// OnNotice is called with a sentence for the person, such as that only a part was copied.
	OnNotice func(text string)
	// OnScrolled is called when the visible part or Following has changed.
	OnScrolled func()

	rows *trafficRows
	grid *grid.Grid

	anchor, head int64 // numbers in the list of the two ends of the selection; 0 for none
	topNumber    int64 // of the row at the top, to keep it there when rows before it go
	seek         spot  // what is to be shown as soon as it is in the list
	untold       bool  // what is selected is not read yet, and was not told of
	copies       int   // how many were asked for
}

// NewTrafficList returns a list of the records of src that follows the end.
func NewTrafficList(src Records) *TrafficList {
	t := &TrafficList{}
	t.rows = newTrafficRows(t, src)
	t.grid = grid.New(t.rows)
	t.grid.Label = words.Say("Traffic")
	t.setHint()
	t.grid.OnTapped = t.tapped
	t.grid.OnDragged = t.drag
	t.grid.OnKey = t.key
	t.grid.OnMenu = t.menu
	t.grid.OnScrolled = t.scrolled
	t.grid.Pointer = desktop.DefaultCursor
	t.grid.SetFollow(true)
	t.ExtendBaseWidget(t)
	t.rows.look()
	t.dressGrid()
	return t
}

// Update is to be called when the capture or the filter may have changed, at most once a frame. It reads what is new
// on screen and repaints the rows that differ.
func (t *TrafficList) Update() {
	t.rows.look()
	if hint := t.grid.Hint; t.rows.Rows() <= t.rows.First() {
		if t.setHint(); hint != t.grid.Hint {
			t.dressGrid()
		}
	}
	t.keepPlace()
	t.sync()
	t.settle()
	if t.untold {
		t.tellSelected()
	}
}

// sync repaints until the columns fit what is on screen. Reading rows can widen a column, and that once more.
func (t *TrafficList) sync() {
	for range 3 {
		t.rows.prefetch(t.grid.Top(), t.grid.VisibleRows()+1, t.grid.Following())
		t.rows.fit(t.grid.VisibleColumns())
		if t.rows.changed {
			t.dressGrid()
		}
		t.grid.Update()
		if !t.rows.widened {
			break
		}
	}
	t.topNumber, _ = t.rows.number(t.grid.Top())
}

// dressGrid hands header and width to the grid after the columns have changed.
func (t *TrafficList) dressGrid() {
	t.rows.changed, t.rows.widened = false, false
	t.grid.HeaderLine = t.rows.header()
	t.grid.Columns = t.rows.fixed() + leastPreview
	t.grid.Refresh()
}

// keepPlace keeps the row at the top where it is when a filter loses records before it to eviction.
func (t *TrafficList) keepPlace() {
	if t.rows.filter == nil || t.rows.frames != nil || t.grid.Following() || t.topNumber == 0 {
		return
	}
	if row := t.rows.filter.IndexOf(t.topNumber); row != t.grid.Top() {
		t.grid.ScrollToTop(row)
	}
}

func (t *TrafficList) scrolled() {
	t.topNumber, _ = t.rows.number(t.grid.Top())
	if t.rows.widened {
		t.dressGrid()
	}
	call(t.OnScrolled)
}

// SetFilter shows only what f chooses, or everything with nil. The selected record stays in view if it is chosen.
// The caller keeps f open while it is set.
func (t *TrafficList) SetFilter(f RecordFilter) {
	following := t.grid.Following()
	t.rows.setFilter(f)
	t.setHint()
	t.topNumber = 0
	t.showCursor()
	t.grid.SetFollow(following)
	if row, ok := t.rows.rowOf(t.head); ok && !following {
		t.grid.Update() // the grid has to know the rows before it can go to one
		t.grid.ScrollTo(row)
	}
	t.dressGrid()
	t.sync()
}

// SetTimeMode chooses how the time column is written.
func (t *TrafficList) SetTimeMode(m TimeMode) {
	if m == t.rows.mode {
		return
	}
	t.rows.mode = m
	t.rows.look()
	t.dressGrid()
	t.sync()
}

// TimeMode returns how the time column is written.
func (t *TrafficList) TimeMode() TimeMode { return t.rows.mode }

// SetFollow makes the list keep to the end, or stop doing so.
func (t *TrafficList) SetFollow(on bool) {
	if on {
		t.seek = spot{}
	}
	t.grid.SetFollow(on)
	t.sync()
}

// Following tells whether the list keeps to the end.
func (t *TrafficList) Following() bool { return t.grid.Following() }

// Focus takes the keyboard of the window with that canvas.
func (t *TrafficList) Focus(on fyne.Canvas) { on.Focus(t.grid) }

// HasFocus tells whether it has that keyboard.
func (t *TrafficList) HasFocus(on fyne.Canvas) bool { return on.Focused() == fyne.Focusable(t.grid) }

// Refresh looks everything up anew, the theme too.
func (t *TrafficList) Refresh() {
	t.grid.Refresh()
	t.BaseWidget.Refresh()
}

// CreateRenderer is part of fyne.Widget.
func (t *TrafficList) CreateRenderer() fyne.WidgetRenderer {
	return &faceRenderer{
		objects: []fyne.CanvasObject{t.grid},
		layout: func(size fyne.Size) {
			if size != t.grid.Size() {
				t.grid.Resize(size)
				t.sync() // the preview is as wide as there is room
			}
		},
		minSize: func() fyne.Size { return fyne.NewSize(200, 80) },
	}
}

// Behind returns how many frames are listed behind those that have a number, as of the last Update, and how many of these
// have not ended: the last one of a capture that can no longer grow may be over with it.
func (t *TrafficList) Behind() (listed, unfinished int64) {
	if t.rows.frames == nil {
		return 0, 0
	}
	for i := range t.rows.growing {
		if t.rows.growing[i].State != framing.Complete {
			unfinished++
		}
	}
	return int64(len(t.rows.growing)), unfinished
}

// Rows returns how many records or frames are listed, as of the last Update.
func (t *TrafficList) Rows() int64 { return max(t.rows.Rows()-t.rows.First(), 0) }
