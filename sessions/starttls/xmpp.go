package starttls

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// The names of RFC 6120 sections 4.8.1 and 5.4.
const (
	streamSpace = "http://etherx.jabber.org/streams"
	tlsSpace    = "urn:ietf:params:xml:ns:xmpp-tls"
)

// xmpp is RFC 6120 section 5.
func xmpp(t *talk, host string) error {
	var to strings.Builder
	if err := xml.EscapeText(&to, []byte(host)); err != nil {
		return err
	}
	open := "<?xml version='1.0'?><stream:stream to='" + to.String() + "' version='1.0' xmlns='jabber:client' xmlns:stream='" + streamSpace + "'>"
	if err := t.send([]byte(open), "its side of the stream"); err != nil {
		return err
	}
	x := &stream{talk: t}
	x.decoder = xml.NewDecoder(x)
	root, err := x.open()
	if err != nil {
		return err
	}
	switch {
	case root.Name != xml.Name{Space: streamSpace, Local: "stream"}:
		return t.unexpected("XMPP")
	case !modern(root): // no features would come
		return t.refused("it speaks XMPP older than 1.0, which has no STARTTLS", "port 5223 may have TLS from the start")
	}
	t.awaited = "the features of the stream"
	first, err := x.element()
	switch {
	case err != nil:
		return err
	case first.name == xml.Name{Space: streamSpace, Local: "error"}:
		return t.refused("it ends the stream ("+first.first+")", "the name it serves may be another one than that of its machine")
	case first.name != xml.Name{Space: streamSpace, Local: "features"}:
		return t.unexpected("XMPP")
	case !first.offersTLS:
		return t.refused("it does not offer STARTTLS among its features", "the name it serves may be another one, or port 5223 may have TLS from the start")
	}
	if err := t.send([]byte("<starttls xmlns='"+tlsSpace+"'/>"), "the answer to starttls"); err != nil {
		return err
	}
	answer, err := x.element()
	switch {
	case err != nil:
		return err
	case answer.name == xml.Name{Space: tlsSpace, Local: "proceed"}:
		return nil
	case answer.name == xml.Name{Space: tlsSpace, Local: "failure"}, answer.name == xml.Name{Space: streamSpace, Local: "error"}:
		return t.refused("it offers STARTTLS and does not do it", "try port 5223, with TLS from the start")
	}
	return t.unexpected("XMPP")
}

// modern tells whether the stream is of version 1.0 or later; without a version it is older.
func modern(root xml.StartElement) bool {
	for _, a := range root.Attr {
		if a.Name.Local == "version" && a.Name.Space == "" {
			return !strings.HasPrefix(a.Value, "0")
		}
	}
	return false
}

// stream reads the server's XML. The decoder takes bytes one at a time and none behind the end of an
// element; it knows no entities but those of XML itself, and what the server may say bounds its depth.
type stream struct {
	*talk
	decoder *xml.Decoder
	begun   bool  // the first tag has come
	failed  error // why reading bytes ended
}

// ReadByte is what makes the decoder not read ahead. Text before the first tag ends it, where the decoder
// would wait for a tag that may never come.
func (x *stream) ReadByte() (byte, error) {
	b, err := x.next()
	if err == nil && !x.begun && !strings.ContainsRune(" \t\r\n", rune(b)) {
		if x.begun = b == '<'; !x.begun {
			err = x.unexpected("XMPP")
		}
	}
	if err != nil {
		x.failed = err
	}
	return b, err
}

func (x *stream) Read([]byte) (int, error) { return 0, io.ErrNoProgress } // an io.Reader in name only

// token returns the next tag. Comments, processing instructions and document types have no place in a
// stream (RFC 6120 section 11.1).
func (x *stream) token() (xml.Token, error) {
	for {
		token, err := x.decoder.Token()
		switch {
		case x.failed != nil:
			return nil, x.failed
		case err != nil:
			return nil, x.unexpected("XMPP")
		}
		switch token := token.(type) {
		case xml.StartElement, xml.EndElement:
			return token, nil
		case xml.ProcInst:
			if token.Target != "xml" {
				return nil, x.forbidden("a processing instruction")
			}
		case xml.Comment:
			return nil, x.forbidden("a comment")
		case xml.Directive:
			return nil, x.forbidden("a document type")
		}
	}
}

func (x *stream) forbidden(what string) error {
	return errors.New("the server's XML has " + what + ", which XMPP forbids: " + quote(x.answer))
}

// open takes the next opening tag.
func (x *stream) open() (xml.StartElement, error) {
	token, err := x.token()
	if err != nil {
		return xml.StartElement{}, err
	}
	if start, ok := token.(xml.StartElement); ok {
		return start, nil
	}
	return xml.StartElement{}, x.refused("it ends the stream", "the name it serves may be another one")
}

// element is one that stands in the stream.
type element struct {
	name      xml.Name
	first     string // the name of the first element in it
	offersTLS bool   // starttls is one of the elements in it
}

// element takes the next element as a whole.
func (x *stream) element() (element, error) {
	start, err := x.open()
	if err != nil {
		return element{}, err
	}
	e := element{name: start.Name}
	for depth := 1; depth > 0; {
		token, err := x.token()
		if err != nil {
			return element{}, err
		}
		inside, ok := token.(xml.StartElement)
		if !ok {
			depth--
			continue
		}
		if depth++; depth == 2 {
			if e.first == "" {
				e.first = strings.Trim(quote(inside.Name.Local), `"`)
			}
			e.offersTLS = e.offersTLS || inside.Name == xml.Name{Space: tlsSpace, Local: "starttls"}
		}
	}
	return e, nil
}
