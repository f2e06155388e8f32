package widgets

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wirebench/sessions/compose"
	"wirebench/sessions/fields"
	"wirebench/sessions/messages"
)

// typedMessage is what stands in a composer.
var typedMessage = messages.Message{Mode: messages.Fields, Body: "u8 1", Order: fields.Little}

func newMessageForm(t *testing.T, s *messages.Store, from MessageOrigin, target string) (*MessageForm, fyne.Window) {
	t.Helper()
	f := NewMessageForm(s, typedMessage, from, target)
	w := stage(t, f, fyne.NewSize(560, 320))
	f.FocusName(w.Canvas())
	return f, w
}

// savedAs reads a message of a collection.
func savedAs(t *testing.T, s *messages.Store, at MessageOrigin) messages.Message {
	t.Helper()
	c, err := s.Load(at.File)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(c.Messages, func(m messages.Message) bool { return m.Name == at.Name })
	if i < 0 {
		t.Fatalf("there is no %q in %v", at.Name, c.Messages)
	}
	return c.Messages[i]
}

func TestTheFirstMessageMakesACollection(t *testing.T) {
	s := messages.Open(filepath.Join(t.TempDir(), "messages"))
	f, w := newMessageForm(t, s, MessageOrigin{}, "tcp://127.0.0.1:7777")
	submitted := 0
	f.OnSubmit = func() { submitted++ }
	typing(w, "A move ")
	press(w, fyne.KeyReturn)
	if submitted != 1 || f.Action() != "Save" || !f.newName.Visible() || f.newName.Text != "Messages" {
		t.Errorf("submitted %d, %q, %q", submitted, f.Action(), f.newName.Text)
	}
	f.note.SetText("for a start")
	at, ok := f.Save()
	if want := (MessageOrigin{"messages.json", "A move"}); !ok || at != want {
		t.Fatalf("%+v, %v", at, ok)
	}
	want := typedMessage
	want.Name, want.Note, want.Target = "A move", "for a start", "tcp://127.0.0.1:7777"
	if got := savedAs(t, s, at); got != want {
		t.Errorf("saved %+v, want %+v", got, want)
	}
}

func TestAMessageIsAddedOrReplaced(t *testing.T) {
	s := messageStore(t)
	f, w := newMessageForm(t, s, MessageOrigin{"game-server.json", "Log in"}, "")
	if f.Action() != "Replace" || f.name.Text != "Log in" || f.note.Text != "the first message" || !f.says.Visible() || f.newName.Visible() {
		t.Errorf("%q, %q, %q", f.Action(), f.name.Text, f.note.Text)
	}
	if !f.target.Checked || !strings.Contains(f.target.Text, "tcp://127.0.0.1:7777") {
		t.Errorf("its own target is not kept: %v, %q", f.target.Checked, f.target.Text)
	}
	at, ok := f.Save()
	got := savedAs(t, s, at)
	if !ok || got.Body != "u8 1" || got.Order != fields.Little || got.Ending != compose.None || got.Note != "the first message" || got.Target != "tcp://127.0.0.1:7777" {
		t.Errorf("replaced by %+v", got)
	}
	c, err := s.Load(at.File)
	if err != nil || len(c.Messages) != 3 || c.Messages[0].Name != "Log in" {
		t.Errorf("%v, %v", c.Messages, err)
	}

	changes := 0
	f.OnChanged = func() { changes++ }
	typing(w, "Log out")
	if f.Action() != "Save" || f.note.Text != "" || f.says.Visible() || changes == 0 {
		t.Errorf("%q with note %q, %d changes", f.Action(), f.note.Text, changes)
	}
	f.target.SetChecked(false)
	at, ok = f.Save()
	if got := savedAs(t, s, at); !ok || got.Name != "Log out" || got.Target != "" {
		t.Errorf("added %+v", got)
	}
	if c, err := s.Load(at.File); err != nil || len(c.Messages) != 4 {
		t.Errorf("%v, %v", c.Messages, err)
	}
	f.note.SetText("mine")
	f.name.SetText("Log in")
	if f.note.Text != "mine" {
		t.Errorf("a note that was typed becomes %q", f.note.Text)
	}
}

func TestAMessageGoesIntoTheCollectionThatIsChosen(t *testing.T) {
	s := messageStore(t)
	f, w := newMessageForm(t, s, MessageOrigin{}, "udp://127.0.0.1:5000")
	if want := []string{"Game server", "Lab", newCollectionChoice.String()}; !slices.Equal(f.collection.Options, want) {
		t.Fatalf("the choices are %q", f.collection.Options)
	}
	typing(w, "Ping")
	if f.Action() != "Replace" {
		t.Errorf("%q in the first collection", f.Action())
	}
	f.collection.SetSelectedIndex(2)
	if f.Action() != "Save" || !f.newName.Visible() {
		t.Errorf("%q in a new one", f.Action())
	}
	f.newName.SetText("Lab")
	if _, ok := f.Save(); ok {
		t.Error("a name that is taken was taken")
	}
	if n, on := f.banner.Notice(); !on || !strings.Contains(n.Text, "already") || f.name.Text != "Ping" {
		t.Errorf("says %q", n.Text)
	}
	f.newName.SetText("Arcade")
	if at, ok := f.Save(); !ok || savedAs(t, s, at).Target != "udp://127.0.0.1:5000" {
		t.Errorf("%+v, %v", at, ok)
	}
}

func TestAMessageWithoutANameIsNotSaved(t *testing.T) {
	s := messages.Open(filepath.Join(t.TempDir(), "messages"))
	f, w := newMessageForm(t, s, MessageOrigin{}, "")
	for _, name := range []string{"", "  ", "x\u202e"} {
		f.name.SetText(name)
		if _, ok := f.Save(); ok {
			t.Errorf("%q was saved", name)
		}
		if n, on := f.banner.Notice(); !on || n.Kind != NoticeError {
			t.Errorf("%q: says %q", name, n.Text)
		}
	}
	if infos, _ := s.List(); len(infos) != 0 {
		t.Errorf("an empty collection is left behind: %v", infos)
	}
	relayout(w.Canvas())
	nothingCutOff(t, w.Canvas(), "the form")
}

func TestAFormReloadsWhatAnotherProgramSaved(t *testing.T) {
	s := messageStore(t)
	f, _ := newMessageForm(t, s, MessageOrigin{"lab.json", "Ping"}, "")
	elsewhere(t, s, "lab.json", "New")
	f.note.SetText("mine")
	if _, ok := f.Save(); ok {
		t.Fatal("it was saved over")
	}
	n, _ := f.banner.Notice()
	if n.Kind != NoticeWarning || len(n.Actions) != 1 {
		t.Fatalf("says %q", n.Text)
	}
	test.Tap(f.banner.buttons[0])
	if f.name.Text != "Ping" || f.note.Text != "mine" || f.chosen().File != "lab.json" {
		t.Errorf("%q, %q in %+v", f.name.Text, f.note.Text, f.chosen())
	}
	at, ok := f.Save()
	c, err := s.Load("lab.json")
	if !ok || err != nil || len(c.Messages) != 2 || savedAs(t, s, at).Note != "mine" {
		t.Errorf("%v, %v, %v", ok, c, err)
	}
}

func TestAFolderThatCannotBeWrittenToIsSaidInTheForm(t *testing.T) {
	file := filepath.Join(t.TempDir(), "messages")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f, w := newMessageForm(t, messages.Open(file), MessageOrigin{}, "")
	typing(w, "x")
	if _, ok := f.Save(); ok {
		t.Error("it was saved")
	}
	if n, on := f.banner.Notice(); !on || n.Kind != NoticeError {
		t.Errorf("says %q", n.Text)
	}
}

func TestAMessageGoesIntoTheOneOfTwoCollectionsOfANameThatWasChosen(t *testing.T) {
	dir := t.TempDir()
	s := messages.Open(dir)
	c, err := s.Create("Game")
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(c.File())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "zcopy.json"), b, 0o600); err != nil {
		t.Fatal(err)
	}
	f, _ := newMessageForm(t, s, MessageOrigin{File: "zcopy.json"}, "")
	if shown := f.collection.Selected; shown != "Game (zcopy.json)" {
		t.Errorf("the collection is shown as %q", shown)
	}
	f.name.SetText("Move")
	if at, ok := f.Save(); !ok || at.File != "zcopy.json" {
		t.Errorf("saved into %q, %v", at.File, ok)
	}
}

func TestACollectionWithTheNameOfAChoiceLeavesTheChoice(t *testing.T) {
	s := messages.Open(t.TempDir())
	if _, err := s.Create("New collection…"); err != nil {
		t.Fatal(err)
	}
	f, _ := newMessageForm(t, s, MessageOrigin{}, "")
	if f.chosen() == nil {
		t.Error("the collection is not chosen")
	}
	f.collection.SetSelectedIndex(1)
	if f.chosen() != nil || !f.newName.Visible() {
		t.Error("a new collection cannot be chosen")
	}
}

func TestChoicesOfOneWordStayTwo(t *testing.T) {
	if got, want := distinct([]string{"a", "b", "a (2)", "a", "a"}), []string{"a", "b", "a (2)", "a (3)", "a (4)"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	test.NewTempApp(t)
	c := newCheckedChoice([]string{"Auto", "Auto", "Off"}, nil, func() {})
	for i := range 3 {
		if c.set(i); c.index() != i {
			t.Errorf("choice %d is %d", i, c.index())
		}
	}
}
