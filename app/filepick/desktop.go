package filepick

import (
	"fmt"

	"github.com/sqweek/dialog"
)

// job is one dialog to show.
type job struct {
	request Request
	save    bool
	folder  bool // and no file
}

// run shows one of the desktop's dialogs and waits for its answer. Every call
// in a process must come from one and the same thread. The library panics
// where GTK could not be initialised; that becomes errUnavailable.
func run(j job) (path string, err error) {
	defer func() {
		if p := recover(); p != nil {
			path, err = "", fmt.Errorf("%w: %v", errUnavailable, p)
		}
	}()
	if j.folder {
		d := dialog.Directory().Title(j.request.Title)
		if j.request.Dir != "" {
			d = d.SetStartDir(j.request.Dir)
		}
		path, err = d.Browse()
		return answered(path, err)
	}
	b := dialog.File().Title(j.request.Title)
	if j.request.Dir != "" {
		b = b.SetStartDir(j.request.Dir)
	}
	if j.save {
		// Only a save dialog takes a name: GTK refuses one in an open dialog.
		if j.request.Name != "" {
			b = b.SetStartFile(j.request.Name)
		}
		path, err = b.Save()
	} else {
		path, err = b.Load()
	}
	return answered(path, err)
}

// answered puts the library's answer into this package's words.
func answered(path string, err error) (string, error) {
	if err == dialog.ErrCancelled {
		return "", ErrCancelled
	}
	if err != nil {
		return "", fmt.Errorf("%w: %w", errUnavailable, err)
	}
	return path, nil
}
