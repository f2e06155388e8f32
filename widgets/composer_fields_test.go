package widgets

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wirebench/sessions/checksum"
	"wirebench/sessions/fields"
	"wirebench/sessions/inspect"
)

// aMove is a message of a game's protocol and the bytes it comes to.
const (
	aMove      = `u8 1, u16be len(body), body: {u32le 10000, u32le 1000}, u16le crc-16/modbus(all)`
	aMoveBytes = "01" + "0008" + "10270000" + "e8030000" + "f676"
)

// composing returns a composer in Fields mode with a text in its field.
func composing(t *testing.T, text string) (*Composer, fyne.Window, *[]string) {
	t.Helper()
	c, w, sent, _ := composer(t)
	c.SetMode(ComposeFields)
	c.entry.insert(text)
	return c, w, sent
}

// at puts the cursor behind the first occurrence of what, and returns what is said of the field there.
func at(t *testing.T, c *Composer, what string) (marked, caption string) {
	t.Helper()
	i := strings.Index(c.Text(), what)
	if i < 0 {
		t.Fatalf("there is no %q in %q", what, c.Text())
	}
	c.entry.setCursor(i + len(what))
	return hex.EncodeToString(c.bytes.bytes[c.bytes.from:c.bytes.to]), c.bytes.text
}

func TestComposerSendsFields(t *testing.T) {
	c, _, sent := composing(t, aMove)
	if c.count.text != "13 bytes" || c.problem.text != "" {
		t.Errorf("%q, %q", c.count.text, c.problem.text)
	}
	shortcut(c, fyne.KeyReturn)
	if len(*sent) != 1 || hex.EncodeToString([]byte((*sent)[0])) != aMoveBytes {
		t.Errorf("sent %x", *sent)
	}
}

func TestComposerMarksTheBytesOfTheFieldUnderTheCursor(t *testing.T) {
	c, _, _ := composing(t, aMove)
	tests := []struct{ behind, marked, caption string }{
		{"u8", "01", "u8 1: 1 byte at 0x00"},
		{"len", "0008", "u16be len(body) = 8: 2 bytes at 0x01"},
		{"bod", "0008", "u16be len(body) = 8: 2 bytes at 0x01"},
		{"body: {", "10270000", "u32le 10000: 4 bytes at 0x03"},
		{"body: ", "10270000e8030000", "group body: 8 bytes at 0x03"},
		{"1000}", "10270000e8030000", "group body: 8 bytes at 0x03"},
		{"10000", "10270000", "u32le 10000: 4 bytes at 0x03"},
		{"(all)", "f676", "u16le crc-16/modbus(all) = 0x76f6: 2 bytes at 0x0b"},
	}
	for _, tt := range tests {
		if marked, caption := at(t, c, tt.behind); marked != tt.marked || caption != tt.caption {
			t.Errorf("behind %q: %s, %q; want %s, %q", tt.behind, marked, caption, tt.marked, tt.caption)
		}
	}
	c.SetText("u8 1  , u8 2")
	c.entry.setCursor(5)
	if c.bytes.from != c.bytes.to || c.bytes.text != "" {
		t.Errorf("between two fields: %d to %d, %q", c.bytes.from, c.bytes.to, c.bytes.text)
	}
	c.SetText("text \"é\u202e\"\nu8 7")
	if marked, caption := at(t, c, "é"); marked != "c3a9e280ae" || !strings.Contains(caption, `\u202e`) {
		t.Errorf("%s, %q", marked, caption)
	}
	if marked, _ := at(t, c, "u8 7"); marked != "07" {
		t.Errorf("behind a letter of two bytes: %s", marked)
	}
}

func TestComposerFollowsTheCursorAsKeysMoveIt(t *testing.T) {
	c, w, _ := composing(t, "u8 1\nu8 2\nu8 3")
	press(w, fyne.KeyUp)
	if got := c.bytes.bytes[c.bytes.from]; got != 2 {
		t.Errorf("up marks %d", got)
	}
	press(w, fyne.KeyUp)
	if got := c.bytes.bytes[c.bytes.from]; got != 1 {
		t.Errorf("up again marks %d", got)
	}
}

func TestATapOnAByteGoesToItsField(t *testing.T) {
	c, _, _ := composing(t, aMove)
	b := c.bytes
	cell := b.cell()
	tap := func(column int) {
		test.TapAt(b, fyne.NewPos((float32(column)+0.5)*cell.Width, b.captionHeight()+cell.Height/2))
	}
	hexAt := func(i int) int { return b.digits() + 2 + hexColumn(i) }
	for i, want := range map[int]string{0: "u8 1", 2: "u16be len", 3: "u32le 10000", 10: "u32le 1000:", 12: "crc-16/modbus"} {
		tap(hexAt(i))
		if !strings.Contains(b.text, want) {
			t.Errorf("a tap on byte %d goes to %q", i, b.text)
		}
	}
	tap(b.digits() + 2 + hexColumn(b.perRow()) + 1 + 7)
	if !strings.Contains(b.text, "u32le 1000:") {
		t.Errorf("a tap on character 7 goes to %q", b.text)
	}
	for _, beside := range []int{0, hexAt(13), b.digits() + 2 + hexColumn(b.perRow()) + 14} {
		tap(beside)
		if !strings.Contains(b.text, "u32le 1000:") {
			t.Errorf("a tap beside the bytes, at column %d, goes to %q", beside, b.text)
		}
	}
}

func TestTheCursorGoesWhereItIsPutInAnyText(t *testing.T) {
	for _, text := range []string{"", "a", "é\nb\n\nc\n", strings.Repeat("u8 1, ", 200), strings.Repeat("x", 500) + "\n" + strings.Repeat("é", 300)} {
		c, _, _, _ := composer(t)
		c.SetText(text)
		for i := range text {
			c.entry.setCursor(i)
			if got := c.entry.cursor(); got != i {
				t.Fatalf("put at %d of %q: at %d", i, clip(text, 20), got)
			}
		}
		c.entry.setCursor(len(text) + 5)
		if got := c.entry.cursor(); got != len(text) {
			t.Errorf("put behind %q: at %d of %d", clip(text, 20), got, len(text))
		}
	}
}

func TestFieldsThatCannotBeReadLeaveTheBytesAndSayWhere(t *testing.T) {
	c, w, sent := composing(t, "u8 1\nu16 2")
	before := slices.Clone(c.bytes.bytes)
	height := c.field.Size().Height
	typing(w, "x")
	relayout(w.Canvas())
	if c.count.text != "Error at line 2, column 5" || !strings.Contains(c.problem.text, "ine 2, column 5: ") || !c.send.Disabled() || !c.field.bad {
		t.Errorf("%q, %q", c.count.text, c.problem.text)
	}
	if !c.bytes.old || !slices.Equal(c.bytes.bytes, before) || c.bytes.caption.Visible() {
		t.Errorf("old %v, % x, caption %v", c.bytes.old, c.bytes.bytes, c.bytes.caption.Visible())
	}
	if c.field.Size().Height != height {
		t.Errorf("the field is %v high, and was %v", c.field.Size().Height, height)
	}
	c.entry.setCursor(0)
	c.Send()
	if marked := c.entry.SelectedText(); len(*sent) != 0 || marked != "2x" {
		t.Errorf("sent %x, %q is marked", *sent, marked)
	}
	typing(w, "2")
	relayout(w.Canvas())
	if c.bytes.old || c.problem.text != "" || !c.bytes.caption.Visible() || c.send.Disabled() {
		t.Error("it stays so when the text was put right")
	}
}

func TestTheByteOrderIsTheTabsUnlessOneIsChosen(t *testing.T) {
	c, _, _ := composing(t, "u16 1, u16be 1, u16le 1")
	bytes := func() string { b, _ := c.Bytes(); return hex.EncodeToString(b) }
	changes := 0
	c.OnChanged = func() { changes++ }
	if bytes() != "000100010100" || c.orders.Selected != "Order: big (tab)" {
		t.Errorf("%s, %q", bytes(), c.orders.Selected)
	}
	c.SetOrder(inspect.Little)
	if bytes() != "010000010100" || c.orders.Selected != "Order: little (tab)" || changes != 1 {
		t.Errorf("%s, %q, %d changes", bytes(), c.orders.Selected, changes)
	}
	c.orders.SetSelected("Order: big")
	if bytes() != "000100010100" || c.FieldOrder() != fields.Big || changes != 2 {
		t.Errorf("%s, %v, %d changes", bytes(), c.FieldOrder(), changes)
	}
	c.SetOrder(inspect.Big)
	if c.orders.Selected != "Order: big" || changes != 2 {
		t.Errorf("%q, %d changes", c.orders.Selected, changes)
	}
	c.orders.SetSelected("Order: big (tab)")
	if c.FieldOrder() != fields.Default {
		t.Errorf("%v", c.FieldOrder())
	}
}

func TestFieldsTooLongForTheComposerAreRefusedAtTheirPlace(t *testing.T) {
	c, _, _ := composing(t, "u8 1, zeros 1048575")
	if c.count.text != "1,048,576 bytes" {
		t.Errorf("%q", c.count.text)
	}
	c.SetText("u8 1, zeros 1048576")
	if c.count.text != "Error at column 13" || !strings.Contains(c.problem.text, "1 MiB") {
		t.Errorf("%q, %q", c.count.text, c.problem.text)
	}
	c.SetText("zeros 100000")
	tapMode(c, ComposeHex)
	if n, on := c.banner.Notice(); c.Mode() != ComposeFields || c.Text() != "zeros 100000" || !on || !strings.Contains(n.Text, "too much") {
		t.Errorf("%v, %q, %q", c.Mode(), c.Text(), n.Text)
	}
}

func TestAFieldIsAddedAtTheCursorWithWhatSeparatesIt(t *testing.T) {
	tests := []struct{ name, before, behind, field, want string }{
		{"into nothing", "", "", "u8 0xff", "u8 0xff"},
		{"behind a field", "u8 1", "", "u8 2", "u8 1, u8 2"},
		{"within a field", "u8", " 1, u8 3", "u8 2", "u8 1, u8 2, u8 3"},
		{"behind a comma", "u8 1,", "", "u8 2", "u8 1, u8 2"},
		{"behind a comma and a blank", "u8 1, ", "", "u8 2", "u8 1, u8 2"},
		{"before another", "", "u8 1", "u8 2", "u8 1, u8 2"}, // the cursor is within that one
		{"on a line of its own", "u8 1\n", "\nu8 3", "u8 2", "u8 1\nu8 2\nu8 3"},
		{"into an empty group", "a: {", "}", "u8 2", "a: { u8 2}"},
		{"behind what is in a group", "a: {u8 1", "}", "u8 2", "a: {u8 1, u8 2}"},
		{"before what is in a group", "a: {", " u8 1}", "u8 2", "a: { u8 2,  u8 1}"},
		{"into a text that cannot be read", "u8 1, u8 ", "", "u8 2", "u8 1, u8 , u8 2"},
		{"behind a name", "size:", "", "u16 len(rest)", "size: u16 len(rest)"},
		{"with a name that is taken", "body: {}, body2: {}", "", "body: { u8 1 }", "body: {}, body2: {}, body3: { u8 1 }"},
		{"a text with a colon in it", `text "a: b"`, "", `text "a: b"`, `text "a: b", text "a: b"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _, _ := composing(t, "")
			c.SetText(tt.before + tt.behind)
			c.entry.setCursor(len(tt.before))
			c.insertField(tt.field)
			if c.Text() != tt.want {
				t.Errorf("%q, want %q", c.Text(), tt.want)
			}
			c.entry.Undo()
			if c.Text() != tt.before+tt.behind {
				t.Errorf("undone, it is %q", c.Text())
			}
		})
	}
}

func TestEveryFieldOfTheMenuCanBeBuilt(t *testing.T) {
	wear(t, lightTheme)
	c := NewComposer()
	c.SetMode(ComposeFields)
	count := 0
	var walk func(m *fyne.Menu)
	walk = func(m *fyne.Menu) {
		for _, item := range m.Items {
			if item.ChildMenu != nil {
				walk(item.ChildMenu)
				continue
			}
			count++
			c.SetText("")
			item.Action()
			example := c.Text()
			c.SetText("u8 1, " + example + ", u8 2") // len(next) needs one that follows
			if _, err := c.Bytes(); err != nil || example == "" || !strings.HasPrefix(item.Label, example) {
				t.Errorf("%q writes %q: %v", item.Label, example, err)
			}
		}
	}
	walk(c.kindsMenu())
	for _, id := range usualChecksums {
		if _, err := checksum.Lookup(id); err != nil {
			t.Error(err)
		}
	}
	if want := len(fields.Kinds()) + len(checksum.All()); count < want {
		t.Errorf("%d fields, and there are %d kinds and checksums", count, want)
	}
}

func TestTheMenuOfFieldsOpensBelowItsButton(t *testing.T) {
	c, w, _ := composing(t, "")
	relayout(w.Canvas())
	test.Tap(c.add.shown())
	if w.Canvas().Overlays().Top() == nil {
		t.Error("there is no menu")
	}
}

func TestTheButtonOfSavedMessagesIsThereWhereThereAreSome(t *testing.T) {
	c, w, _, _ := composer(t)
	relayout(w.Canvas())
	if c.saved.Visible() {
		t.Error("it leads nowhere")
	}
	asked := 0
	c.OnSaved = func() { asked++ }
	c.Refresh()
	relayout(w.Canvas())
	if !c.saved.Visible() {
		t.Fatal("it is not there")
	}
	if test.Tap(c.saved); asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

func TestTheBytesScrollAndFollowTheMark(t *testing.T) {
	c, w, _ := composing(t, "")
	c.SetText("zeros 2000\nu8 7")
	relayout(w.Canvas())
	b := c.bytes
	n := b.perRow()
	if last := (len(b.bytes) - 1) / n; b.first+b.shownRows(b.Size().Height) != last+1 {
		t.Errorf("row %d is at the top; the marked byte is in row %d", b.first, last)
	}
	c.entry.setCursor(0)
	if b.first != 0 {
		t.Errorf("row %d is at the top, and the first is marked", b.first)
	}
	b.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -20)})
	b.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -20)})
	if b.first != 2 {
		t.Errorf("scrolled to row %d", b.first)
	}
	for range 1000 {
		b.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, 20)})
	}
	if b.first != 0 {
		t.Errorf("scrolled back to row %d", b.first)
	}
}

func TestTheComposerInFieldsLooksRight(t *testing.T) {
	c, w, _ := composing(t, aMove)
	c.OnSendFile, c.OnSaved = func() {}, func() {}
	c.SetHistory(asTexts("x"))
	for _, width := range []float32{1000, c.MinSize().Width} {
		name := func(what string) string { return fmt.Sprintf("composer-%s-%.0f", what, width) }
		w.Resize(fyne.NewSize(width, 240))
		at(t, c, "len(")
		looks(t, w, name("fields"))
		if width == 1000 {
			at(t, c, "body: ")
			looks(t, w, name("fields-group"))
		}
		c.SetText(aMove + "x")
		looks(t, w, name("fields-error"))
		if width == 1000 {
			c.SetProgress(1, 3, func() {})
			looks(t, w, name("fields-progress"))
			c.ClearProgress()
		}
		c.SetText(aMove)
	}
	w.Resize(c.MinSize())
	looks(t, w, "composer-fields-small")
}
