package widgets

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/messages"
	"wirebench/widgets/words"
)

// newCollectionChoice is what the choice of a collection offers beside those there are.
const newCollectionChoice words.Text = "New collection…"

// MessageForm asks for the name and the collection that a message is saved under, and saves it: as a new message, or in
// the place of one that has the name already. All methods belong to the UI goroutine.
type MessageForm struct {
	widget.BaseWidget

	// OnChanged is called when Action may have changed.
	OnChanged func()
	// OnSubmit is called for Enter in a field of one line.
	OnSubmit func()

	store   *messages.Store
	message messages.Message
	infos   []messages.Info // collections that can be read
	notedOf string          // the note that was there and was put into the form

	name       *lineEntry
	collection *handingSelect
	newName    *lineEntry
	target     *HandingCheck
	note       *noteEntry
	says       *widget.Label
	banner     *Banner
	root       *fyne.Container
}

var _ fyne.Widget = (*MessageForm)(nil)

// NewMessageForm returns a form to save m, which was at from before or is like what was there. Target is where the
// present tab sends to, "" for nowhere in particular.
func NewMessageForm(store *messages.Store, m messages.Message, from MessageOrigin, target string) *MessageForm {
	f := &MessageForm{store: store, message: m}
	line := func(placeHolder string) *lineEntry {
		e := newLineEntry(placeHolder)
		e.OnChanged = func(string) { f.changed() }
		e.OnSubmitted = func(string) { call(f.OnSubmit) }
		return e
	}
	f.name = line(words.Say("Log in // an example of what a message is called"))
	f.newName = line(words.Say("Game server // an example of what a collection is called"))
	f.collection = newHandingSelect(nil, func(string) { f.changed() })
	f.target = NewHandingCheck("", nil)
	f.note = newNoteEntry()
	f.note.OnTooLong = func(text string) { f.complain(errors.New(text)) }
	f.says = widget.NewLabel("")
	f.says.Wrapping = fyne.TextWrapWord
	f.banner = NewBanner()
	form := widget.NewForm(
		widget.NewFormItem(words.Say("Name"), f.name),
		widget.NewFormItem(words.Say("Collection"), container.NewVBox(f.collection, f.newName)),
		widget.NewFormItem(words.Say("Note"), f.note),
		widget.NewFormItem("", f.target),
	)
	f.root = container.NewVBox(f.banner, form, f.says)
	f.ExtendBaseWidget(f)

	f.read(from.File)
	f.name.SetText(from.Name)
	if i, old := f.replaced(); i >= 0 && target == "" {
		target = old.Target
	}
	f.message.Target = target
	f.target.SetText(words.Say("Keep where it goes: %s", plainText(target, 60, false)))
	f.target.SetChecked(target != "")
	if target == "" {
		form.Items = form.Items[:3]
		form.Refresh()
	}
	f.changed()
	return f
}

// FocusName puts the keyboard into the name, which is selected.
func (f *MessageForm) FocusName(on fyne.Canvas) {
	if on != nil {
		on.Focus(f.name)
		f.name.selectAll()
	}
}

// read takes over what collections there are and chooses that of a file, or the first.
func (f *MessageForm) read(file string) {
	infos, err := f.store.List()
	if err != nil {
		f.complain(err)
	}
	f.infos = slices.DeleteFunc(infos, func(i messages.Info) bool { return i.Collection == nil })
	another := words.Say(newCollectionChoice)
	named := map[string]int{another: 1}
	for _, i := range f.infos {
		named[plainText(i.Name, 60, false)]++
	}
	choices, chosen := make([]string, 0, len(f.infos)+1), 0
	for n, i := range f.infos {
		name := plainText(i.Name, 60, false)
		if named[name] > 1 {
			name += " (" + plainText(i.File, 60, false) + ")"
		}
		choices = append(choices, name)
		if i.File == file {
			chosen = n
		}
	}
	f.collection.SetOptions(distinct(append(choices, another)))
	f.collection.SetSelectedIndex(chosen)
	if len(f.infos) == 0 {
		f.newName.SetText(words.Say("Messages"))
	}
}

// chosen is the collection to save into, nil for a new one.
func (f *MessageForm) chosen() *messages.Info {
	if i := f.collection.SelectedIndex(); i >= 0 && i < len(f.infos) {
		return &f.infos[i]
	}
	return nil
}

// replaced is the message in the collection that has the name, with its place, which is -1 when there is none.
func (f *MessageForm) replaced() (int, messages.Message) {
	info := f.chosen()
	if info == nil {
		return -1, messages.Message{}
	}
	name := strings.TrimSpace(f.name.Text)
	i := slices.IndexFunc(info.Collection.Messages, func(m messages.Message) bool { return m.Name == name })
	if i < 0 {
		return -1, messages.Message{}
	}
	return i, info.Collection.Messages[i]
}

// Action is what saving does: "Save" or "Replace", in the language chosen.
func (f *MessageForm) Action() string {
	if i, _ := f.replaced(); i >= 0 {
		return words.Say("Replace")
	}
	return words.Say("Save")
}

func (f *MessageForm) changed() {
	setVisible(f.newName, f.chosen() == nil)
	says := ""
	i, old := f.replaced()
	if i >= 0 {
		says = words.Say("There is a message with this name in the collection: it is replaced.")
	}
	if f.note.text() == f.notedOf && f.notedOf != old.Note { // the note that is there is kept unless another is typed
		f.note.set(old.Note)
		f.notedOf = old.Note
	}
	if f.says.Text != says {
		f.says.SetText(says)
	}
	setVisible(f.says, says != "")
	f.root.Refresh()
	call(f.OnChanged)
}

func (f *MessageForm) complain(err error) {
	f.banner.SetNotice(Notice{Kind: NoticeError, Text: sentence(err.Error())})
	f.root.Refresh()
}

// Save saves the message and tells where it is then. When that fails it says why and gives false, and what was typed
// stays.
func (f *MessageForm) Save() (at MessageOrigin, saved bool) {
	m := f.message
	m.Name, m.Note = strings.TrimSpace(f.name.Text), f.note.text()
	if !f.target.Checked {
		m.Target = ""
	}
	c, err := f.place(m)
	switch {
	case errors.Is(err, messages.ErrChanged):
		f.banner.SetNotice(Notice{
			Kind:    NoticeWarning,
			Text:    sentence(err.Error()) + " " + words.Say("Nothing was saved: read it again, and save then."),
			Actions: []NoticeAction{{Label: words.Say("Reload"), Run: f.reload}},
		})
		f.root.Refresh()
		return at, false
	case err != nil:
		f.complain(err)
		return at, false
	}
	return MessageOrigin{c, m.Name}, true
}

// place puts a message into its collection and gives the file of that.
func (f *MessageForm) place(m messages.Message) (file string, err error) {
	info := f.chosen()
	if info == nil {
		// The message is looked at first, so that no empty collection is left behind.
		if err := new(messages.Collection).Add(m); err != nil {
			return "", err
		}
		c, err := f.store.Create(strings.TrimSpace(f.newName.Text))
		if err != nil {
			return "", err
		}
		if err = c.Add(m); err == nil {
			err = c.Save()
		}
		return filepath.Base(c.File()), err
	}
	c := info.Collection
	before := slices.Clone(c.Messages)
	if i, _ := f.replaced(); i >= 0 {
		err = c.Replace(i, m)
	} else {
		err = c.Add(m)
	}
	if err == nil {
		err = c.Save()
	}
	if err != nil {
		c.Messages = before
		return "", fmt.Errorf("%s: %w", words.Say("save the message"), err)
	}
	return info.File, nil
}

// reload reads the collections again and keeps what was typed.
func (f *MessageForm) reload() {
	file := ""
	if info := f.chosen(); info != nil {
		file = info.File
	}
	f.banner.Clear()
	f.read(file)
	f.changed()
}

// CreateRenderer is part of fyne.Widget.
func (f *MessageForm) CreateRenderer() fyne.WidgetRenderer { return newFace(f.root, nil) }

// noteEntry is a field for a few lines. Escape goes to the window, and Tab moves on.
type noteEntry struct {
	BoundedEntry

	given, shown string // what it was filled with, and what of that is shown
}

func newNoteEntry() *noteEntry {
	e := &noteEntry{}
	e.MultiLine = true
	e.Limit = noteLimit
	e.Wrapping = fyne.TextWrapWord
	e.PlaceHolder = words.Say("What it is for, if the name does not say")
	e.ExtendBaseWidget(e)
	e.SetMinRowsVisible(2)
	return e
}

// set fills the field. What is longer than a field shows is kept whole as long as nobody edits it.
func (e *noteEntry) set(text string) {
	e.given, e.shown = text, clip(text, noteLimit)
	e.SetText(e.shown)
}

// text returns what the field holds.
func (e *noteEntry) text() string {
	if e.Text == e.shown {
		return e.given
	}
	return e.Text
}

// AcceptsTab is false: the keyboard must get out of the field.
func (e *noteEntry) AcceptsTab() bool { return false }

// TypedKey is part of fyne.Focusable.
func (e *noteEntry) TypedKey(k *fyne.KeyEvent) {
	if HandOn(e, k) {
		return
	}
	e.BoundedEntry.TypedKey(k)
}
