//go:build linux

package desktop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Command says what to run on a screen.
type Command struct {
	Path string
	Args []string
	Home string   // holds the program's configuration and state; made if it is not there. One home, one person.
	Env  []string // added to the screen's own environment
	Name string   // a pattern (POSIX extended) that the window's title matches
}

// App is a running program with its window.
type App struct {
	screen *Screen
	cmd    *exec.Cmd
	name   string
	window string
	stderr transcript
	ended  chan struct{}
	err    error // of the process; read after ended is closed
}

// Launch runs a program and does not wait for its window; see [App.Appear].
func (s *Screen) Launch(c Command) (*App, error) {
	for _, dir := range []string{"run", "config", "state", "data", "cache"} {
		if err := os.MkdirAll(filepath.Join(c.Home, dir), 0o700); err != nil {
			return nil, err
		}
	}
	a := &App{screen: s, name: c.Name, ended: make(chan struct{})}
	a.cmd = exec.Command(c.Path, c.Args...)
	a.cmd.Env = append(s.environment(c.Home), c.Env...)
	a.cmd.Dir = c.Home
	a.cmd.Stdout, a.cmd.Stderr = &a.stderr, &a.stderr
	a.cmd.SysProcAttr = endsWithUs()
	a.cmd.WaitDelay = 5 * time.Second
	if err := a.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", c.Path, err)
	}
	go func() {
		a.err = a.cmd.Wait()
		close(a.ended)
	}()
	return a, nil
}

// Start runs a program and waits until its window is there.
func (s *Screen) Start(ctx context.Context, c Command) (*App, error) {
	a, err := s.Launch(c)
	if err != nil {
		return nil, err
	}
	if err := a.Appear(ctx); err != nil {
		return nil, errors.Join(err, a.Kill())
	}
	return a, nil
}

// Appear waits until the program's window is on the screen. Until then Title fails.
func (a *App) Appear(ctx context.Context) error {
	return Until(ctx, time.Minute, "a window named "+a.name, func() (bool, error) {
		select {
		case <-a.ended:
			return false, fmt.Errorf("the program ended first: %v\n%s", a.err, a.Stderr())
		default:
		}
		out, err := a.screen.command(ctx, "xdotool", "search", "--onlyvisible", "--name", a.name).Output()
		if err != nil {
			return false, nil // xdotool's way to say that there is none
		}
		a.window = strings.Fields(string(out))[0]
		return true, nil
	})
}

// PID is the program's process id.
func (a *App) PID() int { return a.cmd.Process.Pid }

// Title is the window's present title.
func (a *App) Title(ctx context.Context) (string, error) {
	out, err := a.screen.command(ctx, "xdotool", "getwindowname", a.window).Output()
	return strings.TrimRight(string(out), "\n"), err
}

// Stderr is what the program has said so far, on standard output and standard error; the first MiB of it.
func (a *App) Stderr() string { return a.stderr.String() }

var complaint = regexp.MustCompile(`(?m)^.*(Fyne error|WARNING: DATA RACE|panic:|fatal error:|runtime error|GLib.*CRITICAL|Gtk.*CRITICAL).*$`)

// Complaints are the lines of Stderr that no healthy run prints: Fyne's errors, races, panics.
//
// One is left out: Fyne 2.8.1 writes its preferences file at the end and watches it too, and now and then reads it
// while it is still empty ("Preferences load error", caused by EOF). Nothing is lost by that.
func (a *App) Complaints() []string {
	return complaint.FindAllString(emptyPreferences.ReplaceAllString(a.Stderr(), ""), -1)
}

var emptyPreferences = regexp.MustCompile(`(?m)^.*Fyne error: +Preferences load error:\s*\n.*Cause: EOF\s*$`)

// Ended is closed when the process has ended.
func (a *App) Ended() <-chan struct{} { return a.ended }

// Kill ends the program with SIGKILL and waits for it.
func (a *App) Kill() error {
	if err := a.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-a.ended
	return nil
}

// Terminate asks the program to end (SIGTERM) and waits; an exit status other than 0 is an error.
func (a *App) Terminate(within time.Duration) error {
	if err := a.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	err := a.Wait(within)
	if err != nil && !a.gone() {
		// A program that hangs says where: SIGQUIT makes Go write down every goroutine.
		_ = a.cmd.Process.Signal(syscall.SIGQUIT)
		_ = a.Wait(time.Second)
		if a.gone() {
			err = fmt.Errorf("%w; it hung here:\n%s", err, a.Stderr())
		}
	}
	return err
}

// gone reports whether the process has ended.
func (a *App) gone() bool {
	select {
	case <-a.ended:
		return true
	default:
		return false
	}
}

// Wait waits for the program to end by itself; an exit status other than 0 is an error.
func (a *App) Wait(within time.Duration) error {
	select {
	case <-a.ended:
		if a.err != nil {
			return fmt.Errorf("%w\n%s", a.err, a.Stderr())
		}
		return nil
	case <-time.After(within):
		return fmt.Errorf("the program is still there after %v", within)
	}
}

// Memory is the resident memory of a process in bytes.
type Memory struct {
	RSS  int64 // all of it
	Anon int64 // without mapped files, which the page cache may drop
	Peak int64 // the highest RSS so far
}

// Memory reads the program's memory from /proc.
func (a *App) Memory() (Memory, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", a.PID()))
	if err != nil {
		return Memory{}, err
	}
	var m Memory
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		into := map[string]*int64{"VmRSS": &m.RSS, "RssAnon": &m.Anon, "VmHWM": &m.Peak}[name]
		if into == nil {
			continue
		}
		kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		if err != nil {
			return Memory{}, fmt.Errorf("read %q: %w", line, err)
		}
		*into = kib << 10
	}
	return m, nil
}

// Descriptors is how many file descriptors the program holds open.
func (a *App) Descriptors() (int, error) {
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", a.PID()))
	return len(entries), err
}

// transcript keeps the first MiB of what is written to it and drops the rest, so that a chatty program cannot fill memory.
type transcript struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

var _ io.Writer = (*transcript)(nil)

func (t *transcript) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if room := 1<<20 - t.buf.Len(); room > 0 {
		t.buf.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.buf.String()
}
