package app

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"wirebench/sessions/capture"
	"wirebench/widgets"
)

// captureFile writes a capture with one message of a session of that name.
func captureFile(t *testing.T, file, kind, name string) string {
	t.Helper()
	return madeCapture(t, file, capture.Meta{Kind: kind, Name: name}, func(l *capture.Log) {
		l.Append(capture.Flow{Proto: capture.TCP}, capture.In, capture.Data, []byte("hello"), "")
	})
}

// madeCapture writes a capture with what fill appends, and returns its path.
func madeCapture(t *testing.T, file string, meta capture.Meta, fill func(l *capture.Log)) string {
	t.Helper()
	l, err := capture.Create(capture.Options{Dir: t.TempDir(), Meta: meta})
	if err != nil {
		t.Fatal(err)
	}
	fill(l)
	path := filepath.Join(t.TempDir(), file)
	if err := l.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := capture.ExportFile(context.Background(), path, l, capture.AsPcapng, nil); err != nil {
		t.Fatal(err)
	}
	if err := l.Delete(); err != nil {
		t.Fatal(err)
	}
	return path
}

// keptTabs are the tabs of the workspace as it is on disk.
func keptTabs(t *testing.T, w *workbench) (names []string) {
	t.Helper()
	w.saveNow()
	s, err := loadWorkspace(w.spacePath)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range s.Tabs {
		name := s.Kind + " " + s.Address
		if len(s.Files) > 0 {
			name = s.Kind + " " + filepath.Base(s.Files[0]) + s.FramingIn
		}
		names = append(names, name)
	}
	return names
}

func TestACaptureThatIsStillReadKeepsItsPlaceInTheWorkspace(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	w.addTab(newCaptureTab(w, savedTab{Files: []string{"a.pcapng"}, FramingIn: "lf"}))
	w.newTCP("game:7777")
	w.addTab(newCaptureTab(w, savedTab{Files: []string{"b.pcapng"}}))
	for _, tab := range w.strip.tabs { // whatever is asked of a tab without traffic
		w.strip.choose(tab)
		w.update()
		for _, a := range w.actions {
			if a.menu == "View" && a.usable() {
				a.invoke()
			}
			for len(w.modals) > 0 {
				w.modalKey("Escape")
			}
		}
		w.topicHere()
	}
	if got, want := keptTabs(t, w), []string{"capture a.pcapnglf", "tcp game:7777", "capture b.pcapng"}; !slices.Equal(got, want) {
		t.Errorf("kept are %q, want %q", got, want)
	}
	w.strip.tabs[0].close()
	w.shutdown()
	if got, want := keptTabs(t, w), []string{"capture a.pcapnglf", "tcp game:7777", "capture b.pcapng"}; !slices.Equal(got, want) {
		t.Errorf("kept at the end are %q, want %q", got, want)
	}
}

func TestACaptureThatIsNotThereTodayIsNotForgotten(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	first, second := captureFile(t, "first.pcapng", "", ""), captureFile(t, "second.pcapng", "", "")
	if err := os.Rename(first, first+"~"); err != nil {
		t.Fatal(err)
	}
	for _, s := range []savedTab{{Kind: "capture", Files: []string{first}}, {Kind: "tcp", Address: "game:7777"}, {Kind: "capture", Files: []string{second}}} {
		w.restore(s)
		w.settle()
	}
	w.strip.choose(w.strip.tabs[0])
	w.update()
	want := []string{"capture first.pcapng", "tcp game:7777", "capture second.pcapng"}
	if got := keptTabs(t, w); !slices.Equal(got, want) {
		t.Errorf("kept are %q, want %q", got, want)
	}
	missing := w.strip.tabs[0].(*captureTab)
	n, said := missing.banner.Notice()
	if w.strip.current != missing || !said || !strings.Contains(n.Text, first) {
		t.Fatalf("the tab %q is shown, and the one of the missing file says %q", w.strip.current.title(), n.Text)
	}
	if v := w.strip.tabs[2].view(); v == nil || v.log.Stats().InBytes != 5 {
		t.Error("the other capture is not open")
	}
	if err := os.Rename(first+"~", first); err != nil {
		t.Fatal(err)
	}
	n.Actions[0].Run()
	w.settle()
	if v := missing.view(); v == nil || v.log.Stats().InBytes != 5 || missing.failed {
		t.Error("the capture is not open although it is there again")
	}
	if got := keptTabs(t, w); !slices.Equal(got, want) {
		t.Errorf("kept are %q, want %q", got, want)
	}
}

func TestACaptureThatCannotBeOpenedLeavesNoTab(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	first, second := w.newTCP("a:1"), w.newTCP("b:2")
	w.strip.choose(first)
	w.openCapture(filepath.Join(t.TempDir(), "none.pcapng"))
	w.settle()
	if n, said := w.notice.Notice(); !said || !strings.Contains(n.Text, "none.pcapng") {
		t.Errorf("the window says %q", n.Text)
	}
	if w.strip.current != first || !slices.Equal(w.strip.tabs, []tab{first, second}) {
		t.Errorf("%d tabs are left, and %q is shown", len(w.strip.tabs), w.strip.current.title())
	}
}

func TestACaptureThatIsClosedWhileItIsReadIsReleased(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	path := captureFile(t, "late.pcapng", "", "")
	tab := newCaptureTab(w, savedTab{Files: []string{path}})
	w.addTab(tab)
	log, err := capture.OpenFiles(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	tab.close()
	tab.show(log)
	if tab.view() != nil {
		t.Error("a tab that is closed shows a capture")
	}
	if _, err := log.Record(1); err == nil {
		t.Error("the capture is still open")
	}
}

func TestATabThatWaitsForAFileToBeChosenIsNotClosedWithoutAWord(t *testing.T) {
	w, p := newBenchUnderTest(t)
	for what, save := range map[string]func(v *trafficView){
		"the capture":   func(v *trafficView) { v.export(capture.AsPcapng, ".pcapng") },
		"the selection": func(v *trafficView) { v.hex.SetSelection(0, 5); v.saveSelection(hexWords) },
	} {
		w.notice.Clear()
		v := opened(t, w, "hello")
		tab := w.strip.current
		p.save, p.later = filepath.Join(t.TempDir(), "saved.bin"), true
		save(v)
		if p.pending == nil || tab.busy() == "" {
			t.Fatalf("while a file is chosen for %s the tab is closed without a question", what)
		}
		w.closeTab(tab)
		w.settle()
		p.pending()
		w.settle()
		if n, said := w.notice.Notice(); !said || !strings.Contains(n.Text, "saved.bin") {
			t.Errorf("that %s was not saved, the window says with %q", what, n.Text)
		}
		if _, err := os.Stat(p.save); err == nil {
			t.Errorf("%s of a closed tab is saved", what)
		}

		v = opened(t, w, "hello")
		p.later = true
		save(v)
		p.pending()
		w.settle()
		if _, err := os.Stat(p.save); err != nil || w.strip.current.busy() != "" {
			t.Errorf("%s: %v, and the tab is busy with %q", what, err, w.strip.current.busy())
		}
	}
}

func TestATitleIsShortAndObeysNothing(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	hostile := "evil\n\u202egpj.exe\x1b[2J" + strings.Repeat("x", 1500)
	w.openCapture(captureFile(t, "a.pcapng", "tcp", hostile))
	w.settle()
	w.newTCP("")
	w.newServer(savedTab{Address: hostile})
	w.newUDP(savedTab{Address: hostile})
	client := w.newTLS(hostile)
	client.startTyped()
	titles := []string{captureName(capture.Orphan{Meta: capture.Meta{Kind: "udp", Name: hostile}})}
	for _, tab := range w.strip.tabs {
		titles = append(titles, tab.title())
	}
	for _, title := range titles {
		if n := utf8.RuneCountInString(title); n > 2*longestTitle || strings.ContainsAny(title, "\n\u202e\x1b") {
			t.Errorf("%d runes are called %q", n, title)
		}
	}
	if !strings.Contains(titles[1], `TCP evil\n\u202egpj.exe`) {
		t.Errorf("the capture is called %q", titles[1])
	}
}

func TestOpeningACaptureLeavesWhatTheWindowSays(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	w.notice.SetNotice(widgets.Notice{Kind: widgets.NoticeInfo, Text: "Another window is open."})
	w.openCapture(captureFile(t, "a.pcapng", "", ""))
	w.settle()
	if n, _ := w.notice.Notice(); n.Text != "Another window is open." {
		t.Errorf("the window says %q", n.Text)
	}
}
