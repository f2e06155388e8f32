package policy

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// MaxSize is how many bytes a policy file may have, without the zero byte that is sent behind it. Clients
// take no notice of a larger one.
const MaxSize = 20 << 10

// Check says what is wrong with a policy file that is served from a socket, for the person who wrote it,
// or gives nil. It reports the first mistake only, with its line where the file has several.
//
// The file is XML 1.0 in UTF-8 with the elements of Adobe's cross-domain policy file specification 2.0; a
// DOCTYPE is passed over, and entities of its own are refused. Every allow-access-from needs the domain it
// is for and, this being a socket, to-ports. Whether the port that the file is served from may grant the
// ports in it is another question: one from 1024 on may grant only such.
func Check(file []byte) error {
	var first error
	scan(file, func(line int, problem string) bool {
		first = atLine(file, line, problem)
		return false
	}, nil)
	return first
}

// scan reads a policy file and gives what is wrong with it to problem, in order and with its line, or 0 for the
// file as a whole, until that returns false, and each element of the specification to element, if that is not
// nil, mistakes in its attributes or not. Of one element there is one mistake at most. It reports whether a
// client reads the file at all: mistakes inside elements leave it readable.
func scan(file []byte, problem func(line int, text string) bool, element func(line int, e xml.StartElement)) (readable bool) {
	readable = true
	if len(file) > MaxSize {
		readable = false
		if !problem(0, fmt.Sprintf("the policy file is %d bytes long, and clients take no notice of more than %d: write fewer or wider rules", len(file), MaxSize)) {
			return false
		}
	}
	file = bytes.TrimPrefix(file, []byte("\xef\xbb\xbf"))
	if line, text := checkBytes(file); text != "" {
		problem(line, text)
		return false
	}
	d := xml.NewDecoder(bytes.NewReader(file))
	d.CharsetReader = func(name string, _ io.Reader) (io.Reader, error) { return nil, &encodingError{name} }
	c := checker{}
	line, counted := 1, 0 // how far lines were counted
	for {
		start := int(d.InputOffset())
		line += bytes.Count(file[counted:start], []byte{'\n'})
		counted = start
		token, err := d.RawToken()
		if err == io.EOF {
			if text := c.end(); text != "" {
				problem(line, text)
				return false
			}
			return readable
		}
		if err != nil {
			at := line
			if now, _ := d.InputPos(); d.InputOffset() < int64(len(file)) {
				at = now // what is never closed goes on to the end, and is better looked for where it begins
			}
			problem(at, explain(err))
			return false
		}
		text := c.take(token, start == 0)
		readable = readable && !c.broken
		if text != "" && !problem(line, text) || c.broken {
			return readable
		}
		if e, ok := token.(xml.StartElement); ok && element != nil && c.known {
			element(line, e)
		}
	}
}

// atLine makes the error for a line. A file of one line needs no number, nor does line 0.
func atLine(file []byte, line int, problem string) error {
	if line == 0 || !bytes.Contains(bytes.TrimRight(file, "\r\n"), []byte{'\n'}) {
		return errors.New(problem)
	}
	return fmt.Errorf("line %d: %s", line, problem)
}

// checkBytes looks for what the XML decoder would call by another name.
func checkBytes(file []byte) (line int, problem string) {
	if bytes.HasPrefix(file, []byte{0xfe, 0xff}) || bytes.HasPrefix(file, []byte{0xff, 0xfe}) ||
		bytes.HasPrefix(file, []byte{0, '<'}) || bytes.HasPrefix(file, []byte{'<', 0}) {
		return 1, "the policy file is in UTF-16: save it as UTF-8"
	}
	if len(bytes.TrimSpace(file)) == 0 {
		return 1, `the policy file is empty: write <cross-domain-policy><allow-access-from domain="*" to-ports="*"/></cross-domain-policy> to allow everything`
	}
	if at := bytes.IndexByte(file, 0); at >= 0 {
		return 1 + bytes.Count(file[:at], []byte{'\n'}), "there is a zero byte in the policy file: leave it out, the one that ends the answer is sent by itself"
	}
	for at := 0; at < len(file); {
		r, size := utf8.DecodeRune(file[at:])
		if r == utf8.RuneError && size == 1 {
			return 1 + bytes.Count(file[:at], []byte{'\n'}), fmt.Sprintf("the byte 0x%02x is not UTF-8: save the policy file as UTF-8", file[at])
		}
		at += size
	}
	return 0, ""
}

// encodingError is what a declaration of another encoding than UTF-8 leads to.
type encodingError struct{ name string }

func (e *encodingError) Error() string {
	return fmt.Sprintf(`the policy file says that its encoding is %s: write encoding="UTF-8", or leave it out`, quoted(e.name))
}

// explain puts an error of the XML decoder in other words.
func explain(err error) string {
	var encoding *encodingError
	if errors.As(err, &encoding) {
		return encoding.Error()
	}
	var syntax *xml.SyntaxError
	if !errors.As(err, &syntax) {
		return fmt.Sprintf("the policy file is not XML: %s", shown(strings.TrimPrefix(err.Error(), "xml: ")))
	}
	switch {
	case strings.HasPrefix(syntax.Msg, "invalid character entity"):
		return fmt.Sprintf("the policy file is not XML: %s: write &amp; for &, and no entities but &lt; &gt; &amp; &quot; &apos; and numbers like &#42;", shown(syntax.Msg))
	case syntax.Msg == "unexpected EOF":
		return "the policy file is not XML: it ends in the middle of something: write the end, or look for a quote that is never closed"
	}
	return fmt.Sprintf("the policy file is not XML: %s", shown(syntax.Msg))
}

// checker follows the elements of a file.
type checker struct {
	open        []string // elements that are not closed, the root first
	rooted      bool     // the root was there
	siteControl bool     // a site-control was there
	known       bool     // the last element is one of the specification, where it may be
	broken      bool     // this is no policy file
}

// end gives the problem of a file that ends here.
func (c *checker) end() string {
	if len(c.open) > 0 {
		return fmt.Sprintf("<%s> is never closed: write </%[1]s> at its end", shown(c.open[len(c.open)-1]))
	}
	if !c.rooted {
		return "there is no element in the policy file: write <cross-domain-policy>...</cross-domain-policy>"
	}
	return ""
}

// take gives the problem of the next token; first is for the one the file begins with.
func (c *checker) take(token xml.Token, first bool) string {
	switch token := token.(type) {
	case xml.StartElement:
		return c.element(token)
	case xml.EndElement:
		name := fullName(token.Name)
		if len(c.open) == 0 {
			c.broken = true
			return fmt.Sprintf("</%s> closes no element: remove it", shown(name))
		}
		last := c.open[len(c.open)-1]
		if last != name {
			c.broken = true
			return fmt.Sprintf("</%s> comes before <%s> is closed: write /> at the end of that one, or </%[2]s> behind it", shown(name), shown(last))
		}
		c.open = c.open[:len(c.open)-1]
	case xml.CharData:
		if text := strings.Trim(string(token), " \t\r\n"); text != "" {
			c.broken = len(c.open) == 0
			return fmt.Sprintf("there is text between the elements: remove %s", quoted(text))
		}
	case xml.ProcInst:
		if token.Target == "xml" && !first {
			c.broken = true
			return "<?xml ...?> is not at the begin of the policy file: remove what is before it, blank lines and spaces too, or remove it"
		}
	case xml.Directive:
		if c.rooted {
			c.broken = true
			return "a <!...> stands behind the begin of <cross-domain-policy>: move the DOCTYPE to the top, or remove it"
		}
		if strings.Contains(string(token), "<!ENTITY") {
			return "the DOCTYPE makes entities: remove it, and write out what they stand for"
		}
	}
	return ""
}

// element gives the problem of an element with its attributes.
func (c *checker) element(e xml.StartElement) string {
	name := fullName(e.Name)
	depth := len(c.open)
	inside := path(c.open)
	c.open = append(c.open, name)
	c.known = false
	if depth == 0 {
		if c.rooted {
			c.broken = true
			return fmt.Sprintf("<%s> stands behind the end of <cross-domain-policy>: move it inside", shown(name))
		}
		c.rooted = true
	}
	if depth == maxDepth {
		c.broken = true
		return fmt.Sprintf("<%s> stands inside more than %d others: close those around it", shown(name), maxDepth-1)
	}
	i := slices.IndexFunc(elements, func(k kind) bool { return k.name == name && k.inside == inside })
	if i < 0 {
		c.broken = depth == 0
		return misplaced(name, c.open[:depth])
	}
	c.known = true
	if name == "site-control" {
		if c.siteControl {
			return "there is a second <site-control>: keep one"
		}
		c.siteControl = true
	}
	if problem := elements[i].check(e.Attr); problem != "" {
		return fmt.Sprintf("<%s>: %s", name, problem)
	}
	return ""
}

// path names the elements that are open as kind.inside does, or gives "?" where there are more or longer ones
// than any has around it.
func path(open []string) string {
	n := 0
	for _, name := range open {
		n += len(name)
	}
	if len(open) > 4 || n > 200 {
		return "?"
	}
	return strings.Join(open, " ")
}

// maxDepth is how many elements may be open: four are the most that belong anywhere.
const maxDepth = 32

// misplaced is the problem of an element that may not stand inside those that are open.
func misplaced(name string, open []string) string {
	if len(open) == 0 {
		return fmt.Sprintf("the outermost element is <%s>: write <cross-domain-policy>", shown(name))
	}
	inside := path(open)
	var may []string
	for _, k := range elements {
		if k.inside == inside {
			may = append(may, "<"+k.name+">")
		}
	}
	last := open[len(open)-1]
	if may == nil {
		return fmt.Sprintf("<%s> stands inside <%s>, which has nothing in it: close that with /> first", shown(name), shown(last))
	}
	return fmt.Sprintf("<%s> is unknown inside <%s>: write %s", shown(name), shown(last), listed(may))
}

// fullName gives a name with its prefix.
func fullName(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}
