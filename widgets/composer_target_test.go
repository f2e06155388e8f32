package widgets

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

func TestTheSendButtonSaysWhomItSendsTo(t *testing.T) {
	c, _, sent, _ := composer(t)
	for target, want := range map[string]string{"to 3": "Send to 3", "Send to all 120": "Send to all 120", "": "Send", "Send": "Send", " to\n2 ": `Send to\n2`} {
		c.SetTarget(target)
		if c.send.Text != want {
			t.Errorf("%q: the button says %q, want %q", target, c.send.Text, want)
		}
	}
	c.SetTarget("to 3")
	c.SetText("x")
	test.Tap(c.send)
	if len(*sent) != 1 {
		t.Errorf("sent %q", *sent)
	}
}

func TestTheToolbarStaysWhereItIsWhileTheNumberOfTargetsChanges(t *testing.T) {
	c, w, _, _ := composer(t)
	places := func() string {
		relayout(w.Canvas())
		var s string
		for _, o := range []fyne.CanvasObject{c.recent, c.file.shown(), c.send} {
			s += fmt.Sprint(o.Position(), o.Size(), " ")
		}
		return s
	}
	plain := places()
	c.SetTarget("to all 1")
	was := places()
	if was == plain {
		t.Error("the button has no room for its target")
	}
	for _, target := range []string{"to all 9", "to all 10", "to all 111", "to all 999", "to 1", "to 47"} {
		c.SetTarget(target)
		if now := places(); now != was {
			t.Errorf("%s: %s, was %s", target, now, was)
		}
	}
	c.SetTarget("to all 1,000")
	was = places()
	c.SetTarget("to all 8,888")
	if now := places(); now != was {
		t.Errorf("with four digits: %s, was %s", now, was)
	}
	c.SetTarget("")
	if now := places(); now != plain {
		t.Errorf("without a target: %s, was %s", now, plain)
	}
}

func TestTheSendButtonWithATargetLooksRight(t *testing.T) {
	c, w, _, _ := composer(t)
	c.SetHistory(asTexts("x"))
	c.SetText("hello")
	for _, width := range []float32{1000, 700} {
		w.Resize(fyne.NewSize(width, 200))
		c.SetTarget("to all 12,345")
		looks(t, w, fmt.Sprint("composer-target-", width))
		c.SetTarget("to 3")
		looks(t, w, fmt.Sprint("composer-target-few-", width))
	}
}
