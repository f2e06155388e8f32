package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"wirebench/widgets/grid"
)

type noRows struct{}

func (noRows) Rows() int64                                { return 0 }
func (noRows) Row(_ int64, cells []grid.Cell) []grid.Cell { return cells }

func TestFunctionKeysReachTheWindowWhateverHasTheFocus(t *testing.T) {
	wear(t, lightTheme)
	line, message, inspector, rows := newLineEntry(""), newComposerEntry(), NewInspector(), grid.New(noRows{})
	w := test.NewTempWindow(t, container.NewVBox(line, message, inspector, rows))
	w.Resize(fyne.NewSize(400, 400))
	var got []fyne.KeyName
	w.Canvas().SetOnTypedKey(func(k *fyne.KeyEvent) { got = append(got, k.Name) })
	for name, f := range map[string]fyne.Focusable{"line": line, "message": message, "inspector": inspector, "rows": rows} {
		got = nil
		w.Canvas().Focus(f)
		f.TypedKey(&fyne.KeyEvent{Name: fyne.KeyF1})
		if len(got) != 1 || got[0] != fyne.KeyF1 {
			t.Errorf("with the focus on the %s the window heard %v of F1", name, got)
		}
	}
	line.TypedKey(&fyne.KeyEvent{Name: fyne.KeyLeft})
	if len(got) != 1 {
		t.Errorf("the window heard of a key that is the field's: %v", got)
	}
}
