package inspect

import (
	"math"
	"math/bits"
	"strconv"
)

// load reads all of b, at most sixteen bytes, as one unsigned integer.
func load(b []byte, o Order) (high, low uint64) {
	for i := range b {
		c := b[i]
		if o == Little {
			c = b[len(b)-1-i]
		}
		high = high<<8 | low>>56
		low = low<<8 | uint64(c)
	}
	return high, low
}

// load64 reads all of b, at most eight bytes.
func load64(b []byte, o Order) uint64 {
	_, low := load(b, o)
	return low
}

// selection limits a reader of integers to what it can read, for the bytes a
// person selected.
func selection(read func([]byte, Order) Value) func([]byte, Order) Value {
	return func(b []byte, o Order) Value {
		if len(b) < 1 || len(b) > 16 {
			return Value{Problem: "select 1 to 16 bytes"}
		}
		v := read(b, o)
		v.Size = len(b)
		return v
	}
}

// unsigned reads all of b, 1 to 16 bytes.
func unsigned(b []byte, o Order) Value {
	high, low := load(b, o)
	return Value{Text: string(appendDecimal(nil, high, low))}
}

// signed reads all of b, 1 to 16 bytes, as two's complement.
func signed(b []byte, o Order) Value {
	high, low := load(b, o)
	if len(b) <= 8 {
		unused := 64 - 8*len(b) // bits above the value
		return Value{Text: strconv.FormatInt(int64(low<<unused)>>unused, 10)}
	}
	unused := 128 - 8*len(b)
	if high<<unused>>63 == 0 {
		return Value{Text: string(appendDecimal(nil, high, low))}
	}
	// The magnitude is the two's complement; what lies above the value goes.
	low, borrow := bits.Sub64(0, low, 0)
	high, _ = bits.Sub64(0, high, borrow)
	high = high << unused >> unused
	return Value{Text: string(appendDecimal([]byte{'-'}, high, low))}
}

// appendDecimal appends the 128 bits in decimal.
func appendDecimal(out []byte, high, low uint64) []byte {
	const e19 = 1e19 // the largest power of ten in 64 bits
	if high == 0 {
		return strconv.AppendUint(out, low, 10)
	}
	// Three digits in base 1e19; the first division keeps the quotient in range.
	top, rest := high/e19, high%e19
	middle, last := bits.Div64(rest, low, e19)
	first, middle := bits.Div64(top, middle, e19)
	if first > 0 {
		out = strconv.AppendUint(out, first, 10)
		out = appendPadded(out, middle)
	} else {
		out = strconv.AppendUint(out, middle, 10)
	}
	return appendPadded(out, last)
}

// appendPadded appends v with all nineteen digits.
func appendPadded(out []byte, v uint64) []byte {
	var digits [19]byte
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = '0' + byte(v%10)
		v /= 10
	}
	return append(out, digits[:]...)
}

// boolean is IDataInput.readBoolean: every byte but zero is true.
func boolean(b []byte, _ Order) Value {
	return Value{Text: strconv.FormatBool(b[0] != 0)}
}

func binary(b []byte, _ Order) Value {
	var out [9]byte
	for i := range 8 {
		out[i+i/4] = '0' + b[0]>>(7-i)&1
	}
	out[4] = ' '
	return Value{Text: string(out[:])}
}

func octal(b []byte, _ Order) Value {
	return Value{Text: string([]byte{'0' + b[0]>>6, '0' + b[0]>>3&7, '0' + b[0]&7})}
}

// float writes the shortest decimal that reads back as the same value of that
// many bits.
func float(v float64, size int) Value {
	switch {
	case math.IsNaN(v):
		return Value{Text: "NaN"}
	case math.IsInf(v, 1):
		return Value{Text: "Infinity"}
	case math.IsInf(v, -1):
		return Value{Text: "-Infinity"}
	}
	return Value{Text: strconv.FormatFloat(v, 'g', -1, size)}
}

// float16 reads IEEE 754 binary16: 1 sign bit, 5 of exponent, 10 of fraction.
func float16(b []byte, o Order) Value {
	v := load64(b, o)
	exponent, fraction := int(v>>10&0x1f), float64(v&0x3ff)
	var f float64
	switch {
	case exponent == 0x1f && fraction != 0:
		return Value{Text: "NaN"}
	case exponent == 0x1f:
		f = math.Inf(1)
	case exponent == 0:
		f = math.Ldexp(fraction, -24)
	default:
		f = math.Ldexp(1024+fraction, exponent-25)
	}
	if v>>15 == 1 {
		f = -f
	}
	return float(f, 32)
}

// bfloat16 is the upper half of a binary32.
func bfloat16(b []byte, o Order) Value {
	return float(float64(math.Float32frombits(uint32(load64(b, o))<<16)), 32)
}

func float32Value(b []byte, o Order) Value {
	return float(float64(math.Float32frombits(uint32(load64(b, o)))), 32)
}

func float64Value(b []byte, o Order) Value {
	return float(math.Float64frombits(load64(b, o)), 64)
}

// fixed1616 reads a signed integer of 1/65536; a float64 holds each exactly.
func fixed1616(b []byte, o Order) Value {
	v := float64(int32(load64(b, o))) / 65536
	return Value{Text: strconv.FormatFloat(v, 'f', -1, 64)}
}
