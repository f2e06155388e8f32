package app

import (
	"strings"
	"testing"
)

func TestParsePlace(t *testing.T) {
	for _, c := range []struct {
		text string
		want place
		err  string
	}{
		{text: "4096", want: place{offset: 4096}},
		{text: "  0x1000 ", want: place{offset: 4096}},
		{text: "0XfF", want: place{offset: 255}},
		{text: "1_000", want: place{offset: 1000}},
		{text: "+16", want: place{offset: 16, relative: true}},
		{text: "-0x10", want: place{offset: -16, relative: true}},
		{text: "#12", want: place{record: 12}},
		{text: "# 7", want: place{record: 7}},
		{text: "9223372036854775807", want: place{offset: 1<<63 - 1}},
		{text: "", err: "nothing to go to"},
		{text: "9223372036854775808", err: "is no offset"},
		{text: "#0", err: "is no record number"},
		{text: "#-1", err: "is no record number"},
		{text: "+-3", err: "more than one sign"},
		{text: "0x", err: "is no offset"},
		{text: "twelve", err: "is no offset"},
	} {
		got, err := parsePlace(c.text)
		switch {
		case c.err == "" && (err != nil || got != c.want):
			t.Errorf("parsePlace(%q) = %+v, %v; want %+v", c.text, got, err, c.want)
		case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
			t.Errorf("parsePlace(%q) gave error %v; want one with %q", c.text, err, c.err)
		}
	}
}

func TestAPlaceThatIsNoneIsQuotedInShort(t *testing.T) {
	for _, text := range []string{strings.Repeat("x", 1<<20), "#" + strings.Repeat("1", 1<<20), "+-" + strings.Repeat("1", 1<<20)} {
		if _, err := parsePlace(text); err == nil || len(err.Error()) > 250 {
			t.Errorf("%.8s... gives an error of %d bytes", text, len(err.Error()))
		}
	}
}
