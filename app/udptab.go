package app

import (
	"context"
	"errors"
	"strings"
	"time"

	"fyne.io/fyne/v2/container"

	"wirebench/sessions"
	"wirebench/sessions/capture"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// udpTab is a datagram socket.
type udpTab struct {
	desk
	session *sessions.UDPSession
	events  eventQueue

	bar     *widgets.UDPBar
	options *widgets.UDPOptions
	peers   *peerPane
	repeat  *widgets.RepeatBar
	split   *container.Split // the peers over the traffic
	divider divider          // of it

	info     sessions.UDPInfo // as of the last look
	repeater *sessions.Repeater
	told     time.Time          // when the repetition's figures were shown
	size     int                // of the message in the composer
	aiming   context.CancelFunc // gives up looking for the target; nil when none is looked for
	aimed    chan error         // what came of looking for it
}

var _ deskTab = (*udpTab)(nil)

// newUDP opens a tab as it was saved, or returns nil.
func (w *workbench) newUDP(s savedTab) *udpTab { return openTab(w, s, newUDPTab) }

// anyPort is where a new datagram socket is bound.
const anyPort = ":0"

func newUDPTab(w *workbench, s savedTab) (*udpTab, error) {
	t := &udpTab{desk: desk{bench: w, what: words.Say("The socket goes on")}}
	if s.Address == "" {
		s.Address = anyPort
	}
	saved := s.UDP
	if saved == nil {
		saved = w.newUDPOptions()
	}
	values := udpValues(saved)
	session, err := sessions.NewUDP(udpConfig(s.Address, saved.Target, saved.Connect, values), sessions.Options{
		Capture:  w.captureOptions(),
		Observer: &t.events,
	})
	if err != nil {
		return nil, err
	}
	t.session = session
	t.sendBytes, t.sendPath = t.sendOne, t.sendFile
	t.desk.lay(session.Traffic(), s)
	t.composer.AllowEmpty = true
	t.composer.BeforeSend = t.refreshState
	t.composer.OnChanged = t.measure

	t.bar = widgets.NewUDPBar()
	t.bar.SetHistory(w.space.Binds)
	t.bar.SetText(s.Address)
	t.bar.SetTargetHistory(w.space.Targets)
	t.bar.SetTarget(saved.Target)
	t.bar.SetState(widgets.UDPState{Connected: saved.Connect})
	t.bar.OnEnter = t.tickState
	t.bar.OnBind = func(string) { t.startTyped() }
	t.bar.OnUnbind = t.disconnect
	t.bar.OnTarget = func(string) { t.retarget() }
	t.bar.OnConnected = t.connect
	t.bar.OnReply = t.reply
	t.bar.OnOptions = t.showOptions
	t.bar.OnHistory = func(list []string) { w.space.Binds = list }
	t.bar.OnTargetHistory = func(list []string) { w.space.Targets = list }
	t.bar.Places = listenPlaces

	t.options = widgets.NewUDPOptions(values)
	t.options.SetInterfaces(udpInterfaces())
	t.options.OnChanged = t.liveChanged
	t.options.OnJoin = t.join
	t.options.OnLeave = t.leave
	t.options.Hide()

	t.repeat = widgets.NewRepeatBar()
	if saved.Every > 0 || saved.FlatOut {
		t.repeat.SetValues(saved.Every, saved.Count)
	}
	t.repeat.OnStart = t.startRepeating
	t.repeat.OnStop = t.stopRepeating

	t.peers = newPeerPane(t, saved)
	t.traffic.onChosen = func(capture.Record) { t.canReply() }
	t.split = container.NewVSplit(t.peers.root, t.traffic.root)
	t.divider.put(t.split, w.space.View.SplitPeers)
	t.root = container.NewBorder(container.NewVBox(t.bar, t.options, t.status, t.card, t.traffic.liftBanner()), t.repeat, nil, nil, t.split)
	t.measure()
	t.canReply()
	t.arrange()
	t.refreshState()
	return t, nil
}

// roomForPeers is how high the window has to be, the form of options left out,
// for the panel of peers to stand over the traffic, with the composer and the
// repeat line below.
const roomForPeers = 660

// arrange follows the person's choice about panels. The peers make way where not
// all fit, and for the form.
func (t *udpTab) arrange() {
	view := &t.bench.space.View
	room := t.bench.win.Canvas().Size().Height
	if t.options.Visible() {
		room -= t.options.MinSize().Height
	}
	room -= t.card.MinSize().Height
	on := !view.HidePeers && room >= roomForPeers
	repeats := !view.HideRepeat || t.repeater != nil
	if on != t.peers.root.Visible() || repeats != t.repeat.Visible() {
		show(t.peers.root, on)
		show(t.repeat, repeats)
		t.root.Refresh()
	}
}

// config is what the tab's fields say now; ok is false while one of them marks
// itself as wrong.
func (t *udpTab) config() (c sessions.UDPConfig, ok bool) {
	v, ok := t.options.Values()
	return udpConfig(strings.TrimSpace(t.bar.Text()), t.bar.Target(), t.bar.State().Connected, v), ok
}

// startTyped binds as the fields say.
func (t *udpTab) startTyped() {
	t.bar.SetError("")
	t.bar.SetTargetError("")
	t.traffic.banner.Clear()
	if t.reopenPractice() {
		return // which comes here again
	}
	c, ok := t.config()
	if !ok {
		t.showOptions(true) // the option that is wrong says so itself
		return
	}
	err := c.Check()
	if err == nil {
		err = t.session.Configure(c)
	}
	if err == nil {
		err = t.session.Start(t.bench.ctx)
	}
	if err != nil {
		t.refuse(err)
		return
	}
	t.pointedAt(c.Target)
	if w := t.bench; t.practice == nil { // a practice server will not be there tomorrow
		t.bar.Remember(c.Address)
		w.space.Binds = t.bar.History()
		t.rememberTarget(c.Target)
		w.space.Recent = remember(w.space.Recent, udpURL(c), maxAddresses)
	}
	t.traffic.follow()
	t.refreshState()
}

// refuse shows a configuration that cannot work at the field it is about.
func (t *udpTab) refuse(err error) {
	var bad *sessions.ConfigError
	if errors.As(err, &bad) {
		switch {
		case bad.Field == "Address": // not said
			t.bar.SetError(sentence(bad))
			return
		case bad.Field == "Target": // not said
			t.bar.SetTargetError(sentence(bad))
			return
		case t.options.SetProblem(bad.Field, sentence(bad)):
			t.showOptions(true)
			return
		}
	}
	t.traffic.complain(err)
}

// liveChanged puts in force what acts at once.
func (t *udpTab) liveChanged() {
	v, ok := t.options.Live()
	if !ok || !t.info.State.Live() {
		return // the next start reads the form anyway
	}
	c := t.session.Config()
	c.Broadcast, c.TTL = v.Broadcast, v.TTL
	c.MulticastInterface, c.MulticastTTL, c.MulticastLoop = v.MulticastInterface, v.MulticastTTL, v.MulticastLoop
	if err := t.session.Configure(c); err != nil {
		t.refuse(err)
	}
}

// join makes the socket a member of a group; one that is not bound joins when
// it is.
func (t *udpTab) join(g widgets.UDPGroup) error {
	if t.info.State != sessions.Open {
		return nil
	}
	return t.session.Join(sessions.Group(g))
}

func (t *udpTab) leave(g widgets.UDPGroup) error {
	if t.info.State != sessions.Open {
		return nil
	}
	return t.session.Leave(sessions.Group(g))
}

func (t *udpTab) disconnect() { t.try(t.session.Disconnect()) }

func (t *udpTab) state() sessions.State { return t.info.State }
func (t *udpTab) canStart() bool        { return !t.info.State.Live() }
func (t *udpTab) canSendFile() bool     { return t.info.State == sessions.Open }

func (t *udpTab) pane() pane { return t.peers }

func (t *udpTab) optionsShown() bool { return t.options.Visible() }

func (t *udpTab) showOptions(on bool) {
	if on {
		t.options.SetInterfaces(udpInterfaces())
	}
	show(t.options, on)
	t.bar.SetOptionsOpen(on, false)
	t.arrange()
	t.root.Refresh()
	t.bench.rebuildMenu()
}

func (t *udpTab) focusAddress() { t.bar.FocusAddress(t.bench.win.Canvas()) }

func (t *udpTab) stateVersion() uint64 { return t.events.moved.Load() }
func (t *udpTab) version() uint64      { return t.traffic.version() + t.session.Version() }

func (t *udpTab) tick() {
	t.tickState()
	t.showRepeating()
	t.arrange() // the form grows with its groups
	t.peers.tick()
	t.traffic.tick()
	t.followPractice()
	t.watchCapture()
	t.status.SetStatus(t.statusNow())
}

func (t *udpTab) tickState() {
	events, _ := t.events.take() // what was dropped stands in the traffic list
	for _, e := range events {
		t.take(e)
	}
	t.takeAim()
	t.refreshState()
}

// take shows one event where it belongs.
func (t *udpTab) take(e sessions.Event) {
	switch e.Name {
	case sessions.EventListening:
		t.traffic.banner.Clear()
		// Whoever pressed Enter in the address wants to write next.
		if c := t.bench.win.Canvas(); t.bar.HasFocus(c) {
			if t.bar.Target() == "" {
				t.focusTarget()
			} else if !t.bench.space.View.HideComposer {
				t.composer.FocusEntry(c)
			}
		}
	case sessions.EventIOError:
		var bad *sessions.ConfigError
		if errors.As(e.Err, &bad) {
			t.refuse(e.Err)
			return
		}
		n := widgets.Notice{Kind: widgets.NoticeError, Text: sentence(e.Err)}
		if !t.session.State().Live() {
			n.Actions = []widgets.NoticeAction{{Label: words.Say("Try again"), Run: t.startTyped}}
		}
		t.traffic.banner.SetNotice(n)
	}
}

// refreshState brings the bars in line with the session's state.
func (t *udpTab) refreshState() {
	t.info = t.session.Info()
	s := widgets.UDPState{Phase: phase(t.info.State), Connected: t.bar.State().Connected}
	if s != t.bar.State() {
		t.bar.SetState(s)
		t.bench.rebuildMenu()
	}
	t.options.SetGranted(t.info.ReceiveBuffer)
	t.repeat.SetReady(t.info.State == sessions.Open)
	t.aim()
	t.status.SetStatus(t.statusNow())
}

func (t *udpTab) focusFirst() {
	if t.info.State == sessions.Open {
		t.focusComposer()
		return
	}
	t.focusAddress()
}

func (t *udpTab) saved() (savedTab, bool) {
	t.divider.keep(&t.bench.space.View.SplitPeers)
	s := savedTab{Kind: "udp", Address: t.bar.Text()}
	t.draft(&s)
	v, _ := t.options.Values()
	s.UDP = savedUDP(v)
	s.UDP.Target, s.UDP.Connect = t.bar.Target(), t.bar.State().Connected
	s.UDP.Every, s.UDP.Count, _ = t.repeat.Values()
	s.UDP.FlatOut = s.UDP.Every == 0
	t.peers.save(s.UDP)
	return s, true
}

// close ends the socket and keeps the capture.
func (t *udpTab) close() {
	// Errors of the end are in the capture; there is no one left to tell.
	_ = t.session.Close()
	t.traffic.close()
	_ = t.session.Traffic().Release()
}
