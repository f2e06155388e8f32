// Package filepick asks the person for a file or a folder: with the desktop's own dialog
// where there is one, and with Fyne's where there is not.
//
// It is the only package that imports github.com/sqweek/dialog, whose sharp
// edges it keeps to itself: on Linux a call panics when GTK could not start,
// titles are ignored, filters hide files that have no extension, and every
// call must come from one and the same thread. On Linux it also starts GTK in
// every process that merely links it, so there a dialog runs in a process of
// its own, for which the program begins with a call of [Serve].
package filepick

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// ErrCancelled is given to the callback when the person closed the dialog
// without choosing. It is an answer, not a failure.
var ErrCancelled = errors.New("no file chosen")

// errUnavailable says that this desktop has no native dialog to offer.
var errUnavailable = errors.New("the desktop's file dialog is not available")

// Request says what to ask for.
type Request struct {
	// Title of the dialog, where the platform shows one.
	Title string
	// Dir is the folder to start in; "" leaves the choice to the platform.
	Dir string
	// Name is the suggested file name, for Save.
	Name string
	// Extension, with its dot, is added to a name that a person typed without
	// one, for Save; "" leaves names as they are.
	Extension string
}

// A Picker asks for one file or folder at a time. The callback runs on the UI goroutine,
// exactly once, with the chosen path or with an error that may be
// [ErrCancelled]. Methods are called on the UI goroutine and return at once.
type Picker interface {
	// Open asks for an existing file to read.
	Open(r Request, done func(path string, err error))
	// Save asks for a file to write. It has confirmed overwriting when done is
	// called with a path that exists.
	Save(r Request, done func(path string, err error))
	// Folder asks for an existing folder. Name and Extension of the request
	// mean nothing there.
	Folder(r Request, done func(path string, err error))
	// Close ends the picker. On Linux it closes a dialog that is still open,
	// and waits until it has gone; elsewhere such a dialog answers into the void.
	Close()
}

// complete gives a path typed by a person the extension it lacks.
func complete(path, extension string) string {
	if extension == "" || filepath.Ext(path) != "" || strings.HasSuffix(path, ".") {
		return path
	}
	return path + extension
}

// exists reports whether writing to path would replace something.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
