package describe

import (
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"wirebench/sessions/inspect"
)

// stringText reads a string type of ASN.1 as UTF-8, without making it safe to
// show; ok is false when e is none. No more of it is read than a field shows.
func stringText(e element) (s string, ok bool, problem string) {
	if e.class != universal {
		return "", false, ""
	}
	b := e.body
	if len(b) > 4*maxValue+4 {
		b = b[:4*maxValue+4] // divisible by four, and cut again when shown
	}
	switch e.tag {
	case tagUTF8String:
		if len(b) == len(e.body) && !utf8.Valid(b) {
			problem = "not UTF-8, though it says so"
		}
		s = string(b)
	case tagPrintableString:
		if i := strings.IndexFunc(string(b), func(r rune) bool { return !inPrintableString(r) }); i >= 0 {
			problem = "a PrintableString with the character " + inspect.Escape(b[i:i+1])
		}
		s = string(b)
	case tagNumericString:
		if strings.Trim(string(b), "0123456789 ") != "" {
			problem = "a NumericString with other characters than digits"
		}
		s = string(b)
	case tagIA5String, tagVisibleString:
		if !ascii(b) {
			problem = article(e.name()) + " with bytes beyond ASCII"
		}
		s = string(b)
	case tagT61String, tagGeneralString, tagGraphicString, tagVideotexString:
		// Nobody implements T.61; those who use it mean Latin-1 (RFC 5280 appendix B).
		s = latin1(b)
	case tagBMPString:
		if len(b)%2 != 0 {
			problem = "a BMPString of an odd number of bytes"
		}
		units := make([]uint16, 0, len(b)/2)
		for ; len(b) > 1; b = b[2:] {
			units = append(units, uint16(b[0])<<8|uint16(b[1]))
		}
		s = string(utf16.Decode(units))
	case tagUniversalString:
		if len(b)%4 != 0 {
			problem = "a UniversalString whose bytes do not come in fours"
		}
		var out []rune
		for ; len(b) > 3; b = b[4:] {
			r := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
			if r > unicode.MaxRune {
				r = utf8.RuneError
			}
			out = append(out, rune(r))
		}
		s = string(out)
	default:
		return "", false, ""
	}
	if e.constructed {
		return "", false, "a string in pieces, which DER forbids"
	}
	if problem == "" {
		problem = suspicious(s)
	}
	return s, true, problem
}

// suspicious tells of characters that no honest name has: they cut a text short
// for programs in C, or make it look like another.
func suspicious(s string) string {
	for i, r := range s {
		switch {
		case r == 0:
			return "it holds a zero byte"
		case r < ' ' || r == 0x7f:
			return "it holds a control character"
		case r >= utf8.RuneSelf && r != utf8.RuneError && !unicode.In(r, unicode.Zs) && !inspect.Visible(r):
			return "it holds the invisible character " + inspect.Escape([]byte(s[i:i+utf8.RuneLen(r)]))
		}
	}
	return ""
}

func inPrintableString(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r < utf8.RuneSelf && strings.ContainsRune(" '()+,-./:=?", r)
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func latin1(b []byte) string {
	if ascii(b) {
		return string(b)
	}
	out := make([]rune, len(b))
	for i, c := range b {
		out[i] = rune(c)
	}
	return string(out)
}

// escapeDN writes a value of a distinguished name by RFC 4514 section 2.4. It
// allows any character to be written as the hex of its bytes, so that is done
// to all that is not safe to show.
func escapeDN(s string) string {
	plain := true
	for i := 0; i < len(s) && plain; i++ {
		c := s[i]
		plain = c >= ' ' && c < 0x7f && !strings.ContainsRune(`"+,;<>\ #=`, rune(c))
	}
	if plain {
		return s
	}
	var out strings.Builder
	marks := 0 // combining marks that the last character may still carry
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		mark := r >= 0x300 && unicode.In(r, unicode.Mn, unicode.Me)
		switch {
		case r == utf8.RuneError && size == 1 || !inspect.Visible(r) || mark && marks == 0:
			for _, c := range []byte(s[i : i+size]) {
				out.WriteString(`\` + upperHex[c])
			}
			marks = 0
		case strings.ContainsRune(`"+,;<>\`, r), r == '#' && i == 0, r == ' ' && (i == 0 || i == len(s)-1):
			out.WriteByte('\\')
			out.WriteRune(r)
			marks = maxMarks
		case mark:
			out.WriteRune(r)
			marks--
		default:
			out.WriteRune(r)
			marks = maxMarks
		}
		i += size
	}
	return out.String()
}

// maxMarks is how many combining marks one character keeps, as in
// [inspect.Escape].
const maxMarks = 4

// upperHex holds the two hex digits of each byte.
var upperHex = func() (digits [256]string) {
	const d = "0123456789ABCDEF"
	for i := range digits {
		digits[i] = d[i>>4:i>>4+1] + d[i&15:i&15+1]
	}
	return digits
}()
