package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"wirebench/sessions"
	"wirebench/sessions/telnet"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// telnetPane is what a client tab has of Telnet: the talk, which is off to begin
// with, and the terminal over the traffic while it is on.
type telnetPane struct {
	tab      *clientTab
	talk     *sessions.TelnetTalk
	terminal *widgets.Terminal
	split    *container.Split // the terminal over the traffic
	divider  divider          // of it
}

func newTelnetPane(t *clientTab) *telnetPane {
	p := &telnetPane{tab: t, talk: sessions.NewTelnetTalk(&t.events)}
	p.terminal = widgets.NewTerminal(telnetText{p.talk})
	p.terminal.OnLine = func(text string) error {
		err := p.talk.SendLine(text)
		p.remember()
		return err
	}
	p.terminal.OnControls = p.controls
	p.terminal.BeforeSend = t.refreshState
	p.terminal.Hide()
	return p
}

// lay puts the terminal over the traffic.
func (p *telnetPane) lay(traffic fyne.CanvasObject) fyne.CanvasObject {
	p.split = container.NewVSplit(p.terminal, traffic)
	p.divider.put(p.split, p.tab.bench.space.View.SplitTerminal)
	return p.split
}

// restore brings back what was saved.
func (p *telnetPane) restore(s savedTab) {
	p.terminal.SetHistory(s.Lines)
	p.set(s.Telnet)
}

// save adds what is kept.
func (p *telnetPane) save(s *savedTab) {
	p.remember()
	p.divider.keep(&p.tab.bench.space.View.SplitTerminal)
	s.Telnet, s.Lines = p.talk.On(), p.terminal.History()
}

// remember takes over the lines that were sent in sight. Any other, such as a
// password, is not brought back, and not written to a file.
func (p *telnetPane) remember() {
	for _, line := range p.talk.Echoed() {
		p.terminal.Remember(line)
	}
}

// set begins or ends to speak Telnet.
func (p *telnetPane) set(on bool) {
	p.talk.SetOn(on)
	show(p.terminal, on)
	if p.tab.root != nil {
		p.tab.root.Refresh()
	}
	p.split.Refresh()
}

// ready reports whether the server can be told something in Telnet now.
func (p *telnetPane) ready() bool { return p.talk.On() && p.tab.info.State == sessions.Open }

// toggle is set for a menu.
func (p *telnetPane) toggle() {
	p.set(!p.talk.On())
	if p.talk.On() {
		p.focus()
	}
	p.tab.bench.rebuildMenu()
}

// focus gives the terminal the keyboard.
func (p *telnetPane) focus() {
	if p.talk.On() {
		p.terminal.Focus(p.tab.bench.win.Canvas())
	}
}

func (p *telnetPane) tick() {
	p.remember()
	if p.talk.On() {
		p.terminal.Update()
		p.terminal.SetNote(p.talk.Summary())
	}
}

// controls is the menu of the control functions.
func (p *telnetPane) controls() *fyne.Menu {
	m := fyne.NewMenu("")
	for _, f := range telnet.Functions() {
		if f.Command == telnet.DM {
			m.Items = append(m.Items, fyne.NewMenuItem("SYNCH   "+words.Say(synchName), p.synch))
		}
		m.Items = append(m.Items, fyne.NewMenuItem(f.Command.String()+"   "+f.Name+": "+f.Meaning, func() { p.function(f) }))
	}
	return m
}

// function sends a control function.
func (p *telnetPane) function(f telnet.ControlFunction) {
	if err := p.talk.SendFunction(f); err != nil {
		p.tab.traffic.complain(err)
	}
}

// synchName is what a synch is called, and does.
const synchName words.Text = "Synch: the server throws away what it has not read yet, but for commands"

// synch sends one.
func (p *telnetPane) synch() {
	if err := p.talk.SendSynch(); err != nil {
		p.tab.traffic.complain(err)
	}
}

// copyText puts what the terminal shows on the clipboard.
func (p *telnetPane) copyText() {
	text, left := p.terminal.CopyText()
	fyne.CurrentApp().Clipboard().SetContent(text)
	if left > 0 {
		p.tab.traffic.tell(words.Many(left,
			"Copied without the oldest line; the capture has them all.", "Copied without the oldest %d lines; the capture has them all."))
	}
}

// telnetText are a talk's lines as the terminal reads them.
type telnetText struct{ *sessions.TelnetTalk }

// Line implements [widgets.TerminalText].
func (t telnetText) Line(n int64) (text string, own bool) {
	l := t.TelnetTalk.Line(n)
	return l.Text, l.Own
}
