//go:build !headless

package cli

import (
	"errors"
	"log"
	"strings"
	"testing"
)

func TestAWindowThatCannotBeMadeIsGivenUpWithItsCause(t *testing.T) {
	for _, c := range []struct {
		name  string
		lines []string
		cause string // empty: it goes on
	}{
		{"no OpenGL on X11", []string{"Fyne error:  window creation error", "  Cause: VersionUnavailable: GLX: Failed to create context", "  At: driver.go:180"}, "GLX: Failed to create context"},
		{"no OpenGL on Windows", []string{"PlatformError: WGL: Failed to set pixel format for dummy context: Invalid window handle. "}, "WGL: Failed to set pixel format"},
		{"both, one after the other", []string{"PlatformError: WGL: no driver", "Fyne error:  window creation error", "  Cause: another"}, "WGL: no driver"},
		{"a context that is lost later", []string{"PlatformError: WGL: Failed to make context current: no"}, ""},
		{"a clipboard that another program holds", []string{"PlatformError: Win32: Failed to open clipboard: Access denied."}, ""},
		{"any other error of Fyne", []string{"Fyne error:  failed to watch theme settings", "  Cause: no dbus"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			gaveUp := make(chan error, 2)
			w := &withoutWindow{to: &out, giveUp: func(err error) { gaveUp <- err }}
			l := log.New(w, "", log.LstdFlags)
			for _, line := range c.lines {
				l.Println(line)
			}
			if got := strings.Count(out.String(), "\n"); got != len(c.lines) {
				t.Errorf("%d lines were passed on of %d", got, len(c.lines))
			}
			if w.over != (c.cause != "") {
				t.Fatalf("given up: %t", w.over)
			}
			if c.cause == "" {
				return
			}
			if err := <-gaveUp; !strings.Contains(err.Error(), c.cause) || !strings.Contains(err.Error(), "OpenGL") {
				t.Errorf("given up with %q, which does not hold %q", err, c.cause)
			}
		})
	}
}

func TestOnlyTheToolkitsOwnFailureIsCaught(t *testing.T) {
	if err := toolkitFailure(errors.New("NotInitialized: The GLFW library is not initialized")); !errors.Is(err, errNoToolkit) {
		t.Errorf("a toolkit that did not start is taken for %v", err)
	}
	if err := toolkitFailure("index out of range"); err != nil {
		t.Errorf("a mistake of ours is taken for %v", err)
	}
}
