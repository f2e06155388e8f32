//go:build linux

// Package desktop runs a window on a private virtual screen and works it as a person would: keys, clicks, the
// clipboard, and looking. It needs Xvfb, openbox, xdotool and xclip (test/setup.sh installs them).
//
// Nothing here reaches into the program under test. What a test knows, it knows from the screen, from the clipboard,
// from the window's title, from the files the program writes and from /proc.
package desktop

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Width and Height are the size of the screen in pixels. A window fills it.
const (
	Width  = 1280
	Height = 800
)

// Screen is a virtual X display with a window manager that gives every ordinary window the whole of it.
// Its methods are for one goroutine at a time, except Pixels, which any may call.
type Screen struct {
	display string
	dir     string
	buffer  *os.File // the frame buffer, an XWD file that Xvfb keeps mapped
	server  *exec.Cmd
	manager *exec.Cmd
}

// Open starts Xvfb on a free display number and openbox on it.
func Open(ctx context.Context) (*Screen, error) {
	dir, err := os.MkdirTemp("", "wirebench-screen-")
	if err != nil {
		return nil, err
	}
	s := &Screen{dir: dir}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Screen) start(ctx context.Context) error {
	number, told, err := os.Pipe()
	if err != nil {
		return err
	}
	defer number.Close()
	s.server = exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", fmt.Sprintf("%dx%dx24", Width, Height),
		"+extension", "GLX", "-nolisten", "tcp", "-noreset", "-fbdir", s.dir)
	s.server.ExtraFiles = []*os.File{told}
	s.server.SysProcAttr = endsWithUs()
	var complaints bytes.Buffer
	s.server.Stderr = &complaints
	err = s.server.Start()
	told.Close()
	if err != nil {
		s.server = nil
		return fmt.Errorf("start Xvfb: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { number.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	line, err := bufio.NewReader(number).ReadString('\n')
	if err != nil {
		return fmt.Errorf("no display number from Xvfb: %w\n%s", err, complaints.Bytes())
	}
	s.display = ":" + strings.TrimSpace(line)
	if s.buffer, err = os.Open(filepath.Join(s.dir, "Xvfb_screen0")); err != nil {
		return fmt.Errorf("open the frame buffer: %w", err)
	}

	config := filepath.Join(s.dir, "openbox.xml")
	if err := os.WriteFile(config, []byte(openboxConfig), 0o600); err != nil {
		return err
	}
	s.manager = exec.Command("openbox", "--sm-disable", "--config-file", config)
	s.manager.Env = s.environment(s.dir)
	s.manager.SysProcAttr = endsWithUs()
	if err := s.manager.Start(); err != nil {
		s.manager = nil
		return fmt.Errorf("start openbox: %w", err)
	}
	// A window mapped before the manager is there would keep its own size. The property names the manager's window.
	return Until(ctx, 10*time.Second, "openbox to manage the screen", func() (bool, error) {
		out, err := s.command(ctx, "xdotool", "get_desktop").Output()
		return err == nil && len(out) > 0, nil
	})
}

// Close ends the window manager and the display, and removes their files. Programs on the screen lose it.
func (s *Screen) Close() error {
	for _, cmd := range []*exec.Cmd{s.manager, s.server} {
		if cmd != nil {
			cmd.Process.Kill()
			cmd.Wait() // "signal: killed" is what was asked for
		}
	}
	if s.buffer != nil {
		s.buffer.Close()
	}
	return os.RemoveAll(s.dir)
}

// Display is the value of DISPLAY for programs on this screen, ":7" for instance.
func (s *Screen) Display() string { return s.display }

// Bounds is the whole screen.
func Bounds() image.Rectangle { return image.Rect(0, 0, Width, Height) }

// Pixels copies a part of what the screen shows now. It reads the frame buffer itself, so it costs microseconds and
// does not disturb the program under test.
func (s *Screen) Pixels(r image.Rectangle) (*image.RGBA, error) {
	var header [80]byte
	if _, err := s.buffer.ReadAt(header[:], 0); err != nil {
		return nil, fmt.Errorf("read the frame buffer: %w", err)
	}
	field := func(i int) int64 { return int64(binary.BigEndian.Uint32(header[4*i:])) }
	start, perLine := field(0)+field(19)*12, field(12) // after the header and its 12-byte colour entries
	if bits := field(11); bits != 32 {
		return nil, fmt.Errorf("the frame buffer has %d bits a pixel, 32 expected", bits)
	}
	r = r.Intersect(Bounds())
	img := image.NewRGBA(r)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := img.Pix[img.PixOffset(r.Min.X, y):][:4*r.Dx()]
		if _, err := s.buffer.ReadAt(row, start+int64(y)*perLine+4*int64(r.Min.X)); err != nil {
			return nil, fmt.Errorf("read row %d of the frame buffer: %w", y, err)
		}
		for i := 0; i < len(row); i += 4 { // BGRX to RGBA
			row[i], row[i+2], row[i+3] = row[i+2], row[i], 0xff
		}
	}
	return img, nil
}

// Picture writes what the screen shows to a PNG file, making its folder.
func (s *Screen) Picture(path string) error {
	img, err := s.Pixels(Bounds())
	if err != nil {
		return err
	}
	var buf bytes.Buffer
	if err := png.Encode(&buf, img); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, buf.Bytes(), 0o644)
}

// Settle waits until a part of the screen has stayed the same for quiet, and is not of one colour only.
func (s *Screen) Settle(ctx context.Context, r image.Rectangle, quiet, within time.Duration) error {
	var last []byte
	var since time.Time
	return Until(ctx, within, fmt.Sprintf("the screen to come to rest in %v", r), func() (bool, error) {
		img, err := s.Pixels(r)
		if err != nil {
			return false, err
		}
		if last == nil || !bytes.Equal(last, img.Pix) {
			last, since = img.Pix, time.Now()
			return false, nil
		}
		return time.Since(since) >= quiet && !uniform(img.Pix), nil
	})
}

func uniform(pix []byte) bool {
	return len(pix) < 8 || bytes.Equal(pix[4:], pix[:len(pix)-4])
}

// environment is what a program on this screen sees, and nothing of ours but PATH: home is its home and its
// configuration, state, data and cache folders.
func (s *Screen) environment(home string) []string {
	env := []string{
		"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "TZ=UTC", "HOME=" + home, "TMPDIR=" + os.TempDir(),
		"DISPLAY=" + s.display, "GDK_BACKEND=x11", "LIBGL_ALWAYS_SOFTWARE=1", "FYNE_SCALE=1", "FYNE_THEME=light",
		"NO_AT_BRIDGE=1", "XDG_RUNTIME_DIR=" + filepath.Join(home, "run"),
	}
	for _, kind := range []string{"CONFIG", "STATE", "DATA", "CACHE"} {
		env = append(env, "XDG_"+kind+"_HOME="+filepath.Join(home, strings.ToLower(kind)))
	}
	return env
}

func (s *Screen) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = s.environment(s.dir)
	cmd.SysProcAttr = endsWithUs()
	return cmd
}

// endsWithUs makes a child die when the test does, however the test dies.
func endsWithUs() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}

// Until asks done every few milliseconds until it says yes, fails, ctx ends, or the time is up; what names the
// thing waited for in the error.
func Until(ctx context.Context, within time.Duration, what string, done func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	tick := time.NewTicker(4 * time.Millisecond)
	defer tick.Stop()
	for {
		if ok, err := done(); err != nil {
			return fmt.Errorf("waiting for %s: %w", what, err)
		} else if ok {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited %v in vain for %s", within, what)
		case <-tick.C:
		}
	}
}

// openboxConfig binds no keys, so that every key reaches the program, and gives ordinary windows the whole screen.
const openboxConfig = `<?xml version="1.0" encoding="UTF-8"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <focus><focusNew>yes</focusNew><followMouse>no</followMouse><raiseOnFocus>yes</raiseOnFocus></focus>
  <placement><policy>Smart</policy><center>yes</center></placement>
  <desktops><number>1</number><popupTime>0</popupTime></desktops>
  <keyboard></keyboard>
  <mouse>
    <context name="Client">
      <mousebind button="Left" action="Press"><action name="Focus"/><action name="Raise"/></mousebind>
    </context>
  </mouse>
  <applications>
    <application type="normal"><decor>no</decor><maximized>yes</maximized></application>
  </applications>
</openbox_config>
`
