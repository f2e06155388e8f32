package telnet

// Config says what a [Negotiator] performs, and what it lets the other side perform. [DefaultConfig] is what
// a client at a keyboard wants.
type Config struct {
	// Perform are the options this side performs when it is asked to. NAWS and TTYPE are left out where
	// Columns or TerminalTypes say nothing.
	Perform []Option
	// Accept are the options that the other side may perform.
	Accept []Option
	// Columns and Rows are the size of the window in characters; 0 and 0 for none to tell.
	Columns, Rows uint16
	// TerminalTypes are the names told when asked, the best first, at most 40 letters, digits, - and / each
	// (RFC 1091). They are repeated in turn as the RFC has it.
	TerminalTypes []string
}

// State is how far an option of one side is (RFC 1143).
type State uint8

const (
	No State = iota
	Yes
	WantNo  // was asked to stop, no answer yet
	WantYes // was asked to begin, no answer yet
)

// Reply is what a [Negotiator] makes of an event.
type Reply struct {
	// Bytes are to be sent, all of them and before anything else; nil for nothing.
	Bytes []byte
	// Note says in words why, for a person; "" for events that are no negotiation.
	Note string
}

// Negotiator answers the other side's negotiation.
type Negotiator struct {
	config   Config
	us, them [256]option
	nextType int
}

// option is the state of an option of one side. opposite is the queue bit of RFC 1143: once the answer is
// there the other is asked for.
type option struct {
	state    State
	opposite bool
}
