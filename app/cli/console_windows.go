//go:build !headless

package cli

import (
	"bytes"
	"io"
	"log"
	"os"
	"strings"
	"sync"

	"golang.org/x/sys/windows"
)

var (
	kernel32      = windows.NewLazySystemDLL("kernel32.dll")
	attachConsole = kernel32.NewProc("AttachConsole")
)

// parentProcess is ATTACH_PARENT_PROCESS: the console of whoever started this.
const parentProcess = uintptr(^uint32(0))

// console gives the program with a window, which Windows starts without a console, something to write to. Streams
// that lead somewhere, such as a file or a pipe, stay as they are. In place of the others comes the console in which
// a command was typed or, where there is none, a message that the returned function shows when the run has failed.
// That function is called once, with the exit status.
//
// See https://learn.microsoft.com/windows/console/attachconsole. cmd.exe does not wait for such a program: what
// people type is wirebench.com, which stands beside it.
func console(args []string, in io.Reader, out, errs io.Writer) (io.Reader, io.Writer, io.Writer, func(status int)) {
	noIn, noOut, noErrs := leadsNowhere(in), leadsNowhere(out), leadsNowhere(errs)
	if noIn {
		in = strings.NewReader("")
	}
	if !noOut && !noErrs {
		return in, out, errs, func(int) {}
	}
	if !opensWindow(args) {
		if attached, _, _ := attachConsole.Call(parentProcess); attached != 0 {
			if screen, err := os.OpenFile("CONOUT$", os.O_RDWR, 0); err == nil {
				if noOut {
					out = screen
				}
				if noErrs {
					errs = screen
				}
				return in, out, errs, func(int) {}
			}
		}
	}
	m := &lastWords{}
	if noOut {
		out = m
	}
	if noErrs {
		errs = m
		log.SetOutput(m) // where Fyne says why it has no window
	}
	return in, out, errs, m.show
}

// leadsNowhere reports whether stream is a file without a valid handle behind it.
func leadsNowhere(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	if f == nil {
		return true
	}
	kind, err := windows.GetFileType(windows.Handle(f.Fd()))
	return err != nil && kind == windows.FILE_TYPE_UNKNOWN
}

// opensWindow reports whether args are addresses alone, if anything.
func opensWindow(args []string) bool {
	for _, a := range args {
		if !strings.Contains(a, "://") {
			return false
		}
	}
	return true
}

// lastWords are the end of what a run said that nobody could see. Its methods may be called concurrently.
type lastWords struct {
	mu   sync.Mutex
	text []byte
}

// longestMessage is what a message box holds and a person reads, in bytes.
const longestMessage = 4 << 10

func (m *lastWords) Write(p []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.text = append(m.text, p...)
	if over := len(m.text) - longestMessage; over > 0 {
		m.text = append(m.text[:0], m.text[over:]...)
	}
	return len(p), nil
}

// show puts the message up, unless all went well with nothing but a window asked for.
func (m *lastWords) show(status int) {
	m.mu.Lock()
	text := bytes.TrimSpace(bytes.ToValidUTF8(bytes.ReplaceAll(m.text, []byte{0}, nil), nil))
	m.mu.Unlock()
	if status == statusDone || len(text) == 0 {
		return
	}
	t, err := windows.UTF16PtrFromString(string(text))
	if err != nil {
		return
	}
	caption, err := windows.UTF16PtrFromString("Wirebench")
	if err != nil {
		return
	}
	windows.MessageBox(0, t, caption, windows.MB_OK|windows.MB_ICONERROR|windows.MB_SETFOREGROUND)
}
