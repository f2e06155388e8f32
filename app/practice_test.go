package app

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"wirebench/sessions"
	"wirebench/sessions/capture"
	"wirebench/sessions/certs"
	"wirebench/sessions/lab"
)

// practised starts a practice server and opens the tab for it.
func practised(t *testing.T, w *workbench, id string) deskTab {
	t.Helper()
	e, err := w.lab.open(t.Context(), id)
	if err == nil {
		err = w.showPractice(e)
	}
	if err != nil {
		t.Fatal(err)
	}
	return w.strip.current.(deskTab)
}

func TestThePracticeEchoLeadsFromAMessageToAValue(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := practised(t, w, firstPractice).(*clientTab)
	until(t, w, "the connection", func() bool { return tab.info.State == sessions.Open })
	step := func(want int) {
		t.Helper()
		until(t, w, "the next step", func() bool { return tab.card.Step() >= want })
		if got := tab.card.Step(); got != want {
			t.Fatalf("%d steps are done, want %d", got, want)
		}
	}
	step(0)
	tab.sendTyped()
	step(1)
	var answer capture.Record
	until(t, w, "the echo", func() bool {
		for n := int64(1); ; n++ {
			r, err := tab.traffic.log.Record(n)
			if err != nil {
				return false
			}
			if r.Dir == capture.In && r.Kind == capture.Data {
				answer = r
				return true
			}
		}
	})
	step(1)
	tab.traffic.list.SelectNumber(answer.Number - 1) // what was sent
	step(1)
	tab.traffic.list.SelectNumber(answer.Number)
	tab.traffic.recordChosen(answer)
	step(2)
	tab.traffic.hex.SetSelection(answer.In(capture.Both)+1, 0)
	step(3)
	w.run(t, "What to look at")
	if tab.practising() || tab.card.MinSize().Height > 0 {
		t.Error("the card is still there")
	}
	w.run(t, "What to look at")
	if !tab.practising() {
		t.Error("the card does not come back")
	}
	step(3)
}

func TestALabThatRunsIsFoundWhileAServerIsBeingStarted(t *testing.T) {
	var p practiceLab
	defer p.close()
	if _, err := p.open(t.Context(), "echo"); err != nil {
		t.Fatal(err)
	}
	p.mu.Lock() // as open has it for as long as that takes
	l := p.running()
	p.mu.Unlock()
	if l == nil {
		t.Error("the lab runs, and it is said that it does not")
	}
}

func TestAPracticeTabIsSetUpAsItsServerNeeds(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	game := practised(t, w, "game").(*clientTab)
	if s, _ := game.saved(); s.FramingIn != lab.GameFraming || s.FramingOut != lab.GameFraming {
		t.Errorf("the game is cut by %q and %q", s.FramingIn, s.FramingOut)
	}
	until(t, w, "the game", func() bool { return game.info.State == sessions.Open })
	game.sendTyped()
	until(t, w, "the welcome", func() bool { return game.traffic.log.Stats().InBytes == 22 })

	if host := practised(t, w, "telnet").(*clientTab); !host.telnet.talk.On() {
		t.Error("the tab of the Telnet host does not speak Telnet")
	}
	good := practised(t, w, "tls-trusted").(*clientTab)
	until(t, w, "the certificate", func() bool { r := good.tls.tls.Report(); return r != nil && r.Status == certs.Trusted })
	// Nobody else trusts the lab's authority: another tab for the same address refuses it.
	other := w.newTLS(good.address.Text())
	other.startTyped()
	until(t, w, "the refusal", func() bool { r := other.tls.tls.Report(); return r != nil && r.Status == certs.UntrustedSigners })

	echo := practised(t, w, "udp").(*udpTab)
	until(t, w, "the socket", func() bool { return echo.info.State == sessions.Open })
	echo.sendTyped()
	until(t, w, "the datagram", func() bool { return echo.traffic.log.Stats().InBytes == 6 })
}

func TestPracticeLeavesNothingBehind(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := practised(t, w, "tls-expired").(*clientTab)
	until(t, w, "the certificate", func() bool { r := tab.tls.tls.Report(); return r != nil && r.Status == certs.Expired })
	practised(t, w, "udp")
	dir := w.lab.running().Dir()
	if _, err := os.Stat(dir); dir == "" || err != nil {
		t.Fatalf("the authority's files are in %q: %v", dir, err)
	}
	w.collect()
	if len(w.space.Tabs) > 0 || len(w.space.Recent) > 0 || len(w.space.TLS) > 0 || len(w.space.Binds) > 0 || len(w.space.Targets) > 0 {
		t.Errorf("kept are tabs %v, recent %v, addresses %v %v %v", w.space.Tabs, w.space.Recent, w.space.TLS, w.space.Binds, w.space.Targets)
	}
	if err := w.lab.stop(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the authority's files are still there: %v", err)
	}
	if w.lab.running() != nil {
		t.Error("it still runs")
	}
	if _, err := w.lab.open(t.Context(), "echo"); err != nil {
		t.Errorf("it does not start again: %v", err)
	}
	w.lab.close()
	if _, err := w.lab.open(context.Background(), "echo"); err == nil {
		t.Error("it starts after its end")
	}
}

func TestFaultsOfDatagramsAreReadAsTheyAreWritten(t *testing.T) {
	f := lab.UDPFaults{Delay: 20 * time.Millisecond, Jitter: time.Second, Loss: 0.125, Duplication: 1, Reordering: 0.5}
	if got, err := readFaults(faultTexts(f)); err != nil || got != f {
		t.Errorf("read %+v, %v, want %+v", got, err, f)
	}
	if got, err := readFaults([5]string{"", "0", "", " 12.5 ", "3%"}); err != nil || got.Duplication != 0.125 || got.Reordering != 0.03 || got.Delay != 0 {
		t.Errorf("read %+v, %v", got, err)
	}
	for _, c := range []struct {
		texts [5]string
		want  string
	}{
		{[5]string{"20"}, "Delay"},
		{[5]string{"", "x"}, "Delay by up to"},
		{[5]string{"", "", "101"}, "Lost"},
		{[5]string{"", "", "", "-1"}, "Doubled"},
		{[5]string{"", "", "", "", "1 % 2"}, "Swapped"},
		{[5]string{"", "", "NaN"}, "Lost"},
		{[5]string{"31s"}, ""},
	} {
		if _, err := readFaults(c.texts); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want something about %q", c.texts, err, c.want)
		}
	}
}

func TestConnectingAgainStartsAPracticeServerThatWasStopped(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	client := practised(t, w, firstPractice).(*clientTab)
	trusted := practised(t, w, "tls-trusted").(*clientTab)
	socket := practised(t, w, "udp").(*udpTab)
	all := []deskTab{client, trusted, socket}
	open := func() {
		t.Helper()
		for _, tab := range all {
			until(t, w, tab.title()+" to be open", func() bool { return tab.state() == sessions.Open })
		}
	}
	open()
	if err := w.lab.stop(); err != nil {
		t.Fatal(err)
	}
	for _, tab := range all {
		if tab.state().Live() {
			tab.disconnect()
		}
		until(t, w, tab.title()+" to be closed", func() bool { return !tab.state().Live() })
		tab.startTyped()
		w.settle() // it starts the server beside the window
	}
	open()
	until(t, w, "the certificate", func() bool { r := trusted.tls.tls.Report(); return r != nil && r.Status == certs.Trusted })
	socket.sendTyped()
	until(t, w, "the datagram", func() bool { return socket.traffic.log.Stats().InBytes > 0 })
	// One that was aimed elsewhere is left alone.
	client.disconnect()
	until(t, w, "the end", func() bool { return !client.state().Live() })
	if err := w.lab.stop(); err != nil {
		t.Fatal(err)
	}
	elsewhere := echo(t)
	client.address.SetText(elsewhere)
	client.startTyped()
	if until(t, w, "the connection", func() bool { return client.state() == sessions.Open }); w.lab.running() != nil {
		t.Error("a practice server was started for another one's client")
	}
}

func TestEveryShareComesBackAsItWasTyped(t *testing.T) {
	for hundredths := range 10001 {
		typed := fmt.Sprintf("%g %%", float64(hundredths)/100)
		f, err := readFaults([5]string{2: typed})
		if got := faultTexts(f)[2]; err != nil || got != typed {
			t.Fatalf("%s comes back as %s, %v", typed, got, err)
		}
	}
	// What was put in force in another way is written so that it can be read.
	if got := faultTexts(lab.UDPFaults{Loss: 0.07, Duplication: 1. / 3, Reordering: 1}); got != [5]string{"0s", "0s", "7 %", "33.333333 %", "100 %"} {
		t.Errorf("written is %q", got)
	}
}

func TestTheFaultsOfTheEchoAreTypedAndItsCountsFollow(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := practised(t, w, "udp").(*udpTab)
	until(t, w, "the socket", func() bool { return tab.info.State == sessions.Open })
	l := w.lab.running()
	before := lab.UDPFaults{Loss: 0.07, Reordering: 0.5}
	if err := l.SetUDP(before); err != nil {
		t.Fatal(err)
	}
	var again func()
	var open context.Context
	every := func(ctx context.Context, f func()) { open, again = ctx, f }
	p := w.openFaults(every)
	if f, _ := l.UDP(); f != before || p.fields[2].Text != "7 %" {
		t.Errorf("opened, it does %+v, and shows %q", f, p.fields[2].Text)
	}
	tab.sendTyped()
	until(t, w, "the datagram", func() bool { _, n := l.UDP(); return n.Received == 1 })
	if again(); !strings.HasPrefix(p.counts.Text, "So far 1 came,") {
		t.Errorf("it says: %s", p.counts.Text)
	}
	enter := func() { w.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn}) }
	top := w.win.Canvas().Overlays().Top()
	p.fields[2].SetText("lots")
	if enter(); w.win.Canvas().Overlays().Top() != top {
		t.Error("Enter left with something wrong in a field")
	}
	clipboard := test.NewClipboard()
	clipboard.SetContent(strings.Repeat("0", 1000))
	p.fields[2].TypedShortcut(&fyne.ShortcutPaste{Clipboard: clipboard})
	if n := len(p.fields[2].Text); n > faultLimit {
		t.Errorf("a field has %d bytes", n)
	}
	p.fields[2].SetText("8 %")
	if enter(); w.win.Canvas().Overlays().Top() != nil || open.Err() == nil {
		t.Errorf("Enter did not leave it, or its counts go on: %v", open.Err())
	}
	if f, _ := l.UDP(); f.Loss != 0.08 || f.Reordering != 0.5 {
		t.Errorf("in force is %+v", f)
	}
}

func TestThePracticeServersAreGermanWithAGermanFile(t *testing.T) {
	w := benchWithUsualCaptures(t)
	inGerman(t, w, `{
		"English // the name of your language, in itself": "Deutsch",
		"Practice: %s": "Üben: %s", "Echo (TCP)": "Echo über TCP", "Numbers": "Zahlen", "Click the row that came back": "Die Zeile anklicken, die zurückkam",
		"What you send comes back: one row out, one row in, the same bytes below.": "Was man sendet, kommt zurück.",
		"%d clients now": {"one": "%d Client", "other": "%d Clients"}, "%d connections in all": {"one": "%d Verbindung insgesamt", "other": "%d Verbindungen insgesamt"},
		"Lost": "Verloren", "%s: %q is no share: write 0 %% to 100 %%": "%s: %q ist kein Anteil von 0 %% bis 100 %%"
	}`)
	tab := practised(t, w, firstPractice).(*clientTab)
	until(t, w, "the connection", func() bool { return tab.info.State == sessions.Open })
	c := tab.card.Content()
	if tab.title() != "Echo über TCP" || c.Title != "Üben: Echo über TCP" || c.Lines[0] != "Was man sendet, kommt zurück." ||
		c.Steps[1] != "Die Zeile anklicken, die zurückkam" || c.Sends[1].Label != "Zahlen" {
		t.Errorf("the tab is called %q, and its card says %+v", tab.title(), c)
	}
	until(t, w, "the client in the list", func() bool {
		return strings.Contains(w.practiceEntries()[0].Where, " · 1 Client, 1 Verbindung insgesamt")
	})
	listed := w.practiceEntries()[0]
	if listed.Title != "Echo über TCP" || listed.Look[0] != c.Lines[0] {
		t.Errorf("the list has %+v", listed)
	}
	if listed.Look[1] != lab.Catalogue()[0].Look[1] {
		t.Errorf("what is not translated is %q", listed.Look[1])
	}
	if _, err := readFaults([5]string{2: "101"}); err == nil || err.Error() != `Verloren: "101" ist kein Anteil von 0 % bis 100 %` {
		t.Errorf("a share that is none is told as: %v", err)
	}
}

// What was clicked to be read has the keyboard, and must not keep F1 from the help.
func TestTheFunctionKeysWorkFromThePracticeCard(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := practised(t, w, firstPractice).(*clientTab)
	labels := 0
	for _, f := range focusable(tab.card) {
		if _, ok := f.(desktop.Mouseable); !ok {
			continue // a button
		}
		labels++
		w.win.Canvas().Focus(f)
		if f.TypedKey(&fyne.KeyEvent{Name: fyne.KeyF1}); w.win.Canvas().Overlays().Top() == nil {
			t.Errorf("F1 does nothing from %T", f)
		}
		w.modalKey(fyne.KeyEscape)
	}
	if labels == 0 {
		t.Error("the card has no text that can be selected")
	}
}

// A TLS tab hides the composer when the certificate was refused. The keys must not stay there.
func TestTheFocusLeavesAComposerThatIsHidden(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := practised(t, w, "tls-expired").(*clientTab)
	until(t, w, "the refusal", func() bool { return !tab.composer.Visible() })
	tab.traffic.setBare(false)
	tab.focusComposer()
	if !tab.composer.HasFocus(w.win.Canvas()) {
		t.Fatal("the composer has not got the focus to begin with")
	}
	tab.traffic.setBare(true)
	if f := w.win.Canvas().Focused(); f != nil {
		t.Errorf("%T has the focus", f)
	}
}
