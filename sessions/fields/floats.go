package fields

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

func floatKinds() []Kind {
	kinds := []Kind{
		{
			ID: "f16", Aliases: []string{"half"}, Name: "half, 16 bits", Example: "f16 1.5",
			Help: "IEEE 754 binary16, up to 65504.",
		}, {
			ID: "bf16", Aliases: []string{"bfloat16"}, Name: "bfloat16, 16 bits", Example: "bf16 1.5",
			Help: "The upper half of a binary32.",
		}, {
			ID: "f32", Aliases: []string{"float", "writeFloat"}, Name: "single, 32 bits", AIR: "writeFloat", Example: "f32 1.5",
			Help: "IEEE 754 binary32, up to about 3.4e38.",
		}, {
			ID: "f64", Aliases: []string{"double", "writeDouble"}, Name: "double, 64 bits", AIR: "writeDouble", Example: "f64 1.5",
			Help: "IEEE 754 binary64, up to about 1.8e308.",
		},
	}
	for i := range kinds {
		kinds[i].Group, kinds[i].Ordered, kinds[i].lex, kinds[i].write = Floats, true, asFloat, (*writer).float
		kinds[i].Help += " Rounded to the nearest; also NaN, Infinity and -Infinity."
	}
	return kinds
}

const wantFloat = "a number such as 1.5, -2e10, 0x1p-3, NaN or -Infinity"

func (w *writer) float() ([]byte, string) {
	size, exponent := 64, 0
	switch w.kind.ID {
	case "f32":
		size = 32
	case "f16":
		exponent = 5
	case "bf16":
		exponent = 8
	}
	s := w.field.Value
	if len(s) > 1000 {
		return nil, fmt.Sprintf("a number of %d characters is longer than any needs to be", len(s))
	}
	if plain, ok := withoutUnderscores(s); ok {
		s = plain
	}
	// 0xff is 255 here as it is everywhere else; ParseFloat would ask for a p.
	if unsigned := strings.TrimLeft(s, "+-"); len(unsigned) > 1 && unsigned[0] == '0' && unsigned[1]|0x20 == 'x' && !strings.ContainsAny(s, "pP") {
		s += "p0"
	}
	f, err := strconv.ParseFloat(s, size)
	if errors.Is(err, strconv.ErrRange) {
		return nil, w.beyond()
	}
	if err != nil {
		return nil, fmt.Sprintf("%s is no number: write %s", quoted(w.field.Value), wantFloat)
	}
	var out []byte
	switch {
	case exponent > 0:
		v := narrow(f, exponent)
		if most := uint16(1)<<15 - 1<<(15-exponent); v&0x7fff == most && !math.IsInf(f, 0) {
			return nil, w.beyond()
		}
		out = []byte{byte(v >> 8), byte(v)}
	case size == 32:
		v := math.Float32bits(float32(f))
		if f != f {
			v = 0x7fc00000
		}
		out = []byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}
	default:
		v := math.Float64bits(f)
		if f != f {
			v = 0x7ff8000000000000
		}
		out = []byte{byte(v >> 56), byte(v >> 48), byte(v >> 40), byte(v >> 32), byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}
	}
	return inOrder(out, w.little), ""
}

// withoutUnderscores takes out those that stand between two digits, and tells
// whether that was all of them.
func withoutUnderscores(s string) (string, bool) {
	for i := range len(s) {
		if s[i] == '_' && (i == 0 || i+1 == len(s) || !isDigit(s[i-1]) || !isDigit(s[i+1])) {
			return s, false
		}
	}
	return strings.ReplaceAll(s, "_", ""), true
}

func isDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func (w *writer) beyond() string {
	return fmt.Sprintf("%s is beyond what %s holds: write Infinity or -Infinity to mean that", quoted(w.field.Value), w.kind.ID)
}

// narrow rounds f to the sixteen bits of a format with so many of exponent, to
// the nearest and ties to even. What is too large becomes infinity.
func narrow(f float64, exponent int) uint16 {
	fraction := 15 - exponent
	bias := 1<<(exponent-1) - 1
	infinity := uint16(1)<<15 - uint16(1)<<fraction
	var sign uint16
	if math.Signbit(f) {
		sign, f = 1<<15, -f
	}
	switch {
	case f != f:
		return infinity | 1<<(fraction-1)
	case math.IsInf(f, 0):
		return sign | infinity
	case f == 0:
		return sign
	}
	_, e := math.Frexp(f) // f is below 2^e
	e = max(e-1, 1-bias)  // the exponent of its first bit, subnormal numbers sharing one
	// In units of the last bit; the multiplication is exact.
	units := uint32(math.RoundToEven(math.Ldexp(f, fraction-e)))
	bits := uint32(e+bias-1)<<fraction + units // a carry goes into the exponent
	if bits >= uint32(infinity) {
		return sign | infinity
	}
	return sign | uint16(bits)
}
