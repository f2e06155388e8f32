package app

import (
	"strings"
	"testing"

	"wirebench/sessions/capture"
)

// read is the text that stands in the panel, and its note.
func (p *textPane) read() string {
	text, _ := p.text.CopyText()
	return text
}

func TestTextIsReadInTheCharsetWithWhatCannotBeSeenAsPictures(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	v := opened(t, w, "Gr\xc3\xbc\xc3", "-\t\x00\x7f\x1b[2J\r\n\a", "\x9fe zwei\xff\n\u202etrick", "ok\n")
	if v.texts != nil {
		t.Fatal("there is text to begin with")
	}
	v.follow() // and nothing is selected
	w.run(t, "Text, wrapped")
	shows := func(what, want string) {
		t.Helper()
		until(t, w, what, func() bool { v.tick(); return v.texts.read() == want })
	}
	// Opened is what both sides say in turn: a character goes on in the next thing its own side says.
	both := v.texts
	until(t, w, "both sides", func() bool { v.tick(); return both.read() != "" })
	got := both.read()
	for _, want := range []string{"Grü", "ß", "⇥∅⌫⎋[2J↩↵", `\xff↵`, `\u{202e}trick`, `\x07`, "ok↵"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
	if strings.ContainsAny(got, "\x00\x07\x1b\x7f\u202e\ufffd") {
		t.Errorf("something is obeyed or lost in %q", got)
	}
	w.setCharset("iso-8859-15")
	until(t, w, "another charset", func() bool { v.tick(); return strings.Contains(both.read(), "GrÃŒ") })
	w.setCharset("utf-8")

	v.list.SelectNumber(2)
	v.hex.SetSelection(0, 2)
	v.following = false
	shows("the selection", map[bool]string{true: "→ Gr", false: "← Gr"}[strings.HasPrefix(got, "→")])
	w.run(t, "Text, wrapped")
	if v.texts != nil || v.aside.panel != nil {
		t.Error("the text is still there")
	}
	w.settle()
}

func TestTextOfOneSideGoesOnWithoutMarks(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	v := opened(t, w, "one\xe2\x98", "two", "\x95three")
	w.run(t, "Text, wrapped")
	seen := map[string]bool{}
	for _, stream := range []capture.Stream{capture.InOnly, capture.OutOnly} {
		v.setStream(stream)
		v.following = true
		until(t, w, "one side", func() bool {
			v.tick()
			got := v.texts.read()
			fresh := (got == "one☕three" || got == "two") && !seen[got]
			seen[got] = seen[got] || fresh
			return fresh
		})
	}
}

func TestTextIsBounded(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	v := opened(t, w, strings.Repeat("0123456789abcde\n", maxText/16+100))
	v.following = false
	v.hex.SetSelection(0, maxText+1600)
	w.run(t, "Text, wrapped")
	until(t, w, "the text", func() bool { v.tick(); return v.texts.text.Lines() > 0 })
	if n := v.texts.text.Lines(); n != maxText/16 {
		t.Errorf("%d lines are shown, want %d", n, maxText/16)
	}
}
