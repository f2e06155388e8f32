package widgets

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/inspect"
	"wirebench/sessions/messages"
	"wirebench/widgets/words"
)

// MessageOrigin says where a message was kept.
type MessageOrigin struct {
	File string // of the collection, within the folder; "" for nowhere
	Name string // of the message
}

// SavedMessages shows the messages of a folder: its collections, their messages and one of these. Messages and
// collections are found, renamed, moved and deleted here, and files of other programs imported. All methods belong to
// the UI goroutine.
type SavedMessages struct {
	widget.BaseWidget

	// OnLoad is called to put a message into the composer.
	OnLoad func(m messages.Message, from MessageOrigin)
	// OnOpen is called to open a tab for the target of a message, with the message in it.
	OnOpen func(m messages.Message, from MessageOrigin)
	// OnSend is called to send a message at once, with Ctrl+Enter or the button.
	OnSend func(m messages.Message, from MessageOrigin)
	// OnImport is called when a file is to be chosen whose packets are imported; see Import.
	OnImport func()
	// OnAsk is called to ask for a line of text, such as a name. Check takes what was typed, and tells what is wrong
	// with it; nil ends the asking.
	OnAsk func(title, text, help, ok string, check func(text string) error)
	// OnConfirm is called before something is deleted.
	OnConfirm func(title, text, yes string, run func())
	// Order is the byte order of fields that do not say.
	Order inspect.Order

	store *messages.Store
	infos []messages.Info // collections, as they were read last
	at    string          // the file of the collection that is shown, "" for all of them
	rows  []savedRow      // the messages that are shown
	row   int             // the one that is selected, -1 for none

	search      *lineEntry
	banner      *Banner
	collections *savedList
	list        *savedList
	detail      *messageDetail
	none        *widget.Label // why there is no message

	load, send, open             *HandingButton
	rename, move, up, down, drop *HandingButton
	newOne, imports              *HandingButton
	renameAll, dropAll           *HandingButton
	root                         fyne.CanvasObject
	filling                      bool // the lists are being filled by the program
}

// savedRow is a message that is shown.
type savedRow struct {
	collection *messages.Collection
	file       string
	index      int
}

func (r savedRow) message() messages.Message { return r.collection.Messages[r.index] }

func (r savedRow) origin() MessageOrigin { return MessageOrigin{r.file, r.message().Name} }

var _ fyne.Widget = (*SavedMessages)(nil)

// NewSavedMessages returns the messages of a folder, as they are now.
func NewSavedMessages(store *messages.Store) *SavedMessages {
	p := &SavedMessages{store: store, row: -1}
	p.search = newLineEntry(words.Say("Find a message by its name"))
	p.search.Icon = theme.SearchIcon()
	p.search.OnChanged = func(string) { p.find(MessageOrigin{}) }
	p.search.onKey = p.key
	p.search.onShortcut = p.shortcut
	p.banner = NewBanner()
	p.collections = newSavedList(p.collectionLine, func(i int) {
		if file := p.fileAt(i); file != p.at && !p.filling {
			p.at = file
			p.find(MessageOrigin{})
		}
	}, nil)
	p.list = newSavedList(p.messageLine, func(i int) {
		if !p.filling {
			p.row = i
			p.showRow()
		}
	}, p.loadRow)
	p.list.onTapped = p.focusSearch
	p.list.onKey, p.list.onShortcut = p.listKey, p.shortcut
	p.collections.onTapped, p.collections.onOpen = p.focusSearch, p.focusSearch
	p.collections.onKey = p.collectionKey
	p.detail = newMessageDetail()
	p.none = widget.NewLabel("")
	p.none.Wrapping = fyne.TextWrapWord

	button := func(word string, icon fyne.Resource, tapped func()) *HandingButton {
		b := NewHandingButton(word, icon, tapped)
		b.Importance = widget.LowImportance
		return b
	}
	p.load = NewHandingButton(words.Say("Load // a message into the composer"), theme.ConfirmIcon(), p.loadRow)
	p.load.Importance = widget.HighImportance
	p.send = NewHandingButton(words.Say("Send"), theme.MailSendIcon(), p.sendRow)
	p.open = NewHandingButton("", nil, p.openRow)
	p.rename = button(words.Say("Rename…"), nil, p.renameRow)
	p.move = button(words.Say("Move to…"), nil, p.openMoveMenu)
	p.up = button("", theme.MoveUpIcon(), func() { p.moveRow(-1) })
	p.down = button("", theme.MoveDownIcon(), func() { p.moveRow(1) })
	p.drop = button(words.Say("Delete"), theme.DeleteIcon(), p.deleteRow)
	p.newOne = button(words.Say("New… // collection of messages"), theme.FolderNewIcon(), p.newCollection)
	p.imports = button(words.Say("Import…"), theme.UploadIcon(), func() { call(p.OnImport) })
	p.renameAll = button(words.Say("Rename…"), nil, p.renameCollection)
	p.dropAll = button(words.Say("Delete"), theme.DeleteIcon(), p.deleteCollection)

	left := container.NewBorder(nil, container.NewGridWithColumns(2, p.newOne, p.imports, p.renameAll, p.dropAll), nil, nil, p.collections)
	buttons := container.NewVBox(
		container.NewHBox(p.load, p.send, p.open),
		container.NewHBox(p.rename, p.move, p.up, p.down, p.drop),
	)
	parts := container.NewVSplit(container.NewStack(p.list, container.NewVBox(p.none)), p.detail)
	parts.Offset = 0.6
	across := container.NewHSplit(left, container.NewBorder(nil, buttons, nil, nil, parts))
	across.Offset = 0.3
	top := container.NewVBox(p.search, p.banner)
	// Tab goes from the search on to the lists, which it does when they come behind it.
	p.root = container.New(layout.NewBorderLayout(top, nil, nil, nil), top, across)
	p.ExtendBaseWidget(p)
	p.Reload(MessageOrigin{})
	return p
}

// FocusSearch puts the keyboard into the search field, from which the arrows choose a message, Enter loads it, Ctrl+Enter
// sends it, F2 renames it, and Alt with an arrow moves it. Delete deletes it while nothing is searched for.
func (p *SavedMessages) FocusSearch(on fyne.Canvas) {
	if on != nil {
		on.Focus(p.search)
	}
}

func (p *SavedMessages) focusSearch() { p.FocusSearch(canvasOf(p.search)) }

// Collection gives the file of the collection that is shown, "" while all are.
func (p *SavedMessages) Collection() string { return p.at }

// Reload reads the folder again and selects a message. With a file and no name it shows that collection; what is not
// there any more leaves the choice as it is.
func (p *SavedMessages) Reload(to MessageOrigin) {
	infos, err := p.store.List()
	p.infos = infos
	if err != nil {
		p.banner.SetNotice(Notice{Kind: NoticeError, Text: sentence(err.Error())})
	}
	if to.File != "" {
		p.at = to.File
	}
	if p.info(p.at) == nil {
		p.at = ""
	}
	p.find(to)
}

// info is the collection of a file, nil when there is none.
func (p *SavedMessages) info(file string) *messages.Info {
	i := slices.IndexFunc(p.infos, func(i messages.Info) bool { return i.File == file })
	if i < 0 {
		return nil
	}
	return &p.infos[i]
}

// fileAt is the file of line i of the collections, of which the first is all of them.
func (p *SavedMessages) fileAt(i int) string {
	if i < 1 || i > len(p.infos) {
		return ""
	}
	return p.infos[i-1].File
}

// find fills the list with the messages that the words in the search field are in, and selects one, or the first.
func (p *SavedMessages) find(to MessageOrigin) {
	p.rows = p.rows[:0]
	selected := 0
	for _, info := range p.infos {
		if info.Collection == nil || p.at != "" && info.File != p.at {
			continue
		}
		for _, i := range info.Collection.Find(p.search.Text) {
			r := savedRow{info.Collection, info.File, i}
			if to.Name != "" && to == r.origin() {
				selected, to.Name = len(p.rows), "" // the first of several
			}
			p.rows = append(p.rows, r)
		}
	}
	p.row = min(selected, len(p.rows)-1)
	p.show()
}

// show brings both lists in line with what there is.
func (p *SavedMessages) show() {
	p.filling = true
	p.collections.set(len(p.infos)+1, 1+slices.IndexFunc(p.infos, func(i messages.Info) bool { return i.File == p.at }))
	p.list.set(len(p.rows), p.row)
	p.filling = false
	p.showRow()
}

// selected is the message that is selected, nil for none.
func (p *SavedMessages) selected() *savedRow {
	if p.row < 0 || p.row >= len(p.rows) {
		return nil
	}
	return &p.rows[p.row]
}

// showRow shows the message that is selected, and what can be done with it.
func (p *SavedMessages) showRow() {
	info, r := p.info(p.at), p.selected()
	broken := info != nil && info.Err != nil
	able(p.renameAll, info != nil && !broken)
	able(p.dropAll, info != nil && !broken)
	for _, b := range []*HandingButton{p.load, p.send, p.rename, p.drop} {
		able(b, r != nil)
	}
	able(p.move, r != nil && p.others(r.file) > 0)
	ordered := r != nil && p.at != "" && p.search.Text == ""
	able(p.up, ordered && p.row > 0)
	able(p.down, ordered && p.row < len(p.rows)-1)

	p.none.SetText(p.whyNone())
	setVisible(p.none, len(p.rows) == 0)
	if r == nil {
		p.open.Hide()
		p.detail.clear()
		return
	}
	m := r.message()
	if setVisible(p.open, m.Target != ""); m.Target != "" {
		p.open.SetText(words.Say("Open a tab for %s", plainText(m.Target, 40, false)))
	}
	p.detail.show(m, p.Order)
}

// others counts the collections that can be read beside that of a file.
func (p *SavedMessages) others(file string) (n int) {
	for _, i := range p.infos {
		if i.Collection != nil && i.File != file {
			n++
		}
	}
	return n
}

// whyNone says why the list of messages is empty, with what to do about it.
func (p *SavedMessages) whyNone() string {
	info := p.info(p.at)
	switch {
	case len(p.rows) > 0:
		return ""
	case info != nil && info.Err != nil:
		return sentence(info.Err.Error()) + " " + words.Say("Put the file right and open this again; until then it is left as it is.")
	case trimBlanks(p.search.Text) != "":
		return words.Say("No message has these words in its name or in that of its collection.")
	case len(p.infos) == 0:
		return words.Say("Nothing is saved yet. Write a message in the composer and save it, or import the packets of Packet Sender.")
	case info != nil:
		return words.Say("This collection is empty. Save a message into it, or move one here.")
	}
	return words.Say("The collections are empty.")
}

// collectionLine is line i of the collections.
func (p *SavedMessages) collectionLine(i int) (line savedLine) {
	if i == 0 {
		total := 0
		for _, info := range p.infos {
			total += info.Messages
		}
		return savedLine{title: words.Say("All collections"), detail: FormatCount(int64(total)), strong: true}
	}
	if i > len(p.infos) {
		return savedLine{}
	}
	info := p.infos[i-1]
	line = savedLine{title: info.Name, detail: FormatCount(int64(info.Messages))}
	if info.Err != nil {
		line.detail, line.bad = words.Say("cannot be read"), true
	}
	return line
}

// messageLine is line i of the messages.
func (p *SavedMessages) messageLine(i int) savedLine {
	if i >= len(p.rows) {
		return savedLine{}
	}
	m := p.rows[i].message()
	details := []string{ComposeModeOf(m.Mode).String()}
	if m.Target != "" {
		details = append(details, m.Target)
	}
	if p.at == "" {
		details = append(details, p.rows[i].collection.Name)
	}
	return savedLine{title: m.Name, detail: strings.Join(details, " · ")}
}

// key lets the arrows choose a message from the search field.
func (p *SavedMessages) key(k *fyne.KeyEvent) bool {
	by := 0
	switch k.Name {
	case fyne.KeyDown:
		by = 1
	case fyne.KeyUp:
		by = -1
	case fyne.KeyPageDown:
		by = 8
	case fyne.KeyPageUp:
		by = -8
	case fyne.KeyReturn, fyne.KeyEnter:
		p.loadRow()
		return true
	case fyne.KeyDelete:
		return p.search.Text == "" && p.listKey(k)
	default:
		return p.listKey(k)
	}
	if len(p.rows) > 0 {
		p.row = max(0, min(p.row+by, len(p.rows)-1))
		p.list.choose(p.row)
		p.showRow()
	}
	return true
}

// listKey is for the keys of the list of messages that the search field does not have a use for.
func (p *SavedMessages) listKey(k *fyne.KeyEvent) bool {
	switch k.Name {
	case fyne.KeyF2:
		p.renameRow()
	case fyne.KeyDelete:
		p.deleteRow()
	default:
		return false
	}
	return true
}

// collectionKey is for the keys of the list of collections.
func (p *SavedMessages) collectionKey(k *fyne.KeyEvent) bool {
	switch k.Name {
	case fyne.KeyF2:
		p.renameCollection()
	case fyne.KeyDelete:
		p.deleteCollection()
	default:
		return false
	}
	return true
}

// shortcut sends the selected message or moves it within its collection.
func (p *SavedMessages) shortcut(s *desktop.CustomShortcut) bool {
	switch {
	case (s.KeyName == fyne.KeyReturn || s.KeyName == fyne.KeyEnter) && s.Modifier == fyne.KeyModifierShortcutDefault:
		p.sendRow()
	case s.KeyName == fyne.KeyUp && s.Modifier == fyne.KeyModifierAlt && !p.up.Disabled():
		p.moveRow(-1)
	case s.KeyName == fyne.KeyDown && s.Modifier == fyne.KeyModifierAlt && !p.down.Disabled():
		p.moveRow(1)
	default:
		return false
	}
	return true
}

// loadRow hands the selected message over.
func (p *SavedMessages) loadRow() {
	if r := p.selected(); r != nil && p.OnLoad != nil {
		p.OnLoad(r.message(), r.origin())
	}
}

func (p *SavedMessages) sendRow() {
	if r := p.selected(); r != nil && p.OnSend != nil {
		p.OnSend(r.message(), r.origin())
	}
}

func (p *SavedMessages) openRow() {
	if r := p.selected(); r != nil && p.OnOpen != nil && r.message().Target != "" {
		p.OnOpen(r.message(), r.origin())
	}
}

// CreateRenderer is part of fyne.Widget.
func (p *SavedMessages) CreateRenderer() fyne.WidgetRenderer { return newFace(p.root, nil) }
