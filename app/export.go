package app

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"wirebench/app/filepick"
	"wirebench/sessions/capture"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// export asks for a file and writes the capture there in the given format.
func (v *trafficView) export(f capture.Format, suffix string) {
	w := v.bench
	r := filepick.Request{
		Title: words.Say("Save the capture"),
		Dir:   w.space.Folder,
		Name:  fileName(v.log.Meta()) + suffix,
	}
	r.Extension = filepath.Ext(suffix)
	w.pick.Save(r, v.choosing(func(path string) {
		v.runSave(path, func(ctx context.Context, progress func(done, total int64)) error {
			return capture.ExportFile(ctx, path, v.log, f, progress)
		})
	}))
}

// choosing is how a picker answers a tab, which waits for it: do gets the path
// that was chosen. A tab that was closed meanwhile does nothing any more, and the
// window says so.
func (v *trafficView) choosing(do func(path string)) func(path string, err error) {
	v.pickers++
	return func(path string, err error) {
		v.pickers--
		switch {
		case errors.Is(err, filepick.ErrCancelled):
		case err != nil:
			v.complain(err)
		case v.ctx.Err() != nil:
			v.complain(errors.New(words.Say("the tab was closed before %s was chosen: nothing was done with it", filepath.Base(path))))
		default:
			v.bench.space.Folder = filepath.Dir(path)
			do(path)
		}
	}
}

// runSave runs what writes the file path, and says what came of it.
func (v *trafficView) runSave(path string, save func(ctx context.Context, progress func(done, total int64)) error) {
	name := filepath.Base(path)
	v.run(words.Say("Saving %s", name), save, func(err error) {
		switch {
		case errors.Is(err, context.Canceled):
			v.tell(words.Say("Saving was cancelled; %s was not written.", name))
		case err != nil:
			v.complain(err)
		default:
			v.tell(words.Say("Saved as %s", path))
		}
	})
}

// fileName suggests a name after what was captured and when.
func fileName(m capture.Meta) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-', r == '_':
			return r
		}
		return '-'
	}, m.Name)
	name = strings.Trim(name, "-.")
	if len(name) > 80 {
		name = name[:80]
	}
	parts := []string{"capture"}
	if m.Kind != "" {
		parts[0] = m.Kind
	}
	if name != "" {
		parts = append(parts, name)
	}
	if !m.Created.IsZero() {
		parts = append(parts, m.Created.Local().Format("20060102-150405"))
	}
	return strings.Join(parts, "-")
}

// askOpenCapture asks for a capture and opens it in a tab of its own.
func (w *workbench) askOpenCapture() {
	w.pick.Open(filepick.Request{Title: words.Say("Open a capture"), Dir: w.space.Folder}, func(path string, err error) {
		if errors.Is(err, filepick.ErrCancelled) {
			return
		}
		if err != nil {
			w.notice.SetNotice(widgets.Notice{Kind: widgets.NoticeError, Text: sentence(err)})
			return
		}
		w.space.Folder = filepath.Dir(path)
		w.openCapture(path)
	})
}
