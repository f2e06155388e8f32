package charset

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// UnknownError is a name that is no charset's.
type UnknownError struct {
	Name string   // as it was given
	Near []string // names like it, the nearest first; may be empty
}

// Error says so and offers the names that are near. It is safe to show.
func (e *UnknownError) Error() string {
	const most = 40 // characters of a name worth repeating
	name := e.Name
	if len(name) > most {
		name = strings.ToValidUTF8(name[:most], "") + "…"
	}
	if len(e.Near) == 0 {
		return fmt.Sprintf("the charset %s is not known: write a name such as utf-8, iso-8859-1 or shift_jis", strconv.QuoteToASCII(name))
	}
	return fmt.Sprintf("the charset %s is not known: did you mean %s?", strconv.QuoteToASCII(name), strings.Join(e.Near, " or "))
}

// Choice is a charset worth offering.
type Choice struct {
	Name   string // as [Charset.Name] has it
	Script string // what is written in it, such as "Cyrillic"
	Note   string // where it comes from or what else it is called, such as "Windows"; may be empty
}

// Choices lists every charset there is, once, in the order to offer them: the
// ones most used first, then by script. The slice is the caller's.
func Choices() []Choice { return slices.Clone(choices) }

var choices = []Choice{
	{"utf-8", "Unicode", ""},
	{"utf-16", "Unicode", "in the byte order looked at"},
	{"utf-16le", "Unicode", "Windows, Java and JavaScript strings"},
	{"utf-16be", "Unicode", ""},
	{"utf-32", "Unicode", "in the byte order looked at"},
	{"utf-32le", "Unicode", ""},
	{"utf-32be", "Unicode", ""},
	{"us-ascii", "English", "bytes above 127 are wrong"},
	{"iso-8859-1", "Western", "Latin-1"},
	{"iso-8859-15", "Western", "Latin-9, with the euro sign"},
	{"windows-1252", "Western", "Windows"},
	{"macintosh", "Western", "classic Mac OS"},
	{"ibm437", "Western", "DOS, United States"},
	{"ibm850", "Western", "DOS"},
	{"ibm00858", "Western", "DOS, with the euro sign"},
	{"ibm860", "Portuguese", "DOS"},
	{"ibm863", "French", "DOS, Canada"},
	{"ibm865", "Nordic", "DOS"},
	{"iso-8859-10", "Nordic", "Latin-6"},
	{"iso-8859-14", "Celtic", "Latin-8"},
	{"iso-8859-2", "Central European", "Latin-2"},
	{"iso-8859-16", "Central European", "Latin-10"},
	{"windows-1250", "Central European", "Windows"},
	{"ibm852", "Central European", "DOS"},
	{"iso-8859-3", "South European", "Latin-3"},
	{"iso-8859-4", "Baltic", "Latin-4"},
	{"iso-8859-13", "Baltic", "Latin-7"},
	{"windows-1257", "Baltic", "Windows"},
	{"iso-8859-5", "Cyrillic", ""},
	{"windows-1251", "Cyrillic", "Windows"},
	{"koi8-r", "Cyrillic", "Russian"},
	{"koi8-u", "Cyrillic", "Ukrainian"},
	{"ibm855", "Cyrillic", "DOS"},
	{"ibm866", "Cyrillic", "DOS, Russian"},
	{"x-mac-cyrillic", "Cyrillic", "classic Mac OS"},
	{"iso-8859-7", "Greek", ""},
	{"windows-1253", "Greek", "Windows"},
	{"iso-8859-9", "Turkish", "Latin-5"},
	{"windows-1254", "Turkish", "Windows"},
	{"iso-8859-8", "Hebrew", ""},
	{"iso-8859-8-e", "Hebrew", "explicit directions"},
	{"iso-8859-8-i", "Hebrew", "implicit directions"},
	{"windows-1255", "Hebrew", "Windows"},
	{"ibm862", "Hebrew", "DOS"},
	{"iso-8859-6", "Arabic", ""},
	{"iso-8859-6-e", "Arabic", "explicit directions"},
	{"iso-8859-6-i", "Arabic", "implicit directions"},
	{"windows-1256", "Arabic", "Windows"},
	{"windows-874", "Thai", "Windows"},
	{"windows-1258", "Vietnamese", "Windows"},
	{"shift_jis", "Japanese", "Windows, games"},
	{"euc-jp", "Japanese", "Unix"},
	{"iso-2022-jp", "Japanese", "mail, seven bits"},
	{"gbk", "Chinese, simplified", "also gb2312"},
	{"gb18030", "Chinese, simplified", ""},
	{"hz-gb-2312", "Chinese, simplified", "seven bits"},
	{"big5", "Chinese, traditional", ""},
	{"euc-kr", "Korean", ""},
	{"ibm037", "EBCDIC", "IBM mainframes"},
	{"ibm1047", "EBCDIC", "IBM mainframes, Unix"},
	{"ibm01140", "EBCDIC", "IBM mainframes, with the euro sign"},
	{"x-user-defined", "Bytes", "bytes above 127 as U+F780 to U+F7FF"},
}

// aliases are names people write that are not in choices, for near.
var aliases = []string{
	"ascii", "latin1", "cp437", "cp850", "cp866", "cp1252", "sjis", "gb2312", "ks_c_5601-1987", "unicode",
}

// near gives up to three names that could have been meant: those that differ
// from name least, punctuation left aside. Name is in small letters.
func near(name string) []string {
	const longest = 64 // of a name that is compared at all
	if len(name) > longest {
		return nil
	}
	want := plain(name)
	type candidate struct {
		name     string
		distance int
	}
	var found []candidate
	consider := func(known string) {
		have := plain(known)
		d := distance(want, have)
		if d <= max(1, len(have)/4) || len(want) >= 3 && strings.Contains(have, want) {
			found = append(found, candidate{known, d})
		}
	}
	for _, c := range choices {
		consider(c.Name)
	}
	for _, a := range aliases {
		consider(a)
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return a.distance - b.distance })
	var names []string
	for _, c := range found[:min(3, len(found))] {
		names = append(names, c.name)
	}
	return names
}

// plain leaves the letters and digits of name.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, name)
}

// distance is Levenshtein's: how many bytes to put in, leave out or change.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(diagonal+cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
