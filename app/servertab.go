package app

import (
	"cmp"
	"errors"
	"strings"

	"fyne.io/fyne/v2/container"

	"wirebench/app/paths"
	"wirebench/sessions"
	"wirebench/sessions/certs/localca"
	"wirebench/sessions/policy"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// serverTab is a listener with its clients.
type serverTab struct {
	desk
	server *sessions.ServerSession
	events serverEvents

	bar     *widgets.ListenBar
	options *widgets.ServerOptions
	clients *clientPane
	split   *container.Split // the clients over the traffic
	divider divider          // of it

	info sessions.ServerInfo // as of the last look
	sent []*sessions.Delivery
	slow bool // the banner says that some of them wait
}

var _ deskTab = (*serverTab)(nil)

// serverEvents queues what is about the listener. What is about a client moves
// the counter alone: the list of clients is looked up as it is now, and ten
// thousand that come at once are no ten thousand events.
type serverEvents struct{ eventQueue }

// Event implements [sessions.Observer].
func (q *serverEvents) Event(e sessions.Event) {
	if e.Client != 0 {
		q.moved.Add(1)
		return
	}
	q.eventQueue.Event(e)
}

// newServer opens a tab as it was saved. When it cannot be made, the window
// says why and nil is returned.
func (w *workbench) newServer(s savedTab) *serverTab {
	t, err := newServerTab(w, s)
	if err != nil {
		w.notice.SetNotice(widgets.Notice{Kind: widgets.NoticeError, Text: sentence(err)})
		return nil
	}
	w.addTab(t)
	return t
}

func newServerTab(w *workbench, s savedTab) (*serverTab, error) {
	t := &serverTab{desk: desk{bench: w, what: words.Say("The server goes on")}}
	config := sessions.DefaultServer()
	config.Address = s.Address
	server, err := sessions.NewServer(config, sessions.Options{
		Capture:  w.captureOptions(),
		Observer: &t.events,
	})
	if err != nil {
		return nil, err
	}
	t.server = server
	t.sendBytes, t.sendPath = t.sendToChosen, t.sendFileToChosen
	t.desk.lay(server.Traffic(), s)
	t.composer.BeforeSend = t.refreshState

	t.bar = widgets.NewListenBar()
	t.bar.SetHistory(w.space.Servers)
	t.bar.SetText(s.Address)
	t.bar.OnEnter = t.tickState
	t.bar.OnListen = func(string) { t.startTyped() }
	t.bar.OnStop = t.disconnect
	t.bar.OnCloseAll = func() { t.server.Disconnect(nil) }
	t.bar.OnResetAll = func() { t.server.Reset(nil) }
	t.bar.OnShutdown = func() { t.try(t.server.Shutdown()) }
	t.bar.OnOptions = t.showOptions
	t.bar.OnHistory = func(list []string) { w.space.Servers = list }
	t.bar.Places = listenPlaces

	t.options = widgets.NewServerOptions(tlsVersionNames(), serverValues(config, cmp.Or(s.Server, w.space.Defaults.Server)))
	t.options.OnChanged = t.liveChanged
	t.options.OnPick = func(title string, save bool, set func(string)) { t.pickFile(title, "keys.log", save, set) }
	t.options.OnExportRoot = t.exportRoot
	t.options.OnCheckPolicy = func(path string) error {
		_, err := readPolicy(path)
		return err
	}
	t.options.Hide()

	t.clients = newClientPane(t, s.Server)
	t.split = container.NewVSplit(t.clients.root, t.traffic.root)
	t.divider.put(t.split, w.space.View.SplitClients)
	t.root = container.NewBorder(container.NewVBox(t.bar, t.options, t.status, t.traffic.liftBanner()), nil, nil, nil, t.split)
	t.arrange()
	t.refreshState()
	return t, nil
}

// roomForClients is how high the window has to be, the form of options left
// out, for the panel of clients to stand over the traffic.
const roomForClients = 540

// arrange follows the person's choices about the panel of clients. It makes way
// for the form where both do not fit.
func (t *serverTab) arrange() {
	view := &t.bench.space.View
	t.clients.list.SetTimeMode(view.times())
	room := t.bench.win.Canvas().Size().Height
	if t.options.Visible() {
		room -= t.options.MinSize().Height
	}
	on := !view.HideClients && (room >= roomForClients || !t.options.Visible())
	if on != t.clients.root.Visible() {
		show(t.clients.root, on)
		t.root.Refresh()
	}
}

// config is what the tab's fields say now; ok is false while one of them marks
// itself as wrong.
func (t *serverTab) config() (c sessions.ServerConfig, ok bool, err error) {
	v, ok := t.options.Values()
	if !ok {
		return c, false, nil
	}
	c, err = serverConfig(strings.TrimSpace(t.bar.Text()), v)
	return c, true, err
}

// startTyped listens as the fields say.
func (t *serverTab) startTyped() {
	t.bar.SetError("")
	t.traffic.banner.Clear()
	c, ok, err := t.config()
	if !ok {
		t.showOptions(true) // the option that is wrong says so itself
		return
	}
	if err == nil {
		err = c.Check()
	}
	if err == nil {
		err = t.server.Configure(c)
	}
	if err == nil {
		err = t.server.Start(t.bench.ctx)
	}
	if err != nil {
		t.refuse(err)
		return
	}
	t.bar.Remember(c.Address)
	t.bench.space.Servers = t.bar.History()
	t.bench.space.Recent = remember(t.bench.space.Recent, "server://"+c.Address, maxAddresses)
	t.traffic.follow()
	t.refreshState()
}

// refuse shows a configuration that cannot work at the field it is about.
func (t *serverTab) refuse(err error) {
	var bad *sessions.ConfigError
	if errors.As(err, &bad) {
		if bad.Field == "Address" { // not said
			t.bar.SetError(sentence(err))
			return
		}
		if t.options.SetProblem(bad.Field, sentence(bad)) {
			t.showOptions(true)
			return
		}
	}
	t.traffic.complain(err)
}

// liveChanged puts in force what acts at once.
func (t *serverTab) liveChanged() {
	v, ok := t.options.Live()
	if !ok || t.info.State == sessions.Idle {
		return // the next start reads the form anyway
	}
	c, err := liveConfig(t.server.Config(), v)
	if err == nil {
		err = t.server.Configure(c)
	}
	if err != nil {
		t.refuse(err)
	}
	t.bench.rebuildMenu()
}

// toggleEcho switches the echo on or off.
func (t *serverTab) toggleEcho() {
	v, _ := t.options.Values()
	v.Replies.Echo = !v.Replies.Echo
	t.options.SetValues(v)
	t.liveChanged()
}

// echoes reports whether the form has the echo on.
func (t *serverTab) echoes() bool {
	v, _ := t.options.Live()
	return v.Replies.Echo
}

// disconnect ends listening, and leaves the clients.
func (t *serverTab) disconnect() { t.try(t.server.StopListening()) }

func (t *serverTab) state() sessions.State { return t.info.State }
func (t *serverTab) canStart() bool        { return !t.info.Listening && t.info.State != sessions.Opening }
func (t *serverTab) canSendFile() bool     { return t.info.Clients > 0 }

// What ends connections is for the selected clients.
func (t *serverTab) canHalfClose() bool { return t.clients.some() }
func (t *serverTab) halfClose()         { t.clients.halfClose() }
func (t *serverTab) canReset() bool     { return t.clients.some() }
func (t *serverTab) reset()             { t.clients.reset() }

func (t *serverTab) pane() pane { return t.clients }

func (t *serverTab) optionsShown() bool { return t.options.Visible() }

func (t *serverTab) showOptions(on bool) {
	show(t.options, on)
	t.bar.SetOptionsOpen(on, false)
	t.arrange()
	t.root.Refresh()
	t.bench.rebuildMenu()
}

func (t *serverTab) focusAddress() { t.bar.FocusAddress(t.bench.win.Canvas()) }

// exportRoot saves the test CA's root, which is made if there is none yet.
func (t *serverTab) exportRoot() {
	dir, err := paths.TestCADir()
	var ca *localca.Authority
	if err == nil {
		ca, err = localca.Open(dir)
	}
	if err != nil {
		t.traffic.complain(err)
		return
	}
	t.saveAs("wirebench-test-ca.pem", ca.RootPEM(), words.Say("the test CA's root"))
}

func (t *serverTab) stateVersion() uint64 { return t.events.moved.Load() }
func (t *serverTab) version() uint64      { return t.traffic.version() + t.server.Version() }

func (t *serverTab) tick() {
	t.tickState()
	t.showFiles()
	t.showSent()
	t.arrange() // the form grows with its rules
	t.clients.tick()
	t.aim()
	t.traffic.tick()
	t.watchCapture()
	t.status.SetStatus(t.statusNow())
}

func (t *serverTab) tickState() {
	events, _ := t.events.take() // what was dropped stands in the traffic list
	for _, e := range events {
		t.take(e)
	}
	t.refreshState()
}

// take shows one event of the listener where it belongs.
func (t *serverTab) take(e sessions.Event) {
	switch e.Name {
	case sessions.EventListening:
		t.traffic.banner.Clear()
		// Whoever pressed Enter in the address wants to watch the clients come.
		if t.bar.HasFocus(t.bench.win.Canvas()) {
			t.clients.focusList()
		}
	case sessions.EventIOError:
		var bad *sessions.ConfigError
		if errors.As(e.Err, &bad) && bad.Field != "Address" { // not said
			t.refuse(e.Err)
			return
		}
		n := widgets.Notice{Kind: widgets.NoticeError, Text: sentence(e.Err)}
		if !t.server.Info().Listening {
			n.Actions = []widgets.NoticeAction{{Label: words.Say("Try again"), Run: t.startTyped}}
		}
		t.traffic.banner.SetNotice(n)
	}
}

// refreshState brings the bars in line with the session's state.
func (t *serverTab) refreshState() {
	t.info = t.server.Info()
	i := t.info
	s := widgets.ListenState{Phase: phase(i.State), Clients: i.Clients}
	if i.State == sessions.Open && !i.Listening {
		s.Phase = widgets.PhaseReady // only clients of an earlier listener are left
	}
	if s != t.bar.State() {
		t.bar.SetState(s)
	}
	t.aim()
	t.status.SetStatus(t.statusNow())
}

func (t *serverTab) focusFirst() {
	if t.info.State == sessions.Open {
		t.clients.focusList()
		return
	}
	t.focusAddress()
}

func (t *serverTab) saved() (savedTab, bool) {
	t.divider.keep(&t.bench.space.View.SplitClients)
	s := savedTab{Kind: "server", Address: t.bar.Text()}
	t.draft(&s)
	v, _ := t.options.Values()
	s.Server = savedServer(v)
	t.clients.save(s.Server)
	return s, true
}

// close ends the listener and its clients and keeps the capture.
func (t *serverTab) close() {
	// Errors of the end are in the capture; there is no one left to tell.
	_ = t.server.Close()
	t.traffic.close()
	_ = t.server.Traffic().Release()
}

// readPolicy reads a socket policy file and says what is wrong with it; "" is
// none.
func readPolicy(path string) ([]byte, error) {
	if path == "" {
		return nil, nil
	}
	b, err := readSmall(path, 1<<20)
	if err == nil {
		err = policy.Check(b)
	}
	if err != nil {
		return nil, &sessions.ConfigError{Field: "Policy", Value: path, Problem: err.Error()} // not said
	}
	return b, nil
}
