package inspect

import "math/bits"

// HexDump writes b in the manner of hexdump -C: sixteen bytes a line with the
// offset before and the ASCII column behind. Off is the offset of b[0]; the
// lines begin there, whether or not it is a multiple of sixteen. Repeated rows
// are written out, and the closing line is the offset behind the last byte.
// Nothing is written for no bytes.
func HexDump(off uint64, b []byte) string {
	if len(b) == 0 {
		return ""
	}
	out := make([]byte, 0, (len(b)+15)/16*80+10)
	out = AppendHexDump(out, off, b)
	out = appendOffset(out, off+uint64(len(b)))
	return string(append(out, '\n'))
}

// AppendHexDump appends the lines of [HexDump], each with its line feed but
// without the closing one, and returns the extended slice. A long stream is
// dumped piece by piece, in pieces that are multiples of sixteen bytes.
func AppendHexDump(out []byte, off uint64, b []byte) []byte {
	for len(b) > 0 {
		row := b[:min(16, len(b))]
		out = appendOffset(out, off)
		out = append(out, ' ')
		for i := range 16 {
			if i%8 == 0 {
				out = append(out, ' ')
			}
			if i < len(row) {
				out = append(out, hexDigits[row[i]>>4], hexDigits[row[i]&15], ' ')
			} else {
				out = append(out, "   "...)
			}
		}
		out = append(out, " |"...)
		for _, c := range row {
			if c < ' ' || c >= 0x7f {
				c = '.'
			}
			out = append(out, c)
		}
		out = append(out, "|\n"...)
		b = b[len(row):]
		off += uint64(len(row))
	}
	return out
}

// appendOffset writes off with eight digits, or with more where it needs them.
func appendOffset(out []byte, off uint64) []byte {
	for shift := max(28, (bits.Len64(off)-1)&^3); shift >= 0; shift -= 4 {
		out = append(out, hexDigits[off>>shift&15])
	}
	return out
}
