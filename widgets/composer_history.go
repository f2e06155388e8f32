package widgets

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"wirebench/sessions/compose"
	"wirebench/sessions/fields"
	"wirebench/sessions/inspect"
	"wirebench/sessions/messages"
)

const (
	composerMessages = 50
	// composerMessage bounds one message of the history that is set from outside, in bytes of text.
	composerMessage = composerShown
)

// composerHistory holds what was sent, newest first, as it was typed: with its mode and its ending or byte order, so
// that a message means the same whatever is chosen when it is called back.
type composerHistory struct {
	messages []messages.Message
	at       int // index of the message that was called back, -1 for the draft
	draft    composerDraft
}

// composerDraft is what stood in the field before a message was called back, as it was typed: it may hold what cannot
// be read yet.
type composerDraft struct {
	mode   ComposeMode
	text   string
	ending compose.Ending
	order  fields.Order
}

// History returns what was sent, newest first. The messages have no names, and fields a byte order of their own. The
// slice is the caller's.
func (c *Composer) History() []messages.Message { return slices.Clone(c.history.messages) }

// SetHistory replaces what was sent: at most 50 messages, newest first, as History returns them.
func (c *Composer) SetHistory(sent []messages.Message) {
	c.history.set(sent)
	c.sync()
}

// set replaces the messages. What cannot be read, is too long or is beyond the last place is left out.
func (h *composerHistory) set(sent []messages.Message) {
	h.messages = h.messages[:0]
	for _, m := range sent {
		if len(h.messages) == composerMessages {
			break
		}
		if len(m.Body) <= composerMessage && readable(m) {
			h.messages = append(h.messages, m)
		}
	}
	h.at = -1
}

// readable tells whether a message has bytes, as far as that can be told without making those of fields.
func readable(m messages.Message) bool {
	if m.Mode == messages.Fields {
		l, err := fields.Parse(m.Body)
		return err == nil && len(l) > 0
	}
	b, err := m.Bytes(fields.Builder{})
	return err == nil && len(b) > 0
}

// add puts a message in front; the same message further back goes.
func (h *composerHistory) add(m messages.Message) {
	if i := slices.Index(h.messages, m); i >= 0 {
		h.messages = slices.Delete(h.messages, i, i+1)
	}
	h.messages = slices.Insert(h.messages, 0, m)
	h.messages = h.messages[:min(len(h.messages), composerMessages)]
	h.at = -1
}

// recall shows the next older or newer message. Beyond the newest is what stood in the field before.
func (c *Composer) recall(older bool) {
	h := &c.history
	if older && h.at < 0 && len(h.messages) > 0 {
		if m, ok := c.sent(); ok && m == h.messages[0] {
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
		c.mode, c.ending, c.order = h.draft.mode, h.draft.ending, h.draft.order
		c.fill(h.draft.text)
	case !older && h.at > 0:
		c.show(h.messages[h.at-1], h.at-1)
	}
}

// draft is what stands in the field now.
func (c *Composer) draft() composerDraft {
	return composerDraft{c.mode, c.entry.Text, c.ending, c.order}
}

// show puts a message of the history into the field and remembers where in the history that is.
func (c *Composer) show(m messages.Message, at int) {
	if m.Order.In(c.tab) == c.tab {
		m.Order = fields.Default
	}
	c.SetMessage(m)
	c.history.at = at
}

// sent is what stands in the field, as the history keeps it. It is not ok while the field holds nothing, or an error.
func (c *Composer) sent() (m messages.Message, ok bool) {
	r := c.compose()
	if r.err != nil || len(r.bytes) == 0 {
		return m, false
	}
	m = c.Message()
	if c.mode == ComposeFields {
		// That of the tab may be another when the message is called back.
		m.Order = fields.Big
		if r.order == inspect.Little {
			m.Order = fields.Little
		}
	}
	return m, true
}

// historyMenu lists what was sent, newest first.
func (c *Composer) historyMenu() *fyne.Menu {
	items := make([]*fyne.MenuItem, 0, len(c.history.messages))
	for i, m := range c.history.messages {
		items = append(items, fyne.NewMenuItem(messageLine(m, 60), func() {
			c.history.draft = c.draft()
			c.show(m, i)
			c.focusEntry()
		}))
	}
	return fyne.NewMenu("", items...)
}

// messageLine shows a message in one line of at most width characters, with its mode unless it is text.
func messageLine(m messages.Message, width int) string {
	body, mode := m.Body, ComposeModeOf(m.Mode)
	if mode == ComposeText {
		return plainText(body+compose.FormatText([]byte(m.Ending.Bytes())), width, false)
	}
	// In these a line break is as good as a blank.
	body = strings.Join(strings.FieldsFunc(body, func(r rune) bool { return r == '\n' || r == '\r' }), " ")
	return mode.String() + ": " + plainText(body, width, false)
}
