package app

import (
	"errors"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"wirebench/sessions/capture"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// captureTab shows a capture from a file. Nothing in it can be changed.
type captureTab struct {
	name    string
	files   []string
	log     *capture.Log
	traffic *trafficView
	summary *widgets.SelectableLabel
	root    fyne.CanvasObject
}

var _ tab = (*captureTab)(nil)

// openCapture reads files, the segments of one capture in order, beside the
// window and shows them in a tab.
func (w *workbench) openCapture(files ...string) { w.loadCapture(savedTab{Files: files}, true) }

// loadCapture is openCapture for a tab as it was saved; it becomes the visible
// one if show is set, or if there is no other.
func (w *workbench) loadCapture(s savedTab, show bool) {
	files := s.Files
	if len(files) == 0 {
		return
	}
	name := filepath.Base(files[0])
	ctx := w.ctx
	w.notice.SetNotice(widgets.Notice{Kind: widgets.NoticeInfo, Text: words.Say("Opening %s...", name)})
	w.work.Go(func() {
		log, err := capture.OpenFiles(ctx, files...)
		fyne.Do(func() {
			if ctx.Err() != nil { // the window is closing
				if err == nil {
					log.Release()
				}
				return
			}
			w.notice.Clear()
			if err != nil {
				w.notice.SetNotice(widgets.Notice{Kind: widgets.NoticeError, Text: sentence(err)})
				return
			}
			visible := w.strip.current
			w.addTab(newCaptureTab(w, name, s, log))
			if !show && visible != nil {
				w.strip.choose(visible)
			}
		})
	})
}

func newCaptureTab(w *workbench, name string, s savedTab, log *capture.Log) *captureTab {
	files := s.Files
	if m := log.Meta(); m.Kind != "file" && m.Name != "" {
		name = strings.ToUpper(m.Kind) + " " + m.Name
	}
	t := &captureTab{name: name, files: files, log: log}
	t.traffic = newTrafficView(w, log, nil)
	t.traffic.following = false
	t.summary = widgets.NewSelectableLabel(summary(files, log.Stats()))
	t.summary.Truncation = fyne.TextTruncateEllipsis
	t.root = container.NewBorder(t.summary, nil, nil, nil, t.traffic.root)
	if notes := log.Warnings(); len(notes) > 0 {
		t.traffic.banner.SetNotice(widgets.Notice{Kind: widgets.NoticeWarning, Text: sentence(errors.New(strings.Join(notes, "; ")))})
	}
	t.traffic.list.SetFollow(false)
	t.traffic.hex.SetFollow(false)
	t.traffic.setFramings(readFramings(s))
	t.traffic.chooseFirst()
	return t
}

func (t *captureTab) title() string              { return t.name }
func (t *captureTab) icon() fyne.Resource        { return iconCapture }
func (t *captureTab) content() fyne.CanvasObject { return t.root }
func (t *captureTab) version() uint64            { return t.traffic.version() }
func (t *captureTab) stateVersion() uint64       { return 0 }
func (t *captureTab) tickState()                 {}
func (t *captureTab) view() *trafficView         { return t.traffic }
func (t *captureTab) busy() string               { return t.traffic.busy() }
func (t *captureTab) tick()                      { t.traffic.tick() }

func (t *captureTab) focusFirst() { t.traffic.list.Focus(t.traffic.bench.win.Canvas()) }

func (t *captureTab) saved() (savedTab, bool) {
	t.traffic.keepSplits()
	s := savedTab{Kind: "capture", Files: t.files}
	t.traffic.saveFramings(&s)
	return s, true
}

func (t *captureTab) close() {
	t.traffic.close()
	t.log.Release()
}

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
	where := files[0]
	if len(files) > 1 {
		where = words.Many(int64(len(files)-1), "%[2]s and %[1]d more", "%[2]s and %[1]d more", where)
	}
	return strings.Join(append(parts, where), "   ·   ")
}
