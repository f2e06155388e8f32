package telnet

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

// Config says what a [Negotiator] performs, and what it lets the other side perform. [DefaultConfig] is what
// a client at a keyboard wants.
type Config struct {
	// Perform are the options this side performs when it is asked to.
	Perform []Option
	// Accept are the options that the other side may perform.
	Accept []Option
	// Columns and Rows are the size of the window in characters. NAWS is refused when both are 0.
	Columns, Rows uint16
	// TerminalTypes are the names told when asked, the best first. TTYPE is refused where there are none.
	TerminalTypes []string
}

// DefaultConfig lets a server echo and leave go-aheads out, leaves them out itself, and tells the size of the
// window, 80 x 24 to begin with, and that the terminal obeys no sequences ("DUMB").
func DefaultConfig() Config {
	return Config{
		Perform:       []Option{SuppressGoAhead, TerminalType, NAWS},
		Accept:        []Option{Echo, SuppressGoAhead},
		Columns:       80,
		Rows:          24,
		TerminalTypes: []string{"DUMB"},
	}
}

// Check says what is wrong with the terminal types, or gives nil: each is 1 to 40 letters, digits, "-", "/",
// ".", "_" and "+" (RFC 1091 names the first two beside letters and digits; the others are in use).
func (c Config) Check() error {
	for _, name := range c.TerminalTypes {
		plain := func(r rune) bool {
			return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-/._+", r)
		}
		if name == "" || len(name) > 40 || strings.ContainsFunc(name, func(r rune) bool { return !plain(r) }) {
			return fmt.Errorf("the terminal type %q is no name: write 1 to 40 letters, digits and - / . _ +, as in VT100", name)
		}
	}
	return nil
}

// State is how far an option of one side is (RFC 1143).
type State uint8

const (
	No      State = iota // off, as everything is to begin with
	Yes                  // on
	WantNo               // was asked off, no answer yet
	WantYes              // was asked on, no answer yet
)

// String gives the state as RFC 1143 writes it.
func (s State) String() string {
	switch s {
	case No:
		return "NO"
	case Yes:
		return "YES"
	case WantNo:
		return "WANTNO"
	case WantYes:
		return "WANTYES"
	}
	return fmt.Sprintf("State(%d)", uint8(s))
}

// Reply is what a [Negotiator] makes of an event.
type Reply struct {
	// Bytes are to be sent, all of them and in order; nil for nothing. They are the caller's.
	Bytes []byte
	// Note says in words what became of a negotiation, for a person; "" for events that are none.
	Note string
}

// Negotiator answers the other side's negotiation by the Q method of RFC 1143. An answer is never longer than
// a terminal type or a window size needs, there is at most one to each event, and to an answer there is none:
// two sides that keep to the method come to rest.
type Negotiator struct {
	config   Config
	us, them [256]option
	nextType int // index in TerminalTypes; one behind the last for telling the last again
}

// option is the state of an option of one side. With opposite, the queue bit of RFC 1143, the other state is
// asked for as soon as the answer is there.
type option struct {
	state    State
	opposite bool
}

// NewNegotiator makes one for a connection on which nothing was negotiated. It panics on a config that its
// Check refuses.
func NewNegotiator(c Config) *Negotiator {
	if err := c.Check(); err != nil {
		panic("telnet: " + err.Error())
	}
	c.Perform, c.Accept, c.TerminalTypes = slices.Clone(c.Perform), slices.Clone(c.Accept), slices.Clone(c.TerminalTypes)
	return &Negotiator{config: c}
}

// Us is the state of an option that this side performs.
func (n *Negotiator) Us(o Option) State { return n.us[o].state }

// Them is the state of an option that the other side performs: while it is Yes for Echo, what is typed is
// not to be shown until it comes back, and never if it is a password.
func (n *Negotiator) Them(o Option) State { return n.them[o].state }

// side is one half of the negotiation: options of the other side, or of this one.
type side struct {
	options *[256]option
	yes, no Command // what this side says: DO and DONT, or WILL and WONT
	whose   string  // who performs
	agreed  string  // the note where a request for on is agreed to
}

func (n *Negotiator) half(us bool) side {
	if us {
		return side{&n.us, WILL, WONT, "this side", "on, as the other side asks"}
	}
	return side{&n.them, DO, DONT, "the other side", "accepted"}
}

// Receive takes an event of the other side and answers it.
func (n *Negotiator) Receive(e Event) Reply {
	switch {
	case e.Incomplete:
		return Reply{}
	case e.Kind == Subnegotiation:
		return n.subnegotiation(e)
	case e.Kind != Negotiation:
		return Reply{}
	}
	us := e.Command == DO || e.Command == DONT
	on := e.Command == DO || e.Command == WILL
	was := n.us[e.Option].state
	s := n.half(us)
	answer, note := s.receive(e.Option, on, n.would(us, e.Option))
	r := Reply{answer, note}
	if us && was != Yes && n.us[e.Option].state == Yes {
		r.Bytes = append(r.Bytes, n.begin(e.Option)...)
	}
	return r
}

// would reports whether an option is agreed to.
func (n *Negotiator) would(us bool, o Option) bool {
	c := n.config
	switch {
	case !us:
		return slices.Contains(c.Accept, o)
	case o == NAWS && c.Columns == 0 && c.Rows == 0, o == TerminalType && len(c.TerminalTypes) == 0:
		return false
	}
	return slices.Contains(c.Perform, o)
}

// receive is section 7 of RFC 1143 for an option that is switched on (WILL, DO) or off (WONT, DONT).
func (s side) receive(o Option, on, would bool) (answer []byte, note string) {
	q := &s.options[o]
	said := *q
	say := func(c Command, why string) ([]byte, string) {
		return []byte{byte(IAC), byte(c), byte(o)}, fmt.Sprintf("%s %s: %s", c, o, why)
	}
	switch {
	case said.state == No && on && would:
		q.state = Yes
		return say(s.yes, s.agreed)
	case said.state == No && on:
		return say(s.no, "refused")
	case said.state == Yes && !on:
		q.state = No
		return say(s.no, "off, as every request for that has to be agreed to")
	case said.state == No || said.state == Yes:
		return nil, "no answer: so it is already"

	case said.state == WantNo && !said.opposite && !on:
		q.state = No
		return nil, fmt.Sprintf("%s has stopped", s.whose)
	case said.state == WantNo && !on:
		*q = option{state: WantYes}
		return say(s.yes, "wanted again in the meantime")
	case said.state == WantNo: // on, in answer to a request for off, which no side may refuse
		*q = option{state: No}
		if said.opposite {
			q.state = Yes
		}
		return nil, fmt.Sprintf("no answer: %s was answered by its contrary, which RFC 1143 calls an error", s.no)

	case !said.opposite && on:
		q.state = Yes
		return nil, "the other side agrees, and it is on"
	case on:
		*q = option{state: WantNo}
		return say(s.no, "not wanted any more in the meantime")
	default:
		*q = option{state: No}
		return nil, "the other side refuses, and it stays off"
	}
}

// Ask asks the other side to perform an option or to stop, and gives what to send; nil where nothing needs
// sending, or not yet. It may be on for an option that the config does not accept.
func (n *Negotiator) Ask(o Option, on bool) []byte { return n.half(false).request(o, on) }

// Offer offers to perform an option, or stops to, and gives what to send, as Ask does.
func (n *Negotiator) Offer(o Option, on bool) []byte { return n.half(true).request(o, on) }

// request is the other half of section 7 of RFC 1143.
func (s side) request(o Option, on bool) []byte {
	q := &s.options[o]
	settled, wanted, c := No, WantYes, s.yes
	if !on {
		settled, wanted, c = Yes, WantNo, s.no
	}
	switch q.state {
	case settled:
		*q = option{state: wanted}
		return []byte{byte(IAC), byte(c), byte(o)}
	case wanted:
		q.opposite = false // on its way already, and a request for the contrary behind it is off
	case WantNo, WantYes:
		q.opposite = true
	}
	return nil
}

// begin gives what follows once this side performs an option.
func (n *Negotiator) begin(o Option) []byte {
	switch o {
	case NAWS:
		return n.size()
	case TerminalType:
		n.nextType = 0
	}
	return nil
}

// Resize tells the other side the new size of the window in characters, and gives what to send: nil while the
// other side has not asked for it, or when it knows. A size is 0 where it is not known.
func (n *Negotiator) Resize(columns, rows uint16) []byte {
	if n.config.Columns == columns && n.config.Rows == rows {
		return nil
	}
	n.config.Columns, n.config.Rows = columns, rows
	if n.us[NAWS].state != Yes {
		return nil
	}
	return n.size()
}

func (n *Negotiator) size() []byte {
	return AppendSubnegotiation(nil, NAWS, binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, n.config.Columns), n.config.Rows))
}

// subnegotiation answers the one question there is among them.
func (n *Negotiator) subnegotiation(e Event) Reply {
	if e.Option != TerminalType || len(e.Bytes) != 1 || e.Bytes[0] != sendValue {
		return Reply{Note: "no answer: nothing was asked that this side tells"}
	}
	if n.us[TerminalType].state != Yes || len(n.config.TerminalTypes) == 0 {
		return Reply{Note: "no answer: TTYPE is off"}
	}
	types := n.config.TerminalTypes
	name := types[min(n.nextType, len(types)-1)]
	// The last one is told twice, which tells the end of the list, and then they begin again (RFC 1091).
	if n.nextType++; n.nextType > len(types) {
		n.nextType = 0
	}
	return Reply{
		Bytes: AppendSubnegotiation(nil, TerminalType, append([]byte{isValue}, name...)),
		Note:  fmt.Sprintf("told the terminal type %s", name),
	}
}

// AppendSubnegotiation appends a subnegotiation with these parameters to dst; 255 among them is doubled.
func AppendSubnegotiation(dst []byte, o Option, parameters []byte) []byte {
	dst = append(dst, byte(IAC), byte(SB))
	dst = Escape(dst, []byte{byte(o)})
	dst = Escape(dst, parameters)
	return append(dst, byte(IAC), byte(SE))
}
