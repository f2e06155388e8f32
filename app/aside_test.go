package app

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"wirebench/sessions/capture"
	"wirebench/sessions/charset"
	"wirebench/sessions/inspect"
	"wirebench/sessions/pattern"
	"wirebench/widgets"
)

// typeKey gives a key to what has the focus.
func (w *workbench) typeKey(name fyne.KeyName) {
	w.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: name})
}

// opened returns the view of a capture tab in which the peer and we took turns, the peer first.
func opened(t *testing.T, w *workbench, said ...string) *trafficView {
	t.Helper()
	return openedWith(t, w, func(l *capture.Log) {
		for i, s := range said {
			l.Append(capture.Flow{Proto: capture.TCP}, capture.Direction(i%2), capture.Data, []byte(s), "")
		}
	})
}

// openedWith returns the view of a capture tab with what fill puts into the capture.
func openedWith(t *testing.T, w *workbench, fill func(l *capture.Log)) *trafficView {
	t.Helper()
	w.openCapture(madeCapture(t, "made.pcapng", capture.Meta{}, fill))
	w.settle()
	tab, ok := w.strip.current.(*captureTab)
	if !ok {
		t.Fatal("the capture is not open")
	}
	tab.tick()
	return tab.traffic
}

func TestChecksumsOfTheSelectionAreShownAndFollowIt(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	// The check value of "123456789" in CRC-32 behind it, and in MODBUS before it; the other side's bytes lie between.
	v := opened(t, w, "\x4b\x37123456789", "no part of it", "\x26\x39\xf4\xcb")
	v.hex.SetSelection(2, 9)
	w.run(t, "Checksums of the selection")
	w.settle()
	if v.inspector.Visible() || !v.side.Visible() || v.sums == nil {
		t.Fatal("the checksums do not stand in the inspector's place")
	}
	note := v.sums.panel.Note()
	for _, want := range []string{"9 bytes from 0x2", "CRC-32 stands right behind, little-endian", "CRC-16/MODBUS stands right before, big-endian"} {
		if !strings.Contains(note, want) {
			t.Errorf("the note is %q, want it to say %q", note, want)
		}
	}
	v.sums.list.SelectAll()
	text, rows, _ := v.sums.list.CopyText()
	if rows < 100 || !strings.Contains(text, "CRC-32\tCBF43926\tright behind, little-endian\n") || !strings.HasPrefix(text, "checksum\tvalue\tstands\n") {
		t.Errorf("%d rows, copied as %.300q", rows, text)
	}
	v.hex.SetSelection(3, 8)
	w.settle()
	if note := v.sums.panel.Note(); !strings.Contains(note, "8 bytes from 0x3") || strings.Contains(note, "CRC-32") {
		t.Errorf("another selection is followed with %q", note)
	}
	w.run(t, "Checksums of the selection")
	if !v.inspector.Visible() || v.sums != nil {
		t.Error("the inspector is not back")
	}
	v.hex.SetSelection(2, 9) // and nothing follows any more
	w.settle()
}

func TestAChecksumAtTheEndOfAWholeMessageIsFound(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	v := opened(t, w, "123456789\x26\x39\xf4\xcb")
	v.hex.SetSelection(0, 13)
	w.run(t, "Checksums of the selection")
	w.settle()
	if note := v.sums.panel.Note(); !strings.Contains(note, "The last bytes are the CRC-32 of those before, little-endian.") {
		t.Errorf("the note is %q", note)
	}
}

func TestTwoSelectionsAreComparedAcrossTabs(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	first := opened(t, w, "hello, world")
	first.hex.SetSelection(0, 12)
	w.run(t, "Remember for comparing")
	v := opened(t, w, "jello, w0rld!!")
	v.hex.SetSelection(0, 14)
	w.run(t, "Compare with the remembered")
	w.settle()
	if v.aside.panel == nil {
		t.Fatal("no comparison is shown")
	}
	note := v.aside.panel.Note()
	for _, want := range []string{"First: 12 bytes from 0x0 on in made", "Second: 14 bytes", "2 bytes differ, in 2 places, the first at +0x0"} {
		if !strings.Contains(note, want) {
			t.Errorf("the note is %q, want it to say %q", note, want)
		}
	}
	if at := v.hex.Cursor(); at != 0 {
		t.Errorf("the cursor is at %d, want it at the first difference", at)
	}
	w.run(t, "Back to the inspector")
	if v.aside.panel != nil || !v.inspector.Visible() {
		t.Error("the inspector is not back")
	}
	w.askClose(w.strip.tabs[0])
	w.settle()
	v.hex.SetSelection(0, 14)
	w.run(t, "Compare with the remembered")
	w.settle()
	if v.aside.panel != nil {
		t.Error("bytes of a closed tab are compared")
	}
}

func TestAComparisonSaysWhatDiffers(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	v := opened(t, w, "aaaabbbbaaaacccc")
	span := func(off, n int64) byteSpan {
		return byteSpan{view: v, src: v.bytes(), stream: v.stream, off: off, n: n}
	}
	for _, c := range []struct {
		a, b byteSpan
		rows []widgets.DiffRow
		text string
	}{
		{span(0, 4), span(8, 4), nil, "Both have the same 4 bytes."},
		{span(0, 8), span(8, 8), []widgets.DiffRow{{At: 4, Len: 4, First: "62 62 62 62", Second: "63 63 63 63"}}, "Both have 8 bytes. 4 bytes in a row differ, the first at +0x4."},
		{span(0, 4), span(0, 6), []widgets.DiffRow{{At: 4, Len: 2, Second: "62 62"}}, "The first has 4 bytes, the second 6 bytes. One is the beginning of the other."},
		{span(0, 1), span(4, 2), []widgets.DiffRow{{At: 0, Len: 1, First: "61", Second: "62"}, {At: 1, Len: 1, Second: "62"}},
			"The first has 1 byte, the second 2 bytes. 1 byte differs, at +0x0."},
	} {
		result, err := inspect.Compare(v.ctx, c.a, c.b, mostDiffs, nil)
		if err != nil {
			t.Fatal(err)
		}
		rows := diffRows(result, c.a, c.b)
		if len(rows) != len(c.rows) {
			t.Errorf("%d rows, want %d", len(rows), len(c.rows))
			continue
		}
		for i := range rows {
			if rows[i] != c.rows[i] {
				t.Errorf("row %d is %+v, want %+v", i, rows[i], c.rows[i])
			}
		}
		if got := comparisonText(result); got != c.text {
			t.Errorf("says %q, want %q", got, c.text)
		}
	}
	// Choosing a difference selects it, on either side.
	v.hex.SetSelection(0, 8)
	w.run(t, "Remember for comparing")
	v.hex.SetSelection(8, 8)
	w.run(t, "Compare with the remembered")
	w.settle()
	w.typeKey(fyne.KeyDown)
	if off, n := v.hex.Selection(); off != 12 || n != 4 {
		t.Errorf("%d bytes at %d are selected, want 4 at 12", n, off)
	}
}

func TestALargeSelectionIsSavedAndNotCopied(t *testing.T) {
	w, p := newBenchUnderTest(t)
	half := strings.Repeat("0123456789abcdef", 50_000)
	v := opened(t, w, half[:60_000])
	p.save = filepath.Join(t.TempDir(), "bytes.txt")
	for _, c := range []struct{ id, want string }{
		{"raw", half[:60_000]},
		{"hex", strings.Repeat("30313233343536373839616263646566", 60_000/16)},
	} {
		f, err := inspect.FormatByID(c.id)
		if err != nil {
			t.Fatal(err)
		}
		v.hex.SelectAll()
		v.saveSelection(f)
		w.settle()
		got, err := os.ReadFile(p.save)
		if err != nil || !bytes.Equal(got, []byte(c.want)) {
			t.Errorf("%s: %d bytes, %v, want %d", c.id, len(got), err, len(c.want))
		}
		if filepath.Ext(p.asked.Name) != f.Extension || !strings.Contains(p.asked.Title, "60,000 bytes") {
			t.Errorf("asked %+v", p.asked)
		}
	}
	// What cannot be written leaves nothing behind, and what was there as it was.
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	from, _ := v.span()
	raw, _ := inspect.FormatByID("raw")
	if err := writeSpan(ctx, p.save, from, raw, func(int64, int64) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(p.save), ".*")); len(left) > 0 {
		t.Errorf("%q is left", left)
	}
	if err := writeSpan(context.Background(), filepath.Join(p.save, "x"), from, raw, func(int64, int64) {}); err == nil {
		t.Error("a file became a folder")
	}
	if v.hex.OnLarge == nil {
		t.Error("nobody saves what is too large to copy")
	}
}

func TestTheCharsetIsChosenOnceAndRemembered(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	v := opened(t, w, "\xcf\xf0\xe8\xe2\xe5\xf2")
	w.run(t, "Charset of text...")
	for _, r := range "windows-1251" {
		w.win.Canvas().Focused().TypedRune(r)
	}
	w.typeKey(fyne.KeyReturn)
	if got := v.hex.Charset(); got == nil || got.Name() != "windows-1251" || w.space.View.Charset != "windows-1251" {
		t.Fatalf("the bytes are read in %v, remembered is %q", got, w.space.View.Charset)
	}
	v.hex.SelectAll()
	if got := v.hex.CopyAsText(); got != "Привет" {
		t.Errorf("copied %q", got)
	}
	// Find looks for text in it.
	p, err := pattern.Parse(pattern.Text, "ПРИВЕТ", pattern.Options{Charset: w.space.View.charset()})
	if err != nil {
		t.Fatal(err)
	}
	v.hex.ClearCursor()
	v.findNext(p, false)
	w.settle()
	if off, n := v.hex.Selection(); off != 0 || n != 6 {
		t.Errorf("found %d bytes at %d", n, off)
	}
	w.setCharset("utf-8")
	if w.space.View.Charset != "" || v.hex.Charset().Name() != "utf-8" {
		t.Errorf("back in %q", w.space.View.Charset)
	}
	if (viewChoice{Charset: "no such thing"}).charset().Name() != "utf-8" {
		t.Error("an unknown charset is no reason not to open")
	}
	for _, a := range w.actions {
		if a.label() == "Bytes: Groups of 4" {
			a.invoke()
		}
	}
	if v.hex.Grouping() != 4 || w.space.View.Grouping != 4 {
		t.Errorf("%d bytes in a group", v.hex.Grouping())
	}
}

func TestAFoundNumberIsNamedAndAllMatchesAreMarked(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	v := opened(t, w, "\x00\x00\x04\xd2....\xd2\x04\x00\x00", "x", "\x04\xd2")
	parse := func(kind pattern.Kind, text string) pattern.Pattern {
		p, err := pattern.Parse(kind, text, pattern.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	number := parse(pattern.Number, "1234")
	v.findBar.SetPattern(number)
	var said []string
	for range 4 {
		v.findNext(number, false)
		w.settle()
		said = append(said, v.findBar.Result())
	}
	want := []string{
		"0x2 in record 1: u32 big-endian from 0x0, u16 big-endian", "0x8 in record 1: u32 little-endian, u16 little-endian",
		"0xD in record 3: u16 big-endian", "0x2 in record 1: u32 big-endian from 0x0, u16 big-endian, past the end",
	}
	for i := range want {
		if said[i] != want[i] {
			t.Errorf("the %d. time it says %q, want %q", i+1, said[i], want[i])
		}
	}
	v.findAll(number)
	w.settle()
	if got := v.findBar.Result(); got != "3 found" {
		t.Errorf("all: %q", got)
	}
	v.findAll(parse(pattern.Expr, `\.+`))
	w.settle()
	if got := v.findBar.Result(); got != "1 found" {
		t.Errorf("an expression: %q", got)
	}
	// An expression is found once, not at each of its ends.
	dots := parse(pattern.Expr, `\.+`)
	v.hex.GoTo(0)
	for range 2 {
		v.findNext(dots, false)
		w.settle()
	}
	if got := v.findBar.Result(); got != "0x4 in record 1, past the end" {
		t.Errorf("the next one: %q", got)
	}
	some := parse(pattern.Hex, "d2 ?? ?? ??")
	for _, want := range []string{"0x8 in record 1, past the beginning", "0x3 in record 1"} {
		v.findNext(some, true)
		w.settle()
		if got := v.findBar.Result(); got != want {
			t.Errorf("backward: %q, want %q", got, want)
		}
	}
	v.findAll(parse(pattern.Text, "absent"))
	w.settle()
	if got := v.findBar.Result(); got != "not found" {
		t.Errorf("nothing: %q", got)
	}
}

func TestWhatStandsBesideASpanIsOfItsConnection(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	local := netip.MustParseAddrPort("127.0.0.1:7000")
	one := capture.Flow{Proto: capture.TCP, Local: local, Remote: netip.MustParseAddrPort("127.0.0.1:7001")}
	other := capture.Flow{Proto: capture.TCP, Local: local, Remote: netip.MustParseAddrPort("127.0.0.1:7002")}
	v := openedWith(t, w, func(l *capture.Log) {
		for _, s := range []struct {
			flow capture.Flow
			dir  capture.Direction
			kind capture.Kind
			said string
		}{
			{one, capture.In, capture.Open, ""}, {one, capture.Out, capture.Open, ""},
			{one, capture.In, capture.Data, "long ago, "}, {other, capture.In, capture.Data, "other"}, {one, capture.In, capture.Data, "ab"},
			{one, capture.Out, capture.Data, "answer"}, {other, capture.In, capture.Data, "other"},
			{one, capture.In, capture.Data, "cdSPANef"}, {other, capture.In, capture.Data, "other"}, {one, capture.In, capture.Data, "gh"},
			{one, capture.In, capture.Open, ""}, {one, capture.Out, capture.Open, ""}, {one, capture.In, capture.Data, "anew"},
		} {
			l.Append(s.flow, s.dir, s.kind, []byte(s.said), "")
		}
	})
	at := func(text string) byteSpan {
		all := make([]byte, v.bytes().Stats().StreamEnd(v.stream))
		if _, err := v.bytes().ReadAt(v.stream, all, 0); err != nil {
			t.Fatal(err)
		}
		return byteSpan{view: v, src: v.bytes(), stream: v.stream, off: int64(bytes.Index(all, []byte(text))), n: int64(len(text))}
	}
	for _, c := range []struct{ span, before, after string }{
		{"SPAN", "go, abcd", "efgh"}, {"long", "", " ago, ab"}, {"anew", "", ""},
	} {
		before, after := at(c.span).around()
		if string(before) != c.before || string(after) != c.after {
			t.Errorf("around %s stand %q and %q, want %q and %q", c.span, before, after, c.before, c.after)
		}
	}
}

// rest is what a row of the inspector says, in big-endian.
func rest(v *trafficView, row string) string {
	v.inspector.Resize(fyne.NewSize(1600, 400)) // room for all of it
	for _, o := range test.LaidOutObjects(v.inspector) {
		if text, ok := o.(*canvas.Text); ok && text.Text == row {
			y := text.Position().Y
			for _, o := range test.LaidOutObjects(v.inspector) {
				if text, ok := o.(*canvas.Text); ok && text.Visible() && text.Text != row && text.Position().X > 0 && math.Abs(float64(text.Position().Y-y)) < 6 && strings.HasPrefix(text.Text, "0x") {
					return text.Text
				}
			}
		}
	}
	return ""
}

func TestALengthIsHeldAgainstTheBytesOfItsConnectionAlone(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	local := netip.MustParseAddrPort("127.0.0.1:7000")
	one := capture.Flow{Proto: capture.TCP, Local: local, Remote: netip.MustParseAddrPort("127.0.0.1:7001")}
	other := capture.Flow{Proto: capture.TCP, Local: local, Remote: netip.MustParseAddrPort("127.0.0.1:7002")}
	const all = 4 + 70_000 // bytes of one, whose length says 6 more
	said := append(binary.BigEndian.AppendUint32(nil, 70_006), make([]byte, 70_000)...)
	fill := func(records int) func(l *capture.Log) {
		return func(l *capture.Log) {
			for range 64 { // no bytes to be shown at once
				l.Append(other, capture.In, capture.Open, nil, "")
			}
			l.Append(one, capture.In, capture.Open, nil, "")
			l.Append(one, capture.Out, capture.Open, nil, "")
			size := all/records + 1
			for i := range records {
				l.Append(one, capture.In, capture.Data, said[min(i*size, all):min((i+1)*size, all)], "")
				l.Append(other, capture.In, capture.Data, make([]byte, 99), "")
			}
			l.Append(one, capture.In, capture.Open, nil, "")
			l.Append(one, capture.In, capture.Data, make([]byte, 5000), "the port is used again")
		}
	}
	var hide []string
	for _, r := range widgets.InspectorRows(charset.UTF8) {
		if r.ID != "u32rest" {
			hide = append(hide, r.ID)
		}
	}
	for _, records := range []int{2, 5000} { // within what the window looks at itself, and not
		v := openedWith(t, w, fill(records))
		w.space.View.HiddenRows = hide
		w.viewChanged()
		v.setStream(capture.InOnly)
		v.hex.GoTo(0)
		w.settle()
		if got, want := rest(v, "u32 of the rest"), "0x1117a (70010), beyond, 6 bytes missing"; got != want {
			t.Errorf("of %d records it is %q, want %q", records, got, want)
		}
	}
}

func TestAMatchMarksItsFrame(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	v := opened(t, w, "\x03abc\x03def\x03ghi")
	v.frameAs("u8")
	<-v.framed().Ready()
	v.tick()
	p, err := pattern.Parse(pattern.Text, "hi", pattern.Options{})
	if err != nil {
		t.Fatal(err)
	}
	v.findNext(p, false)
	w.settle()
	// The list asks for the frame of a byte, and has it as soon as it is read, which may be later than the match.
	until(t, w, "frame 3 of the match", func() bool { f, ok := v.list.SelectedFrame(); return ok && f.Number == 3 })
}

func TestALargeSelectionIsSaidInFull(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	v := openedWith(t, w, func(l *capture.Log) {
		for range 4 {
			l.Append(capture.Flow{Proto: capture.TCP}, capture.In, capture.Data, make([]byte, 30_000), "")
		}
	})
	v.hex.SelectAll()
	title := ""
	for _, o := range test.WidgetRenderer(v.inspector).Objects() {
		if text, ok := o.(*canvas.Text); ok && strings.HasPrefix(text.Text, "offset") {
			title = text.Text
		}
	}
	if !strings.HasPrefix(title, "offset 0x0 (0), 120,000 b") {
		t.Errorf("the inspector says %q", title)
	}
}
