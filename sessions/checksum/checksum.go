package checksum

import (
	"errors"
	"fmt"
	"slices"
)

// ErrUnknown is returned for an ID that no preset has.
var ErrUnknown = errors.New("no checksum has this name")

// Algorithm is one way to sum bytes. The zero Algorithm computes nothing; they
// come from [All], [Lookup] and [Custom].
type Algorithm struct {
	ID      string   // stable name for preferences and for machines, such as "crc-16/modbus"
	Name    string   // as shown, such as "CRC-16/MODBUS"
	Aliases []string // other names of the same, which [Lookup] knows too
	Bits    int      // width of the value, 8 to 64

	crc   *Parameters // nil for what is no CRC
	start func() Hash
}

// Hash sums bytes that come in pieces. How they are cut makes no difference.
type Hash interface {
	// Write adds p. It never fails.
	Write(p []byte) (int, error)
	// Sum64 gives the value of everything written so far, in the low bits. It
	// changes nothing, and more may be written after it.
	Sum64() uint64
	// Reset forgets everything written.
	Reset()
}

// All lists every preset in the order it is shown. The slice is the caller's.
func All() []Algorithm { return slices.Clone(presets()) }

// Lookup finds a preset by its ID, its name or an alias, in any case. An
// unknown one is [ErrUnknown].
func Lookup(id string) (Algorithm, error) {
	a, ok := byID()[idOf(id)]
	if !ok {
		return Algorithm{}, fmt.Errorf("checksum %q: %w", id, ErrUnknown)
	}
	return a, nil
}

// New starts the sum of the preset id. An unknown one is [ErrUnknown].
func New(id string) (Hash, error) {
	a, err := Lookup(id)
	if err != nil {
		return nil, err
	}
	return a.New(), nil
}

// Sum gives the value of the preset id over b. An unknown one is [ErrUnknown].
func Sum(id string, b []byte) (uint64, error) {
	a, err := Lookup(id)
	if err != nil {
		return 0, err
	}
	return a.Sum(b), nil
}

// New starts a sum.
func (a Algorithm) New() Hash { return a.start() }

// Sum gives the value over b, in the low bits.
func (a Algorithm) Sum(b []byte) uint64 {
	h := a.New()
	h.Write(b)
	return h.Sum64()
}

// CRC gives the parameters of a CRC, and false for what is none.
func (a Algorithm) CRC() (Parameters, bool) {
	if a.crc == nil {
		return Parameters{}, false
	}
	return *a.crc, true
}

// Size is the number of bytes the value takes up in a message.
func (a Algorithm) Size() int { return (a.Bits + 7) / 8 }

// Format writes a value as hexadecimal with all its digits, such as "0E7C".
func (a Algorithm) Format(value uint64) string {
	return fmt.Sprintf("%0*X", (a.Bits+3)/4, value)
}
