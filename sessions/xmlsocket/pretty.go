package xmlsocket

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"unicode/utf8"

	"wirebench/sessions/inspect"
)

// MaxPretty is after how many bytes [Pretty] ends, with a last line that says what is left out.
const MaxPretty = 4 << 20

// Pretty lays a message out for reading: an element on a line of its own, inside another indented by two
// spaces, and an element that holds nothing but text on one line. White space at the ends of texts goes, and
// references, CDATA and quotes stay as they were written. What is not well formed is laid out up to where it
// goes wrong and follows from there as it is, on lines of its own.
//
// The text is safe to show: what cannot be seen, and bytes that are not UTF-8, are written as the escapes of
// inspect.Escape, except line ends; a tab is four spaces. It is for reading and not for sending.
func Pretty(doc []byte) string { return Lay(doc).Text }

// Layout is a message laid out for reading, with what [Check] finds in it.
type Layout struct {
	Report
	// Text is what [Pretty] returns.
	Text string
	// Wrong is the number of the line of Text, from 1, on which what is not well formed begins to stand as it is;
	// 0 where the message is well formed, or the mistake is that it ends. Report.Line is the line in the message.
	Wrong int
	// Dropped is how many bytes of the message are left out because of [MaxPretty].
	Dropped int
}

// Lay lays a message out as [Pretty] does, and checks it as [Check] does, in one go. Of a message beyond the bounds
// of this package it lays out what is within them.
func Lay(doc []byte) Layout {
	var l layout
	report, rest := read(doc, l.visit)
	wrong := 0
	if !report.WellFormed {
		if left := bytes.TrimSpace(doc[rest:]); len(left) > 0 {
			l.line(0)
			if l.dropped == 0 {
				wrong = 1 + strings.Count(l.out.String(), "\n")
			}
			l.write(left, true)
		}
	}
	if l.dropped > 0 {
		more := "bytes"
		if l.dropped == 1 {
			more = "byte"
		}
		fmt.Fprintf(&l.out, "\n... (%d more %s)", l.dropped, more)
	}
	return Layout{Report: report, Text: l.out.String(), Wrong: wrong, Dropped: l.dropped}
}

// layout writes parts on lines.
type layout struct {
	out     strings.Builder
	dropped int  // bytes of the message that were not written
	opened  bool // the last part is a tag that opens an element
	text    bool // the last part but one is such a tag, and the last is text
}

func (l *layout) visit(p part) {
	opened, text := l.opened, l.text
	l.opened, l.text = false, false
	switch p.token.(type) {
	case xml.StartElement:
		l.line(p.depth)
		l.write(p.raw, false)
		l.opened = true
	case xml.EndElement:
		if len(p.raw) == 0 {
			return
		}
		if !opened && !text {
			l.line(p.depth)
		}
		l.write(p.raw, false)
	case xml.CharData:
		raw := bytes.Trim(p.raw, " \t\r\n")
		if len(raw) == 0 {
			l.opened = opened
			return
		}
		if l.text = opened; !opened {
			l.line(p.depth)
		}
		l.write(raw, true)
	default:
		l.line(p.depth)
		l.write(p.raw, true)
	}
}

// line begins a line.
func (l *layout) line(depth int) {
	if l.dropped > 0 {
		return
	}
	if l.out.Len() > 0 {
		l.out.WriteByte('\n')
	}
	for range depth {
		l.out.WriteString("  ")
	}
}

// write writes a piece of the message. Its line ends stay, or are spaces as in a tag.
func (l *layout) write(raw []byte, lines bool) {
	if l.dropped > 0 || l.out.Len() >= MaxPretty {
		l.dropped += len(raw)
		return
	}
	end := byte(' ')
	if lines {
		end = '\n'
	}
	raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte{'\n'})
	for len(raw) > 0 {
		if l.out.Len() >= MaxPretty {
			l.dropped += len(raw)
			return
		}
		n := bytes.IndexByte(raw[:min(len(raw), mostAtOnce)], '\n')
		if n == 0 {
			l.out.WriteByte(end)
			raw = raw[1:]
			continue
		}
		if n < 0 {
			n = wholeCharacters(raw, mostAtOnce)
		}
		l.out.WriteString(safe(strings.ReplaceAll(string(raw[:n]), "\t", "    ")))
		raw = raw[n:]
	}
}

// mostAtOnce is how many bytes are written before it is looked whether there is room for more.
const mostAtOnce = 4096

// wholeCharacters is how many bytes of b, at most most, there are before the begin of a character.
func wholeCharacters(b []byte, most int) int {
	if len(b) <= most {
		return len(b)
	}
	for n := most; n > most-utf8.UTFMax; n-- {
		if utf8.RuneStart(b[n]) {
			return n
		}
	}
	return most
}

// safe writes a line so that it can be shown. Backslashes stay single.
func safe(s string) string {
	parts := strings.Split(s, `\`)
	for i, p := range parts {
		parts[i] = inspect.Escape([]byte(p))
	}
	return strings.Join(parts, `\`)
}

// mostShown is how many characters of a message are repeated in a problem.
const mostShown = 60

// shown gives the begin of s so that it can be put in a problem.
func shown(s string) string {
	for i, n := 0, 0; i < len(s); n++ {
		if n == mostShown {
			return safe(s[:i]) + "..."
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
	}
	return safe(s)
}

func quoted(s string) string { return `"` + shown(s) + `"` }

// firstWord gives s up to a space.
func firstWord(s string) string {
	word, _, _ := strings.Cut(s, " ")
	return word
}
