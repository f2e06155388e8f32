package amf

// Version is one of the two formats.
type Version uint8

const (
	AMF0 Version = 0
	AMF3 Version = 3
)

// String gives the version's name.
func (v Version) String() string {
	if v == AMF3 {
		return "AMF3"
	}
	return "AMF0"
}

// Kind says what a [Value] is. Its comment says which fields count beside
// Offset and Size.
type Kind uint8

const (
	Undefined    Kind = iota
	Null              //
	Boolean           // Bool
	Integer           // Int, from -2^28 to 2^28-1; AMF3 alone
	Number            // Number
	String            // Text, and Literal in AMF3
	LongString        // Text; AMF0 alone, whose String ends at 65,535 bytes
	XMLDocument       // Text
	XML               // Text; AMF3 alone
	Date              // Number, milliseconds since 1970 in UTC; Zone in AMF0
	Array             // Items; in AMF3 Members too, its associative part
	ECMAArray         // Members, and Count as announced; AMF0 alone
	Object            // Members, Class, and Literal in AMF3; Raw or Items when the class is externalizable
	ByteArray         // Raw; AMF3 alone
	VectorInt         // Raw: 4 bytes each; Fixed; AMF3 alone, as are all vectors
	VectorUint        // Raw: 4 bytes each; Fixed
	VectorNumber      // Raw: 8 bytes each; Fixed
	VectorObject      // Items; Fixed; Class.Name, empty or "*" for any
	Dictionary        // Items: key, value, key, value; Weak; AMF3 alone
	Reference         // Ref
	Unsupported       // nothing; AMF0 alone
	Switched          // Items: one value in AMF3; AMF0 alone (avmplus-object)
	Unread            // the place where reading stopped; see Decode
)

// Value is one AMF value with all that is in it.
type Value struct {
	Kind   Kind
	Offset int // of its first byte, the marker, in what was decoded
	Size   int // its bytes, as far as they were read

	Bool   bool
	Int    int32
	Number float64
	Text   string // as sent: not always valid UTF-8
	Raw    []byte
	Zone   int16 // minutes, which the specification wants to be 0
	Count  uint32

	Class   *Class
	Members []Member
	Items   []Value

	Fixed bool // the vector's length cannot change
	Weak  bool // the dictionary holds its keys weakly

	// Ref is the place in the table of references that a Reference means, and
	// the place that every other value which can be referred to has; -1 where
	// there is none.
	Ref int
	// Literal says that a text, or the traits of a class, was sent in full
	// though the table held it already.
	Literal bool
}

// Member is a named value.
type Member struct {
	Name    string
	Value   Value
	Literal bool // as in Value, of the name
}

// Class is what AMF3 calls traits. In AMF0 only Name counts, and an object
// without a class has no Class at all.
type Class struct {
	Name           string
	Sealed         []string // names of the first len(Sealed) members
	Dynamic        bool     // more members may follow those
	Externalizable bool     // the class writes itself in a way of its own
	Literal        bool     // as in Value, of the class's name or of a sealed name
}

// Limits bound what Decode does. A zero field takes its default.
type Limits struct {
	Depth int // values within values, 128
	Nodes int // values in all, 100,000; the numbers of a vector are none
	Bytes int // bytes read, 64 MiB
}
