package widgets

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
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

func pattern(s string) func(int64) byte {
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
			src := &fakeBytes{records: 2, size: c.size, at: pattern(text)}
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
	if v.CopyText(CopyHex) != "" || !strings.Contains(notice, "disk gone") {
		t.Errorf("copying says %q", notice)
	}
}

// typed sends a key with modifiers as the window would.
func typed(v *HexView, key fyne.KeyName, mods fyne.KeyModifier) {
	if mods&^fyne.KeyModifierShift != 0 {
		v.grid.TypedShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: mods})
		return
	}
	if mods == fyne.KeyModifierShift {
		v.grid.KeyDown(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
		defer v.grid.KeyUp(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	}
	v.grid.TypedKey(&fyne.KeyEvent{Name: key})
}

func TestKeysMoveTheCursorAndShiftExtends(t *testing.T) {
	const shift, ctrl = fyne.KeyModifierShift, fyne.KeyModifierShortcutDefault
	src := &fakeBytes{records: 1000, size: 10} // 10000 bytes; the last row has all 16
	v := shownHex(t, src, 800, 300)
	page := int64(v.grid.VisibleRows()-1) * 16
	for i, c := range []struct {
		key            fyne.KeyName
		mods           fyne.KeyModifier
		cursor, off, n int64
	}{
		{fyne.KeyRight, 0, 0, 0, 0}, // the first key shows the cursor
		{fyne.KeyRight, 0, 1, 1, 0},
		{fyne.KeyLeft, 0, 0, 0, 0},
		{fyne.KeyLeft, 0, 0, 0, 0},
		{fyne.KeyUp, 0, 0, 0, 0},
		{fyne.KeyDown, 0, 16, 16, 0},
		{fyne.KeyEnd, 0, 31, 31, 0},
		{fyne.KeyHome, 0, 16, 16, 0},
		{fyne.KeyRight, shift, 17, 16, 2},
		{fyne.KeyDown, shift, 33, 16, 18},
		{fyne.KeyHome, shift, 32, 16, 17},
		{fyne.KeyUp, shift, 16, 16, 1},
		{fyne.KeyLeft, shift, 15, 15, 2},
		{fyne.KeyEscape, 0, 15, 15, 0},
		{fyne.KeyPageDown, 0, 15 + page, 15 + page, 0},
		{fyne.KeyPageUp, 0, 15, 15, 0},
		{fyne.KeyPageUp, 0, 15, 15, 0},
		{fyne.KeyEnd, ctrl, 9999, 9999, 0},
		{fyne.KeyDown, 0, 9999, 9999, 0},
		{fyne.KeyHome, ctrl | shift, 0, 0, 10000},
		{fyne.KeyHome, ctrl, 0, 0, 0},
		{fyne.KeyA, ctrl, 0, 0, 10000},
	} {
		typed(v, c.key, c.mods)
		off, n := v.Selection()
		if v.Cursor() != c.cursor || n != c.n || n > 0 && off != c.off {
			t.Errorf("step %d, %s: cursor %d, selection %d+%d; want %d, %d+%d", i, c.key, v.Cursor(), off, n, c.cursor, c.off, c.n)
		}
		if from, to := v.VisibleRange(); c.key != fyne.KeyA && (v.Cursor() < from || v.Cursor() >= to) {
			t.Errorf("step %d, %s: the cursor at %d is not within %d to %d", i, c.key, v.Cursor(), from, to)
		}
	}
}

func TestCtrlEndResumesFollowing(t *testing.T) {
	v := shownHex(t, &fakeBytes{records: 1000, size: 10}, 800, 300)
	typed(v, fyne.KeyEnd, fyne.KeyModifierShortcutDefault)
	if !v.Following() {
		t.Error("does not follow")
	}
	typed(v, fyne.KeyUp, 0)
	if v.Following() {
		t.Error("follows while the cursor is being moved")
	}
}

// hexAt returns the middle of a byte in the hex or text column.
func hexAt(v *HexView, row, i int, inText bool) fyne.Position {
	c := v.grid.CellSize()
	col := v.layout.hex[i]
	if inText {
		col = v.layout.text + i
	}
	header := c.Height + 4
	return fyne.NewPos((float32(col)+1)*c.Width, header+(float32(row)+0.5)*c.Height)
}

func pressAt(v *HexView, p fyne.Position, mods fyne.KeyModifier) {
	v.grid.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: p}, Button: desktop.MouseButtonPrimary, Modifier: mods})
	v.grid.MouseUp(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: p}, Button: desktop.MouseButtonPrimary, Modifier: mods})
}

func TestTheMouseSetsCursorAndSelection(t *testing.T) {
	v := shownHex(t, &fakeBytes{records: 100, size: 20}, 800, 300)
	var cursors []int64
	var selections int
	v.OnCursor = func(off int64) { cursors = append(cursors, off) }
	v.OnSelect = func(int64, int64) { selections++ }

	pressAt(v, hexAt(v, 1, 5, false), 0)
	if v.Cursor() != 21 || v.inText {
		t.Fatalf("the cursor is at %d", v.Cursor())
	}
	pressAt(v, hexAt(v, 2, 3, true), fyne.KeyModifierShift)
	if off, n := v.Selection(); off != 21 || n != 15 || !v.inText {
		t.Errorf("shift and a click select %d+%d", off, n)
	}
	pressAt(v, hexAt(v, 3, 0, false), 0)
	v.grid.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: hexAt(v, 3, 1, false)}, Button: desktop.MouseButtonPrimary})
	v.grid.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: hexAt(v, 4, 2, false)}})
	v.grid.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: hexAt(v, 2, 2, false)}})
	v.grid.DragEnd()
	if off, n := v.Selection(); off != 34 || n != 16 {
		t.Errorf("a drag from 49 back to 34 selects %d+%d", off, n)
	}
	if len(cursors) == 0 || cursors[0] != 21 || selections < 3 {
		t.Errorf("told of cursors %v and %d selections", cursors, selections)
	}
}

func TestADoubleClickSelectsTheRecord(t *testing.T) {
	v := shownHex(t, &fakeBytes{records: 100, size: 20}, 800, 300)
	pressAt(v, hexAt(v, 1, 7, false), 0) // offset 23, in the second record
	pressAt(v, hexAt(v, 1, 7, false), 0)
	if off, n := v.Selection(); off != 20 || n != 20 {
		t.Errorf("selected %d+%d", off, n)
	}
}

func TestTheMenuKeepsASelectionAndElseMovesTheCursor(t *testing.T) {
	v := shownHex(t, &fakeBytes{records: 100, size: 20}, 800, 300)
	var at int64
	v.OnMenu = func(off int64, _ fyne.Position) { at = off }
	v.SetSelection(16, 8)
	test.TapSecondaryAt(v.grid, hexAt(v, 1, 2, false))
	if _, n := v.Selection(); n != 8 || at != 18 {
		t.Errorf("on the selection: %d bytes are selected, the menu is for %d", n, at)
	}
	test.TapSecondaryAt(v.grid, hexAt(v, 2, 2, false))
	if _, n := v.Selection(); n != 0 || v.Cursor() != 34 {
		t.Errorf("beside it: %d bytes are selected, the cursor is at %d", n, v.Cursor())
	}
}

func TestSelectionsAreCutToTheStream(t *testing.T) {
	v := shownHex(t, &fakeBytes{records: 10, size: 10}, 800, 300)
	for _, c := range []struct{ off, n, wantOff, wantN int64 }{
		{90, 1 << 62, 90, 10}, {-5, 10, 0, 5}, {1 << 62, 1 << 62, 99, 0}, {5, -1, 5, 0}, {0, 100, 0, 100}, {-9, 3, 0, 0},
	} {
		v.SetSelection(c.off, c.n)
		if off, n := v.Selection(); n != c.wantN || off != c.wantOff {
			t.Errorf("%d+%d became %d+%d, want %d+%d", c.off, c.n, off, n, c.wantOff, c.wantN)
		}
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

func TestCopies(t *testing.T) {
	src := &fakeBytes{records: 1, size: 20, at: pattern("a\tb\r\nc\x00\xe2\x80\xae\xff\\d and on..")}
	v := shownHex(t, src, 800, 300)
	v.SetSelection(0, 12)
	for kind, want := range map[HexCopy]string{
		CopyHex:     "61 09 62 0d 0a 63 00 e2 80 ae ff 5c",
		CopyPlain:   "a\tb\nc\\0\\u202e\\xff\\",
		CopyEscaped: `a\tb\r\nc\0\u202e\xff\\`,
		CopyHexDump: "00000000  61 09 62 0d 0a 63 00 e2  80 ae ff 5c              |a.b..c.....\\|\n0000000c\n",
	} {
		if kind == CopyHexDump {
			if got := v.CopyText(kind); strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(want), " ") {
				t.Errorf("dump: got\n%s, want\n%s", got, want)
			}
			continue
		}
		if got := v.CopyText(kind); got != want {
			t.Errorf("kind %d: got %q, want %q", kind, got, want)
		}
	}
	v.GoTo(2)
	typed(v, fyne.KeyC, fyne.KeyModifierShortcutDefault)
	if got := fyne.CurrentApp().Clipboard().Content(); got != "62" {
		t.Errorf("Ctrl+C with a cursor alone copied %q", got)
	}
}

func TestMoreThanAMebibyteIsNotCopiedAndThePersonIsTold(t *testing.T) {
	src := &fakeBytes{records: 1 << 10, size: 1 << 12}
	v := shownHex(t, src, 800, 300)
	var notice string
	v.OnNotice = func(s string) { notice = s }
	if v.CopyText(CopyHex) != "" || notice != "Nothing is selected." {
		t.Errorf("without a selection: %q", notice)
	}
	v.SelectAll()
	src.reads = 0
	if v.CopyText(CopyHex) != "" || !strings.Contains(notice, "4.0 MiB are selected") || src.reads > 0 {
		t.Errorf("told %q, read %d bytes", notice, src.reads)
	}
	v.SetSelection(5, MaxCopy)
	if got := v.CopyText(CopyHex); len(got) != 3*MaxCopy-1 {
		t.Errorf("a whole mebibyte gave %d characters", len(got))
	}
}
