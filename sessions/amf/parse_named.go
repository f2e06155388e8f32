package amf

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// named reads a value that begins with a word.
func (p *parser) named(version Version, depth int) (Value, error) {
	start := p.pos
	word := p.word()
	switch word {
	case "null":
		return Value{Kind: Null}, nil
	case "undefined":
		return Value{Kind: Undefined}, nil
	case "unsupported":
		return Value{Kind: Unsupported}, nil
	case "true", "false":
		return Value{Kind: Boolean, Bool: word == "true"}, nil
	case "NaN", "Infinity":
		p.pos = start
		return p.number(version)
	case "LongString", "XML", "XMLDocument":
		kind := map[string]Kind{"LongString": LongString, "XML": XML, "XMLDocument": XMLDocument}[word]
		s, err := p.inParentheses(word)
		return Value{Kind: kind, Text: s}, err
	case "ByteArray":
		at := p.pos
		s, err := p.inParentheses(word)
		if err != nil {
			return Value{}, err
		}
		raw, err := p.hexOf(s, at)
		return Value{Kind: ByteArray, Raw: raw}, err
	case "Date":
		return p.date()
	case "ECMAArray":
		return p.ecmaArray(version, depth)
	case "Object":
		name, err := p.inParentheses(word)
		if err != nil {
			return Value{}, err
		}
		return p.object(Value{Kind: Object, Class: &Class{Name: name}}, version, depth)
	case "Externalizable":
		return p.externalizable(version, depth)
	case "Vector":
		return p.vector(version, depth)
	case "Dictionary":
		return p.dictionary(version, depth)
	case "AMF3":
		if err := p.expect('(', "behind AMF3"); err != nil {
			return Value{}, err
		}
		v, err := p.value(AMF3, depth+1)
		if err != nil {
			return Value{}, err
		}
		return Value{Kind: Switched, Items: []Value{v}}, p.expect(')', "behind the value")
	}
	return Value{}, p.failAt(start, "%s is the name of no type; a text stands in double quotes", short(word, 32))
}

// inParentheses reads the text that belongs to a word.
func (p *parser) inParentheses(word string) (string, error) {
	if err := p.expect('(', "behind "+word); err != nil {
		return "", err
	}
	s, err := p.text()
	if err != nil {
		return "", err
	}
	return s, p.expect(')', "behind the text")
}

// hexOf reads the bytes that the text at a place spells.
func (p *parser) hexOf(s string, at int) ([]byte, error) {
	digits := strings.Map(func(r rune) rune {
		if r == ' ' || r == '\n' || r == '\r' || r == '\t' {
			return -1
		}
		return r
	}, s)
	b, err := hex.DecodeString(digits)
	if err != nil {
		return nil, p.failAt(at, "bytes are written as pairs of hexadecimal digits")
	}
	return b, nil
}

// flagOf reads a word in parentheses, if one comes next.
func (p *parser) flagOf(word string) (bool, error) {
	if !p.accept('(') {
		return false, nil
	}
	if _, err := p.only(word); err != nil {
		return false, err
	}
	return true, p.expect(')', "behind "+word)
}

// only reads the one word that can stand here.
func (p *parser) only(word string) (bool, error) {
	at := p.pos
	if got := p.word(); got != word {
		return false, p.failAt(at, "%s is all that can stand here", word)
	}
	return true, nil
}

func (p *parser) date() (Value, error) {
	v := Value{Kind: Date}
	if err := p.expect('(', "behind Date"); err != nil {
		return v, err
	}
	if p.peek() == '"' {
		at := p.pos
		s, err := p.text()
		if err != nil {
			return v, err
		}
		t, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			return v, p.failAt(at, "a time is written like 2013-01-31T12:00:00.000Z")
		}
		v.Number = float64(t.UnixMilli())
	} else {
		n, err := p.number(AMF0)
		if err != nil {
			return v, err
		}
		v.Number = n.Number
	}
	if p.accept(',') {
		p.space()
		at := p.pos
		n, err := p.number(AMF0)
		if err != nil {
			return v, err
		}
		if n.Number != math.Trunc(n.Number) || n.Number < math.MinInt16 || n.Number > math.MaxInt16 {
			return v, p.failAt(at, "a time zone is a whole number of minutes from -32768 to 32767")
		}
		v.Zone = int16(n.Number)
	}
	return v, p.expect(')', "behind the date")
}

func (p *parser) ecmaArray(version Version, depth int) (Value, error) {
	v := Value{Kind: ECMAArray}
	counted := p.accept('(')
	if counted {
		n, err := p.whole("the length of an ECMA array", math.MaxUint32)
		if err != nil {
			return v, err
		}
		v.Count = uint32(n)
		if err := p.expect(')', "behind the length"); err != nil {
			return v, err
		}
	}
	v, err := p.object(v, version, depth)
	if !counted {
		v.Count = uint32(len(v.Members))
	}
	return v, err
}

func (p *parser) externalizable(version Version, depth int) (Value, error) {
	v := Value{Kind: Object}
	if err := p.expect('(', "behind Externalizable"); err != nil {
		return v, err
	}
	name, err := p.text()
	if err != nil {
		return v, err
	}
	v.Class = &Class{Name: name, Externalizable: true}
	for p.accept(',') {
		if p.peek() == 'd' {
			if v.Class.Dynamic, err = p.only("dynamic"); err != nil {
				return v, err
			}
			continue
		}
		at := p.pos
		s, err := p.text()
		if err != nil {
			return v, err
		}
		if v.Raw, err = p.hexOf(s, at); err != nil {
			return v, err
		}
	}
	if err := p.expect(')', "behind the class"); err != nil {
		return v, err
	}
	if p.peek() != '[' {
		return v, nil
	}
	return p.array(v, version, depth)
}

func (p *parser) vector(version Version, depth int) (Value, error) {
	v := Value{}
	for _, c := range []byte(".<") {
		if err := p.expect(c, "behind Vector"); err != nil {
			return v, err
		}
	}
	if p.peek() == '"' {
		s, err := p.text()
		if err != nil {
			return v, err
		}
		v.Kind, v.Text = VectorObject, s
	} else {
		at := p.pos
		word := p.word()
		kind, ok := map[string]Kind{"int": VectorInt, "uint": VectorUint, "Number": VectorNumber}[word]
		if !ok {
			return v, p.failAt(at, "a vector is of int, uint, Number, or of a class whose name stands in double quotes")
		}
		v.Kind = kind
	}
	err := p.expect('>', "behind the type of a vector")
	if err != nil {
		return v, err
	}
	if v.Fixed, err = p.flagOf("fixed"); err != nil {
		return v, err
	}
	if v.Kind == VectorObject {
		v, err = p.array(v, version, depth)
		if err == nil && len(v.Members) > 0 {
			return v, p.fail("a vector has no named members")
		}
		return v, err
	}
	if err := p.expect('[', "before the numbers"); err != nil {
		return v, err
	}
	return v, p.list(']', func() error {
		var err error
		v.Raw, err = p.element(v.Raw, v.Kind)
		return err
	})
}

// element reads a number of a vector and appends it to raw.
func (p *parser) element(raw []byte, kind Kind) ([]byte, error) {
	p.space()
	at := p.pos
	n, err := p.number(AMF0)
	if err != nil {
		return raw, err
	}
	f := n.Number
	low, high := 0.0, float64(math.MaxUint32)
	switch kind {
	case VectorNumber:
		return binary.BigEndian.AppendUint64(raw, math.Float64bits(f)), nil
	case VectorInt:
		low, high = math.MinInt32, math.MaxInt32
	}
	if !(f >= low && f <= high) || f != math.Trunc(f) {
		return raw, p.failAt(at, "a %v holds whole numbers from %.0f to %.0f", kind, low, high)
	}
	return binary.BigEndian.AppendUint32(raw, uint32(int64(f))), nil
}

func (p *parser) dictionary(version Version, depth int) (Value, error) {
	v := Value{Kind: Dictionary}
	var err error
	if v.Weak, err = p.flagOf("weak"); err != nil {
		return v, err
	}
	if err := p.expect('{', "before the entries"); err != nil {
		return v, err
	}
	return v, p.list('}', func() error {
		key, err := p.value(version, depth+1)
		if err != nil {
			return err
		}
		if err := p.expect(':', "behind the key"); err != nil {
			return err
		}
		value, err := p.value(version, depth+1)
		v.Items = append(v.Items, key, value)
		return err
	})
}

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
