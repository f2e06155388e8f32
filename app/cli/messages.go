package cli

import (
	"bytes"
	"fmt"
	"os"
	"sync"

	"wirebench/sessions/compose"
)

// message is one thing to send: bytes, or a file.
type message struct {
	bytes []byte
	file  string
	text  bool // bytes were written as text
}

// messageFlag is a flag that adds to a list that several kinds of flags share,
// so that messages go out in the order they stand in on the command line.
type messageFlag struct {
	list *[]message
	kind string // "text", "hex" or "file"
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
