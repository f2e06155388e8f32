package app

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"fyne.io/fyne/v2"

	"wirebench/app/filepick"
	"wirebench/sessions"
	"wirebench/sessions/capture"
	"wirebench/sessions/compose"
	"wirebench/sessions/inspect"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// desk is what every tab of a session that can be written to has below its
// bars: the traffic, the composer, and files on their way out.
type desk struct {
	bench    *workbench
	traffic  *trafficView
	composer *widgets.Composer
	from     widgets.MessageOrigin // of the saved message that was loaded last
	practice *practiceGuide        // nil unless the tab talks to a practice server
	card     *widgets.PracticeCard // of the practice, without height in other tabs
	status   *widgets.StatusLine
	root     *fyne.Container      // of the tab
	files    []*sessions.Transfer // on their way out
	stopped  bool                 // capturing, as of the last look
	lasted   time.Duration        // how long the session has been, or was, open
	offered  string               // what offerNUL said last
	// what says what goes on when capturing stops: "The connection goes on"
	what string
	// sendBytes and sendPath are the session's doors.
	sendBytes func([]byte) error
	sendPath  func(path string) ([]*sessions.Transfer, error)
}

// lay puts the desk together around the traffic of a session, with what was
// saved of the composer.
func (d *desk) lay(log *capture.Log, s savedTab) {
	w := d.bench
	d.composer = widgets.NewComposer()
	d.composer.SetText(s.Draft)
	d.composer.SetHistory(keptSent(w.space.Messages))
	d.composer.SetMode(widgets.ComposeModeOf(modeOf(s.Mode)))
	d.composer.SetFieldOrder(orderOf(s.Order))
	d.takeOrder()
	if e, err := compose.ParseEnding(s.Ending); err == nil {
		d.composer.SetEnding(e)
	}
	d.composer.ClearAfterSend = w.space.View.ClearAfterSend
	d.composer.OnSend = d.send
	d.composer.OnSendFile = d.askSendFile
	d.composer.OnSaved = d.savedMessages
	d.composer.OnMode = w.rebuildMenu

	d.card = widgets.NewPracticeCard()
	d.status = widgets.NewStatusLine()
	d.traffic = newTrafficView(w, log, d.composer)
	chosen := d.traffic.inspector.OnOrder
	d.traffic.inspector.OnOrder = func(o inspect.Order) {
		chosen(o)
		d.takeOrder()
	}
	d.traffic.toComposer = func(b []byte) {
		d.composer.SetBytes(b)
		d.focusComposer()
	}
	d.traffic.setFramings(readFramings(s))
	d.traffic.onXML = d.offerNUL
}

// offerNUL offers to end what is sent with a zero byte, as XMLSocket does, where the composer does not.
func (d *desk) offerNUL() {
	if d.composer.Ending() == compose.NUL {
		return
	}
	d.offered = words.Say("XMLSocket ends each document with a zero byte. What is written below is sent with another ending.")
	d.traffic.banner.SetNotice(widgets.Notice{
		Kind:    widgets.NoticeInfo,
		Text:    d.offered,
		Actions: []widgets.NoticeAction{{Label: words.Say("End it with NUL"), Run: func() { d.endTextWith(compose.NUL) }}},
	})
}

// endTextWith sets what is sent behind a text. NUL is what offerNUL offers.
func (d *desk) endTextWith(e compose.Ending) {
	d.composer.SetEnding(e)
	if n, shown := d.traffic.banner.Notice(); shown && n.Text == d.offered && e == compose.NUL {
		d.traffic.banner.Clear()
	}
}

func (d *desk) content() fyne.CanvasObject { return d.root }
func (d *desk) view() *trafficView         { return d.traffic }

// try complains when something could not be done.
func (d *desk) try(err error) {
	if err != nil {
		d.traffic.complain(err)
	}
}

// theDesk is how what works on every desk finds the one of a tab.
func (d *desk) theDesk() *desk { return d }

// deskTab is a tab with a desk, which is one of a session.
type deskTab interface {
	tab
	theDesk() *desk
	// state is the session's, as of the last look.
	state() sessions.State
	focusAddress()
	canStart() bool
	// startTyped begins what stands in the tab's address.
	startTyped()
	disconnect()
	canSendFile() bool
	optionsShown() bool
	showOptions(on bool)
}

// pointedAt has a tab go on as any other when it is pointed elsewhere than at its
// practice server: that one's name and card would be wrong there, and the tab
// comes back at the next start.
func (d *desk) pointedAt(address string) {
	if d.practice == nil || address == "" || address == d.practice.entry.Address {
		return
	}
	d.practice = nil
	d.card.SetContent(widgets.PracticeContent{})
	d.bench.viewChanged()
}

// openTab opens a tab as it was saved. When it cannot be made, the window says
// why and nothing is returned.
func openTab[T deskTab](w *workbench, s savedTab, build func(*workbench, savedTab) (T, error)) (opened T) {
	t, err := build(w, s)
	if err != nil {
		w.notice.SetNotice(widgets.Notice{Kind: widgets.NoticeError, Text: sentence(err)})
		return opened
	}
	w.addTab(t)
	return t
}

// draft is what is saved of the composer.
func (d *desk) draft(s *savedTab) {
	d.traffic.keepSplits()
	s.Draft, s.Ending = d.composer.Text(), d.composer.Ending().String()
	if mode := d.composer.Mode(); mode != widgets.ComposeText {
		s.Mode = string(mode.Saved())
	}
	d.traffic.saveFramings(s)
	s.Order = orderWord(d.composer.FieldOrder())
}

// takeOrder gives the composer the tab's byte order.
func (d *desk) takeOrder() { d.composer.SetOrder(d.byteOrder()) }

func (d *desk) byteOrder() inspect.Order {
	if d.bench.space.View.LittleEndian {
		return inspect.Little
	}
	return inspect.Big
}

// send is the composer's door to the session.
func (d *desk) send(b []byte) error {
	if err := d.sendBytes(b); err != nil {
		return err
	}
	d.traffic.list.SetFollow(true)
	d.bench.space.Messages = keepSent(d.composer.History())
	return nil
}

func (d *desk) sendTyped()  { d.composer.Send() }
func (d *desk) switchMode() { d.composer.SwitchMode() }

// addField offers the fields to add.
func (d *desk) addField() {
	d.focusComposer()
	d.composer.AddField()
}

func (d *desk) focusComposer() {
	if d.bench.space.View.HideComposer {
		d.bench.space.View.HideComposer = false
		d.bench.viewChanged()
	}
	d.composer.FocusEntry(d.bench.win.Canvas())
}

// askSendFile asks for a file and streams it.
func (d *desk) askSendFile() {
	w := d.bench
	w.pick.Open(filepick.Request{Title: words.Say("Send a file"), Dir: w.space.Folder}, d.traffic.choosing(func(path string) {
		files, err := d.sendPath(path)
		if err != nil {
			d.traffic.complain(err)
		}
		if len(files) > 0 {
			d.files = files
			d.showFiles()
		}
	}))
}

// showFiles follows a file on its way out, to one peer or to several.
func (d *desk) showFiles() {
	if len(d.files) == 0 {
		return
	}
	var done, total int64
	var failure error
	failed, left := 0, false
	for _, f := range d.files {
		n, of := f.Progress()
		done, total = done+n, total+of
		select {
		case <-f.Done():
			if err := f.Err(); err != nil {
				failure = err
				failed++
			}
		default:
			left = true
		}
	}
	files := d.files
	if left {
		d.composer.SetProgress(done, total, func() {
			for _, f := range files {
				f.Cancel()
			}
		})
		return
	}
	d.files = nil
	d.composer.ClearProgress()
	name, all := filepath.Base(files[0].Path()), int64(len(files))
	_, size := files[0].Progress()
	switch {
	case failed > 1:
		d.traffic.complain(fmt.Errorf("%s: %w", words.Many(all, "%[2]s did not get to %[3]d of %[1]d client; one of them",
			"%[2]s did not get to %[3]d of %[1]d clients; one of them", name, failed), failure))
	case failure != nil:
		d.traffic.complain(failure)
	case all > 1:
		d.traffic.tell(words.Many(all, "%[2]s was sent whole to each of %[1]d client: %[3]s.", "%[2]s was sent whole to each of %[1]d clients: %[3]s.",
			name, bytesInWords(size)))
	default:
		d.traffic.tell(words.Say("%s was sent whole: %s.", name, bytesInWords(size)))
	}
}

// resumeCapture tries the disk again after capturing had stopped.
func (d *desk) resumeCapture() {
	if err := d.traffic.log.Resume(); err != nil {
		d.traffic.complain(err)
		return
	}
	d.stopped = false // a second stop is told again
}

// watchCapture tells once when capturing has stopped, and offers to go on.
func (d *desk) watchCapture() {
	err := d.traffic.log.Stats().Err
	stopped := err != nil
	if stopped == d.stopped {
		return
	}
	d.stopped = stopped
	d.bench.rebuildMenu()
	if !stopped {
		return
	}
	d.traffic.banner.SetNotice(widgets.Notice{
		Kind:    widgets.NoticeWarning,
		Text:    words.Say("%s. %s; what is carried meanwhile is not kept. // an error, and: The connection goes on", sentence(err), d.what),
		Actions: []widgets.NoticeAction{{Label: words.Say("Resume capturing"), Run: d.resumeCapture}},
	})
}

// pickFile asks for a file for a form, to be read or, by that name, to be
// written.
func (d *desk) pickFile(title, name string, save bool, set func(path string)) {
	w := d.bench
	r := filepick.Request{Title: title, Dir: w.space.Folder}
	done := d.traffic.choosing(set)
	if save {
		r.Name = name
		w.pick.Save(r, done)
	} else {
		w.pick.Open(r, done)
	}
}

// saveAs writes data, which is what, into a file of the person's choice.
func (d *desk) saveAs(name string, data []byte, what string) {
	d.bench.saveAs(name, data, what, d.traffic.tell, d.traffic.complain)
}

// saveAs writes data, which is what, into a file of the person's choice, beside
// the window, and tells what came of it.
func (w *workbench) saveAs(name string, data []byte, what string, tell func(string), complain func(error)) {
	w.pick.Save(filepick.Request{Title: words.Say("Save"), Dir: w.space.Folder, Name: name, Extension: filepath.Ext(name)}, func(path string, err error) {
		if errors.Is(err, filepick.ErrCancelled) {
			return
		}
		done := func(err error) {
			if err != nil {
				complain(fmt.Errorf("%s: %w", words.Say("save %s", what), err))
				return
			}
			w.space.Folder = filepath.Dir(path)
			tell(words.Say("Saved as %s", path))
		}
		if err != nil {
			done(err)
			return
		}
		w.work.Go(func() {
			err := writeWhole(path, data)
			fyne.Do(func() {
				if w.ctx.Err() == nil {
					done(err)
				}
			})
		})
	})
}
