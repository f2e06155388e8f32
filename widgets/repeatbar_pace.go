package widgets

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"wirebench/widgets/words"
)

const (
	leastEvery   = 100 * time.Microsecond
	longestEvery = 24 * time.Hour
	mostRepeats  = 1_000_000_000_000

	flatOut  words.Text = "flat out // as fast as possible"
	paceHint words.Text = "like 2.5 ms, 500 µs or 200/s; 0 is flat out"
)

// parsePace reads how often something is to be sent: as the time between two, "1 ms", "500us" or a plain number of
// milliseconds, as a rate, "200/s", "200 per second" or "200 Hz", or 0 for as fast as possible, for which every is 0.
func parsePace(s string) (every time.Duration, rate bool, err error) {
	s = unspaced(s)
	switch s {
	case "0", "flatout", "flat-out", "flat", unspaced(words.Say(flatOut)):
		return 0, false, nil
	case "":
		return 0, false, errors.New(words.Say("write a time or a rate, like 2.5 ms, 500 µs or 200/s; 0 is flat out"))
	}
	for _, unit := range []string{"/s", "/sec", "/second", "persecond", "hz"} {
		if n, ok := strings.CutSuffix(s, unit); ok {
			every, err = parseRate(n)
			return every, true, err
		}
	}
	if isDecimal(s) {
		s += "ms"
	}
	d, err := time.ParseDuration(s)
	switch {
	case err != nil:
		return 0, false, errors.New(words.Say("write a time with its unit or a rate, like 2.5 ms, 500 µs or 200/s; 0 is flat out"))
	case d < leastEvery:
		return 0, false, errors.New(words.Say("write 100 µs or more, or 0 for flat out"))
	case d > longestEvery:
		return 0, false, errors.New(words.Say("write a time of at most 24 h, or 0 for flat out"))
	}
	return d, false, nil
}

// unspaced returns s in lower case and without its blanks.
func unspaced(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), "")) }

// parseRate reads a number per second, with or without commas, and returns the time between two.
func parseRate(s string) (time.Duration, error) {
	s = ungrouped(s)
	n, err := strconv.ParseFloat(s, 64)
	switch {
	case err != nil || !isDecimal(s):
		return 0, errors.New(words.Say("write a rate as a number per second, like 200/s, or 0 for flat out"))
	case n > float64(time.Second/leastEvery):
		return 0, errors.New(words.Say("write a rate of at most %s/s, or 0 for flat out", FormatCount(int64(time.Second/leastEvery))))
	case n*longestEvery.Seconds() < 1:
		return 0, errors.New(words.Say("write a rate of at least one a day, or 0 for flat out"))
	}
	return max(time.Duration(math.Round(float64(time.Second)/n)), leastEvery), nil
}

// isDecimal tells whether s is of digits with at most a point among them, and nothing that Go takes for a number too.
func isDecimal(s string) bool {
	return strings.Trim(s, "0123456789.") == "" && strings.Count(s, ".") <= 1 && strings.Trim(s, ".") != ""
}

// paceText writes how often so that parsePace reads the same: as the time between two, or as a rate where that is a
// whole one and the time no whole number of microseconds.
func paceText(every time.Duration) string {
	if every <= 0 {
		return words.Say(flatOut)
	}
	if n := wholeRate(every); n > 0 && every%time.Microsecond != 0 {
		return FormatCount(n) + "/s"
	}
	s := shortDuration(every)
	if i := strings.IndexFunc(s, func(r rune) bool { return r != '.' && (r < '0' || r > '9') }); every < time.Minute {
		s = s[:i] + " " + s[i:]
	}
	return s
}

// wholeRate returns how many a second a time between two stands for, 0 when that is no whole number.
func wholeRate(every time.Duration) int64 {
	n := math.Round(float64(time.Second) / float64(every))
	if n < 1 || time.Duration(math.Round(float64(time.Second)/n)) != every {
		return 0
	}
	return int64(n)
}

// tidyPace writes what parsePace understood of s, a rate as a rate. What it cannot read, or write better, stays.
func tidyPace(s string) string {
	every, rate, err := parsePace(s)
	switch {
	case err != nil:
		return s
	case !rate:
		return paceText(every)
	}
	if n := wholeRate(every); n > 0 {
		return FormatCount(n) + "/s"
	}
	return trimBlanks(s)
}

// parseTimes reads how many datagrams are to be sent; nothing is until stopped, which is 0.
func parseTimes(s string) (int64, error) {
	if trimBlanks(s) == "" {
		return 0, nil
	}
	n, err := parseCount(s, 1, mostRepeats)
	if err != nil {
		err = errors.New(words.Say("%s, or nothing: until stopped", err))
	}
	return n, err
}

// perSecond writes a rate: whole numbers, and two decimals of what is less than ten.
func perSecond(rate float64) string {
	if rate < 9.995 {
		return strconv.FormatFloat(rate, 'f', 2, 64) + "/s"
	}
	return FormatCount(rateOf(rate)) + "/s"
}

// lateText writes a short time in the unit of its size: "0.4 µs", "80 µs", "1.2 ms", "3.0 s".
func lateText(d time.Duration) string {
	switch {
	case d < 10*time.Microsecond:
		return strconv.FormatFloat(float64(d)/1e3, 'f', 1, 64) + " µs"
	case d < time.Millisecond:
		return strconv.FormatInt(d.Round(time.Microsecond).Microseconds(), 10) + " µs"
	case d < time.Second:
		return strconv.FormatFloat(float64(d)/1e6, 'f', 1, 64) + " ms"
	}
	return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
}
