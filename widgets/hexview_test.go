package widgets

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wirebench/sessions/capture"
	"wirebench/widgets/grid"
)

// fakeBytes is a capture of records made up from a pattern: any size, no memory.
// Record i is in for even i and out for odd i.
type fakeBytes struct {
	records int64 // how many
	size    int64 // payload bytes of each
	evicted int64 // records given up
	version uint64
	fail    error // of every ReadAt
	reads   int   // bytes read
	at      func(both int64) byte
}

func (f *fakeBytes) Stats() capture.Stats {
	in, out := (f.records+1)/2*f.size, f.records/2*f.size
	return capture.Stats{
		Version: f.version, InBytes: in, OutBytes: out, First: f.evicted + 1, Last: f.records,
		FirstIn: (f.evicted + 1) / 2 * f.size, FirstOut: f.evicted / 2 * f.size, FirstBoth: f.evicted * f.size,
	}
}

// record returns record i, from 0.
func (f *fakeBytes) record(i int64) capture.Record {
	return capture.Record{
		Number: i + 1, Time: time.Unix(i, 0), Dir: capture.Direction(i & 1), Kind: capture.Data, Len: int(f.size), WireLen: int(f.size),
		Offset: i / 2 * f.size, BothOffset: i * f.size,
	}
}

// index returns the record that holds offset off of s.
func (f *fakeBytes) index(s capture.Stream, off int64) int64 {
	switch i := off / f.size; s {
	case capture.InOnly:
		return 2 * i
	case capture.OutOnly:
		return 2*i + 1
	default:
		return i
	}
}

func (f *fakeBytes) ReadAt(s capture.Stream, p []byte, off int64) (int, error) {
	if f.fail != nil {
		return 0, f.fail
	}
	st := f.Stats()
	if off < st.StreamStart(s) {
		return 0, capture.ErrEvicted
	}
	n := int(min(int64(len(p)), max(0, st.StreamEnd(s)-off)))
	f.reads += n
	for i := range n {
		both := f.record(f.index(s, off+int64(i))).BothOffset + (off+int64(i))%f.size
		p[i] = byte(both)
		if f.at != nil {
			p[i] = f.at(both)
		}
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *fakeBytes) Spans(s capture.Stream, off int64, n int, dst []capture.Record) ([]capture.Record, error) {
	st := f.Stats()
	if off < st.StreamStart(s) {
		return dst, capture.ErrEvicted
	}
	for end := min(off+int64(n), st.StreamEnd(s)); off < end; {
		r := f.record(f.index(s, off))
		dst = append(dst, r)
		off = r.In(s) + f.size
	}
	return dst, nil
}

// shownHex puts a view into a test window.
func shownHex(t testing.TB, src Bytes, w, h float32) *HexView {
	t.Helper()
	test.NewTempApp(t)
	win := test.NewTempWindow(t, nil)
	win.SetPadded(false)
	v := NewHexView(src)
	win.SetContent(v)
	win.Resize(fyne.NewSize(w, h))
	return v
}

// hexRow returns row n as text, and its cells.
func hexRow(v *HexView, n int64) (string, []grid.Cell) {
	cells := (&hexSource{v}).Row(n, nil)
	var s strings.Builder
	for _, c := range cells {
		if c.Rune == 0 {
			c.Rune = ' '
		}
		s.WriteRune(c.Rune)
	}
	return strings.TrimRight(s.String(), " "), cells
}

func again(s string) func(int64) byte {
	return func(i int64) byte { return s[i%int64(len(s))] }
}

func TestARowHasOffsetArrowHexAndText(t *testing.T) {
	text := "Hello, w\xf6rld\x00\n\x7f\xad!"
	for _, c := range []struct {
		name          string
		perRow, group int
		stream        capture.Stream
		size          int64
		want          string
	}{
		{"sixteen, both ways", 16, 1, capture.Both, 10,
			"00000000 ⇄  48 65 6c 6c 6f 2c 20 77  f6 72 6c 64 00 0a 7f ad  Hello, wörld...."},
		{"eight, one record", 8, 1, capture.Both, 10, "00000000 ←  48 65 6c 6c 6f 2c 20 77  Hello, w"},
		{"groups of two", 8, 2, capture.Both, 10, "00000000 ←  4865 6c6c 6f2c 2077  Hello, w"},
		{"groups of four", 16, 4, capture.Both, 100, "00000000 ←  48656c6c 6f2c2077  f6726c64 000a7fad  Hello, wörld...."},
		{"groups of eight", 16, 8, capture.Both, 100, "00000000 ←  48656c6c6f2c2077  f6726c64000a7fad  Hello, wörld...."},
		{"what went out", 8, 1, capture.OutOnly, 17, "00000000 →  48 65 6c 6c 6f 2c 20 77  Hello, w"},
		{"a short last row", 16, 1, capture.InOnly, 5, "00000000 ←  48 65 6c 6c 6f                                    Hello"},
	} {
		t.Run(c.name, func(t *testing.T) {
			src := &fakeBytes{records: 2, size: c.size, at: again(text)}
			v := shownHex(t, src, 800, 300)
			v.SetBytesPerRow(c.perRow)
			v.SetGrouping(c.group)
			v.SetStream(c.stream)
			if got, _ := hexRow(v, 0); got != c.want {
				t.Errorf("got\n%s, want\n%s", got, c.want)
			}
		})
	}
}

func TestEachByteHasTheColourOfItsDirectionAndRecordsAreMarked(t *testing.T) {
	v := shownHex(t, &fakeBytes{records: 4, size: 3}, 800, 300)
	_, cells := hexRow(v, 0)
	l := &v.layout
	for i := range 12 {
		want := grid.In
		if i/3%2 == 1 {
			want = grid.Out
		}
		if got := cells[l.hex[i]].Fg; got != want {
			t.Errorf("byte %d has colour %d, want %d", i, got, want)
		}
		marked := cells[l.hex[i]-1].Mark&grid.MarkBar != 0
		if first := i > 0 && i%3 == 0; marked != first {
			t.Errorf("byte %d is marked as a record's first: %v", i, marked)
		}
		if inText := cells[l.text+i].Mark&grid.MarkLeft != 0; inText != marked {
			t.Errorf("byte %d: the text is marked: %v", i, inText)
		}
	}
	v.SetGrouping(4)
	if _, cells = hexRow(v, 0); cells[v.layout.hex[3]].Mark&grid.MarkLeft == 0 {
		t.Error("a record that begins within a group is not marked")
	}
}

func TestOffsetsGrowBeyondEightDigits(t *testing.T) {
	v := shownHex(t, &fakeBytes{records: 1 << 21, size: 1 << 12}, 900, 300)
	v.GoTo(1<<33 - 1)
	got, _ := hexRow(v, (1<<33-1)/16)
	if !strings.HasPrefix(got, "01fffffff0 ") {
		t.Errorf("got %q", got)
	}
	if v.Cursor() != 1<<33-1 {
		t.Errorf("the cursor is at %d", v.Cursor())
	}
	if from, to := v.VisibleRange(); v.Cursor() < from || v.Cursor() >= to {
		t.Errorf("%#x to %#x is visible", from, to)
	}
}

func TestAFrameReadsOnlyWhatIsVisible(t *testing.T) {
	src := &fakeBytes{records: 1 << 21, size: 1 << 12}
	v := shownHex(t, src, 900, 300)
	src.reads = 0
	src.version++
	v.Update()
	if limit := (v.grid.VisibleRows() + 2) * 16; src.reads == 0 || src.reads > limit {
		t.Errorf("read %d bytes, %d are visible", src.reads, limit)
	}
	src.reads = 0
	v.Update()
	if src.reads != 0 {
		t.Errorf("read %d bytes though nothing had changed", src.reads)
	}
}

func TestNewBytesAppearAndAreFollowed(t *testing.T) {
	src := &fakeBytes{records: 0, size: 64}
	v := shownHex(t, src, 800, 300)
	if v.grid.Hint == "" {
		t.Error("an empty view says nothing")
	}
	v.SetFollow(true)
	for range 100 {
		src.records++
		src.version++
		v.Update()
	}
	if _, to := v.VisibleRange(); to != 6400 {
		t.Errorf("visible up to %d", to)
	}
	v.GoTo(0)
	src.records++
	src.version++
	v.Update()
	if from, _ := v.VisibleRange(); from != 0 || v.Following() {
		t.Errorf("visible from %d, following %v", from, v.Following())
	}
}

func TestEvictedBytesAreSaidToBeSo(t *testing.T) {
	src := &fakeBytes{records: 100, size: 40}
	v := shownHex(t, src, 800, 300)
	v.GoTo(0)
	src.evicted = 3 // 120 bytes: seven rows and a half
	src.version++
	v.Update()
	if got, _ := hexRow(v, 6); got != "00000060    (evicted)" {
		t.Errorf("row 6 is %q", got)
	}
	got, _ := hexRow(v, 7)
	if want := "00000070 →  ·· ·· ·· ·· ·· ·· ·· ··  78 79 7a 7b 7c 7d 7e 7f  ········xyz{|}~."; got != want {
		t.Errorf("row 7 is\n%s, want\n%s", got, want)
	}
	v.GoTo(0)
	if v.Cursor() != 120 {
		t.Errorf("the cursor went to %d", v.Cursor())
	}
}

func TestAViewBeginsAtTheOldestByteKept(t *testing.T) {
	v := shownHex(t, &fakeBytes{records: 1000, size: 40, evicted: 50}, 800, 300)
	if from, _ := v.VisibleRange(); v.grid.Top() != 2000/16 || from != 2000 {
		t.Errorf("the first row is %d, visible from %d", v.grid.Top(), from)
	}
	v.SetStream(capture.OutOnly)
	if from, _ := v.VisibleRange(); v.grid.Top() != 1000/16 || from != 1000 {
		t.Errorf("one way: the first row is %d, visible from %d", v.grid.Top(), from)
	}
}

func TestBytesEvictedBetweenLookingAndReadingDoNotFail(t *testing.T) {
	src := &fakeBytes{records: 100, size: 40}
	v := shownHex(t, src, 800, 300)
	v.window.stale = true
	src.evicted = 3 // the statistics the view has are older
	if got, _ := hexRow(v, 0); got != "00000000    (evicted)" {
		t.Errorf("row 0 is %q", got)
	}
	if got, _ := hexRow(v, 8); !strings.HasPrefix(got, "00000080 ⇄  80 81") && !strings.HasPrefix(got, "00000080 →  80 81") {
		t.Errorf("row 8 is %q", got)
	}
}

func TestAReadErrorIsShownInItsRow(t *testing.T) {
	src := &fakeBytes{records: 10, size: 40, fail: errors.New("disk gone")}
	v := shownHex(t, src, 800, 300)
	if got, _ := hexRow(v, 1); got != "00000010    (cannot be read: disk gone)" {
		t.Errorf("got %q", got)
	}
	var notice string
	v.OnNotice = func(s string) { notice = s }
	v.SetSelection(0, 4)
	if v.CopyAs(hexPlain) != "" || !strings.Contains(notice, "disk gone") {
		t.Errorf("copying says %q", notice)
	}
}

func TestSelectionCursorAndMatchesShowInBothColumns(t *testing.T) {
	v := shownHex(t, &fakeBytes{records: 1, size: 64}, 800, 300)
	v.SetMatches([]HexRange{{10, 2}, {4, 2}})
	v.Highlight(12, 1)
	v.SetSelection(1, 2)
	_, cells := hexRow(v, 0)
	l := &v.layout
	for i, want := range []grid.Colour{grid.Default, grid.Cursor, grid.Selection, grid.Default, grid.Match, grid.Match, grid.Default,
		grid.Default, grid.Default, grid.Default, grid.Match, grid.Match, grid.Match} {
		if got := cells[l.hex[i]].Bg; got != want {
			t.Errorf("byte %d has background %d, want %d", i, got, want)
		}
		if want == grid.Cursor {
			want = grid.Selection // the cursor is in the hex, the text has a frame
		}
		if got := cells[l.text+i].Bg; got != want {
			t.Errorf("character %d has background %d, want %d", i, got, want)
		}
	}
	if cells[l.text+1].Mark&grid.MarkBox == 0 || cells[l.hex[12]].Mark&grid.MarkUnder == 0 {
		t.Error("the cursor's frame or the highlight's line is missing")
	}
	if cells[l.hex[2]-1].Bg != grid.Selection || cells[l.hex[3]-1].Bg == grid.Selection {
		t.Error("the spaces within a selection, and only those, are part of it")
	}
}

func TestChangingTheStreamKeepsTheCursorOnItsByte(t *testing.T) {
	v := shownHex(t, &fakeBytes{records: 100, size: 20}, 800, 300)
	v.GoTo(47) // byte 7 of record 3, which came in
	v.SetStream(capture.InOnly)
	if v.Cursor() != 27 {
		t.Errorf("the cursor is at %d, want 27", v.Cursor())
	}
	v.SetStream(capture.Both)
	if v.Cursor() != 47 {
		t.Errorf("back in both the cursor is at %d, want 47", v.Cursor())
	}
	v.SetStream(capture.OutOnly)
	if v.Cursor() != -1 {
		t.Errorf("in the other direction the cursor is at %d", v.Cursor())
	}
}

func TestTheWidthDecidesHowManyBytesFitARow(t *testing.T) {
	v := shownHex(t, &fakeBytes{records: 100, size: 20}, 400, 300)
	v.SetBytesPerRow(0)
	for _, c := range []struct {
		width float32
		want  int
	}{{400, 8}, {700, 16}, {1300, 32}, {700, 16}, {100, 8}} {
		v.Resize(fyne.NewSize(c.width, 300))
		if v.BytesPerRow() != c.want {
			t.Errorf("%v wide: %d bytes a row, want %d", c.width, v.BytesPerRow(), c.want)
		}
	}
	v.SetBytesPerRow(7)
	v.SetGrouping(3)
	if v.perRow != 0 || v.Grouping() != 1 {
		t.Error("took a number that makes no sense")
	}
}

func TestANewWidthKeepsThePlace(t *testing.T) {
	v := shownHex(t, &fakeBytes{records: 1000, size: 100}, 1300, 300)
	v.GoTo(50000)
	from, _ := v.VisibleRange()
	v.SetBytesPerRow(32)
	if now, _ := v.VisibleRange(); now > from || now <= from-32 {
		t.Errorf("visible from %d, before from %d", now, from)
	}
}

func TestClearCursorTakesCursorAndSelectionAway(t *testing.T) {
	h := shownHex(t, &fakeBytes{records: 4, size: 16}, 800, 300)
	h.SetSelection(3, 5)
	h.ClearCursor()
	if _, n := h.Selection(); h.Cursor() != -1 || n != 0 {
		t.Errorf("cursor %d, %d bytes selected", h.Cursor(), n)
	}
}
