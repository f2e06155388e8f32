package filepick

import (
	"errors"
	"fmt"
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"
)

// asker is what the picker needs of the desktop's dialogs; tests give another.
type asker interface {
	// ask returns at once. The answer comes once, on another goroutine.
	ask(j job, answer func(path string, err error))
	// close ends the asker; a question that has no answer yet is answered with
	// ErrCancelled, if at all.
	close()
}

type picker struct {
	window fyne.Window
	native asker
	// broken remembers that the native dialog failed once, so that a person
	// is not sent through the failure again.
	broken bool
	busy   bool
}

var _ Picker = (*picker)(nil)

// New returns a picker whose dialogs belong to w. It prefers the desktop's own
// dialogs and falls back to Fyne's, for good, the first time they fail.
func New(w fyne.Window) Picker { return &picker{window: w, native: newNative()} }

// Open implements [Picker].
func (p *picker) Open(r Request, done func(path string, err error)) {
	p.pick(job{request: r}, done)
}

// Save implements [Picker].
func (p *picker) Save(r Request, done func(path string, err error)) {
	p.pick(job{request: r, save: true}, done)
}

// Folder implements [Picker].
func (p *picker) Folder(r Request, done func(path string, err error)) {
	p.pick(job{request: r, folder: true}, done)
}

// Close implements [Picker].
func (p *picker) Close() { p.native.close() }

func (p *picker) pick(j job, done func(string, error)) {
	if p.busy {
		done("", errors.New("another file dialog is already open"))
		return
	}
	p.busy = true
	finish := func(path string, err error) {
		p.busy = false
		done(path, err)
	}
	if p.broken {
		p.fallback(j, finish)
		return
	}
	p.native.ask(j, func(path string, err error) {
		fyne.Do(func() {
			if errors.Is(err, errUnavailable) {
				p.broken = true
				p.fallback(j, finish)
				return
			}
			if err != nil || !j.save {
				finish(path, err)
				return
			}
			p.confirm(path, j.request.Extension, finish)
		})
	})
}

// confirm asks before a file is replaced whose name the desktop's dialog has
// not seen, because its extension was added after it closed.
func (p *picker) confirm(path, extension string, done func(string, error)) {
	full := complete(path, extension)
	if full == path || !exists(full) {
		done(full, nil)
		return
	}
	p.confirmReplace(full, done)
}

func (p *picker) confirmReplace(path string, done func(string, error)) {
	text := fmt.Sprintf("%s exists already in\n%s", filepath.Base(path), filepath.Dir(path))
	d := dialog.NewConfirm("Replace the file?", text, func(yes bool) {
		if yes {
			done(path, nil)
		} else {
			done("", ErrCancelled)
		}
	}, p.window)
	d.SetConfirmText("Replace")
	d.SetDismissText("Keep")
	d.Show()
}

// fallback asks with Fyne's dialogs. Fyne's save dialog asks before replacing
// and creates the file it returns, so a name is taken as typed there: with an
// extension added later, an empty file would stay behind.
func (p *picker) fallback(j job, done func(string, error)) {
	r := j.request
	var d *dialog.FileDialog
	switch {
	case j.folder:
		d = dialog.NewFolderOpen(func(u fyne.ListableURI, err error) {
			if err != nil || u == nil {
				done("", cancelled(err))
				return
			}
			done(u.Path(), nil)
		}, p.window)
	case j.save:
		d = dialog.NewFileSave(func(u fyne.URIWriteCloser, err error) {
			if err != nil || u == nil {
				done("", cancelled(err))
				return
			}
			path := u.URI().Path()
			u.Close()
			done(path, nil)
		}, p.window)
		d.SetFileName(r.Name)
	default:
		d = dialog.NewFileOpen(func(u fyne.URIReadCloser, err error) {
			if err != nil || u == nil {
				done("", cancelled(err))
				return
			}
			path := u.URI().Path()
			u.Close()
			done(path, nil)
		}, p.window)
	}
	if r.Title != "" {
		d.SetTitleText(r.Title)
	}
	if r.Dir != "" {
		if l, err := storage.ListerForURI(storage.NewFileURI(r.Dir)); err == nil {
			d.SetLocation(l)
		}
	}
	d.Show() // before Resize, which needs what Show makes
	d.Resize(fyne.NewSize(800, 560))
}

func cancelled(err error) error {
	if err != nil {
		return fmt.Errorf("choose a file: %w", err)
	}
	return ErrCancelled
}
