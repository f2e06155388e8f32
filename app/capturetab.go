package app

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/capture"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// captureTab shows a capture from a file. Nothing in it can be changed. While
// the file is read, and when it could not be, the tab stands in its place.
type captureTab struct {
	bench  *workbench
	as     savedTab // as it was saved, or asked for
	name   string
	failed bool
	banner *widgets.Banner // why it failed
	root   *fyne.Container

	log     *capture.Log // nil until it has been read, like all that follow
	traffic *trafficView
	summary *widgets.SelectableLabel

	ctx    context.Context // of the reading
	cancel context.CancelFunc
	moved  atomic.Uint64 // with what title and icon say
	shown  atomic.Pointer[trafficView]
	mu     sync.Mutex // held where the tab is closed, and where it gets its log
	closed bool
}

var _ tab = (*captureTab)(nil)

// openCapture reads files, the segments of one capture in order, in a tab that
// goes again if they cannot be read.
func (w *workbench) openCapture(files ...string) {
	if len(files) == 0 {
		return
	}
	before := w.strip.current
	t := newCaptureTab(w, savedTab{Files: files})
	w.addTab(t)
	t.read(func(err error) {
		w.notice.SetNotice(widgets.Notice{Kind: widgets.NoticeError, Text: sentence(err)})
		if t == w.strip.current && before != nil {
			w.strip.choose(before)
		}
		w.closeTab(t)
	})
}

// restoreCapture opens a tab as it was saved. It stays if its files cannot be
// read, so that they are not forgotten: they may lie on a disk that is not there
// today.
func (w *workbench) restoreCapture(s savedTab) {
	if len(s.Files) == 0 {
		return
	}
	t := newCaptureTab(w, s)
	w.addTab(t)
	t.read(t.fail)
}

// newCaptureTab makes a tab that waits for its capture.
func newCaptureTab(w *workbench, s savedTab) *captureTab {
	s.Kind = "capture"
	t := &captureTab{bench: w, as: s, name: filepath.Base(s.Files[0]), banner: widgets.NewBanner(), root: container.NewStack()}
	t.ctx, t.cancel = context.WithCancel(w.ctx)
	t.wait()
	return t
}

// wait shows that the capture is being read.
func (t *captureTab) wait() {
	t.failed = false
	t.banner.Clear()
	t.hold(widget.NewLabel(words.Say("Opening %s...", tabTitle(t.name))))
}

// hold shows something in the whole tab.
func (t *captureTab) hold(o fyne.CanvasObject) {
	t.root.Objects = []fyne.CanvasObject{o}
	t.root.Refresh()
	t.moved.Add(1)
}

// read reads the capture beside the window and shows it, or calls failed on the
// UI goroutine.
func (t *captureTab) read(failed func(error)) {
	t.bench.begin(t.title(), func() {
		log, err := capture.OpenFiles(t.ctx, t.as.Files...)
		fyne.Do(func() {
			if err == nil {
				t.show(log)
			} else if t.ctx.Err() == nil {
				failed(err)
			}
		})
	})
}

// fail says in the tab why the capture cannot be read.
func (t *captureTab) fail(err error) {
	t.failed = true
	t.banner.SetNotice(widgets.Notice{
		Kind:  widgets.NoticeError,
		Text:  words.Say("%s. The tab stays, and is tried again at the next start; close it to forget it.", sentence(err)),
		Stays: true,
		Actions: []widgets.NoticeAction{{Label: words.Say("Try again"), Keep: true, Run: func() {
			t.wait()
			t.read(t.fail)
		}}},
	})
	t.hold(container.NewBorder(t.banner, nil, nil, nil))
}

// show puts the capture into the tab, which owns it then.
func (t *captureTab) show(log *capture.Log) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed || t.ctx.Err() != nil {
		log.Release()
		return
	}
	if m := log.Meta(); m.Kind != "file" && m.Name != "" {
		t.name = strings.ToUpper(m.Kind) + " " + m.Name
	}
	v := newTrafficView(t.bench, log, nil)
	v.following = false
	t.summary = widgets.NewSelectableLabel(summary(t.as.Files, log.Stats()))
	t.summary.Truncation = fyne.TextTruncateEllipsis
	if notes := log.Warnings(); len(notes) > 0 {
		v.banner.SetNotice(widgets.Notice{Kind: widgets.NoticeWarning, Text: sentence(errors.New(strings.Join(notes, "; ")))})
	}
	v.list.SetFollow(false)
	v.hex.SetFollow(false)
	v.setFramings(readFramings(t.as))
	v.chooseFirst()
	t.log, t.traffic = log, v
	t.shown.Store(v)
	t.hold(container.NewBorder(t.summary, nil, nil, nil, v.root))
	if w := t.bench; w.strip.current == t {
		w.selected(t)
	}
}

func (t *captureTab) title() string { return tabTitle(t.name) }
func (t *captureTab) icon() fyne.Resource {
	if t.failed {
		return theme.ErrorIcon()
	}
	return iconCapture
}
func (t *captureTab) content() fyne.CanvasObject { return t.root }
func (t *captureTab) version() uint64 {
	if v := t.shown.Load(); v != nil {
		return v.version()
	}
	return 0
}
func (t *captureTab) stateVersion() uint64 { return t.moved.Load() }
func (t *captureTab) tickState()           {}
func (t *captureTab) view() *trafficView   { return t.traffic }

func (t *captureTab) busy() string {
	if t.traffic == nil {
		return ""
	}
	return t.traffic.busy()
}

func (t *captureTab) tick() {
	if t.traffic != nil {
		t.traffic.tick()
	}
}

func (t *captureTab) focusFirst() {
	if t.traffic != nil {
		t.traffic.list.Focus(t.bench.win.Canvas())
	}
}

func (t *captureTab) saved() (savedTab, bool) {
	if t.traffic == nil {
		return t.as, true
	}
	t.traffic.keepSplits()
	s := savedTab{Kind: "capture", Files: t.as.Files}
	t.traffic.saveFramings(&s)
	return s, true
}

func (t *captureTab) close() {
	t.cancel()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	if t.traffic != nil {
		t.traffic.close()
		t.log.Release()
	}
}

// longestPath is how many runes of a path are shown.
const longestPath = 400

// summary says what an opened capture holds.
func summary(files []string, s capture.Stats) string {
	parts := []string{
		words.Say("Read-only"),
		words.Many(s.Last-s.First+1, "%d record", "%d records"),
		words.Say("in %s // bytes received", widgets.FormatSize(s.InBytes)),
		words.Say("out %s // bytes sent", widgets.FormatSize(s.OutBytes)),
	}
	if !s.Start.IsZero() {
		parts = append(parts, s.Start.Local().Format(widgets.DayTime+":05")+", "+widgets.FormatElapsed(s.End.Sub(s.Start)))
	}
	where := widgets.PlainLine(files[0], longestPath)
	if len(files) > 1 {
		where = words.Many(int64(len(files)-1), "%[2]s and %[1]d more", "%[2]s and %[1]d more", where)
	}
	return strings.Join(append(parts, where), "   ·   ")
}
