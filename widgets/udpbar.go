package widgets

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets/words"
)

// udpActs are the words on the button, by phase.
func udpActs() []string {
	return []string{PhaseReady: words.Say("Bind"), PhaseOpening: words.Say("Cancel"), PhaseOpen: words.Say("Unbind"), PhaseClosing: words.Say("Closing…")}
}

// UDPState says which of the bar's actions make sense now.
type UDPState struct {
	Phase     Phase
	Connected bool // only datagrams of the target are received
}

// UDPBar is the top of a UDP tab: a line with the address to bind to, a menu of this machine's addresses and the
// button that binds, and under it a line with the target, whereto datagrams are sent. Both fields have a list of recent
// addresses. What was typed stays in them whatever happens, until Escape takes a field back to the text that was told of
// or set last, or to the one before when an error stands at that. All methods belong to the UI goroutine.
//
// What the bar has of the line with one address is about the address to bind to.
type UDPBar struct {
	bindLine

	OnBind   func(address string) // Enter or Bind, while ready; the text is as typed, without blanks around it
	OnUnbind func()               // Cancel while opening, Unbind while open
	// OnTarget is called for Enter in the target's field, and when that was left, if there is another text than the
	// one told or set before, without blanks around it; "" is no target. Enter tells of the same text again after an
	// error.
	OnTarget        func(text string)
	OnConnected     func(on bool)  // the person wants datagrams of the target only, or of everybody again
	OnReply         func()         // the sender of the selected datagram is to be the target
	OnTargetHistory func([]string) // the person took a target, or all, out of the history

	state   UDPState
	bound   agreed // text of the address to bind to
	target  addressField
	aim     agreed // text of the target
	only    *widget.Check
	reply   *widget.Button
	setting bool // the check is being set by the program
}

var _ fyne.Widget = (*UDPBar)(nil)

// NewUDPBar returns a bar that is ready to bind.
func NewUDPBar() *UDPBar {
	b := &UDPBar{}
	b.bindLine.build("udp", words.Say(":0 for any port, *:5000 for every interface"), b.act, b.bind, nil)
	b.target.build(words.Say("host:port"), func() { b.tellTarget(true) }, func() { b.Refresh() })
	b.target.left = func() { b.tellTarget(false) }
	b.undo = func() bool { return restore(&b.addressField, b.bound.last()) }
	b.target.undo = func() bool { return restore(&b.target, b.aim.last()) }
	b.target.OnHistory = func(all []string) {
		if b.OnTargetHistory != nil {
			b.OnTargetHistory(all)
		}
	}
	b.only = widget.NewCheck(words.Say("only from it"), func(on bool) {
		if !b.setting && b.OnConnected != nil {
			b.OnConnected(on)
		}
	})
	b.reply = widget.NewButton(words.Say("Reply"), func() { call(b.OnReply) })
	to := widget.NewLabelWithStyle(words.Say("to // whom datagrams are sent"), fyne.TextAlignCenter, fyne.TextStyle{Bold: true})
	second := b.target.line(container.New(&asWide{b.protocol}, to), container.New(&asWide{b.buttons}, container.NewHBox(b.only, b.reply)))
	b.buttons.Objects[slices.Index(b.buttons.Objects, fyne.CanvasObject(b.main))] = container.New(&roomFor{b.main, udpActs()}, b.main)
	b.root = container.NewVBox(b.root, second)
	b.ExtendBaseWidget(b)
	b.SetState(UDPState{})
	return b
}

// SetState sets what the buttons offer, and the check.
func (b *UDPBar) SetState(s UDPState) {
	b.state = s
	if s.Phase == PhaseOpen {
		b.bound.set(b.bound.text) // it was good, whatever happens to the socket later
	}
	if label := udpActs()[min(int(s.Phase), int(PhaseClosing))]; b.main.Text != label {
		b.showPhase(s.Phase, label)
	}
	b.setting = true
	b.only.SetChecked(s.Connected)
	b.setting = false
}

// State returns what was last set.
func (b *UDPBar) State() UDPState { return b.state }

func (b *UDPBar) bind() {
	text := trimBlanks(b.entry.Text)
	b.history.close()
	switch {
	case b.state.Phase == PhaseOpening:
		b.setBusy(words.Say("the socket is being bound; cancel that first"))
	case b.state.Phase == PhaseOpen:
		b.setBusy(words.Say("the socket is bound; unbind it first, or use a new tab for another address"))
	case b.state.Phase == PhaseClosing:
		b.setBusy(words.Say("the socket is still being closed; wait a moment"))
	case text == "":
		b.addressField.SetError(words.Say("write what to bind to as address:port, for example 127.0.0.1:5000, or :0 for any port"))
	default:
		b.addressField.SetError("")
		b.bound.tell(b.entry.Text)
		if b.OnBind != nil {
			b.OnBind(text)
		}
	}
}

// act is the main button.
func (b *UDPBar) act() {
	switch b.state.Phase {
	case PhaseReady:
		b.bind()
	case PhaseOpening, PhaseOpen:
		call(b.OnUnbind)
	}
}

// SetText fills the field of the address to bind to and takes an error away. It calls nothing back.
func (b *UDPBar) SetText(text string) {
	b.addressField.SetText(text)
	b.bound.set(b.entry.Text)
}

// SetError marks the field of the address to bind to and says why in a sentence under it; "" takes the mark away, and
// so does the next edit.
func (b *UDPBar) SetError(text string) {
	b.addressField.SetError(text)
	b.bound.failed = b.bound.failed || text != ""
}

// tellTarget tells of the target when it is another one; again asks for it after an error, too.
func (b *UDPBar) tellTarget(again bool) {
	b.target.history.close()
	text := b.Target()
	if text == b.aim.text && !(again && b.aim.failed) {
		return
	}
	b.aim.tell(text)
	b.target.SetError("")
	if b.OnTarget != nil {
		b.OnTarget(text)
	}
}

// SetTarget fills the field of the target and takes an error away. It calls nothing back.
func (b *UDPBar) SetTarget(text string) {
	b.target.SetText(text)
	b.aim.set(b.Target())
}

// Target returns what is in the field of the target, without blanks around it.
func (b *UDPBar) Target() string { return trimBlanks(b.target.Text()) }

// SetTargetError marks the field of the target and says why in a sentence under it; "" takes the mark away, and so
// does the next edit.
func (b *UDPBar) SetTargetError(text string) {
	b.target.SetError(text)
	b.aim.failed = b.aim.failed || text != ""
}

// TargetError returns the sentence under the target.
func (b *UDPBar) TargetError() string { return b.target.Error() }

// SetTargetHistory sets the recent targets, the latest first. At most 30 are kept.
func (b *UDPBar) SetTargetHistory(targets []string) { b.target.SetHistory(targets) }

// TargetHistory returns the recent targets, the latest first. The slice is the caller's own.
func (b *UDPBar) TargetHistory() []string { return b.target.History() }

// RememberTarget puts a target at the head of the history. It does not call OnTargetHistory.
func (b *UDPBar) RememberTarget(target string) { b.target.Remember(target) }

// FocusTarget puts the keyboard into the field of the target with all of it selected.
func (b *UDPBar) FocusTarget(on fyne.Canvas) { b.target.FocusAddress(on) }

// TargetHasFocus tells whether the keyboard is in the field of the target.
func (b *UDPBar) TargetHasFocus(on fyne.Canvas) bool { return b.target.HasFocus(on) }

// SetCanReply says whether a datagram is selected whose sender could be the target. To begin with it is so.
func (b *UDPBar) SetCanReply(on bool) { able(b.reply, on) }

// asWide makes its object at least as wide as another one wants to be.
type asWide struct{ other fyne.CanvasObject }

var _ fyne.Layout = (*asWide)(nil)

func (a *asWide) MinSize(o []fyne.CanvasObject) fyne.Size {
	s := o[0].MinSize()
	return fyne.NewSize(max(s.Width, a.other.MinSize().Width), s.Height)
}

func (a *asWide) Layout(o []fyne.CanvasObject, size fyne.Size) { o[0].Resize(size) }

// roomFor makes a button as wide as the widest of the words that it may say, so that nothing beside it moves.
type roomFor struct {
	button *widget.Button
	words  []string
}

var _ fyne.Layout = (*roomFor)(nil)

func (r *roomFor) MinSize([]fyne.CanvasObject) fyne.Size {
	wide := func(s string) float32 {
		return fyne.MeasureText(s, theme.SizeForWidget(theme.SizeNameText, r.button), fyne.TextStyle{Bold: true}).Width
	}
	s, more := r.button.MinSize(), float32(0)
	for _, w := range r.words {
		more = max(more, wide(w)-wide(r.button.Text))
	}
	return s.AddWidthHeight(more, 0)
}

func (r *roomFor) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Move(fyne.Position{})
	o[0].Resize(size)
}
