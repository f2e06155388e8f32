package amf

import "fmt"

// Version is one of the two formats.
type Version uint8

const (
	AMF0 Version = 0
	AMF3 Version = 3
)

// String gives the version's name.
func (v Version) String() string {
	switch v {
	case AMF0:
		return "AMF0"
	case AMF3:
		return "AMF3"
	}
	return fmt.Sprintf("Version(%d)", uint8(v))
}

// Kind says what a [Value] is.
type Kind uint8

// The kinds, each with the fields that count beside Offset and Size. A kind
// that is said to be of one version cannot be written in the other.
const (
	Undefined    Kind = iota
	Null              //
	Boolean           // Bool
	Integer           // Int, from MinInteger to MaxInteger; AMF3
	Number            // Number
	String            // Text, at most 65,535 bytes in AMF0; Literal
	LongString        // Text; AMF0
	XMLDocument       // Text; Ref in AMF3
	XML               // Text; Ref; AMF3
	Date              // Number, milliseconds since 1970 in UTC; Zone in AMF0 alone; Ref in AMF3
	Array             // Items; Members, the associative part, in AMF3; Ref
	ECMAArray         // Members; Count; Ref; AMF0
	Object            // Class; Members; Literal; Raw and Items of some externalizable classes; Ref
	ByteArray         // Raw; Ref; AMF3
	VectorInt         // Raw, 4 bytes each; Fixed; Ref; AMF3
	VectorUint        // Raw, 4 bytes each; Fixed; Ref; AMF3
	VectorNumber      // Raw, 8 bytes each; Fixed; Ref; AMF3
	VectorObject      // Items; Fixed; Text, the class of the items; Literal, of that; Ref; AMF3
	Dictionary        // Items: key, value, key, value; Weak; Ref; AMF3
	Reference         // Ref; Of in AMF3
	Unsupported       // AMF0
	Switched          // Items: one value, in AMF3; AMF0, where it is called avmplus-object
	Unread            // Text: why reading stopped here; not to be written
	kinds
)

var kindNames = [kinds]string{
	"undefined", "null", "Boolean", "int", "Number", "String", "LongString", "XMLDocument", "XML", "Date", "Array",
	"ECMA array", "Object", "ByteArray", "Vector.<int>", "Vector.<uint>", "Vector.<Number>", "Vector.<Object>",
	"Dictionary", "reference", "unsupported", "AMF3", "unread",
}

// String gives the type's name in ActionScript, or in the specification where
// ActionScript has none.
func (k Kind) String() string {
	if k < kinds {
		return kindNames[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// What fits in an Integer; anything else is a Number.
const (
	MinInteger = -1 << 28
	MaxInteger = 1<<28 - 1
)

// Value is one AMF value with all that is in it. Only the fields that its kind
// names count.
type Value struct {
	Kind    Kind
	Bool    bool
	Fixed   bool  // the length of the vector cannot change
	Weak    bool  // the dictionary does not keep its keys alive
	Literal bool  // sent in full though a table held it; see Encode
	Of      Kind  // what a Reference says it refers to; Undefined leaves it to Encode
	Zone    int16 // minutes, which the specification wants to be 0
	Int     int32
	Count   uint32 // the length an ECMAArray announces, which is often wrong

	Offset int // of the value's first byte in what was decoded
	Size   int // bytes it takes up there, as far as they were read

	Number float64
	Text   string // as sent, which is not always UTF-8
	Raw    []byte

	Class   *Class // nil, or in AMF3 dynamic and without a name, for a plain object
	Members []Member
	Items   []Value

	// Ref is the place in the table of references: what a Reference means, or
	// where this value stands. Encode counts for itself and reads it of a
	// Reference alone. AMF0 and AMF3 have a table each.
	Ref int
}

// Member is a named value. Names may repeat, and may be empty in a few places.
type Member struct {
	Name    string
	Value   Value
	Literal bool // as in Value, of the name
}

// Class is what AMF3 calls traits. In AMF0 only Name counts.
type Class struct {
	Name           string   // empty for an anonymous one
	Sealed         []string // names of the first members, which every object of the class has
	Dynamic        bool     // more members may follow
	Externalizable bool     // the class writes itself in a way of its own; it has no Sealed, and Dynamic says nothing
	Literal        bool     // as in Value, of the class's name and of the names in Sealed
}

// referable tells whether a value of this kind enters the table of references.
func (k Kind) referable(version Version) bool {
	switch k {
	case Array, Object:
		return true
	case ECMAArray:
		return version == AMF0
	case XMLDocument, XML, Date, ByteArray, VectorInt, VectorUint, VectorNumber, VectorObject, Dictionary:
		return version == AMF3
	}
	return false
}

// Len is the number of items of an Array or a vector and of entries of a
// Dictionary.
func (v *Value) Len() int {
	switch v.Kind {
	case VectorInt, VectorUint:
		return len(v.Raw) / 4
	case VectorNumber:
		return len(v.Raw) / 8
	case Dictionary:
		return len(v.Items) / 2
	}
	return len(v.Items)
}
