package fields

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"wirebench/sessions/charset"
	"wirebench/sessions/compose"
	"wirebench/sessions/inspect"
)

func textKinds() []Kind {
	kinds := []Kind{
		{
			ID: "text", Aliases: []string{"str", "utfbytes", "writeUTFBytes", "multibyte", "writeMultiByte"}, Name: "text",
			AIR: "writeUTFBytes, writeMultiByte", Example: `text windows-1252 "café"`, Charset: true,
			Help: "Text alone, in UTF-8 or in the charset named before it.",
		}, {
			ID: "utf", Aliases: []string{"writeUTF"}, Name: "UTF-8 behind its length, u16", AIR: "writeUTF", Example: `utf "hé"`, Ordered: true,
			Help: "The length in bytes (at most 65535) in 16 bits, then the text in UTF-8.",
		}, {
			ID: "cstr", Aliases: []string{"strz"}, Name: "text ended by NUL", Example: `cstr "hello"`, Charset: true,
			Help: "Text and the NUL of its charset: one zero byte, or two in UTF-16.",
		}, {
			ID: "str8", Name: "text behind its length, u8", Example: `str8 "ada"`, Charset: true,
			Help: "The length in bytes (at most 255) in 8 bits, then the text.",
		}, {
			ID: "str16", Name: "text behind its length, u16", Example: `str16 utf-16le "ada"`, Charset: true, Ordered: true,
			Help: "The length in bytes (at most 65535) in 16 bits, then the text.",
		}, {
			ID: "str32", Name: "text behind its length, u32", Example: `str32 "ada"`, Charset: true, Ordered: true,
			Help: "The length in bytes in 32 bits, then the text.",
		}, {
			ID: "strv", Name: "text behind its length, varint", Example: `strv "ada"`, Charset: true,
			Help: "The length in bytes as ULEB128 (protobuf, Minecraft, .NET), then the text.",
		},
	}
	for i := range kinds {
		kinds[i].Group, kinds[i].lex, kinds[i].write = Texts, asQuoted, (*writer).text
	}
	return kinds
}

func (w *writer) text() ([]byte, string) {
	body, problem := w.encode(w.field.Value)
	if problem != "" {
		return nil, problem
	}
	n := len(body)
	prefix := func(size int) ([]byte, string) {
		if uint64(n)>>(8*size) != 0 {
			return nil, fmt.Sprintf("the text is %d bytes, and its length must be 0 to %d to fit %s", n, 1<<(8*size)-1, w.kind.ID)
		}
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(n))
		out := make([]byte, 0, size+n)
		out = append(out, length[8-size:]...)
		return append(inOrder(out, w.little), body...), ""
	}
	switch w.kind.ID {
	case "cstr":
		end, problem := w.encode(`\0`)
		if problem != "" {
			return nil, problem
		}
		if at := nulIn(body, len(end)); at >= 0 {
			return nil, fmt.Sprintf("the text has a NUL of its own after %d bytes, where a reader would end it: use text", at)
		}
		return append(body, end...), ""
	case "str8":
		return prefix(1)
	case "str16", "utf":
		return prefix(2)
	case "str32":
		return prefix(4)
	case "strv":
		return append(binary.AppendUvarint(make([]byte, 0, n+5), uint64(n)), body...), ""
	}
	return body, ""
}

// nulIn finds a NUL of size bytes, at a multiple of them, or gives -1.
func nulIn(b []byte, size int) int {
	zeros := 0
	for i, c := range b {
		if zeros++; c != 0 {
			zeros = 0
		}
		if (i+1)%size == 0 {
			if zeros >= size {
				return i + 1 - size
			}
			zeros = 0
		}
	}
	return -1
}

// encode writes a text in notation in a charset. A byte that is written \xHH is
// that byte in any charset; everything else is characters.
func (w *writer) encode(value string) ([]byte, string) {
	c, problem := charsetOf(w.field.Charset)
	switch {
	case problem != "":
		return nil, problem
	case c == charset.UTF8:
		return w.unescape(value, 0)
	}
	c = c.In(w.little)
	var out []byte
	run := 0 // where the characters begin that were not yet encoded
	characters := func(end int) string {
		if run == end {
			return ""
		}
		text, problem := w.unescape(value[run:end], run)
		if problem != "" {
			return problem
		}
		b, err := c.Encode(string(text))
		if err != nil {
			return w.lacks(c, err, value, run)
		}
		out = append(out, b...)
		return ""
	}
	for i := 0; i < len(value); {
		if value[i] != '\\' || i+1 == len(value) {
			i++
			continue
		}
		if value[i+1] != 'x' {
			i += 2
			continue
		}
		if problem := characters(i); problem != "" {
			return nil, problem
		}
		end := min(i+4, len(value))
		b, problem := w.unescape(value[i:end], i)
		if problem != "" {
			return nil, problem
		}
		out = append(out, b...)
		i, run = end, end
	}
	if problem := characters(len(value)); problem != "" {
		return nil, problem
	}
	return out, ""
}

// lacks says which character a charset has not, and where it stands in what
// value has from byte run on.
func (w *writer) lacks(c *charset.Charset, err error, value string, run int) string {
	w.at = run
	var bad *charset.EncodeError
	if !errors.As(err, &bad) || bad.Rune == charset.NoRune {
		return fmt.Sprintf("the text cannot be written in the charset %s", c.Name())
	}
	for written := 0; written < bad.Pos && w.at < len(value); {
		n := unit(value[w.at:])
		b, err := compose.Text(value[w.at:w.at+n], compose.None)
		if err != nil {
			w.at = run
			break
		}
		written += len(b)
		w.at += n
	}
	return fmt.Sprintf("%s is not in the charset %s", character(bad.Rune), c.Name())
}

// unit gives the bytes of the character or escape that s begins with; two
// escapes that are one character count as one.
func unit(s string) int {
	switch {
	case strings.HasPrefix(s, `\u`) && len(s) >= 12 && strings.ContainsRune("dD", rune(s[2])) && strings.ContainsRune("89abAB", rune(s[3])):
		return 12
	case strings.HasPrefix(s, `\u`):
		return min(6, len(s))
	case strings.HasPrefix(s, `\`):
		return min(2, len(s))
	}
	_, n := utf8.DecodeRuneInString(s)
	return n
}

// charsetOf finds a charset by its name; "" is UTF-8.
func charsetOf(name string) (*charset.Charset, string) {
	if name == "" {
		return charset.UTF8, ""
	}
	c, err := charset.Lookup(name)
	var unknown *charset.UnknownError
	switch {
	case err == nil && c.Name() == charset.UTF8.Name():
		return charset.UTF8, ""
	case err == nil:
		return c, ""
	case errors.As(err, &unknown) && len(unknown.Near) > 0:
		return nil, fmt.Sprintf("no charset %s is known here: write %s", quoted(name), strings.Join(unknown.Near, " or "))
	}
	return nil, fmt.Sprintf("no charset %s is known here: write a name such as utf-8, utf-16le, windows-1252, shift_jis or koi8-r", quoted(name))
}

// unescape is [compose.Text]; from is where value begins within the field's.
func (w *writer) unescape(value string, from int) ([]byte, string) {
	b, err := compose.Text(value, compose.None)
	return b, w.composed(err, from)
}

// composed gives the problem that package compose has with a value.
func (w *writer) composed(err error, from int) string {
	var bad *compose.Error
	if !errors.As(err, &bad) {
		return ""
	}
	w.at = from + bad.Pos
	return bad.Problem
}

func character(r rune) string {
	return fmt.Sprintf("%s (U+%04X)", inspect.Escape([]byte(string(r))), r)
}

func (w *writer) hex() ([]byte, string) {
	b, err := compose.Hex(w.field.Value)
	return b, w.composed(err, 0)
}

// base64 reads RFC 4648 in either alphabet, padded or not, with white space
// anywhere.
func (w *writer) base64() ([]byte, string) {
	s := w.field.Value
	plain := make([]byte, 0, len(s))
	for i := range len(s) {
		switch c := s[i]; {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
		case c == '-':
			plain = append(plain, '+')
		case c == '_':
			plain = append(plain, '/')
		case isBase64(c):
			plain = append(plain, c)
		default:
			w.at = i
			return nil, show(s[i:]) + " is no character of Base64"
		}
	}
	plain = []byte(strings.TrimRight(string(plain), "="))
	b, err := base64.RawStdEncoding.AppendDecode(make([]byte, 0, len(plain)*3/4), plain)
	if err != nil {
		return nil, "this Base64 is cut off or has = in the middle: its length does not come out"
	}
	return b, ""
}

func isBase64(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || strings.IndexByte("+/-_=", c) >= 0
}

func (w *writer) object() ([]byte, string) {
	if n, bad := balance(w.field.Value); bad != "" {
		w.at = n
		return nil, bad
	} else if w.field.Value[:min(n, 1)] == ":" {
		return nil, "an object cannot begin with a colon: its kind would be read as a name"
	} else if n == 0 {
		return nil, "expected an object, as in " + w.kind.Example
	} else if n < len(w.field.Value) || strings.Trim(w.field.Value, " \t\r") != w.field.Value {
		w.at = n
		return nil, "an object is one value, and behind it stands " + show(w.field.Value[n:])
	}
	if w.b.Objects == nil {
		return nil, "objects cannot be written here"
	}
	version := 0
	if w.kind.ID == "amf3" {
		version = 3
	}
	b, err := w.b.Objects(version, w.field.Value)
	if problem := w.composed(err, 0); problem != "" {
		return nil, problem
	}
	if err != nil {
		return nil, err.Error()
	}
	return b, ""
}
