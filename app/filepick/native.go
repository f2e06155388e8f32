package filepick

import (
	"fmt"
	"runtime"
	"sync"

	"github.com/sqweek/dialog"
)

// native runs the desktop's dialogs on one locked thread, because GTK and
// COM both tie their state to the thread that made it.
type native struct {
	requests chan job
	quit     chan struct{}
	once     sync.Once
}

type job struct {
	request Request
	save    bool
	answer  func(path string, err error)
}

func newNative() *native {
	n := &native{requests: make(chan job), quit: make(chan struct{})}
	go n.serve()
	return n
}

// serve is the dialog thread. A dialog cannot be interrupted from outside, so
// close does not wait for one that a person still has open; the process's end
// takes it down.
func (n *native) serve() {
	runtime.LockOSThread()
	for {
		select {
		case j := <-n.requests:
			j.answer(run(j))
		case <-n.quit:
			return
		}
	}
}

// ask hands a request over, or answers errUnavailable when a dialog is
// already open or the picker was closed.
func (n *native) ask(r Request, save bool, answer func(path string, err error)) {
	select {
	case n.requests <- job{request: r, save: save, answer: answer}:
	case <-n.quit:
		answer("", ErrCancelled)
	}
}

func (n *native) close() { n.once.Do(func() { close(n.quit) }) }

// run shows one dialog and waits for its answer. The library panics where GTK
// could not be initialised; that becomes errUnavailable.
func run(j job) (path string, err error) {
	defer func() {
		if p := recover(); p != nil {
			path, err = "", fmt.Errorf("%w: %v", errUnavailable, p)
		}
	}()
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
	if err == dialog.ErrCancelled {
		return "", ErrCancelled
	}
	if err != nil {
		return "", fmt.Errorf("%w: %w", errUnavailable, err)
	}
	return path, nil
}
