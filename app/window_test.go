package app

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"wirebench/sessions"
	"wirebench/sessions/capture"
	"wirebench/sessions/pattern"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

func TestASessionFromAddressToValues(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := connect(t, w, echo(t))
	tab.composer.SetText(`ping\x00\x01`)
	w.run(t, "Send")
	until(t, w, "the echo", func() bool { return tab.status.Status().InBytes == 6 })

	if got := tab.status.Status(); got.InBytes != 6 || got.OutBytes != 6 || got.State != widgets.StatusOpen {
		t.Errorf("the status line shows %+v", got)
	}
	if !strings.HasSuffix(w.win.Title(), " - Wirebench") || !strings.Contains(w.win.Title(), "127.0.0.1") {
		t.Errorf("the window is called %q", w.win.Title())
	}
	// Records are SYN, SYN-ACK, sent, received: choosing one shows its bytes.
	tab.traffic.list.SelectNumber(4)
	if off, n := tab.traffic.hex.Selection(); off != 6 || n != 6 {
		t.Errorf("record 4 selected %d bytes from %d, want 6 from 6", n, off)
	}
	// And a byte shows its record.
	tab.traffic.hex.GoTo(2)
	if r, _ := tab.traffic.list.Selected(); r.Number != 3 {
		t.Errorf("byte 2 selected record %d, want 3", r.Number)
	}

	w.run(t, "Disconnect, stop listening or unbind")
	until(t, w, "closed", func() bool { return tab.info.State == sessions.Closed && tab.status.Status().Detail == "by us (FIN)" })
	if tab.busy() != "" {
		t.Errorf("a closed tab says it is busy: %q", tab.busy())
	}
	w.run(t, "Connect, listen or bind")
	until(t, w, "connected again", func() bool { return tab.info.State == sessions.Open })
}

func TestAValueAtTheCursorIsCompletedByWhatComesLater(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := connect(t, w, echo(t))
	v := tab.traffic
	send := func(text string) {
		tab.composer.SetText(text)
		w.run(t, "Send")
	}
	send("ab")
	until(t, w, "the echo", func() bool { return v.log.Stats().InBytes == 2 })
	v.setStream(capture.InOnly)
	v.hex.GoTo(0)
	shows := func(want string) bool {
		for _, o := range test.LaidOutObjects(v.inspector) {
			if text, ok := o.(*canvas.Text); ok && text.Visible() && text.Text == want {
				return true
			}
		}
		return false
	}
	if shows("1633837924") {
		t.Error("two bytes are shown as more")
	}
	send("cd")
	until(t, w, "a u32", func() bool { return shows("1633837924") })
}

func TestBadAddressesMarkTheFieldAndKeepWhatWasTyped(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := w.newTCP("")
	for _, text := range []string{"", "nohost", "127.0.0.1:99999", "[::1]", "a b:1"} {
		tab.address.SetText(text)
		tab.startTyped()
		if tab.address.Error() == "" {
			t.Errorf("%q was taken for an address", text)
		}
		if tab.address.Text() != text {
			t.Errorf("%q became %q", text, tab.address.Text())
		}
	}
	if len(w.space.Addresses) != 0 {
		t.Errorf("bad addresses were remembered: %v", w.space.Addresses)
	}
}

func TestATabThatHasGoneHearsNoMoreKeys(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := w.newTCP(deadAddress(t))
	tab.focusAddress()
	w.run(t, "Close tab")
	w.settle()
	if f := w.win.Canvas().Focused(); f != nil {
		t.Errorf("a %T has the keyboard that has gone", f)
	}
	pressIn(w, fyne.KeyReturn)
	w.settle()
	w.update()
	if n, shown := w.notice.Notice(); len(w.strip.tabs) != 0 || shown {
		t.Errorf("%d tabs are left, and Enter was answered with %q", len(w.strip.tabs), n.Text)
	}
}

func TestARefusedConnectionSaysWhyInPlace(t *testing.T) {
	address := deadAddress(t)
	w, _ := newBenchUnderTest(t)
	tab := w.newTCP(address)
	tab.startTyped()
	// The state is read as it is, and may be ahead of the event that tells the reason.
	until(t, w, "failed with a reason", func() bool {
		_, shown := tab.traffic.banner.Notice()
		return tab.info.State == sessions.Failed && shown
	})
	n, _ := tab.traffic.banner.Notice()
	if !strings.Contains(n.Text, "refused") || !strings.Contains(n.Text, address) {
		t.Errorf("the banner says %q", n.Text)
	}
	if tab.address.Text() != address {
		t.Errorf("the address became %q", tab.address.Text())
	}
}

// Keys can wait to be heard for longer than a connection takes to fail.
func TestEnterGoesByWhatHasHappenedAndNotByWhatIsShown(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := w.newTCP(deadAddress(t))
	tab.startTyped()
	w.update()
	shown := tab.info.State
	for end := time.Now().Add(20 * time.Second); tab.session.State() != sessions.Failed; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it does not fail")
		}
	}
	address := echo(t)
	tab.focusAddress()
	tab.address.SetText(address)
	pressIn(w, fyne.KeyReturn)
	if tab.address.Error() != "" {
		t.Fatalf("shown as %v, another address is refused: %s", shown, tab.address.Error())
	}
	until(t, w, "connected to "+address, func() bool { return tab.info.State == sessions.Open })
}

func TestAnOpenConnectionIsNotClosedWithoutAQuestion(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := connect(t, w, echo(t))
	w.run(t, "Close tab")
	if len(w.strip.tabs) != 1 || w.win.Canvas().Overlays().Top() == nil {
		t.Fatal("the tab went without a question")
	}
	w.typedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if w.win.Canvas().Overlays().Top() != nil || len(w.strip.tabs) != 1 || tab.session.State() != sessions.Open {
		t.Fatal("Escape did not keep the tab as it was")
	}
	w.askClose(tab)
	w.typedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if len(w.strip.tabs) != 0 {
		t.Fatal("Enter did not close the tab")
	}
	w.settle()
	w.settle()
	if tab.session.State() == sessions.Open {
		t.Fatal("the connection outlived its tab")
	}
}

func TestATabThatIsSavingAsksBeforeItCloses(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := w.newTCP("")
	if tab.busy() != "" {
		t.Fatalf("an idle tab says it is busy: %q", tab.busy())
	}
	tab.traffic.jobs = append(tab.traffic.jobs, &job{name: "Saving x.pcapng"})
	if !strings.Contains(tab.busy(), "Saving x.pcapng") {
		t.Fatalf("a tab that is saving says %q", tab.busy())
	}
}

// startAgain ends w and starts another with what it left.
func startAgain(t *testing.T, w *workbench) *workbench {
	t.Helper()
	w.shutdown()
	again := newWorkbench(w.app, w.opts, w.spacePath)
	t.Cleanup(again.shutdown)
	again.restoreAll()
	return again
}

func TestASecondWindowLeavesTheWorkspaceToTheFirst(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	w.newTCP("game:7777")
	w.saveNow()
	kept, err := os.ReadFile(w.spacePath)
	if err != nil {
		t.Fatal(err)
	}
	second := newWorkbench(w.app, w.opts, w.spacePath)
	t.Cleanup(second.shutdown)
	second.open()
	second.settle()
	if n := len(second.strip.tabs); n > 0 {
		t.Errorf("the second window has %d tabs of the first", n)
	}
	if said, _ := second.notice.Notice(); !strings.Contains(said.Text, "Another window") {
		t.Errorf("the second window says %q", said.Text)
	}
	second.newTCP("other:1")
	second.shutdown()
	if now, err := os.ReadFile(w.spacePath); err != nil || !bytes.Equal(now, kept) {
		t.Errorf("the workspace of the first is now %s (%v)", now, err)
	}
	if again := startAgain(t, w); again.guest || len(again.strip.tabs) != 1 {
		t.Errorf("the next window is a guest: %v, with %d tabs", again.guest, len(again.strip.tabs))
	}
}

func TestTheWorkspaceBringsTabsBack(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := w.newTCP("game:7777")
	tab.composer.SetText("draft")
	w.newTCP("other:1")
	w.saveNow()

	w.strip.choose(tab)
	again := startAgain(t, w)
	if got := again.strip.current.title(); got != "TCP game:7777" {
		t.Errorf("the visible tab came back as %s", got)
	}
	var titles []string
	for _, t := range again.strip.tabs {
		titles = append(titles, t.title())
	}
	if !slices.Equal(titles, []string{"TCP game:7777", "TCP other:1"}) {
		t.Fatalf("tabs %v", titles)
	}
	if got := again.strip.tabs[0].(*clientTab).composer.Text(); got != "draft" {
		t.Errorf("the draft came back as %q", got)
	}
}

func TestACaptureIsSavedOpenedAndSearched(t *testing.T) {
	w, p := newBenchUnderTest(t)
	tab := connect(t, w, echo(t))
	tab.composer.SetText("needle in hay")
	w.run(t, "Send")
	until(t, w, "the echo", func() bool { return tab.session.Traffic().Stats().InBytes == 13 })
	p.save = filepath.Join(t.TempDir(), "saved.pcapng")
	w.run(t, "Save capture as...")
	w.settle()

	w.openCapture(p.save)
	w.settle()
	opened, ok := w.strip.current.(*captureTab)
	if !ok {
		t.Fatalf("the current tab is %v", w.strip.current.title())
	}
	s := opened.log.Stats()
	if s.InBytes != 13 || s.OutBytes != 13 {
		t.Fatalf("the opened capture has %d in, %d out", s.InBytes, s.OutBytes)
	}
	v := opened.traffic
	v.setStream(capture.InOnly)
	hay, err := pattern.Parse(pattern.Text, "HAY", pattern.Options{})
	if err != nil {
		t.Fatal(err)
	}
	v.findNext(hay, false)
	w.settle()
	if off, n := v.hex.Selection(); off != 10 || n != 3 {
		t.Errorf("found %d bytes at %d, want 3 at 10", n, off)
	}
	if err := v.goTo(place{record: 999}); err == nil {
		t.Error("record 999 was gone to")
	}
	if err := capture.ExportFile(v.ctx, opened.as.Files[0], opened.log, capture.AsRawIn, nil); err == nil {
		t.Error("an export replaced the file it was reading")
	}
	var out bytes.Buffer
	if err := capture.Export(v.ctx, &out, opened.log, capture.AsRawIn, nil); err != nil || out.String() != "needle in hay" {
		t.Errorf("exported %q, %v", out.String(), err)
	}
}

func TestNoTwoActionsShareAKeyAndAllAreInAMenu(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	keys, names := map[string]words.Text{}, map[string]bool{}
	for _, a := range w.actions {
		if k := a.keyText(); k != "" {
			if keys[k] != "" {
				t.Errorf("%s is both %q and %q", k, keys[k], a.name)
			}
			keys[k] = a.name
		}
		if names[a.label()] {
			t.Errorf("two actions are called %q", a.label())
		}
		names[a.label()] = true
		if !slices.Contains(menuOrder, a.menu) {
			t.Errorf("%q is in no menu", a.name)
		}
	}
}

// Fyne makes editing of these keys before any menu sees them: an action never hears of them.
func TestNoActionHasAKeyOfTheClipboardOrOfUndoing(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	for _, a := range w.actions {
		if a.mod == primary && slices.Contains([]fyne.KeyName{fyne.KeyZ, fyne.KeyY, fyne.KeyX, fyne.KeyC, fyne.KeyV, fyne.KeyA, fyne.KeyInsert}, a.key) {
			t.Errorf("%s never hears of %s", a.name, a.keyText())
		}
	}
}

func TestEveryActionSurvivesAnEmptyWindowAndAnIdleTab(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	for _, tabs := range []int{0, 1} {
		if tabs == 1 {
			w.newTCP("")
		}
		for _, a := range w.actions {
			if a.name == "Quit" || a.name == "Close tab" || strings.HasPrefix(string(a.name), "New ") {
				continue
			}
			if a.menu == "Lab" && a.name != "Practice servers..." {
				continue // what they start tells from a goroutine that this driver takes for its own
			}
			a.invoke()
			for len(w.modals) > 0 {
				w.modalKey(fyne.KeyEscape)
			}
			w.palette.Hide()
		}
		w.update()
	}
}

func TestACaptureThatCannotBeWrittenSaysSoAndTheConnectionGoesOn(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	// A file where the folder should be: no segment can be made.
	if err := os.WriteFile(w.opts.CaptureDir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tab := connect(t, w, echo(t))
	tab.composer.SetText("kept by nobody")
	w.run(t, "Send")
	until(t, w, "the loss to be told", func() bool { return tab.session.Traffic().Stats().LostBytes == 28 })
	w.update()
	n, shown := tab.traffic.banner.Notice()
	if !shown || !strings.Contains(n.Text, "capturing stopped") && !strings.Contains(n.Text, "Capturing stopped") || len(n.Actions) != 1 {
		t.Errorf("the banner says %q", n.Text)
	}
	if note := tab.statusNow().Note; !strings.Contains(note, "28 B not kept") {
		t.Errorf("the status line says %q", note)
	}
	if tab.session.State() != sessions.Open {
		t.Errorf("the connection is %v", tab.session.State())
	}
	if err := os.Remove(w.opts.CaptureDir); err != nil {
		t.Fatal(err)
	}
	w.run(t, "Resume capturing")
	tab.composer.SetText("kept")
	w.run(t, "Send")
	until(t, w, "capturing to go on", func() bool { return tab.session.Traffic().Stats().InBytes == 4 })
}

func TestNextPaneGoesRoundFromWhereTheFocusIs(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	v := w.newTCP("").traffic
	c := w.win.Canvas()
	where := func() string {
		switch {
		case v.list.HasFocus(c):
			return "list"
		case v.hex.HasFocus(c):
			return "bytes"
		case c.Focused() == fyne.Focusable(v.inspector):
			return "inspector"
		}
		return "elsewhere"
	}
	for i, want := range []string{"list", "bytes", "inspector", "list"} {
		if w.run(t, "Next pane"); where() != want {
			t.Errorf("after %d presses the focus is %s, want %s", i+1, where(), want)
		}
	}
	v.hex.Focus(c)
	if w.run(t, "Next pane"); where() != "inspector" {
		t.Errorf("from the bytes it went to the %s", where())
	}
	w.space.View.HideHex = true
	v.arrange()
	v.list.Focus(c)
	if w.run(t, "Next pane"); where() != "inspector" {
		t.Errorf("past the hidden bytes it went to the %s", where())
	}
}

func TestRowsOfTheInspectorAreHiddenInEveryTabAndRemembered(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	first, second := w.newTCP(""), w.newTCP("")
	w.showRow("u48", false)
	w.strip.choose(first)
	for _, tab := range []*clientTab{first, second} {
		if !tab.traffic.inspector.Hidden["u48"] {
			t.Error("the row is still shown in a tab")
		}
	}
	w.saveNow()
	again, err := loadWorkspace(w.spacePath)
	if err != nil || !again.View.hiddenRows()["u48"] {
		t.Errorf("%+v, %v", again.View, err)
	}
	w.showRow("u48", true)
	if first.traffic.inspector.Hidden["u48"] {
		t.Error("the row does not come back")
	}
}

func TestReconnectingNeverGoesElsewhereThanTheFieldsSay(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	first, second := echo(t), echo(t)
	tab := connect(t, w, first)
	tab.address.SetText(second)
	tab.startTyped() // as Reconnect does
	if n, shown := tab.traffic.banner.Notice(); !shown || !strings.Contains(n.Text, "isconnect first") {
		t.Errorf("the banner says %q", n.Text)
	}
	if got := tab.kind.address(); got != first || tab.session.State() != sessions.Open {
		t.Errorf("the session is %v with %s", tab.session.State(), got)
	}
	tab.address.SetText(first)
	tab.startTyped()
	until(t, w, "the same connection again", func() bool {
		return tab.session.State() == sessions.Open && tab.session.Traffic().Stats().Last >= 5
	})
}
