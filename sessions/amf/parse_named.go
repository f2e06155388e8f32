package amf

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"strings"
	"time"
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
		if version == AMF3 {
			return Value{}, p.failAt(start, "AMF3(…) stands among values of AMF0; here it is AMF3 in any case")
		}
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
