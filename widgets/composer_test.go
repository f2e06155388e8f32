package widgets

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"wirebench/sessions/compose"
)

// composer returns one in a window, with everything it sends and whether that works.
func composer(t *testing.T) (c *Composer, w fyne.Window, sent *[]string, fail *error) {
	t.Helper()
	c = NewComposer()
	w = stage(t, c, fyne.NewSize(900, 260))
	sent, fail = new([]string), new(error)
	c.OnSend = func(b []byte) error {
		if *fail != nil {
			return *fail
		}
		*sent = append(*sent, string(b))
		return nil
	}
	c.FocusEntry(w.Canvas())
	return c, w, sent, fail
}

// shortcut is what Fyne gives the field for Ctrl and a key.
func shortcut(c *Composer, k fyne.KeyName) {
	c.entry.TypedShortcut(&desktop.CustomShortcut{KeyName: k, Modifier: fyne.KeyModifierControl})
}

// tapMode taps the word of a mode.
func tapMode(c *Composer, m ComposeMode) {
	test.TapAt(c.modes, fyne.NewPos(c.modes.width()*(float32(m)+0.5), 5))
}

func paste(c *Composer, text string) {
	clipboard := test.NewClipboard()
	clipboard.SetContent(text)
	c.entry.TypedShortcut(&fyne.ShortcutPaste{Clipboard: clipboard})
}

func TestComposerSendsWhatIsTyped(t *testing.T) {
	tests := []struct {
		name   string
		mode   ComposeMode
		ending compose.Ending
		typed  string
		want   string
	}{
		{"text", ComposeText, compose.None, "hello", "hello"},
		{"text with escapes and an ending", ComposeText, compose.CRLF, `a\x00\u20ac`, "a\x00€\r\n"},
		{"text with a zero byte behind it", ComposeText, compose.NUL, "<a/>", "<a/>\x00"},
		{"an ending alone", ComposeText, compose.LF, "", "\n"},
		{"hexadecimal, to which no ending is added", ComposeHex, compose.LF, "0x48, 65", "He"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, w, sent, _ := composer(t)
			c.SetMode(tt.mode)
			c.SetEnding(tt.ending)
			typing(w, tt.typed)
			shortcut(c, fyne.KeyReturn)
			if !slices.Equal(*sent, []string{tt.want}) {
				t.Errorf("sent %q, want %q", *sent, tt.want)
			}
			if c.Text() != tt.typed || c.entry.SelectedText() != tt.typed {
				t.Errorf("afterwards the field holds %q with %q selected", c.Text(), c.entry.SelectedText())
			}
			c.ClearAfterSend = true
			test.Tap(c.send)
			if len(*sent) != 2 || c.Text() != "" {
				t.Errorf("with ClearAfterSend: sent %q, left %q", *sent, c.Text())
			}
		})
	}
}

func TestComposerSendsNothingOnlyWhereThatIsAMessage(t *testing.T) {
	c, _, sent, _ := composer(t)
	c.Send()
	if n, on := c.banner.Notice(); len(*sent) != 0 || !on || !strings.Contains(n.Text, "Nothing to send") {
		t.Errorf("sent %q and says %q", *sent, n.Text)
	}
	c.AllowEmpty = true
	c.Send()
	if len(*sent) != 1 || (*sent)[0] != "" || len(c.History()) != 0 {
		t.Errorf("sent %q, history %v", *sent, c.History())
	}
	if _, on := c.banner.Notice(); on {
		t.Error("the notice stays after it was overcome")
	}
}

func TestComposerShowsWhySendingFailedAndKeepsTheText(t *testing.T) {
	c, w, sent, fail := composer(t)
	c.SetHistory(asTexts("earlier"))
	typing(w, "hello")
	*fail = errors.New("send to 127.0.0.1:7777: the queue is full (wait, or disconnect)")
	c.Send()
	n, _ := c.banner.Notice()
	if n.Kind != NoticeError || n.Text != (*fail).Error() {
		t.Errorf("shows %v %q", n.Kind, n.Text)
	}
	if c.Text() != "hello" || !slices.Equal(c.History(), asTexts("earlier")) {
		t.Errorf("field %q, history %v", c.Text(), c.History())
	}
	typing(w, "!")
	if _, on := c.banner.Notice(); !on {
		t.Error("the error goes away by typing")
	}
	*fail = nil
	c.Send()
	if _, on := c.banner.Notice(); on || !slices.Equal(*sent, []string{"hello!"}) {
		t.Errorf("sent %q, error still shown: %v", *sent, on)
	}
}

func TestComposerCountsOrPointsAtTheError(t *testing.T) {
	tests := []struct {
		name, typed string
		mode        ComposeMode
		count       string
		says        string
	}{
		{"no bytes", "", ComposeText, "0 bytes", ""},
		{"one byte", "a", ComposeText, "1 byte", ""},
		{"bytes, not characters", "€", ComposeText, "3 bytes", ""},
		{"an unknown escape", `ab\q`, ComposeText, "Error at column 3", `olumn 3: no escape begins`},
		{"an error in a later line", "ab\n" + `\q`, ComposeText, "Error at line 2, column 1", `Line 2, column 1: no escape begins`},
		{"a digit without its partner", "48 6", ComposeHex, "Error at column 4", "no partner"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, w, sent, _ := composer(t)
			c.SetMode(tt.mode)
			typing(w, tt.typed)
			bad := tt.says != ""
			if c.count.text != tt.count || c.count.bad != bad || c.field.bad != bad || c.send.Disabled() != bad {
				t.Errorf("%q, bad %v, field marked %v, send disabled %v", c.count.text, c.count.bad, c.field.bad, c.send.Disabled())
			}
			if !strings.Contains(c.problem.text, tt.says) || !bad && c.problem.text != "" {
				t.Errorf("says %q", c.problem.text)
			}
			if bad {
				c.Send()
				if len(*sent) != 0 || c.Text() != tt.typed {
					t.Errorf("sent %q, left %q", *sent, c.Text())
				}
			}
		})
	}
}

func TestComposerRefusesWhatIsTooLongForItsField(t *testing.T) {
	c, w, _, _ := composer(t)
	asked := 0
	c.OnSendFile = func() { asked++ }
	typing(w, "kept")
	paste(c, strings.Repeat("x", composerLimit-3))
	n, on := c.banner.Notice()
	if c.Text() != "kept" || !on || !strings.Contains(n.Text, "16.0 KiB") || len(n.Actions) != 1 {
		t.Fatalf("field %q..., says %q", clip(c.Text(), 20), n.Text)
	}
	test.Tap(c.banner.buttons[0])
	if asked != 1 {
		t.Error("the notice does not lead to sending a file")
	}
	paste(c, strings.Repeat("x", composerLimit-4))
	if len(c.Text()) != composerLimit {
		t.Errorf("what just fits is not taken: %d", len(c.Text()))
	}
	c.FocusEntry(w.Canvas())
	typing(w, "y")
	press(w, fyne.KeyReturn)
	if _, on := c.banner.Notice(); len(c.Text()) != composerLimit || !on {
		t.Errorf("a full field takes a key: %d", len(c.Text()))
	}
	c.entry.selectAll()
	paste(c, strings.Repeat("z", composerLimit))
	if c.Text() != strings.Repeat("z", composerLimit) {
		t.Error("a full field that is selected cannot be replaced")
	}
	c.SwitchMode()
	if b, err := c.Bytes(); c.Mode() != ComposeHex || err != nil || len(b) != composerLimit {
		t.Errorf("a full field cannot be seen as hex: %v, %d bytes, %v", c.Mode(), len(b), err)
	}
	c.SetText(strings.Repeat("0", composerShown+1))
	if len(c.Text()) > composerShown {
		t.Error("the program can put in more than is shown")
	}
	c.SetText("00000000: 00\n*\n00080000: 00")
	c.SwitchMode()
	if n, on := c.banner.Notice(); c.Mode() != ComposeHex || !on || !strings.Contains(n.Text, "512.0 KiB") {
		t.Errorf("half a megabyte is shown as text: %v, %q", c.Mode(), n.Text)
	}
}

func TestComposerSaysWhySendingIsDisabled(t *testing.T) {
	c, w, sent, _ := composer(t)
	typing(w, "hello")
	c.SetEnabledSend(false, "Not connected")
	if !c.send.Disabled() || !c.why.Visible() || c.why.Text != "Not connected" {
		t.Errorf("disabled %v, %q", c.send.Disabled(), c.why.Text)
	}
	shortcut(c, fyne.KeyReturn)
	if n, on := c.banner.Notice(); len(*sent) != 0 || !on || !strings.Contains(n.Text, "Not connected") {
		t.Errorf("sent %q, says %q", *sent, n.Text)
	}
	c.SetEnabledSend(true, "")
	relayout(w.Canvas())
	if c.send.Disabled() || c.why.Visible() {
		t.Error("sending is not allowed again")
	}
	shortcut(c, fyne.KeyEnter)
	if !slices.Equal(*sent, []string{"hello"}) {
		t.Errorf("sent %q", *sent)
	}
	c.SetEnabledSend(false, "Still connecting")
	c.BeforeSend = func() { c.SetEnabledSend(true, "") }
	shortcut(c, fyne.KeyReturn)
	if n, on := c.banner.Notice(); !slices.Equal(*sent, []string{"hello", "hello"}) || on {
		t.Errorf("sent %q, says %q, after sending was allowed", *sent, n.Text)
	}
}

func TestComposerGivesAdviceWhileSendingIsAllowed(t *testing.T) {
	c, w, sent, _ := composer(t)
	typing(w, "hello")
	c.SetAdvice("Above the MTU")
	relayout(w.Canvas())
	if c.send.Disabled() || !c.why.Visible() || c.why.Text != "Above the MTU" {
		t.Errorf("disabled %v, %q", c.send.Disabled(), c.why.Text)
	}
	c.SetEnabledSend(false, "Not bound")
	if c.why.Text != "Not bound" {
		t.Errorf("the reason is %q", c.why.Text)
	}
	c.SetEnabledSend(true, "")
	if c.why.Text != "Above the MTU" {
		t.Errorf("after the reason it says %q", c.why.Text)
	}
	c.SetAdvice("")
	relayout(w.Canvas())
	shortcut(c, fyne.KeyReturn)
	if c.why.Visible() || !slices.Equal(*sent, []string{"hello"}) {
		t.Errorf("%q, sent %q", c.why.Text, *sent)
	}
}

func TestComposerShowsTheOtherNotation(t *testing.T) {
	c, w, _, _ := composer(t)
	typing(w, "Hé")
	if c.preview.text != "as hex: 48 c3 a9" {
		t.Errorf("preview %q", c.preview.text)
	}
	c.SwitchMode()
	typing(w, " 0a e280ae")
	if c.preview.text != `as text: Hé\n\u202e` {
		t.Errorf("preview %q", c.preview.text)
	}
	c.SetText(strings.Repeat("41", 5000))
	if len(c.preview.text) > composerPreviewed+20 || len(c.preview.line.Text) > 400 {
		t.Errorf("preview of %d bytes, %d drawn", len(c.preview.text), len(c.preview.line.Text))
	}
}

func TestComposerShowsProgressInPlaceOfThePreview(t *testing.T) {
	c, w, _, _ := composer(t)
	typing(w, "hello")
	cancelled := 0
	c.SetProgress(1<<20, 4<<20, func() { cancelled++ })
	if c.preview.line.Visible() || !c.preview.bar.Visible() || c.preview.bar.Value != 0.25 || c.preview.caption != "1.0 MiB of 4.0 MiB" {
		t.Errorf("bar at %v, %q", c.preview.bar.Value, c.preview.caption)
	}
	test.Tap(c.preview.cancel)
	if cancelled != 1 {
		t.Error("cancel was not called")
	}
	c.SetProgress(9, 4, nil)
	if c.preview.bar.Value != 1 || c.preview.cancel.Visible() {
		t.Errorf("bar at %v, cancel shown %v", c.preview.bar.Value, c.preview.cancel.Visible())
	}
	c.SetProgress(2048, -1, nil)
	if c.preview.bar.Value != 0 || c.preview.caption != "2.0 KiB" {
		t.Errorf("without a total: %v, %q", c.preview.bar.Value, c.preview.caption)
	}
	c.ClearProgress()
	if !c.preview.line.Visible() || c.preview.bar.Visible() || c.preview.text != "as hex: 68 65 6c 6c 6f" {
		t.Errorf("afterwards %q", c.preview.text)
	}
}

func TestComposerSettersAndTheirNews(t *testing.T) {
	c, _, _, _ := composer(t)
	changes := 0
	c.OnChanged = func() { changes++ }
	c.SetText("de ad")
	c.SetMode(ComposeHex)
	c.SetEnding(compose.CRLF)
	if c.Text() != "de ad" || c.Mode() != ComposeHex || c.Ending() != compose.CRLF || changes != 3 {
		t.Errorf("%q %v %v after %d changes", c.Text(), c.Mode(), c.Ending(), changes)
	}
	c.endings.SetSelected("Ending: NUL")
	if c.Ending() != compose.NUL {
		t.Errorf("the list sets %v", c.Ending())
	}
	c.SetBytes([]byte("Hi"))
	if c.Text() != "48 69" {
		t.Errorf("bytes are shown as %q", c.Text())
	}
}

func TestComposerHandsOtherShortcutsToTheWindow(t *testing.T) {
	c, _, _, _ := composer(t)
	var got []fyne.KeyName
	c.entry.onOther = func(s fyne.Shortcut) { got = append(got, s.(*desktop.CustomShortcut).KeyName) }
	for _, k := range []fyne.KeyName{fyne.KeyF, fyne.KeyUp, fyne.KeyDown, fyne.KeyReturn, fyne.KeyLeft, fyne.KeyBackspace} {
		shortcut(c, k)
	}
	if !slices.Equal(got, []fyne.KeyName{fyne.KeyF}) {
		t.Errorf("the window got %v", got)
	}
}

func TestComposerSurvivesItsRenderer(t *testing.T) {
	c, w, _, _ := composer(t)
	typing(w, `a\q`)
	c.SetEnabledSend(false, "Not connected")
	c.SetProgress(1, 2, func() {})
	w.SetContent(canvas.NewText("", nil))
	c.CreateRenderer()
	w.SetContent(c)
	if c.Text() != `a\q` || !c.count.bad || !c.preview.bar.Visible() || c.why.Text != "Not connected" {
		t.Error("something was lost with the renderer")
	}
}

func TestComposerKeepsItsLeastWidthWhateverItSays(t *testing.T) {
	c, w, _, _ := composer(t)
	before := c.MinSize().Width
	c.SetText(strings.Repeat("\n", 1200) + `\q`)
	c.SetEnabledSend(false, strings.Repeat("not connected ", 20))
	c.Send()
	if got := c.MinSize().Width; got != before {
		t.Errorf("needs %v, and %v before", got, before)
	}
	w.Resize(fyne.NewSize(before, 300))
	looks(t, w, "composer-narrow")
	for _, pair := range [][2]fyne.CanvasObject{{c.endings, c.count}, {c.count, c.recent}, {c.recent, c.file.shown()}, {c.file.shown(), c.send}} {
		if end := pair[0].Position().X + pair[0].Size().Width; end > pair[1].Position().X {
			t.Errorf("%T reaches to %v, into %T at %v", pair[0], end, pair[1], pair[1].Position().X)
		}
	}
}

func TestTheComposerLooksRight(t *testing.T) {
	c, w, _, _ := composer(t)
	c.OnSendFile = func() {}
	looks(t, w, "composer-empty")
	c.SetEnding(compose.CRLF)
	typing(w, `GET / HTTP/1.1\r\nHost: example.org\r\n`)
	looks(t, w, "composer-text")
	c.SwitchMode()
	c.SetEnabledSend(false, "Not connected")
	looks(t, w, "composer-hex")
	typing(w, " 6")
	c.SwitchMode()
	looks(t, w, "composer-error")
	c.SetText("48 65")
	c.SetEnabledSend(true, "")
	c.SetProgress(1<<20, 3<<20, func() {})
	paste(c, strings.Repeat("x", 20<<10))
	looks(t, w, "composer-progress")
}
