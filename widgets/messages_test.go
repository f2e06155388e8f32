package widgets

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/compose"
	"wirebench/sessions/fields"
	"wirebench/sessions/messages"
)

// messageStore has two collections, "Game server" and "Lab", and a file that cannot be read.
func messageStore(t *testing.T) *messages.Store {
	t.Helper()
	s := messages.Open(filepath.Join(t.TempDir(), "messages"))
	for name, list := range map[string][]messages.Message{
		"Game server": {
			{Name: "Log in", Mode: messages.Fields, Body: "u8 1, u16 len(rest)\nstr8 \"ada\"", Order: fields.Little, Target: "tcp://127.0.0.1:7777", Note: "the first message"},
			{Name: "Ping", Mode: messages.Text, Body: "PING", Ending: compose.CRLF},
			{Name: "Half done", Mode: messages.Hex, Body: "de a"},
		},
		"Lab": {{Name: "Ping", Mode: messages.Hex, Body: "00 01"}},
	} {
		c, err := s.Create(name)
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
	if err := os.WriteFile(filepath.Join(s.Folder(), "broken.json"), []byte("{\n\"mesages\": []}"), 0o600); err != nil {
		t.Fatal(err)
	}
	return s
}

// panel is the saved messages in a window. What they ask is answered with answer, and kept; every question whether to
// delete is answered with yes.
type panel struct {
	*SavedMessages
	window fyne.Window
	answer string
	asked  []string
	told   error // what was wrong with the answer
	loaded []messages.Message
	from   []MessageOrigin
	opened []messages.Message
	sent   []messages.Message
}

func newPanel(t *testing.T, s *messages.Store) *panel {
	t.Helper()
	p := &panel{SavedMessages: NewSavedMessages(s)}
	p.window = stage(t, p.SavedMessages, fyne.NewSize(900, 520))
	p.OnLoad = func(m messages.Message, from MessageOrigin) {
		p.loaded, p.from = append(p.loaded, m), append(p.from, from)
	}
	p.OnOpen = func(m messages.Message, from MessageOrigin) { p.opened = append(p.opened, m) }
	p.OnSend = func(m messages.Message, from MessageOrigin) { p.sent = append(p.sent, m) }
	p.OnAsk = func(title, text, help, ok string, check func(string) error) {
		p.asked = append(p.asked, title+"|"+text)
		p.told = check(p.answer)
	}
	p.OnConfirm = func(title, text, yes string, run func()) {
		p.asked = append(p.asked, title+"|"+text)
		run()
	}
	p.FocusSearch(p.window.Canvas())
	relayout(p.window.Canvas())
	return p
}

// names are the messages that are shown, with > before the selected one.
func (p *panel) names() string {
	var all []string
	for i := range p.rows {
		name := p.rows[i].message().Name
		if i == p.row {
			name = ">" + name
		}
		all = append(all, name)
	}
	if p.list.chosen != p.row || p.list.length != len(p.rows) {
		all = append(all, fmt.Sprintf("(the list has %d chosen of %d)", p.list.chosen, p.list.length))
	}
	return strings.Join(all, ", ")
}

// choose shows a collection.
func (p *panel) choose(t *testing.T, name string) {
	t.Helper()
	i := slices.IndexFunc(p.infos, func(i messages.Info) bool { return i.Name == name })
	if i < 0 && name != "" {
		t.Fatalf("there is no collection %q", name)
	}
	p.collections.tap(i + 1)
}

func TestSavedMessagesAreShownByCollection(t *testing.T) {
	p := newPanel(t, messageStore(t))
	if got := p.names(); got != ">Log in, Ping, Half done, Ping" {
		t.Errorf("all: %s", got)
	}
	var lines []string
	for i := range p.collections.length {
		l := p.collectionLine(i)
		lines = append(lines, l.title+"="+l.detail)
	}
	if want := []string{"All collections=4", "broken=cannot be read", "Game server=3", "Lab=1"}; !slices.Equal(lines, want) {
		t.Errorf("collections %q", lines)
	}
	p.choose(t, "Lab")
	if got := p.names(); got != ">Ping" || p.Collection() != "lab.json" {
		t.Errorf("Lab: %s, %q", got, p.Collection())
	}
	p.choose(t, "broken")
	if got := p.names(); got != "" || !strings.Contains(p.none.Text, "broken.json:2: ") || !p.none.Visible() || !p.load.Disabled() || !p.renameAll.Disabled() || !p.dropAll.Disabled() {
		t.Errorf("broken: %s, %q", got, p.none.Text)
	}
	p.choose(t, "")
	if got := p.names(); got != ">Log in, Ping, Half done, Ping" || p.none.Visible() {
		t.Errorf("all again: %s", got)
	}
}

func TestASavedMessageSaysWhatItIs(t *testing.T) {
	p := newPanel(t, messageStore(t))
	wants := []struct{ about, body, note string }{
		{"Fields · little-endian · 7 bytes · for tcp://127.0.0.1:7777", "u8 1, u16 len(rest)\nstr8 \"ada\"", "the first message"},
		{"Text · ending CRLF · 6 bytes", "PING", ""},
		{"Hex · cannot be sent as it is: column 4: ", "de a", ""},
		{"Hex · 2 bytes", "00 01", ""},
	}
	for i, want := range wants {
		if p.row != i {
			t.Fatalf("row %d is selected, not %d", p.row, i)
		}
		d := p.detail
		if !strings.HasPrefix(d.about.Text, want.about) || d.body.Text != want.body || d.note.Text != want.note {
			t.Errorf("%d: %q, %q, %q", i, d.about.Text, d.body.Text, d.note.Text)
		}
		if p.open.Visible() != (i == 0) {
			t.Errorf("%d: a tab can be opened: %v", i, p.open.Visible())
		}
		press(p.window, fyne.KeyDown)
	}
	press(p.window, fyne.KeyDown, fyne.KeyPageUp)
	if p.row != 0 {
		t.Errorf("a page up selects row %d", p.row)
	}
}

func TestEscapeIsHandedOnFromWhatWasClickedOrTabbedTo(t *testing.T) {
	p := newPanel(t, messageStore(t))
	escaped := 0
	p.window.Canvas().SetOnTypedKey(func(k *fyne.KeyEvent) {
		if k.Name == fyne.KeyEscape {
			escaped++
		}
	})
	for _, l := range []*SelectableLabel{p.detail.body, p.detail.note} {
		if !l.Visible() {
			t.Fatal("the message has no text and note")
		}
		clicked(t, p.window, l)
		press(p.window, fyne.KeyEscape)
	}
	if escaped != 2 {
		t.Errorf("Escape was handed on %d times of 2 from a text", escaped)
	}
	buttons := []*HandingButton{p.load, p.send, p.open, p.rename, p.move, p.up, p.down, p.drop, p.newOne, p.imports, p.renameAll, p.dropAll}
	escaped = 0
	for _, b := range buttons {
		b.Enable()
		b.Show()
		p.window.Canvas().Focus(b)
		press(p.window, fyne.KeyEscape)
	}
	if escaped != len(buttons) {
		t.Errorf("Escape was handed on %d times of %d from a button", escaped, len(buttons))
	}
}

func TestASavedMessageIsLoadedByKeyButtonAndSecondTap(t *testing.T) {
	p := newPanel(t, messageStore(t))
	press(p.window, fyne.KeyDown, fyne.KeyReturn)
	test.Tap(p.load)
	p.list.tap(1)
	p.list.tap(1)
	if len(p.loaded) != 3 {
		t.Fatalf("loaded %d", len(p.loaded))
	}
	for i, m := range p.loaded {
		if m.Body != "PING" || m.Ending != compose.CRLF || p.from[i] != (MessageOrigin{"game-server.json", "Ping"}) {
			t.Errorf("loaded %+v from %+v", m, p.from[i])
		}
	}
	p.list.tap(0)
	if len(p.loaded) != 3 {
		t.Error("one tap loads")
	}
	p.list.tapped = time.Now().Add(-time.Second)
	p.list.tap(0)
	if len(p.loaded) != 3 {
		t.Error("a late second tap loads")
	}
	if test.Tap(p.open); len(p.opened) != 1 || p.opened[0].Target != "tcp://127.0.0.1:7777" {
		t.Errorf("opened %+v", p.opened)
	}
	p.window.Canvas().Focus(p.list)
	press(p.window, fyne.KeyDown, fyne.KeyDown, fyne.KeyUp, fyne.KeyEnter)
	if len(p.loaded) != 4 || p.loaded[3].Body != "PING" {
		t.Errorf("from the list: %+v", p.loaded[3:])
	}
}

func TestMessagesAreFoundByTheirNamesAndThatOfTheirCollection(t *testing.T) {
	p := newPanel(t, messageStore(t))
	for query, want := range map[string]string{"ping": ">Ping, Ping", "lab PI": ">Ping", "nobody": "", "": ">Log in, Ping, Half done, Ping"} {
		p.search.SetText(query)
		if got := p.names(); got != want {
			t.Errorf("%q finds %q", query, got)
		}
	}
	p.search.SetText("nobody")
	if !strings.Contains(p.none.Text, "No message has these words") {
		t.Errorf("%q", p.none.Text)
	}
	p.search.SetText("ping")
	if !p.up.Disabled() || !p.down.Disabled() {
		t.Error("what was found can be moved up and down")
	}
}

func TestSavedMessagesAreRenamedMovedAndDeleted(t *testing.T) {
	s := messageStore(t)
	p := newPanel(t, s)
	onDisk := func(file string) string {
		c, err := s.Load(file)
		if err != nil {
			return err.Error()
		}
		var names []string
		for _, m := range c.Messages {
			names = append(names, m.Name)
		}
		return strings.Join(names, ", ")
	}
	p.choose(t, "Game server")
	test.Tap(p.down)
	if p.names() != "Ping, >Log in, Half done" || onDisk("game-server.json") != "Ping, Log in, Half done" {
		t.Errorf("moved down: %s; %s", p.names(), onDisk("game-server.json"))
	}
	test.Tap(p.down)
	if !p.down.Disabled() {
		t.Error("the last one can be moved down")
	}
	test.Tap(p.up)
	test.Tap(p.up)
	if p.names() != ">Log in, Ping, Half done" || !p.up.Disabled() {
		t.Errorf("moved up: %s", p.names())
	}
	p.answer = " Sign in "
	test.Tap(p.rename)
	if p.told != nil || p.asked[0] != "Rename the message|Log in" || p.names() != ">Sign in, Ping, Half done" || onDisk("game-server.json") != "Sign in, Ping, Half done" {
		t.Errorf("renamed: %v, %q, %s", p.told, p.asked, p.names())
	}
	p.answer = ""
	test.Tap(p.rename)
	if p.told == nil || p.names() != ">Sign in, Ping, Half done" {
		t.Errorf("renamed to nothing: %v, %s", p.told, p.names())
	}
	menu := p.moveMenu()
	if len(menu.Items) != 1 || menu.Items[0].Label != "Lab" {
		t.Fatalf("it can be moved to %v", menu.Items)
	}
	menu.Items[0].Action()
	if p.names() != ">Ping, Half done" || onDisk("lab.json") != "Ping, Sign in" || p.collectionLine(3).detail != "2" {
		t.Errorf("moved away: %s; %s; %s", p.names(), onDisk("lab.json"), p.collectionLine(3).detail)
	}
	test.Tap(p.drop)
	if p.names() != ">Half done" || onDisk("game-server.json") != "Half done" || !strings.Contains(p.asked[len(p.asked)-1], `"Ping" is taken out of "Game server"`) {
		t.Errorf("deleted: %s, %q", p.names(), p.asked)
	}
	test.Tap(p.drop)
	if p.names() != "" || !strings.Contains(p.none.Text, "empty") || !p.drop.Disabled() {
		t.Errorf("the last one deleted: %s, %q", p.names(), p.none.Text)
	}
	p.choose(t, "")
	p.list.tap(1)
	p.answer = "Sign out"
	test.Tap(p.rename)
	if p.names() != "Ping, >Sign out" {
		t.Errorf("renamed among all: %s", p.names())
	}
}

func TestCollectionsAreMadeRenamedAndDeleted(t *testing.T) {
	s := messageStore(t)
	p := newPanel(t, s)
	p.search.SetText("x")
	p.answer = "Arcade"
	test.Tap(p.newOne)
	if p.told != nil || p.Collection() != "arcade.json" || p.search.Text != "" || !strings.Contains(p.none.Text, "empty") {
		t.Fatalf("%v, shows %q, %q", p.told, p.Collection(), p.none.Text)
	}
	p.answer = "LAB"
	for _, b := range []fyne.Tappable{p.newOne, p.renameAll} {
		if test.Tap(b); p.told == nil || !strings.Contains(p.told.Error(), "already") {
			t.Errorf("a name that is taken: %v", p.told)
		}
	}
	p.choose(t, "Lab")
	p.answer = "Bench"
	test.Tap(p.renameAll)
	if p.told != nil || p.Collection() != "lab.json" || p.info("lab.json").Name != "Bench" || p.names() != ">Ping" {
		t.Errorf("renamed: %v, %q, %s", p.told, p.Collection(), p.names())
	}
	test.Tap(p.dropAll)
	if last := p.asked[len(p.asked)-1]; !strings.Contains(last, `"Bench" and its 1 message are deleted`) && !strings.Contains(last, "1 message") {
		t.Errorf("asked %q", last)
	}
	if _, err := os.Stat(filepath.Join(s.Folder(), "lab.json")); !errors.Is(err, os.ErrNotExist) || p.Collection() != "" || p.names() != ">Log in, Ping, Half done" {
		t.Errorf("deleted: %v, %q, %s", err, p.Collection(), p.names())
	}
}

// elsewhere has another program save into a collection.
func elsewhere(t *testing.T, s *messages.Store, file, name string) {
	t.Helper()
	c, err := s.Load(file)
	if err == nil {
		err = c.Insert(0, messages.Message{Name: name})
	}
	if err == nil {
		err = c.Save()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatAnotherProgramSavedIsNotLostAndCanBeReloaded(t *testing.T) {
	for name, change := range map[string]func(p *panel){
		"rename a message":    func(p *panel) { p.answer = "Other"; test.Tap(p.rename) },
		"move a message":      func(p *panel) { test.Tap(p.down) },
		"move it elsewhere":   func(p *panel) { p.moveMenu().Items[0].Action() },
		"delete a message":    func(p *panel) { test.Tap(p.drop) },
		"rename a collection": func(p *panel) { p.answer = "Other"; test.Tap(p.renameAll) },
		"delete a collection": func(p *panel) { test.Tap(p.dropAll) },
	} {
		t.Run(name, func(t *testing.T) {
			s := messageStore(t)
			p := newPanel(t, s)
			p.choose(t, "Game server")
			elsewhere(t, s, "game-server.json", "New")
			change(p)
			n, on := p.banner.Notice()
			if p.told != nil || !on || n.Kind != NoticeWarning || !strings.Contains(n.Text, "changed by another program") || len(n.Actions) != 1 {
				t.Fatalf("%v, says %q", p.told, n.Text)
			}
			if p.names() != ">Log in, Ping, Half done" {
				t.Errorf("before it is reloaded: %s", p.names())
			}
			test.Tap(p.banner.buttons[0])
			if _, on := p.banner.Notice(); on || p.names() != "New, >Log in, Ping, Half done" || p.Collection() != "game-server.json" {
				t.Errorf("reloaded: %s in %q", p.names(), p.Collection())
			}
			change(p)
			if _, on := p.banner.Notice(); on || p.told != nil {
				t.Error("after that it does not work either")
			}
		})
	}
}

// packets are what Packet Sender would have of two.
const packets = `[NAMES]
1\name=Hello
2\name=Blob
size=2
[Hello]
name=Hello
hexString=48 65 6c 6c 6f
toIP=127.0.0.1
port=7777
tcpOrUdp=TCP
[Blob]
name=Blob
hexString=ff 00
toIP=10.0.0.1
port=53
tcpOrUdp=UDP
repeat=5
`

func TestPacketsOfPacketSenderAreImported(t *testing.T) {
	s := messageStore(t)
	p := newPanel(t, s)
	asked := 0
	p.OnImport = func() { asked++ }
	if test.Tap(p.imports); asked != 1 {
		t.Error("the button asks for no file")
	}
	for _, want := range []string{"Lab 2", "Lab 3"} {
		p.Import("Lab", []byte(packets))
		n, _ := p.banner.Notice()
		if info := p.info(p.Collection()); info == nil || info.Name != want || p.names() != ">Hello, Blob" || !strings.Contains(n.Text, "2 messages imported") {
			t.Fatalf("%+v, %s, %q", info, p.names(), n.Text)
		}
	}
	if m := p.rows[0].message(); m.Target != "tcp://127.0.0.1:7777" || m.Body != "Hello" {
		t.Errorf("%+v", m)
	}
	if !strings.Contains(p.detail.note.Text, "Blob: ") {
		t.Errorf("that it was to be repeated is not told: %q", p.detail.note.Text)
	}
	before := len(p.infos)
	for name, data := range map[string]string{"no packets": "[NAMES]\nsize=0\n", "another file": "\x7fELF", "broken JSON": "[{]"} {
		p.Import("x", []byte(data))
		if n, on := p.banner.Notice(); !on || n.Kind != NoticeError || !strings.HasPrefix(n.Text, "Import x: ") {
			t.Errorf("%s: %q", name, n.Text)
		}
	}
	p.Reload(MessageOrigin{})
	if len(p.infos) != before {
		t.Error("what was not imported left a collection behind")
	}
}

func TestAllIsDoneFromTheKeyboard(t *testing.T) {
	p := newPanel(t, messageStore(t))
	keys := func(k fyne.KeyName, m fyne.KeyModifier) {
		p.window.Canvas().Focused().(fyne.Shortcutable).TypedShortcut(&desktop.CustomShortcut{KeyName: k, Modifier: m})
	}
	for _, want := range []fyne.Focusable{p.search, p.collections} {
		if got := p.window.Canvas().Focused(); got != want {
			t.Fatalf("Tab goes to %T", got)
		}
		p.window.Canvas().FocusNext()
	}
	p.window.Canvas().Focus(p.collections)
	press(p.window, fyne.KeyEnd)
	if p.Collection() != "lab.json" {
		t.Errorf("%s is the last", p.Collection())
	}
	press(p.window, fyne.KeyHome, fyne.KeyDown, fyne.KeyDown) // past the one that cannot be read
	if p.Collection() != "game-server.json" {
		t.Fatalf("%s is shown", p.Collection())
	}
	p.answer = "Game"
	press(p.window, fyne.KeyF2)
	if i := p.info("game-server.json"); i == nil || i.Name != "Game" {
		t.Errorf("the collection is %+v", i)
	}
	press(p.window, fyne.KeyDown) // in the search field again, where it chooses a message
	keys(fyne.KeyUp, fyne.KeyModifierAlt)
	keys(fyne.KeyUp, fyne.KeyModifierAlt) // which is at the top
	if p.names() != ">Ping, Log in, Half done" {
		t.Error(p.names())
	}
	keys(fyne.KeyDown, fyne.KeyModifierAlt)
	p.answer = "Pong"
	press(p.window, fyne.KeyF2)
	if p.names() != "Log in, >Pong, Half done" {
		t.Error(p.names())
	}
	keys(fyne.KeyReturn, fyne.KeyModifierShortcutDefault)
	if len(p.sent) != 1 || p.sent[0].Name != "Pong" {
		t.Errorf("sent %+v", p.sent)
	}
	typing(p.window, "pon")
	press(p.window, fyne.KeyDelete) // which belongs to the text
	if p.names() != ">Pong" {
		t.Error(p.names())
	}
	p.search.SetText("")
	press(p.window, fyne.KeyDown, fyne.KeyDelete)
	if p.names() != "Log in, >Half done" {
		t.Error(p.names())
	}
	p.window.Canvas().Focus(p.list)
	keys(fyne.KeyUp, fyne.KeyModifierAlt)
	p.window.Canvas().Focus(p.list)
	press(p.window, fyne.KeyDown, fyne.KeyDelete)
	if p.names() != ">Half done" {
		t.Error(p.names())
	}
	p.window.Canvas().Focus(p.collections)
	press(p.window, fyne.KeyDelete)
	if p.info("game-server.json") != nil {
		t.Error("the collection is there still")
	}
	p.window.Canvas().Focus(p.collections)
	press(p.window, fyne.KeyReturn)
	if p.window.Canvas().Focused() != p.search {
		t.Error("Enter in the collections does not lead to their messages")
	}
}

func TestTenThousandMessagesAreFoundAndGoneThroughWithoutAPause(t *testing.T) {
	const many = 10_000
	s := messages.Open(filepath.Join(t.TempDir(), "messages"))
	c, err := s.Create("Many")
	if err != nil {
		t.Fatal(err)
	}
	list := make([]messages.Message, many)
	for i := range list {
		list[i] = messages.Message{Name: fmt.Sprintf("Message %d of many", i), Mode: messages.Fields, Body: `u16 len(rest), str8 "ada"`}
	}
	if err := errors.Join(c.Add(list...), c.Save()); err != nil {
		t.Fatal(err)
	}
	p := newPanel(t, s)
	asked := 0
	line := p.list.UpdateItem
	p.list.UpdateItem = func(i widget.ListItemID, o fyne.CanvasObject) {
		asked++
		line(i, o)
	}
	p.search.SetText("99 of")
	if len(p.rows) != 280 { // the numbers with 99 in them
		t.Errorf("%d found", len(p.rows))
	}
	p.search.SetText("")
	for range 20 {
		press(p.window, fyne.KeyPageDown)
	}
	if p.row != 160 || len(p.rows) != many {
		t.Errorf("at %d of %d", p.row, len(p.rows))
	}
	if asked > many/2 {
		t.Errorf("%d lines were made for a list of which twenty are seen", asked)
	}
}

func TestAPanelWithoutMessagesSaysHowToGetSome(t *testing.T) {
	p := newPanel(t, messages.Open(filepath.Join(t.TempDir(), "none")))
	if !strings.Contains(p.none.Text, "Nothing is saved yet") || !p.none.Visible() || p.newOne.Disabled() || p.imports.Disabled() {
		t.Errorf("%q", p.none.Text)
	}
	press(p.window, fyne.KeyDown, fyne.KeyReturn)
	if len(p.loaded) != 0 {
		t.Error("nothing was loaded")
	}
}

func TestAPanelOpensAtAMessage(t *testing.T) {
	p := newPanel(t, messageStore(t))
	p.Reload(MessageOrigin{"game-server.json", "Half done"})
	if p.names() != "Log in, Ping, >Half done" {
		t.Error(p.names())
	}
	p.Reload(MessageOrigin{"gone.json", "Half done"})
	if p.names() != ">Log in, Ping, Half done, Ping" || p.Collection() != "" {
		t.Error(p.names())
	}
}

func TestHostileNamesAreShownHarmlessly(t *testing.T) {
	p := newPanel(t, messageStore(t))
	m := messages.Message{Name: "x", Body: "a\u202eb\x1b[31m", Note: "n\u200b"}
	p.detail.show(m, 0)
	for _, text := range []string{p.detail.body.Text, p.detail.note.Text} {
		if strings.ContainsAny(text, "\u202e\x1b\u200b") {
			t.Errorf("%q", text)
		}
	}
}

func TestSavedMessagesLookRight(t *testing.T) {
	p := newPanel(t, messageStore(t))
	looks(t, p.window, "messages-all")
	p.choose(t, "Game server")
	elsewhere(t, p.store, "game-server.json", "New")
	test.Tap(p.down)
	looks(t, p.window, "messages-changed")
	p.window.Resize(p.MinSize())
	looks(t, p.window, "messages-narrow")
	p.window.Resize(fyne.NewSize(700, 420))
	p.choose(t, "broken")
	looks(t, p.window, "messages-broken")
	p.Import("packets", []byte(packets))
	looks(t, p.window, "messages-imported")
}

func TestTheSelectedMessageIsInViewWhenThePanelOpensSmall(t *testing.T) {
	s := messageStore(t)
	c, err := s.Load("lab.json")
	for range 50 {
		if err == nil {
			err = c.Add(messages.Message{Name: "more"})
		}
	}
	if err == nil {
		err = c.Save()
	}
	if err != nil {
		t.Fatal(err)
	}
	p := NewSavedMessages(s)
	p.MinSize() // which makes the list before it has a size
	p.Reload(MessageOrigin{})
	w := stage(t, p, fyne.NewSize(640, 400))
	p.FocusSearch(w.Canvas())
	if offset := p.list.GetScrollOffset(); offset != 0 {
		t.Errorf("it is scrolled by %v, and the first is selected", offset)
	}
	for range 40 {
		press(w, fyne.KeyDown)
	}
	w.Resize(fyne.NewSize(640, 300))
	if offset := p.list.GetScrollOffset(); offset < 500 {
		t.Errorf("it is scrolled by %v, and row 40 is selected", offset)
	}
}
