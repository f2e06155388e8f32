package widgets

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/compose"
	"wirebench/sessions/fields"
	"wirebench/sessions/inspect"
	"wirebench/sessions/messages"
	"wirebench/widgets/words"
)

// detailRunes bounds how much of a message is written out.
const detailRunes = 2000

// messageDetail shows one message: what it is, its text, and the note on it; or remarks.
type messageDetail struct {
	widget.BaseWidget

	about      *widget.Label
	body, note *SelectableLabel
	scroll     *container.Scroll
}

func newMessageDetail() *messageDetail {
	d := &messageDetail{about: widget.NewLabel(""), body: NewSelectableLabel(""), note: NewSelectableLabel("")}
	d.about.Wrapping = fyne.TextWrapWord
	d.body.Wrapping = fyne.TextWrapBreak
	d.body.TextStyle.Monospace = true
	d.note.Wrapping = fyne.TextWrapWord
	d.scroll = container.NewVScroll(container.NewVBox(d.about, d.body, d.note))
	d.ExtendBaseWidget(d)
	d.clear()
	return d
}

func (d *messageDetail) clear() { d.say("", "", "") }

func (d *messageDetail) say(about, body, note string) {
	for _, part := range []struct {
		label *widget.Label
		text  string
	}{{d.about, about}, {&d.body.Label, body}, {&d.note.Label, note}} {
		if part.label.Text != part.text {
			part.label.SetText(part.text)
		}
		setVisible(part.label, part.text != "")
	}
	d.scroll.ScrollToTop()
	d.scroll.Refresh()
}

// show shows a message as it is in a tab with a byte order.
func (d *messageDetail) show(m messages.Message, order inspect.Order) {
	d.say(aboutMessage(m, order), plainText(m.Body, detailRunes, true), plainText(m.Note, detailRunes, true))
}

// aboutMessage says in a line what a message is: its mode, its size or what is wrong with it, and where it goes.
func aboutMessage(m messages.Message, order inspect.Order) string {
	about := []string{ComposeModeOf(m.Mode).String()}
	switch {
	case ComposeModeOf(m.Mode) == ComposeText && m.Ending != compose.None:
		about = append(about, words.Say("ending %s // of a text: LF, CRLF or NUL", m.Ending.String()))
	case m.Mode == messages.Fields && m.Order == fields.Big:
		about = append(about, words.Say("big-endian"))
	case m.Mode == messages.Fields && m.Order == fields.Little:
		about = append(about, words.Say("little-endian"))
	}
	b := fields.NewBuilder(order)
	b.Max = composerBuilt
	if bytes, err := m.Bytes(b); err != nil {
		about = append(about, words.Say("cannot be sent as it is: %s", err.Error()))
	} else {
		about = append(about, words.Many(int64(len(bytes)), "%d byte", "%d bytes"))
	}
	if m.Target != "" {
		about = append(about, words.Say("for %s // where a message goes", plainText(m.Target, 200, false)))
	}
	return strings.Join(about, " · ")
}

// showNotes shows what was remarked about packets that were imported.
func (d *messageDetail) showNotes(notes []messages.Note) {
	const most = 200
	var b strings.Builder
	for i, n := range notes {
		if i == most {
			b.WriteString(words.Many(int64(len(notes)-most), "and %d more", "and %d more"))
			break
		}
		problem := plainText(n.Problem, 300, false)
		if n.Skipped {
			problem = words.Say("left out: %s", problem)
		}
		fmt.Fprintf(&b, "%s: %s\n", plainText(n.Packet, 60, false), problem)
	}
	d.say(words.Say("Remarks on the import"), "", strings.TrimSuffix(b.String(), "\n"))
}

// CreateRenderer is part of fyne.Widget.
func (d *messageDetail) CreateRenderer() fyne.WidgetRenderer { return newFace(d.scroll, nil) }
