package widgets

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"

	"wirebench/sessions/inspect"
)

// HexCopy is a way to write bytes as text.
type HexCopy uint8

// The ways of [HexView.CopyText].
const (
	CopyHex     HexCopy = iota // "48 65 6c 6c 6f"
	CopyPlain                  // as text: UTF-8 with its line breaks and tabs, what cannot be seen escaped
	CopyHexDump                // as hexdump -C writes it, with the stream's offsets
	CopyEscaped                // on one line, in the composer's notation; exact
)

// MaxCopy is the most bytes that are copied at once. A clipboard is no place for
// more; an export is.
const MaxCopy = 1 << 20

// CopyText returns the selected bytes, or the one under the cursor, written as
// kind says. It returns "" when there are none, when they are more than MaxCopy
// or when they cannot be read, and tells why through OnNotice.
func (h *HexView) CopyText(kind HexCopy) string {
	off, b, problem := h.selectedBytes()
	if problem != "" {
		h.notice(problem)
		return ""
	}
	switch kind {
	case CopyPlain:
		return hexPlainText(b)
	case CopyHexDump:
		return inspect.HexDump(uint64(off), b)
	case CopyEscaped:
		return inspect.Escape(b)
	}
	return spacedHex(b)
}

// Copy puts CopyText on the clipboard, unless there is nothing to copy.
func (h *HexView) Copy(kind HexCopy) {
	if s := h.CopyText(kind); s != "" {
		fyne.CurrentApp().Clipboard().SetContent(s)
	}
}

// selectedBytes reads the selection, or says why it cannot be copied.
func (h *HexView) selectedBytes() (off int64, b []byte, problem string) {
	off, n := h.Selection()
	if n == 0 {
		if h.cursor < 0 {
			return 0, nil, "Nothing is selected."
		}
		n = 1
	}
	if n > MaxCopy {
		return 0, nil, fmt.Sprintf("%s are selected, and at most %s can be copied at once. Select less, or export the capture.",
			FormatSize(n), FormatSize(MaxCopy))
	}
	b = make([]byte, n)
	got, err := h.src.ReadAt(h.stream, b, off)
	if int64(got) < n {
		return 0, nil, fmt.Sprintf("Nothing was copied: the bytes at offset 0x%x cannot be read: %s.", off+int64(max(got, 0)), hexWhy(err))
	}
	return off, b, ""
}

func (h *HexView) notice(text string) {
	if h.OnNotice != nil {
		h.OnNotice(text)
	}
}

// spacedHex writes two digits a byte, with spaces between.
func spacedHex(b []byte) string {
	out := make([]byte, 0, 3*len(b))
	for i, c := range b {
		if i > 0 {
			out = append(out, ' ')
		}
		out = append(out, hexDigit(c>>4), hexDigit(c&15))
	}
	return string(out)
}

// hexPlainText writes b to be pasted and read: text, tabs and line breaks (CR LF as
// LF) as they are, and everything that would act on the text around it instead
// of being seen, escaped.
func hexPlainText(b []byte) string {
	var out strings.Builder
	out.Grow(len(b))
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		switch {
		case r == '\r' && i+1 < len(b) && b[i+1] == '\n':
			// the line feed comes next
		case r == '\n' || r == '\t' || inspect.Visible(r) && (r != utf8.RuneError || size > 1):
			out.Write(b[i : i+size])
		default:
			out.WriteString(inspect.Escape(b[i : i+size]))
		}
		i += size
	}
	return out.String()
}
