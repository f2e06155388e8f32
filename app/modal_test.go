package app

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
)

// focusable is what can have the keyboard in what is shown of o, as it is there.
func focusable(o fyne.CanvasObject) (found []fyne.Focusable) {
	for _, o := range drawn(o) {
		if f, ok := o.(fyne.Focusable); ok {
			if d, ok := o.(fyne.Disableable); !ok || !d.Disabled() {
				found = append(found, f)
			}
		}
	}
	return found
}

func oneOfEachKind(all []fyne.Focusable) []fyne.Focusable {
	seen := map[reflect.Type]bool{}
	return slices.DeleteFunc(all, func(f fyne.Focusable) bool {
		kind := reflect.TypeOf(f)
		was := seen[kind]
		seen[kind] = true
		return was
	})
}

func TestEscapeLeavesADialogFromWhateverHasTheKeyboard(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := connect(t, w, echo(t))
	if _, err := w.lab.open(t.Context(), "udp"); err != nil {
		t.Fatal(err)
	}
	c := w.win.Canvas()
	for what, open := range map[string]func(){
		"a question": func() { w.ask("Close?", "It is open.", "Close", "Keep", func() { t.Error("Escape said yes") }) },
		"a panel":    w.askRows,
		"settings":   func() { w.run(t, "Settings...") },
		"captures":   func() { w.openSettings("Captures", func(f func()) { f() }) },
		"about":      func() { w.run(t, "About Wirebench") },
		"practice":   func() { w.run(t, "Practice servers...") },
		"policies":   func() { w.run(t, "Socket policy files of a host...") },
		"faults":     w.askFaults,
		"a prompt":   func() { w.run(t, "Go to...") },
		"messages":   func() { w.run(t, "Saved messages...") },
		"a message": func() {
			tab.composer.SetText("hello")
			w.run(t, "Save the message...")
		},
	} {
		for nth := 0; ; nth++ {
			open()
			top := c.Overlays().Top()
			if top == nil {
				t.Fatalf("%s does not open", what)
			}
			can := oneOfEachKind(focusable(top))
			if len(can) == 0 {
				t.Errorf("%s has nothing for the keyboard", what)
			}
			if nth < len(can) {
				if c.Focus(can[nth]); c.Focused() != can[nth] {
					t.Errorf("%s: %T has the keyboard, not %T", what, c.Focused(), can[nth])
				}
			}
			if f := c.Focused(); f != nil {
				f.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
			} else {
				w.typedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
			}
			if c.Overlays().Top() == top {
				t.Errorf("%s stays at Escape with the keyboard in %T", what, c.Focused())
				w.typedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
			}
			if len(w.modals) != 0 || w.asking {
				t.Fatalf("%s left %d behind", what, len(w.modals))
			}
			if nth+1 >= len(can) {
				break
			}
		}
	}
}

// A frame with a blur of the whole window in it takes several times as long where no graphics card draws it.
func TestNothingIsBlurredUnderADialog(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	w.newTCP("")
	w.run(t, "Saved messages...")
	over := w.win.Canvas().Overlays().Top()
	if over == nil {
		t.Fatal("no dialog came")
	}
	seen := 0
	for _, o := range drawn(over) {
		seen++
		if b, ok := o.(*canvas.Blur); ok && b.Radius != 0 {
			t.Errorf("what is under the dialog is blurred with a radius of %v", b.Radius)
		}
	}
	if seen < 10 {
		t.Errorf("only %d objects were found in the dialog", seen)
	}
}

// drawn lists what is shown of an object and of all that it is drawn from, as it is there.
func drawn(o fyne.CanvasObject) []fyne.CanvasObject {
	if !o.Visible() {
		return nil
	}
	all := []fyne.CanvasObject{o}
	var parts []fyne.CanvasObject
	switch o := o.(type) {
	case *fyne.Container:
		parts = o.Objects
	case fyne.Widget:
		parts = test.WidgetRenderer(o).Objects()
	}
	for _, part := range parts {
		all = append(all, drawn(part)...)
	}
	return all
}

func TestNoFieldOfADialogTakesAMegabyte(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := connect(t, w, echo(t))
	practised(t, w, "udp")
	w.strip.choose(tab)
	tab.composer.SetText("ping")
	c := w.win.Canvas()
	clipboard := test.NewClipboard()
	clipboard.SetContent(strings.Repeat("9", 1<<20))
	for what, open := range map[string]func(){
		"policies":           func() { w.run(t, "Socket policy files of a host...") },
		"a prompt":           func() { w.run(t, "Go to...") },
		"saving a message":   tab.saveMessage,
		"faulty datagrams":   w.askFaults,
		"all saved messages": func() { w.run(t, "Saved messages...") },
	} {
		open()
		fields := 0
		for _, o := range test.LaidOutObjects(c.Overlays().Top()) {
			e, ok := o.(interface {
				fyne.Shortcutable
				SelectedText() string
				Undo()
			})
			if !ok {
				continue
			}
			fields++
			e.TypedShortcut(&fyne.ShortcutSelectAll{})
			before := e.SelectedText()
			e.TypedShortcut(&fyne.ShortcutPaste{Clipboard: clipboard})
			e.TypedShortcut(&fyne.ShortcutSelectAll{})
			if after := e.SelectedText(); after != before {
				t.Errorf("field %d of %s (%T) takes %d bytes", fields, what, o, len(after))
			}
		}
		if fields == 0 {
			t.Errorf("there are no fields in %s", what)
		}
		w.typedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	}
}
