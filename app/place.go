package app

import (
	"fmt"
	"strconv"
	"strings"
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
	const forms = "write an offset like 4096 or 0x1000, +16 or -16 from the cursor, or #12 for a record"
	if t == "" {
		return place{}, fmt.Errorf("nothing to go to: %s", forms)
	}
	if n, ok := strings.CutPrefix(t, "#"); ok {
		v, err := strconv.ParseInt(strings.TrimSpace(n), 10, 64)
		if err != nil || v < 1 {
			return place{}, fmt.Errorf("%q is no record number: %s", s, forms)
		}
		return place{record: v}, nil
	}
	p := place{relative: t[0] == '+' || t[0] == '-'}
	digits, base := strings.TrimLeft(t, "+-"), 10
	if len(t)-len(digits) > 1 {
		return place{}, fmt.Errorf("%q has more than one sign: %s", s, forms)
	}
	if hex, ok := strings.CutPrefix(strings.ToLower(digits), "0x"); ok {
		digits, base = hex, 16
	}
	v, err := strconv.ParseUint(digits, base, 63)
	if err != nil {
		return place{}, fmt.Errorf("%q is no offset: %s", s, forms)
	}
	p.offset = int64(v)
	if t[0] == '-' {
		p.offset = -p.offset
	}
	return p, nil
}
