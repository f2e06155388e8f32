package widgets

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

var sizeUnits = [...]string{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}

// FormatSize writes a number of bytes for people: whole bytes below 1 KiB ("340 B"), then one decimal in the
// largest binary unit that leaves at least 1 ("1.2 MiB"). Where the exact number matters, write it with
// [FormatCount] beside it.
func FormatSize(n int64) string {
	if n < 0 {
		if n == math.MinInt64 {
			return "-8.0 EiB"
		}
		return "-" + FormatSize(-n)
	}
	if n < 1024 {
		return strconv.FormatInt(n, 10) + " B"
	}
	v, unit := float64(n), 0
	// 1023.95 and above would be rounded up to "1024.0", which belongs to the next unit.
	for unit < len(sizeUnits)-1 && v >= 1023.95 {
		v /= 1024
		unit++
	}
	if unit == 0 {
		v, unit = v/1024, 1
	}
	return strconv.FormatFloat(v, 'f', 1, 64) + " " + sizeUnits[unit]
}

// FormatCount writes a whole number exactly, with a comma between groups of three digits: "4,567".
func FormatCount(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	if len(s) <= 3 {
		return sign + s
	}
	var b strings.Builder
	b.Grow(len(s) + len(s)/3 + 1)
	b.WriteString(sign)
	head := len(s) % 3
	if head > 0 {
		b.WriteString(s[:head])
	}
	for i := head; i < len(s); i += 3 {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(s[i : i+3])
	}
	return b.String()
}

// FormatElapsed writes a duration as hours, minutes and seconds: "00:02:13". Hours are not wrapped at 24, and a
// negative duration, which only a clock set back can give, counts as none.
func FormatElapsed(d time.Duration) string {
	s := int64(max(d, 0) / time.Second)
	return fmt.Sprintf("%02d:%02d:%02d", s/3600, s/60%60, s%60)
}

// FormatRate writes bytes per second for people: "1.2 MiB/s".
func FormatRate(bytesPerSecond int64) string {
	return FormatSize(bytesPerSecond) + "/s"
}

// plural joins an exact count and a noun: "1 record", "4,567 records".
func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return FormatCount(n) + " " + noun + "s"
}

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

// pathListSeparator stands between the files of a list, as in the system's search paths.
const pathListSeparator = string(os.PathListSeparator)
