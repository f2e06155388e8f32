package reply

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// template is the reply of a regular expression that has captures in it. It is read once, so that mistakes
// are found before a message comes, and so that a reply of any length is never built: 64 KiB of $0 for a
// message of 64 KiB would be 2 GiB.
type template []part

// part is a text, or what a group matched.
type part struct {
	text  string
	group int // -1 for a text
}

// parseTemplate reads what [regexp.Regexp.Expand] reads. It gives nil where there are only texts, which
// are then in plain. A problem says what to write.
func parseTemplate(re *regexp.Regexp, s string) (t template, plain, problem string) {
	var text strings.Builder
	for {
		before, rest, found := strings.Cut(s, "$")
		text.WriteString(before)
		if !found {
			break
		}
		if strings.HasPrefix(rest, "$") {
			text.WriteByte('$')
			s = rest[1:]
			continue
		}
		name, size := reference(rest)
		if size == 0 {
			return nil, "", loneDollar(rest)
		}
		group := groupOf(re, name)
		if group < 0 {
			return nil, "", noGroup(re, name, rest[:size])
		}
		if text.Len() > 0 {
			t = append(t, part{text.String(), -1})
			text.Reset()
		}
		t = append(t, part{"", group})
		s = rest[size:]
	}
	if t == nil {
		return nil, text.String(), ""
	}
	if text.Len() > 0 {
		t = append(t, part{text.String(), -1})
	}
	return t, "", ""
}

// reference reads the name or number that s begins with, in braces or not, and gives the length of it all.
// It is 0 where there is none.
func reference(s string) (name string, size int) {
	body, brace := strings.CutPrefix(s, "{")
	end := strings.IndexFunc(body, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if end < 0 {
		end = len(body)
	}
	switch {
	case end == 0, brace && !strings.HasPrefix(body[end:], "}"):
		return "", 0
	case brace:
		return body[:end], end + 2
	}
	return body[:end], end
}

// groupOf gives the number of the group of that name or number, or -1. A number has no zero in front.
func groupOf(re *regexp.Regexp, name string) int {
	n := 0
	for i := range len(name) {
		if name[i] < '0' || name[i] > '9' || n >= 1e8 || n == 0 && i > 0 {
			return re.SubexpIndex(name)
		}
		n = n*10 + int(name[i]-'0')
	}
	if n > re.NumSubexp() {
		return -1
	}
	return n
}

// loneDollar is the problem of a $ with rest behind it.
func loneDollar(rest string) string {
	if strings.HasPrefix(rest, "{") {
		return fmt.Sprintf("$%s does not name a group in braces: write ${1} or ${name}, or $$ for a dollar sign", shown(rest))
	}
	return "a $ has neither the number nor the name of a group behind it: write $1 or ${name}, or $$ for a dollar sign"
}

// noGroup is the problem of a reference to a group that there is not.
func noGroup(re *regexp.Regexp, name, written string) string {
	what := fmt.Sprintf("the pattern has no group for $%s: ", shown(written))
	if !strings.HasPrefix(written, "{") {
		for i := min(len(name), 64) - 1; i > 0; i-- { // no name of a group that somebody typed is longer
			if utf8.RuneStart(name[i]) && groupOf(re, name[:i]) >= 0 {
				return fmt.Sprintf("%swrite ${%s}%s for group %[2]s and what follows it", what, name[:i], shown(name[i:]))
			}
		}
	}
	switch n := re.NumSubexp(); n {
	case 0:
		return what + "write $0 for all that it matches, put what you want in parentheses, or write $$ for a dollar sign"
	case 1:
		return what + "write $1 for its one group, or $$ for a dollar sign"
	default:
		return fmt.Sprintf("%swrite $1 to $%d for its groups, or $$ for a dollar sign", what, n)
	}
}

// expand puts in what the groups matched, up to MaxReply bytes.
func (t template) expand(message []byte, found []int) []byte {
	n := 0
	for i := range t {
		if n += len(t[i].text) + len(t[i].of(message, found)); n >= MaxReply {
			n = MaxReply
			break
		}
	}
	out := make([]byte, 0, n)
	for i := range t {
		if len(out) == n {
			break
		}
		out = append(out, t[i].text[:min(len(t[i].text), n-len(out))]...)
		m := t[i].of(message, found)
		out = append(out, m[:min(len(m), n-len(out))]...)
	}
	return out
}

// of gives what the group of the part matched, nil for nothing and for a text.
func (p *part) of(message []byte, found []int) []byte {
	if p.group < 0 || found[2*p.group] < 0 {
		return nil
	}
	return message[found[2*p.group]:found[2*p.group+1]]
}
