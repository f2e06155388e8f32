package widgets

import (
	"unicode"

	"wirebench/sessions/capture"
	"wirebench/sessions/charset"
	"wirebench/sessions/inspect"
	"wirebench/widgets/grid"
)

// What stands in the text column for a byte that is no character of its own.
const (
	hexNoChar rune = 0  // a dot: nothing, or nothing that can be seen
	hexInChar rune = -1 // room: the byte belongs to the character before it
)

// hexBefore is how many bytes before those on screen are read, so that the first
// character on screen is read from where it begins.
func hexBefore(c *charset.Charset) int64 {
	switch {
	case c == nil:
		return 0
	case c.Name() == "iso-2022-jp" || c.Name() == "hz-gb-2312":
		return 4 << 10 // the set of characters may have been switched to far back
	}
	return 256
}

// SetCharset shows the text column in the charset c, in the byte order o where c
// leaves that open; nil shows each byte on its own, as ASCII or Latin-1. Text is
// copied in it too.
func (h *HexView) SetCharset(c *charset.Charset, o inspect.Order) {
	if c != nil {
		c = c.In(o == inspect.Little)
	}
	if sameCharset(c, h.charset) {
		return
	}
	h.charset = c
	h.window.stale = true
	h.show()
}

// sameCharset compares by name: a charset is looked up anew each time.
func sameCharset(a, b *charset.Charset) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Name() == b.Name()
}

// Charset returns the charset of the text column, nil for none.
func (h *HexView) Charset() *charset.Charset { return h.charset }

// decode works out what stands in the text column for each byte of the window.
// Each record begins a new text, because that is where a peer began to write,
// but a character that a border of records cuts in two is put together again.
func (w *hexWindow) decode(s capture.Stream, c *charset.Charset) {
	w.chars = append(w.chars[:0], make([]rune, len(w.data))...)
	if c == nil {
		for i, b := range w.data {
			w.chars[i] = hexText(b)
		}
		return
	}
	taken := 0 // bytes of the window that are read, a character of the record before among them
	for i := range w.recs {
		r := &w.recs[i]
		from := int(max(r.In(s)-w.off, 0))
		to := int(min(r.In(s)+int64(r.Len)-w.off, int64(len(w.data))))
		if from = max(from, taken); from >= to {
			continue
		}
		if unit := int64(c.Unit()); unit > 1 && r.In(s) < w.off { // keep in step with its beginning
			from += int((unit - (w.off-r.In(s))%unit) % unit)
		}
		more := to // of the same speaker
		if c.Unit() == 1 && i+1 < len(w.recs) && w.recs[i+1].Dir == r.Dir && w.recs[i+1].Flow == r.Flow {
			more = int(min(w.recs[i+1].In(s)+int64(w.recs[i+1].Len)-w.off, int64(len(w.data))))
		}
		taken = w.decodeRecord(c, from, to, more)
	}
}

// decodeRecord reads the bytes between from and to, and those up to more only to
// complete the last character. It returns how far it got.
func (w *hexWindow) decodeRecord(c *charset.Charset, from, to, more int) int {
	d := c.NewDecoder()
	for at := from; at < to; {
		ch := d.Next(w.data[at:to], false)
		if ch.Missing > 0 && more > to {
			ch = d.Next(w.data[at:min(more, at+8)], true)
		} else if ch.Missing > 0 {
			ch = d.Next(w.data[at:to], true)
		}
		if ch.Size < 1 {
			return to
		}
		end := min(at+ch.Size, len(w.data))
		if ch.Valid && ch.Rune != charset.NoRune && inspect.Visible(ch.Rune) && !unicode.Is(unicode.M, ch.Rune) &&
			grid.RuneWidth(ch.Rune) <= ch.Size {
			w.chars[at] = ch.Rune
			for i := at + 1; i < end; i++ {
				w.chars[i] = hexInChar
			}
		}
		at = end
		if at > to {
			return at
		}
	}
	return to
}

// hexText returns the character the text column shows for b on its own:
// printable ASCII and Latin-1 as themselves, hexNoChar for what has no shape.
func hexText(b byte) rune {
	if b >= 0x20 && b < 0x7f || b > 0xa0 && b != 0xad {
		return rune(b)
	}
	return hexNoChar
}
