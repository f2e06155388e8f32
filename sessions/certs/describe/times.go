package describe

import "time"

// parseTime reads a UTCTime or GeneralizedTime, also in the forms that RFC 5280
// section 4.1.2.5 forbids but X.680 knows: without seconds, with fractions,
// with an offset. The time is zero when it cannot be read.
func parseTime(e element) (t time.Time, problem string) {
	s := string(e.body[:min(len(e.body), 40)])
	full, digits := "060102150405", 0
	for digits < len(s) && s[digits] >= '0' && s[digits] <= '9' {
		digits++
	}
	var layout string
	if e.tag == tagGeneralizedTime {
		full = "20060102150405"
		if digits == 10 || digits == 12 || digits == 14 {
			layout = full[:digits]
		}
	} else if digits == 10 || digits == 12 {
		layout = full[:digits]
	}
	if layout == "" || len(e.body) > 40 {
		return time.Time{}, "no time in the form " + example(e.tag)
	}
	if digits < len(full) {
		problem = "the seconds are missing"
	}
	rest := s[digits:]
	if rest != "" && (rest[0] == '.' || rest[0] == ',') && e.tag == tagGeneralizedTime && digits == len(full) {
		n := 1
		for n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
			n++
		}
		layout += "." + "000000000"[:min(n-1, 9)]
		s = s[:digits] + "." + rest[1:min(n, 10)]
		rest = rest[n:]
		problem = "fractions of seconds are not allowed in certificates"
	} else {
		s = s[:digits]
	}
	switch {
	case rest == "Z":
	case rest == "":
		problem = "it does not say that it is UTC: the Z is missing"
	case len(rest) == 5 && (rest[0] == '+' || rest[0] == '-'):
		layout, s = layout+"-0700", s+rest
		problem = "an offset from UTC is not allowed in certificates"
	default:
		return time.Time{}, "no time in the form " + example(e.tag)
	}
	t, err := time.Parse(layout, s)
	if err != nil {
		return time.Time{}, "no such date or time of day"
	}
	if e.tag == tagUTCTime {
		// Of two digits 50 to 99 are in the last century; package time begins that at 69.
		if t.Year() >= 2050 {
			t = t.AddDate(-100, 0, 0)
		}
	}
	return t.UTC(), problem
}

func example(tag int) string {
	if tag == tagUTCTime {
		return "YYMMDDhhmmssZ"
	}
	return "YYYYMMDDhhmmssZ"
}

// timeText writes a time in UTC, with milliseconds where it has any.
func timeText(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.999") + " UTC" }

// localText writes a time in the zone of this machine, or nothing when that is
// UTC as well.
func localText(t time.Time) string {
	l := t.Local()
	if _, offset := l.Zone(); offset == 0 {
		return ""
	}
	return l.Format("2006-01-02 15:04:05 -0700") + " local time"
}

// span writes how long something lasts, in the largest unit of which there are
// at least two, rounded down.
func span(d time.Duration) string {
	day := 24 * time.Hour
	switch {
	case d >= 2*day:
		return plural(int(d/day), "day")
	case d >= 2*time.Hour:
		return plural(int(d/time.Hour), "hour")
	case d >= 2*time.Minute:
		return plural(int(d/time.Minute), "minute")
	}
	return plural(int(d/time.Second), "second")
}

// between is the time from a to b. A Duration alone ends after 292 years.
func between(a, b time.Time) string {
	seconds := b.Unix() - a.Unix()
	if days := seconds / 86400; days >= 2 {
		if years := days / 365; years >= 100 {
			return "about " + number(int(years)) + " years"
		}
		return plural(int(days), "day")
	}
	return span(time.Duration(seconds) * time.Second)
}
