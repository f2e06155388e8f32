package app

import (
	"fmt"

	"wirebench/sessions"
	"wirebench/widgets"
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
		t.composer.SetEnabledSend(false, "No client is connected")
	case t.info.Clients == 0:
		t.composer.SetEnabledSend(false, "Not listening")
	case to != nil && live == 0:
		t.composer.SetEnabledSend(false, "The selected clients have gone")
	default:
		t.composer.SetEnabledSend(true, "")
	}
	switch {
	case to == nil && t.info.Clients > 1:
		t.composer.SetTarget("to all " + widgets.FormatCount(int64(t.info.Clients)))
	case to == nil:
		t.composer.SetTarget("")
	case len(to) == 1:
		t.composer.SetTarget(fmt.Sprintf("to client %d", to[0]))
	default:
		t.composer.SetTarget("to " + widgets.FormatCount(int64(len(to))))
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
			Text: fmt.Sprintf("%s too slow: the message waits there until there is room, and the others have it.", are(counted(r.Waiting, "client"), r.Waiting)),
			Actions: []widgets.NoticeAction{{Label: "Do not wait", Run: func() {
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
	text := fmt.Sprintf("The message went to %s of %s.", widgets.FormatCount(int64(r.Queued)), counted(r.Clients, "client"))
	if r.Dropped > 0 {
		text += fmt.Sprintf(" %s had too much waiting, and it was dropped there.", counted(r.Dropped, "client"))
	}
	if r.Stopped > 0 {
		text += fmt.Sprintf(" It was taken back from %s that had too much waiting.", counted(r.Stopped, "client"))
	}
	if r.Gone > 0 {
		text += fmt.Sprintf(" %s had gone, or could not be sent to.", counted(r.Gone, "client"))
	}
	return text
}
