package telnet

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"

	"wirebench/sessions/inspect"
)

// Side is the side of a connection that sent something.
type Side uint8

const (
	Server Side = iota
	Client
)

// String gives the side in a word.
func (s Side) String() string {
	switch s {
	case Server:
		return "server"
	case Client:
		return "client"
	}
	return fmt.Sprintf("Side(%d)", uint8(s))
}

// other is the side that reads what s sends.
func (s Side) other() Side {
	if s == Server {
		return Client
	}
	return Server
}

// mostShown is how many bytes of parameters are written out.
const mostShown = 64

// Describe writes what a side sent as the RFCs write it, in one line that is safe to show: "server WILL
// ECHO", "client SB NAWS 80 x 24". Of data it says how much it is.
func Describe(from Side, e Event) string {
	what := ""
	switch e.Kind {
	case Data:
		what = count(int64(len(e.Bytes)), "byte") + " of data"
	case Function:
		what = e.Command.String()
	case Negotiation, Subnegotiation:
		what = e.Command.String()
		if !e.NoOption {
			what += " " + e.Option.String()
		}
	}
	if e.Kind == Subnegotiation && !e.NoOption {
		if p := parameters(e); p != "" {
			what += " " + p
		}
		if e.Dropped > 0 {
			what += fmt.Sprintf(" (and %s more)", count(e.Dropped, "byte"))
		}
	}
	if e.Incomplete {
		what += " (incomplete)"
	}
	return from.String() + " " + what
}

// count writes a number of things.
func count(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// parameters writes those of a subnegotiation.
func parameters(e Event) string {
	b := e.Bytes
	if len(b) == 0 {
		return ""
	}
	switch e.Option {
	case TerminalType, terminalSpeed, xDisplayLocation:
		switch {
		case b[0] == isValue:
			return "IS " + text(b[1:])
		case b[0] == sendValue && len(b) == 1:
			return "SEND"
		}
	case NAWS:
		if len(b) == 4 {
			return fmt.Sprintf("%d x %d", binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:]))
		}
	case status:
		switch {
		case b[0] == isValue:
			return "IS " + bytesOf(b[1:])
		case b[0] == sendValue && len(b) == 1:
			return "SEND"
		}
	}
	return bytesOf(b)
}

// The options whose parameters are only shown, and the first byte of those that ask and answer.
const (
	status           Option = 5  // RFC 859
	terminalSpeed    Option = 32 // RFC 1079
	xDisplayLocation Option = 35 // RFC 1096

	isValue   = 0
	sendValue = 1
)

// text writes a name from the wire.
func text(b []byte) string {
	if len(b) > mostShown {
		return `"` + inspect.Escape(b[:mostShown]) + `"...`
	}
	return `"` + inspect.Escape(b) + `"`
}

// bytesOf writes bytes that have no other form.
func bytesOf(b []byte) string {
	if len(b) > mostShown {
		return strings.ToUpper(hex.EncodeToString(b[:mostShown])) + fmt.Sprintf("... (%d bytes)", len(b))
	}
	return strings.ToUpper(hex.EncodeToString(b))
}
