package widgets

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets/words"
)

const (
	historyKept = 30 // addresses remembered
	historyRows = 8  // rows shown at once
)

// addressHistory is the list of recent addresses that drops from the address field. While it is open, the keyboard
// belongs to a proxy in the overlay that hands every key on to the field, so typing goes on filtering the list.
type addressHistory struct {
	bar     *addressField
	all     []string // the latest first
	matches []string
	list    *pickList
	panel   *overlayPanel
	keys    *keyProxy
	clear   *widget.Button
	body    *fyne.Container
}

func newAddressHistory(bar *addressField) *addressHistory {
	h := &addressHistory{bar: bar, list: newPickList(historyRows)}
	h.list.onPick = h.take
	h.list.onRemove = h.forget
	h.keys = newKeyProxy(bar.entry)
	h.clear = widget.NewButtonWithIcon(words.Say("Clear history"), theme.DeleteIcon(), func() {
		h.all = nil
		h.close()
		h.tell()
	})
	h.clear.Importance = widget.LowImportance
	h.clear.Alignment = widget.ButtonAlignLeading
	h.body = container.NewStack(h.keys, container.NewBorder(nil, h.clear, nil, nil, h.list))
	h.panel = newOverlayPanel(h.body, h.place)
	h.panel.onDismiss = func() {
		if c := canvasOf(bar.entry); c != nil && c.Focused() != fyne.Focusable(bar.entry) {
			c.Focus(bar.entry)
		}
	}
	return h
}

func (h *addressHistory) replace(addresses []string) {
	h.all = nil
	for _, a := range addresses {
		if a != "" && len(h.all) < historyKept && !slices.Contains(h.all, a) {
			h.all = append(h.all, a)
		}
	}
}

func (h *addressHistory) remember(address string) {
	address = trimBlanks(address)
	if address == "" || len(address) > lineLimit {
		return
	}
	h.replace(append([]string{address}, h.all...))
}

func (h *addressHistory) tell() {
	if h.bar.OnHistory != nil {
		h.bar.OnHistory(h.bar.History())
	}
}

// match keeps the addresses that contain text; all of them when text is empty or one of them itself.
func (h *addressHistory) match(text string) {
	text = strings.ToLower(trimBlanks(text))
	h.matches = nil
	whole := text == ""
	for _, a := range h.all {
		whole = whole || strings.ToLower(a) == text
	}
	for _, a := range h.all {
		if whole || strings.Contains(strings.ToLower(a), text) {
			h.matches = append(h.matches, a)
		}
	}
}

func (h *addressHistory) fill(selected int) {
	items := make([]pickItem, len(h.matches))
	for i, a := range h.matches {
		items[i].title = plainText(a, 300, false)
	}
	h.list.set(items, selected)
	h.panel.Refresh()
}

// offer is called as the person types: it opens the list, filters it, or closes it when nothing matches.
func (h *addressHistory) offer(text string) {
	if trimBlanks(text) == "" {
		h.close()
		return
	}
	h.match(text)
	if len(h.matches) == 0 || len(h.matches) == 1 && h.matches[0] == text {
		h.close()
		return
	}
	h.fill(-1)
	h.open()
}

func (h *addressHistory) open() {
	c := canvasOf(h.bar.entry)
	if c == nil || h.panel.opened() {
		return
	}
	h.panel.open(c)
	c.Focus(h.keys)
}

// close tells whether the list was open.
func (h *addressHistory) close() bool {
	if !h.panel.opened() {
		return false
	}
	h.panel.shut()
	return true
}

func (h *addressHistory) toggle() {
	if h.close() {
		return
	}
	h.showAll(-1)
}

func (h *addressHistory) showAll(selected int) {
	h.match("")
	if len(h.matches) == 0 {
		return
	}
	h.fill(selected)
	h.open()
}

// step moves the selection, opening the list of all addresses first.
func (h *addressHistory) step(by int) {
	if h.panel.opened() {
		h.list.move(by)
		return
	}
	h.showAll(-1)
	if h.panel.opened() {
		h.list.move(by)
	}
}

func (h *addressHistory) takeSelected() bool {
	if !h.panel.opened() || h.list.selected < 0 {
		return false
	}
	h.take(h.list.selected)
	return true
}

// take fills the field and does no more: a slip of the mouse must not open a connection.
func (h *addressHistory) take(i int) {
	if i < 0 || i >= len(h.matches) {
		return
	}
	text := h.matches[i]
	h.close()
	h.bar.SetText(text)
	if h.bar.OnChanged != nil {
		h.bar.OnChanged(text)
	}
}

func (h *addressHistory) forget(i int) {
	if i < 0 || i >= len(h.matches) {
		return
	}
	gone := h.matches[i]
	h.all = slices.DeleteFunc(h.all, func(a string) bool { return a == gone })
	h.matches = slices.Delete(h.matches, i, i+1)
	if len(h.matches) == 0 {
		h.close()
	} else {
		h.fill(min(h.list.selected, len(h.matches)-1))
	}
	h.tell()
}

// place puts the list under the field, as wide as the field.
func (h *addressHistory) place(canvas fyne.Size) (fyne.Position, fyne.Size) {
	f := h.bar.field
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(f)
	height := h.list.height() + h.clear.MinSize().Height + theme.Padding()
	top := at.Y + f.Size().Height
	return fyne.NewPos(at.X, top), fyne.NewSize(min(f.Size().Width, canvas.Width-at.X), min(height, canvas.Height-top))
}

// keyProxy has the keyboard while a list is open, and hands everything on to the field the list belongs to. An
// overlay has a focus of its own, so the field could not keep it.
type keyProxy struct {
	widget.BaseWidget
	to *lineEntry
}

var (
	_ fyne.Focusable    = (*keyProxy)(nil)
	_ fyne.Shortcutable = (*keyProxy)(nil)
)

func newKeyProxy(to *lineEntry) *keyProxy {
	p := &keyProxy{to: to}
	p.ExtendBaseWidget(p)
	return p
}

func (p *keyProxy) FocusGained()                  { p.to.FocusGained() }
func (p *keyProxy) FocusLost()                    { p.to.FocusLost() }
func (p *keyProxy) TypedRune(r rune)              { p.to.TypedRune(r) }
func (p *keyProxy) TypedKey(k *fyne.KeyEvent)     { p.to.TypedKey(k) }
func (p *keyProxy) TypedShortcut(s fyne.Shortcut) { p.to.TypedShortcut(s) }
func (p *keyProxy) KeyDown(k *fyne.KeyEvent)      { p.to.KeyDown(k) }
func (p *keyProxy) KeyUp(k *fyne.KeyEvent)        { p.to.KeyUp(k) }
func (p *keyProxy) MinSize() fyne.Size            { return fyne.Size{} }
func (p *keyProxy) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewWithoutLayout())
}
