package capture

import (
	"bytes"
	"errors"
	"regexp"
	"regexp/syntax"
	"unicode"
	"unicode/utf8"
)

// MaxCrossing is how many bytes a match of an expression may have that lies in
// several records. A longer one is found in pieces.
const MaxCrossing = 4 << 10

// exprContext is how many bytes before the first place of a match are looked at,
// for what an expression says about them: the end of a line, of a word.
const exprContext = utf8.UTFMax

// ErrEmptyMatch is returned for an expression that matches where there is nothing.
var ErrEmptyMatch = errors.New("the expression matches no characters at all, and so everywhere: write + in place of * where something has to stand")

// Expr is a regular expression to search for. It may be used by several searches
// at once.
type Expr struct {
	re    *regexp.Regexp
	latin bool
	// needs is the longest literal that every match holds, nil if there is none:
	// looking for it first is much faster than trying to match.
	needs []byte
	// most is how many bytes a match has at most, MaxCrossing at the most.
	most int
}

// NewExpr compiles an expression in the syntax of package [regexp/syntax], where
// ^ and $ are the ends of lines. The bytes are read as UTF-8, in which a byte
// that is none counts as one character, or with latin each byte as one character
// of ISO-8859-1, so that \xff is the byte 0xff.
//
// The error is that of the syntax, or [ErrEmptyMatch].
func NewExpr(text string, foldCase, latin bool) (*Expr, error) {
	flags := syntax.Perl &^ syntax.OneLine
	prefix := "(?m)"
	if foldCase {
		flags |= syntax.FoldCase
		prefix = "(?im)"
	}
	tree, err := syntax.Parse(text, flags)
	if err != nil {
		return nil, err
	}
	re, err := regexp.Compile(prefix + text)
	if err != nil {
		return nil, err
	}
	if re.MatchString("") {
		return nil, ErrEmptyMatch
	}
	e := &Expr{re: re, latin: latin}
	e.needs = e.required(tree)
	e.most = max(1, min(e.longest(tree), MaxCrossing))
	return e, nil
}

// String is the expression as it is matched.
func (e *Expr) String() string { return e.re.String() }

// width is how many bytes a character takes up to.
func (e *Expr) width(r rune) int {
	if e.latin {
		return 1
	}
	return utf8.RuneLen(r)
}

// longest is how many bytes a match of t has at most, or more than MaxCrossing.
func (e *Expr) longest(t *syntax.Regexp) int {
	const endless = MaxCrossing + 1
	n := 0
	switch t.Op {
	case syntax.OpLiteral:
		for _, r := range t.Rune {
			most := e.width(r)
			if t.Flags&syntax.FoldCase != 0 {
				for o := unicode.SimpleFold(r); o != r; o = unicode.SimpleFold(o) {
					most = max(most, e.width(o))
				}
			}
			n += most
		}
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		n = e.width(unicode.MaxRune)
	case syntax.OpConcat:
		for _, sub := range t.Sub {
			n = min(n+e.longest(sub), endless)
		}
	case syntax.OpAlternate:
		for _, sub := range t.Sub {
			n = max(n, e.longest(sub))
		}
	case syntax.OpCapture, syntax.OpQuest:
		n = e.longest(t.Sub[0])
	case syntax.OpStar, syntax.OpPlus:
		n = endless
	case syntax.OpRepeat:
		if t.Max < 0 {
			return endless
		}
		n = t.Max * e.longest(t.Sub[0])
	}
	return min(n, endless)
}

// required is the longest literal that is in every match of t.
func (e *Expr) required(t *syntax.Regexp) []byte {
	switch t.Op {
	case syntax.OpLiteral:
		if t.Flags&syntax.FoldCase != 0 {
			return nil
		}
		var b []byte
		for _, r := range t.Rune {
			switch {
			case r == utf8.RuneError: // which stands for broken UTF-8 too
				return nil
			case !e.latin:
				b = utf8.AppendRune(b, r)
			case r <= 0xff:
				b = append(b, byte(r))
			default:
				return nil
			}
		}
		return b
	case syntax.OpConcat:
		var longest []byte
		for _, sub := range t.Sub {
			if b := e.required(sub); len(b) > len(longest) {
				longest = b
			}
		}
		return longest
	case syntax.OpCapture, syntax.OpPlus:
		return e.required(t.Sub[0])
	case syntax.OpRepeat:
		if t.Min > 0 {
			return e.required(t.Sub[0])
		}
	}
	return nil
}

// extent is a match within some bytes.
type extent struct{ from, to int }

// extents are matches in the order of their places. There may be more from at on.
type extents struct {
	list []extent
	more bool
	at   int
}

// find returns the matches in b that begin at from or later, about most of them.
// What stands before from is looked at only as far as the expression asks about
// it. It uses the memory of old.
func (e *Expr) find(b []byte, from, most int, old extents) extents {
	found := extents{list: old.list[:0]}
	if e.needs != nil && !bytes.Contains(b[from:], e.needs) {
		return found
	}
	begin := max(0, from-exprContext)
	if !e.all(b[begin:], from-begin, most, &found) {
		begin = from
		found.list = found.list[:0]
		e.all(b[begin:], 0, most, &found)
	}
	for i := range found.list {
		found.list[i].from += begin
		found.list[i].to += begin
	}
	found.at += begin
	return found
}

// all finds matches in b that begin at from or later. It returns false when one
// began before and reached beyond from: others may begin inside of it.
func (e *Expr) all(b []byte, from, most int, found *extents) bool {
	text := b
	if e.latin {
		text = latinText(b)
	}
	ahead := 0 // bytes of text that are the second of two, before at
	at := 0
	place := func(i int) int {
		if len(text) == len(b) {
			return i
		}
		for ; at < i; at++ {
			if text[at]&0xc0 == 0x80 {
				ahead++
			}
		}
		return i - ahead
	}
	all := e.re.FindAllIndex(text, most)
	found.more = len(all) == most
	for _, m := range all {
		x := extent{place(m[0]), place(m[1])}
		switch {
		case x.from == x.to: // only the place between two characters
		case x.from >= from:
			found.list = append(found.list, x)
		case x.to > from:
			return false
		}
		found.at = x.to
	}
	return true
}

// latinText is b, read as ISO-8859-1, in UTF-8.
func latinText(b []byte) []byte {
	high := 0
	for _, c := range b {
		high += int(c >> 7)
	}
	if high == 0 {
		return b
	}
	text := make([]byte, 0, len(b)+high)
	for _, c := range b {
		text = utf8.AppendRune(text, rune(c))
	}
	return text
}
