package fields

// Kind is one way to write a value, as a menu offers it.
type Kind struct {
	ID      string   // what the notation calls it
	Aliases []string // other names that are read
	Group   string   // heading in the menu
	Name    string   // as shown
	AIR     string   // methods of IDataOutput that it is, or ""
	Example string   // a field of this kind in notation
	Help    string   // one sentence
	Ordered bool     // be and le make a difference
	Charset bool     // a charset may be named
}

// Kinds lists every kind in the order it is shown. The slice is the caller's.
func Kinds() []Kind { return nil }
