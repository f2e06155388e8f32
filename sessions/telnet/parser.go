package telnet

// MaxSubnegotiation is how many bytes of a subnegotiation's parameters a [Parser] keeps. The longest in use
// are lists of environment variables.
const MaxSubnegotiation = 16 << 10

// Kind is a kind of [Event].
type Kind uint8

const (
	Data           Kind = iota // bytes that are no command
	Function                   // a command of two bytes, such as GA
	Negotiation                // WILL, WONT, DO or DONT, and an option
	Subnegotiation             // SB, an option, parameters, SE
)

// Event is a piece of what one side sent.
type Event struct {
	Kind    Kind
	Command Command // Function: any; Negotiation: WILL, WONT, DO or DONT; Subnegotiation: SB
	Option  Option  // of Negotiation and Subnegotiation
	// Bytes are the data with doubled 255s made single, or the parameters of a subnegotiation without its
	// option, at most MaxSubnegotiation of them. They belong to the caller until the function they were
	// given to returns.
	Bytes []byte
	// Offset and End delimit the event in the stream of received bytes, as it was on the wire.
	Offset, End int64
	// Dropped is how many bytes of parameters were not kept.
	Dropped int64
	// Incomplete is set where the command is not all there: the stream ended in it, a subnegotiation was
	// ended by another command than SE, or had no option.
	Incomplete bool
}

// Parser takes the bytes that one side sends apart. The zero value is ready.
type Parser struct {
	state  state
	verb   Command // of the Negotiation under way
	at     int64   // how many bytes were fed
	began  int64   // where the command under way began
	option Option
	params []byte
	lost   int64
}

type state uint8

const (
	inData      state = iota
	afterIAC          // a command follows
	afterVerb         // an option follows
	afterSB           // the option of a subnegotiation follows
	afterSBIAC        // IAC stood where that option should
	inParams          // parameters follow
	inParamsIAC       // IAC stood among them
)
