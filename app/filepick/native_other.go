//go:build !linux

package filepick

import (
	"runtime"
	"sync"
)

// Serve shows a dialog for another process where dialogs have one of their
// own, which is on Linux alone; see there.
func Serve() bool { return false }

// native runs the desktop's dialogs on one locked thread, because COM and
// Cocoa tie their state to the thread that made it.
type native struct {
	questions chan question
	quit      chan struct{}
	once      sync.Once
}

type question struct {
	job    job
	answer func(path string, err error)
}

func newNative() *native {
	n := &native{questions: make(chan question), quit: make(chan struct{})}
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
		case q := <-n.questions:
			q.answer(run(q.job))
		case <-n.quit:
			return
		}
	}
}

// ask implements [asker]. The goroutine lives until the thread takes the
// question over, or the picker is closed.
func (n *native) ask(j job, answer func(path string, err error)) {
	go func() {
		select {
		case n.questions <- question{job: j, answer: answer}:
		case <-n.quit:
			answer("", ErrCancelled)
		}
	}()
}

// close implements [asker].
func (n *native) close() { n.once.Do(func() { close(n.quit) }) }
