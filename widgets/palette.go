package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets/words"
)

// Command is an action that can be found by its name.
type Command struct {
	Name     string // "Connect", "Go to offset…"
	Shortcut string // as people write it: "Ctrl+G"; "" for none
	Enabled  bool
	Why      string // why it is not enabled: "not connected"
	Run      func()
}

const paletteRows = 12

// Palette finds any command by a few letters of its name and runs it: Up and Down choose, Enter runs, Escape closes.
type Palette struct {
	// OnClosed is called each time the palette has gone, before the chosen command runs.
	OnClosed func()

	commands func() []Command
	all      []Command // as of the last Show
	found    []int     // indices into all, the best first
	entry    *lineEntry
	list     *pickList
	none     *widget.RichText
	panel    *overlayPanel
}

// NewPalette returns a palette that asks commands for its list each time it is shown, so that Enabled is of the
// moment.
func NewPalette(commands func() []Command) *Palette {
	p := &Palette{commands: commands, entry: newLineEntry(words.Say("Find a command")), list: newPickList(paletteRows)}
	p.entry.Icon = theme.SearchIcon()
	p.entry.onKey = p.key
	p.entry.OnChanged = func(string) { p.filter() }
	p.list.onPick = func(i int) {
		p.list.selected = i
		p.run()
	}
	p.none = mutedText(words.Say("No command has these letters in this order."), false, fyne.TextWrapOff)
	p.none.Hide()
	p.panel = newOverlayPanel(container.NewPadded(container.NewBorder(p.entry, nil, nil, nil, p.none, p.list)), p.place)
	p.panel.onDismiss = func() { call(p.OnClosed) }
	return p
}

// SetWords makes it a palette of something else than commands: what its empty field says, and what it says when nothing
// is found.
func (p *Palette) SetWords(placeHolder, none string) {
	p.entry.SetPlaceHolder(placeHolder)
	if text, ok := p.none.Segments[0].(*widget.TextSegment); ok {
		text.Text = none
		p.none.Refresh()
	}
}

// Show opens the palette on c with nothing typed.
func (p *Palette) Show(c fyne.Canvas) {
	if p.panel.opened() {
		return
	}
	p.all = p.commands()
	p.entry.SetText("")
	p.filter()
	p.panel.open(c)
	c.Focus(p.entry)
}

// Hide closes the palette.
func (p *Palette) Hide() { p.panel.shut() }

// Visible tells whether the palette is open.
func (p *Palette) Visible() bool { return p.panel.opened() }

func (p *Palette) filter() {
	names := make([]string, len(p.all))
	for i, c := range p.all {
		names[i] = c.Name
	}
	p.found = fuzzyRank(p.entry.Text, names)
	items := make([]pickItem, len(p.found))
	for i, n := range p.found {
		c := p.all[n]
		items[i] = pickItem{title: plainText(c.Name, 120, false), detail: plainText(c.Shortcut, 40, false), muted: !c.Enabled}
		if !c.Enabled && c.Why != "" {
			items[i].title += " (" + plainText(c.Why, 80, false) + ")"
		}
	}
	setVisible(p.none, len(items) == 0)
	p.list.set(items, 0)
	p.panel.Refresh()
}

func (p *Palette) key(k *fyne.KeyEvent) bool {
	switch k.Name {
	case fyne.KeyDown:
		p.list.move(1)
	case fyne.KeyUp:
		p.list.move(-1)
	case fyne.KeyPageDown:
		p.list.page(1)
	case fyne.KeyPageUp:
		p.list.page(-1)
	case fyne.KeyReturn, fyne.KeyEnter:
		p.run()
	case fyne.KeyEscape:
		p.Hide()
	default:
		return false
	}
	return true
}

// run closes the palette and runs what is selected. A command that is not enabled stays where it is, with its
// reason beside it.
func (p *Palette) run() {
	if p.list.selected < 0 || p.list.selected >= len(p.found) {
		return
	}
	c := p.all[p.found[p.list.selected]]
	if !c.Enabled {
		p.list.Refresh()
		return
	}
	p.Hide()
	call(c.Run)
}

// place puts the palette in the upper middle of the window.
func (p *Palette) place(canvas fyne.Size) (fyne.Position, fyne.Size) {
	pad := theme.Padding()
	width := min(560, canvas.Width-4*pad)
	rows := max(p.list.height(), p.list.rowHeight()*1.4)
	height := min(p.entry.MinSize().Height+rows+5*pad, canvas.Height-4*pad)
	top := min(canvas.Height/8, canvas.Height-height-2*pad)
	return fyne.NewPos((canvas.Width-width)/2, top), fyne.NewSize(width, height)
}
