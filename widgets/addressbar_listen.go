package widgets

import (
	"fyne.io/fyne/v2"

	"wirebench/widgets/words"
)

// ListenState says which of the bar's actions make sense now: Listen while ready, Cancel while opening, which looks a
// name up, reads certificates and binds, Stop listening while open, and a reset of all clients while closing.
type ListenState struct {
	Phase   Phase
	Clients int // connected now, also those of an earlier listener
}

// ListenBar is the line at the top of a server's tab: the address to listen at with a list of recent ones, a menu of
// this machine's addresses, and the buttons that begin and end listening. What was typed stays in the field whatever
// happens. All methods belong to the UI goroutine.
type ListenBar struct {
	bindLine

	OnListen   func(address string) // Enter or Listen, while ready; the text is as typed, without blanks around it
	OnStop     func()               // Cancel while opening, Stop listening while open; clients stay connected
	OnCloseAll func()               // end the connection to every client in order (FIN)
	OnResetAll func()               // cut the connection to every client (RST)
	OnShutdown func()               // stop listening, and end the connection to every client in order

	state ListenState
}

var _ fyne.Widget = (*ListenBar)(nil)

// NewListenBar returns a bar that is ready to listen.
func NewListenBar() *ListenBar {
	b := &ListenBar{}
	b.build(words.Say("server // before the address it listens at"), words.Say("127.0.0.1:8087, :0 for any port, *:8087 for every interface"), b.act, b.listen, b.menu)
	b.ExtendBaseWidget(b)
	b.SetState(ListenState{})
	return b
}

// SetState sets what the buttons offer.
func (b *ListenBar) SetState(s ListenState) {
	b.state = s
	label := words.Say("Listen")
	switch {
	case s.Phase == PhaseOpening:
		label = words.Say("Cancel")
	case s.Phase == PhaseOpen:
		label = words.Say("Stop listening")
	case s.Phase == PhaseClosing:
		label = words.Say("Closing…")
	case s.Clients > 0:
		label = words.Say("Listen again")
	}
	b.showPhase(s.Phase, label)
}

// State returns what was last set.
func (b *ListenBar) State() ListenState { return b.state }

func (b *ListenBar) listen() {
	text := trimBlanks(b.entry.Text)
	b.history.close()
	switch {
	case b.state.Phase == PhaseOpening:
		b.setBusy(words.Say("the server is about to listen; cancel that first"))
	case b.state.Phase == PhaseOpen:
		b.setBusy(words.Say("the server is listening; stop that first, or use a new tab for another address"))
	case b.state.Phase == PhaseClosing:
		b.setBusy(words.Say("clients are still being closed; wait, or reset them all"))
	case text == "":
		b.SetError(words.Say("write where to listen as address:port, for example 127.0.0.1:8087, or :0 for any port"))
	default:
		b.SetError("")
		if b.OnListen != nil {
			b.OnListen(text)
		}
	}
}

// act is the main button.
func (b *ListenBar) act() {
	switch b.state.Phase {
	case PhaseReady:
		b.listen()
	case PhaseOpening, PhaseOpen:
		call(b.OnStop)
	}
}

// menu lists the rarer actions; those that make no sense now say why.
func (b *ListenBar) menu() *fyne.Menu {
	s := b.state
	end, reset := words.Say("Close all clients in order (FIN)"), words.Say("Reset all clients (RST)")
	why := words.Say("no client is connected")
	if n := int64(s.Clients); n > 0 {
		end = words.Many(n, "Close the one client in order (FIN)", "Close all %d clients in order (FIN)")
		reset = words.Many(n, "Reset the one client (RST)", "Reset all %d clients (RST)")
		why = words.Say("they are being closed")
	}
	left := words.Say("nothing is open")
	if s.Phase == PhaseClosing {
		left = words.Say("under way")
	}
	return fyne.NewMenu("",
		actionItem(end, b.OnCloseAll, s.Clients > 0 && s.Phase != PhaseClosing, why),
		actionItem(reset, b.OnResetAll, s.Clients > 0, why),
		fyne.NewMenuItemSeparator(),
		actionItem(words.Say("Stop and close everything"), b.OnShutdown, s.Phase != PhaseClosing && (s.Phase != PhaseReady || s.Clients > 0), left),
	)
}
