package widgets

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/capture"
	"wirebench/sessions/charset"
	"wirebench/sessions/inspect"
	"wirebench/widgets/grid"
	"wirebench/widgets/words"
)

var (
	_ fyne.Widget       = (*HexView)(nil)
	_ grid.LowerBounded = (*hexSource)(nil)
	_ Bytes             = (*capture.Log)(nil)
)

// Bytes is what a [HexView] shows. *[capture.Log] is one; the methods mean the
// same there. They are called on the UI goroutine, for the bytes on screen and
// for what is copied.
type Bytes interface {
	Stats() capture.Stats
	ReadAt(s capture.Stream, p []byte, off int64) (int, error)
	Spans(s capture.Stream, off int64, n int, dst []capture.Record) ([]capture.Record, error)
}

// HexRange is a range of bytes of the stream that is shown.
type HexRange struct{ Off, Len int64 }

// HexView shows a stream of bytes as offsets, hex and text, with a cursor and a
// selection. Each byte has the colour of its direction, each row an arrow for it
// (← in, → out, ⇄ both), and a thin line stands before the first byte of each
// record.
//
// A frame reads the bytes on screen only. All methods and callbacks belong to
// the UI goroutine. Offsets are those of the chosen stream.
type HexView struct {
	widget.BaseWidget

	// OnCursor is called when the cursor has moved; off is -1 when there is none
	// any more.
	OnCursor func(off int64)
	// OnSelect is called when the selection has changed; n is 0 for none.
	OnSelect func(off, n int64)
	// OnNotice is called with a sentence for the person, such as why nothing was
	// copied.
	OnNotice func(text string)
	// OnLarge is called in place of copying when more than [MaxCopy] bytes are
	// selected, for the owner to write them into a file. When it is nil, OnNotice
	// is.
	OnLarge func(f inspect.Format)
	// OnMenu is called for a secondary click with the byte under it, or -1, and
	// the absolute position for a pop-up menu. The cursor goes to that byte first
	// unless it is selected.
	OnMenu func(off int64, pos fyne.Position)
	// OnScrolled is called when the visible part or Following has changed.
	OnScrolled func()

	src    Bytes
	stream capture.Stream
	grid   *grid.Grid

	perRow  int // as asked for; 0 for as many as fit
	group   int
	layout  hexLayout
	charset *charset.Charset // nil shows each byte on its own

	start, end int64 // of the stream, when last looked
	version    uint64
	window     hexWindow

	cursor       int64 // -1 for none
	anchor, head int64 // the two ends of the selection, both within it
	selected     bool
	parts        []HexRange // of the selection, if there are several
	inText       bool       // the cursor is in the text column
	matches      []HexRange
	highlight    HexRange
}

// NewHexView returns a view of both directions of src, sixteen bytes a row in
// groups of one.
func NewHexView(src Bytes) *HexView {
	h := &HexView{src: src, perRow: 16, group: 1, cursor: -1}
	h.grid = grid.New(&hexSource{h})
	h.grid.Label = words.Say("Captured bytes in hex and text")
	h.grid.Pointer = desktop.TextCursor
	h.grid.OnTapped = h.tapped
	h.grid.OnDoubleTapped = h.doubleTapped
	h.grid.OnDragged = h.dragged
	h.grid.OnKey = h.key
	h.grid.OnMenu = h.menu
	h.grid.OnScrolled = func() {
		if h.OnScrolled != nil {
			h.OnScrolled()
		}
	}
	h.ExtendBaseWidget(h)
	h.look()
	h.lay()
	h.grid.ScrollToTop(0) // the oldest bytes there are
	return h
}

// CreateRenderer is part of fyne.Widget.
func (h *HexView) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(h.grid)
}

// Resize is part of fyne.CanvasObject. It decides how many bytes fit in a row
// where that was left open.
func (h *HexView) Resize(s fyne.Size) {
	h.BaseWidget.Resize(s)
	h.relay()
}

// Refresh draws everything anew.
func (h *HexView) Refresh() {
	h.grid.Refresh()
	h.relay()
	h.BaseWidget.Refresh()
}

// Update is to be called when the source may have changed, at most once a frame.
// It costs next to nothing when Stats().Version is the one seen last, and else
// reads what is visible.
func (h *HexView) Update() {
	if h.look() {
		h.lay()
		h.show()
	}
}

// look takes in the source's statistics and tells whether anything moved.
func (h *HexView) look() bool {
	st := h.src.Stats()
	start, end := st.StreamStart(h.stream), st.StreamEnd(h.stream)
	if st.Version == h.version && start == h.start && end == h.end {
		return false
	}
	h.version, h.start, h.end = st.Version, start, max(start, end)
	h.window.stale = true
	return true
}

// show repaints what the change of state left different.
func (h *HexView) show() {
	h.setHeader()
	h.setHint()
	h.grid.Update()
}

// Stream returns the stream that is shown.
func (h *HexView) Stream() capture.Stream { return h.stream }

// SetStream shows both directions interleaved, or one of them. The cursor stays
// on its byte if the stream has it; selection, matches and highlight are dropped.
func (h *HexView) SetStream(s capture.Stream) {
	if s == h.stream {
		return
	}
	at := h.translate(h.cursor, s)
	h.stream = s
	h.matches, h.highlight = nil, HexRange{}
	h.window = hexWindow{stale: true}
	h.look()
	h.lay()
	h.place(-1, false)
	if at >= 0 {
		h.GoTo(at)
	} else if !h.Following() {
		h.grid.ScrollToTop(0)
	}
	h.show()
}

// SetSource shows other bytes, from their end while it follows, else from their beginning, without a cursor.
func (h *HexView) SetSource(src Bytes) {
	h.src = src
	h.version = 0
	h.matches, h.highlight = nil, HexRange{}
	h.window = hexWindow{stale: true}
	h.look()
	h.lay()
	h.ClearCursor()
	if !h.Following() {
		h.grid.ScrollToTop(0)
	}
	h.show()
}

// translate returns the offset in stream s of the byte at off in the present
// one, or -1.
func (h *HexView) translate(off int64, s capture.Stream) int64 {
	if off < h.start || off >= h.end {
		return -1
	}
	recs, err := h.src.Spans(h.stream, off, 1, nil)
	if err != nil || len(recs) == 0 {
		return -1
	}
	base := recs[0].In(s)
	if base < 0 {
		return -1
	}
	return base + off - recs[0].In(h.stream)
}

// SetBytesPerRow sets 8, 16 or 32 bytes a row; 0 takes the most of these that
// fit the width. Other values are ignored.
func (h *HexView) SetBytesPerRow(n int) {
	if n != 0 && n != 8 && n != 16 && n != 32 || n == h.perRow {
		return
	}
	h.perRow = n
	h.relay()
}

// BytesPerRow returns how many bytes a row has now: 8, 16 or 32.
func (h *HexView) BytesPerRow() int { return h.layout.perRow }

// SetGrouping writes 1, 2, 4 or 8 bytes without a space between. Other values
// are ignored.
func (h *HexView) SetGrouping(n int) {
	if n != 1 && n != 2 && n != 4 && n != 8 || n == h.group {
		return
	}
	h.group = n
	h.relay()
}

// Grouping returns the bytes in a group.
func (h *HexView) Grouping() int { return h.group }

// SetFollow keeps the newest bytes in view. Scrolling up, or moving the cursor,
// ends it; scrolling to the end, or Ctrl+End, resumes it.
func (h *HexView) SetFollow(on bool) { h.grid.SetFollow(on) }

// Following tells whether the newest bytes are kept in view.
func (h *HexView) Following() bool { return h.grid.Following() }

// VisibleRange returns the offsets of the first byte on screen and of the first
// one behind. Both are within the stream.
func (h *HexView) VisibleRange() (from, to int64) {
	row := int64(h.layout.perRow)
	from = h.grid.Top() * row
	to = from + int64(h.grid.VisibleRows())*row
	return min(max(from, h.start), h.end), min(max(to, h.start), h.end)
}

// Focus takes the keyboard of the window with that canvas.
func (h *HexView) Focus(on fyne.Canvas) { on.Focus(h.grid) }

// HasFocus tells whether it has that keyboard.
func (h *HexView) HasFocus(on fyne.Canvas) bool { return on.Focused() == fyne.Focusable(h.grid) }

// SetMatches shows ranges, such as what a search found, on the colour of
// matches; nil for none. The slice is copied; it may be in any order.
func (h *HexView) SetMatches(ranges []HexRange) {
	h.matches = slices.Clone(ranges)
	slices.SortFunc(h.matches, func(a, b HexRange) int {
		switch {
		case a.Off < b.Off:
			return -1
		case a.Off > b.Off:
			return 1
		}
		return 0
	})
	h.show()
}

// Highlight shows one range as a match and underlined, as the one a search has
// stopped at, and makes its beginning visible. n = 0 removes it.
func (h *HexView) Highlight(off, n int64) {
	h.highlight = HexRange{off, max(n, 0)}
	if n > 0 {
		h.reveal(off)
	}
	h.show()
}
