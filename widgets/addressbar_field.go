package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets/words"
)

// addressField is a field for an address with a list of recent ones and a sentence about what is wrong with it. It is
// part of a bar.
type addressField struct {
	OnChanged func(text string) // the text was edited
	OnHistory func([]string)    // the person took an address, or all, out of the history

	entry   *lineEntry
	field   *field
	problem *problem
	history *addressHistory
	quiet   bool        // the text is being set by the program
	waits   bool        // the sentence is about the phase, and is over with it
	enter   func()      // Enter in the field
	left    func()      // the keyboard has gone elsewhere, and not to the list of recent addresses; nil for nothing
	undo    func() bool // Escape in the field while the list is not open: tells whether anything was done; nil for nothing
	refit   func()      // the sentence takes another height
}

func (a *addressField) build(placeHolder string, enter, refit func()) {
	a.entry = newLineEntry(placeHolder)
	a.enter, a.refit = enter, refit
	a.entry.onKey = a.key
	a.entry.onFocus = func(gained bool) {
		if !gained && !a.history.panel.busy() {
			call(a.left)
		}
	}
	a.entry.onTooLong = func(n int) {
		a.SetError(words.Say("%s is too much for an address; write host:port", FormatSize(int64(n))))
	}
	a.entry.OnChanged = a.edited
	a.history = newAddressHistory(a)
	drop := widget.NewButtonWithIcon("", theme.MenuDropDownIcon(), a.history.toggle)
	drop.Importance = widget.LowImportance
	a.entry.ActionItem = drop
	a.field = newField(a.entry)
	a.problem = newProblem()
}

// line puts the field between two objects, and the sentence under it.
func (a *addressField) line(before, after fyne.CanvasObject) *fyne.Container {
	return container.New(&underField{a.field}, container.NewBorder(nil, nil, before, after, a.field), a.problem)
}

var _ fyne.Layout = (*underField)(nil)

// underField puts the sentence about the address under the address, and under nothing else.
type underField struct{ field *field }

func (u *underField) MinSize(o []fyne.CanvasObject) fyne.Size {
	top, below := o[0].MinSize(), o[1].MinSize()
	return fyne.NewSize(top.Width, top.Height+below.Height)
}

func (u *underField) Layout(o []fyne.CanvasObject, size fyne.Size) {
	h := o[0].MinSize().Height
	o[0].Move(fyne.Position{})
	o[0].Resize(fyne.NewSize(size.Width, h))
	f := u.field
	o[1].Move(fyne.NewPos(f.Position().X, h))
	o[1].Resize(fyne.NewSize(f.Size().Width, max(size.Height-h, 0)))
}

// Text returns what is in the field.
func (a *addressField) Text() string { return a.entry.Text }

// SetText fills the field and takes an error away. It calls nothing back.
func (a *addressField) SetText(text string) {
	a.quiet = true
	a.entry.SetText(clip(text, lineLimit))
	a.quiet = false
	a.entry.CursorColumn = len([]rune(a.entry.Text))
	a.entry.Refresh()
	a.SetError("")
}

// SetError marks the field and says why in a sentence under it; "" takes the mark away, and so does the next edit.
func (a *addressField) SetError(text string) {
	a.waits = false
	a.field.mark(text != "")
	if a.problem.say(text) {
		call(a.refit)
	}
}

// setBusy is SetError for what is wrong only as long as the session is in this phase.
func (a *addressField) setBusy(text string) {
	a.SetError(text)
	a.waits = true
}

// Error returns the sentence under the field.
func (a *addressField) Error() string { return a.problem.text }

// SetHistory sets the recent addresses, the latest first. At most 30 are kept.
func (a *addressField) SetHistory(addresses []string) { a.history.replace(addresses) }

// History returns the recent addresses, the latest first. The slice is the caller's own.
func (a *addressField) History() []string { return append([]string(nil), a.history.all...) }

// Remember puts an address at the head of the history. It does not call OnHistory.
func (a *addressField) Remember(address string) { a.history.remember(address) }

// FocusAddress puts the keyboard into the field with the whole address selected, as Ctrl+L does. The canvas is the
// window's: a field that was never drawn does not know it.
func (a *addressField) FocusAddress(on fyne.Canvas) {
	on.Focus(a.entry)
	a.entry.selectAll()
}

// HasFocus tells whether the keyboard is in the field.
func (a *addressField) HasFocus(on fyne.Canvas) bool { return on.Focused() == fyne.Focusable(a.entry) }

func (a *addressField) edited(text string) {
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
func (a *addressField) key(k *fyne.KeyEvent) bool {
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
		return a.history.close() || a.undo != nil && a.undo()
	}
	return false
}
