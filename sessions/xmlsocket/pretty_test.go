package xmlsocket

import (
	"strings"
	"testing"
)

func TestMessagesAreLaidOut(t *testing.T) {
	tests := []struct{ name, doc, want string }{
		{"one element", "<a/>", "<a/>"},
		{"elements inside one another", "<a><b><c/><d x='1'></d></b></a>", "<a>\n  <b>\n    <c/>\n    <d x='1'></d>\n  </b>\n</a>"},
		{"text alone in an element", "<a><b> hi &amp; bye </b></a>", "<a>\n  <b>hi &amp; bye</b>\n</a>"},
		{"text beside elements", "<a>one<b/>two</a>", "<a>one\n  <b/>\n  two\n</a>"},
		{"what was laid out already", "<a>\n  <b>x</b>\n</a>\n", "<a>\n  <b>x</b>\n</a>"},
		{"white space alone", "<a> \n </a>", "<a></a>"},
		{"comments, instructions, DOCTYPE and CDATA as they are", "<?xml version='1.0'?><!DOCTYPE a><a><!-- x --><?y z?><![CDATA[<&]]></a>", "<?xml version='1.0'?>\n<!DOCTYPE a>\n<a>\n  <!-- x -->\n  <?y z?>\n  <![CDATA[<&]]>\n</a>"},
		{"a tag of several lines on one", "<a\r\n\tb='1'\n/>", "<a     b='1' />"},
		{"text of several lines", "<a>one\r\ntwo\n\nthree</a>", "<a>one\ntwo\n\nthree</a>"},
		{"what cannot be seen", "<a>\u202eabc\u200b\\n</a>", `<a>\u202eabc\u200b\n</a>`},
		{"what is cut short", "<a><b>x</b><c", "<a>\n  <b>x</b>\n<c"},
		{"what goes wrong in the middle", "<a><b></a>\x01\xff", "<a>\n  <b>\n</a>" + `\x01\xff`},
		{"what is not XML", "hello\nworld", "hello\nworld"},
		{"nothing", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Pretty([]byte(tt.doc)); got != tt.want {
				t.Errorf("%s\nwant\n%s\n(%q)", got, tt.want, got)
			}
		})
	}
}

func TestALayoutIsBounded(t *testing.T) {
	deep := strings.Repeat("<a>", MaxDepth-1)
	tests := []struct{ name, doc string }{
		{"by deep elements", deep + strings.Repeat("<b/>", (MaxTokens-2*MaxDepth)/2) + strings.Repeat("</a>", MaxDepth-1)},
		{"by escapes of a message that is too long to be checked", strings.Repeat("\x01", 3*MaxPretty)},
		{"by a character that is never whole", strings.Repeat("\x80", 3*MaxPretty)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Pretty([]byte(tt.doc))
			last := got[strings.LastIndexByte(got, '\n')+1:]
			if len(got) < MaxPretty || len(got) > MaxPretty+64<<10 || !strings.HasPrefix(last, "... (") {
				t.Errorf("%d bytes, the last line is %q", len(got), last[:min(len(last), 80)])
			}
		})
	}
}
