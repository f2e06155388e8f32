package inspect

import (
	"math"
	"time"
)

// The years that RFC 3339 can write.
const (
	firstSecond = -62167219200 // 0000-01-01T00:00:00Z
	lastSecond  = 253402300799 // 9999-12-31T23:59:59Z
)

// Seconds from other epochs to that of Unix.
const (
	since1601 = 11644473600 // FILETIME
	since0001 = 62135596800 // .NET
	since1900 = 2208988800  // NTP, RFC 5905
)

const (
	beyondYears = "beyond the years 0 to 9999"
	noDate      = "no such date"
)

// utc writes an instant as RFC 3339 in UTC, with as many digits behind the
// second as it needs.
func utc(seconds, nanos int64) Value {
	if seconds < firstSecond || seconds > lastSecond {
		return Value{Problem: beyondYears}
	}
	return Value{Text: time.Unix(seconds, nanos).UTC().Format(time.RFC3339Nano)}
}

// local writes a time of day that says nothing about its zone: RFC 3339
// without the offset, since a Z would claim to know it.
func local(t time.Time) Value {
	return Value{Text: t.Format("2006-01-02T15:04:05.999999999")}
}

// split divides a count of units since some epoch into seconds and nanoseconds,
// rounding down, so that the part below the second is never negative.
func split(count, perSecond int64) (seconds, nanos int64) {
	seconds, rest := count/perSecond, count%perSecond
	if rest < 0 {
		seconds, rest = seconds-1, rest+perSecond
	}
	return seconds, rest * (1e9 / perSecond)
}

// unixSeconds32 reads the 32 bits as unsigned, which reaches to the year 2106.
func unixSeconds32(b []byte, o Order) Value { return utc(int64(load64(b, o)), 0) }

func unixSeconds(b []byte, o Order) Value { return utc(int64(load64(b, o)), 0) }
func unixMillis(b []byte, o Order) Value  { return utc(split(int64(load64(b, o)), 1e3)) }
func unixMicros(b []byte, o Order) Value  { return utc(split(int64(load64(b, o)), 1e6)) }
func unixNanos(b []byte, o Order) Value   { return utc(split(int64(load64(b, o)), 1e9)) }

// fileTime reads Windows' FILETIME: steps of 100 ns since 1601, unsigned.
func fileTime(b []byte, o Order) Value {
	v := load64(b, o)
	if v > math.MaxInt64 {
		return Value{Problem: beyondYears} // also refused by FileTimeToSystemTime
	}
	seconds, nanos := split(int64(v), 1e7)
	return utc(seconds-since1601, nanos)
}

// dotNetTicks reads System.DateTime.Ticks: steps of 100 ns since the year 1.
func dotNetTicks(b []byte, o Order) Value {
	v := load64(b, o)
	if v > 3155378975999999999 { // DateTime.MaxValue.Ticks
		return Value{Problem: "beyond the years 1 to 9999"}
	}
	seconds, nanos := split(int64(v), 1e7)
	return utc(seconds-since0001, nanos)
}

// oleDate reads an OLE automation date: days since 1899-12-30 as a float64,
// whose fraction is the time of day even when the days are negative. It is
// rounded to the millisecond, as DateTime.FromOADate does, and has no zone.
func oleDate(b []byte, o Order) Value {
	v := math.Float64frombits(load64(b, o))
	if !(v > -657435 && v < 2958466) {
		return Value{Problem: "beyond the years 100 to 9999"}
	}
	days, fraction := math.Modf(v)
	millis := math.Round(math.Abs(fraction) * 86400e3)
	t := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(days))
	t = t.Add(time.Duration(millis) * time.Millisecond)
	if t.Year() > 9999 {
		return Value{Problem: "beyond the years 100 to 9999"}
	}
	return local(t)
}

// dosTime reads the date and time of a FAT directory entry or a zip file as one
// integer of 32 bits, the date above. It counts in steps of two seconds and has
// no zone.
func dosTime(b []byte, o Order) Value {
	v := load64(b, o)
	year, month, day := 1980+int(v>>25&0x7f), time.Month(v>>21&0xf), int(v>>16&0x1f)
	hour, minute, second := int(v>>11&0x1f), int(v>>5&0x3f), int(v&0x1f)*2
	t := time.Date(year, month, day, hour, minute, second, 0, time.UTC)
	// Date carries what is too large over; then the fields are not what was read.
	if t.Month() != month || t.Day() != day || t.Hour() != hour || t.Minute() != minute || t.Second() != second {
		return Value{Problem: noDate}
	}
	return local(t)
}

// ntpTime reads the timestamp of RFC 5905: seconds since 1900 and a binary
// fraction, 32 bits each. As RFC 4330 section 3 has it, times whose top bit is
// clear lie beyond 2036, and all zero means that no time is known. The fraction
// is rounded to the nanosecond.
func ntpTime(b []byte, o Order) Value {
	v := load64(b, o)
	if v == 0 {
		return Value{Problem: "zero: no time is set"}
	}
	seconds := int64(v >> 32)
	if seconds < 1<<31 {
		seconds += 1 << 32
	}
	nanos := (int64(v&math.MaxUint32)*1e9 + 1<<31) >> 32
	return utc(seconds-since1900, nanos)
}
