package charset

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
)

// form says who reads and writes a charset.
type form uint8

const (
	library form = iota // golang.org/x/text
	utf8Form
	utf16Form
	utf32Form
)

// order is the byte order of a charset whose unit has several bytes.
type order uint8

const (
	noOrder order = iota // a unit of one byte
	bigEndian
	littleEndian
	eitherOrder // as a byte order mark or the place says; big-endian otherwise
)

// Charset is one character encoding. It is immutable and safe for concurrent
// use; two of the same name are interchangeable, but need not be identical.
type Charset struct {
	name  string
	form  form
	order order
	enc   encoding.Encoding // of library
	fffd  []byte            // how U+FFFD itself is written, of library; nil if it cannot be
	table *[256]rune        // of library, when every byte is a character of its own; NoRune for none
}

// UTF8 is the charset of the rest of the program.
var UTF8 = &Charset{name: "utf-8", form: utf8Form}

// The charsets of more than one byte a unit. The ones without a suffix are read
// in either order.
var (
	utf16Any    = &Charset{name: "utf-16", form: utf16Form, order: eitherOrder}
	utf16Big    = &Charset{name: "utf-16be", form: utf16Form, order: bigEndian}
	utf16Little = &Charset{name: "utf-16le", form: utf16Form, order: littleEndian}
	utf32Any    = &Charset{name: "utf-32", form: utf32Form, order: eitherOrder}
	utf32Big    = &Charset{name: "utf-32be", form: utf32Form, order: bigEndian}
	utf32Little = &Charset{name: "utf-32le", form: utf32Form, order: littleEndian}
)

// unicodes are the charsets read here, by the names of RFC 3629, RFC 2781 and
// Unicode Technical Report 19.
var unicodes = []*Charset{UTF8, utf16Any, utf16Big, utf16Little, utf32Any, utf32Big, utf32Little}

// Name is the charset's preferred MIME name in small letters, such as
// "iso-8859-1". [Lookup] takes it.
func (c *Charset) Name() string { return c.name }

// Unit is the number of bytes that characters are made of: 2 in UTF-16, 4 in
// UTF-32 and 1 elsewhere. A zero character is that many zero bytes.
func (c *Charset) Unit() int {
	switch c.form {
	case utf16Form:
		return 2
	case utf32Form:
		return 4
	}
	return 1
}

// Ordered says that the charset does not tell its byte order, as utf-16 and
// utf-32 do not; [Charset.In] settles it.
func (c *Charset) Ordered() bool { return c.order == eitherOrder }

// In gives the charset with its byte order settled. One that is not
// [Charset.Ordered] is returned as it is.
func (c *Charset) In(little bool) *Charset {
	switch {
	case c.order != eitherOrder:
		return c
	case c.form == utf16Form && little:
		return utf16Little
	case c.form == utf16Form:
		return utf16Big
	case little:
		return utf32Little
	}
	return utf32Big
}

// spellings are names that are not in the registry and that the standard takes
// for a larger charset than they say.
var spellings = map[string]string{
	"ascii": "us-ascii", "iso646-us": "us-ascii",
	"iso8859-1": "iso-8859-1", "iso88591": "iso-8859-1",
	"iso8859-9": "iso-8859-9", "iso88599": "iso-8859-9",
}

// Lookup finds a charset by its name, an alias or a label, in any case and with
// space around it. An unknown name is an [*UnknownError].
func Lookup(name string) (*Charset, error) {
	key := strings.ToLower(strings.TrimSpace(name))
	if meant := spellings[key]; meant != "" {
		key = meant
	}
	for _, c := range unicodes {
		if key == c.name {
			return c, nil
		}
	}
	enc, err := ianaindex.IANA.Encoding(key)
	if err != nil || enc == nil {
		enc, err = htmlindex.Get(key)
	}
	// The standard's replacement encoding stands for charsets a browser refuses.
	if err != nil || enc == nil || enc == encoding.Replacement {
		return nil, &UnknownError{Name: name, Near: near(key)}
	}
	preferred := preferredName(enc)
	for _, c := range unicodes {
		if preferred == c.name {
			return c, nil
		}
	}
	c := &Charset{name: preferred, enc: enc}
	c.learn()
	return c, nil
}

// preferredName is what the registry, or else the standard, calls enc.
func preferredName(enc encoding.Encoding) string {
	name, err := ianaindex.MIME.Name(enc)
	if err != nil {
		name, _ = htmlindex.Name(enc) // enc came out of one of the two
	}
	return strings.ToLower(name)
}

// learn finds out what cannot be asked of an encoding: how it writes the
// character that stands for an error, and whether each byte is a character.
func (c *Charset) learn() {
	switch m := c.enc.(type) {
	case *charmap.Charmap:
		c.table = new([256]rune)
		for n := range c.table {
			if c.table[n] = m.DecodeByte(byte(n)); c.table[n] == utf8.RuneError {
				c.table[n] = NoRune
			}
		}
	default:
		if b, err := c.Encode("\ufffd"); err == nil {
			c.fffd = b
		}
	}
}
