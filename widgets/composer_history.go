package widgets

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"wirebench/sessions/compose"
	"wirebench/sessions/inspect"
)

const (
	composerMessages = 50
	// composerMessage bounds one message of the history that is set from outside, in bytes of text: \xHH for each
	// byte of the longest text the composer shows.
	composerMessage = 4 * composerShown
)

// composerHistory holds what was sent, newest first, in the notation of [compose.Text] with the ending written out;
// so a message means the same whatever mode and ending it is called back in.
type composerHistory struct {
	messages []string
	at       int // index of the message that was called back, -1 for the draft
	draft    composerDraft
}

// composerDraft is what stood in the field before a message was called back, as it was typed: it may hold what cannot
// be read yet. The mode is that of the field, because changing that ends the calling back.
type composerDraft struct {
	text   string
	ending compose.Ending
}

// set replaces the messages. What cannot be read, is too long or is beyond the last place is left out.
func (h *composerHistory) set(messages []string) {
	h.messages = h.messages[:0]
	for _, m := range messages {
		if len(h.messages) == composerMessages {
			break
		}
		if len(m) > composerMessage {
			continue
		}
		if b, err := compose.Text(m, compose.None); err == nil && len(b) > 0 {
			h.messages = append(h.messages, m)
		}
	}
	h.at = -1
}

// add puts a message in front; the same message further back goes.
func (h *composerHistory) add(message string) {
	if i := slices.Index(h.messages, message); i >= 0 {
		h.messages = slices.Delete(h.messages, i, i+1)
	}
	h.messages = slices.Insert(h.messages, 0, message)
	h.messages = h.messages[:min(len(h.messages), composerMessages)]
	h.at = -1
}

// recall shows the next older or newer message. Beyond the newest is what stood in the field before.
func (c *Composer) recall(older bool) {
	h := &c.history
	if older && h.at < 0 && len(h.messages) > 0 {
		if m, ok := c.notation(); ok && m == h.messages[0] {
			h.at, h.draft = 0, c.draft() // what was sent last still stands there
		}
	}
	switch {
	case older && h.at+1 < len(h.messages):
		if h.at < 0 {
			h.draft = c.draft()
		}
		c.show(h.messages[h.at+1], h.at+1)
	case !older && h.at == 0:
		h.at = -1
		c.ending = h.draft.ending
		c.fill(h.draft.text)
	case !older && h.at > 0:
		c.show(h.messages[h.at-1], h.at-1)
	}
}

// draft is what stands in the field now.
func (c *Composer) draft() composerDraft { return composerDraft{c.entry.Text, c.ending} }

// show puts a message of the history into the field and remembers where in the history that is.
func (c *Composer) show(message string, at int) {
	c.setMessage(message)
	c.history.at = at
}

// notation is what stands in the field with its ending, as the history keeps it. It is not ok while the field holds
// nothing, or an error.
func (c *Composer) notation() (message string, ok bool) {
	b, err := c.bytes()
	if err != nil || len(b) == 0 {
		return "", false
	}
	if c.mode == ComposeText {
		return c.entry.Text + compose.FormatText([]byte(c.ending.Bytes())), true
	}
	return compose.FormatText(b), true
}

// setMessage shows a message in the present mode. Its bytes stay the same: where it does not end as the ending
// chosen says, the ending becomes None.
func (c *Composer) setMessage(message string) {
	b, err := compose.Text(message, compose.None)
	if err != nil {
		return
	}
	if c.mode == ComposeText {
		// As it was typed, line breaks and all, if that gives the same bytes.
		typed, found := strings.CutSuffix(message, compose.FormatText([]byte(c.ending.Bytes())))
		if again, err := compose.Text(typed, c.ending); found && err == nil && string(again) == string(b) {
			c.fill(typed)
			return
		}
	}
	c.setBytes(b)
}

// historyMenu lists what was sent, newest first.
func (c *Composer) historyMenu() *fyne.Menu {
	items := make([]*fyne.MenuItem, 0, len(c.history.messages))
	for i, m := range c.history.messages {
		// Line breaks as typed would break the menu's line.
		label := inspect.Preview([]byte(m), 60)
		items = append(items, fyne.NewMenuItem(label, func() {
			c.history.draft = c.draft()
			c.show(m, i)
			c.focusEntry()
		}))
	}
	return fyne.NewMenu("", items...)
}
