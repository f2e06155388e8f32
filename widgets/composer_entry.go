package widgets

import (
	"runtime"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// composerLimit is how much may be typed or pasted into the composer, in bytes of text; more is for a file. Fyne's
// entry answers each key in some 10 ms at this length, in 100 ms at three times as much.
const composerLimit = 16 << 10

// composerShown is the most that the composer puts into its own field, when the mode changes or a message comes out
// of the history: what was typed at the limit is three times as long in hexadecimal.
const composerShown = 3 * composerLimit

// composerEntry is the composer's field: it sends and recalls by shortcut, and hands shortcuts that are not about
// editing on to the window. Tab moves the focus on.
type composerEntry struct {
	BoundedEntry

	onSend    func()
	onRecall  func(older bool)
	onOther   func(fyne.Shortcut)
	rewritten bool // the whole text was replaced, which Fyne's entry undoes in two steps
}

var (
	_ fyne.Focusable    = (*composerEntry)(nil)
	_ fyne.Shortcutable = (*composerEntry)(nil)
	_ fyne.Tabbable     = (*composerEntry)(nil)
)

func newComposerEntry() *composerEntry {
	e := &composerEntry{}
	e.MultiLine = true
	e.Limit = composerLimit
	e.Wrapping = fyne.TextWrapBreak
	e.TextStyle = fyne.TextStyle{Monospace: true}
	e.onOther = func(s fyne.Shortcut) { giveShortcut(e, s) }
	e.ExtendBaseWidget(e)
	e.SetMinRowsVisible(2)
	return e
}

// AcceptsTab is false: the keyboard must get out of the field, and a tab is written \t.
func (e *composerEntry) AcceptsTab() bool { return false }

func (e *composerEntry) TypedKey(k *fyne.KeyEvent) {
	if HandOn(e, k) {
		return
	}
	e.BoundedEntry.TypedKey(k)
}

func (e *composerEntry) TypedShortcut(s fyne.Shortcut) {
	switch s := s.(type) {
	case *fyne.ShortcutUndo, *fyne.ShortcutRedo:
		e.Entry.TypedShortcut(s)
		if e.Text == "" && e.rewritten {
			e.Entry.TypedShortcut(s) // which was half of it
		}
		return
	case *desktop.CustomShortcut:
		if s.Modifier == fyne.KeyModifierShortcutDefault || s.Modifier == fyne.KeyModifierControl {
			switch s.KeyName {
			case fyne.KeyReturn, fyne.KeyEnter:
				e.onSend()
				return
			case fyne.KeyUp, fyne.KeyDown:
				e.onRecall(s.KeyName == fyne.KeyUp)
				return
			}
		}
		if !editing(s.KeyName) {
			e.onOther(s)
			return
		}
	}
	e.BoundedEntry.TypedShortcut(s)
}

// editing tells whether a key with a modifier moves or deletes by words; Fyne's entry swallows all others.
func editing(k fyne.KeyName) bool {
	switch k {
	case fyne.KeyLeft, fyne.KeyRight, fyne.KeyBackspace, fyne.KeyDelete:
		return true
	}
	return false
}

// fill replaces the text and puts the cursor behind it.
func (e *composerEntry) fill(text string) {
	e.SetText(text)
	e.Entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyPageDown}) // to the end of a multi-line text
}

// selectAll marks the whole text, so that typing replaces it.
func (e *composerEntry) selectAll() { e.Entry.TypedShortcut(&fyne.ShortcutSelectAll{}) }

// sendKeys is the shortcut that sends, as the platform writes it.
func sendKeys() string {
	if runtime.GOOS == "darwin" {
		return "⌘↩"
	}
	return "Ctrl+Enter" // not said
}
