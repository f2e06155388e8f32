package messages

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"wirebench/sessions/compose"
	"wirebench/sessions/fields"
)

// version is that of the format. A file without one is read as this.
const version = 1

// FileError is a place in a file that cannot be read.
type FileError struct {
	Path    string // "" when it was no file
	Line    int    // from 1
	Problem string
}

// Error gives path:line: problem, as compilers do.
func (e *FileError) Error() string {
	if e.Path == "" {
		return fmt.Sprintf("line %d: %s", e.Line, e.Problem)
	}
	return fmt.Sprintf("%s:%d: %s", e.Path, e.Line, e.Problem)
}

// savedCollection and savedMessage are the file. The order of the fields is
// that of the file.
type savedCollection struct {
	Version  int            `json:"version"`
	Name     string         `json:"name"`
	Note     string         `json:"note,omitempty"`
	Messages []savedMessage `json:"messages"`
}

type savedMessage struct {
	Name    string `json:"name"`
	Mode    Mode   `json:"mode"`
	Message any    `json:"message"` // a string, or its lines
	Ending  string `json:"ending,omitempty"`
	Order   string `json:"order,omitempty"`
	Target  string `json:"target,omitempty"`
	Note    string `json:"note,omitempty"`
}

// encode writes the file of a collection. The error names the message at fault.
func encode(c *Collection) ([]byte, error) {
	if why := checkName(c.Name, "a collection"); why != "" {
		return nil, errors.New(why)
	}
	if len(c.Note) > MaxNote || !utf8.ValidString(c.Note) {
		return nil, fmt.Errorf("the note is not UTF-8, or longer than %d KiB", MaxNote>>10)
	}
	if len(c.Messages) > MaxMessages {
		return nil, fmt.Errorf("%d messages are more than the %d a collection can hold: put some into another", len(c.Messages), MaxMessages)
	}
	out := savedCollection{Version: version, Name: c.Name, Note: c.Note, Messages: make([]savedMessage, len(c.Messages))}
	for i := range c.Messages {
		m := &c.Messages[i]
		if why := m.check(); why != "" {
			return nil, fmt.Errorf("message %d, %s: %s", i+1, quoted(m.Name), why)
		}
		s := savedMessage{Name: m.Name, Mode: m.Mode, Message: m.Body, Target: m.Target, Note: m.Note}
		if s.Mode == "" {
			s.Mode = Text
		}
		if strings.Contains(m.Body, "\n") {
			s.Message = strings.Split(m.Body, "\n")
		}
		if m.Ending != compose.None {
			s.Ending = m.Ending.String()
		}
		switch m.Order {
		case fields.Big:
			s.Order = "big"
		case fields.Little:
			s.Order = "little"
		}
		out.Messages[i] = s
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // < and & are for people here
	e.SetIndent("", "\t")
	if err := e.Encode(out); err != nil {
		return nil, err
	}
	if b.Len() > MaxFile {
		return nil, fmt.Errorf("the collection is %d bytes, more than the %d MiB a file can be: put some messages into another", b.Len(), MaxFile>>20)
	}
	return b.Bytes(), nil
}

// decode reads the file of a collection. The messages must be there, if only as
// an empty list, since without them it is another program's file; what else is
// absent has its zero value. Anything that this package would not write back is an error, a [*FileError],
// so that saving never loses what somebody wrote by hand.
func decode(data []byte) (*Collection, error) {
	d := decoder{data: bytes.TrimPrefix(data, []byte("\ufeff"))} // Windows editors begin with that mark
	c := new(Collection)
	if err := d.collection(c); err != nil {
		return nil, err
	}
	return c, nil
}

type decoder struct {
	data []byte
	*json.Decoder
}

// fail makes the error for the token that was read last.
func (d *decoder) fail(format string, args ...any) error {
	return lineError(d.data, int(d.InputOffset()), fmt.Sprintf(format, args...))
}

func lineError(data []byte, at int, problem string) error {
	return &FileError{Line: 1 + bytes.Count(data[:min(max(at, 0), len(data))], []byte("\n")), Problem: problem}
}

func (d *decoder) collection(c *Collection) error {
	if !utf8.Valid(d.data) {
		at := 0
		for at < len(d.data) {
			r, size := utf8.DecodeRune(d.data[at:])
			if r == utf8.RuneError && size == 1 {
				break
			}
			at += size
		}
		return lineError(d.data, at, "the file is not UTF-8")
	}
	if err := checkSyntax(d.data); err != nil {
		return err
	}
	d.Decoder = json.NewDecoder(bytes.NewReader(d.data))
	d.UseNumber()
	messages := false
	err := d.object("the file", "version, name, note and messages", func(key string) (err error) {
		switch key {
		case "version":
			return d.version()
		case "name":
			if c.Name, err = d.text(key); err == nil {
				if why := checkName(c.Name, "a collection"); why != "" {
					err = d.fail("%s", why)
				}
			}
			return err
		case "note":
			if c.Note, err = d.text(key); err == nil && len(c.Note) > MaxNote {
				err = d.fail("the note is longer than %d KiB", MaxNote>>10)
			}
			return err
		case "messages":
			messages = true
			return d.list(key, func() error {
				if len(c.Messages) == MaxMessages {
					return d.fail("there are more messages than the %d a collection can hold", MaxMessages)
				}
				m, err := d.message()
				c.Messages = append(c.Messages, m)
				return err
			})
		}
		return errUnknownKey
	})
	if err == nil && !messages {
		return lineError(d.data, bytes.IndexByte(d.data, '{'), `this is no collection of messages: it has no list "messages", not even an empty one`)
	}
	return err
}

// checkSyntax tells where data is not one JSON text.
func checkSyntax(data []byte) error {
	var raw json.RawMessage
	err := json.Unmarshal(data, &raw)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return lineError(data, int(syntax.Offset)-1, "this is not JSON: "+syntax.Error())
	}
	return err
}

func (d *decoder) version() error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	if n, ok := t.(json.Number); !ok || n.String() != fmt.Sprint(version) {
		return d.fail("version is %v, and this program reads %d: a newer one may have written the file", t, version)
	}
	return nil
}

func (d *decoder) message() (m Message, err error) {
	before := d.InputOffset()
	err = d.object("a message", "name, mode, message, ending, order, target and note", func(key string) error {
		s, err := "", error(nil)
		if key == "message" {
			m.Body, err = d.body()
			return err
		}
		switch key {
		case "name", "mode", "ending", "order", "target", "note":
			if s, err = d.text(key); err != nil {
				return err
			}
		}
		switch key {
		case "name":
			m.Name = s
		case "mode":
			m.Mode = Mode(strings.ToLower(s))
		case "target":
			m.Target = s
		case "note":
			m.Note = s
		case "ending":
			if m.Ending, err = compose.ParseEnding(s); err != nil {
				return d.fail("%v", err)
			}
		case "order":
			switch strings.ToLower(s) {
			case "":
			case "big":
				m.Order = fields.Big
			case "little":
				m.Order = fields.Little
			default:
				return d.fail("%s is no byte order: write big or little", quoted(s))
			}
		default:
			return errUnknownKey
		}
		if key == "name" || key == "mode" || key == "target" {
			probe := Message{Name: "x", Mode: m.Mode, Target: m.Target}
			if key == "name" {
				probe.Name = m.Name
			}
			if why := probe.check(); why != "" {
				return d.fail("%s", why)
			}
		}
		return nil
	})
	if err != nil {
		return m, err
	}
	if m.Mode == "" {
		m.Mode = Text
	}
	if why := m.check(); why != "" {
		at := len(d.data) - len(bytes.TrimLeft(d.data[before:], " \t\r\n,")) // its brace
		return m, lineError(d.data, at, why)
	}
	return m, nil
}

// body reads a string, or a list of them that are its lines.
func (d *decoder) body() (string, error) {
	before := d.InputOffset()
	t, err := d.Token()
	if err != nil {
		return "", err
	}
	switch t := t.(type) {
	case string:
		return t, d.whole(t, before)
	case json.Delim:
		if t != '[' {
			break
		}
		var lines []string
		for d.More() {
			s, err := d.text("message")
			if err != nil {
				return "", err
			}
			lines = append(lines, s)
		}
		_, err := d.Token()
		return strings.Join(lines, "\n"), err
	}
	return "", d.fail("message must be a text or a list of its lines")
}

// text reads a string.
func (d *decoder) text(key string) (string, error) {
	before := d.InputOffset()
	t, err := d.Token()
	if err != nil {
		return "", err
	}
	s, ok := t.(string)
	if !ok {
		return "", d.fail("%s must be a text between double quotes", key)
	}
	return s, d.whole(s, before)
}

// whole tells whether s, read from what stands behind byte before, is all that
// stood there: half a surrogate pair becomes U+FFFD, and would be written as
// that.
func (d *decoder) whole(s string, before int64) error {
	const lost = "\ufffd"
	n := strings.Count(s, lost)
	if n == 0 {
		return nil
	}
	raw := strings.ToLower(string(d.data[before:d.InputOffset()]))
	if strings.Count(raw, lost)+strings.Count(raw, `\ufffd`) < n {
		return d.fail(`half a surrogate pair, \ud800 to \udfff, is no character`)
	}
	return nil
}

// list reads a list whose elements item reads.
func (d *decoder) list(key string, item func() error) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	if t != json.Delim('[') {
		return d.fail("%s must be a list: write [ and ] round it", key)
	}
	for d.More() {
		if err := item(); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

var errUnknownKey = errors.New("unknown key")

// object reads an object; member reads the value of a key, or says that it is
// none.
func (d *decoder) object(what, keys string, member func(key string) error) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	if t != json.Delim('{') {
		return d.fail("%s must be an object: write { and } round it", what)
	}
	seen := make(map[string]bool)
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return err
		}
		key, _ := t.(string)
		if seen[key] {
			return d.fail("%s is there twice", quoted(key))
		}
		seen[key] = true
		if err := member(key); err == errUnknownKey {
			return d.fail("%s is no key of %s: there are %s", quoted(key), what, keys)
		} else if err != nil {
			return err
		}
	}
	if _, err = d.Token(); err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return err
}
