//go:build !headless

package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
)

// withoutWindow watches what the window's toolkit logs. Where there is no usable OpenGL, Fyne logs that and runs on
// with no window, for ever and unseen; the program must end instead. It passes on what is written to it, and calls
// giveUp with the cause, once. Safe for concurrent use.
type withoutWindow struct {
	to     io.Writer
	giveUp func(error)

	mu     sync.Mutex
	failed bool // creating the window has failed, and the cause comes next
	over   bool
}

// contextLost are complaints about a window that is there already.
var contextLost = []string{": Failed to make ", ": Failed to clear ", ": Failed to swap "}

// Write takes one line of the standard logger.
func (w *withoutWindow) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := strings.TrimSpace(string(line))
	_, platform, isPlatform := strings.Cut(text, "PlatformError: ")
	_, cause, isCause := strings.Cut(text, "  Cause: ")
	switch {
	case strings.Contains(text, "Fyne error:  window creation error"):
		w.failed = true
	case w.failed && isCause:
		w.end(cause)
	case isPlatform && isContext(platform):
		w.end(platform)
	}
	return w.to.Write(line)
}

func (w *withoutWindow) end(cause string) {
	if !w.over {
		w.over = true
		// Not from inside of the logger, which giveUp may want to use.
		go w.giveUp(noOpenGL(cause))
	}
}

// isContext reports whether an error of GLFW is about making a window's OpenGL context: WGL is that of Windows, GLX
// and EGL of Linux, NSGL of macOS.
func isContext(text string) bool {
	kind, _, _ := strings.Cut(text, ":")
	switch kind {
	case "WGL", "GLX", "EGL", "NSGL":
	default:
		return false
	}
	for _, complaint := range contextLost {
		if strings.Contains(text, complaint) {
			return false
		}
	}
	return true
}

func noOpenGL(cause string) error {
	return fmt.Errorf("the window cannot be opened: %s\nIt needs OpenGL 2.1: install the graphics driver, or Mesa's software renderer. The command line needs none (wirebench --help)", cause)
}

// errNoToolkit comes where GLFW could not even start, as on a display that cannot be reached.
var errNoToolkit = errors.New("the window cannot be opened: the display cannot be used; the command line needs none (wirebench --help)")

// toolkitFailure is the error in what app.Run has panicked with, when that is GLFW not having started. Fyne logs the
// cause and uses it all the same.
func toolkitFailure(panicked any) error {
	if strings.Contains(fmt.Sprint(panicked), "GLFW library is not initialized") {
		return errNoToolkit
	}
	return nil
}
