package widgets

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"wirebench/widgets/grid"
)

func newTextUnderTest(t *testing.T, width float32) *TextView {
	t.Helper()
	v := NewTextView("Text", "Nothing")
	stage(t, container.NewStack(v), fyne.NewSize(width, 300))
	return v
}

// textRowsOf are all rows as text, with the mark, without the blanks at their ends.
func textRowsOf(v *TextView) (all []string) {
	for row := range (&textRows{v}).Rows() {
		var b strings.Builder
		for _, c := range (&textRows{v}).Row(row, nil) {
			if c.Rune != 0 {
				b.WriteRune(c.Rune)
			}
		}
		all = append(all, strings.TrimRight(b.String(), " "))
	}
	return all
}

func TestTextWrapsUnderItsIndent(t *testing.T) {
	v := newTextUnderTest(t, 200)
	room := v.grid.VisibleColumns() - markWidth
	v.SetText("short\n    "+strings.Repeat("a", room)+"\n日本"+strings.Repeat("語", room)+"\n", 2)
	rows := textRowsOf(v)
	if rows[0] != "  short" || rows[1] != "!     "+strings.Repeat("a", room-4) || rows[2] != "        aaaa" {
		t.Errorf("rows are %q", rows)
	}
	for i, r := range rows {
		if n := cellsOf(r); n > room+markWidth {
			t.Errorf("row %d has %d cells of %d", i, n, room+markWidth)
		}
	}
	if v.Lines() != 3 {
		t.Errorf("%d lines", v.Lines())
	}
	if cells := (&textRows{v}).Row(2, nil); cells[8].Fg != grid.Error {
		t.Error("the wrong line is not marked to its end")
	}
	wide := len(rows)
	v.Resize(fyne.NewSize(500, 300))
	if n := len(textRowsOf(v)); n >= wide {
		t.Errorf("%d rows when there is more room, and %d before", n, wide)
	}
}

func TestLinesAreCopiedAsTheyAre(t *testing.T) {
	v := newTextUnderTest(t, 200)
	long := strings.Repeat("x", 500)
	v.SetText("one\n"+long+"\nthree", 0)
	if text, left := v.CopyText(); text != "one\n"+long+"\nthree" || left != 0 {
		t.Errorf("all is %q, without %d lines", text, left)
	}
	v.grid.OnTapped(2, 0, 0) // the second row of the second line
	v.key(&fyne.KeyEvent{Name: fyne.KeyDown}, fyne.KeyModifierShift)
	if text, _ := v.CopyText(); text != long+"\nthree" {
		t.Errorf("the last two lines are %q", text)
	}
	v.key(&fyne.KeyEvent{Name: fyne.KeyHome}, 0)
	if text, _ := v.CopyText(); text != "one" {
		t.Errorf("the first line is %q", text)
	}
	v.SetText("", 0)
	if text, _ := v.CopyText(); text != "" || len(textRowsOf(v)) != 0 {
		t.Errorf("nothing is %q", text)
	}
}

func TestTextOfOneEndlessLineIsShown(t *testing.T) {
	v := newTextUnderTest(t, 200)
	v.SetText(strings.Repeat("é", 1<<20), 1)
	room := int64(v.width - markWidth)
	if n := (&textRows{v}).Rows(); n < 1<<20/room || n > 1<<20/(room-2)+2 {
		t.Errorf("%d rows of %d cells", n, room)
	}
	for _, row := range []int64{0, 1, (&textRows{v}).Rows() - 1} {
		if n := len((&textRows{v}).Row(row, nil)); n > v.width {
			t.Errorf("row %d has %d cells", row, n)
		}
	}
}

func TestHostileTextIsReplaced(t *testing.T) {
	v := newTextUnderTest(t, 300)
	v.SetText("a\u202eb\x07c", 0)
	for _, c := range (&textRows{v}).Row(0, nil) {
		if c.Rune == '\u202e' || c.Rune == 7 {
			t.Errorf("%U is shown", c.Rune)
		}
	}
}
