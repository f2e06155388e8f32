package widgets

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode"

	"wirebench/widgets/words"
)

// DayTime is the layout of a day with the time of day: without the name of a month, which would be English in every
// language, and sorted as text it is sorted by time.
const DayTime = "2006-01-02 15:04"

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

// FormatCount writes a whole number exactly, with its digits grouped as the language does: "4,567". It is
// [words.Count], made for lists that are drawn anew many times a second.
func FormatCount(n int64) string {
	between := groupingInUse().between
	if n < 0 || between == "" {
		return words.Count(n)
	}
	s := strconv.FormatInt(n, 10)
	if len(s) <= 3 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + len(s)/3*len(between))
	head := len(s) % 3
	b.WriteString(s[:head])
	for i := head; i < len(s); i += 3 {
		if i > 0 {
			b.WriteString(between)
		}
		b.WriteString(s[i : i+3])
	}
	return b.String()
}

// grouping is how a language groups the digits of a number.
type grouping struct {
	of      *words.Language
	between string            // groups of three of the digits 0 to 9; "" where a language does otherwise
	signs   string            // between groups, however many digits these have
	digits  *strings.Replacer // of the language, by those of ASCII
}

// lastGrouping is that of the language which was in use last.
var lastGrouping atomic.Pointer[grouping]

func groupingInUse() *grouping {
	l := words.InUse()
	if g := lastGrouping.Load(); g != nil && g.of == l {
		return g
	}
	var digits []string
	for i := range 10 {
		digits = append(digits, words.Count(int64(i)), strconv.Itoa(i))
	}
	g := &grouping{of: l, digits: strings.NewReplacer(digits...)}
	const sample = 1_234_567
	if signs := strings.FieldsFunc(words.Count(sample), unicode.IsDigit); len(signs) > 0 {
		g.signs = signs[0]
	}
	if words.Count(sample) == "1"+g.signs+"234"+g.signs+"567" {
		g.between = g.signs
	}
	lastGrouping.Store(g)
	return g
}

// ungrouped takes out of a number that a person wrote what [FormatCount] puts between its digits, and commas likewise,
// and writes the digits as Go reads them. What stands between other digits stays: "1,5" is not 15.
func ungrouped(s string) string {
	g := groupingInUse()
	s = g.digits.Replace(s)
	signs := g.signs
	if strings.TrimSpace(signs) == "" { // a blank of any kind will do
		s, signs = strings.Join(strings.Fields(s), " "), " "
	}
	return withoutGroups(withoutGroups(s, signs), ",")
}

// withoutGroups takes a sign out that stands between groups of digits, the last of which has three.
func withoutGroups(s, sign string) string {
	groups := strings.Split(s, sign)
	for i, g := range groups {
		digits, last := len(g)-len(strings.TrimLeft(g, "0123456789")), i == len(groups)-1
		switch {
		case i == 0 && (digits == 0 || digits > 3 || g[0] == '0'), i > 0 && (digits < 2 || digits > 3), last && digits != 3, !last && digits < len(g):
			return s
		}
	}
	return strings.Join(groups, "")
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

// pathListSeparator stands between the files of a list, as in the system's search paths.
const pathListSeparator = string(os.PathListSeparator)
