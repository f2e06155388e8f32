package fields

import (
	"math/big"
	"strings"
	"unicode"
	"unicode/utf8"

	"wirebench/sessions/inspect"
)

// lengthOf is what calls for a length; every other name is a checksum's.
const lengthOf = "len"

// Words that a range can be in place of a name.
const (
	rangeAll    = "all"    // the whole message
	rangeRest   = "rest"   // what follows, to the end of the group around
	rangeBefore = "before" // what comes before, from the begin of the group around
	rangeNext   = "next"   // the field or group that follows
	rangePrev   = "prev"   // the field or group that comes before
	zeroedWord  = "zeroed" // no range: the checksum's own bytes count as zeros
)

var rangeWords = []string{rangeAll, rangeRest, rangeBefore, rangeNext, rangePrev}

// reserved tells whether no field may have the name.
func reserved(name string) bool {
	switch name {
	case rangeAll, rangeRest, rangeBefore, rangeNext, rangePrev, zeroedWord:
		return true
	}
	return false
}

// computed is a value that follows from other fields.
type computed struct {
	call   string // "len" or the name of a checksum
	ranges []byteRange
	zeroed bool
	divide int64 // of a length: in units of so many bytes
	add    int64 // of a length
}

// byteRange is a word, or from one named field to another (perhaps the same).
type byteRange struct {
	from, to string
	at, toAt int // where these stand in the value
}

func (r byteRange) word() bool { return r.to == "" }

// maxRanges and maxAdjust bound what one value can ask for.
const (
	maxRanges = 256
	maxAdjust = 1 << 31
)

// calls tells whether a value begins as a computed one does.
func calls(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return isNameStart(r)
}

// computedValue reads all of a value as one that is computed.
func computedValue(s string) (*computed, *problem) {
	p := parser{text: s}
	c, err := p.computed()
	if err != nil {
		return nil, err
	}
	if p.at < len(s) {
		return nil, p.fail("after the computed value stands %s", show(s[p.at:]))
	}
	return c, nil
}

// computed reads call(range, ...) and of a length /n and +n behind it.
func (p *parser) computed() (*computed, *problem) {
	start := p.at
	c := &computed{call: p.callName(), divide: 1}
	name := c.call
	length := strings.EqualFold(c.call, lengthOf)
	if length {
		c.call = lengthOf
	}
	p.space(false)
	if !p.take('(') {
		if p.at = start; length {
			return nil, p.fail("after len comes what it is the length of: len(rest), len(all), len(next) or len(NAME)")
		}
		return nil, p.fail("%s is no number: write %s, or compute it as in len(rest) or crc-32(before)", quoted(name), wantInteger)
	}
	for {
		p.space(true)
		if err := p.argument(c, length); err != nil {
			return nil, err
		}
		p.space(true)
		if p.take(')') {
			break
		}
		if !p.take(',') {
			return nil, p.fail("expected , or ) in the ranges of %s, and there is %s", name, show(p.rest()))
		}
	}
	if len(c.ranges) == 0 {
		return nil, p.fail("%s needs a range beside zeroed, such as all or before", name)
	}
	return c, p.adjustment(c, length)
}

// argument reads one range, or zeroed.
func (p *parser) argument(c *computed, length bool) *problem {
	start := p.at
	from := p.name()
	switch {
	case from == "":
		return p.fail("expected a range: %s, the NAME of a field, or FIRST..LAST; and there is %s", strings.Join(rangeWords, ", "), show(p.rest()))
	case from == zeroedWord && length:
		p.at = start
		return p.fail("zeroed is for checksums: a length counts every byte of its range")
	case from == zeroedWord:
		c.zeroed = true
		return nil
	case len(c.ranges) == maxRanges:
		p.at = start
		return p.fail("more than %d ranges in one value: put the fields in groups", maxRanges)
	case reserved(from):
		c.ranges = append(c.ranges, byteRange{from: from, at: start})
		return nil
	}
	to, toAt := from, start
	p.space(true)
	if strings.HasPrefix(p.rest(), "..") {
		p.at += 2
		p.space(true)
		toAt = p.at
		if to = p.name(); to == "" || reserved(to) {
			p.at = toAt
			return p.fail("expected the name of a field behind .., and there is %s", show(p.rest()))
		}
	}
	c.ranges = append(c.ranges, byteRange{from, to, start, toAt})
	return nil
}

// adjustment reads /n and +n or -n.
func (p *parser) adjustment(c *computed, length bool) *problem {
	for _, op := range []string{"/", "+-"} {
		end := p.at // a blank that nothing follows is not part of the value
		p.space(false)
		start := p.at
		if start == len(p.text) || strings.IndexByte(op, p.text[start]) < 0 {
			p.at = end
			continue
		}
		p.at++
		if !length {
			p.at = start
			return p.fail("a checksum is written as it is: only a length can be adjusted")
		}
		p.space(false)
		at := p.at
		for p.at < len(p.text) && isNumberPart(p.text[p.at]) && strings.IndexByte("+-.", p.text[p.at]) < 0 {
			p.at++
		}
		v, bad := parseInteger(p.text[at:p.at])
		least := int64(0)
		if op == "/" {
			least = 1
		}
		if bad != "" || v.Cmp(big.NewInt(least)) < 0 || v.Cmp(big.NewInt(maxAdjust)) > 0 {
			p.at = at
			return p.fail("expected a whole number from %d to %d behind %c", least, maxAdjust, p.text[start])
		}
		switch p.text[start] {
		case '/':
			c.divide = v.Int64()
		case '+':
			c.add = v.Int64()
		case '-':
			c.add = -v.Int64()
		}
	}
	return nil
}

// callName reads the name of a checksum, such as crc-16/modbus.
func (p *parser) callName() string {
	start := p.at
	for p.at < len(p.text) {
		r, size := utf8.DecodeRuneInString(p.rest())
		if !isNamePart(r) && r != '/' && r != '.' {
			break
		}
		p.at += size
	}
	return p.text[start:p.at]
}

// name reads the name of a field; "" when there is none.
func (p *parser) name() string {
	start := p.at
	for p.at < len(p.text) {
		r, size := utf8.DecodeRuneInString(p.rest())
		if p.at == start && !isNameStart(r) || !isNamePart(r) {
			break
		}
		p.at += size
	}
	return p.text[start:p.at]
}

func isNameStart(r rune) bool {
	return r == '_' || unicode.IsLetter(r) && inspect.Visible(r)
}

func isNamePart(r rune) bool {
	return isNameStart(r) || r == '-' || unicode.IsDigit(r)
}

// isNumberPart tells whether c can be in a number; what is no number is told
// from one later.
func isNumberPart(c byte) bool {
	return c == '_' || c == '.' || c == '+' || c == '-' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

// validName tells why a field cannot have a name, or gives "".
func validName(name string) string {
	p := parser{text: name}
	switch {
	case reserved(name):
		return "a field cannot be called " + name + ": ranges use that word"
	case p.name() != name:
		return quoted(name) + " is no name: write letters, digits, - and _, a letter first"
	case len(name) > maxName:
		return "a name can be 100 bytes long at most"
	}
	return ""
}

const maxName = 100
