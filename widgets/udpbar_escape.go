package widgets

// agreed remembers the text of an address field that was last agreed on, for Escape to go back to.
type agreed struct {
	text   string // as last told of, or set by the program
	before string // what that took the place of
	failed bool   // an error was found in it since
}

// tell notes that text was told of.
func (a *agreed) tell(text string) {
	if !a.failed {
		a.before = a.text
	}
	a.text, a.failed = text, false
}

// set notes that the program put text there.
func (a *agreed) set(text string) { *a = agreed{text: text, before: text} }

// last is what holds: the text, or what was there before one that turned out bad.
func (a *agreed) last() string {
	if a.failed {
		return a.before
	}
	return a.text
}

// restore puts text back into a field and takes an error away. It tells whether that was a change.
func restore(f *addressField, text string) bool {
	if f.Text() == text && f.Error() == "" {
		return false
	}
	changed := f.Text() != text
	f.SetText(text)
	if changed && f.OnChanged != nil {
		f.OnChanged(text)
	}
	return true
}
