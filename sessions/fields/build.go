package fields

import (
	"errors"
	"fmt"

	"wirebench/sessions/inspect"
)

// Checksum is an algorithm. Sum gives a number of Bits bits (1 to 64), in the
// low bits of what it returns; it is called with bytes it must not keep.
type Checksum struct {
	Bits int
	Sum  func([]byte) uint64
}

// Builder makes bytes from fields. [NewBuilder] makes one that knows all there
// is; the zero Builder is big-endian and knows neither checksums nor objects. It
// is safe for concurrent use if its functions are, and must not be changed
// meanwhile.
type Builder struct {
	// Order is that of the fields that do not say.
	Order inspect.Order
	// Max bounds the bytes that are built, below [MaxMessage]; 0 is that.
	Max int
	// Checksums finds an algorithm by the name a value calls it, such as
	// crc-16/modbus. The error says which names there are.
	Checksums func(name string) (Checksum, error)
	// Objects writes the text behind amf0 or amf3 as a value of that version.
	// The text is never empty, and its brackets and quotes match. An error that
	// is a [*compose.Error] points into the text.
	Objects func(version int, text string) ([]byte, error)
}

// Part is where a field went.
type Part struct {
	// Start and End bound its bytes in the message. A group has those of all
	// that is in it.
	Start, End int
	// Computed is the value of one that was computed, in decimal or, of a
	// checksum, in hexadecimal; "" of all others.
	Computed string
}

// Built is a message.
type Built struct {
	Bytes []byte
	Parts []Part // of every field, as [List.Walk] counts them
}

// Error is what [Builder.Build] reports: the first field that cannot be written.
type Error struct {
	Field   int    // as [List.Walk] counts, so from 0
	Label   string // its name, or its kind when it has none
	At      int    // in its value, where one place is to blame; else 0
	Problem string // what is wrong and what to write instead
}

// Error gives the field, counted from 1, and the problem in one sentence.
func (e *Error) Error() string {
	return fmt.Sprintf("field %d (%s): %s", e.Field+1, e.Label, e.Problem)
}

// max is how many bytes can be built.
func (b *Builder) max() int {
	if b.Max > 0 {
		return min(b.Max, MaxMessage)
	}
	return MaxMessage
}

// Build makes the bytes of a message, at most [MaxMessage]. Nothing of l is
// kept. The error is an [*Error].
func (b Builder) Build(l List) (Built, error) {
	m := message{builder: &b, names: make(map[string]int)}
	err := m.flatten(l, -1, 0)
	if err == nil {
		err = m.layOut()
	}
	if err == nil {
		err = m.lengths()
	}
	if err == nil {
		err = m.checksums()
	}
	if err != nil {
		return Built{}, err
	}
	parts := make([]Part, len(m.nodes))
	for i := range m.nodes {
		parts[i] = Part{m.nodes[i].start, m.nodes[i].end, m.nodes[i].shown}
	}
	return Built{Bytes: m.out, Parts: parts}, nil
}

// Compile is [ParseAt] and [Builder.Build] in one. The error is always a
// [*compose.Error]; that of a field is at its value.
func (b Builder) Compile(text string) (Built, error) {
	built, _, err := b.CompileAt(text)
	return built, err
}

// CompileAt is [Builder.Compile], with the place of each of Built.Parts in the
// text.
func (b Builder) CompileAt(text string) (Built, []Place, error) {
	l, places, err := ParseAt(text)
	if err != nil {
		return Built{}, nil, err
	}
	built, err := b.Build(l)
	var bad *Error
	if errors.As(err, &bad) {
		return Built{}, nil, located(text, places[bad.Field].of(text, bad.At), bad.Problem)
	}
	return built, places, err
}

// of gives where byte at of the field's value stands in the text.
func (p Place) of(text string, at int) int {
	if written := text[p.Value:p.End]; written != "" && written[0] == '"' {
		return p.Value + 1 + placeIn(written[1:len(written)-1], p.text, at)
	}
	return p.Value + at
}
