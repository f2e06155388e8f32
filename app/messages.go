package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"wirebench/app/filepick"
	"wirebench/sessions"
	"wirebench/sessions/compose"
	"wirebench/sessions/fields"
	"wirebench/sessions/messages"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// sentMessage is one message of the composer's history as kept on disk. A plain
// string stands for text without an ending; what was kept before messages had a
// mode is such strings.
type sentMessage struct {
	Mode   string `json:"mode,omitempty"` // "hex" or "fields"; "" is text
	Text   string `json:"text"`
	Ending string `json:"ending,omitempty"`
	Order  string `json:"order,omitempty"` // "big" or "little", of fields
}

// UnmarshalJSON implements [json.Unmarshaler].
func (m *sentMessage) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		*m = sentMessage{}
		return json.Unmarshal(b, &m.Text)
	}
	type plain sentMessage
	return json.Unmarshal(b, (*plain)(m))
}

// keepSent gives a history as it is kept.
func keepSent(history []messages.Message) []sentMessage {
	var kept []sentMessage
	for _, m := range history {
		k := sentMessage{Text: m.Body, Order: orderWord(m.Order)}
		if m.Mode != messages.Text {
			k.Mode = string(m.Mode)
		}
		if m.Ending != compose.None {
			k.Ending = m.Ending.String()
		}
		kept = append(kept, k)
	}
	return kept
}

// keptSent gives a history as it was kept.
func keptSent(kept []sentMessage) []messages.Message {
	var history []messages.Message
	for _, k := range kept {
		m := messages.Message{Mode: modeOf(k.Mode), Body: k.Text, Order: orderOf(k.Order)}
		if e, err := compose.ParseEnding(k.Ending); err == nil {
			m.Ending = e
		}
		history = append(history, m)
	}
	return history
}

// modeOf reads a mode of the workspace; what it does not know is text.
func modeOf(word string) messages.Mode {
	switch m := messages.Mode(word); m {
	case messages.Hex, messages.Fields:
		return m
	}
	return messages.Text
}

// orderWord is how the workspace has a byte order; the tab's own is "".
func orderWord(o fields.Order) string {
	switch o {
	case fields.Big:
		return "big"
	case fields.Little:
		return "little"
	}
	return ""
}

// orderOf reads what orderWord wrote.
func orderOf(word string) fields.Order {
	switch word {
	case "big":
		return fields.Big
	case "little":
		return fields.Little
	}
	return fields.Default
}

// savedMessages shows what is saved, to be loaded into the composer.
func (d *desk) savedMessages() {
	w := d.bench
	p := widgets.NewSavedMessages(w.messages)
	p.Order = d.byteOrder()
	from := d.from
	if from.File == "" {
		from.File = w.collection
	}
	p.Reload(from)
	var shown *dialog.CustomDialog
	finish := func() {
		w.collection = p.Collection()
		shown.Hide()
		d.focusComposer()
	}
	p.OnLoad = func(m messages.Message, from widgets.MessageOrigin) {
		finish()
		d.loadMessage(m, from)
	}
	p.OnSend = func(m messages.Message, from widgets.MessageOrigin) {
		finish()
		if d.loadMessage(m, from) {
			d.composer.Send()
		}
	}
	p.OnOpen = func(m messages.Message, from widgets.MessageOrigin) {
		finish()
		w.openMessage(m, from)
	}
	p.OnImport = func() { d.importMessages(p) }
	p.OnAsk = func(title, text, help, ok string, check func(string) error) {
		w.promptWith(promptText{title: title, help: help, ok: ok, text: text}, check)
	}
	p.OnConfirm = func(title, text, yes string, run func()) { w.ask(title, text, yes, words.Say("Cancel"), run) }
	shown = dialog.NewCustomWithoutButtons(words.Say("Saved messages"), p, w.win)
	shown.SetButtons([]fyne.CanvasObject{widgets.NewHandingButton(words.Say("Close"), nil, finish)})
	w.present(shown, finish, nil)
	shown.Resize(w.fitting(920, 600))
	p.FocusSearch(w.win.Canvas())
}

// loadMessage puts a saved message into the composer, if it fits there.
func (d *desk) loadMessage(m messages.Message, from widgets.MessageOrigin) bool {
	loaded := d.composer.LoadMessage(m)
	if loaded {
		d.from = from
	}
	d.focusComposer()
	return loaded
}

// openMessage opens a tab for the target of a message, with the message in it.
func (w *workbench) openMessage(m messages.Message, from widgets.MessageOrigin) {
	target := m.Target
	if kind, address := m.Peer(); kind == "udp" {
		target = "udp://?to=" + url.QueryEscape(address)
	}
	if t := w.openAddress(target); t != nil {
		t.theDesk().loadMessage(m, from)
	}
}

// importMessages asks for a file of Packet Sender and hands it to p.
func (d *desk) importMessages(p *widgets.SavedMessages) {
	w := d.bench
	w.pick.Open(filepick.Request{Title: words.Say("Import the packets of Packet Sender"), Dir: w.space.Folder}, func(path string, err error) {
		if errors.Is(err, filepick.ErrCancelled) {
			return
		}
		var data []byte
		if err == nil {
			w.space.Folder = filepath.Dir(path)
			data, err = messages.ReadFile(path)
		}
		if err != nil {
			p.Complain(fmt.Errorf("%s: %w", words.Say("import packets"), err))
			return
		}
		name := filepath.Base(path)
		p.Import(strings.TrimSuffix(name, filepath.Ext(name)), data)
	})
}

// target is where the visible tab sends to, as saved messages have it, and ""
// for nowhere that can be told.
func (w *workbench) target() string {
	kind, address := sessions.UDP, ""
	switch t := w.strip.current.(type) {
	case *clientTab:
		kind, address = t.session.Kind(), t.address.Text()
	case *udpTab:
		address = t.bar.Target()
	}
	host, port, err := sessions.ParseTargetOf(kind, address)
	if err != nil {
		return ""
	}
	return kind.String() + "://" + net.JoinHostPort(host, strconv.Itoa(int(port)))
}

// saveMessage asks for the name under which the composer's message is saved.
func (d *desk) saveMessage() {
	w := d.bench
	m := d.composer.Message()
	if m.Body == "" {
		d.traffic.tell(words.Say("There is no message to save: write one first."))
		d.focusComposer()
		return
	}
	from := d.from
	if from.File == "" {
		from.File = w.collection
	}
	f := widgets.NewMessageForm(w.messages, m, from, w.target())
	var shown *dialog.CustomDialog
	save := func() {
		at, ok := f.Save()
		if !ok {
			return
		}
		d.from, w.collection = at, at.File
		shown.Hide()
		d.focusComposer()
	}
	ok := widgets.NewHandingButton(f.Action(), nil, save)
	ok.Importance = widget.HighImportance
	f.OnChanged = func() {
		if action := f.Action(); action != ok.Text {
			ok.SetText(action)
		}
	}
	f.OnSubmit = save
	shown = dialog.NewCustomWithoutButtons(words.Say("Save the message"), container.NewVScroll(f), w.win)
	shown.SetButtons([]fyne.CanvasObject{widgets.NewHandingButton(words.Say("Cancel"), nil, func() { shown.Hide() }), ok})
	w.present(shown, shown.Hide, save)
	shown.Resize(w.fitting(560, 330))
	f.FocusName(w.win.Canvas())
}
