package filepick

// #cgo pkg-config: gtk+-3.0
// #include "gtk_linux.h"
import "C"

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// childVariable in the environment makes this program show one dialog and end;
// see [Serve].
const childVariable = C.CHILD_VARIABLE

// pipesAfterEnd bounds how long the answer is waited for once the child has
// ended: something that GTK started may hold on to its end of the pipe.
const pipesAfterEnd = time.Second

// native shows each dialog in a child process, this program run once more.
// GTK then costs nothing until a dialog is opened, cannot take the window down
// with it, and can be ended while its dialog is open.
type native struct {
	program func() (string, error) // path of this program
	ctx     context.Context
	cancel  context.CancelFunc
	dialogs sync.WaitGroup
}

func newNative() *native {
	n := &native{program: os.Executable}
	n.ctx, n.cancel = context.WithCancel(context.Background())
	return n
}

// ask implements [asker].
func (n *native) ask(j job, answer func(path string, err error)) {
	n.dialogs.Go(func() {
		path, err := n.show(j)
		if n.ctx.Err() != nil {
			path, err = "", ErrCancelled
		}
		answer(path, err)
	})
}

// close implements [asker]: it ends a dialog that is open and waits for its
// process.
func (n *native) close() {
	n.cancel()
	n.dialogs.Wait()
}

// show runs one child and returns what it answered. A child that cannot be
// started, or ends without an answer, is errUnavailable.
func (n *native) show(j job) (string, error) {
	program, err := n.program()
	if err != nil {
		return "", fmt.Errorf("%w: find this program: %w", errUnavailable, err)
	}
	child := exec.CommandContext(n.ctx, program)
	child.Env = append(os.Environ(), childVariable+"=1")
	said := &bounded{limit: maxMessage}
	child.Stdout, child.Stderr = said, os.Stderr
	child.WaitDelay = pipesAfterEnd
	// Ctrl+C in the terminal is for the window, which then ends the child.
	child.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	// The pipe stays open while the dialog does: its end, whatever the reason,
	// tells the child that nobody waits for an answer any more.
	in, err := child.StdinPipe()
	if err != nil {
		return "", fmt.Errorf("%w: %w", errUnavailable, err)
	}
	if err := child.Start(); err != nil {
		return "", fmt.Errorf("%w: %w", errUnavailable, err)
	}
	told := writeJob(in, j)
	ended := child.Wait()
	path, err := readAnswer(said.kept.Bytes())
	if err == nil || err == ErrCancelled {
		return path, err
	}
	for _, reason := range []error{told, ended} {
		if reason != nil {
			return "", fmt.Errorf("%w: %w (%w)", errUnavailable, err, reason)
		}
	}
	return "", fmt.Errorf("%w: %w", errUnavailable, err)
}
