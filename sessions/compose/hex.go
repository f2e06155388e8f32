package compose

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Hex reads bytes written in hexadecimal, in any of these shapes:
//
//   - pairs of digits, spaced or not, in any number of lines; also with a colon
//     between the pairs, as fingerprints and hardware addresses have it
//   - 0x01, 0x02 and the commas, semicolons and braces of a C array, with or
//     without its declaration (unsigned char x[] = { 0x01 };) and the length
//     that xxd -i writes behind it
//   - \x41\x42, also between double quotes
//   - a dump by hexdump -C, xxd, tcpdump -X, od -tx1z or Wireshark, whose offsets
//     and text column are left out; see [dump] for when a text is taken for one
//
// Comments (/* */, // and # to the end of the line) count as white space.
//
// Everything else is an [*Error]: a digit without its partner, any other
// character, and whatever could mean two things.
func Hex(s string) ([]byte, error) {
	b, found, dumpErr := dump(s)
	if found {
		if dumpErr != nil {
			return nil, dumpErr
		}
		return b, nil
	}
	p := hexParser{s: s, out: make([]byte, 0, len(s)/2)}
	if err := p.run(); err != nil {
		if dumpErr != nil {
			return nil, dumpErr
		}
		return nil, err
	}
	return p.out, nil
}

var (
	// declaration is the head of a C array of bytes, up to its brace. Arrays of
	// wider elements are not among them: their byte order would be a guess.
	declaration = regexp.MustCompile(`^(?:(?:static|const|unsigned|signed|char|uint8_t|u_char|uchar|u8|byte|BYTE|UCHAR)\s+)+\w+\s*\[\s*\w*\s*\]\s*=\s*`)
	// lengthOf is what xxd -i writes behind the array.
	lengthOf = regexp.MustCompile(`^(?:(?:static|const|unsigned|int|size_t)\s+)+\w+\s*=\s*\d+\s*;`)
)

// hexParser reads everything that is no dump.
type hexParser struct {
	s   string
	pos int
	out []byte
	// declared is set inside the braces of a declared C array, where a number
	// without 0x would be decimal.
	declared bool
	depth    int
}

func (p *hexParser) run() error {
	word := false // inside a run of digits and the like, where no new word can begin
	for p.pos < len(p.s) {
		rest := p.s[p.pos:]
		c := rest[0]
		if n, err := p.comment(); err != nil {
			return err
		} else if n > 0 {
			p.pos, word = p.pos+n, false
			continue
		}
		if !word && p.depth == 0 && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') {
			if n := len(lengthOf.FindString(rest)); n > 0 {
				p.pos += n
				continue
			}
			if n := len(declaration.FindString(rest)); n > 0 {
				if p.pos+n == len(p.s) || p.s[p.pos+n] != '{' && p.s[p.pos+n] != '"' {
					return fail(p.s, p.pos+n, "after the declaration of the array comes { with the bytes")
				}
				p.declared = p.s[p.pos+n] == '{'
				p.pos += n
				continue
			}
		}
		var err error
		switch {
		case c == '{':
			p.depth++
			p.pos++
		case c == '}':
			if p.depth == 0 {
				return fail(p.s, p.pos, "this } has no { before it")
			}
			p.depth--
			p.declared = p.declared && p.depth > 0
			p.pos++
		case c == ',' || c == ';':
			p.pos++
		case c == '"':
			err = p.quoted()
		case c == '\\':
			err = p.escaped()
		case strings.HasPrefix(rest, "0x") || strings.HasPrefix(rest, "0X"):
			p.pos += 2
			err = p.digits(true)
		case digit(c) >= 0:
			err = p.digits(false)
		default:
			r, size := utf8.DecodeRuneInString(rest)
			if !unicode.IsSpace(r) {
				return fail(p.s, p.pos, "%s is no hexadecimal digit: write each byte as two of 0-9 and a-f", show(rest))
			}
			p.pos += size
		}
		if err != nil {
			return err
		}
		word = digit(c) >= 0
	}
	if p.depth > 0 {
		return fail(p.s, len(p.s), "the array ends without its }")
	}
	return nil
}

// comment gives the length of the comment at the current place, 0 if there is none.
func (p *hexParser) comment() (int, error) {
	rest := p.s[p.pos:]
	if strings.HasPrefix(rest, "/*") {
		end := strings.Index(rest[2:], "*/")
		if end < 0 {
			return 0, fail(p.s, p.pos, "the comment /* is not closed: write */ behind it")
		}
		return end + 4, nil
	}
	if rest[0] == '#' || strings.HasPrefix(rest, "//") {
		if end := strings.IndexByte(rest, '\n'); end >= 0 {
			return end, nil
		}
		return len(rest), nil
	}
	return 0, nil
}

// digits reads one run of digits, in pairs. Colons may stand between pairs.
func (p *hexParser) digits(prefixed bool) error {
	if p.declared && !prefixed {
		return fail(p.s, p.pos, "in a C array a number without 0x is decimal: write 0x before each byte")
	}
	start := p.pos
	for p.pos < len(p.s) && digit(p.s[p.pos]) >= 0 {
		v, ok := hexValue(p.s[p.pos:], 2)
		if !ok {
			if prefixed {
				return fail(p.s, p.pos, "the digit %c has no partner: write two digits for each byte, as in 0x0%c", p.s[p.pos], p.s[p.pos])
			}
			return fail(p.s, p.pos, "the digit %c has no partner: write two digits for each byte, as in 0%c", p.s[p.pos], p.s[p.pos])
		}
		if p.declared && p.pos > start {
			return fail(p.s, start, "each element of this C array is one byte: write two digits behind 0x")
		}
		p.out = append(p.out, byte(v))
		p.pos += 2
		if !prefixed && p.pos+1 < len(p.s) && p.s[p.pos] == ':' && digit(p.s[p.pos+1]) >= 0 {
			p.pos++
		}
	}
	if p.pos == start {
		return fail(p.s, p.pos, "after 0x come two hexadecimal digits for each byte, not %s", show(p.s[p.pos:]))
	}
	return nil
}

// escaped reads one \xHH.
func (p *hexParser) escaped() error {
	rest := p.s[p.pos:]
	if len(rest) < 2 || rest[1] != 'x' {
		return fail(p.s, p.pos, `in hexadecimal a \ begins \xHH only`)
	}
	v, ok := hexValue(rest[2:], 2)
	if !ok {
		return fail(p.s, p.pos, `\x needs two hexadecimal digits, as in \x0a`)
	}
	if len(rest) > 4 && digit(rest[4]) >= 0 {
		// C reads on, Python and Go stop: three languages, two meanings.
		return fail(p.s, p.pos+4, `a digit right behind %s could belong to it or not: put a space or \x before it`, rest[:4])
	}
	p.out = append(p.out, byte(v))
	p.pos += 4
	return nil
}

// quoted reads a string of \xHH between double quotes. Other characters would
// be text there, not hexadecimal, and are refused.
func (p *hexParser) quoted() error {
	start := p.pos
	p.pos++
	for p.pos < len(p.s) {
		switch p.s[p.pos] {
		case '"':
			p.pos++
			return nil
		case '\\':
			if err := p.escaped(); err != nil {
				return err
			}
		default:
			return fail(p.s, p.pos, `%s between quotes is text: write \xHH here, or send it as text`, show(p.s[p.pos:]))
		}
	}
	return fail(p.s, start, "the quote is not closed")
}

// FormatHex writes b as spaced pairs of small digits, sixteen in a line, so that
// [Hex] gives b again. It is no dump: there are no offsets and no text column.
func FormatHex(b []byte) string {
	const hexDigits = "0123456789abcdef"
	out := make([]byte, 0, len(b)*3)
	for i, c := range b {
		switch {
		case i == 0:
		case i%16 == 0:
			out = append(out, '\n')
		default:
			out = append(out, ' ')
		}
		out = append(out, hexDigits[c>>4], hexDigits[c&15])
	}
	return string(out)
}
