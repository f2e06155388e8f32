package widgets

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"wirebench/sessions/inspect"
)

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

func format(t *testing.T, id string) inspect.Format {
	t.Helper()
	f, err := inspect.FormatByID(id)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestCopies(t *testing.T) {
	src := &fakeBytes{records: 1, size: 20, at: again("a\tb\r\nc\x00\xe2\x80\xae\xff\\d and on..")}
	v := shownHex(t, src, 800, 300)
	v.SetSelection(0, 12)
	for id, want := range map[string]string{
		"hex-spaced": "61 09 62 0d 0a 63 00 e2 80 ae ff 5c",
		"hex":        "6109620d0a6300e280aeff5c",
		"escaped":    `a\tb\r\nc\0\u202e\xff\\`,
		"go":         "var data = []byte{\n\t0x61, 0x09, 0x62, 0x0d, 0x0a, 0x63, 0x00, 0xe2, 0x80, 0xae, 0xff, 0x5c,\n}\n",
	} {
		if got := v.CopyAs(format(t, id)); got != want {
			t.Errorf("%s: got %q, want %q", id, got, want)
		}
	}
	v.SetSelection(1, 4)
	want := "00000001  09 62 0d 0a |.b..| 00000005"
	if got := v.CopyAs(format(t, "hexdump")); strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(want), " ") {
		t.Errorf("dump: got\n%s, want\n%s", got, want)
	}
	v.SetSelection(0, 12)
	if got, want := v.CopyAsText(), "a\tb\nc\\0\\u202e\\xff\\"; got != want {
		t.Errorf("as text: got %q, want %q", got, want)
	}
	v.CopyText()
	if got := fyne.CurrentApp().Clipboard().Content(); got != v.CopyAsText() {
		t.Errorf("the clipboard has %q", got)
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
	if v.CopyAs(hexPlain) != "" || notice != "Nothing is selected." {
		t.Errorf("without a selection: %q", notice)
	}
	v.SelectAll()
	src.reads = 0
	if v.CopyAs(hexPlain) != "" || !strings.Contains(notice, "4.0 MiB are selected") || src.reads > 0 {
		t.Errorf("told %q, read %d bytes", notice, src.reads)
	}
	var large string
	v.OnLarge = func(f inspect.Format) { large = f.ID }
	notice = ""
	if v.CopyAs(format(t, "base64")) != "" || large != "base64" || notice != "" || src.reads > 0 {
		t.Errorf("whoever writes files was told %q, and the person %q", large, notice)
	}
	if v.CopyAsText() != "" || notice == "" {
		t.Error("a large text was copied")
	}
	v.SetSelection(5, MaxCopy)
	if got := v.CopyAs(hexPlain); len(got) != 3*MaxCopy-1 {
		t.Errorf("a whole mebibyte gave %d characters", len(got))
	}
}
