package xmlsocket

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

var byteOrderMark = []byte("\xef\xbb\xbf")

// part is a token where it stands in the message.
type part struct {
	token xml.Token
	raw   []byte // as it was written; empty for the end of an element written <a/>
	depth int    // how many elements it is in
}

// read goes through a message part by part as far as it is well formed, and gives each to visit, if that is
// not nil. It returns what it found and the offset of the first byte that belongs to no visited part.
func read(doc []byte, visit func(part)) (Report, int) {
	r := reader{doc: doc}
	first := 0
	if bytes.HasPrefix(doc, byteOrderMark) {
		first = len(byteOrderMark)
	}
	r.begin, r.read = first, first
	r.fault(r.run(visit))
	return r.report, r.read
}

// problem is what is wrong with a message.
type problem struct {
	at    int // offset
	text  string
	bound bool // it is a bound of this package
}

type reader struct {
	doc    []byte
	begin  int // offset of what follows the byte order mark
	read   int // up to where all is well
	open   []element
	rooted bool // the root was there
	report Report
}

// element is one that is not closed.
type element struct {
	name string
	at   int
}

// fault completes the report.
func (r *reader) fault(p *problem) {
	if p == nil {
		r.report.WellFormed = true
		return
	}
	r.report.Problem, r.report.Unchecked = p.text, p.bound
	r.report.Line, r.report.Column = place(r.doc, p.at)
}

func (r *reader) run(visit func(part)) *problem {
	if len(r.doc) > MaxSize {
		return &problem{0, fmt.Sprintf("the message has %d bytes, and only up to %d are checked", len(r.doc), MaxSize), true}
	}
	if len(bytes.TrimSpace(r.doc[r.begin:])) == 0 {
		return &problem{r.begin, "the message is empty: an XMLSocket message is an XML document", false}
	}
	bad := illegal(r.doc)
	source := r.doc[r.begin:]
	d := xml.NewDecoder(bytes.NewReader(source))
	d.CharsetReader = func(name string, _ io.Reader) (io.Reader, error) { return nil, encodingError(name) }
	for n := 0; ; n++ {
		start := int(d.InputOffset())
		token, err := d.RawToken()
		if err == io.EOF {
			return r.end(bad)
		}
		end := int(d.InputOffset())
		// The decoder does not look at every character, and calls some mistakes by other names.
		if bad != nil && bad.at < r.begin+end {
			return bad
		}
		if err != nil {
			return explain(err, r.doc, r.begin+start, r.begin+end)
		}
		p := part{token, source[start:end], len(r.open)}
		if n == MaxTokens {
			return &problem{r.begin + start, fmt.Sprintf("the message goes on, and only its first %d tags and texts are checked", MaxTokens), true}
		}
		if problem := r.take(&p, r.begin+start); problem != nil {
			return problem
		}
		if r.read = r.begin + end; visit != nil {
			visit(p)
		}
	}
}

// end gives the problem of a message that ends here.
func (r *reader) end(bad *problem) *problem {
	switch {
	case bad != nil:
		return bad
	case len(r.open) > 0:
		last := r.open[len(r.open)-1]
		return &problem{last.at, fmt.Sprintf("<%s> begins here and is never closed: the message is cut short, or </%[1]s> is missing", shown(last.name)), false}
	case !r.rooted:
		return &problem{len(r.doc), "there is no element in the message", false}
	}
	return nil
}

// take gives the problem of the next part, which stands at an offset.
func (r *reader) take(p *part, at int) *problem {
	is := func(format string, args ...any) *problem { return &problem{at, fmt.Sprintf(format, args...), false} }
	switch token := p.token.(type) {
	case xml.StartElement:
		return r.start(token, p.raw, at)
	case xml.EndElement:
		name := fullName(token.Name)
		if len(r.open) == 0 {
			return is("</%s> closes no element", shown(name))
		}
		last := r.open[len(r.open)-1]
		if last.name != name {
			line, _ := place(r.doc, last.at)
			return is("</%s> comes before <%s> of line %d is closed", shown(name), shown(last.name), line)
		}
		r.open = r.open[:len(r.open)-1]
		p.depth--
	case xml.CharData:
		if len(r.open) == 0 {
			if i := bytes.IndexFunc(p.raw, func(r rune) bool { return !strings.ContainsRune(" \t\r\n", r) }); i >= 0 {
				at += i
				return is("text stands outside the root element: %s", quoted(string(p.raw[i:])))
			}
		}
		return badReference(p.raw, at)
	case xml.ProcInst:
		if strings.EqualFold(token.Target, "xml") {
			return r.declaration(token, at)
		}
		if rest := p.raw[len("<?")+len(token.Target):]; len(rest) > 2 && !strings.ContainsRune(" \t\r\n", rune(rest[0])) {
			return is("there is no space behind <?%s", shown(token.Target))
		}
	case xml.Directive:
		switch {
		case !bytes.HasPrefix(token, []byte("DOCTYPE")):
			return is("<!%s is nothing that stands here", shown(firstWord(string(token))))
		case r.rooted:
			return is("the DOCTYPE stands behind the begin of the root element")
		case r.report.Doctype:
			return is("there is a second DOCTYPE")
		case !doctype.Match(p.raw):
			return is(`the DOCTYPE is not written like <!DOCTYPE name> or <!DOCTYPE name SYSTEM "address">`)
		}
		r.report.Doctype = true
	}
	return nil
}

// start gives the problem of an element's tag, and opens the element.
func (r *reader) start(e xml.StartElement, raw []byte, at int) *problem {
	name := fullName(e.Name)
	is := func(format string, args ...any) *problem { return &problem{at, fmt.Sprintf(format, args...), false} }
	switch {
	case len(r.open) == 0 && r.rooted:
		return is("<%s> stands behind the end of the root element: a message has one root, and each message ends with a zero byte of its own", shown(name))
	case len(r.open) == MaxDepth:
		return &problem{at, fmt.Sprintf("elements are inside one another deeper than %d, and no deeper ones are checked", MaxDepth), true}
	case len(e.Attr) > MaxAttributes:
		return &problem{at, fmt.Sprintf("<%s> has more than %d attributes, and no more are checked", shown(name), MaxAttributes), true}
	}
	if !r.rooted {
		r.rooted, r.report.Root = true, name
	}
	r.open = append(r.open, element{name, at})
	if len(e.Attr) > 1 {
		given := make(map[xml.Name]bool, len(e.Attr))
		for _, a := range e.Attr {
			if given[a.Name] {
				return is("<%s> has the attribute %s twice", shown(name), shown(fullName(a.Name)))
			}
			given[a.Name] = true
		}
	}
	if i := unspaced(raw); i >= 0 {
		at += i
		return is("there is no space in front of an attribute of <%s>", shown(name))
	}
	return badReference(raw, at)
}

// unspaced gives the offset in a tag of an attribute that no space stands in front of, or -1.
func unspaced(tag []byte) int {
	quote := byte(0)
	for i, c := range tag {
		switch {
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case c == quote:
			quote = 0
			if i+1 < len(tag) && !strings.ContainsRune(" \t\r\n/>", rune(tag[i+1])) {
				return i + 1
			}
		}
	}
	return -1
}

// badReference gives the problem of a numeric reference to what is no character of XML, which the decoder
// takes for a replacement character.
func badReference(raw []byte, at int) *problem {
	if bytes.HasPrefix(raw, []byte("<![CDATA[")) {
		return nil
	}
	for i := 0; ; {
		next := bytes.Index(raw[i:], []byte("&#"))
		if next < 0 {
			return nil
		}
		i += next + len("&#")
		digits, _, _ := bytes.Cut(raw[i:], []byte(";"))
		base := 10
		if len(digits) > 0 && digits[0] == 'x' {
			digits, base = digits[1:], 16
		}
		if n, err := strconv.ParseUint(string(digits), base, 32); err != nil || n > utf8.MaxRune || !isCharacter(rune(n)) {
			return &problem{at + i - len("&#"), "the number of a character is none that XML has", false}
		}
	}
}

// written is a declaration behind "<?xml ".
var written = regexp.MustCompile(`^version[ \t\r\n]*=[ \t\r\n]*["']1\.[0-9]+["']([ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*["'][A-Za-z][A-Za-z0-9._-]*["'])?([ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*["'](yes|no)["'])?[ \t\r\n]*$`)

// doctype is a DOCTYPE, of which what stands in brackets is not looked at.
var doctype = regexp.MustCompile(`(?s)^<!DOCTYPE[ \t\r\n]+[\pL_:][^ \t\r\n\["'<>&]*([ \t\r\n]+(SYSTEM|PUBLIC[ \t\r\n]+("[^"]*"|'[^']*'))[ \t\r\n]+("[^"]*"|'[^']*'))?[ \t\r\n]*(\[.*\])?[ \t\r\n]*>$`)

// declaration gives the problem of <?xml ...?>.
func (r *reader) declaration(p xml.ProcInst, at int) *problem {
	switch {
	case at != r.begin:
		return &problem{at, "<?xml ...?> is not at the begin of the message", false}
	case p.Target != "xml" || !written.Match(p.Inst):
		return &problem{at, `the declaration is not written like <?xml version="1.0" encoding="UTF-8"?>`, false}
	}
	return nil
}

// fullName gives a name with its prefix.
func fullName(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}

// illegal finds the first byte that is not UTF-8 or character that XML does not have.
func illegal(doc []byte) *problem {
	for i := 0; i < len(doc); {
		r, size := utf8.DecodeRune(doc[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			return &problem{i, fmt.Sprintf("the byte 0x%02x is not UTF-8", doc[i]), false}
		case r == 0:
			return &problem{i, "there is a zero byte, which would end the message", false}
		case !isCharacter(r):
			return &problem{i, fmt.Sprintf("the character U+%04X is none that XML has", r), false}
		}
		i += size
	}
	return nil
}

// isCharacter tells whether XML 1.0 has the character (production 2).
func isCharacter(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r <= 0xd7ff || r >= 0xe000 && r <= 0xfffd || r >= 0x10000 && r <= utf8.MaxRune
}

// encodingError is the name of another encoding than UTF-8.
type encodingError string

func (e encodingError) Error() string {
	return fmt.Sprintf("the message says that its encoding is %s, and XMLSocket's are in UTF-8", quoted(string(e)))
}

// explain puts an error of the decoder, met between two offsets, in words.
func explain(err error, doc []byte, start, end int) *problem {
	var other encodingError
	if errors.As(err, &other) {
		return &problem{start, other.Error(), false}
	}
	var syntax *xml.SyntaxError
	if !errors.As(err, &syntax) {
		return &problem{start, "it is not XML: " + shown(strings.TrimPrefix(err.Error(), "xml: ")), false}
	}
	// The decoder has read the character it stumbled over.
	at := max(end-1, start)
	if strings.HasPrefix(syntax.Msg, "illegal character code") {
		if p := badReference(doc[start:end], start); p != nil { // it is not in the message itself
			return p
		}
	}
	switch m := syntax.Msg; {
	case m == "unexpected EOF":
		return &problem{start, "what begins here is never ended: the message is cut short, or a quote or > is missing", false}
	case strings.HasPrefix(m, "invalid character entity"):
		at = start + max(bytes.LastIndexByte(doc[start:end], '&'), 0)
		return &problem{at, fmt.Sprintf("%s: write &amp; for &, and no entities but &lt; &gt; &amp; &quot; &apos; and numbers like &#42; (no others are expanded)", shown(m)), false}
	case m == "unescaped < inside quoted string":
		return &problem{at, "a < stands inside quotes: write &lt;, or look for a quote that is missing", false}
	case m == "unescaped ]]> not in CDATA section":
		return &problem{at, "]]> stands in text: write ]]&gt;", false}
	case m == "expected element name after <":
		return &problem{at, "behind < stands no name: write &lt; for a < of text", false}
	case m == "unquoted or missing attribute value in element":
		return &problem{at, "the value of an attribute is not in quotes", false}
	case m == "attribute name without = in element":
		return &problem{at, "an attribute has no value: write name=\"value\"", false}
	}
	return &problem{at, shown(syntax.Msg), false}
}
