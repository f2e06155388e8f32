//go:build headless

package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
)

// openWindowBeside starts the program with the window, wirebench.exe, which packages have beside this one, wirebench.com.
// Of the two names a console takes .com first: it waits for this program and shows what it says, as it does not for a
// program with a window. The window's status becomes this one's, unless a console was opened for this program alone,
// as it is by a double click: then it does not stay.
func openWindowBeside(urls []string, captureDir string) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find the program with the window: %w", err)
	}
	program := strings.TrimSuffix(self, filepath.Ext(self)) + ".exe"
	if _, err := os.Stat(program); err != nil || strings.EqualFold(program, self) {
		return errNoWindow
	}
	var args []string
	if captureDir != "" {
		args = append(args, "--capture-dir", captureDir)
	}
	// Not the console's own handles: they mean nothing to a program that has no console.
	r, w, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("start %s: %w", program, err)
	}
	defer r.Close()
	cmd := exec.Command(program, append(args, urls...)...)
	cmd.Stdout, cmd.Stderr = w, w
	if aloneInConsole() {
		cmd.Stdout, cmd.Stderr = nil, nil
	}
	if err := cmd.Start(); err != nil {
		w.Close()
		return fmt.Errorf("start %s: %w", program, err)
	}
	w.Close()
	if cmd.Stderr == nil {
		return cmd.Process.Release()
	}
	if _, err := io.Copy(os.Stderr, r); err != nil {
		return fmt.Errorf("read what %s says: %w", program, err)
	}
	err = cmd.Wait()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return errFailed // it has said why
	}
	return err
}

// aloneInConsole reports whether the console was opened for this program: no shell is attached to it.
func aloneInConsole() bool {
	processes := make([]uint32, 2)
	list := windows.NewLazySystemDLL("kernel32.dll").NewProc("GetConsoleProcessList")
	n, _, _ := list.Call(uintptr(unsafe.Pointer(&processes[0])), uintptr(len(processes)))
	return n == 1
}
