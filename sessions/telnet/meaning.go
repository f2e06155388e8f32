package telnet

import "fmt"

// meanings are the commands of two bytes for somebody who reads them.
var meanings = map[Command]string{
	EOF:   "the end of what is typed, as of a file",
	SUSP:  "suspends the program that runs",
	ABORT: "ends the program that runs, as after a fault",
	EOR:   "the end of a record",
	SE:    "the end of a subnegotiation that never began",
	NOP:   "does nothing; often sent to see whether the connection still works",
	DM:    "the end of a synch: what came before it was to be searched for commands and otherwise thrown away",
	BRK:   "the Break key of a terminal",
	IP:    "interrupts the program that runs",
	AO:    "lets the program run on but throws its output away",
	AYT:   "asks for a sign that somebody is there",
	EC:    "erases the character before",
	EL:    "erases the line so far",
	GA:    "it is the other side's turn to send; of use to half-duplex terminals alone",
}

// performs says what the side that performs an option does.
var performs = map[Option]string{
	Binary:           "send all 256 bytes as they are, line ends too",
	Echo:             "echo what it receives",
	SuppressGoAhead:  "send no go-aheads",
	status:           "tell which options it has on",
	TimingMark:       "answer when it has come to this place in the stream",
	18:               "log out",
	23:               "tell where it stands",
	TerminalType:     "tell what terminal it is",
	25:               "mark the ends of records",
	NAWS:             "tell the size of its window",
	terminalSpeed:    "tell the speed of its terminal",
	33:               "stop and go on with output as it is told",
	34:               "edit lines by itself and send them whole",
	xDisplayLocation: "tell where its X display is",
	36:               "tell its environment variables",
	37:               "prove who it is",
	38:               "encrypt what it sends",
	39:               "tell its environment variables",
	42:               "agree on a charset",
	44:               "control a serial port",
	46:               "change to TLS",
	70:               "tell what game server it is",
	86:               "compress what it sends",
	201:              "exchange game messages",
}

// Meaning says in a sentence what a command of that side is about, or "" where there is nothing to add to
// [Describe]. It is safe to show.
func Meaning(from Side, e Event) string {
	if e.Incomplete {
		return incomplete(e)
	}
	switch e.Kind {
	case Function:
		if m, ok := meanings[e.Command]; ok {
			return m
		}
		return "no command of Telnet: the byte 255 stands there alone, and belongs doubled where it is data"
	case Negotiation:
		does, ok := performs[e.Option]
		if !ok {
			does = "perform " + e.Option.String()
		}
		switch e.Command {
		case WILL:
			return fmt.Sprintf("the %s offers, or agrees, to %s", from, does)
		case WONT:
			return fmt.Sprintf("the %s will not %s", from, does)
		case DO:
			return fmt.Sprintf("the %s asks the %s to %s, or lets it", from, from.other(), does)
		case DONT:
			return fmt.Sprintf("the %s wants the %s not to %s", from, from.other(), does)
		}
	}
	return ""
}

func incomplete(e Event) string {
	switch {
	case e.Kind == Function:
		return "nothing came behind the 255 that begins a command"
	case e.Kind == Negotiation:
		return "the option that belongs behind it never came"
	case e.NoOption:
		return "a subnegotiation without an option"
	}
	return "a subnegotiation that was not ended by IAC SE"
}
