package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// lineLimit is the longest text, in bytes, that a one-line field takes at once. Fyne's entry needs seconds for some
// 10 KB, and nobody types an address or a filter of this length.
const lineLimit = 2048

// lineEntry is a one-line field that lets its owner see keys first, and hands shortcuts that are not about editing on
// to the window, which Fyne's entry swallows.
type lineEntry struct {
	BoundedEntry

	onKey      func(*fyne.KeyEvent) bool          // true: handled, the field does not see it
	onShortcut func(*desktop.CustomShortcut) bool // true: handled, neither the field nor the window sees it
	onFocus    func(gained bool)

	shift bool
}

var (
	_ fyne.Focusable    = (*lineEntry)(nil)
	_ fyne.Shortcutable = (*lineEntry)(nil)
	_ desktop.Keyable   = (*lineEntry)(nil)
)

func newLineEntry(placeHolder string) *lineEntry {
	e := &lineEntry{}
	e.Wrapping = fyne.TextWrapOff
	e.PlaceHolder = placeHolder
	e.ExtendBaseWidget(e)
	return e
}

// MinSize lets a field shrink further than Fyne's entry, whose least width is that of its place holder.
func (e *lineEntry) MinSize() fyne.Size {
	s := e.Entry.MinSize()
	return fyne.NewSize(min(s.Width, 96), s.Height)
}

func (e *lineEntry) FocusGained() {
	e.Entry.FocusGained()
	if e.onFocus != nil {
		e.onFocus(true)
	}
}

func (e *lineEntry) FocusLost() {
	e.shift = false
	e.Entry.FocusLost()
	if e.onFocus != nil {
		e.onFocus(false)
	}
}

func (e *lineEntry) KeyDown(k *fyne.KeyEvent) {
	if k.Name == desktop.KeyShiftLeft || k.Name == desktop.KeyShiftRight {
		e.shift = true
	}
	e.Entry.KeyDown(k)
}

func (e *lineEntry) KeyUp(k *fyne.KeyEvent) {
	if k.Name == desktop.KeyShiftLeft || k.Name == desktop.KeyShiftRight {
		e.shift = false
	}
	e.Entry.KeyUp(k)
}

func (e *lineEntry) TypedKey(k *fyne.KeyEvent) {
	if e.onKey != nil && e.onKey(k) || HandOn(e, k) {
		return
	}
	e.BoundedEntry.TypedKey(k)
}

func (e *lineEntry) TypedShortcut(s fyne.Shortcut) {
	if s, ok := s.(*desktop.CustomShortcut); ok {
		if e.onShortcut != nil && e.onShortcut(s) {
			return
		}
		if !editing(s.KeyName) {
			giveShortcut(e, s)
			return
		}
	}
	e.BoundedEntry.TypedShortcut(s)
}

// selectAll marks the whole text, so that typing replaces it.
func (e *lineEntry) selectAll() { e.Entry.TypedShortcut(&fyne.ShortcutSelectAll{}) }
