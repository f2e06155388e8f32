package fields

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"wirebench/sessions/compose"
)

// Place is where a field stands in the text: from byte Start up to End. Its
// name and, of a group, its braces are included; Value is where the value
// begins, or the brace.
type Place struct {
	Start, Value, End int

	text bool // quotes stand around it as around a text; see quote
}

// Parse reads the notation. It looks at the shape of values and not at their
// ranges, so that what does not fit can still be edited; see [Builder.Build].
// The error is a [*compose.Error] at the first place that cannot be read.
func Parse(text string) (List, error) {
	l, _, err := ParseAt(text)
	return l, err
}

// ParseAt is [Parse], with the places of the fields as [List.Walk] counts them.
func ParseAt(text string) (List, []Place, error) {
	p := parser{text: text}
	l, err := p.list(0, -1)
	if err != nil {
		return nil, nil, located(text, err.at, err.what)
	}
	return l, p.places, nil
}

// problem is an error at a place of the text that is parsed.
type problem struct {
	at   int
	what string
}

// located makes the error for byte at of text.
func located(text string, at int, what string) *compose.Error {
	before := text[:at]
	line := strings.LastIndexByte(before, '\n') + 1
	return &compose.Error{
		Pos: at, Line: 1 + strings.Count(before, "\n"), Column: 1 + utf8.RuneCountInString(before[line:]), Problem: what,
	}
}

type parser struct {
	text   string
	at     int
	places []Place
}

func (p *parser) rest() string { return p.text[p.at:] }

func (p *parser) fail(format string, args ...any) *problem {
	return &problem{p.at, fmt.Sprintf(format, args...)}
}

// take goes past c when it is next.
func (p *parser) take(c byte) bool {
	if p.at < len(p.text) && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

// space goes past blanks, and with lines past line ends too.
func (p *parser) space(lines bool) {
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == ' ' || c == '\t' || c == '\r' || lines && c == '\n':
			p.at++
		default:
			return
		}
	}
}

// list reads fields up to the end, or up to the } of the group that was opened
// at byte open (-1 outside groups). Between two fields stands a comma or the
// end of a line, or both.
func (p *parser) list(depth, open int) (List, *problem) {
	var l List
	for {
		p.space(true)
		switch {
		case p.at == len(p.text) && open >= 0:
			p.at = open
			return nil, p.fail("this group is not closed: write } behind its last field")
		case p.at == len(p.text):
			return l, nil
		case p.text[p.at] == '}':
			if open < 0 {
				return nil, p.fail("this } has no { before it")
			}
			p.at++
			return l, nil
		case p.text[p.at] == ',':
			return nil, p.fail("expected a field before this comma")
		case len(p.places) == MaxFields:
			return nil, p.fail("a message can have %d fields at most: send it from a file, or write bytes with hex", MaxFields)
		}
		n := len(p.places)
		p.places = append(p.places, Place{Start: p.at})
		f, err := p.field(n, depth)
		if err != nil {
			return nil, err
		}
		p.places[n].End = p.at
		l = append(l, f)
		if err := p.separator(open >= 0); err != nil {
			return nil, err
		}
	}
}

// separator goes past what stands between two fields.
func (p *parser) separator(group bool) *problem {
	p.space(false)
	switch {
	case p.at == len(p.text) || p.take(',') || group && p.text[p.at] == '}':
		return nil
	case p.text[p.at] == '\n':
		p.space(true)
		p.take(',') // it may begin the next line
		return nil
	case p.text[p.at] == '#' || strings.HasPrefix(p.rest(), "//"):
		return p.fail("there are no comments here: give a field a name, as in version: u8 1")
	}
	return p.fail("expected a comma or the end of the line behind the field, and there is %s", show(p.rest()))
}

// field reads one field; n is its place.
func (p *parser) field(n, depth int) (f Field, err *problem) {
	start := p.at
	word := p.name()
	end := p.at
	p.space(false)
	if word != "" && p.take(':') {
		if why := validName(word); why != "" {
			p.at = start
			return f, p.fail("%s", why)
		}
		f.Name = word
		p.space(true)
		start = p.at
		word = p.name()
		end = p.at
		p.space(false)
	}
	if word == "" && p.at == start && p.take('{') {
		if depth == MaxNesting {
			p.at = start
			return f, p.fail("groups can be %d deep at most", MaxNesting)
		}
		p.places[n].Value = start
		f.Kind = GroupKind
		f.Fields, err = p.list(depth+1, start)
		return f, err
	}
	p.at = start
	if word == "" {
		return f, p.fail("expected a kind such as u16, text or hex, or a { for a group; and there is %s", show(p.rest()))
	}
	kind, order, why := kindAndOrder(word)
	if why != "" && end < len(p.text) && (p.text[end] == '(' || p.text[end] == '/') {
		return f, p.fail("a computed value stands behind the kind that it is written as: u16 len(rest), or u16le crc-16/modbus(before)")
	}
	if why != "" {
		return f, p.fail("%s", why)
	}
	p.at = end
	f.Kind, f.Order = kind.ID, order
	if kind.lex == asGroup {
		p.at = start
		return f, p.fail("a group has no word: write { and its fields and }")
	}
	p.space(false)
	if err := p.charset(kind, &f); err != nil {
		return f, err
	}
	p.places[n].Value, p.places[n].text = p.at, kind.lex == asQuoted
	return f, p.value(kind, &f)
}

// kindAndOrder finds a kind, with or without be or le behind its name.
func kindAndOrder(word string) (*Kind, Order, string) {
	if k := kindOf(word); k != nil {
		return k, Default, ""
	}
	small := strings.ToLower(word)
	for _, o := range []Order{Big, Little} {
		k := kindOf(strings.TrimSuffix(small, o.String()))
		switch {
		case k == nil || !strings.HasSuffix(small, o.String()):
		case !k.Ordered:
			return nil, 0, fmt.Sprintf("%s is the same in either byte order: write %s", k.ID, k.ID)
		default:
			return k, o, ""
		}
	}
	return nil, 0, fmt.Sprintf("there is no kind %s: write one such as u8, u16be, f32le, text, str8 or hex", quoted(word))
}

// charset reads the name of one before the quote of a text.
func (p *parser) charset(kind *Kind, f *Field) *problem {
	if kind.lex != asQuoted || p.at == len(p.text) || p.text[p.at] == '"' {
		return nil
	}
	start := p.at
	for p.at < len(p.text) && isCharsetPart(p.text[p.at]) {
		p.at++
	}
	if p.at == start {
		return nil // no quote: value says so
	}
	if !kind.Charset {
		p.at = start
		return p.fail("%s is always UTF-8: write its text between double quotes", kind.ID)
	}
	f.Charset = p.text[start:p.at]
	p.space(false)
	return nil
}

func isCharsetPart(c byte) bool {
	return c == '-' || c == '_' || c == '.' || c == '+' || c == ':' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

// value reads the value of a kind, up to what separates it from the next field.
func (p *parser) value(kind *Kind, f *Field) *problem {
	start := p.at
	switch kind.lex {
	case asQuoted:
		return p.quoted(kind, f)
	case asHex, asBase64:
		if p.at < len(p.text) && p.text[p.at] == '"' {
			return p.quoted(kind, f)
		}
		for p.at < len(p.text) && isPlain(kind.lex, p.text[p.at]) {
			p.at++
		}
		f.Value = strings.TrimRight(p.text[start:p.at], " \t")
		p.at = start + len(f.Value)
		if f.Value == "" {
			return p.fail("expected the bytes of %s, as in %s; and there is %s", kind.ID, kind.Example, show(p.rest()))
		}
		w := writer{kind: kind, field: f}
		if _, bad := kind.write(&w); bad != "" {
			p.at = start + w.at
			return p.fail("%s", bad)
		}
		return nil
	case asBalanced:
		return p.balanced(kind, f)
	}
	return p.number(kind, f)
}

// number reads a number, a computed value or a word.
func (p *parser) number(kind *Kind, f *Field) *problem {
	start := p.at
	if kind.lex == asNumber && calls(p.rest()) {
		if kind.fixed == nil && kind.varint == nil {
			return p.fail("%s needs %s", kind.ID, wantInteger)
		}
		if _, err := p.computed(); err != nil {
			return err
		}
		f.Value = p.text[start:p.at]
		return nil
	}
	for p.at < len(p.text) && isNumberPart(p.text[p.at]) {
		p.at++
	}
	f.Value = p.text[start:p.at]
	want, bad := wantInteger, ""
	switch w := (writer{kind: kind, field: f}); kind.lex {
	case asFloat:
		want = wantFloat
		if _, bad = w.float(); bad == w.beyond() {
			bad = "" // that is for Build to tell
		}
	case asWord:
		want = "true or false"
		_, bad = kind.write(&w)
	default:
		_, bad = parseInteger(f.Value)
	}
	switch {
	case bad == "":
		return nil
	case f.Value == "":
		return p.fail("expected the value of %s, %s; and there is %s", kind.ID, want, show(p.rest()))
	}
	p.at = start
	return p.fail("%s", bad)
}

// quoted reads what stands between double quotes, in which \" is a quote.
func (p *parser) quoted(kind *Kind, f *Field) *problem {
	start := p.at
	if !p.take('"') {
		return p.fail("expected a text between double quotes, and there is %s", show(p.rest()))
	}
	for p.at < len(p.text) && p.text[p.at] != '"' {
		if p.text[p.at] == '\\' {
			p.at++
		}
		p.at++
	}
	if p.at >= len(p.text) {
		p.at = start
		return p.fail(`this quote is not closed: write " behind the text`)
	}
	raw, text := p.text[start+1:p.at], kind.lex == asQuoted
	p.at++
	f.Value = unquote(raw, text)
	w := writer{kind: kind, field: f}
	var bad string
	if text {
		_, bad = w.unescape(f.Value, 0) // the charset is for Build to look at
	} else {
		_, bad = kind.write(&w)
	}
	if bad != "" {
		p.at = start + 1 + placeIn(raw, text, w.at)
		return p.fail("%s", bad)
	}
	return nil
}

// balanced reads up to a comma or line end outside brackets and quotes.
func (p *parser) balanced(kind *Kind, f *Field) *problem {
	start := p.at
	n, bad := balance(p.rest())
	if bad != "" {
		p.at += n
		return p.fail("%s", bad)
	}
	f.Value = strings.TrimRight(p.text[start:start+n], " \t\r")
	p.at = start + len(f.Value)
	if f.Value == "" {
		return p.fail("expected the value of %s, as in %s; and there is %s", kind.ID, kind.Example, show(p.rest()))
	}
	return nil
}

// balance gives how much of s is one value: up to a comma, a line end or a
// closing bracket that stand outside its brackets and quotes. With a problem, n
// is its place.
func balance(s string) (n int, bad string) {
	var open []byte
	for n < len(s) {
		c := s[n]
		switch {
		case c == '"':
			end := n + 1
			for end < len(s) && s[end] != '"' {
				if s[end] == '\\' {
					end++
				}
				end++
			}
			if end >= len(s) {
				return n, `this quote is not closed: write " behind the text`
			}
			n = end
		case c == '(' || c == '[' || c == '{':
			open = append(open, c)
		case c == ')' || c == ']' || c == '}':
			if len(open) == 0 {
				return n, ""
			}
			if last := open[len(open)-1]; strings.IndexByte("([{", last) != strings.IndexByte(")]}", c) {
				return n, fmt.Sprintf("this %c stands where a %c is to be closed", c, last)
			}
			open = open[:len(open)-1]
		case len(open) == 0 && (c == ',' || c == '\n'):
			return n, ""
		}
		n++
	}
	if len(open) > 0 {
		return n, fmt.Sprintf("a %c of this value is not closed", open[len(open)-1])
	}
	return n, ""
}

// isPlain tells whether c can stand in bytes that are not between quotes.
func isPlain(lex lexeme, c byte) bool {
	if c == ' ' || c == '\t' {
		return true
	}
	if lex == asBase64 {
		return isBase64(c)
	}
	return isDigit(c) || c == 'x' || c == 'X' || c == ':'
}
