package app

import (
	"slices"
	"time"

	"wirebench/widgets"
	"wirebench/widgets/words"
)

// saveSpace has the workspace written when it has changed, and does not wait for the disk.
func (w *workbench) saveSpace() {
	if w.restoring {
		return
	}
	w.collect()
	w.writeSpace()
}

// writeSpace has the workspace written as it was collected last.
func (w *workbench) writeSpace() {
	if w.guest {
		return
	}
	w.lastSave = time.Now()
	b, err := w.space.encode()
	if err != nil {
		w.complainOfSpace(err)
		return
	}
	w.spaceFile.put(b)
}

// complainOfSpace says that the workspace was not saved.
func (w *workbench) complainOfSpace(err error) {
	w.notice.SetNotice(widgets.Notice{Kind: widgets.NoticeWarning, Text: words.Say("%s. What is open now will not come back at the next start.", err)})
}

// collect brings the workspace up to date with the window.
func (w *workbench) collect() {
	size := w.win.Canvas().Size()
	if size.Width > 0 && !w.win.FullScreen() {
		w.space.Width, w.space.Height = size.Width, size.Height
	}
	w.space.Tabs = w.space.Tabs[:0]
	w.space.Selected = -1
	for _, t := range w.strip.tabs {
		if d, ok := t.(deskTab); ok && d.theDesk().practice != nil {
			continue // its server ends with the window
		}
		s, ok := t.saved()
		if !ok || len(w.space.Tabs) == maxTabs {
			continue
		}
		if t == w.strip.current {
			w.space.Selected = len(w.space.Tabs)
		}
		w.space.Tabs = append(w.space.Tabs, s)
	}
}

// restoreAll brings back the tabs of the last start, and the one that was
// visible. Captures are read beside the window, and their tabs wait for them.
func (w *workbench) restoreAll() {
	// Adding a tab saves the workspace, which must not be one without the others.
	tabs, selected := slices.Clone(w.space.Tabs), w.space.Selected
	w.restoring = true
	defer func() { w.restoring = false }()
	var visible tab
	for i, s := range tabs {
		before := len(w.strip.tabs)
		w.restore(s)
		if i == selected && len(w.strip.tabs) > before {
			visible = w.strip.current
		}
	}
	if visible != nil {
		w.strip.choose(visible)
	}
}

// restore brings back one tab of the last start.
func (w *workbench) restore(s savedTab) {
	switch s.Kind {
	case "tcp", "tls":
		w.newClient(s)
	case "server":
		w.newServer(s)
	case "udp":
		w.newUDP(s)
	case "capture":
		w.restoreCapture(s)
	}
}
