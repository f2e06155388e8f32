package app

import (
	"strconv"

	"wirebench/sessions"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// sendToChosen sends to the selected clients, or to all when none is.
func (t *serverTab) sendToChosen(b []byte) error {
	to, _ := t.clients.target()
	d, err := t.server.Send(to, b)
	if err != nil {
		return err
	}
	t.sent = append(t.sent, d)
	t.showSent()
	return nil
}

func (t *serverTab) sendFileToChosen(path string) ([]*sessions.Transfer, error) {
	to, _ := t.clients.target()
	return t.server.SendFile(to, path)
}

// aim says on the composer whom it writes to.
func (t *serverTab) aim() {
	to, live := t.clients.target()
	switch {
	case t.info.Clients == 0 && t.info.Listening:
		t.composer.SetEnabledSend(false, words.Say("No client is connected"))
	case t.info.Clients == 0:
		t.composer.SetEnabledSend(false, words.Say("Not listening"))
	case to != nil && live == 0:
		t.composer.SetEnabledSend(false, words.Say("The selected clients have gone"))
	default:
		t.composer.SetEnabledSend(true, "")
	}
	switch {
	case to == nil && t.info.Clients > 1:
		t.composer.SetTarget(words.Say("to all %d // clients", t.info.Clients))
	case to == nil:
		t.composer.SetTarget("")
	case len(to) == 1:
		t.composer.SetTarget(words.Say("to client %s", strconv.FormatInt(to[0], 10)))
	default:
		t.composer.SetTarget(words.Say("to %d // clients", len(to)))
	}
}

// showSent follows messages until nothing waits, and tells what did not get
// through.
func (t *serverTab) showSent() {
	left := t.sent[:0]
	var waiting *sessions.Delivery
	for _, d := range t.sent {
		select {
		case <-d.Done():
			if r := d.Result(); r.Queued < r.Clients {
				t.traffic.banner.SetNotice(widgets.Notice{Kind: widgets.NoticeWarning, Text: shortfall(r)})
			}
		default:
			left = append(left, d)
			if d.Result().Waiting > 0 {
				waiting = d
			}
		}
	}
	clear(t.sent[len(left):])
	t.sent = left
	if waiting == nil && t.slow {
		t.slow = false
		if n, _ := t.traffic.banner.Notice(); n.Kind == widgets.NoticeInfo {
			t.traffic.banner.Clear() // it has got there
		}
	}
	if waiting != nil {
		t.slow = true
		r := waiting.Result()
		t.traffic.banner.SetNotice(widgets.Notice{
			Kind: widgets.NoticeInfo,
			Text: words.Many(int64(r.Waiting),
				"%d client is too slow: the message waits there until there is room, and the others have it.",
				"%d clients are too slow: the message waits there until there is room, and the others have it."),
			Actions: []widgets.NoticeAction{{Label: words.Say("Do not wait"), Run: func() {
				for _, d := range t.sent {
					d.Cancel()
				}
				t.showSent()
			}}},
		})
	}
}

// shortfall says who did not get a message.
func shortfall(r sessions.DeliveryResult) string {
	text := words.Many(int64(r.Clients), "The message went to %[2]d of %[1]d client.", "The message went to %[2]d of %[1]d clients.", r.Queued)
	if r.Dropped > 0 {
		text += " " + words.Many(int64(r.Dropped), "%d client had too much waiting, and it was dropped there.", "%d clients had too much waiting, and it was dropped there.")
	}
	if r.Stopped > 0 {
		text += " " + words.Many(int64(r.Stopped), "It was taken back from %d client that had too much waiting.", "It was taken back from %d clients that had too much waiting.")
	}
	if r.Gone > 0 {
		text += " " + words.Many(int64(r.Gone), "%d client had gone, or could not be sent to.", "%d clients had gone, or could not be sent to.")
	}
	return text
}
