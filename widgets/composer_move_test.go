package widgets

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wirebench/sessions/compose"
	"wirebench/sessions/messages"
)

func TestAFieldMovesAmongThoseBesideIt(t *testing.T) {
	// The cursor is at the bar, before and after.
	tests := []struct {
		name, text string
		by         int
		want       string
	}{
		{"towards the end", "u8 |1, u16 2, u24 3", 1, "u16 2, u8 |1, u24 3"},
		{"towards the begin", "u8 1, u16 2, u24 3|", -1, "u8 1, u24 3|, u16 2"},
		{"not past the last", "u8 1, u16 |2", 1, "u8 1, u16 |2"},
		{"not past the first", "u8 |1, u16 2", -1, "u8 |1, u16 2"},
		{"over a line end", "u8 1\nu16 |2\nu24 3", -1, "u16 |2\nu8 1\nu24 3"},
		{"with its name", "a: u8 |1,  b: u16 2", 1, "b: u16 2,  a: u8 |1"},
		{"past a group", "u8 |1, g: { u8 2, u8 3 }", 1, "g: { u8 2, u8 3 }, u8 |1"},
		{"within a group", "u8 1, g: { u8 2|, u8 3 }, u8 4", 1, "u8 1, g: { u8 3, u8 2| }, u8 4"},
		{"not out of a group", "u8 1, g: { u8 2, u8 3| }, u8 4", 1, "u8 1, g: { u8 2, u8 3| }, u8 4"},
		{"a group with all in it", "g|: { u8 2, h: { u8 3 } }, u8 4", 1, "u8 4, g|: { u8 2, h: { u8 3 } }"},
		{"past a group in a group", "g: { h: { u8 1, u8 2 }, u8 |3 }", -1, "g: { u8 |3, h: { u8 1, u8 2 } }"},
		{"of other letters", `str8 "hé", utf "日本|語"`, -1, `utf "日本|語", str8 "hé"`},
		{"that does not fit", "u8 |300, u8 1", 1, "u8 1, u8 |300"},
		{"before the cursor", "u8 1, u8 2\n|", -1, "u8 2, u8 1\n|"},
		{"of none", "|", 1, "|"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _, _ := composing(t, strings.Replace(tt.text, "|", "", 1))
			c.entry.setCursor(strings.Index(tt.text, "|"))
			c.MoveField(tt.by)
			text := c.Text()
			if got := text[:c.entry.cursor()] + "|" + text[c.entry.cursor():]; got != tt.want && tt.name != "before the cursor" || text != strings.Replace(tt.want, "|", "", 1) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestAFieldIsDeletedWithWhatSeparatedIt(t *testing.T) {
	tests := []struct{ text, want string }{
		{"u8 |1, u16 2, u24 3", "|u16 2, u24 3"},
		{"u8 1, u16 |2, u24 3", "u8 1, |u24 3"},
		{"u8 1, u16 2, u24 |3", "u8 1, u16 2|"},
		{"u8 1\nu16 |2\nu24 3", "u8 1\n|u24 3"},
		{"g: { u8 |1 }, u8 2", "g: { | }, u8 2"},
		{"g|: { u8 1, u8 2 }, u8 3", "|u8 3"},
		{"u8 |1", "|"},
		{"|", "|"},
	}
	for _, tt := range tests {
		c, _, _ := composing(t, strings.Replace(tt.text, "|", "", 1))
		c.entry.setCursor(strings.Index(tt.text, "|"))
		c.DeleteField()
		text := c.Text()
		if got := text[:c.entry.cursor()] + "|" + text[c.entry.cursor():]; got != tt.want {
			t.Errorf("%q: %q, want %q", tt.text, got, tt.want)
		}
		if _, err := c.Bytes(); err != nil {
			t.Errorf("%q: %v", tt.text, err)
		}
	}
}

func TestWhatWasMovedOrDeletedComesBackWithOneUndo(t *testing.T) {
	const text = "u8 1, u16 2, u24 3"
	for name, do := range map[string]func(*Composer){
		"moved":   func(c *Composer) { c.MoveField(-1) },
		"deleted": (*Composer).DeleteField,
	} {
		c, _, _ := composing(t, text)
		do(c)
		after := c.Text()
		if after == text {
			t.Fatalf("%s: nothing happened", name)
		}
		c.entry.TypedShortcut(&fyne.ShortcutUndo{})
		if c.Text() != text {
			t.Errorf("%s: undone it is %q", name, c.Text())
		}
		c.entry.TypedShortcut(&fyne.ShortcutRedo{})
		if c.Text() != after {
			t.Errorf("%s: done again it is %q", name, c.Text())
		}
	}
}

func TestFieldsAreNeitherMovedNorDeletedWhereTheyCannotBeRead(t *testing.T) {
	c, _, _ := composing(t, "u8 1, u16 2, wrong 3")
	c.entry.setCursor(0)
	c.MoveField(1)
	if c.Text() != "u8 1, u16 2, wrong 3" || c.entry.SelectedText() != "wrong" {
		t.Errorf("%q, and %q is marked", c.Text(), c.entry.SelectedText())
	}
	c.DeleteField()
	if c.Text() != "u8 1, u16 2, wrong 3" {
		t.Errorf("%q", c.Text())
	}
	c.SetMode(ComposeText)
	c.SetText("u8 1, u16 2")
	c.MoveField(-1)
	c.DeleteField()
	if c.Text() != "u8 1, u16 2" {
		t.Errorf("as text %q", c.Text())
	}
}

func TestATapOnTheErrorMarksWhatIsWrong(t *testing.T) {
	tests := []struct {
		mode       ComposeMode
		text, want string
	}{
		{ComposeFields, "u8 1, u8 300, u8 2", "300"},
		{ComposeFields, "u8 1\nu99 7", "u99"},
		{ComposeFields, "u8 len(all, nowhere)", "nowhere"},
		{ComposeFields, `str8 "a\qb"`, `\qb`},
		{ComposeFields, "u8 1, u16", ""},
		{ComposeHex, "de ad zz 00", "zz"},
		{ComposeText, `hello \q`, `\q`},
		{ComposeFields, "u8 1, u8 " + strings.Repeat("9", 300), strings.Repeat("9", 40)},
	}
	for _, tt := range tests {
		c, w, _ := composing(t, "")
		c.SetMode(tt.mode)
		c.SetText(tt.text)
		relayout(w.Canvas())
		test.Tap(c.count)
		if got := c.entry.SelectedText(); got != tt.want || w.Canvas().Focused() != c.entry {
			t.Errorf("%s: %q is marked, want %q", tt.text, got, tt.want)
		}
		if c.Text() != tt.text {
			t.Errorf("%s became %q", tt.text, c.Text())
		}
	}
}

func TestWhatWasTypedComesBackAfterAMessageWasLoaded(t *testing.T) {
	c, _, _, _ := composer(t)
	load := func(m messages.Message) bool {
		t.Helper()
		if !c.LoadMessage(m) {
			t.Fatal("it is not loaded")
		}
		_, on := c.banner.Notice()
		return on
	}
	one := messages.Message{Mode: messages.Text, Body: "one"}
	two := messages.Message{Mode: messages.Fields, Body: "u8 2"}
	if load(one) || load(two) {
		t.Error("what was loaded is offered, and nothing was typed")
	}
	c.SetMode(ComposeHex)
	c.SetText("de a")
	c.SetEnding(compose.LF)
	if !load(two) {
		t.Fatal("what was typed cannot be brought back")
	}
	n, _ := c.banner.Notice()
	n.Actions[0].Run()
	if c.Mode() != ComposeHex || c.Text() != "de a" || c.Ending() != compose.LF {
		t.Errorf("%v %q %v", c.Mode(), c.Text(), c.Ending())
	}
	if _, on := c.banner.Notice(); on {
		t.Error("it is offered still")
	}
	c.SetMode(ComposeText)
	c.SetText("sent")
	c.Send()
	if load(one) {
		t.Error("what was sent is offered; it is in the history")
	}
}

func TestAChangeOfTheModeIsTold(t *testing.T) {
	c, _, _, _ := composer(t)
	told := 0
	c.OnMode = func() { told++ }
	c.SetText("a")
	c.SwitchMode()
	c.SetMessage(messages.Message{Mode: messages.Fields, Body: "u8 1"})
	c.SetText("u8 2")
	if told != 2 {
		t.Errorf("told %d times", told)
	}
}
