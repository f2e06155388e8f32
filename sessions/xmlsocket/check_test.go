package xmlsocket

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"wirebench/sessions/inspect"
)

func TestMessagesAreWellFormed(t *testing.T) {
	tests := []struct{ name, doc, root string }{
		{"one element", "<a/>", "a"},
		{"elements, attributes and text", `<msg from="ann"><text lang='en'>hi &amp; bye</text><empty></empty></msg>`, "msg"},
		{"a declaration, a DOCTYPE, comments and instructions", "<?xml version=\"1.0\" encoding='utf-8' standalone=\"yes\" ?>\n<!DOCTYPE a SYSTEM \"x.dtd\">\n<!-- b --><?c d?><a/><!-- e -->\n", "a"},
		{"a DOCTYPE with a public name", `<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" 'x.dtd' [ <!-- ]> --> ] ><html/>`, "html"},
		{"a DOCTYPE with declarations of its own", `<!DOCTYPE a [<!ELEMENT a EMPTY><!ENTITY e "x">]><a/>`, "a"},
		{"a byte order mark", "\xef\xbb\xbf<?xml version='1.0'?><a/>", "a"},
		{"names with prefixes and letters of any language", "<n:größe xmlns:n='urn:x' n:ä='1'/>", "n:größe"},
		{"the five entities and numbers", "<a b='&lt;&gt;&amp;&quot;&apos;'>&#42;&#x1F600;&#9;</a>", "a"},
		{"CDATA", "<a><![CDATA[<b> & ]] > &#0;]]></a>", "a"},
		{"spaces wherever they may be", "\r\n\t <a\n b = '1'\tc\t=\n\"2\" ><b\n/></a\n> \r\n", "a"},
		{"quotes in quotes", `<a b='"' c="'"/>`, "a"},
		{"the deepest there may be", strings.Repeat("<a>", MaxDepth) + strings.Repeat("</a>", MaxDepth), "a"},
		{"as many parts as there may be", "<a>" + strings.Repeat("<b/>", (MaxTokens-2)/2) + "</a>", "a"},
		{"as long as may be", "<a>" + strings.Repeat("x", MaxSize-7) + "</a>", "a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := Check([]byte(tt.doc))
			if !r.WellFormed || r.Root != tt.root || r.Problem != "" || r.Line != 0 || r.Column != 0 || r.Unchecked {
				t.Errorf("%+v", r)
			}
			if want := strings.Contains(tt.doc, "<!DOCTYPE"); r.Doctype != want {
				t.Errorf("DOCTYPE %v, want %v", r.Doctype, want)
			}
		})
	}
}

func TestMessagesThatAreNotWellFormedSayWhereAndWhy(t *testing.T) {
	tests := []struct {
		name, doc    string
		line, column int
		says         string
	}{
		{"nothing", "", 1, 1, "the message is empty"},
		{"white space", " \n", 1, 1, "the message is empty"},
		{"text", "hello", 1, 1, `text stands outside the root element: "hello"`},
		{"text behind the root", "<a/>\n  hello", 2, 3, `text stands outside the root element: "hello"`},
		{"CDATA behind the root", "<a/><![CDATA[]]>", 1, 5, "text stands outside"},
		{"a comment alone", "<!-- -->", 1, 9, "no element"},
		{"an element that is not closed", "<a>\n <b>\n</a>", 3, 1, "</a> comes before <b> of line 2 is closed"},
		{"a message that is cut between tags", "<a>\n <b/>", 1, 1, "<a> begins here and is never closed"},
		{"a message that is cut in a tag", "<a>\n <b c='", 2, 2, "what begins here is never ended"},
		{"a message that is cut in a comment", "<a>\n<!-- ", 2, 1, "what begins here is never ended"},
		{"an end alone", "</a>", 1, 1, "</a> closes no element"},
		{"two roots", "<a/>\n<b/>", 2, 1, "<b> stands behind the end of the root element"},
		{"two messages in one", "<a></a><a></a>", 1, 8, "each message ends with a zero byte of its own"},
		{"an attribute twice", "<a b='1' b='2'/>", 1, 1, "<a> has the attribute b twice"},
		{"an attribute without quotes", "<a b=1/>", 1, 6, "not in quotes"},
		{"an attribute without a value", "<a b/>", 1, 5, "an attribute has no value"},
		{"attributes without a space between", "<a b='1'c='2'/>", 1, 9, "no space in front of an attribute of <a>"},
		{"a < in quotes", "<a b='<'/>", 1, 7, "a < stands inside quotes"},
		{"a < in text", "<a>1 < 2</a>", 1, 6, "behind < stands no name"},
		{"an & in text", "<a>\nfish & chips</a>", 2, 6, "write &amp; for &"},
		{"an entity that nothing declares", "<a>&nbsp;</a>", 1, 4, "invalid character entity &nbsp;"},
		{"an entity that the DOCTYPE declares", `<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>`, 1, 34, "no others are expanded"},
		{"the number of no character", "<a b='x&#xD800;'/>", 1, 8, "the number of a character is none"},
		{"the number zero", "<a>\n1&#0;</a>", 2, 2, "the number of a character is none"},
		{"]]> in text", "<a>]]></a>", 1, 6, "]]> stands in text"},
		{"-- in a comment", "<a><!-- -- --></a>", 1, 11, "--"},
		{"a declaration that is late", " <?xml version='1.0'?><a/>", 1, 2, "not at the begin"},
		{"a declaration in capitals", "<?XML version='1.0'?><a/>", 1, 1, "not written like"},
		{"a declaration without a version", "<?xml encoding='UTF-8'?><a/>", 1, 1, "not written like"},
		{"an instruction without a space", "<?b+c?><a/>", 1, 1, "no space behind <?b"},
		{"another encoding", "<?xml version='1.0' encoding='ISO-8859-1'?><a/>", 1, 1, `its encoding is "ISO-8859-1"`},
		{"XML 1.1", "<?xml version='1.1'?><a/>", 1, 1, "1.1"},
		{"a DOCTYPE in the root", "<a><!DOCTYPE a></a>", 1, 4, "DOCTYPE stands behind"},
		{"a DOCTYPE without a name", `<!DOCTYPE "x"><a/>`, 1, 1, "the DOCTYPE is not written like"},
		{"a DOCTYPE with a name of its own kind", `<!DOCTYPE a OTHER "x"><a/>`, 1, 1, "the DOCTYPE is not written like"},
		{"two DOCTYPEs", "<!DOCTYPE a><!DOCTYPE a><a/>", 1, 13, "second DOCTYPE"},
		{"a declaration of another kind", "<!ELEMENT a EMPTY><a/>", 1, 1, "<!ELEMENT is nothing that stands here"},
		{"a zero byte", "<a>\x00</a>", 1, 4, "zero byte"},
		{"a control character", "<a>é\x01</a>", 1, 5, "the character U+0001 is none that XML has"},
		{"a control character in a comment", "<a><!--\x02--></a>", 1, 8, "U+0002"},
		{"a byte that is not UTF-8", "<a>\n日本\xff</a>", 2, 3, "the byte 0xff is not UTF-8"},
		{"a byte that is not UTF-8 behind another mistake", "<a><b></a>\xff", 1, 7, "</a> comes before <b>"},
		{"a mistake behind a byte order mark", "\xef\xbb\xbf<a>", 1, 2, "never closed"},
		{"a name that is none, of characters of several bytes", "<\U0004ceba\x16", 1, 2, "invalid XML name"},
		{"hostile names", "<a></b\u200d>", 1, 7, `invalid XML name: b\u200d`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := Check([]byte(tt.doc))
			if r.WellFormed || r.Unchecked || r.Line != tt.line || r.Column != tt.column || !strings.Contains(r.Problem, tt.says) || r.Problem == "" {
				t.Errorf("%d:%d %q (%+v)\nwant %d:%d %q", r.Line, r.Column, r.Problem, r, tt.line, tt.column, tt.says)
			}
		})
	}
}

func TestMessagesBeyondTheBoundsAreNotChecked(t *testing.T) {
	var attributes strings.Builder
	for i := range MaxAttributes + 1 {
		fmt.Fprintf(&attributes, " a%d='1'", i)
	}
	tests := []struct{ name, doc, says string }{
		{"size", "<a>" + strings.Repeat("x", MaxSize-6) + "</a>", "only up to 1048576 are checked"},
		{"depth", strings.Repeat("<a>", MaxDepth+1) + strings.Repeat("</a>", MaxDepth+1), "deeper than 256"},
		{"parts", "<a>" + strings.Repeat("<b/>", MaxTokens/2) + "</a>", "only its first 131072"},
		{"attributes", "<a" + attributes.String() + "/>", "more than 4096 attributes"},
		{"entities that grow", `<!DOCTYPE a [<!ENTITY b "xx"><!ENTITY c "&b;&b;">]><a>` + strings.Repeat("x", MaxSize) + "</a>", "only up to"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if r := Check([]byte(tt.doc)); r.WellFormed || !r.Unchecked || !strings.Contains(r.Problem, tt.says) {
				t.Errorf("%+v", r)
			}
		})
	}
}

func FuzzCheck(f *testing.F) {
	f.Add([]byte(`<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e "x">]><a b="1"><!-- c --><d>e &amp; f</d><![CDATA[g]]><?h i?></a>`))
	f.Add([]byte("<a>&e;</a><b/>"))
	f.Add([]byte("<a b='1'c=\"2\">\xff\xe2\x80\xae</a>"))
	f.Fuzz(func(t *testing.T, doc []byte) {
		kept := bytes.Clone(doc)
		r := Check(doc)
		pretty := Pretty(doc)
		if !bytes.Equal(doc, kept) {
			t.Fatal("the message was changed")
		}
		fitToBeShown(t, r.Problem, "")
		fitToBeShown(t, pretty, "\n")
		if len(pretty) > 600*len(doc)+100 {
			t.Fatalf("%d bytes laid out are %d", len(doc), len(pretty))
		}
		if !r.WellFormed {
			if r.Problem == "" || r.Line < 1 || r.Column < 1 || r.Line > 1+bytes.Count(doc, []byte("\n")) || r.Column > 1+utf8.RuneCount(doc) {
				t.Fatalf("%+v", r)
			}
			return
		}
		if r.Problem != "" || r.Unchecked || r.Line != 0 || r.Root == "" {
			t.Fatalf("%+v", r)
		}
		d := xml.NewDecoder(bytes.NewReader(doc))
		for {
			if _, err := d.Token(); err != nil {
				if !errors.Is(err, io.EOF) {
					t.Fatalf("called well formed: %v", err)
				}
				break
			}
		}
		// Laid out it is the same document, and laid out already.
		if strings.Contains(pretty, `\`) {
			return
		}
		if again := Check([]byte(pretty)); !again.WellFormed || again.Root != r.Root {
			t.Fatalf("%q laid out is %q: %+v", doc, pretty, again)
		}
		if again := Pretty([]byte(pretty)); again != pretty {
			t.Fatalf("%q laid out is %q, and again %q", doc, pretty, again)
		}
	})
}

func fitToBeShown(t *testing.T, s, allowed string) {
	t.Helper()
	for _, r := range s {
		if !inspect.Visible(r) && !strings.ContainsRune(allowed, r) {
			t.Fatalf("not fit to be shown: %q", s)
		}
	}
}
