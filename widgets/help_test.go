package widgets

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

var helpForTests = []HelpTopic{
	{"first", "First steps", "Type an address and press **Enter**; then read about [framing](topic:framing).\n\n- One, see [servers](topic:server)\n- Two\n"},
	{"framing", "Framing", "Where messages end.\n\n## nul\n\n```\n3c 61 2f 3e 00 | 3c 62\n```\n\nAnd `lf`.\n"},
	{"server", "Server", "Listens. It has a framing too, and a very long line, which has to be wrapped where the column ends, because nobody reads lines that are as wide as a screen.\n"},
}

func stagedHelp(t *testing.T) (*HelpView, fyne.Window, *string) {
	t.Helper()
	test.NewTempApp(t)
	h := NewHelpView(slices.Clone(helpForTests))
	copied := new(string)
	h.OnCopy = func(s string) { *copied = s }
	return h, stage(t, h, fyne.NewSize(900, 560)), copied
}

// helpLinks are the links of the topic shown, by their text.
func helpLinks(h *HelpView) map[string]*widget.HyperlinkSegment {
	all := map[string]*widget.HyperlinkSegment{}
	var walk func(s widget.RichTextSegment)
	walk = func(s widget.RichTextSegment) {
		switch s := s.(type) {
		case *widget.HyperlinkSegment:
			all[s.Text] = s
		case *widget.ListSegment:
			for _, i := range s.Items {
				walk(i)
			}
		case *widget.ParagraphSegment:
			for _, p := range s.Texts {
				walk(p)
			}
		}
	}
	for _, o := range h.page.Objects {
		if r, ok := o.(*helpText); ok {
			for _, s := range r.Segments {
				walk(s)
			}
		}
	}
	return all
}

func TestALinkLeadsToItsTopicAndBack(t *testing.T) {
	h, _, _ := stagedHelp(t)
	if h.Shown() != "first" || !h.back.Disabled() {
		t.Fatalf("%q is shown first", h.Shown())
	}
	for text, want := range map[string]string{"framing": "framing", "servers": "server"} {
		l := helpLinks(h)[text]
		if l == nil || l.OnTapped == nil {
			t.Fatalf("there is no link %q", text)
		}
		l.OnTapped()
		if h.Shown() != want {
			t.Errorf("the link %q led to %q", text, h.Shown())
		}
		h.Back()
		if h.Shown() != "first" {
			t.Errorf("back led to %q", h.Shown())
		}
	}
	h.Forward()
	if h.Shown() == "first" || !h.forward.Disabled() {
		t.Errorf("forward led to %q", h.Shown())
	}
	h.Forward()
	if h.ShowTopic("no such topic") {
		t.Error("a topic that is not there was shown")
	}
}

func TestTheSearchFindsTopicsWithEveryWordTitlesFirst(t *testing.T) {
	h, w, _ := stagedHelp(t)
	for text, want := range map[string][]string{"": {"first", "framing", "server"}, "FRAMING": {"framing", "first", "server"},
		"framing listens": {"server"}, "nothing like it": nil, " enter ": {"first"}} {
		h.Search(text)
		if got := h.Found(); !slices.Equal(got, want) {
			t.Errorf("%q finds %v, want %v", text, got, want)
		}
		if h.none.Visible() != (want == nil) {
			t.Errorf("%q: the word that nothing was found is shown %v", text, h.none.Visible())
		}
	}
	h.Search("server")
	h.FocusSearch(w.Canvas())
	press(w, fyne.KeyReturn)
	if h.Shown() != "server" {
		t.Errorf("Enter shows %q", h.Shown())
	}
	h.ShowTopic("framing") // which the search did not find
	if len(h.Found()) != 3 {
		t.Errorf("a topic that is not listed is shown: %v", h.Found())
	}
}

func TestTheHelpIsReadWithTheKeyboardAlone(t *testing.T) {
	h, w, _ := stagedHelp(t)
	escaped := 0
	w.Canvas().SetOnTypedKey(func(k *fyne.KeyEvent) {
		if k.Name == fyne.KeyEscape {
			escaped++
		}
	})
	h.FocusSearch(w.Canvas())
	press(w, fyne.KeyEscape, fyne.KeyDown, fyne.KeyDown, fyne.KeyEscape)
	if h.Shown() != "framing" || escaped != 2 {
		t.Errorf("%q is shown, and Escape was handed on %d times", h.Shown(), escaped)
	}
}

func TestEscapeAndFunctionKeysAreHandedOnFromALink(t *testing.T) {
	h, w, _ := stagedHelp(t)
	var keys []fyne.KeyName
	w.Canvas().SetOnTypedKey(func(k *fyne.KeyEvent) { keys = append(keys, k.Name) })
	h.FocusSearch(w.Canvas())
	links := 0
	for range 30 { // Tab
		w.Canvas().FocusNext()
		switch w.Canvas().Focused().(type) {
		case *widget.Hyperlink:
			t.Fatal("a link is Fyne's")
		case *handingLink:
			links++
		}
		if links == 2 { // that in the list
			break
		}
	}
	if links != 2 {
		t.Fatalf("Tab comes to %d links", links)
	}
	press(w, fyne.KeyEscape, fyne.KeyF1)
	if want := []fyne.KeyName{fyne.KeyEscape, fyne.KeyF1}; !slices.Equal(keys, want) {
		t.Errorf("%v were handed on, want %v", keys, want)
	}
	was := h.Shown()
	if press(w, fyne.KeySpace); h.Shown() == was {
		t.Error("the space bar follows no link any more")
	}
}

func TestEscapeIsHandedOnFromABoxThatWasClicked(t *testing.T) {
	h, w, _ := stagedHelp(t)
	var keys []fyne.KeyName
	w.Canvas().SetOnTypedKey(func(k *fyne.KeyEvent) { keys = append(keys, k.Name) })
	h.ShowTopic("framing")
	for _, o := range h.page.Objects {
		box, ok := o.(*codeBox)
		if !ok {
			continue
		}
		clicked(t, w, box.text)
		press(w, fyne.KeyEscape, fyne.KeyF1)
	}
	if want := []fyne.KeyName{fyne.KeyEscape, fyne.KeyF1}; !slices.Equal(keys, want) {
		t.Errorf("%v were handed on, want %v", keys, want)
	}
}

func TestATopicIsCopiedAsItIsRead(t *testing.T) {
	h, _, copied := stagedHelp(t)
	h.ShowTopic("framing")
	h.OnCopy(h.plain())
	for _, part := range []string{"Framing\n", "Where messages end.", "nul", "3c 61 2f 3e 00 | 3c 62", "And lf."} {
		if !strings.Contains(*copied, part) {
			t.Errorf("%q lacks %q", *copied, part)
		}
	}
	if strings.ContainsAny(*copied, "`#") {
		t.Errorf("%q has the marks of Markdown", *copied)
	}
}

func TestTheWheelOverABoxScrollsThePage(t *testing.T) {
	h, w, _ := stagedHelp(t)
	h.topics[1].Text = strings.Repeat("Words.\n\n", 60) + "```\n" + strings.Repeat("long ", 100) + "\n```\n"
	h.ShowTopic("framing")
	w.Resize(fyne.NewSize(700, 300))
	box := h.page.Objects[len(h.page.Objects)-1].(*codeBox)
	box.scroll.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -50)})
	if h.scroll.Offset.Y != 50 || box.scroll.Offset.X != 0 {
		t.Errorf("the page stands at %v and the box at %v", h.scroll.Offset, box.scroll.Offset)
	}
	box.scroll.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(-30, 0)})
	if h.scroll.Offset.Y != 50 || box.scroll.Offset.X != 30 {
		t.Errorf("the page stands at %v and the box at %v", h.scroll.Offset, box.scroll.Offset)
	}
}

func TestTheHelpLooksRight(t *testing.T) {
	h, w, _ := stagedHelp(t)
	for _, topic := range []string{"first", "framing"} {
		h.ShowTopic(topic)
		looks(t, w, "help-"+topic)
	}
}

func TestEscapeLeavesTheSettingsFromEveryKindOfField(t *testing.T) {
	u := stagedSettings(t)
	escaped := 0
	u.win.Canvas().SetOnTypedKey(func(k *fyne.KeyEvent) {
		if k.Name == fyne.KeyEscape {
			escaped++
		}
	})
	u.panel.FocusFirst(u.win.Canvas())
	press(u.win, fyne.KeyEscape)
	for _, o := range []fyne.Focusable{u.row(t, "Theme").choice.field.input.(fyne.Focusable), u.row(t, "Empty the message field").tick, u.panel.usual} {
		u.win.Canvas().Focus(o)
		press(u.win, fyne.KeyEscape)
	}
	u.panel.ShowPage("Captures")
	u.win.Canvas().Focus(u.row(t, "Days").line.entry)
	press(u.win, fyne.KeyEscape)
	if escaped != 5 {
		t.Errorf("Escape was handed on %d times of 5", escaped)
	}
}

func TestTheHelpIsDrawnAsBefore(t *testing.T) {
	h, w, _ := stagedHelp(t)
	c := w.Canvas().(software.WindowlessCanvas)
	for _, p := range []struct {
		name, topic string
		variant     fyne.ThemeVariant
		scale       float32
	}{{"help-links-light-1", "first", theme.VariantLight, 1}, {"help-box-dark-2", "framing", theme.VariantDark, 2}} {
		h.ShowTopic(p.topic)
		fyne.CurrentApp().Settings().SetTheme(denseTheme{fixedTheme{p.variant}})
		c.SetScale(p.scale)
		relayout(c)
		test.AssertImageMatches(t, p.name+".png", c.Capture())
	}
}
