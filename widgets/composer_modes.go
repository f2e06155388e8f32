package widgets

import (
	"errors"
	"slices"
	"strings"

	"wirebench/sessions/compose"
	"wirebench/sessions/fields"
	"wirebench/sessions/inspect"
	"wirebench/sessions/messages"
	"wirebench/widgets/words"
)

// ComposeMode is the notation a message is written in.
type ComposeMode uint8

const (
	ComposeText   ComposeMode = iota // text with escapes, and an ending
	ComposeHex                       // hexadecimal in any shape
	ComposeFields                    // typed values; see package fields
)

// String returns "Text", "Hex" or "Fields", in the language chosen.
func (m ComposeMode) String() string {
	switch m {
	case ComposeHex:
		return words.Say("Hex")
	case ComposeFields:
		return words.Say("Fields // of a message")
	}
	return words.Say("Text // of a message")
}

// Saved gives the mode as a saved message has it, which [ComposeModeOf] reads.
func (m ComposeMode) Saved() messages.Mode {
	switch m {
	case ComposeHex:
		return messages.Hex
	case ComposeFields:
		return messages.Fields
	}
	return messages.Text
}

// ComposeModeOf gives the mode of a saved message. One that there is not is text.
func ComposeModeOf(m messages.Mode) ComposeMode {
	switch m {
	case messages.Hex:
		return ComposeHex
	case messages.Fields:
		return ComposeFields
	}
	return ComposeText
}

// hint says what is written in the empty field.
func (m ComposeMode) hint() string {
	switch m {
	case ComposeHex:
		return words.Say("Bytes in hexadecimal, or a pasted dump; %s sends", sendKeys())
	case ComposeFields:
		return words.Say(`Fields, such as u8 1, u16be len(rest), str8 "ada"; %s sends`, sendKeys())
	}
	return words.Say(`Text to send; \n \r \t \0 \xHH \uHHHH \\ are read, %s sends`, sendKeys())
}

// composerBuilt bounds the bytes that fields in the composer make: they are built anew with every key.
const composerBuilt = compose.MaxRepeat

// composed is what stands in the field, read. What it was read from is compared, so that nothing is read twice.
type composed struct {
	text   string
	mode   ComposeMode
	ending compose.Ending
	order  inspect.Order

	bytes []byte
	err   error // a [*compose.Error]
	// Of fields:
	parts  []fields.Part
	places []fields.Place
}

// bad is the error with its place, or nil.
func (r *composed) bad() *compose.Error {
	var bad *compose.Error
	errors.As(r.err, &bad)
	return bad
}

// compose reads the field. What comes back must not be changed.
func (c *Composer) compose() *composed {
	r := &composed{text: c.entry.Text, mode: c.mode, ending: c.ending, order: c.order.In(c.tab)}
	if was := c.read; was != nil && was.text == r.text && was.mode == r.mode && was.ending == r.ending && was.order == r.order {
		return was
	}
	switch c.mode {
	case ComposeHex:
		r.bytes, r.err = compose.Hex(r.text)
	case ComposeFields:
		var built fields.Built
		built, r.places, r.err = c.builder(r.order).CompileAt(r.text)
		r.bytes, r.parts = built.Bytes, built.Parts
	default:
		r.bytes, r.err = compose.Text(r.text, r.ending)
	}
	c.read = r
	return r
}

func (c *Composer) builder(order inspect.Order) fields.Builder {
	b := fields.NewBuilder(order)
	b.Max = composerBuilt
	return b
}

// Bytes returns the message as it would be sent now, ending included. The slice is the caller's. The error is a
// [*compose.Error].
func (c *Composer) Bytes() ([]byte, error) {
	r := c.compose()
	return slices.Clone(r.bytes), r.err
}

// SetBytes shows b in the present mode, as "copy to composer" does. In text mode b is shown without the ending when
// it ends in the one chosen; otherwise the ending becomes None, so that sending gives b again.
func (c *Composer) SetBytes(b []byte) { c.setBytes(b) }

// Mode returns the notation chosen.
func (c *Composer) Mode() ComposeMode { return c.mode }

// SetMode changes the notation and leaves the text as it is, for a composer that is being set up. The person's way,
// which keeps the bytes, is SwitchMode.
func (c *Composer) SetMode(m ComposeMode) {
	c.mode = m
	c.changed()
}

// SetOrder says which byte order the tab has, which is that of fields that do not say.
func (c *Composer) SetOrder(o inspect.Order) {
	if c.tab == o {
		return
	}
	c.tab = o
	if c.mode == ComposeFields && c.order == fields.Default {
		c.changed()
	} else {
		c.sync()
	}
}

// FieldOrder returns the byte order of fields that do not say; Default is that of the tab.
func (c *Composer) FieldOrder() fields.Order { return c.order }

// SetFieldOrder sets the byte order of fields that do not say.
func (c *Composer) SetFieldOrder(o fields.Order) {
	if c.order != o {
		c.order = o
		c.changed()
	}
}

// Message returns what stands in the field as a message without a name. It may hold what cannot be read yet.
func (c *Composer) Message() messages.Message {
	m := messages.Message{Mode: c.mode.Saved(), Body: c.entry.Text}
	switch c.mode {
	case ComposeText:
		m.Ending = c.ending
	case ComposeFields:
		m.Order = c.order
	}
	return m
}

// SetMessage shows a message in its own mode, with its ending or byte order. It returns false, and says why in place,
// when the message is longer than the field takes.
func (c *Composer) SetMessage(m messages.Message) bool {
	if len(m.Body) > composerShown {
		c.tooLong(len(m.Body))
		return false
	}
	c.mode = ComposeModeOf(m.Mode)
	switch c.mode {
	case ComposeText:
		c.ending = m.Ending
	case ComposeFields:
		c.order = m.Order
	}
	c.fill(m.Body)
	return true
}

// LoadMessage is SetMessage for the person: what was typed and neither sent nor loaded can be brought back.
func (c *Composer) LoadMessage(m messages.Message) bool {
	was := c.draft()
	kept := c.Message()
	if sent, ok := c.sent(); ok && len(c.history.messages) > 0 && sent == c.history.messages[0] {
		kept.Body = ""
	}
	if !c.SetMessage(m) {
		return false
	}
	before := c.loaded
	c.loaded = c.Message()
	if strings.TrimSpace(kept.Body) != "" && kept != before && kept != c.loaded {
		c.banner.SetNotice(Notice{Kind: NoticeInfo, Text: words.Say("This took the place of what was typed."), Actions: []NoticeAction{{Label: words.Say("Bring it back"), Run: func() {
			c.mode, c.ending, c.order = was.mode, was.ending, was.order
			c.fill(was.text)
			c.focusEntry()
		}}}})
		c.Refresh()
	}
	return true
}

// SwitchMode goes to the next notation with the same bytes: from text to hex, to fields and to text again. It refuses,
// and shows why, while the text cannot be read or would be too long.
func (c *Composer) SwitchMode() { c.switchTo((c.mode + 1) % (ComposeFields + 1)) }

func (c *Composer) switchTo(to ComposeMode) {
	r := c.compose()
	if r.err != nil {
		c.notice(NoticeWarning, words.Say(map[ComposeMode]words.Text{
			ComposeText:   "Still in text mode: put the text right first, so that its bytes can be kept.",
			ComposeHex:    "Still in hex mode: put the text right first, so that its bytes can be kept.",
			ComposeFields: "Still in fields mode: put the text right first, so that its bytes can be kept.",
		}[c.mode]), false)
		return
	}
	was := c.draft()
	c.mode = to
	if to == ComposeFields && c.comeBack(r.bytes) {
		return
	}
	if !c.setBytes(r.bytes) {
		c.mode = was.mode
		c.sync()
		return
	}
	if was.mode == ComposeFields {
		c.left = was
	}
}

// comeBack shows the fields again that were left for another notation, if they still mean the bytes b.
func (c *Composer) comeBack(b []byte) bool {
	if c.left.text == "" {
		return false
	}
	built, err := c.builder(c.left.order.In(c.tab)).Compile(c.left.text)
	if err != nil || string(built.Bytes) != string(b) {
		return false
	}
	c.order = c.left.order
	c.fill(c.left.text)
	return true
}

// setBytes shows b in the present mode and tells whether it fits.
func (c *Composer) setBytes(b []byte) bool {
	text, ending := "", c.ending
	switch c.mode {
	case ComposeHex:
		text = compose.FormatHex(b)
	case ComposeFields:
		text = hexFields(b)
	default:
		rest, found := strings.CutSuffix(string(b), ending.Bytes())
		if !found {
			ending = compose.None
		}
		text = compose.FormatText([]byte(rest))
	}
	if len(text) > composerShown {
		c.notice(NoticeWarning, words.Say(map[ComposeMode]words.Text{
			ComposeText:   "%s are too much to be shown here as text; at most %s of text fit.",
			ComposeHex:    "%s are too much to be shown here as hex; at most %s of text fit.",
			ComposeFields: "%s are too much to be shown here as fields; at most %s of text fit.",
		}[c.mode], FormatSize(int64(len(b))), FormatSize(composerShown)), true)
		return false
	}
	c.ending = ending
	c.fill(text)
	return true
}

// hexFields writes bytes as fields of kind hex, sixteen bytes in a line.
func hexFields(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	return "hex " + strings.ReplaceAll(compose.FormatHex(b), "\n", "\nhex ")
}
