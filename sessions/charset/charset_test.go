package charset_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	. "wirebench/sessions/charset"
)

func lookup(t testing.TB, name string) *Charset {
	t.Helper()
	c, err := Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEveryChoiceIsACharsetByItsOwnName(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Choices() {
		if seen[c.Name] || c.Script == "" {
			t.Errorf("%s is there twice, or without a script", c.Name)
		}
		seen[c.Name] = true
		found, err := Lookup(c.Name)
		if err != nil {
			t.Error(err)
		} else if found.Name() != c.Name {
			t.Errorf("%s is called %s", c.Name, found.Name())
		}
	}
}

func TestEveryEncodingOfTheLibraryIsAChoice(t *testing.T) {
	have := map[string]bool{}
	for _, c := range Choices() {
		have[c.Name] = true
	}
	all := slices.Concat(charmap.All, japanese.All, korean.All, simplifiedchinese.All, traditionalchinese.All)
	for _, e := range all {
		name, err := ianaindex.MIME.Name(e)
		if err != nil {
			name, err = htmlindex.Name(e)
		}
		if err != nil || !have[strings.ToLower(name)] {
			t.Errorf("%v is not among the choices: %q, %v", e, name, err)
		}
	}
	if len(all) < 50 {
		t.Errorf("the library has only %d", len(all))
	}
}

func TestANameMeansWhatTheRegistrySays(t *testing.T) {
	// IANA Character Sets registry, and WHATWG Encoding Standard section 4.2 for
	// the names the registry does not have.
	tests := []struct{ name, want string }{
		{"UTF8", "utf-8"}, {" utf-8\n", "utf-8"}, {"csUTF8", "utf-8"}, {"unicode-1-1-utf-8", "utf-8"},
		{"UTF-16", "utf-16"}, {"csUTF16BE", "utf-16be"}, {"utf-16le", "utf-16le"}, {"UTF-32", "utf-32"},
		{"unicode", "utf-16le"}, {"unicodeFFFE", "utf-16be"},
		{"latin1", "iso-8859-1"}, {"iso_8859-1:1987", "iso-8859-1"}, {"l1", "iso-8859-1"}, {"CP819", "iso-8859-1"},
		{"ASCII", "us-ascii"}, {"iso8859-1", "iso-8859-1"}, {"iso_8859-1", "iso-8859-1"}, {"ISO8859-9", "iso-8859-9"}, {"latin5", "iso-8859-9"}, {"ANSI_X3.4-1968", "us-ascii"},
		{"cp1252", "windows-1252"}, {"x-cp1252", "windows-1252"},
		{"cp437", "ibm437"}, {"IBM-1047", "ibm1047"},
		{"MS_Kanji", "shift_jis"}, {"windows-31j", "shift_jis"}, {"sjis", "shift_jis"}, {"x-sjis", "shift_jis"},
		{"gb2312", "gbk"}, {"x-gbk", "gbk"}, {"CP936", "gbk"}, {"GB18030", "gb18030"}, {"hz-gb-2312", "hz-gb-2312"},
		{"ks_c_5601-1987", "euc-kr"}, {"windows-949", "euc-kr"}, {"big5-hkscs", "big5"}, {"x-x-big5", "big5"},
		{"x-euc-jp", "euc-jp"}, {"mac", "macintosh"}, {"x-mac-ukrainian", "x-mac-cyrillic"}, {"dos-874", "windows-874"},
	}
	for _, tt := range tests {
		c, err := Lookup(tt.name)
		if err != nil {
			t.Error(err)
		} else if c.Name() != tt.want {
			t.Errorf("%s is %s, want %s", tt.name, c.Name(), tt.want)
		}
	}
	if b, err := lookup(t, "iso-8859-1").Encode("\u0080ÿ"); err != nil || string(b) != "\x80\xff" {
		t.Errorf("iso-8859-1 is not Latin-1: % x, %v", b, err)
	}
}

func TestAnUnknownNameOffersNearOnes(t *testing.T) {
	tests := []struct {
		name string
		near string // first of those offered; "" for none
	}{
		{"utf-81", "utf-8"}, {"utf_16-le", "utf-16le"}, {"windows1252", "windows-1252"}, {"windos-1251", "windows-1251"},
		{"ISO 8859 15", "iso-8859-15"}, {"shiftjis2", "shift_jis"}, {"koi8-s", "koi8-r"}, {"iso8859", "iso-8859-1"},
		{"klingon", ""}, {"", ""}, {"-", ""}, {strings.Repeat("utf-8", 1000), ""},
		// Charsets that a browser replaces, and one that nothing implements.
		{"iso-2022-kr", "iso-2022-jp"}, {"replacement", ""}, {"utf-7", "utf-8"}, {"scsu", ""},
	}
	for _, tt := range tests {
		c, err := Lookup(tt.name)
		var unknown *UnknownError
		if !errors.As(err, &unknown) || c != nil {
			t.Errorf("%.20q is %v, %v", tt.name, c, err)
			continue
		}
		if tt.near == "" && len(unknown.Near) > 0 || tt.near != "" && (len(unknown.Near) == 0 || unknown.Near[0] != tt.near) {
			t.Errorf("%.20q is offered %q, want %q first", tt.name, unknown.Near, tt.near)
		}
		if len(unknown.Near) > 3 || len(err.Error()) > 250 || !strings.Contains(err.Error(), "not known") {
			t.Errorf("%q", err)
		}
	}
}

func TestErrorsAreSafeToShow(t *testing.T) {
	hostile := "\x1b[2J\u202e\n\xff\u0301\u200b\u3164"
	_, unknown := Lookup(hostile)
	errs := []error{unknown}
	for pos := range hostile {
		_, err := lookup(t, "us-ascii").Encode(hostile[pos:])
		if err != nil {
			errs = append(errs, err)
		}
	}
	for _, err := range errs {
		for _, r := range err.Error() {
			if unicode.In(r, unicode.C, unicode.M, unicode.Zl, unicode.Zp) || r == 0x3164 || r == unicode.ReplacementChar {
				t.Errorf("%U in %q", r, err)
			}
		}
	}
	if len(errs) < 8 {
		t.Errorf("only %d errors", len(errs))
	}
}

func TestOnlyNamesWithoutAnOrderFollowThePlace(t *testing.T) {
	for _, c := range Choices() {
		cs := lookup(t, c.Name)
		if want := c.Name == "utf-16" || c.Name == "utf-32"; cs.Ordered() != want {
			t.Errorf("%s follows the place: %v", c.Name, cs.Ordered())
		}
		little, big := cs.In(true), cs.In(false)
		if !cs.Ordered() && (little != cs || big != cs) {
			t.Errorf("%s became %s and %s", c.Name, little.Name(), big.Name())
		}
		if cs.Ordered() && (little.Name() != c.Name+"le" || big.Name() != c.Name+"be") {
			t.Errorf("%s became %s and %s", c.Name, little.Name(), big.Name())
		}
	}
}
