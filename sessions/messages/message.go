package messages

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"wirebench/sessions/compose"
	"wirebench/sessions/fields"
	"wirebench/sessions/inspect"
)

// Bounds of what is kept.
const (
	MaxCollections = 1000     // files in a folder
	MaxMessages    = 10_000   // in a collection
	MaxName        = 200      // bytes of a name
	MaxNote        = 64 << 10 // bytes of a note
	MaxBody        = 16 << 20 // bytes of a message in notation
	MaxFile        = 64 << 20 // bytes of a file
)

// Mode is the notation of a message, as it stands in the file.
type Mode string

const (
	Text   Mode = "text"   // [compose.Text]
	Hex    Mode = "hex"    // [compose.Hex]
	Fields Mode = "fields" // [fields.Parse]
)

// Modes lists every mode in the order they are offered.
func Modes() []Mode { return []Mode{Text, Hex, Fields} }

// Message is one saved message.
type Message struct {
	Name   string         // not empty; several may have the same
	Mode   Mode           // "" counts as Text
	Body   string         // in the notation of Mode; it may be wrong, as a draft is
	Ending compose.Ending // of Text
	Order  fields.Order   // of Fields: the default of its kinds; Default is that of the tab
	// Target is where it is meant to go, such as tcp://127.0.0.1:7777, or "".
	Target string
	Note   string
}

// Bytes gives the message as it is sent. B is what Fields are built with; its
// order is that of the tab. The error is a [*compose.Error].
func (m Message) Bytes(b fields.Builder) ([]byte, error) {
	switch m.Mode {
	case Hex:
		return compose.Hex(m.Body)
	case Fields:
		b.Order = m.Order.In(b.Order)
		built, err := b.Compile(m.Body)
		return built.Bytes, err
	}
	return compose.Text(m.Body, m.Ending)
}

// Peer splits the target into the kind of a session (tcp, tls or udp) and its
// address. Both are "" without a target.
func (m Message) Peer() (kind, address string) {
	kind, address, _ = strings.Cut(m.Target, "://")
	return kind, address
}

// targetKinds are the kinds of session that a message can be meant for.
var targetKinds = []string{"tcp", "tls", "udp"}

// check tells why a message cannot be kept, or gives "".
func (m *Message) check() string {
	if why := checkName(m.Name, "a message"); why != "" {
		return why
	}
	kind, address := m.Peer()
	switch {
	case m.Mode != "" && !slices.Contains(Modes(), m.Mode):
		return fmt.Sprintf("%s is no mode: there are text, hex and fields", quoted(string(m.Mode)))
	case !slices.Contains(compose.Endings(), m.Ending):
		return fmt.Sprintf("%v is no ending", m.Ending)
	case m.Order > fields.Little:
		return fmt.Sprintf("%d is no byte order", m.Order)
	case len(m.Body) > MaxBody:
		return fmt.Sprintf("the message is %d bytes long, and %d MiB can be kept: send it from a file", len(m.Body), MaxBody>>20)
	case !utf8.ValidString(m.Body):
		return "the message is not UTF-8"
	case len(m.Note) > MaxNote || !utf8.ValidString(m.Note):
		return fmt.Sprintf("the note is not UTF-8, or longer than %d KiB", MaxNote>>10)
	case m.Target != "" && (!slices.Contains(targetKinds, kind) || address == "" || !visible(m.Target) || len(m.Target) > 2*MaxName):
		return fmt.Sprintf("%s is no target: write one such as tcp://127.0.0.1:7777, tls://host:443 or udp://host:5000", quoted(m.Target))
	}
	return ""
}

// checkName tells why a name cannot be kept, or gives "".
func checkName(name, of string) string {
	switch {
	case name == "":
		return of + " needs a name"
	case strings.TrimSpace(name) != name:
		return fmt.Sprintf("the name %s begins or ends with a blank", quoted(name))
	case !visible(name):
		return fmt.Sprintf("the name %s has a character that cannot be seen", quoted(name))
	case len(name) > MaxName:
		return fmt.Sprintf("the name %s is longer than %d bytes", quoted(name), MaxName)
	}
	return ""
}

// visible tells whether s is UTF-8 and shows all that it holds.
func visible(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !inspect.Visible(r) })
}

// preview shows what somebody wrote, in one line and not all of it.
func preview(s string) string { return inspect.Preview([]byte(s), 60) }

func quoted(s string) string { return `"` + preview(s) + `"` }
