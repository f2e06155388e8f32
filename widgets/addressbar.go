package widgets

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// AddressPhase is what a connection is doing, as far as the buttons beside its address care.
type AddressPhase uint8

const (
	AddressReady   AddressPhase = iota // nothing is open: Connect
	AddressOpening                     // Cancel
	AddressOpen                        // Disconnect, Half-close, Reset
	AddressClosing                     // ending in order; Reset still works
)

// AddressState says which of the bar's actions make sense now.
type AddressState struct {
	Phase        AddressPhase
	WriteClosed  bool // our side was closed already
	CanReconnect bool // there is an address to go back to
}

// AddressBar is the line at the top of a connection's tab: protocol, address with a list of recent ones, and the
// buttons that open and end the connection. What was typed stays in the field whatever happens.
type AddressBar struct {
	widget.BaseWidget

	OnConnect    func(address string) // Enter or Connect, while ready; the text is as typed, without blanks around it
	OnCancel     func()               // while opening
	OnDisconnect func()               // while open: end in order
	OnHalfClose  func()               // while open: we send no more
	OnReset      func()               // while open or closing: cut the connection
	OnReconnect  func()               // connect to the last address again, after disconnecting if need be
	OnOptions    func(open bool)      // the options button was switched
	OnChanged    func(text string)    // the text was edited
	OnHistory    func([]string)       // the person took an address, or all, out of the history

	state    AddressState
	protocol *widget.Label
	entry    *lineEntry
	field    *field
	problem  *problem
	main     *widget.Button
	more     *widget.Button
	options  *widget.Button
	opened   bool // options shown
	history  *addressHistory
	root     *fyne.Container
	quiet    bool // the text is being set by the program
}

var _ fyne.Widget = (*AddressBar)(nil)

// NewAddressBar returns a bar for the named protocol ("tcp"), ready to connect.
func NewAddressBar(protocol string) *AddressBar {
	a := &AddressBar{}
	a.protocol = widget.NewLabelWithStyle(protocol, fyne.TextAlignCenter, fyne.TextStyle{Bold: true})
	example := "127.0.0.1:7777"
	if protocol == "tls" {
		example = "www.example.com:443"
	}
	a.entry = newLineEntry("host:port, for example " + example)
	a.entry.onKey = a.key
	a.entry.onTooLong = func(n int) {
		a.SetError(fmt.Sprintf("%s is too much for an address; write host:port", FormatSize(int64(n))))
	}
	a.entry.OnChanged = a.edited
	a.history = newAddressHistory(a)
	drop := widget.NewButtonWithIcon("", theme.MenuDropDownIcon(), a.history.toggle)
	drop.Importance = widget.LowImportance
	a.entry.ActionItem = drop
	a.field = newField(a.entry)
	a.problem = newProblem()
	a.main = widget.NewButton("", a.act)
	a.more = widget.NewButtonWithIcon("", theme.MoreVerticalIcon(), a.showMore)
	a.options = widget.NewButtonWithIcon("Options", theme.MenuDropDownIcon(), func() { a.SetOptionsOpen(!a.opened, true) })
	a.options.IconPlacement = widget.ButtonIconTrailingText
	buttons := container.NewHBox(a.main, a.more, a.options)
	a.root = container.New(&underField{bar: a},
		container.NewBorder(nil, nil, a.protocol, buttons, a.field), a.problem)
	a.ExtendBaseWidget(a)
	a.SetState(AddressState{})
	return a
}

// underField puts the sentence about the address under the address, and under nothing else.
type underField struct{ bar *AddressBar }

func (u *underField) MinSize(o []fyne.CanvasObject) fyne.Size {
	top, below := o[0].MinSize(), o[1].MinSize()
	return fyne.NewSize(top.Width, top.Height+below.Height)
}

func (u *underField) Layout(o []fyne.CanvasObject, size fyne.Size) {
	h := o[0].MinSize().Height
	o[0].Move(fyne.Position{})
	o[0].Resize(fyne.NewSize(size.Width, h))
	f := u.bar.field
	o[1].Move(fyne.NewPos(f.Position().X, h))
	o[1].Resize(fyne.NewSize(f.Size().Width, max(size.Height-h, 0)))
}

// Text returns what is in the field.
func (a *AddressBar) Text() string { return a.entry.Text }

// SetText fills the field and takes an error away. It calls nothing back.
func (a *AddressBar) SetText(text string) {
	a.quiet = true
	a.entry.SetText(clip(text, lineLimit))
	a.quiet = false
	a.entry.CursorColumn = len([]rune(a.entry.Text))
	a.entry.Refresh()
	a.SetError("")
}

// SetError marks the field and says why in a sentence under it; "" takes the mark away, and so does the next edit.
func (a *AddressBar) SetError(text string) {
	a.field.mark(text != "")
	if a.problem.say(text) {
		a.Refresh()
	}
}

// Error returns the sentence under the field.
func (a *AddressBar) Error() string { return a.problem.text }

// SetState sets what the buttons offer.
func (a *AddressBar) SetState(s AddressState) {
	a.state = s
	label, importance, enabled := "Connect", widget.HighImportance, true
	switch s.Phase {
	case AddressOpening:
		label, importance = "Cancel", widget.WarningImportance
	case AddressOpen:
		label, importance = "Disconnect", widget.MediumImportance
	case AddressClosing:
		label, importance, enabled = "Closing…", widget.MediumImportance, false
	}
	a.main.Importance = importance
	a.main.SetText(label)
	if enabled {
		a.main.Enable()
	} else {
		a.main.Disable()
	}
}

// State returns what was last set.
func (a *AddressBar) State() AddressState { return a.state }

// SetHistory sets the recent addresses, the latest first. At most 30 are kept.
func (a *AddressBar) SetHistory(addresses []string) { a.history.replace(addresses) }

// History returns the recent addresses, the latest first. The slice is the caller's own.
func (a *AddressBar) History() []string { return append([]string(nil), a.history.all...) }

// Remember puts an address at the head of the history. It does not call OnHistory.
func (a *AddressBar) Remember(address string) { a.history.remember(address) }

// SetOptionsOpen shows whether the options panel is open; tell asks for OnOptions to be called.
func (a *AddressBar) SetOptionsOpen(open, tell bool) {
	a.opened = open
	icon := theme.MenuDropDownIcon()
	if open {
		icon = theme.MenuDropUpIcon()
	}
	a.options.SetIcon(icon)
	if tell && a.OnOptions != nil {
		a.OnOptions(open)
	}
}

// FocusAddress puts the keyboard into the field with the whole address selected, as Ctrl+L does. The canvas is the
// window's: a field that was never drawn does not know it.
func (a *AddressBar) FocusAddress(on fyne.Canvas) {
	on.Focus(a.entry)
	a.entry.selectAll()
}

// HasFocus tells whether the keyboard is in the field.
func (a *AddressBar) HasFocus(on fyne.Canvas) bool { return on.Focused() == fyne.Focusable(a.entry) }

func (a *AddressBar) edited(text string) {
	if a.quiet {
		return
	}
	a.SetError("")
	a.history.offer(text)
	if a.OnChanged != nil {
		a.OnChanged(text)
	}
}

// key sees the field's keys first.
func (a *AddressBar) key(k *fyne.KeyEvent) bool {
	switch k.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		if !a.history.takeSelected() {
			a.connect()
		}
		return true
	case fyne.KeyDown:
		a.history.step(1)
		return true
	case fyne.KeyUp:
		a.history.step(-1)
		return true
	case fyne.KeyEscape:
		return a.history.close()
	}
	return false
}

func (a *AddressBar) connect() {
	text := trimBlanks(a.entry.Text)
	a.history.close()
	switch {
	case a.state.Phase == AddressOpening:
		a.SetError("a connection is being opened; cancel it first")
	case a.state.Phase != AddressReady:
		a.SetError("a connection is open; disconnect first, or use a new tab for another address")
	case text == "":
		a.SetError("write where to connect to as host:port, for example 127.0.0.1:7777")
	default:
		a.SetError("")
		if a.OnConnect != nil {
			a.OnConnect(text)
		}
	}
}

// act is the main button.
func (a *AddressBar) act() {
	switch a.state.Phase {
	case AddressReady:
		a.connect()
	case AddressOpening:
		call(a.OnCancel)
	case AddressOpen:
		call(a.OnDisconnect)
	}
}

// menu lists the rarer actions; those that make no sense now say why.
func (a *AddressBar) menu() *fyne.Menu {
	item := func(label string, run func(), enabled bool, why string) *fyne.MenuItem {
		if !enabled && why != "" {
			label += " (" + why + ")"
		}
		m := fyne.NewMenuItem(label, func() { call(run) })
		m.Disabled = !enabled
		return m
	}
	s := a.state
	open := s.Phase == AddressOpen
	half := "not connected"
	if open {
		half = "done already"
	}
	return fyne.NewMenu("",
		item("Reconnect", a.OnReconnect, s.CanReconnect && (s.Phase == AddressReady || open), map[bool]string{true: "busy", false: "nothing connected yet"}[s.CanReconnect]),
		item("Half-close: send no more, still receive", a.OnHalfClose, open && !s.WriteClosed, half),
		item("Reset: cut the connection (RST)", a.OnReset, open || s.Phase == AddressClosing, "not connected"),
	)
}

func (a *AddressBar) showMore() {
	c := canvasOf(a.more)
	if c == nil {
		return
	}
	m := widget.NewPopUpMenu(a.menu(), c)
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(a.more)
	x := min(at.X, c.Size().Width-m.MinSize().Width)
	m.ShowAtPosition(fyne.NewPos(max(x, 0), at.Y+a.more.Size().Height))
}

// CreateRenderer is part of fyne.Widget.
func (a *AddressBar) CreateRenderer() fyne.WidgetRenderer { return newFace(a.root, nil) }

var _ fyne.Layout = (*underField)(nil)

func call(f func()) {
	if f != nil {
		f()
	}
}

// trimBlanks takes blanks, tabs and line ends off both ends, which pasted addresses tend to have.
func trimBlanks(s string) string {
	blank := func(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
	for len(s) > 0 && blank(s[0]) {
		s = s[1:]
	}
	for len(s) > 0 && blank(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}
