package inspect

import (
	"unicode/utf8"

	"wirebench/sessions/charset"
)

// EscapeIn is [Escape] for text in the charset c: one line that is safe to show,
// with every byte that is no character of c as \xHH. The sequences that switch
// ISO-2022-JP and HZ between sets of characters are left out. In UTF-8 it is
// Escape itself; in other charsets, where several byte sequences may be one
// character, it is for reading and need not give the same bytes back.
func EscapeIn(c *charset.Charset, b []byte) string {
	if c == charset.UTF8 {
		return Escape(b)
	}
	text, _ := escapeIn(c, b, len(b), true)
	return text
}

// escapeIn escapes about as many of b's bytes as most says, in whole characters,
// and tells how many those are. Atend says that nothing follows b.
func escapeIn(c *charset.Charset, b []byte, most int, atEnd bool) (text string, n int) {
	out := make([]byte, 0, min(len(b), most)+16)
	var m marks
	zero := 0 // length of out behind a \0
	d := c.NewDecoder()
	for n < len(b) {
		ch := d.Next(b[n:], atEnd)
		if ch.Missing > 0 || n+ch.Size > most {
			break
		}
		raw := b[n : n+ch.Size]
		n += ch.Size
		switch {
		case !ch.Valid:
			for _, c := range raw {
				out = appendByte(out, c)
			}
			m.reset()
			continue
		case ch.Rune == charset.NoRune:
			continue
		case ch.Rune >= '0' && ch.Rune <= '9' && zero > 0 && len(out) == zero:
			// Before a digit \0 would look like the octal escape of other languages.
			out = appendByte(out[:zero-2], 0)
		}
		out = appendChar(out, ch.Rune, &m)
		if ch.Rune == 0 {
			zero = len(out)
		}
		if ch.Mark != charset.NoRune {
			out = appendChar(out, ch.Mark, &m)
		}
	}
	return string(out), n
}

// appendChar writes one character as [Escape] does.
func appendChar(out []byte, r rune, m *marks) []byte {
	short := byte(0)
	if r < utf8.RuneSelf {
		short = shortEscape(byte(r))
	}
	switch {
	case r == '\\':
		out = append(out, '\\', '\\')
		m.allow(r)
	case Visible(r) && m.allow(r):
		return utf8.AppendRune(out, r)
	case short != 0:
		out = append(out, '\\', short)
		m.reset()
	case r < utf8.RuneSelf:
		out = appendByte(out, byte(r))
		m.reset()
	default:
		out = appendRune(out, r)
		m.reset()
	}
	return out
}

// PreviewIn is [Preview] for text in the charset c: one line of at most max
// characters, which reads no more of b than it shows. Switches between sets of
// characters are left out.
func PreviewIn(c *charset.Charset, b []byte, max int) string {
	if c == charset.UTF8 {
		return Preview(b, max)
	}
	if max < 1 {
		return ""
	}
	out := make([]byte, 0, min(len(b), max)+16)
	var m marks
	d := c.NewDecoder()
	count, keep := 0, 0 // characters written; length of out that leaves room for the ellipsis
	for at := 0; at < len(b); {
		ch := d.Next(b[at:], true)
		before := len(out)
		for i, r := range [2]rune{ch.Rune, ch.Mark} {
			if i == 0 && !ch.Valid {
				for _, c := range b[at : at+ch.Size] {
					out = appendByte(out, c)
				}
				m.reset()
			} else if r != charset.NoRune {
				out = appendPreview(out, r, &m)
			}
		}
		at += ch.Size
		if count += utf8.RuneCount(out[before:]); count > max {
			return string(append(out[:keep], "…"...))
		}
		if count < max {
			keep = len(out)
		}
	}
	return string(out)
}

// appendPreview writes one character as [Preview] does.
func appendPreview(out []byte, r rune, m *marks) []byte {
	switch {
	case r < ' ':
		out = utf8.AppendRune(out, 0x2400+r)
		m.reset()
	case r == 0x7f:
		out = utf8.AppendRune(out, 0x2421)
		m.reset()
	case Visible(r) && m.allow(r):
		out = utf8.AppendRune(out, r)
	default:
		out = appendRune(out, r)
		m.reset()
	}
	return out
}
