package widgets

import "fyne.io/fyne/v2"

// HandOn gives a function key, or Escape, to the window o is in, and tells whether it was one. Fyne sends keys to the
// widget with the focus alone, so F1 would open no help while a field is being typed into.
func HandOn(o fyne.CanvasObject, k *fyne.KeyEvent) bool {
	switch k.Name {
	case fyne.KeyEscape, fyne.KeyF1, fyne.KeyF2, fyne.KeyF3, fyne.KeyF4, fyne.KeyF5, fyne.KeyF6,
		fyne.KeyF7, fyne.KeyF8, fyne.KeyF9, fyne.KeyF10, fyne.KeyF11, fyne.KeyF12:
	default:
		return false
	}
	giveKey(o, k)
	return true
}

// giveKey gives the window a key that o, which has the focus, has no use for.
func giveKey(o fyne.CanvasObject, k *fyne.KeyEvent) {
	if c := focusedIn(o); c != nil && c.OnTypedKey() != nil {
		c.OnTypedKey()(k)
	}
}

// giveShortcut gives the window a shortcut that o has no use for.
func giveShortcut(o fyne.CanvasObject, s fyne.Shortcut) {
	if c, ok := canvasOf(o).(fyne.Shortcutable); ok {
		c.TypedShortcut(s)
	}
}

// focusedIn is the canvas in which o has the focus. Fyne knows the canvas of what it has painted alone, and a key may
// come before that, or after o was hidden.
func focusedIn(o fyne.CanvasObject) fyne.Canvas {
	if c := canvasOf(o); c != nil {
		return c
	}
	if app := fyne.CurrentApp(); app != nil {
		for _, w := range app.Driver().AllWindows() {
			if any(w.Canvas().Focused()) == any(o) {
				return w.Canvas()
			}
		}
	}
	return nil
}
