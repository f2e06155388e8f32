package app

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wirebench/app/filepick"
	"wirebench/sessions"
	"wirebench/widgets/words"
)

// fakePicker answers at once with what the test wants.
type fakePicker struct {
	open, save, folder string
	asked              filepick.Request
	later              bool // answer is called by the test
	pending            func()
}

func (f *fakePicker) Open(r filepick.Request, done func(string, error)) {
	f.asked = r
	f.answer(f.open, done)
}

func (f *fakePicker) Save(r filepick.Request, done func(string, error)) {
	f.asked = r
	f.answer(f.save, done)
}

func (f *fakePicker) Folder(r filepick.Request, done func(string, error)) {
	f.asked = r
	f.answer(f.folder, done)
}

func (f *fakePicker) Close() {}

func (f *fakePicker) answer(path string, done func(string, error)) {
	if f.later {
		f.later = false
		f.pending = func() { f.answer(path, done) }
		return
	}
	if path == "" {
		done("", filepick.ErrCancelled)
		return
	}
	done(path, nil)
}

// heldDriver keeps what goroutines want done in the window until the test, which is what the UI goroutine is in a program,
// does it with catchUp. Fyne's own test driver does it at once, on the goroutine that asks, beside the test.
type heldDriver struct {
	fyne.Driver
	mu   sync.Mutex
	held []func()
}

// DoFromGoroutine is part of fyne.Driver.
func (d *heldDriver) DoFromGoroutine(f func(), wait bool) {
	if wait {
		panic("the window waits for nobody, and nobody for the window")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.held = append(d.held, f)
}

// next takes the first of what is to be done, nil for nothing.
func (d *heldDriver) next() (f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.held) > 0 {
		f, d.held = d.held[0], d.held[1:]
	}
	return f
}

// heldApp is a test app with that driver.
type heldApp struct {
	fyne.App
	driver *heldDriver
}

// Driver is part of fyne.App.
func (a *heldApp) Driver() fyne.Driver { return a.driver }

// newHeldApp is the app until the test ends.
func newHeldApp(t testing.TB) *heldApp {
	t.Helper()
	a := test.NewTempApp(t)
	held := &heldApp{a, &heldDriver{Driver: a.Driver()}}
	fyne.SetCurrentApp(held)
	return held
}

// catchUp does what goroutines want done in the window, and tells whether there was anything.
func (w *workbench) catchUp() (some bool) {
	d := w.app.Driver().(*heldDriver)
	for f := d.next(); f != nil; f = d.next() {
		some = true
		f()
	}
	return some
}

// settle waits until nothing runs beside the window any more and the window has done what came of it.
func (w *workbench) settle() {
	for w.work.Wait(); w.catchUp(); w.work.Wait() {
	}
}

// newBenchUnderTest returns a window without its pump: tests call update themselves, and settle for what runs beside it.
func newBenchUnderTest(t *testing.T) (*workbench, *fakePicker) {
	t.Helper()
	dir := t.TempDir()
	w := newWorkbench(newHeldApp(t), Options{CaptureDir: filepath.Join(dir, "captures"), Version: "test"}, filepath.Join(dir, "workspace.json"))
	p := &fakePicker{}
	w.pick = p
	w.win.Resize(fyne.NewSize(1100, 720))
	t.Cleanup(w.shutdown)
	return w, p
}

// deadAddress is where nobody listens.
func deadAddress(t *testing.T) string {
	t.Helper()
	l := listenTCP(t)
	defer l.Close()
	return l.Addr().String()
}

// serve has each connection that l takes, until the test ends, to what there is to do with it, and returns where it
// listens.
func serve(t *testing.T, l net.Listener, each func(net.Conn)) string {
	t.Helper()
	t.Cleanup(func() { l.Close() }) // again, if it is listenTCP's
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				each(c)
			}()
		}
	}()
	return l.Addr().String()
}

// listenTCP is a listener on loopback until the test ends.
func listenTCP(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// sendBack answers with what comes.
func sendBack(c net.Conn) { io.Copy(c, c) }

// echo answers every connection with what it sends, until the test ends.
func echo(t *testing.T) string {
	t.Helper()
	return serve(t, listenTCP(t), sendBack)
}

// saveNow saves the workspace and waits for it to be on the disk.
func (w *workbench) saveNow() {
	w.saveSpace()
	w.spaceFile.wait()
}

// until has the window do what is wanted of it, and updates it, until ok holds.
func until(t *testing.T, w *workbench, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
		w.catchUp()
		w.update()
		time.Sleep(2 * time.Millisecond)
	}
}

func connect(t *testing.T, w *workbench, address string) *clientTab {
	t.Helper()
	tab := w.newTCP("")
	tab.address.SetText(address)
	tab.startTyped()
	until(t, w, "connected to "+address, func() bool { return tab.info.State == sessions.Open })
	return tab
}

// run invokes the action of that name, which must make sense now.
func (w *workbench) run(t *testing.T, name string) {
	t.Helper()
	for _, a := range w.actions {
		if string(a.name) == name {
			if !a.usable() {
				t.Fatalf("%q cannot be used now", name)
			}
			a.invoke()
			return
		}
	}
	t.Fatalf("there is no action %q", name)
}

// inGerman writes a translation of some texts and chooses it.
func inGerman(t *testing.T, w *workbench, text string) {
	t.Helper()
	before := words.InUse()
	t.Cleanup(func() { words.Use(before) })
	if err := os.MkdirAll(w.opts.LanguageDir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(w.opts.LanguageDir, "de.json"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w.languages = loadLanguages(w.opts.LanguageDir)
	set := (&settingsWindow{bench: w}).languageSetting()
	i := slices.IndexFunc(set.Choices, func(s string) bool { return strings.HasPrefix(s, "Deutsch") })
	if i < 0 {
		t.Fatalf("German is not among %q", set.Choices)
	}
	if err := set.Set(string(rune('0' + i))); err != nil {
		t.Fatal(err)
	}
}
