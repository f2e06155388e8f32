package inspect

import (
	"bytes"
	"fmt"
	"math"

	"wirebench/sessions/charset"
)

// MaxText bounds the bytes of a text value that are shown; a longer one ends in
// an ellipsis. Size tells the whole length all the same.
const MaxText = 1024

// texts are the readers of text in one charset.
type texts struct{ c *charset.Charset }

func textRows(c *charset.Charset) []Row {
	t := texts{c}
	// A charset that obeys the column makes text of one byte order differ.
	single := !c.Ordered()
	return []Row{
		{ID: "char", Name: "character", Group: Text, Single: single, Value: t.character},
		{ID: "string", Name: "string to NUL", Group: Text, Single: single, Value: around(t.untilNUL), placed: t.untilNUL},
		{ID: "seltext", Name: "selection, text", Group: Text, Single: single, Selection: true, Value: t.selected},
		{ID: "u8string", Name: "u8 + string", Group: Text, Single: single, Value: around(t.prefixed(1)), placed: t.prefixed(1)},
		{ID: "readutf", Name: "readUTF", Group: Text, Value: around(t.prefixed(2)), placed: t.prefixed(2)},
		{ID: "u32string", Name: "u32 + string", Group: Text, Value: around(t.prefixed(4)), placed: t.prefixed(4)},
		{ID: "varstring", Name: "varint + string", Group: Text, Single: single, Value: around(t.prefixed(0)), placed: t.prefixed(0)},
	}
}

// character reads one character and names its code point.
func (t texts) character(b []byte, o Order) Value {
	d := t.c.In(o == Little).NewDecoder()
	for at := 0; ; {
		ch := d.Next(b[at:], false)
		if ch.Missing > 0 {
			return Value{Missing: ch.Missing}
		}
		end := at + ch.Size
		switch {
		case !ch.Valid:
			var shown []byte
			for _, c := range b[at:end] {
				shown = appendByte(shown, c)
			}
			return Value{Problem: fmt.Sprintf("not %s: %s", t.c.Name(), shown)}
		case ch.Rune == charset.NoRune: // a switch to other characters
			at = end
			continue
		}
		text := string(ch.Rune)
		codes := fmt.Sprintf("U+%04X", ch.Rune)
		if ch.Mark != charset.NoRune {
			text += string(ch.Mark)
			codes += fmt.Sprintf(" U+%04X", ch.Mark)
		}
		return Value{Text: Escape([]byte(text)) + "  " + codes, Size: end}
	}
}

// untilNUL reads text up to the first zero character, or to the end.
func (t texts) untilNUL(p Place, o Order) Value {
	b, unit := p.Bytes, t.c.Unit()
	if len(b) == 0 {
		return Value{Missing: unit}
	}
	if n := indexNUL(b, unit); n >= 0 {
		return Value{Text: t.capped(b[:n], o, false), Size: n + unit}
	}
	return Value{Text: t.capped(b, o, p.rest() > uint64(len(b))), Size: len(b)}
}

// indexNUL finds the first unit of zero bytes. In no charset with units of one
// byte is a zero byte part of another character.
func indexNUL(b []byte, unit int) int {
	if unit == 1 {
		return bytes.IndexByte(b, 0)
	}
	var zero [4]byte
	for i := 0; i+unit <= len(b); i += unit {
		if bytes.Equal(b[i:i+unit], zero[:unit]) {
			return i
		}
	}
	return -1
}

// selected reads all bytes as text: IDataInput.readUTFBytes and readMultiByte.
func (t texts) selected(b []byte, o Order) Value {
	if len(b) == 0 {
		return Value{Problem: "select the bytes of a text"}
	}
	return Value{Text: t.capped(b, o, false), Size: len(b)}
}

// prefixed reads text behind its length in bytes, an unsigned integer of n bytes
// or a varint for zero. With two bytes and UTF-8 it is IDataInput.readUTF, whose
// length obeys the byte order.
func (t texts) prefixed(n int) func(Place, Order) Value {
	return func(p Place, o Order) Value {
		var length uint64
		size := n
		switch {
		case n == 0:
			var v Value
			if length, size, v = readULEB128(p.Bytes); size == 0 {
				return v
			}
		case len(p.Bytes) < n:
			return Value{Missing: n - len(p.Bytes)}
		default:
			length = load64(p.Bytes[:n], o)
		}
		if rest := p.rest() - uint64(size); length > rest && p.AtLeast {
			return Value{Problem: "of " + count(length) + ", more than were counted so far"}
		} else if length > rest {
			return Value{Missing: int(min(length-rest, math.MaxInt))}
		}
		b := p.Bytes[size:]
		cut := length > uint64(len(b)) // the stream has it, but it is not at hand
		return Value{Text: t.capped(b[:min(length, uint64(len(b)))], o, cut), Size: size + int(length)}
	}
}

// capped escapes at most MaxText bytes, without cutting a character in two. Cut
// says that there is more of the text than b.
func (t texts) capped(b []byte, o Order, cut bool) string {
	text, n := escapeIn(t.c.In(o == Little), b, MaxText, !cut)
	if cut || n < len(b) {
		text += "…"
	}
	return text
}
