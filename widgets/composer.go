package widgets

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/compose"
	"wirebench/sessions/fields"
	"wirebench/sessions/inspect"
	"wirebench/sessions/messages"
	"wirebench/widgets/words"
)

// Composer is where a message is written and sent: as text with escapes, in hexadecimal or as typed fields, with what
// it will be in the other notation, or the bytes of every field, below it. All methods belong to the UI goroutine.
type Composer struct {
	widget.BaseWidget

	// OnSend gets the bytes of the message, which are its own. Its error is shown in place and the text stays. The
	// history has the message already when OnSend is called, and loses it again if that fails.
	OnSend func(b []byte) error
	// BeforeSend, when set, is called before a message is refused because sending is not allowed: what it was told
	// may be old news.
	BeforeSend func()
	// OnSendFile, when set, is what the button "Send file..." does.
	OnSendFile func()
	// OnSaved, when set, is what the button beside the history does: it leads to the saved messages.
	OnSaved func()
	// OnChanged is called after text, mode, ending or byte order were changed, by the person or by the program.
	OnChanged func()
	// OnMode is called after the mode was changed, by the person or by the program.
	OnMode func()
	// ClearAfterSend empties the field once a message was sent; otherwise its text stays, selected.
	ClearAfterSend bool
	// AllowEmpty lets a message of no bytes be sent, which a datagram can be.
	AllowEmpty bool

	mode    ComposeMode
	told    ComposeMode // the one that OnMode was called for
	ending  compose.Ending
	tab     inspect.Order    // the byte order of the tab
	order   fields.Order     // that of fields, where it is not that of the tab
	read    *composed        // the field as it was read last
	loaded  messages.Message // that was loaded last
	left    composerDraft    // the fields as they were left for another notation
	history composerHistory
	enabled bool
	reason  string // why sending is disabled
	advice  string // what to know before sending

	modes    *segments
	endings  *widget.Select
	orders   *widget.Select
	add      foldingButton
	count    *composerCount
	recent   *widget.Button
	saved    *widget.Button
	file     foldingButton
	why      *widget.Label
	send     *widget.Button
	widest   string // the label that the send button has room for, "" for its own
	entry    *composerEntry
	field    *field
	problem  *problem // of the text, with its place
	banner   *Banner  // of sending, and of what was not taken
	preview  *composerPreview
	bytes    *composerBytes
	root     *fyne.Container
	quiet    bool // the controls are being set by the program
	onCancel func()
}

var _ fyne.Widget = (*Composer)(nil)

// NewComposer returns an empty composer in text mode with no ending, ready to send.
func NewComposer() *Composer {
	c := &Composer{enabled: true}
	c.history.at = -1
	c.modes = newSegments(ComposeText.String(), ComposeHex.String(), ComposeFields.String())
	c.modes.onChoose = func(i int) { c.switchTo(ComposeMode(i)) }
	c.modes.onTapped = c.focusEntry
	c.endings = widget.NewSelect(distinct(endingNames()), func(string) {
		if i := c.endings.SelectedIndex(); i >= 0 && !c.quiet {
			c.ending = compose.Endings()[i]
			c.changed()
		}
	})
	c.orders = widget.NewSelect(nil, func(string) {
		if i := c.orders.SelectedIndex(); i >= 0 && !c.quiet {
			c.SetFieldOrder(fields.Order(i))
		}
	})
	c.add = newFoldingButton(words.Say("Add field"), theme.ContentAddIcon(), c.openKinds)
	c.count = newComposerCount()
	c.count.onTapped = c.goToProblem
	c.recent = widget.NewButtonWithIcon("", theme.HistoryIcon(), c.openHistory)
	c.saved = widget.NewButtonWithIcon("", theme.FolderOpenIcon(), func() { call(c.OnSaved) })
	c.file = newFoldingButton(words.Say("Send file…"), theme.FileIcon(), func() { call(c.OnSendFile) })
	c.why = widget.NewLabel("")
	c.why.Truncation = fyne.TextTruncateEllipsis
	c.send = widget.NewButtonWithIcon(words.Say("Send"), theme.MailSendIcon(), c.Send)
	c.send.Importance = widget.HighImportance
	c.entry = newComposerEntry()
	c.entry.onSend = c.Send
	c.entry.onRecall = c.recall
	c.entry.onTooLong = c.tooLong
	c.entry.OnChanged = func(string) {
		if !c.quiet {
			c.changed()
		}
	}
	c.entry.OnCursorChanged = c.cursorMoved
	c.field = newField(c.entry)
	c.problem = newProblem()
	c.banner = NewBanner()
	c.preview = newComposerPreview(func() { call(c.onCancel) })
	c.bytes = newComposerBytes()
	c.bytes.onTapped = c.goToByte
	c.root = container.New(&composerLayout{c}, c.modes, c.endings, c.orders, c.add.whole, c.add.folded, c.count, c.recent,
		c.saved, c.file.whole, c.file.folded, c.why, c.send, c.banner, c.field, c.problem, c.bytes, c.preview)
	c.ExtendBaseWidget(c)
	c.sync()
	return c
}

// Text returns what stands in the field, in the notation of the mode.
func (c *Composer) Text() string { return c.entry.Text }

// SetText puts text into the field as if it had been typed in the present mode. What is longer than the field takes
// is refused, in place.
func (c *Composer) SetText(text string) {
	if len(text) > composerShown {
		c.tooLong(len(text))
		return
	}
	c.fill(text)
}

// Ending returns what is sent behind a text.
func (c *Composer) Ending() compose.Ending { return c.ending }

// SetEnding sets what is sent behind a text. In hexadecimal nothing is added.
func (c *Composer) SetEnding(e compose.Ending) {
	c.ending = e
	c.changed()
}

// SetEnabledSend allows sending or not; reason says why not, beside the button.
func (c *Composer) SetEnabledSend(on bool, reason string) {
	if on {
		reason = ""
	}
	if c.enabled == on && c.reason == reason {
		return
	}
	c.enabled, c.reason = on, plainText(reason, 60, false)
	c.sync()
}

// SetAdvice says what is worth knowing before the message is sent, where the reason stands while sending is disabled; ""
// takes that away.
func (c *Composer) SetAdvice(text string) {
	if text = plainText(text, 80, false); text != c.advice {
		c.advice = text
		c.sync()
	}
}

// said is the reason, or else the advice.
func (c *Composer) said() string {
	if c.reason != "" {
		return c.reason
	}
	return c.advice
}

// SetTarget says behind "Send" on the button what is sent to: "to 3", "to all 120". With "" it is plain "Send". A text
// that begins with "Send" is taken as the whole label. The button keeps the width of the longest target since the last
// "", with room for three digits at least, so that it does not move while numbers change.
func (c *Composer) SetTarget(text string) {
	label := words.Say("Send")
	text = strings.TrimPrefix(plainText(text, 40, false), label)
	if text = trimBlanks(text); text != "" {
		label = words.Say("Send %s // \"to 3\", \"to all 120\" or the like", text)
	}
	if label == c.send.Text {
		return
	}
	if text == "" {
		c.widest = ""
	} else if wide := roomForDigits(label); sendLabelWidth(wide, c) > sendLabelWidth(c.widest, c) {
		c.widest = wide
	}
	c.send.SetText(label)
	c.Refresh()
}

// SetProgress shows how much of total bytes of a file have gone out, in the place of the preview. With a total of
// zero or less the end is not known. A nil onCancel has no button.
func (c *Composer) SetProgress(done, total int64, onCancel func()) {
	c.onCancel = onCancel
	if c.preview.progress(done, total, onCancel != nil) {
		c.sync()
	}
}

// ClearProgress brings the preview back.
func (c *Composer) ClearProgress() {
	c.onCancel = nil
	if c.preview.finish() {
		c.sync()
	}
}

// FocusEntry gives the keyboard to the field.
func (c *Composer) FocusEntry(on fyne.Canvas) {
	if on != nil {
		on.Focus(c.entry)
	}
}

// HasFocus tells whether the message has the keyboard of the window with that canvas.
func (c *Composer) HasFocus(on fyne.Canvas) bool {
	return on != nil && on.Focused() == fyne.Focusable(c.entry)
}

func (c *Composer) focusEntry() { c.FocusEntry(canvasOf(c.entry)) }

// Send sends the message, if it can be read and sending is allowed.
func (c *Composer) Send() {
	read := c.compose()
	b, err := slices.Clone(read.bytes), read.err
	if !c.enabled && c.BeforeSend != nil {
		c.BeforeSend()
	}
	switch {
	case err != nil:
		c.goToProblem() // what is wrong stands there already
		return
	case !c.enabled:
		c.notice(NoticeWarning, words.Say("Not sent: %s.", c.reason), false)
		return
	case c.OnSend == nil:
		return
	case len(b) == 0 && !c.AllowEmpty:
		c.notice(NoticeInfo, words.Say("Nothing to send: type a message first."), false)
		return
	}
	before := slices.Clone(c.history.messages)
	if message, ok := c.sent(); ok {
		c.history.add(message)
	}
	if err := c.OnSend(b); err != nil {
		c.history.messages = before
		c.notice(NoticeError, err.Error(), false)
		c.sync()
		return
	}
	c.banner.Clear()
	if c.ClearAfterSend {
		c.fill("")
		return
	}
	c.entry.selectAll()
	c.sync()
}

// fill replaces the text of the field.
func (c *Composer) fill(text string) {
	c.quiet = true
	c.entry.fill(text)
	c.quiet = false
	c.changed()
}

// changed follows every change of text, mode, ending or byte order.
func (c *Composer) changed() {
	c.history.at = -1
	if n, on := c.banner.Notice(); on && n.Kind != NoticeError {
		c.banner.Clear() // what was refused is past; why sending failed may still hold
	}
	c.sync()
	if c.OnChanged != nil {
		c.OnChanged()
	}
	if c.told != c.mode {
		c.told = c.mode
		call(c.OnMode)
	}
}

// tooLong refuses n bytes of text.
func (c *Composer) tooLong(n int) {
	c.notice(NoticeWarning, words.Say("%s of text is more than this field takes (%s): send it from a file.",
		FormatSize(int64(n)), FormatSize(composerLimit)), true)
}

func (c *Composer) notice(kind NoticeKind, text string, file bool) {
	n := Notice{Kind: kind, Text: text}
	if file && c.OnSendFile != nil {
		n.Actions = []NoticeAction{{Label: words.Say("Send file…"), Run: func() { call(c.OnSendFile) }}}
	}
	c.banner.SetNotice(n)
	c.Refresh()
}

func (c *Composer) openHistory() {
	if len(c.history.messages) > 0 {
		c.dropMenu(c.historyMenu(), c.recent)
	}
}

// sync brings everything around the text in line with it.
func (c *Composer) sync() {
	c.quiet = true
	c.modes.choose(int(c.mode))
	c.endings.SetSelectedIndex(slices.Index(compose.Endings(), c.ending))
	able(c.endings, c.mode == ComposeText)
	c.showOrder()
	c.quiet = false

	read := c.compose()
	b, bad := read.bytes, read.bad()
	c.count.say(len(b), bad)
	c.field.mark(bad != nil)
	problem, preview := "", ""
	switch {
	case bad != nil:
		problem = sentence(bad.Error())
	case len(b) == 0 || c.mode == ComposeFields:
	case c.mode == ComposeHex:
		preview = words.Say("as text: %s", compose.FormatText(b[:min(len(b), composerPreviewed)])+more(len(b) > composerPreviewed))
	default:
		preview = words.Say("as hex: %s", compose.FormatHex(b[:min(len(b), composerPreviewed/3)])+more(len(b) > composerPreviewed/3))
	}
	c.problem.say(problem)
	c.preview.say(preview)
	c.showFields()
	if hint := c.mode.hint(); c.entry.PlaceHolder != hint {
		c.entry.SetPlaceHolder(hint)
	}
	if text := c.said(); c.why.Text != text {
		c.why.Importance = widget.MediumImportance
		if c.reason == "" {
			c.why.Importance = widget.WarningImportance
		}
		c.why.SetText(text)
	}
	able(c.send, c.enabled && bad == nil)
	able(c.recent, len(c.history.messages) > 0)
	c.Refresh()
}

// The choice of endings says what it is about, since it has no label.
func endingName(e compose.Ending) string {
	if e == compose.None {
		return words.Say("Ending: None")
	}
	return words.Say("Ending: %s", e.String())
}

func endingNames() (names []string) {
	for _, e := range compose.Endings() {
		names = append(names, endingName(e))
	}
	return names
}

// CreateRenderer is part of fyne.Widget.
func (c *Composer) CreateRenderer() fyne.WidgetRenderer { return newFace(c.root, nil) }
