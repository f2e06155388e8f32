package messages

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"wirebench/sessions/compose"
	"wirebench/sessions/inspect"
)

// Imported is what a file of another program had.
type Imported struct {
	Messages []Message
	Notes    []Note
}

// Note says what of a packet was not taken over, or not as it was.
type Note struct {
	Packet  string // its name
	Skipped bool   // there is no message of it
	Problem string
}

// maxPackets bounds what is imported at once.
const maxPackets = MaxMessages

// ImportPacketSender reads the packets that Packet Sender keeps or exports:
// packets.ini (File, Export Database) or the JSON of its cloud and of its
// starter set. Each packet becomes a message of text, or of hex where its bytes
// are no text, with the target it was for. What Packet Sender would do besides
// (resending, macros) or with a library (HTTP) is told in the notes.
//
// The error is a [*FileError] where the file is neither.
func ImportPacketSender(data []byte) (Imported, error) {
	if len(data) > MaxFile {
		return Imported{}, fmt.Errorf("the file is %d bytes, and packets of at most %d MiB are read", len(data), MaxFile>>20)
	}
	text := bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff")))
	var packets []packet
	var notes []Note
	var err error
	if isJSON(text) {
		packets, notes, err = packetsOfJSON(data)
	} else {
		packets, notes, err = packetsOfINI(data)
	}
	if err != nil {
		return Imported{}, err
	}
	out := Imported{Notes: notes}
	for i, p := range packets {
		if i == maxPackets {
			out.Notes = append(out.Notes, Note{Packet: p.name, Skipped: true, Problem: fmt.Sprintf("this and %d more are beyond the %d messages a collection can hold", len(packets)-i-1, maxPackets)})
			break
		}
		p.convert(&out)
	}
	return out, nil
}

// isJSON tells JSON from INI, also when it is broken: either may begin with a
// bracket, but a section has its name behind it.
func isJSON(text []byte) bool {
	inner, list := bytes.CutPrefix(text, []byte("["))
	inner = bytes.TrimSpace(inner)
	return bytes.HasPrefix(text, []byte("{")) || list && (len(inner) == 0 || inner[0] == '{' || json.Valid(text))
}

// packet is what Packet Sender keeps of one, as it stands in the file.
type packet struct {
	name, hex, host, port, method, path, repeat string
}

// flexible takes a JSON string, number or Boolean for its text.
type flexible string

func (f *flexible) UnmarshalJSON(b []byte) error {
	var s string
	switch {
	case bytes.Equal(b, []byte("null")):
	case b[0] == '"':
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
	case b[0] == '{' || b[0] == '[':
		return errors.New("a list or an object where a text is expected")
	default:
		s = string(b)
	}
	*f = flexible(s)
	return nil
}

// packetsOfJSON reads a list of objects.
func packetsOfJSON(data []byte) ([]packet, []Note, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if err := checkSyntax(data); err != nil {
		return nil, nil, err
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return nil, nil, lineError(data, 0, "this JSON is no list of packets, as Packet Sender exports it")
	}
	var packets []packet
	var notes []Note
	for i, r := range raw {
		var j struct {
			Name, HexString, ToIP, Port, TCPOrUDP, RequestPath, Repeat flexible
		}
		if err := json.Unmarshal(r, &j); err != nil || bytes.Equal(r, []byte("null")) {
			notes = append(notes, Note{fmt.Sprintf("packet %d", i+1), true, "it is not an object with texts and numbers, as Packet Sender exports it"})
			continue
		}
		packets = append(packets, packet{
			name: string(j.Name), hex: string(j.HexString), host: string(j.ToIP), port: string(j.Port),
			method: string(j.TCPOrUDP), path: string(j.RequestPath), repeat: string(j.Repeat),
		})
	}
	return packets, notes, nil
}

// convert makes the message, and the notes on what is not in it.
func (p packet) convert(out *Imported) {
	name := p.cleanName(len(out.Messages) + 1)
	note := func(skipped bool, format string, args ...any) {
		out.Notes = append(out.Notes, Note{Packet: name, Skipped: skipped, Problem: fmt.Sprintf(format, args...)})
	}
	method := strings.ToLower(strings.TrimSpace(p.method))
	if strings.Contains(method, "http") {
		note(true, "it is an HTTP request (%s %s), which Packet Sender has a library write: write it as text, in a tab of TCP or TLS", preview(p.method), preview(p.path))
		return
	}
	if p.name != name {
		note(false, "its name was %s", quoted(p.name))
	}
	b, strange := packetBytes(p.hex)
	if strange {
		word := "bytes"
		if len(b) == 1 {
			word = "byte"
		}
		note(false, "its hex is not all pairs of digits: %s is read as %d %s, %s", preview(p.hex), len(b), word, preview(compose.FormatHex(b)))
	}
	m := Message{Name: name, Mode: Text, Body: compose.FormatText(b)}
	if !readable(b) {
		m.Mode, m.Body = Hex, compose.FormatHex(b)
	}
	kind := ""
	switch {
	case method == "udp":
		kind = "udp"
	case strings.Contains(method, "ssl"):
		kind = "tls"
	case strings.Contains(method, "tcp"):
		kind = "tcp"
	default:
		note(false, "it has no target: it was for %s, and there are TCP, TLS (SSL there) and UDP here", quoted(p.method))
	}
	if kind != "" {
		var problem string
		if m.Target, problem = target(kind, p.host, p.port); problem != "" {
			note(false, "it has no target: %s", problem)
		}
	}
	switch seconds, err := strconv.ParseFloat(strings.TrimSpace(p.repeat), 64); {
	case p.repeat == unknownRepeat:
		note(false, "how often Packet Sender sends it again could not be read, and is not taken over")
	case strings.TrimSpace(p.repeat) != "" && (err != nil || seconds != 0):
		note(false, "Packet Sender sends it again every %s s, and this is not taken over", preview(p.repeat))
	}
	for _, macro := range []string{"{{TIME}}", "{{DATE}}", "{{UNIXTIME}}", "{{RANDOM}}", "{{UNIQUE}}", "{{COUNTER}}"} {
		if bytes.Contains(b, []byte(macro)) {
			note(false, "Packet Sender fills in %s, and here it is sent as it stands", macro)
		}
	}
	if why := m.check(); why != "" {
		note(true, "%s", why)
		return
	}
	out.Messages = append(out.Messages, m)
}

// unknownRepeat stands for a delay that is kept in a way that is not known.
const unknownRepeat = "?"

// cleanName makes a name that can be kept; number is for a packet without one.
func (p packet) cleanName(number int) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError:
			return '?'
		case unicode.IsSpace(r):
			return ' '
		case !inspect.Visible(r):
			return -1
		}
		return r
	}, p.name)
	for len(name) > MaxName {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	if name = strings.TrimSpace(name); name == "" {
		return fmt.Sprintf("packet %d", number)
	}
	return name
}

// packetBytes reads hex as Packet Sender does on sending: words of digits,
// between which may stand anything, and a word of an odd number has a zero
// before it. Strange tells whether there is more to it than pairs of digits
// with blanks or the usual marks between them; Packet Sender itself sends the
// first three digits of a word of more than two, if it is not the only one, and
// nothing behind it.
func packetBytes(s string) (b []byte, strange bool) {
	s = strings.ReplaceAll(s, "0x", " ")
	words := strings.FieldsFunc(s, func(r rune) bool { return r > 0x7f || hexDigit(byte(r)) < 0 })
	for _, r := range s {
		strange = strange || !strings.ContainsRune(" \t\r\n,;:\\x", r) && (r > 0x7f || hexDigit(byte(r)) < 0)
	}
	for _, w := range words {
		strange = strange || len(w)%2 != 0 || len(w) > 2 && len(words) > 1
		if len(w)%2 != 0 {
			b = append(b, byte(hexDigit(w[0])))
			w = w[1:]
		}
		for ; w != ""; w = w[2:] {
			b = append(b, byte(hexDigit(w[0])<<4|hexDigit(w[1])))
		}
	}
	return b, strange
}

// hexDigit gives the value of a digit, or -1.
func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// readable tells whether b is text that a person would rather see as such.
func readable(b []byte) bool {
	if !utf8.Valid(b) {
		return false
	}
	for _, r := range string(b) {
		if r != '\r' && r != '\n' && r != '\t' && !inspect.Visible(r) {
			return false
		}
	}
	return true
}

// target makes the address of a message, or says why it has none.
func target(kind, host, port string) (t, problem string) {
	host = strings.TrimSpace(host)
	if host == "" {
		return "", "its address is empty"
	}
	if !visible(host) || strings.ContainsAny(host, " /\\?#@[]\"<>,;") || len(host) > 255 {
		return "", fmt.Sprintf("%s is no address", quoted(host))
	}
	n, err := strconv.ParseUint(strings.TrimSpace(port), 10, 16)
	if err != nil || n == 0 {
		return "", fmt.Sprintf("%s is no port from 1 to 65535", quoted(port))
	}
	return kind + "://" + net.JoinHostPort(host, strconv.FormatUint(n, 10)), ""
}
