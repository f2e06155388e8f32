package capture

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// MaxCrossing is how many bytes a match of an expression may have that lies in
// several records, and how far behind its beginning bytes may bear on what it is.
// A longer one is found in pieces.
const MaxCrossing = 4 << 10

// mostOpen is from how many bytes before the end on a match may yet become another
// one by what follows: as many as it has, and the character behind.
const mostOpen = MaxCrossing + utf8.UTFMax

// exprContext is how many bytes before the first place of a match are looked at,
// for what an expression says about them: the end of a line, of a word.
const exprContext = utf8.UTFMax

// ErrEmptyMatch is returned for an expression that matches where there is nothing.
var ErrEmptyMatch = errors.New("the expression matches no characters at all, and so everywhere: write + in place of * where something has to stand")

// Expr is a regular expression to search for. It may be used by several searches
// at once.
type Expr struct {
	re *regexp.Regexp
	// behind matches one character and, as its first group, what re matches first behind it.
	behind *regexp.Regexp
	plan   *plan     // nil where an automaton would be too large
	idle   sync.Pool // of matchers
	latin  bool
	// needs finds the longest literal that every match holds, nil if there is
	// none: looking for it first is much faster than trying to match.
	needs *needle
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
	whole := text
	if strings.Contains(text, `\Q`) { // which may be open at its end
		whole = tree.String()
	}
	behind, err := regexp.Compile(`\A(?s:.)(?s:.*?)(` + prefix + whole + ")")
	if err != nil {
		return nil, err
	}
	e := &Expr{re: re, behind: behind, latin: latin, plan: newPlan(tree, latin)}
	if letters := e.required(tree); letters != nil {
		e.needs = new(needle)
		e.needs.spell(letters)
		e.needs.ready()
	}
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
	return max(1, utf8.RuneLen(r))
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

// required is the longest literal that is in every match of t, as the ways to
// write each of its letters.
func (e *Expr) required(t *syntax.Regexp) (letters [][]string) {
	switch t.Op {
	case syntax.OpLiteral:
		for _, r := range t.Rune {
			var ways []string
			add := func(r rune) {
				switch {
				case !e.latin:
					ways = append(ways, string(r))
				case r <= 0xff:
					ways = append(ways, string([]byte{byte(r)}))
				}
			}
			add(r)
			if t.Flags&syntax.FoldCase != 0 {
				for o := unicode.SimpleFold(r); o != r; o = unicode.SimpleFold(o) {
					add(o)
				}
			}
			if r == utf8.RuneError || len(ways) == 0 { // the first stands for broken UTF-8 too
				return nil
			}
			letters = append(letters, ways)
		}
	case syntax.OpConcat:
		for _, sub := range t.Sub {
			if l := e.required(sub); len(l) > len(letters) {
				letters = l
			}
		}
	case syntax.OpCapture, syntax.OpPlus:
		return e.required(t.Sub[0])
	case syntax.OpRepeat:
		if t.Min > 0 {
			return e.required(t.Sub[0])
		}
	}
	return letters
}
