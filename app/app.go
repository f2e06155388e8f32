// Package app is the window: it puts the widgets of package widgets over the
// sessions of package sessions, and holds what belongs to neither: tabs, menus,
// shortcuts, the workspace that comes back at the next start, and the pump that
// carries the engine's changes to the screen.
package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"

	"wirebench/app/filepick"
	"wirebench/app/paths"
	"wirebench/assets"
)

// ErrNoDisplay is returned by [Run] where there is no screen to open a window on.
var ErrNoDisplay = errors.New("there is no display to open a window on: set DISPLAY or WAYLAND_DISPLAY, or use the command line (wirebench --help)") // not said

// Options say how the window starts.
type Options struct {
	// URLs open a tab each and start it: tcp://host:port.
	URLs []string
	// CaptureDir is where captures are kept, whatever the settings say; "" for the folder of the settings.
	CaptureDir string
	// MessagesDir is where saved messages are kept; "" for the user's own folder.
	MessagesDir string
	// LanguageDir is where translations are looked for; "" for the user's own folder.
	LanguageDir string
	// Commands is the help of the command line, for the window's.
	Commands []CommandHelp
	// Version is shown in About.
	Version string

	usualCaptures string // where captures are kept if neither CaptureDir nor the settings say
}

// Run opens the window and returns when it has closed and everything it
// started has ended or has had [endPatience] to, or ends the program then with
// status 0. It must be called on the main goroutine.
func Run(o Options) error {
	if filepick.Serve() {
		return nil // this process was there for one file dialog
	}
	if runtime.GOOS == "linux" && os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		return ErrNoDisplay
	}
	dir, err := paths.CaptureDir()
	if err != nil && o.CaptureDir == "" {
		return fmt.Errorf("find the folder for captures: %w", err) // not said
	}
	o.usualCaptures = dir
	if o.LanguageDir == "" {
		// Without such a folder there are no translations, which is no reason to stay away.
		o.LanguageDir, _ = paths.LanguageDir()
	}
	if o.MessagesDir == "" {
		dir, err := paths.MessagesDir()
		if err != nil {
			return fmt.Errorf("find the folder for saved messages: %w", err) // not said
		}
		o.MessagesDir = dir
	}
	state, err := paths.StateDir()
	if err != nil {
		return fmt.Errorf("find the folder for the workspace: %w", err) // not said
	}
	// go run and go install do not read FyneApp.toml, so the same is said here.
	fyneapp.SetMetadata(fyne.AppMetadata{
		ID:         "io.wirebench.app",
		Name:       "Wirebench", // not said
		Version:    o.Version,
		Migrations: map[string]bool{"fyneDo": true},
	})
	surviveAskers()
	a := fyneapp.NewWithID("io.wirebench.app")
	w := newWorkbench(a, o, filepath.Join(state, "workspace.json"))
	w.leave = leave
	a.Lifecycle().SetOnStarted(func() { fyne.Do(w.takeSignals) })
	w.pick = filepick.New(w.win)
	w.open()
	// Decoding the icon takes as long as a frame or two: the window comes first.
	icon := fyne.NewStaticResource(assets.IconName, assets.Icon)
	a.SetIcon(icon)
	w.win.SetIcon(icon)
	a.Run()
	w.shutdown() // where Fyne ended by itself; quit ends the process before
	return nil
}
