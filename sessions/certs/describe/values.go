package describe

import (
	"encoding/hex"
	"math/big"
	"math/bits"
	"strconv"
	"strings"

	"wirebench/sessions/inspect"
)

// maxValue is how many bytes of one value are shown: enough for a key of
// RSA-16384 and a signature of ML-DSA.
const maxValue = 5000

// shown writes bytes as text, at most max of them.
func shown(b []byte, max int) string {
	if len(b) <= max {
		return inspect.Escape(b)
	}
	return inspect.Escape(b[:max]) + "… (" + bytesText(len(b)) + " in all)"
}

// text is shown with the limit for fields.
func text(b []byte) string { return shown(b, maxValue) }

// hexText writes bytes as "0A:FF".
func hexText(b []byte) string { return hexUpTo(b, maxValue) }

func hexUpTo(b []byte, max int) string {
	if len(b) == 0 {
		return ""
	}
	cut := b[:min(len(b), max)]
	digits := strings.ToUpper(hex.EncodeToString(cut))
	out := make([]byte, 0, len(cut)*3)
	for i := 0; i < len(digits); i += 2 {
		if i > 0 {
			out = append(out, ':')
		}
		out = append(out, digits[i], digits[i+1])
	}
	if len(cut) < len(b) {
		return string(out) + "… (" + bytesText(len(b)) + " in all)"
	}
	return string(out)
}

// printable reports whether b is a text of visible ASCII, and any.
func printable(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return len(b) > 0
}

func booleanText(b []byte) (value, problem string) {
	switch {
	case len(b) != 1:
		return hexUpTo(b, maxTreeValue), "a BOOLEAN of " + bytesText(len(b)) + " instead of one"
	case b[0] == 0:
		return "no", ""
	case b[0] == 0xff:
		return "yes", ""
	}
	return "yes", "DER writes TRUE as FF, not as " + hexText(b)
}

// maxDecimal is how many bytes of an integer are also written in decimal.
const maxDecimal = 64

// integer reads the content of an INTEGER. It is nil beyond maxDecimal bytes
// and for none.
func integer(b []byte) (n *big.Int, problem string) {
	if len(b) == 0 {
		return nil, "an INTEGER without content"
	}
	if len(b) > 1 && (b[0] == 0 && b[1] < 0x80 || b[0] == 0xff && b[1] >= 0x80) {
		problem = "the INTEGER is written in more bytes than it needs"
	}
	if len(b) > maxDecimal {
		return nil, problem
	}
	n = new(big.Int).SetBytes(b)
	if b[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return n, problem
}

// integerText writes an INTEGER in decimal, or in hex where it is large.
func integerText(b []byte) (value, problem string) {
	n, problem := integer(b)
	if n == nil {
		return hexUpTo(b, maxTreeValue), problem
	}
	return n.String(), problem
}

// small reads an INTEGER that has to lie from 0 to max.
func small(b []byte, max int64) (n int64, problem string) {
	big, problem := integer(b)
	switch {
	case big == nil:
		return 0, "no number that makes sense"
	case !big.IsInt64() || big.Int64() < 0 || big.Int64() > max:
		return 0, big.String() + " is not from 0 to " + strconv.FormatInt(max, 10)
	}
	return big.Int64(), problem
}

// bitString reads the content of a BIT STRING: its bytes and how many of the
// last bits do not count.
func bitString(b []byte) (data []byte, unused int, problem string) {
	switch {
	case len(b) == 0:
		return nil, 0, "a BIT STRING without content"
	case b[0] > 7 || b[0] > 0 && len(b) == 1:
		return b[1:], 0, "a BIT STRING that says it has " + strconv.Itoa(int(b[0])) + " unused bits"
	case b[0] > 0 && b[len(b)-1]&(1<<b[0]-1) != 0:
		return b[1:], int(b[0]), "the unused bits of the BIT STRING are not zero"
	}
	return b[1:], int(b[0]), ""
}

// bitLength is the number of bits of an unsigned number.
func bitLength(b []byte) int {
	for i, c := range b {
		if c != 0 {
			return 8*(len(b)-i-1) + bits.Len8(c)
		}
	}
	return 0
}

// oidText writes the content of an OBJECT IDENTIFIER in dotted decimal; where
// it is none, as hex behind a "#".
func oidText(b []byte) (oid, problem string) {
	const maxOID = 256
	switch {
	case len(b) == 0:
		return "#", "an OBJECT IDENTIFIER without content"
	case len(b) > maxOID:
		return "#" + hexUpTo(b, 32), "an OBJECT IDENTIFIER of " + bytesText(len(b))
	case b[len(b)-1] >= 0x80:
		return "#" + hexText(b), "the OBJECT IDENTIFIER ends inside a number"
	}
	out := make([]byte, 0, 4*len(b))
	for i := 0; i < len(b); {
		if b[i] == 0x80 {
			problem = "the OBJECT IDENTIFIER is written in more bytes than it needs"
		}
		from := i
		for b[i] >= 0x80 {
			i++
		}
		i++
		// Two arcs share the first number: 40 times the one, 0 to 2, plus the other.
		if i-from > 8 {
			n := new(big.Int)
			for _, c := range b[from:i] {
				n.Or(n.Lsh(n, 7), big.NewInt(int64(c&0x7f)))
			}
			if from == 0 {
				n.Sub(n, big.NewInt(80))
				out = append(out, "2."...)
			}
			out = n.Append(out, 10)
		} else {
			var n uint64
			for _, c := range b[from:i] {
				n = n<<7 | uint64(c&0x7f)
			}
			if from == 0 {
				top := min(n/40, 2)
				out = append(strconv.AppendUint(out, top, 10), '.')
				n -= 40 * top
			}
			out = strconv.AppendUint(out, n, 10)
		}
		if i < len(b) {
			out = append(out, '.')
		}
	}
	return string(out), problem
}

// named writes an OID with its name, where it has one.
func named(oid string) string {
	if name := OID(oid); name != "" {
		return name + " (" + oid + ")"
	}
	return oid
}
