//go:build linux

package desktop

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

func run(cmd *exec.Cmd) error {
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(cmd.Args, " "), err, stderr.Bytes())
	}
	return nil
}

// Key presses keys one after the other, each in xdotool's names: "ctrl+l", "Return", "ctrl+shift+p".
func (s *Screen) Key(ctx context.Context, keys ...string) error {
	return run(s.command(ctx, "xdotool", append([]string{"key", "--clearmodifiers", "--delay", "12"}, keys...)...))
}

// Keyboard presses keys without starting a program for each, for measuring how soon a key shows. Close it after use.
type Keyboard struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
}

// Keyboard starts one.
func (s *Screen) Keyboard() (*Keyboard, error) {
	cmd := s.command(context.Background(), "xdotool", "-") // reads its commands line by line
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start xdotool: %w", err)
	}
	return &Keyboard{cmd, stdin}, nil
}

// Press asks for a key to be pressed and does not wait for it to have happened, which takes about a millisecond.
func (k *Keyboard) Press(key string) error {
	_, err := fmt.Fprintf(k.stdin, "key --delay 0 %s\n", key)
	return err
}

// Close ends the keyboard's process.
func (k *Keyboard) Close() error {
	k.stdin.Close()
	return k.cmd.Wait()
}

// Type types text, character by character, into whatever has the focus.
func (s *Screen) Type(ctx context.Context, text string) error {
	return run(s.command(ctx, "xdotool", "type", "--clearmodifiers", "--delay", "6", "--", text))
}

// Click moves the pointer and presses a button: 1 left, 2 middle, 3 right, 4 and 5 the wheel.
func (s *Screen) Click(ctx context.Context, at image.Point, button int) error {
	return run(s.command(ctx, "xdotool", "mousemove", strconv.Itoa(at.X), strconv.Itoa(at.Y), "click", strconv.Itoa(button)))
}

// Move moves the pointer.
func (s *Screen) Move(ctx context.Context, to image.Point) error {
	return run(s.command(ctx, "xdotool", "mousemove", strconv.Itoa(to.X), strconv.Itoa(to.Y)))
}

// Clipboard is the text of the clipboard, and whether anything is there. A window that is too busy to answer is waited
// for: who asks and then goes away leaves the owner with an answer for nobody.
func (s *Screen) Clipboard(ctx context.Context) (string, bool) {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	out, err := s.command(ctx, "xclip", "-selection", "clipboard", "-out").Output()
	return string(out), err == nil
}

// AskInVain asks for the clipboard, as a program does that pastes, and goes away after a while without having waited for
// the answer.
func (s *Screen) AskInVain(ctx context.Context, after time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, after)
	defer cancel()
	s.command(ctx, "xclip", "-selection", "clipboard", "-out").Run() // is killed, unless it had an answer
}

// SetClipboard puts text on the clipboard, for a paste; it is also how a test knows that a copy after it is new.
// xclip stays behind as the clipboard's owner until another program copies, or the screen goes.
func (s *Screen) SetClipboard(ctx context.Context, text string) error {
	cmd := s.command(ctx, "xclip", "-selection", "clipboard", "-in")
	cmd.SysProcAttr = nil // its child must outlive it
	cmd.Stdin = strings.NewReader(text)
	if err := cmd.Run(); err != nil {
		return err
	}
	// Its child takes the clipboard when it comes to run, which may be after a copy that follows.
	return Until(ctx, 10*time.Second, "xclip to take the clipboard", func() (bool, error) {
		got, ok := s.Clipboard(ctx)
		return ok && got == text, nil
	})
}
