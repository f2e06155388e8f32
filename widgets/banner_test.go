package widgets

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
)

func TestABannerWithNothingToSayHasNoHeight(t *testing.T) {
	b := NewBanner()
	stage(t, b, fyne.NewSize(600, 100))
	if h := b.MinSize().Height; h != 0 {
		t.Errorf("height is %v before any notice", h)
	}
	b.SetNotice(Notice{Kind: NoticeError, Text: "connect 127.0.0.1:1: connection refused"})
	if h := b.MinSize().Height; h < 20 {
		t.Errorf("height is %v with a notice", h)
	}
	b.Clear()
	if h := b.MinSize().Height; h != 0 {
		t.Errorf("height is %v after the notice was cleared", h)
	}
}

func TestABannerStaysUntilItIsDismissedOrReplaced(t *testing.T) {
	b := NewBanner()
	dismissals := 0
	b.OnDismiss = func() { dismissals++ }
	stage(t, b, fyne.NewSize(600, 100))
	b.SetNotice(Notice{Text: "first"})
	b.SetNotice(Notice{Kind: NoticeWarning, Text: "second"})
	if n, ok := b.Notice(); !ok || n.Text != "second" || n.Kind != NoticeWarning {
		t.Errorf("banner says %q", n.Text)
	}
	test.Tap(b.close)
	if _, ok := b.Notice(); ok || dismissals != 1 {
		t.Errorf("after ×: shown %v, %d dismissals", ok, dismissals)
	}
	b.SetNotice(Notice{Text: "third"})
	b.SetNotice(Notice{})
	if _, ok := b.Notice(); ok || dismissals != 1 {
		t.Errorf("an empty notice clears without a dismissal: shown %v, %d dismissals", ok, dismissals)
	}
}

func TestABannerActionRunsAfterTheNoticeHasGone(t *testing.T) {
	b := NewBanner()
	stage(t, b, fyne.NewSize(600, 100))
	b.SetNotice(Notice{Text: "disk full", Actions: []NoticeAction{
		{Label: "Try again", Run: func() { b.SetNotice(Notice{Text: "still full"}) }},
		{Label: "Details", Keep: true},
	}})
	test.Tap(b.buttons[1])
	if n, _ := b.Notice(); n.Text != "disk full" {
		t.Errorf("an action that keeps the notice took it away; banner says %q", n.Text)
	}
	test.Tap(b.buttons[0])
	if n, _ := b.Notice(); n.Text != "still full" {
		t.Errorf("the notice put up by the action was taken away; banner says %q", n.Text)
	}
}

func TestABannerShowsHostileTextHarmlesslyAndBounded(t *testing.T) {
	b := NewBanner()
	stage(t, b, fyne.NewSize(600, 400))
	b.SetNotice(Notice{Text: "name \u202egnp.exe\x1b[2J " + strings.Repeat("long ", 10000)})
	n, _ := b.Notice()
	if strings.ContainsAny(n.Text, "\u202e\x1b") {
		t.Errorf("control characters reached the screen: %q", n.Text[:40])
	}
	if l := len([]rune(n.Text)); l > noticeRunes+20 {
		t.Errorf("text is %d runes long", l)
	}
}

func TestABannerIsReadOutWithItsKind(t *testing.T) {
	b := NewBanner()
	stage(t, b, fyne.NewSize(600, 100))
	b.SetNotice(Notice{Kind: NoticeError, Text: "refused"})
	if got := b.AccessibilityLabel(); got != "error: refused" {
		t.Errorf("label is %q", got)
	}
}

func TestTheBannerLooksRight(t *testing.T) {
	long := NewBanner()
	long.SetNotice(Notice{Kind: NoticeWarning, Text: "1,204 records (3.1 MiB) were evicted to stay within the disk budget of 4.0 GiB, and the oldest " +
		"record kept is from 15:04:05. Raise the budget in the preferences, or save a copy of what is left before it goes too.",
		Actions: []NoticeAction{{Label: "Save a copy…"}, {Label: "Preferences"}}})
	info, bad := NewBanner(), NewBanner()
	info.SetNotice(Notice{Text: "A capture of a session that did not end cleanly was found.", Actions: []NoticeAction{{Label: "Open"}}})
	bad.SetNotice(Notice{Kind: NoticeError, Text: "connect 127.0.0.1:7777: connection refused (nothing listens there)"})
	all := container.NewVBox(info, long, bad, widget.NewLabel("what follows"))
	w := stage(t, all, fyne.NewSize(900, 260))
	looks(t, w, "banner-wide")
	w.Resize(fyne.NewSize(420, 420))
	looks(t, w, "banner-narrow")
}
