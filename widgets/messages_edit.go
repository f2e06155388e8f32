package widgets

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"wirebench/sessions/messages"
	"wirebench/widgets/words"
)

// errTold stands for an error that the person was told of already.
var errTold = errors.New("it was told") // not said

// edit changes a collection and saves it. When that fails the collection is what it was.
func (p *SavedMessages) edit(c *messages.Collection, change func() error) error {
	before := slices.Clone(c.Messages)
	err := change()
	if err == nil {
		err = c.Save()
	}
	if err != nil {
		c.Messages = before
	}
	return p.refused(err)
}

// refused tells that somebody else changed a file, with the offer to read it again, and gives errTold then; every other
// error it returns as it is.
func (p *SavedMessages) refused(err error) error {
	if err == nil {
		p.banner.Clear()
		return nil
	}
	if !errors.Is(err, messages.ErrChanged) {
		return err
	}
	at := MessageOrigin{}
	if r := p.selected(); r != nil {
		at.Name = r.message().Name
		at.File = r.file
	}
	showAll := p.at == ""
	p.banner.SetNotice(Notice{
		Kind: NoticeWarning,
		Text: sentence(err.Error()) + " " + words.Say("Nothing was saved: look at what is there now, and try again."),
		Actions: []NoticeAction{{Label: words.Say("Reload"), Run: func() {
			p.Reload(at)
			if showAll {
				p.at = ""
				p.find(at)
			}
		}}},
	})
	return errTold
}

// Complain says what could not be done, where nobody was asked for anything.
func (p *SavedMessages) Complain(err error) {
	if err != nil && !errors.Is(err, errTold) {
		p.banner.SetNotice(Notice{Kind: NoticeError, Text: sentence(err.Error())})
	}
}

func (p *SavedMessages) ask(title, text, help, ok string, check func(string) error) {
	if p.OnAsk == nil {
		return
	}
	p.OnAsk(title, text, help, ok, func(text string) error {
		err := check(strings.TrimSpace(text))
		if err != nil && !errors.Is(err, errTold) {
			return err
		}
		p.focusSearch()
		return nil
	})
}

func (p *SavedMessages) confirm(title, text, yes string, run func()) {
	if p.OnConfirm != nil {
		p.OnConfirm(title, text, yes, func() {
			run()
			p.focusSearch()
		})
	}
}

// renameRow asks for another name of the selected message.
func (p *SavedMessages) renameRow() {
	r := p.selected()
	if r == nil {
		return
	}
	row := *r
	m := row.message()
	p.ask(words.Say("Rename the message"), m.Name, words.Say("Several messages can have the same name."), words.Say("Rename"), func(name string) error {
		m.Name = name
		err := p.edit(row.collection, func() error { return row.collection.Replace(row.index, m) })
		if err == nil {
			p.find(row.origin())
		}
		return err
	})
}

// moveRow moves the selected message within its collection.
func (p *SavedMessages) moveRow(by int) {
	r := p.selected()
	if r == nil || p.at == "" {
		return
	}
	c, i := r.collection, r.index
	if err := p.edit(c, func() error { return c.Move(i, i+by) }); err != nil {
		p.Complain(err)
		return
	}
	p.row += by
	p.show()
	p.focusSearch()
}

// openMoveMenu asks which collection the selected message goes to.
func (p *SavedMessages) openMoveMenu() {
	if p.selected() != nil {
		popUnder(p.move, p.moveMenu())
	}
}

func (p *SavedMessages) moveMenu() *fyne.Menu {
	menu := fyne.NewMenu("")
	for _, info := range p.infos {
		if r := p.selected(); r == nil || info.Collection == nil || info.File == r.file {
			continue
		}
		menu.Items = append(menu.Items, fyne.NewMenuItem(plainText(info.Name, 60, false), func() { p.moveTo(info) }))
	}
	return menu
}

// moveTo moves the selected message to the end of another collection.
func (p *SavedMessages) moveTo(to messages.Info) {
	r := p.selected()
	if r == nil || to.Collection == nil {
		return
	}
	origin, next := r.origin(), p.row
	err := r.collection.MoveTo(r.index, to.Collection, len(to.Collection.Messages))
	if err != nil {
		p.Complain(p.refused(err))
		return
	}
	p.banner.Clear()
	p.count()
	origin.File = to.File // among all collections it stays selected
	p.find(origin)
	if p.at != "" {
		p.row = min(next, len(p.rows)-1)
		p.show()
	}
	p.focusSearch()
}

// count takes over how many messages the collections have now.
func (p *SavedMessages) count() {
	for i := range p.infos {
		if c := p.infos[i].Collection; c != nil {
			p.infos[i].Messages, p.infos[i].Name = len(c.Messages), c.Name
		}
	}
}

// deleteRow deletes the selected message when that is confirmed.
func (p *SavedMessages) deleteRow() {
	r := p.selected()
	if r == nil {
		return
	}
	row := *r
	text := words.Say("%q is taken out of %q.", plainText(row.message().Name, 60, false), plainText(row.collection.Name, 60, false))
	p.confirm(words.Say("Delete the message?"), text, words.Say("Delete"), func() {
		if err := p.edit(row.collection, func() error { return row.collection.Remove(row.index) }); err != nil {
			p.Complain(err)
			return
		}
		next := p.row
		p.count()
		p.find(MessageOrigin{})
		p.row = min(next, len(p.rows)-1)
		p.show()
	})
}

// newCollection asks for the name of one.
func (p *SavedMessages) newCollection() {
	p.ask(words.Say("New collection"), "", words.Say("It becomes a file in %s.", p.store.Folder()), words.Say("Create"), func(name string) error {
		c, err := p.store.Create(name)
		if err == nil {
			p.search.SetText("")
			p.showCollection(c)
		}
		return err
	})
}

// showCollection reads the folder again and shows a collection in it.
func (p *SavedMessages) showCollection(c *messages.Collection) {
	p.Reload(MessageOrigin{})
	for _, info := range p.infos {
		if info.Collection != nil && info.Collection.File() == c.File() {
			p.at = info.File
		}
	}
	p.find(MessageOrigin{})
}

// renameCollection asks for another name of the collection that is shown.
func (p *SavedMessages) renameCollection() {
	info := p.info(p.at)
	if info == nil || info.Collection == nil {
		return
	}
	c := info.Collection
	p.ask(words.Say("Rename the collection"), c.Name, words.Say("Its file keeps its name: %s", c.File()), words.Say("Rename"), func(name string) error {
		err := c.Rename(name)
		if err == nil {
			p.banner.Clear()
			p.showCollection(c)
		}
		return p.refused(err)
	})
}

// deleteCollection deletes the collection that is shown, and its file, when that is confirmed.
func (p *SavedMessages) deleteCollection() {
	info := p.info(p.at)
	if info == nil || info.Collection == nil {
		return
	}
	c := info.Collection
	text := words.Many(int64(len(c.Messages)), "%[2]q and its %[1]d message are deleted, with the file %[3]s.", "%[2]q and its %[1]d messages are deleted, with the file %[3]s.",
		plainText(c.Name, 60, false), c.File())
	p.confirm(words.Say("Delete the collection?"), text, words.Say("Delete"), func() {
		if err := c.Delete(); err != nil {
			p.Complain(p.refused(err))
			return
		}
		p.banner.Clear()
		p.Reload(MessageOrigin{})
	})
}

// Import puts the packets of a file of Packet Sender into a new collection, and tells what of them was not taken over.
// Name is what the collection is called, with a number behind it when that is taken.
func (p *SavedMessages) Import(name string, data []byte) {
	got, err := messages.ImportPacketSender(data)
	if err == nil && len(got.Messages) == 0 {
		err = errors.New(words.Say("there are no packets in it") + firstNote(got.Notes))
	}
	if err != nil {
		p.Complain(fmt.Errorf("%s: %w", words.Say("import %s", plainText(name, 60, false)), err))
		return
	}
	c, err := p.createFor(name)
	if err == nil {
		if err = c.Add(got.Messages...); err == nil {
			err = c.Save()
		}
		if err != nil {
			err = errors.Join(err, c.Delete())
		}
	}
	if err != nil {
		p.Complain(fmt.Errorf("%s: %w", words.Say("import %s", plainText(name, 60, false)), err))
		return
	}
	p.search.SetText("")
	p.showCollection(c)
	notice := Notice{Kind: NoticeInfo, Text: words.Many(int64(len(got.Messages)), "%d message imported into %q.", "%d messages imported into %q.", plainText(c.Name, 60, false))}
	if n := len(got.Notes); n > 0 {
		notice.Kind = NoticeWarning
		notice.Text += " " + words.Many(int64(n), "%d remark: see below.", "%d remarks: see below.")
	}
	p.banner.SetNotice(notice)
	if len(got.Notes) > 0 {
		p.detail.showNotes(got.Notes)
	}
	p.focusSearch()
}

// firstNote is the first remark about what was not imported, behind a colon.
func firstNote(notes []messages.Note) string {
	if len(notes) == 0 {
		return ""
	}
	return ": " + plainText(notes[0].Packet, 60, false) + ": " + notes[0].Problem
}

// createFor makes a collection with a name like the one given that is free.
func (p *SavedMessages) createFor(name string) (*messages.Collection, error) {
	taken := func(name string) bool {
		return slices.ContainsFunc(p.infos, func(i messages.Info) bool { return i.Err == nil && strings.EqualFold(i.Name, name) })
	}
	free := name
	for n := 2; taken(free); n++ {
		free = fmt.Sprintf("%s %d", name, n)
	}
	return p.store.Create(free)
}
