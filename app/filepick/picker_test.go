package filepick

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
)

// desk plays the desktop's dialogs: it answers what it was told to, and counts.
// The test driver runs fyne.Do on the caller, so all that an answer leads to has
// happened when answered says so.
type desk struct {
	path     string
	err      error
	asked    int
	job      job // the latest
	answered chan struct{}
}

func (d *desk) ask(j job, answer func(string, error)) {
	d.job = j
	d.asked++
	answer(d.path, d.err)
	d.answered <- struct{}{}
}
func (d *desk) close() {}

type answer struct {
	path string
	err  error
}

func newTestPicker(t *testing.T, d *desk) (*picker, fyne.Window) {
	t.Helper()
	test.NewTempApp(t)
	d.answered = make(chan struct{}, 8)
	w := test.NewTempWindow(t, widget.NewLabel("workbench"))
	w.Resize(fyne.NewSize(900, 700))
	return &picker{window: w, native: d}, w
}

// await waits for the picker's one answer.
func await(t *testing.T, answers chan answer) answer {
	t.Helper()
	select {
	case a := <-answers:
		return a
	case <-time.After(30 * time.Second):
		t.Fatal("the picker never answered")
		return answer{}
	}
}

func TestOpenGivesThePathOfTheDesktopsDialog(t *testing.T) {
	p, _ := newTestPicker(t, &desk{path: "/some/file.pcapng"})
	answers := make(chan answer, 1)
	p.Open(Request{}, func(path string, err error) { answers <- answer{path, err} })
	if a := await(t, answers); a.path != "/some/file.pcapng" || a.err != nil {
		t.Fatalf("got %q, %v", a.path, a.err)
	}
}

func TestClosingTheDialogIsCancelledAndNoFailure(t *testing.T) {
	d := &desk{err: ErrCancelled}
	p, _ := newTestPicker(t, d)
	for range 2 {
		answers := make(chan answer, 1)
		p.Save(Request{}, func(path string, err error) { answers <- answer{path, err} })
		if a := await(t, answers); !errors.Is(a.err, ErrCancelled) {
			t.Fatalf("got %v, want ErrCancelled", a.err)
		}
	}
	if d.asked != 2 || p.broken {
		t.Fatalf("asked %d times, broken %v: a cancelled dialog must be offered again", d.asked, p.broken)
	}
}

func TestSaveAddsTheExtensionThatWasNotTyped(t *testing.T) {
	dir := t.TempDir()
	p, _ := newTestPicker(t, &desk{path: filepath.Join(dir, "capture")})
	answers := make(chan answer, 1)
	p.Save(Request{Extension: ".pcapng"}, func(path string, err error) { answers <- answer{path, err} })
	if a := await(t, answers); a.path != filepath.Join(dir, "capture.pcapng") || a.err != nil {
		t.Fatalf("got %q, %v", a.path, a.err)
	}
}

func TestSaveAsksBeforeTheCompletedNameReplacesAFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "capture.pcapng"), []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	d := &desk{path: filepath.Join(dir, "capture")}
	p, w := newTestPicker(t, d)
	answers := make(chan answer, 1)
	p.Save(Request{Extension: ".pcapng"}, func(path string, err error) { answers <- answer{path, err} })
	top := awaitOverlay(t, d, w)
	select {
	case a := <-answers:
		t.Fatalf("answered %q before the question was", a.path)
	default:
	}
	tapButton(t, top, "Keep")
	if a := await(t, answers); !errors.Is(a.err, ErrCancelled) {
		t.Fatalf("keeping the file gave %q, %v", a.path, a.err)
	}
}

func TestWithoutTheDesktopsDialogFynesOwnOpensFromThenOn(t *testing.T) {
	d := &desk{err: errUnavailable}
	p, w := newTestPicker(t, d)
	for round := range 2 {
		answers := make(chan answer, 1)
		p.Open(Request{Title: "Open a capture", Dir: t.TempDir()}, func(path string, err error) { answers <- answer{path, err} })
		if round == 1 {
			d.answered <- struct{}{} // Fyne's dialog comes up without asking the desktop
		}
		tapButton(t, awaitOverlay(t, d, w), "Cancel")
		if a := await(t, answers); !errors.Is(a.err, ErrCancelled) {
			t.Fatalf("got %q, %v, want ErrCancelled", a.path, a.err)
		}
	}
	if d.asked != 1 {
		t.Fatalf("the broken native dialog was asked %d times, want once", d.asked)
	}
}

func TestASecondDialogIsRefusedWhileOneIsOpen(t *testing.T) {
	p, _ := newTestPicker(t, &desk{})
	p.busy = true
	var got error
	p.Open(Request{}, func(_ string, err error) { got = err })
	if got == nil {
		t.Fatal("a second dialog was opened over the first")
	}
}

// awaitOverlay returns the dialog that stands once the desktop has answered.
func awaitOverlay(t *testing.T, d *desk, w fyne.Window) fyne.CanvasObject {
	t.Helper()
	select {
	case <-d.answered:
	case <-time.After(30 * time.Second):
		t.Fatal("the desktop's dialog was never asked")
	}
	o := w.Canvas().Overlays().Top()
	if o == nil {
		t.Fatal("no dialog appeared")
	}
	return o
}

// tapButton presses the button with that label below o.
func tapButton(t *testing.T, o fyne.CanvasObject, label string) {
	t.Helper()
	var found *widget.Button
	var walk func(fyne.CanvasObject)
	walk = func(o fyne.CanvasObject) {
		if b, ok := o.(*widget.Button); ok && b.Text == label {
			found = b
		}
		switch c := o.(type) {
		case *fyne.Container:
			for _, x := range c.Objects {
				walk(x)
			}
		case fyne.Widget:
			for _, x := range test.WidgetRenderer(c).Objects() {
				walk(x)
			}
		}
	}
	walk(o)
	if found == nil {
		t.Fatalf("the dialog has no button %q", label)
	}
	test.Tap(found)
}

func TestAFolderIsAskedForAndGivenAsItIs(t *testing.T) {
	d := &desk{path: "/some/folder"}
	p, _ := newTestPicker(t, d)
	answers := make(chan answer, 1)
	p.Folder(Request{Extension: ".pcapng"}, func(path string, err error) { answers <- answer{path, err} })
	if a := await(t, answers); a.path != "/some/folder" || a.err != nil {
		t.Fatalf("got %q, %v", a.path, a.err)
	}
	if !d.job.folder || d.job.save {
		t.Fatalf("the desktop was asked for %+v", d.job)
	}
}
