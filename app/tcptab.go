package app

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"wirebench/app/filepick"
	"wirebench/sessions"
	"wirebench/sessions/capture"
	"wirebench/sessions/compose"
	"wirebench/widgets"
)

// tcpTab is a TCP client.
type tcpTab struct {
	bench   *workbench
	session *sessions.TCPSession
	traffic *trafficView
	events  eventQueue

	address  *widgets.AddressBar
	options  *widgets.ConnectOptions
	status   *widgets.StatusLine
	composer *widgets.Composer
	root     *fyne.Container

	info     sessions.TCPInfo // as of the last look
	transfer *sessions.Transfer
	stopped  bool          // capturing, as of the last look
	ending   string        // how the last connection ended
	lasted   time.Duration // how long the connection has been, or was, open
}

var _ tab = (*tcpTab)(nil)

// newTCP opens a tab for address, "" to be typed.
func (w *workbench) newTCP(address string) *tcpTab {
	t := newTCPTab(w, savedTab{Kind: "tcp", Address: address})
	if t != nil {
		w.addTab(t)
	}
	return t
}

// newTCPTab makes a tab as it was saved.
func newTCPTab(w *workbench, s savedTab) *tcpTab {
	t := &tcpTab{bench: w}
	config := sessions.DefaultTCP()
	config.Address = s.Address
	session, err := sessions.NewTCP(config, sessions.Options{
		Capture:  capture.Options{Dir: w.opts.CaptureDir, Budget: w.space.CaptureBudget},
		Observer: &t.events,
	})
	if err != nil {
		w.notice.SetNotice(widgets.Notice{Kind: widgets.NoticeError, Text: sentence(err)})
		return nil
	}
	t.session = session

	t.address = widgets.NewAddressBar("tcp")
	t.address.SetHistory(w.space.Addresses)
	t.address.SetText(s.Address)
	t.address.OnConnect = func(string) { t.connectTyped() }
	t.address.OnCancel = t.disconnect
	t.address.OnDisconnect = t.disconnect
	t.address.OnHalfClose = t.halfClose
	t.address.OnReset = t.reset
	t.address.OnReconnect = t.connectTyped
	t.address.OnOptions = t.showOptions
	t.address.OnHistory = func(list []string) { w.space.Addresses = list }

	t.options = widgets.NewConnectOptions(optionValues(config, s.Options))
	t.options.Hide()

	t.status = widgets.NewStatusLine()

	t.composer = widgets.NewComposer()
	t.composer.SetText(s.Draft)
	t.composer.SetHistory(w.space.Messages)
	if s.Mode == "hex" {
		t.composer.SetMode(widgets.ComposeHex)
	}
	if e, err := compose.ParseEnding(s.Ending); err == nil {
		t.composer.SetEnding(e)
	}
	t.composer.ClearAfterSend = w.space.View.ClearAfterSend
	t.composer.OnSend = t.send
	t.composer.OnSendFile = t.askSendFile

	t.traffic = newTrafficView(w, session.Traffic(), t.composer)
	t.traffic.toComposer = func(b []byte) {
		t.composer.SetBytes(b)
		t.focusComposer()
	}
	t.root = container.NewBorder(container.NewVBox(t.address, t.options, t.status), nil, nil, nil, t.traffic.root)
	t.refreshState()
	return t
}

func optionValues(c sessions.TCPConfig, saved *tcpOptions) widgets.ConnectValues {
	if saved != nil {
		return widgets.ConnectValues{
			Timeout: saved.Timeout, LocalAddress: saved.LocalAddress, NoDelay: saved.NoDelay,
			KeepAlive: saved.KeepAlive, HalfOpen: saved.HalfOpen, ResetOnClose: saved.ResetOnClose,
		}
	}
	return widgets.ConnectValues{Timeout: c.ConnectTimeout, NoDelay: c.NoDelay, KeepAlive: c.KeepAlive}
}

// config is what the tab's fields say now; ok is false while one of the
// options marks itself as wrong.
func (t *tcpTab) config() (c sessions.TCPConfig, ok bool) {
	v, ok := t.options.Values()
	c = sessions.TCPConfig{
		Address:        strings.TrimSpace(t.address.Text()),
		LocalAddress:   v.LocalAddress,
		ConnectTimeout: v.Timeout,
		NoDelay:        v.NoDelay,
		KeepAlive:      v.KeepAlive,
		KeepHalfOpen:   v.HalfOpen,
		ResetOnClose:   v.ResetOnClose,
	}
	return c, ok
}

// connectTyped connects to what stands in the address bar.
func (t *tcpTab) connectTyped() {
	t.address.SetError("")
	t.traffic.banner.Clear()
	c, ok := t.config()
	if !ok {
		t.showOptions(true) // the option that is wrong says so itself
		return
	}
	if err := t.start(c); err != nil {
		t.refuse(err)
		return
	}
	t.address.Remember(c.Address)
	t.bench.space.Addresses = t.address.History()
	t.traffic.follow()
	t.refreshState()
}

// errChanged is why a connection that is there is not made again.
var errChanged = errors.New("disconnect first: the address or an option has changed since this connection was made")

// start connects as c says. A connection that is still there is ended first,
// and made again as it was: nothing can be changed while it lasts.
func (t *tcpTab) start(c sessions.TCPConfig) error {
	if err := c.Check(); err != nil {
		return err
	}
	if err := t.session.Configure(c); errors.Is(err, sessions.ErrLive) {
		if c != t.session.Config() {
			return errChanged
		}
	} else if err != nil {
		return err
	}
	return t.session.Start(t.bench.ctx)
}

// refuse shows a configuration that cannot work at the field it is about.
func (t *tcpTab) refuse(err error) {
	var bad *sessions.ConfigError
	if errors.As(err, &bad) && bad.Field == "Address" {
		t.address.SetError(sentence(err))
		return
	}
	if bad != nil {
		t.showOptions(true)
	}
	t.traffic.complain(err)
}

func (t *tcpTab) disconnect() {
	if err := t.session.Disconnect(); err != nil {
		t.traffic.complain(err)
	}
}

func (t *tcpTab) halfClose() {
	if err := t.session.CloseWrite(); err != nil {
		t.traffic.complain(err)
	}
}

func (t *tcpTab) reset() {
	if err := t.session.Reset(); err != nil {
		t.traffic.complain(err)
	}
}

func (t *tcpTab) optionsShown() bool { return t.options.Visible() }

func (t *tcpTab) toggleOptions() { t.showOptions(!t.optionsShown()) }

func (t *tcpTab) showOptions(on bool) {
	show(t.options, on)
	t.address.SetOptionsOpen(on, false)
	t.root.Refresh()
	t.bench.rebuildMenu()
}

// send is the composer's door to the session.
func (t *tcpTab) send(b []byte) error {
	if err := t.session.Send(b); err != nil {
		return err
	}
	t.traffic.list.SetFollow(true)
	t.bench.space.Messages = t.composer.History()
	return nil
}

func (t *tcpTab) sendTyped()  { t.composer.Send() }
func (t *tcpTab) switchMode() { t.composer.SwitchMode() }

func (t *tcpTab) focusComposer() {
	if t.bench.space.View.HideComposer {
		t.bench.space.View.HideComposer = false
		t.bench.viewChanged()
	}
	t.composer.FocusEntry(t.bench.win.Canvas())
}

func (t *tcpTab) focusAddress() { t.address.FocusAddress(t.bench.win.Canvas()) }

// askSendFile asks for a file and streams it.
func (t *tcpTab) askSendFile() {
	w := t.bench
	w.pick.Open(filepick.Request{Title: "Send a file", Dir: w.space.Folder}, func(path string, err error) {
		if errors.Is(err, filepick.ErrCancelled) {
			return
		}
		if err != nil {
			t.traffic.complain(err)
			return
		}
		w.space.Folder = filepath.Dir(path)
		transfer, err := t.session.SendFile(path)
		if err != nil {
			t.traffic.complain(err)
			return
		}
		t.transfer = transfer
		t.showTransfer()
	})
}

// showTransfer follows a file on its way out.
func (t *tcpTab) showTransfer() {
	if t.transfer == nil {
		return
	}
	done, total := t.transfer.Progress()
	select {
	case <-t.transfer.Done():
		name, err := filepath.Base(t.transfer.Path()), t.transfer.Err()
		t.transfer = nil
		t.composer.ClearProgress()
		switch {
		case err != nil:
			t.traffic.complain(err)
		default:
			t.traffic.tell(fmt.Sprintf("%s was sent whole: %s bytes.", name, widgets.FormatCount(total)))
		}
	default:
		t.composer.SetProgress(done, total, t.transfer.Cancel)
	}
}

// resumeCapture tries the disk again after capturing had stopped.
func (t *tcpTab) resumeCapture() {
	if err := t.session.Traffic().Resume(); err != nil {
		t.traffic.complain(err)
		return
	}
	t.stopped = false // a second stop is told again
}

func (t *tcpTab) title() string {
	if a := t.session.Config().Address; a != "" {
		return "TCP " + a
	}
	return "TCP client"
}

func (t *tcpTab) icon() fyne.Resource { return stateIcon(statusState(t.info)) }

func (t *tcpTab) content() fyne.CanvasObject { return t.root }
func (t *tcpTab) stateVersion() uint64       { return t.events.moved.Load() }
func (t *tcpTab) version() uint64            { return t.traffic.version() }
func (t *tcpTab) view() *trafficView         { return t.traffic }

func (t *tcpTab) tick() {
	t.tickState()
	t.showTransfer()
	t.traffic.tick()
	t.watchCapture(t.session.Traffic().Stats().Err)
	t.status.SetStatus(t.statusNow())
}

func (t *tcpTab) tickState() {
	events, dropped := t.events.take()
	if len(events) == 0 {
		return
	}
	for _, e := range events {
		t.take(e)
	}
	if dropped > 0 {
		t.traffic.tell(fmt.Sprintf("%d events came faster than they could be shown; the traffic list has them all.", dropped))
	}
	t.refreshState()
}

// take shows one event where it belongs.
func (t *tcpTab) take(e sessions.Event) {
	switch e.Name {
	case sessions.EventClose:
		t.ending = e.Text
	case sessions.EventConnect:
		t.traffic.banner.Clear()
		// Whoever pressed Enter in the address wants to write next.
		if c := t.bench.win.Canvas(); t.address.HasFocus(c) && !t.bench.space.View.HideComposer {
			t.composer.FocusEntry(c)
		}
	case sessions.EventIOError, sessions.EventSecurityError:
		t.traffic.banner.SetNotice(widgets.Notice{
			Kind:    widgets.NoticeError,
			Text:    sentence(e.Err),
			Actions: []widgets.NoticeAction{{Label: "Try again", Run: t.connectTyped}},
		})
	}
}

// refreshState brings the bars in line with the session's state.
func (t *tcpTab) refreshState() {
	t.info = t.session.Info()
	i := t.info
	t.address.SetState(addressState(i))
	switch {
	case i.State == sessions.Open && !i.WriteClosed:
		t.composer.SetEnabledSend(true, "")
	case i.State == sessions.Open:
		t.composer.SetEnabledSend(false, "Half-closed: no more can be sent")
	case i.State == sessions.Opening:
		t.composer.SetEnabledSend(false, "Connecting...")
	default:
		t.composer.SetEnabledSend(false, "Not connected")
	}
	t.status.SetStatus(t.statusNow())
}

// watchCapture tells once when capturing has stopped, and offers to go on.
func (t *tcpTab) watchCapture(err error) {
	stopped := err != nil
	if stopped == t.stopped {
		return
	}
	t.stopped = stopped
	t.bench.rebuildMenu()
	if !stopped {
		return
	}
	t.traffic.banner.SetNotice(widgets.Notice{
		Kind:    widgets.NoticeWarning,
		Text:    sentence(err) + ". The connection goes on; what it carries meanwhile is not kept.",
		Actions: []widgets.NoticeAction{{Label: "Resume capturing", Run: t.resumeCapture}},
	})
}

func (t *tcpTab) busy() string {
	switch t.info.State {
	case sessions.Open:
		return fmt.Sprintf("It is connected to %s. Closing the tab closes the connection; what was captured is kept.", t.info.Remote)
	case sessions.Opening:
		return "It is connecting."
	case sessions.Closing:
		return "It is still sending what was queued."
	}
	return t.traffic.busy()
}

func (t *tcpTab) focusFirst() {
	if t.info.State == sessions.Open {
		t.focusComposer()
		return
	}
	t.focusAddress()
}

func (t *tcpTab) saved() (savedTab, bool) {
	t.traffic.keepSplits()
	s := savedTab{Kind: "tcp", Address: t.address.Text(), Draft: t.composer.Text(), Ending: t.composer.Ending().String()}
	if t.composer.Mode() == widgets.ComposeHex {
		s.Mode = "hex"
	}
	v, _ := t.options.Values()
	s.Options = &tcpOptions{
		Timeout: v.Timeout, LocalAddress: v.LocalAddress, NoDelay: v.NoDelay,
		KeepAlive: v.KeepAlive, HalfOpen: v.HalfOpen, ResetOnClose: v.ResetOnClose,
	}
	return s, true
}

// close ends the connection and keeps the capture.
func (t *tcpTab) close() {
	t.traffic.close()
	// Errors of the end are in the capture; there is no one left to tell.
	_ = t.session.Close()
	_ = t.session.Traffic().Release()
}

// openURL opens a tab for what stood on the command line and starts it.
func (w *workbench) openURL(u string) {
	host, port, err := sessions.ParseTarget(u)
	if err != nil {
		w.notice.SetNotice(widgets.Notice{Kind: widgets.NoticeError, Text: sentence(fmt.Errorf("open %s: %w", u, err))})
		return
	}
	if t := w.newTCP(net.JoinHostPort(host, strconv.Itoa(int(port)))); t != nil {
		t.connectTyped()
	}
}
