package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"fyne.io/fyne/v2"

	"wirebench/app/filepick"
	"wirebench/sessions/capture"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// Bounds of what a person can choose.
const (
	minBudget = 64 << 20
	maxBudget = 1 << 50
	maxDays   = 3650
)

// settingsWindow is what is known while the settings are shown.
type settingsWindow struct {
	bench *workbench
	panel *widgets.SettingsPanel
	hide  func() // nil while they are not shown

	saved  string // where the English texts were saved, in a sentence
	holds  string // what the capture folder holds, in words
	looked int    // counts the looks into the folder
	// beside runs what would keep the window waiting.
	beside func(func())
}

// showSettings opens the settings.
func (w *workbench) showSettings() { w.openSettings("", func(f func()) { w.work.Go(f) }) }

// openSettings opens the settings at the page of that title, "" for the first.
// beside runs what would keep the window waiting.
func (w *workbench) openSettings(page string, beside func(func())) *settingsWindow {
	w.languages = loadLanguages(w.opts.LanguageDir)
	s := &settingsWindow{bench: w, beside: beside}
	s.panel = widgets.NewSettingsPanel(s.pages())
	s.panel.OnChanged = s.changed
	s.panel.OnPage = func(title string) {
		if title == words.Say(capturesTitle) {
			s.look()
		}
	}
	if page != "" {
		s.panel.ShowPage(page)
	}
	s.show()
	s.panel.FocusFirst(w.win.Canvas())
	return s
}

// show puts the settings over the window.
func (s *settingsWindow) show() {
	w := s.bench
	d := w.closable(words.Say("Settings"), s.panel)
	s.hide = d.Hide
	d.SetOnClosed(func() { s.hide = nil })
	w.present(d, d.Hide, d.Hide)
	larger := w.space.TextSize / defaultTextSize
	d.Resize(w.fitting(820*larger, 600*larger))
}

// changed keeps what was chosen.
func (s *settingsWindow) changed() {
	s.bench.saveSpace()
}

// look finds out, beside the window, what the capture folder holds.
func (s *settingsWindow) look() {
	w := s.bench
	s.looked++
	turn, dir := s.looked, w.captureDir()
	s.holds = words.Say("Looking...")
	s.beside(func() {
		found, err := capture.Finished(dir)
		text := ""
		var size int64
		for _, o := range found {
			size += o.Bytes
		}
		switch {
		case err != nil:
			text = sentence(err)
		case len(found) == 0:
			text = words.Say("No finished captures are there.")
		default:
			text = words.Many(int64(len(found)), "%d finished capture is there: %s.", "%d finished captures are there: %s.", widgets.FormatSize(size))
		}
		fyne.Do(func() {
			if turn == s.looked && w.ctx.Err() == nil {
				s.holds = text
				s.panel.Renew()
			}
		})
	})
}

// captureDir is where new sessions are captured: what the command line says,
// else what the settings say, else the usual folder.
func (w *workbench) captureDir() string {
	for _, dir := range []string{w.opts.CaptureDir, w.space.CaptureFolder} {
		if dir != "" {
			return dir
		}
	}
	return w.opts.usualCaptures
}

// captureDirs are the folders in which there may be captures. The command
// line's is there alone.
func (w *workbench) captureDirs() []string {
	dirs := []string{w.captureDir()}
	if w.opts.CaptureDir == "" && !slices.Contains(dirs, w.opts.usualCaptures) && w.opts.usualCaptures != "" {
		dirs = append(dirs, w.opts.usualCaptures)
	}
	return dirs
}

// captureOptions are those of a new session.
func (w *workbench) captureOptions() capture.Options {
	return capture.Options{Dir: w.captureDir(), Budget: w.space.CaptureBudget}
}

// removedText tells that n finished captures of so many bytes were removed, and
// by which bounds; 0 is none.
func removedText(n, bytes int64, days int, size int64) string {
	held, most := widgets.FormatSize(bytes), widgets.FormatSize(size)
	switch {
	case days == 0:
		return words.Many(n, "%d finished capture (%s) was removed: up to %s of them is kept.",
			"%d finished captures (%s) were removed: up to %s of them is kept.", held, most)
	case size == 0:
		return words.Many(n, "%d finished capture (%s) was removed: they are kept for %d days.",
			"%d finished captures (%s) were removed: they are kept for %d days.", held, days)
	}
	return words.Many(n, "%d finished capture (%s) was removed: they are kept for %d days and up to %s.",
		"%d finished captures (%s) were removed: they are kept for %d days and up to %s.", held, days, most)
}

// setCaptureFolder has new sessions captured in dir, "" for the usual folder.
// Whether that can be done was asked before, beside the window.
func (s *settingsWindow) setCaptureFolder(dir string) error {
	if dir == s.bench.opts.usualCaptures {
		dir = ""
	}
	if dir != "" && !filepath.IsAbs(dir) {
		return errors.New(words.Say("%s is no whole path", dir))
	}
	s.bench.space.CaptureFolder = dir
	s.look()
	return nil
}

// canWrite tells why nothing can be captured in a folder.
func canWrite(dir string) error {
	st, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if !st.IsDir() {
		return errors.New(words.Say("%s is no folder", dir))
	}
	f, err := os.CreateTemp(dir, ".wirebench-*")
	if err != nil {
		return fmt.Errorf("%s: %w", words.Say("nothing can be written there"), err)
	}
	f.Close()
	return os.Remove(f.Name())
}

// chooseFolder asks where captures are to be kept. What is there, and whether it
// can be written, is found out beside the window: a folder may be far away.
func (s *settingsWindow) chooseFolder(folder widgets.SettingRow) {
	w := s.bench
	now := w.captureDir()
	s.beside(func() {
		dir := existing(now)
		fyne.Do(func() {
			if w.ctx.Err() == nil {
				s.askFolder(folder, dir)
			}
		})
	})
}

func (s *settingsWindow) askFolder(folder widgets.SettingRow, dir string) {
	w := s.bench
	w.pick.Folder(filepick.Request{Title: words.Say("Where captures are kept"), Dir: dir}, func(path string, err error) {
		if errors.Is(err, filepick.ErrCancelled) {
			return
		}
		if err != nil {
			folder.Complain(sentence(err))
			return
		}
		s.beside(func() {
			err := canWrite(path)
			fyne.Do(func() {
				switch {
				case w.ctx.Err() != nil:
				case err != nil:
					folder.Complain(sentence(err))
				default:
					folder.Try(path)
				}
			})
		})
	})
}

// existing is dir, or what it will be made in: captures make their folder when
// there is something to keep.
func existing(dir string) string {
	for {
		if st, err := os.Stat(dir); err == nil && st.IsDir() {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
}

// setTheme has the window drawn so.
func (w *workbench) setTheme(a appearance) {
	w.space.Theme = a
	w.applyLook()
	w.rebuildMenu()
}

// setTextSize has the window's texts of that size, within its bounds.
func (w *workbench) setTextSize(size float32) {
	w.space.TextSize = min(max(size, minTextSize), maxTextSize)
	w.applyLook()
}

// setClearAfterSend empties the message field after sending, or not, in every
// tab.
func (w *workbench) setClearAfterSend(on bool) {
	w.space.View.ClearAfterSend = on
	for _, t := range w.strip.tabs {
		if t, ok := t.(deskTab); ok {
			t.theDesk().composer.ClearAfterSend = on
		}
	}
}
