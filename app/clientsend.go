package app

import (
	"errors"
	"fmt"
	"path/filepath"

	"wirebench/app/filepick"
	"wirebench/widgets"
)

// send is the composer's door to the session.
func (t *clientTab) send(b []byte) error {
	if err := t.session.Send(b); err != nil {
		return err
	}
	t.traffic.list.SetFollow(true)
	t.bench.space.Messages = t.composer.History()
	return nil
}

func (t *clientTab) sendTyped()  { t.composer.Send() }
func (t *clientTab) switchMode() { t.composer.SwitchMode() }

func (t *clientTab) focusComposer() {
	if t.bench.space.View.HideComposer {
		t.bench.space.View.HideComposer = false
		t.bench.viewChanged()
	}
	t.composer.FocusEntry(t.bench.win.Canvas())
}

// askSendFile asks for a file and streams it.
func (t *clientTab) askSendFile() {
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
func (t *clientTab) showTransfer() {
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
