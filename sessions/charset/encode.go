package charset

import (
	"encoding/binary"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/transform"
)

// EncodeError is a text that the charset cannot hold: the first character of it
// that has no code there.
type EncodeError struct {
	Charset string // its name
	Pos     int    // offset into the text, in bytes
	Char    int    // the same in characters, from 1
	Rune    rune   // the character; NoRune for a byte that is not UTF-8
}

// Error names the character and its place. It is safe to show.
func (e *EncodeError) Error() string {
	if e.Rune == NoRune {
		return fmt.Sprintf("character %d of the text is broken: it is not UTF-8", e.Char)
	}
	shown := fmt.Sprintf("U+%04X", e.Rune)
	if unicode.In(e.Rune, unicode.L, unicode.N, unicode.P, unicode.S) &&
		!unicode.Is(unicode.Other_Default_Ignorable_Code_Point, e.Rune) {
		shown = fmt.Sprintf("%c (%s)", e.Rune, shown)
	}
	return fmt.Sprintf("character %d of the text, %s, does not exist in %s: leave it out or choose another charset, such as utf-8", e.Char, shown, e.Charset)
}

func (c *Charset) refuse(s string, pos int) *EncodeError {
	r, size := utf8.DecodeRuneInString(s[pos:])
	if r == utf8.RuneError && size == 1 {
		r = NoRune
	}
	return &EncodeError{Charset: c.name, Pos: pos, Char: 1 + utf8.RuneCountInString(s[:pos]), Rune: r}
}

// Encode gives the bytes of s, which is UTF-8, without a byte order mark. A
// charset that is [Charset.Ordered] is written big-endian. One that switches
// between sets of characters ends in the first of them.
//
// A character the charset has not, and a byte of s that is not UTF-8, is an
// [*EncodeError].
func (c *Charset) Encode(s string) ([]byte, error) {
	if !utf8.ValidString(s) {
		for pos, r := range s {
			if _, size := utf8.DecodeRuneInString(s[pos:]); r == utf8.RuneError && size == 1 {
				return nil, c.refuse(s, pos)
			}
		}
	}
	switch c.form {
	case utf8Form:
		return []byte(s), nil
	case utf16Form:
		return encode16(s, c.appender()), nil
	case utf32Form:
		out := make([]byte, 0, 4*len(s))
		for _, r := range s {
			out = c.appender().AppendUint32(out, uint32(r))
		}
		return out, nil
	}
	if c.name == "hz-gb-2312" {
		return c.encodeHZ(s)
	}
	return c.encodeLibrary(s)
}

// encodeHZ goes back to ASCII before a tilde and at the end, as RFC 1843 wants it
// and the library leaves out. A line feed makes the library do so.
func (c *Charset) encodeHZ(s string) ([]byte, error) {
	var out []byte
	for pos := 0; ; {
		part, _, more := strings.Cut(s[pos:], "~")
		b, err := c.encodeLibrary(part + "\n")
		if refused, ok := err.(*EncodeError); ok {
			return nil, c.refuse(s, pos+refused.Pos)
		}
		out = append(out, b[:len(b)-1]...)
		if !more {
			return out, nil
		}
		out = append(out, "~~"...)
		pos += len(part) + 1
	}
}

func (c *Charset) appender() binary.AppendByteOrder {
	if c.order == littleEndian {
		return binary.LittleEndian
	}
	return binary.BigEndian
}

func encode16(s string, o binary.AppendByteOrder) []byte {
	out := make([]byte, 0, 2*len(s))
	for _, r := range s {
		if r > 0xffff {
			high, low := utf16.EncodeRune(r)
			out = o.AppendUint16(o.AppendUint16(out, uint16(high)), uint16(low))
			continue
		}
		out = o.AppendUint16(out, uint16(r))
	}
	return out
}

func (c *Charset) encodeLibrary(s string) ([]byte, error) {
	t := c.enc.NewEncoder().Transformer
	src := []byte(s)
	out := make([]byte, len(s)+16)
	wrote, read := 0, 0
	for {
		n, took, err := t.Transform(out[wrote:], src[read:], true)
		wrote, read = wrote+n, read+took
		switch err {
		case nil:
			return out[:wrote:wrote], nil
		case transform.ErrShortDst:
			out = append(out, make([]byte, len(out))...)
		default:
			return nil, c.refuse(s, read)
		}
	}
}
