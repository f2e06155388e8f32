package widgets

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"wirebench/sessions/charset"
	"wirebench/sessions/inspect"
)

// sample begins with a length, a text, a time and a float, so that many rows say something.
var sample = []byte("\x00\x05Hello\x00\x40\x49\x0f\xdb\x00\x00\x00\x00\xe2\x82\xac")

// cells returns the texts of the row that is drawn for an ID, nil when it is not in sight.
func cells(i *Inspector, id string) []string {
	n := slices.IndexFunc(i.rows, func(r inspect.Row) bool { return r.ID == id })
	if n < 0 {
		return nil
	}
	for _, texts := range i.table.pool {
		if texts[0].Visible() && texts[0].Text == i.rows[n].Name && !texts[0].TextStyle.Bold {
			var out []string
			for _, text := range texts {
				if text.Visible() {
					out = append(out, text.Text)
				}
			}
			return out
		}
	}
	return nil
}

// centre returns the middle of a row's cell in the table.
func centre(t *testing.T, i *Inspector, id string, column int) fyne.Position {
	t.Helper()
	n := i.table.lineOf(id)
	if n < 0 {
		t.Fatalf("row %q is not shown", id)
	}
	starts, width := i.table.columns(i.table.Size().Width)
	x := starts[column] + width/2
	if column == 0 {
		x = starts[0] + 4
	}
	return fyne.NewPos(x, (float32(n)+0.5)*i.table.rowHeight())
}

func TestInspectorShowsBothOrdersSideBySide(t *testing.T) {
	i := NewInspector()
	stage(t, i, fyne.NewSize(460, 1200))
	i.SetBytes(0x10, sample, 2)
	tests := []struct {
		id   string
		want []string
	}{
		{"selu", []string{"selection, u", "5", "1280"}},
		{"u16", []string{"u16", "5", "1280"}},
		{"u8", []string{"u8", "0"}},
		{"bool", []string{"Boolean", "false"}},
		{"readutf", []string{"readUTF", "Hello", "needs 1,263 more bytes"}},
		{"string", []string{"string to NUL", "(empty)"}},
		{"u128", []string{"u128", "27905562396317829…", "72057594379542840…"}},
	}
	for _, tt := range tests {
		got := cells(i, tt.id)
		for n := range got {
			if n < len(tt.want) && strings.HasSuffix(tt.want[n], "…") && strings.HasSuffix(got[n], "…") {
				got[n] = tt.want[n] // how much fits is the font's business
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s shows %q, want %q", tt.id, got, tt.want)
		}
	}
	if want := "offset 0x10 (16), 2 bytes selected"; i.title.Text != want {
		t.Errorf("header %q, want %q", i.title.Text, want)
	}
	i.SetBytes(0x11, sample[:1], 1)
	if want := "offset 0x11 (17), 1 byte selected"; i.title.Text != want {
		t.Errorf("header %q, want %q", i.title.Text, want)
	}
	if got := cells(i, "u32"); !slices.Equal(got, []string{"u32", "needs 3 more bytes"}) {
		t.Errorf("with one byte, u32 shows %q", got)
	}
	i.SetBytes(0, nil, 0)
	if want := "offset 0x0 (0)"; i.title.Text != want {
		t.Errorf("header %q, want %q", i.title.Text, want)
	}
	i.Clear()
	if len(i.table.lines) != 0 || i.hint.Text == "" || i.title.Text != "" {
		t.Errorf("cleared, it shows %d lines under %q %q", len(i.table.lines), i.title.Text, i.hint.Text)
	}
}

func TestInspectorDrawsOnlyWhatChanged(t *testing.T) {
	i := NewInspector()
	stage(t, i, fyne.NewSize(460, 500))
	i.SetBytes(0, sample, 0)
	drawn := func() map[*canvas.Text]string {
		all := map[*canvas.Text]string{}
		for _, texts := range i.table.pool {
			for _, text := range texts {
				all[text] = text.Text
			}
		}
		return all
	}
	before := drawn()
	if len(before) > 100 {
		t.Errorf("%d text objects in a window of 500", len(before))
	}
	for n := range 200 {
		i.SetBytes(int64(n), sample[n%len(sample):], n%5)
	}
	i.SetBytes(0, sample, 0)
	after := drawn()
	if len(after) != len(before) {
		t.Errorf("%d text objects became %d", len(before), len(after))
	}
	for text, was := range before {
		if is, kept := after[text]; !kept || is != was && text.Visible() {
			t.Errorf("%q was replaced or came back as %q", was, is)
		}
	}
}

func TestInspectorKeepsHostileTextWithinBounds(t *testing.T) {
	i := NewInspector()
	stage(t, i, fyne.NewSize(3000, 1200))
	i.SetBytes(0, []byte(strings.Repeat("\u202e日\x1b[2J", 20000)), 0)
	if len(i.bytes) != InspectorBytes {
		t.Errorf("looks at %d bytes", len(i.bytes))
	}
	for _, texts := range i.table.pool {
		for _, text := range texts {
			if n := utf8.RuneCountInString(text.Text); n > inspectorCells {
				t.Errorf("%d characters in one text", n)
			}
			if strings.ContainsAny(text.Text, "\u202e\x1b\n") {
				t.Errorf("%q is shown as it is", text.Text)
			}
		}
	}
	if got := cells(i, "string"); len(got) != 2 || !strings.HasPrefix(got[1], `\u202e日\x1b[2J`) {
		t.Errorf("string shows %q", got)
	}
}

func TestInspectorCopiesTheWholeValueThatWasClicked(t *testing.T) {
	i := NewInspector()
	w := stage(t, i, fyne.NewSize(300, 1200))
	var copied []string
	i.OnCopy = func(text string) { copied = append(copied, text) }
	i.SetBytes(0, sample, 2)
	click := func(id string, column int) {
		t.Helper()
		i.table.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: centre(t, i, id, column)}, Button: desktop.MouseButtonPrimary})
		if w.Canvas().Focused() != fyne.Focusable(i) {
			t.Error("a click does not take the focus")
		}
		i.TypedShortcut(&fyne.ShortcutCopy{})
	}
	click("u16", 1)
	click("u16", 2)
	click("u16", 0)
	click("u8", 2)
	click("u128", 1) // drawn with an ellipsis
	click("string", 1)
	want := []string{"5", "1280", "u16", "0", "27905562396317829319225049366528", ""}
	want = want[:5] // an empty value is not copied
	if want[4] = i.rows[14].Value(sample, inspect.Big).Text; i.rows[14].ID != "u128" {
		t.Fatal("u128 has moved")
	}
	if !slices.Equal(copied, want) {
		t.Errorf("copied %q, want %q", copied, want)
	}
}

func TestInspectorMenuCopiesAndSearches(t *testing.T) {
	i := NewInspector()
	stage(t, i, fyne.NewSize(460, 1200))
	var copied string
	i.OnCopy = func(text string) { copied = text }
	i.SetBytes(0, sample, 0)

	i.table.choose(centre(t, i, "u16", 2))
	if m := i.table.menu(); len(m.Items) != 2 {
		t.Errorf("without OnSearch the menu has %d items", len(m.Items))
	}
	var searched []byte
	i.OnSearch = func(b []byte) { searched = b }
	m := i.table.menu()
	m.Items[0].Action()
	if copied != "1280" {
		t.Errorf("value copied as %q", copied)
	}
	m.Items[1].Action()
	if copied != "u16\t5\t1280" {
		t.Errorf("row copied as %q", copied)
	}
	i.SetBytes(2, sample[2:], 0) // traffic goes on while the menu is open
	m.Items[2].Action()
	if string(searched) != "\x00\x05" {
		t.Errorf("searched for % x", searched)
	}

	i.SetBytes(0, sample[:1], 0)
	m = i.table.menu()
	if !m.Items[0].Disabled || !m.Items[2].Disabled {
		t.Error("a value that is not there can be copied or searched for")
	}
	m.Items[1].Action()
	if copied != "u16\tneeds 1 more byte" {
		t.Errorf("row copied as %q", copied)
	}
}

func TestInspectorCopiesToTheClipboardWithoutAnOwner(t *testing.T) {
	i := NewInspector()
	stage(t, i, fyne.NewSize(460, 1200))
	i.SetBytes(0, sample, 0)
	i.table.choose(centre(t, i, "u16", 1))
	i.TypedShortcut(&fyne.ShortcutCopy{Clipboard: fyne.CurrentApp().Clipboard()})
	if got := fyne.CurrentApp().Clipboard().Content(); got != "5" {
		t.Errorf("clipboard holds %q", got)
	}
}

func TestInspectorTellsTheOrderThatWasChosen(t *testing.T) {
	i := NewInspector()
	stage(t, i, fyne.NewSize(460, 600))
	i.SetBytes(0, sample, 0)
	var told []inspect.Order
	i.OnOrder = func(o inspect.Order) { told = append(told, o) }
	i.SetOrder(inspect.Little)
	if len(told) != 0 || i.switcher.chosen != 1 {
		t.Errorf("set by the program: told %v, switch at %d", told, i.switcher.chosen)
	}
	test.TapAt(i.switcher, fyne.NewPos(5, 5))
	test.TapAt(i.switcher, fyne.NewPos(5, 5))
	if !slices.Equal(told, []inspect.Order{inspect.Big}) || i.Order != inspect.Big {
		t.Errorf("told %v, order %v", told, i.Order)
	}
	if !i.columns[1].TextStyle.Bold || i.columns[2].TextStyle.Bold {
		t.Error("the heading of the chosen order is not the bold one")
	}
}

func TestInspectorHidesRowsAndTheHeadingsOfEmptyGroups(t *testing.T) {
	i := NewInspector()
	stage(t, i, fyne.NewSize(460, 2000))
	i.SetBytes(0, sample, 0)
	hidden := map[string]bool{"u16": true}
	for _, r := range i.rows {
		if r.Group == inspect.Floats {
			hidden[r.ID] = true
		}
	}
	i.SetHidden(hidden)
	if cells(i, "u16") != nil || cells(i, "f32") != nil || cells(i, "i16") == nil {
		t.Error("the wrong rows are hidden")
	}
	for _, l := range i.table.lines {
		if l.heading == inspect.Floats {
			t.Error("a group without rows has its heading")
		}
	}
	i.SetHidden(nil)
	if cells(i, "u16") == nil || cells(i, "f32") == nil {
		t.Error("rows do not come back")
	}
}

func TestInspectorTellsWhereAFrameEndsInTheStream(t *testing.T) {
	i := NewInspector()
	stage(t, i, fyne.NewSize(900, 2400))
	i.SetBytes(0x100, []byte{0, 4, 1, 2, 3}, 0)
	if got := cells(i, "u16rest"); len(got) < 2 || got[1] != "0x106 (262), beyond, 1 byte missing" {
		t.Errorf("%q", got)
	}
	i.SetTotal(0x106, false)
	if got := cells(i, "u16rest"); len(got) < 2 || got[1] != "0x106 (262), exactly at the end" {
		t.Errorf("%q", got)
	}
	i.SetBytes(0x100, []byte{0, 4, 1, 2, 3}, 0)
	if got := cells(i, "u16rest"); len(got) < 2 || got[1] != "0x106 (262), beyond, 1 byte missing" {
		t.Errorf("the size of another place is remembered: %q", got)
	}
}

func TestAValueThatGoesOnBehindTheBytesAtHandIsNotUsedAsBytes(t *testing.T) {
	i := NewInspector()
	i.OnSearch = func(b []byte) { t.Errorf("%d bytes are searched for", len(b)) }
	stage(t, i, fyne.NewSize(900, 2400))
	b := append([]byte{0, 2, 0, 0}, bytes.Repeat([]byte("x"), InspectorBytes-4)...)
	i.SetPlace(inspect.Place{Bytes: b, Total: 1 << 20}, 0)
	i.table.chosenID, i.table.chosenCol = "u32string", 1
	if _, v, ok := i.table.chosen(); !ok || v.Size <= len(b) {
		t.Fatalf("%+v is no test", v)
	}
	for _, item := range i.table.menu().Items {
		if item.Label == "Search for these bytes" && !item.Disabled {
			t.Error("it is offered to search for bytes that are not at hand")
		}
	}
}

func TestInspectorNamesAFrameThatIsNotSelected(t *testing.T) {
	i := NewInspector()
	stage(t, i, fyne.NewSize(900, 2400))
	for _, c := range []struct {
		show func()
		want string
	}{
		{func() { i.SetFrame(0x11, []byte("eighteen bytes: 18"), 18, true) }, "offset 0x11 (17), payload of 18 bytes"},
		{func() { i.SetFrame(0x11, []byte("x"), 1, true) }, "offset 0x11 (17), payload of 1 byte"},
		{func() { i.SetFrame(0x11, []byte("the beginning"), 1<<20, true) }, "offset 0x11 (17), payload of 1,048,576 bytes"},
		{func() { i.SetFrame(0x11, []byte{0, 0}, 2, false) }, "offset 0x11 (17), frame of 2 bytes"},
		{func() { i.SetBytes(0x11, []byte("ab"), 2) }, "offset 0x11 (17), 2 bytes selected"},
		{func() { i.SetFrame(0x11, []byte("ab"), 2, true); i.SetBytes(0x12, []byte("b"), 0) }, "offset 0x12 (18)"},
		{func() { i.SetFrame(0x11, []byte("ab"), 2, true); i.Clear() }, ""},
	} {
		if c.show(); i.title.Text != c.want {
			t.Errorf("title %q, want %q", i.title.Text, c.want)
		}
	}
	// A text ends with the payload.
	i.SetFrame(0x11, []byte("hello"), 5, true)
	if got := cells(i, "seltext"); len(got) < 2 || got[1] != "hello" {
		t.Errorf("text %q", got)
	}
}

func TestInspectorReadsTextInTheCharset(t *testing.T) {
	i := NewInspector()
	stage(t, i, fyne.NewSize(900, 2400))
	i.SetBytes(0, []byte("\x93\xfa"), 0)
	c, err := charset.Lookup("shift_jis")
	if err != nil {
		t.Fatal(err)
	}
	i.SetCharset(c)
	if got := cells(i, "char"); len(got) < 2 || got[1] != "日  U+65E5" {
		t.Errorf("%q", got)
	}
}

func TestInspectorKeysMoveOverEveryValueAndScroll(t *testing.T) {
	i := NewInspector()
	w := stage(t, i, fyne.NewSize(460, 240))
	i.SetBytes(0, sample, 0)
	w.Canvas().Focus(i)
	press(w, fyne.KeyDown)
	if i.table.chosenID != "selu" || i.table.chosenCol != 1 {
		t.Errorf("the first key chooses %q, column %d", i.table.chosenID, i.table.chosenCol)
	}
	var seen []string
	for range i.rows {
		seen = append(seen, i.table.chosenID)
		if cells(i, i.table.chosenID) == nil {
			t.Errorf("%s is chosen and out of sight", i.table.chosenID)
		}
		press(w, fyne.KeyDown)
	}
	for n, r := range i.rows {
		if seen[n] != r.ID {
			t.Fatalf("step %d is at %s, want %s", n, seen[n], r.ID)
		}
	}
	press(w, fyne.KeyRight, fyne.KeyRight)
	if i.table.chosenCol != 2 {
		t.Errorf("column %d after two steps to the right", i.table.chosenCol)
	}
	press(w, fyne.KeyHome)
	if i.table.chosenID != "selu" || i.scroll.Offset.Y != 0 {
		t.Errorf("Home goes to %q, scrolled by %v", i.table.chosenID, i.scroll.Offset.Y)
	}
	press(w, fyne.KeyPageDown, fyne.KeyEnd)
	if last := i.rows[len(i.rows)-1].ID; i.table.chosenID != last || cells(i, last) == nil {
		t.Errorf("End goes to %q", i.table.chosenID)
	}
}

func TestInspectorShowsTheChosenValueInFullWhereItsColumnIsTooNarrow(t *testing.T) {
	i := NewInspector()
	w := stage(t, i, fyne.NewSize(300, 600))
	i.SetBytes(0, sample, 0)
	full := func() string {
		text := ""
		for _, line := range i.detail.lines {
			if line.Visible() {
				text += line.Text
			}
		}
		return text
	}
	i.table.choose(centre(t, i, "u16", 1))
	if i.detail.used != 0 || full() != "" {
		t.Errorf("a value that fits is shown again: %q", full())
	}
	before := i.scroll.Size().Height
	i.table.choose(centre(t, i, "i128", 2))
	if _, v, _ := i.table.chosen(); full() != v.Text || len(v.Text) < 25 {
		t.Errorf("shows %q of %q", full(), v.Text)
	}
	if i.scroll.Size().Height >= before {
		t.Error("no room was made")
	}
	w.Resize(fyne.NewSize(900, 600))
	relayout(w.Canvas())
	if full() != "" || i.scroll.Size().Height < before {
		t.Errorf("with a wide column it still shows %q", full())
	}
	w.Resize(fyne.NewSize(300, 600))
	relayout(w.Canvas())
	if full() == "" {
		t.Error("with a narrow column again it shows nothing")
	}
	i.SetBytes(0, []byte(strings.Repeat("日a", 300)), 0)
	i.table.chosenID, i.table.chosenCol = "string", 1
	i.follow()
	if n := utf8.RuneCountInString(full()); n > inspectorCells || !strings.HasSuffix(full(), "…") {
		t.Errorf("%d characters of a long text: %q", n, full())
	}
}

func TestInspectorSurvivesItsRenderer(t *testing.T) {
	i := NewInspector()
	w := stage(t, i, fyne.NewSize(460, 400))
	i.SetBytes(7, sample, 0)
	i.scroll.ScrollToOffset(fyne.NewPos(0, 100))
	i.table.choose(centre(t, i, "u32", 1))
	w.SetContent(canvas.NewText("", nil))
	i.CreateRenderer() // as Fyne does when a tab comes back
	w.SetContent(i)
	if i.table.chosenID != "u32" || i.scroll.Offset.Y != 100 || i.title.Text != "offset 0x7 (7)" {
		t.Errorf("came back with %q, %v, %q", i.table.chosenID, i.scroll.Offset.Y, i.title.Text)
	}
}

func TestCellsAreFittedByTheirWidth(t *testing.T) {
	tests := []struct {
		in   string
		n    int
		want string
	}{
		{"hello", 5, "hello"}, {"hello!", 5, "hell…"}, {"日本語", 6, "日本語"}, {"日本語", 5, "日本…"}, {"日本語", 4, "日…"},
		{"x", 0, ""}, {"", 0, ""}, {"x", -1, ""}, {"日", 1, "…"},
	}
	for _, tt := range tests {
		if got := fitCells(tt.in, tt.n); got != tt.want {
			t.Errorf("fitCells(%q, %d) = %q, want %q", tt.in, tt.n, got, tt.want)
		}
	}
}

func TestTheInspectorLooksRight(t *testing.T) {
	i := NewInspector()
	w := stage(t, i, fyne.NewSize(420, 900))
	i.SetBytes(0x10, sample, 4)
	i.table.choose(centre(t, i, "u128", 1))
	looks(t, w, "inspector")
	w.Resize(fyne.NewSize(300, 360))
	i.SetOrder(inspect.Little)
	i.SetBytes(0x1234567, []byte("\x03\x02\x01\u202e日本語 text"), 0)
	i.scroll.ScrollToOffset(fyne.NewPos(0, 330))
	looks(t, w, "inspector-small")
	i.Clear()
	looks(t, w, "inspector-empty")
}

func BenchmarkInspectorMovesOverBytes(b *testing.B) {
	test.NewTempApp(b)
	i := NewInspector()
	w := test.NewTempWindow(b, i)
	w.Resize(fyne.NewSize(420, 700))
	data := []byte(strings.Repeat(fmt.Sprintf("%s\x00", sample), 100))
	n := 0
	for b.Loop() {
		i.SetBytes(int64(n), data[n%1000:], 0)
		n++
	}
}
