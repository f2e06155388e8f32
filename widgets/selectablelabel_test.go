package widgets

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
)

// selectionOf is what of a label takes the pointer.
func selectionOf(t *testing.T, l *SelectableLabel) selection {
	t.Helper()
	s, ok := test.WidgetRenderer(l).Objects()[0].(selection)
	if !ok {
		t.Fatal("the label has nothing that takes the pointer")
	}
	return s
}

// clicked gives the keyboard to a label with a click into it.
func clicked(t *testing.T, w fyne.Window, l *SelectableLabel) selection {
	t.Helper()
	s := selectionOf(t, l)
	at := fyne.PointEvent{Position: fyne.NewPos(l.MinSize().Width/4, l.Size().Height/2)}
	s.MouseDown(&desktop.MouseEvent{PointEvent: at, Button: desktop.MouseButtonPrimary})
	s.MouseUp(&desktop.MouseEvent{PointEvent: at, Button: desktop.MouseButtonPrimary})
	if w.Canvas().Focused() != fyne.Focusable(s) {
		t.Fatalf("clicked, and %T has the keyboard", w.Canvas().Focused())
	}
	return s
}

func TestALabelThatIsSelectedHandsTheKeysOnToTheWindow(t *testing.T) {
	l := NewSelectableLabel("one two")
	w := stage(t, container.NewVBox(l), fyne.NewSize(300, 100))
	var heard []fyne.KeyName
	w.Canvas().SetOnTypedKey(func(k *fyne.KeyEvent) { heard = append(heard, k.Name) })
	s := clicked(t, w, l)
	keys := []fyne.KeyName{fyne.KeyEscape, fyne.KeyF1, fyne.KeyReturn}
	press(w, keys...)
	if !slices.Equal(heard, keys) {
		t.Errorf("the window heard %q", heard)
	}
	s.DoubleTapped(&fyne.PointEvent{Position: fyne.NewPos(l.MinSize().Width/4, l.Size().Height/2)})
	if got := l.SelectedText(); got != "one" {
		t.Errorf("selected is %q", got)
	}
	if drawn := test.WidgetRenderer(s).Objects(); len(drawn) != 1 || !drawn[0].Visible() || drawn[0].Size().Width < 10 {
		t.Errorf("of the selection is drawn %v", drawn)
	}
	s.TypedShortcut(&fyne.ShortcutCopy{})
	if got := fyne.CurrentApp().Clipboard().Content(); got != "one" {
		t.Errorf("copied is %q", got)
	}
	w.Canvas().Unfocus()
	if drawn := test.WidgetRenderer(s).Objects(); len(drawn) != 1 || drawn[0].Visible() {
		t.Errorf("left, it still draws %v", drawn)
	}
}

func TestALabelHasOnePlaceInTheRowOfTabs(t *testing.T) {
	first, second := NewSelectableLabel("one"), NewSelectableLabel("two")
	w := stage(t, container.NewVBox(first, second), fyne.NewSize(300, 100))
	for _, l := range []*SelectableLabel{first, second, first} {
		w.Canvas().FocusNext()
		if w.Canvas().Focused() != fyne.Focusable(selectionOf(t, l)) {
			t.Fatalf("%T has the keyboard, not the label %s", w.Canvas().Focused(), l.Text)
		}
	}
}
