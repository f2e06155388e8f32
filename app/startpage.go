package app

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"wirebench/sessions/capture"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// shownCaptures bounds the finished captures that the start page knows of.
const shownCaptures = 6

// lookForCaptures finds, beside the window, what a killed program left behind
// and what ended in order, and shows both on the start page. With tabs open,
// what was left behind is offered above them too.
func (w *workbench) lookForCaptures(announce bool) {
	dirs := w.captureDirs()
	w.begin(words.Say("Captures on disk"), func() {
		var orphans, finished []capture.Orphan
		var err error
		for _, dir := range dirs {
			o, err1 := capture.Orphans(dir)
			f, err2 := capture.Finished(dir)
			orphans, finished = append(orphans, o...), append(finished, f...)
			err = cmp.Or(err, err1, err2)
		}
		slices.SortStableFunc(orphans, func(a, b capture.Orphan) int { return a.Modified.Compare(b.Modified) })
		slices.SortStableFunc(finished, func(a, b capture.Orphan) int { return b.Meta.Created.Compare(a.Meta.Created) })
		finished = finished[:min(len(finished), shownCaptures)]
		slices.Reverse(orphans) // the newest first
		fyne.Do(func() {
			if w.ctx.Err() != nil {
				return
			}
			w.orphans, w.finished = orphans, finished
			w.fillStart()
			if err != nil {
				w.notice.SetNotice(widgets.Notice{Kind: widgets.NoticeWarning, Text: sentence(err)})
			} else if announce {
				w.offerOrphans()
			}
		})
	})
}

// offerOrphans puts the newest of what was left behind above the tabs.
func (w *workbench) offerOrphans() {
	if len(w.orphans) == 0 || len(w.strip.tabs) == 0 {
		return // the start page shows them
	}
	w.offering = true
	o := w.orphans[0]
	text := words.Say("A capture was left by a program that did not end in order: %s, %s.", captureName(o), captureDetail(o))
	if more := len(w.orphans) - 1; more > 0 {
		text += " " + words.Many(int64(more), "There is %d more.", "There are %d more.")
	}
	w.notice.SetNotice(widgets.Notice{Kind: widgets.NoticeWarning, Text: text, Actions: []widgets.NoticeAction{
		{Label: words.Say("Open // a capture"), Run: func() { w.adopt(o) }},
		{Label: words.Say("Delete..."), Run: func() { w.askDelete(o) }},
	}})
}

// fillStart says on the start page what can be done and where one was before.
func (w *workbench) fillStart() {
	c := widgets.StartContent{
		Title:    "Wirebench", // not said
		Subtitle: words.Say("Every byte on the wire, in both directions and both byte orders."),
		Entries: []widgets.StartEntry{
			{Icon: theme.ComputerIcon(), Title: words.Say("TCP client"), Text: words.Say("Connect to a host and port; send text, hex or files."), Run: func() { w.newTCP("") }},
			{Icon: iconTLS, Title: words.Say("TLS client"), Text: words.Say("Every fault of a certificate; then talk behind it."), Run: func() { w.newTLS("") }},
			{Icon: iconServer, Title: words.Say("Server"), Text: words.Say("Listen, answer, and watch the clients."), Run: func() { w.newServer(savedTab{}) }},
			{Icon: iconUDP, Title: words.Say("UDP socket"), Text: words.Say("Send datagrams and see every one that comes."), Run: func() { w.newUDP(savedTab{}) }},
			{Icon: iconLab, Title: words.Say("Try it now"), Text: words.Say("A practice server on this machine; no network needed."), Run: func() { w.openPractice(firstPractice) }},
			{Icon: theme.FolderOpenIcon(), Title: words.Say("Open a capture"), Text: words.Say("pcapng or pcap with TCP or UDP in it, read-only."), Run: w.askOpenCapture},
		},
		Hint: strings.Join([]string{
			words.Say("%s TCP client", keyText(fyne.KeyT, primary)),
			words.Say("%s TLS client", keyText(fyne.KeyT, primary|shift)),
			words.Say("%s server", keyText(fyne.KeyN, primary|shift)),
			words.Say("%s UDP socket", keyText(fyne.KeyU, primary|shift)),
			words.Say("%s practice servers", keyText(fyne.KeyF2, 0)),
			words.Say("%s open a capture", keyText(fyne.KeyO, primary)),
			words.Say("%s find a command", keyText(fyne.KeyP, primary|shift)),
			words.Say("%s all keys", keyText(fyne.KeyF1, 0)),
		}, "   ·   "),
	}
	for _, u := range w.space.Recent {
		c.Recent = append(c.Recent, widgets.StartLink{Label: u, Run: func() { w.openURL(u) }})
	}
	for _, o := range w.finished {
		c.Captures = append(c.Captures, widgets.StartLink{Label: captureName(o), Detail: captureDetail(o), Run: func() { w.openCapture(o.Files...) }})
	}
	for _, o := range w.orphans {
		c.Offers = append(c.Offers, widgets.StartOffer{
			Label: captureName(o), Detail: captureDetail(o),
			Open: func() { w.adopt(o) }, Delete: func() { w.askDelete(o) },
		})
	}
	w.start.SetContent(c)
}

// adopt makes a capture that was left behind an ordinary one and opens it.
func (w *workbench) adopt(o capture.Orphan) {
	w.offering = false
	if err := o.Adopt(); err != nil {
		w.notice.SetNotice(widgets.Notice{Kind: widgets.NoticeError, Text: sentence(err)})
		return
	}
	w.openCapture(o.Files...)
	w.lookForCaptures(false)
}

func (w *workbench) askDelete(o capture.Orphan) {
	text := words.Say("%s, %s.\nIt cannot be brought back.", captureName(o), captureDetail(o))
	w.ask(words.Say("Delete this capture?"), text, words.Say("Delete"), words.Say("Keep"), func() {
		if err := o.Delete(); err != nil {
			w.notice.SetNotice(widgets.Notice{Kind: widgets.NoticeError, Text: sentence(err)})
		}
		w.lookForCaptures(false)
	})
}

// captureName is what a capture is called on screen.
func captureName(o capture.Orphan) string {
	name := strings.TrimSpace(strings.ToUpper(o.Meta.Kind) + " " + o.Meta.Name)
	if name == "" {
		return words.Say("Capture")
	}
	return tabTitle(name)
}

// captureDetail says how much it holds and when it ended.
func captureDetail(o capture.Orphan) string {
	return widgets.FormatSize(o.Bytes) + ", " + day(o.Modified, time.Now())
}

// day writes a time as people say it: the clock alone for today.
func day(t, now time.Time) string {
	t, now = t.Local(), now.Local()
	switch y, m, d := now.Date(); {
	case t.After(time.Date(y, m, d, 0, 0, 0, 0, now.Location())):
		return t.Format("15:04")
	case t.After(time.Date(y, m, d-1, 0, 0, 0, 0, now.Location())):
		return words.Say("yesterday %s", t.Format("15:04"))
	}
	return t.Format(widgets.DayTime)
}
