package widgets

import (
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"wirebench/sessions/compose"
	"wirebench/sessions/fields"
	"wirebench/sessions/inspect"
	"wirebench/sessions/messages"
)

func TestComposerKeepsTheBytesWhenTheModeChanges(t *testing.T) {
	tests := []struct {
		name   string
		ending compose.Ending
		typed  string
		hex    string
		text   string
		after  compose.Ending
	}{
		{"text", compose.None, "Hi", "48 69", "Hi", compose.None},
		{"escapes", compose.None, `\x00\n€`, "00 0a e2 82 ac", `\0\n€`, compose.None},
		{"text with an ending", compose.CRLF, "Hi", "48 69 0d 0a", "Hi", compose.CRLF},
		{"an ending alone", compose.LF, "", "0a", "", compose.LF},
		{"nothing", compose.None, "", "", "", compose.None},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, w, _, _ := composer(t)
			c.SetEnding(tt.ending)
			typing(w, tt.typed)
			before, _ := c.Bytes()
			tapMode(c, ComposeHex)
			if c.Mode() != ComposeHex || c.Text() != tt.hex || !c.endings.Disabled() {
				t.Errorf("%v with %q", c.Mode(), c.Text())
			}
			if b, err := c.Bytes(); err != nil || string(b) != string(before) {
				t.Errorf("bytes %x, %v; want %x", b, err, before)
			}
			tapMode(c, ComposeText)
			if c.Mode() != ComposeText || c.Text() != tt.text || c.Ending() != tt.after {
				t.Errorf("back: %v with %q and %v", c.Mode(), c.Text(), c.Ending())
			}
			if b, err := c.Bytes(); err != nil || string(b) != string(before) {
				t.Errorf("back: bytes %x, %v; want %x", b, err, before)
			}
		})
	}
	t.Run("hex that does not end as the ending says", func(t *testing.T) {
		c, w, _, _ := composer(t)
		c.SetEnding(compose.LF)
		c.SetMode(ComposeHex)
		typing(w, "4869")
		tapMode(c, ComposeText)
		if b, _ := c.Bytes(); string(b) != "Hi" || c.Ending() != compose.None || c.endings.Selected != "Ending: None" {
			t.Errorf("bytes %q with %v shown as %q", b, c.Ending(), c.endings.Selected)
		}
	})
}

func TestComposerRefusesToChangeTheModeOfAnError(t *testing.T) {
	c, w, _, _ := composer(t)
	typing(w, `\q`)
	tapMode(c, ComposeHex)
	n, on := c.banner.Notice()
	if c.Mode() != ComposeText || c.modes.chosen != 0 || c.Text() != `\q` {
		t.Errorf("%v, switch at %d, text %q", c.Mode(), c.modes.chosen, c.Text())
	}
	if !on || !strings.Contains(n.Text, "text mode") || c.problem.text == "" {
		t.Errorf("says %q and %q", n.Text, c.problem.text)
	}
	press(w, fyne.KeyBackspace, fyne.KeyBackspace)
	if _, on := c.banner.Notice(); on || c.problem.text != "" {
		t.Error("the refusal stays after the text was put right")
	}
}

func TestComposerGoesThroughItsModesWithTheSameBytes(t *testing.T) {
	c, w, _, _ := composer(t)
	typing(w, `Hi\x00`)
	want := []struct {
		mode ComposeMode
		text string
	}{{ComposeHex, "48 69 00"}, {ComposeFields, "hex 48 69 00"}, {ComposeText, `Hi\0`}}
	for _, to := range want {
		c.SwitchMode()
		if c.Mode() != to.mode || c.Text() != to.text {
			t.Errorf("%v with %q, want %v with %q", c.Mode(), c.Text(), to.mode, to.text)
		}
	}
	c.SetBytes([]byte("0123456789abcdefXYZ"))
	tapMode(c, ComposeFields)
	if c.Text() != "hex 30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66\nhex 58 59 5a" {
		t.Errorf("%q", c.Text())
	}
	if b, err := c.Bytes(); err != nil || string(b) != "0123456789abcdefXYZ" {
		t.Errorf("%q, %v", b, err)
	}
	c.SetText("")
	tapMode(c, ComposeText)
	tapMode(c, ComposeFields)
	if c.Text() != "" {
		t.Errorf("nothing becomes %q", c.Text())
	}
}

func TestFieldsComeBackAsTheyWereLeftWhileTheBytesAreTheSame(t *testing.T) {
	c, _, _ := composing(t, aMove)
	c.SetFieldOrder(fields.Little)
	tapMode(c, ComposeHex)
	if c.Text() != "01 00 08 10 27 00 00 e8 03 00 00 f6 76" {
		t.Errorf("%q", c.Text())
	}
	c.SetFieldOrder(fields.Default)
	tapMode(c, ComposeFields)
	if c.Text() != aMove || c.FieldOrder() != fields.Little {
		t.Errorf("back with %q in %v", c.Text(), c.FieldOrder())
	}
	tapMode(c, ComposeHex)
	c.SetText("01 02")
	tapMode(c, ComposeFields)
	if c.Text() != "hex 01 02" {
		t.Errorf("other bytes come back as %q", c.Text())
	}
}

func TestComposerCallsBackAMessageAsItWasTyped(t *testing.T) {
	c, _, _, _ := composer(t)
	sent := []messages.Message{
		{Mode: messages.Text, Body: `PING\t`, Ending: compose.CRLF},
		{Mode: messages.Hex, Body: "0xde, 0xad"},
		{Mode: messages.Fields, Body: "u16 1\nu8 2", Order: fields.Little},
		{Mode: messages.Fields, Body: "u16 1\nu8 2"},
	}
	for _, m := range sent {
		if !c.SetMessage(m) {
			t.Fatalf("%v was not taken", m)
		}
		c.Send()
	}
	c.SetText("half a draft, u16")
	for i := len(sent) - 1; i >= 0; i-- {
		c.recall(true)
		if got := c.Message(); got != sent[i] {
			t.Errorf("called back as %+v, want %+v", got, sent[i])
		}
	}
	for range sent {
		c.recall(false)
	}
	if c.Text() != "half a draft, u16" || c.Mode() != ComposeFields {
		t.Errorf("the draft comes back as %q in %v", c.Text(), c.Mode())
	}
	// In a tab of the other order the same message means the same bytes.
	other := NewComposer()
	other.SetHistory(c.History())
	other.SetOrder(inspect.Little)
	other.recall(true)
	if b, _ := other.Bytes(); hex.EncodeToString(b) != "000102" || other.FieldOrder() != fields.Big {
		t.Errorf("%x in %v", b, other.FieldOrder())
	}
	other.recall(true)
	if b, _ := other.Bytes(); hex.EncodeToString(b) != "010002" || other.FieldOrder() != fields.Default {
		t.Errorf("%x in %v", b, other.FieldOrder())
	}
	var labels []string
	for _, item := range c.historyMenu().Items {
		labels = append(labels, item.Label)
	}
	if want := []string{"Fields: u16 1 u8 2", "Fields: u16 1 u8 2", "Hex: 0xde, 0xad", `PING\t\r\n`}; !slices.Equal(labels, want) {
		t.Errorf("the menu has %q", labels)
	}
}

func TestAMessageLongerThanTheFieldIsNotTaken(t *testing.T) {
	c, _, _ := composing(t, "u8 1")
	if c.SetMessage(messages.Message{Mode: messages.Hex, Body: strings.Repeat("0", composerShown+2)}) {
		t.Error("it was taken")
	}
	if _, on := c.banner.Notice(); !on || c.Mode() != ComposeFields || c.Text() != "u8 1" {
		t.Errorf("%v with %q", c.Mode(), c.Text())
	}
}
