package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets/words"
)

// noteLimit is how many bytes of a note a field takes; see [composerLimit] for what more would cost.
const noteLimit = composerLimit

// BoundedEntry is Fyne's field with a bound on what it takes: one without goes through all of a text with every key,
// and a paste of a megabyte keeps the window for minutes. What is set, and not typed or pasted, is its owner's to bound.
type BoundedEntry struct {
	widget.Entry

	// Limit is the most bytes that it holds; 0 is that of a line.
	Limit int
	// OnTooLong, when set, gets the words for why something was not taken.
	OnTooLong func(text string)

	onTooLong func(length int) // in place of OnTooLong, gets how many bytes it would have held
}

var (
	_ fyne.Focusable    = (*BoundedEntry)(nil)
	_ fyne.Shortcutable = (*BoundedEntry)(nil)
)

// takes tells whether so many more bytes have room, and says so if not.
func (e *BoundedEntry) takes(more int) bool {
	limit := e.Limit
	if limit == 0 {
		limit = lineLimit
	}
	length := len(e.Text) - len(e.SelectedText()) + more
	switch {
	case length <= limit:
		return true
	case e.onTooLong != nil:
		e.onTooLong(length)
	case e.OnTooLong != nil:
		e.OnTooLong(tooMuch(length))
	}
	return false
}

// tooMuch is why a field does not take a text of so many bytes.
func tooMuch(n int) string {
	return words.Say("%s is too much for this field", FormatSize(int64(n)))
}

// TypedRune is part of fyne.Focusable.
func (e *BoundedEntry) TypedRune(r rune) {
	if e.takes(len(string(r))) {
		e.Entry.TypedRune(r)
	}
}

// TypedKey is part of fyne.Focusable.
func (e *BoundedEntry) TypedKey(k *fyne.KeyEvent) {
	if e.MultiLine && (k.Name == fyne.KeyReturn || k.Name == fyne.KeyEnter) && !e.takes(1) {
		return
	}
	e.Entry.TypedKey(k)
}

// TypedShortcut is part of fyne.Shortcutable.
func (e *BoundedEntry) TypedShortcut(s fyne.Shortcut) {
	if s, ok := s.(*fyne.ShortcutPaste); ok && !e.takes(len(s.Clipboard.Content())) {
		return
	}
	e.Entry.TypedShortcut(s)
}
