package fields

import (
	"slices"
	"strings"
)

// Groups of kinds, in the order they are shown.
const (
	Integers  = "Integers"
	Varints   = "Variable-length integers"
	Floats    = "Floating-point numbers"
	Texts     = "Text"
	Raw       = "Bytes"
	Objects   = "Objects"
	Structure = "Structure"
)

// GroupKind is the ID of the kind that holds other fields.
const GroupKind = "group"

// Kind is one way to write a value, as a menu offers it.
type Kind struct {
	ID      string   // what the notation calls it
	Aliases []string // other names that are read, and come back as the ID
	Group   string   // heading in the menu
	Name    string   // as shown
	AIR     string   // the methods of IDataOutput that it stands for, or ""
	Example string   // a field of this kind in notation
	Help    string   // one sentence
	Ordered bool     // the byte order makes a difference: be and le may follow
	Charset bool     // a charset may be named

	lex    lexeme
	write  func(*writer) ([]byte, string) // bytes of a value, or the problem with it
	fixed  *integer                       // of integers of fixed size
	varint *varint                        // of the others
}

// lexeme is the shape of a value in the notation.
type lexeme uint8

const (
	asNumber   lexeme = iota // a number, computed or not
	asFloat                  // a number with a fraction, or a name such as NaN
	asWord                   // letters and digits
	asQuoted                 // text between quotes
	asHex                    // pairs of digits, or anything between quotes
	asBase64                 // its characters, or anything between quotes
	asBalanced               // anything, with brackets and quotes that match
	asGroup                  // fields between braces
)

// writer is what a kind is given to make bytes.
type writer struct {
	kind   *Kind
	field  *Field
	little bool
	b      *Builder
	at     int // of a problem, in the value
}

// Kinds lists every kind in the order it is shown. The slice is the caller's.
func Kinds() []Kind { return slices.Clone(kinds) }

// KindOf finds a kind by its ID or one of its aliases, in either case.
func KindOf(name string) (Kind, bool) {
	if k := kindOf(name); k != nil {
		return *k, true
	}
	return Kind{}, false
}

func kindOf(name string) *Kind {
	if k, ok := kindNames[name]; ok {
		return k
	}
	return kindNames[strings.ToLower(name)]
}

// kindNames holds IDs and aliases, in small letters.
var kindNames = func() map[string]*Kind {
	m := make(map[string]*Kind)
	for i := range kinds {
		m[kinds[i].ID] = &kinds[i]
		for _, a := range kinds[i].Aliases {
			m[strings.ToLower(a)] = &kinds[i]
		}
	}
	return m
}()

var kinds = slices.Concat(integerKinds(), varintKinds(), floatKinds(), textKinds(), []Kind{
	{
		ID: "hex", Aliases: []string{"bytes", "writeBytes"}, Group: Raw, Name: "bytes in hexadecimal", AIR: "writeBytes",
		Example: "hex 00 ff 7f", Help: "Bytes as pairs of digits; between quotes also a pasted dump or a C array.",
		lex: asHex, write: (*writer).hex,
	}, {
		ID: "base64", Group: Raw, Name: "bytes in Base64",
		Example: "base64 3q2+7w==", Help: "Bytes in Base64 (RFC 4648), with + and / or with - and _, padded or not.",
		lex: asBase64, write: (*writer).base64,
	}, {
		ID: "zeros", Aliases: []string{"pad"}, Group: Raw, Name: "zero bytes",
		Example: "zeros 16", Help: "That many zero bytes.",
		lex: asNumber,
	}, {
		ID: "amf0", Group: Objects, Name: "AMF0 object", AIR: "writeObject, objectEncoding 0",
		Example: `amf0 {"name": "ada"}`, Help: "An object in Action Message Format 0, which is always big-endian.",
		lex: asBalanced, write: (*writer).object,
	}, {
		ID: "amf3", Aliases: []string{"writeObject"}, Group: Objects, Name: "AMF3 object", AIR: "writeObject, objectEncoding 3",
		Example: `amf3 {"name": "ada"}`, Help: "An object in Action Message Format 3, which is always big-endian.",
		lex: asBalanced, write: (*writer).object,
	}, {
		ID: GroupKind, Group: Structure, Name: "group of fields",
		Example: "body: { u8 1, u8 2 }", Help: "Fields that a length or a checksum can name together.",
		lex: asGroup,
	},
})
