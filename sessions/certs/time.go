package certs

import (
	"fmt"
	"time"
)

// ParseTime reads a point in time as people write one for checking a certificate as of then: RFC 3339
// with or without fractions, "2006-01-02 15:04:05" or "2006-01-02 15:04" in UTC, or a date, which is
// its first moment in UTC.
func ParseTime(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, time.DateTime, "2006-01-02 15:04", "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a time: write a date like 2026-01-31, or RFC 3339 like 2026-01-31T12:00:00Z", s)
}
