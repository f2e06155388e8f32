package widgets

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// clip shortens s to at most limit runes, the last one an ellipsis when something was left out.
// It never reads more of s than it keeps, so it is safe for a string of any length.
func clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	n, end := 0, 0
	for i := range s {
		if n == limit-1 {
			end = i
		}
		if n == limit {
			return s[:end] + "…"
		}
		n++
	}
	return s
}

// PlainLine makes a text of strangers harmless to show in a line: at most limit runes, and what could move the caret,
// reorder or break up the rest of the line is written as its escape.
func PlainLine(s string, limit int) string { return plainText(s, limit, false) }

// plainText makes s harmless to show as interface text: at most limit runes, and anything that could move the
// caret, reorder, hide or break up the rest of the line is written as its escape. Line feeds survive when
// multiline is set. It is for messages; payload has inspect.Escape.
func plainText(s string, limit int, multiline bool) string {
	s = clip(s, limit)
	clean := true
	for i, r := range s {
		if !harmless(r, multiline) || r == utf8.RuneError && brokenAt(s, i) {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == utf8.RuneError && brokenAt(s, i):
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case harmless(r, multiline):
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

func brokenAt(s string, i int) bool {
	_, n := utf8.DecodeRuneInString(s[i:])
	return n == 1
}

// harmless reports whether a rune stands for itself on screen: no controls (C0, C1), no bidirectional or
// zero-width formatting, no line or paragraph separators, no tags, no byte order mark.
func harmless(r rune, multiline bool) bool {
	switch {
	case r == '\n':
		return multiline
	case r < 0x20, r >= 0x7f && r < 0xa0, r == 0xad:
		return false
	case r == 0x61c, r == 0x180e, r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x206f:
		return false
	case r == 0xfeff, r >= 0xfff9 && r <= 0xfffb, r >= 0xe0000 && r <= 0xe0fff:
		return false
	}
	return true
}

// factText bounds a value that comes from elsewhere than a description, in characters.
const factText = 4096

// said is a text that is safe to show, or what to say when it is empty.
func said(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return plainText(s, factText, false)
}

// sentence makes an error stand alone: a capital letter before and a full stop behind, unless that would look like
// part of an escape.
func sentence(s string) string {
	s = capital(s)
	if strings.HasSuffix(s, `\\`) {
		return s
	}
	return s + "."
}

// capital makes a text begin with a capital letter, where it begins with a letter.
func capital(s string) string {
	first, n := utf8.DecodeRuneInString(s)
	if unicode.IsLower(first) {
		s = string(unicode.ToTitle(first)) + s[n:]
	}
	return s
}

func more(cut bool) string {
	if cut {
		return " …"
	}
	return ""
}

// wholeSentence makes a text of a report begin with a capital, unless that is an address, and end with a full stop.
func wholeSentence(s string) string {
	s = strings.TrimRight(plainText(s, findingText, false), ". ")
	if s == "" {
		return ""
	}
	if !strings.HasPrefix(s, "http") {
		s = capital(s)
	}
	if strings.HasSuffix(s, "…") {
		return s
	}
	return s + "."
}

func joinDot(parts ...string) string {
	var some []string
	for _, p := range parts {
		if p != "" {
			some = append(some, p)
		}
	}
	return strings.Join(some, " · ")
}

// trimBlanks takes blanks, tabs and line ends off both ends, which pasted addresses tend to have.
func trimBlanks(s string) string { return strings.Trim(s, " \t\r\n") }
