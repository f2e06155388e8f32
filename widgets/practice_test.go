package widgets

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
)

var practiceContent = PracticeContent{
	Title: "Practice: Echo",
	Lines: []string{"What you send comes back: one row out, one row in, the same bytes below.",
		"Click a byte and read it in the inspector as a number, both byte orders beside each other, however narrow the window is."},
	Steps: []string{"Send the message below: Ctrl+Enter", "Click the row that came back", "Click one of its bytes"},
}

func TestAPracticeCardGrowsWithWhatItSays(t *testing.T) {
	c := NewPracticeCard()
	dismissed := 0
	c.OnDismiss = func() { dismissed++ }
	w := stage(t, container.NewVBox(c), fyne.NewSize(700, 300))
	if h := c.MinSize().Height; h != 0 {
		t.Errorf("a card with nothing to say is %v high", h)
	}
	var loaded []string
	content := practiceContent
	for _, name := range []string{"Log in", "Move", "Chat"} {
		content.Sends = append(content.Sends, NoticeAction{Label: name, Run: func() { loaded = append(loaded, name) }})
	}
	content.Actions = []NoticeAction{{Label: "The protocol", Run: func() { loaded = append(loaded, "help") }}}
	c.SetContent(content)
	looks(t, w, "practice-card")
	content.Steps = nil // they scroll where there is no room for them
	c.SetContent(content)
	wide := c.MinSize().Height
	w.Resize(fyne.NewSize(420, 300))
	looks(t, w, "practice-card-narrow")
	if narrow := c.MinSize().Height; narrow <= wide {
		t.Errorf("it is %v high where its lines wrap, and %v where they do not", narrow, wide)
	}
	for _, label := range []string{"Move", "The protocol"} {
		test.Tap(buttonNamed(t, w, label))
	}
	if !slices.Equal(loaded, []string{"Move", "help"}) {
		t.Errorf("run were %q", loaded)
	}
	test.Tap(c.close)
	if dismissed != 1 || c.MinSize().Height != 0 || c.AccessibilityLabel() != "" {
		t.Errorf("after its × it is %v high, says %q, and told %d times", c.MinSize().Height, c.AccessibilityLabel(), dismissed)
	}
}

func TestAPracticeCardTicksOffItsSteps(t *testing.T) {
	c := NewPracticeCard()
	w := stage(t, container.NewVBox(c), fyne.NewSize(900, 300))
	c.SetContent(practiceContent)
	for done := range 4 {
		c.SetStep(done)
		for i, s := range c.steps {
			if s.tick.Visible() != (i < done) || s.label.TextStyle.Bold != (i == done) {
				t.Errorf("with %d done, step %d is ticked %v, bold %v", done, i+1, s.tick.Visible(), s.label.TextStyle.Bold)
			}
			if strings.HasPrefix(s.label.Text, string(rune('1'+i))) == (i < done) {
				t.Errorf("with %d done, step %d is %q", done, i+1, s.label.Text)
			}
		}
		if n := strings.Count(c.AccessibilityLabel(), "(done)"); n != done {
			t.Errorf("with %d done, it says of %d that they are", done, n)
		}
	}
	looks(t, w, "practice-card-done")
	c.SetContent(practiceContent)
	if c.Step() != 0 {
		t.Error("another content goes on with the steps of the one before")
	}
}

func buttonNamed(t *testing.T, w fyne.Window, label string) fyne.Tappable {
	t.Helper()
	for _, o := range test.LaidOutObjects(w.Content()) {
		if b, ok := o.(interface {
			fyne.Tappable
			AccessibilityLabel() string
		}); ok && b.AccessibilityLabel() == label {
			return b
		}
	}
	t.Fatalf("there is no button %q", label)
	return nil
}

var practiceList = []PracticeEntry{
	{ID: "echo", Kind: "TCP", Title: "Echo (TCP)", Look: []string{"What you send comes back."}, Where: "tcp://127.0.0.1:7777 · 1 client now, 2 connections in all", On: true},
	{ID: "game", Kind: "TCP", Title: "Game", Look: []string{"Log in, move, chat."}, Help: strings.Repeat("0x01  login   u8 version\n", 40)},
	{ID: "tls-expired", Kind: "expired", Title: "TLS: expired", Look: []string{"The time is over."}},
	{ID: "tls-expired-wrong-name", Kind: "principalMismatch", Title: "TLS: expired, and for another host", Look: []string{"Both."}},
}

func TestAPracticeServerIsFoundByWordsAndOpenedByKeys(t *testing.T) {
	p := NewPracticePanel(practiceList, "game")
	var opened []string
	p.OnOpen = func(id string) { opened = append(opened, id) }
	w := stage(t, p, fyne.NewSize(900, 420))
	p.Focus(w.Canvas())
	looks(t, w, "practice-panel")
	if p.Chosen() != "game" || !p.scroll.Visible() {
		t.Errorf("%q is chosen to begin with", p.Chosen())
	}
	press := func(keys ...fyne.KeyName) {
		for _, k := range keys {
			w.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: k})
		}
	}
	press(fyne.KeyUp, fyne.KeyUp, fyne.KeyReturn)
	press(fyne.KeyDown, fyne.KeyDown, fyne.KeyReturn)
	if !slices.Equal(opened, []string{"echo", "tls-expired"}) {
		t.Errorf("opened were %q", opened)
	}
	p.search.SetText("expired host")
	if p.Chosen() != "tls-expired-wrong-name" || len(p.found) != 1 {
		t.Errorf("of %d found %q is chosen", len(p.found), p.Chosen())
	}
	p.search.SetText("TLS-Expired") // both have it, and one is called so
	if p.Chosen() != "tls-expired" || len(p.found) != 2 {
		t.Errorf("of %d found %q is chosen", len(p.found), p.Chosen())
	}
	p.search.SetText("nobody")
	press(fyne.KeyDown, fyne.KeyReturn)
	if len(opened) != 2 || !p.none.Visible() || p.detail.Visible() {
		t.Errorf("opened were %q with nothing found", opened)
	}
	looks(t, w, "practice-panel-none")
	p.search.SetText("")
	p.SetEntries(practiceList[:2])
	if len(p.found) != 2 {
		t.Errorf("%d are listed", len(p.found))
	}
}
