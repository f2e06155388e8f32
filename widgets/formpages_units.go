package widgets

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"wirebench/widgets/words"
)

// parseDuration reads "20s", "1m30s", "500ms", or a plain number of seconds.
func parseDuration(s string, longest time.Duration) (time.Duration, error) {
	s = trimBlanks(s)
	if s == "" {
		return 0, errors.New(words.Say("write a time, like 20s"))
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		n, numErr := strconv.ParseFloat(s, 64)
		if numErr != nil || n != n {
			return 0, errors.New(words.Say("write a time with its unit, like 20s, 500ms or 1m30s"))
		}
		if n > longest.Seconds() {
			return 0, errors.New(words.Say("write at most %s", shortDuration(longest)))
		}
		d = time.Duration(n * float64(time.Second))
	}
	switch {
	case d < time.Millisecond:
		return 0, errors.New(words.Say("write a time of 1ms or more"))
	case d > longest:
		return 0, errors.New(words.Say("write at most %s", shortDuration(longest)))
	}
	return d, nil
}

// shortDuration writes d without the zero parts that time.Duration puts at the end: "1h", not "1h0m0s".
func shortDuration(d time.Duration) string {
	s := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if n := len(s) - len(zero); n > 0 && s[n:] == zero {
			s = s[:n+1]
		}
	}
	return s
}

// parseCount reads a whole number from least to most, with its digits grouped or not.
func parseCount(s string, least, most int64) (int64, error) {
	n, err := strconv.ParseInt(ungrouped(trimBlanks(s)), 10, 64)
	if err != nil || n < least || n > most {
		return 0, errors.New(words.Say("write a whole number from %d to %d", least, most))
	}
	return n, nil
}

// byteUnits are the names a size may be written with, in lower case. One letter is the binary unit, as the sizes of
// this program are.
var byteUnits = map[string]int64{
	"": 1, "b": 1, "byte": 1, "bytes": 1,
	"k": 1 << 10, "kib": 1 << 10, "kb": 1e3,
	"m": 1 << 20, "mib": 1 << 20, "mb": 1e6,
	"g": 1 << 30, "gib": 1 << 30, "gb": 1e9,
}

// parseSize reads a number of bytes from 1 to most: "256 KiB", "1.5 MiB", "64k", or plain bytes.
func parseSize(s string, most int64) (int64, error) {
	s = trimBlanks(s)
	digits := strings.TrimRight(s, "bBeEgGiIkKmMsStTyY \t")
	unit, known := byteUnits[strings.ToLower(trimBlanks(s[len(digits):]))]
	digits = ungrouped(digits)
	v, err := strconv.ParseFloat(digits, 64)
	if !known || err != nil || strings.Trim(digits, "0123456789.") != "" {
		return 0, errors.New(words.Say("write a size, like 256 KiB, 1 MiB or 1000 bytes"))
	}
	switch v *= float64(unit); {
	case v < 1:
		return 0, errors.New(words.Say("write 1 byte or more"))
	case v > float64(most):
		return 0, errors.New(words.Say("write at most %s", exactSize(most)))
	}
	return int64(v), nil
}

// exactSize writes n bytes so that parseSize reads the same number: in the largest unit of which it is a whole number.
func exactSize(n int64) string {
	unit := 0
	for unit < 3 && n > 0 && n%1024 == 0 {
		n /= 1024
		unit++
	}
	return strconv.FormatInt(n, 10) + " " + sizeUnits[unit]
}
