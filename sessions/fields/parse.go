package fields

// Place is where a field stands in the text: bytes Start to End, its name
// included.
type Place struct{ Start, End int }

// Parse reads the notation. The error is a [*compose.Error].
func Parse(text string) (List, error) { l, _, err := ParseAt(text); return l, err }

// ParseAt is [Parse], with the place of every field as [List.Walk] counts them.
func ParseAt(text string) (List, []Place, error) { return nil, nil, nil }

// String writes the list in one line.
func (l List) String() string { return "" }

// Lines writes the list with one field a line.
func (l List) Lines() string { return "" }
