package widgets

import (
	"strings"
	"unicode/utf8"

	"wirebench/widgets/grid"
)

// cellsOver reports whether s takes more than n cells. It reads no more of s than it has to.
func cellsOver(s string, n int) bool {
	for _, c := range s {
		if n -= grid.RuneWidth(c); n < 0 {
			return true
		}
	}
	return false
}

func cellsOf(s string) (n int) {
	for _, c := range s {
		n += grid.RuneWidth(c)
	}
	return n
}

// wrapAt returns how much of s goes into a row of n cells: all of it, or up to behind the last good place to part it,
// or else as much as fits. It is never nothing, unless s is. Good places are commas without a blank behind, as in
// distinguished names, then blanks, then the marks inside hex and addresses.
func wrapAt(s string, n int) int {
	used, end := 0, len(s)
	var comma, blank, other int
	for i, c := range s {
		if used += grid.RuneWidth(c); used > n {
			end = i
			break
		}
		switch c {
		case ',':
			if used > n/2 && !strings.HasPrefix(s[i:], ", ") {
				comma = i + 1
			}
		case ' ':
			if used > n/3 {
				blank = i + 1
			}
		case ':', ';', '/':
			if used > n*2/3 {
				other = i + 1
			}
		}
	}
	switch {
	case end == len(s):
		return end
	case comma > 0:
		return comma
	case blank > 0:
		return blank
	case other > 0:
		return other
	case end == 0:
		_, size := utf8.DecodeRuneInString(s)
		return size
	}
	return end
}

// fitCells shortens s to at most n cells of a monospaced font, the last one an ellipsis when something was left out.
// It reads no more of s than it shows.
func fitCells(s string, n int) string {
	used, keep := 0, 0 // keep is the length that leaves room for the ellipsis
	for i, r := range s {
		if used < n {
			keep = i
		}
		used += grid.RuneWidth(r)
		if used > n {
			if n < 1 {
				return ""
			}
			return s[:keep] + "…"
		}
	}
	return s
}

// fitMiddle shortens s to at most n cells with an ellipsis in its middle: the names of CAs often differ at their ends
// only.
func fitMiddle(s string, n int) string {
	if !cellsOver(s, n) {
		return s
	}
	runes := []rune(s)
	tail, used := len(runes), 0
	for tail > 0 && used+grid.RuneWidth(runes[tail-1]) <= max(n-1, 0)/3 {
		tail--
		used += grid.RuneWidth(runes[tail])
	}
	return fitCells(s, n-used) + string(runes[tail:])
}
