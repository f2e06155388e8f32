package app

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
)

func TestEscapeLeavesADialogFromWhateverHasTheKeyboard(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	connect(t, w, echo(t))
	c := w.win.Canvas()
	for what, open := range map[string]func(){
		"a question": func() { w.ask("Close?", "It is open.", "Close", "Keep", func() { t.Error("Escape said yes") }) },
		"a panel":    w.askRows,
		"settings":   func() { w.run(t, "Settings...") },
		"practice":   func() { w.run(t, "Practice servers...") },
		"policies":   func() { w.run(t, "Socket policy files of a host...") },
		"a prompt":   func() { w.run(t, "Go to...") },
	} {
		for nth := 0; ; nth++ {
			open()
			top := c.Overlays().Top()
			if top == nil {
				t.Fatalf("%s does not open", what)
			}
			var can []fyne.Focusable
			for _, o := range test.LaidOutObjects(top) {
				if d, ok := o.(fyne.Disableable); ok && d.Disabled() {
					continue
				}
				if f, ok := o.(fyne.Focusable); ok && o.Visible() {
					can = append(can, f)
				}
			}
			if len(can) == 0 {
				t.Errorf("%s has nothing for the keyboard", what)
			}
			if nth < len(can) {
				c.Focus(can[nth])
			}
			if f := c.Focused(); f != nil {
				f.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
			} else {
				w.typedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
			}
			if c.Overlays().Top() == top {
				t.Errorf("%s stays at Escape with the keyboard in %s", what, fmt.Sprintf("%T", c.Focused()))
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

// drawn lists an object and all that it is drawn from.
func drawn(o fyne.CanvasObject) []fyne.CanvasObject {
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
