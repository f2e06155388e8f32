package pattern

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"wirebench/sessions/capture"
	"wirebench/sessions/inspect"
)

// number is one way to write the number looked for.
type number struct {
	name  string // "u16", "f32"
	order string // "big-endian", "little-endian", or "" where both are the same
	bytes []byte
}

// integerSizes are the widths of integers, in bytes.
var integerSizes = []int{1, 2, 3, 4, 6, 8}

// parseNumber reads a number, decimal or 0x and the like, with a type before it
// if it is to be found as that alone.
func parseNumber(text string) ([]number, error) {
	words := strings.Fields(strings.TrimPrefix(strings.TrimSpace(text), "="))
	kind, value := "", ""
	switch len(words) {
	case 0:
		return nil, errors.New("there is no number here: write 1234, 0x4d2, u16le 1234, -1 or f32 1.5")
	case 1:
		value = words[0]
	case 2:
		kind, value = strings.ToLower(words[0]), words[1]
	default:
		return nil, fmt.Errorf("%d words are no number: write one, with a type before it if need be, such as u16le 1234", len(words))
	}
	orders := []inspect.Order{inspect.Big, inspect.Little}
	if name, ok := strings.CutSuffix(kind, "le"); ok {
		kind, orders = name, orders[1:]
	} else if name, ok := strings.CutSuffix(kind, "be"); ok {
		kind, orders = name, orders[:1]
	}
	var all []number
	whole, isWhole := wholeNumber(value)
	if isWhole && whole.BitLen() > 64 {
		return nil, fmt.Errorf("%s is more than 64 bits hold", inspect.Preview([]byte(value), 40))
	}
	if isWhole {
		for _, size := range integerSizes {
			for _, sign := range []string{"u", "i"} {
				name := fmt.Sprintf("%s%d", sign, 8*size)
				if kind != "" && kind != name {
					continue
				}
				if b, ok := integerBytes(whole, size, sign == "i"); ok {
					all = appendOrders(all, name, b, orders)
				}
			}
		}
	}
	var err error
	if isWhole {
		all = appendWholeFloats(all, kind, whole, orders)
	} else if all, err = appendFloats(all, kind, value, orders); err != nil {
		return nil, err
	}
	if len(all) == 0 {
		if !knownNumber(kind) {
			return nil, fmt.Errorf("there is no type %s: choose from u8 to u64, i8 to i64, f32 and f64, with le or be behind it for one order alone", inspect.Preview([]byte(kind), 20))
		}
		if isWhole && kind[0] == 'f' {
			return nil, fmt.Errorf("no %s holds %s exactly: write %[2]s.0 for the nearest one that there is", kind, inspect.Preview([]byte(value), 40))
		}
		return nil, fmt.Errorf("%s is no %s", inspect.Preview([]byte(value), 40), kind)
	}
	return all, nil
}

// wholeNumber reads an integer, in which a zero before others does not make it
// octal.
func wholeNumber(value string) (*big.Int, bool) {
	base := 10
	if bare := strings.TrimLeft(strings.ToLower(value), "+-"); len(bare) > 1 && bare[0] == '0' && strings.IndexByte("xbo", bare[1]) >= 0 {
		base = 0
	}
	return new(big.Int).SetString(value, base)
}

func knownNumber(kind string) bool {
	if kind == "f32" || kind == "f64" {
		return true
	}
	for _, size := range integerSizes {
		if kind == fmt.Sprintf("u%d", 8*size) || kind == fmt.Sprintf("i%d", 8*size) {
			return true
		}
	}
	return false
}

// integerBytes writes v big-endian, if it fits.
func integerBytes(v *big.Int, size int, signed bool) ([]byte, bool) {
	bits := uint(8 * size)
	one := big.NewInt(1)
	low, high := new(big.Int), new(big.Int).Lsh(one, bits)
	if signed {
		high.Rsh(high, 1)
		low.Neg(high)
	}
	if v.Cmp(low) < 0 || v.Cmp(high) >= 0 {
		return nil, false
	}
	if v.Sign() < 0 {
		v = new(big.Int).Add(v, new(big.Int).Lsh(one, bits))
	}
	return v.FillBytes(make([]byte, size)), true
}

// appendWholeFloats adds the floats that hold v exactly. One that does not is not
// meant by a whole number.
func appendWholeFloats(all []number, kind string, v *big.Int, orders []inspect.Order) []number {
	f := new(big.Float).SetInt(v) // exact
	if small, accuracy := f.Float32(); accuracy == big.Exact && (kind == "" || kind == "f32") {
		all = appendOrders(all, "f32", binary.BigEndian.AppendUint32(nil, math.Float32bits(small)), orders)
	}
	if large, accuracy := f.Float64(); accuracy == big.Exact && (kind == "" || kind == "f64") {
		all = appendOrders(all, "f64", binary.BigEndian.AppendUint64(nil, math.Float64bits(large)), orders)
	}
	return all
}

// appendFloats adds the floats that are nearest to a number with a point or an
// exponent: of those hardly any is a float exactly.
func appendFloats(all []number, kind, value string, orders []inspect.Order) ([]number, error) {
	large, err := strconv.ParseFloat(value, 64)
	if errors.Is(err, strconv.ErrRange) {
		return nil, fmt.Errorf("%s is beyond every float", inspect.Preview([]byte(value), 40))
	}
	if err != nil {
		return nil, fmt.Errorf("%s is no number: write 1234, 0x4d2, -1 or 1.5, with a type such as u16le before it if need be", inspect.Preview([]byte(value), 40))
	}
	if kind == "" || kind == "f32" {
		// Rounding what is rounded already may lead past the nearest one.
		small, err := strconv.ParseFloat(value, 32)
		if err == nil && (small != 0 || large == 0) {
			all = appendOrders(all, "f32", binary.BigEndian.AppendUint32(nil, math.Float32bits(float32(small))), orders)
		}
	}
	if kind == "" || kind == "f64" {
		all = appendOrders(all, "f64", binary.BigEndian.AppendUint64(nil, math.Float64bits(large)), orders)
	}
	return all, nil
}

// appendOrders adds the bytes b, which are big-endian, in these orders. One that
// is there by another name is named once: 1 is the same as u8 and as i8.
func appendOrders(all []number, name string, b []byte, orders []inspect.Order) []number {
	reversed := slices.Clone(b)
	slices.Reverse(reversed)
	if bytes.Equal(b, reversed) {
		orders = orders[:1]
	}
next:
	for _, o := range orders {
		n := number{name: name, order: o.String(), bytes: b}
		if o == inspect.Little {
			n.bytes = reversed
		}
		if bytes.Equal(b, reversed) {
			n.order = ""
		}
		for i, other := range all {
			if bytes.Equal(other.bytes, n.bytes) && other.order == n.order {
				if isInteger(other.name) && isInteger(n.name) {
					continue next // of two integers the unsigned one stands for both
				}
				all[i].name += " and " + n.name
				continue next
			}
		}
		all = append(all, n)
	}
	return all
}

func isInteger(name string) bool { return name[0] == 'u' || name[0] == 'i' }

func numberQuery(all []number) (q capture.Query) {
	for _, n := range all {
		q.AnyOf = append(q.AnyOf, n.bytes)
	}
	return q
}

// Reading is what a place where a number was found reads as.
type Reading struct {
	Name string // "u32 little-endian"
	At   int    // of its first byte in the bytes given
	Size int
}

// MostAround is how many bytes before and behind a match a [Reading] may reach.
const MostAround = 8

// Readings tells as what b reads the number where the bytes from at to end were
// found, the widest first. A narrow number is part of a wide one: in 00 00 04 d2
// there is 1234 as u16 and as u32.
func (p Pattern) Readings(b []byte, at, end int) []Reading {
	var all []Reading
	for _, n := range p.numbers {
		size := len(n.bytes)
		for from := max(0, end-size); from <= at && from+size <= len(b); from++ {
			if bytes.Equal(b[from:from+size], n.bytes) {
				all = append(all, Reading{Name: strings.TrimSpace(n.name + " " + n.order), At: from, Size: size})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Reading) int {
		if a.Size != b.Size {
			return b.Size - a.Size
		}
		return a.At - b.At
	})
	return all
}
