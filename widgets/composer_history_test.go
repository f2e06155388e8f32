package widgets

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"wirebench/sessions/compose"
	"wirebench/sessions/messages"
)

// asTexts are messages of text without an ending, as the history has them.
func asTexts(bodies ...string) (list []messages.Message) {
	for _, body := range bodies {
		list = append(list, messages.Message{Mode: messages.Text, Body: body})
	}
	return list
}

func TestComposerCallsMessagesBack(t *testing.T) {
	c, w, _, _ := composer(t)
	c.ClearAfterSend = true
	for _, m := range []string{"one", "two", "one", "three"} {
		typing(w, m)
		c.Send()
	}
	if want := asTexts("three", "one", "two"); !slices.Equal(c.History(), want) {
		t.Fatalf("history %v, want %v", c.History(), want)
	}
	typing(w, "draft")
	for _, want := range []string{"three", "one", "two", "two"} {
		if shortcut(c, fyne.KeyUp); c.Text() != want {
			t.Errorf("older is %q, want %q", c.Text(), want)
		}
	}
	for _, want := range []string{"one", "three", "draft", "draft"} {
		if shortcut(c, fyne.KeyDown); c.Text() != want {
			t.Errorf("newer is %q, want %q", c.Text(), want)
		}
	}
	shortcut(c, fyne.KeyUp)
	typing(w, "!")
	shortcut(c, fyne.KeyUp)
	shortcut(c, fyne.KeyDown)
	if c.Text() != "three!" {
		t.Errorf("a changed message comes back as %q", c.Text())
	}
	menu := c.historyMenu()
	if len(menu.Items) != 3 || menu.Items[0].Label != "three" {
		t.Fatalf("menu of %d", len(menu.Items))
	}
	menu.Items[2].Action()
	if c.Text() != "two" {
		t.Errorf("the menu gives %q", c.Text())
	}
}

func TestComposerCallsBackAnotherMessageThanTheOneThatStandsThere(t *testing.T) {
	c, w, _, _ := composer(t)
	typing(w, "one")
	c.Send()
	typing(w, "two") // in the place of what was selected
	c.Send()
	if shortcut(c, fyne.KeyUp); c.Text() != "one" {
		t.Errorf("older is %q", c.Text())
	}
	if shortcut(c, fyne.KeyDown); c.Text() != "two" {
		t.Errorf("newer is %q", c.Text())
	}
}

func TestComposerCallsBackTheSameBytesInEveryModeAndEnding(t *testing.T) {
	send := []struct {
		mode   ComposeMode
		ending compose.Ending
		typed  string
	}{
		{ComposeText, compose.CRLF, "GET / HTTP/1.1\nHost: x"},
		{ComposeText, compose.None, `\xff\0é\\n`},
		{ComposeText, compose.LF, `ends in \\n`},
		{ComposeHex, compose.LF, "de ad 0a"},
		{ComposeText, compose.NUL, ""},
	}
	wear(t, lightTheme)
	for _, s := range send {
		for _, mode := range []ComposeMode{ComposeText, ComposeHex, ComposeFields} {
			for _, ending := range compose.Endings() {
				t.Run(fmt.Sprintf("%v %v %q in %v %v", s.mode, s.ending, s.typed, mode, ending), func(t *testing.T) {
					c, sent := NewComposer(), ""
					c.OnSend = func(b []byte) error { sent = string(b); return nil }
					c.SetMode(s.mode)
					c.SetEnding(s.ending)
					c.SetText(s.typed)
					c.Send()
					fresh := NewComposer()
					fresh.SetHistory(c.History())
					fresh.SetMode(mode)
					fresh.SetEnding(ending)
					fresh.recall(true)
					if b, err := fresh.Bytes(); err != nil || string(b) != sent {
						t.Errorf("sent %q comes back as %q, %v", sent, b, err)
					}
					if fresh.Text() != s.typed || fresh.Mode() != s.mode || s.mode == ComposeText && fresh.Ending() != s.ending {
						t.Errorf("typed %q comes back as %q in %v with %v", s.typed, fresh.Text(), fresh.Mode(), fresh.Ending())
					}
				})
			}
		}
	}
}

func TestComposerComesBackFromItsHistoryToWhatWasTyped(t *testing.T) {
	for name, typed := range map[string]string{
		"a text that cannot be read yet": `half \q`,
		"a text":                         "hello",
		"nothing":                        "",
		"a text with line breaks":        "a\nb\n",
	} {
		t.Run(name, func(t *testing.T) {
			c, _, _, _ := composer(t)
			c.SetHistory(asTexts("newest", "older"))
			c.SetEnding(compose.CRLF)
			c.SetText(typed)
			for _, older := range []bool{true, true, false, false} {
				c.recall(older)
			}
			if c.Text() != typed || c.Ending() != compose.CRLF {
				t.Errorf("%q with %v, want %q with CRLF", c.Text(), c.Ending(), typed)
			}
		})
	}
}

func TestComposerBoundsItsHistory(t *testing.T) {
	c := NewComposer()
	var many []string
	for n := range 200 {
		many = append(many, fmt.Sprint("message ", n))
	}
	bad := append(asTexts(`\q`, "", strings.Repeat("x", composerMessage+1)),
		messages.Message{Mode: messages.Hex, Body: "zz"}, messages.Message{Mode: messages.Fields, Body: "u8"}, messages.Message{Mode: messages.Fields, Body: " "})
	c.SetHistory(append(bad, asTexts(many...)...))
	if h := c.History(); len(h) != composerMessages || h[0].Body != "message 0" {
		t.Errorf("%d messages, the first %q", len(h), clip(h[0].Body, 20))
	}
	c.OnSend = func([]byte) error { return nil }
	c.SetText("new")
	c.Send()
	if h := c.History(); len(h) != composerMessages || h[0].Body != "new" || h[1].Body != "message 0" {
		t.Errorf("%d messages, first %v, %v", len(h), h[0], h[1])
	}
}

func TestComposerTellsItsHistoryWhileSending(t *testing.T) {
	c := NewComposer()
	var kept []messages.Message
	c.OnSend = func([]byte) error { kept = c.History(); return nil }
	c.SetText("hello")
	c.Send()
	if !slices.Equal(kept, asTexts("hello")) {
		t.Errorf("the owner saw %v", kept)
	}
}
