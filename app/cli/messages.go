package cli

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/spf13/pflag"

	"wirebench/sessions/compose"
	"wirebench/sessions/fields"
	"wirebench/sessions/inspect"
)

// message is one thing to send: bytes, a file, or fields that are not built yet.
type message struct {
	bytes  []byte
	file   string
	fields *string // in the notation of package fields
	text   bool    // bytes were written as text
}

// messageFlag is a flag that adds to a list that several kinds of flags share,
// so that messages go out in the order they stand in on the command line.
type messageFlag struct {
	list *[]message
	kind string // "text", "hex", "fields" or "file"
}

// String implements pflag.Value.
func (f *messageFlag) String() string { return "" }

// Type implements pflag.Value; it is what --help shows for the value.
func (f *messageFlag) Type() string { return f.kind }

// Set implements pflag.Value.
func (f *messageFlag) Set(s string) error {
	var m message
	var err error
	switch f.kind {
	case "file":
		st, err := os.Stat(s)
		if err != nil {
			return err
		}
		if !st.Mode().IsRegular() {
			return fmt.Errorf("%s is not a regular file", s)
		}
		m.file = s
	case "fields":
		m.fields = &s // the byte order may come later on the command line
	case "hex":
		m.bytes, err = compose.Hex(s)
	default:
		m.text = true
		m.bytes, err = compose.Text(s, compose.None)
	}
	if err != nil {
		return err
	}
	*f.list = append(*f.list, m)
	return nil
}

// notation is the part of the help about --send-fields.
var notation = `--send-fields takes a message of typed fields with commas or line ends between them, each a kind
and a value: 'u8 1, u16be len(body), body: {u32le 10000, str8 "ada"}, u16le crc-16/modbus(all)'.
A name before a field, or before several in braces, is what len(NAME) and checksums can go over;
they take all, rest, before, next and prev too. be or le behind a kind is its byte order, which is
else that of --order. The kinds are
` + kindNames() + `.`

// kindNames lists the kinds of fields, a group in a line or more.
func kindNames() string {
	const width = 95
	var lines []string
	group := ""
	for _, k := range fields.Kinds() {
		if k.ID == fields.GroupKind {
			continue // it is not written
		}
		last := len(lines) - 1
		if k.Group != group || len(lines[last])+len(k.ID) > width {
			lines, group = append(lines, "  "+k.ID), k.Group
		} else {
			lines[last] += " " + k.ID
		}
	}
	return strings.Join(lines, "\n")
}

// fieldOptions are the flags about messages of typed fields.
type fieldOptions struct{ order string }

func (o *fieldOptions) flags(f *pflag.FlagSet, list *[]message, what string) {
	f.Var(&messageFlag{list, "fields"}, "send-fields", "send typed fields"+what+`, such as 'u8 1, u16 len(rest), str8 "ada"'; repeatable`)
	f.StringVar(&o.order, "order", "big", "byte order of the fields of --send-fields that say neither be nor le: big or little")
}

// build makes the bytes of all fields in list.
func (o *fieldOptions) build(f *pflag.FlagSet, list []message) error {
	order := inspect.Big
	switch o.order {
	case "big":
	case "little":
		order = inspect.Little
	default:
		return usage("--order %s: write big or little", o.order)
	}
	b, number := fields.NewBuilder(order), 0
	for i := range list {
		m := &list[i]
		if m.fields == nil {
			continue
		}
		number++
		built, err := b.Compile(*m.fields)
		switch {
		case err != nil && number > 1:
			return usage("--send-fields, number %d of them: %w", number, err)
		case err != nil:
			return usage("--send-fields: %w", err)
		}
		m.bytes = built.Bytes
	}
	if f.Changed("order") && number == 0 {
		return usage("--order is the byte order of --send-fields: say that too")
	}
	return nil
}

// expectation waits for byte strings to arrive one behind the other, wherever
// reads cut them. It keeps no more of the stream than a match may begin in.
type expectation struct {
	mu   sync.Mutex
	want [][]byte
	tail []byte // received and not yet passed over
	met  chan struct{}
}

func newExpectation(want []message) *expectation {
	e := &expectation{met: make(chan struct{})}
	for _, m := range want {
		if len(m.bytes) > 0 {
			e.want = append(e.want, m.bytes)
		}
	}
	if len(e.want) == 0 {
		close(e.met)
	}
	return e
}

// feed looks at the bytes that came next.
func (e *expectation) feed(p []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.want) == 0 {
		return
	}
	e.tail = append(e.tail, p...)
	for len(e.want) > 0 {
		w := e.want[0]
		i := bytes.Index(e.tail, w)
		if i < 0 {
			if over := len(e.tail) - (len(w) - 1); over > 0 {
				e.tail = append(e.tail[:0], e.tail[over:]...)
			}
			return
		}
		e.tail = e.tail[i+len(w):]
		e.want = e.want[1:]
	}
	e.tail = nil
	close(e.met)
}

// missing returns the first that has not come, nil when all have.
func (e *expectation) missing() []byte {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.want) == 0 {
		return nil
	}
	return e.want[0]
}
