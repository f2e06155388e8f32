package fields

import "wirebench/sessions/inspect"

// Checksum is an algorithm: Sum gives a number of Bits bits, at most 64.
type Checksum struct {
	Bits int
	Sum  func([]byte) uint64
}

// Builder makes bytes from fields. The zero Builder is big-endian and knows no
// checksums and no objects.
type Builder struct {
	Order     inspect.Order                                // of fields that do not say
	Checksums func(name string) (Checksum, error)          // finds an algorithm
	Objects   func(version int, text string) ([]byte, error) // writes AMF0 or AMF3
}

// Part is where a field went.
type Part struct {
	Start, End int    // its bytes in the message
	Computed   string // the value, when it was computed
}

// Built is a message.
type Built struct {
	Bytes []byte
	Parts []Part // as [List.Walk] counts
}

// Error is what [Builder.Build] reports.
type Error struct {
	Field   int
	Label   string // the field's name, or its kind
	Problem string
}

func (e *Error) Error() string { return e.Label + ": " + e.Problem }

// Build makes the bytes.
func (b Builder) Build(l List) (Built, error) { return Built{}, nil }

// Compile is [ParseAt] and [Builder.Build]; every error is a [*compose.Error].
func (b Builder) Compile(text string) (Built, error) { return Built{}, nil }
