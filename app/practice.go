package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"

	"wirebench/sessions"
	"wirebench/sessions/capture"
	"wirebench/sessions/lab"
	"wirebench/sessions/messages"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// firstPractice is the server for a person who has never seen the window.
const firstPractice = "echo"

// practiceLab starts practice servers when they are asked for, and ends all of
// them. Its methods are safe for concurrent use.
type practiceLab struct {
	mu    sync.Mutex              // held while a server is started or all are ended
	lab   atomic.Pointer[lab.Lab] // nil while nothing was started; written with mu held
	ended bool                    // the window goes
}

// open starts a server, or finds it started.
func (p *practiceLab) open(ctx context.Context, id string) (lab.Entry, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := ctx.Err(); err != nil || p.ended {
		return lab.Entry{}, lab.ErrClosed
	}
	l := p.lab.Load()
	if l == nil {
		var err error
		if l, err = lab.Start(ctx, lab.Options{}, id); err != nil {
			return lab.Entry{}, err
		}
		p.lab.Store(l)
	}
	return l.Open(id)
}

// running is the lab, nil while no server was started. It waits for nothing.
func (p *practiceLab) running() *lab.Lab { return p.lab.Load() }

// stop ends every server; they can be started again.
func (p *practiceLab) stop() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.lab.Swap(nil)
	if l == nil {
		return nil
	}
	return l.Close()
}

// close ends every server for good.
func (p *practiceLab) close() {
	_ = p.stop() // what cannot be removed of its temporary files is the system's to remove
	p.mu.Lock()
	p.ended = true
	p.mu.Unlock()
	_ = p.stop()
}

// practiceGuide is what a tab that talks to a practice server knows of it.
type practiceGuide struct {
	entry   lab.Entry
	lab     *lab.Lab // in which it was started
	opening bool     // it is being started again
	steps   bool     // the card has steps
}

// openPractice starts a practice server beside the window, and opens a tab for
// it, set up and connected.
func (w *workbench) openPractice(id string) {
	w.work.Go(func() {
		e, err := w.lab.open(w.ctx, id)
		fyne.Do(func() {
			if w.ctx.Err() != nil {
				return
			}
			if err == nil {
				err = w.showPractice(e)
			}
			if err != nil {
				w.notice.SetNotice(widgets.Notice{Kind: widgets.NoticeError, Text: sentence(fmt.Errorf("%s: %w", words.Say("start the practice server"), err))})
			}
			w.rebuildMenu()
		})
	})
}

// showPractice opens a tab for a practice server that is started, and starts it.
func (w *workbench) showPractice(e lab.Entry) error {
	s := practiceTab(e)
	var t deskTab
	if e.Kind == sessions.UDP {
		made, err := newUDPTab(w, s)
		if err != nil {
			return err
		}
		t = made
	} else {
		made, err := newClientTab(w, s)
		if err != nil {
			return err
		}
		t = made
	}
	t.theDesk().practise(e)
	w.addTab(t)
	t.startTyped()
	t.theDesk().followPractice()
	if !s.Telnet {
		t.theDesk().focusComposer() // there is a message to send
	}
	return nil
}

// practiceTab is a tab for a practice server as if it had been saved.
func practiceTab(e lab.Entry) savedTab {
	s := savedTab{Kind: e.Kind.String(), Address: e.Address, Telnet: e.Telnet, FramingIn: e.Framing, FramingOut: e.Framing}
	if len(e.Messages) > 0 {
		m := e.Messages[0]
		s.Draft, s.Ending, s.Order = m.Body, m.Ending.String(), orderWord(m.Order)
		if m.Mode != messages.Text {
			s.Mode = string(m.Mode)
		}
	}
	switch {
	case e.TLS != nil:
		s.Options, s.TLS = configuredTCP(e.TLS.TCPConfig), configuredTLS(*e.TLS)
	case e.TCP != nil:
		s.Options = configuredTCP(*e.TCP)
	case e.UDP != nil:
		o := usualUDP()
		o.Target, o.Connect = e.UDP.Target, e.UDP.Connect
		s.Address, s.UDP = e.UDP.Address, o
	}
	return s
}

// said is a practice server with its name, and what to look at, as the window
// says them: package lab has them in English.
func said(e lab.Entry) lab.Entry {
	e.Title = words.Say(words.Text(e.Title))
	for i, line := range e.Look {
		e.Look[i] = words.Say(words.Text(line))
	}
	return e
}

// practise makes the desk that of a practice server.
func (d *desk) practise(e lab.Entry) {
	e = said(e)
	d.practice = &practiceGuide{entry: e, lab: d.bench.lab.running()}
	d.card.OnDismiss = d.bench.viewChanged
	d.showPracticeCard()
	before := d.traffic.onChosen
	d.traffic.onChosen = func(r capture.Record) {
		if before != nil {
			before(r)
		}
		d.followPractice()
	}
}

// reopen starts the server of a practice tab again if it was stopped and the
// tab is still aimed at it, at the address aimed. Then it aims the tab at where
// the server is now, and starts it. It reports whether it is at that.
func (d *desk) reopen(aimed string, aim func(e lab.Entry), start func()) bool {
	g, w := d.practice, d.bench
	if g == nil || strings.TrimSpace(aimed) != g.entry.Address {
		return false
	}
	if l := w.lab.running(); l != nil && l == g.lab {
		return false
	}
	if g.opening {
		return true
	}
	g.opening = true
	w.work.Go(func() {
		e, err := w.lab.open(w.ctx, g.entry.ID)
		fyne.Do(func() {
			g.opening = false
			if d.traffic.ctx.Err() != nil {
				return // the tab has gone
			}
			if err != nil {
				d.traffic.complain(fmt.Errorf("%s: %w", words.Say("start the practice server"), err))
				return
			}
			aim(e)
			g.entry, g.lab = said(e), w.lab.running()
			start()
			w.rebuildMenu()
		})
	})
	return true
}

// reopenPractice starts the tab's practice server again if it was stopped.
func (t *clientTab) reopenPractice() bool {
	return t.reopen(t.address.Text(), func(e lab.Entry) {
		t.address.SetText(e.Address)
		if t.tls != nil && e.TLS != nil { // another authority, with files of its own
			v, _ := t.tls.options.Values()
			now := tlsValues(*e.TLS, configuredTLS(*e.TLS))
			v.CAFiles, v.ExtraFiles, v.CRLFiles, v.CertFile, v.KeyFile = now.CAFiles, now.ExtraFiles, now.CRLFiles, now.CertFile, now.KeyFile
			t.tls.options.SetValues(v)
		}
	}, t.startTyped)
}

// reopenPractice starts the tab's practice server again if it was stopped.
func (t *udpTab) reopenPractice() bool {
	return t.reopen(t.bar.Target(), func(e lab.Entry) { t.bar.SetTarget(e.Address) }, t.startTyped)
}

// practising reports whether the card is shown.
func (d *desk) practising() bool { return d.card.Content().Title != "" }

// togglePractice shows the card again, or takes it away.
func (d *desk) togglePractice() {
	if d.practising() {
		d.card.SetContent(widgets.PracticeContent{})
	} else {
		d.showPracticeCard()
		d.followPractice()
	}
	d.bench.viewChanged()
}

// showPracticeCard says what to look at, and what to do first.
func (d *desk) showPracticeCard() {
	e := d.practice.entry
	c := widgets.PracticeContent{Title: words.Say("Practice: %s", e.Title), Lines: e.Look[:]}
	if e.ID == firstPractice {
		d.practice.steps = true
		c.Steps = []string{words.Say("Send the message below: %s", keyText(fyne.KeyReturn, primary)),
			words.Say("Click the row that came back"), words.Say("Click one of its bytes, and read it at the right")}
	}
	if len(e.Messages) > 1 {
		for _, m := range e.Messages {
			c.Sends = append(c.Sends, widgets.NoticeAction{Label: words.Say(words.Text(m.Name)), Run: func() { d.loadMessage(m, widgets.MessageOrigin{}) }})
		}
	}
	if e.Help != "" {
		c.Actions = append(c.Actions, widgets.NoticeAction{Label: words.Say("The protocol"), Run: func() { d.bench.showPracticeHelp(e) }})
	}
	if e.Kind == sessions.UDP {
		c.Actions = append(c.Actions, widgets.NoticeAction{Label: words.Say("Lose, double, delay..."), Run: d.bench.askFaults})
	}
	c.Actions = append(c.Actions, widgets.NoticeAction{Label: words.Say("All practice servers"), Run: d.bench.choosePractice})
	d.card.SetContent(c)
}

// followPractice tells the card's guide how far the person is.
func (d *desk) followPractice() {
	if d.practice == nil || !d.practice.steps {
		return
	}
	done := d.card.Step()
	if done == 0 && d.traffic.log.Stats().OutBytes > 0 {
		done = 1
	}
	if r := d.traffic.chosen; done == 1 && r.Number > 0 && r.Dir == capture.In && r.Kind == capture.Data {
		done = 2
	}
	if done == 2 && d.traffic.onOneByte() {
		done = 3
	}
	d.card.SetStep(done)
}

// showPracticeHelp shows the text that goes with a practice server.
func (w *workbench) showPracticeHelp(e lab.Entry) {
	text := widgets.NewSelectableLabel(e.Help)
	text.TextStyle.Monospace = true
	w.panel(e.Title, container.NewScroll(text), w.fitting(900, 640))
}

// choosePractice lists the practice servers.
func (w *workbench) choosePractice() {
	p := widgets.NewPracticePanel(w.practiceEntries(), w.practised)
	var shown *dialog.CustomDialog
	p.OnOpen = func(id string) {
		w.practised = id
		shown.Hide()
		w.openPractice(id)
	}
	shown = w.closable(words.Say("Practice servers on this machine"), p)
	w.present(shown, shown.Hide, nil)
	shown.Resize(w.fitting(940, 600))
	p.Focus(w.win.Canvas())
}

// practiceEntries is the catalogue as the panel has it.
func (w *workbench) practiceEntries() []widgets.PracticeEntry {
	l := w.lab.running()
	started := map[string]lab.Entry{}
	if l != nil {
		for _, e := range l.Entries() {
			started[e.ID] = e
		}
	}
	var list []widgets.PracticeEntry
	for _, e := range lab.Catalogue() {
		e = said(e)
		p := widgets.PracticeEntry{ID: e.ID, Kind: strings.ToUpper(e.Kind.String()), Title: e.Title, Look: e.Look[:], Help: e.Help,
			Where: words.Say("It is started when a tab is opened, on this machine alone (127.0.0.1).")}
		if e.Kind == sessions.TLS {
			p.Kind = string(e.Expect)
		}
		if s, ok := started[e.ID]; ok {
			p.On = true
			p.Where = s.URL()
			if c, ok := l.Counts(e.ID); ok && e.Kind != sessions.UDP {
				p.Where += " · " + words.Many(int64(c.Clients), "%d client now", "%d clients now") +
					", " + words.Many(int64(c.Accepted), "%d connection in all", "%d connections in all")
			}
		}
		list = append(list, p)
	}
	return list
}

// stopPractice ends every practice server. The tabs stay, with what they saw.
func (w *workbench) stopPractice() {
	w.work.Go(func() {
		err := w.lab.stop()
		fyne.Do(func() {
			if w.ctx.Err() != nil {
				return
			}
			if err != nil {
				w.notice.SetNotice(widgets.Notice{Kind: widgets.NoticeWarning, Text: sentence(fmt.Errorf("%s: %w", words.Say("stop the practice servers"), err))})
			}
			w.rebuildMenu()
		})
	})
}

// savePracticeRoot saves the root of the lab's authority, for other programs to
// practise with.
func (w *workbench) savePracticeRoot() {
	w.work.Go(func() {
		_, err := w.lab.open(w.ctx, "authority") // makes the authority if there is none
		var root []byte
		if l := w.lab.running(); err == nil && l == nil {
			err = errors.New(words.Say("the practice servers were stopped meanwhile"))
		} else if err == nil {
			root, err = l.RootPEM()
		}
		fyne.Do(func() {
			if w.ctx.Err() != nil {
				return
			}
			if err != nil {
				w.notice.SetNotice(widgets.Notice{Kind: widgets.NoticeError, Text: sentence(fmt.Errorf("%s: %w", words.Say("make the lab's root"), err))})
				return
			}
			notice := func(kind widgets.NoticeKind) func(string) {
				return func(text string) { w.notice.SetNotice(widgets.Notice{Kind: kind, Text: text}) }
			}
			w.saveAs("wirebench-lab-root.pem", root, words.Say("the lab's root"), notice(widgets.NoticeInfo),
				func(err error) { notice(widgets.NoticeError)(sentence(err)) })
		})
	})
}

// practiceActions are the Lab menu; the palette finds every server by name.
func (w *workbench) practiceActions() []*action {
	running := func() bool { return w.lab.running() != nil }
	list := []*action{{name: "Practice servers...", menu: "Lab", key: fyne.KeyF2, run: w.choosePractice}}
	for _, e := range lab.Catalogue() {
		a := &action{name: words.Text(e.Title), menu: "Lab", sub: "Practise with", run: func() { w.openPractice(e.ID) }}
		if e.Kind == sessions.TLS {
			a.sub = "More TLS servers"
			if e.ID == "tls-"+string(e.Expect) { // the one that stands for its status
				a.sub = "A TLS server for each status"
			}
		}
		list = append(list, a)
	}
	guide := func() *desk {
		if t, ok := w.strip.current.(deskTab); ok && t.theDesk().practice != nil {
			return t.theDesk()
		}
		return nil
	}
	return append(list,
		&action{name: "What to look at", menu: "Lab", separate: true, enabled: func() bool { return guide() != nil },
			checked: func() bool { return guide() != nil && guide().practising() }, run: func() { guide().togglePractice() }},
		&action{name: "What the datagram echo does...", menu: "Lab", enabled: running, run: w.askFaults},
		&action{name: "Save the lab's root certificate...", menu: "Lab", run: w.savePracticeRoot},
		&action{name: "Stop the practice servers", menu: "Lab", enabled: running, run: w.stopPractice},
	)
}
