package widgets

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets/words"
)

// PracticeEntry is a practice server as a [PracticePanel] lists it.
type PracticeEntry struct {
	ID    string
	Kind  string   // "TCP"; at the right of the title
	Title string   // "Echo"
	Look  []string // what to look at, a line each
	Where string   // "tcp://127.0.0.1:7777, 2 clients", or that it is not started
	Help  string   // a longer text, shown in columns as it is; "" for none
	On    bool     // it is started
}

// PracticePanel lists practice servers: the arrows choose one, Enter or a double click opens a tab for it. All methods
// belong to the UI goroutine.
type PracticePanel struct {
	widget.BaseWidget

	// OnOpen is called to open a tab for an entry.
	OnOpen func(id string)

	entries []PracticeEntry
	found   []int // indices into entries
	chosen  string

	search       *lineEntry
	list         *savedList
	none         *widget.RichText
	title, where *SelectableLabel
	look, help   *SelectableLabel
	open         *HandingButton
	detail       *fyne.Container
	scroll       *container.Scroll
	root         fyne.CanvasObject
}

var _ fyne.Widget = (*PracticePanel)(nil)

// NewPracticePanel returns a panel that lists entries and has chosen the one with that ID, or the first.
func NewPracticePanel(entries []PracticeEntry, chosen string) *PracticePanel {
	p := &PracticePanel{chosen: chosen}
	p.search = newLineEntry(words.Say("Find a practice server"))
	p.search.Icon = theme.SearchIcon()
	p.search.OnChanged = func(string) { p.filter() }
	p.search.onKey = p.key
	p.list = newSavedList(p.line, func(i int) {
		p.chosen = p.entries[p.found[i]].ID
		p.show()
	}, p.act)
	p.list.onTapped = func() {
		if c := fyne.CurrentApp().Driver().CanvasForObject(p); c != nil {
			p.Focus(c)
		}
	}
	p.none = mutedText(words.Say("No practice server has these words."), false, fyne.TextWrapWord)
	p.title, p.where, p.look, p.help = NewSelectableLabel(""), NewSelectableLabel(""), NewSelectableLabel(""), NewSelectableLabel("")
	p.title.TextStyle.Bold = true
	p.help.TextStyle.Monospace = true
	for _, l := range []*SelectableLabel{p.title, p.where, p.look} {
		l.Wrapping = fyne.TextWrapWord
	}
	p.where.Importance = widget.LowImportance
	p.open = NewHandingButton(words.Say("Open a tab"), theme.NavigateNextIcon(), p.act)
	p.open.Importance = widget.HighImportance
	p.scroll = container.NewScroll(p.help)
	p.detail = container.NewBorder(container.NewVBox(p.title, p.look, p.where, container.NewPadded(container.NewHBox(p.open))), nil, nil, nil, p.scroll)
	across := container.NewHSplit(container.NewStack(p.list, container.NewVBox(p.none)), p.detail)
	across.Offset = 0.45
	p.root = container.NewBorder(p.search, nil, nil, nil, across)
	p.ExtendBaseWidget(p)
	p.SetEntries(entries)
	return p
}

// SetEntries lists other entries; the same one stays chosen if it is there.
func (p *PracticePanel) SetEntries(entries []PracticeEntry) {
	p.entries = entries
	p.filter()
}

// Chosen is the ID of the entry that is chosen, "" for none.
func (p *PracticePanel) Chosen() string { return p.chosen }

// Focus puts the keyboard into the search field, from which the arrows choose.
func (p *PracticePanel) Focus(on fyne.Canvas) { on.Focus(p.search) }

// filter lists the entries that have every word that was typed.
func (p *PracticePanel) filter() {
	typed := newWordFilter(p.search.Text)
	p.found = p.found[:0]
	at, exact := 0, false // exact: somebody typed what the command line calls it
	for i, e := range p.entries {
		if !typed.matches(0, append([]string{e.Kind, e.Title, e.ID}, e.Look...)...) {
			continue
		}
		if e.ID == p.chosen && !exact {
			at = len(p.found)
		}
		if strings.EqualFold(e.ID, strings.TrimSpace(p.search.Text)) {
			at, exact = len(p.found), true
		}
		p.found = append(p.found, i)
	}
	if len(p.found) == 0 {
		at = -1
	} else {
		p.chosen = p.entries[p.found[at]].ID
	}
	p.list.chosen = -1 // what stands in its line may be another one
	p.list.set(len(p.found), at)
	p.show()
}

func (p *PracticePanel) line(i int) savedLine {
	e := p.entries[p.found[i]]
	return savedLine{title: e.Title, detail: e.Kind, strong: e.On}
}

// show tells of the chosen entry.
func (p *PracticePanel) show() {
	setVisible(p.none, len(p.found) == 0)
	setVisible(p.detail, len(p.found) > 0)
	for _, i := range p.found {
		if e := p.entries[i]; e.ID == p.chosen {
			p.title.SetText(e.Title)
			p.look.SetText(strings.Join(e.Look, "\n"))
			p.where.SetText(e.Where)
			p.help.SetText(e.Help)
			setVisible(p.scroll, e.Help != "")
			p.scroll.ScrollToTop()
			p.detail.Refresh()
		}
	}
}

// key is what the search field does not take.
func (p *PracticePanel) key(k *fyne.KeyEvent) bool {
	switch k.Name {
	case fyne.KeyUp, fyne.KeyDown, fyne.KeyPageUp, fyne.KeyPageDown:
		if len(p.found) == 0 {
			return true
		}
		by := map[fyne.KeyName]int{fyne.KeyUp: -1, fyne.KeyDown: 1, fyne.KeyPageUp: -10, fyne.KeyPageDown: 10}[k.Name]
		p.list.choose(min(max(p.list.chosen+by, 0), len(p.found)-1))
	case fyne.KeyReturn, fyne.KeyEnter:
		p.act()
	default:
		return false
	}
	return true
}

// act opens a tab for the chosen entry.
func (p *PracticePanel) act() {
	if len(p.found) > 0 && p.OnOpen != nil {
		p.OnOpen(p.chosen)
	}
}

// CreateRenderer is part of fyne.Widget.
func (p *PracticePanel) CreateRenderer() fyne.WidgetRenderer { return newFace(p.root, nil) }
