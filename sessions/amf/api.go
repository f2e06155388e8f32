package amf

import "errors"

var errTodo = errors.New("not yet")

// Decode reads the value at the start of b, of which n bytes are its own.
func Decode(b []byte, version Version, limits Limits) (v Value, n int, err error) {
	return Value{}, 0, errTodo
}

// Encode writes v.
func Encode(v Value, version Version) ([]byte, error) { return nil, errTodo }

// Line is one value of a tree, ready to be shown.
type Line struct {
	Depth  int
	Name   string // of a member, "[3]" of an item; safe to show, as is Text
	Type   string // such as "Number" or "Vector.<int>"
	Text   string
	Offset int
	Size   int
}

// Format lists v and all that is in it, a value per line.
func Format(v Value) []Line { return nil }

// Text writes v in the notation of ParseText.
func Text(v Value) string { return "" }

// ParseText reads the notation of Text.
func ParseText(s string, version Version) (Value, error) { return Value{}, errTodo }

// JSON writes v for machines.
func JSON(v Value) ([]byte, error) { return nil, errTodo }
