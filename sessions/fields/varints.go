package fields

import (
	"encoding/binary"
	"math/big"
)

// varint is a kind of integer whose size depends on its value.
type varint struct {
	fit *integer // its size is unused
	// put appends v, which fit holds.
	put func(out []byte, v *big.Int) []byte
}

func varintKinds() []Kind {
	i32, i64, u64 := span(32, true), span(64, true), span(64, false)
	// int64 and uint64, as the field of either type is written.
	both := &integer{min: i64.min, max: u64.max}
	u29 := &integer{min: new(big.Int), max: big.NewInt(1<<29 - 1)}
	kinds := []Kind{
		{
			ID: "uleb128", Name: "ULEB128", Example: "uleb128 624485",
			Help:   "Unsigned, seven bits a byte, the lowest first (DWARF, WebAssembly).",
			varint: &varint{u64, func(out []byte, v *big.Int) []byte { return binary.AppendUvarint(out, v.Uint64()) }},
		}, {
			ID: "sleb128", Name: "SLEB128", Example: "sleb128 -123456",
			Help:   "Signed, seven bits a byte, the lowest first (DWARF, WebAssembly).",
			varint: &varint{i64, appendSLEB},
		}, {
			ID: "varint", Name: "protobuf varint", Example: "varint 150",
			Help:   "As protobuf writes int64 and uint64; one below zero takes ten bytes.",
			varint: &varint{both, func(out []byte, v *big.Int) []byte { return binary.AppendUvarint(out, low64(v)) }},
		}, {
			ID: "zigzag", Name: "protobuf zigzag", Example: "zigzag -1",
			Help:   "As protobuf writes sint64: 0, -1, 1, -2 become 0, 1, 2, 3.",
			varint: &varint{i64, func(out []byte, v *big.Int) []byte { return binary.AppendVarint(out, v.Int64()) }},
		}, {
			ID: "mcvarint", Name: "Minecraft VarInt", Example: "mcvarint 25565",
			Help:   "Signed, 32 bits, at most five bytes; one below zero takes all five.",
			varint: &varint{i32, func(out []byte, v *big.Int) []byte { return binary.AppendUvarint(out, low64(v)&0xffffffff) }},
		}, {
			ID: "mcvarlong", Name: "Minecraft VarLong", Example: "mcvarlong -1",
			Help:   "Signed, 64 bits, at most ten bytes; one below zero takes all ten.",
			varint: &varint{i64, func(out []byte, v *big.Int) []byte { return binary.AppendUvarint(out, low64(v)) }},
		}, {
			ID: "u29", Name: "AMF3 U29", Example: "u29 16384",
			Help:   "Unsigned, 29 bits, the highest first, at most four bytes (AMF 3 specification, 1.3.1).",
			varint: &varint{u29, appendU29},
		},
	}
	for i := range kinds {
		kinds[i].Group, kinds[i].lex, kinds[i].write = Varints, asNumber, (*writer).variable
		kinds[i].Help += " Holds " + kinds[i].varint.fit.words() + "."
	}
	return kinds
}

func (w *writer) variable() ([]byte, string) {
	v, problem := parseInteger(w.field.Value)
	if problem != "" {
		return nil, problem
	}
	if !w.kind.varint.fit.holds(v) {
		return nil, w.outside(v.String())
	}
	return w.kind.varint.put(nil, v), ""
}

// low64 gives the low 64 bits of v in two's complement; v is within -2^63 and
// 2^64-1.
func low64(v *big.Int) uint64 {
	if v.Sign() < 0 {
		return uint64(v.Int64())
	}
	return v.Uint64()
}

// appendSLEB follows DWARF 5, 7.6: the last byte's bit 6 is the sign.
func appendSLEB(out []byte, v *big.Int) []byte {
	for n := v.Int64(); ; {
		c := byte(n & 0x7f)
		n >>= 7
		if n == 0 && c&0x40 == 0 || n == -1 && c&0x40 != 0 {
			return append(out, c)
		}
		out = append(out, c|0x80)
	}
}

// appendU29 writes three bytes of seven bits and a fourth of eight.
func appendU29(out []byte, v *big.Int) []byte {
	n := v.Uint64()
	switch {
	case n < 1<<7:
		return append(out, byte(n))
	case n < 1<<14:
		return append(out, byte(n>>7)|0x80, byte(n)&0x7f)
	case n < 1<<21:
		return append(out, byte(n>>14)|0x80, byte(n>>7)|0x80, byte(n)&0x7f)
	}
	return append(out, byte(n>>22)|0x80, byte(n>>15)|0x80, byte(n>>8)|0x80, byte(n))
}
