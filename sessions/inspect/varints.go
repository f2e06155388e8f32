package inspect

import "strconv"

const beyond64 = "more than 64 bits"

// readULEB128 reads an integer in groups of seven bits, the lowest first, each
// but the last with its top bit set (DWARF 5 section 7.6; also protobuf's varint):
// at most ten bytes, which hold 64 bits. Size is zero where there is none, and v
// says why.
func readULEB128(b []byte) (n uint64, size int, v Value) {
	for i := range 10 {
		if i == len(b) {
			return 0, 0, Value{Missing: 1} // at least
		}
		if i == 9 && b[i] > 1 {
			break
		}
		n |= uint64(b[i]&0x7f) << (7 * i)
		if b[i] < 0x80 {
			return n, i + 1, Value{}
		}
	}
	return 0, 0, Value{Problem: beyond64}
}

func uleb128(b []byte, _ Order) Value {
	n, size, v := readULEB128(b)
	if size > 0 {
		v = Value{Text: strconv.FormatUint(n, 10), Size: size}
	}
	return v
}

// protobufInt reads protobuf's int32 and int64, whose negative values are ten
// bytes long.
func protobufInt(b []byte, _ Order) Value {
	n, size, v := readULEB128(b)
	if size > 0 {
		v = Value{Text: strconv.FormatInt(int64(n), 10), Size: size}
	}
	return v
}

// zigzag reads protobuf's sint32 and sint64, which count 0, -1, 1, -2, 2.
func zigzag(b []byte, _ Order) Value {
	n, size, v := readULEB128(b)
	if size > 0 {
		v = Value{Text: strconv.FormatInt(int64(n>>1)^-int64(n&1), 10), Size: size}
	}
	return v
}

// sleb128 reads the signed form of DWARF 5 section 7.6, whose last group's top
// bit is the sign.
func sleb128(b []byte, _ Order) Value {
	var n uint64
	for i := range 10 {
		if i == len(b) {
			return Value{Missing: 1}
		}
		// Of the tenth group one bit is left; the others repeat it.
		if i == 9 && b[i] != 0 && b[i] != 0x7f {
			break
		}
		n |= uint64(b[i]&0x7f) << (7 * i)
		if b[i] < 0x80 {
			if b[i]&0x40 != 0 && i < 9 {
				n |= ^uint64(0) << (7 * (i + 1))
			}
			return Value{Text: strconv.FormatInt(int64(n), 10), Size: i + 1}
		}
	}
	return Value{Problem: beyond64}
}

// minecraftVarInt reads 32 bits in two's complement in at most five bytes. As in
// the protocol's own reader, what is too much in the fifth is dropped.
func minecraftVarInt(b []byte, _ Order) Value {
	n, size, v := minecraft(b, 5)
	if size > 0 {
		v = Value{Text: strconv.FormatInt(int64(int32(n)), 10), Size: size}
	}
	return v
}

// minecraftVarLong is the same for 64 bits and ten bytes.
func minecraftVarLong(b []byte, _ Order) Value {
	n, size, v := minecraft(b, 10)
	if size > 0 {
		v = Value{Text: strconv.FormatInt(int64(n), 10), Size: size}
	}
	return v
}

func minecraft(b []byte, most int) (n uint64, size int, v Value) {
	for i := range most {
		if i == len(b) {
			return 0, 0, Value{Missing: 1}
		}
		n |= uint64(b[i]&0x7f) << (7 * i)
		if b[i] < 0x80 {
			return n, i + 1, Value{}
		}
	}
	return 0, 0, Value{Problem: "longer than " + strconv.Itoa(most) + " bytes"}
}

// readU29 reads the variable length integer of AMF 3 (its specification, section
// 1.3.1): groups of seven bits, the highest first, and eight bits in the fourth.
func readU29(b []byte) (n uint32, size int) {
	for i := range min(4, len(b)) {
		if i == 3 {
			return n<<8 | uint32(b[i]), 4
		}
		n = n<<7 | uint32(b[i]&0x7f)
		if b[i] < 0x80 {
			return n, i + 1
		}
	}
	return 0, 0
}

func amfU29(b []byte, _ Order) Value {
	n, size := readU29(b)
	if size == 0 {
		return Value{Missing: 1}
	}
	return Value{Text: strconv.FormatUint(uint64(n), 10), Size: size}
}

// amfI29 takes the 29 bits for two's complement, as the integer type does.
func amfI29(b []byte, _ Order) Value {
	n, size := readU29(b)
	if size == 0 {
		return Value{Missing: 1}
	}
	return Value{Text: strconv.FormatInt(int64(int32(n<<3)>>3), 10), Size: size}
}
