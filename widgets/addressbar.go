package widgets

import (
	"fyne.io/fyne/v2"

	"wirebench/widgets/words"
)

// AddressState says which of the bar's actions make sense now: Connect while ready, Cancel while opening, Disconnect
// and Half-close while open, and Reset while open or closing.
type AddressState struct {
	Phase        Phase
	WriteClosed  bool // our side was closed already
	CanReconnect bool // there is an address to go back to
}

// AddressBar is the line at the top of a connection's tab: protocol, address with a list of recent ones, and the
// buttons that open and end the connection. What was typed stays in the field whatever happens.
type AddressBar struct {
	addressLine

	OnConnect    func(address string) // Enter or Connect, while ready; the text is as typed, without blanks around it
	OnCancel     func()               // while opening
	OnDisconnect func()               // while open: end in order
	OnHalfClose  func()               // while open: we send no more
	OnReset      func()               // while open or closing: cut the connection
	OnReconnect  func()               // connect to the last address again, after disconnecting if need be

	state AddressState
}

var _ fyne.Widget = (*AddressBar)(nil)

// NewAddressBar returns a bar for the named protocol ("tcp"), ready to connect.
func NewAddressBar(protocol string) *AddressBar {
	a := &AddressBar{}
	example := "127.0.0.1:7777"
	if protocol == "tls" {
		example = "www.example.com:443"
	}
	a.build(protocol, words.Say("host:port, for example %s", example), a.act, a.connect, a.menu)
	a.ExtendBaseWidget(a)
	a.SetState(AddressState{})
	return a
}

// SetState sets what the buttons offer.
func (a *AddressBar) SetState(s AddressState) {
	a.state = s
	label := words.Say("Connect")
	switch s.Phase {
	case PhaseOpening:
		label = words.Say("Cancel")
	case PhaseOpen:
		label = words.Say("Disconnect")
	case PhaseClosing:
		label = words.Say("Closing…")
	}
	a.showPhase(s.Phase, label)
}

func (a *AddressBar) connect() {
	text := trimBlanks(a.entry.Text)
	a.history.close()
	switch {
	case a.state.Phase == PhaseOpening:
		a.setBusy(words.Say("a connection is being opened; cancel it first"))
	case a.state.Phase != PhaseReady:
		a.setBusy(words.Say("a connection is open; disconnect first, or use a new tab for another address"))
	case text == "":
		a.SetError(words.Say("write where to connect to as host:port, for example 127.0.0.1:7777"))
	default:
		a.SetError("")
		if a.OnConnect != nil {
			a.OnConnect(text)
		}
	}
}

// act is the main button.
func (a *AddressBar) act() {
	switch a.state.Phase {
	case PhaseReady:
		a.connect()
	case PhaseOpening:
		call(a.OnCancel)
	case PhaseOpen:
		call(a.OnDisconnect)
	}
}

// menu lists the rarer actions; those that make no sense now say why.
func (a *AddressBar) menu() *fyne.Menu {
	s := a.state
	open := s.Phase == PhaseOpen
	half := words.Say("not connected")
	if open {
		half = words.Say("done already")
	}
	return fyne.NewMenu("",
		actionItem(words.Say("Reconnect"), a.OnReconnect, s.CanReconnect && (s.Phase == PhaseReady || open), words.Say(map[bool]words.Text{true: "busy", false: "nothing connected yet"}[s.CanReconnect])),
		actionItem(words.Say("Half-close: send no more, still receive"), a.OnHalfClose, open && !s.WriteClosed, half),
		actionItem(words.Say("Reset: cut the connection (RST)"), a.OnReset, open || s.Phase == PhaseClosing, words.Say("not connected")),
	)
}
