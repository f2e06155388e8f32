package capture

import (
	"errors"
	"regexp"
)

// MaxCrossing is how many bytes a match of an expression may have that lies in several records.
const MaxCrossing = 4 << 10

// Expr is a regular expression to search for. It may be used by several searches at once.
type Expr struct {
	re    *regexp.Regexp
	bytes bool
}

// ErrEmptyMatch is returned for an expression that matches where there is nothing.
var ErrEmptyMatch = errors.New("the expression matches no characters at all, and so everywhere: use + in place of * where something has to stand")

// NewExpr compiles an expression in the syntax of package [regexp/syntax]. ^ and $ are the ends of lines. The bytes are
// read as UTF-8, where a byte that is none counts as one character, or with latin each byte as one character of
// ISO-8859-1.
func NewExpr(text string, foldCase, latin bool) (*Expr, error) {
	flags := "(?m)"
	if foldCase {
		flags = "(?im)"
	}
	re, err := regexp.Compile(flags + text)
	if err != nil {
		return nil, err
	}
	if re.MatchString("") {
		return nil, ErrEmptyMatch
	}
	return &Expr{re: re, bytes: latin}, nil
}
