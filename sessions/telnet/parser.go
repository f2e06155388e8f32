package telnet

import "bytes"

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
	Kind Kind
	// Command is WILL, WONT, DO or DONT of a Negotiation, SB of a Subnegotiation, and any other byte but
	// 255 of a Function. It is IAC in a Function where nothing came behind it.
	Command Command
	Option  Option // of Negotiation and Subnegotiation
	// Bytes are the data with doubled 255s made single, or the parameters of a subnegotiation without its
	// option, at most MaxSubnegotiation of them. They may be read until the function they were given to
	// returns, and not changed.
	Bytes []byte
	// Offset and End delimit the event in the stream of received bytes, as it was on the wire.
	Offset, End int64
	// Dropped is how many bytes of parameters were not kept.
	Dropped int64
	// Incomplete is set where the command is not all there: the stream ended in it, or a subnegotiation was
	// ended by another command than SE or had no option.
	Incomplete bool
	// NoOption is set where a command that is Incomplete came to an end before its option.
	NoOption bool
}

// Parser takes the bytes that one side sends apart. The zero value is ready.
type Parser struct {
	state   state
	verb    Command // of the Negotiation under way
	option  Option
	params  []byte
	dropped int64
	at      int64 // how many bytes were fed
	began   int64 // where the command under way began
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

// Feed takes the next bytes and gives what they complete to emit, in order. Data is given as soon as it
// comes and in pieces, some of them one byte long. How the bytes are cut makes no difference but to those
// pieces. The slice b is not kept.
func (p *Parser) Feed(b []byte, emit func(Event)) {
	for len(b) > 0 {
		n := 1
		switch {
		case p.state == inData && b[0] != byte(IAC):
			if n = bytes.IndexByte(b, byte(IAC)); n < 0 {
				n = len(b)
			}
			emit(Event{Kind: Data, Bytes: b[:n:n], Offset: p.at, End: p.at + int64(n)})
			p.at += int64(n)
		case p.state == inParams && b[0] != byte(IAC):
			if n = bytes.IndexByte(b, byte(IAC)); n < 0 {
				n = len(b)
			}
			p.keep(b[:n])
			p.at += int64(n)
		default:
			p.at++
			p.take(b[:1:1], emit)
		}
		b = b[n:]
	}
}

// take takes one byte of a command.
func (p *Parser) take(one []byte, emit func(Event)) {
	c := Command(one[0])
	switch p.state {
	case inData: // c is IAC
		p.state, p.began = afterIAC, p.at-1
	case afterIAC:
		p.command(c, one, emit)
	case afterVerb:
		p.state = inData
		emit(Event{Kind: Negotiation, Command: p.verb, Option: Option(c), Offset: p.began, End: p.at})
	case afterSB:
		if c == IAC {
			p.state = afterSBIAC
			return
		}
		p.state, p.option = inParams, Option(c)
	case afterSBIAC:
		if c == IAC {
			p.state, p.option = inParams, Option(c)
			return
		}
		p.broken(c, one, emit)
	case inParams: // c is IAC
		p.state = inParamsIAC
	case inParamsIAC:
		switch c {
		case IAC:
			p.state = inParams
			p.keep(one)
		case SE:
			emit(p.subnegotiation(p.at))
		default:
			p.broken(c, one, emit)
		}
	}
}

// command takes the byte behind an IAC.
func (p *Parser) command(c Command, one []byte, emit func(Event)) {
	p.state = inData
	switch c {
	case IAC:
		emit(Event{Kind: Data, Bytes: one, Offset: p.began, End: p.at})
	case WILL, WONT, DO, DONT:
		p.state, p.verb = afterVerb, c
	case SB:
		p.state, p.params, p.dropped = afterSB, p.params[:0], 0
	default:
		emit(Event{Kind: Function, Command: c, Offset: p.began, End: p.at})
	}
}

// broken ends a subnegotiation that another command than SE stands in, and goes on with that command: RFC 855
// does not allow it, and peers that leave SE out are better read on than lost.
func (p *Parser) broken(c Command, one []byte, emit func(Event)) {
	ends := p.at - 2
	if c == SE {
		ends = p.at // no option, but the right end
	}
	e := p.subnegotiation(ends)
	e.Incomplete = true
	emit(e)
	if c != SE {
		p.began = ends
		p.command(c, one, emit)
	}
}

// subnegotiation gives the one under way, and is ready for what follows it.
func (p *Parser) subnegotiation(ends int64) Event {
	e := Event{
		Kind: Subnegotiation, Command: SB, Option: p.option, Bytes: p.params, Dropped: p.dropped,
		Offset: p.began, End: ends,
	}
	if p.state == afterSB || p.state == afterSBIAC {
		e.Option, e.NoOption = 0, true
	}
	p.state = inData
	return e
}

func (p *Parser) keep(b []byte) {
	n := min(len(b), MaxSubnegotiation-len(p.params))
	p.params = append(p.params, b[:n]...)
	p.dropped += int64(len(b) - n)
}

// Pending is how many bytes were fed of a command that is not complete, and 0 between commands.
func (p *Parser) Pending() int64 {
	if p.state == inData {
		return 0
	}
	return p.at - p.began
}

// End gives the command that the stream ends in to emit, if there is one. What is fed after it is taken for
// data to begin with.
func (p *Parser) End(emit func(Event)) {
	e := Event{Offset: p.began, End: p.at}
	switch p.state {
	case inData:
		return
	case afterIAC:
		e.Kind, e.Command = Function, IAC
	case afterVerb:
		e.Kind, e.Command, e.NoOption = Negotiation, p.verb, true
	default:
		e = p.subnegotiation(p.at)
	}
	e.Incomplete = true
	p.state = inData
	emit(e)
}
