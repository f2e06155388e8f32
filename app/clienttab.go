package app

import (
	"cmp"
	"errors"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"wirebench/sessions"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// clientSession is what every kind of client session can do beyond [sessions.Session].
type clientSession interface {
	sessions.Session
	Info() sessions.TCPInfo
	Send(p []byte) error
	SendSynch() error
	SendFile(path string) (*sessions.Transfer, error)
	Disconnect() error
	CloseWrite() error
	Reset() error
}

// A clientKind is what one kind of client differs in from the other.
type clientKind interface {
	session() clientSession
	// address is where the session connects to, or did last.
	address() string
	// configure takes over what the fields say, to be used by the next start.
	// While a connection is there it returns [errChanged] if that would change
	// anything.
	configure(c sessions.TCPConfig) error
	// refused marks the field that a configuration error is about; false if it
	// is none of this kind's fields.
	refused(bad *sessions.ConfigError) bool
	// take follows an event that the tab has taken already.
	take(e sessions.Event)
	// refresh brings the kind's own parts in line with the tab's state.
	refresh()
	// save adds to what is kept what the kind's own fields hold.
	save(s *savedTab)
	// history is where the addresses of this kind are remembered.
	history() *[]string
	close()
}

// clientTab is a TCP or a TLS client.
type clientTab struct {
	desk
	session clientSession
	kind    clientKind
	tls     *tlsClient // the kind again, nil for TCP
	events  eventQueue
	telnet  *telnetPane

	address  *widgets.AddressBar
	options  *widgets.ConnectOptions
	settings fyne.CanvasObject // the options with those of the kind around them

	info   sessions.TCPInfo // as of the last look
	ending string           // how the last connection ended
}

var _ deskTab = (*clientTab)(nil)

// newTCP opens a tab for address, "" to be typed.
func (w *workbench) newTCP(address string) *clientTab {
	return w.newClient(savedTab{Kind: "tcp", Address: address})
}

// newTLS opens a tab for address, "" to be typed.
func (w *workbench) newTLS(address string) *clientTab {
	return w.newClient(savedTab{Kind: "tls", Address: address})
}

// newClient opens a tab as it was saved, or returns nil.
func (w *workbench) newClient(s savedTab) *clientTab { return openTab(w, s, newClientTab) }

// newClientTab makes a tab as it was saved.
func newClientTab(w *workbench, s savedTab) (*clientTab, error) {
	t := &clientTab{desk: desk{bench: w, what: words.Say("The connection goes on")}}
	config := sessions.DefaultTCP()
	config.Address = s.Address
	t.telnet = newTelnetPane(t)
	opts := sessions.Options{
		Capture:  w.captureOptions(),
		Observer: t.telnet.talk,
	}
	t.options = widgets.NewConnectOptions(tcpValues(config, cmp.Or(s.Options, w.space.Defaults.TCP)))
	t.settings = t.options
	var err error
	if s.Kind == "tls" {
		t.tls, err = newTLSClient(t, s, opts)
		t.kind = t.tls
	} else {
		t.kind, err = newTCPClient(w, config, opts)
	}
	if err != nil {
		t.telnet.talk.Close()
		return nil, err
	}
	t.session = t.kind.session()
	t.telnet.talk.Bind(t.session)

	t.address = widgets.NewAddressBar(s.Kind)
	t.address.SetHistory(*t.kind.history())
	t.address.SetText(s.Address)
	t.address.OnEnter = func() {
		t.tickState()
		t.refreshState() // it may be ahead of the event that tells why
	}
	t.address.OnConnect = func(string) { t.startTyped() }
	t.address.OnCancel = t.disconnect
	t.address.OnDisconnect = t.disconnect
	t.address.OnHalfClose = t.halfClose
	t.address.OnReset = t.reset
	t.address.OnReconnect = t.startTyped
	t.address.OnOptions = t.showOptions
	t.address.OnHistory = func(list []string) { *t.kind.history() = list }

	t.sendBytes = t.session.Send
	t.sendPath = func(path string) ([]*sessions.Transfer, error) {
		f, err := t.session.SendFile(path)
		if err != nil {
			return nil, err
		}
		return []*sessions.Transfer{f}, nil
	}
	t.desk.lay(t.session.Traffic(), s)
	t.composer.BeforeSend = t.refreshState
	t.settings.Hide()
	t.assemble()
	t.telnet.restore(s)
	t.refreshState()
	return t, nil
}

// assemble puts the tab together.
func (t *clientTab) assemble() {
	top := container.NewVBox(t.address, t.settings, t.status, t.card)
	body := t.telnet.lay(t.traffic.root)
	if t.tls != nil {
		body = t.tls.lay(top, body)
	}
	t.root = container.NewBorder(top, nil, nil, nil, body)
}

// config is what the tab's fields say now; ok is false while one of the
// options marks itself as wrong.
func (t *clientTab) config() (c sessions.TCPConfig, ok bool) {
	v, ok := t.options.Values()
	return tcpConfig(strings.TrimSpace(t.address.Text()), v), ok
}

// startTyped connects to what stands in the address bar.
func (t *clientTab) startTyped() {
	t.address.SetError("")
	t.traffic.banner.Clear()
	if t.reopenPractice() {
		return // which comes here again
	}
	c, ok := t.config()
	if !ok {
		t.showOptions(true) // the option that is wrong says so itself
		return
	}
	if err := t.start(c); err != nil {
		t.refuse(err)
		return
	}
	t.pointedAt(c.Address)
	if t.practice == nil { // a practice server will not be there tomorrow
		t.address.Remember(c.Address)
		*t.kind.history() = t.address.History()
		t.bench.space.Recent = remember(t.bench.space.Recent, t.session.Kind().String()+"://"+c.Address, maxAddresses)
	}
	t.traffic.follow()
	t.refreshState()
}

// errChanged is why a connection that is there is not made again; refuse says it.
var errChanged = errors.New("disconnect first") // not said

// start connects as c says. A connection that is still there is ended first,
// and made again as it was: nothing can be changed while it lasts.
func (t *clientTab) start(c sessions.TCPConfig) error {
	if err := t.kind.configure(c); err != nil {
		return err
	}
	return t.session.Start(t.bench.ctx)
}

// refuse shows a configuration that cannot work at the field it is about.
func (t *clientTab) refuse(err error) {
	var bad *sessions.ConfigError
	if errors.As(err, &bad) {
		if bad.Field == "Address" { // not said
			t.address.SetError(sentence(err))
			return
		}
		t.showOptions(true)
		if t.kind.refused(bad) {
			return
		}
	}
	if errors.Is(err, errChanged) {
		err = errors.New(words.Say("disconnect first: the address or an option has changed since this connection was made"))
	}
	t.traffic.complain(err)
}

func (t *clientTab) disconnect() { t.try(t.session.Disconnect()) }
func (t *clientTab) halfClose()  { t.try(t.session.CloseWrite()) }
func (t *clientTab) reset()      { t.try(t.session.Reset()) }

func (t *clientTab) state() sessions.State { return t.info.State }
func (t *clientTab) canStart() bool        { return !t.info.State.Live() }
func (t *clientTab) canSendFile() bool     { return t.info.State == sessions.Open }
func (t *clientTab) canHalfClose() bool    { return t.info.State == sessions.Open && !t.info.WriteClosed }
func (t *clientTab) canReset() bool        { return t.info.State.Live() }

func (t *clientTab) optionsShown() bool { return t.settings.Visible() }

func (t *clientTab) showOptions(on bool) {
	show(t.settings, on)
	t.kind.refresh()
	t.address.SetOptionsOpen(on, false)
	t.root.Refresh()
	t.bench.rebuildMenu()
}

func (t *clientTab) focusAddress() { t.address.FocusAddress(t.bench.win.Canvas()) }

func (t *clientTab) stateVersion() uint64 { return t.events.moved.Load() }
func (t *clientTab) version() uint64      { return t.traffic.version() + t.telnet.talk.Version() }

func (t *clientTab) tick() {
	t.tickState()
	t.showFiles()
	t.telnet.tick()
	t.traffic.tick()
	t.followPractice()
	t.watchCapture()
	t.status.SetStatus(t.statusNow())
}

func (t *clientTab) tickState() {
	events, dropped := t.events.take()
	if len(events) == 0 {
		return
	}
	for _, e := range events {
		t.take(e)
		t.kind.take(e)
	}
	if dropped > 0 {
		t.traffic.tell(words.Many(int64(dropped), "%d event came faster than it could be shown; the traffic list has it.",
			"%d events came faster than they could be shown; the traffic list has them all."))
	}
	t.refreshState()
}

// take shows one event where it belongs.
func (t *clientTab) take(e sessions.Event) {
	switch e.Name {
	case sessions.EventClose:
		t.ending = e.Text
	case sessions.EventConnect:
		t.traffic.banner.Clear()
		// Whoever pressed Enter in the address wants to write next.
		if c := t.bench.win.Canvas(); !t.address.HasFocus(c) {
			break
		} else if t.telnet.talk.On() {
			t.telnet.focus()
		} else if !t.bench.space.View.HideComposer {
			t.composer.FocusEntry(c)
		}
	case sessions.EventIOError, sessions.EventSecurityError:
		t.traffic.banner.SetNotice(widgets.Notice{
			Kind:    widgets.NoticeError,
			Text:    sentence(e.Err),
			Actions: []widgets.NoticeAction{{Label: words.Say("Try again"), Run: t.startTyped}},
		})
	}
}

// refreshState brings the bars in line with the session's state.
func (t *clientTab) refreshState() {
	t.info = t.session.Info()
	i := t.info
	t.address.SetState(addressState(i))
	switch {
	case i.State == sessions.Open && !i.WriteClosed:
		t.composer.SetEnabledSend(true, "")
	case i.State == sessions.Open:
		t.composer.SetEnabledSend(false, words.Say("Half-closed: no more can be sent"))
	case i.State == sessions.Opening:
		t.composer.SetEnabledSend(false, words.Say("Still connecting"))
	default:
		t.composer.SetEnabledSend(false, words.Say("Not connected"))
	}
	t.telnet.terminal.SetReady(i.State == sessions.Open && !i.WriteClosed)
	t.kind.refresh()
	t.status.SetStatus(t.statusNow())
}

func (t *clientTab) focusFirst() {
	if t.info.State == sessions.Open {
		t.focusComposer()
		return
	}
	t.focusAddress()
}

func (t *clientTab) saved() (savedTab, bool) {
	s := savedTab{Kind: t.session.Kind().String(), Address: t.address.Text()}
	t.draft(&s)
	v, _ := t.options.Values()
	s.Options = savedTCP(v)
	t.kind.save(&s)
	t.telnet.save(&s)
	return s, true
}

// close ends the connection and keeps the capture.
func (t *clientTab) close() {
	t.kind.close()
	// Errors of the end are in the capture; there is no one left to tell.
	_ = t.session.Close()
	t.telnet.talk.Close()
	t.traffic.close()
	_ = t.session.Traffic().Release()
}
