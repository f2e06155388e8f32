// Package pattern reads what a person types to be looked for in traffic: text
// in a charset, bytes in hexadecimal with wildcards, numbers in every width and
// order, and regular expressions. It makes queries of package capture of them,
// and says what a number that was found reads as.
package pattern

import (
	"errors"
	"fmt"

	"wirebench/sessions/capture"
	"wirebench/sessions/charset"
	"wirebench/sessions/inspect"
)

// Kind is a way to write a pattern.
type Kind uint8

// The kinds, in the order to offer them.
const (
	Text   Kind = iota // characters, in a charset: GET /
	Hex                // bytes, of which digits may be left open: 0a ?? 4?
	Number             // a number in every width and either order, or as it says: 1234, u16le 1234, f32 1.5
	Expr               // a regular expression: player=\d+
)

var kindNames = [...]string{"Text", "Hex", "Number", "Regex"}

// String is the name of the kind as a person chooses it.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind %d", k)
}

// Kinds lists every kind in the order to offer them. The slice is the caller's.
func Kinds() []Kind { return []Kind{Text, Hex, Number, Expr} }

// Cased tells whether letters in patterns of the kind may match in either case.
func (k Kind) Cased() bool { return k == Text || k == Expr }

// Options say how a pattern is read.
type Options struct {
	MatchCase bool             // of Text and Expr
	Charset   *charset.Charset // of Text; nil for UTF-8
	Order     inspect.Order    // of a Charset that leaves it open
}

// Pattern is something to look for. The zero Pattern is nothing. It is
// immutable and safe for concurrent use.
type Pattern struct {
	Kind      Kind
	Text      string // as typed
	MatchCase bool

	id      string
	query   capture.Query
	numbers []number
}

// MaxText is the longest pattern there is, in bytes as typed.
const MaxText = 64 << 10

// Parse reads text as a pattern of that kind; empty text is an empty pattern.
// The error says what is wrong in words for the person who typed it.
func Parse(kind Kind, text string, o Options) (p Pattern, err error) {
	p = Pattern{Kind: kind, Text: text, MatchCase: o.MatchCase}
	switch {
	case text == "":
		return p, nil
	case len(text) > MaxText:
		return Pattern{}, fmt.Errorf("%d bytes are too much to look for at once: use at most %d", len(text), MaxText)
	}
	switch kind {
	case Text:
		p.query, err = textQuery(text, o)
	case Hex:
		p.query, err = hexQuery(text)
	case Number:
		if p.numbers, err = parseNumber(text); err == nil {
			p.query = numberQuery(p.numbers)
		}
	case Expr:
		p.query, err = exprQuery(text, o)
	default:
		err = errors.New("there is no such kind of pattern")
	}
	if err != nil {
		return Pattern{}, err
	}
	p.id = fmt.Sprintf("%d %q %q %x %x %v %q", kind, p.query.Literal, p.query.Mask, p.query.Letters, p.query.AnyOf, p.query.FoldCase, p.expr())
	return p, nil
}

func (p Pattern) expr() string {
	if p.query.Expr == nil {
		return ""
	}
	return p.query.Expr.String()
}

// Query returns the query that looks for the pattern in stream s. The pattern is
// not empty.
func (p Pattern) Query(s capture.Stream) capture.Query {
	q := p.query
	q.Stream = s
	return q
}

// Empty tells whether there is nothing to look for.
func (p Pattern) Empty() bool { return p.id == "" }

// Same tells whether p and o look for the same, however they are written.
func (p Pattern) Same(o Pattern) bool { return p.id == o.id }

// OfBytes is the pattern for exactly these bytes.
func OfBytes(b []byte) Pattern {
	p, err := Parse(Hex, spaced(b), Options{})
	if err != nil {
		return Pattern{} // longer than any pattern
	}
	return p
}

func spaced(b []byte) string {
	const digits = "0123456789abcdef"
	out := make([]byte, 0, 3*len(b))
	for i, c := range b {
		if i > 0 {
			out = append(out, ' ')
		}
		out = append(out, digits[c>>4], digits[c&15])
	}
	return string(out)
}
