package fields

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"wirebench/sessions/compose"
	"wirebench/sessions/inspect"
)

// readBack reads the bytes of a field as a receiver would, without this package:
// a number, or the text of the kinds that have one.
func readBack(kind string, b []byte, order binary.ByteOrder) (number *big.Int, text string, err error) {
	fixed := func(bits int, signed bool) *big.Int {
		be := slices.Clone(b)
		if order == binary.LittleEndian {
			slices.Reverse(be)
		}
		v := new(big.Int).SetBytes(be)
		if signed && v.Bit(bits-1) == 1 {
			v.Sub(v, new(big.Int).Lsh(big.NewInt(1), uint(bits)))
		}
		return v
	}
	prefixed := func(size int) (string, error) {
		if len(b) < size {
			return "", fmt.Errorf("%d bytes are too few", len(b))
		}
		var n uint64
		switch size {
		case 1:
			n = uint64(b[0])
		case 2:
			n = uint64(order.Uint16(b))
		default:
			n = uint64(order.Uint32(b))
		}
		if n != uint64(len(b)-size) {
			return "", fmt.Errorf("the length is %d, and %d bytes follow", n, len(b)-size)
		}
		return string(b[size:]), nil
	}
	whole := func(v uint64, n int) *big.Int {
		if n != len(b) {
			err = fmt.Errorf("%d of %d bytes were read", n, len(b))
		}
		return new(big.Int).SetUint64(v)
	}
	switch kind {
	case "uleb128", "varint":
		number = whole(binary.Uvarint(b))
	case "zigzag":
		v, n := binary.Varint(b)
		whole(0, n)
		number = big.NewInt(v)
	case "sleb128":
		var v int64
		shift := 0
		for _, c := range b {
			v |= int64(c&0x7f) << shift
			shift += 7
		}
		if shift < 64 && b[len(b)-1]&0x40 != 0 {
			v |= -1 << shift
		}
		number = big.NewInt(v)
	case "mcvarint":
		v, n := binary.Uvarint(b)
		whole(0, n)
		number = big.NewInt(int64(int32(uint32(v))))
	case "mcvarlong":
		v, n := binary.Uvarint(b)
		whole(0, n)
		number = big.NewInt(int64(v))
	case "u29":
		v := uint64(0)
		for i, c := range b {
			if i == 3 {
				v = v<<8 | uint64(c)
			} else {
				v = v<<7 | uint64(c&0x7f)
			}
		}
		number = new(big.Int).SetUint64(v)
	case "text":
		text = string(b)
	case "cstr":
		text = strings.TrimSuffix(string(b), "\x00")
	case "str8":
		text, err = prefixed(1)
	case "utf", "str16":
		text, err = prefixed(2)
	case "str32":
		text, err = prefixed(4)
	case "strv":
		n, size := binary.Uvarint(b)
		if text = string(b[size:]); n != uint64(len(text)) {
			err = fmt.Errorf("the length is %d, and %d bytes follow", n, len(text))
		}
	default:
		bits, _ := strconv.Atoi(kind[1:])
		if len(b) != bits/8 {
			return nil, "", fmt.Errorf("%d bytes", len(b))
		}
		number = fixed(bits, kind[0] == 'i')
	}
	return number, text, err
}

// FuzzReadBack holds the bytes of fields to giving back, to somebody who knows
// nothing of this package, the values that were written.
func FuzzReadBack(f *testing.F) {
	f.Add(int64(-1), uint64(0), 1.5, "hé\x00\"\\", []byte{0, 255})
	f.Add(int64(math.MinInt64), uint64(math.MaxUint64), math.Inf(1), "", []byte{})
	f.Add(int64(624485), uint64(1<<28), math.SmallestNonzeroFloat64, "\u202e\U0001d11e", []byte("abc"))
	f.Add(int64(64), uint64(16384), math.Copysign(0, -1), strings.Repeat("a", 300), bytes.Repeat([]byte{0x5c}, 300))
	orders := map[inspect.Order]binary.ByteOrder{inspect.Big: binary.BigEndian, inspect.Little: binary.LittleEndian}
	f.Fuzz(func(t *testing.T, signed int64, unsigned uint64, float float64, text string, raw []byte) {
		if len(text) > 1000 || len(raw) > 1000 {
			return
		}
		numbers := []*big.Int{big.NewInt(signed), new(big.Int).SetUint64(unsigned), new(big.Int).Mul(big.NewInt(signed), new(big.Int).SetUint64(unsigned))}
		for order, as := range orders {
			b := NewBuilder(order)
			for _, kind := range []string{"u8", "i8", "u16", "i16", "u24", "i24", "u32", "i32", "u48", "i48", "u64", "i64", "u128", "i128",
				"uleb128", "sleb128", "varint", "zigzag", "mcvarint", "mcvarlong", "u29"} {
				for _, v := range numbers {
					built, err := b.Compile(kind + " " + v.String())
					if err != nil {
						if !strings.Contains(err.Error(), "does not fit") {
							t.Errorf("%s %d: %v", kind, v, err)
						}
						continue
					}
					want := v
					if kind == "varint" && v.Sign() < 0 { // an int64 of protobuf is written as a uint64
						want = new(big.Int).SetUint64(uint64(v.Int64()))
					}
					if got, _, err := readBack(kind, built.Bytes, as); err != nil || got.Cmp(want) != 0 {
						t.Errorf("%s %d, %v-endian, is % x, which is read as %d, %v", kind, v, as, built.Bytes, got, err)
					}
				}
			}
			if built, err := b.Compile("f64 " + strconv.FormatFloat(float, 'g', -1, 64)); err == nil {
				if got := math.Float64frombits(as.Uint64(built.Bytes)); math.Float64bits(got) != math.Float64bits(float) && !(math.IsNaN(got) && math.IsNaN(float)) {
					t.Errorf("f64 %g is % x, which is read as %g", float, built.Bytes, got)
				}
			} else if !math.IsInf(float, 0) && !math.IsNaN(float) {
				t.Errorf("f64 %g: %v", float, err)
			}
			if built, err := b.Compile("f32 " + strconv.FormatFloat(float, 'g', -1, 64)); err == nil {
				if got := math.Float32frombits(as.Uint32(built.Bytes)); got != float32(float) && !math.IsNaN(float) {
					t.Errorf("f32 %g is % x, which is read as %g", float, built.Bytes, got)
				}
			}
			if !utf8.ValidString(text) {
				text = strings.ToValidUTF8(text, "?")
			}
			quoted := `"` + strings.ReplaceAll(compose.FormatText([]byte(text)), `"`, `\"`) + `"`
			for _, kind := range []string{"text", "cstr", "utf", "str8", "str16", "str32", "strv"} {
				built, err := b.Compile(kind + " " + quoted)
				if err != nil {
					if kind == "str8" && len(text) > 255 || kind == "cstr" && strings.Contains(text, "\x00") {
						continue
					}
					t.Errorf("%s %s: %v", kind, quoted, err)
					continue
				}
				if _, got, err := readBack(kind, built.Bytes, as); err != nil || got != text {
					t.Errorf("%s %s is % x, which is read as %q, %v", kind, quoted, built.Bytes, got, err)
				}
			}
			for _, notation := range []string{"hex \"" + hex.EncodeToString(raw) + "\"", "base64 \"" + base64.StdEncoding.EncodeToString(raw) + "\""} {
				if built, err := b.Compile(notation); err != nil && len(raw) > 0 || err == nil && !bytes.Equal(built.Bytes, raw) {
					t.Errorf("%s is % x, %v", notation, built.Bytes, err)
				}
			}
		}
	})
}
