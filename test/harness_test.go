//go:build e2e && linux

package test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"wirebench/test/desktop"
)

// patience bounds every wait for something that takes milliseconds on an idle machine.
const patience = 20 * time.Second

// binaries is where the programs under test are built, once for all tests.
var binaries string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		var err error
		if binaries, err = os.MkdirTemp("", "wirebench-e2e-"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(binaries)
		return m.Run()
	}())
}

// raced says that the window is built with the race detector (WIREBENCH_RACE=1), which takes time and memory that
// the product's own bounds do not count.
func raced() bool { return os.Getenv("WIREBENCH_RACE") == "1" }

// theWindow builds the program with its window.
var theWindow = sync.OnceValues(func() (string, error) {
	args := []string{"-tags", "migrated_fynedo"}
	if raced() {
		args = append(args, "-race")
	}
	return built("wirebench", nil, args...)
})

// theCommand builds the program without a window.
var theCommand = sync.OnceValues(func() (string, error) {
	return built("wirebench-headless", []string{"CGO_ENABLED=0"}, "-tags", "headless")
})

func built(name string, env []string, args ...string) (string, error) {
	path := filepath.Join(binaries, name)
	args = append([]string{"build", "-buildvcs=false", "-ldflags", "-X wirebench/app/cli.version=0.0.0-test", "-o", path}, args...)
	cmd := exec.Command("go", append(args, ".")...)
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return path, nil
}

// window is the real window on a screen of its own, with a home of its own. Its methods end the test when the
// window does not follow.
type window struct {
	*testing.T
	ctx      context.Context
	screen   *desktop.Screen
	app      *desktop.App
	home     string
	captures string
}

// openWindow starts the program on a new screen. When the test ends, the program must still be healthy: it is
// terminated and must end with status 0 and without complaints on stderr.
func openWindow(t *testing.T, args ...string) *window {
	t.Helper()
	return openWindowIn(t, t.TempDir(), args...)
}

// openWindowIn is openWindow for a person whose home has something in it already.
func openWindowIn(t *testing.T, home string, args ...string) *window {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	screen, err := desktop.Open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { screen.Close() })
	w := &window{T: t, ctx: ctx, screen: screen, home: home, captures: filepath.Join(home, "captures")}
	t.Cleanup(func() {
		if t.Failed() {
			w.picture("failed-" + strings.ReplaceAll(t.Name(), "/", "-"))
		}
		w.end()
	})
	w.start(args...)
	return w
}

// homeWithTabs makes a home whose last window had these tabs open, the first of them visible. T is written as the
// workspace has a tab.
func homeWithTabs[T any](t *testing.T, tabs ...T) string {
	t.Helper()
	home := t.TempDir()
	b, err := json.Marshal(map[string]any{"version": 1, "width": 1260, "height": 780, "textSize": 14, "tabs": tabs, "selected": 0})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(home, "state", "wirebench")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "workspace.json"), b, 0o600); err != nil {
		t.Fatal(err)
	}
	return home
}

// start runs the program in this window's home, as the first or a later start of the same person.
func (w *window) start(args ...string) {
	w.Helper()
	path, err := theWindow()
	if err != nil {
		w.Fatal(err)
	}
	w.app, err = w.screen.Start(w.ctx, desktop.Command{
		Path: path, Args: append([]string{"--capture-dir", w.captures}, args...), Home: w.home, Name: "Wirebench",
	})
	if err != nil {
		w.Fatal(err)
	}
	w.settle()
}

// end terminates the program in order, unless it was ended before, and looks at what it said.
func (w *window) end() {
	w.Helper()
	if w.app == nil {
		return
	}
	app := w.app
	w.app = nil
	if err := app.Terminate(patience); err != nil {
		w.Errorf("end the window with SIGTERM: %v", err)
		app.Kill()
	}
	w.healthy(app)
}

// kill ends the program as a crash would.
func (w *window) kill() time.Time {
	w.Helper()
	at := time.Now()
	if err := w.app.Kill(); err != nil {
		w.Fatal(err)
	}
	w.healthy(w.app)
	w.app = nil
	return at
}

func (w *window) healthy(app *desktop.App) {
	w.Helper()
	for _, line := range app.Complaints() {
		w.Errorf("the window complained: %s\n%s", line, app.Stderr())
	}
}

// settle waits for the window to be drawn; a blinking cursor or running counters keep it from ever coming to rest,
// which is no failure.
func (w *window) settle() {
	w.screen.Settle(w.ctx, desktop.Bounds(), 150*time.Millisecond, 1500*time.Millisecond)
}

// picture leaves a PNG of the screen in test/out.
func (w *window) picture(name string) {
	w.Helper()
	w.settle()
	if err := w.screen.Picture(filepath.Join("out", name+".png")); err != nil {
		w.Error(err)
	}
}

func (w *window) key(keys ...string) {
	w.Helper()
	w.must(w.screen.Key(w.ctx, keys...))
}

func (w *window) typeText(text string) {
	w.Helper()
	w.must(w.screen.Type(w.ctx, text))
}

func (w *window) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// until waits for done, with a picture and the program's own words when it never comes.
func (w *window) until(what string, done func() bool) {
	w.Helper()
	w.within(patience, what, done)
}

func (w *window) within(limit time.Duration, what string, done func() bool) {
	w.Helper()
	err := desktop.Until(w.ctx, limit, what, func() (bool, error) {
		select {
		case <-w.app.Ended():
			return false, fmt.Errorf("the window has gone")
		default:
			return done(), nil
		}
	})
	if err != nil {
		w.Fatalf("%v\nstderr:\n%s", err, w.app.Stderr())
	}
}

// title waits until the window's title holds part.
func (w *window) title(part string) {
	w.Helper()
	w.until("the title to hold "+strconv.Quote(part), func() bool {
		title, err := w.app.Title(w.ctx)
		return err == nil && strings.Contains(title, part) && strings.Contains(title, "Wirebench")
	})
}

// copied presses keys that copy and returns what then is on the clipboard.
func (w *window) copied(keys ...string) string {
	w.Helper()
	return w.copiedBy(func() { w.key(keys...) })
}

// copiedBy is copied by something else than keys alone.
func (w *window) copiedBy(do func()) string {
	w.Helper()
	const before = "nothing was copied"
	w.must(w.screen.SetClipboard(w.ctx, before))
	do()
	var text string
	w.until("the clipboard to change", func() bool {
		got, ok := w.screen.Clipboard(w.ctx)
		text = got
		return ok && got != before
	})
	return text
}

// captured waits until the captures below the window's folder satisfy done.
func (w *window) captured(what string, done func(traffic) bool) traffic {
	w.Helper()
	var last traffic
	defer func() {
		if w.Failed() {
			w.Logf("the captures hold: %s", last)
		}
	}()
	w.until(what, func() bool {
		got, err := readTraffic(w.captures)
		if err != nil {
			w.Fatal(err)
		}
		last = got
		return done(got)
	})
	return last
}

// memory reads what the program takes now.
func (w *window) memory() desktop.Memory {
	w.Helper()
	m, err := w.app.Memory()
	w.must(err)
	return m
}

// output runs a program to its end and returns its standard output.
func output(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(name, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, stderr.Bytes())
	}
	return out
}
