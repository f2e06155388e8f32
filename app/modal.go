package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets"
	"wirebench/widgets/words"
)

// modal is a question or a panel over the window. Fyne's dialogs hear no keys,
// so the window gives Escape and Enter to the topmost one.
type modal struct {
	dismiss func() // Escape
	accept  func() // Enter; nil when there is nothing to accept
}

// present shows d. accept may be nil.
func (w *workbench) present(d dialog.Dialog, dismiss, accept func()) {
	m := &modal{dismiss: dismiss, accept: accept}
	w.modals = append(w.modals, m)
	d.SetOnClosed(func() { w.dismissed(m) })
	d.Show()
}

func (w *workbench) dismissed(m *modal) {
	for i, o := range w.modals {
		if o == m {
			w.modals = append(w.modals[:i], w.modals[i+1:]...)
			return
		}
	}
}

// ask puts a question with two answers and runs yes for the first.
func (w *workbench) ask(title, text, yesText, noText string, yes func()) {
	if w.asking {
		return
	}
	w.asking = true
	label := widget.NewLabelWithStyle(text, fyne.TextAlignCenter, fyne.TextStyle{})
	size := w.fitting(min(label.MinSize().Width+questionAround, widestQuestion), 0)
	label.Wrapping = fyne.TextWrapWord
	d := dialog.NewCustomWithoutButtons(title, label, w.win)
	d.SetIcon(theme.QuestionIcon())
	accepted := false
	accept := func() {
		accepted = true
		d.Hide()
	}
	no, ok := widgets.NewHandingButton(noText, theme.CancelIcon(), d.Hide), widgets.NewHandingButton(yesText, theme.ConfirmIcon(), accept)
	ok.Importance = widget.HighImportance
	d.SetButtons([]fyne.CanvasObject{no, ok})
	d.SetOnClosed(func() {
		w.asking = false
		if accepted {
			yes()
		}
	})
	d.Resize(size)
	w.present(d, d.Hide, accept)
}

// A question is as wide as its text and so much around it, but at most as wide
// as can be read.
const (
	questionAround = 48
	widestQuestion = 600
)

// closable is a dialog with a button to close it.
func (w *workbench) closable(title string, content fyne.CanvasObject) *dialog.CustomDialog {
	d := dialog.NewCustomWithoutButtons(title, content, w.win)
	d.SetButtons([]fyne.CanvasObject{widgets.NewHandingButton(words.Say("Close"), nil, d.Hide)})
	return d
}

// panel shows content under a title, with a button to close it.
func (w *workbench) panel(title string, content fyne.CanvasObject, size fyne.Size) {
	d := w.closable(title, content)
	w.present(d, d.Hide, d.Hide)
	d.Resize(size)
}

// modalKey gives Escape and Enter to the topmost modal; true when there is one.
func (w *workbench) modalKey(key fyne.KeyName) bool {
	if len(w.modals) == 0 {
		return false
	}
	m := w.modals[len(w.modals)-1]
	switch key {
	case fyne.KeyEscape:
		m.dismiss()
	case fyne.KeyReturn, fyne.KeyEnter:
		if m.accept != nil {
			m.accept()
		}
	}
	return true
}

// promptText is what a prompt says.
type promptText struct {
	title, help, ok string
	placeHolder     string
	text            string // what stands in the field, selected
}

// prompt asks for one line. check says what is wrong with it, in words that
// stand under the field, which keeps what was typed; nil closes the prompt.
func (w *workbench) prompt(title, placeHolder, help, okText string, check func(text string) error) {
	w.promptWith(promptText{title: title, placeHolder: placeHolder, help: help, ok: okText}, check)
}

// promptWith is prompt with all there is to choose.
func (w *workbench) promptWith(p promptText, check func(text string) error) {
	c := w.win.Canvas()
	note := widget.NewLabel(p.help)
	note.Wrapping = fyne.TextWrapWord
	note.Importance = widget.LowImportance
	entry := newPromptEntry()
	complain := func(text string) {
		note.Importance = widget.DangerImportance
		note.SetText(widgets.PlainLine(text, longestComplaint))
	}
	entry.OnTooLong = complain
	entry.SetPlaceHolder(p.placeHolder)
	entry.SetText(p.text)
	var d *dialog.CustomDialog
	submit := func(text string) {
		if err := check(text); err != nil {
			complain(sentence(err))
			c.Focus(entry)
			return
		}
		d.Hide()
	}
	entry.OnSubmitted = submit
	ok := widgets.NewHandingButton(p.ok, nil, func() { submit(entry.Text) })
	ok.Importance = widget.HighImportance
	cancel := widgets.NewHandingButton(words.Say("Cancel"), nil, func() { d.Hide() })
	d = dialog.NewCustomWithoutButtons(p.title, container.NewVBox(entry, note), w.win)
	d.SetButtons([]fyne.CanvasObject{cancel, ok})
	w.present(d, d.Hide, func() { submit(entry.Text) })
	d.Resize(w.fitting(460, 150))
	c.Focus(entry)
	if p.text != "" {
		entry.TypedShortcut(&fyne.ShortcutSelectAll{})
	}
}

// longestComplaint is how many runes of what is wrong with a prompt are shown,
// since they quote what was typed.
const longestComplaint = 400

// promptEntry is a field that Escape leaves.
type promptEntry struct{ widgets.BoundedEntry }

func newPromptEntry() *promptEntry {
	e := &promptEntry{}
	e.ExtendBaseWidget(e)
	return e
}

// TypedKey implements [fyne.Focusable].
func (e *promptEntry) TypedKey(k *fyne.KeyEvent) {
	if !widgets.HandOn(e, k) {
		e.BoundedEntry.TypedKey(k)
	}
}

// promptButton is a button that Escape leaves. It keeps the focus when it is
// pressed by key, which Fyne's own loses.
type promptButton struct{ widget.Button }

func newPromptButton(text string, do func()) *promptButton {
	b := &promptButton{}
	b.Text, b.OnTapped = text, do
	b.ExtendBaseWidget(b)
	return b
}

// TypedKey implements [fyne.Focusable].
func (b *promptButton) TypedKey(k *fyne.KeyEvent) {
	if widgets.HandOn(b, k) {
		return
	}
	b.Button.TypedKey(k)
	if c := fyne.CurrentApp().Driver().CanvasForObject(b); c != nil && b.Visible() && c.Focused() == nil {
		c.Focus(b)
	}
}
