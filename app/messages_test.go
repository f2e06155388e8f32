package app

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"wirebench/sessions/compose"
	"wirebench/sessions/fields"
	"wirebench/sessions/inspect"
	"wirebench/sessions/messages"
	"wirebench/widgets"
)

// collection saves messages as a collection of the window.
func collection(t *testing.T, w *workbench, name string, list ...messages.Message) {
	t.Helper()
	c, err := w.messages.Create(name)
	if err == nil {
		err = c.Add(list...)
	}
	if err == nil {
		err = c.Save()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// accept presses Enter for what lies over the window.
func accept(w *workbench) { w.modalKey(fyne.KeyReturn) }

// typeInto writes text into what has the focus.
func typeInto(w *workbench, text string) {
	for _, r := range text {
		if f := w.win.Canvas().Focused(); f != nil {
			f.TypedRune(r)
		}
	}
}

// pressIn gives a key to what has the focus.
func pressIn(w *workbench, keys ...fyne.KeyName) {
	for _, k := range keys {
		if f := w.win.Canvas().Focused(); f != nil {
			f.TypedKey(&fyne.KeyEvent{Name: k})
		}
	}
}

func TestTheComposersModeAndOrderComeBackWithTheTab(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	want := []messages.Message{
		{Mode: messages.Fields, Body: "u16 1,\nu8 zz", Order: fields.Little},
		{Mode: messages.Fields, Body: "u16 1"},
		{Mode: messages.Hex, Body: "de a"},
		{Mode: messages.Text, Body: `a\q`, Ending: compose.CRLF},
	}
	for _, m := range want {
		w.newTCP("").composer.SetMessage(m)
	}
	again := startAgain(t, w)
	for i, m := range want {
		if got := again.strip.tabs[i].(*clientTab).composer.Message(); got != m {
			t.Errorf("%+v came back as %+v", m, got)
		}
	}
}

func TestWhatWasSentComesBackWithItsMode(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := connect(t, w, echo(t))
	want := []messages.Message{
		{Mode: messages.Fields, Body: "u16 1", Order: fields.Little},
		{Mode: messages.Hex, Body: "0xde, 0xad"},
		{Mode: messages.Text, Body: "PING", Ending: compose.CRLF},
	}
	for _, m := range slices.Backward(want) {
		tab.composer.SetMessage(m)
		w.run(t, "Send")
	}
	again := startAgain(t, w)
	if got := again.strip.tabs[0].(*clientTab).composer.History(); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v came back as %+v", want, got)
	}
}

func TestAHistoryOfTextsAloneIsRead(t *testing.T) {
	var kept []sentMessage
	if err := json.Unmarshal([]byte(`["PING\\r\\n", {"mode": "hex", "text": "00"}, {"mode": "unheard of", "text": "x", "ending": "y", "order": "z"}]`), &kept); err != nil {
		t.Fatal(err)
	}
	want := []messages.Message{{Mode: messages.Text, Body: `PING\r\n`}, {Mode: messages.Hex, Body: "00"}, {Mode: messages.Text, Body: "x"}}
	if got := keptSent(kept); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	if err := json.Unmarshal([]byte(`[7]`), &kept); err == nil {
		t.Error("a number is a message")
	}
}

func TestTheComposerHasTheTabsByteOrderHoweverItIsChosen(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	other := w.newTCP("")
	tab := w.newTCP("")
	bytes := func(tab *clientTab) string {
		tab.composer.SetMessage(messages.Message{Mode: messages.Fields, Body: "u16 1"})
		b, _ := tab.composer.Bytes()
		return string(b)
	}
	w.run(t, "Little-endian")
	if got := bytes(tab); got != "\x01\x00" {
		t.Errorf("after the menu % x", got)
	}
	tab.traffic.inspector.OnOrder(inspect.Big)
	if got := bytes(tab); got != "\x00\x01" {
		t.Errorf("after the inspector % x", got)
	}
	w.run(t, "Little-endian")
	w.strip.choose(other)
	if got := bytes(other); got != "\x01\x00" {
		t.Errorf("in another tab % x", got)
	}
	if got := bytes(w.newTCP("")); got != "\x01\x00" {
		t.Errorf("in a new tab % x", got)
	}
}

func TestAMessageIsSavedAndLoadedAgain(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := w.newTCP("127.0.0.1:7777")
	w.run(t, "Save the message...")
	if n, on := tab.traffic.banner.Notice(); len(w.modals) != 0 || !on || !strings.Contains(n.Text, "no message to save") {
		t.Fatalf("an empty one: %d dialogs, says %q", len(w.modals), n.Text)
	}
	m := messages.Message{Mode: messages.Fields, Body: "u8 1", Order: fields.Little}
	tab.composer.SetMessage(m)
	w.run(t, "Save the message...")
	accept(w) // without a name
	if len(w.modals) != 1 {
		t.Fatal("the form has gone")
	}
	typeInto(w, "A move")
	pressIn(w, fyne.KeyReturn)
	infos, err := w.messages.List()
	if len(w.modals) != 0 || err != nil || len(infos) != 1 || infos[0].Messages != 1 {
		t.Fatalf("%d dialogs, %+v, %v", len(w.modals), infos, err)
	}
	if saved := infos[0].Collection.Messages[0]; saved.Name != "A move" || saved.Body != "u8 1" || saved.Order != fields.Little || saved.Target != "tcp://127.0.0.1:7777" {
		t.Errorf("saved %+v", saved)
	}

	tab.composer.SetMessage(messages.Message{Mode: messages.Text, Body: "x"})
	w.run(t, "Saved messages...")
	if len(w.modals) != 1 {
		t.Fatal("there is no panel")
	}
	pressIn(w, fyne.KeyReturn)
	if len(w.modals) != 0 || tab.composer.Message() != m {
		t.Errorf("loaded %+v, %d dialogs", tab.composer.Message(), len(w.modals))
	}
	// Saving what was loaded replaces it.
	tab.composer.SetText("u8 2")
	w.run(t, "Save the message...")
	pressIn(w, fyne.KeyReturn)
	if infos, _ := w.messages.List(); infos[0].Messages != 1 || infos[0].Collection.Messages[0].Body != "u8 2" {
		t.Errorf("replaced: %+v", infos[0].Collection.Messages)
	}
	w.run(t, "Saved messages...")
	pressIn(w, fyne.KeyEscape)
	if len(w.modals) != 0 {
		t.Error("Escape leaves the panel where it is")
	}
}

func TestATabIsOpenedForTheTargetOfAMessage(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	w.newTCP("")
	for _, target := range []string{"tcp://127.0.0.1:7777", "tls://[::1]:8443", "udp://127.0.0.1:5000"} {
		m := messages.Message{Name: "a", Mode: messages.Hex, Body: "00", Target: target}
		w.openMessage(m, widgets.MessageOrigin{})
		if got := w.target(); got != target {
			t.Errorf("the tab for %s sends to %q", target, got)
		}
		if d := w.strip.current.(deskTab).theDesk(); d.composer.Text() != "00" || d.composer.Mode() != widgets.ComposeHex {
			t.Errorf("its composer has %q", d.composer.Text())
		}
	}
	before := len(w.strip.tabs)
	w.openMessage(messages.Message{Name: "a", Target: "tcp://nowhere"}, widgets.MessageOrigin{})
	if n, on := w.notice.Notice(); len(w.strip.tabs) != before || !on || !strings.Contains(n.Text, "no port") {
		t.Errorf("%d tabs, says %q", len(w.strip.tabs), n.Text)
	}
	w.newServer(savedTab{})
	if got := w.target(); got != "" {
		t.Errorf("a server sends to %q", got)
	}
}

func TestPacketsAreImportedFromAFile(t *testing.T) {
	w, pick := newBenchUnderTest(t)
	tab := w.newTCP("")
	p := widgets.NewSavedMessages(w.messages)
	tab.importMessages(p)
	if infos, _ := w.messages.List(); len(infos) != 0 {
		t.Fatalf("the dialog was cancelled: %v", infos)
	}
	pick.open = filepath.Join(t.TempDir(), "my packets.json")
	if err := os.WriteFile(pick.open, []byte(`[{"name": "a", "hexstring": "48 69", "port": 7, "tcporudp": "TCP", "toip": "h"}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	tab.importMessages(p)
	infos, err := w.messages.List()
	if err != nil || len(infos) != 1 || infos[0].Name != "my packets" || infos[0].Collection.Messages[0].Body != "Hi" {
		t.Errorf("%+v, %v", infos, err)
	}
	if w.space.Folder != filepath.Dir(pick.open) {
		t.Errorf("the next dialog opens in %s", w.space.Folder)
	}
	pick.open += "x"
	tab.importMessages(p)
	if infos, _ := w.messages.List(); len(infos) != 1 {
		t.Errorf("a file that is not there: %v", infos)
	}
}

func TestThePanelOpensWhereItWasLeft(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := w.newTCP("")
	collection(t, w, "A", messages.Message{Name: "one", Body: "1"})
	collection(t, w, "B", messages.Message{Name: "two", Body: "2"})
	tab.loadMessage(messages.Message{Name: "two", Body: "2"}, widgets.MessageOrigin{File: "b.json", Name: "two"})
	w.run(t, "Saved messages...")
	pressIn(w, fyne.KeyReturn)
	if tab.composer.Text() != "2" || w.collection != "b.json" {
		t.Errorf("%q from %q", tab.composer.Text(), w.collection)
	}
	other := w.newTCP("")
	w.run(t, "Saved messages...")
	pressIn(w, fyne.KeyReturn)
	if other.composer.Text() != "2" {
		t.Errorf("in another tab it opens at %q", other.composer.Text())
	}
}

func TestASavedMessageIsSentFromThePanel(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := w.newTCP("")
	collection(t, w, "A", messages.Message{Name: "one", Mode: messages.Fields, Body: "u16 1", Order: fields.Little}, messages.Message{Name: "half", Mode: messages.Hex, Body: "0"})
	var sent []string
	tab.composer.OnSend = func(b []byte) error { sent = append(sent, string(b)); return nil }
	tab.composer.SetEnabledSend(true, "")
	tab.composer.BeforeSend = nil
	send := func() { // Fyne takes the key to the menu first
		for _, a := range w.actions {
			if a.name == "Send" {
				w.invoke(a)
			}
		}
	}
	w.run(t, "Saved messages...")
	send()
	if len(w.modals) != 0 || len(sent) != 1 || sent[0] != "\x01\x00" {
		t.Fatalf("%d dialogs, sent %q", len(w.modals), sent)
	}
	w.run(t, "Saved messages...")
	pressIn(w, fyne.KeyDown)
	send()
	if len(sent) != 1 || tab.composer.Text() != "0" {
		t.Errorf("what cannot be read: sent %q, and %q is shown", sent, tab.composer.Text())
	}
}

func TestTheFieldsOfAMessageAreEditedWithKeys(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := w.newTCP("")
	const move = "Move the field forward"
	for _, a := range w.actions {
		if a.name == move && a.usable() {
			t.Error("there are fields in a text")
		}
	}
	tab.composer.SetMessage(messages.Message{Mode: messages.Fields, Body: "u8 1, u8 2"})
	w.run(t, move)
	if tab.composer.Text() != "u8 2, u8 1" {
		t.Errorf("moved: %q", tab.composer.Text())
	}
	w.run(t, "Move the field back")
	if tab.composer.Text() != "u8 1, u8 2" {
		t.Errorf("moved back: %q", tab.composer.Text())
	}
	w.run(t, "Delete the field")
	if tab.composer.Text() != "u8 1" {
		t.Errorf("deleted: %q", tab.composer.Text())
	}
	w.run(t, "Add a field...")
	if w.win.Canvas().Overlays().Top() == nil {
		t.Error("no fields are offered")
	}
}
