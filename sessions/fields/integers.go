package fields

import (
	"fmt"
	"math/big"
	"strings"
)

// integer is a kind of integer of fixed size.
type integer struct {
	size     int // bytes
	min, max *big.Int
}

func integerKinds() []Kind {
	kinds := make([]Kind, 0, 17)
	add := func(bits int, signed bool, air string, aliases ...string) {
		letter, word, example := "u", "unsigned", "0xff"
		if signed {
			letter, word, example = "i", "signed", "-1"
		}
		fit := span(bits, signed)
		id := fmt.Sprintf("%s%d", letter, bits)
		kinds = append(kinds, Kind{
			ID: id, Aliases: aliases, Group: Integers, Name: fmt.Sprintf("%s, %d bits", word, bits), AIR: air,
			Example: id + " " + example, Help: fmt.Sprintf("An integer, %s.", fit.words()),
			Ordered: bits > 8, lex: asNumber, write: (*writer).integer, fixed: fit,
		})
	}
	add(8, false, "")
	add(8, true, "")
	add(16, false, "")
	add(16, true, "")
	add(24, false, "")
	add(24, true, "")
	add(32, false, "writeUnsignedInt", "uint", "writeUnsignedInt")
	add(32, true, "writeInt", "int", "writeInt")
	for _, bits := range []int{48, 64, 128} {
		add(bits, false, "")
		add(bits, true, "")
	}
	either := func(bits int, id, method string) {
		fit := &integer{bits / 8, span(bits, true).min, span(bits, false).max}
		kinds = append(kinds, Kind{
			ID: id, Aliases: []string{method}, Group: Integers, Name: fmt.Sprintf("%s, signed or unsigned", id), AIR: method,
			Example: id + " -1", Help: fmt.Sprintf("An integer, %s; AIR would cut a larger one off.", fit.words()),
			Ordered: bits > 8, lex: asNumber, write: (*writer).integer, fixed: fit,
		})
	}
	either(8, "byte", "writeByte")
	either(16, "short", "writeShort")
	return append(kinds, Kind{
		ID: "bool", Aliases: []string{"boolean", "writeBoolean"}, Group: Integers, Name: "Boolean", AIR: "writeBoolean",
		Example: "bool true", Help: "One byte, 1 for true and 0 for false.",
		lex: asWord, write: (*writer).boolean,
	})
}

// span is the integers that so many bits hold.
func span(bits int, signed bool) *integer {
	one := big.NewInt(1)
	if signed {
		top := new(big.Int).Lsh(one, uint(bits-1))
		return &integer{bits / 8, new(big.Int).Neg(top), new(big.Int).Sub(top, one)}
	}
	return &integer{bits / 8, new(big.Int), new(big.Int).Sub(new(big.Int).Lsh(one, uint(bits)), one)}
}

func (f *integer) words() string { return fmt.Sprintf("%v to %v", f.min, f.max) }

// holds tells whether v is within the range.
func (f *integer) holds(v *big.Int) bool { return v.Cmp(f.min) >= 0 && v.Cmp(f.max) <= 0 }

// bytes writes v, which the kind holds, as two's complement.
func (f *integer) bytes(v *big.Int, little bool) []byte {
	if v.Sign() < 0 {
		v = new(big.Int).Add(v, new(big.Int).Lsh(big.NewInt(1), uint(8*f.size)))
	}
	out := v.FillBytes(make([]byte, f.size))
	return inOrder(out, little)
}

// inOrder turns big-endian bytes round where the order is little-endian.
func inOrder(b []byte, little bool) []byte {
	if little {
		for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
			b[i], b[j] = b[j], b[i]
		}
	}
	return b
}

func (w *writer) integer() ([]byte, string) {
	v, problem := parseInteger(w.field.Value)
	if problem != "" {
		return nil, problem
	}
	if !w.kind.fixed.holds(v) {
		return nil, w.outside(v.String())
	}
	return w.kind.fixed.bytes(v, w.little), ""
}

// outside says that a number is not within the range of the kind.
func (w *writer) outside(number string) string {
	fit := w.kind.fixed
	if fit == nil {
		fit = w.kind.varint.fit
	}
	return fmt.Sprintf("%s does not fit %s, which holds %s", number, w.kind.ID, fit.words())
}

func (w *writer) boolean() ([]byte, string) {
	switch strings.ToLower(w.field.Value) {
	case "true", "1":
		return []byte{1}, ""
	case "false", "0":
		return []byte{0}, ""
	}
	return nil, fmt.Sprintf("%s is no Boolean: write true or false", quoted(w.field.Value))
}

// maxDigits is more than any integer kind needs, in any base.
const maxDigits = 130

// wantInteger says what an integer looks like.
const wantInteger = "a whole number such as 12, -5, 0xff, 0o17 or 0b101"

// parseInteger reads an integer with an optional sign: decimal, or with 0x, 0o
// or 0b before its digits, and with _ between them.
func parseInteger(s string) (*big.Int, string) {
	digits, sign := s, ""
	if digits != "" && (digits[0] == '-' || digits[0] == '+') {
		sign, digits = digits[:1], digits[1:]
	}
	base := 10
	if len(digits) > 1 && digits[0] == '0' {
		switch digits[1] {
		case 'x', 'X':
			base = 16
		case 'o', 'O':
			base = 8
		case 'b', 'B':
			base = 2
		}
		if base != 10 {
			digits = digits[2:]
		}
	}
	if !digitsOf(digits, base) {
		return nil, fmt.Sprintf("%s is no number: write %s", quoted(s), wantInteger)
	}
	digits = strings.ReplaceAll(digits, "_", "")
	short := strings.TrimLeft(digits, "0")
	if base == 10 && short != digits && digits != "0" {
		return nil, fmt.Sprintf("the zero before %s could mean octal: write %s, or 0o%s", quoted(digits), sign+orZero(short), orZero(short))
	}
	if len(short) > maxDigits {
		return nil, fmt.Sprintf("a number of %d digits fits nothing: 128 bits hold the largest", len(short))
	}
	v, ok := new(big.Int).SetString(orZero(short), base)
	if !ok {
		return nil, fmt.Sprintf("%s is no number: write %s", quoted(s), wantInteger)
	}
	if sign == "-" {
		v.Neg(v)
	}
	return v, ""
}

func orZero(digits string) string {
	if digits == "" {
		return "0"
	}
	return digits
}

// digitsOf tells whether s is digits of the base, with single _ between them.
func digitsOf(s string, base int) bool {
	between := false // a digit stands before
	for i := range len(s) {
		c := s[i] | 0x20 // small letters
		switch {
		case s[i] == '_' && between && i+1 < len(s):
			between = false
			continue
		case s[i] >= '0' && int(s[i]-'0') < min(base, 10):
		case base == 16 && c >= 'a' && c <= 'f':
		default:
			return false
		}
		between = true
	}
	return between
}
