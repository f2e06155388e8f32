package amf

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// whole reads digits that make a number of at most max.
func (p *parser) whole(what string, max uint64) (uint64, error) {
	p.space()
	start := p.pos
	for p.pos < len(p.s) && p.s[p.pos] >= '0' && p.s[p.pos] <= '9' {
		p.pos++
	}
	n, err := strconv.ParseUint(p.s[start:p.pos], 10, 64)
	if err != nil || n > max {
		return 0, p.failAt(start, "%s is a whole number of at most %d", what, max)
	}
	return n, nil
}

// number reads a number. In AMF0 it is a Number in any case.
func (p *parser) number(version Version) (Value, error) {
	p.space()
	start := p.pos
	for p.pos < len(p.s) && (wordByte(p.s[p.pos], true) || strings.IndexByte("+-.", p.s[p.pos]) >= 0) {
		p.pos++
	}
	s := p.s[start:p.pos]
	switch s {
	case "NaN":
		bits := uint64(usualNaN)
		if p.accept('(') {
			at := p.pos
			var err error
			digits := strings.TrimPrefix(p.word0(), "0x")
			bits, err = strconv.ParseUint(digits, 16, 64)
			if f := math.Float64frombits(bits); err != nil || f == f {
				return Value{}, p.failAt(at, "the bits of a NaN are written like 0x7ff8000000000001")
			}
			if err := p.expect(')', "behind the bits"); err != nil {
				return Value{}, err
			}
		}
		return Value{Kind: Number, Number: math.Float64frombits(bits)}, nil
	case "Infinity", "-Infinity":
		return Value{Kind: Number, Number: math.Inf(1 - 2*strings.Count(s, "-"))}, nil
	}
	if n, err := strconv.ParseInt(s, 10, 32); err == nil && version == AMF3 && n >= MinInteger && n <= MaxInteger && s != "-0" {
		return Value{Kind: Integer, Int: int32(n)}, nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || strings.ContainsAny(s, "xX_nNpP") {
		return Value{}, p.failAt(start, "%s is no number", short(s, 32))
	}
	return Value{Kind: Number, Number: f}, nil
}

// word0 reads letters and digits, of which the first may be a digit.
func (p *parser) word0() string {
	p.space()
	start := p.pos
	for p.pos < len(p.s) && wordByte(p.s[p.pos], true) {
		p.pos++
	}
	return p.s[start:p.pos]
}

// text reads a text in double quotes.
func (p *parser) text() (string, error) {
	if err := p.expect('"', "before a text"); err != nil {
		return "", err
	}
	start := p.pos - 1
	var out []byte
	for {
		n := strings.IndexAny(p.s[p.pos:], `"\`)
		if n < 0 {
			return "", p.failAt(start, `the text that begins here has no " at its end`)
		}
		out = append(out, p.s[p.pos:p.pos+n]...)
		p.pos += n
		if p.s[p.pos] == '"' {
			p.pos++
			return string(out), nil
		}
		var err error
		if out, err = p.escape(out); err != nil {
			return "", err
		}
	}
}

// escapes gives the characters that a letter behind a backslash stands for.
var escapes = map[byte]byte{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', '0': 0,
}

// escape reads what a backslash begins.
func (p *parser) escape(out []byte) ([]byte, error) {
	start := p.pos
	rest := p.s[p.pos+1:]
	if rest == "" {
		return nil, p.fail("a backslash is the last character")
	}
	if c, ok := escapes[rest[0]]; ok {
		p.pos += 2
		return append(out, c), nil
	}
	switch rest[0] {
	case 'x':
		if n, ok := hexDigits(rest[1:], 2); ok {
			p.pos += 4
			return append(out, byte(n)), nil
		}
		return nil, p.failAt(start, `\x takes two hexadecimal digits`)
	case 'u':
		n, ok := hexDigits(rest[1:], 4)
		if !ok {
			return nil, p.failAt(start, `\u takes four hexadecimal digits`)
		}
		p.pos += 6
		r := rune(n)
		if !utf16.IsSurrogate(r) {
			return utf8.AppendRune(out, r), nil
		}
		if strings.HasPrefix(p.s[p.pos:], `\u`) {
			if low, ok := hexDigits(p.s[p.pos+2:], 4); ok {
				if r = utf16.DecodeRune(r, rune(low)); r != utf8.RuneError {
					p.pos += 6
					return utf8.AppendRune(out, r), nil
				}
			}
		}
		return nil, p.failAt(start, "half of a surrogate pair is no character")
	}
	return nil, p.failAt(start, `no escape begins like this; a backslash itself is \\`)
}

func hexDigits(s string, n int) (uint64, bool) {
	if len(s) < n {
		return 0, false
	}
	for i := range n {
		if !strings.ContainsRune("0123456789abcdefABCDEF", rune(s[i])) {
			return 0, false
		}
	}
	v, err := strconv.ParseUint(s[:n], 16, 32)
	return v, err == nil
}
