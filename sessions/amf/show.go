package amf

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"wirebench/sessions/inspect"
)

// MaxText bounds the bytes of a text, and MaxHex those of binary data, that a
// [Line] shows; more ends in an ellipsis.
const (
	MaxText = 1024
	MaxHex  = 64
	maxName = 64 // of a name in a message
)

// quote writes s in double quotes, exactly and safe to show, in the escapes that
// [ParseText] reads.
func quote(s string) string {
	return `"` + strings.ReplaceAll(inspect.Escape([]byte(s)), `"`, `\"`) + `"`
}

// short is quote for the part of s that a message or a line has room for.
func short(s string, max int) string {
	if cut := head(s, max); len(cut) < len(s) {
		return quote(cut) + "…"
	}
	return quote(s)
}

// head gives the first bytes of s, at most max, without cutting a character.
func head(s string, max int) string {
	if len(s) <= max {
		return s
	}
	for i := max; i > max-utf8.UTFMax && i > 0; i-- {
		if utf8.RuneStart(s[i]) {
			return s[:i]
		}
	}
	return s[:max]
}

// shortHex writes the first bytes of b.
func shortHex(b []byte) string {
	if len(b) > MaxHex {
		return hex.EncodeToString(b[:MaxHex]) + "…"
	}
	return hex.EncodeToString(b)
}

// formatNumber writes f so that it reads back to the same bits: NaNs other than
// the usual one with theirs, and whole numbers without a point.
func formatNumber(f float64) string {
	switch bits := math.Float64bits(f); {
	case bits == usualNaN:
		return "NaN"
	case f != f:
		return "NaN(0x" + strconv.FormatUint(bits, 16) + ")"
	case math.IsInf(f, 0):
		return strings.Replace(strconv.FormatFloat(f, 'g', -1, 64), "Inf", "Infinity", 1)[sign(f):]
	case f == 0 || math.Abs(f) >= 1e-6 && math.Abs(f) < 1e21: // as ActionScript has it
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

// usualNaN is what NaN stands for in text.
const usualNaN = 0x7ff8000000000000

// sign is 1 for a positive infinity, whose sign Go writes and ActionScript does
// not.
func sign(f float64) int {
	if f > 0 {
		return 1
	}
	return 0
}

// moment gives the time of a Date, if it is a whole millisecond of the years 0
// to 9999.
func moment(ms float64) (string, bool) {
	const first, last = -62167219200000, 253402300799999
	if !(ms >= first && ms <= last) || ms != math.Trunc(ms) || ms == 0 && math.Signbit(ms) {
		return "", false
	}
	return time.UnixMilli(int64(ms)).UTC().Format("2006-01-02T15:04:05.000Z"), true
}

// element writes number i of a vector of numbers.
func (v *Value) element(i int) string {
	switch v.Kind {
	case VectorInt:
		return strconv.FormatInt(int64(int32(binary.BigEndian.Uint32(v.Raw[4*i:]))), 10)
	case VectorUint:
		return strconv.FormatUint(uint64(binary.BigEndian.Uint32(v.Raw[4*i:])), 10)
	}
	return formatNumber(math.Float64frombits(binary.BigEndian.Uint64(v.Raw[8*i:])))
}

// numeric tells whether v is a vector of numbers.
func (v *Value) numeric() bool {
	return v.Kind == VectorInt || v.Kind == VectorUint || v.Kind == VectorNumber
}
