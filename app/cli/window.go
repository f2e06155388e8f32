//go:build !headless

package cli

import (
	"bytes"
	"log"
	"os"
	"strings"

	"wirebench/app"
)

// openWindow runs the window to its end. When there can be none, it returns why or calls giveUp, which must not return.
func openWindow(urls []string, captureDir string, giveUp func(error)) (err error) {
	settle()
	log.SetOutput(&withoutWindow{to: log.Writer(), giveUp: giveUp})
	defer func() {
		if p := recover(); p != nil {
			if err = toolkitFailure(p); err == nil {
				panic(p)
			}
		}
	}()
	return app.Run(app.Options{URLs: urls, CaptureDir: captureDir, Commands: commandHelp(), Version: Version()})
}

// commandHelp is what the commands print when they are asked for help.
func commandHelp() (all []app.CommandHelp) {
	var b bytes.Buffer
	root := newRoot(streams{strings.NewReader(""), &b, &b}, func() {})
	for _, c := range root.Commands() {
		if !c.IsAvailableCommand() || c.Name() == "help" {
			continue
		}
		b.Reset()
		c.SetOut(&b)
		if c.Help() == nil {
			all = append(all, app.CommandHelp{Name: c.Name(), Text: b.String()})
		}
	}
	return all
}

// settle sets what the window's toolkit takes from its surroundings. Errors are left to it, which reports them.
func settle() {
	// By this name, which GLFW gives to X11 as the window's instance, a desktop finds the entry with the icon
	// (StartupWMClass). Without it that would be whatever title the window has at first.
	if os.Getenv("RESOURCE_NAME") == "" {
		_ = os.Setenv("RESOURCE_NAME", "wirebench")
	}
	// Fyne makes its own folder in this one, but not this one, which a new person's home has not.
	if dir, err := os.UserCacheDir(); err == nil {
		_ = os.MkdirAll(dir, 0o700)
	}
}
