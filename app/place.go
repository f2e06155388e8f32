package app

import (
	"fmt"
	"strconv"
	"strings"

	"wirebench/widgets"
	"wirebench/widgets/words"
)

// place is where a person wants to go: a byte offset, absolute or from the
// cursor, or a record.
type place struct {
	offset   int64
	relative bool
	record   int64 // 0 when an offset is meant
}

// parsePlace reads "4096", "0x1000", "+16", "-0x10" and "#12".
func parsePlace(s string) (place, error) {
	t := strings.ReplaceAll(strings.TrimSpace(s), "_", "")
	s = widgets.PlainLine(s, 40) // to be quoted
	const forms words.Text = "write an offset like 4096 or 0x1000, +16 or -16 from the cursor, or #12 for a record"
	if t == "" {
		return place{}, fmt.Errorf("%s: %s", words.Say("nothing to go to"), forms)
	}
	if n, ok := strings.CutPrefix(t, "#"); ok {
		v, err := strconv.ParseInt(strings.TrimSpace(n), 10, 64)
		if err != nil || v < 1 {
			return place{}, fmt.Errorf("%s: %s", words.Say("%q is no record number", s), forms)
		}
		return place{record: v}, nil
	}
	p := place{relative: t[0] == '+' || t[0] == '-'}
	digits, base := strings.TrimLeft(t, "+-"), 10
	if len(t)-len(digits) > 1 {
		return place{}, fmt.Errorf("%s: %s", words.Say("%q has more than one sign", s), forms)
	}
	if hex, ok := strings.CutPrefix(strings.ToLower(digits), "0x"); ok {
		digits, base = hex, 16
	}
	v, err := strconv.ParseUint(digits, base, 63)
	if err != nil {
		return place{}, fmt.Errorf("%s: %s", words.Say("%q is no offset", s), forms)
	}
	p.offset = int64(v)
	if t[0] == '-' {
		p.offset = -p.offset
	}
	return p, nil
}
