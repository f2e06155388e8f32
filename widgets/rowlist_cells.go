package widgets

import (
	"math"
	"strconv"
	"time"

	"wirebench/widgets/words"
)

// Cells that lists of clients and of peers have in common.

const (
	mostAddress = 47 // cells; "[2001:db8:1111:2222:3333:4444:5555:6666]:65535"
	someAddress = 30 // of a long one when others need the room
)

const (
	clockTime = "15:04:05"
	clockDay  = DayTime // of what was before today
)

// appendClock writes the time of day, and the day too when that was not today.
func appendClock(b []byte, at, now time.Time) []byte {
	if at.Before(dayStart(now)) {
		return at.Local().AppendFormat(b, clockDay)
	}
	return at.Local().AppendFormat(b, clockTime)
}

// dayStart returns the beginning of the day in the person's zone.
func dayStart(now time.Time) time.Time {
	y, m, d := now.Local().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.Local)
}

const (
	neverSeen words.Text = "never // was anything received"
	seenNow   words.Text = "now // the last was received"
)

var agoUnits = [...]words.Text{"s // seconds, after a number", "min // minutes, after a number", "h // hours, after a number", "d // days, after a number"}

// agoWidth returns how many cells [appendAgo] takes at most, but for more than 99 days.
func agoWidth() int {
	n := max(cellsOf(words.Say(neverSeen)), cellsOf(words.Say(seenNow)))
	for _, unit := range agoUnits {
		n = max(n, len("99 ")+cellsOf(words.Say(unit)))
	}
	return n
}

// appendAgo writes how long ago something was in one unit: "now", "12 s", "3 min".
func appendAgo(b []byte, at, now time.Time) []byte {
	if at.IsZero() {
		return append(b, words.Say(neverSeen)...)
	}
	d := now.Sub(at)
	if d < time.Second {
		return append(b, words.Say(seenNow)...)
	}
	n, unit := int64(d/time.Second), agoUnits[0]
	switch {
	case d >= 24*time.Hour:
		n, unit = int64(d/(24*time.Hour)), agoUnits[3]
	case d >= time.Hour:
		n, unit = int64(d/time.Hour), agoUnits[2]
	case d >= time.Minute:
		n, unit = int64(d/time.Minute), agoUnits[1]
	}
	b = append(strconv.AppendInt(b, n, 10), ' ')
	return append(b, words.Say(unit)...)
}

// rateOf is a rate in whole bytes per second.
func rateOf(r float64) int64 {
	switch {
	case !(r > 0): // not a number, too
		return 0
	case r >= math.MaxInt64:
		return math.MaxInt64
	}
	return int64(math.Round(r))
}

// sizeWidth returns how many cells [FormatSize] takes for n, or more just below where it rounds up.
func sizeWidth(n int64) int {
	if n < 1024 {
		return decimals(n) + len(" B")
	}
	for n >= 1<<20 {
		n /= 1024
	}
	return decimals(n/1024+1) + len(".0 KiB")
}

func countWidth(n int64) int {
	d := decimals(n)
	return d + (d-1)/3
}

// decimals is [digits] for the thousands of numbers of every change: it makes no text of them.
func decimals(n int64) int {
	d := 1
	for ; n >= 10; n /= 10 {
		d++
	}
	return d
}
