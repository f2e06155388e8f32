package widgets

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"

	"wirebench/sessions/charset"
	"wirebench/sessions/inspect"
	"wirebench/widgets/words"
)

// MaxCopy is the most bytes that are copied at once. A clipboard is no place for
// more; a file is.
const MaxCopy = 1 << 20

// hexPlain is how Ctrl+C copies.
var hexPlain = func() inspect.Format {
	f, err := inspect.FormatByID("hex-spaced")
	if err != nil {
		panic("widgets: " + err.Error())
	}
	return f
}()

// CopyAs returns the selected bytes, or the one under the cursor, written in f.
// It returns "" when there are none, when they are more than MaxCopy or when
// they cannot be read, and tells why through OnNotice or OnLarge.
func (h *HexView) CopyAs(f inspect.Format) string {
	if h.selectedSize() > MaxCopy && h.OnLarge != nil {
		h.OnLarge(f)
		return ""
	}
	off, b, problem := h.selectedBytes()
	if problem != "" {
		h.notice(problem)
		return ""
	}
	return f.Text(uint64(off), b)
}

// CopyAsText is CopyAs for the text of the bytes in the charset of the text
// column, with its line breaks and tabs; what cannot be seen is written out.
func (h *HexView) CopyAsText() string {
	_, b, problem := h.selectedBytes()
	if problem != "" {
		h.notice(problem)
		return ""
	}
	c := h.charset
	if c == nil {
		c = charset.UTF8
	}
	return hexPlainText(c, b)
}

// Copy puts CopyAs on the clipboard, unless there is nothing to copy.
func (h *HexView) Copy(f inspect.Format) { clipboard(h.CopyAs(f)) }

// CopyText puts CopyAsText on the clipboard, unless there is nothing to copy.
func (h *HexView) CopyText() { clipboard(h.CopyAsText()) }

func clipboard(s string) {
	if s != "" {
		fyne.CurrentApp().Clipboard().SetContent(s)
	}
}

// selectedBytes reads the selection, or says why it cannot be copied.
func (h *HexView) selectedBytes() (off int64, b []byte, problem string) {
	off, _ = h.Selection()
	parts, n := h.Parts(), h.selectedSize()
	if n == 0 {
		if h.cursor < 0 {
			return 0, nil, words.Say("Nothing is selected.")
		}
		parts, n = []HexRange{{off, 1}}, 1
	}
	if n > MaxCopy {
		return 0, nil, words.Say("%s are selected, and at most %s can be copied at once. Select less, or save the selection to a file.",
			FormatSize(n), FormatSize(MaxCopy))
	}
	b = make([]byte, n)
	rest := b
	for _, p := range parts {
		got, err := h.src.ReadAt(h.stream, rest[:p.Len], p.Off)
		if int64(got) < p.Len {
			return 0, nil, words.Say("Nothing was copied: the bytes at offset 0x%x cannot be read: %s.", p.Off+int64(max(got, 0)), hexWhy(err))
		}
		rest = rest[p.Len:]
	}
	return off, b, ""
}

// selectedSize is how many bytes are selected, in all parts.
func (h *HexView) selectedSize() (n int64) {
	for _, p := range h.Parts() {
		n += p.Len
	}
	return n
}

func (h *HexView) notice(text string) {
	if h.OnNotice != nil {
		h.OnNotice(text)
	}
}

// hexPlainText writes b to be pasted and read: text, tabs and line breaks (CR LF as
// LF) as they are, and everything that would act on the text around it instead
// of being seen, escaped.
func hexPlainText(c *charset.Charset, b []byte) string {
	var out strings.Builder
	out.Grow(len(b))
	d := c.NewDecoder()
	wasReturn := false
	for i := 0; i < len(b); {
		ch := d.Next(b[i:], true)
		if wasReturn && !(ch.Valid && ch.Rune == '\n') {
			out.WriteString(`\r`)
		}
		wasReturn = false
		switch {
		case !ch.Valid:
			for _, c := range b[i : i+ch.Size] {
				fmt.Fprintf(&out, `\x%02x`, c)
			}
		case ch.Rune == charset.NoRune:
		case ch.Rune == '\r':
			wasReturn = true
		case ch.Rune == '\n' || ch.Rune == '\t' || ch.Rune == '\\' || inspect.Visible(ch.Rune):
			out.WriteRune(ch.Rune)
			if ch.Mark != charset.NoRune {
				out.WriteRune(ch.Mark)
			}
		default:
			out.WriteString(inspect.Escape([]byte(string(ch.Rune))))
		}
		i += ch.Size
	}
	if wasReturn {
		out.WriteString(`\r`)
	}
	return out.String()
}
