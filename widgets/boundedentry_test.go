package widgets

import (
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wirebench/sessions/messages"
)

// pasted gives a field a text from the clipboard.
func pasted(e fyne.Shortcutable, text string) {
	clipboard := test.NewClipboard()
	clipboard.SetContent(text)
	e.TypedShortcut(&fyne.ShortcutPaste{Clipboard: clipboard})
}

func TestAFieldTakesNoMoreThanItsBound(t *testing.T) {
	test.NewTempApp(t)
	e := &BoundedEntry{}
	e.ExtendBaseWidget(e)
	said := ""
	e.OnTooLong = func(text string) { said = text }
	pasted(e, strings.Repeat("x", 1<<20))
	if e.Text != "" || !strings.Contains(said, "1.0 MiB") {
		t.Errorf("a paste of a megabyte leaves %d bytes and says %q", len(e.Text), said)
	}
	pasted(e, strings.Repeat("x", lineLimit-1))
	e.TypedRune('é')
	if len(e.Text) != lineLimit-1 {
		t.Errorf("two bytes more than there is room for make %d", len(e.Text))
	}
	e.TypedRune('y')
	e.TypedRune('z')
	if len(e.Text) != lineLimit || !strings.HasSuffix(e.Text, "y") || !strings.Contains(said, "2.0 KiB") {
		t.Errorf("%d bytes are typed at the bound, and it says %q", len(e.Text), said)
	}
	e.TypedShortcut(&fyne.ShortcutSelectAll{})
	pasted(e, "short")
	if e.Text != "short" {
		t.Errorf("a paste in place of what fills the field leaves %d bytes", len(e.Text))
	}
}

func TestANoteHasABoundAndALongerOneThatWasThereIsKept(t *testing.T) {
	s := messages.Open(filepath.Join(t.TempDir(), "messages"))
	c, err := s.Create("Lab")
	if err != nil {
		t.Fatal(err)
	}
	long := typedMessage
	long.Name, long.Note = "Long", strings.Repeat("words ", messages.MaxNote/6)
	if err := c.Add(long); err != nil {
		t.Fatal(err)
	}
	if err := c.Save(); err != nil {
		t.Fatal(err)
	}
	f, _ := newMessageForm(t, s, MessageOrigin{File: "lab.json"}, "")
	pasted(f.note, strings.Repeat("x", 1<<20))
	if f.note.Text != "" || !f.banner.Visible() {
		t.Errorf("a note of a megabyte leaves %d bytes", len(f.note.Text))
	}
	pasted(f.note, strings.Repeat("x", noteLimit))
	f.note.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if len(f.note.Text) != noteLimit {
		t.Errorf("a note at its bound takes a line end: %d", len(f.note.Text))
	}
	f.note.SetText("")

	f.name.SetText("Long")
	if len(f.note.Text) > noteLimit+len("…") {
		t.Errorf("%d bytes of the note that was there are shown", len(f.note.Text))
	}
	at, ok := f.Save()
	if got := savedAs(t, s, at); !ok || got.Note != long.Note {
		t.Errorf("of a note of %d bytes %d are kept", len(long.Note), len(got.Note))
	}
}
