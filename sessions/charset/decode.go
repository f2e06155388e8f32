package charset

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/transform"
)

// NoRune stands where there is no character.
const NoRune rune = -1

// Char is what a [Decoder] makes of the bytes before it.
//
// With Missing above zero the bytes begin a character that needs more of them,
// and nothing was taken. Otherwise Size bytes were taken, and they are the
// character Rune when Valid is set. When it is not they are no character, and
// Rune is [NoRune]. Valid with NoRune is a sequence that switches a charset from
// one set of characters to another, as ISO-2022-JP and HZ have them.
type Char struct {
	Rune    rune
	Mark    rune // a second character that the same bytes stand for, NoRune for none: four pairs in Big5 have a combining mark
	Size    int
	Valid   bool
	Missing int // at least how many bytes more
}

// A Decoder reads bytes one character after the other. It is for one goroutine.
type Decoder struct {
	c      *Charset
	order  order
	t      transform.Transformer // of library without a table; holds the state of the charsets that switch
	start  bool                  // nothing was read yet
	out    [8]byte               // room for what the library writes
	double bool                  // each half of two bytes is one of the 94 of ISO 2022
}

// NewDecoder gives a decoder for text that begins where the charset's state is
// the first one. One that is [Charset.Ordered] obeys the byte order mark that
// the text may begin with, and is big-endian without one (RFC 2781 section 4.3).
// The mark itself is a character like the others, U+FEFF.
func (c *Charset) NewDecoder() *Decoder {
	d := &Decoder{c: c, order: c.order, start: true}
	if c.form == library && c.table == nil {
		d.t = c.enc.NewDecoder().Transformer
		d.double = c.name == "iso-2022-jp" || c.name == "hz-gb-2312"
	}
	return d
}

// Next takes the character at the start of b, which is not empty. Atend says
// that no bytes follow b: then an unfinished character is no character, and
// Missing is never set.
func (d *Decoder) Next(b []byte, atEnd bool) Char {
	start := d.start
	d.start = false
	var ch Char
	switch {
	case len(b) == 0:
		ch = Char{Rune: NoRune, Mark: NoRune, Missing: d.c.Unit()}
	case d.c.form == utf8Form:
		ch = nextUTF8(b)
	case d.c.form == library && d.c.table != nil:
		r := d.c.table[b[0]]
		ch = Char{Rune: r, Mark: NoRune, Size: 1, Valid: r != NoRune}
	case d.c.form == library:
		ch = d.nextLibrary(b, atEnd)
	default:
		if start && d.order == eitherOrder {
			d.mark(b)
		}
		ch = d.nextWide(b)
	}
	if ch.Missing > 0 {
		d.start = start
		if atEnd && len(b) > 0 {
			// Of what is cut off, one byte at a time: the next may be a character.
			n := 1
			if unit := d.c.Unit(); unit > 1 {
				n = min(unit, len(b))
			}
			return Char{Rune: NoRune, Mark: NoRune, Size: n}
		}
	}
	return ch
}

// mark settles the order by the byte order mark at the start of b.
func (d *Decoder) mark(b []byte) {
	switch {
	case d.c.form == utf16Form && bytes.HasPrefix(b, []byte{0xff, 0xfe}),
		d.c.form == utf32Form && bytes.HasPrefix(b, []byte{0xff, 0xfe, 0, 0}):
		d.order = littleEndian
	case len(b) >= d.c.Unit():
		d.order = bigEndian
	}
}

func nextUTF8(b []byte) Char {
	r, size := utf8.DecodeRune(b)
	if r != utf8.RuneError || size > 1 {
		return Char{Rune: r, Mark: NoRune, Size: size, Valid: true}
	}
	if utf8.FullRune(b) {
		return Char{Rune: NoRune, Mark: NoRune, Size: 1}
	}
	missing := 4 - len(b)
	switch {
	case b[0] < 0xe0:
		missing = 2 - len(b)
	case b[0] < 0xf0:
		missing = 3 - len(b)
	}
	return Char{Rune: NoRune, Mark: NoRune, Missing: missing}
}

// WholeUTF8 is b without the beginning of a character of UTF-8 at its end whose
// other bytes may follow.
func WholeUTF8(b []byte) []byte {
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		if at := len(b) - n; utf8.RuneStart(b[at]) {
			if !utf8.FullRune(b[at:]) {
				return b[:at]
			}
			break
		}
	}
	return b
}

// nextWide reads UTF-16 (RFC 2781) or UTF-32. A surrogate without its partner
// and a number that is no character are two or four bytes that are none.
func (d *Decoder) nextWide(b []byte) Char {
	unit := d.c.Unit()
	if len(b) < unit {
		return Char{Rune: NoRune, Mark: NoRune, Missing: unit - len(b)}
	}
	var o binary.ByteOrder = binary.BigEndian
	if d.order == littleEndian {
		o = binary.LittleEndian
	}
	if unit == 4 {
		if v := o.Uint32(b); v <= utf8.MaxRune && !utf16.IsSurrogate(rune(v)) {
			return Char{Rune: rune(v), Mark: NoRune, Size: 4, Valid: true}
		}
		return Char{Rune: NoRune, Mark: NoRune, Size: 4}
	}
	r := rune(o.Uint16(b))
	if !utf16.IsSurrogate(r) {
		return Char{Rune: r, Mark: NoRune, Size: 2, Valid: true}
	}
	if r >= 0xdc00 { // the second half, with no first
		return Char{Rune: NoRune, Mark: NoRune, Size: 2}
	}
	if len(b) < 4 {
		return Char{Rune: NoRune, Mark: NoRune, Missing: 4 - len(b)}
	}
	if r = utf16.DecodeRune(r, rune(o.Uint16(b[2:]))); r == utf8.RuneError {
		return Char{Rune: NoRune, Mark: NoRune, Size: 2}
	}
	return Char{Rune: r, Mark: NoRune, Size: 4, Valid: true}
}

// widestChar is more bytes than any charset of the library needs for one
// character or for one switch: GB 18030 and ISO-2022-JP have four.
const widestChar = 8

// nextLibrary gives the library one byte more at a time, until it takes some,
// and room for one character only: so what it takes is one character, and what
// it writes U+FFFD for is what was wrong.
func (d *Decoder) nextLibrary(b []byte, atEnd bool) Char {
	b = b[:min(len(b), widestChar)]
	for n := 1; n <= len(b); n++ {
		last := atEnd && n == len(b)
		if ch, ok := d.try(b[:n], last); ok {
			return ch
		}
	}
	if len(b) == widestChar {
		return Char{Rune: NoRune, Mark: NoRune, Size: 1}
	}
	return Char{Rune: NoRune, Mark: NoRune, Missing: 1}
}

// try offers b to the library and tells whether it took any of it.
func (d *Decoder) try(b []byte, last bool) (Char, bool) {
	out := d.out[:]
	// U+FFFD is three bytes, so that nothing goes with it into the least room.
	for room := utf8.RuneLen(utf8.RuneError); room <= len(d.out); room++ {
		wrote, took, err := d.t.Transform(out[:room], b, last)
		if took == 0 && err == transform.ErrShortDst {
			continue
		}
		if took == 0 {
			return Char{}, false
		}
		return d.char(out[:wrote], b[:took]), true
	}
	return Char{}, false
}

// char is what the library made of b.
func (d *Decoder) char(out, b []byte) Char {
	ch := Char{Rune: NoRune, Mark: NoRune, Size: len(b), Valid: true}
	if len(out) == 0 {
		return ch
	}
	var size int
	ch.Rune, size = utf8.DecodeRune(out)
	if size < len(out) {
		ch.Mark, _ = utf8.DecodeRune(out[size:])
	}
	wrong := ch.Rune == utf8.RuneError && !bytes.Equal(b, d.c.fffd)
	// The library takes any byte for the second half of a pair.
	if d.double && len(b) == 2 && (min(b[0], b[1]) < 0x21 || max(b[0], b[1]) > 0x7e) {
		wrong = true
	}
	if wrong {
		return Char{Rune: NoRune, Mark: NoRune, Size: len(b)}
	}
	return ch
}
