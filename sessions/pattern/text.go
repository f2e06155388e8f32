package pattern

import (
	"bytes"
	"errors"
	"fmt"
	"regexp/syntax"
	"strings"
	"unicode"
	"unicode/utf8"

	"wirebench/sessions/capture"
	"wirebench/sessions/charset"
	"wirebench/sessions/compose"
	"wirebench/sessions/inspect"
)

// textQuery looks for characters as a charset writes them.
func textQuery(text string, o Options) (q capture.Query, err error) {
	c := o.Charset
	if c == nil {
		c = charset.UTF8
	}
	c = c.In(o.Order == inspect.Little)
	if c.Name() == charset.UTF8.Name() {
		return capture.Query{Literal: []byte(text), FoldCase: !o.MatchCase}, nil
	}
	b, err := c.Encode(text)
	switch {
	case err != nil:
		return q, err
	case len(b) > MaxText:
		return q, fmt.Errorf("in %s this is %d bytes, too much to look for at once: use at most %d", c.Name(), len(b), MaxText)
	case o.MatchCase:
		return capture.Query{Literal: b}, nil
	}
	letters, ok := lettersOf(c, text)
	if joined := bytes.Join(first(letters), nil); !ok || !bytes.Equal(joined, b) {
		// What a letter is written as depends on those before it: found is what
		// looks the same.
		return capture.Query{Literal: b, FoldCase: c.Unit() == 1 && isASCII(text)}, nil
	}
	return capture.Query{Letters: letters}, nil
}

// lettersOf lists the ways in which c writes each letter of text in either case,
// the one of text first.
func lettersOf(c *charset.Charset, text string) (letters [][][]byte, ok bool) {
	for _, r := range text {
		var ways [][]byte
		add := func(r rune) bool {
			b, err := c.Encode(string(r))
			if err != nil || len(b) == 0 {
				return false
			}
			for _, w := range ways {
				if bytes.HasPrefix(w, b) || bytes.HasPrefix(b, w) {
					return true
				}
			}
			ways = append(ways, b)
			return true
		}
		if !add(r) {
			return nil, false
		}
		for o := unicode.SimpleFold(r); o != r; o = unicode.SimpleFold(o) {
			add(o)
		}
		letters = append(letters, ways)
	}
	return letters, true
}

func first(letters [][][]byte) (all [][]byte) {
	for _, ways := range letters {
		all = append(all, ways[0])
	}
	return all
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// hexQuery reads bytes as [compose.Hex] does, and with a ? for every digit that
// may be any.
func hexQuery(text string) (q capture.Query, err error) {
	if !strings.Contains(text, "?") {
		b, err := compose.Hex(text)
		switch {
		case err != nil:
			return q, err
		case len(b) == 0:
			return q, errors.New("there are no bytes here: write each as two of 0-9 and a-f, or ? for any digit")
		}
		return capture.Query{Literal: b}, nil
	}
	wrong := func(i int, problem string) error {
		return fmt.Errorf("column %d: %s", 1+utf8.RuneCountInString(text[:i]), problem)
	}
	some := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case strings.IndexByte(" \t\r\n,:;", c) >= 0:
			continue
		case c == '\\' && i+1 < len(text) && text[i+1]|0x20 == 'x', c == '0' && i+1 < len(text) && text[i+1]|0x20 == 'x':
			i++
			continue
		case digit(c) < 0:
			r, _ := utf8.DecodeRuneInString(text[i:])
			return q, wrong(i, fmt.Sprintf("%s is no hexadecimal digit: write each byte as two of 0-9 and a-f, or ? for any digit", inspect.Escape([]byte(string(r)))))
		case i+1 == len(text) || digit(text[i+1]) < 0:
			return q, wrong(i, fmt.Sprintf("the digit %c has no partner: write two for each byte, as in 0%c or ?%c", c, c, c))
		default:
			lit, mask := byte(0), byte(0)
			for _, d := range []byte{c, text[i+1]} {
				lit, mask = lit<<4, mask<<4
				if d != '?' {
					lit, mask, some = lit|byte(digit(d)), mask|15, true
				}
			}
			q.Literal, q.Mask = append(q.Literal, lit), append(q.Mask, mask)
			i++
		}
	}
	if !some {
		return q, errors.New("nothing but wildcards is everywhere: write one digit at least")
	}
	return q, nil
}

// digit is the value of a digit, 16 of a wildcard and -1 of anything else.
func digit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	case c == '?':
		return 16
	}
	return -1
}

// exprQuery compiles an expression.
func exprQuery(text string, o Options) (q capture.Query, err error) {
	if !utf8.ValidString(text) {
		return q, errors.New("the expression is broken: it is not UTF-8")
	}
	e, err := capture.NewExpr(text, !o.MatchCase, namesBytes(text))
	var wrong *syntax.Error
	if errors.As(err, &wrong) {
		return q, fmt.Errorf("%s: %s", wrong.Code, inspect.Preview([]byte(wrong.Expr), 60))
	}
	if err != nil {
		return q, err
	}
	return capture.Query{Expr: e}, nil
}

// namesBytes tells whether an expression is about bytes rather than characters:
// one above 127 is written as \xHH, and no character that is no byte.
func namesBytes(text string) bool {
	found := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c >= utf8.RuneSelf:
			return false
		case c != '\\' || i+1 == len(text):
		case text[i+1] == 'x' && i+2 < len(text) && text[i+2] == '{', text[i+1]|0x20 == 'p':
			return false
		case text[i+1] == 'x' && i+2 < len(text) && digit(text[i+2]) >= 8 && digit(text[i+2]) < 16:
			found = true
			i++
		default:
			i++
		}
	}
	return found
}
