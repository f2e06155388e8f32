// Package pattern reads what a person types to be looked for in traffic: text in a charset, bytes in hexadecimal with
// wildcards, numbers in every width and order, and regular expressions. It makes queries of package capture of them.
package pattern

import (
	"errors"

	"wirebench/sessions/capture"
	"wirebench/sessions/charset"
)

// Kind is a way to write a pattern.
type Kind uint8

// The kinds, in the order to offer them.
const (
	Text   Kind = iota // "GET /": characters, in a charset
	Hex                // "0a ?? 4?": bytes, of which digits may be left open
	Number             // "1234", "u16le 1234", "f32 1.5"
	Expr               // "player=\\d+"
)

// Options say how a pattern is read.
type Options struct {
	MatchCase bool             // of Text and Expr
	Charset   *charset.Charset // of Text; nil for UTF-8
}

// Pattern is something to look for.
type Pattern struct {
	Kind Kind
	Text string // as typed
	Options
	query   capture.Query
	numbers []number
}

type number struct{}

// MaxText is the longest pattern there is, in bytes as typed.
const MaxText = 64 << 10

// Parse reads text as a pattern of that kind. The error says what is wrong in words for the person who typed it.
func Parse(kind Kind, text string, o Options) (Pattern, error) {
	return Pattern{}, errors.New("not yet")
}

// Query returns the query that looks for the pattern in stream s.
func (p Pattern) Query() capture.Query { return p.query }

// Empty tells whether there is nothing to look for.
func (p Pattern) Empty() bool { return p.Text == "" }
