package lab

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"

	"wirebench/sessions/inspect"
	"wirebench/sessions/telnet"
)

// maxLine bounds what a client of the Telnet host types, in bytes.
const maxLine = 256

const telnetHelp = "help      this text\r\n" +
	"size      how large your window is, as negotiated (NAWS)\r\n" +
	"terminal  what your terminal is, as negotiated (TTYPE)\r\n" +
	"colours   a line with sequences that steer a terminal\r\n" +
	"bye       goodbye\r\n"

// telnetHost is the host's side of one connection.
type telnetHost struct {
	*conn
	negotiator    *telnet.Negotiator
	out           []byte // to be written
	line          []byte // being typed
	afterCR       bool   // a line feed or zero byte belongs to the carriage return before it
	user          string // "" before the login
	trusted       bool   // the password was typed
	columns, rows uint16
	terminal      string
	over          bool
}

func startTelnet(l *Lab, e *Entry) (server, error) {
	return l.listen(e.ID, func(_ context.Context, c *conn) {
		// Without it the data mark of a synch is missing from the stream, and the next byte stands in its place. Where it
		// cannot be had the host goes on.
		telnet.InlineUrgent(c.TCPConn)
		newTelnetHost(c).serve()
	})
}

func newTelnetHost(c *conn) *telnetHost {
	return &telnetHost{conn: c, negotiator: telnet.NewNegotiator(telnet.Config{
		Perform: []telnet.Option{telnet.Echo, telnet.SuppressGoAhead},
		Accept:  []telnet.Option{telnet.SuppressGoAhead, telnet.NAWS, telnet.TerminalType},
	})}
}

func (h *telnetHost) serve() {
	for _, b := range [][]byte{
		h.negotiator.Offer(telnet.Echo, true), h.negotiator.Offer(telnet.SuppressGoAhead, true),
		h.negotiator.Ask(telnet.NAWS, true), h.negotiator.Ask(telnet.TerminalType, true),
		[]byte("\r\nThis is the practice host.\r\n\r\nlogin: "),
	} {
		h.out = append(h.out, b...)
	}
	var parser telnet.Parser
	buf := make([]byte, readChunk)
	for {
		if len(h.out) > 0 {
			if _, err := h.Write(h.out); err != nil {
				return
			}
			h.out = h.out[:0]
		}
		if h.over {
			h.hangUp()
			return
		}
		n, err := h.Read(buf)
		parser.Feed(buf[:n], h.event)
		if err != nil {
			h.hangUp()
			return
		}
	}
}

func (h *telnetHost) event(e telnet.Event) {
	if h.over {
		return
	}
	if e.Kind == telnet.Data {
		for _, b := range e.Bytes {
			h.typed(b)
		}
		return
	}
	h.out = append(h.out, h.negotiator.Receive(e).Bytes...)
	switch {
	case e.Kind == telnet.Negotiation && e.Command == telnet.WILL && e.Option == telnet.TerminalType && h.terminal == "":
		h.terminal = "unknown"
		h.out = telnet.AppendSubnegotiation(h.out, telnet.TerminalType, []byte{1}) // SEND
	case e.Kind == telnet.Subnegotiation && e.Option == telnet.NAWS && len(e.Bytes) == 4:
		h.columns, h.rows = binary.BigEndian.Uint16(e.Bytes), binary.BigEndian.Uint16(e.Bytes[2:])
	case e.Kind == telnet.Subnegotiation && e.Option == telnet.TerminalType && len(e.Bytes) > 1 && e.Bytes[0] == 0: // IS
		h.terminal = inspect.Escape(e.Bytes[1:min(len(e.Bytes), 41)])
	case e.Kind == telnet.Function && e.Command == telnet.AYT:
		h.say("[yes, I am here]")
	case e.Kind == telnet.Function && e.Command == telnet.IP:
		h.line = h.line[:0]
		h.say("[interrupted]")
		h.prompt()
	case e.Kind == telnet.Function && e.Command == telnet.EL:
		h.line = h.line[:0]
	case e.Kind == telnet.Function && e.Command == telnet.EC:
		h.typed('\b')
	}
}

// echoes is whether the client shows only what the host sends back.
func (h *telnetHost) echoes() bool { return h.negotiator.Us(telnet.Echo) == telnet.Yes }

// typed takes one byte of text.
func (h *telnetHost) typed(b byte) {
	after := h.afterCR
	h.afterCR = b == '\r'
	secret := h.user != "" && !h.trusted
	switch {
	case h.over, after && (b == '\n' || b == 0), b == 0:
	case b == '\r', b == '\n':
		if h.echoes() {
			h.out = append(h.out, '\r', '\n')
		}
		line := string(h.line)
		h.line = h.line[:0]
		h.entered(line)
	case b == '\b' || b == 0x7f:
		if len(h.line) > 0 {
			h.line = h.line[:len(h.line)-1]
			if h.echoes() && !secret {
				h.out = append(h.out, "\b \b"...)
			}
		}
	case b < ' ' || len(h.line) == maxLine:
	default:
		h.line = append(h.line, b)
		if h.echoes() && !secret {
			h.out = telnet.Escape(h.out, []byte{b})
		}
	}
}

func (h *telnetHost) say(text string) { h.out = append(h.out, text+"\r\n"...) }

func (h *telnetHost) prompt() {
	switch {
	case h.user == "":
		h.out = append(h.out, "login: "...)
	case !h.trusted:
		h.out = append(h.out, "password: "...)
	default:
		h.out = append(h.out, "> "...)
	}
}

// entered takes a line.
func (h *telnetHost) entered(line string) {
	line = strings.TrimSpace(line)
	switch {
	case h.user == "":
		h.user = inspect.Escape([]byte(line))
	case !h.trusted:
		h.trusted = true
		h.say("Welcome, " + h.user + ". Any password will do. Type help.")
	default:
		h.obey(strings.ToLower(line))
	}
	if !h.over {
		h.prompt()
	}
}

func (h *telnetHost) obey(command string) {
	switch command {
	case "":
	case "help":
		h.out = append(h.out, telnetHelp...)
	case "size":
		if h.columns == 0 && h.rows == 0 {
			h.say("You have not said.")
			return
		}
		h.say(fmt.Sprintf("%d columns, %d rows.", h.columns, h.rows))
	case "terminal":
		if h.terminal == "" {
			h.say("You have not said.")
			return
		}
		h.say(h.terminal)
	case "colours", "colors":
		h.say("\x1b[31mred\x1b[0m \x1b[32mgreen\x1b[0m \x1b[1mbold\x1b[0m\a")
	case "bye":
		h.say("Goodbye.")
		h.over = true
	default:
		h.say("I do not know that. Type help.")
	}
}
