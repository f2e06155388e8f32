package widgets

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// addressLine is what the bars at the top of a tab share: protocol, address with a list of recent ones, a sentence
// about what is wrong with it, and buttons. What was typed stays in the field whatever happens.
type addressLine struct {
	widget.BaseWidget

	OnOptions func(open bool)   // the options button was switched
	OnChanged func(text string) // the text was edited
	OnHistory func([]string)    // the person took an address, or all, out of the history

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
	quiet    bool              // the text is being set by the program
	enter    func()            // Enter in the field
	rarer    func() *fyne.Menu // what the button of the rarer actions opens
}

// build makes the parts. The main button calls act, Enter calls enter, the rarer actions come from menu, and
// beside stands right of the field.
func (a *addressLine) build(protocol, placeHolder string, act, enter func(), menu func() *fyne.Menu, beside ...fyne.CanvasObject) {
	a.protocol = widget.NewLabelWithStyle(protocol, fyne.TextAlignCenter, fyne.TextStyle{Bold: true})
	a.entry = newLineEntry(placeHolder)
	a.enter, a.rarer = enter, menu
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
	a.main = widget.NewButton("", act)
	a.more = widget.NewButtonWithIcon("", theme.MoreVerticalIcon(), a.showMore)
	a.options = widget.NewButtonWithIcon("Options", theme.MenuDropDownIcon(), func() { a.SetOptionsOpen(!a.opened, true) })
	a.options.IconPlacement = widget.ButtonIconTrailingText
	buttons := container.NewHBox(append(beside, a.main, a.more, a.options)...)
	a.root = container.New(&underField{bar: a},
		container.NewBorder(nil, nil, a.protocol, buttons, a.field), a.problem)
}

// underField puts the sentence about the address under the address, and under nothing else.
type underField struct{ bar *addressLine }

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
func (a *addressLine) Text() string { return a.entry.Text }

// SetText fills the field and takes an error away. It calls nothing back.
func (a *addressLine) SetText(text string) {
	a.quiet = true
	a.entry.SetText(clip(text, lineLimit))
	a.quiet = false
	a.entry.CursorColumn = len([]rune(a.entry.Text))
	a.entry.Refresh()
	a.SetError("")
}

// SetError marks the field and says why in a sentence under it; "" takes the mark away, and so does the next edit.
func (a *addressLine) SetError(text string) {
	a.field.mark(text != "")
	if a.problem.say(text) {
		a.Refresh()
	}
}

// Error returns the sentence under the field.
func (a *addressLine) Error() string { return a.problem.text }

// SetHistory sets the recent addresses, the latest first. At most 30 are kept.
func (a *addressLine) SetHistory(addresses []string) { a.history.replace(addresses) }

// History returns the recent addresses, the latest first. The slice is the caller's own.
func (a *addressLine) History() []string { return append([]string(nil), a.history.all...) }

// Remember puts an address at the head of the history. It does not call OnHistory.
func (a *addressLine) Remember(address string) { a.history.remember(address) }

// SetOptionsOpen shows whether the options panel is open; tell asks for OnOptions to be called.
func (a *addressLine) SetOptionsOpen(open, tell bool) {
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
func (a *addressLine) FocusAddress(on fyne.Canvas) {
	on.Focus(a.entry)
	a.entry.selectAll()
}

// HasFocus tells whether the keyboard is in the field.
func (a *addressLine) HasFocus(on fyne.Canvas) bool { return on.Focused() == fyne.Focusable(a.entry) }

func (a *addressLine) edited(text string) {
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
func (a *addressLine) key(k *fyne.KeyEvent) bool {
	switch k.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		if !a.history.takeSelected() {
			a.enter()
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

func (a *addressLine) showMore() { popUnder(a.more, a.rarer()) }

// actionItem offers an action; one that makes no sense now says why.
func actionItem(label string, run func(), enabled bool, why string) *fyne.MenuItem {
	if !enabled && why != "" {
		label += " (" + why + ")"
	}
	m := fyne.NewMenuItem(label, func() { call(run) })
	m.Disabled = !enabled
	return m
}

// popUnder opens a menu under a button, within the window.
func popUnder(b *widget.Button, menu *fyne.Menu) {
	c := canvasOf(b)
	if c == nil {
		return
	}
	m := widget.NewPopUpMenu(menu, c)
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(b)
	x := min(at.X, c.Size().Width-m.MinSize().Width)
	m.ShowAtPosition(fyne.NewPos(max(x, 0), at.Y+b.Size().Height))
}

// CreateRenderer is part of fyne.Widget.
func (a *addressLine) CreateRenderer() fyne.WidgetRenderer { return newFace(a.root, nil) }

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
