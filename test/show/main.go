//go:build linux

// Show runs the window where there is no display: on a virtual screen, against socat as an echo peer on loopback.
// It connects, sends, waits for the echo, takes a picture and ends the window in order. The last line it prints is
// the picture's path.
package main

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"syscall"
	"time"

	"wirebench/test/desktop"
)

const (
	greeting = "Hello from Wirebench"
	patience = 30 * time.Second
)

func main() {
	binary := flag.String("binary", "build/wirebench", "the program to run")
	picture := flag.String("picture", "build/wirebench.png", "where the picture goes")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	path, err := show(ctx, *binary, *picture)
	if err != nil {
		fmt.Fprintln(os.Stderr, "show:", err)
		os.Exit(1)
	}
	fmt.Println("The window connected, sent, received its echo, and closed in order. This is what it looked like:")
	fmt.Println(path)
}

func show(ctx context.Context, binary, picture string) (path string, err error) {
	if binary, err = filepath.Abs(binary); err != nil {
		return "", err
	}
	if picture, err = filepath.Abs(picture); err != nil {
		return "", err
	}
	home, err := os.MkdirTemp("", "wirebench-show-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(home)
	address, endEcho, err := echo(ctx)
	if err != nil {
		return "", err
	}
	defer endEcho()
	screen, err := desktop.Open(ctx)
	if err != nil {
		return "", err
	}
	defer screen.Close()

	captures := filepath.Join(home, "captures")
	app, err := screen.Start(ctx, desktop.Command{
		Path: binary, Args: []string{"--capture-dir", captures, "tcp://" + address}, Home: home, Name: "Wirebench",
	})
	if err != nil {
		return "", err
	}
	defer app.Kill()
	if err := desktop.Until(ctx, patience, "the connection", func() (bool, error) {
		n, err := recorded(captures, []byte("connected"))
		return n > 0, err
	}); err != nil {
		return "", fmt.Errorf("%w\n%s", err, app.Stderr())
	}
	if err := screen.Key(ctx, "ctrl+m"); err != nil {
		return "", err
	}
	if err := screen.Type(ctx, greeting); err != nil {
		return "", err
	}
	if err := screen.Key(ctx, "ctrl+Return"); err != nil {
		return "", err
	}
	if err := desktop.Until(ctx, patience, "the echo", func() (bool, error) {
		n, err := recorded(captures, []byte(greeting))
		return n >= 2, err // once out, once in
	}); err != nil {
		return "", fmt.Errorf("%w\n%s", err, app.Stderr())
	}
	// The counters follow within a second. What blinks or counts keeps the screen from resting; the picture is as good then.
	_ = screen.Settle(ctx, desktop.Bounds(), 1100*time.Millisecond, 3*time.Second)
	if err := screen.Picture(picture); err != nil {
		return "", err
	}
	if err := app.Terminate(patience); err != nil {
		return "", fmt.Errorf("end the window: %w", err)
	}
	if lines := app.Complaints(); len(lines) > 0 {
		return "", fmt.Errorf("the window complained: %q", lines)
	}
	return picture, nil
}

// echo starts socat as an echo peer on a free port and returns where it listens and what ends it.
func echo(ctx context.Context) (address string, end func(), err error) {
	cmd := exec.Command("socat", "-d", "-d", "TCP-LISTEN:0,bind=127.0.0.1,fork", "PIPE")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	log, err := cmd.StderrPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, fmt.Errorf("start socat: %w", err)
	}
	end = func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) // its children serve the connections
		cmd.Wait()
	}
	listening := regexp.MustCompile(`listening on AF=2 (127\.0\.0\.1:\d+)`)
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		if found := listening.FindStringSubmatch(lines.Text()); found != nil {
			go func() { // socat goes on talking; a full pipe would stop it
				for lines.Scan() {
				}
			}()
			return found[1], end, ctx.Err()
		}
	}
	end()
	return "", nil, fmt.Errorf("socat does not listen: %w", lines.Err())
}

// recorded counts what in the captures below dir.
func recorded(dir string, what []byte) (n int, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil || d.IsDir() || filepath.Ext(path) != ".pcapng" {
			return err
		}
		text, err := os.ReadFile(path)
		n += bytes.Count(text, what)
		return err
	})
	return n, err
}
