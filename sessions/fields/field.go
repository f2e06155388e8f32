package fields

import "wirebench/sessions/inspect"

// Bounds of a message.
const (
	MaxMessage = 64 << 20 // bytes that are built
	MaxNesting = 32       // groups within groups
	MaxFields  = 65_536   // fields, the groups and those in them included
)

// Order is the byte order a field asks for.
type Order uint8

const (
	Default Order = iota // that of the tab, [Builder.Order]
	Big                  // most significant byte first, the suffix be
	Little               // least significant byte first, the suffix le
)

// String gives the suffix of the notation: "", "be" or "le".
func (o Order) String() string {
	switch o {
	case Big:
		return "be"
	case Little:
		return "le"
	}
	return ""
}

// In gives the order that o means where the default is tab.
func (o Order) In(tab inspect.Order) inspect.Order {
	switch o {
	case Big:
		return inspect.Big
	case Little:
		return inspect.Little
	}
	return tab
}

// Field is one row of a message. The zero Order and an empty Name and Charset
// are what a field has that does not write them.
type Field struct {
	Name    string // what ranges call it; "" or a name that is once in the message
	Kind    string // the ID of one of [Kinds]
	Order   Order
	Charset string // of a text kind; "" is UTF-8
	// Value is the value in notation: 12, 0xff, len(rest), true, 00 ff. Of text
	// kinds it is the text with the escapes of [compose.Text] and without the
	// quotes around it. A group has none.
	Value  string
	Fields List // of a group
}

// List is the fields of a message or of a group, in the order of their bytes.
type List []Field

// Walk visits every field in the order of the text: a group before what is in
// it. I counts from 0 and is the index that [Built.Parts], [Place] and
// [Error.Field] use; depth is 0 outside groups. The field may be changed.
// Walking ends when visit returns false.
func (l List) Walk(visit func(i, depth int, f *Field) bool) {
	i := 0
	l.walk(&i, 0, visit)
}

func (l List) walk(i *int, depth int, visit func(i, depth int, f *Field) bool) bool {
	for n := range l {
		at := *i
		*i++
		if !visit(at, depth, &l[n]) || !l[n].Fields.walk(i, depth+1, visit) {
			return false
		}
	}
	return true
}

// Count gives how many fields there are, those in groups included.
func (l List) Count() int {
	n := len(l)
	for i := range l {
		n += l[i].Fields.Count()
	}
	return n
}
