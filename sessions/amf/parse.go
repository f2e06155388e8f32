package amf

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// SyntaxError is what [ParseText] reports: the first place that cannot be read.
type SyntaxError struct {
	Pos     int    // offset into the text, in bytes
	Line    int    // from 1
	Column  int    // from 1, in runes
	Problem string // what is wrong there and what to write instead
}

// Error gives the place and the problem in one sentence.
func (e *SyntaxError) Error() string {
	if e.Line <= 1 {
		return fmt.Sprintf("column %d: %s", e.Column, e.Problem)
	}
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Problem)
}

// ParseText reads a value of the version given in a notation that is JSON with
// the other types of ActionScript by name:
//
//	null  undefined  true  false  unsupported
//	12  -1.5e3  NaN  Infinity  -Infinity  NaN(0x7ff8000000000001)
//	"text"  LongString("text")  XML("text")  XMLDocument("text")
//	Date("2013-01-31T12:00:00.000Z")  Date(1359633600000)  Date(0, 60)
//	[1, 2]  ["name": 1, 2]                an array; named members come first
//	ECMAArray(2){"0": 1, "1": 2}          the length it announces may be left out
//	{"name": 1, other: 2}                 a plain object
//	Object("class"){"sealed": 1}          an object of a class
//	Object("class"){"sealed": 1; "x": 2}  of a dynamic one, in AMF3: a ; stands behind the sealed members
//	Externalizable("flex.messaging.io.ArrayCollection")[[1, 2]]
//	Externalizable("class", "0a0b")       the bytes that the class writes, or Flex's flags; dynamic may follow
//	ByteArray("00 ff")
//	Vector.<int>[1, 2]  Vector.<uint>(fixed)[]  Vector.<Number>[0.5]  Vector.<"class">[null]
//	Dictionary{"key": 1, {}: 2}  Dictionary(weak){}
//	@0                                    a reference to the first array, object or such
//	AMF3([1])                             in AMF0, a value of AMF3
//
// White space means nothing, and // begins a comment that ends with the line. A
// comma may stand behind the last part. A text has the escapes of JSON, and \0
// and \xHH for a byte; it may hold line ends. A number is a Number, but in AMF3
// an int if it is written as one and fits. A text of more than 65,535 bytes is a
// LongString in AMF0.
//
// What cannot be read is a [*SyntaxError]. That the version has such a value, and
// that a reference means one, is for [Encode] to say.
func ParseText(s string, version Version) (Value, error) {
	p := parser{s: s}
	v, err := p.value(version, 0)
	if err != nil {
		return Value{}, err
	}
	if p.space(); p.pos < len(s) {
		return Value{}, p.fail("the value ends before this %s", p.here())
	}
	return v, nil
}

type parser struct {
	s   string
	pos int
}

func (p *parser) fail(format string, args ...any) error { return p.failAt(p.pos, format, args...) }

func (p *parser) failAt(pos int, format string, args ...any) error {
	before := p.s[:pos]
	lineStart := strings.LastIndexByte(before, '\n') + 1
	return &SyntaxError{
		Pos:     pos,
		Line:    1 + strings.Count(before, "\n"),
		Column:  1 + utf8.RuneCountInString(before[lineStart:]),
		Problem: fmt.Sprintf(format, args...),
	}
}

// here names what stands at the place that is read.
func (p *parser) here() string {
	if p.pos >= len(p.s) {
		return "end of the text"
	}
	_, size := utf8.DecodeRuneInString(p.s[p.pos:])
	return quote(p.s[p.pos : p.pos+size])
}

// space skips white space and comments.
func (p *parser) space() {
	for p.pos < len(p.s) {
		switch c := p.s[p.pos]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			p.pos++
		case strings.HasPrefix(p.s[p.pos:], "//"):
			if n := strings.IndexByte(p.s[p.pos:], '\n'); n >= 0 {
				p.pos += n
			} else {
				p.pos = len(p.s)
			}
		default:
			return
		}
	}
}

// peek gives the next byte that means something, or zero at the end.
func (p *parser) peek() byte {
	if p.space(); p.pos < len(p.s) {
		return p.s[p.pos]
	}
	return 0
}

// accept takes c if it comes next.
func (p *parser) accept(c byte) bool {
	if p.peek() == c && p.pos < len(p.s) {
		p.pos++
		return true
	}
	return false
}

func (p *parser) expect(c byte, where string) error {
	if !p.accept(c) {
		return p.fail("%c is missing %s, before this %s", c, where, p.here())
	}
	return nil
}

// list reads parts up to the closing bracket; a separator stands between them.
func (p *parser) list(end byte, part func() error) error {
	for {
		if p.accept(end) {
			return nil
		}
		if err := part(); err != nil {
			return err
		}
		if p.accept(',') {
			continue
		}
		if p.peek() != end {
			return p.fail("a comma or %c is missing before this %s", end, p.here())
		}
	}
}

// word reads letters and digits.
func (p *parser) word() string {
	p.space()
	start := p.pos
	for p.pos < len(p.s) && wordByte(p.s[p.pos], p.pos > start) {
		p.pos++
	}
	return p.s[start:p.pos]
}

func wordByte(c byte, digits bool) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '$' || digits && c >= '0' && c <= '9'
}

// value reads one value, which lies in depth others.
func (p *parser) value(version Version, depth int) (Value, error) {
	if depth >= MaxDepth {
		return Value{}, p.fail("values lie in each other more than %d deep", MaxDepth)
	}
	switch c := p.peek(); {
	case c == 0 && p.pos >= len(p.s):
		return Value{}, p.fail("a value is missing at the end")
	case c == '"':
		s, err := p.text()
		if version == AMF0 && len(s) > 0xffff {
			return Value{Kind: LongString, Text: s}, err
		}
		return Value{Kind: String, Text: s}, err
	case c == '{':
		return p.object(Value{Kind: Object}, version, depth)
	case c == '[':
		return p.array(Value{Kind: Array}, version, depth)
	case c == '@':
		p.pos++
		n, err := p.whole("the place of a reference", 1<<28)
		return Value{Kind: Reference, Ref: int(n)}, err
	case c == '-' || c == '.' || c >= '0' && c <= '9':
		return p.number(version)
	case wordByte(c, false):
		return p.named(version, depth)
	}
	return Value{}, p.fail("this %s begins no value", p.here())
}

// member reads a name and a value.
func (p *parser) member(v *Value, version Version, depth int) error {
	name, err := p.name()
	if err != nil {
		return err
	}
	if err := p.expect(':', "behind the name of a member"); err != nil {
		return err
	}
	value, err := p.value(version, depth+1)
	v.Members = append(v.Members, Member{Name: name, Value: value})
	return err
}

func (p *parser) name() (string, error) {
	if p.peek() == '"' {
		return p.text()
	}
	if w := p.word(); w != "" {
		return w, nil
	}
	return "", p.fail("the name of a member is missing before this %s", p.here())
}

// object reads members in braces into v, whose class has a name or is nil.
func (p *parser) object(v Value, version Version, depth int) (Value, error) {
	if err := p.expect('{', "before the members"); err != nil {
		return v, err
	}
	err := p.list('}', func() error {
		if p.begins(&v, version) {
			p.seal(&v, true)
			if p.peek() == '}' {
				return nil
			}
		}
		err := p.member(&v, version, depth)
		if err == nil && p.begins(&v, version) {
			p.seal(&v, true)
			return p.rest(&v, version, depth)
		}
		return err
	})
	if err == nil && version == AMF3 && v.Class != nil && !v.Class.Dynamic {
		p.seal(&v, false)
	}
	return v, err
}

// begins takes the semicolon before the dynamic members of v.
func (p *parser) begins(v *Value, version Version) bool {
	return version == AMF3 && v.Class != nil && !v.Class.Dynamic && p.accept(';')
}

// rest reads the first of the members behind a semicolon, if there is one.
func (p *parser) rest(v *Value, version Version, depth int) error {
	if p.peek() == '}' {
		return nil
	}
	return p.member(v, version, depth)
}

// seal makes the members so far those of the class.
func (p *parser) seal(v *Value, dynamic bool) {
	v.Class.Dynamic = dynamic
	for i := range v.Members {
		v.Class.Sealed = append(v.Class.Sealed, v.Members[i].Name)
	}
}

// array reads items in brackets into v, and before them members.
func (p *parser) array(v Value, version Version, depth int) (Value, error) {
	if err := p.expect('[', "before the items"); err != nil {
		return v, err
	}
	err := p.list(']', func() error {
		start := p.pos
		item, err := p.value(version, depth+1)
		if err != nil {
			return err
		}
		if !p.accept(':') {
			v.Items = append(v.Items, item)
			return nil
		}
		if item.Kind != String && item.Kind != LongString {
			return p.failAt(start, "the name of a member has to be a text")
		}
		if len(v.Items) > 0 {
			return p.failAt(start, "the named members of an array come before the others")
		}
		value, err := p.value(version, depth+1)
		v.Members = append(v.Members, Member{Name: item.Text, Value: value})
		return err
	})
	return v, err
}
